//! Addresses and headers.

use std::borrow::Cow;

use gateway_types::json::Slices;
use gateway_types::{Call, DialectName, Error, Operation, StreamForm};
use http::{HeaderMap, Uri};

use super::decode::KEYS;
use crate::address::{self, segment};
use crate::facts::member;
use crate::outgoing;
use crate::target::{Site, Target};
use crate::transport::WireRequest;

/// The client's headers that go on: which SDK asks, how long it waits, and in which class of service on Google Cloud.
const PASSED_ON: [&str; 4] = [
    "x-goog-api-client",
    "x-server-timeout",
    "x-vertex-ai-llm-request-type",
    "x-vertex-ai-llm-shared-request-type",
];

/// What asks for server-sent events; without it a stream is one JSON array.
const AS_EVENTS: &str = "alt=sse";

/// The path of an operation.
pub(super) fn path(target: &Target, operation: Operation, stream: bool) -> Cow<'static, str> {
    let method = match operation {
        Operation::Models => return Cow::Borrowed("/v1beta/models"),
        Operation::CountTokens => "countTokens",
        Operation::Embeddings => embedding(target),
        _ if stream => "streamGenerateContent?alt=sse",
        _ => "generateContent",
    };
    Cow::Owned(format!("/v1beta/{}:{method}", resource(target.model.as_str())))
}

/// How vectors are asked for. On Google Cloud, older models have the method that all sorts of models have there.
pub(super) fn embedding(target: &Target) -> &'static str {
    match is_predicted(target) {
        true => "predict",
        false => "batchEmbedContents",
    }
}

/// Whether vectors are asked for by Google Cloud's general method.
pub(super) fn is_predicted(target: &Target) -> bool {
    let newer =
        target.family().starts_with("gemini-embedding-") && !target.family().starts_with("gemini-embedding-001");
    matches!(target.site, Site::Vertex { .. }) && !newer
}

/// Whether a client's call can go there as it is. Google Cloud has other bodies for vectors and for counting.
pub(super) fn takes(call: &Call, target: &Target) -> bool {
    let inner = || {
        ["generateContentRequest", "generate_content_request"]
            .iter()
            .any(|key| member(call, KEYS, key).is_some())
    };
    match call.operation {
        _ if !matches!(target.site, Site::Vertex { .. }) => true,
        Operation::Embeddings => false,
        Operation::CountTokens => !inner(),
        _ => true,
    }
}

/// A model's place: among Google's, unless its name says where.
fn resource(model: &str) -> String {
    let named = ["models/", "tunedModels/", "publishers/", "projects/"];
    if !named.iter().any(|place| model.starts_with(place)) {
        return format!("models/{}", segment(model));
    }
    let segments: Vec<String> = model.split('/').map(segment).collect();
    segments.join("/")
}

/// A model's name as bodies have it.
pub(super) fn name(model: &str) -> String {
    match model.contains('/') {
        true => model.to_owned(),
        false => format!("models/{model}"),
    }
}

/// A request with a body.
pub(super) fn post(
    target: &Target,
    operation: Operation,
    form: Option<StreamForm>,
    client: &HeaderMap,
    body: Slices,
) -> Result<WireRequest, Error> {
    let uri = address::of(target, DialectName::Gemini, operation, form.is_some())?;
    let (uri, accept) = match form {
        Some(StreamForm::Usual) => (uri, outgoing::EVENTS),
        Some(StreamForm::Array) => (without_events(uri), outgoing::JSON),
        None => (uri, outgoing::JSON),
    };
    let mut wire = outgoing::sliced(uri, outgoing::JSON, accept, body);
    outgoing::let_through(&PASSED_ON, client, &mut wire);
    Ok(wire)
}

/// The address of a stream as an array.
fn without_events(uri: Uri) -> Uri {
    let Some(query) = uri.query() else { return uri };
    let rest: Vec<&str> = query.split('&').filter(|pair| *pair != AS_EVENTS).collect();
    let mark = if rest.is_empty() { "" } else { "?" };
    with_path(&uri, &format!("{}{mark}{}", uri.path(), rest.join("&")))
}

/// The same address with another method of the same model, where it has that one.
pub(super) fn with_method(uri: &Uri, from: &str, to: &str) -> Uri {
    let Some(model) = uri.path().strip_suffix(from) else {
        return uri.clone();
    };
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    with_path(uri, &format!("{model}{to}{query}"))
}

fn with_path(uri: &Uri, path: &str) -> Uri {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = path.parse().ok();
    Uri::from_parts(parts).unwrap_or_else(|_| uri.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_have_their_places() {
        for (model, expected) in [
            ("gemini-2.5-pro", "models/gemini-2.5-pro"),
            ("tunedModels/mine-1", "tunedModels/mine-1"),
            ("models/gemini-2.5-pro", "models/gemini-2.5-pro"),
            ("a/b c", "models/a%2Fb%20c"),
        ] {
            assert_eq!(resource(model), expected);
        }
    }

    #[test]
    fn an_address_changes_its_form_and_its_method_and_nothing_else() {
        let uri = |text: &str| text.parse::<Uri>().unwrap();
        let stream = "https://h/v1beta/models/m:streamGenerateContent";
        assert_eq!(without_events(uri(&format!("{stream}?alt=sse"))), stream);
        assert_eq!(
            without_events(uri(&format!("{stream}?x=1&alt=sse"))),
            &*format!("{stream}?x=1")
        );
        assert_eq!(without_events(uri(stream)), stream);
        let batch = uri("https://h/v1beta/models/m:batchEmbedContents?k=1");
        let one = with_method(&batch, "batchEmbedContents", "embedContent");
        assert_eq!(one, "https://h/v1beta/models/m:embedContent?k=1");
        assert_eq!(with_method(&one, "batchEmbedContents", "x"), one);
    }
}
