//! The order within one group: entries (a provider's keys for one model) by strategy, keys by their weights.

use std::cmp::Ordering;

use smallvec::SmallVec;

use crate::health::Standing;
use crate::plan::Fit;
use crate::query::{Candidate, Query, Strategy};
use crate::reason::Reason;
use crate::rng::{Rng, hash, race, unit};
use crate::view::View;

/// A candidate and where it belongs.
pub(crate) struct Seat {
    pub(crate) group: usize,
    pub(crate) index: usize,
    pub(crate) flat: usize,
    pub(crate) tier: Tier,
    pub(crate) score: f64,
    pub(crate) reason: Reason,
}

/// What comes before what, whatever the strategy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    /// It can be asked.
    Well,
    /// It works, but has enough to do.
    Full,
    /// It probably does not work.
    Unwell,
    /// It is not asked.
    Out,
}

/// The keys of one provider for one model.
struct Entry {
    /// Its first key, for what all keys share.
    first: usize,
    /// Whether any of its keys has a weight.
    weighted: bool,
    weight: f64,
    draw: f64,
    well: bool,
    in_flight: u32,
    expected: Option<f64>,
    score: f64,
}

struct Key {
    index: usize,
    entry: usize,
    tier: Tier,
    reason: Option<Reason>,
    draw: f64,
    in_flight: u32,
}

/// Most groups have few candidates, which need no memory of their own to be put in order.
type Entries = SmallVec<[Entry; 4]>;
type Keys = SmallVec<[Key; 4]>;
type Order = SmallVec<[usize; 4]>;

/// The candidates of a group in order, and how many of them belong to the first pick's provider.
pub(crate) fn arrange(
    query: &Query,
    number: usize,
    view: &View,
    flat: usize,
    fit: &Fit,
    rng: &mut Rng,
) -> (Vec<Seat>, usize) {
    let candidates = &query.groups[number].candidates;
    let session = query
        .session
        .as_deref()
        .filter(|_| query.strategy == Strategy::Affinity);
    let strategy = match query.strategy {
        Strategy::Affinity if session.is_none() => Strategy::Weighted,
        chosen => chosen,
    };

    let (mut entries, mut keys) = gather(candidates, view, flat, fit);
    draw(candidates, &mut entries, &mut keys, session, rng);
    let share = entries.iter().map(|entry| entry.weight).sum::<f64>();
    let order = order_entries(candidates, &mut entries, strategy);
    order_keys(&mut keys, strategy);

    let mut seats = Vec::with_capacity(candidates.len());
    let mut first = 0;
    for (place, &entry) in order.iter().enumerate() {
        let mut reason = Some(why(&entries[entry], &candidates[entries[entry].first], strategy, share));
        let own = keys.partition_point(|key| key.entry < entry);
        for key in keys[own..].iter().take_while(|key| key.entry == entry) {
            let reason = key.reason.unwrap_or_else(|| reason.take().unwrap_or(Reason::OtherKey));
            let Key { index, tier, .. } = *key;
            seats.push(Seat {
                group: number,
                index,
                flat: flat + index,
                tier,
                score: entries[entry].score,
                reason,
            });
        }
        if place == 0 {
            first = seats.len();
        }
    }
    (seats, first)
}

fn gather(candidates: &[Candidate], view: &View, flat: usize, fit: &Fit) -> (Entries, Keys) {
    let mut entries = Entries::with_capacity(candidates.len());
    let mut keys = Keys::with_capacity(candidates.len());
    for (index, candidate) in candidates.iter().enumerate() {
        let standing = view.of(flat + index);
        let (tier, reason) = tier(candidate, standing, fit);
        // Keys of one provider mostly come together.
        let known = entries
            .iter()
            .rposition(|entry| same_entry(&candidates[entry.first], candidate));
        let entry = known.unwrap_or_else(|| {
            let weight = sound(candidate.weight);
            let (first, draw) = (index, 0.0);
            entries.push(Entry {
                first,
                weighted: false,
                weight,
                draw,
                well: false,
                in_flight: 0,
                expected: None,
                score: 0.0,
            });
            entries.len() - 1
        });
        entries[entry].take_in(candidate, standing, tier);
        keys.push(Key {
            index,
            entry,
            tier,
            reason,
            draw: 0.0,
            in_flight: standing.in_flight,
        });
    }
    (entries, keys)
}

fn same_entry(one: &Candidate, other: &Candidate) -> bool {
    one.order == other.order
        && one.deployment.provider == other.deployment.provider
        && one.deployment.model == other.deployment.model
}

impl Entry {
    fn take_in(&mut self, key: &Candidate, standing: &Standing, tier: Tier) {
        self.weighted |= sound(key.key_weight) > 0.0;
        self.in_flight = self.in_flight.saturating_add(standing.in_flight);
        self.well |= tier == Tier::Well;
        if let Some(expected) = standing.expected_ms {
            self.expected = Some(self.expected.map_or(expected, |best| best.min(expected)));
        }
    }
}

fn tier(candidate: &Candidate, standing: &Standing, fit: &Fit) -> (Tier, Option<Reason>) {
    let (fits, small) = fit.check(candidate);
    if !fits {
        return (Tier::Out, small);
    }
    let Standing {
        condition,
        ready_in_ms,
        in_flight,
        ..
    } = *standing;
    if !condition.is_ready() {
        return (Tier::Unwell, Some(Reason::Unwell { condition, ready_in_ms }));
    }
    match candidate.max_in_flight {
        Some(most) if in_flight >= most => (Tier::Full, Some(Reason::Full { in_flight, most })),
        _ => (Tier::Well, small),
    }
}

/// Gives everyone a lot, sick or well, so that the health of one does not reshuffle the others.
fn draw(candidates: &[Candidate], entries: &mut [Entry], keys: &mut [Key], session: Option<&str>, rng: &mut Rng) {
    for entry in &mut *entries {
        let drawn = rng.unit();
        let provider = candidates[entry.first].deployment.provider.as_str();
        let lot = session.map_or(drawn, |session| unit(hash(&[session, provider])));
        entry.draw = race(lot, entry.weight);
    }
    for key in keys {
        let drawn = rng.unit();
        let candidate = &candidates[key.index];
        let deployment = &candidate.deployment;
        let lot = session.map_or(drawn, |session| {
            unit(hash(&[session, deployment.provider.as_str(), deployment.key.as_str()]))
        });
        let weight = match entries[key.entry].weighted {
            true => sound(candidate.key_weight),
            false => 1.0,
        };
        key.draw = race(lot, weight);
    }
}

/// A weight that can be reckoned with: what is negative or not a number is 0.
pub(crate) fn sound(weight: f64) -> f64 {
    if weight.is_finite() { weight.max(0.0) } else { 0.0 }
}

/// Weights above 0 by strategy, the well before the sick; then weight 0 in listed order.
fn order_entries(candidates: &[Candidate], entries: &mut [Entry], strategy: Strategy) -> Order {
    score(candidates, entries, strategy);
    let mut order: Order = (0..entries.len()).collect();
    let band = |entry: &Entry| match (entry.weight > 0.0, entry.well) {
        (true, true) => 0,
        (true, false) => 1,
        (false, _) => 2,
    };
    order.sort_by(|&one, &other| {
        let (one, other) = (&entries[one], &entries[other]);
        let by_strategy = || match strategy {
            Strategy::Weighted | Strategy::LeastBusy | Strategy::Affinity => Ordering::Equal,
            Strategy::Cost => rank(candidates, one).cmp(&rank(candidates, other)),
            Strategy::Latency => one.score.total_cmp(&other.score),
        };
        let listed = |entry: &Entry| (candidates[entry.first].order, entry.first);
        band(one).cmp(&band(other)).then_with(|| match band(one) {
            2 => listed(one).cmp(&listed(other)),
            _ => by_strategy().then_with(|| one.draw.total_cmp(&other.draw)),
        })
    });
    if strategy == Strategy::LeastBusy {
        let drawn = order.partition_point(|&entry| band(&entries[entry]) == 0);
        two_choices(&mut order[..drawn], |&entry| entries[entry].in_flight);
    }
    order
}

fn score(candidates: &[Candidate], entries: &mut [Entry], strategy: Strategy) {
    // A place that was never measured is expected to be as fast as the best: it gets its turn, and calls in flight
    // keep it from getting everyone's.
    let best = entries
        .iter()
        .filter_map(|entry| entry.expected)
        .min_by(f64::total_cmp)
        .unwrap_or(1.0)
        .max(0.001);
    for entry in entries {
        entry.score = match strategy {
            _ if entry.weight == 0.0 => f64::from(candidates[entry.first].order),
            Strategy::Weighted | Strategy::Affinity => entry.draw,
            Strategy::LeastBusy => f64::from(entry.in_flight),
            Strategy::Latency => entry.expected.unwrap_or(best).max(0.001) * (f64::from(entry.in_flight) + 1.0),
            Strategy::Cost => candidates[entry.first].cost_rank.map_or(f64::MAX, |rank| rank as f64),
        };
    }
}

/// What costs an unknown amount comes after what costs a known one.
fn rank(candidates: &[Candidate], entry: &Entry) -> (bool, u64) {
    let rank = candidates[entry.first].cost_rank;
    (rank.is_none(), rank.unwrap_or(0))
}

/// Of each two neighbours in the draw the less busy goes first; the other meets the next.
fn two_choices<T>(drawn: &mut [T], in_flight: impl Fn(&T) -> u32) {
    for second in 1..drawn.len() {
        if in_flight(&drawn[second]) < in_flight(&drawn[second - 1]) {
            drawn.swap(second - 1, second);
        }
    }
}

/// Keys by the lots of their weights, those of one entry together.
fn order_keys(keys: &mut [Key], strategy: Strategy) {
    keys.sort_by(|one, other| {
        let by_lot = || one.draw.total_cmp(&other.draw).then(one.index.cmp(&other.index));
        (one.entry, one.tier).cmp(&(other.entry, other.tier)).then_with(by_lot)
    });
    if strategy == Strategy::LeastBusy {
        for keys in keys.chunk_by_mut(|one, other| (one.entry, one.tier) == (other.entry, other.tier)) {
            two_choices(keys, |key| key.in_flight);
        }
    }
}

fn why(entry: &Entry, candidate: &Candidate, strategy: Strategy, sum: f64) -> Reason {
    match strategy {
        _ if entry.weight == 0.0 => Reason::FallbackOnly,
        Strategy::Weighted => Reason::Drawn {
            share: entry.weight / sum,
        },
        Strategy::LeastBusy => Reason::LeastBusy {
            in_flight: entry.in_flight,
        },
        Strategy::Latency => Reason::Fastest {
            expected_ms: entry.expected,
        },
        Strategy::Cost => Reason::Cheapest {
            rank: candidate.cost_rank,
        },
        Strategy::Affinity => Reason::Session,
    }
}
