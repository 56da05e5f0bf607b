//! What vendors' pages say, call by call: rate times usage, and the amount to the nano-dollar, worked out by hand.
//!
//! A rate is in dollars per million tokens, or per unit of a measure; seconds are counted in thousandths. Where a page and the
//! embedded catalogue differ, `catalog/supplement.jsonl` has the page's word.

use gateway_types::{Billable, Measure, NanoUsd, Usage, Wall};
use serde_json::json;

use crate::catalog::Catalog;

const ANTHROPIC: &str = "platform.claude.com/docs/en/about-claude/pricing";
const OPENAI: &str = "developers.openai.com/api/docs/pricing";
const GEMINI: &str = "ai.google.dev/gemini-api/docs/pricing";
const COHERE: &str = "cohere.com/pricing";
const DEEPSEEK: &str = "api-docs.deepseek.com/quick_start/pricing, peak hours";
const GROQ: &str = "groq.com/pricing";
const XAI: &str = "docs.x.ai/developers/cost-tracking";

const PLAIN: bool = false;
const BATCH: bool = true;

struct Row {
    page: &'static str,
    in_batch: bool,
    provider: &'static str,
    model: &'static str,
    /// Class or measure, how many, the published rate.
    lines: &'static [(&'static str, u64, &'static str)],
    nanos: i64,
}

const fn row(
    page: &'static str,
    in_batch: bool,
    provider: &'static str,
    model: &'static str,
    lines: &'static [(&'static str, u64, &'static str)],
    nanos: i64,
) -> Row {
    Row {
        page,
        in_batch,
        provider,
        model,
        lines,
        nanos,
    }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(ANTHROPIC, PLAIN, "anthropic", "claude-opus-5", &[("input", 1_234, "5"), ("cache_write", 2_048, "6.25"), ("cache_write_hour", 512, "10"), ("cache_read", 100_001, "0.50"), ("output", 777, "25")], 93_515_500),
    row(ANTHROPIC, PLAIN, "anthropic", "claude-opus-4-7", &[("input", 1_234, "5"), ("cache_write", 2_048, "6.25"), ("cache_write_hour", 512, "10"), ("cache_read", 100_001, "0.50"), ("output", 777, "25")], 93_515_500),
    row(ANTHROPIC, PLAIN, "anthropic", "claude-opus-4-5", &[("input", 1_234, "5"), ("cache_write", 2_048, "6.25"), ("cache_write_hour", 512, "10"), ("cache_read", 100_001, "0.50"), ("output", 777, "25")], 93_515_500),
    row(ANTHROPIC, PLAIN, "anthropic", "claude-sonnet-4-5", &[("input", 1_234, "3"), ("cache_write", 2_048, "3.75"), ("cache_write_hour", 512, "6"), ("cache_read", 100_001, "0.30"), ("output", 777, "15")], 56_109_300),
    row(ANTHROPIC, PLAIN, "anthropic", "claude-haiku-4-5", &[("input", 1_234, "1"), ("cache_write", 2_048, "1.25"), ("cache_write_hour", 512, "2"), ("cache_read", 100_001, "0.10"), ("output", 777, "5")], 18_703_100),
    row(ANTHROPIC, PLAIN, "anthropic", "claude-fable-5-1", &[("input", 1_234, "10"), ("cache_write", 2_048, "12.50"), ("cache_write_hour", 512, "20"), ("cache_read", 100_001, "0.25"), ("output", 777, "50")], 112_030_250),
    row(ANTHROPIC, PLAIN, "anthropic", "claude-3-5-haiku-20241022", &[("input", 1_234, "0.80"), ("cache_write", 2_048, "1"), ("cache_write_hour", 512, "1.6"), ("cache_read", 100_001, "0.08"), ("output", 777, "4")], 14_962_480),
    row(ANTHROPIC, BATCH, "anthropic", "claude-opus-4-5", &[("input", 10_000, "2.50"), ("output", 3_333, "12.50")], 66_662_500),
    row(ANTHROPIC, BATCH, "anthropic", "claude-sonnet-4-5", &[("input", 1_000_000, "1.50"), ("cache_write_hour", 1_000, "3"), ("cache_read", 5_000, "0.15"), ("output", 100_000, "7.50")], 2_253_750_000),
    row(ANTHROPIC, BATCH, "anthropic", "claude-haiku-4-5", &[("input", 7, "0.50"), ("output", 9, "2.50")], 26_000),
    row(OPENAI, PLAIN, "openai", "gpt-4o", &[("input", 1_001, "2.50"), ("cache_read", 2_048, "1.25"), ("output", 333, "10")], 8_392_500),
    row(OPENAI, PLAIN, "openai", "gpt-4o-mini", &[("input", 1_001, "0.15"), ("cache_read", 2_048, "0.075"), ("output", 333, "0.60")], 503_550),
    row(OPENAI, PLAIN, "openai", "gpt-4.1", &[("input", 1_001, "2"), ("cache_read", 2_048, "0.50"), ("output", 333, "8")], 5_690_000),
    row(OPENAI, PLAIN, "openai", "gpt-4.1-mini", &[("input", 1_001, "0.40"), ("cache_read", 2_048, "0.10"), ("output", 333, "1.60")], 1_138_000),
    row(OPENAI, PLAIN, "openai", "gpt-4.1-nano", &[("input", 1_001, "0.10"), ("cache_read", 2_048, "0.025"), ("output", 333, "0.40")], 284_500),
    row(OPENAI, PLAIN, "openai", "gpt-5", &[("input", 1_001, "1.25"), ("cache_read", 2_048, "0.125"), ("output", 333, "10")], 4_837_250),
    row(OPENAI, PLAIN, "openai", "gpt-5-mini", &[("input", 1_001, "0.25"), ("cache_read", 2_048, "0.025"), ("output", 333, "2")], 967_450),
    row(OPENAI, PLAIN, "openai", "gpt-5-nano", &[("input", 1_001, "0.05"), ("cache_read", 2_048, "0.005"), ("output", 333, "0.40")], 193_490),
    row(OPENAI, PLAIN, "openai", "o1", &[("input", 543, "15"), ("output", 21, "60"), ("reasoning", 4_096, "60")], 255_165_000),
    row(OPENAI, PLAIN, "openai", "o3", &[("input", 543, "2"), ("output", 21, "8"), ("reasoning", 4_096, "8")], 34_022_000),
    row(OPENAI, PLAIN, "openai", "o3-mini", &[("input", 543, "1.10"), ("output", 21, "4.40"), ("reasoning", 4_096, "4.40")], 18_712_100),
    row(OPENAI, PLAIN, "openai", "o4-mini", &[("input", 543, "1.10"), ("output", 21, "4.40"), ("reasoning", 4_096, "4.40")], 18_712_100),
    row(OPENAI, PLAIN, "openai", "gpt-5.4", &[("input", 100_000, "2.50"), ("output", 1_000, "15")], 265_000_000),
    row(OPENAI, BATCH, "openai", "gpt-4o", &[("input", 200_000, "1.25"), ("output", 50_000, "5")], 500_000_000),
    row(OPENAI, BATCH, "openai", "gpt-4o-mini", &[("input", 1_000_003, "0.075"), ("output", 7, "0.30")], 75_002_325),
    row(OPENAI, PLAIN, "openai", "text-embedding-3-small", &[("input", 8_191, "0.02")], 163_820),
    row(OPENAI, PLAIN, "openai", "text-embedding-3-large", &[("input", 8_191, "0.13")], 1_064_830),
    row(OPENAI, BATCH, "openai", "text-embedding-3-small", &[("input", 8_191, "0.01")], 81_910),
    row(OPENAI, PLAIN, "openai", "gpt-image-1", &[("input", 50, "5"), ("input_image", 323, "10"), ("output_image", 4_160, "40")], 169_880_000),
    row(OPENAI, PLAIN, "openai", "tts-1", &[("character", 4_096, "0.000015")], 61_440_000),
    row(OPENAI, PLAIN, "openai", "tts-1-hd", &[("character", 999, "0.00003")], 29_970_000),
    row(OPENAI, PLAIN, "openai", "whisper-1", &[("second", 90_000, "0.0001")], 9_000_000),
    row(GEMINI, PLAIN, "gemini", "gemini-2.5-pro", &[("input", 100_000, "1.25"), ("cache_read", 100_000, "0.125"), ("output", 1_000, "10"), ("reasoning", 5_000, "10")], 197_500_000),
    row(GEMINI, PLAIN, "gemini", "gemini-2.5-pro", &[("input", 200_001, "2.50"), ("cache_read", 50_000, "0.25"), ("output", 1_000, "15"), ("reasoning", 5_000, "15")], 602_502_500),
    row(GEMINI, BATCH, "gemini", "gemini-2.5-pro", &[("input", 1_000, "0.625"), ("output", 1_000, "5")], 5_625_000),
    row(GEMINI, PLAIN, "gemini", "gemini-2.5-flash", &[("input", 1_500, "0.30"), ("input_image", 258, "0.30"), ("input_audio", 1_920, "1.00"), ("cache_read", 4_096, "0.03"), ("cache_read_audio", 640, "0.10"), ("output", 100, "2.50"), ("reasoning", 900, "2.50")], 5_134_280),
    row(GEMINI, BATCH, "gemini", "gemini-2.5-flash", &[("input", 1_500, "0.15"), ("input_audio", 1_920, "0.50"), ("output", 100, "1.25")], 1_310_000),
    row(GEMINI, PLAIN, "gemini", "gemini-2.5-flash-lite", &[("input", 1_500, "0.10"), ("input_audio", 32, "0.30"), ("output", 100, "0.40")], 199_600),
    row(GEMINI, PLAIN, "gemini", "gemini-2.5-flash-image", &[("input", 20, "0.30"), ("output_image", 1_290, "30")], 38_706_000),
    row(COHERE, PLAIN, "cohere", "command-a-03-2025", &[("input", 999, "2.50"), ("output", 101, "10")], 3_507_500),
    row(COHERE, PLAIN, "cohere", "command-r7b-12-2024", &[("input", 999, "0.0375"), ("output", 101, "0.15")], 52_612),
    row(COHERE, PLAIN, "cohere", "rerank-v4.0-fast", &[("search", 3, "0.002")], 6_000_000),
    row(COHERE, PLAIN, "cohere", "rerank-v4.0-pro", &[("search", 1, "0.0025")], 2_500_000),
    row(COHERE, PLAIN, "cohere", "embed-v4.0", &[("input", 1_111, "0.12"), ("input_image", 2_222, "0.47")], 1_177_660),
    row(DEEPSEEK, PLAIN, "deepseek", "deepseek-v4-pro", &[("input", 3_000, "1.32"), ("cache_read", 64_000, "0.044"), ("output", 500, "3.96"), ("reasoning", 1_500, "3.96")], 14_696_000),
    row(DEEPSEEK, PLAIN, "deepseek", "deepseek-flash", &[("input", 3_000, "0.30"), ("cache_read", 64_000, "0.006"), ("output", 500, "1.20")], 1_884_000),
    row(GROQ, PLAIN, "groq", "openai/gpt-oss-120b", &[("input", 4_321, "0.15"), ("output", 1_234, "0.60")], 1_388_550),
    row(XAI, PLAIN, "xai", "grok-imagine-image", &[("image", 1, "0.02")], 20_000_000),
];

impl Row {
    fn usage(&self) -> Usage {
        let mut usage = json!({"units": {}});
        for (word, count, _) in self.lines {
            match serde_json::from_value(json!(word)).unwrap() {
                Billable::Tokens(_) => usage[*word] = json!(count),
                Billable::Units(_) => usage["units"][*word] = json!(count),
            }
        }
        serde_json::from_value(usage).unwrap()
    }
}

#[test]
fn published_prices_are_billed_to_the_nano_dollar() {
    assert!(ROWS.len() >= 40, "{}", ROWS.len());
    let mut wrong = Vec::new();
    for row in ROWS {
        let Row {
            page, provider, model, ..
        } = row;
        let facts = Catalog::embedded().find(provider, model);
        let price = facts.and_then(|facts| facts.price_at(Wall::from_millis(0), row.in_batch));
        let Some(price) = price else {
            wrong.push(format!("{provider} {model}: no price ({page})"));
            continue;
        };
        let bill = price.bill(&row.usage());
        if bill.total != NanoUsd(row.nanos) {
            let lines: Vec<String> = bill.amounts.iter().map(|line| format!("{line:?}")).collect();
            wrong.push(format!(
                "{provider} {model}: {} instead of {} ({page}) {lines:?}",
                bill.total.0, row.nanos
            ));
        }
        let units = row.usage().units;
        let (input, output) = (row.usage().input_total(), row.usage().output_total());
        assert!(
            price.clone().for_units(&units).bound(input, output, 1) >= bill.total,
            "{provider} {model}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pictures_are_billed_by_quality_and_size() {
    let published = [
        ("dall-e-3", "standard", "1024x1024", 40_000_000),
        ("dall-e-3", "standard", "1792x1024", 80_000_000),
        ("dall-e-3", "hd", "1024x1024", 80_000_000),
        ("dall-e-3", "hd", "1024x1792", 120_000_000),
        ("dall-e-2", "standard", "256x256", 16_000_000),
        ("dall-e-2", "standard", "512x512", 18_000_000),
        ("dall-e-2", "standard", "1024x1024", 20_000_000),
    ];
    for (model, quality, size, nanos) in published {
        let facts = Catalog::embedded().find("openai", model).unwrap();
        let each = facts.picture(quality, size).unwrap();
        assert_eq!(
            each.times(1).to_nano(),
            NanoUsd(nanos),
            "{model} {quality} {size} ({OPENAI})"
        );
        let unknown = facts.price.as_ref().unwrap().unit(Measure::Image);
        assert!(
            unknown >= each,
            "a picture of which nothing is known is not the cheapest"
        );
    }
}
