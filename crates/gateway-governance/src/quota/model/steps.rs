//! What can happen, in any order.

use proptest::prelude::*;

use super::NODES;
use crate::quota::fixtures::MINUTE;

#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Hold(usize, i64),
    /// An elastic hold takes more.
    Grow(usize, i64),
    /// It comes to so much, in percent of what is held.
    Settle(usize, i64),
    /// The same, but what lies free on its node covers what is beyond.
    Stretch(usize, i64),
    Release(usize),
    /// A node's entries reach the store.
    Write(usize),
    /// A node does its errands, and is answered at once.
    Errand(usize),
    /// A node asks; the answer is on its way.
    Ask(usize),
    Deliver(usize),
    Lose(usize),
    /// The store refuses a node's errand.
    Fail(usize),
    GiveBack(usize),
    Later(u64),
    Earlier(u64),
    Limit(i64),
    /// A node learns of the limit.
    Learn(usize),
    Reset,
    Leave(usize),
    Crash(usize),
    CrashAll,
    WriteOff,
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    use Step::*;
    let any = any::<usize>;
    let node = || 0..NODES;
    let step = prop_oneof![
        8 => (node(), 1..150_i64).prop_map(|(node, amount)| Hold(node, amount)),
        5 => (any(), 1..60_i64).prop_map(|(hold, more)| Grow(hold, more)),
        5 => (any(), 0..=100_i64).prop_map(|(hold, percent)| Settle(hold, percent)),
        1 => (any(), 100..300_i64).prop_map(|(hold, percent)| Settle(hold, percent)),
        2 => (any(), 50..200_i64).prop_map(|(hold, percent)| Stretch(hold, percent)),
        2 => any().prop_map(Release),
        4 => node().prop_map(Write),
        8 => node().prop_map(Errand),
        3 => node().prop_map(Ask),
        3 => node().prop_map(Deliver),
        1 => node().prop_map(Lose),
        1 => node().prop_map(Fail),
        2 => node().prop_map(GiveBack),
        2 => (1..MINUTE).prop_map(Later),
        1 => (1..MINUTE).prop_map(Earlier),
        1 => (0..2000_i64).prop_map(Limit),
        2 => node().prop_map(Learn),
        1 => Just(Reset),
        2 => node().prop_map(Leave),
        1 => node().prop_map(Crash),
        1 => Just(CrashAll),
        1 => Just(WriteOff),
    ];
    proptest::collection::vec(step, 1..150)
}
