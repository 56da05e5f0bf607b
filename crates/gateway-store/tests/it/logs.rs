//! Request logs at size: whatever is asked for, SQLite answers what memory answers.

use std::sync::Arc;
use std::time::Duration;

use gateway::ports::conformance::row;
use gateway::ports::logs::{Dimension, Hosting, LogQuery, LogRow, LogStore, Rank, Slice, Sort, Status};
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
            teams: some(&["red"]),
            hosting: vec![Hosting::Cloud],
            ..query()
        },
        LogQuery {
            errors: some(&["model_blocked"]),
            since: at(300),
            ..query()
        },
        LogQuery {
            unpriced: true,
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
        let some: Vec<Arc<LogRow>> = some.iter().cloned().map(Arc::new).collect();
        sqlite.append(&some).await.unwrap();
        memory.append(&some).await.unwrap();
    }
    for query in queries(&rows) {
        for sort in [Sort::Timestamp, Sort::Latency, Sort::Tokens, Sort::Cost] {
            for (ascending, offset) in [(false, 0), (true, 150)] {
                let query = LogQuery {
                    sort,
                    ascending,
                    offset,
                    limit: 60,
                    totals: true,
                    ..query.clone()
                };
                let (found, expected) = (sqlite.page(&query).await.unwrap(), memory.page(&query).await.unwrap());
                assert!(
                    expected.totals.as_ref().is_some_and(|totals| totals.requests > 150),
                    "no case: {query:?}"
                );
                assert_eq!(found, expected, "{query:?}");
            }
        }
    }
    for dimension in Dimension::ALL {
        let of = Slice {
            dimension,
            values: Vec::new(),
            since: rows[50].at,
            until: Wall::from_millis(i64::MAX),
        };
        for slot_ms in [60_000, 3_600_000, 86_400_000] {
            assert_eq!(sqlite.series(&of, slot_ms).await, memory.series(&of, slot_ms).await);
        }
        let (found, expected) = (
            sqlite.shares(&of, Rank::Cost, 2).await,
            memory.shares(&of, Rank::Cost, 2).await,
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
    stores.logs().append(&[Arc::new(row(0))]).await.unwrap();
    stores.logs().append(&[Arc::new(late)]).await.unwrap();
    stores.close().await;
    let conn = Connection::open(folder.path().join("logs.db")).unwrap();
    let count = |grain: u8| -> i64 {
        let sql = "SELECT count(*) FROM rollups WHERE dimension = 0 AND grain = ?1";
        conn.query_row(sql, [grain], |row| row.get(0)).unwrap()
    };
    assert_eq!((count(0), count(1), count(2)), (1, 2, 2));
}
