//! How time is cut into windows.

use gateway_types::{Span, Wall};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// How time is cut into windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// From the first use on, for that many milliseconds.
    Rolling(u64),
    /// With the UTC day.
    Day,
    /// With the ISO week.
    Week,
    /// With the calendar month.
    Month,
    /// With the calendar quarter: from January, April, July or October on.
    Quarter,
    /// With the calendar year.
    Year,
}

/// A length of time that has no calendar unit of its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot be aligned to the calendar; write 1d, 1w, 1M, 1Q (or 3M) or 1Y, or leave calendar_aligned out")]
pub struct NotAligned(String);

impl Cut {
    /// The cut that a duration stands for: one calendar unit where it is aligned, else a window that begins with its
    /// first use.
    pub fn new(span: &Span, aligned: bool) -> Result<Self, NotAligned> {
        if !aligned {
            return Ok(Self::rolling(span));
        }
        match span.as_str() {
            "1d" => Ok(Self::Day),
            "1w" => Ok(Self::Week),
            "1M" => Ok(Self::Month),
            "1Q" | "3M" => Ok(Self::Quarter),
            "1Y" => Ok(Self::Year),
            other => Err(NotAligned(other.to_owned())),
        }
    }

    /// A window that begins with its first use and lasts `span`.
    pub fn rolling(span: &Span) -> Self {
        Self::Rolling(u64::try_from(span.length().as_millis()).unwrap_or(u64::MAX).max(1))
    }

    /// The window that a use at `now` opens: its first millisecond, and the first one after it.
    pub fn window(self, now: Wall) -> (Wall, Wall) {
        match self {
            Self::Rolling(millis) => {
                let length = i64::try_from(millis).unwrap_or(i64::MAX);
                (now, Wall::from_millis(now.millis().saturating_add(length)))
            }
            Self::Day | Self::Week | Self::Month | Self::Quarter | Self::Year => self.calendar(now),
        }
    }

    /// When a window that began at `started` ends.
    pub fn end_of(self, started: Wall) -> Wall {
        self.window(started).1
    }

    fn calendar(self, now: Wall) -> (Wall, Wall) {
        let today = day(now);
        let first = match self {
            Self::Week => today.saturating_sub(i64::from(today.weekday().to_monday_zero_offset()).days()),
            Self::Month => today.first_of_month(),
            Self::Quarter => {
                let month = today.first_of_month();
                month.saturating_sub(i64::from((month.month() - 1) % 3).months())
            }
            Self::Year => today.first_of_year(),
            Self::Day | Self::Rolling(_) => today,
        };
        let next = match self {
            Self::Week => first.saturating_add(1.week()),
            Self::Month => first.saturating_add(1.month()),
            Self::Quarter => first.saturating_add(3.months()),
            Self::Year => first.saturating_add(1.year()),
            Self::Day | Self::Rolling(_) => first.saturating_add(1.day()),
        };
        (midnight(first), midnight(next))
    }
}

/// The UTC day of a moment. Clocks that stand outside the years 1 to 9000 are taken as standing at their edge.
fn day(at: Wall) -> Date {
    const EDGES: (i64, i64) = (-62_135_596_800_000, 221_845_392_000_000);
    let at = Timestamp::from_millisecond(at.millis().clamp(EDGES.0, EDGES.1)).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::UTC).date()
}

fn midnight(date: Date) -> Wall {
    let at = date
        .to_zoned(TimeZone::UTC)
        .map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
    Wall::from_millis(at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Wall {
        Wall::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn aligned_windows_follow_the_utc_calendar() {
        let cases = [
            (
                Cut::Day,
                "2024-02-29T23:59:59.999Z",
                "2024-02-29T00:00:00Z",
                "2024-03-01T00:00:00Z",
            ),
            (
                Cut::Week,
                "2024-03-03T12:00:00Z",
                "2024-02-26T00:00:00Z",
                "2024-03-04T00:00:00Z",
            ),
            (
                Cut::Week,
                "2024-03-04T00:00:00Z",
                "2024-03-04T00:00:00Z",
                "2024-03-11T00:00:00Z",
            ),
            (
                Cut::Week,
                "2025-01-01T00:00:00Z",
                "2024-12-30T00:00:00Z",
                "2025-01-06T00:00:00Z",
            ),
            (
                Cut::Month,
                "2024-02-15T00:00:00Z",
                "2024-02-01T00:00:00Z",
                "2024-03-01T00:00:00Z",
            ),
            (
                Cut::Month,
                "2023-12-31T23:59:59Z",
                "2023-12-01T00:00:00Z",
                "2024-01-01T00:00:00Z",
            ),
            (
                Cut::Quarter,
                "2024-02-29T12:00:00Z",
                "2024-01-01T00:00:00Z",
                "2024-04-01T00:00:00Z",
            ),
            (
                Cut::Quarter,
                "2024-12-31T23:59:59.999Z",
                "2024-10-01T00:00:00Z",
                "2025-01-01T00:00:00Z",
            ),
            (
                Cut::Year,
                "2024-12-31T23:59:59Z",
                "2024-01-01T00:00:00Z",
                "2025-01-01T00:00:00Z",
            ),
        ];
        for (cut, now, started, ends) in cases {
            assert_eq!(cut.window(at(now)), (at(started), at(ends)), "{cut:?} {now}");
        }
    }

    #[test]
    fn rolling_windows_begin_with_their_first_use() {
        let now = at("2024-02-29T23:59:59.999Z");
        assert_eq!(Cut::Rolling(30_000).window(now), (now, at("2024-03-01T00:00:29.999Z")));
    }

    #[test]
    fn a_clock_at_the_edge_of_its_range_still_has_a_window() {
        for millis in [i64::MIN, 0, i64::MAX] {
            for cut in [
                Cut::Day,
                Cut::Week,
                Cut::Month,
                Cut::Quarter,
                Cut::Year,
                Cut::Rolling(1),
                Cut::Rolling(u64::MAX),
            ] {
                let (started, ends) = cut.window(Wall::from_millis(millis));
                assert!(started <= ends, "{cut:?} at {millis}");
            }
        }
    }

    #[test]
    fn only_single_calendar_units_can_be_aligned() {
        let cut = |text: &str, aligned| Cut::new(&text.parse().unwrap(), aligned);
        assert_eq!(cut("1M", true), Ok(Cut::Month));
        assert_eq!(cut("1M", false), Ok(Cut::Rolling(30 * 86_400_000)));
        assert_eq!((cut("1Q", true), cut("3M", true)), (Ok(Cut::Quarter), Ok(Cut::Quarter)));
        assert_eq!(cut("1Q", false), Ok(Cut::Rolling(90 * 86_400_000)));
        assert!(
            cut("2d", true)
                .unwrap_err()
                .to_string()
                .contains("`2d` cannot be aligned")
        );
    }
}
