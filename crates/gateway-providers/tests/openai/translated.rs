//! A client of this dialect in front of Claude: what it gets must be what its SDK expects of OpenAI.

use bytes::Bytes;
use gateway_providers::lane::{Cap, Close, Observed};
use gateway_providers::openai::OpenAi;
use gateway_providers::{ClientDialect, Prepared, Relay, Target, kind, prepare};
use gateway_types::{Call, Error, ErrorKind};
use http::HeaderMap;
use serde_json::Value;

use crate::answer::{chunks, from_chunks};
use crate::{STAMP, chat, feed, target, text};

fn claude() -> Target {
    target(kind("anthropic").unwrap(), "claude-own-4-5")
}

fn call(wants_usage: bool) -> Call {
    let body = format!(
        r#"{{"model":"claude","messages":[{{"role":"user","content":"hi"}}],"stream":true,"stream_options":{{"include_usage":{wants_usage}}}}}"#
    );
    chat(body)
}

fn prepared(call: &Call) -> Prepared {
    prepare(call, &claude(), Cap::Client, &HeaderMap::new(), STAMP).unwrap()
}

fn stream(name: &str) -> String {
    let file = format!("{}/testdata/anthropic/streams/{name}.sse", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(file).unwrap()
}

fn passed(name: &str, wants_usage: bool) -> (String, Observed, Result<(), Error>) {
    let call = call(wants_usage);
    let mut relay = prepared(&call).relay(&call, &claude(), STAMP);
    let mut out = Vec::new();
    let end = feed(&mut *relay, &[stream(name).as_bytes()], &mut out);
    (text(&out), relay.observed().clone(), end)
}

#[test]
fn a_stream_has_the_shape_that_sdks_expect() {
    let (out, seen, end) = passed("tools", true);
    end.unwrap();
    let chunks = chunks(&out);
    assert_eq!(
        chunks[0]["choices"][0]["delta"],
        serde_json::json!({"role": "assistant", "content": ""})
    );
    for chunk in &chunks {
        assert_eq!(chunk["object"], "chat.completion.chunk");
        assert_eq!(
            (chunk["id"].as_str(), chunk["model"].as_str()),
            (Some("msg_own"), Some("claude-own-4-5"))
        );
        assert_eq!(chunk["created"], 1_700_000_000);
    }
    let (last, before) = chunks.split_last().unwrap();
    assert_eq!(last["choices"], serde_json::json!([]));
    assert_eq!(last["usage"]["prompt_tokens"], 142);
    assert_eq!(last["usage"]["prompt_tokens_details"]["cached_tokens"], 100);
    assert_eq!(last["usage"]["total_tokens"], 142 + 61);
    assert!(
        before
            .iter()
            .all(|chunk| chunk["usage"].is_null() && chunk["choices"].as_array().unwrap().len() == 1)
    );
    assert!(out.ends_with("\n\ndata: [DONE]\n\n"));

    let answer = from_chunks(&out);
    let choice = &answer.choices[&0];
    assert_eq!(choice.text, "Looking at both.");
    let call = |id: &str, name: &str, arguments: &str| (id.to_owned(), name.to_owned(), arguments.to_owned());
    assert_eq!(
        choice.tools,
        [
            call("toolu_a", "weather", r#"{"city": "Zürich"}"#),
            call("toolu_b", "now", "{}")
        ]
    );
    assert_eq!(choice.finish.as_deref(), Some("tool_calls"));
    assert_eq!(seen.finish.as_deref(), Some("tool_calls"));
    assert_eq!(seen.usage.unwrap().total(), 142 + 61);
    assert!(seen.done && seen.content);
}

#[test]
fn usage_is_for_those_who_asked() {
    let (out, seen, _) = passed("tools", false);
    assert!(!out.contains("\"usage\"") && seen.usage.is_some());
}

#[test]
fn thinking_is_said_and_its_signature_comes_along() {
    let (out, ..) = passed("thinking", false);
    assert_eq!(from_chunks(&out).choices[&0].thinking, "Twelve times twelve.");
    let signed = chunks(&out).into_iter().find_map(|chunk| {
        chunk["choices"][0]["delta"]["reasoning_details"][0]["signature"]
            .as_str()
            .map(ToOwned::to_owned)
    });
    // Sealed, so that it goes back to the very model that made it and to no other.
    let opened = gateway_providers::seal::open(&signed.unwrap()).unwrap();
    assert_eq!(
        (opened.value.as_str(), opened.dialect),
        ("c2lnbmVk", gateway_types::DialectName::Anthropic)
    );
    assert_eq!(opened.maker, Some(("anthropic".into(), "claude-own-4-5".into())));
}

#[test]
fn an_error_before_content_leaves_room_for_another_attempt() {
    for name in ["overloaded", "overloaded-after-start"] {
        let (out, seen, end) = passed(name, true);
        assert_eq!(
            end.unwrap_err().kind.origin(),
            gateway_types::Origin::Upstream,
            "{name}"
        );
        assert_eq!(out, "", "{name}");
        assert!(!seen.content, "{name}");
    }
}

#[test]
fn an_error_after_content_is_told_as_one() {
    let (out, seen, end) = passed("overloaded-midway", true);
    end.unwrap();
    assert_eq!(from_chunks(&out).choices[&0].text, "Half of a sen");
    let told = chunks(&out).pop().unwrap();
    assert_eq!(told["error"]["message"], "Overloaded");
    assert!(seen.failed && !out.contains("[DONE]"));
}

#[test]
fn a_stream_that_breaks_off_can_be_closed_legally() {
    for (how, finish) in [
        (Close::Length, Some("length")),
        (
            Close::Error(Error::new(ErrorKind::UpstreamFailed, "it broke off")),
            None,
        ),
    ] {
        let call = call(true);
        let mut relay: Box<dyn Relay> = prepared(&call).relay(&call, &claude(), STAMP);
        let mut out = Vec::new();
        feed(&mut *relay, &[stream("cut").as_bytes()], &mut out).unwrap_err();
        relay.close(&how, &mut out);
        relay.close(&how, &mut out);
        let out = text(&out);
        assert_eq!(from_chunks(&out).choices[&0].finish.as_deref(), finish);
        assert_eq!(out.matches("[DONE]").count(), usize::from(finish.is_some()));
        assert_eq!(out.matches("it broke off").count(), usize::from(finish.is_none()));
    }
}

#[test]
fn a_whole_answer_is_a_chat_completion() {
    let body = r#"{"model":"claude","messages":[{"role":"user","content":"hi"}]}"#;
    let call = chat(body);
    let answer = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-own-4-5","content":[{"type":"text","text":"Hello"},{"type":"tool_use","id":"toolu_1","name":"now","input":{}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":6}}"#;
    let whole = prepared(&call)
        .whole(
            &call,
            &claude(),
            &HeaderMap::new(),
            Bytes::from_static(answer.as_bytes()),
            STAMP,
        )
        .unwrap();
    let json: Value = serde_json::from_slice(&whole.body).unwrap();
    let expected = serde_json::json!({
        "id": "msg_1", "object": "chat.completion", "created": 1_700_000_000, "model": "claude-own-4-5",
        "choices": [{
            "index": 0,
            "message": {
                "role": "assistant", "content": "Hello", "refusal": null,
                "tool_calls": [{"id": "toolu_1", "type": "function", "function": {"name": "now", "arguments": "{}"}}],
            },
            "logprobs": null, "finish_reason": "tool_calls",
        }],
        "usage": {
            "prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
    });
    assert_eq!(json, expected);
    assert_eq!(
        (whole.observed.output_bytes, whole.observed.finish.as_deref()),
        (7, Some("tool_calls"))
    );
}

#[test]
fn an_error_answer_is_told_in_the_clients_shape() {
    let call = call(true);
    let body = Bytes::from_static(
        br#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too large"}}"#,
    );
    let error = prepared(&call).error(400, &HeaderMap::new(), body);
    let told: Value = serde_json::from_slice(&ClientDialect::error(&OpenAi, &error)).unwrap();
    assert_eq!(told["error"]["message"], "max_tokens: too large");
    assert_eq!(
        (told["error"]["type"].as_str(), error.status()),
        (Some("invalid_request_error"), 400)
    );
}
