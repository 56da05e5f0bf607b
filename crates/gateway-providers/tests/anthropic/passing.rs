//! The client's own dialect on both sides: bytes pass as they are.

use bytes::Bytes;
use gateway_providers::anthropic::Anthropic;
use gateway_providers::lane::{Cap, Close, Observed, Relay};
use gateway_providers::{ClientDialect, ProviderDialect, Site, Target, prepare};
use gateway_types::{Asked, Call, Error, ErrorKind, Operation};
use http::{HeaderMap, HeaderValue};

use crate::assembled::{from_events, read};
use crate::{STAMP, target};

/// A call with that body; what it must have is put in front.
pub(crate) fn call(operation: Operation, body: &str) -> Call {
    Anthropic
        .decode(&Asked::plain(operation), Bytes::from(body.to_owned()))
        .unwrap()
}

pub(crate) fn relay() -> Box<dyn Relay> {
    Anthropic.relay(
        &call(Operation::Chat, r#"{"model":"m","messages":[]}"#),
        &target("claude-own"),
    )
}

/// Passes a stream in pieces; what the client gets, and what was seen of it.
pub(crate) fn pass(pieces: &[&[u8]]) -> Result<(String, Observed), Error> {
    let mut relay = relay();
    let mut out = Vec::new();
    for piece in pieces {
        relay.feed(Bytes::copy_from_slice(piece), &mut out)?;
    }
    relay.finish(&mut out)?;
    Ok((text(&out), relay.observed().clone()))
}

fn text(out: &[Bytes]) -> String {
    String::from_utf8_lossy(&out.concat()).into_owned()
}

fn own(name: &str) -> String {
    let all = crate::streams::own();
    let (_, stream) = all.into_iter().find(|(own, _)| own == name).unwrap();
    String::from_utf8(stream).unwrap()
}

/// What becomes of a body at a target, and the address.
fn passed(operation: Operation, body: &str, target: &Target, cap: Cap) -> (String, String) {
    let call = call(operation, body);
    let wire = Anthropic.pass(&call, target, cap, &HeaderMap::new()).unwrap();
    let body = String::from_utf8(wire.body.concat().to_vec()).unwrap();
    (body, wire.uri.to_string())
}

fn sent(body: &str, cap: Cap) -> String {
    passed(Operation::Chat, body, &target("claude-served"), cap).0
}

#[test]
fn only_the_declared_spans_of_a_request_change() {
    let body =
        r#"{ "max_tokens" : 100, "x":1.50, "model":"anthropic/claude-served", "system":"s\u0041","messages":[ ] }"#;
    let named = body.replace("anthropic/claude-served", "claude-served");
    assert_eq!(sent(body, Cap::Client), named);
    assert_eq!(sent(body, Cap::AtMost(50)), named.replace("100", "50"));
    assert_eq!(sent(body, Cap::AtMost(200)), named);
    let own = r#"{"model":"m","messages":[],"fallbacks":["a/b"],"max_tokens":1,"anthropic_version":"x"}"#;
    let expected = r#"{"model":"claude-served","messages":[],"max_tokens":1}"#;
    assert_eq!(sent(own, Cap::Client), expected);
}

#[test]
fn a_cap_is_put_in_where_there_is_none() {
    let put_in = |most: u64| format!(r#"{{"model":"claude-served","messages":[],"max_tokens":{most}}}"#);
    for body in [
        r#"{"model":"m","messages":[]}"#,
        r#"{"model":"m","messages":[],"max_tokens":null}"#,
    ] {
        assert_eq!(sent(body, Cap::Client), put_in(4096));
        assert_eq!(sent(body, Cap::AtMost(7)), put_in(7));
    }
    let mut known = target("claude-served");
    known.max_output = Some(64_000);
    let (body, _) = passed(Operation::Chat, r#"{"model":"m","messages":[]}"#, &known, Cap::Client);
    assert_eq!(body, put_in(64_000));
}

#[test]
fn a_question_for_the_length_has_no_cap() {
    let body = r#"{"model":"m","messages":[],"fallbacks":["a"],"system":"s"}"#;
    let (body, uri) = passed(Operation::CountTokens, body, &target("claude-served"), Cap::AtMost(9));
    assert_eq!(body, r#"{"model":"claude-served","messages":[],"system":"s"}"#);
    assert_eq!(uri, "https://api.anthropic.com/v1/messages/count_tokens");
}

#[test]
fn a_cloud_has_the_model_in_the_path_and_the_version_in_the_body() {
    let mut vertex = target("claude-served");
    vertex.site = Site::Vertex {
        project: "p".into(),
        region: "us-east5".into(),
    };
    let (body, _) = passed(
        Operation::Chat,
        r#"{"model":"m","max_tokens":1,"messages":[]}"#,
        &vertex,
        Cap::Client,
    );
    assert_eq!(
        body,
        r#"{"max_tokens":1,"messages":[],"anthropic_version":"vertex-2023-10-16"}"#
    );
    let said = r#"{"anthropic_version":"vertex-2024-01-01","max_tokens":1,"messages":[],"model":"m"}"#;
    let (body, _) = passed(Operation::Chat, said, &vertex, Cap::Client);
    assert_eq!(
        body,
        r#"{"anthropic_version":"vertex-2024-01-01","max_tokens":1,"messages":[]}"#
    );
    // Counting has one path for all models.
    let (body, _) = passed(
        Operation::CountTokens,
        r#"{"model":"m","messages":[]}"#,
        &vertex,
        Cap::Client,
    );
    let expected = r#"{"model":"claude-served","messages":[],"anthropic_version":"vertex-2023-10-16"}"#;
    assert_eq!(body, expected);
}

#[test]
fn of_the_clients_headers_only_the_dialects_own_go_on() {
    let mut client = HeaderMap::new();
    for (name, value) in [
        ("anthropic-beta", "a-1"),
        ("x-api-key", "vk-client"),
        ("authorization", "Bearer vk-client"),
        ("cookie", "c"),
    ] {
        client.insert(name, HeaderValue::from_static(value));
    }
    let mut target = target("m");
    let betas = HeaderValue::from_static("b-2");
    target.extra_headers.insert("anthropic-beta", betas);
    target.extra_headers.insert("x-team", HeaderValue::from_static("t"));
    let call = call(Operation::Chat, r#"{"model":"m","messages":[]}"#);
    let wire = prepare(&call, &target, Cap::Client, &client, STAMP).unwrap().wire;
    let mut seen: Vec<String> = wire
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .filter(|line| !line.starts_with("user-agent: "))
        .collect();
    seen.sort();
    assert_eq!(
        seen,
        [
            "accept-encoding: identity",
            "accept: application/json",
            "anthropic-beta: a-1",
            "anthropic-beta: b-2",
            "anthropic-version: 2023-06-01",
            "content-type: application/json",
            "x-api-key: sk-ant-own",
            "x-team: t",
        ]
    );
    assert!(wire.headers["x-api-key"].is_sensitive());
    assert_eq!(wire.uri, "https://api.anthropic.com/v1/messages");
}

#[test]
fn streams_pass_byte_for_byte_and_are_watched() {
    for name in ["tools", "thinking", "refusal", "stop-sequence", "server-tool"] {
        let stream = own(name);
        let (out, observed) = pass(&[stream.as_bytes()]).unwrap();
        assert_eq!(out, stream, "{name}");
        let expected = from_events(&read(&[stream.as_bytes()]).unwrap());
        assert_eq!(observed.usage, Some(expected.usage), "{name}");
        assert!(observed.done && observed.content && !observed.failed, "{name}");
    }
    let (_, observed) = pass(&[own("tools").as_bytes()]).unwrap();
    assert_eq!(observed.finish.as_deref(), Some("tool_use"));
    assert_eq!(observed.model.as_deref(), Some("claude-own-4-5"));
    assert_eq!(
        observed.output_bytes,
        ("Looking at both.".len() + r#"{"city": "Zürich"}"#.len()) as u64
    );
}

#[test]
fn an_error_before_content_leaves_the_client_untouched() {
    for name in ["overloaded", "overloaded-after-start"] {
        let (mut relay, mut out, stream) = (relay(), Vec::new(), own(name));
        let fed: Result<(), Error> = stream
            .bytes()
            .try_for_each(|byte| relay.feed(Bytes::copy_from_slice(&[byte]), &mut out));
        let error = fed.unwrap_err();
        assert_eq!(
            (error.kind, error.message.as_str()),
            (ErrorKind::UpstreamOverloaded, "Overloaded"),
            "{name}"
        );
        assert!(out.is_empty(), "{name}");
    }
}

#[test]
fn an_error_after_content_is_told_once() {
    let stream = own("overloaded-midway");
    let mut relay = relay();
    let mut out = Vec::new();
    relay.feed(Bytes::from(stream.clone()), &mut out).unwrap();
    relay.finish(&mut out).unwrap();
    relay.close(&Close::Error(Error::new(ErrorKind::UpstreamFailed, "again")), &mut out);
    assert_eq!(text(&out), stream);
    assert!(relay.observed().failed && !relay.observed().done);
}

#[test]
fn a_stream_that_breaks_off_is_an_error_and_half_a_frame_is_not_passed() {
    let stream = own("cut");
    let mut relay = relay();
    let mut out = Vec::new();
    relay.feed(Bytes::from(stream.clone()), &mut out).unwrap();
    assert!(relay.finish(&mut out).is_err());
    assert!(stream.starts_with(&text(&out)) && text(&out).ends_with("\n\n"));
}

#[test]
fn a_stream_that_lacks_its_last_word_gets_it() {
    for name in ["no-message-stop", "no-last-line"] {
        let (out, observed) = pass(&[own(name).as_bytes()]).unwrap();
        assert!(
            out.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
            "{name}: {out}"
        );
        assert!(observed.done, "{name}");
    }
}

#[test]
fn a_stream_can_be_closed_legally_after_any_frame() {
    for name in ["tools", "thinking", "server-tool"] {
        let stream = own(name);
        let ends: Vec<usize> = stream.match_indices("\n\n").map(|(at, _)| at + 2).collect();
        for end in std::iter::once(0).chain(ends) {
            let (mut relay, mut out) = (relay(), Vec::new());
            relay
                .feed(Bytes::copy_from_slice(&stream.as_bytes()[..end]), &mut out)
                .unwrap();
            let ended = relay.observed().finish.clone();
            relay.close(&Close::Length, &mut out);
            relay.close(&Close::Length, &mut out);
            let closed = text(&out);
            assert_eq!(closed.matches("event: message_stop").count(), 1, "{name} at {end}");
            assert_eq!(
                relay.observed().finish.clone(),
                ended.or_else(|| Some("max_tokens".to_owned())),
                "{name} at {end}"
            );
            let starts = closed.matches("event: content_block_start").count();
            assert_eq!(
                closed.matches("event: content_block_stop").count(),
                starts,
                "{name} at {end}"
            );
            read(&[closed.as_bytes()]).unwrap();
        }
    }
}

#[test]
fn a_stream_closed_with_an_error_shows_it_in_the_dialects_words() {
    let (mut relay, mut out) = (relay(), Vec::new());
    relay.close(
        &Close::Error(Error::new(ErrorKind::UpstreamTimeout, "the stream was idle for 60 s")),
        &mut out,
    );
    assert_eq!(
        text(&out),
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\",\"message\":\"the stream was idle for 60 s\"}}\n\n"
    );
}
