//! What only SQLite promises: indexes are used, searches are bounded, and figures of earlier schemas are made.

use std::collections::BTreeMap;
use std::path::Path;

use gateway::ports::conformance::row as sample;
use gateway::ports::logs::{Dimension, Hosting, LogQuery, LogRow, Rank, Slice, Sort, Status};
use gateway_types::{Org, Wall};
use rusqlite::{Connection, params_from_iter};

use super::page::{REACH, Reach, page, statement};
use super::{append, charts, steps::STEPS};
use crate::sqlite::migrate::migrate;

fn migrated(steps: usize) -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    migrate(&mut conn, Path::new("logs.db"), &STEPS[..steps]).unwrap();
    conn
}

fn filled(rows: &[LogRow]) -> Connection {
    let conn = migrated(STEPS.len());
    append(&conn, &Org::default(), rows.to_vec()).unwrap();
    conn
}

/// How SQLite goes about a page, step by step.
fn plan(conn: &Connection, query: &LogQuery) -> Vec<String> {
    let (sql, values) = statement(&Org::default(), query, query.ascending);
    let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = plan.query_map(params_from_iter(values), |row| row.get(3)).unwrap();
    steps.map(Result::unwrap).collect()
}

fn some(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_asked_for_most_is_found_by_an_index_in_the_order_of_time() {
    let conn = migrated(STEPS.len());
    let query = LogQuery::default;
    let cases = [
        (query(), "USING COVERING INDEX logs_at"),
        (
            LogQuery {
                ascending: true,
                ..query()
            },
            "USING COVERING INDEX logs_at",
        ),
        (
            LogQuery {
                hosting: vec![Hosting::Cloud],
                ..query()
            },
            "USING COVERING INDEX logs_at",
        ),
        (
            LogQuery {
                latency_ms: (Some(5.0), None),
                ..query()
            },
            "USING COVERING INDEX logs_at",
        ),
        (
            LogQuery {
                sort: Sort::Latency,
                ..query()
            },
            "USING COVERING INDEX logs_at",
        ),
        (
            LogQuery {
                sort: Sort::Cost,
                hosting: vec![Hosting::Cloud],
                ..query()
            },
            "USING COVERING INDEX logs_at",
        ),
        (
            LogQuery {
                providers: some(&["p"]),
                ..query()
            },
            "logs_provider (org=? AND provider=?",
        ),
        (
            LogQuery {
                providers: some(&["p", "q"]),
                ..query()
            },
            "logs_provider (org=? AND provider=?",
        ),
        (
            LogQuery {
                models: some(&["m"]),
                ..query()
            },
            "logs_model (org=? AND model=?",
        ),
        (
            LogQuery {
                models: some(&["m"]),
                ..query()
            },
            "logs_asked (org=? AND asked=?",
        ),
        (
            LogQuery {
                virtual_keys: some(&["k"]),
                ..query()
            },
            "logs_virtual_key (org=? AND virtual_key=?",
        ),
        (
            LogQuery {
                teams: some(&["t"]),
                ..query()
            },
            "logs_team (org=? AND team=?",
        ),
        (
            LogQuery {
                customers: some(&["c"]),
                ..query()
            },
            "logs_customer (org=? AND customer=?",
        ),
        (
            LogQuery {
                rules: some(&["r"]),
                ..query()
            },
            "logs_rule (org=? AND rule=?",
        ),
        (
            LogQuery {
                errors: some(&["e"]),
                ..query()
            },
            "logs_error (org=? AND error_code=?",
        ),
        (
            LogQuery {
                statuses: vec![Status::Error],
                ..query()
            },
            "logs_status (org=? AND status=?",
        ),
        (
            LogQuery {
                ids: vec![sample(1).id],
                ..query()
            },
            "sqlite_autoindex_logs_1 (org=? AND id=?",
        ),
        (
            LogQuery {
                virtual_keys: some(&["k"]),
                text: Some("x".to_owned()),
                ..query()
            },
            "logs_virtual_key (org=? AND virtual_key=?",
        ),
    ];
    for (query, expected) in cases {
        let steps = plan(&conn, &query);
        assert!(
            steps.iter().any(|step| step.contains(expected)),
            "{expected}: {steps:#?}"
        );
        let wrong = |step: &&String| step.contains("SCAN logs") || (step.contains("B-TREE") && query.ids.is_empty());
        assert_eq!(
            steps.iter().find(wrong),
            None,
            "nothing is gone through whole, nothing sorted: {steps:#?}"
        );
    }
}

#[test]
fn a_search_without_an_index_goes_on_step_by_step_until_it_has_all() {
    let rows: Vec<LogRow> = (0..300).map(sample).collect();
    let conn = filled(&rows);
    let reach = Reach { in_order: 70, ..REACH };
    let mut query = LogQuery {
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
    let (mut found, mut short) = (Vec::new(), 0);
    loop {
        let page = page(&conn, &Org::default(), &query, reach).unwrap();
        if let Some(until) = page.searched_until {
            short += 1;
            assert!(
                page.rows.len() < 10 && page.rows.iter().all(|row| row.at >= until),
                "it says how far it went"
            );
        }
        found.extend(page.rows.iter().map(|row| row.id));
        let Some(next) = page.next else { break };
        query.from = Some(next);
    }
    assert_eq!(found, expected);
    assert!(short >= 2, "{short} pages were short");
}

#[test]
fn a_sort_looks_at_the_newest_and_says_how_far_it_looked() {
    let rows: Vec<LogRow> = (0..300).map(sample).collect();
    let conn = filled(&rows);
    let reach = Reach { sorted: 100, ..REACH };
    let query = LogQuery {
        sort: Sort::Latency,
        limit: 5,
        ..LogQuery::default()
    };
    let page = page(&conn, &Org::default(), &query, reach).unwrap();
    assert_eq!(page.searched_until, Some(rows[200].at));
    let mut newest = rows[200..].to_vec();
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
    let conn = filled(&rows);
    let query = LogQuery {
        text: Some("needle".to_owned()),
        limit: 10,
        ..LogQuery::default()
    };
    let reach = Reach { in_order: 50, ..REACH };
    let page = page(&conn, &Org::default(), &query, reach).unwrap();
    assert_eq!(
        page.searched_until,
        Some(rows[50].at),
        "five a row: itself, and eight kilobytes"
    );
}

/// A row as the first versions wrote it, with columns that were there then.
fn old_row(conn: &Connection, row: &LogRow) {
    let body = LogRow {
        hosting: None,
        ..row.clone()
    };
    conn.execute(
        "INSERT INTO logs (id, v, at, status, provider, model, asked, virtual_key, latency_us, input_tokens, output_tokens,
             tokens, cost, error, body)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 1, 2, 0, ?9, ?10)",
        (
            row.id.uuid().as_bytes(),
            row.at.millis(),
            super::row::word(row.status),
            row.provider.as_ref().map(|name| name.as_str()),
            row.model.as_ref().map(|name| name.as_str()),
            row.asked.as_ref().map(|name| name.as_str()),
            row.virtual_key.as_ref().map(|name| name.as_str()),
            row.latency_us.cast_signed(),
            row.error.as_ref().map(|error| &error.message),
            serde_json::to_string(&body).unwrap(),
        ),
    )
    .unwrap();
}

#[test]
fn rows_of_earlier_schemas_are_counted_and_found() {
    let rows: Vec<LogRow> = (0..120).map(sample).collect();
    for earlier in [1, 2] {
        let mut conn = migrated(earlier);
        rows.iter().for_each(|row| old_row(&conn, row));
        migrate(&mut conn, Path::new("logs.db"), STEPS).unwrap();
        for dimension in [
            Dimension::Everything,
            Dimension::VirtualKey,
            Dimension::Rule,
            Dimension::Error,
        ] {
            let of = Slice {
                dimension,
                values: Vec::new(),
                since: Wall::from_millis(i64::MIN),
                until: Wall::from_millis(i64::MAX),
            };
            let shares = charts::shares(&conn, &Org::default(), &of, Rank::Requests, usize::MAX).unwrap();
            let counted: BTreeMap<String, u64> = shares
                .first
                .into_iter()
                .map(|(value, figures)| (value, figures.requests()))
                .collect();
            let mut expected = BTreeMap::new();
            for value in rows.iter().filter_map(|row| dimension.value(row)) {
                *expected.entry(value.into_owned()).or_insert(0) += 1;
            }
            assert_eq!(counted, expected, "{dimension:?} from version {earlier}");
        }
        let found = |query: LogQuery| {
            let query = LogQuery { limit: 1000, ..query };
            page(&conn, &Org::default(), &query, REACH).unwrap().rows.len()
        };
        let expected = |wanted: fn(&LogRow) -> bool| rows.iter().filter(|row| wanted(row)).count();
        let errors = some(&["model_blocked"]);
        assert_eq!(
            found(LogQuery {
                errors,
                ..LogQuery::default()
            }),
            expected(|row| row.error.is_some())
        );
        let rules = some(&["r-1", "r-2"]);
        assert_eq!(
            found(LogQuery {
                rules,
                ..LogQuery::default()
            }),
            expected(|row| row.rule.is_some())
        );
        let unpriced = LogQuery {
            unpriced: true,
            ..LogQuery::default()
        };
        assert_eq!(found(unpriced), expected(|row| row.unpriced));
    }
}
