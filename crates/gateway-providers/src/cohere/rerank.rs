//! Documents in order: `POST /v2/rerank`, both sides.

use bytes::Bytes;
use gateway_types::loss::Loss;
use gateway_types::rerank::{Ranked, RerankRequest, RerankResponse};
use gateway_types::{Call, DialectName, Error, Operation};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::read::{body, refused};
use super::usage::Wire;
use super::{errors, send};
use crate::json::{Fault, Members, Out, each, parse};
use crate::target::Target;
use crate::transport::WireRequest;

/// The typed view of a call.
pub(super) fn read(call: &Call) -> Result<RerankRequest, Error> {
    request(body(call)?).map_err(refused)
}

fn request(raw: &RawValue) -> Result<RerankRequest, Fault> {
    let mut top = Members::of(raw)?;
    for acted_on in ["model", "fallbacks"] {
        top.take(acted_on);
    }
    Ok(RerankRequest {
        dialect: DialectName::Cohere,
        query: top.need("query")?,
        documents: each(&mut top, "documents", document)?,
        top_n: top.read("top_n")?,
        return_documents: top.read("return_documents")?.unwrap_or(false),
        extras: top.rest(),
    })
}

/// A text, or as older clients have it an object with one.
fn document(raw: &RawValue) -> Result<String, Fault> {
    parse(raw).or_else(|_| Members::of(raw)?.need("text"))
}

/// Writes an order of documents.
pub(super) fn write(response: &RerankResponse, call: &Call) -> Result<Bytes, Error> {
    let asked = read(call)?;
    let of_request = |at: u64| usize::try_from(at).ok().and_then(|at| asked.documents.get(at));
    let mut written = Vec::new();
    Out::object(&mut written, |out| {
        out.member("id", &response.id);
        out.array("results", |out| {
            for ranked in &response.results {
                out.item_object(|out| {
                    out.member("index", ranked.index);
                    out.member("relevance_score", ranked.score);
                    // Those who know the documents need not be sent them.
                    let text = ranked.document.as_ref().or_else(|| of_request(ranked.index));
                    if let Some(text) = text.filter(|_| asked.return_documents) {
                        out.inner("document", |out| out.member("text", text));
                    }
                });
            }
        });
        out.inner("meta", |out| {
            out.inner("api_version", |out| out.member("version", "2"));
            out.inner("billed_units", |out| {
                out.maybe("search_units", response.searches);
                out.maybe("input_tokens", response.usage.map(|used| used.input_total()));
            });
        });
    });
    Ok(Bytes::from(written))
}

/// Says a call to put documents in order.
pub(super) fn say(request: &RerankRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.member("model", target.model.as_str());
        out.member("query", &request.query);
        out.member("documents", &request.documents);
        out.maybe("top_n", request.top_n);
        for (key, raw) in &request.extras.0 {
            match (request.dialect, key.as_str()) {
                (DialectName::Cohere, _) | (_, "max_tokens_per_doc" | "relevant_spans" | "priority") => {
                    out.member(key, raw)
                }
                _ => losses.push(Loss::dropped(key.as_str(), "this API has no such field")),
            }
        }
    });
    if request.return_documents {
        losses.push(Loss::emulated(
            "return_documents",
            "only their places are sent back; the texts are those of the request",
        ));
    }
    send::post(target, Operation::Rerank, false, &HeaderMap::new(), body)
}

#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    id: String,
    results: Vec<Place>,
    #[serde(default)]
    meta: Wire,
}

#[derive(Debug, Deserialize)]
struct Place {
    index: u64,
    relevance_score: f64,
    #[serde(default)]
    document: Option<Text>,
}

#[derive(Debug, Deserialize)]
struct Text {
    #[serde(default)]
    text: Option<String>,
}

/// Reads an order of documents.
pub(super) fn reranked(body: &[u8], target: &Target) -> Result<RerankResponse, Error> {
    let answer: Answer =
        serde_json::from_slice(body).map_err(|why| errors::unreadable("an order of documents", &why))?;
    let ranked = |place: Place| Ranked {
        index: place.index,
        score: place.relevance_score,
        document: place.document.and_then(|document| document.text),
    };
    Ok(RerankResponse {
        id: answer.id,
        model: target.model.as_str().to_owned(),
        results: answer.results.into_iter().map(ranked).collect(),
        usage: answer.meta.classes(),
        searches: answer.meta.searches(),
    })
}
