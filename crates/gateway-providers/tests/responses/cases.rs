//! Answers that no recording shows, after the vendor's documents: errors in streams, refusals, freeform tools, odd shapes.

use bytes::Bytes;
use gateway_providers::responses::Responses;
use gateway_providers::{ClientDialect, ProviderDialect};
use gateway_types::chat::{Event, Finish, Part, PartStart};
use gateway_types::{Error, ErrorKind};
use serde_json::{Value, json as value};

use crate::golden::types;
use crate::said::Said;
use crate::{asked, events_of, feed, grammar, json, read, stamp, streamed, target, written};

/// A stream of those events, numbered.
fn stream(events: &[Value]) -> Bytes {
    let mut text = String::new();
    for (i, event) in events.iter().enumerate() {
        let mut event = event.clone();
        event["sequence_number"] = i.into();
        text += &format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
    }
    Bytes::from(text)
}

fn created() -> Value {
    value!({"type": "response.created", "response": {"id": "resp_1", "object": "response", "created_at": 5, "model": "gpt-x",
        "status": "in_progress", "output": [], "usage": null}})
}

fn ended(status: &str, output: Value) -> Value {
    value!({"type": format!("response.{status}"), "response": {"id": "resp_1", "object": "response", "created_at": 5,
        "model": "gpt-x", "status": status, "output": output,
        "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}}})
}

fn message(content: Value, status: &str) -> Value {
    value!({"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": content})
}

fn refusal() -> Bytes {
    let at = |mut event: Value| {
        event["item_id"] = "msg_1".into();
        event["output_index"] = 0.into();
        event["content_index"] = 0.into();
        event
    };
    let refused = value!([{"type": "refusal", "refusal": "I cannot"}]);
    stream(&[
        created(),
        value!({"type": "response.output_item.added", "output_index": 0, "item": message(value!([]), "in_progress")}),
        at(value!({"type": "response.content_part.added", "part": {"type": "refusal", "refusal": ""}})),
        at(value!({"type": "response.refusal.delta", "delta": "I "})),
        at(value!({"type": "response.refusal.delta", "delta": "cannot"})),
        at(value!({"type": "response.refusal.done", "refusal": "I cannot"})),
        at(value!({"type": "response.content_part.done", "part": refused[0]})),
        value!({"type": "response.output_item.done", "output_index": 0, "item": message(refused.clone(), "completed")}),
        ended("completed", value!([message(refused, "completed")])),
    ])
}

/// Two calls whose arguments come in turns, one of them freeform.
fn calls() -> Bytes {
    let function = |arguments: &str| value!({"id": "fc_1", "type": "function_call", "call_id": "c1", "name": "f", "arguments": arguments});
    let custom =
        |input: &str| value!({"id": "ctc_1", "type": "custom_tool_call", "call_id": "c2", "name": "g", "input": input});
    let function_more = |text: &str| value!({"type": "response.function_call_arguments.delta", "item_id": "fc_1", "output_index": 0, "delta": text});
    let custom_more = |text: &str| value!({"type": "response.custom_tool_call_input.delta", "item_id": "ctc_1", "output_index": 1, "delta": text});
    stream(&[
        created(),
        value!({"type": "response.output_item.added", "output_index": 0, "item": function("")}),
        value!({"type": "response.output_item.added", "output_index": 1, "item": custom("")}),
        function_more("{\"a\""),
        custom_more("*** Begin"),
        function_more(":1}"),
        custom_more("\n*** End"),
        value!({"type": "response.custom_tool_call_input.done", "item_id": "ctc_1", "output_index": 1, "input": "*** Begin\n*** End"}),
        value!({"type": "response.output_item.done", "output_index": 1, "item": custom("*** Begin\n*** End")}),
        value!({"type": "response.function_call_arguments.done", "item_id": "fc_1", "output_index": 0, "arguments": "{\"a\":1}"}),
        value!({"type": "response.output_item.done", "output_index": 0, "item": function("{\"a\":1}")}),
        ended(
            "completed",
            value!([function("{\"a\":1}"), custom("*** Begin\n*** End")]),
        ),
    ])
}

/// Items that come whole, as small servers send them: a search, thinking, text with a source.
fn whole_items() -> Bytes {
    let items = [
        value!({"id": "ws_1", "type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "q"}}),
        value!({"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}], "encrypted_content": "gAAA"}),
        message(
            value!([{"type": "output_text", "text": "so", "logprobs": [], "annotations": [
                {"type": "url_citation", "url": "https://a/b", "title": "t", "start_index": 0, "end_index": 2}]}]),
            "completed",
        ),
    ];
    let mut events = vec![created()];
    for (i, item) in items.iter().enumerate() {
        events.push(value!({"type": "response.output_item.added", "output_index": i, "item": item}));
        events.push(value!({"type": "response.output_item.done", "output_index": i, "item": item}));
    }
    events.push(ended("completed", Value::from(items.to_vec())));
    stream(&events)
}

/// The streams of this file that end well.
pub(crate) fn streams() -> Vec<Bytes> {
    vec![refusal(), calls(), whole_items()]
}

#[test]
fn a_refusal_is_one() {
    let said = Said::of_events(&read(&refusal()).unwrap());
    assert_eq!(
        (said.refusal.as_str(), said.text.as_str(), said.finish),
        ("I cannot", "", Some(Finish::Stop))
    );
    let again = written(&streamed(), &read(&refusal()).unwrap());
    let (kind, response) = grammar::check(&events_of(&again));
    assert_eq!(kind, "response.completed");
    assert_eq!(
        response["output"][0]["content"],
        value!([{"type": "refusal", "refusal": "I cannot"}])
    );
}

#[test]
fn items_that_overlap_are_told_one_after_the_other() {
    let events = read(&calls()).unwrap();
    let said = Said::of_events(&events);
    let call = |id: &str, name: &str, text: &str| (id.to_owned(), name.to_owned(), text.to_owned());
    assert_eq!(
        said.tools,
        [call("c1", "f", "{\"a\":1}"), call("c2", "g", "*** Begin\n*** End")]
    );
    assert_eq!(said.finish, Some(Finish::Tools));
    let freeform = |event: &Event| {
        matches!(
            event,
            Event::PartStart {
                start: PartStart::ToolUse { freeform: true, .. },
                ..
            }
        )
    };
    assert_eq!(events.iter().filter(|event| freeform(event)).count(), 1);
}

#[test]
fn items_that_come_whole_are_told_whole() {
    let said = Said::of_events(&read(&whole_items()).unwrap());
    assert_eq!(
        (said.thinking.as_str(), said.text.as_str(), said.sealed),
        ("a\n\nb", "so", 1)
    );
    assert_eq!(
        (said.own, said.cited),
        (vec!["web_search_call".to_owned()], vec!["https://a/b".to_owned()])
    );
    // A server may leave out everything but the end.
    let bare = stream(&[
        created(),
        ended(
            "completed",
            value!([message(value!([{"type": "output_text", "text": "hi"}]), "completed")]),
        ),
    ]);
    assert_eq!(Said::of_events(&read(&bare).unwrap()).text, "hi");
}

fn error_of(events: &[Event]) -> &Error {
    match events.last() {
        Some(Event::Error(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_error_before_content_leaves_another_attempt_and_one_after_it_reaches_the_client() {
    let failed = |code: &str| {
        value!({"type": "response.failed", "response": {"id": "resp_1", "object": "response", "status": "failed",
            "error": {"code": code, "message": "it went wrong"}, "output": []}})
    };
    let flat = value!({"type": "error", "code": "server_is_overloaded", "message": "it went wrong", "param": null});
    let nested = value!({"type": "error", "error": {"type": "requests", "code": "rate_limit_exceeded", "message": "it went wrong"}});
    for (event, status, kind) in [
        (failed("server_error"), 500, ErrorKind::UpstreamFailed),
        (failed("rate_limit_exceeded"), 429, ErrorKind::UpstreamLimited),
        (failed("context_length_exceeded"), 400, ErrorKind::ContextExceeded),
        (flat, 503, ErrorKind::UpstreamOverloaded),
        (nested, 429, ErrorKind::UpstreamLimited),
    ] {
        let early = stream(&[created(), event.clone()]);
        let mut relay = Responses.relay(&streamed(), &target("openai"));
        let mut out = Vec::new();
        let error = feed(&mut *relay, &[&early], &mut out).unwrap_err();
        assert_eq!(
            (error.kind, error.status(), error.message.as_str()),
            (kind, status, "it went wrong")
        );
        assert!(out.is_empty());
        assert_eq!(error_of(&read(&early).unwrap()).kind, kind);

        let added = value!({"type": "response.output_item.added", "output_index": 0, "item": message(value!([]), "in_progress")});
        let more = value!({"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": "well"});
        let late = stream(&[created(), added, more, event]);
        let mut relay = Responses.relay(&streamed(), &target("openai"));
        feed(&mut *relay, &[&late], &mut out).unwrap();
        assert_eq!(out.concat(), late);
        assert!(relay.observed().failed && !relay.observed().done);
        assert_eq!(error_of(&read(&late).unwrap()).kind, kind);
    }
}

#[test]
fn an_error_that_is_written_is_one_that_sdks_raise_and_agents_understand() {
    for (kind, code) in [
        (ErrorKind::UpstreamLimited, "rate_limit_exceeded"),
        (ErrorKind::ContextExceeded, "context_length_exceeded"),
        (ErrorKind::BudgetExceeded, "insufficient_quota"),
        (ErrorKind::CostCeiling, "insufficient_quota"),
        (ErrorKind::UpstreamOverloaded, "server_is_overloaded"),
        (ErrorKind::UpstreamFailed, "server_error"),
    ] {
        let events = [Event::Error(Error::new(kind, "it went wrong"))];
        let written = events_of(&written(&streamed(), &events));
        let (last, response) = grammar::check(&written);
        assert_eq!(last, "response.failed");
        assert_eq!(response["error"], value!({"code": code, "message": "it went wrong"}));
        let error = &written[written.len() - 2];
        assert_eq!(
            (&error["code"], &error["message"]),
            (&code.into(), &"it went wrong".into())
        );
        assert_eq!(error["error"]["message"], "it went wrong");
    }
}

#[test]
fn a_stream_that_breaks_off_is_no_success() {
    for whole in streams() {
        let frames = crate::golden::frames(&whole);
        for end in 0..frames.len() {
            let part = frames[..end].concat();
            let mut relay = Responses.relay(&streamed(), &target("openai"));
            let error = feed(&mut *relay, &[&part], &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::UpstreamFailed);
            let events = read(&part).unwrap();
            assert!(!events.iter().any(|event| matches!(event, Event::End)));
        }
        // The empty line at the end may be missing.
        let cut = &whole[..whole.len() - 2];
        let mut relay = Responses.relay(&streamed(), &target("openai"));
        let mut out = Vec::new();
        feed(&mut *relay, &[cut], &mut out).unwrap();
        assert_eq!(out.concat(), whole);
        let mut events = Vec::new();
        let mut reader = Responses.reader(&target("openai"), stamp());
        reader.feed(cut, &mut events).unwrap();
        reader.finish(&mut events).unwrap();
        assert!(matches!(events.last(), Some(Event::End)));
    }
}

fn whole(body: &Value) -> Result<gateway_types::chat::Response, Error> {
    Responses.response(body.to_string().as_bytes(), &target("openai"), stamp())
}

#[test]
fn a_whole_answer_that_failed_is_an_error() {
    for (body, kind) in [
        (
            value!({"id": "r", "status": "failed", "output": [], "error": {"code": "rate_limit_exceeded", "message": "slow"}}),
            ErrorKind::UpstreamLimited,
        ),
        (
            value!({"id": "r", "status": "cancelled", "output": []}),
            ErrorKind::UpstreamFailed,
        ),
        (
            value!({"error": {"message": "no", "code": "server_error"}}),
            ErrorKind::UpstreamFailed,
        ),
        (value!({}), ErrorKind::UpstreamFailed),
        (value!([]), ErrorKind::UpstreamFailed),
    ] {
        assert_eq!(whole(&body).unwrap_err().kind, kind, "{body}");
        let seen = Responses.observe(
            gateway_types::Operation::Responses,
            &http::HeaderMap::new(),
            body.to_string().into(),
        );
        assert_eq!(seen.unwrap_err().kind, kind, "{body}");
    }
    let filtered =
        value!({"id": "r", "status": "incomplete", "incomplete_details": {"reason": "content_filter"}, "output": []});
    assert_eq!(whole(&filtered).unwrap().choices[0].finish, Some(Finish::Filtered));
    let queued = value!({"id": "r", "status": "queued", "output": []});
    assert_eq!(whole(&queued).unwrap().choices[0].finish, None);
}

#[test]
fn pictures_and_token_probabilities_are_found() {
    let entry = value!({"token": "hi", "logprob": -0.5, "bytes": [104, 105], "top_logprobs": []});
    let body = value!({"id": "r", "model": "m", "status": "completed", "output": [
        {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "iVBORw0KGgo=", "output_format": "webp"},
        message(value!([{"type": "output_text", "text": "hi", "annotations": [], "logprobs": [entry]}]), "completed"),
    ]});
    let response = whole(&body).unwrap();
    assert!(matches!(
        &response.choices[0].parts[..],
        [Part::Image { .. }, Part::Text { .. }]
    ));
    let logprobs = response.choices[0].logprobs.as_ref().unwrap();
    assert_eq!(
        json(logprobs.get().as_bytes()),
        value!({"content": [entry], "refusal": null})
    );
    let again = json(&Responses.write(&response, &streamed(), stamp(), &mut Vec::new()));
    assert_eq!(again["output"][0]["result"], "iVBORw0KGgo=");
    assert_eq!(again["output"][0]["output_format"], "webp");
    assert_eq!(again["output"][1]["content"][0]["logprobs"], value!([entry]));
}

#[test]
fn an_answer_repeats_what_was_asked() {
    let call = asked(&value!({
        "model": "m", "input": "hi", "instructions": "be brief", "tools": [{"type": "web_search"}], "tool_choice": "none",
        "metadata": {"a": "b"}, "store": false, "temperature": 0.25, "reasoning": {"effort": "low"}, "text": {"verbosity": "low"},
        "previous_response_id": "resp_0", "conversation": "conv_1", "max_output_tokens": 9, "service_tier": "auto",
    }));
    let response = whole(&json(&events_data_of_refusal())).unwrap();
    let body = json(&Responses.write(&response, &call, stamp(), &mut Vec::new()));
    for (key, expected) in [
        ("object", value!("response")),
        ("status", value!("completed")),
        ("instructions", value!("be brief")),
        ("tools", value!([{"type": "web_search"}])),
        ("tool_choice", value!("none")),
        ("metadata", value!({"a": "b"})),
        ("store", value!(false)),
        ("temperature", value!(0.25)),
        ("top_p", value!(1.0)),
        ("reasoning", value!({"effort": "low", "summary": null})),
        ("text", value!({"format": {"type": "text"}, "verbosity": "low"})),
        ("previous_response_id", value!("resp_0")),
        ("conversation", value!({"id": "conv_1"})),
        ("max_output_tokens", value!(9)),
        ("service_tier", value!("default")),
        ("parallel_tool_calls", value!(true)),
        ("truncation", value!("disabled")),
        ("error", Value::Null),
        ("incomplete_details", Value::Null),
        ("user", Value::Null),
        ("completed_at", value!(1_700_000_000)),
        ("id", value!("resp_1")),
    ] {
        assert_eq!(body[key], expected, "{key}");
    }
    let usage = value!({"input_tokens": 3, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 4, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 7});
    assert_eq!(body["usage"], usage);
}

fn events_data_of_refusal() -> Vec<u8> {
    events_of(&refusal()).last().unwrap()["response"]
        .to_string()
        .into_bytes()
}

#[test]
fn a_stream_has_every_event_that_clients_wait_for() {
    let written = written(&streamed(), &read(&whole_items()).unwrap());
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_item.added",
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.annotation.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(types(&events_of(&written)), expected);
    let names = String::from_utf8(written).unwrap();
    let named: Vec<&str> = names.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(
        named.len(),
        events_of(names.as_bytes()).len(),
        "every frame has its event's name"
    );
}
