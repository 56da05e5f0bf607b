//! What is written down of a settled call, so that every balance can be recomputed from entries alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_types::{
    Billable, CustomerId, EntryId, KeyId, Metered, ModelName, NanoUsd, Operation, Org, PicoUsd, ProviderName, QuotaId,
    RequestId, TeamId, UnitPrice, VirtualKeyId, Wall,
};
use serde::{Deserialize, Serialize};

use crate::price::PricedBy;
use crate::quota::{Unit, WindowNo};

/// The format of [`Entry`] as it is stored.
///
/// Version 2 gives every unit that was billed a line of its own in [`Leg::amounts`], so that a leg's cost is its lines'
/// rounded sum; in version 1 what a request costs beside its tokens stood in the cost alone.
pub const ENTRY_VERSION: u32 = 2;

/// One settled call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The format: [`ENTRY_VERSION`].
    pub v: u32,
    /// Its id.
    pub id: EntryId,
    /// Whose books.
    pub org: Org,
    /// When it was settled.
    pub at: Wall,
    /// The client's request.
    pub request: RequestId,
    /// The virtual key that called; none for anonymous use.
    pub virtual_key: Option<VirtualKeyId>,
    /// The team of that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// The customer of that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// What the caller and its key say of the call.
    #[serde(default, skip_serializing_if = "no_tags")]
    pub tags: Tags,
    /// What was done.
    pub operation: Operation,
    /// What was used where: one leg per attempt that was billed.
    pub legs: Vec<Leg>,
    /// What each quota in scope is charged.
    pub charges: Vec<Charge>,
    /// The sum of the legs.
    pub total: NanoUsd,
}

/// Names and what they stand for: of the caller's headers, its request's metadata, its virtual key.
pub type Tags = Arc<BTreeMap<String, String>>;

fn no_tags(tags: &Tags) -> bool {
    tags.is_empty()
}

/// What one attempt used and cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// The provider.
    pub provider: ProviderName,
    /// Its key.
    pub key: KeyId,
    /// The model, in the upstream's words.
    pub model: ModelName,
    /// The tokens and how they are known.
    pub metered: Metered,
    /// Amount per class and measure, exactly; empty where the model has no price, or the provider said what it costs.
    pub amounts: Vec<Amount>,
    /// The cost: the sum of the amounts, rounded once, or what the provider said.
    pub cost: NanoUsd,
    /// Whether the model's price was not known.
    pub unpriced: bool,
    /// What of the cost no hold covered.
    pub overrun: NanoUsd,
    /// Where the price is from.
    #[serde(default)]
    pub priced_by: PricedBy,
}

/// One class of tokens, or one measure, of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// The class, or the measure.
    pub class: Billable,
    /// How many, in the [parts](gateway_types::Measure::parts) of a measure.
    pub tokens: u64,
    /// At what price each.
    pub price: UnitPrice,
    /// The product; of a measure that is counted in parts, rounded half-even ([`UnitPrice::times_parts`]).
    pub amount: PicoUsd,
}

/// What one quota is charged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The quota.
    pub quota: QuotaId,
    /// The window in which the hold was taken.
    pub window: WindowNo,
    /// What it counts.
    pub unit: Unit,
    /// How much.
    pub amount: i64,
    /// What of the amount no hold covered. The window's grants grow by it, so that they stay at least what is settled.
    #[serde(default)]
    pub overrun: i64,
}
