//! A call that nobody translates, from an OpenAI client to OpenAI: decoded, prepared, and its answer watched as it passes.

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput};
use gateway_benches::{Answer, chat, code, prose};
use gateway_providers::lane::Cap;
use gateway_providers::{Access, BaseUrl, Prepared, Stamp, Target, client_dialect, kind, prepare};
use gateway_types::{Asked, Call, DialectName, Operation, Secret, Wall};
use http::HeaderMap;
use serde_json::Value;

/// What stands in where an answer has no time and no ids of its own.
const STAMP: Stamp = Stamp {
    at: Wall::from_millis(1_700_000_000_000),
    seed: 7,
};
/// So many frames has the stream.
const FRAMES: usize = 200;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    requests(&mut criterion);
    answers(&mut criterion);
    criterion.final_summary();
}

/// From the client's bytes to the request that goes out.
fn requests(criterion: &mut Criterion) {
    let (target, none) = (target(), HeaderMap::new());
    let mut group = criterion.benchmark_group("pass-request");
    for (name, body) in [
        ("1 KB", chat("gpt-4o-mini", true)),
        ("400 KB prose", prose(400_000)),
        ("400 KB code", code(400_000)),
    ] {
        let read = call(&body);
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_with_input(BenchmarkId::new("decode", name), &body, |bench, body| {
            bench.iter(|| call(black_box(body)));
        });
        group.bench_function(BenchmarkId::new("prepare", name), |bench| {
            bench.iter(|| prepared(black_box(&read), &target, &none));
        });
        group.bench_with_input(BenchmarkId::new("value", name), &body, |bench, body| {
            bench.iter(|| value(black_box(body)));
        });
    }
    group.finish();
}

/// What has to be known of an answer: whole, and frame by frame.
fn answers(criterion: &mut Criterion) {
    let (target, none) = (target(), HeaderMap::new());
    let call = call(&chat("gpt-4o-mini", true));
    let prepared = prepared(&call, &target, &none);

    let whole = Answer::whole();
    let body = &whole.pieces()[0];
    let observed = |body: &Bytes| {
        prepared
            .whole(&call, &target, &none, body.clone(), STAMP)
            .expect("the bench's answers are good")
    };
    assert_eq!(observed(body).body, body, "the bytes pass as they came");
    let mut group = criterion.benchmark_group("pass-answer");
    group.bench_function("observe", |bench| bench.iter(|| observed(black_box(body))));
    group.bench_function("value", |bench| bench.iter(|| value(black_box(body))));
    group.finish();

    let stream = Answer::stream(FRAMES);
    let relayed = |pieces: &[Bytes]| {
        let mut relay = prepared.relay(&call, &target, STAMP);
        let mut out = Vec::with_capacity(pieces.len() + 1);
        for piece in pieces {
            relay
                .feed(piece.clone(), &mut out)
                .expect("the bench's frames are good");
        }
        relay.finish(&mut out).expect("the stream has said that it is over");
        out
    };
    // The usage that the gateway asked for, and not the client, is cut out; all else passes.
    let is_passed = |piece: &&Bytes| !String::from_utf8_lossy(piece).contains(r#""choices":[]"#);
    let passed: Vec<Bytes> = stream.pieces().iter().filter(is_passed).cloned().collect();
    assert!(
        relayed(stream.pieces()).concat() == passed.concat(),
        "frames pass as they came"
    );
    let mut group = criterion.benchmark_group("pass-stream");
    group.throughput(Throughput::Elements(FRAMES as u64));
    group.bench_function("observe", |bench| bench.iter(|| relayed(black_box(stream.pieces()))));
    group.bench_function("value", |bench| bench.iter(|| stream.read(black_box(b"{}"))));
    group.finish();
}

/// The usual way's first half, for the ratio: what is read is not written again.
fn value(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("the bench's bodies are JSON")
}

fn call(body: &Bytes) -> Call {
    client_dialect(DialectName::OpenAi)
        .decode(&Asked::plain(Operation::Chat), body.clone())
        .expect("the bench's requests are good")
}

fn prepared(call: &Call, target: &Target, client: &HeaderMap) -> Prepared {
    prepare(call, target, Cap::Client, client, STAMP).expect("OpenAI is told what its client said")
}

fn target() -> Target {
    let kind = kind("openai").expect("it is built in");
    let base = BaseUrl::parse("https://api.openai.com").expect("it is a URL");
    let access = Access::Key(Secret::new("sk-own"));
    Target::plain("openai", kind, base, "gpt-4o-mini-own", access)
}
