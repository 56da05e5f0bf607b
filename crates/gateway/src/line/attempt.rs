//! The attempts of one call: hold, translate, send, translate back, until one answers or nothing is left.

use std::sync::Arc;

use bytes::Bytes;
use gateway_governance::governor::{Admission, Settled};
use gateway_providers::lane::{Cap, prepare_forward};
use gateway_providers::{Prepared, Target, prepare};
use gateway_router::{Attempt, Cursor, Outcome};
use gateway_types::loss::{Fate, Loss};
use gateway_types::{Call, Error, Now};
use http::HeaderValue;

use super::Turn;
use super::exchange::Ended;
use super::failure::{Failure, Told};
use super::forward;
use super::place::{self, Place};
use super::sending::{Stake, Try};
use super::tail::Flow;
use crate::control::memo::Granted;

/// An attempt that answered.
pub(super) enum Answer {
    Whole(Box<Done>),
    Stream(Box<Flow>),
}

/// A whole answer, settled.
pub(super) struct Done {
    pub(super) status: http::StatusCode,
    pub(super) body: Bytes,
    /// Its media type, where it is not JSON.
    pub(super) content_type: Option<HeaderValue>,
    /// The provider's id of the request.
    pub(super) request_id: Option<HeaderValue>,
    /// Whether it is as the provider gave it.
    pub(super) passes: bool,
    pub(super) settled: Settled,
}

/// Walks the cursor until an attempt answers.
pub(super) async fn drive(
    turn: &mut Turn,
    call: &Call,
    grants: &[Arc<Granted>],
    mut cursor: Cursor,
    mut admission: Admission,
) -> Result<Answer, Error> {
    let snapshot = Arc::clone(&turn.snapshot);
    let mut told = Told::default();
    let mut sent = false;
    loop {
        let mut now = turn.now();
        let Some(attempt) = cursor.next(now).filter(|_| !turn.under_way.is_left()) else {
            break;
        };
        if !attempt.delay().is_zero() {
            tokio::time::sleep(attempt.delay()).await;
            now = turn.now();
        }
        let Some(place) = Place::find(grants, attempt.group(), attempt.deployment()) else {
            skip(turn, attempt, "the settings no longer have it");
            continue;
        };
        let access = match turn
            .line
            .shared
            .access(&*turn.line.transport, place.upstream, place.door)
            .await
        {
            Ok(access) => access,
            Err(error) => {
                let failure = Failure::no_access(error);
                not_begun(turn, attempt, &failure);
                told.failed(failure);
                continue;
            }
        };
        let quote = match place::quote(&snapshot, &place, call, now.wall) {
            Ok(quote) => forward::quote(turn, quote),
            Err(error) => {
                skip(turn, attempt, &error.message);
                told.refused(error);
                continue;
            }
        };
        let estimate = place::estimate(call, &place);
        let held = turn
            .line
            .shared
            .governor
            .hold(&admission, place.allowed, estimate, quote, now)
            .await;
        let hold = match held {
            Ok(hold) => hold,
            Err(error) => {
                skip(turn, attempt, &error.message);
                told.refused(error);
                continue;
            }
        };
        let cap = hold.cap().map_or(Cap::Client, Cap::AtMost);
        let target = place.target(access);
        let prepared = match ready(turn, call, &target, cap, now) {
            Ok(prepared) => prepared,
            Err(error) => {
                hold.release();
                skip(turn, attempt, &error.message);
                told.unsaid(error);
                continue;
            }
        };
        sent = true;
        let begun = turn.exchange.begin(turn.now());
        let made = {
            let mut try_ = Try {
                turn,
                call,
                place,
                prepared,
                begun,
                stake: Some(Stake {
                    attempt,
                    hold,
                    admission,
                }),
            };
            try_.make(&target).await
        };
        match made {
            Ok(answer) => return Ok(answer),
            Err((failure, back)) => {
                admission = back;
                if failure.outcome == Outcome::KeyRefused {
                    place.door.keeper.doubt(&target.access, turn.now());
                }
                if matches!(failure.outcome, Outcome::Rejected) {
                    let now = turn.now();
                    turn.exchange.settled(&admission.finish(now));
                    return Err(failure.error);
                }
                told.failed(failure);
            }
        }
    }
    if sent {
        // A failed attempt may be billed.
        let now = turn.now();
        turn.exchange.settled(&admission.finish(now));
    } else {
        turn.exchange.limited(admission.refuse());
    }
    Err(told.last_word(call))
}

/// What is sent: the call in the provider's words, or what goes there as it is. Refuses, where the caller is strict, what
/// would leave a field out.
fn ready(turn: &Turn, call: &Call, target: &Target, cap: Cap, now: Now) -> Result<Prepared, Error> {
    let (headers, stamp) = (&turn.arrival.headers, turn.stamp(now));
    let prepared = match turn.arrival.aim.as_ref().and_then(|aim| aim.forward.as_ref()) {
        Some(forward) => prepare_forward(call, forward, target, headers, stamp),
        None => prepare(call, target, cap, headers, stamp),
    }?;
    let dropped = |loss: &&Loss| loss.fate == Fate::Dropped;
    match prepared.losses.iter().find(dropped) {
        Some(loss) if turn.is_strict() => Err(left_out(loss)),
        _ => Ok(prepared),
    }
}

fn left_out(loss: &Loss) -> Error {
    let message = format!(
        "`{}` cannot be said to this model's provider ({}), and translation is strict; leave it out, or choose another model",
        loss.field, loss.note
    );
    Error::invalid(&*loss.field, message)
}

/// Notes an attempt that could not even be sent, and is the key's or its source's fault.
fn not_begun(turn: &mut Turn, attempt: Attempt, failure: &Failure) {
    note(turn, attempt, failure.outcome.clone(), &failure.error.message);
}

fn skip(turn: &mut Turn, attempt: Attempt, why: &str) {
    note(turn, attempt, Outcome::Skipped(why.to_owned()), why);
}

fn note(turn: &mut Turn, attempt: Attempt, outcome: Outcome, why: &str) {
    let now = turn.now();
    let begun = turn.exchange.begin(now);
    let choice = attempt.choice().clone();
    turn.exchange.attempted(
        begun,
        &choice,
        &Ended {
            at: now,
            outcome: &outcome,
            http_status: None,
            message: Some(why),
        },
    );
    attempt.finish(outcome, now);
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Whole(_) => "Whole",
            Self::Stream(_) => "Stream",
        })
    }
}
