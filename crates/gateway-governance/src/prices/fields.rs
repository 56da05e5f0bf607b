//! The reference's names for prices: what each is for, and what the endings of names mean.

use std::collections::BTreeMap;

use gateway_types::{Billable, Measure, TokenClass, UnitPrice};

use super::Said;
use crate::price::{Price, Tier};
use crate::settings::TokenPrices;

/// What a field is the price of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    what: Billable,
    /// The length of prompts beyond which it holds, in tokens.
    above: Option<u64>,
    batch: bool,
}

use Billable::{Tokens, Units};

/// The names without their endings, what they are the price of, and words for the documentation.
const FIELDS: &[(&str, Billable, &str)] = &[
    (
        "input_cost_per_token",
        Tokens(TokenClass::Input),
        "Per token of the prompt.",
    ),
    (
        "output_cost_per_token",
        Tokens(TokenClass::Output),
        "Per token of the answer.",
    ),
    (
        "cache_read_input_token_cost",
        Tokens(TokenClass::CacheRead),
        "Per token of the prompt that the provider's cache served.",
    ),
    (
        "cache_read_input_audio_token_cost",
        Tokens(TokenClass::CacheReadAudio),
        "The same, of audio.",
    ),
    (
        "cache_creation_input_token_cost",
        Tokens(TokenClass::CacheWrite),
        "Per token of the prompt that the provider's cache keeps for its usual time.",
    ),
    (
        "cache_creation_input_token_cost_above_1hr",
        Tokens(TokenClass::CacheWriteHour),
        "Per token of the prompt that the provider's cache keeps for an hour.",
    ),
    (
        "input_cost_per_audio_token",
        Tokens(TokenClass::InputAudio),
        "Per token of audio in the prompt.",
    ),
    (
        "output_cost_per_audio_token",
        Tokens(TokenClass::OutputAudio),
        "Per token of audio in the answer.",
    ),
    (
        "input_cost_per_image_token",
        Tokens(TokenClass::InputImage),
        "Per token of pictures in the prompt.",
    ),
    (
        "output_cost_per_image_token",
        Tokens(TokenClass::OutputImage),
        "Per token of pictures in the answer.",
    ),
    (
        "output_cost_per_reasoning_token",
        Tokens(TokenClass::Reasoning),
        "Per token of reasoning.",
    ),
    (
        "input_cost_per_request",
        Units(Measure::Request),
        "Per request, beside its tokens.",
    ),
    (
        "input_cost_per_character",
        Units(Measure::Character),
        "Per character that is to be spoken.",
    ),
    (
        "output_cost_per_image",
        Units(Measure::Image),
        "Per picture that is made.",
    ),
    (
        "input_cost_per_second",
        Units(Measure::Second),
        "Per second of sound that is heard.",
    ),
    (
        "input_cost_per_query",
        Units(Measure::Search),
        "Per search, as rerankers count them.",
    ),
];

/// Names of the reference that nothing here is billed by.
const NOT_ACTED_ON: &[&str] = &["_priority", "_flex", "_ultrafast"];
const NOT_COUNTED: &[&str] = &[
    "video",
    "pixel",
    "citation",
    "search_context",
    "ocr_",
    "annotation_",
    "cache_read_input_image_token_cost",
    "cache_creation_input_audio_token_cost",
    "input_cost_per_image",
    "input_cost_per_audio_per_second",
    "output_cost_per_audio_per_second",
    "output_cost_per_second",
    "output_cost_per_character",
    "code_interpreter",
];

/// Every name with its words, without endings.
pub(crate) fn documented() -> impl Iterator<Item = (&'static str, &'static str)> {
    FIELDS.iter().map(|(name, _, words)| (*name, *words))
}

/// What a field is the price of.
pub(crate) fn of(field: &str) -> Result<Field, String> {
    read(field).ok_or_else(|| {
        let names: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).collect();
        format!("`{field}` is no price; known are `{}`", names.join("`, `"))
    })
}

fn read(field: &str) -> Option<Field> {
    let (rest, batch) = match field.strip_suffix("_batches") {
        Some(rest) => (rest, true),
        None => (field, false),
    };
    let (name, above) = match rest
        .strip_suffix("k_tokens")
        .and_then(|rest| rest.rsplit_once("_above_"))
    {
        Some((name, thousands)) => {
            let digits = thousands.bytes().all(|byte| byte.is_ascii_digit());
            let thousands: u64 = thousands.parse().ok().filter(|_| digits)?;
            (name, Some(thousands.checked_mul(1000)?))
        }
        None => (rest, None),
    };
    let (_, what, _) = FIELDS.iter().find(|(known, ..)| *known == name)?;
    let plain = above.is_none() && !batch;
    (plain || matches!(what, Tokens(_))).then_some(Field {
        what: *what,
        above,
        batch,
    })
}

/// Whether a field is one of the reference's that is known and not acted on: nothing is counted here that it is the price of.
pub fn is_inert(field: &str) -> bool {
    let cost = field.contains("cost");
    let foreign = || {
        NOT_ACTED_ON.iter().any(|ending| field.ends_with(ending)) || NOT_COUNTED.iter().any(|word| field.contains(word))
    };
    cost && read(field).is_none() && foreign()
}

/// Whether a field's price can be taken.
pub(crate) fn check(field: &str, price: f64) -> Result<(), String> {
    of(field)?;
    UnitPrice::from_dollars(price).map(drop).ok_or_else(|| no_price(field))
}

pub(crate) fn no_price(field: &str) -> String {
    format!("`{field}` must be a number of dollars, 0 or more")
}

/// What a model costs by such fields, and in a batch.
pub(crate) fn price(prices: &TokenPrices) -> Result<(Price, Option<Price>), String> {
    let mut sheets: BTreeMap<(bool, Option<u64>), Said> = BTreeMap::new();
    let mut units = Vec::new();
    for (name, dollars) in prices.said() {
        let field = of(name)?;
        let price = UnitPrice::from_dollars(dollars).ok_or_else(|| no_price(name))?;
        match field.what {
            Tokens(class) => sheets.entry((field.batch, field.above)).or_default().say(class, price),
            Units(measure) => units.push((measure, price)),
        }
    }
    let usual = sheets.remove(&(false, None)).unwrap_or_default();
    if usual.of(TokenClass::Input).is_none() && (units.is_empty() || !usual.is_empty() || !sheets.is_empty()) {
        return Err(
            "`input_cost_per_token` is missing: these prices replace the catalogue's as a whole; say 0 where the prompt \
             costs nothing"
                .to_owned(),
        );
    }
    let batch = sheets.remove(&(true, None));
    let tiers = |in_batch: bool, base: &Said| -> Vec<Tier> {
        let of_these = sheets.iter().filter(|((batch, _), _)| *batch == in_batch);
        of_these
            .filter_map(|((_, above), said)| {
                Some(Tier {
                    above: (*above)?,
                    rates: said.over(base).rates(),
                })
            })
            .collect()
    };
    let priced = |price: Price, (measure, each): &(Measure, UnitPrice)| price.with_unit(*measure, *each);
    let made = Price::flat(usual.rates()).with_tiers(tiers(false, &usual));
    let made = units.iter().fold(made, priced);
    let in_batch = (batch.is_some() || sheets.keys().any(|(batch, _)| *batch)).then(|| {
        let base = batch.unwrap_or_default().over(&usual);
        units
            .iter()
            .fold(Price::flat(base.rates()).with_tiers(tiers(true, &base)), priced)
    });
    Ok((made, in_batch))
}

#[cfg(test)]
mod tests {
    use gateway_types::{NanoUsd, Usage};
    use serde_json::json;

    use super::*;

    fn prices(said: serde_json::Value) -> Result<(Price, Option<Price>), String> {
        price(&serde_json::from_value(said).unwrap())
    }

    #[test]
    fn names_and_their_endings_say_what_is_priced() {
        let (price, batch) = prices(json!({
            "input_cost_per_token": 1.25e-6, "output_cost_per_token": 1e-5, "cache_read_input_token_cost": 1.25e-7,
            "cache_creation_input_token_cost_above_1hr": 2.5e-6,
            "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 5e-6,
            "input_cost_per_token_above_200k_tokens": 2.5e-6, "output_cost_per_token_above_200k_tokens": 1.5e-5,
            "input_cost_per_token_batches": 6.25e-7, "output_cost_per_token_batches": 5e-6,
            "input_cost_per_token_above_200k_tokens_batches": 1.25e-6, "input_cost_per_request": 0.005}))
        .unwrap();
        let usage = |input| Usage {
            input,
            cache_read: 1000,
            cache_write_hour: 100,
            output: 10,
            ..Usage::default()
        };
        let nanos = |price: &Price, input| price.bill(&usage(input)).total.0;
        assert_eq!(nanos(&price, 1000), 1_250_000 + 125_000 + 250_000 + 100_000 + 5_000_000);
        assert_eq!(
            nanos(&price, 200_000),
            500_000_000 + 125_000 + 500_000 + 150_000 + 5_000_000
        );
        let batch = batch.unwrap();
        assert_eq!(nanos(&batch, 1000), 625_000 + 125_000 + 250_000 + 50_000 + 5_000_000);
        assert_eq!(
            nanos(&batch, 200_000),
            250_000_000 + 125_000 + 250_000 + 50_000 + 5_000_000
        );
    }

    #[test]
    fn what_is_billed_by_units_needs_no_price_of_tokens_and_what_is_not_needs_one() {
        let (price, batch) = prices(json!({"input_cost_per_character": 1.5e-5})).unwrap();
        assert_eq!((price.unit(Measure::Character), batch), (UnitPrice(15_000_000), None));
        assert_eq!(price.bill(&Usage::default()).total, NanoUsd::ZERO);
        for said in [
            json!({}),
            json!({"output_cost_per_token": 1}),
            json!({"input_cost_per_token_batches": 1}),
        ] {
            let error = prices(said).unwrap_err();
            assert!(error.contains("`input_cost_per_token`"), "{error}");
        }
    }

    #[test]
    fn what_is_not_counted_is_told_from_what_nobody_knows() {
        for field in [
            "input_cost_per_token_priority",
            "output_cost_per_video_per_second",
            "input_cost_per_image",
        ] {
            assert!(is_inert(field), "{field}");
        }
        for field in [
            "input_cost_per_token",
            "input_cost_per_tokn",
            "colour",
            "input_cost_per_token_above_200k_tokens",
        ] {
            assert!(!is_inert(field), "{field}");
        }
        for field in [
            "input_cost_per_token_above_k_tokens",
            "input_cost_per_token_above_+2k_tokens",
            "output_cost_per_image_batches",
        ] {
            assert_eq!(read(field), None, "{field}");
        }
    }
}
