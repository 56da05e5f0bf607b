//! Where requests to a provider of this dialect go, and the client's own bytes on their way there: only declared spans change.

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::json::{Edit, Slices, scan, splice};
use gateway_types::{Call, DialectName, Error, ErrorKind, Operation};
use http::HeaderValue;
use serde::Deserialize;
use smallvec::SmallVec;

use super::decode::{CAP, KEYS, Shape};
use crate::dialect::{ModelPage, undone};
use crate::facts::{member, value};
use crate::lane::Cap;
use crate::target::Target;
use crate::transport::WireRequest;
use crate::{address, outgoing};

const LINES: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// The path of an operation.
pub(super) fn path(operation: Operation) -> Cow<'static, str> {
    Cow::Borrowed(match operation {
        Operation::Completions => Shape::Generate.path(),
        Operation::Embeddings => Shape::Embed.path(),
        Operation::Models => "/api/tags",
        _ => Shape::Chat.path(),
    })
}

/// A request with a body.
pub(super) fn post(target: &Target, shape: Shape, stream: bool, body: impl Into<Bytes>) -> Result<WireRequest, Error> {
    sliced(target, shape, stream, Slices::one(body.into()))
}

fn sliced(target: &Target, shape: Shape, stream: bool, body: Slices) -> Result<WireRequest, Error> {
    let of = |operation| address::of(target, DialectName::Ollama, operation, stream);
    let uri = match shape {
        Shape::Chat => of(Operation::Chat)?,
        Shape::Generate => of(Operation::Completions)?,
        Shape::Embed => of(Operation::Embeddings)?,
        Shape::Embedding => address::join(target, shape.path())?,
    };
    let accept = if stream { LINES } else { outgoing::JSON };
    Ok(outgoing::sliced(uri, outgoing::JSON, accept, body))
}

/// Sends the client's bytes on, with its model and its cap put in place and the gateway's own field taken out.
pub(super) fn pass(call: &Call, target: &Target, cap: Cap) -> Result<WireRequest, Error> {
    if !matches!(call.operation, Operation::Chat | Operation::Embeddings) {
        return Err(undone(target, call.operation));
    }
    let mut edits: SmallVec<[Edit; 3]> = SmallVec::new();
    if call.model != target.model {
        let member = member(call, KEYS, "model");
        let member = member.ok_or_else(|| Error::new(ErrorKind::Internal, "a decoded body has no `model`"))?;
        let name = Bytes::from(serde_json::Value::from(target.model.as_str()).to_string());
        edits.push(Edit::Replace(member.value.clone(), name));
    }
    edits.extend(member(call, KEYS, "fallbacks").map(|fallbacks| Edit::Remove(fallbacks.span.clone())));
    if let (Operation::Chat, Cap::AtMost(most)) = (call.operation, cap) {
        edits.extend(lower(call, most));
    }
    let body = splice(&call.body.bytes, &call.body.members, &edits);
    sliced(target, Shape::of(call), call.stream, body)
}

/// The cap at its place in `options`, unless the client's own is as low.
fn lower(call: &Call, most: u64) -> Option<Edit> {
    // 0 and less mean no cap.
    let most = most.max(1);
    if call.caps.largest.is_some_and(|given| given <= most) {
        return None;
    }
    let put_in = format!("\"{CAP}\":{most}");
    let Some(options) = member(call, KEYS, "options") else {
        return Some(Edit::Insert(Bytes::from(format!("\"options\":{{{put_in}}}"))));
    };
    let fresh = || Bytes::from(format!("{{{put_in}}}"));
    let inner = call.body.bytes.slice(options.value.clone());
    let lowered = match value(call, KEYS, "options").map(|_| scan(&inner, &[CAP])) {
        Some(Ok(object)) => {
            let edit = match object.find(0) {
                Some(given) => Edit::Replace(given.value.clone(), Bytes::from(most.to_string())),
                None => Edit::Insert(Bytes::from(put_in)),
            };
            splice(&inner, &object, &[edit]).concat()
        }
        Some(Err(_)) | None => fresh(),
    };
    Some(Edit::Replace(options.value.clone(), lowered))
}

/// The request for the list of models.
pub(super) fn list(target: &Target) -> Result<WireRequest, Error> {
    address::of(target, DialectName::Ollama, Operation::Models, false).map(outgoing::get)
}

#[derive(Debug, Deserialize)]
struct List {
    models: Vec<Model>,
}

#[derive(Debug, Deserialize)]
struct Model {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

/// Reads the list of models; there is one page.
pub(super) fn models(body: &[u8]) -> Result<ModelPage, Error> {
    let list: List = serde_json::from_slice(body).map_err(|why| super::errors::unreadable("a list of models", &why))?;
    let name = |model: Model| model.model.or(model.name).filter(|name| !name.is_empty());
    Ok(ModelPage {
        ids: list.models.into_iter().filter_map(name).collect(),
        next: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Access;
    use crate::target::BaseUrl;
    use gateway_types::Asked;

    fn passed(operation: Operation, cap: Cap, body: &str) -> (String, String) {
        let base = BaseUrl::parse("http://host").unwrap();
        let target = Target::plain(
            "there",
            crate::kind::kind("ollama").unwrap(),
            base,
            "served",
            Access::None,
        );
        let bytes = Bytes::copy_from_slice(body.as_bytes());
        let call = super::super::decode::decode(&Asked::plain(operation), bytes).unwrap();
        let wire = pass(&call, &target, cap).unwrap();
        let sent = String::from_utf8(wire.body.concat().to_vec()).unwrap();
        (wire.uri.path().to_owned(), sent)
    }

    #[test]
    fn bytes_outside_the_declared_spans_are_the_clients() {
        let body = "{ \"options\" : {\"seed\": 1.0},\n \"model\":\"m\",\t\"messages\":[ ],\"fallbacks\":[\"a/b\"] }";
        let expected = body
            .replace("\"m\"", "\"served\"")
            .replace(",\"fallbacks\":[\"a/b\"]", "");
        assert_eq!(
            passed(Operation::Chat, Cap::Client, body),
            ("/api/chat".into(), expected)
        );
    }

    #[test]
    fn every_form_has_its_path() {
        for (operation, member, path) in [
            (Operation::Chat, r#""messages":[]"#, "/api/chat"),
            (Operation::Completions, r#""prompt":"p""#, "/api/generate"),
            (Operation::Completions, r#""keep_alive":0"#, "/api/generate"),
            (Operation::Embeddings, r#""input":["a"]"#, "/api/embed"),
            (Operation::Embeddings, r#""prompt":"a""#, "/api/embeddings"),
        ] {
            assert_eq!(
                passed(operation, Cap::Client, &format!(r#"{{"model":"m",{member}}}"#)).0,
                path
            );
        }
    }

    #[test]
    fn a_cap_is_lowered_where_it_is_given_and_put_in_where_it_is_not() {
        let with = |options: &str| format!(r#"{{"model":"served","messages":[]{options}}}"#);
        for (given, sent) in [
            ("", r#","options":{"num_predict":50}"#),
            (r#","options":null"#, r#","options":{"num_predict":50}"#),
            (r#","options":{}"#, r#","options":{"num_predict":50}"#),
            (
                r#","options":{"seed": 1}"#,
                r#","options":{"seed": 1,"num_predict":50}"#,
            ),
            (r#","options":{"num_predict":99}"#, r#","options":{"num_predict":50}"#),
            (
                r#","options":{"num_predict":-1, "seed":1}"#,
                r#","options":{"num_predict":50, "seed":1}"#,
            ),
            (r#","options":{"num_predict":9}"#, r#","options":{"num_predict":9}"#),
        ] {
            assert_eq!(
                passed(Operation::Chat, Cap::AtMost(50), &with(given)).1,
                with(sent),
                "{given}"
            );
            assert_eq!(passed(Operation::Chat, Cap::Client, &with(given)).1, with(given));
        }
    }

    #[test]
    fn the_list_of_models_names_them() {
        let page = models(br#"{"models":[{"name":"a:latest","model":"a:latest","size":1},{"name":"b"},{}]}"#).unwrap();
        assert_eq!(
            (page.ids, page.next),
            (vec!["a:latest".to_owned(), "b".to_owned()], None)
        );
        assert!(models(b"[]").is_err());
    }
}
