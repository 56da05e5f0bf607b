//! What is said of a book: to calls, to clients, to operators.

use std::time::Duration;

use gateway_types::Wall;

use super::{As, Book, Short};
use crate::quota::{Crossing, Denied, QuotaUsage, Remaining, Unit};

impl Book {
    /// The most that one hold could take now, or after one more slice.
    pub(crate) fn available(&mut self, how: As, now: Wall) -> i64 {
        self.roll(now);
        let window = match (self.spec.unit, self.open) {
            (Unit::InFlight, _) => self.spec.limit - self.held,
            (_, None) => self.spec.limit,
            (_, Some(_)) => self.room().min(self.free().saturating_add(self.rest())),
        };
        let burst = self.rate().filter(|_| how != As::Grown);
        burst
            .map_or(window, |rate| window.min(self.gcra.available(&rate, now)))
            .max(0)
    }

    /// What the window would leave if no call held anything.
    pub(crate) fn unsettled(&mut self, now: Wall) -> i64 {
        self.roll(now);
        self.spec.limit.saturating_sub(self.used()).max(0)
    }

    /// What the window leaves to whoever comes next.
    pub(crate) fn remaining(&mut self, now: Wall) -> Remaining {
        let remaining = self.available(As::Held, now);
        let window = match self.open {
            Some(open) => open.ends,
            None => self.spec.cut.window(now).1,
        };
        Remaining {
            limit: self.spec.limit,
            remaining,
            resets_in: window.since(now),
        }
    }

    /// Why not even one more unit could be had, if that is so, whoever asks.
    pub(crate) fn closed(&mut self, now: Wall) -> Option<Short> {
        self.roll(now);
        if self.used() >= self.spec.limit {
            return Some(Short::Spent);
        }
        let rate = self.rate()?;
        (self.gcra.available(&rate, now) == 0).then_some(Short::Early)
    }

    /// The refusal that a call is told.
    pub(crate) fn denied(&self, needed: i64, short: Short, now: Wall) -> Denied {
        let ends = self.open.map_or_else(|| self.spec.cut.window(now).1, |open| open.ends);
        let windowed = self.spec.unit != Unit::InFlight;
        let resets_in = match (short, self.rate()) {
            (Short::Busy, _) => None,
            // What no burst lets through may be asked for again once its window is over, as what no window does.
            (Short::Early, Some(rate)) => self.gcra.wait(&rate, needed, now).or_else(|| Some(ends.since(now))),
            _ => windowed.then(|| ends.since(now)),
        };
        Denied {
            quota: self.spec.id.clone(),
            owner: self.spec.owner.clone(),
            unit: self.spec.unit,
            limit: self.spec.limit,
            used: self.used().saturating_add(self.held),
            needed,
            burst: self.spec.burst.filter(|_| short == Short::Early),
            resets_in: resets_in.map(|left| left.max(Duration::from_millis(1))),
        }
    }

    pub(crate) fn usage(&self, now: Wall) -> QuotaUsage {
        let open = self.open.filter(|open| now < open.ends);
        let windowed = self.spec.unit != Unit::InFlight;
        QuotaUsage {
            limit: self.spec.limit,
            used: if open.is_some() { self.used() } else { 0 },
            held: if open.is_some() || !windowed { self.held } else { 0 },
            started: open.map(|open| open.started),
            ends: open.map(|open| open.ends),
        }
    }

    /// The thresholds that were passed since this was last asked: each once in a window.
    pub(crate) fn crossings(&mut self) -> Vec<Crossing> {
        let (Some(alerts), Some(open)) = (&self.spec.alerts, self.open) else {
            return Vec::new();
        };
        let (before, after) = (self.told, self.percent());
        if after <= before {
            return Vec::new();
        }
        self.told = after;
        let passed = alerts
            .thresholds
            .iter()
            .filter(|percent| (before + 1..=after).contains(&i64::from(**percent)));
        passed
            .map(|percent| Crossing {
                quota: self.spec.id.clone(),
                owner: self.spec.owner.clone(),
                percent: *percent,
                limit: self.spec.limit,
                used: self.used(),
                window: open.no,
                ends: open.ends,
                webhook_url: alerts.webhook_url.clone(),
            })
            .collect()
    }

    /// What is used of the limit, in whole percent. Of a limit of nothing it is nothing: only what is free passes.
    pub(super) fn percent(&self) -> i64 {
        if self.spec.limit <= 0 {
            return 0;
        }
        let percent = i128::from(self.used()) * 100 / i128::from(self.spec.limit);
        i64::try_from(percent).unwrap_or(i64::MAX)
    }
}
