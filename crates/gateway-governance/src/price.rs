//! What tokens, and units of other measures, cost. The function that bounds a call's cost before it is sent is the maximum of the one that bills it.

use std::sync::Arc;

use gateway_types::{Billable, Measure, NanoUsd, PicoUsd, TokenClass, UnitPrice, Units, Usage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::Amount;

/// The price of one model at one provider. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    list: Arc<List>,
    /// What the units of the call at hand can cost at most, beyond its one request.
    reserve: PicoUsd,
}

/// What is on a price list, for all calls.
#[derive(Clone, Debug, PartialEq, Eq)]
struct List {
    base: Rates,
    /// Rising thresholds.
    tiers: Vec<Tier>,
    /// By measure.
    units: [UnitPrice; Measure::ALL.len()],
}

/// A price per token of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates([UnitPrice; TokenClass::ALL.len()]);

/// Other rates for whole calls whose prompt passes a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The prompt's length in tokens, cached ones included, beyond which the rates hold.
    pub above: u64,
    /// The rates for all tokens of such a call.
    pub rates: Rates,
}

/// What a usage costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// Amount per class and measure, exactly. What was not used is left out, and so are measures without a price.
    pub amounts: Vec<Amount>,
    /// The sum, rounded once (half-even).
    pub total: NanoUsd,
}

/// What is known of a destination's price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pricing {
    /// It costs nothing: an operator's own machine.
    Free,
    /// It costs this.
    Known(Price),
    /// Nobody knows. Refused where a money budget is in scope; else allowed at cost 0 and marked.
    Unknown,
}

/// What a destination charges, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// What it charges.
    pub pricing: Pricing,
    /// Who says so.
    pub by: PricedBy,
}

/// Where a price is from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PricedBy {
    /// The catalogue.
    #[default]
    Catalogue,
    /// An override of that id.
    Override(Arc<str>),
    /// The setting for models without a price.
    Unknown,
    /// The provider's own answer.
    Provider,
}

impl From<Pricing> for Quote {
    fn from(pricing: Pricing) -> Self {
        Self {
            pricing,
            by: PricedBy::Catalogue,
        }
    }
}

impl Price {
    /// A price whose rates hold for prompts of any length.
    pub fn flat(rates: Rates) -> Self {
        Self {
            list: Arc::new(List {
                base: rates,
                tiers: Vec::new(),
                units: Default::default(),
            }),
            reserve: PicoUsd(0),
        }
    }

    /// The same with other rates above certain prompt lengths.
    #[must_use]
    pub fn with_tiers(mut self, mut tiers: Vec<Tier>) -> Self {
        tiers.sort_by_key(|tier| tier.above);
        Arc::make_mut(&mut self.list).tiers = tiers;
        self
    }

    /// The same with an amount that each request costs on top of its tokens.
    #[must_use]
    pub fn with_request(self, price: UnitPrice) -> Self {
        self.with_unit(Measure::Request, price)
    }

    /// The same with a price per unit of a measure.
    #[must_use]
    pub fn with_unit(mut self, measure: Measure, price: UnitPrice) -> Self {
        Arc::make_mut(&mut self.list).units[measure as usize] = price;
        self
    }

    /// The price of one unit of a measure.
    pub fn unit(&self, measure: Measure) -> UnitPrice {
        self.list.units[measure as usize]
    }

    /// The same for a call of at most these units, which [`Price::bound`] and [`Price::afford`] then take into account.
    #[must_use]
    pub fn for_units(mut self, at_most: &Units) -> Self {
        let requests = at_most.get(Measure::Request).saturating_sub(1);
        self.reserve = self.units_cost(&at_most.with(Measure::Request, requests));
        self
    }

    /// The same for a call whose answer can have that many tokens that no cap bounds, as those of pictures.
    #[must_use]
    pub fn with_uncapped_output(mut self, tokens: u64) -> Self {
        let (_, per_output) = self.dearest(u64::MAX);
        self.reserve = self.reserve + per_output.times(tokens);
        self
    }

    /// Whether nothing costs anything at it.
    pub fn is_free(&self) -> bool {
        let rates = std::iter::once(&self.list.base).chain(self.tiers().iter().map(|tier| &tier.rates));
        let mut all = rates.flat_map(|rates| rates.0).chain(self.list.units);
        all.all(|price| price == UnitPrice::FREE)
    }

    /// The rates for a prompt of that many tokens.
    pub fn rates(&self, prompt: u64) -> &Rates {
        self.tiers()
            .iter()
            .rev()
            .find(|tier| prompt > tier.above)
            .map_or(&self.list.base, |tier| &tier.rates)
    }

    /// What a usage costs.
    pub fn bill(&self, usage: &Usage) -> Bill {
        let rates = self.rates(usage.input_total());
        let tokens = TokenClass::ALL
            .into_iter()
            .filter(|class| usage.of(*class) > 0)
            .map(|class| amount(class.into(), usage.of(class), rates.of(class), 1));
        let units = Measure::ALL
            .into_iter()
            .filter(|measure| self.unit(*measure) != UnitPrice::FREE && used(&usage.units, *measure) > 0)
            .map(|measure| {
                let count = used(&usage.units, measure);
                amount(measure.into(), count, self.unit(measure), measure.parts())
            });
        let amounts: Vec<Amount> = tokens.chain(units).collect();
        let sum: PicoUsd = amounts.iter().map(|line| line.amount).sum();
        Bill {
            amounts,
            total: sum.to_nano(),
        }
    }

    /// The most that a call can cost whose prompt has at most `input` tokens and each of whose `choices` answers has at
    /// most `cap`, rounded up.
    ///
    /// Before a call it is not known which part of its prompt a cache will serve or keep, nor which part of its answer is
    /// reasoning or audio: all of the prompt is taken at the dearest input class that the model has, all of the answer at
    /// the dearest output class, and both at the dearest tier that so long a prompt could reach. Units are those of
    /// [`Price::for_units`].
    pub fn bound(&self, input: u64, cap: u64, choices: u32) -> NanoUsd {
        let output = u64::from(choices.max(1)).saturating_mul(cap);
        let (per_input, per_output) = self.dearest(input);
        (per_input.times(input) + per_output.times(output) + self.fixed()).to_nano_up()
    }

    /// The largest cap for which [`Price::bound`] stays within `money`; `None` where not even 0 does.
    pub fn afford(&self, input: u64, choices: u32, money: NanoUsd) -> Option<u64> {
        let (per_input, per_output) = self.dearest(input);
        let rest = i128::from(money.0) * 1000 - (per_input.times(input) + self.fixed()).0;
        if rest < 0 {
            return None;
        }
        let per_cap = i128::from(per_output.0) * i128::from(choices.max(1));
        Some(if per_cap == 0 {
            u64::MAX
        } else {
            u64::try_from(rest / per_cap).unwrap_or(u64::MAX)
        })
    }

    /// What the call costs whatever its tokens.
    fn fixed(&self) -> PicoUsd {
        self.unit(Measure::Request).times(1) + self.reserve
    }

    fn units_cost(&self, units: &Units) -> PicoUsd {
        let cost = |measure: Measure| self.unit(measure).times_parts(units.get(measure), measure.parts());
        let some = Measure::ALL.into_iter().filter(|measure| units.get(*measure) > 0);
        some.map(cost).sum()
    }

    fn dearest(&self, input: u64) -> (UnitPrice, UnitPrice) {
        let reachable = self
            .tiers()
            .iter()
            .filter(|tier| input > tier.above)
            .map(|tier| &tier.rates);
        std::iter::once(&self.list.base)
            .chain(reachable)
            .fold(Default::default(), |(input, output), rates| {
                (input.max(rates.dearest(true)), output.max(rates.dearest(false)))
            })
    }

    /// The rates above certain prompt lengths, the shortest first.
    pub fn tiers(&self) -> &[Tier] {
        &self.list.tiers
    }
}

impl Rates {
    /// Rates where every input class costs `input` and every output class `output`.
    pub fn new(input: UnitPrice, output: UnitPrice) -> Self {
        Self(TokenClass::ALL.map(|class| if class.is_input() { input } else { output }))
    }

    /// The same with another price for one class.
    #[must_use]
    pub fn with(mut self, class: TokenClass, price: UnitPrice) -> Self {
        self.0[place(class)] = price;
        self
    }

    /// The price of one token of a class.
    pub fn of(&self, class: TokenClass) -> UnitPrice {
        self.0[place(class)]
    }

    fn dearest(&self, input: bool) -> UnitPrice {
        let wanted = TokenClass::ALL.into_iter().filter(|class| class.is_input() == input);
        wanted.map(|class| self.of(class)).max().unwrap_or_default()
    }
}

/// How many units were used; what is billed at all is at least one request.
fn used(units: &Units, measure: Measure) -> u64 {
    match measure {
        Measure::Request => units.get(measure).max(1),
        _ => units.get(measure),
    }
}

fn amount(class: Billable, tokens: u64, price: UnitPrice, parts: u64) -> Amount {
    Amount {
        class,
        tokens,
        price,
        amount: price.times_parts(tokens, parts),
    }
}

/// Where a class stands in [`TokenClass::ALL`].
const fn place(class: TokenClass) -> usize {
    class as usize
}

#[cfg(test)]
mod tests;
