mod figures;
mod filters;
mod pages;

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_types::loss::Loss;
use gateway_types::{Basis, DialectName, ErrorKind, Metered, NanoUsd, Operation, RequestId, Usage, Wall};
use serde_json::json;
use uuid::Uuid;

use crate::ports::logs::{
    Hosting, Json, LOG_VERSION, LogAttempt, LogError, LogPage, LogQuery, LogRow, LogRule, LogStore, Sort, Status,
    Totals,
};

/// Checks all that [`LogStore`] promises.
pub async fn logs<F, Made>(make: F)
where
    F: Fn() -> Made,
    Made: Future<Output = Arc<dyn LogStore>>,
{
    what_is_written_is_read(&*make().await).await;
    a_row_is_written_once(&*make().await).await;
    pages::check(&make).await;
    filters::check(&make).await;
    figures::check(&make).await;
}

/// Where the rows of [`row`] begin: not on the hour.
const START: i64 = 1_700_000_123_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A row of its own for each number: rows are 37 seconds apart, and all else varies at different paces.
pub fn row(n: u64) -> LogRow {
    let at = Wall::from_millis(START + 37_000 * n as i64);
    let names = |names: &[&'static str], pace: u64| names[(n / pace) as usize % names.len()];
    let provider = names(&["openai", "vllm-local", "anthropic", ""], 1);
    let refused = provider.is_empty();
    let model = names(&["gpt-4o-mini", "llama-3:8b", "claude-3-5-haiku"], 2);
    let asked = names(&["auto", "gpt-4o-mini", "fast"], 3);
    let status = if refused {
        Status::Error
    } else {
        [Status::Success, Status::Success, Status::Cancelled][n as usize % 3]
    };
    let usage = Usage {
        input: n * 7919 % 1000,
        cache_read: n % 5,
        output: n * 104_729 % 400,
        ..Usage::default()
    };
    LogRow {
        v: LOG_VERSION,
        id: RequestId::from(Uuid::from_u128(
            (at.millis() as u128) << 80 | 7 << 76 | 2 << 62 | u128::from(n),
        )),
        at,
        operation: (!n.is_multiple_of(11))
            .then_some([Operation::Chat, Operation::Completions, Operation::Embeddings][n as usize % 3]),
        dialect: Some(DialectName::ALL[n as usize % DialectName::ALL.len()]),
        asked: (!n.is_multiple_of(13)).then(|| asked.into()),
        provider: (!refused).then(|| provider.into()),
        key: (!refused).then(|| names(&["key-1", "key-2"], 5).into()),
        model: (!refused).then(|| model.into()),
        hosting: (!refused).then_some(match provider {
            "vllm-local" => Hosting::SelfHosted,
            _ => Hosting::Cloud,
        }),
        virtual_key: (!n.is_multiple_of(7)).then(|| names(&["vk-dev", "vk-unified"], 2).into()),
        team: n.is_multiple_of(3).then(|| names(&["red", "blue"], 3).into()),
        customer: n.is_multiple_of(5).then(|| names(&["acme", "bolt"], 5).into()),
        tags: Arc::new(if n.is_multiple_of(4) {
            [
                ("env".to_owned(), names(&["prod", "dev"], 4).to_owned()),
                ("a.b\"c".to_owned(), n.to_string()),
            ]
            .into()
        } else {
            BTreeMap::new()
        }),
        stream: n.is_multiple_of(2),
        status,
        http_status: if refused { 403 } else { 200 },
        error: refused.then(|| LogError {
            kind: ErrorKind::ModelBlocked,
            message: format!("no entry for number {n}"),
        }),
        latency_us: n * 15_485_863 % 2_000_000,
        ttft_us: n.is_multiple_of(2).then_some(n),
        upstream_us: n % 1000,
        metered: (!refused).then_some(Metered {
            usage,
            basis: Basis::Reported,
            cost: None,
        }),
        cost: NanoUsd((n * 32_452_843 % 9_000) as i64),
        unpriced: n % 9 == 2,
        rule: (n % 4 == 1).then(|| LogRule {
            id: names(&["r-1", "r-2"], 6).to_owned(),
            name: "A rule".to_owned(),
        }),
        attempts: Vec::new(),
        plan: None,
        losses: Vec::new(),
        clamped: None,
        request_body: None,
        response_body: None,
    }
}

fn rows(count: u64) -> Vec<LogRow> {
    (0..count).map(row).collect()
}

async fn append(store: &dyn LogStore, rows: &[LogRow]) {
    let rows: Vec<Arc<LogRow>> = rows.iter().cloned().map(Arc::new).collect();
    store.append(&rows).await.expect("a healthy store takes rows");
}

async fn page(store: &dyn LogStore, query: &LogQuery) -> LogPage {
    let query = LogQuery {
        totals: true,
        ..query.clone()
    };
    store.page(&query).await.expect("a healthy store reads")
}

/// A page without rows, and without any beside it.
fn nothing() -> LogPage {
    LogPage {
        totals: Some(Totals::default()),
        ..LogPage::default()
    }
}

fn all() -> LogQuery {
    LogQuery {
        limit: usize::MAX,
        ..LogQuery::default()
    }
}

fn sum<'a>(rows: impl IntoIterator<Item = &'a LogRow>) -> Totals {
    rows.into_iter().fold(Totals::default(), |sum, row| {
        let usage = row.metered.map(|metered| metered.usage).unwrap_or_default();
        Totals {
            requests: sum.requests + 1,
            successes: sum.successes + u64::from(row.status == Status::Success),
            latency_us: sum.latency_us + row.latency_us,
            input_tokens: sum.input_tokens + usage.input_total(),
            output_tokens: sum.output_tokens + usage.output_total(),
            cost: sum.cost + row.cost,
        }
    })
}

fn tokens(row: &LogRow) -> u64 {
    row.metered.map_or(0, |metered| metered.usage.total())
}

/// Checks that a query chooses the rows that `wanted` does, newest first, with their totals; and that it is a case at
/// all, which chooses some rows and not all.
async fn chooses(store: &dyn LogStore, rows: &[LogRow], query: LogQuery, wanted: impl Fn(&LogRow) -> bool) {
    let expected: Vec<LogRow> = rows.iter().rev().filter(|row| wanted(row)).cloned().collect();
    assert!(
        !expected.is_empty() && expected.len() < rows.len(),
        "no case: {query:?}"
    );
    let query = LogQuery {
        limit: usize::MAX,
        ..query
    };
    let found = page(store, &query).await;
    let ids = |rows: &[LogRow]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(&found.rows), ids(&expected), "{query:?}");
    assert_eq!(found.totals, Some(sum(&expected)), "{query:?}");
    let one = page(
        store,
        &LogQuery {
            limit: 1,
            offset: 1,
            ..query.clone()
        },
    )
    .await;
    assert_eq!(ids(&one.rows), ids(expected.get(1..2).unwrap_or_default()), "{query:?}");
    assert_eq!(
        one.totals, found.totals,
        "totals are over all that match, not over the page: {query:?}"
    );
}

async fn what_is_written_is_read(store: &dyn LogStore) {
    let attempt = LogAttempt {
        provider: "openai".into(),
        key: "key-1".into(),
        model: "gpt-4o-mini".into(),
        reason: "first".into(),
        outcome: "failed".into(),
        http_status: Some(503),
        message: Some(String::from("overloaded")),
        started_us: 7,
        took_us: 8,
        head_us: Some(6),
    };
    let full = LogRow {
        ttft_us: Some(9),
        unpriced: true,
        attempts: vec![attempt],
        plan: Json::of(&json!({"seed": 4, "candidates": [{"score": 0.5}]})),
        losses: vec![Loss::dropped("logprobs", "the other side has none")],
        clamped: Some(64),
        request_body: Some(String::from("{\"q\": \"hä?\"}")),
        response_body: Some(String::new()),
        ..row(1)
    };
    assert_eq!(store.any().await, Ok(false));
    assert_eq!(store.row(full.id).await, Ok(None));
    append(store, std::slice::from_ref(&full)).await;
    assert_eq!(store.any().await, Ok(true));
    assert_eq!(store.row(full.id).await, Ok(Some(full.clone())));
    assert_eq!(page(store, &all()).await.rows, [full]);
    assert_eq!(store.row(row(2).id).await, Ok(None));
}

async fn a_row_is_written_once(store: &dyn LogStore) {
    let first = row(1);
    append(store, &[first.clone(), first.clone()]).await;
    append(
        store,
        &[
            LogRow {
                cost: NanoUsd(1),
                ..first.clone()
            },
            row(2),
        ],
    )
    .await;
    let found = page(store, &all()).await;
    assert_eq!(found.rows, [row(2), first.clone()], "what is there stays as it is");
    assert_eq!(found.totals, Some(sum(&[first, row(2)])));
    let counted = figures::everything(store).await;
    assert_eq!(
        Some(counted.requests()),
        found.totals.map(|totals| totals.requests),
        "it is counted once as well"
    );
    append(store, &[]).await;
}
