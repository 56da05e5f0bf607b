//! Tools, freeform ones above all: said to every provider, and undone on the way back.

use gateway_providers::lane::Cap;
use gateway_providers::openai::OpenAi;
use gateway_providers::{ClientDialect, ProviderDialect, prepare};
use gateway_types::Call;
use gateway_types::chat::{Event, Finish, PartStart};
use gateway_types::loss::Fate;
use http::HeaderMap;
use serde_json::{Value, json};

use crate::answer::chunks;
use crate::{STAMP, at, chat, json};

const TOOLS: &str = r#"[{"type":"custom","custom":{"name":"patch","description":"Edits.","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: x"}}}},
    {"type":"function","function":{"name":"read","parameters":{"type":"object"}}}]"#;

fn call(more: &str) -> Call {
    chat(format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}},
            {{"role":"assistant","tool_calls":[{{"id":"c1","type":"custom","custom":{{"name":"patch","input":"+a\n\"b\""}}}}]}},
            {{"role":"tool","tool_call_id":"c1","content":"done"}}],"tools":{TOOLS}{more}}}"#
    ))
}

fn sent(call: &Call, kind: &str) -> (Value, Vec<gateway_types::loss::Loss>) {
    let prepared = prepare(call, &at(kind, "served"), Cap::Client, &HeaderMap::new(), STAMP).unwrap();
    (json(&prepared.wire.body.concat()), prepared.losses)
}

#[test]
fn freeform_tools_pass_to_who_knows_them_and_are_functions_for_others() {
    let (own, losses) = sent(&call(""), "openai");
    assert_eq!(own["tools"], json(TOOLS.as_bytes()));
    assert!(losses.is_empty());

    let (said, losses) = sent(
        &call(r#","tool_choice":{"type":"custom","custom":{"name":"patch"}}"#),
        "vllm",
    );
    let function = &said["tools"][0]["function"];
    assert_eq!(said["tools"][0]["type"], "function");
    assert_eq!(function["parameters"]["required"], json!(["input"]));
    assert!(function["description"].as_str().unwrap().ends_with("start: x"));
    assert_eq!(said["tools"][1]["function"]["name"], "read");
    let spoken = &said["messages"][1]["tool_calls"][0];
    assert_eq!(spoken["type"], "function");
    assert_eq!(
        json(spoken["function"]["arguments"].as_str().unwrap().as_bytes()),
        json!({"input": "+a\n\"b\""})
    );
    assert_eq!(
        said["tool_choice"],
        json!({"type": "function", "function": {"name": "patch"}})
    );
    assert_eq!(losses.len(), 1, "{losses:?}");
    assert_eq!((losses[0].field.as_str(), losses[0].fate), ("tools[0]", Fate::Emulated));
}

#[test]
fn the_answer_calls_the_freeform_tool_that_the_client_has() {
    let (call, there) = (call(""), at("vllm", "served"));
    let prepared = prepare(&call, &there, Cap::Client, &HeaderMap::new(), STAMP).unwrap();
    let answer = json!({"id": "x", "model": "served", "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {
        "role": "assistant", "content": null, "tool_calls": [
            {"id": "c2", "type": "function", "function": {"name": "patch", "arguments": "{\"input\": \"+c\\n\"}"}},
            {"id": "c3", "type": "function", "function": {"name": "read", "arguments": "{}"}}]}}]});
    let whole = prepared
        .whole(&call, &there, &HeaderMap::new(), answer.to_string().into(), STAMP)
        .unwrap();
    let calls = json(&whole.body)["choices"][0]["message"]["tool_calls"].clone();
    let expected = json!([
        {"id": "c2", "type": "custom", "custom": {"name": "patch", "input": "+c\n"}},
        {"id": "c3", "type": "function", "function": {"name": "read", "arguments": "{}"}}]);
    assert_eq!(calls, expected);
}

#[test]
fn a_streamed_call_of_a_function_becomes_one_of_the_freeform_tool() {
    let mut writer = OpenAi.writer(&call(r#","stream":true"#), STAMP);
    let (mut out, mut losses) = (Vec::new(), Vec::new());
    let mut events = vec![
        Event::Start {
            id: "x".into(),
            model: "served".into(),
            created: Some(5),
        },
        Event::PartStart {
            choice: 0,
            part: 0,
            start: PartStart::ToolUse {
                id: "c2".into(),
                name: "patch".into(),
                freeform: false,
            },
        },
    ];
    for text in ["{\"in", "put\": \"+", "c\\", "n", "é\"", "}"] {
        events.push(Event::Delta {
            choice: 0,
            part: 0,
            text: text.into(),
        });
    }
    events.push(Event::PartEnd { choice: 0, part: 0 });
    events.push(Event::Finish {
        choice: 0,
        finish: Finish::Tools,
    });
    events.push(Event::End);
    for event in &events {
        writer.write(event, &mut out, &mut losses);
    }
    let chunks = chunks(std::str::from_utf8(&out).unwrap());
    let deltas: Vec<&Value> = chunks
        .iter()
        .map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0])
        .collect();
    let begun = deltas.iter().find(|call| call["id"] == "c2").unwrap();
    assert_eq!(
        (begun["type"].as_str(), begun["custom"]["name"].as_str()),
        (Some("custom"), Some("patch"))
    );
    let input: String = deltas
        .iter()
        .filter_map(|call| call["custom"]["input"].as_str())
        .collect();
    assert_eq!(input, "+c\né");
    assert!(losses.is_empty() && out.ends_with(b"data: [DONE]\n\n"));
}

#[test]
fn a_choice_among_tools_is_said_or_those_alone_are_offered() {
    let chosen = r#","tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"read"}}]}}"#;
    let (own, _) = sent(&call(chosen), "openai");
    assert_eq!(own["tool_choice"]["allowed_tools"]["mode"], "auto");
    let (said, losses) = sent(&call(chosen), "vllm");
    assert_eq!(said["tools"].as_array().unwrap().len(), 1);
    assert_eq!(said["tools"][0]["function"]["name"], "read");
    assert_eq!(said["tool_choice"], "auto");
    assert!(
        losses
            .iter()
            .any(|loss| loss.field == "tool_choice" && loss.fate == Fate::Emulated)
    );
    // A provider that knows the choice is told it as it is, whoever asks.
    let request = OpenAi.read(&call(chosen)).unwrap();
    let wire = OpenAi
        .request(&request, &at("openai", "served"), Cap::Client, &mut Vec::new())
        .unwrap();
    assert_eq!(json(&wire.body.concat())["tool_choice"], own["tool_choice"]);
}
