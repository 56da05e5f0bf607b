//! What tokens, and units of other measures, cost. The function that bounds a call's cost before it is sent is the maximum of the one that bills it.

use std::sync::Arc;

use gateway_types::{Billable, Measure, NanoUsd, PicoUsd, TokenClass, UnitPrice, Units, Usage};
use serde::{Deserialize, Serialize};

use crate::entry::Amount;

/// The price of one model at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    base: Rates,
    /// Rising thresholds. Shared, so that a price is cheap to clone.
    tiers: Option<Arc<[Tier]>>,
    /// By measure.
    units: [UnitPrice; Measure::ALL.len()],
    /// What the units of the call at hand can cost at most, beyond its one request.
    reserve: PicoUsd,
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
            base: rates,
            tiers: None,
            units: Default::default(),
            reserve: PicoUsd(0),
        }
    }

    /// The same with other rates above certain prompt lengths.
    #[must_use]
    pub fn with_tiers(mut self, mut tiers: Vec<Tier>) -> Self {
        tiers.sort_by_key(|tier| tier.above);
        self.tiers = (!tiers.is_empty()).then(|| tiers.into());
        self
    }

    /// The same with an amount that each request costs on top of its tokens.
    #[must_use]
    pub fn with_request(self, price: UnitPrice) -> Self {
        self.with_unit(Measure::Request, price)
    }

    /// The same with a price per unit of a measure.
    #[must_use]
    pub const fn with_unit(mut self, measure: Measure, price: UnitPrice) -> Self {
        self.units[measure as usize] = price;
        self
    }

    /// The price of one unit of a measure.
    pub const fn unit(&self, measure: Measure) -> UnitPrice {
        self.units[measure as usize]
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
        let rates = std::iter::once(&self.base).chain(self.tiers().iter().map(|tier| &tier.rates));
        let mut all = rates.flat_map(|rates| rates.0).chain(self.units);
        all.all(|price| price == UnitPrice::FREE)
    }

    /// The rates for a prompt of that many tokens.
    pub fn rates(&self, prompt: u64) -> &Rates {
        self.tiers()
            .iter()
            .rev()
            .find(|tier| prompt > tier.above)
            .map_or(&self.base, |tier| &tier.rates)
    }

    /// What a usage costs.
    pub fn bill(&self, usage: &Usage) -> Bill {
        let rates = self.rates(usage.input_total());
        let tokens = TokenClass::ALL
            .into_iter()
            .map(|class| amount(class.into(), usage.of(class), rates.of(class), 1))
            .filter(|line| line.tokens > 0);
        let units = Measure::ALL
            .into_iter()
            .map(|measure| {
                let count = used(&usage.units, measure);
                amount(measure.into(), count, self.unit(measure), measure.parts())
            })
            .filter(|line| line.tokens > 0 && line.price != UnitPrice::FREE);
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
        Measure::ALL.into_iter().map(cost).sum()
    }

    fn dearest(&self, input: u64) -> (UnitPrice, UnitPrice) {
        let reachable = self
            .tiers()
            .iter()
            .filter(|tier| input > tier.above)
            .map(|tier| &tier.rates);
        std::iter::once(&self.base)
            .chain(reachable)
            .fold(Default::default(), |(input, output), rates| {
                (input.max(rates.dearest(true)), output.max(rates.dearest(false)))
            })
    }

    /// The rates above certain prompt lengths, the shortest first.
    pub fn tiers(&self) -> &[Tier] {
        self.tiers.as_deref().unwrap_or(&[])
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(per_million: &str) -> UnitPrice {
        UnitPrice::per_million(per_million).unwrap()
    }

    fn haiku() -> Price {
        let rates = Rates::new(usd("0.80"), usd("4"))
            .with(TokenClass::CacheRead, usd("0.08"))
            .with(TokenClass::CacheWrite, usd("1"))
            .with(TokenClass::CacheWriteHour, usd("1.6"));
        Price::flat(rates)
    }

    #[test]
    fn every_class_has_its_own_place() {
        for (at, class) in TokenClass::ALL.into_iter().enumerate() {
            assert_eq!(place(class), at);
        }
    }

    #[test]
    fn a_bill_names_each_class_and_is_rounded_once() {
        let usage = Usage {
            input: 10,
            cache_read: 100,
            cache_write: 7,
            output: 3,
            ..Usage::default()
        };
        let bill = haiku().bill(&usage);
        assert_eq!(bill.total, NanoUsd(8_000 + 8_000 + 7_000 + 12_000));
        let classes: Vec<_> = bill
            .amounts
            .iter()
            .map(|line| (line.class, line.tokens, line.amount.0))
            .collect();
        let expected = [
            (TokenClass::Input.into(), 10, 8_000_000),
            (TokenClass::CacheRead.into(), 100, 8_000_000),
            (TokenClass::CacheWrite.into(), 7, 7_000_000),
            (TokenClass::Output.into(), 3, 12_000_000),
        ];
        assert_eq!(classes, expected);
        let odd = Price::flat(Rates::new(UnitPrice(300), UnitPrice(200)));
        let usage = Usage {
            input: 1,
            output: 1,
            ..Usage::default()
        };
        assert_eq!(
            odd.bill(&usage).total,
            NanoUsd(0),
            "500 pico-dollars go to the even side, once"
        );
        assert_eq!(
            haiku().bill(&Usage::default()),
            Bill {
                amounts: Vec::new(),
                total: NanoUsd::ZERO
            }
        );
    }

    #[test]
    fn a_long_prompt_is_billed_at_its_tier_as_a_whole() {
        let tiers = vec![Tier {
            above: 200_000,
            rates: Rates::new(usd("6"), usd("22.5")),
        }];
        let price = Price::flat(Rates::new(usd("3"), usd("15"))).with_tiers(tiers);
        let usage = |input, cache_read| Usage {
            input,
            cache_read,
            output: 10,
            ..Usage::default()
        };
        assert_eq!(price.bill(&usage(200_000, 0)).total, NanoUsd(600_000_000 + 150_000));
        assert_eq!(price.bill(&usage(200_000, 1)).total, NanoUsd(200_001 * 6_000 + 225_000));
        assert_eq!(price.bound(200_001, 10, 1), NanoUsd(200_001 * 6_000 + 225_000));
    }

    #[test]
    fn a_request_can_cost_something_by_itself() {
        let price = Price::flat(Rates::default()).with_request(UnitPrice::per_unit("0.005").unwrap());
        assert_eq!(price.bill(&Usage::default()).total, NanoUsd(5_000_000));
        assert_eq!(price.afford(0, 1, NanoUsd(4_999_999)), None);
        assert_eq!(price.afford(0, 1, NanoUsd(5_000_000)), Some(u64::MAX));
    }

    #[test]
    fn what_has_no_tokens_is_billed_by_its_units() {
        let speech = Price::flat(Rates::default()).with_unit(Measure::Character, usd("15"));
        let said = Units::of(Measure::Character, 1000);
        let usage = Usage {
            input: 300,
            units: said,
            ..Usage::default()
        };
        let bill = speech.bill(&usage);
        assert_eq!(bill.total, NanoUsd(15_000_000));
        assert_eq!(bill.amounts.last().unwrap().class, Measure::Character.into());
        assert_eq!(speech.clone().for_units(&said).bound(300, 0, 1), NanoUsd(15_000_000));
        assert_eq!(speech.bound(300, 0, 1), NanoUsd(0), "nothing is known of the call");

        let whisper = Price::flat(Rates::default()).with_unit(Measure::Second, UnitPrice::per_unit("0.0001").unwrap());
        let heard = Usage {
            units: Units::seconds(3.7),
            ..Usage::default()
        };
        assert_eq!(whisper.bill(&heard).total, NanoUsd(370_000));
    }

    #[test]
    fn every_line_of_a_bill_is_in_it_and_they_sum_to_its_total() {
        let price = Price::flat(Rates::new(usd("1"), usd("8"))).with_request(UnitPrice::per_unit("0.005").unwrap());
        let usage = Usage {
            input: 10,
            output: 5,
            units: Units::of(Measure::Request, 3),
            ..Usage::default()
        };
        let bill = price.bill(&usage);
        let sum: PicoUsd = bill.amounts.iter().map(|line| line.amount).sum();
        assert_eq!((bill.total, sum.to_nano()), (NanoUsd(15_050_000), NanoUsd(15_050_000)));
        assert_eq!(price.for_units(&usage.units).bound(10, 5, 1), NanoUsd(15_050_000));
    }

    #[test]
    fn pictures_that_no_cap_bounds_are_bounded_by_what_the_model_makes() {
        let rates = Rates::new(usd("5"), usd("10")).with(TokenClass::OutputImage, usd("40"));
        let price = Price::flat(rates).with_uncapped_output(2 * 6240);
        assert_eq!(price.bound(100, 0, 2), NanoUsd(500_000 + 2 * 6240 * 40_000));
    }

    fn rates() -> impl Strategy<Value = Rates> {
        proptest::collection::vec(0..50_000_000_i64, TokenClass::ALL.len()).prop_map(|prices| {
            let classes = TokenClass::ALL.into_iter().zip(prices);
            classes.fold(Rates::default(), |rates, (class, price)| {
                rates.with(class, UnitPrice(price))
            })
        })
    }

    fn units() -> impl Strategy<Value = Units> {
        proptest::array::uniform5(0..5000_u64).prop_map(|counts| {
            let counts = Measure::ALL.into_iter().zip(counts);
            counts.fold(Units::NONE, |units, (measure, count)| units.with(measure, count))
        })
    }

    fn usages() -> impl Strategy<Value = Usage> {
        let tokens = proptest::collection::vec(0..1000_u64, TokenClass::ALL.len());
        (tokens, units()).prop_map(|(tokens, units)| {
            let fields = TokenClass::ALL.into_iter().zip(tokens);
            let fields: serde_json::Map<String, serde_json::Value> = fields
                .map(|(class, count)| (serde_json::json!(class).as_str().unwrap().to_owned(), count.into()))
                .collect();
            Usage {
                units,
                charged: None,
                ..serde_json::from_value(fields.into()).unwrap()
            }
        })
    }

    fn prices() -> impl Strategy<Value = Price> {
        let tiers = proptest::collection::vec((0..3000_u64, rates()), 0..3);
        let units = proptest::array::uniform5(0..1_000_000_000_i64);
        (rates(), tiers, units).prop_map(|(base, tiers, units)| {
            let tiers = tiers.into_iter().map(|(above, rates)| Tier { above, rates }).collect();
            let price = Price::flat(base).with_tiers(tiers);
            let units = Measure::ALL.into_iter().zip(units);
            units.fold(price, |price, (measure, each)| {
                price.with_unit(measure, UnitPrice(each))
            })
        })
    }

    proptest! {
        #[test]
        fn no_bill_passes_its_bound(price in prices(), usage in usages(), more in units(), slack in 0..500_u64,
                                    choices in 1..4_u32) {
            let cap = usage.output_total().div_ceil(u64::from(choices)) + slack;
            let bounded = price.clone().for_units(&usage.units.plus(&more));
            prop_assert!(price.bill(&usage).total <= bounded.bound(usage.input_total() + slack, cap, choices));
        }

        #[test]
        fn what_is_afforded_is_the_largest_cap_that_fits(price in prices(), input in 0..5000_u64, choices in 0..4_u32,
                                                         money in 0..1_000_000_000_i64) {
            match price.afford(input, choices, NanoUsd(money)) {
                None => prop_assert!(price.bound(input, 0, choices) > NanoUsd(money)),
                Some(u64::MAX) => prop_assert!(price.bound(input, 1 << 40, choices) <= NanoUsd(money)),
                Some(cap) => {
                    prop_assert!(price.bound(input, cap, choices) <= NanoUsd(money));
                    prop_assert!(price.bound(input, cap + 1, choices) > NanoUsd(money));
                }
            }
        }
    }
}
