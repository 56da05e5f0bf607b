//! Between an OpenAI client and Anthropic: a request out, an answer and a stream back.

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput};
use gateway_providers::lane::Cap;
use gateway_providers::{Access, BaseUrl, Prepared, Stamp, Target, client_dialect, kind, prepare};
use gateway_types::{Asked, Call, DialectName, Operation, Secret, Wall};
use http::HeaderMap;
use serde_json::{Value, json};

/// What stands in where an answer has no time and no ids of its own.
const STAMP: Stamp = Stamp {
    at: Wall::from_millis(1_700_000_000_000),
    seed: 7,
};

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    requests(&mut criterion);
    answers(&mut criterion);
    streams(&mut criterion);
    criterion.final_summary();
}

/// From the client's bytes to the request that goes out.
fn requests(criterion: &mut Criterion) {
    let (target, none) = (target(), HeaderMap::new());
    let mut group = criterion.benchmark_group("translate-request");
    for (name, body) in [
        ("1 KB", request(750, 0)),
        ("8.8 KB with tools", request(2_400, 14)),
        ("64 KB prose", request(63_500, 0)),
    ] {
        let sent = prepared(&call(&body), &target, &none).wire.body.concat();
        let sent: Value = serde_json::from_slice(&sent).expect("what goes out is JSON");
        assert_eq!(sent["messages"][0]["role"], "user", "the system message has moved");
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_with_input(BenchmarkId::new("decode", name), &body, |bench, body| {
            bench.iter(|| call(black_box(body)));
        });
        group.bench_with_input(BenchmarkId::new("decode-and-translate", name), &body, |bench, body| {
            bench.iter(|| prepared(&call(black_box(body)), &target, &none));
        });
        group.bench_with_input(BenchmarkId::new("value", name), &body, |bench, body| {
            bench.iter(|| value(black_box(body)));
        });
    }
    group.finish();
}

/// A whole answer, from the provider's bytes to the client's.
fn answers(criterion: &mut Criterion) {
    let (target, none) = (target(), HeaderMap::new());
    let call = call(&request(750, 0));
    let prepared = prepared(&call, &target, &none);
    let mut group = criterion.benchmark_group("translate-answer");
    for (name, body) in [("1 KB", answer(750, 0)), ("16 KB and tool use", answer(14_000, 4))] {
        let read = |body: &Bytes| {
            prepared
                .whole(&call, &target, &none, body.clone(), STAMP)
                .expect("the bench's answers are good")
        };
        let whole = read(&body);
        assert_eq!(value(&whole.body)["usage"]["prompt_tokens"], 142);
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_with_input(BenchmarkId::new("translate", name), &body, |bench, body| {
            bench.iter(|| read(black_box(body)));
        });
        group.bench_with_input(BenchmarkId::new("value", name), &body, |bench, body| {
            bench.iter(|| value(black_box(body)));
        });
    }
    group.finish();
}

/// 200 events, each in a piece of its own, as a provider sends them that is slower than the network.
fn streams(criterion: &mut Criterion) {
    let (target, none) = (target(), HeaderMap::new());
    let body = request(750, 0);
    let call = call(&body);
    let prepared = prepared(&call, &target, &none);
    let events = events();
    assert_eq!(events.len(), 200);
    let relayed = |events: &[Bytes]| {
        let mut relay = prepared.relay(&call, &target, STAMP);
        let mut out = Vec::with_capacity(events.len() + 1);
        for event in events {
            relay
                .feed(event.clone(), &mut out)
                .expect("the bench's events are good");
        }
        relay.finish(&mut out).expect("the stream has said that it is over");
        out
    };
    assert!(relayed(&events).concat().ends_with(b"data: [DONE]\n\n"));
    let mut group = criterion.benchmark_group("translate-stream");
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("translate", |bench| bench.iter(|| relayed(black_box(&events))));
    group.bench_function("value", |bench| {
        bench.iter(|| {
            black_box(&events)
                .iter()
                .map(|event| value(data(event)))
                .collect::<Vec<_>>()
        });
    });
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
    prepare(call, target, Cap::Client, client, STAMP).expect("Anthropic can be told it")
}

fn target() -> Target {
    let kind = kind("anthropic").expect("it is built in");
    let base = BaseUrl::parse("https://api.anthropic.com").expect("it is a URL");
    let access = Access::Key(Secret::new("sk-ant-own"));
    Target {
        max_output: Some(8_192),
        ..Target::plain("anthropic", kind, base, "claude-own-4-5", access)
    }
}

fn request(prose_length: usize, tools_count: usize) -> Bytes {
    let mut body = json!({
        "model": "claude",
        "messages": [
            {"role": "system", "content": "You are a careful assistant."},
            {"role": "user", "content": prose(prose_length)},
        ],
        "temperature": 0.7, "max_tokens": 512, "stream": true, "stream_options": {"include_usage": true},
    });
    if tools_count > 0 {
        body["tools"] = (0..tools_count).map(tool).collect();
    }
    Bytes::from(body.to_string())
}

fn tool(nth: usize) -> Value {
    json!({"type": "function", "function": {
        "name": format!("search_orders_{nth}"),
        "description": "Finds the orders of a customer between two dates.",
        "parameters": {"type": "object", "required": ["customer", "from"], "additionalProperties": false, "properties": {
            "customer": {"type": "string", "description": "The customer's number."},
            "from": {"type": "string", "format": "date"},
            "to": {"type": "string", "format": "date"},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100},
        }},
    }})
}

fn answer(prose_length: usize, tools_used: usize) -> Bytes {
    let mut content = vec![json!({"type": "text", "text": prose(prose_length)})];
    content.extend((0..tools_used).map(|nth| {
        json!({"type": "tool_use", "id": format!("toolu_{nth}"), "name": format!("search_orders_{nth}"),
            "input": {"customer": "4711", "from": "2024-01-01", "to": "2024-12-31", "limit": 20}})
    }));
    let stop = if tools_used > 0 { "tool_use" } else { "end_turn" };
    let body = json!({
        "id": "msg_own", "type": "message", "role": "assistant", "model": "claude-own-4-5", "content": content,
        "stop_reason": stop, "stop_sequence": null,
        "usage": {"input_tokens": 12, "output_tokens": 61, "cache_read_input_tokens": 100,
            "cache_creation_input_tokens": 30},
    });
    Bytes::from(body.to_string())
}

fn events() -> Vec<Bytes> {
    let usage = json!({"input_tokens": 12, "output_tokens": 1});
    let message = json!({"id": "msg_own", "type": "message", "role": "assistant", "model": "claude-own-4-5",
        "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage});
    let mut events = vec![
        event("message_start", &json!({"message": message})),
        event(
            "content_block_start",
            &json!({"index": 0, "content_block": {"type": "text", "text": ""}}),
        ),
        event("ping", &json!({})),
    ];
    let words =
        "The ferry left the northern quay a little after six \u{2013} \u{201c}on time\u{201d}, said the captain.\n";
    events.extend(words.split_inclusive(' ').cycle().take(194).map(|word| {
        event(
            "content_block_delta",
            &json!({"index": 0, "delta": {"type": "text_delta", "text": word}}),
        )
    }));
    events.push(event("content_block_stop", &json!({"index": 0})));
    let end = json!({"delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"output_tokens": 194}});
    events.push(event("message_delta", &end));
    events.push(event("message_stop", &json!({})));
    events
}

fn event(kind: &str, fields: &Value) -> Bytes {
    let mut data = json!({"type": kind});
    for (key, value) in fields.as_object().into_iter().flatten() {
        data[key] = value.clone();
    }
    Bytes::from(format!("event: {kind}\ndata: {data}\n\n"))
}

/// The JSON of an event that [`event`] made.
fn data(event: &[u8]) -> &[u8] {
    let at = event
        .windows(6)
        .position(|piece| piece == b"data: ")
        .expect("an event has data");
    event[at + 6..].trim_ascii_end()
}

fn prose(length: usize) -> String {
    let paragraph = "The ferry left the northern quay a little after six, carrying a crate of oranges, two bicycles and \
        a clock that nobody had wound since the spring. \u{201c}It will rain before noon,\u{201d} said the captain, and it did.\n\n";
    paragraph.chars().cycle().take(length).collect()
}
