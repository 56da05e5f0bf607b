//! What is known of models before anybody is asked: prices, context lengths, limits of output.
//!
//! A catalogue is embedded. `catalog/models.jsonl` is made by `cargo xtask catalog` and not edited by hand;
//! `catalog/supplement.jsonl` is the project's own, and wins. An operator's file in the same form can stand over both
//! ([`Catalog::with`]).

mod line;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use gateway_types::{Measure, UnitPrice, Wall};

use crate::price::Price;
use line::{Line, Read, Shared};

/// Facts of models, by the provider's name in the catalogue.
#[derive(Clone, Debug)]
pub struct Catalog {
    providers: HashMap<Cow<'static, str>, Models>,
    models: usize,
    shared: Arc<Mutex<Shared>>,
}

/// The models of a provider, by name.
type Models = BTreeMap<Cow<'static, str>, Known>;

/// What there is of a model: its facts, or the lines of the embedded catalogue that they are read from when they are asked
/// for. Few of its thousands of models ever are.
#[derive(Clone, Debug, Default)]
struct Known {
    lines: Vec<&'static str>,
    facts: OnceLock<Arc<ModelFacts>>,
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

static EMBEDDED: LazyLock<Arc<Catalog>> = LazyLock::new(|| Arc::new(Catalog::of_lines([MODELS, SUPPLEMENT])));

/// Why what is embedded can be read.
const READ_BY_TESTS: &str = "the embedded catalogue is read whole by this crate's tests";

impl Catalog {
    /// The catalogue that is built in.
    pub fn embedded() -> &'static Arc<Self> {
        &EMBEDDED
    }

    fn empty() -> Self {
        Self {
            providers: HashMap::new(),
            models: 0,
            shared: Arc::default(),
        }
    }

    /// A catalogue of texts whose lines need not be read before their models are asked for.
    fn of_lines(texts: impl IntoIterator<Item = &'static str>) -> Self {
        let mut catalog = Self::empty();
        for (_, line) in texts.into_iter().flat_map(lines) {
            let (provider, model) = line::names(line).expect(READ_BY_TESTS);
            catalog.known(provider, model).lines.push(line);
        }
        catalog
    }

    /// Reads catalogues of one model a line. Lines of later texts win; empty lines and `#` comments are skipped.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NotACatalog> {
        let mut catalog = Self::empty();
        for text in texts {
            catalog.read(text)?;
        }
        Ok(catalog)
    }

    /// This catalogue with a text over it: what a line says of a model replaces what was known of it, and a line with
    /// dates adds a price that holds for a time. Nothing is taken where a line cannot be read.
    pub fn with(&self, text: &str) -> Result<Self, NotACatalog> {
        let mut catalog = self.clone();
        catalog.read(text)?;
        Ok(catalog)
    }

    fn read(&mut self, text: &str) -> Result<(), NotACatalog> {
        let shared = Arc::clone(&self.shared);
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        for (at, line) in lines(text) {
            let told = |why: String| NotACatalog { line: at + 1, why };
            let line: Line<'_> = serde_json::from_str(line).map_err(|error| told(in_line(&error)))?;
            let (provider, model) = (line.provider.clone().into_owned(), line.model.clone().into_owned());
            if provider.is_empty() || model.is_empty() {
                return Err(told("`provider` and `model` must not be empty".to_owned()));
            }
            let read = line.read(&mut shared).map_err(told)?;
            let known = self.known(provider, model);
            known.facts = OnceLock::from(Arc::new(match known.is_new() {
                true => read.over(None),
                false => read.over(Some(known.facts(&mut shared))),
            }));
        }
        Ok(())
    }

    /// What there is of a model, which is nothing where it is new.
    fn known(&mut self, provider: impl Into<Cow<'static, str>>, model: impl Into<Cow<'static, str>>) -> &mut Known {
        let known = self.providers.entry(provider.into()).or_default();
        let known = known.entry(model.into()).or_default();
        self.models += usize::from(known.is_new());
        known
    }

    fn facts<'a>(&self, known: &'a Known) -> &'a Arc<ModelFacts> {
        match known.facts.get() {
            Some(facts) => facts,
            None => known.facts(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// The facts of a model. Where the very name is not there, a leading `{provider}/` or `models/` is dropped, and a
    /// date stands for its undated model, an undated or `latest` name for its latest dated one.
    pub fn find(&self, provider: &str, model: &str) -> Option<&Arc<ModelFacts>> {
        let models = self.providers.get(provider)?;
        let dated_or_not = |model: &str| {
            let undated = undated(model);
            models.get(undated).or_else(|| latest(models, undated))
        };
        let bare = [provider, "models"]
            .iter()
            .find_map(|prefix| model.strip_prefix(prefix)?.strip_prefix('/'));
        let mut names = [Some(model), bare].into_iter().flatten();
        let known = names.find_map(|model| models.get(model).or_else(|| dated_or_not(model)));
        known.map(|known| self.facts(known))
    }

    /// The models of a provider with their facts, in the order of their names.
    pub fn models_of(&self, provider: &str) -> impl Iterator<Item = (&str, &ModelFacts)> {
        self.providers
            .get(provider)
            .into_iter()
            .flatten()
            .map(|(model, known)| (&**model, &**self.facts(known)))
    }

    /// The names of the models of a provider, in order.
    pub fn names_of(&self, provider: &str) -> impl Iterator<Item = &str> {
        let models = self.providers.get(provider).into_iter().flatten();
        models.map(|(model, _)| &**model)
    }

    /// Every model at every provider, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &ModelFacts)> {
        let of_provider = |(provider, models)| std::iter::repeat(provider).zip(models);
        let all = self.providers.iter().flat_map(of_provider);
        all.map(|(provider, (model, known))| (&**provider, &**model, &**self.facts(known)))
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

impl Known {
    fn is_new(&self) -> bool {
        self.lines.is_empty() && self.facts.get().is_none()
    }

    fn facts(&self, shared: &mut Shared) -> &Arc<ModelFacts> {
        self.facts.get_or_init(|| {
            let read = |line: &&str| {
                let line: Line<'_> = serde_json::from_str(line).expect(READ_BY_TESTS);
                line.read(shared).expect(READ_BY_TESTS)
            };
            let mut facts = None;
            for read in self.lines.iter().map(read) {
                facts = Some(read.over(facts.as_ref()));
            }
            Arc::new(facts.expect("what is known has lines or facts"))
        })
    }
}

impl Read {
    /// What is known with this line: a line without dates replaces what was known before.
    fn over(self, known: Option<&ModelFacts>) -> ModelFacts {
        let Some(change) = self.dated else { return self.facts };
        let mut facts = known.cloned().unwrap_or(self.facts);
        facts.add(change);
        facts
    }
}

/// The lines of a text that say something, with their places.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    // Editors of some systems put a mark at the beginning.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().map(str::trim).enumerate();
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
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
    let mut ends = model.rmatch_indices(['-', '@', ':']);
    match ends.find(|(at, _)| named(&model[at + 1..])) {
        Some((at, _)) => &model[..at],
        None => model,
    }
}

/// `20241022` or `2024-10-22`.
fn is_date(text: &str) -> bool {
    let text = text.as_bytes();
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    match text.len() {
        8 => digits(text),
        10 => text[4] == b'-' && text[7] == b'-' && digits(&text[..4]) && digits(&text[5..7]) && digits(&text[8..]),
        _ => false,
    }
}

fn latest<'a>(models: &'a Models, undated: &str) -> Option<&'a Known> {
    let from = models.range::<str, _>((std::ops::Bound::Excluded(undated), std::ops::Bound::Unbounded));
    let variants = from.take_while(|(name, _)| name.starts_with(undated));
    variants
        .filter_map(|(name, known)| {
            let date = name[undated.len()..]
                .strip_prefix(['-', '@'])
                .filter(|date| is_date(date))?;
            Some((date.replace('-', ""), known))
        })
        .max_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests;
