//! Recomputing what is booked: an entry from its own lines, a window from its charges. Differences are told, never
//! mended.
//!
//! What cannot be recomputed is said here too. Of an entry: which prices held, and what was used; the entry is their only
//! witness. Of a window: how much was granted and not yet used, of which only the least is known (all that is charged),
//! and when it began and ended.

use gateway_types::{Billable, Measure, NanoUsd, PicoUsd, TokenClass};

use crate::entry::{Amount, Charge, Entry, Leg};
use crate::ledger::{Difference, Verified, WindowState};
use crate::price::PricedBy;
use crate::quota::{Unit, WindowNo};

/// How many differences are told in full; further ones are counted.
const TOLD: usize = 1000;
/// Up to how many legs every choice of them is tried.
const TRIED: usize = 16;

impl Verified {
    /// Notes a difference.
    #[allow(clippy::needless_pass_by_value, reason = "numbers and words are said as they are")]
    pub fn differs(&mut self, at: &str, of: &str, booked: impl ToString, computed: impl ToString) {
        self.found += 1;
        if self.differences.len() < TOLD {
            self.differences.push(Difference {
                at: at.to_owned(),
                of: of.to_owned(),
                booked: booked.to_string(),
                computed: computed.to_string(),
            });
        }
    }

    /// Notes a difference, if it is one.
    pub fn compare<T: PartialEq + ToString>(&mut self, at: &str, of: &str, booked: T, computed: T) {
        if booked != computed {
            self.differs(at, of, booked, computed);
        }
    }

    /// Recomputes an entry: each line, each leg, the total, and whether its charges are what its legs come to.
    pub fn entry(&mut self, entry: &Entry) {
        self.entries += 1;
        let at = format!("entry {}", entry.id);
        for (place, leg) in entry.legs.iter().enumerate() {
            self.leg(&format!("{at} leg {}", place + 1), leg, entry.v);
        }
        let legs: i128 = entry.legs.iter().map(|leg| i128::from(leg.cost.0)).sum();
        self.compare(&at, "total", i128::from(entry.total.0), legs);
        for charge in &entry.charges {
            self.charge(&at, charge, entry);
        }
    }

    fn leg(&mut self, at: &str, leg: &Leg, v: u32) {
        let lines: PicoUsd = leg.amounts.iter().map(|line| line.amount).sum();
        for line in &leg.amounts {
            self.line(at, line, leg);
        }
        if !leg.amounts.is_empty() {
            let tokens = |line: &&Amount| matches!(line.class, Billable::Tokens(_));
            let counted: u128 = leg
                .amounts
                .iter()
                .filter(tokens)
                .map(|line| u128::from(line.tokens))
                .sum();
            self.compare(at, "tokens", counted, used(leg));
        }
        match (&leg.priced_by, leg.metered.cost) {
            (PricedBy::Provider, Some(reported)) => self.compare(at, "cost", leg.cost, reported.max(NanoUsd::ZERO)),
            (PricedBy::Provider, None) => self.differs(at, "cost", leg.cost, "what the provider reported: nothing"),
            // The first format did not tell what a request costs beside its tokens.
            _ if v == 1 && leg.cost >= lines.to_nano() => {}
            _ => self.compare(at, "cost", leg.cost, lines.to_nano()),
        }
        if leg.overrun < NanoUsd::ZERO || leg.overrun > leg.cost.max(NanoUsd::ZERO) {
            self.differs(at, "overrun", leg.overrun, format!("0 to {}", leg.cost));
        }
    }

    fn line(&mut self, at: &str, line: &Amount, leg: &Leg) {
        let (count, parts, name) = match line.class {
            Billable::Tokens(class) => (leg.metered.usage.of(class), 1, word(class)),
            Billable::Units(Measure::Request) => (
                leg.metered.usage.units.get(Measure::Request).max(1),
                1,
                "request".to_owned(),
            ),
            Billable::Units(measure) => (
                leg.metered.usage.units.get(measure),
                measure.parts(),
                measure.to_string(),
            ),
        };
        self.compare(at, &format!("{name} count"), line.tokens, count);
        let amount = line.price.times_parts(line.tokens, parts);
        self.compare(at, &format!("{name} amount"), line.amount.0, amount.0);
    }

    fn charge(&mut self, at: &str, charge: &Charge, entry: &Entry) {
        let Charge {
            quota,
            window,
            amount,
            overrun,
            ..
        } = charge;
        let at = || format!("{at} charge {quota} window {}", window.0);
        if *overrun < 0 || *overrun > (*amount).max(0) {
            self.differs(&at(), "overrun", overrun, format!("0 to {amount}"));
        }
        let of_leg: fn(&Leg) -> i128 = match charge.unit {
            Unit::NanoUsd => |leg| leg.cost.0.into(),
            Unit::Tokens => |leg| i128::try_from(used(leg)).unwrap_or(i128::MAX),
            Unit::Requests | Unit::InFlight => return,
        };
        // The legs of one call may fall into two windows of a quota: together they are what its scope covers.
        let of_quota = entry.charges.iter().filter(|other| other.quota == *quota);
        let first = of_quota.clone().next().is_some_and(|other| std::ptr::eq(other, charge));
        if !first {
            return;
        }
        let charged: i128 = of_quota.map(|other| i128::from(other.amount)).sum();
        let legs: Vec<i128> = entry.legs.iter().map(of_leg).collect();
        if !some_come_to(&legs, charged) {
            let all: i128 = legs.iter().sum();
            self.differs(
                &at(),
                "amount",
                charged,
                format!("what some of its legs come to, {all} in all"),
            );
        }
    }

    /// Recomputes a window from the sums of its charges.
    pub fn window(&mut self, state: &WindowState, sums: &Sums, kept: &Kept) {
        self.windows += 1;
        let at = format!("quota {} window {}", state.quota, state.window.0);
        self.compare(&at, "settled", i128::from(state.settled), sums.amount);
        let overrun = sums.overrun + i128::from(kept.raised);
        self.compare(&at, "overrun", i128::from(state.overrun), overrun);
        let lost = i128::from(kept.lost) - i128::from(kept.written_off);
        self.compare(&at, "unaccounted", i128::from(state.unaccounted), lost);
        let charged = sums.amount + lost;
        if i128::from(state.granted) < charged {
            self.differs(&at, "granted", state.granted, format!("at least {charged}"));
        }
        if let Some(unit) = sums.unit.filter(|unit| *unit != state.unit) {
            self.differs(&at, "unit", format!("{:?}", state.unit), format!("{unit:?}"));
        }
    }

    /// Notes charges of a window that has no books.
    pub fn no_window(&mut self, quota: &str, window: WindowNo, sums: &Sums) {
        self.differs(
            &format!("quota {quota} window {}", window.0),
            "settled",
            "no such window",
            sums.amount,
        );
    }
}

/// What a window's charges come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// What was charged.
    pub amount: i128,
    /// What of that no hold covered.
    pub overrun: i128,
    /// What is counted; none without any charge.
    pub unit: Option<Unit>,
}

impl Sums {
    /// Takes a charge in.
    pub fn add(&mut self, unit: Unit, amount: i64, overrun: i64) {
        self.amount += i128::from(amount);
        self.overrun += i128::from(overrun);
        self.unit = Some(unit);
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            amount: self.amount + other.amount,
            overrun: self.overrun + other.overrun,
            unit: self.unit.or(other.unit),
        }
    }
}

/// What else became of a window, kept beside its books so that they can be recomputed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// What charges raised `granted` and `overrun` by beyond the overrun that they told.
    pub raised: i64,
    /// What crashes left granted and never settled, all together.
    pub lost: i64,
    /// What of that was written off.
    pub written_off: i64,
}

/// All tokens of a leg.
fn used(leg: &Leg) -> u128 {
    let count = |class: TokenClass| u128::from(leg.metered.usage.of(class));
    TokenClass::ALL.into_iter().map(count).sum()
}

fn word(class: TokenClass) -> String {
    let said = serde_json::to_value(class).ok();
    said.and_then(|said| said.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Whether some of the amounts, or none or all of them, come to that sum. Of very many legs it is only asked whether the
/// sum is within reach.
fn some_come_to(amounts: &[i128], sum: i128) -> bool {
    let all: i128 = amounts.iter().sum();
    if sum == all {
        return true;
    }
    if amounts.len() > TRIED {
        return (0..=all).contains(&sum);
    }
    (1..1_u32 << amounts.len()).any(|choice| {
        let chosen = amounts.iter().enumerate().filter(|(place, _)| choice & 1 << place != 0);
        chosen.map(|(_, amount)| amount).sum::<i128>() == sum
    })
}
