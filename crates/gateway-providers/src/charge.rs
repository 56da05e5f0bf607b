//! What a provider says it charges for a call, in the fields of those who say so.
//!
//! OpenRouter: `usage.cost`, in credits, which are dollars; not where the call went with a key of the customer's own
//! (`is_byok`), for then it is a fee beside what the other vendor charges ("Usage Accounting"). xAI: `usage.cost_in_usd_ticks`,
//! ten thousand millions to the dollar, "the actual amount billed" ("Cost Tracking"). Perplexity: `usage.cost.total_cost`, in
//! dollars (its reference of chat completions). Others have fields of such names, which need not be what is charged: only a
//! [`Kind`] that is said to report its charges is believed.

use gateway_types::{NanoUsd, Usage};
use serde::Deserialize;

use crate::kind::Kind;

/// The members of `usage` that may hold a charge.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Charge {
    #[serde(deserialize_with = "cost")]
    cost: Option<f64>,
    #[serde(deserialize_with = "leniently")]
    cost_in_usd_ticks: Option<f64>,
    #[serde(deserialize_with = "flag")]
    is_byok: bool,
}

/// Ticks of xAI to a nano-dollar.
const TICKS: f64 = 10.0;

impl Charge {
    pub(crate) fn nanos(&self) -> Option<NanoUsd> {
        let ticks = || {
            let nanos = (self.cost_in_usd_ticks? / TICKS).round_ties_even();
            // Beyond this a float does not hold whole numbers.
            (0.0..9e15).contains(&nanos).then_some(NanoUsd(nanos as i64))
        };
        let cost = self.cost.filter(|_| !self.is_byok).and_then(NanoUsd::from_dollars);
        ticks().or(cost).filter(|charge| *charge >= NanoUsd::ZERO)
    }
}

impl Kind {
    /// A usage without its charge, unless this kind's charges are what is billed.
    pub(crate) fn believed(&self, usage: Usage) -> Usage {
        match self.reports_charges {
            true => usage,
            false => Usage { charged: None, ..usage },
        }
    }
}

/// A number, an object with a `total_cost`, or nothing that is understood.
fn cost<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<f64>, D::Error> {
    let value = serde_json::Value::deserialize(input)?;
    Ok(value.as_f64().or_else(|| value.get("total_cost")?.as_f64()))
}

fn leniently<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<f64>, D::Error> {
    Ok(serde_json::Value::deserialize(input)?.as_f64())
}

fn flag<'de, D: serde::Deserializer<'de>>(input: D) -> Result<bool, D::Error> {
    Ok(serde_json::Value::deserialize(input)? == true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_are_read_in_each_vendors_words() {
        for (json, nanos) in [
            (r#"{"cost":0.001081,"is_byok":false}"#, Some(1_081_000)),
            (r#"{"cost":3.4e-07}"#, Some(340)),
            (
                r#"{"cost":0.0001,"is_byok":true,"cost_details":{"upstream_inference_cost":0.01}}"#,
                None,
            ),
            (r#"{"cost_in_usd_ticks":37756000}"#, Some(3_775_600)),
            (r#"{"cost_in_usd_ticks":200000000}"#, Some(20_000_000)),
            (
                r#"{"cost":{"input_tokens_cost":1e-05,"request_cost":0.005,"total_cost":0.00508}}"#,
                Some(5_080_000),
            ),
            (r#"{"cost":0}"#, Some(0)),
            (r#"{"cost":-1}"#, None),
            (r#"{"cost":"a lot","cost_in_usd_ticks":null,"is_byok":"no"}"#, None),
            (r#"{"cost_in_usd_ticks":1e300}"#, None),
            ("{}", None),
        ] {
            let charge: Charge = serde_json::from_str(json).unwrap();
            assert_eq!(charge.nanos(), nanos.map(NanoUsd), "{json}");
        }
    }

    #[test]
    fn only_who_reports_charges_is_believed() {
        let usage = Usage {
            charged: Some(NanoUsd(1)),
            ..Usage::default()
        };
        let believed: Vec<&str> = crate::kind::kinds()
            .iter()
            .filter(|kind| kind.believed(usage).charged.is_some())
            .map(|kind| kind.name)
            .collect();
        assert_eq!(believed, ["xai", "perplexity", "openrouter"]);
    }
}
