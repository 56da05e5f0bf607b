//! Segments as traffic makes them: few and large, many and small, joined, passed over, and never written twice.

use gateway_governance::entry::{Charge, ENTRY_VERSION, Entry};
use gateway_governance::ledger::Wanted;
use gateway_governance::quota::{Unit, WindowNo};
use gateway_types::{EntryId, NanoUsd, Now, Operation, Org, RequestId, Wall};
use rusqlite::Connection;

use super::append::{append, pack};
use super::merge::Tail;
use super::page::page;
use super::rows::each_segment;
use super::verify::verify_in_passes;
use crate::sqlite::migrate::{GATEWAY, migrate};

fn books() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    migrate(&mut conn, "gateway.db".as_ref(), GATEWAY).unwrap();
    conn
}

/// An entry of that second, which charges a window that no other does.
fn entry(n: i64) -> Entry {
    let now = Now {
        wall: Wall::from_millis(1_700_000_000_000 + n * 1000),
        ..Now::default()
    };
    Entry {
        v: ENTRY_VERSION,
        id: EntryId::new(now),
        org: Org::default(),
        at: now.wall,
        request: RequestId::new(now),
        virtual_key: Some(format!("key {}", n % 100).as_str().into()),
        team: None,
        customer: None,
        tags: Default::default(),
        operation: Operation::Chat,
        legs: Vec::new(),
        charges: vec![Charge {
            quota: format!("quota {}", n % 7).as_str().into(),
            window: WindowNo(n.unsigned_abs() + 1),
            unit: Unit::Requests,
            amount: 1,
            overrun: 0,
        }],
        total: NanoUsd(0),
    }
}

fn write(conn: &Connection, tail: &Tail, entries: &[Entry]) {
    append(conn, &Org::default(), &pack(&Org::default(), entries).unwrap(), tail).unwrap();
}

fn segments(conn: &Connection) -> Vec<i64> {
    let mut counts = Vec::new();
    each_segment(conn, &Org::default(), |stored| {
        counts.push(stored.segment.spans.entries);
        Ok(())
    })
    .unwrap();
    counts
}

fn all(conn: &Connection) -> Vec<Entry> {
    let wanted = Wanted {
        oldest_first: true,
        limit: usize::MAX,
        ..Wanted::default()
    };
    page(conn, &Org::default(), &wanted).unwrap().entries
}

fn is_sound(conn: &Connection, entries: u64) {
    let verified = verify_in_passes(conn, &Org::default(), 1 << 16).unwrap();
    assert_eq!((verified.entries, verified.differences), (entries, vec![]));
}

#[test]
fn entries_that_come_one_by_one_end_in_few_segments_and_stay_in_order() {
    let (conn, tail) = (books(), Tail::default());
    let entries: Vec<Entry> = (0..1000).map(entry).collect();
    for one in &entries {
        write(&conn, &tail, std::slice::from_ref(one));
    }
    let segments = segments(&conn);
    assert!(segments.len() < 60, "{segments:?}");
    assert_eq!(all(&conn), entries);
    is_sound(&conn, 1000);
}

#[test]
fn small_segments_before_a_large_one_are_joined_too() {
    let (conn, tail) = (books(), Tail::default());
    let entries: Vec<Entry> = (0..400).map(entry).collect();
    for few in entries[..200].chunks(50) {
        write(&conn, &tail, few);
    }
    write(&conn, &tail, &entries[200..]);
    assert_eq!(segments(&conn), [200, 200]);
    assert_eq!(all(&conn), entries);
    is_sound(&conn, 400);
}

#[test]
fn a_large_batch_is_cut_and_written_in_one_go() {
    let (conn, tail) = (books(), Tail::default());
    let entries: Vec<Entry> = (0..1200).map(entry).collect();
    write(&conn, &tail, &entries);
    assert_eq!(segments(&conn), [512, 512, 176]);
    assert_eq!(all(&conn), entries);
}

#[test]
fn what_is_there_in_part_is_written_for_the_rest() {
    let (conn, tail) = (books(), Tail::default());
    let entries: Vec<Entry> = (0..90).map(entry).collect();
    write(&conn, &tail, &entries[30..60]);
    write(&conn, &tail, &[entries[45].clone(), entries[30].clone()]);
    write(&conn, &tail, &entries);
    let expected: Vec<Entry> = [&entries[30..60], &entries[..30], &entries[60..]].concat();
    assert_eq!(all(&conn), expected);
    is_sound(&conn, 90);
}

#[test]
fn windows_are_recomputed_in_as_many_passes_as_it_takes() {
    let (conn, tail) = (books(), Tail::default());
    let entries: Vec<Entry> = (0..100).map(entry).collect();
    write(&conn, &tail, &entries);
    let wrong = [
        "UPDATE quota_windows SET settled = 2 WHERE window = 1",
        "UPDATE quota_windows SET settled = 2 WHERE window = 50",
        "DELETE FROM quota_windows WHERE window = 100",
    ];
    let at_once = verify_in_passes(&conn, &Org::default(), 1000).unwrap();
    assert_eq!((at_once.windows, at_once.found), (100, 0));
    for sql in wrong {
        assert_eq!(conn.execute(sql, []).unwrap(), 1);
    }
    let at_once = verify_in_passes(&conn, &Org::default(), 1000).unwrap();
    assert_eq!((at_once.windows, at_once.found), (99, 3), "{:?}", at_once.differences);
    for most in [1, 7, 99, 100] {
        assert_eq!(
            verify_in_passes(&conn, &Org::default(), most).unwrap(),
            at_once,
            "{most}"
        );
    }
}

#[test]
fn what_was_changed_is_not_hidden_by_joining() {
    let (conn, tail) = (books(), Tail::default());
    let entries: Vec<Entry> = (0..200).map(entry).collect();
    for (n, one) in entries.iter().enumerate() {
        write(&conn, &tail, std::slice::from_ref(one));
        if n == 10 {
            conn.execute(
                "UPDATE ledger_segments SET records = zeroblob(length(records)) WHERE seq = 5",
                [],
            )
            .unwrap();
        }
    }
    let verified = verify_in_passes(&conn, &Org::default(), 1000).unwrap();
    assert!(
        verified
            .differences
            .iter()
            .any(|one| one.at == "entries 5 to 5" && one.of == "checksum"),
        "{:?}",
        verified.differences
    );
}

/// A search is answered by segments that may hold it: the plans that this rests on.
#[test]
fn searches_use_what_is_kept_for_them() {
    let conn = books();
    let wanted = Wanted {
        from: Some(Wall::from_millis(0)),
        ..Wanted::default()
    };
    let plan = |sql: String| -> String {
        let mut rows = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut rows = rows.raw_query();
        let mut lines = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            lines.push(row.get::<_, String>(3).unwrap());
        }
        lines.join("\n")
    };
    let narrow = plan(super::page::search(&wanted));
    assert!(narrow.contains("COVERING INDEX ledger_segments_spans"), "{narrow}");
    for wanted in [Wanted::default(), wanted] {
        let plan = plan(super::page::search(&wanted));
        assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{plan}");
        assert!(plan.contains("SEARCH ledger_segments USING PRIMARY KEY"), "{plan}");
    }
}
