//! What is known of models before anybody is asked: prices, context lengths, limits of output.
//!
//! A catalogue is embedded. `catalog/models.jsonl` is made by `cargo xtask catalog` and not edited by hand;
//! `catalog/supplement.jsonl` is the project's own, and wins. An operator's file in the same form can stand over both
//! ([`Catalog::with`]).

mod line;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use gateway_types::{Measure, UnitPrice, Wall};

use crate::price::Price;
use line::{Line, Shared};

/// Facts of models, by the provider's name in the catalogue.
#[derive(Clone, Debug)]
pub struct Catalog {
    providers: HashMap<String, BTreeMap<String, ModelFacts>>,
    models: usize,
}

/// What is known of one model at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFacts {
    /// The most tokens that prompt and answer can have.
    pub context: Option<u64>,
    /// The most tokens that an answer can have; for models that make pictures, each of them.
    pub max_output: Option<u64>,
    /// What it costs. None where it is not known, or counted in something that nobody tells.
    pub price: Option<Price>,
    /// What it costs in a batch, which is answered later, where that is another price.
    pub batch: Option<Price>,
    /// Prices that hold for a time, the latest to begin first.
    pub changes: Arc<[Change]>,
    /// The price of a picture by quality and size (`hd/1024x1792`), or size alone, where it depends on them.
    pub pictures: Arc<BTreeMap<String, UnitPrice>>,
    /// What it is for: `chat`, `embedding`, …
    pub mode: Option<Arc<str>>,
    /// What it can do: `tools`, `image_in`, …, in alphabetical order.
    pub caps: Arc<[String]>,
}

/// A price that holds for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// From when on.
    pub from: Option<Wall>,
    /// Until when, not included.
    pub until: Option<Wall>,
    /// What the model costs then.
    pub price: Option<Price>,
    /// What it costs in a batch then.
    pub batch: Option<Price>,
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

static EMBEDDED: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    let read = Catalog::parse([MODELS, SUPPLEMENT]);
    Arc::new(read.expect("the embedded catalogue is read whole by this crate's tests"))
});

impl Catalog {
    /// The catalogue that is built in.
    pub fn embedded() -> &'static Arc<Self> {
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
            catalog.read(text, &mut shared)?;
        }
        Ok(catalog)
    }

    /// This catalogue with a text over it: what a line says of a model replaces what was known of it, and a line with
    /// dates adds a price that holds for a time. Nothing is taken where a line cannot be read.
    pub fn with(&self, text: &str) -> Result<Self, NotACatalog> {
        let mut catalog = self.clone();
        catalog.read(text, &mut Shared::default())?;
        Ok(catalog)
    }

    fn read(&mut self, text: &str, shared: &mut Shared) -> Result<(), NotACatalog> {
        // Editors of some systems put a mark at the beginning.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.lines().map(str::trim).enumerate();
        for (at, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let told = |why: String| NotACatalog { line: at + 1, why };
            let line: Line<'_> = serde_json::from_str(line).map_err(|error| told(in_line(&error)))?;
            let (provider, model) = (line.provider.clone().into_owned(), line.model.clone().into_owned());
            if provider.is_empty() || model.is_empty() {
                return Err(told("`provider` and `model` must not be empty".to_owned()));
            }
            let read = line.read(shared).map_err(told)?;
            let models = self.providers.entry(provider).or_default();
            match (read.dated, models.get_mut(&model)) {
                (Some(change), Some(known)) => known.add(change),
                (Some(change), None) => {
                    let mut facts = read.facts;
                    facts.add(change);
                    models.insert(model, facts);
                    self.models += 1;
                }
                (None, known) => {
                    self.models += usize::from(known.is_none());
                    models.insert(model, read.facts);
                }
            }
        }
        Ok(())
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

/// What the reader says, without the place in the line's own text, which has but one line.
fn in_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((why, _)) if error.column() > 0 => format!("{why}, at column {}", error.column()),
        _ => text,
    }
}

impl ModelFacts {
    /// What it costs at a time, in a batch or not. `None` where that is not known.
    pub fn price_at(&self, now: Wall, in_batch: bool) -> Option<&Price> {
        let holds = |change: &&Change| {
            change.from.is_none_or(|from| from <= now) && change.until.is_none_or(|until| now < until)
        };
        let (price, batch) = match self.changes.iter().find(holds) {
            Some(change) => (&change.price, &change.batch),
            None => (&self.price, &self.batch),
        };
        batch.as_ref().filter(|_| in_batch).or(price.as_ref())
    }

    /// What a picture of that quality and size costs, where it depends on them.
    pub fn picture(&self, quality: &str, size: &str) -> Option<UnitPrice> {
        let known = |name: &str| self.pictures.get(name).copied();
        known(&format!("{quality}/{size}")).or_else(|| known(size))
    }

    /// Whether it is billed by a measure, so that the counts of it matter.
    pub fn is_billed_by(&self, measure: Measure) -> bool {
        let prices = self
            .price
            .iter()
            .chain(self.changes.iter().filter_map(|change| change.price.as_ref()));
        prices.into_iter().any(|price| price.unit(measure) != UnitPrice::FREE)
    }

    /// Of two that hold at once, the one that began later counts; of two that began together, the one said later.
    fn add(&mut self, change: Change) {
        let mut changes = self.changes.to_vec();
        let at = changes.partition_point(|known| known.from > change.from);
        changes.insert(at, change);
        self.changes = changes.into();
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
        assert_eq!(catalog.len(), Catalog::embedded().len());
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
}
