//! What request logs cost at size: filled with rows over 90 days through the port, then asked what the dashboard asks.
//!
//! `cargo bench -p gateway-benches --bench logs` fills a million rows; `LOG_ROWS` says another number, `LOG_FOLDER` a
//! folder that is kept and filled only once. With `GATEWAY_SERVER`, the path of a `gateway-server` that was built for speed,
//! that server is asked for `/api/overview` too.

mod ask;
mod server;
mod traffic;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gateway::ports::logs::{LogRow, LogStore};
use gateway_store::{Sqlite, Stores};
use gateway_types::{Org, Wall};
use tokio::runtime::Runtime;
use traffic::Traffic;

/// How many rows are written at once: as many as the gateway does at the most, and what comes in half a second of the busy
/// time.
const FULL: usize = 2048;
const HALF_A_SECOND: usize = 500;
const DAYS: i64 = 90;
const DAY_MS: i64 = 86_400_000;
/// What the busy time is: so many rows, a thousand a second.
const BUSY_ROWS: u64 = 100_000;

fn main() {
    // Without `--bench` it runs as a test: once, small, to say that it still runs.
    let whole = std::env::args().any(|arg| arg == "--bench");
    let rows = std::env::var("LOG_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows = rows.unwrap_or(if whole { 1_000_000 } else { 3_000 });
    let busy = if whole { BUSY_ROWS } else { 1_000 };
    let kept = std::env::var_os("LOG_FOLDER").map(PathBuf::from);
    let scratch = tempfile::tempdir().expect("there is room for a folder");
    let folder = kept.as_deref().unwrap_or_else(|| scratch.path());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .build()
        .expect("threads can be started");
    let now = now();
    let stores = open(folder);
    let logs = stores.logs();
    if runtime.block_on(logs.any()).expect("the store reads") {
        report("rows", "there already");
    } else {
        fill(&runtime, &logs, rows, now);
    }
    ask::everything(&runtime, &logs, now);
    runtime.block_on(stores.close());
    report("size of logs.db", &format!("{} MB", size(folder) >> 20));
    if let Some(server) = std::env::var_os("GATEWAY_SERVER") {
        server::overviews(Path::new(&server), folder);
    }
    busy_hour(&runtime, busy, now);
}

fn open(folder: &Path) -> Stores {
    Sqlite::open(folder, &Org::default()).expect("the folder is ours")
}

/// Rows over 90 days, the latest now.
fn fill(runtime: &Runtime, logs: &Arc<dyn LogStore>, rows: u64, now: Wall) {
    let mut traffic = Traffic::new(now.millis() - DAYS * DAY_MS, DAYS * DAY_MS, rows);
    let (spent, written) = write(runtime, logs, &mut traffic, FULL);
    report(&format!("fill, {written} rows over {DAYS} days"), &each(spent, written));
}

/// Rows as they come on a busy gateway: many to a minute.
fn busy_hour(runtime: &Runtime, rows: u64, now: Wall) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let stores = open(folder.path());
    let span = i64::try_from(rows).unwrap_or(i64::MAX);
    let mut traffic = Traffic::new(now.millis() - span, span, rows);
    let (spent, written) = write(runtime, &stores.logs(), &mut traffic, HALF_A_SECOND);
    report(
        &format!("write, {written} rows, a thousand a second"),
        &each(spent, written),
    );
    runtime.block_on(stores.close());
}

/// Writes all rows and says how long the store had them.
fn write(runtime: &Runtime, logs: &Arc<dyn LogStore>, traffic: &mut Traffic, batch: usize) -> (Duration, u64) {
    let (mut spent, mut written) = (Duration::ZERO, 0);
    loop {
        let rows: Vec<Arc<LogRow>> = traffic.take(batch).map(Arc::new).collect();
        if rows.is_empty() {
            return (spent, written);
        }
        let begun = Instant::now();
        runtime.block_on(logs.append(&rows)).expect("the store takes rows");
        spent += begun.elapsed();
        written += rows.len() as u64;
    }
}

fn each(spent: Duration, rows: u64) -> String {
    let micros = spent.as_secs_f64() * 1e6 / rows.max(1) as f64;
    format!("{micros:.1} us a row, {:.1} s in all", spent.as_secs_f64())
}

fn size(folder: &Path) -> u64 {
    let sizes =
        ["logs.db", "logs.db-wal"].map(|name| std::fs::metadata(folder.join(name)).map_or(0, |file| file.len()));
    sizes.iter().sum()
}

#[allow(clippy::print_stdout, reason = "this is what the program is for")]
fn report(what: &str, measured: &str) {
    println!("{what:<52} {measured}");
}

fn now() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall::from_millis(i64::try_from(since.as_millis()).unwrap_or(0))
}
