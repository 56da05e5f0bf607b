//! What goes into a segment comes out of it; whatever else is in its place is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_governance::entry::{Amount, Charge, ENTRY_VERSION, Leg};
use gateway_governance::price::PricedBy;
use gateway_governance::quota::{Unit, WindowNo};
use gateway_types::{
    Basis, Billable, Measure, Metered, NanoUsd, Operation, PicoUsd, RequestId, TokenClass, UnitPrice, Units, Usage,
    Wall,
};
use proptest::prelude::*;

use super::*;

/// An entry with everything that one can have, each in another amount.
fn full(n: u8) -> Entry {
    let n = i64::from(n);
    let leg = |basis, priced_by, unpriced| Leg {
        provider: format!("provider {n}").as_str().into(),
        key: "key".into(),
        model: "model".into(),
        metered: Metered {
            usage: Usage {
                input: 1,
                cache_read: 2,
                cache_read_audio: 3,
                cache_write: 4,
                cache_write_hour: 5,
                input_audio: 6,
                input_image: 7,
                output: 8,
                reasoning: 300,
                output_audio: 10,
                output_image: u64::MAX,
                units: Measure::ALL
                    .into_iter()
                    .fold(Units::NONE, |units, measure| units.with(measure, measure as u64 + 20)),
                charged: Some(NanoUsd(-31)),
            },
            basis,
            cost: Some(NanoUsd(32)),
        },
        amounts: TokenClass::ALL
            .into_iter()
            .map(Billable::from)
            .chain(Measure::ALL.map(Billable::from))
            .zip(1..)
            .map(|(class, n)| Amount {
                class,
                tokens: n as u64,
                price: UnitPrice(n - 5),
                amount: PicoUsd(i128::from(n) << 70),
            })
            .collect(),
        cost: NanoUsd(n),
        unpriced,
        overrun: NanoUsd(n / 2),
        priced_by,
    };
    let charge = |unit| Charge {
        quota: "quota".into(),
        window: WindowNo(7),
        unit,
        amount: i64::MIN + n,
        overrun: n,
    };
    Entry {
        v: ENTRY_VERSION,
        id: Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0000 + n.unsigned_abs() as u128).into(),
        org: Org::default(),
        at: Wall::from_millis(1_700_000_000_000 - n),
        request: RequestId::from(Uuid::from_u128(0x018b_cfe5_67ff_7000_8000_0000_0000_0000)),
        virtual_key: Some("virtual key".into()),
        team: Some("team".into()),
        customer: None,
        tags: Arc::new(BTreeMap::from([
            ("tag".into(), "värde".into()),
            ("x".into(), String::new()),
        ])),
        operation: Operation::Chat,
        legs: vec![
            leg(Basis::Reported, PricedBy::Catalogue, false),
            leg(Basis::Counted, PricedBy::Override("own".into()), true),
            leg(Basis::Estimated, PricedBy::Unknown, false),
            leg(Basis::Reported, PricedBy::Provider, false),
        ],
        charges: vec![
            charge(Unit::NanoUsd),
            charge(Unit::Requests),
            charge(Unit::Tokens),
            charge(Unit::InFlight),
        ],
        total: NanoUsd(-n),
    }
}

fn read(segment: &Segment) -> Vec<Result<Entry, Unreadable>> {
    let opened = segment.open();
    (0..opened.len())
        .map(|place| opened.entry(place, &Org::default()))
        .collect()
}

#[test]
fn entries_come_back_as_they_were() {
    let mut entries: Vec<Entry> = (0..5).map(full).collect();
    for operation in Operation::ALL {
        entries.push(Entry {
            operation,
            legs: Vec::new(),
            charges: Vec::new(),
            tags: Arc::default(),
            ..full(99)
        });
    }
    let segment = Segment::of(&entries);
    assert_eq!(read(&segment), entries.into_iter().map(Ok).collect::<Vec<_>>());
    assert_eq!(segment.spans.at, (1_699_999_999_901, 1_700_000_000_000));
}

/// What the first format looks like must never change: books of it are out there.
#[test]
fn the_format_stays_as_it_is() {
    assert_eq!(Segment::of(&[full(3)]).checksum(), 3429528097267038791);
}

#[test]
fn a_record_of_a_newer_format_is_told_from_a_broken_one() {
    let newer = Entry {
        v: ENTRY_VERSION + 1,
        ..full(1)
    };
    assert_eq!(
        read(&Segment::of(&[newer])),
        [Err(Unreadable::Newer(ENTRY_VERSION + 1))]
    );
    let broken = Segment::unreadable(Uuid::max(), 5, Uuid::nil(), b"{}");
    assert_eq!(read(&broken), [Err(Unreadable::Broken)]);
    let mut cut = Segment::of(&[full(1), full(2)]);
    cut.records.truncate(cut.records.len() - 1);
    assert_eq!(read(&cut), [Ok(full(1)), Err(Unreadable::Broken)]);
}

#[test]
fn names_are_found_without_reading_entries() {
    let segment = Segment::of(&[full(1), full(2)]);
    assert!(has_all(&segment.names, &["provider 1", "provider 2", "quota", "team"]));
    assert!(!has_all(&segment.names, &["provider 1", "provider 3"]));
    assert!(has_all(&[], &[]));
}

proptest! {
    /// A byte that is changed anywhere shows in the checksum, and never stops the process.
    #[test]
    fn a_changed_byte_shows(part in 0..3_usize, place: prop::sample::Index, bit in 0..8_u32) {
        let whole = Segment::of(&[full(1), full(2)]);
        let mut changed = whole.clone();
        let bytes = [&mut changed.names, &mut changed.ids, &mut changed.records].into_iter().nth(part).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert_ne!(whole.checksum(), changed.checksum());
        prop_assert_eq!(read(&changed).len(), 2);
    }

    #[test]
    fn any_bytes_are_refused_or_read(names: Vec<u8>, records: Vec<u8>) {
        let segment = Segment { names, records, ..Segment::of(&[full(1), full(2)]) };
        prop_assert_eq!(read(&segment).len(), 2);
    }
}
