//! Which requests charts are drawn of: a range of time in slots, and one thing to filter by.

use gateway::ports::logs::{Dimension, Slice};
use gateway_types::Wall;
use schemars::JsonSchema;

use crate::api::query::Query;
use crate::respond::ApiError;

pub(super) const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Within this time, figures are known by the minute; a little less than they are kept.
const BY_MINUTE: i64 = 47 * HOUR;
/// Lengths of slots; the first that needs few enough of them is taken.
const SLOTS: [i64; 12] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    DAY,
    7 * DAY,
    30 * DAY,
];
const MOST_SLOTS: i64 = 180;
/// The longest that `minutes` may ask for: 90 days.
const MOST_MINUTES: usize = 129_600;

/// What may be filtered by, and the parameter for it.
pub(super) const FILTERS: [(&str, Dimension); 5] = [
    ("providers", Dimension::Provider),
    ("models", Dimension::Model),
    ("virtual_key_ids", Dimension::VirtualKey),
    ("team_ids", Dimension::Team),
    ("customer_ids", Dimension::Customer),
];

/// Which requests are asked for.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
pub(super) struct RangeQuery {
    /// So many minutes up to now.
    #[schemars(range(min = 1, max = 129_600))]
    minutes: Option<u32>,
    /// From then on (RFC 3339); one day before the end unless given. Not with `minutes`.
    start_time: Option<String>,
    /// Until then (RFC 3339); now unless given. Not with `minutes`.
    end_time: Option<String>,
    /// Those that these providers answered: names with commas between. One kind of filter at a time.
    providers: Option<String>,
    /// Those that these models answered, with commas between.
    models: Option<String>,
    /// Those of these virtual keys, with commas between.
    virtual_key_ids: Option<String>,
    /// Those of these teams, with commas between.
    team_ids: Option<String>,
    /// Those of these customers, with commas between.
    customer_ids: Option<String>,
}

/// The parameters of [`RangeQuery`].
pub(super) const PARAMETERS: [&str; 8] = [
    "minutes",
    "start_time",
    "end_time",
    "providers",
    "models",
    "virtual_key_ids",
    "team_ids",
    "customer_ids",
];

/// A range of time in whole slots, and whose requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// When it begins: at the beginning of a slot.
    pub(super) since: i64,
    /// When it ends: at the end of a slot.
    pub(super) until: i64,
    /// How long slots are, in milliseconds.
    pub(super) slot_ms: i64,
    /// Where it stops having anything: now, where it goes on after that.
    known_until: i64,
    /// What is filtered by, if anything.
    pub(super) filter: Option<(Dimension, Vec<String>)>,
}

impl Range {
    /// Reads it; `minutes` where neither they nor a time are given.
    pub(super) fn read(query: &Query, now: Wall, minutes: usize) -> Result<Self, ApiError> {
        let now = ceil(now.millis().saturating_add(1), MINUTE);
        let (since, until) = asked(query, now, minutes)?;
        let slot_ms = slot(until.saturating_sub(since), now.saturating_sub(since) <= BY_MINUTE);
        let until = ceil(until, slot_ms);
        let since = match query.text("start_time") {
            // So many slots as are asked for, the one that has begun included.
            None => until.saturating_sub(ceil(minutes_or(query, minutes)?, slot_ms)),
            Some(_) => floor(since, slot_ms),
        };
        Ok(Self {
            since,
            until,
            slot_ms,
            known_until: until.min(now).max(since),
            filter: filter(query)?,
        })
    }

    /// The requests, told apart by that.
    pub(super) fn by(&self, dimension: Dimension) -> Slice {
        Slice {
            dimension,
            values: Vec::new(),
            since: Wall::from_millis(self.since),
            until: Wall::from_millis(self.until),
        }
    }

    /// The requests, told apart by what is filtered by, if anything.
    pub(super) fn chosen(&self) -> Slice {
        match &self.filter {
            None => self.by(Dimension::Everything),
            Some((dimension, values)) => Slice {
                values: values.clone(),
                ..self.by(*dimension)
            },
        }
    }

    /// The same of the time before, as long as this one has been so far.
    pub(super) fn before(&self, of: Slice) -> Slice {
        let length = self.known_until.saturating_sub(self.since);
        Slice {
            since: Wall::from_millis(self.since.saturating_sub(length)),
            until: Wall::from_millis(self.since),
            ..of
        }
    }

    /// The beginnings of all slots.
    pub(super) fn slots(&self) -> impl Iterator<Item = i64> {
        let (until, slot_ms) = (self.until, self.slot_ms);
        std::iter::successors(Some(self.since), move |at| at.checked_add(slot_ms)).take_while(move |at| *at < until)
    }

    /// How long a slot is, in seconds.
    pub(super) fn bucket_size_seconds(&self) -> u64 {
        (self.slot_ms / 1000).unsigned_abs()
    }
}

/// The time that is asked for.
fn asked(query: &Query, now: i64, minutes: usize) -> Result<(i64, i64), ApiError> {
    let (start, end) = (query.moment("start_time")?, query.moment("end_time")?);
    if (start.is_some() || end.is_some()) && query.text("minutes").is_some() {
        return Err(ApiError::invalid(
            "query parameters `minutes` and `start_time` or `end_time` are given together; ask for one or the other",
        ));
    }
    let until = end.map_or(now, Wall::millis);
    let since = match start {
        Some(start) => start.millis(),
        None => until.saturating_sub(minutes_or(query, minutes)?),
    };
    if since >= until {
        return Err(ApiError::invalid(
            "query parameter `start_time` must be before `end_time`",
        ));
    }
    Ok((since, until))
}

fn minutes_or(query: &Query, minutes: usize) -> Result<i64, ApiError> {
    let minutes = query.within("minutes", 1, MOST_MINUTES, minutes)?;
    Ok(i64::try_from(minutes).unwrap_or(i64::MAX).saturating_mul(MINUTE))
}

fn filter(query: &Query) -> Result<Option<(Dimension, Vec<String>)>, ApiError> {
    let mut given = FILTERS
        .into_iter()
        .map(|(name, dimension)| (name, dimension, query.list(name)))
        .filter(|(_, _, values)| !values.is_empty());
    let Some((name, dimension, values)) = given.next() else {
        return Ok(None);
    };
    match given.next() {
        None => Ok(Some((dimension, values))),
        Some((other, ..)) => Err(ApiError::invalid(format!(
            "query parameters `{name}` and `{other}` are given together; figures are known by one of them at a time: \
             leave one out, or look at the rows in /api/logs"
        ))),
    }
}

/// The shortest slot that few enough of make up the time.
fn slot(length: i64, by_minute: bool) -> i64 {
    let least = if by_minute { MINUTE } else { HOUR };
    let fits = |slot: &i64| *slot >= least && ceil(length, *slot) / slot <= MOST_SLOTS;
    let longest = SLOTS[SLOTS.len() - 1];
    SLOTS
        .into_iter()
        .find(fits)
        .unwrap_or_else(|| ceil(length / MOST_SLOTS + 1, longest))
}

fn floor(at: i64, length: i64) -> i64 {
    at.div_euclid(length).saturating_mul(length)
}

fn ceil(at: i64, length: i64) -> i64 {
    floor(at.saturating_add(length - 1), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some way into a slot of any length.
    const NOW: i64 = 20_000 * DAY + 13 * HOUR + 7 * MINUTE + 1;

    fn read(text: &str) -> Result<Range, ApiError> {
        Range::read(&Query::parse(text).unwrap(), Wall::from_millis(NOW), 60)
    }

    #[test]
    fn a_chart_has_a_fit_number_of_points() {
        for (minutes, slot_ms, slots) in [
            (1, MINUTE, 1),
            (30, MINUTE, 30),
            (60, MINUTE, 60),
            (180, MINUTE, 180),
            (360, 2 * MINUTE, 180),
            (1_440, 10 * MINUTE, 144),
            (2_880, HOUR, 48),
            (10_080, HOUR, 168),
            (43_200, 6 * HOUR, 120),
            (129_600, DAY, 90),
        ] {
            let range = read(&format!("minutes={minutes}")).unwrap();
            assert_eq!(
                (range.slot_ms, range.slots().count()),
                (slot_ms, slots),
                "{minutes} minutes"
            );
            assert!(
                range.until > NOW && range.until - slot_ms <= NOW,
                "the slot that has begun is the last"
            );
            assert_eq!((range.since % slot_ms, range.until % slot_ms), (0, 0));
        }
    }

    #[test]
    fn a_time_of_any_length_has_few_slots() {
        for length in [1, HOUR, 40 * DAY, 400 * DAY, 10_000 * DAY, i64::MAX / 4] {
            for by_minute in [true, false] {
                let slot = slot(length, by_minute);
                assert!(length / slot <= MOST_SLOTS, "{length} in slots of {slot}");
            }
        }
    }

    #[test]
    fn the_time_before_is_as_long_as_this_one_is_old() {
        let range = read("minutes=129600").unwrap();
        let before = range.before(range.by(Dimension::Everything));
        assert_eq!(before.until.millis(), range.since);
        assert_eq!(range.since - before.since.millis(), NOW - 1 + MINUTE - range.since);
        let past = read("start_time=2024-01-01T00:00:00Z&end_time=2024-01-03T00:00:00Z").unwrap();
        let before = past.before(past.by(Dimension::Everything));
        assert_eq!(before.since.rfc3339(), "2023-12-30T00:00:00.000Z");
    }

    #[test]
    fn one_filter_is_read_and_two_are_refused() {
        let range = read("virtual_key_ids=a,b").unwrap();
        assert_eq!(
            range.filter,
            Some((Dimension::VirtualKey, vec!["a".to_owned(), "b".to_owned()]))
        );
        let refused = read("providers=openai&team_ids=core").unwrap_err().message;
        assert!(refused.contains("`providers` and `team_ids`"), "{refused}");
        for wrong in [
            "minutes=0",
            "minutes=129601",
            "minutes=60&end_time=2026-01-01T00:00:00Z",
            "start_time=2999-01-01T00:00:00Z",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
