//! Why a candidate stands where it stands.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::health::Condition;
use crate::told::ReasonRecord;

/// Why a candidate stands where it stands in a plan, or why it is not in it. Written down as a code and in words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// Drawn by weight.
    Drawn {
        /// Its part of the weights above 0, from 0 to 1.
        share: f64,
    },
    /// The fewer calls in flight of two that were drawn.
    LeastBusy {
        /// Calls in flight at its provider.
        in_flight: u32,
    },
    /// Expected to answer first among those with this reason, in order.
    Fastest {
        /// The expected time to the first byte; none if it was never measured.
        expected_ms: Option<f64>,
    },
    /// Cheapest first.
    Cheapest {
        /// Its rank; none if its price is not known.
        rank: Option<u64>,
    },
    /// The session belongs there.
    Session,
    /// Another key of the provider before it.
    OtherKey,
    /// Its weight is 0: only as a fallback, in listed order.
    FallbackOnly,
    /// It would have been asked earlier but may not be now: the last resort.
    Unwell {
        /// What is wrong with it.
        condition: Condition,
        /// When it may be asked again.
        ready_in_ms: u64,
    },
    /// It has as many calls as it should have: the last resort.
    Full {
        /// The calls that it has.
        in_flight: u32,
        /// The calls that it should have at most.
        most: u32,
    },
    /// The input seems too large for it, but for every other even more so: the upstream decides.
    LargestContext {
        /// The estimated input.
        input: u64,
        /// What it takes.
        context: u64,
    },
    /// Out: the input seems too large for it.
    ContextTooSmall {
        /// The estimated input.
        input: u64,
        /// What it takes.
        context: u64,
    },
    /// Out: the same deployment stands earlier in the plan.
    Duplicate,
}

impl Reason {
    /// The code for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Drawn { .. } => "drawn",
            Self::LeastBusy { .. } => "least_busy",
            Self::Fastest { .. } => "fastest",
            Self::Cheapest { .. } => "cheapest",
            Self::Session => "session",
            Self::OtherKey => "other_key",
            Self::FallbackOnly => "fallback_only",
            Self::Unwell { condition, .. } => match condition {
                Condition::Ready => "ready",
                Condition::ProbeDue => "probe_due",
                Condition::Probing => "probing",
                Condition::Broken => "broken",
                Condition::Unreachable => "unreachable",
                Condition::KeyRefused => "key_refused",
                Condition::RateLimited => "rate_limited",
                Condition::ModelMissing => "model_missing",
            },
            Self::Full { .. } => "full",
            Self::LargestContext { .. } => "largest_context",
            Self::ContextTooSmall { .. } => "context_too_small",
            Self::Duplicate => "duplicate",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Drawn { share } => {
                // Every plan that is kept says it, and to print a float with one decimal is far dearer.
                let mills = (share * 1000.0).round_ties_even() as u64;
                write!(f, "drawn by weight, with {}.{} % of it", mills / 10, mills % 10)
            }
            Self::LeastBusy { in_flight } => write!(f, "the less busy of two, with {in_flight} in flight"),
            Self::Fastest { expected_ms: Some(ms) } => write!(f, "by expected time to the first byte, {ms:.0} ms"),
            Self::Fastest { expected_ms: None } => f.write_str("by expected time to the first byte, not measured yet"),
            Self::Cheapest { rank: Some(rank) } => write!(f, "by cost, rank {rank}"),
            Self::Cheapest { rank: None } => f.write_str("by cost, which is not known"),
            Self::Session => f.write_str("the session belongs there"),
            Self::OtherKey => f.write_str("another key of the same provider"),
            Self::FallbackOnly => f.write_str("weight 0: only as a fallback"),
            Self::Unwell { condition, ready_in_ms } => {
                f.write_str("last resort: ")?;
                f.write_str(match condition {
                    Condition::Ready | Condition::ProbeDue => "just recovered",
                    Condition::Probing => return f.write_str("it was broken and is being probed"),
                    Condition::Broken => "it failed",
                    Condition::Unreachable => "it cannot be reached",
                    Condition::KeyRefused => "its key was refused",
                    Condition::RateLimited => "its key is rate limited",
                    Condition::ModelMissing => "it did not know the model",
                })?;
                write!(f, "; asked again in {ready_in_ms} ms")
            }
            Self::Full { in_flight, most } => write!(f, "last resort: {in_flight} calls in flight of at most {most}"),
            Self::LargestContext { input, context } => {
                write!(
                    f,
                    "about {input} input tokens, it takes {context}, and nobody takes more"
                )
            }
            Self::ContextTooSmall { input, context } => write!(f, "about {input} input tokens, it takes {context}"),
            Self::Duplicate => f.write_str("it stands earlier in the plan"),
        }
    }
}

/// The code, the words, and by their names the figures that the words speak of.
impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        ReasonRecord::from(*self).serialize(out)
    }
}
