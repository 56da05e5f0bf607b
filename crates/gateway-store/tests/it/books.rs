//! Entries for tests, and what the ledger does with those that are not its own.

use gateway_governance::entry::{Charge, ENTRY_VERSION, Entry, Leg};
use gateway_governance::price::PricedBy;
use gateway_governance::quota::{Unit, WindowNo};
use gateway_store::Sqlite;
use gateway_types::{Basis, EntryId, Metered, NanoUsd, Now, Operation, Org, RequestId, Usage, Wall};

/// When everything happens.
pub(crate) const NOW: Wall = Wall::from_millis(1_700_000_000_000);

/// What a quota is charged in money.
pub(crate) fn charge(quota: &str, window: WindowNo, amount: i64, overrun: i64) -> Charge {
    Charge {
        quota: quota.into(),
        window,
        unit: Unit::NanoUsd,
        amount,
        overrun,
    }
}

/// A leg that cost what a charge says.
fn leg(charge: &Charge) -> Leg {
    let cost = NanoUsd(charge.amount);
    Leg {
        provider: "p".into(),
        key: "k".into(),
        model: "m".into(),
        metered: Metered {
            cost: Some(cost),
            ..Metered::new(Usage::default(), Basis::Reported)
        },
        amounts: Vec::new(),
        cost,
        unpriced: false,
        overrun: NanoUsd(charge.overrun),
        priced_by: PricedBy::Provider,
    }
}

/// A new entry with those charges.
pub(crate) fn entry(charges: Vec<Charge>) -> Entry {
    let now = Now {
        wall: NOW,
        ..Now::default()
    };
    Entry {
        v: ENTRY_VERSION,
        id: EntryId::new(now),
        org: Org::default(),
        at: NOW,
        request: RequestId::new(now),
        virtual_key: None,
        team: None,
        customer: None,
        tags: Default::default(),
        operation: Operation::Chat,
        legs: charges.iter().map(leg).collect(),
        total: NanoUsd(charges.iter().map(|charge| charge.amount).sum()),
        charges,
    }
}

#[tokio::test]
async fn entries_of_another_organisation_are_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let stores = Sqlite::open(folder.path(), &Org::default()).unwrap();
    let (own, mut other) = (entry(vec![charge("q", WindowNo(1), 5, 0)]), entry(Vec::new()));
    other.org = Org::new("other");
    let refused = stores.ledger().append(&[own, other]).await.unwrap_err();
    assert!(refused.to_string().contains("of organisation other"), "{refused}");
    assert_eq!(stores.ledger().windows().await.unwrap(), []);
    assert_eq!(stores.ledger().entries(9).await.unwrap(), []);
    stores.close().await;
}

#[tokio::test]
async fn requests_in_flight_are_not_booked() {
    let folder = tempfile::tempdir().unwrap();
    let stores = Sqlite::open(folder.path(), &Org::default()).unwrap();
    let in_flight = Charge {
        unit: Unit::InFlight,
        ..charge("f", WindowNo(1), 1, 0)
    };
    stores.ledger().append(&[entry(vec![in_flight])]).await.unwrap();
    assert_eq!(stores.ledger().windows().await.unwrap(), []);
    stores.close().await;
}
