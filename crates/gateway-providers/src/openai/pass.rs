//! The client's own bytes on their way to a provider of the same dialect. Only declared spans change: the model's name,
//! the gateway's own `fallbacks`, the question for usage, and the cap.

use bytes::Bytes;
use gateway_types::json::{Edit, Member, Slices, quote, scan, splice};
use gateway_types::{Call, Error, Operation};
use http::HeaderMap;
use smallvec::SmallVec;

use super::decode::{CAPS, FALLBACKS, KEYS, MODEL, STREAM_OPTIONS};
use super::{form, send};
use crate::kind::StreamUsage;
use crate::lane::Cap;
use crate::target::Target;
use crate::transport::WireRequest;

type Edits = SmallVec<[Edit; 6]>;

/// Sends a call on.
pub(super) fn pass(call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error> {
    if let Some(content_type) = &call.body.content_type {
        let body = match call.model == target.model {
            true => Slices::one(call.body.bytes.clone()),
            false => form::with_model(call, content_type, target.model.as_str())?,
        };
        return send::form(call, target, content_type, client, body);
    }
    let mut edits = Edits::new();
    model(call, target, &mut edits);
    if let Some(fallbacks) = call.body.members.find(FALLBACKS) {
        edits.push(Edit::Remove(fallbacks.span.clone()));
    }
    if call.operation.generates() {
        ask_for_usage(call, target, &mut edits);
        match cap {
            Cap::AtMost(most) => lower_caps(call, target, most, &mut edits),
            Cap::Client => say_cap(call, target, &mut edits),
        }
    }
    let body = splice(&call.body.bytes, &call.body.members, &edits);
    send::post(target, call.operation, call.stream, client, body)
}

/// Whether the gateway asks for usage where the client did not, so that the answer to that is not the client's.
pub(super) fn asks_for_usage(call: &Call, target: &Target) -> bool {
    call.stream && !call.wants_usage && target.kind.stream_usage == StreamUsage::Asked
}

fn value<'a>(call: &'a Call, member: &Member) -> &'a [u8] {
    call.body.bytes.get(member.value.clone()).unwrap_or_default()
}

/// The text of a member of the body, by its number.
pub(super) fn text(call: &Call, key: usize) -> Option<&str> {
    std::str::from_utf8(value(call, call.body.members.find(key)?)).ok()
}

fn model(call: &Call, target: &Target, edits: &mut Edits) {
    if call.model == target.model {
        return;
    }
    let model = literal(target.model.as_str());
    edits.push(match call.body.members.find(MODEL) {
        Some(member) => Edit::Replace(member.value.clone(), model),
        None => Edit::Insert([b"\"model\":", &model[..]].concat().into()),
    });
}

fn literal(text: &str) -> Bytes {
    let mut literal = Vec::new();
    quote(text, &mut literal);
    literal.into()
}

const ASKING: &[u8] = br#"{"include_usage":true}"#;

fn ask_for_usage(call: &Call, target: &Target, edits: &mut Edits) {
    let given = call.body.members.find(STREAM_OPTIONS);
    match (target.kind.stream_usage, given) {
        (StreamUsage::Never, Some(options)) => edits.push(Edit::Remove(options.span.clone())),
        (StreamUsage::Asked, Some(options)) if call.stream => {
            edits.extend(asking(call, options).map(|asking| Edit::Replace(options.value.clone(), asking)));
        }
        (StreamUsage::Asked, None) if call.stream => {
            edits.push(Edit::Insert(Bytes::from_static(
                br#""stream_options":{"include_usage":true}"#,
            )));
        }
        _ => {}
    }
}

/// `stream_options` with the question in it, unless it is there already.
fn asking(call: &Call, options: &Member) -> Option<Bytes> {
    let inner = call.body.bytes.slice(options.value.clone());
    let Ok(object) = scan(&inner, &["include_usage"]) else {
        return Some(Bytes::from_static(ASKING));
    };
    let edit = match object.find(0) {
        Some(member) if inner.get(member.value.clone()) == Some(b"true") => return None,
        Some(member) => Edit::Replace(member.value.clone(), Bytes::from_static(b"true")),
        None => Edit::Insert(Bytes::from_static(br#""include_usage":true"#)),
    };
    Some(splice(&inner, &object, &[edit]).concat())
}

/// Whether the provider obeys a cap under that name. `max_output_tokens` is the Responses API's: no chat API documents it, and
/// servers that pass over what they do not know would answer without a cap.
fn obeyed(call: &Call, target: &Target, name: &str) -> bool {
    match call.operation {
        Operation::Chat => name != "max_output_tokens" && !target.kind.ignored_caps.contains(&name),
        _ => name == "max_tokens",
    }
}

/// The client's cap under a name that the provider obeys, where it is only there under one that it ignores: it is the
/// client's wish, and what was held for the call.
fn say_cap(call: &Call, target: &Target, edits: &mut Edits) {
    let given = |key: usize| {
        call.body
            .members
            .find(key)
            .is_some_and(|member| value(call, member) != b"null")
    };
    let mut keys = CAPS;
    let heard = keys.any(|key| given(key) && obeyed(call, target, KEYS[key]));
    if let (Some(most), false) = (call.caps.largest, heard) {
        lower_caps(call, target, most, edits);
    }
}

/// Every cap that is given is at most `most`, and at least one is given that the provider obeys. A cap of 0 means no cap to
/// some servers, so 1 is said in its place.
fn lower_caps(call: &Call, target: &Target, most: u64, edits: &mut Edits) {
    let inserted = match call.operation {
        Operation::Chat => target.kind.cap_member,
        _ => "max_tokens",
    };
    let put_in = call.caps.largest.unwrap_or(most).clamp(1, most.max(1));
    let mut bounded = false;
    let mut empty_place = None;
    for key in CAPS {
        let (name, Some(member)) = (KEYS[key], call.body.members.find(key)) else {
            continue;
        };
        let given: Option<u64> = serde_json::from_slice(value(call, member)).ok();
        match given {
            Some(given) => {
                bounded |= obeyed(call, target, name);
                let said = given.clamp(1, most.max(1));
                if given != said {
                    edits.push(Edit::Replace(member.value.clone(), Bytes::from(said.to_string())));
                }
            }
            None if name == inserted => empty_place = Some(member.value.clone()),
            None => {}
        }
    }
    match empty_place {
        _ if bounded => {}
        Some(place) => edits.push(Edit::Replace(place, Bytes::from(put_in.to_string()))),
        None => edits.push(Edit::Insert(Bytes::from(format!("\"{inserted}\":{put_in}")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{base_kind, kind};
    use crate::openai::test_support::target;

    fn passed(kind_name: &str, cap: Cap, body: &str) -> String {
        let kind = kind(kind_name).or_else(|| base_kind(kind_name)).unwrap();
        let call = super::super::decode::decode(
            &gateway_types::Asked::plain(Operation::Chat),
            Bytes::copy_from_slice(body.as_bytes()),
        )
        .unwrap();
        let wire = pass(&call, &target(kind), cap, &HeaderMap::new()).unwrap();
        String::from_utf8(wire.body.concat().to_vec()).unwrap()
    }

    #[test]
    fn a_cap_that_no_chat_api_knows_is_said_in_one_that_it_knows() {
        let body = r#"{"model":"m","messages":[],"max_output_tokens":5}"#;
        let passed = passed("openai", Cap::Client, body);
        assert!(passed.contains(r#""max_completion_tokens":5"#), "{passed}");
    }

    #[test]
    fn bytes_outside_the_declared_spans_are_the_clients() {
        let body = "{ \"temperature\" : 1.0e0,\n \"model\":\"gpt\", \"x\":{\"model\":1},\t\"messages\":[ ],\"fallbacks\":[\"a/b\"] }";
        let expected = body
            .replace("\"gpt\"", "\"served\"")
            .replace(",\"fallbacks\":[\"a/b\"]", "");
        assert_eq!(passed("vllm", Cap::Client, body), expected);
    }

    #[test]
    fn usage_is_asked_for_where_it_would_not_come_by_itself() {
        let body = r#"{"model":"m","messages":[],"stream":true}"#;
        let asked = r#"{"model":"served","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#;
        assert_eq!(passed("vllm", Cap::Client, body), asked);
        assert_eq!(
            passed("openrouter", Cap::Client, body),
            r#"{"model":"served","messages":[],"stream":true}"#
        );
        let not_streamed = r#"{"model":"m","messages":[],"stream":false}"#;
        assert_eq!(
            passed("vllm", Cap::Client, not_streamed),
            r#"{"model":"served","messages":[],"stream":false}"#
        );
        for (given, sent) in [
            (r#"{"include_usage":true}"#, r#"{"include_usage":true}"#),
            (
                r#"{"include_usage": false, "x": 1}"#,
                r#"{"include_usage": true, "x": 1}"#,
            ),
            (r#"{"x": 1}"#, r#"{"x": 1,"include_usage":true}"#),
            ("{}", r#"{"include_usage":true}"#),
            ("null", r#"{"include_usage":true}"#),
        ] {
            let body = format!(r#"{{"model":"m","messages":[],"stream_options":{given},"stream":true}}"#);
            let expected = format!(r#"{{"model":"served","messages":[],"stream_options":{sent},"stream":true}}"#);
            assert_eq!(passed("vllm", Cap::Client, &body), expected);
        }
        let asking = r#"{"model":"m","messages":[],"stream_options":{"include_usage":true},"stream":true}"#;
        assert_eq!(
            passed("mistral", Cap::Client, asking),
            r#"{"model":"served","messages":[],"stream":true}"#
        );
    }

    #[test]
    fn a_cap_is_lowered_where_it_is_given_and_put_in_where_it_is_not() {
        let with = |caps: &str| format!(r#"{{"model":"served",{caps}"messages":[]}}"#);
        let put_in = |cap: &str| format!(r#"{{"model":"served","messages":[],{cap}}}"#);
        for (kind, given, sent) in [
            ("vllm", with(""), put_in(r#""max_tokens":50"#)),
            ("openai", with(""), put_in(r#""max_completion_tokens":50"#)),
            ("openai", with(r#""max_tokens":99,"#), with(r#""max_tokens":50,"#)),
            ("openai", with(r#""max_tokens":9,"#), with(r#""max_tokens":9,"#)),
            ("vllm", with(r#""max_tokens":null,"#), with(r#""max_tokens":50,"#)),
            (
                "vllm",
                with(r#""max_tokens":99,"max_completion_tokens":7,"#),
                with(r#""max_tokens":50,"max_completion_tokens":7,"#),
            ),
            // Some servers take 0 for no cap at all.
            ("vllm", with(r#""max_tokens":0,"#), with(r#""max_tokens":1,"#)),
        ] {
            assert_eq!(passed(kind, Cap::AtMost(50), &given), sent, "{kind}");
            assert_eq!(passed(kind, Cap::Client, &given), given, "{kind}");
        }
    }

    #[test]
    fn a_cap_is_said_in_the_word_that_the_provider_obeys() {
        // Ollama takes the newer word and does not obey it.
        let given = r#"{"model":"served","max_completion_tokens":9,"max_tokens":null,"messages":[]}"#;
        let said = r#"{"model":"served","max_completion_tokens":9,"max_tokens":9,"messages":[]}"#;
        for cap in [Cap::Client, Cap::AtMost(50)] {
            assert_eq!(passed("ollama", cap, given), said);
        }
        assert_eq!(passed("vllm", Cap::Client, given), given);
        let given = r#"{"model":"served","max_completion_tokens":9,"messages":[]}"#;
        let said = r#"{"model":"served","max_completion_tokens":9,"messages":[],"max_tokens":9}"#;
        assert_eq!(passed("ollama", Cap::Client, given), said);
    }

    #[test]
    fn headers_go_by_the_list_and_the_clients_credential_never() {
        let call = super::super::decode::decode(
            &gateway_types::Asked::plain(Operation::Chat),
            Bytes::from_static(br#"{"model":"m","messages":[]}"#),
        )
        .unwrap();
        let mut client = HeaderMap::new();
        for name in [
            "authorization",
            "cookie",
            "x-api-key",
            "openai-organization",
            "openai-beta",
            "user-agent",
        ] {
            client.insert(name, "client's".parse().unwrap());
        }
        let mut target = target(kind("openai").unwrap());
        target.extra_headers.insert("x-team", "blue".parse().unwrap());
        target.extra_headers.insert("content-length", "1".parse().unwrap());
        let mut wire = pass(&call, &target, Cap::Client, &client).unwrap();
        crate::outgoing::complete(&mut wire, &target).unwrap();
        let mut names: Vec<&str> = wire.headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        let ours = [
            "accept",
            "accept-encoding",
            "authorization",
            "content-type",
            "openai-beta",
            "user-agent",
            "x-team",
        ];
        assert_eq!(names, ours);
        assert_ne!(wire.headers["user-agent"], "client's");
        assert_eq!(wire.headers["authorization"], "Bearer secret");
        assert!(wire.headers["authorization"].is_sensitive());
        assert_eq!(wire.headers["accept-encoding"], "identity");
        assert_eq!(wire.uri, "http://host/v1/chat/completions");
    }
}
