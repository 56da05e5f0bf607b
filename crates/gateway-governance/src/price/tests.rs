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
