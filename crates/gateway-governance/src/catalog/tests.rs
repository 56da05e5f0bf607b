use gateway_types::{NanoUsd, Usage};

use super::*;

fn cost(provider: &str, model: &str, usage: Usage) -> NanoUsd {
    let facts = Catalog::embedded()
        .find(provider, model)
        .unwrap_or_else(|| panic!("{provider} {model}"));
    facts.price.as_ref().expect("it has a price").bill(&usage).total
}

fn usage(input: u64, output: u64) -> Usage {
    Usage {
        input,
        output,
        ..Usage::default()
    }
}

#[test]
fn the_embedded_catalogue_is_read_whole() {
    let lines = [MODELS, SUPPLEMENT].map(|text| text.lines().filter(|line| line.starts_with('{')).count());
    let catalog = Catalog::parse([MODELS, SUPPLEMENT]).unwrap();
    assert!(
        catalog.len() > 1000 && catalog.len() <= lines[0] + lines[1],
        "{}",
        catalog.len()
    );
    let embedded = Catalog::of_lines([MODELS, SUPPLEMENT]);
    assert_eq!(catalog.len(), embedded.len());
    for (provider, model, facts) in catalog.iter() {
        assert_eq!(
            embedded.find(provider, model).map(|facts| &**facts),
            Some(facts),
            "{provider} {model}"
        );
    }
}

#[test]
fn what_is_read_late_is_what_is_read_at_once() {
    let text = [
        r#"{"provider":"p","model":"m","price":{"in":"1"},"caps":["tools"]}"#,
        r#"{"provider":"p","model":"m","from":"2026-01-01","price":{"in":"2"}}"#,
        r#"{"provider":"p","model":"n","until":"2026-01-01","price":{"in":"3"}}"#,
        r#"{"provider":"p","model":"n","context":7}"#,
        r#"{"provider":"p","model":"o","from":"2026-01-01","price":{"in":"4"}}"#,
        r#"{"provider":"p","model":"o","from":"2027-01-01","price":{"in":"5"}}"#,
    ]
    .join("\n");
    let text: &'static str = text.leak();
    let (late, at_once) = (Catalog::of_lines([text]), Catalog::parse([text]).unwrap());
    for model in ["m", "n", "o"] {
        assert_eq!(late.find("p", model), at_once.find("p", model), "{model}");
    }
    let more = r#"{"provider":"p","model":"m","from":"2028-01-01","price":{"in":"6"}}"#;
    let changes = |catalog: &Catalog| catalog.with(more).unwrap().find("p", "m").unwrap().changes.len();
    assert_eq!(
        (changes(&Catalog::of_lines([text])), changes(&at_once), late.len()),
        (2, 2, 3)
    );
}

#[test]
fn known_models_have_their_published_prices() {
    assert_eq!(
        cost("openai", "gpt-4o-mini", usage(100_000, 10_000)),
        NanoUsd(15_000_000 + 6_000_000)
    );
    assert_eq!(
        cost("anthropic", "claude-3-5-haiku-20241022", usage(100_000, 10_000)),
        NanoUsd(80_000_000 + 40_000_000)
    );
    let cached = Usage {
        cache_read: 1000,
        cache_write: 1000,
        cache_write_hour: 1000,
        ..Usage::default()
    };
    assert_eq!(
        cost("anthropic", "claude-3-5-haiku-20241022", cached),
        NanoUsd(80_000 + 1_000_000 + 1_600_000)
    );
    let haiku = Catalog::embedded()
        .find("anthropic", "claude-3-5-haiku-20241022")
        .unwrap();
    assert_eq!((haiku.context, haiku.max_output), (Some(200_000), Some(8192)));
    assert_eq!(haiku.mode.as_deref(), Some("chat"));
}

#[test]
fn a_long_prompt_finds_its_tier() {
    let (long, short) = (usage(200_001, 1000), usage(200_000, 1000));
    let dear = cost("gemini", "gemini-2.5-pro", long).0 - 200_001 * 2500;
    let cheap = cost("gemini", "gemini-2.5-pro", short).0 - 200_000 * 1250;
    assert_eq!((dear, cheap), (15_000_000, 10_000_000));
}

#[test]
fn names_fall_back_to_their_dated_and_undated_selves() {
    let lines = [
        r#"{"provider":"p","model":"m","context":1}"#,
        r#"{"provider":"p","model":"d-20240101","context":2}"#,
        r#"{"provider":"p","model":"d-20250101","context":3}"#,
        r#"{"provider":"p","model":"d-mini-20260101","context":4}"#,
        r#"{"provider":"p","model":"x/m","context":5}"#,
        r#"{"provider":"p","model":"v@20240101","context":6}"#,
    ]
    .join("\n");
    let catalog = Catalog::parse([lines.as_str()]).unwrap();
    let context = |model: &str| catalog.find("p", model).and_then(|facts| facts.context);
    for (model, expected) in [
        ("m", 1),
        ("p/m", 1),
        ("models/m", 1),
        ("m-2024-07-18", 1),
        ("m:latest", 1),
        ("m-latest", 1),
        ("d", 3),
        ("d-latest", 3),
        ("d-20240101", 2),
        ("d-20290101", 3),
        ("d-mini", 4),
        ("x/m", 5),
        ("p/x/m", 5),
        ("v", 6),
    ] {
        assert_eq!(context(model), Some(expected), "{model}");
    }
    for model in ["", "n", "m-mini", "y/m", "d-mi", "-20240101", "m-12"] {
        assert_eq!(context(model), None, "{model}");
    }
    assert_eq!(catalog.find("q", "m"), None);
    assert_eq!(catalog.models_of("p").count(), 6);
}

#[test]
fn what_has_no_token_price_has_none() {
    let catalog = Catalog::parse([r#"{"provider":"p","model":"m"}"#]).unwrap();
    assert_eq!(catalog.find("p", "m").unwrap().price, None);
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    for (line, why) in [
        ("{", "EOF"),
        (
            r#"{"provider":"p","model":"m","price":{"in":"-1"}}"#,
            "`price.in`: `-1` is no price",
        ),
        (
            r#"{"provider":"p","model":"m","price":{"inn":"1"}}"#,
            "`price.inn` is no class",
        ),
        (
            r#"{"provider":"p","model":"m","colour":"red"}"#,
            "unknown field `colour`",
        ),
        (
            r#"{"provider":"p","model":"m","per":{"page":"1"}}"#,
            "`per.page` is no measure",
        ),
        (
            r#"{"provider":"p","model":"m","above":[{"tokens":1,"inn":"1"}]}"#,
            "`above.inn`",
        ),
        (r#"{"provider":"p","model":"m","from":"soon"}"#, "`from` must be a day"),
        (
            r#"{"provider":"p","model":"m","from":"2026-01-01","context":1}"#,
            "must have a `price`",
        ),
        (
            r#"{"provider":"p","model":"m","from":"2026-01-02","until":"2026-01-01"}"#,
            "`until` must be after",
        ),
        (r#"{"provider":"","model":"m"}"#, "must not be empty"),
    ] {
        let error = Catalog::parse([format!("# about\n{line}").as_str()])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("line 2 of the catalogue") && error.contains(why),
            "{error}"
        );
    }
}

#[test]
fn a_line_with_dates_changes_the_price_for_its_time_and_nothing_else() {
    let catalog = Catalog::parse([concat!(
        r#"{"provider":"p","model":"m","context":9,"price":{"in":"1"},"batch":{"in":"0.5"}}"#,
        "\n",
        r#"{"provider":"p","model":"m","from":"2026-02-01","price":{"in":"2"}}"#,
        "\n",
        r#"{"provider":"p","model":"m","from":"2026-03-01T06:00:00Z","until":"2026-04-01","price":{"in":"3"},"batch":{"in":"1.5"}}"#,
    )])
    .unwrap();
    let facts = catalog.find("p", "m").unwrap();
    let price = |day: &str, in_batch| {
        let now = Wall::parse_rfc3339(&format!("{day}:00:00Z")).unwrap();
        facts.price_at(now, in_batch).unwrap().bill(&usage(1000, 0)).total.0 / 1_000_000
    };
    let half = |day: &str| {
        let now = Wall::parse_rfc3339(&format!("{day}:00:00Z")).unwrap();
        facts.price_at(now, true).unwrap().bill(&usage(1000, 0)).total.0
    };
    assert_eq!(facts.context, Some(9));
    assert_eq!([price("2026-01-31T23", false), price("2026-02-01T00", false)], [1, 2]);
    assert_eq!([price("2026-03-01T05", false), price("2026-03-01T06", false)], [2, 3]);
    assert_eq!([price("2026-03-31T23", false), price("2026-04-01T00", false)], [3, 2]);
    assert_eq!([half("2026-01-31T23"), half("2026-03-02T00")], [500_000, 1_500_000]);
    assert_eq!(
        price("2026-02-02T00", true),
        2,
        "no price of batches was said for that time"
    );
}

#[test]
fn a_text_stands_over_a_catalogue_and_is_taken_whole_or_not_at_all() {
    let base = Catalog::parse([concat!(
        r#"{"provider":"p","model":"a","price":{"in":"1"}}"#,
        "\n",
        r#"{"provider":"p","model":"b","price":{"in":"1"}}"#
    )])
    .unwrap();
    let text = concat!(
        "\u{feff}# ours\r\n\r\n",
        r#"{"provider":"p","model":"b","price":{"in":"4"}}"#,
        "\r\n",
        r#"{"provider":"mine","model":"c","per":{"character":"0.00001"}}"#,
    );
    let over = base.with(text).unwrap();
    let input = |catalog: &Catalog, model| {
        let price = catalog.find("p", model).unwrap().price.clone().unwrap();
        price.bill(&usage(1000, 0)).total.0
    };
    assert_eq!(
        (over.len(), input(&over, "a"), input(&over, "b")),
        (3, 1_000_000, 4_000_000)
    );
    assert!(over.find("mine", "c").unwrap().is_billed_by(Measure::Character));
    assert_eq!(input(&base, "b"), 1_000_000);
    assert_eq!(base.with(&format!("{text}\n{{}}")).unwrap_err().line, 5);
}

#[test]
fn a_picture_costs_what_its_quality_and_size_cost() {
    let facts = Catalog::embedded().find("openai", "dall-e-3").unwrap();
    let price = |quality, size| facts.picture(quality, size);
    assert_eq!(price("hd", "1024x1792"), UnitPrice::per_unit("0.12"));
    assert_eq!(price("standard", "1024x1024"), UnitPrice::per_unit("0.04"));
    assert_eq!(price("hd", "7x7"), None);
}
