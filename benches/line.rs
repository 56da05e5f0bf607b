//! The whole line, from an arrival to the last byte of its answer, over an upstream in memory that answers at once.

use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use gateway_benches::{Answer, BATCH, FRAMES, Setting, chat, drain, presented};
use gateway_providers::{Egress, WireRequest};
use gateway_types::json::Slices;
use http::header::ACCEPT;
use http::{HeaderMap, Method, Uri};

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let setting = Setting::default();
    for (name, body, answer) in [
        ("line-whole", chat("gpt-4o-mini", false), Answer::whole()),
        ("line-stream", chat("gpt-4o-mini", true), Answer::stream(FRAMES)),
    ] {
        let mut group = criterion.benchmark_group(name);
        transport(&setting, &mut group, &body, &answer);
        line(&setting, &mut group, "anonymous", &HeaderMap::new(), &body);
        line(&setting, &mut group, "virtual-key", &presented(), &body);
        group.bench_function("value", |bench| bench.iter(|| answer.read(&body)));
        group.finish();
    }
    setting.close();
    criterion.final_summary();
}

/// Calls through the line, by whoever presents those headers.
fn line(setting: &Setting, group: &mut BenchmarkGroup<'_, WallTime>, name: &str, headers: &HeaderMap, body: &Bytes) {
    let call = || async { setting.call(headers, body).await.1 };
    group.bench_function(name, |bench| bench.iter_custom(|calls| time(setting, calls, call)));
}

/// The same bytes out and back, with nothing between.
fn transport(setting: &Setting, group: &mut BenchmarkGroup<'_, WallTime>, body: &Bytes, answer: &Answer) {
    let request = WireRequest {
        method: Method::POST,
        uri: Uri::from_static("https://api.openai.com/v1/chat/completions"),
        headers: HeaderMap::from_iter([(ACCEPT, answer.kind.clone())]),
        body: Slices::one(body.clone()),
    };
    let egress = Egress::default();
    let call = || async {
        let response = setting.upstream.send(request.clone(), &egress).await;
        drain(response.expect("the upstream answers").body).await
    };
    group.bench_function("transport", |bench| {
        bench.iter_custom(|calls| time(setting, calls, call));
    });
}

fn time<F: Future<Output = usize>>(setting: &Setting, calls: u64, call: impl Fn() -> F) -> Duration {
    setting.runtime.block_on(async {
        let begun = Instant::now();
        for nth in 1..=calls {
            assert_ne!(call().await, 0, "there is an answer");
            if nth.is_multiple_of(BATCH as u64) {
                tokio::task::yield_now().await;
            }
        }
        begun.elapsed()
    })
}
