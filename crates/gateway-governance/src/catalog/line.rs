//! One line of a catalogue: a model at a provider, in JSON.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use gateway_types::{Measure, TokenClass, UnitPrice, Wall};
use serde::Deserialize;

use super::{Change, ModelFacts};
use crate::price::{Price, Tier};
use crate::prices::Said;

/// Decimal numbers of dollars by what they are for, in quotes so that nothing rounds them on the way.
type Dollars = BTreeMap<String, String>;

/// The words for classes of tokens.
const CLASSES: [(&str, TokenClass); TokenClass::ALL.len()] = [
    ("in", TokenClass::Input),
    ("cache_read", TokenClass::CacheRead),
    ("audio_cache_read", TokenClass::CacheReadAudio),
    ("cache_write", TokenClass::CacheWrite),
    ("cache_write_1h", TokenClass::CacheWriteHour),
    ("audio_in", TokenClass::InputAudio),
    ("image_in", TokenClass::InputImage),
    ("out", TokenClass::Output),
    ("reasoning_out", TokenClass::Reasoning),
    ("audio_out", TokenClass::OutputAudio),
    ("image_out", TokenClass::OutputImage),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    pub(super) provider: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) model: Cow<'a, str>,
    #[serde(borrow)]
    mode: Option<Cow<'a, str>>,
    context: Option<u64>,
    max_output: Option<u64>,
    /// From when on the line's prices hold: a day, or a time in RFC 3339. A line with one of the two says only prices.
    #[serde(borrow)]
    from: Option<Cow<'a, str>>,
    /// Until when they hold, not included.
    #[serde(borrow)]
    until: Option<Cow<'a, str>>,
    /// Per million tokens, by class.
    #[serde(default)]
    price: Dollars,
    /// The same for prompts above a length.
    #[serde(default)]
    above: Vec<Above>,
    /// Per unit, by measure.
    #[serde(default)]
    per: Dollars,
    /// Per picture, by quality and size.
    #[serde(default)]
    pictures: Dollars,
    /// Per million tokens in a batch, by class.
    batch: Option<Dollars>,
    #[serde(default)]
    caps: Vec<String>,
}

/// The provider and the model of a line that begins with the two, in this order and without an escape, as every line does
/// that is embedded: found without reading the rest.
pub(super) fn names(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix(r#"{"provider":""#)?;
    let (provider, rest) = rest.split_once('"')?;
    let (model, _) = rest.strip_prefix(r#","model":""#)?.split_once('"')?;
    let is_plain = |name: &str| !name.is_empty() && !name.contains('\\');
    (is_plain(provider) && is_plain(model)).then_some((provider, model))
}

/// Unknown words are refused when the prices are read.
#[derive(Deserialize)]
struct Above {
    tokens: u64,
    #[serde(flatten)]
    price: Dollars,
}

/// What a line says: of a model, or of its price for a time.
pub(super) struct Read {
    pub(super) facts: ModelFacts,
    pub(super) dated: Option<Change>,
}

impl Line<'_> {
    pub(super) fn read(self, shared: &mut Shared) -> Result<Read, String> {
        let (from, until) = (
            time("from", self.from.as_deref())?,
            time("until", self.until.as_deref())?,
        );
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            return Err("`until` must be after `from`".to_owned());
        }
        let dated = from.is_some() || until.is_some();
        let usual = said("price", &self.price)?;
        let (price, batch) = (self.price(&usual)?, self.batch(&usual)?);
        if dated && price.is_none() {
            return Err("a line with `from` or `until` must have a `price`, or a price `per` unit".to_owned());
        }
        let mut facts = ModelFacts {
            context: self.context,
            max_output: self.max_output,
            price,
            batch,
            changes: shared.no_changes(),
            pictures: shared.pictures(per_unit("pictures", &self.pictures)?),
            mode: self.mode.as_deref().map(|mode| shared.word(mode)),
            caps: shared.list(self.caps),
        };
        let dated = dated.then(|| Change {
            from,
            until,
            price: facts.price.take(),
            batch: facts.batch.take(),
        });
        Ok(Read { facts, dated })
    }

    fn price(&self, usual: &Said) -> Result<Option<Price>, String> {
        let known = |word: &str| Measure::ALL.into_iter().find(|measure| measure.as_str() == word);
        let mut units = Vec::new();
        for (word, price) in per_unit("per", &self.per)? {
            let measure = known(&word).ok_or_else(|| {
                let words = Measure::ALL.map(Measure::as_str).join("`, `");
                format!("`per.{word}` is no measure; known are `{words}`")
            })?;
            units.push((measure, price));
        }
        let mut tiers = Vec::new();
        for tier in &self.above {
            let rates = said("above", &tier.price)?.over(usual).rates();
            tiers.push(Tier {
                above: tier.tokens,
                rates,
            });
        }
        if usual.of(TokenClass::Input).is_none() && usual.of(TokenClass::Output).is_none() && units.is_empty() {
            return Ok(None);
        }
        let price = Price::flat(usual.rates()).with_tiers(tiers);
        let priced = |price: Price, (measure, each)| price.with_unit(measure, each);
        Ok(Some(units.into_iter().fold(price, priced)))
    }

    fn batch(&self, usual: &Said) -> Result<Option<Price>, String> {
        let Some(batch) = &self.batch else { return Ok(None) };
        Ok(Some(Price::flat(said("batch", batch)?.over(usual).rates())))
    }
}

/// Prices per million tokens.
fn said(field: &str, prices: &Dollars) -> Result<Said, String> {
    let mut said = Said::default();
    for (word, text) in prices {
        let class = CLASSES.iter().find(|(known, _)| known == word);
        let Some((_, class)) = class else {
            let words = CLASSES.map(|(word, _)| word).join("`, `");
            return Err(format!("`{field}.{word}` is no class of tokens; known are `{words}`"));
        };
        let price = UnitPrice::per_million(text).ok_or_else(|| no_price(field, word, text))?;
        said.say(*class, price);
    }
    Ok(said)
}

fn per_unit(field: &str, prices: &Dollars) -> Result<BTreeMap<String, UnitPrice>, String> {
    let read = |(word, text): (&String, &String)| {
        let price = UnitPrice::per_unit(text).ok_or_else(|| no_price(field, word, text))?;
        Ok((word.clone(), price))
    };
    prices.iter().map(read).collect()
}

fn no_price(field: &str, word: &str, text: &str) -> String {
    format!("`{field}.{word}`: `{text}` is no price; write dollars as a decimal that is 0 or more")
}

fn time(field: &str, text: Option<&str>) -> Result<Option<Wall>, String> {
    text.map(|text| crate::prices::time(field, text)).transpose()
}

/// Lists and words that thousands of models have in common.
#[derive(Debug, Default)]
pub(super) struct Shared {
    words: HashSet<Arc<str>>,
    lists: HashMap<String, Arc<[String]>>,
    no_pictures: Arc<BTreeMap<String, UnitPrice>>,
    no_changes: Option<Arc<[Change]>>,
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

    fn list(&mut self, list: Vec<String>) -> Arc<[String]> {
        let known = self.lists.entry(list.join(" ")).or_insert_with(|| list.into());
        Arc::clone(known)
    }

    fn pictures(&self, pictures: BTreeMap<String, UnitPrice>) -> Arc<BTreeMap<String, UnitPrice>> {
        match pictures.is_empty() {
            true => Arc::clone(&self.no_pictures),
            false => Arc::new(pictures),
        }
    }

    fn no_changes(&mut self) -> Arc<[Change]> {
        Arc::clone(self.no_changes.get_or_insert_with(|| Arc::from([])))
    }
}
