//! Figures over many requests: what charts are drawn of. They add up and can be taken apart again, so that a slot of time
//! is kept up to date without a look at the rows that it counts.

use std::borrow::Cow;

use gateway_types::{NanoUsd, Wall};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LogRow, Status};

/// Figures over many requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many succeeded.
    pub successes: u64,
    /// How many failed.
    pub errors: u64,
    /// How many clients went away first.
    pub cancelled: u64,
    /// How many were answered by a model of one's own.
    pub self_hosted: u64,
    /// Tokens on the way in, cached ones included.
    pub input_tokens: u64,
    /// Tokens on the way out, reasoning included.
    pub output_tokens: u64,
    /// Of the tokens on the way in, those that came out of a cache.
    pub cached_tokens: u64,
    /// Of the tokens on the way out, those that nobody but the model read.
    pub reasoning_tokens: u64,
    /// What they cost.
    pub cost: NanoUsd,
    /// How long they took.
    pub latency: Histogram,
    /// How long until the first byte of content, where that was measured.
    pub ttft: Histogram,
}

impl Figures {
    /// The figures of one request.
    pub fn of(row: &LogRow) -> Self {
        let mut figures = Self::default();
        figures.count(row);
        figures
    }

    /// Adds one request.
    pub fn count(&mut self, row: &LogRow) {
        let add = |sum: &mut u64, part: u64| *sum = sum.saturating_add(part);
        add(
            match row.status {
                Status::Success => &mut self.successes,
                Status::Error => &mut self.errors,
                Status::Cancelled => &mut self.cancelled,
            },
            1,
        );
        add(
            &mut self.self_hosted,
            u64::from(row.hosting == Some(Hosting::SelfHosted)),
        );
        if let Some(usage) = row.metered.as_ref().map(|metered| &metered.usage) {
            add(&mut self.input_tokens, usage.input_total());
            add(&mut self.output_tokens, usage.output_total());
            add(&mut self.cached_tokens, usage.cached());
            add(&mut self.reasoning_tokens, usage.reasoning);
        }
        self.cost = NanoUsd(self.cost.0.saturating_add(row.cost.0));
        self.latency.count(row.latency_us);
        if let Some(ttft_us) = row.ttft_us {
            self.ttft.count(ttft_us);
        }
    }

    /// How many requests there were.
    pub const fn requests(&self) -> u64 {
        self.successes
            .saturating_add(self.errors)
            .saturating_add(self.cancelled)
    }

    /// Tokens in and out.
    pub const fn tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// Adds others.
    pub fn add(&mut self, others: &Self) {
        self.each(others, u64::saturating_add);
        self.cost = NanoUsd(self.cost.0.saturating_add(others.cost.0));
        self.latency.merge(&others.latency, u64::saturating_add);
        self.ttft.merge(&others.ttft, u64::saturating_add);
    }

    /// Takes out what was added before.
    pub fn subtract(&mut self, others: &Self) {
        self.each(others, u64::saturating_sub);
        self.cost = NanoUsd(self.cost.0.saturating_sub(others.cost.0));
        self.latency.merge(&others.latency, u64::saturating_sub);
        self.ttft.merge(&others.ttft, u64::saturating_sub);
    }

    fn each(&mut self, others: &Self, change: fn(u64, u64) -> u64) {
        for (one, other) in [
            (&mut self.successes, others.successes),
            (&mut self.errors, others.errors),
            (&mut self.cancelled, others.cancelled),
            (&mut self.self_hosted, others.self_hosted),
            (&mut self.input_tokens, others.input_tokens),
            (&mut self.output_tokens, others.output_tokens),
            (&mut self.cached_tokens, others.cached_tokens),
            (&mut self.reasoning_tokens, others.reasoning_tokens),
        ] {
            *one = change(*one, other);
        }
    }
}

/// How many buckets share a doubling: a value is told to within a sixteenth of itself.
const PER_DOUBLING: u64 = 8;

/// Durations in microseconds, counted in buckets that grow with what they hold. Only buckets that hold something take
/// room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// The sum of what was counted.
    pub sum: u64,
    /// Which buckets hold how many, rising; none of them is empty.
    pub buckets: Vec<(u16, u64)>,
}

impl Histogram {
    /// Counts one.
    pub fn count(&mut self, us: u64) {
        self.sum = self.sum.saturating_add(us);
        let bucket = bucket(us);
        match self.buckets.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(place) => self.buckets[place].1 = self.buckets[place].1.saturating_add(1),
            Err(place) => self.buckets.insert(place, (bucket, 1)),
        }
    }

    /// How many were counted.
    pub fn len(&self) -> u64 {
        self.buckets
            .iter()
            .fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Whether none was.
    pub const fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// The mean, in microseconds; none of none.
    pub fn mean(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.sum as f64 / self.len() as f64)
    }

    /// What that share (0 … 1) of the counted stays at or under, in microseconds, to within a sixteenth; none of none.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = (self.len() as f64 * share).ceil().max(1.0);
        let mut seen = 0.0;
        let holding = self.buckets.iter().find(|(_, count)| {
            seen += *count as f64;
            seen >= wanted
        });
        let (bucket, _) = holding.or_else(|| self.buckets.last())?;
        Some(middle(*bucket))
    }

    fn merge(&mut self, others: &Self, change: fn(u64, u64) -> u64) {
        self.sum = change(self.sum, others.sum);
        let mut place = 0;
        for (bucket, count) in &others.buckets {
            place += self.buckets[place..].partition_point(|(known, _)| known < bucket);
            match self.buckets.get_mut(place) {
                Some((known, held)) if known == bucket => *held = change(*held, *count),
                _ => self.buckets.insert(place, (*bucket, change(0, *count))),
            }
        }
        self.buckets.retain(|(_, count)| *count > 0);
    }
}

/// The bucket of a value: those under eight have one each, then eight share each doubling.
fn bucket(us: u64) -> u16 {
    if us < PER_DOUBLING {
        return us as u16;
    }
    let doublings = u64::from(us.ilog2()) - 3;
    let within = (us >> doublings) & (PER_DOUBLING - 1);
    ((doublings + 1) * PER_DOUBLING + within) as u16
}

/// The middle of what a bucket holds.
fn middle(bucket: u16) -> f64 {
    let (doublings, within) = (u64::from(bucket) / PER_DOUBLING, u64::from(bucket) % PER_DOUBLING);
    match doublings.checked_sub(1) {
        None => within as f64,
        Some(0) => (PER_DOUBLING + within) as f64,
        Some(doublings) => {
            let width = 2_f64.powi(doublings.min(63) as i32);
            (PER_DOUBLING + within) as f64 * width + width / 2.0
        }
    }
}

/// Where the model runs that answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hosting {
    /// On a server of one's own.
    SelfHosted,
    /// At a vendor.
    Cloud,
}

impl Hosting {
    /// Both.
    pub const ALL: [Self; 2] = [Self::SelfHosted, Self::Cloud];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfHosted => "self_hosted",
            Self::Cloud => "cloud",
        }
    }
}

/// What figures are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// Nothing: all requests under the empty value.
    Everything,
    /// The provider that answered.
    Provider,
    /// The model that answered.
    Model,
    /// The provider and the model that answered, as `provider/model`.
    ModelOfProvider,
    /// The virtual key that called.
    VirtualKey,
    /// Its team.
    Team,
    /// Its customer.
    Customer,
    /// Where the model runs, by [`Hosting::as_str`].
    Hosting,
    /// The routing rule, by its id.
    Rule,
    /// The kind of error, by its code.
    Error,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Everything,
        Self::Provider,
        Self::Model,
        Self::ModelOfProvider,
        Self::VirtualKey,
        Self::Team,
        Self::Customer,
        Self::Hosting,
        Self::Rule,
        Self::Error,
    ];

    /// What a request is counted under. It is the empty value where a provider, model, virtual key, team or customer is
    /// not there; where there is nothing else to tell, the request is not counted.
    pub fn value(self, row: &LogRow) -> Option<Cow<'_, str>> {
        self.parts(row).map(Self::join)
    }

    /// The same, where it has two parts in these.
    pub fn parts(self, row: &LogRow) -> Option<(&str, Option<&str>)> {
        let provider = row.provider.as_ref().map(|name| name.as_str());
        let model = row.model.as_ref().map(|name| name.as_str());
        let one = match self {
            Self::Everything => "",
            Self::Provider => provider.unwrap_or_default(),
            Self::Model => model.unwrap_or_default(),
            Self::ModelOfProvider => return Some((provider?, Some(model.unwrap_or_default()))),
            Self::VirtualKey => row.virtual_key.as_ref().map_or("", |id| id.as_str()),
            Self::Team => row.team.as_ref().map_or("", |id| id.as_str()),
            Self::Customer => row.customer.as_ref().map_or("", |id| id.as_str()),
            Self::Hosting => row.hosting?.as_str(),
            Self::Rule => &row.rule.as_ref()?.id,
            Self::Error => row.error.as_ref()?.kind.code(),
        };
        Some((one, None))
    }

    /// The value of such parts.
    pub fn join<'a>((first, second): (&'a str, Option<&'a str>)) -> Cow<'a, str> {
        match second {
            Some(second) => format!("{first}/{second}").into(),
            None => first.into(),
        }
    }
}

/// Which requests figures are wanted of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// By what they are told apart.
    pub dimension: Dimension,
    /// Of these values alone; of every value where empty.
    pub values: Vec<String>,
    /// That came at or after, to the minute. What is older than two days is known by the hour, and stands where its hour
    /// begins.
    pub since: Wall,
    /// That came before, to the minute.
    pub until: Wall,
}

/// The figures of one value in one slot of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When the slot begins.
    pub at: Wall,
    /// The value; empty where there is none.
    pub value: String,
    /// The figures.
    pub figures: Figures,
}

/// What values are ranked by, the largest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rank {
    /// Requests.
    #[default]
    Requests,
    /// Tokens.
    Tokens,
    /// Cost.
    Cost,
}

impl Rank {
    /// What it looks at.
    pub fn of(self, figures: &Figures) -> i128 {
        match self {
            Self::Requests => figures.requests().into(),
            Self::Tokens => figures.tokens().into(),
            Self::Cost => figures.cost.0.into(),
        }
    }
}

/// The values that rank first, and the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Those that rank first; equal ones by name.
    pub first: Vec<(String, Figures)>,
    /// How many values there are besides.
    pub others: usize,
    /// Requests, tokens and cost of those others, as far as they are ranked by them.
    pub rest: Rest,
}

/// What is told of values that do not rank first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// Their requests.
    pub requests: u64,
    /// Their tokens.
    pub tokens: u64,
    /// Their cost.
    pub cost: NanoUsd,
}

impl Shares {
    /// All figures of the values that rank first, together.
    pub fn sum(&self) -> Figures {
        self.first.iter().fold(Figures::default(), |mut sum, (_, figures)| {
            sum.add(figures);
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(values: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        values.into_iter().for_each(|value| histogram.count(value));
        histogram
    }

    #[test]
    fn a_duration_is_told_to_within_a_sixteenth() {
        let mut value = 0_u64;
        while value < u64::MAX / 3 {
            let told = histogram([value]).quantile(0.5).unwrap();
            let off = (told - value as f64).abs();
            assert!(off <= value as f64 / 16.0, "{value} is told as {told}");
            value = value + value / 37 + 1;
        }
        assert!(histogram([u64::MAX]).quantile(1.0).unwrap() > u64::MAX as f64 * 0.9);
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        let mut values: Vec<u64> = (0..5000).map(|n| n * n % 90_001 + 3).collect();
        let histogram = histogram(values.iter().copied());
        values.sort_unstable();
        for share in [0.01, 0.5, 0.95, 0.99, 1.0] {
            let exact = values[(5000.0 * share) as usize - 1] as f64;
            let told = histogram.quantile(share).unwrap();
            assert!((told - exact).abs() <= exact / 16.0, "{share}: {told} for {exact}");
        }
        assert_eq!(Histogram::default().quantile(0.5), None);
        assert_eq!(Histogram::default().mean(), None);
    }

    #[test]
    fn what_was_added_can_be_taken_out_again() {
        let (one, other) = (
            histogram((0..500).map(|n| n * 97)),
            histogram((0..300).map(|n| n * 311)),
        );
        let figures = |latency: &Histogram| Figures {
            successes: latency.len(),
            cost: NanoUsd(7),
            latency: latency.clone(),
            ..Figures::default()
        };
        let mut sum = figures(&one);
        sum.add(&figures(&other));
        assert_eq!(
            sum.latency,
            histogram((0..500).map(|n| n * 97).chain((0..300).map(|n| n * 311)))
        );
        sum.subtract(&figures(&other));
        assert_eq!(sum, figures(&one));
        sum.subtract(&figures(&one));
        assert_eq!(sum, Figures::default(), "nothing is left, no empty bucket either");
    }
}
