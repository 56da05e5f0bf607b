//! Who is told when a budget runs low.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A webhook that is told when a budget passes a threshold; once per window and threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    /// Where the message is posted, as JSON.
    pub webhook_url: String,
    /// The thresholds, in percent of the budget.
    #[serde(default = "usual")]
    pub thresholds: Vec<u8>,
}

fn usual() -> Vec<u8> {
    vec![50, 80, 100]
}
