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

    /// Every model at every provider, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &ModelFacts)> {
        self.providers.iter().flat_map(|(provider, models)| {
            let of_provider = move |(model, facts)| (provider.as_str(), String::as_str(model), facts);
            models.iter().map(of_provider)
        })
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
mod tests;
