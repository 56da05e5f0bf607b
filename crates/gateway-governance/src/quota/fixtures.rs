//! What tests of books share: a quota, its charges and entries, and a store that never waits.

use gateway_types::{EntryId, NanoUsd, Now, Operation, Org, QuotaId, RequestId};

use super::{Cut, QuotaSpec, Unit, WindowNo};
use crate::entry::{Charge, ENTRY_VERSION, Entry};

pub(super) const MINUTE: u64 = 60_000;

/// The ledger in memory never waits, so its futures are ready at once.
pub(super) fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the ledger in memory waits"),
    }
}

pub(super) fn spec(limit: i64) -> QuotaSpec {
    QuotaSpec {
        id: QuotaId::from("q"),
        owner: "virtual key vk".into(),
        unit: Unit::NanoUsd,
        limit,
        cut: Cut::Rolling(MINUTE),
        burst: None,
        alerts: None,
    }
}

pub(super) fn charge(window: WindowNo, amount: i64, overrun: i64) -> Charge {
    Charge {
        quota: QuotaId::from("q"),
        window,
        unit: Unit::NanoUsd,
        amount,
        overrun,
    }
}

pub(super) fn entry(charge: Charge, now: Now) -> Entry {
    Entry {
        v: ENTRY_VERSION,
        id: EntryId::new(now),
        org: Org::default(),
        at: now.wall,
        request: RequestId::new(now),
        virtual_key: None,
        team: None,
        customer: None,
        tags: Default::default(),
        operation: Operation::Chat,
        legs: Vec::new(),
        total: NanoUsd(charge.amount),
        charges: vec![charge],
    }
}
