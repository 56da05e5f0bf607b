//! Sections of the settings of which there are many documents, each kept as it is said: no secrets, nothing that is made
//! of them before they are kept.

use std::collections::BTreeMap;

use gateway_governance::settings::{CustomerSettings, ModelConfig, PricingOverride, ProviderLimits, TeamSettings};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::state::changed;
use super::{ControlError, read};
use crate::settings::{ApiToken, RoutingRule, Settings, User};

/// Where a file's documents stand in their lists, by list and key.
pub(super) type Places = BTreeMap<(&'static str, String), usize>;

/// A kind of document that there are many of.
pub trait Section: Clone + PartialEq + Serialize + DeserializeOwned {
    /// Its name in the store.
    const NAME: &'static str;
    /// Where they stand in a document.
    const LIST: &'static str;
    /// What one is, in words.
    const WORDS: &'static str;
    /// What one is called by.
    fn key(&self) -> String;
    /// All of them.
    fn all(plain: &Plain) -> &BTreeMap<String, Self>;
    /// All of them, to be changed.
    fn all_mut(plain: &mut Plain) -> &mut BTreeMap<String, Self>;
}

macro_rules! sections {
    ($($field:ident of $list:ident.$member:ident: $type:ty, by $key:ident, $name:literal, $words:literal;)*) => {
        /// The documents.
        #[derive(Clone, Debug, Default)]
        pub struct Plain {
            $(pub(super) $field: BTreeMap<String, $type>,)*
        }

        $(impl Section for $type {
            const NAME: &'static str = $name;
            const LIST: &'static str = concat!(stringify!($list), ".", stringify!($member));
            const WORDS: &'static str = $words;

            fn key(&self) -> String {
                self.$key.to_string()
            }

            fn all(plain: &Plain) -> &BTreeMap<String, Self> {
                &plain.$field
            }

            fn all_mut(plain: &mut Plain) -> &mut BTreeMap<String, Self> {
                &mut plain.$field
            }
        })*

        impl Plain {
            /// What a document declares, taken out of it.
            pub(super) fn declared(settings: &mut Settings, places: &mut Places) -> Result<Self, ControlError> {
                let mut plain = Self::default();
                $(plain.declare(std::mem::take(&mut settings.$list.$member), places)?;)*
                Ok(plain)
            }

            /// Reads a stored document; `None` where the section is not one of these.
            pub(super) fn take(
                &mut self,
                section: &str,
                name: &str,
                fields: Map<String, Value>,
            ) -> Option<Result<(), ControlError>> {
                match section {
                    $($name => Some(self.read::<$type>(name, fields)),)*
                    _ => None,
                }
            }

            /// Puts those of another origin over these.
            pub(super) fn extend(&mut self, other: &Self) {
                $(self.$field.extend(other.$field.clone());)*
            }

            /// Lets go of what the other has in the same words.
            pub(super) fn forget_same(&mut self, other: &Self) {
                $(self.$field.retain(|key, one| other.$field.get(key) != Some(one));)*
            }

            /// What is in both, in words.
            pub(super) fn in_both(&self, other: &Self) -> Vec<String> {
                let mut both = Vec::new();
                $(both.extend(
                    self.$field
                        .keys()
                        .filter(|key| other.$field.contains_key(*key))
                        .map(|key| format!(concat!($words, " {}"), key)),
                );)*
                both
            }

            /// What has to be written to get from here to `next`.
            pub(super) fn edits_to(
                &self,
                next: &Self,
                mut edit: impl FnMut(&str, &str, Option<Value>, Option<Value>),
            ) {
                $(for (key, before, after) in changed(&self.$field, &next.$field) {
                    edit($name, key, before.map(|one| json!(one)), after.map(|one| json!(one)));
                })*
            }
        }
    };
}

sections! {
    teams of governance.teams: TeamSettings, by id, "team", "team";
    customers of governance.customers: CustomerSettings, by id, "customer", "customer";
    model_configs of governance.model_configs: ModelConfig, by id, "model_config", "model config";
    provider_limits of governance.providers: ProviderLimits, by name, "provider_limits", "limits of provider";
    routing_rules of governance.routing_rules: RoutingRule, by id, "routing_rule", "routing rule";
    pricing_overrides of governance.pricing_overrides: PricingOverride, by id, "pricing_override", "pricing override";
    users of admin.users: User, by username, "user", "user";
    tokens of admin.tokens: ApiToken, by id, "api_token", "API token";
}

impl Plain {
    fn declare<T: Section>(&mut self, list: Vec<T>, places: &mut Places) -> Result<(), ControlError> {
        for (index, one) in list.into_iter().enumerate() {
            let key = one.key();
            if T::all_mut(self).insert(key.clone(), one).is_some() {
                let (list, words) = (T::LIST, T::WORDS);
                return Err(ControlError::Invalid(format!(
                    "`{list}[{index}]`: {words} `{key}` is given twice"
                )));
            }
            places.insert((T::LIST, key), index);
        }
        Ok(())
    }

    fn read<T: Section>(&mut self, name: &str, fields: Map<String, Value>) -> Result<(), ControlError> {
        let one = read::typed(Value::Object(fields), "")?;
        T::all_mut(self).insert(name.to_owned(), one);
        Ok(())
    }
}
