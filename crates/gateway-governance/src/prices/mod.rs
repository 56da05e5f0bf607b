//! What a model costs at a provider, and who says so: the catalogue, an operator's overrides, and the rule for models that
//! nobody has a price for.
//!
//! Of several overrides that fit a call, one counts, by the first difference in this order: an entry of the provider's own
//! list, one that names the provider, one for all providers; there an exact name, a wildcard with more letters, a wildcard
//! with fewer, a regular expression; then one for certain requests before one for all; then the one that began later; then the
//! one whose id comes first. It replaces the catalogue's price as a whole.

pub mod fields;
mod overrides;
mod said;

use std::sync::Arc;

use gateway_types::{Error, ErrorKind, ModelName, Operation, ProviderName, Wall};

use crate::catalog::{Catalog, ModelFacts};
use crate::price::{Price, PricedBy, Pricing, Quote};
use crate::settings::{PricingOverride, UnknownPrice};
use overrides::{Compiled, Origin};
pub(crate) use said::Said;

/// Everything that is known of prices.
#[derive(Clone, Debug)]
pub struct PriceBook {
    catalog: Arc<Catalog>,
    /// The first that fits counts.
    overrides: Arc<[Compiled]>,
    unknown: Unknown,
}

/// The rule for models without a price.
#[derive(Clone, Debug)]
enum Unknown {
    RefuseUnderBudget,
    Free,
    Refuse,
    Charge(Price),
}

/// What the price is wanted of.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The provider.
    pub provider: &'a ProviderName,
    /// Its name in the catalogue.
    pub kind: &'a str,
    /// The model, as it is asked for.
    pub model: &'a str,
    /// The upstream's own name for it, where that is another.
    pub own_name: Option<&'a str>,
    /// What is to be done.
    pub operation: Operation,
    /// Whether it is one of a batch.
    pub in_batch: bool,
    /// Whether the provider costs nothing unless an override says otherwise: an operator's own machine.
    pub free: bool,
}

/// What may set the price of a model at a provider: overrides by name, and what the catalogue has. Of use with the book that
/// it is from.
#[derive(Clone, Debug)]
pub struct Tariff {
    /// Their places in the book, the first that holds counts.
    overrides: Vec<usize>,
    free: bool,
    facts: Option<Arc<ModelFacts>>,
}

impl Tariff {
    /// What is known of the model.
    pub fn facts(&self) -> Option<&ModelFacts> {
        self.facts.as_deref()
    }
}

impl Default for PriceBook {
    fn default() -> Self {
        Self {
            catalog: Arc::clone(Catalog::embedded()),
            overrides: Arc::from([]),
            unknown: Unknown::RefuseUnderBudget,
        }
    }
}

impl PriceBook {
    /// Compiles overrides, those of all providers and those in providers' own lists, over a catalogue. What is wrong is told
    /// with its field.
    pub fn compile<'a>(
        catalog: Arc<Catalog>,
        overrides: impl IntoIterator<Item = &'a PricingOverride>,
        own: impl IntoIterator<Item = (&'a ProviderName, &'a [PricingOverride])>,
        unknown: &UnknownPrice,
    ) -> Result<Self, String> {
        let mut compiled = Vec::new();
        for one in overrides {
            if one.id.is_empty() {
                return Err(format!(
                    "the pricing override for `{}`: `id` is missing",
                    one.model_pattern
                ));
            }
            let read = Compiled::new(one, Origin::of(one.provider.as_ref()));
            compiled.push(read.map_err(|why| format!("pricing override `{}`: {why}", one.id))?);
        }
        for (provider, list) in own {
            for (at, one) in list.iter().enumerate() {
                let mut read = Compiled::new(one, Origin::Own(provider.clone()));
                if let (Ok(read), true) = (&mut read, one.id.is_empty()) {
                    // The places sort as their numbers do.
                    read.id = format!("{provider}/{at:03}").into();
                }
                compiled.push(read.map_err(|why| format!("providers.{provider}.pricing_overrides[{at}]: {why}"))?);
            }
        }
        compiled.sort_by(Compiled::precedence);
        Ok(Self {
            catalog,
            overrides: compiled.into(),
            unknown: Unknown::new(unknown).map_err(|why| format!("client.unknown_price: {why}"))?,
        })
    }

    /// The same over another catalogue.
    #[must_use]
    pub fn over(&self, catalog: Arc<Catalog>) -> Self {
        Self {
            catalog,
            ..self.clone()
        }
    }

    /// The catalogue.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// What is known of a model.
    pub fn facts(&self, kind: &str, model: &str, own_name: Option<&str>) -> Option<&ModelFacts> {
        self.found(kind, model, own_name).map(|facts| &**facts)
    }

    fn found(&self, kind: &str, model: &str, own_name: Option<&str>) -> Option<&Arc<ModelFacts>> {
        let find = |model: &str| self.catalog.find(kind, model);
        find(model).or_else(|| find(own_name?))
    }

    /// What calls of a model cost, whatever they are and whenever they come: found once, and asked for each of them.
    pub fn tariff(&self, wanted: &Wanted<'_>) -> Tariff {
        let fits = |(_, own): &(usize, &Compiled)| own.is_for(wanted);
        let overrides = self.overrides.iter().enumerate().filter(fits);
        Tariff {
            overrides: overrides.map(|(at, _)| at).collect(),
            free: wanted.free,
            facts: self.found(wanted.kind, wanted.model, wanted.own_name).cloned(),
        }
    }

    /// What a call costs by a tariff of this book, and who says so.
    pub fn quote_by(&self, tariff: &Tariff, operation: Operation, in_batch: bool, now: Wall) -> Quote {
        let overrides = tariff.overrides.iter().filter_map(|at| self.overrides.get(*at));
        if let Some(own) = overrides.into_iter().find(|own| own.holds(operation, now)) {
            return Quote {
                pricing: known(own.price(in_batch).clone()),
                by: PricedBy::Override(Arc::clone(&own.id)),
            };
        }
        if tariff.free {
            return Pricing::Free.into();
        }
        let facts = tariff.facts.as_ref();
        match facts.and_then(|facts| facts.price_at(now, in_batch)) {
            Some(price) => Pricing::Known(price.clone()).into(),
            None => self.unknown.quote(),
        }
    }

    /// What a call costs, and who says so.
    pub fn quote(&self, wanted: &Wanted<'_>, now: Wall) -> Quote {
        self.quote_by(&self.tariff(wanted), wanted.operation, wanted.in_batch, now)
    }

    /// Whether a model that nobody has a price for may be called at all.
    pub fn check(&self, quote: &Quote, provider: &ProviderName, model: &ModelName) -> Result<(), Error> {
        match (&quote.pricing, &self.unknown) {
            (Pricing::Unknown, Unknown::Refuse) => {
                let message = format!(
                    "the price of model `{model}` at provider `{provider}` is not known, and such models are refused \
                     (`client.unknown_price`); give the model a price with a pricing override, or use one that has one"
                );
                Err(Error::new(ErrorKind::PriceUnknown, message))
            }
            _ => Ok(()),
        }
    }
}

impl Unknown {
    fn new(said: &UnknownPrice) -> Result<Self, String> {
        Ok(match said {
            UnknownPrice::RefuseUnderBudget => Self::RefuseUnderBudget,
            UnknownPrice::Free => Self::Free,
            UnknownPrice::Refuse => Self::Refuse,
            UnknownPrice::Charge(prices) => Self::Charge(fields::price(prices)?.0),
        })
    }

    fn quote(&self) -> Quote {
        let pricing = match self {
            Self::RefuseUnderBudget | Self::Refuse => Pricing::Unknown,
            // That nobody knows it is told by `PricedBy::Unknown`.
            Self::Free => Pricing::Free,
            Self::Charge(price) => known(price.clone()),
        };
        Quote {
            pricing,
            by: PricedBy::Unknown,
        }
    }
}

/// A price of nothing is no price to hold money for.
fn known(price: Price) -> Pricing {
    match price.is_free() {
        true => Pricing::Free,
        false => Pricing::Known(price),
    }
}

/// A day, which begins in UTC, or a time in RFC 3339.
pub(crate) fn time(field: &str, text: &str) -> Result<Wall, String> {
    let day = || Wall::parse_rfc3339(&format!("{text}T00:00:00Z"));
    Wall::parse_rfc3339(text)
        .or_else(day)
        .ok_or_else(|| format!("`{field}` must be a day (2026-01-31) or a time in RFC 3339, not `{text}`"))
}

#[cfg(test)]
mod published;
#[cfg(test)]
mod tests;
