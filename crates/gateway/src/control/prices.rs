//! Prices: what models cost here and who says so, overrides through the management API, and the catalogue's file.

pub(in crate::control) mod quoted;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_governance::catalog::{Catalog, NotACatalog};
use gateway_governance::prices::{PriceBook, fields};
use gateway_governance::settings::PricingOverride;
use gateway_types::{ModelName, Operation, ProviderName, Wall};
use serde_json::{Map, Value, json};

use super::answers::Plainly;
use super::documents::Document;
use super::foreign::{Foreign, PRICES, at};
use super::snapshot::Snapshot;
use super::state::{Docs, State};
use super::upstream::Upstream;
use super::{Control, ControlError, Shared};
use crate::line::place::wanted;
use crate::settings::Client;
pub use quoted::{CatalogueView, Dollars, ModelPrice, PriceAbove, PriceChange, PriceList, PricePreview, PriceStatus};
use quoted::{in_catalogue, of};

/// What is known of the file that stands over the embedded catalogue.
#[derive(Clone, Debug, Default)]
pub(super) struct CatalogueFile {
    path: Option<PathBuf>,
    /// When what is in force was taken.
    taken: Option<Wall>,
    /// Why what it holds now was not.
    error: Option<String>,
}

/// Which prices are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct WantedPrices<'a> {
    /// Of that provider alone.
    pub provider: Option<&'a str>,
    /// Of that model alone, whether anybody is known to serve it or not.
    pub model: Option<&'a str>,
    /// The most of them.
    pub limit: usize,
    /// How many are skipped before.
    pub offset: usize,
}

/// The price book that follows from the settings.
pub(super) fn compile(docs: &Docs, client: &Client, catalog: Arc<Catalog>) -> Result<PriceBook, ControlError> {
    let own = docs.providers.iter();
    let own = own.map(|(name, provider)| (name, &*provider.pricing_overrides));
    let overrides = docs.plain.pricing_overrides.values();
    PriceBook::compile(catalog, overrides, own, &client.unknown_price).map_err(ControlError::Invalid)
}

/// Takes the reference's prices out that nothing here is billed by, noting them.
pub(super) fn take_out_inert(one: &mut Value, path: &str, warnings: &mut Vec<String>) {
    let Value::Object(fields) = one else { return };
    fields.retain(|field, value| {
        let inert = fields::is_inert(field);
        if inert && !value.is_null() {
            warnings.push(format!("`{}` is known but not acted on", at(path, field)));
        }
        !inert
    });
}

impl Document for PricingOverride {
    const ONE: &'static str = "pricing_override";
    const MANY: &'static str = "pricing_overrides";
    const FILTERS: &'static [&'static str] = &["provider", "model_pattern", "match_type"];
    type View = Plainly<Self>;
    const FOREIGN: &'static Foreign = &PRICES;

    fn read(fields: &mut Map<String, Value>, path: &str, warnings: &mut Vec<String>) -> Result<(), ControlError> {
        Self::FOREIGN.take_out(fields, path, warnings);
        let mut whole = Value::Object(std::mem::take(fields));
        take_out_inert(&mut whole, path, warnings);
        if let Value::Object(rest) = whole {
            *fields = rest;
        }
        Ok(())
    }

    fn shown(&self, _: &Shared, origin: String) -> Plainly<Self> {
        Plainly {
            said: self.clone(),
            origin,
            warnings: Vec::new(),
        }
    }

    fn searched(&self) -> Vec<&str> {
        let provider = self.provider.as_ref().map_or("", |provider| provider.as_str());
        vec![
            &self.id,
            self.name.as_deref().unwrap_or_default(),
            &self.model_pattern,
            provider,
        ]
    }
}

impl Control {
    /// Puts a catalogue's text over the embedded one, whole or not at all. Gives the number of models that are known then.
    pub async fn take_catalogue(&self, path: &Path, text: &str) -> Result<usize, NotACatalog> {
        let catalog = Arc::new(Catalog::embedded().with(text)?);
        let models = catalog.len();
        let shared = &self.shared;
        let _writing = shared.writing.lock().await;
        let before = shared.snapshot.load_full();
        shared.snapshot.store(Arc::new(Snapshot {
            prices: Arc::new(before.prices.over(catalog)),
            ..Snapshot::clone(&before)
        }));
        let taken = Some(shared.clock.now().wall);
        self.note(|file| {
            *file = CatalogueFile {
                path: Some(path.to_owned()),
                taken,
                error: None,
            };
        });
        Ok(models)
    }

    /// Notes that what the catalogue's file holds now was refused; what was in force stays. Shown in `/readyz` and
    /// `/api/config`.
    pub fn refuse_catalogue(&self, path: &Path, error: &str) {
        self.note(|file| {
            file.path = Some(path.to_owned());
            file.error = Some(error.to_owned());
        });
    }

    fn note(&self, note: impl Fn(&mut CatalogueFile)) {
        self.shared.state.rcu(|state| {
            let mut next = State::clone(state);
            note(&mut next.catalogue);
            next
        });
    }

    /// What is wrong with the catalogue's file now, if anything.
    pub fn catalogue_error(&self) -> Option<String> {
        let state = self.shared.state.load();
        let CatalogueFile { path, error, .. } = &state.catalogue;
        let path = path.as_ref()?.display();
        error.as_ref().map(|error| format!("{path}: {error}"))
    }

    /// The file that stands over the embedded catalogue, where there is one.
    pub fn catalogue_path(&self) -> Option<PathBuf> {
        self.shared.state.load().catalogue.path.clone()
    }

    /// Where prices are from.
    pub fn catalogue(&self) -> CatalogueView {
        let state = self.shared.state.load();
        let CatalogueFile { path, taken, error } = &state.catalogue;
        CatalogueView {
            models: self.shared.snapshot.load().prices.catalog().len(),
            file: path.as_ref().map(|path| path.display().to_string()),
            taken_at: taken.map(Wall::rfc3339),
            error: error.clone(),
        }
    }

    /// `GET /api/models/prices`: what models cost here now, per million tokens and per unit, and who says so.
    pub fn prices(&self, asked: &WantedPrices<'_>) -> PriceList {
        let snapshot = self.shared.snapshot.load();
        let now = self.shared.clock.now().wall;
        let upstreams = snapshot.upstreams.values();
        let upstreams = upstreams.filter(|upstream| asked.provider.is_none_or(|name| upstream.name.as_str() == name));
        let mut rows: Vec<(&Upstream, ModelName)> = Vec::new();
        for upstream in upstreams {
            match asked.model {
                Some(model) => rows.push((upstream, ModelName::from(model))),
                None => rows.extend(
                    snapshot
                        .known_models(upstream)
                        .into_iter()
                        .map(|model| (&**upstream, model)),
                ),
            }
        }
        let page = rows.iter().skip(asked.offset).take(asked.limit);
        let price = |(upstream, model): &(&Upstream, ModelName)| {
            let facts = crate::line::place::facts(&snapshot, upstream, model);
            of(&snapshot.prices, &wanted(upstream, model, Operation::Chat), facts, now)
        };
        let prices: Vec<ModelPrice> = page.map(price).collect();
        PriceList {
            count: prices.len(),
            prices,
            total_count: rows.len(),
            limit: asked.limit,
            offset: asked.offset,
            catalogue: self.catalogue(),
        }
    }

    /// `POST /api/models/prices/preview`: what a model costs now, and what it would cost were an override saved.
    pub fn preview_price(&self, provider: &str, model: &str, body: Value) -> Result<PricePreview, ControlError> {
        let mut fields = super::read::object(body, "override")?;
        <PricingOverride as Document>::read(&mut fields, "override", &mut Vec::new())?;
        fields.entry("id").or_insert_with(|| json!("preview"));
        let one: PricingOverride = super::read::typed(Value::Object(fields), "override")?;
        let (state, snapshot) = (self.shared.state.load(), self.shared.snapshot.load());
        let mut docs = state.effective();
        docs.plain.pricing_overrides.insert(one.id.clone(), one);
        let client = docs.client.clone().unwrap_or_default();
        let book = compile(&docs, &client, Arc::clone(snapshot.prices.catalog()))?;
        let now = self.shared.clock.now().wall;
        let (name, model) = (ProviderName::from(provider), ModelName::from(model));
        let upstream = snapshot.upstreams.get(&name);
        let facts = match upstream {
            Some(upstream) => crate::line::place::facts(&snapshot, upstream, &model),
            None => book.facts(provider, model.as_str(), None),
        };
        let asked = match upstream {
            Some(upstream) => wanted(upstream, &model, Operation::Chat),
            None => in_catalogue(&name, provider, &model),
        };
        Ok(PricePreview {
            now: of(&snapshot.prices, &asked, facts, now),
            then: of(&book, &asked, facts, now),
        })
    }
}
