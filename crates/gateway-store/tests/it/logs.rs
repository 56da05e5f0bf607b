//! Request logs at size: whatever is asked for, SQLite answers what memory answers.

use std::time::Duration;

use gateway::ports::conformance::row;
use gateway::ports::logs::{Grain, LogQuery, LogRow, LogStore, Sort, Status};
use gateway::ports::memory::MemoryLogs;
use gateway_store::Sqlite;
use gateway_types::{Org, Wall};
use rusqlite::Connection;

const ROWS: u64 = 4_000;

fn queries(rows: &[LogRow]) -> Vec<LogQuery> {
    let some = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let at = |n: usize| Some(rows[n].at);
    let query = LogQuery::default;
    vec![
        query(),
        LogQuery {
            providers: some(&["openai", "anthropic"]),
            ..query()
        },
        LogQuery {
            models: some(&["gpt-4o-mini"]),
            ..query()
        },
        LogQuery {
            virtual_keys: some(&["vk-dev"]),
            ..query()
        },
        LogQuery {
            keys: some(&["key-1"]),
            ..query()
        },
        LogQuery {
            statuses: vec![Status::Error],
            ..query()
        },
        LogQuery {
            operations: some(&["chat", "embeddings"]),
            ..query()
        },
        LogQuery {
            since: at(700),
            ..query()
        },
        LogQuery {
            until: at(3_100),
            ..query()
        },
        LogQuery {
            since: at(500),
            until: at(2_900),
            ..query()
        },
        LogQuery {
            since: at(500),
            until: at(2_900),
            providers: some(&["vllm-local"]),
            ..query()
        },
        LogQuery {
            latency_ms: (Some(100.5), Some(900.25)),
            ..query()
        },
        LogQuery {
            tokens: (Some(10), Some(1_000)),
            ..query()
        },
        LogQuery {
            cost: (Some(1_000), Some(8_000)),
            ..query()
        },
        LogQuery {
            text: Some(String::from("NUMBER 3")),
            ..query()
        },
        LogQuery {
            text: Some(String::from("llama")),
            virtual_keys: some(&["vk-unified"]),
            since: at(100),
            ..query()
        },
    ]
}

#[tokio::test]
async fn thousands_of_rows_page_right_with_every_filter_and_order() {
    let folder = tempfile::tempdir().unwrap();
    let stores = Sqlite::open(folder.path(), &Org::default()).unwrap();
    let (sqlite, memory) = (stores.logs(), MemoryLogs::keeping(ROWS as usize));
    let rows: Vec<LogRow> = (0..ROWS).map(row).collect();
    for some in rows.chunks(500) {
        sqlite.append(some).await.unwrap();
        memory.append(some).await.unwrap();
    }
    for query in queries(&rows) {
        for sort in [Sort::Timestamp, Sort::Latency, Sort::Tokens, Sort::Cost] {
            for (ascending, offset) in [(false, 0), (true, 150)] {
                let query = LogQuery {
                    sort,
                    ascending,
                    offset,
                    limit: 60,
                    ..query.clone()
                };
                let (found, expected) = (sqlite.page(&query).await.unwrap(), memory.page(&query).await.unwrap());
                assert!(expected.totals.requests > 150, "no case: {query:?}");
                assert_eq!(found, expected, "{query:?}");
            }
        }
    }
    for grain in [Grain::Minute, Grain::Hour] {
        let (since, until) = (rows[50].at, Wall::from_millis(i64::MAX));
        let (found, expected) = (
            sqlite.rollups(grain, since, until).await,
            memory.rollups(grain, since, until).await,
        );
        assert_eq!(found, expected);
    }
    stores.close().await;
}

#[tokio::test]
async fn minutes_that_are_past_their_time_take_no_room() {
    let folder = tempfile::tempdir().unwrap();
    let stores = Sqlite::open(folder.path(), &Org::default()).unwrap();
    let late = LogRow {
        at: row(0).at.plus(Duration::from_secs(3 * 24 * 60 * 60)),
        ..row(1)
    };
    stores.logs().append(&[row(0)]).await.unwrap();
    stores.logs().append(&[late]).await.unwrap();
    stores.close().await;
    let conn = Connection::open(folder.path().join("logs.db")).unwrap();
    let count = |table| -> i64 {
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!((count("rollups_minute"), count("rollups_hour")), (1, 2));
}
