use gateway_types::{NanoUsd, Usage};
use serde_json::{Value, json};

use super::*;

const DAY: Wall = Wall::from_millis(1_767_225_600_000); // 2026-01-01

fn overrides(said: &Value) -> Vec<PricingOverride> {
    serde_json::from_value(said.clone()).unwrap()
}

fn book(said: &Value) -> Result<PriceBook, String> {
    compiled(said, &[], &UnknownPrice::default())
}

fn compiled(said: &Value, own: &[PricingOverride], unknown: &UnknownPrice) -> Result<PriceBook, String> {
    let own = (&ProviderName::from("openai"), own);
    PriceBook::compile(Arc::clone(Catalog::embedded()), &overrides(said), [own], unknown)
}

fn wanted<'a>(provider: &'a ProviderName, model: &'a str) -> Wanted<'a> {
    Wanted {
        provider,
        kind: "openai",
        model,
        own_name: None,
        operation: Operation::Chat,
        in_batch: false,
        free: false,
    }
}

/// What a million tokens of input cost, in dollars, and who says so.
fn price(book: &PriceBook, wanted: &Wanted<'_>, now: Wall) -> (Option<f64>, PricedBy) {
    let Quote { pricing, by } = book.quote(wanted, now);
    let million = Usage {
        input: 1_000_000,
        ..Usage::default()
    };
    let dollars = match pricing {
        Pricing::Free => Some(0.0),
        Pricing::Known(price) => Some(price.bill(&million).total.dollars()),
        Pricing::Unknown => None,
    };
    (dollars, by)
}

fn named(id: &str) -> PricedBy {
    PricedBy::Override(id.into())
}

#[test]
fn the_nearest_override_counts_whatever_the_order_they_are_said_in() {
    let mut said = vec![
        json!({"id": "regex", "model_pattern": "gpt-.*", "match_type": "regex", "input_cost_per_token": 1e-6}),
        json!({"id": "short", "model_pattern": "gpt*", "match_type": "wildcard", "input_cost_per_token": 2e-6}),
        json!({"id": "long", "model_pattern": "gpt-4o*", "match_type": "wildcard", "input_cost_per_token": 3e-6}),
        json!({"id": "exact", "model_pattern": "gpt-4o-mini", "input_cost_per_token": 4e-6}),
        json!({"id": "named", "provider": "openai", "model_pattern": "gpt.4o.mini", "match_type": "regex",
            "input_cost_per_token": 5e-6}),
        json!({"id": "chat", "provider": "openai", "model_pattern": "gpt.4o.mini", "match_type": "regex",
            "request_types": ["chat_completion"], "input_cost_per_token": 6e-6}),
    ];
    let (openai, other) = (ProviderName::from("openai"), ProviderName::from("other"));
    for _ in 0..said.len() {
        said.rotate_left(1);
        let book = book(&json!(said)).unwrap();
        let find = |provider, model| price(&book, &wanted(provider, model), DAY);
        assert_eq!(find(&other, "gpt-5"), (Some(2.0), named("short")));
        assert_eq!(find(&other, "gpt-4o"), (Some(3.0), named("long")));
        assert_eq!(find(&other, "gpt-4o-mini"), (Some(4.0), named("exact")));
        assert_eq!(find(&openai, "gpt-4o-mini"), (Some(6.0), named("chat")));
        let vectors = Wanted {
            operation: Operation::Embeddings,
            ..wanted(&openai, "gpt-4o-mini")
        };
        assert_eq!(price(&book, &vectors, DAY), (Some(5.0), named("named")));
        assert_eq!(find(&other, "o3").1, PricedBy::Catalogue);
    }
    let own = overrides(
        &json!([{"id": "own", "model_pattern": "*", "match_type": "wildcard", "input_cost_per_token": 7e-6}]),
    );
    let book = compiled(&json!(said), &own, &UnknownPrice::default()).unwrap();
    assert_eq!(
        price(&book, &wanted(&openai, "gpt-4o-mini"), DAY),
        (Some(7.0), named("own"))
    );
    assert_eq!(price(&book, &wanted(&other, "gpt-4o-mini"), DAY).1, named("exact"));
}

#[test]
fn a_price_holds_from_its_day_to_its_end() {
    let book = book(&json!([
        {"id": "old", "model_pattern": "m", "input_cost_per_token": 1e-6, "effective_until": "2026-01-02"},
        {"id": "new", "model_pattern": "m", "input_cost_per_token": 2e-6, "effective_from": "2026-01-01T12:00:00Z"}]))
    .unwrap();
    let openai = ProviderName::from("openai");
    let at = |hours: u64| {
        let now = DAY.plus(std::time::Duration::from_secs(hours * 3600));
        price(&book, &wanted(&openai, "m"), now).1
    };
    assert_eq!([at(0), at(11)], [named("old"), named("old")]);
    assert_eq!([at(12), at(24), at(9000)], [named("new"), named("new"), named("new")]);
}

#[test]
fn a_renamed_model_is_found_by_either_name_and_a_machine_of_ones_own_can_have_a_price() {
    let book =
        book(&json!([{"id": "power", "provider": "vllm", "model_pattern": "llama", "input_cost_per_token": 1e-7}]))
            .unwrap();
    let vllm = ProviderName::from("vllm");
    let machine = Wanted {
        kind: "vllm",
        free: true,
        ..wanted(&vllm, "fast")
    };
    assert_eq!(price(&book, &machine, DAY), (Some(0.0), PricedBy::Catalogue));
    let renamed = Wanted {
        own_name: Some("llama"),
        ..machine
    };
    assert_eq!(price(&book, &renamed, DAY), (Some(0.1), named("power")));
}

#[test]
fn a_batch_costs_what_is_said_of_batches() {
    let book = book(&json!([{"id": "b", "model_pattern": "m", "input_cost_per_token": 2e-6,
        "input_cost_per_token_batches": 1e-6}]))
    .unwrap();
    let openai = ProviderName::from("openai");
    let batch = |model| Wanted {
        in_batch: true,
        ..wanted(&openai, model)
    };
    assert_eq!(price(&book, &batch("m"), DAY).0, Some(1.0));
    assert_eq!(
        price(&book, &batch("gpt-4o-mini"), DAY).0,
        Some(0.075),
        "the catalogue's"
    );
}

#[test]
fn what_nobody_has_a_price_for_follows_the_rule() {
    let (openai, nobody) = (ProviderName::from("openai"), ModelName::from("nobody"));
    let rule = |said: Value| {
        let rule = serde_json::from_value(said).unwrap();
        let book = compiled(&json!([]), &[], &rule).unwrap();
        let quote = book.quote(&wanted(&openai, "nobody"), DAY);
        let refused = book.check(&quote, &openai, &nobody).map_err(|error| error.kind);
        (quote.pricing, quote.by, refused)
    };
    let by = PricedBy::Unknown;
    assert_eq!(
        rule(json!("refuse_under_budget")),
        (Pricing::Unknown, by.clone(), Ok(()))
    );
    assert_eq!(rule(json!("free")), (Pricing::Free, by.clone(), Ok(())));
    assert_eq!(
        rule(json!("refuse")),
        (Pricing::Unknown, by.clone(), Err(ErrorKind::PriceUnknown))
    );
    let (pricing, charged_by, allowed) =
        rule(json!({"charge": {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}}));
    let Pricing::Known(price) = pricing else {
        panic!("{pricing:?}")
    };
    assert_eq!(
        (price.bound(1000, 1000, 1), charged_by, allowed),
        (NanoUsd(3_000_000), by, Ok(()))
    );
}

#[test]
fn an_override_that_cannot_act_says_which_field_is_wrong() {
    for (field, value, why) in [
        ("match_type", json!("regex"), "`model_pattern` is no regular expression"),
        ("effective_from", json!("soon"), "`effective_from` must be a day"),
        (
            "effective_until",
            json!("2025-01-01"),
            "`effective_until` must be after",
        ),
        (
            "request_types",
            json!(["chat"]),
            "`request_types[0]`: `chat` is none of",
        ),
        ("model_pattern", json!(""), "`model_pattern` must have"),
        ("model_pattern", json!("a*"), "`match_type`"),
        ("input_cost_per_token", Value::Null, "`input_cost_per_token` is missing"),
    ] {
        let mut said =
            json!({"id": "x", "model_pattern": "m)(", "effective_from": "2026-01-01", "input_cost_per_token": 1e-6});
        said[field] = value;
        let error = book(&json!([said])).unwrap_err();
        assert!(
            error.starts_with("pricing override `x`: ") && error.contains(why),
            "{error}"
        );
    }
    let own = overrides(&json!([{"id": "", "provider": "other", "model_pattern": "m", "input_cost_per_token": 1}]));
    let error = compiled(&json!([]), &own, &UnknownPrice::default()).unwrap_err();
    assert!(
        error.starts_with("providers.openai.pricing_overrides[0]: `provider`"),
        "{error}"
    );
}
