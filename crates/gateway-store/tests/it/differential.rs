//! The ledger over SQLite does what the one in memory does, whatever is asked of it, and its balances are what its
//! entries come to.

use gateway_governance::entry::Entry;
use gateway_governance::ledger::{Ask, Ledger, Return};
use gateway_governance::memory::MemoryLedger;
use gateway_governance::quota::{Cut, Unit, WindowNo};
use gateway_store::Sqlite;
use gateway_types::{Org, Wall};
use proptest::prelude::*;

use crate::books::{self, charge};

const QUOTAS: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug)]
enum Step {
    Lease(Vec<(usize, i64, i64, Cut)>, i64),
    GiveBack(Vec<(usize, u64, i64)>),
    Append(Vec<Vec<(usize, u64, i64, i64)>>),
    Again(usize),
    Recover,
    Reset(usize, i64),
    WriteOff(usize, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let quota = 0..QUOTAS.len();
    let window = 1..4_u64;
    let cut = prop_oneof![Just(Cut::Rolling(1000)), Just(Cut::Rolling(700)), Just(Cut::Day)];
    let ask = (quota.clone(), -5..60_i64, 0..100_i64, cut);
    let charge = (quota.clone(), window.clone(), 0..50_i64, 0..3_i64);
    prop_oneof![
        4 => (prop::collection::vec(ask, 0..4), -500..3000_i64).prop_map(|(asks, now)| Step::Lease(asks, now)),
        2 => prop::collection::vec((quota, window, -5..40_i64), 0..4).prop_map(Step::GiveBack),
        4 => prop::collection::vec(prop::collection::vec(charge, 0..4), 0..4).prop_map(Step::Append),
        1 => (0..10_usize).prop_map(Step::Again),
        1 => Just(Step::Recover),
        1 => (0..QUOTAS.len(), -500..3000_i64).prop_map(|(quota, now)| Step::Reset(quota, now)),
        1 => (0..QUOTAS.len(), 1..4_u64).prop_map(|(quota, window)| Step::WriteOff(quota, window)),
    ]
}

fn entry(charges: &[(usize, u64, i64, i64)]) -> Entry {
    let charges = charges
        .iter()
        .map(|(quota, window, amount, part)| charge(QUOTAS[*quota], WindowNo(*window), *amount, amount * part / 2));
    books::entry(charges.collect())
}

/// Does a step and tells what came of it.
async fn take(ledger: &dyn Ledger, step: &Step, entries: &[Entry]) -> String {
    match step {
        Step::Lease(asks, now) => {
            let asks: Vec<Ask> = asks
                .iter()
                .map(|(quota, want, limit, cut)| Ask {
                    quota: QUOTAS[*quota].into(),
                    unit: Unit::NanoUsd,
                    limit: *limit,
                    cut: *cut,
                    want: *want,
                })
                .collect();
            format!("{:?}", ledger.lease(&asks, Wall::from_millis(*now)).await)
        }
        Step::GiveBack(returns) => {
            let returns: Vec<Return> = returns
                .iter()
                .map(|(quota, window, amount)| Return {
                    quota: QUOTAS[*quota].into(),
                    window: WindowNo(*window),
                    amount: *amount,
                })
                .collect();
            format!("{:?}", ledger.give_back(&returns).await)
        }
        Step::Append(_) | Step::Again(_) => format!("{:?}", ledger.append(entries).await),
        Step::Recover => format!("{:?}", ledger.recover().await),
        Step::Reset(quota, now) => {
            let now = Wall::from_millis(*now);
            format!("{:?}", ledger.reset(&QUOTAS[*quota].into(), now).await)
        }
        Step::WriteOff(quota, window) => {
            let window = WindowNo(*window);
            format!("{:?}", ledger.write_off(&QUOTAS[*quota].into(), window).await)
        }
    }
}

async fn agree(steps: Vec<Step>) {
    let folder = tempfile::tempdir().unwrap();
    let stores = Sqlite::open(folder.path(), &Org::default()).unwrap();
    let (sqlite, memory) = (stores.ledger(), MemoryLedger::new());
    let mut written: Vec<Entry> = Vec::new();
    for step in steps {
        let entries: Vec<Entry> = match &step {
            Step::Append(entries) => entries.iter().map(|charges| entry(charges)).collect(),
            Step::Again(n) => written.get(*n).cloned().into_iter().collect(),
            _ => Vec::new(),
        };
        written.extend(entries.iter().cloned());
        assert_eq!(
            take(&*sqlite, &step, &entries).await,
            take(&memory, &step, &entries).await,
            "{step:?}"
        );
        let (mut one, mut other) = (sqlite.windows().await.unwrap(), memory.windows().await.unwrap());
        one.sort_by(|a, b| a.quota.cmp(&b.quota));
        other.sort_by(|a, b| a.quota.cmp(&b.quota));
        assert_eq!(one, other, "after {step:?}");
    }
    assert_eq!(sqlite.entries(1000).await.unwrap(), memory.entries(1000).await.unwrap());
    for quota in QUOTAS {
        let quota = quota.into();
        assert_eq!(
            sqlite.history(&quota, None, 99).await.unwrap(),
            memory.history(&quota, None, 99).await.unwrap()
        );
    }
    let verified = sqlite.verify().await.unwrap();
    assert_eq!(verified, memory.verify().await.unwrap());
    assert_eq!(verified.differences, []);
    balances_are_what_entries_come_to(&*sqlite).await;
    stores.close().await;
}

/// Adds up by hand, beside what a verification does.
async fn balances_are_what_entries_come_to(ledger: &dyn Ledger) {
    let entries = ledger.entries(1000).await.unwrap();
    for quota in QUOTAS {
        for window in ledger.history(&quota.into(), None, 99).await.unwrap() {
            let charges = entries.iter().flat_map(|entry| &entry.charges);
            let own = charges.filter(|charge| charge.quota == quota && charge.window == window.window);
            assert_eq!(
                window.settled,
                own.map(|charge| charge.amount).sum::<i64>(),
                "{window:?}"
            );
            assert!(window.granted >= window.settled + window.unaccounted, "{window:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn both_ledgers_agree_and_balances_follow_from_entries(steps in prop::collection::vec(step(), 0..15)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(agree(steps));
    }
}
