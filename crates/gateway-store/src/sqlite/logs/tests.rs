//! What only SQLite promises: segments are few, are passed over unread, and searches are bounded.

mod earlier;

use std::path::Path;
use std::sync::Arc;

use gateway::ports::conformance::row as sample;
use gateway::ports::logs::{LogPage, LogQuery, LogRow, Side, Sort};
use gateway_types::{Org, RequestId, Wall};
use proptest::prelude::*;
use rusqlite::Connection;

use super::page::{REACH, find, page};
use super::rows::{append, remove};
use super::steps::STEPS;
use crate::sqlite::migrate::migrate;

fn migrated(steps: usize) -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    migrate(&mut conn, Path::new("logs.db"), &STEPS[..steps]).unwrap();
    conn
}

fn write(conn: &Connection, rows: &[LogRow]) {
    let rows: Vec<Arc<LogRow>> = rows.iter().cloned().map(Arc::new).collect();
    append(conn, &Org::default(), &rows).unwrap();
}

/// Rows, written so many at a time.
fn filled(rows: &[LogRow], some: usize) -> Connection {
    let conn = migrated(STEPS.len());
    rows.chunks(some).for_each(|some| write(&conn, some));
    conn
}

fn ask(conn: &Connection, query: &LogQuery) -> LogPage {
    page(conn, &Org::default(), query, REACH).unwrap()
}

fn all() -> LogQuery {
    LogQuery {
        limit: usize::MAX,
        ..LogQuery::default()
    }
}

fn ids(rows: &[LogRow]) -> Vec<RequestId> {
    rows.iter().map(|row| row.id).collect()
}

fn segments(conn: &Connection) -> Vec<usize> {
    let mut rows = conn
        .prepare("SELECT rows FROM log_segments ORDER BY last_at, no")
        .unwrap();
    let rows = rows.query_map([], |row| row.get::<_, u32>(0)).unwrap();
    rows.map(|rows| rows.unwrap() as usize).collect()
}

/// Goes through all pages of a query and gives their rows and how many of them were short.
fn through(conn: &Connection, query: &LogQuery, reach: u64) -> (Vec<LogRow>, usize) {
    let mut query = query.clone();
    let (mut found, mut short) = (Vec::new(), 0);
    loop {
        let page = page(conn, &Org::default(), &query, reach).unwrap();
        if let Some(until) = page.searched_until {
            short += 1;
            let seen = |row: &LogRow| {
                if query.ascending {
                    row.at <= until
                } else {
                    row.at >= until
                }
            };
            assert!(
                page.rows.len() < query.limit && page.rows.iter().all(seen),
                "it says how far it went"
            );
        }
        found.extend(page.rows);
        let Some(next) = page.next else { return (found, short) };
        assert_ne!(query.from, Some(next), "it gets on");
        query.from = Some(next);
    }
}

#[test]
fn a_search_goes_on_step_by_step_until_it_has_all() {
    let rows: Vec<LogRow> = (0..300).map(sample).collect();
    let conn = filled(&rows, 40);
    let query = LogQuery {
        text: Some("number 1".to_owned()),
        limit: 10,
        ..LogQuery::default()
    };
    let wanted = |row: &&LogRow| {
        row.error
            .as_ref()
            .is_some_and(|error| error.message.contains("number 1"))
    };
    let expected: Vec<_> = rows.iter().rev().filter(wanted).map(|row| row.id).collect();
    assert!(expected.len() > 25, "no case");
    let (found, short) = through(&conn, &query, 70);
    assert_eq!(ids(&found), expected);
    assert!(short >= 2, "{short} pages were short");
}

#[test]
fn a_sort_looks_at_the_newest_and_says_how_far_it_looked() {
    let rows: Vec<LogRow> = (0..300).map(sample).collect();
    let conn = filled(&rows, 50);
    let query = LogQuery {
        sort: Sort::Latency,
        limit: 5,
        ..LogQuery::default()
    };
    let page = page(&conn, &Org::default(), &query, 100).unwrap();
    let until = page.searched_until.unwrap();
    let mut newest: Vec<LogRow> = rows.iter().filter(|row| row.at > until).cloned().collect();
    assert!((100..200).contains(&newest.len()), "{} were looked at", newest.len());
    newest.sort_by_key(|row| std::cmp::Reverse(row.latency_us));
    assert_eq!(page.rows, newest[..5]);
}

#[test]
fn kept_content_that_a_search_has_to_read_shortens_its_step() {
    let rows: Vec<LogRow> = (0..60)
        .map(|n| LogRow {
            request_body: Some("hay ".repeat(2048)),
            ..sample(n)
        })
        .collect();
    let conn = filled(&rows, 5);
    let query = LogQuery {
        text: Some("needle".to_owned()),
        limit: 10,
        ..LogQuery::default()
    };
    let short = page(&conn, &Org::default(), &query, 50).unwrap();
    let until = short.searched_until.unwrap();
    assert!(
        until >= rows[40].at && until < rows[55].at,
        "five a row: itself, and eight kilobytes"
    );
    let plain = LogQuery { text: None, ..query };
    assert_eq!(page(&conn, &Org::default(), &plain, 50).unwrap().searched_until, None);
}

#[test]
fn rows_that_trickle_in_come_to_stand_in_few_segments() {
    let trickle = |n: u64| LogRow {
        at: Wall::from_millis(1_700_000_000_000 + n as i64 * 700),
        ..sample(n)
    };
    let rows: Vec<LogRow> = (0..2000).map(trickle).collect();
    let conn = filled(&rows, 1);
    let few = segments(&conn);
    assert_eq!(few.iter().sum::<usize>(), 2000);
    assert!(few.len() < 50, "{few:?}");
    let found = ask(&conn, &all());
    assert!(found.rows.iter().eq(rows.iter().rev()), "they are as they were");
    for row in rows.iter().step_by(97) {
        assert_eq!(find(&conn, &Org::default(), row.id).unwrap().as_ref(), Some(row));
    }
}

#[test]
fn many_rows_at_once_stand_in_segments_of_their_hours() {
    let rows: Vec<LogRow> = (0..3000)
        .map(|n| LogRow {
            at: Wall::from_millis(n * 2000),
            ..sample(n as u64)
        })
        .collect();
    let conn = filled(&rows, 3000);
    assert_eq!(segments(&conn), [[225; 8].as_slice(), &[240; 5]].concat());
    assert_eq!(ids(&ask(&conn, &all()).rows).len(), 3000);
}

#[test]
fn large_records_make_short_segments_and_are_not_joined_again_and_again() {
    let large = |n| LogRow {
        response_body: Some("x".repeat(200_000)),
        ..sample(n)
    };
    let rows: Vec<LogRow> = (0..40).map(large).collect();
    let conn = filled(&rows, 10);
    assert!(segments(&conn).iter().all(|rows| *rows <= 3), "{:?}", segments(&conn));
    assert_eq!(ask(&conn, &all()).rows.len(), 40);
}

#[test]
fn what_cannot_hold_a_row_is_not_read() {
    let rows: Vec<LogRow> = (0..200).map(sample).collect();
    let rare = LogRow {
        virtual_key: Some("vk-rare".into()),
        ..sample(3)
    };
    let conn = filled(&rows[10..], 60);
    write(&conn, std::slice::from_ref(&rare));
    conn.execute(
        "UPDATE log_segments SET columns = x'', records = x'' WHERE rows > 1",
        (),
    )
    .unwrap();
    for query in [
        LogQuery {
            virtual_keys: vec!["vk-rare".to_owned()],
            ..all()
        },
        LogQuery {
            text: Some("K-RARE".to_owned()),
            virtual_keys: vec!["vk-rare".to_owned()],
            ..all()
        },
        LogQuery {
            ids: vec![rare.id],
            ..all()
        },
        LogQuery {
            until: Some(rows[10].at),
            ..all()
        },
    ] {
        let found = page(&conn, &Org::default(), &query, REACH).unwrap().rows;
        let expected = if query.text.is_some() {
            vec![]
        } else {
            vec![rare.clone()]
        };
        assert_eq!(found, expected, "{query:?}");
    }
    assert_eq!(find(&conn, &Org::default(), rare.id).unwrap(), Some(rare));
}

#[test]
fn what_cannot_be_read_is_refused() {
    let rows: Vec<LogRow> = (0..20).map(sample).collect();
    for (broken, said) in [
        ("v = 99", "in format 99"),
        ("columns = substr(columns, 1, 400)", "cut off"),
        ("records = x''", "damaged"),
        ("records = substr(records, 1, 400)", "damaged"),
        ("rows = 4000000000", "cut off"),
        ("records = zeroblob(length(records))", "damaged"),
        ("v = 1, records = zeroblob(100)", "cut off"),
        ("v = 1, records = zeroblob(100000)", "a stored record cannot be read"),
    ] {
        let conn = filled(&rows, 20);
        conn.execute(&format!("UPDATE log_segments SET {broken}"), ()).unwrap();
        let error = page(&conn, &Org::default(), &all(), REACH).unwrap_err();
        assert!(error.0.contains(said), "{broken}: {}", error.0);
        remove(&conn, &Org::default(), &[rows[3].id]).unwrap_err();
    }
    let conn = migrated(STEPS.len());
    write(&conn, &[LogRow { v: 7, ..sample(1) }]);
    let error = page(&conn, &Org::default(), &all(), REACH).unwrap_err();
    assert!(error.0.contains("a log row is in format 7"), "{}", error.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Rows end in another order than they begin in, so that segments overlap; pages are whole all the same.
    #[test]
    fn pages_over_segments_that_overlap_have_each_row_once(
        rows in proptest::collection::vec((0_i64..8_000_000, 0_i64..40_000), 1..400),
        some in 1_usize..90,
        limit in 1_usize..60,
        reach in 1_u64..500,
        gone in 0_usize..40,
        ascending: bool,
    ) {
        let rows = rows.into_iter().zip(0_u64..).map(|((at, _), n)| {
            // Several come within one millisecond.
            LogRow { at: Wall::from_millis(at / 50 * 50), ..sample(n) }
        });
        let mut rows: Vec<LogRow> = rows.collect();
        let conn = filled(&rows, some);
        let away: Vec<RequestId> = rows.iter().take(gone).map(|row| row.id).collect();
        let removed = remove(&conn, &Org::default(), &away).unwrap();
        prop_assert_eq!(removed as usize, away.len());
        rows.drain(..away.len());
        rows.sort_by_key(|row| (row.at.millis(), row.id));
        if !ascending {
            rows.reverse();
        }
        let query = LogQuery { limit, ascending, ..LogQuery::default() };
        let (found, _) = through(&conn, &query, reach);
        prop_assert_eq!(ids(&found), ids(&rows));
        let unpriced = LogQuery { unpriced: true, ..query.clone() };
        let (found, _) = through(&conn, &unpriced, reach);
        let expected: Vec<RequestId> = rows.iter().filter(|row| row.unpriced).map(|row| row.id).collect();
        prop_assert_eq!(ids(&found), expected);
        // And back from the end.
        if let Some(last) = ask(&conn, &LogQuery { limit: 1, ascending: !ascending, ..LogQuery::default() }).rows.pop() {
            let place = gateway::ports::logs::Position { value: last.at.millis(), id: last.id };
            let back = LogQuery { from: Some(Side::Before(place)), ..query };
            let before = ask(&conn, &back).rows;
            let expected = &rows[(rows.len() - 1).saturating_sub(limit)..rows.len() - 1];
            prop_assert_eq!(ids(&before), ids(expected));
        }
    }
}
