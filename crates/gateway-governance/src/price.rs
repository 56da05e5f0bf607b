//! What tokens cost. The function that bounds a call's cost before it is sent is the maximum of the one that bills it.

use std::sync::Arc;

use gateway_types::{NanoUsd, PicoUsd, TokenClass, UnitPrice, Usage};
use serde::{Deserialize, Serialize};

use crate::entry::Amount;

/// The price of one model at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    base: Rates,
    /// Rising thresholds. Shared, so that a price is cheap to clone.
    tiers: Option<Arc<[Tier]>>,
    per_request: PicoUsd,
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
    /// Amount per class, exactly. Classes that were not used are left out.
    pub amounts: Vec<Amount>,
    /// The sum, with what each request costs, rounded once (half-even).
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
            per_request: PicoUsd(0),
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
    pub fn with_request(mut self, price: UnitPrice) -> Self {
        self.per_request = price.times(1);
        self
    }

    /// Whether nothing costs anything at it.
    pub fn is_free(&self) -> bool {
        let rates = std::iter::once(&self.base).chain(self.tiers().iter().map(|tier| &tier.rates));
        self.per_request == PicoUsd(0) && rates.flat_map(|rates| rates.0).all(|price| price == UnitPrice::FREE)
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
        let amounts: Vec<Amount> = TokenClass::ALL
            .into_iter()
            .map(|class| (class, usage.of(class)))
            .filter(|(_, tokens)| *tokens > 0)
            .map(|(class, tokens)| {
                let price = rates.of(class);
                Amount {
                    class,
                    tokens,
                    price,
                    amount: price.times(tokens),
                }
            })
            .collect();
        let sum: PicoUsd = amounts.iter().map(|line| line.amount).sum();
        Bill {
            amounts,
            total: (sum + self.per_request).to_nano(),
        }
    }

    /// The most that a call can cost whose prompt has at most `input` tokens and each of whose `choices` answers has at
    /// most `cap`, rounded up.
    ///
    /// Before a call it is not known which part of its prompt a cache will serve or keep, nor which part of its answer is
    /// reasoning or audio: all of the prompt is taken at the dearest input class that the model has, all of the answer at
    /// the dearest output class, and both at the dearest tier that so long a prompt could reach.
    pub fn bound(&self, input: u64, cap: u64, choices: u32) -> NanoUsd {
        let output = u64::from(choices.max(1)).saturating_mul(cap);
        let (per_input, per_output) = self.dearest(input);
        (per_input.times(input) + per_output.times(output) + self.per_request).to_nano_up()
    }

    /// The largest cap for which [`Price::bound`] stays within `money`; `None` where not even 0 does.
    pub fn afford(&self, input: u64, choices: u32, money: NanoUsd) -> Option<u64> {
        let (per_input, per_output) = self.dearest(input);
        let rest = i128::from(money.0) * 1000 - (per_input.times(input) + self.per_request).0;
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

    fn tiers(&self) -> &[Tier] {
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

/// Where a class stands in [`TokenClass::ALL`].
const fn place(class: TokenClass) -> usize {
    match class {
        TokenClass::Input => 0,
        TokenClass::CacheRead => 1,
        TokenClass::CacheWrite => 2,
        TokenClass::CacheWriteHour => 3,
        TokenClass::InputAudio => 4,
        TokenClass::Output => 5,
        TokenClass::Reasoning => 6,
        TokenClass::OutputAudio => 7,
    }
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
            (TokenClass::Input, 10, 8_000_000),
            (TokenClass::CacheRead, 100, 8_000_000),
            (TokenClass::CacheWrite, 7, 7_000_000),
            (TokenClass::Output, 3, 12_000_000),
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

    fn rates() -> impl Strategy<Value = Rates> {
        proptest::array::uniform8(0..50_000_000_i64).prop_map(|prices| Rates(prices.map(UnitPrice)))
    }

    fn prices() -> impl Strategy<Value = Price> {
        let tiers = proptest::collection::vec((0..3000_u64, rates()), 0..3);
        (rates(), tiers, 0..1_000_000_000_i64).prop_map(|(base, tiers, request)| {
            let tiers = tiers.into_iter().map(|(above, rates)| Tier { above, rates }).collect();
            Price::flat(base).with_tiers(tiers).with_request(UnitPrice(request))
        })
    }

    proptest! {
        #[test]
        fn no_bill_passes_its_bound(price in prices(), tokens in proptest::array::uniform8(0..1000_u64),
                                    slack in 0..500_u64, choices in 1..4_u32) {
            let [input, cache_read, cache_write, cache_write_hour, input_audio, output, reasoning, output_audio] = tokens;
            let usage = Usage { input, cache_read, cache_write, cache_write_hour, input_audio, output, reasoning, output_audio };
            let cap = usage.output_total().div_ceil(u64::from(choices)) + slack;
            prop_assert!(price.bill(&usage).total <= price.bound(usage.input_total() + slack, cap, choices));
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
