//! Requests: passed on, said again in this API, and said in it for clients of others.

use gateway_providers::lane::Cap;
use gateway_providers::openai::OpenAi;
use gateway_providers::responses::Responses;
use gateway_providers::seal;
use gateway_providers::{ClientDialect, ProviderDialect, prepare};
use gateway_types::chat::{Opaque, Request};
use gateway_types::loss::{Fate, Loss};
use gateway_types::{Asked, DialectName, Operation};
use http::HeaderMap;
use serde_json::{Value, json as value};

use crate::recorded::{Recording, recordings};
use crate::{asked, decoded, json, stamp, target};

fn recorded() -> Vec<Recording> {
    let all = recordings(|recording| recording.endpoint == "responses" && recording.request.body.is_some());
    // Azure's older paths name the model.
    all.into_iter()
        .filter(|recording| decoded(recording.asked().unwrap()).is_ok())
        .collect()
}

fn said(request: &Request, cap: Cap) -> (Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let wire = Responses.request(request, &target("openai"), cap, &mut losses).unwrap();
    (json(&wire.body.concat()), losses)
}

fn fields(losses: &[Loss]) -> Vec<&str> {
    losses.iter().map(|loss| loss.field.as_str()).collect()
}

#[test]
fn recorded_requests_are_said_again_member_by_member() {
    for recording in recorded() {
        let body = recording.asked().unwrap();
        let call = decoded(body.clone()).unwrap();
        let request = match Responses.read(&call) {
            Ok(request) => request,
            // What the provider refused may be refused here.
            Err(_) if !recording.succeeded() => continue,
            Err(error) => panic!("{}: {error}", recording.id),
        };
        let mut expected = json(&body);
        expected["model"] = "served".into();
        let (again, losses) = said(&request, Cap::Client);
        assert_eq!(again, expected, "{}", recording.id);
        assert_eq!(losses, []);
        expected["max_output_tokens"] = expected["max_output_tokens"].as_u64().unwrap_or(9).min(9).into();
        assert_eq!(said(&request, Cap::AtMost(9)).0, expected, "{}", recording.id);
    }
}

#[test]
fn recorded_requests_pass_but_for_the_declared_spans() {
    for recording in recorded() {
        let body = recording.asked().unwrap();
        let call = decoded(body.clone()).unwrap();
        let mut there = target("openai");
        there.model = call.model.clone();
        let prepared = prepare(&call, &there, Cap::Client, &HeaderMap::new(), stamp()).unwrap();
        assert_eq!(prepared.wire.body.concat(), body, "{}", recording.id);
        assert_eq!(prepared.wire.uri, "http://host/v1/responses");
        assert_eq!(prepared.losses, []);
    }
}

#[test]
fn only_declared_spans_of_a_body_change() {
    let pass = |body: &str, cap| {
        let call = decoded(body.to_owned()).unwrap();
        let wire = Responses
            .pass(&call, &target("openai"), cap, &HeaderMap::new())
            .unwrap();
        String::from_utf8(wire.body.concat().to_vec()).unwrap()
    };
    let body = "{ \"input\" : \"hi\",\n \"model\":\"gpt\", \"x\":{\"model\":1e0},\t\"fallbacks\":[\"a/b\"] ,\"gateway_continued_from\":\"r\"}";
    let expected = "{ \"input\" : \"hi\",\n \"model\":\"served\", \"x\":{\"model\":1e0}}";
    assert_eq!(pass(body, Cap::Client), expected);
    for (given, sent) in [
        ("", ",\"max_output_tokens\":50"),
        (",\"max_output_tokens\":99", ",\"max_output_tokens\":50"),
        (",\"max_output_tokens\":9", ",\"max_output_tokens\":9"),
        (",\"max_output_tokens\":null", ",\"max_output_tokens\":50"),
        (",\"max_output_tokens\":0", ",\"max_output_tokens\":1"),
    ] {
        let body = |cap: &str| format!("{{\"model\":\"served\",\"input\":\"hi\"{cap}}}");
        assert_eq!(pass(&body(given), Cap::AtMost(50)), body(sent));
        assert_eq!(pass(&body(given), Cap::Client), body(given));
    }
}

#[test]
fn a_count_goes_to_its_own_path() {
    let body = r#"{"model":"m","input":"hi","instructions":"be brief"}"#;
    let call = Responses
        .decode(&Asked::plain(Operation::CountTokens), body.into())
        .unwrap();
    let prepared = prepare(&call, &target("openai"), Cap::AtMost(5), &HeaderMap::new(), stamp()).unwrap();
    assert_eq!(prepared.wire.uri, "http://host/v1/responses/input_tokens");
    let expected = value!({"model": "served", "input": "hi", "instructions": "be brief"});
    assert_eq!(json(&prepared.wire.body.concat()), expected);
    let counted = br#"{"object":"response.input_tokens","input_tokens":7}"#;
    let back = prepared
        .whole(&call, &target("openai"), &HeaderMap::new(), counted[..].into(), stamp())
        .unwrap();
    assert_eq!(back.body, &counted[..]);
}

fn opaque(dialect: DialectName, provider: &str, model: &str, text: &str) -> Opaque {
    Opaque {
        dialect,
        maker: Some((provider.into(), model.into())),
        value: text.to_owned(),
    }
}

#[test]
fn what_was_sealed_is_opened_for_its_maker_and_left_out_for_others() {
    let foreign = seal::seal(&opaque(DialectName::Anthropic, "anthropic", "claude", "sig")) + ".signature";
    let own = seal::seal(&opaque(
        DialectName::Responses,
        "there",
        "served",
        r#"{"id":"rs_9","encrypted_content":"gAAA"}"#,
    ));
    let call_id = seal::into_id("call_1", &opaque(DialectName::Gemini, "gemini", "pro", "thought"));
    let call = asked(&value!({"model": "m", "store": false, "x": [1.0], "input": [
        {"type": "message", "role": "user", "content": "hi"},
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": foreign},
        {"type": "reasoning", "id": "rs_2", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": own},
        {"type": "reasoning", "id": "rs_3", "summary": [], "encrypted_content": "gBBB"},
        {"type": "function_call", "id": "fc_1", "call_id": call_id, "name": "f", "arguments": "{}", "y": null},
        {"type": "function_call_output", "call_id": call_id, "output": "1"},
    ]}));
    let prepared = prepare(&call, &target("openai"), Cap::Client, &HeaderMap::new(), stamp()).unwrap();
    let expected = value!({"model": "served", "store": false, "x": [1.0], "input": [
        {"type": "message", "role": "user", "content": "hi"},
        {"type": "reasoning", "id": "rs_2", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "gAAA"},
        {"type": "reasoning", "id": "rs_3", "summary": [], "encrypted_content": "gBBB"},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}", "y": null},
        {"type": "function_call_output", "call_id": "call_1", "output": "1"},
    ]});
    assert_eq!(json(&prepared.wire.body.concat()), expected);
    assert_eq!(fields(&prepared.losses), ["input[1].encrypted_content"]);
}

#[test]
fn abroad_only_what_has_no_word_is_left_over() {
    let call = asked(&value!({
        "model": "m", "input": [{"type": "message", "id": "msg_1", "status": "completed", "role": "user", "content": "hi", "new": 1}],
        "instructions": null, "store": true, "background": false, "truncation": "disabled", "previous_response_id": null,
        "include": ["reasoning.encrypted_content", "file_search_call.results"], "stream_options": {"include_obfuscation": false},
        "text": {"verbosity": "low", "format": {"type": "text"}}, "reasoning": {"effort": "low", "summary": "auto", "context": "all_turns"},
        "tools": [{"type": "function", "name": "f", "parameters": {}, "strict": null, "defer_loading": true}],
        "tool_choice": {"type": "shell"}, "metadata": {"a": "b"}, "top_logprobs": 2, "client_metadata": {}, "user": "ann",
    }));
    let mut request = Responses.read(&call).unwrap();
    Responses.go_abroad(&mut request);
    let left: Vec<&str> = request.extras.0.iter().map(|(key, _)| key.as_str()).collect();
    let expected = [
        "metadata",
        "top_logprobs",
        "client_metadata",
        "input[0].new",
        "tools[0].defer_loading",
        "tool_choice.type",
        "text.verbosity",
        "reasoning.context",
        "include[1]",
    ];
    let mut sorted = left.clone();
    sorted.sort_unstable();
    let mut wanted = expected;
    wanted.sort_unstable();
    assert_eq!(sorted, wanted);
    assert_eq!(
        (request.effort.as_deref(), request.show_thinking),
        (Some("low"), Some(true))
    );
    assert_eq!((request.user.as_deref(), request.tool_choice), (Some("ann"), None));
}

#[test]
fn a_wrong_item_is_named_by_its_path() {
    for (body, param) in [
        (
            value!({"input": [{"type": "message", "content": "a"}]}),
            "input[0].role",
        ),
        (value!({"input": [{"role": "king", "content": "a"}]}), "input[0].role"),
        (value!({"input": ["a"]}), "input[0]"),
        (
            value!({"input": [{"role": "user", "content": [{"type": "input_text"}]}]}),
            "input[0].content[0].text",
        ),
        (
            value!({"input": [{"type": "function_call", "name": "f", "arguments": ""}]}),
            "input[0].call_id",
        ),
        (value!({"input": "a", "tools": [{"type": "function"}]}), "tools[0].name"),
        (
            value!({"input": "a", "tools": [{"type": "namespace", "name": "n", "tools": [{}]}]}),
            "tools[0].tools[0].type",
        ),
        (
            value!({"input": "a", "text": {"format": {"type": "json_schema", "name": "x"}}}),
            "text.format.schema",
        ),
        (value!({"input": "a", "temperature": "hot"}), "temperature"),
    ] {
        let mut body = body;
        body["model"] = "m".into();
        let error = Responses.read(&asked(&body)).unwrap_err();
        assert_eq!(
            (error.status(), error.param.as_deref()),
            (400, Some(param)),
            "{body}: {error}"
        );
        assert!(!error.message.ends_with('.'), "{error}");
    }
}

/// A chat request, said in this API.
fn from_chat(body: &Value) -> (Value, Vec<Loss>) {
    let call = OpenAi
        .decode(&Asked::plain(Operation::Chat), body.to_string().into())
        .unwrap();
    said(&OpenAi.read(&call).unwrap(), Cap::AtMost(50))
}

#[test]
fn a_chat_request_is_said_in_items() {
    let (body, losses) = from_chat(&value!({
        "model": "m", "stream": true, "stream_options": {"include_usage": true}, "max_completion_tokens": 99,
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": [
                {"type": "text", "text": "look"},
                {"type": "image_url", "image_url": {"url": "https://a/b.png", "detail": "low"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"}},
                {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "wav"}}]},
            {"role": "assistant", "content": "well", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}},
                {"id": "c2", "type": "custom", "custom": {"name": "g", "input": "raw"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "1"},
            {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "2"}, {"type": "text", "text": "3"}]},
        ],
        "tools": [
            {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}},
            {"type": "custom", "custom": {"name": "g", "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}}}}],
        "tool_choice": {"type": "custom", "custom": {"name": "g"}}, "parallel_tool_calls": false,
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": true}},
        "reasoning_effort": "low", "verbosity": "high", "metadata": {"a": "b"}, "logprobs": true, "top_logprobs": 3,
        "temperature": 0.5, "stop": ["x"], "seed": 1,
    }));
    let expected = value!({
        "model": "served", "instructions": "be brief", "stream": true, "max_output_tokens": 50, "temperature": 0.5,
        "input": [
            {"type": "message", "role": "user", "content": [
                {"type": "input_text", "text": "look"},
                {"type": "input_image", "detail": "low", "image_url": "https://a/b.png"},
                {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"},
                {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "wav"}}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "well", "annotations": []}]},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{\"a\":1}"},
            {"type": "custom_tool_call", "call_id": "c2", "name": "g", "input": "raw"},
            {"type": "function_call_output", "call_id": "c1", "output": "1"},
            {"type": "custom_tool_call_output", "call_id": "c2", "output": [
                {"type": "input_text", "text": "2"}, {"type": "input_text", "text": "3"}]},
        ],
        "tools": [
            {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": false},
            {"type": "custom", "name": "g", "format": {"type": "grammar", "syntax": "lark", "definition": "start: x"}}],
        "tool_choice": {"type": "custom", "name": "g"}, "parallel_tool_calls": false,
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": true}, "verbosity": "high"},
        "reasoning": {"effort": "low"}, "include": ["reasoning.encrypted_content", "message.output_text.logprobs"],
        "metadata": {"a": "b"}, "top_logprobs": 3, "store": false,
    });
    assert_eq!(body, expected);
    let mut lost = fields(&losses);
    lost.sort_unstable();
    assert_eq!(lost, ["seed", "stop"]);
    assert!(losses.iter().all(|loss| loss.fate == Fate::Dropped));
}

#[test]
fn several_answers_to_one_question_are_refused_and_none_are_lost() {
    let call = OpenAi
        .decode(
            &Asked::plain(Operation::Chat),
            r#"{"model":"m","messages":[{"role":"user","content":"a"}],"n":2}"#.into(),
        )
        .unwrap();
    let request = OpenAi.read(&call).unwrap();
    let error = Responses
        .request(&request, &target("openai"), Cap::Client, &mut Vec::new())
        .unwrap_err();
    assert_eq!((error.status(), error.param.as_deref()), (400, Some("n")));
}

#[test]
fn thinking_is_asked_for_only_where_models_think() {
    let included = |model: &str| {
        let call = OpenAi
            .decode(
                &Asked::plain(Operation::Chat),
                r#"{"model":"m","messages":[{"role":"user","content":"a"}]}"#.into(),
            )
            .unwrap();
        let mut there = target("openai");
        there.model = model.into();
        let request = OpenAi.read(&call).unwrap();
        let wire = Responses
            .request(&request, &there, Cap::Client, &mut Vec::new())
            .unwrap();
        json(&wire.body.concat())["include"].clone()
    };
    assert_eq!(included("gpt-5-codex"), value!(["reasoning.encrypted_content"]));
    assert_eq!(included("gpt-4.1"), value!([]));
}

#[test]
fn a_long_id_of_a_call_is_short_in_call_and_result_alike() {
    let long = "x".repeat(100);
    let (body, _) = from_chat(&value!({"model": "m", "messages": [
        {"role": "assistant", "tool_calls": [{"id": long, "type": "function", "function": {"name": "f", "arguments": ""}}]},
        {"role": "tool", "tool_call_id": long, "content": "1"},
    ]}));
    let id = body["input"][0]["call_id"].as_str().unwrap();
    assert!(id.len() <= 64 && id.starts_with("xxx"), "{id}");
    assert_eq!(body["input"][1]["call_id"], id);
    assert_eq!(body["input"][0]["arguments"], "{}");
}
