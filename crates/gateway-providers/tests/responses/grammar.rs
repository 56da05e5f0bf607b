//! The grammar of a stream: what must hold for every one that a client gets.

use std::collections::BTreeMap;

use serde_json::Value;

/// An item that is open.
#[derive(Default)]
struct Open {
    item: Value,
    /// The texts of its pieces, by list and place, while they are open.
    pieces: BTreeMap<(&'static str, u64), String>,
    input: String,
}

/// Whether a provider keeps to the grammar itself.
pub(crate) fn holds(events: &[Value]) -> bool {
    std::panic::catch_unwind(|| check(events)).is_ok()
}

/// Checks a stream: everything that begins ends, every ending says again what was said bit by bit, numbers go up, and the
/// last event is one that ends a response. Gives its type and its response.
pub(crate) fn check(events: &[Value]) -> (String, Value) {
    let mut open: BTreeMap<u64, Open> = BTreeMap::new();
    let mut done: BTreeMap<u64, Value> = BTreeMap::new();
    let mut number = None;
    let mut id = Value::Null;
    let mut last = None;
    for (i, event) in events.iter().enumerate() {
        assert!(last.is_none(), "nothing follows the end: {event}");
        if let Some(next) = event["sequence_number"].as_u64() {
            assert!(number.is_none_or(|number| number < next), "numbers go up: {event}");
            number = Some(next);
        }
        let kind = event["type"].as_str().unwrap();
        assert_eq!(i == 0, kind == "response.created", "a stream begins once: {event}");
        let index = event["output_index"].as_u64().unwrap_or(0);
        let (content, summary) = (event["content_index"].as_u64(), event["summary_index"].as_u64());
        let item = || event["item"].clone();
        let text = |key: &str| event[key].as_str().unwrap().to_owned();
        if let Some(item_id) = event["item_id"].as_str().filter(|_| !kind.contains("code_interpreter")) {
            assert_eq!(open[&index].item["id"], item_id, "{event}");
        }
        match kind {
            "response.created" | "response.in_progress" | "response.queued" => {
                if i == 0 {
                    id = event["response"]["id"].clone();
                }
                assert_eq!(event["response"]["id"], id);
            }
            "response.output_item.added" => {
                let begun = Open {
                    item: item(),
                    ..Open::default()
                };
                assert!(
                    open.insert(index, begun).is_none() && !done.contains_key(&index),
                    "{event}"
                );
            }
            "response.content_part.added" | "response.reasoning_summary_part.added" => {
                let key = list(event["part"]["type"].as_str().unwrap());
                let at = content.or(summary).unwrap();
                let pieces = &mut open.get_mut(&index).unwrap().pieces;
                assert!(pieces.insert((key, at), String::new()).is_none(), "{event}");
            }
            "response.output_text.delta"
            | "response.refusal.delta"
            | "response.reasoning_text.delta"
            | "response.reasoning_summary_text.delta" => {
                let at = (list(kind), content.or(summary).unwrap());
                *open
                    .get_mut(&index)
                    .unwrap()
                    .pieces
                    .get_mut(&at)
                    .expect("an open piece") += &text("delta");
            }
            "response.output_text.done"
            | "response.refusal.done"
            | "response.reasoning_text.done"
            | "response.reasoning_summary_text.done" => {
                let at = (list(kind), content.or(summary).unwrap());
                let said = text(if kind == "response.refusal.done" {
                    "refusal"
                } else {
                    "text"
                });
                assert_eq!(open[&index].pieces[&at], said, "{event}");
            }
            "response.content_part.done" | "response.reasoning_summary_part.done" => {
                let part = &event["part"];
                let at = (list(part["type"].as_str().unwrap()), content.or(summary).unwrap());
                let said = open.get_mut(&index).unwrap().pieces.remove(&at).expect("an open piece");
                assert_eq!(
                    part["text"].as_str().or(part["refusal"].as_str()),
                    Some(said.as_str()),
                    "{event}"
                );
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                open.get_mut(&index).unwrap().input += &text("delta");
            }
            "response.function_call_arguments.done" => assert_eq!(open[&index].input, text("arguments")),
            "response.custom_tool_call_input.done" => assert_eq!(open[&index].input, text("input")),
            "response.output_item.done" => {
                let ended = open.remove(&index).expect("an open item");
                assert!(ended.pieces.is_empty(), "every piece ends before its item: {event}");
                let now = item();
                for same in ["id", "type", "call_id", "name"] {
                    assert_eq!(ended.item[same], now[same], "{event}");
                }
                done.insert(index, now);
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                let response = &event["response"];
                assert_eq!(response["id"], id);
                assert!(
                    open.is_empty() || kind == "response.failed",
                    "every item ends before the response: {event}"
                );
                let output = response["output"].as_array().expect("an output");
                assert_eq!(output.len(), done.len(), "{event}");
                for (one, other) in output.iter().zip(done.values()) {
                    assert_eq!((&one["type"], &one["id"]), (&other["type"], &other["id"]));
                    assert_eq!(one["content"], other["content"]);
                }
                assert_eq!(kind.strip_prefix("response."), response["status"].as_str());
                last = Some((kind.to_owned(), response.clone()));
            }
            _ => {}
        }
    }
    last.expect("a stream ends with its response")
}

fn list(kind: &str) -> &'static str {
    match kind {
        "output_text" | "response.output_text.delta" | "response.output_text.done" => "text",
        "refusal" | "response.refusal.delta" | "response.refusal.done" => "refusal",
        "reasoning_text" | "response.reasoning_text.delta" | "response.reasoning_text.done" => "thought",
        _ => "summary",
    }
}
