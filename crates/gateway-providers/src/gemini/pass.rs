//! The client's own bytes on their way to a provider of the same dialect. Only declared spans change: the gateway's own
//! `fallbacks`, the model where the body names it as well, and the cap in the settings.

use bytes::Bytes;
use gateway_types::json::{Edit, Member, scan, splice};
use gateway_types::{Call, Error, Operation};
use http::HeaderMap;
use serde_json::value::RawValue;
use smallvec::SmallVec;

use super::decode::{CAPS, KEYS, SETTINGS};
use super::{http as wire, keys};
use crate::facts::{member, value};
use crate::lane::Cap;
use crate::target::Target;
use crate::transport::WireRequest;

type Edits = SmallVec<[Edit; 6]>;

/// Sends a call on.
pub(super) fn pass(call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error> {
    let mut edits = Edits::new();
    edits.extend(member(call, KEYS, "fallbacks").map(|fallbacks| Edit::Remove(fallbacks.span.clone())));
    name_models(call, target, &mut edits);
    if let (Cap::AtMost(most), true) = (cap, call.operation.generates()) {
        lower_cap(call, most, &mut edits);
    }
    let body = splice(&call.body.bytes, &call.body.members, &edits);
    let form = call.stream.then_some(call.form);
    let mut wire = wire::post(target, call.operation, form, client, body)?;
    if call.operation == Operation::Embeddings && member(call, KEYS, "requests").is_none() {
        wire.uri = wire::with_method(&wire.uri, "batchEmbedContents", "embedContent");
    }
    Ok(wire)
}

/// Puts the model's name where the body has one: in itself, in the request that is to be counted, in each request for
/// vectors. The API refuses a body that names another model than its path.
fn name_models(call: &Call, target: &Target, edits: &mut Edits) {
    let name = wire::name(target.model.as_str());
    let mut replace = |at: usize, named: &[u8]| {
        let same = serde_json::from_slice::<String>(named).is_ok_and(|named| named == name);
        if !same {
            let literal = Bytes::from(serde_json::Value::from(name.as_str()).to_string());
            edits.push(Edit::Replace(at..at + named.len(), literal));
        }
    };
    let bytes = &call.body.bytes;
    let text = |member: &Member| bytes.get(member.value.clone()).unwrap_or_default();
    if let Some(model) = member(call, KEYS, "model").filter(|model| text(model) != b"null") {
        replace(model.value.start, text(model));
    }
    let inner = ["generateContentRequest", "generate_content_request"];
    let inner = inner
        .into_iter()
        .find_map(|key| member(call, KEYS, key))
        .map(|member| (member.value.start, text(member)));
    let requests = member(call, KEYS, "requests").map(|member| (member.value.start, text(member)));
    let listed = requests.into_iter().flat_map(|(start, text)| {
        let items: Vec<&RawValue> = serde_json::from_slice(text).unwrap_or_default();
        items
            .into_iter()
            .map(move |item| (start + offset(text, item.get()), item.get().as_bytes()))
    });
    for (start, object) in inner.into_iter().chain(listed) {
        let Ok(found) = scan(object, &["model"]) else { continue };
        let named = found.find(0).map(|model| model.value.clone());
        if let Some((at, named)) = named.and_then(|span| Some((start + span.start, object.get(span)?))) {
            replace(at, named);
        }
    }
}

/// Where a slice of a text begins in it.
fn offset(text: &[u8], slice: &str) -> usize {
    (slice.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// The cap is at most `most`, whatever the client has there. One of 0 means none to the API, so 1 is said in its place.
fn lower_cap(call: &Call, most: u64, edits: &mut Edits) {
    let most = most.max(1);
    let said = call.caps.largest.unwrap_or(most).clamp(1, most);
    let name = if value(call, KEYS, "generation_config").is_some() {
        "generation_config"
    } else {
        "generationConfig"
    };
    let whole = || Bytes::from(format!("{{\"maxOutputTokens\":{said}}}"));
    let Some(settings) = member(call, KEYS, name) else {
        let mut inserted = b"\"generationConfig\":".to_vec();
        inserted.extend_from_slice(&whole());
        edits.push(Edit::Insert(Bytes::from(inserted)));
        return;
    };
    let inner = call.body.bytes.slice(settings.value.clone());
    let Ok(object) = scan(&inner, &SETTINGS) else {
        // It is `null`: anything else was refused when it was decoded.
        edits.push(Edit::Replace(settings.value.clone(), whole()));
        return;
    };
    let literal = Bytes::from(said.to_string());
    let edit = match CAPS.into_iter().find_map(|key| object.find(key)) {
        Some(member) => {
            let given = inner
                .get(member.value.clone())
                .and_then(|given| std::str::from_utf8(given).ok());
            if given.and_then(keys::whole) == Some(said) {
                return;
            }
            Edit::Replace(member.value.clone(), literal)
        }
        None => Edit::Insert(Bytes::from(format!("\"maxOutputTokens\":{said}"))),
    };
    edits.push(Edit::Replace(
        settings.value.clone(),
        splice(&inner, &object, &[edit]).concat(),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Access;
    use crate::kind::kind;
    use crate::target::BaseUrl;
    use gateway_types::{Asked, StreamForm};

    fn sent(operation: Operation, stream: Option<StreamForm>, cap: Cap, body: &str) -> (String, String) {
        let kind = kind("gemini").unwrap();
        let base = BaseUrl::parse("https://h/v1beta").unwrap();
        let target = Target::plain("gemini", kind, base, "served", Access::None);
        let asked = Asked {
            model: Some("m".into()),
            stream,
            ..Asked::plain(operation)
        };
        let call = super::super::decode::decode(&asked, Bytes::copy_from_slice(body.as_bytes())).unwrap();
        let wire = pass(&call, &target, cap, &HeaderMap::new()).unwrap();
        (
            wire.uri.to_string(),
            String::from_utf8(wire.body.concat().to_vec()).unwrap(),
        )
    }

    #[test]
    fn bytes_outside_the_declared_spans_are_the_clients() {
        let body = "{ \"contents\" : [ {\"parts\":{\"text\":\"a\"}} ],\"fallbacks\":[\"a/b\"],\n \"x\":1.0e0, \"model\": \"models/m\" }";
        let expected = "{ \"contents\" : [ {\"parts\":{\"text\":\"a\"}} ],\"x\":1.0e0, \"model\": \"models/served\" }";
        let (uri, sent) = sent(Operation::Chat, None, Cap::Client, body);
        assert_eq!(sent, expected);
        assert_eq!(uri, "https://h/v1beta/models/served:generateContent");
    }

    #[test]
    fn a_stream_comes_in_the_form_that_the_client_asked_for() {
        let uri = |form| sent(Operation::Chat, Some(form), Cap::Client, r#"{"contents":[]}"#).0;
        assert_eq!(
            uri(StreamForm::Usual),
            "https://h/v1beta/models/served:streamGenerateContent?alt=sse"
        );
        assert_eq!(
            uri(StreamForm::Array),
            "https://h/v1beta/models/served:streamGenerateContent"
        );
    }

    #[test]
    fn the_cap_is_lowered_where_it_stands_or_put_in() {
        for (given, expected) in [
            (
                r#"{"contents":[]}"#,
                r#"{"contents":[],"generationConfig":{"maxOutputTokens":50}}"#,
            ),
            (
                r#"{"contents":[],"generationConfig":null}"#,
                r#"{"contents":[],"generationConfig":{"maxOutputTokens":50}}"#,
            ),
            (
                r#"{"generationConfig": {"topK": 3}, "contents":[]}"#,
                r#"{"generationConfig": {"topK": 3,"maxOutputTokens":50}, "contents":[]}"#,
            ),
            (
                r#"{"generation_config":{"max_output_tokens":"80"},"contents":[]}"#,
                r#"{"generation_config":{"max_output_tokens":50},"contents":[]}"#,
            ),
            (
                r#"{"contents":[],"generationConfig":{"maxOutputTokens": 20.0}}"#,
                r#"{"contents":[],"generationConfig":{"maxOutputTokens": 20.0}}"#,
            ),
            (
                r#"{"contents":[],"generationConfig":{"maxOutputTokens":0}}"#,
                r#"{"contents":[],"generationConfig":{"maxOutputTokens":1}}"#,
            ),
        ] {
            assert_eq!(
                sent(Operation::Chat, None, Cap::AtMost(50), given).1,
                expected,
                "{given}"
            );
        }
    }

    #[test]
    fn a_model_is_named_wherever_the_api_compares_it() {
        let (uri, body) = sent(
            Operation::Embeddings,
            None,
            Cap::AtMost(5),
            r#"{"requests": [ {"model":"models/m","content":{}},{"content":{"model":"models/m"}}, {"content":{}, "model":"models/served"}]}"#,
        );
        assert_eq!(
            body,
            r#"{"requests": [ {"model":"models/served","content":{}},{"content":{"model":"models/m"}}, {"content":{}, "model":"models/served"}]}"#
        );
        assert_eq!(uri, "https://h/v1beta/models/served:batchEmbedContents");
        let (uri, body) = sent(
            Operation::Embeddings,
            None,
            Cap::Client,
            r#"{"model":"m","content":{}}"#,
        );
        assert_eq!(body, r#"{"model":"models/served","content":{}}"#);
        assert_eq!(uri, "https://h/v1beta/models/served:embedContent");
        let counted = r#"{"generateContentRequest":{"contents":[],"model":"models/m"}}"#;
        let (uri, body) = sent(Operation::CountTokens, None, Cap::Client, counted);
        assert_eq!(
            body,
            r#"{"generateContentRequest":{"contents":[],"model":"models/served"}}"#
        );
        assert_eq!(uri, "https://h/v1beta/models/served:countTokens");
    }
}
