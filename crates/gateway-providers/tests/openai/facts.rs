//! What routing asks of a body: facts of valid ones, and what is wrong with the others.

use bytes::Bytes;
use gateway_types::{Call, Caps, Error, ErrorKind, ModelName, Operation};

use crate::decode;

fn chat(body: &str) -> Result<Call, Error> {
    decode(Operation::Chat, body.to_owned())
}

#[test]
fn facts_are_found_wherever_they_stand() {
    let call = chat(
        r#"{"messages":[{"role":"user","content":"\"model\":\"x\""}],"max_tokens":10,"n":2,"stream":true,
            "stream_options":{"include_usage":true},"max_completion_tokens":20,"fallbacks":["a/b"],"model":"m"}"#,
    )
    .unwrap();
    assert_eq!(call.model, "m");
    assert_eq!((call.stream, call.wants_usage, call.choices), (true, true, 2));
    assert_eq!(call.caps.largest, Some(20));
    assert_eq!(call.fallbacks, [ModelName::from("a/b")]);
    assert!(call.input_bound as usize == call.body.bytes.len() && call.input_estimate * 4 >= call.input_bound);
}

#[test]
fn null_is_absent() {
    let call = chat(r#"{"model":"m","messages":[],"stream":null,"max_tokens":null,"n":null,"stream_options":null,"fallbacks":null}"#).unwrap();
    assert_eq!(
        (call.stream, call.caps, call.choices, call.wants_usage),
        (false, Caps::default(), 1, false)
    );
}

#[test]
fn what_is_wrong_is_named() {
    for (body, param) in [
        ("", None),
        ("[]", None),
        ("{", None),
        (r#"{"model":"m"} x"#, None),
        (r#"{"mod\u0065l":"m","messages":[]}"#, None),
        (r#"{"messages":[]}"#, Some("model")),
        (r#"{"model":"","messages":[]}"#, Some("model")),
        (r#"{"model":5,"messages":[]}"#, Some("model")),
        (r#"{"model":null,"messages":[]}"#, Some("model")),
        (r#"{"model":"m","model":"n","messages":[]}"#, Some("model")),
        (r#"{"model":"m"}"#, Some("messages")),
        (r#"{"model":"m","messages":"hi"}"#, Some("messages")),
        (r#"{"model":"m","messages":[],"stream":"true"}"#, Some("stream")),
        (r#"{"model":"m","messages":[],"max_tokens":-1}"#, Some("max_tokens")),
        (
            r#"{"model":"m","messages":[],"max_completion_tokens":1.5}"#,
            Some("max_completion_tokens"),
        ),
        (r#"{"model":"m","messages":[],"n":0}"#, Some("n")),
        (r#"{"model":"m","messages":[],"n":129}"#, Some("n")),
        (r#"{"model":"m","messages":[],"fallbacks":"a"}"#, Some("fallbacks")),
        (
            r#"{"model":"m","messages":[],"fallbacks":["a",""]}"#,
            Some("fallbacks[1]"),
        ),
        (
            r#"{"model":"m","messages":[],"stream_options":[]}"#,
            Some("stream_options"),
        ),
        (
            r#"{"model":"m","messages":[],"stream_options":{"include_usage":1}}"#,
            Some("stream_options.include_usage"),
        ),
    ] {
        let error = chat(body).unwrap_err();
        assert_eq!(
            (error.status(), error.param.as_deref()),
            (400, param),
            "{body}: {error}"
        );
        assert!(
            !error.message.ends_with('.') && !error.message.starts_with(char::is_uppercase),
            "{error}"
        );
    }
    let many = format!(
        r#"{{"model":"m","messages":[],"fallbacks":[{}"a"]}}"#,
        r#""a","#.repeat(16)
    );
    assert_eq!(chat(&many).unwrap_err().param.as_deref(), Some("fallbacks"));
    let broken = decode(
        Operation::Chat,
        Bytes::from_static(b"{\"model\":\"\xFF\",\"messages\":[]}"),
    )
    .unwrap_err();
    assert_eq!(broken.status(), 400);
    let deep = format!(r#"{{"model":"m","messages":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    assert_eq!(chat(&deep).unwrap_err().status(), 400);
}

#[test]
fn every_prompt_of_a_list_is_answered_and_billed() {
    for (prompt, choices) in [
        (r#""a""#, 2),
        ("[1,2,3]", 2),
        ("[]", 2),
        (r#"["a","b","c"]"#, 6),
        ("[ [1,2], [3] ]", 4),
        (r#"[1,"a"]"#, 4),
    ] {
        let body = format!(r#"{{"model":"m","n":2,"prompt":{prompt}}}"#);
        assert_eq!(
            decode(Operation::Completions, body).unwrap().choices,
            choices,
            "{prompt}"
        );
    }
    let picture = decode(Operation::ImageGeneration, r#"{"model":"m","prompt":["a","b"]}"#).unwrap();
    assert_eq!(picture.choices, 1, "only completions take lists");
}

#[test]
fn each_operation_has_its_subject() {
    assert!(
        decode(Operation::Completions, r#"{"model":"m","prompt":"a","best_of":4}"#).is_ok_and(|call| call.choices == 4)
    );
    assert!(decode(Operation::Embeddings, r#"{"model":"m","input":["a"],"n":"whatever"}"#).is_ok());
    assert_eq!(
        decode(Operation::Completions, r#"{"model":"m"}"#)
            .unwrap_err()
            .param
            .as_deref(),
        Some("prompt")
    );
    assert_eq!(
        decode(Operation::Embeddings, r#"{"model":"m"}"#)
            .unwrap_err()
            .param
            .as_deref(),
        Some("input")
    );
    assert_eq!(
        decode(Operation::Models, r#"{"model":"m"}"#).unwrap_err().kind,
        ErrorKind::UnsupportedOperation
    );
}
