//! Customers, teams, and limits of models and providers, as answers show them.

use gateway_types::{CustomerId, ProviderName, TeamId};
use schemars::JsonSchema;
use serde::Serialize;

use super::super::limits::ShownLimits;

/// Somebody by id and name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Party")]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name to show.
    pub name: String,
}

impl Named {
    pub(in super::super) fn of(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// A customer, with what its teams and virtual keys have used together.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Customer")]
pub struct ShownCustomer {
    /// Its id in paths and logs.
    pub id: CustomerId,
    /// The name to show.
    pub name: String,
    /// Its teams.
    pub teams: Vec<Named>,
    /// How many virtual keys are its own or its teams'.
    pub virtual_key_count: usize,
    /// Where it is from: `api`, or `file` and its path, which alone can change it then.
    pub origin: String,
    /// Its limits.
    #[serde(flatten)]
    pub limits: ShownLimits,
}

/// A team, with what its virtual keys have used together.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Team")]
pub struct ShownTeam {
    /// Its id in paths and logs.
    pub id: TeamId,
    /// The name to show.
    pub name: String,
    /// The customer that it belongs to.
    pub customer_id: Option<CustomerId>,
    /// The same with its name.
    pub customer: Option<Named>,
    /// How many virtual keys it has.
    pub virtual_key_count: usize,
    /// Where it is from: `api`, or `file` and its path, which alone can change it then.
    pub origin: String,
    /// Its limits, without its customer's.
    #[serde(flatten)]
    pub limits: ShownLimits,
}

/// What may be spent on a model, whoever calls.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ModelConfig")]
pub struct ShownModelConfig {
    /// Its id in paths.
    pub id: String,
    /// The model that is served, `*` being a wildcard.
    pub model_name: String,
    /// The provider that serves it. None: any, and all together.
    pub provider: Option<ProviderName>,
    /// What does not act (yet).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Where it is from: `api`, or `file` and its path, which alone can change it then.
    pub origin: String,
    /// Its limits.
    #[serde(flatten)]
    pub limits: ShownLimits,
}

/// What may be spent at a provider, whoever calls.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProviderLimits")]
pub struct ShownProviderLimits {
    /// The provider.
    pub name: ProviderName,
    /// The same once more, as the reference calls it.
    pub provider: ProviderName,
    /// What does not act (yet).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Where it is from: `api`, or `file` and its path, which alone can change it then.
    pub origin: String,
    /// Its limits.
    #[serde(flatten)]
    pub limits: ShownLimits,
}
