//! What is known of models before anybody is asked: prices, context lengths, limits of output.
//!
//! The catalogue is embedded. `catalog/models.jsonl` is made by `cargo xtask catalog` and not edited by hand;
//! `catalog/supplement.jsonl` is the project's own, and wins.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use gateway_types::{TokenClass, UnitPrice};
use serde::Deserialize;

use crate::price::{Price, Rates, Tier};

/// Facts of models, by the provider's name in the catalogue.
#[derive(Debug)]
pub struct Catalog {
    providers: HashMap<String, BTreeMap<String, ModelFacts>>,
    models: usize,
}

/// What is known of one model at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFacts {
    /// The most tokens that prompt and answer can have.
    pub context: Option<u64>,
    /// The most tokens that an answer can have.
    pub max_output: Option<u64>,
    /// What it costs. None where it is not known, or is not counted in tokens.
    pub price: Option<Price>,
    /// What it costs in a batch, which is answered later, where that is another price.
    pub batch: Option<Price>,
    /// What it is for: `chat`, `embedding`, …
    pub mode: Option<Arc<str>>,
    /// What it can do: `tools`, `image_in`, …, in alphabetical order.
    pub caps: Arc<[String]>,
}

/// A catalogue's line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the catalogue: {why}")]
pub struct NotACatalog {
    /// Which line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

const MODELS: &str = include_str!("../catalog/models.jsonl");
const SUPPLEMENT: &str = include_str!("../catalog/supplement.jsonl");

impl Catalog {
    /// The catalogue that is built in.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Catalog> = LazyLock::new(|| {
            Catalog::parse([MODELS, SUPPLEMENT]).expect("the embedded catalogue is read whole by this crate's tests")
        });
        &EMBEDDED
    }

    /// Reads catalogues of one model a line. Lines of later texts win; empty lines and `#` comments are skipped.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NotACatalog> {
        let mut catalog = Self {
            providers: HashMap::new(),
            models: 0,
        };
        let mut shared = Shared::default();
        for text in texts {
            for (at, line) in text
                .lines()
                .enumerate()
                .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            {
                let told = |why: String| NotACatalog { line: at + 1, why };
                let line: Line<'_> = serde_json::from_str(line).map_err(|error| told(error.to_string()))?;
                let (provider, model) = (line.provider.to_owned(), line.model.to_owned());
                let facts = line.facts(&mut shared).map_err(told)?;
                let models = catalog.providers.entry(provider).or_default();
                catalog.models += usize::from(models.insert(model, facts).is_none());
            }
        }
        Ok(catalog)
    }

    /// The facts of a model. Where the very name is not there, a leading `{provider}/` or `models/` is dropped, and a
    /// date stands for its undated model, an undated or `latest` name for its latest dated one.
    pub fn find(&self, provider: &str, model: &str) -> Option<&ModelFacts> {
        let models = self.providers.get(provider)?;
        let bare = [provider, "models"]
            .iter()
            .find_map(|prefix| model.strip_prefix(prefix)?.strip_prefix('/'));
        [Some(model), bare].into_iter().flatten().find_map(|model| {
            let undated = undated(model);
            models
                .get(model)
                .or_else(|| models.get(undated))
                .or_else(|| latest(models, undated))
        })
    }

    /// The models of a provider with their facts, in the order of their names.
    pub fn models_of(&self, provider: &str) -> impl Iterator<Item = (&str, &ModelFacts)> {
        self.providers
            .get(provider)
            .into_iter()
            .flatten()
            .map(|(model, facts)| (model.as_str(), facts))
    }

    /// How many models there are.
    pub fn len(&self) -> usize {
        self.models
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.models == 0
    }
}

/// A name without the date, or `latest`, at its end.
fn undated(model: &str) -> &str {
    let named = |tail: &str| tail == "latest" || is_date(tail);
    // `-2024-07-18` has dashes of its own.
    if let Some((at, _)) = model
        .rmatch_indices(['-', '@', ':'])
        .find(|(at, _)| named(&model[at + 1..]))
    {
        return &model[..at];
    }
    model
}

/// `20241022` or `2024-10-22`.
fn is_date(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let dashes: Vec<usize> = text.match_indices('-').map(|(at, _)| at).collect();
    digits == 8 && ((text.len() == 8 && dashes.is_empty()) || (text.len() == 10 && dashes == [4, 7]))
}

fn latest<'a>(models: &'a BTreeMap<String, ModelFacts>, undated: &str) -> Option<&'a ModelFacts> {
    let from = models.range::<str, _>((std::ops::Bound::Excluded(undated), std::ops::Bound::Unbounded));
    let variants = from.take_while(|(name, _)| name.starts_with(undated));
    variants
        .filter_map(|(name, facts)| {
            let date = name[undated.len()..]
                .strip_prefix(['-', '@'])
                .filter(|date| is_date(date))?;
            Some((date.replace('-', ""), facts))
        })
        .max_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, facts)| facts)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    provider: &'a str,
    model: &'a str,
    mode: Option<&'a str>,
    context: Option<u64>,
    max_output: Option<u64>,
    #[serde(borrow, default)]
    price: Prices<'a>,
    #[serde(borrow, default)]
    above: Vec<Above<'a>>,
    per_request: Option<&'a str>,
    #[serde(borrow)]
    batch: Option<Prices<'a>>,
    #[serde(borrow, default)]
    caps: Vec<&'a str>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prices<'a> {
    #[serde(rename = "in")]
    input: Option<&'a str>,
    cache_read: Option<&'a str>,
    cache_write: Option<&'a str>,
    cache_write_1h: Option<&'a str>,
    audio_in: Option<&'a str>,
    #[serde(rename = "out")]
    output: Option<&'a str>,
    reasoning_out: Option<&'a str>,
    audio_out: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Above<'a> {
    tokens: u64,
    #[serde(rename = "in")]
    input: Option<&'a str>,
    cache_read: Option<&'a str>,
    cache_write: Option<&'a str>,
    cache_write_1h: Option<&'a str>,
    audio_in: Option<&'a str>,
    #[serde(rename = "out")]
    output: Option<&'a str>,
    reasoning_out: Option<&'a str>,
    audio_out: Option<&'a str>,
}

impl Line<'_> {
    fn facts(self, shared: &mut Shared) -> Result<ModelFacts, String> {
        Ok(ModelFacts {
            context: self.context,
            max_output: self.max_output,
            price: self.price()?,
            batch: self.batch.map(|batch| batch.rates().map(Price::flat)).transpose()?,
            mode: self.mode.map(|mode| shared.word(mode)),
            caps: shared.list(&self.caps),
        })
    }

    fn price(&self) -> Result<Option<Price>, String> {
        let per_request = self
            .per_request
            .map(|text| UnitPrice::per_unit(text).ok_or_else(|| no_price(text)));
        if self.price.input.is_none() && self.price.output.is_none() && per_request.is_none() {
            return Ok(None);
        }
        let tiers: Result<Vec<Tier>, String> = self
            .above
            .iter()
            .map(|tier| {
                Ok(Tier {
                    above: tier.tokens,
                    rates: tier.prices(self.price).rates()?,
                })
            })
            .collect();
        let price = Price::flat(self.price.rates()?).with_tiers(tiers?);
        Ok(Some(match per_request {
            Some(each) => price.with_request(each?),
            None => price,
        }))
    }
}

impl<'a> Prices<'a> {
    /// A class without a price of its own costs what its direction costs.
    fn rates(self) -> Result<Rates, String> {
        use TokenClass::{CacheRead, CacheWrite, CacheWriteHour, InputAudio, OutputAudio, Reasoning};
        let read = |text: &str| UnitPrice::per_million(text).ok_or_else(|| no_price(text));
        let [input, output] = [self.input, self.output].map(|text| text.map_or(Ok(UnitPrice::FREE), read));
        let classes = [
            (CacheRead, self.cache_read),
            (CacheWrite, self.cache_write),
            (CacheWriteHour, self.cache_write_1h.or(self.cache_write)),
            (InputAudio, self.audio_in),
            (Reasoning, self.reasoning_out),
            (OutputAudio, self.audio_out),
        ];
        let own = classes.into_iter().filter_map(|(class, text)| Some((class, text?)));
        own.into_iter()
            .try_fold(Rates::new(input?, output?), |rates, (class, text)| {
                Ok(rates.with(class, read(text)?))
            })
    }
}

impl<'a> Above<'a> {
    /// What a tier does not name costs what it costs below it.
    fn prices(&self, base: Prices<'a>) -> Prices<'a> {
        Prices {
            input: self.input.or(base.input),
            cache_read: self.cache_read.or(base.cache_read),
            cache_write: self.cache_write.or(base.cache_write),
            cache_write_1h: self.cache_write_1h.or(self.cache_write).or(base.cache_write_1h),
            audio_in: self.audio_in.or(base.audio_in),
            output: self.output.or(base.output),
            reasoning_out: self.reasoning_out.or(base.reasoning_out),
            audio_out: self.audio_out.or(base.audio_out),
        }
    }
}

fn no_price(text: &str) -> String {
    format!("`{text}` is no price; write dollars as a decimal that is 0 or more")
}

/// Lists and words that thousands of models have in common.
#[derive(Default)]
struct Shared {
    words: HashSet<Arc<str>>,
    lists: HashMap<String, Arc<[String]>>,
}

impl Shared {
    fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.words.insert(Arc::clone(&word));
        word
    }

    fn list(&mut self, list: &[&str]) -> Arc<[String]> {
        let list = self
            .lists
            .entry(list.join(" "))
            .or_insert_with(|| list.iter().map(|word| (*word).to_owned()).collect());
        Arc::clone(list)
    }
}

#[cfg(test)]
mod tests {
    use gateway_types::{NanoUsd, Usage};

    use super::*;

    fn cost(provider: &str, model: &str, usage: Usage) -> NanoUsd {
        let facts = Catalog::embedded()
            .find(provider, model)
            .unwrap_or_else(|| panic!("{provider} {model}"));
        facts.price.as_ref().expect("it has a price").bill(&usage).total
    }

    const MILLION: Usage = Usage {
        input: 100_000,
        output: 10_000,
        cache_read: 0,
        cache_write: 0,
        cache_write_hour: 0,
        input_audio: 0,
        reasoning: 0,
        output_audio: 0,
    };

    #[test]
    fn the_embedded_catalogue_is_read_whole() {
        let lines = [MODELS, SUPPLEMENT].map(|text| text.lines().filter(|line| line.starts_with('{')).count());
        let catalog = Catalog::parse([MODELS, SUPPLEMENT]).unwrap();
        assert!(
            catalog.len() > 1000 && catalog.len() <= lines[0] + lines[1],
            "{}",
            catalog.len()
        );
        assert_eq!(catalog.len(), Catalog::embedded().len());
    }

    #[test]
    fn known_models_have_their_published_prices() {
        assert_eq!(cost("openai", "gpt-4o-mini", MILLION), NanoUsd(15_000_000 + 6_000_000));
        assert_eq!(
            cost("anthropic", "claude-3-5-haiku-20241022", MILLION),
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
        let long = Usage {
            input: 200_001,
            output: 1000,
            cache_read: 0,
            ..MILLION
        };
        let short = Usage { input: 200_000, ..long };
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
                "`-1` is no price",
            ),
            (r#"{"provider":"p","model":"m","price":{"inn":"1"}}"#, "inn"),
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
}
