//! What self-hosted models saved: their tokens at the price of a model that one would pay for.

use gateway::control::Control;
use gateway::ports::logs::{Figures, Hosting};
use schemars::JsonSchema;
use serde::Serialize;

use super::shares::Pair;
use crate::api::query::Query;
use crate::respond::ApiError;

/// What saved costs are reckoned against where no model of a vendor answered anything.
const USUAL: (&str, &str) = ("openai", "gpt-4o-mini");

/// What self-hosted models saved.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Saved {
    /// What their tokens would have cost, in dollars.
    cost: f64,
    /// At whose price.
    against: Against,
    /// Their tokens in.
    input_tokens: u64,
    /// Their tokens out.
    output_tokens: u64,
}

/// A model that one would pay for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Against {
    /// The provider.
    provider: String,
    /// The model.
    model: String,
}

/// The model that `saved_against` names.
pub(super) fn against(query: &Query) -> Result<Option<Against>, ApiError> {
    let read = |text: &str| {
        let (provider, model) = text.split_once('/').ok_or_else(|| {
            ApiError::invalid("query parameter `saved_against` must be `provider/model`, such as openai/gpt-4o-mini")
        })?;
        Ok(Against::new(provider, model))
    };
    query.text("saved_against").map(read).transpose()
}

/// What those figures would have cost: at the price of the model that is named, else of the vendor's model with the most
/// tokens that has one.
pub(super) fn reckon(control: &Control, own: &Figures, named: Option<Against>, pairs: &[Pair]) -> Option<Saved> {
    if own.tokens() == 0 {
        return None;
    }
    let priced = |against: Against| {
        let cost = control.would_cost(&against.provider, &against.model, own)?;
        Some(Saved {
            cost: cost.dollars(),
            against,
            input_tokens: own.input_tokens,
            output_tokens: own.output_tokens,
        })
    };
    if let Some(named) = named {
        return priced(named);
    }
    let mut vendors: Vec<&Pair> = pairs.iter().filter(|pair| pair.hosting() == Hosting::Cloud).collect();
    vendors.sort_by_key(|pair| std::cmp::Reverse(pair.figures.tokens()));
    let vendors = vendors
        .into_iter()
        .map(|pair| Against::new(&pair.provider, &pair.model));
    vendors.chain([Against::new(USUAL.0, USUAL.1)]).find_map(priced)
}

impl Against {
    fn new(provider: &str, model: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
        }
    }
}
