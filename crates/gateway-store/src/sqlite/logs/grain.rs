//! Slots of time: minutes, hours, days, weeks, all counted from the beginning of 1970, and how few of them make up a
//! stretch of time.

use gateway_types::Wall;

/// How long a slot of a rollup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Grain {
    /// A minute; kept for two days.
    Minute,
    /// An hour; kept as long as rows are, as is all that is longer.
    Hour,
    /// Twenty-four hours.
    Day,
    /// Seven days.
    Week,
}

/// How long minutes are kept, counted from the latest one.
pub(super) const MINUTES_KEPT_MS: i64 = 48 * Grain::Hour.millis();

impl Grain {
    pub(super) const ALL: [Self; 4] = [Self::Minute, Self::Hour, Self::Day, Self::Week];

    /// How it is stored.
    pub(super) const fn code(self) -> u8 {
        self as u8
    }

    pub(super) const fn millis(self) -> i64 {
        match self {
            Self::Minute => 60 * 1000,
            Self::Hour => 60 * Self::Minute.millis(),
            Self::Day => 24 * Self::Hour.millis(),
            Self::Week => 7 * Self::Day.millis(),
        }
    }

    /// The beginning of the slot that a time is in.
    pub(super) const fn floor(self, at: i64) -> i64 {
        floor(at, self.millis())
    }

    /// The first beginning of a slot at or after that time.
    pub(super) const fn ceil(self, at: i64) -> i64 {
        let floor = self.floor(at);
        if floor == at {
            at
        } else {
            floor.saturating_add(self.millis())
        }
    }

    /// The longest whose slots such slots are made of; minutes where there is none.
    pub(super) fn within(slot_ms: i64) -> Self {
        let whole = Self::ALL.into_iter().rev().find(|grain| slot_ms % grain.millis() == 0);
        whole.unwrap_or(Self::Minute)
    }

    const fn shorter(self) -> Self {
        match self {
            Self::Week => Self::Day,
            Self::Day => Self::Hour,
            Self::Hour | Self::Minute => Self::Minute,
        }
    }
}

/// The beginning of the slot of that length that a time is in.
pub(super) const fn floor(at: i64, length: i64) -> i64 {
    at.div_euclid(length).saturating_mul(length)
}

/// Slots of one grain that begin from one time to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) grain: Grain,
    pub(super) from: i64,
    pub(super) to: i64,
}

/// What a time is made up of, with nothing longer than `longest`. Minutes are there from `minutes` on, which is an hour's
/// beginning; before, an hour counts where it begins within the time.
pub(super) fn cover(since: Wall, until: Wall, longest: Grain, minutes: i64) -> Vec<Stretch> {
    let (since, until) = (since.millis(), until.millis());
    let mut stretches = Vec::new();
    // Hours go on past that time, where hours are short enough.
    let by_hour = if longest == Grain::Minute {
        until.min(minutes)
    } else {
        until
    };
    if since < minutes {
        let to = if until < minutes {
            Grain::Hour.ceil(until)
        } else {
            by_hour
        };
        split(Grain::Hour.ceil(since), to, longest.max(Grain::Hour), &mut stretches);
    }
    if since >= minutes || by_hour < until {
        split(Grain::Minute.ceil(since.max(minutes)), until, longest, &mut stretches);
    }
    for stretch in &mut stretches {
        // The last minute counts where it begins within the time.
        if stretch.grain == Grain::Minute {
            stretch.to = Grain::Minute.ceil(stretch.to);
        }
    }
    stretches
}

/// Whole slots of a grain in the middle, shorter ones at both ends.
fn split(from: i64, to: i64, grain: Grain, stretches: &mut Vec<Stretch>) {
    if from >= to {
        return;
    }
    let (first, last) = (grain.ceil(from), grain.floor(to));
    if grain == Grain::Minute || first >= last {
        match grain {
            Grain::Minute => stretches.push(Stretch { grain, from, to }),
            _ => split(from, to, grain.shorter(), stretches),
        }
        return;
    }
    split(from, first, grain.shorter(), stretches);
    stretches.push(Stretch {
        grain,
        from: first,
        to: last,
    });
    split(last, to, grain.shorter(), stretches);
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = Grain::Minute.millis();
    const HOUR: i64 = Grain::Hour.millis();
    const DAY: i64 = Grain::Day.millis();

    fn covered(since: i64, until: i64, minutes: i64) -> Vec<Stretch> {
        cover(Wall::from_millis(since), Wall::from_millis(until), Grain::Week, minutes)
    }

    #[test]
    fn a_time_is_covered_once_and_by_few_slots() {
        for (since, until) in [
            (0, 90 * DAY),
            (3 * MINUTE, 90 * DAY + 7 * MINUTE),
            (DAY + HOUR + MINUTE, 40 * DAY),
            (5 * MINUTE, 6 * MINUTE),
            (59 * MINUTE, 61 * MINUTE),
            (-DAY - MINUTE, DAY),
        ] {
            let stretches = covered(since, until, i64::MIN);
            assert_eq!(stretches.first().map(|first| first.from), Some(since));
            assert_eq!(stretches.last().map(|last| last.to), Some(until));
            assert!(
                stretches.windows(2).all(|pair| pair[0].to == pair[1].from),
                "{stretches:?}"
            );
            let slots: i64 = stretches
                .iter()
                .map(|one| (one.to - one.from) / one.grain.millis())
                .sum();
            assert!(slots <= 2 * (59 + 23 + 6) + 13, "{slots} slots: {stretches:?}");
        }
        assert_eq!(covered(5, 5, 0), []);
        assert_eq!(covered(DAY, 0, 0), []);
    }

    #[test]
    fn where_minutes_are_gone_an_hour_counts_where_it_begins() {
        let hours = |since, until| {
            let stretches = covered(since, until, 10 * HOUR);
            stretches
                .into_iter()
                .map(|one| (one.grain, one.from, one.to))
                .collect::<Vec<_>>()
        };
        assert_eq!(hours(MINUTE, 3 * HOUR + MINUTE), [(Grain::Hour, HOUR, 4 * HOUR)]);
        assert_eq!(
            hours(8 * HOUR + 1, 10 * HOUR + 2 * MINUTE),
            [
                (Grain::Hour, 9 * HOUR, 10 * HOUR),
                (Grain::Minute, 10 * HOUR, 10 * HOUR + 2 * MINUTE)
            ]
        );
        assert_eq!(hours(MINUTE, 2 * MINUTE), []);
    }

    #[test]
    fn the_end_of_all_time_is_no_trouble() {
        covered(i64::MIN, i64::MAX, 0);
        covered(i64::MAX - 1, i64::MAX, i64::MIN);
        assert_eq!(Grain::Week.ceil(i64::MAX), i64::MAX);
    }
}
