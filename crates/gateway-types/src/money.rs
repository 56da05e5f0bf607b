//! Money in integers. Totals are nano-dollars, class amounts pico-dollars, unit prices pico-dollars per token.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// Billionths of a dollar. An `i64` of them reaches past nine billion dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NanoUsd(pub i64);

/// Trillionths of a dollar: tokens times unit price, before the one rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PicoUsd(pub i128);

/// The price of one token (or another unit) in whole pico-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitPrice(pub i64);

impl NanoUsd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Reads a decimal amount of dollars exactly, as far as nano-dollars go (half-even beyond). `None` where it is no
    /// number or out of range.
    pub fn from_decimal(dollars: &str) -> Option<Self> {
        decimal(dollars, 9).map(Self)
    }

    /// Reads a JSON number of dollars by its shortest decimal form.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        dollars
            .is_finite()
            .then(|| format!("{dollars:e}"))
            .and_then(|text| Self::from_decimal(&text))
    }

    /// Dollars, for JSON and charts; not for sums.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The sum, staying at the ends of the range.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl PicoUsd {
    /// Rounded half-even to nano-dollars, staying at the ends of the range.
    pub fn to_nano(self) -> NanoUsd {
        NanoUsd(saturated(half_even(self.0, 1000)))
    }

    /// Rounded up to nano-dollars, staying at the ends of the range: for holds, which must not be below the bill.
    pub fn to_nano_up(self) -> NanoUsd {
        let up = self.0.div_euclid(1000) + i128::from(self.0.rem_euclid(1000) != 0);
        NanoUsd(saturated(up))
    }
}

impl UnitPrice {
    /// Free.
    pub const FREE: Self = Self(0);

    /// Reads a price in dollars per million units, rounding half-even to whole pico-dollars per unit.
    pub fn per_million(dollars: &str) -> Option<Self> {
        decimal(dollars, 6).filter(|price| *price >= 0).map(Self)
    }

    /// Reads a price in dollars per unit.
    pub fn per_unit(dollars: &str) -> Option<Self> {
        decimal(dollars, 12).filter(|price| *price >= 0).map(Self)
    }

    /// What that many units cost.
    pub fn times(self, units: u64) -> PicoUsd {
        PicoUsd(i128::from(self.0) * i128::from(units))
    }

    /// What that many parts of a unit cost, rounded half-even to pico-dollars, where a unit has `parts` of them.
    pub fn times_parts(self, count: u64, parts: u64) -> PicoUsd {
        PicoUsd(half_even(self.times(count).0, i128::from(parts.max(1))))
    }

    /// Reads a JSON number of dollars per unit by its shortest decimal form, rounding half-even to whole pico-dollars.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        dollars
            .is_finite()
            .then(|| format!("{dollars:e}"))
            .and_then(|text| Self::per_unit(&text))
    }
}

/// `text` times ten to the `scale`, rounded half-even. Takes sign, fraction and exponent.
fn decimal(text: &str, scale: i32) -> Option<i64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || whole.len() + fraction.len() > 30 {
        return None;
    }
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        value = value * 10 + i128::from(char::from(digit).to_digit(10)?);
    }
    if value == 0 {
        return Some(0);
    }
    if negative {
        value = -value;
    }
    let shift = scale
        .checked_add(exponent)?
        .checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let scaled = if shift >= 0 {
        value.checked_mul(10_i128.checked_pow(u32::try_from(shift).ok()?)?)?
    } else {
        match 10_i128.checked_pow(shift.unsigned_abs()) {
            Some(divisor) => half_even(value, divisor),
            None => 0,
        }
    };
    i64::try_from(scaled).ok()
}

/// Division that rounds to the nearest, and to the even one in the middle.
fn half_even(value: i128, divisor: i128) -> i128 {
    if divisor == 1 {
        return value;
    }
    let (quotient, rest) = (value.div_euclid(divisor), value.rem_euclid(divisor));
    // Not `rest * 2` with `divisor`: the largest divisors leave no room to double.
    match rest.cmp(&(divisor - rest)) {
        std::cmp::Ordering::Greater => quotient + 1,
        std::cmp::Ordering::Equal => quotient + quotient.rem_euclid(2),
        std::cmp::Ordering::Less => quotient,
    }
}

fn saturated(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

impl fmt::Display for NanoUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (
            self.0.unsigned_abs() / 1_000_000_000,
            self.0.unsigned_abs() % 1_000_000_000,
        );
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{}", format!("{rest:09}").trim_end_matches('0'))
    }
}

impl Add for NanoUsd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl AddAssign for NanoUsd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for NanoUsd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for NanoUsd {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}

impl Add for PicoUsd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for PicoUsd {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_per_million_become_whole_pico_dollars() {
        assert_eq!(UnitPrice::per_million("0.15"), Some(UnitPrice(150_000)));
        assert_eq!(UnitPrice::per_million("0.0125"), Some(UnitPrice(12_500)));
        assert_eq!(UnitPrice::per_million("75"), Some(UnitPrice(75_000_000)));
        assert_eq!(
            UnitPrice::per_million("0.0000005"),
            Some(UnitPrice(0)),
            "half goes to even"
        );
        assert_eq!(
            UnitPrice::per_million("0.0000015"),
            Some(UnitPrice(2)),
            "half goes to even"
        );
        assert_eq!(UnitPrice::per_million("-1"), None);
        assert_eq!(UnitPrice::per_million("one"), None);
    }

    #[test]
    fn prices_of_settings_are_read_by_their_shortest_form() {
        assert_eq!(UnitPrice::from_dollars(1.5e-7), Some(UnitPrice(150_000)));
        assert_eq!(UnitPrice::from_dollars(0.000_000_000_000_5), Some(UnitPrice(0)));
        assert_eq!(UnitPrice::from_dollars(0.000_000_000_001_5), Some(UnitPrice(2)));
        for none in [-1e-6, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(UnitPrice::from_dollars(none), None, "{none}");
        }
    }

    #[test]
    fn a_part_of_a_unit_costs_its_part() {
        let second = UnitPrice(11_111_111);
        assert_eq!(second.times_parts(3_600_000, 1000), PicoUsd(39_999_999_600));
        assert_eq!(second.times_parts(1, 1000), PicoUsd(11_111));
        assert_eq!(UnitPrice(500).times_parts(1, 1000), PicoUsd(0), "half goes to even");
    }

    #[test]
    fn dollars_are_read_exactly_and_shown_shortest() {
        for text in ["0", "1", "0.1", "0.000000001", "-2.5", "9223372036.854775807"] {
            assert_eq!(
                NanoUsd::from_decimal(text).map(|amount| amount.to_string()).as_deref(),
                Some(text)
            );
        }
        assert_eq!(NanoUsd::from_decimal("1e-3"), Some(NanoUsd(1_000_000)));
        assert_eq!(NanoUsd::from_dollars(0.1), Some(NanoUsd(100_000_000)));
        assert_eq!(NanoUsd::from_decimal("9223372036.854775808"), None);
        assert_eq!(NanoUsd::from_dollars(f64::NAN), None);
        assert_eq!(NanoUsd::from_decimal("1e999999999"), None);
        assert_eq!(NanoUsd::from_dollars(0.1 + 0.2), Some(NanoUsd(300_000_000)));
        assert_eq!(NanoUsd::from_dollars(1e300), None);
        assert_eq!(
            NanoUsd::from_dollars(9_223_372_036.0)
                .map(|amount| amount.to_string())
                .as_deref(),
            Some("9223372036")
        );
        assert_eq!(NanoUsd(i64::MIN).to_string(), "-9223372036.854775808");
    }

    #[test]
    fn amounts_too_small_to_count_are_nothing_whatever_their_sign() {
        for exponent in 11..400 {
            for mantissa in ["1", "-1", "-9.99", "0", "-0.0"] {
                let text = format!("{mantissa}e-{exponent}");
                assert_eq!(NanoUsd::from_decimal(&text), Some(NanoUsd::ZERO), "{text}");
            }
        }
        assert_eq!(NanoUsd::from_dollars(-f64::MIN_POSITIVE), Some(NanoUsd::ZERO));
        assert_eq!(NanoUsd::from_decimal("0e999"), Some(NanoUsd::ZERO));
    }

    #[test]
    fn what_is_no_decimal_number_is_not_read() {
        for text in [
            "", ".", "-", "+-1", "1.2.3", "1e", "1e1.5", "0x1", "1_000", " 1", "1,5", "NaN", "inf", "٣",
        ] {
            assert_eq!(NanoUsd::from_decimal(text), None, "{text:?}");
        }
        assert_eq!(NanoUsd::from_decimal("+.5"), Some(NanoUsd(500_000_000)));
        assert_eq!(NanoUsd::from_decimal("5."), Some(NanoUsd(5_000_000_000)));
    }

    #[test]
    fn halves_go_to_the_even_neighbour_on_both_sides_of_nothing() {
        for (pico, nano) in [
            (500, 0),
            (1500, 2),
            (2500, 2),
            (-500, 0),
            (-1500, -2),
            (-2500, -2),
            (-2501, -3),
            (-2499, -2),
        ] {
            assert_eq!(PicoUsd(pico).to_nano(), NanoUsd(nano), "{pico}");
        }
    }

    #[test]
    fn sums_stay_at_the_ends_of_the_range() {
        let most = UnitPrice(i64::MAX).times(u64::MAX);
        assert_eq!((most + most).to_nano(), NanoUsd(i64::MAX));
        assert_eq!(PicoUsd(i128::MAX).to_nano_up(), NanoUsd(i64::MAX));
        assert_eq!(PicoUsd(i128::MIN).to_nano_up(), NanoUsd(i64::MIN));
        assert_eq!(PicoUsd(i128::MIN).to_nano(), NanoUsd(i64::MIN));
        assert_eq!(
            [NanoUsd(i64::MAX), NanoUsd(1)].into_iter().sum::<NanoUsd>(),
            NanoUsd(i64::MAX)
        );
        assert_eq!(NanoUsd(i64::MIN) - NanoUsd(1), NanoUsd(i64::MIN));
    }

    #[test]
    fn the_total_is_rounded_once_and_a_hold_rounds_up() {
        let cost = UnitPrice(150_000).times(3) + UnitPrice(600_000).times(1);
        assert_eq!(cost.to_nano(), NanoUsd(1050));
        assert_eq!(PicoUsd(1500).to_nano(), NanoUsd(2));
        assert_eq!(PicoUsd(2500).to_nano(), NanoUsd(2));
        assert_eq!(PicoUsd(2001).to_nano_up(), NanoUsd(3));
    }
}
