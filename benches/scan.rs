//! A chat body is checked, `model` replaced, `fallbacks` removed and `stream_options` added, without a tree and with one.

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput};
use gateway_types::json::{Edit, Slices, scan, splice};
use serde_json::{Value, json};

/// What the OpenAI dialect looks for in a chat request.
const WANTED: &[&str] = &[
    "model",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "n",
    "messages",
    "fallbacks",
];

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut group = criterion.benchmark_group("scan");
    for (name, body) in bodies() {
        assert_eq!(
            serde_json::from_slice::<Value>(&spliced(&body).concat()).expect("an edited body is JSON"),
            serde_json::from_slice::<Value>(&through_value(&body)).expect("a serialised value is JSON"),
            "both ways say the same"
        );
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_with_input(BenchmarkId::new("scan", name), &body, |bench, body| {
            bench.iter(|| scan(black_box(body), WANTED));
        });
        group.bench_with_input(BenchmarkId::new("scan-and-splice", name), &body, |bench, body| {
            bench.iter(|| spliced(black_box(body)));
        });
        group.bench_with_input(
            BenchmarkId::new("scan-splice-and-concat", name),
            &body,
            |bench, body| {
                bench.iter(|| spliced(black_box(body)).concat());
            },
        );
        group.bench_with_input(BenchmarkId::new("value", name), &body, |bench, body| {
            bench.iter(|| through_value(black_box(body)));
        });
    }
    group.finish();
    criterion.final_summary();
}

fn spliced(body: &Bytes) -> Slices {
    let object = scan(body, WANTED).expect("the bench's bodies are good");
    let place = |key: &str| {
        let key = WANTED
            .iter()
            .position(|wanted| *wanted == key)
            .expect("the key is wanted");
        object.find(key).expect("the bench's bodies have it")
    };
    let edits = [
        Edit::Replace(place("model").value.clone(), Bytes::from_static(br#""gpt-4o-mini""#)),
        Edit::Remove(place("fallbacks").span.clone()),
        Edit::Insert(Bytes::from_static(br#""stream_options":{"include_usage":true}"#)),
    ];
    splice(body, &object, &edits)
}

/// The usual way, for the ratio.
fn through_value(body: &Bytes) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(body).expect("the bench's bodies are good");
    let object = value.as_object_mut().expect("the bench's bodies are objects");
    object.insert("model".to_owned(), json!("gpt-4o-mini"));
    object.remove("fallbacks");
    object.insert("stream_options".to_owned(), json!({"include_usage": true}));
    serde_json::to_vec(&value).expect("a value can be written")
}

/// The shapes that traffic has: small talk, an agent with tools, long prose, code (an escape in every line), an image.
fn bodies() -> Vec<(&'static str, Bytes)> {
    vec![
        ("1 KB", chat(&prose(750), &json!([]))),
        ("8.8 KB with tools", chat(&prose(2_400), &tools(14))),
        ("64 KB prose", chat(&prose(63_500), &json!([]))),
        ("64 KB code", chat(&code(61_500), &json!([]))),
        ("400 KB image", chat(&base64(400_000), &json!([]))),
        ("400 KB code", chat(&code(384_000), &json!([]))),
    ]
}

/// Written by hand around the content so that the order of the fields is a client's, not a map's.
fn chat(content: &str, tools: &Value) -> Bytes {
    let content = json!(content);
    Bytes::from(format!(
        r#"{{"model":"vllm-local/meta-llama/Llama-3-8B-Instruct","messages":[{{"role":"system","content":"You are a careful assistant."}},{{"role":"user","content":{content}}}],"tools":{tools},"fallbacks":["openai/gpt-4o-mini"],"temperature":0.7,"max_tokens":512,"stream":true}}"#
    ))
}

fn prose(length: usize) -> String {
    let paragraph = "The ferry left the northern quay a little after six, carrying a crate of oranges, two bicycles and \
        a clock that nobody had wound since the spring. \u{201c}It will rain before noon,\u{201d} said the captain, and it did.\n\n";
    fill(paragraph, length)
}

fn code(length: usize) -> String {
    let lines = "    /// The open orders of a customer, newest first.\n    pub fn open(&self, customer: &str) -> Vec<Order> {\n\
        \x20       let path = self.root.join(\"orders\").join(customer);\n\
        \x20       self.read(&path).filter(|order| order.state != State::Closed).collect()\n    }\n\n";
    fill(lines, length)
}

fn base64(length: usize) -> String {
    format!(
        "data:image/png;base64,{}",
        fill("iVBORw0KGgoAAAANSUhEUgAABAAAAAQACAIAAADwf7zUx/9+cQ", length)
    )
}

fn fill(pattern: &str, length: usize) -> String {
    pattern.chars().cycle().take(length).collect()
}

fn tools(count: usize) -> Value {
    let tool = |nth: usize| {
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
    };
    (0..count).map(tool).collect()
}
