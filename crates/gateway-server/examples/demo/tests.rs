//! What holds of the day, however short it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use gateway::ports::logs::{LogQuery, LogRow, Side, Status};
use gateway_governance::ledger::Verified;
use gateway_store::Sqlite;
use gateway_types::{ErrorKind, Org, Wall};
use tempfile::TempDir;
use tokio::runtime::Builder;

use crate::DAY;
use crate::day::{self, Plan};
use crate::places::Places;
use crate::talk::Talk;

/// What a day left behind.
struct Lived {
    rows: Vec<LogRow>,
    verified: Verified,
    windows: Vec<(String, i64)>,
}

fn lived(calls: usize, seed: u64) -> Lived {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let (places, _listeners) = Places::take().expect("there are free ports");
    let talk = Arc::new(Talk::read());
    let plan = Plan {
        calls,
        span: DAY,
        seed,
        end: Wall::from_millis(1_800_000_000_000),
    };
    let paused = || Builder::new_current_thread().enable_all().start_paused(true).build();
    let runtime = paused().expect("a runtime can be made");
    runtime
        .block_on(day::live(plan, folder.path(), &places, &talk))
        .expect("a day can be lived");
    runtime.block_on(read(&folder))
}

async fn read(folder: &TempDir) -> Lived {
    let stores = Sqlite::look(folder.path(), &Org::default()).expect("the day has left its stores");
    let mut rows = Vec::new();
    let mut from: Option<Side> = None;
    loop {
        let query = LogQuery {
            limit: 500,
            from,
            ..LogQuery::default()
        };
        let page = stores.logs().page(&query).await.expect("the log can be read");
        rows.extend(page.rows);
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    let windows = stores.ledger().windows().await.expect("the books can be read");
    let mut windows: Vec<_> = windows.iter().map(|one| (one.quota.to_string(), one.settled)).collect();
    windows.sort();
    Lived {
        rows,
        verified: stores.ledger().verify().await.expect("the books can be read"),
        windows,
    }
}

impl Lived {
    /// Everything that two days of one seed have in common.
    fn figures(&self) -> Vec<String> {
        let figures = |row: &LogRow| {
            let attempts: Vec<_> = row.attempts.iter().map(|attempt| &*attempt.outcome).collect();
            let tokens = row.metered.as_ref().map(|metered| metered.usage.total());
            format!(
                "{:?} {:?} {:?} {:?} {} {tokens:?} {:?} {attempts:?} {}",
                row.virtual_key,
                row.provider,
                row.model,
                row.status,
                row.http_status,
                row.cost,
                row.latency_us / 1000
            )
        };
        self.rows.iter().map(figures).collect()
    }

    fn has(&self, what: &str, of: impl Fn(&LogRow) -> bool) {
        assert!(self.rows.iter().any(of), "no row of the day has {what}");
    }
}

#[test]
fn a_small_day_has_every_kind_of_outcome_and_its_books_add_up() {
    let day = lived(400, 7);
    assert!(day.rows.len() >= 400, "{} rows", day.rows.len());
    assert_eq!((day.verified.found, &day.verified.differences[..]), (0, &[][..]));
    assert!(day.verified.entries > 200, "{} entries", day.verified.entries);

    let kind = |kind: ErrorKind| move |row: &LogRow| row.error.as_ref().is_some_and(|error| error.kind == kind);
    let outcome = |word: &'static str| move |row: &LogRow| row.attempts.iter().any(|attempt| attempt.outcome == word);
    day.has("a refusal for want of money", |row| row.http_status == 402);
    day.has("a refusal by a rate limit", |row| row.http_status == 429);
    day.has("a disabled key", |row| row.http_status == 403);
    day.has("an unknown key", |row| row.http_status == 401);
    day.has("a model that the key does not allow", kind(ErrorKind::ModelBlocked));
    day.has("a request that no vendor takes", |row| row.http_status == 400);
    day.has("a client that left", |row| row.status == Status::Cancelled);
    day.has("a failover", |row| {
        row.status == Status::Success && row.attempts.len() > 1
    });
    day.has("a vendor that answers with an error", outcome("failed"));
    day.has("a vendor that limits", outcome("rate_limited"));
    day.has("a vendor that cannot be reached", outcome("unreachable"));
    day.has("a routing rule", |row| row.rule.is_some());
    day.has("a loss by translation", |row| !row.losses.is_empty());
    day.has("a cap that a budget set", |row| row.clamped.is_some());
    day.has("a stream", |row| {
        row.stream && row.ttft_us.is_some_and(|first| first < row.latency_us)
    });
    day.has("tokens from a vendor's cache", |row| {
        row.metered.as_ref().is_some_and(|metered| metered.usage.cache_read > 0)
    });
    day.has("tokens of thinking", |row| {
        row.metered.as_ref().is_some_and(|metered| metered.usage.reasoning > 0)
    });
    day.has("a conversation", |row| {
        row.request_body.is_some() && row.response_body.is_some()
    });
    let who: BTreeSet<_> = day.rows.iter().filter_map(|row| row.provider.clone()).collect();
    assert_eq!(who.len(), 6, "{who:?}");
    let first = day.rows.iter().map(|row| row.at).min();
    let last = day.rows.iter().map(|row| row.at).max();
    let (Some(first), Some(last)) = (first, last) else {
        unreachable!("there are rows")
    };
    assert!(last <= Wall::from_millis(1_800_000_000_000) && last.since(first) > DAY / 2);
}

#[test]
fn one_seed_gives_one_day() {
    let (one, same, other) = (lived(120, 7), lived(120, 7), lived(120, 8));
    assert_eq!(one.figures(), same.figures());
    assert_eq!(one.windows, same.windows);
    assert_ne!(one.figures(), other.figures());
}
