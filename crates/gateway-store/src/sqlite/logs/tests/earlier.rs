//! Rows of earlier schemas are taken over as they were.

use std::collections::BTreeMap;

use gateway::ports::logs::{Dimension, Rank, Slice};

use super::*;
use crate::sqlite::logs::{charts, segments as stored};

/// A row as it was written when the schema had so many steps.
fn old_row(conn: &Connection, row: &LogRow, steps: usize) {
    let word = |status| serde_json::to_value(status).unwrap().as_str().unwrap().to_owned();
    let mut body = serde_json::to_value(LogRow {
        hosting: row.hosting.filter(|_| steps >= 3),
        ..row.clone()
    })
    .unwrap();
    body["request_body"] = serde_json::Value::Null;
    body["response_body"] = serde_json::Value::Null;
    conn.execute(
        "INSERT INTO logs (id, v, at, status, provider, model, asked, virtual_key, latency_us, input_tokens, output_tokens,
             tokens, cost, error, body, request_body, response_body)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 1, 2, 0, ?9, ?10, ?11, ?12)",
        (
            row.id.uuid().as_bytes(),
            row.at.millis(),
            word(row.status),
            row.provider.as_ref().map(|name| name.as_str()),
            row.model.as_ref().map(|name| name.as_str()),
            row.asked.as_ref().map(|name| name.as_str()),
            row.virtual_key.as_ref().map(|name| name.as_str()),
            row.latency_us.cast_signed(),
            row.error.as_ref().map(|error| &error.message),
            body.to_string(),
            &row.request_body,
            &row.response_body,
        ),
    )
    .unwrap();
}

fn old_rows() -> Vec<LogRow> {
    let rows = (0..700).map(|n| LogRow {
        request_body: (n % 50 == 3).then(|| format!("What is {n}?")),
        response_body: (n % 50 == 4).then(String::new),
        ..sample(n)
    });
    rows.collect()
}

#[test]
fn rows_of_earlier_schemas_are_found() {
    let rows = old_rows();
    for steps in 1..STEPS.len() {
        let mut conn = migrated(steps);
        rows.iter().for_each(|row| old_row(&conn, row, steps));
        migrate(&mut conn, Path::new("logs.db"), STEPS).unwrap();
        let was = |row: &LogRow| LogRow {
            hosting: row.hosting.filter(|_| steps >= 3),
            ..row.clone()
        };
        let found = ask(&conn, &all()).rows;
        assert!(
            found.iter().eq(rows.iter().rev().map(was).collect::<Vec<_>>().iter()),
            "from version {steps}"
        );
        assert!(segments(&conn).len() < 30, "{:?}", segments(&conn));
        let one = find(&conn, &Org::default(), rows[53].id).unwrap();
        assert_eq!(one, Some(was(&rows[53])));
        let count = |query: LogQuery| ask(&conn, &LogQuery { limit: 1000, ..query }).rows.len();
        let expected = |wanted: fn(&LogRow) -> bool| rows.iter().filter(|row| wanted(row)).count();
        let some = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let query = LogQuery::default;
        for (query, expected) in [
            (
                LogQuery {
                    errors: some(&["model_blocked"]),
                    ..query()
                },
                expected(|row| row.error.is_some()),
            ),
            (
                LogQuery {
                    rules: some(&["r-1", "r-2"]),
                    ..query()
                },
                expected(|row| row.rule.is_some()),
            ),
            (
                LogQuery {
                    unpriced: true,
                    ..query()
                },
                expected(|row| row.unpriced),
            ),
            (
                LogQuery {
                    text: Some("what is 5".to_owned()),
                    ..query()
                },
                expected(|row| row.request_body.as_ref().is_some_and(|body| body.contains("is 5"))),
            ),
        ] {
            assert!(expected > 0, "no case");
            assert_eq!(count(query.clone()), expected, "{query:?} from version {steps}");
        }
    }
}

/// The second version counted nothing yet that is still there; the third counts what it finds.
#[test]
fn rows_of_the_first_schemas_are_counted() {
    let rows = old_rows();
    for steps in [1, 2] {
        let mut conn = migrated(steps);
        rows.iter().for_each(|row| old_row(&conn, row, steps));
        migrate(&mut conn, Path::new("logs.db"), STEPS).unwrap();
        for dimension in [
            Dimension::Everything,
            Dimension::VirtualKey,
            Dimension::ModelOfProvider,
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
            assert_eq!(counted, expected, "{dimension:?} from version {steps}");
        }
    }
}

#[test]
fn segments_from_before_records_were_packed_are_read_cut_and_joined() {
    let rows: Vec<LogRow> = (0..120).map(sample).collect();
    let conn = filled(&rows, 6);
    let numbers: Vec<i64> = conn
        .prepare("SELECT no FROM log_segments")
        .unwrap()
        .query_map((), |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for no in numbers {
        let plain = stored::records(&conn, no, |records| Ok(records.to_vec())).unwrap();
        conn.execute("UPDATE log_segments SET v = 1, records = ?2 WHERE no = ?1", (no, plain))
            .unwrap();
    }
    let found = |conn| ask(conn, &LogQuery { limit: 1000, ..all() }).rows;
    assert!(found(&conn).iter().eq(rows.iter().rev()));
    remove(&conn, &Org::default(), &[rows[40].id]).unwrap();
    let more: Vec<LogRow> = (120..130).map(sample).collect();
    more.iter().for_each(|row| write(&conn, std::slice::from_ref(row)));
    let left = rows.iter().chain(&more).filter(|row| row.id != rows[40].id);
    assert!(found(&conn).iter().eq(left.rev()));
}
