//! Prices by setting: in place of the catalogue's, and where nothing is known.

use std::borrow::Cow;
use std::collections::BTreeMap;

use gateway_types::ProviderName;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::prices::fields;

/// A price in place of the catalogue's, or of a model that the catalogue lacks. It replaces the price as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PricingOverride {
    /// Its id in paths and ledger entries. One in a provider's own list needs none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// A name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The provider it holds at. Unset: at every provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// The models it is for.
    pub model_pattern: String,
    /// How the pattern is read.
    #[serde(default)]
    pub match_type: Match,
    /// The requests it is for (`chat_completion`, `embedding`, …; streamed or not). Unset: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_types: Vec<String>,
    /// From when on it holds: a day, or a time in RFC 3339. Unset: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<String>,
    /// Until when it holds, not included. Unset: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<String>,
    /// The prices.
    #[serde(flatten)]
    pub prices: TokenPrices,
}

/// How a pattern of models is read. What is said of a provider wins over what is said of all, and there an exact name over a
/// wildcard, a wildcard over a regular expression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// A regular expression that the whole name must fit.
    Regex,
    /// `*` stands for anything.
    Wildcard,
    /// The model's name.
    #[default]
    Exact,
}

/// Prices in dollars per token, or per unit of another measure, in the reference's words; per million tokens they would be
/// handier, but this is how its users have them. What is not said costs what the class it belongs to costs: a cached token as
/// an input token, a reasoning token as an output token.
///
/// A name may end in `_above_200k_tokens` (or another length) for prompts that are longer, in `_batches` for batches, or in both.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct TokenPrices(BTreeMap<String, f64>);

/// What a call costs whose model has no price.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownPrice {
    /// Nothing, and it is marked as unpriced; under a money budget it is refused.
    #[default]
    RefuseUnderBudget,
    /// Nothing, and it is marked as unpriced, budget or not.
    Free,
    /// It is refused, budget or not.
    Refuse,
    /// This.
    Charge(TokenPrices),
}

impl TokenPrices {
    /// Prices by the names of their fields.
    pub fn new(prices: impl IntoIterator<Item = (String, f64)>) -> Result<Self, String> {
        let prices: BTreeMap<String, f64> = prices.into_iter().collect();
        for (field, price) in &prices {
            fields::check(field, *price)?;
        }
        Ok(Self(prices))
    }

    /// What was said, by field.
    pub fn said(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(field, price)| (field.as_str(), *price))
    }

    /// Reads what is left of a document once everything else is taken out; `null` is nothing said.
    fn read(fields: Map<String, Value>) -> Result<Self, String> {
        let said = fields.into_iter().filter(|(_, price)| !price.is_null());
        let prices: Result<Vec<_>, String> = said
            .map(|(field, price)| {
                fields::of(&field)?;
                let price = price.as_f64().ok_or_else(|| fields::no_price(&field))?;
                Ok((field, price))
            })
            .collect();
        Self::new(prices?)
    }
}

impl<'de> Deserialize<'de> for TokenPrices {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Self::read(Map::deserialize(input)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for TokenPrices {
    fn schema_name() -> Cow<'static, str> {
        "TokenPrices".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let said = |(name, words): (&str, &str)| {
            (
                name.to_owned(),
                json!({"type": "number", "minimum": 0, "description": words}),
            )
        };
        let properties: Map<String, Value> = fields::documented().map(said).collect();
        let mut schema = Schema::default();
        schema.insert("type".to_owned(), json!("object"));
        schema.insert("description".to_owned(), json!("Prices in dollars per token, or per unit of another measure. What is not said costs what the class it belongs to costs. A name may end in `_above_200k_tokens` (or another length) for longer prompts, in `_batches` for batches, or in both."));
        schema.insert("properties".to_owned(), properties.into());
        schema
    }
}

/// An override as it is read. Serde cannot refuse unknown fields of a document that has others flattened into it: what is left
/// is looked through afterwards.
#[derive(Deserialize)]
struct Flat {
    #[serde(default)]
    id: String,
    name: Option<String>,
    provider: Option<ProviderName>,
    model_pattern: String,
    #[serde(default)]
    match_type: Match,
    #[serde(default)]
    request_types: Vec<String>,
    effective_from: Option<String>,
    effective_until: Option<String>,
    #[serde(flatten)]
    prices: Map<String, Value>,
}

impl<'de> Deserialize<'de> for PricingOverride {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let flat = Flat::deserialize(input)?;
        Ok(Self {
            id: flat.id,
            name: flat.name,
            provider: flat.provider,
            model_pattern: flat.model_pattern,
            match_type: flat.match_type,
            request_types: flat.request_types,
            effective_from: flat.effective_from,
            effective_until: flat.effective_until,
            prices: TokenPrices::read(flat.prices).map_err(D::Error::custom)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_override_is_read_and_written_as_one_flat_document() {
        let said = json!({"id": "a", "provider": "openai", "model_pattern": "gpt-4*", "match_type": "wildcard",
            "input_cost_per_token": 1.5e-7, "output_cost_per_token_above_200k_tokens_batches": 1e-6});
        let read: PricingOverride = serde_json::from_value(said.clone()).unwrap();
        assert_eq!(read.match_type, Match::Wildcard);
        assert_eq!(json!(read), said);
    }

    #[test]
    fn an_error_names_the_field() {
        for (field, value, why) in [
            ("input_cost_per_tokn", json!(1), "`input_cost_per_tokn` is no price"),
            ("input_cost_per_token", json!("1"), "`input_cost_per_token` must be"),
            ("input_cost_per_token", json!(-1), "`input_cost_per_token` must be"),
            ("match_type", json!("glob"), "unknown variant `glob`"),
        ] {
            let mut said = json!({"id": "a", "model_pattern": "m"});
            said[field] = value;
            let error = serde_json::from_value::<PricingOverride>(said).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
