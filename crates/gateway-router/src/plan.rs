//! The order in which the candidates of one request would be tried: a pure function.

use std::fmt;

use gateway_types::{ModelName, Now, Wall};
use serde::Serialize;

use crate::health::Standing;
use crate::query::{Candidate, Deployment, Query, Strategy};
use crate::reason::Reason;
use crate::rng::Rng;
use crate::strategy::{self, Seat, Tier};
use crate::view::View;

/// Every candidate of a query, in the order of trial or left out, with the reason.
///
/// Written down together with its query and view it explains a decision; made again from them it is the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The model as asked for.
    pub model: ModelName,
    /// How it was chosen.
    pub strategy: Strategy,
    /// What the lots were drawn from.
    pub seed: u64,
    /// When it was made.
    pub at: Wall,
    /// Who is tried, in order.
    pub picks: Vec<Pick>,
    /// Who is not.
    pub left_out: Vec<LeftOut>,
}

/// One candidate at its place in a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pick {
    /// Its place, from 1.
    pub place: u32,
    /// The group that it comes from: 0 the asked model, then the request's own fallbacks.
    pub group: u32,
    /// Where it stands in its group.
    pub index: u32,
    /// What is tried.
    pub deployment: Deployment,
    /// What the strategy ranked its provider by: less is earlier.
    pub score: f64,
    /// Whether it comes only when nothing else is left.
    pub last_resort: bool,
    /// Why it stands there.
    pub reason: Reason,
    /// The weight of its entry.
    pub weight: f64,
    /// How it stood, where anything was known of it.
    #[serde(skip_serializing_if = "is_unknown")]
    pub health: Standing,
    /// Where it stands among all candidates of the query.
    #[serde(skip)]
    pub(crate) flat: usize,
}

impl Pick {
    /// The candidate in the query that the plan was made for.
    pub fn candidate<'q>(&self, query: &'q Query) -> Option<&'q Candidate> {
        query
            .groups
            .get(self.group as usize)?
            .candidates
            .get(self.index as usize)
    }
}

/// One candidate that is not tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeftOut {
    /// The group that it comes from.
    pub group: u32,
    /// Where it stands in its group.
    pub index: u32,
    /// What would have been tried.
    pub deployment: Deployment,
    /// Why it is not.
    pub reason: Reason,
    /// The weight of its entry.
    pub weight: f64,
    /// How it stood, where anything was known of it.
    #[serde(skip_serializing_if = "is_unknown")]
    pub health: Standing,
}

fn is_unknown(health: &Standing) -> bool {
    *health == Standing::UNKNOWN
}

/// Puts every candidate of `query` in order.
///
/// First the pick of the asked model with the other keys of its provider, then the request's own fallbacks, then the
/// rest of the asked model; and at the very end those that are broken, cooling down or full, because they are better
/// than nothing. `now` is only written down: what time it was for the candidates, the view says.
pub fn plan(query: &Query, view: &View, now: Now, seed: u64) -> Plan {
    let mut seats = seats(query, view, &mut Rng::new(seed));
    seats.sort_by_key(|seat| seat.tier);

    let mut plan = Plan {
        model: query.model.clone(),
        strategy: query.strategy,
        seed,
        at: now.wall,
        picks: Vec::with_capacity(seats.len()),
        left_out: Vec::new(),
    };
    for seat in seats {
        plan.seat(query, view, &seat);
    }
    plan
}

/// All candidates in order of preference, as if every one of them could be tried.
fn seats(query: &Query, view: &View, rng: &mut Rng) -> Vec<Seat> {
    let fit = Fit::of(query);
    let mut seats = Vec::new();
    let mut rest = Vec::new();
    let mut flat = 0;
    for (number, group) in query.groups.iter().enumerate() {
        let (mut arranged, first) = strategy::arrange(query, number, view, flat, &fit, rng);
        if number == 0 && query.groups.len() > 1 {
            rest = arranged.split_off(first);
        }
        if seats.is_empty() {
            seats = arranged;
        } else {
            seats.append(&mut arranged);
        }
        flat += group.candidates.len();
    }
    seats.append(&mut rest);
    seats
}

impl Plan {
    fn seat(&mut self, query: &Query, view: &View, seat: &Seat) {
        let Candidate { deployment, weight, .. } = &query.groups[seat.group].candidates[seat.index];
        let (weight, health) = (strategy::sound(*weight), view.of(seat.flat).clone());
        let (group, index) = (seat.group as u32, seat.index as u32);
        let seen = self.picks.iter().any(|pick| pick.deployment == *deployment);
        if seen || seat.tier == Tier::Out {
            let reason = if seat.tier == Tier::Out {
                seat.reason
            } else {
                Reason::Duplicate
            };
            return self.left_out.push(LeftOut {
                group,
                index,
                deployment: deployment.clone(),
                reason,
                weight,
                health,
            });
        }
        self.picks.push(Pick {
            place: self.picks.len() as u32 + 1,
            group,
            index,
            deployment: deployment.clone(),
            score: seat.score,
            last_resort: seat.tier != Tier::Well,
            reason: seat.reason,
            weight,
            health,
            flat: seat.flat,
        });
    }
}

/// One line per candidate, as a person would want to read it.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for pick in &self.picks {
            let Deployment {
                provider, key, model, ..
            } = &pick.deployment;
            writeln!(f, "{}. {provider}/{model} ({key}): {}", pick.place, pick.reason)?;
        }
        for out in &self.left_out {
            let Deployment {
                provider, key, model, ..
            } = &out.deployment;
            writeln!(f, "-  {provider}/{model} ({key}): {}", out.reason)?;
        }
        Ok(())
    }
}

/// Which context windows are large enough.
///
/// The estimate is a guess, and only the upstream's own refusal is exact, in words that clients understand. So where
/// no candidate seems large enough, the largest are asked all the same.
pub(crate) struct Fit {
    input: u64,
    largest: Option<u64>,
}

impl Fit {
    fn of(query: &Query) -> Self {
        let input = query.input_estimate;
        let any = query.candidates().any(|candidate| candidate.fits(input));
        let largest = if any {
            None
        } else {
            query.candidates().filter_map(|candidate| candidate.context).max()
        };
        Self { input, largest }
    }

    /// Whether a candidate stays in, and the reason if its window is too small for the estimate.
    pub(crate) fn check(&self, candidate: &Candidate) -> (bool, Option<Reason>) {
        let input = self.input;
        match candidate.context {
            Some(context) if self.largest == Some(context) => (true, Some(Reason::LargestContext { input, context })),
            Some(context) if input > context => (false, Some(Reason::ContextTooSmall { input, context })),
            _ => (true, None),
        }
    }
}
