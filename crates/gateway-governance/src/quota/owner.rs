//! Whose a quota is, and the ids that follow from it.

use std::fmt;

use gateway_types::{CustomerId, ProviderName, QuotaId, TeamId, VirtualKeyId};

/// Whose a quota is. Ids are made of it and of the unit, so that they stay while numbers change, and tell whose they are.
///
/// Ids of operators' making hold no slash; models' names may, and therefore stand last, each kind under a word of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A customer: `customer/{id}`.
    Customer(CustomerId),
    /// A team: `team/{id}`.
    Team(TeamId),
    /// A virtual key: `vk/{id}`.
    VirtualKey(VirtualKeyId),
    /// What a virtual key has at one provider: `vk/{id}/{provider}`.
    Entry(VirtualKeyId, ProviderName),
    /// What a virtual key has for a model: `vk-model/{id}/{model}`.
    KeyModel(VirtualKeyId, String),
    /// A model, whoever serves it: `model/{model}`.
    Model(String),
    /// A model at one provider: `provider-model/{provider}/{model}`.
    ModelAt(ProviderName, String),
    /// A provider: `provider/{name}`.
    Provider(ProviderName),
}

impl Owner {
    /// A customer.
    pub fn customer(id: &CustomerId) -> Self {
        Self::Customer(id.clone())
    }

    /// A team.
    pub fn team(id: &TeamId) -> Self {
        Self::Team(id.clone())
    }

    /// A virtual key.
    pub fn virtual_key(id: &VirtualKeyId) -> Self {
        Self::VirtualKey(id.clone())
    }

    /// What a virtual key has at one provider.
    pub fn entry(id: &VirtualKeyId, provider: &ProviderName) -> Self {
        Self::Entry(id.clone(), provider.clone())
    }

    /// What a virtual key has for the models of that name or pattern.
    pub fn key_model(id: &VirtualKeyId, model: &str) -> Self {
        Self::KeyModel(id.clone(), model.to_owned())
    }

    /// The models of that name or pattern; at one provider, or wherever they are served.
    pub fn model(model: &str, provider: Option<&ProviderName>) -> Self {
        match provider {
            None => Self::Model(model.to_owned()),
            Some(provider) => Self::ModelAt(provider.clone(), model.to_owned()),
        }
    }

    /// A provider.
    pub fn provider(name: &ProviderName) -> Self {
        Self::Provider(name.clone())
    }

    /// Whose the quota of that id is; `None` for an id that no owner gives.
    pub fn of(quota: &QuotaId) -> Option<Self> {
        let (kind, name) = path(quota.as_str())?.split_once('/')?;
        let two = || name.split_once('/');
        Some(match kind {
            "customer" => Self::Customer(name.into()),
            "team" => Self::Team(name.into()),
            "vk" => match two() {
                None => Self::VirtualKey(name.into()),
                Some((key, provider)) => Self::Entry(key.into(), provider.into()),
            },
            "vk-model" => two().map(|(key, model)| Self::KeyModel(key.into(), model.to_owned()))?,
            "model" => Self::Model(name.to_owned()),
            "provider-model" => two().map(|(provider, model)| Self::ModelAt(provider.into(), model.to_owned()))?,
            "provider" => Self::Provider(name.into()),
            _ => return None,
        })
    }

    /// The id of one of its budgets, by what it is called, else by its place: `vk/{id}/budget`, then `vk/{id}/budget/1`.
    pub fn budget(&self, place: usize, called: Option<&str>) -> QuotaId {
        match (called, place) {
            (Some("0"), _) | (None, 0) => self.id("budget"),
            (Some(name), _) => self.id(&format!("budget/{name}")),
            (None, more) => self.id(&format!("budget/{more}")),
        }
    }

    /// Whether a budget may be called that: ids of quotas must tell whose they are.
    pub(crate) fn may_call(name: &str) -> bool {
        let taken = UNITS.iter().any(|unit| unit[1..] == *name);
        !taken && !name.contains('/')
    }

    /// The id of its limit on requests.
    pub fn requests(&self) -> QuotaId {
        self.id("requests")
    }

    /// The id of its limit on tokens.
    pub fn tokens(&self) -> QuotaId {
        self.id("tokens")
    }

    /// The id of its limit on requests at the same time.
    pub fn in_flight(&self) -> QuotaId {
        self.id("in_flight")
    }

    fn id(&self, unit: &str) -> QuotaId {
        QuotaId::from(match self {
            Self::Customer(id) => format!("customer/{id}/{unit}"),
            Self::Team(id) => format!("team/{id}/{unit}"),
            Self::VirtualKey(id) => format!("vk/{id}/{unit}"),
            Self::Entry(id, provider) => format!("vk/{id}/{provider}/{unit}"),
            Self::KeyModel(id, model) => format!("vk-model/{id}/{model}/{unit}"),
            Self::Model(model) => format!("model/{model}/{unit}"),
            Self::ModelAt(provider, model) => format!("provider-model/{provider}/{model}/{unit}"),
            Self::Provider(name) => format!("provider/{name}/{unit}"),
        })
    }
}

/// The owner in words, as refusals name it: `virtual key vk-dev at provider openai`.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(id) => write!(f, "customer {id}"),
            Self::Team(id) => write!(f, "team {id}"),
            Self::VirtualKey(id) => write!(f, "virtual key {id}"),
            Self::Entry(id, provider) => write!(f, "virtual key {id} at provider {provider}"),
            Self::KeyModel(id, model) => write!(f, "virtual key {id} for model {model}"),
            Self::Model(model) => write!(f, "model {model}"),
            Self::ModelAt(provider, model) => write!(f, "model {model} at provider {provider}"),
            Self::Provider(name) => write!(f, "provider {name}"),
        }
    }
}

/// What ids end with; those of budgets beyond the first go on with what the budget is called.
const UNITS: [&str; 4] = ["/budget", "/requests", "/tokens", "/in_flight"];

/// An id without its unit. No unit ends with another one, so that whatever a name contains, only one can be its end.
fn path(id: &str) -> Option<&str> {
    UNITS.iter().find_map(|unit| id.strip_suffix(unit)).or_else(|| {
        let (rest, _) = id.rsplit_once('/')?;
        rest.strip_suffix("/budget")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn owners() -> impl Strategy<Value = Owner> {
        // The words that ids are made of, to provoke what can be provoked.
        let word = || prop_oneof!["budget", "requests", "in_flight", "1", "vk", "model", "[a-z.:*-]{1,4}"];
        let model = || prop::collection::vec(word(), 1..4).prop_map(|words| words.join("/"));
        prop_oneof![
            word().prop_map(|id| Owner::customer(&id.into())),
            word().prop_map(|id| Owner::team(&id.into())),
            word().prop_map(|id| Owner::virtual_key(&id.into())),
            (word(), word()).prop_map(|(id, provider)| Owner::entry(&id.into(), &provider.into())),
            (word(), model()).prop_map(|(id, model)| Owner::key_model(&id.into(), &model)),
            (prop::option::of(word()), model())
                .prop_map(|(provider, model)| Owner::model(&model, provider.map(ProviderName::from).as_ref())),
            word().prop_map(|name| Owner::provider(&name.into())),
        ]
    }

    proptest! {
        /// No two owners share an id, because every id tells its own.
        #[test]
        fn an_id_tells_whose_it_is(owner in owners(), place in 0_usize..3, name in prop::option::of("[a-z0-9]{1,3}")) {
            for id in [owner.budget(place, name.as_deref()), owner.requests(), owner.tokens(), owner.in_flight()] {
                prop_assert_eq!(Owner::of(&id), Some(owner.clone()), "{}", id);
            }
        }
    }

    #[test]
    fn an_id_of_nobody_has_no_owner() {
        for id in [
            "",
            "budget",
            "vk/budget",
            "vk/k",
            "vk/k/limit/1",
            "user/u/budget",
            "vk-model/k/budget",
        ] {
            assert_eq!(Owner::of(&id.into()), None, "{id}");
        }
    }

    #[test]
    fn ids_and_words_are_those_that_stores_and_refusals_hold() {
        let cases = [
            (Owner::customer(&"acme".into()), "customer/acme", "customer acme"),
            (Owner::team(&"platform".into()), "team/platform", "team platform"),
            (Owner::virtual_key(&"k".into()), "vk/k", "virtual key k"),
            (
                Owner::entry(&"k".into(), &"p".into()),
                "vk/k/p",
                "virtual key k at provider p",
            ),
            (
                Owner::key_model(&"k".into(), "a/b"),
                "vk-model/k/a/b",
                "virtual key k for model a/b",
            ),
            (Owner::model("gpt-4o", None), "model/gpt-4o", "model gpt-4o"),
            (
                Owner::model("gpt-4o", Some(&"openai".into())),
                "provider-model/openai/gpt-4o",
                "model gpt-4o at provider openai",
            ),
            (Owner::provider(&"openai".into()), "provider/openai", "provider openai"),
        ];
        for (owner, path, words) in cases {
            assert_eq!(owner.to_string(), words);
            assert_eq!(owner.budget(0, None), format!("{path}/budget").as_str());
            assert_eq!(owner.budget(2, None), format!("{path}/budget/2").as_str());
            assert_eq!(
                owner.budget(2, Some("monthly")),
                format!("{path}/budget/monthly").as_str()
            );
            assert_eq!(owner.requests(), format!("{path}/requests").as_str());
        }
    }
}
