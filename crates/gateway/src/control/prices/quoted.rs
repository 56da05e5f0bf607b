//! What a model costs, as answers show it.

use std::collections::BTreeMap;

use gateway_governance::catalog::{Change, ModelFacts};
use gateway_governance::price::{Price, PricedBy, Pricing, Quote};
use gateway_governance::prices::{PriceBook, Wanted};
use gateway_types::{Measure, ModelName, Operation, ProviderName, TokenClass, Wall};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// Where prices are from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Catalogue")]
pub struct CatalogueView {
    /// How many models are known.
    pub models: usize,
    /// The file that stands over the embedded catalogue.
    pub file: Option<String>,
    /// When what is in force was taken from it, in RFC 3339.
    pub taken_at: Option<String>,
    /// Why what it holds now was not taken.
    pub error: Option<String>,
}

/// A page of prices.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PriceList {
    /// The page.
    pub prices: Vec<ModelPrice>,
    /// How many are on this page.
    pub count: usize,
    /// How many there are in all.
    pub total_count: usize,
    /// The most that a page was to hold.
    pub limit: usize,
    /// How many were skipped before.
    pub offset: usize,
    /// Where prices are from.
    pub catalogue: CatalogueView,
}

/// A price as it is, and as an override would make it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PricePreview {
    /// As it is.
    pub now: ModelPrice,
    /// As it would be.
    pub then: ModelPrice,
}

/// Dollars by the names of token classes, or of other measures.
pub type Dollars = BTreeMap<String, f64>;

/// What a model costs at a provider now, and who says so.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ModelPrice {
    /// The provider.
    pub provider: ProviderName,
    /// The model.
    pub model: ModelName,
    /// What it is for (`chat`, `embedding`, …), where that is known.
    pub mode: Option<String>,
    /// Who says what it costs.
    pub priced_by: PricedBy,
    /// Whether a price is known.
    pub status: PriceStatus,
    /// Dollars per million tokens, by class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_million_tokens: Option<Dollars>,
    /// Other prices for longer prompts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above: Option<Vec<PriceAbove>>,
    /// Dollars per unit of other measures: a picture, a second, a search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_unit: Option<Dollars>,
    /// Dollars per million tokens in a batch, where that is another price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_per_million_tokens: Option<Dollars>,
    /// Dollars per picture by quality and size, where it depends on them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_picture: Option<Dollars>,
    /// Prices of the catalogue that hold for a time, the latest to begin first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<PriceChange>,
}

/// Whether a price is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceStatus {
    /// It costs nothing.
    Free,
    /// It is.
    Known,
    /// It is not.
    Unknown,
}

/// The price for longer prompts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PriceAbove {
    /// Holds for prompts of more tokens than that.
    pub tokens: u64,
    /// Dollars per million tokens, by class.
    pub per_million_tokens: Dollars,
}

/// A price of the catalogue that holds for a time.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PriceChange {
    /// From when on, in RFC 3339.
    pub from: Option<String>,
    /// Until when, not included.
    pub until: Option<String>,
    /// Dollars per million tokens, by class; nothing where it is not known.
    pub per_million_tokens: Option<Dollars>,
}

/// Whose price is wanted where the model is known from the catalogue alone.
pub(in crate::control) fn in_catalogue<'a>(
    provider: &'a ProviderName,
    kind: &'a str,
    model: &'a ModelName,
) -> Wanted<'a> {
    Wanted {
        provider,
        kind,
        model: model.as_str(),
        own_name: None,
        operation: Operation::Chat,
        in_batch: false,
        free: false,
    }
}

/// What a model costs now by that book. The operation follows from what the model is for.
pub(in crate::control) fn of(
    book: &PriceBook,
    asked: &Wanted<'_>,
    facts: Option<&ModelFacts>,
    now: Wall,
) -> ModelPrice {
    let mode = facts.and_then(|facts| facts.mode.as_deref());
    let mut asked = *asked;
    asked.operation = operation(mode);
    let quote = book.quote(&asked, now);
    asked.in_batch = true;
    let in_batch = book.quote(&asked, now);
    let by_catalogue = facts.filter(|_| quote.by == PricedBy::Catalogue);
    let pictures = by_catalogue
        .map(|facts| &facts.pictures)
        .filter(|pictures| !pictures.is_empty());
    let picture = |(name, price): (&String, &gateway_types::UnitPrice)| (name.clone(), dollars(price.0, 1e12));
    let known = match &quote.pricing {
        Pricing::Known(price) => Some(price),
        _ => None,
    };
    let above = |price: &Price| {
        let tier = |above: u64| PriceAbove {
            tokens: above,
            per_million_tokens: rates(price, above + 1),
        };
        price.tiers().iter().map(|each| tier(each.above)).collect()
    };
    ModelPrice {
        provider: asked.provider.clone(),
        model: ModelName::from(asked.model),
        mode: mode.map(str::to_owned),
        status: status(&quote),
        per_million_tokens: known.map(|price| rates(price, 0)),
        above: known.map(above),
        per_unit: known.map(units),
        batch_per_million_tokens: match &in_batch.pricing {
            Pricing::Known(price) if in_batch != quote => Some(rates(price, 0)),
            _ => None,
        },
        per_picture: pictures.map(|pictures| pictures.iter().map(picture).collect()),
        changes: by_catalogue.map_or_else(Vec::new, |facts| facts.changes.iter().map(change).collect()),
        priced_by: quote.by,
    }
}

/// Dollars per million tokens of one class, without all the rest: what a long list is put in order by.
pub(in crate::control) fn rate(
    book: &PriceBook,
    asked: &Wanted<'_>,
    mode: Option<&str>,
    now: Wall,
    class: TokenClass,
) -> Option<f64> {
    let asked = Wanted {
        operation: operation(mode),
        ..*asked
    };
    match book.quote(&asked, now).pricing {
        Pricing::Free => Some(0.0),
        Pricing::Known(price) => Some(dollars(price.rates(0).of(class).0, 1e6)),
        Pricing::Unknown => None,
    }
}

fn change(change: &Change) -> PriceChange {
    PriceChange {
        from: change.from.map(Wall::rfc3339),
        until: change.until.map(Wall::rfc3339),
        per_million_tokens: change.price.as_ref().map(|price| rates(price, 0)),
    }
}

fn status(quote: &Quote) -> PriceStatus {
    match quote.pricing {
        Pricing::Free => PriceStatus::Free,
        Pricing::Known(_) => PriceStatus::Known,
        Pricing::Unknown => PriceStatus::Unknown,
    }
}

/// What a model of the catalogue is asked for, so that overrides for certain requests are found.
fn operation(mode: Option<&str>) -> Operation {
    match mode {
        Some("embedding") => Operation::Embeddings,
        Some("rerank") => Operation::Rerank,
        Some("moderation") => Operation::Moderations,
        Some("audio_speech") => Operation::Speech,
        Some("audio_transcription") => Operation::Transcription,
        Some("image_generation") => Operation::ImageGeneration,
        Some("image_edit") => Operation::ImageEdit,
        Some("completion") => Operation::Completions,
        Some("responses") => Operation::Responses,
        _ => Operation::Chat,
    }
}

/// The rates for a prompt of that length, by class, in dollars per million tokens; those of nothing left out.
pub(crate) fn rates(price: &Price, prompt: u64) -> Dollars {
    let rates = price.rates(prompt);
    let each = |class: TokenClass| (word(&json!(class)), rates.of(class).0);
    let said = TokenClass::ALL.into_iter().map(each).filter(|(_, rate)| *rate > 0);
    said.map(|(class, rate)| (class, dollars(rate, 1e6))).collect()
}

/// The prices per unit, by measure, in dollars.
fn units(price: &Price) -> Dollars {
    let each = |measure: Measure| (measure.as_str().to_owned(), price.unit(measure).0);
    let said = Measure::ALL.into_iter().map(each).filter(|(_, price)| *price > 0);
    said.map(|(measure, price)| (measure, dollars(price, 1e12))).collect()
}

fn dollars(picos: i64, unit: f64) -> f64 {
    picos as f64 / unit
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
