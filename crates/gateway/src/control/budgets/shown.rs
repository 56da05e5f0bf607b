//! A budget or rate limit with whose it is, and all of them.

use std::borrow::Cow;

use gateway_governance::quota::Owner;
use gateway_governance::settings::{Budget, RateLimit};
use gateway_types::{CustomerId, ProviderName, TeamId, VirtualKeyId};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Map;

use super::super::answers::Framed;
use super::super::limits::{ShownBudget, ShownRateLimit};
use super::super::state::State;
use super::super::virtual_keys::{Owned, owned};
use super::Limit;

impl Framed for Budget {
    const ONE: &'static str = "budget";
    const MANY: &'static str = "budgets";
    type View = OwnedBudget;
}

impl Framed for RateLimit {
    const ONE: &'static str = "rate_limit";
    const MANY: &'static str = "rate_limits";
    type View = OwnedRateLimit;
}

/// A budget, and whose it is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OwnedBudget {
    /// The budget.
    #[serde(flatten)]
    pub budget: ShownBudget,
    /// Whose it is.
    #[serde(flatten)]
    pub whose: Whose,
}

/// A rate limit, and whose it is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OwnedRateLimit {
    /// The rate limit.
    #[serde(flatten)]
    pub limit: ShownRateLimit,
    /// Whose it is.
    #[serde(flatten)]
    pub whose: Whose,
}

/// Whose a limit is: by its ids, as the reference has them, and by name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WhoseLimit")]
pub struct Whose {
    /// Whose it is.
    pub owner: Owned,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<CustomerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team_id: Option<TeamId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_key_id: Option<VirtualKeyId>,
    /// The provider of a virtual key's entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_config: Option<ProviderName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_config_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<ProviderName>,
}

impl Whose {
    /// `document`: the key of the document that says it, where it is not the owner's id.
    pub(super) fn of(state: &State, owner: &Owner, document: Option<&str>) -> Self {
        let mut whose = Self {
            owner: owned(state, owner),
            customer_id: None,
            team_id: None,
            virtual_key_id: None,
            provider_config: None,
            model_config_id: None,
            model_name: None,
            provider: None,
        };
        match owner {
            Owner::Customer(id) => whose.customer_id = Some(id.clone()),
            Owner::Team(id) => whose.team_id = Some(id.clone()),
            Owner::VirtualKey(id) => whose.virtual_key_id = Some(id.clone()),
            Owner::Entry(id, provider) => {
                whose.virtual_key_id = Some(id.clone());
                whose.provider_config = Some(provider.clone());
            }
            Owner::KeyModel(id, model) => {
                whose.virtual_key_id = Some(id.clone());
                whose.model_name = Some(model.clone());
            }
            Owner::Model(model) | Owner::ModelAt(_, model) => {
                whose.model_config_id = document.map(str::to_owned);
                whose.model_name = Some(model.clone());
            }
            Owner::Provider(name) => whose.provider = Some(name.clone()),
        }
        if let Owner::ModelAt(provider, _) = owner {
            whose.provider = Some(provider.clone());
        }
        whose
    }
}

/// All limits of a kind: `{budgets: […], count}`.
#[derive(Clone, Debug)]
pub struct AllOf<L: Limit>(pub Vec<L::View>);

impl<L: Limit> Serialize for AllOf<L> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut frame = out.serialize_map(Some(2))?;
        frame.serialize_entry(L::MANY, &self.0)?;
        frame.serialize_entry("count", &self.0.len())?;
        frame.end()
    }
}

impl<L: Limit> JsonSchema for AllOf<L> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}List", L::View::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let all = json_schema!({ "type": "array", "items": generator.subschema_for::<L::View>() });
        let count = json_schema!({ "type": "integer", "minimum": 0, "description": "How many there are" });
        let mut properties = Map::new();
        properties.insert(L::MANY.to_owned(), all.to_value());
        properties.insert("count".to_owned(), count.to_value());
        json_schema!({ "type": "object", "properties": properties, "required": [L::MANY, "count"] })
    }
}
