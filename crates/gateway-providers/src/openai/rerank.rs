//! Documents in order of a query, both sides: `POST /v1/rerank`, which OpenAI itself has not. The shape is that of Cohere's
//! first version, which Jina, vLLM, Together and OpenRouter follow; Voyage has `top_k` for `top_n` and `data` for `results`.

use gateway_types::chat::Extras;
use gateway_types::json::{Cursor, Kind, Slices};
use gateway_types::loss::Loss;
use gateway_types::rerank::{Ranked, RerankRequest, RerankResponse};
use gateway_types::{Call, DialectName, Error, ErrorKind, Operation};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::kept::Kept;
use super::usage::WireUsage;
use super::{errors, read, send};
use crate::json::{Fault, Members, Out, Take};
use crate::target::Target;
use crate::transport::WireRequest;

/// The typed view of a client's call.
pub(super) fn read(call: &Call) -> Result<RerankRequest, Error> {
    let mut request = RerankRequest {
        dialect: DialectName::OpenAi,
        query: String::new(),
        documents: Vec::new(),
        top_n: None,
        return_documents: false,
        extras: Extras::default(),
    };
    read::body(call, |key, at| {
        match key {
            "model" | "fallbacks" => {}
            "query" => request.query = at.string()?,
            "documents" => request.documents = at.items(document)?,
            "top_n" | "top_k" => request.top_n = Some(at.read("a whole number, 0 or more")?),
            "return_documents" => request.return_documents = at.read("true or false")?,
            _ => request.extras.0.push((key.to_owned(), at.keep()?)),
        }
        Ok(())
    })?;
    Ok(request)
}

/// A document: a text, or an object with one.
fn document(at: &mut Cursor<'_>) -> Result<String, Fault> {
    if at.kind() == Some(Kind::String) {
        return at.string();
    }
    let mut text = None;
    at.members(|key, at| {
        if key == "text" {
            text = Some(at.string()?);
        }
        Ok(())
    })
    .map_err(|_| Fault::new("", "must be a text, or an object with a `text`"))?;
    text.ok_or_else(|| Fault::new("text", "is missing"))
}

/// Says a call.
pub(super) fn request(asked: &RerankRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let words = target.kind.words;
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.member("model", target.model.as_str());
        out.member("query", &asked.query);
        out.member("documents", &asked.documents);
        out.maybe(words.name("top_n", false).unwrap_or("top_n"), asked.top_n);
        if asked.return_documents {
            out.member("return_documents", true);
        }
        let mut kept = Kept::of(&asked.extras);
        if asked.dialect == DialectName::OpenAi {
            kept.say("", out);
        }
        losses.extend(
            kept.unsaid()
                .map(|(key, _)| Loss::dropped(key, "this API has no such field")),
        );
    });
    send::post(
        target,
        Operation::Rerank,
        false,
        &HeaderMap::new(),
        Slices::one(body.into()),
    )
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    id: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    model: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default, alias = "data")]
    results: Option<Vec<Place<'a>>>,
    #[serde(default)]
    usage: Option<WireUsage>,
    #[serde(borrow, default)]
    meta: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Place<'a> {
    index: u64,
    #[serde(alias = "score")]
    relevance_score: f64,
    #[serde(borrow, default)]
    document: Option<&'a RawValue>,
}

/// Reads the order.
pub(super) fn response(body: &[u8]) -> Result<RerankResponse, Error> {
    let refused = |why: &str| {
        let message = format!("the provider's order of documents could not be read: {why}");
        Error::new(ErrorKind::UpstreamFailed, message)
    };
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|error| refused(&error.to_string()))?;
    let Some(results) = answer.results else {
        let said = answer.error.map(|raw| errors::inside(raw, body));
        return Err(said.unwrap_or_else(|| refused("there are no `results`")));
    };
    let mut results: Vec<Ranked> = results.iter().map(ranked).collect();
    results.sort_by(|one, other| other.score.total_cmp(&one.score));
    Ok(RerankResponse {
        id: answer.id.unwrap_or_default().into_owned(),
        model: answer.model.unwrap_or_default().into_owned(),
        results,
        usage: answer.usage.and_then(|usage| usage.input_only()),
        searches: answer.meta.and_then(searches),
    })
}

fn ranked(place: &Place<'_>) -> Ranked {
    let document = place
        .document
        .and_then(|raw| document(&mut Cursor::new(raw.get())).ok());
    Ranked {
        index: place.index,
        score: place.relevance_score,
        document,
    }
}

/// `meta.billed_units.search_units`.
pub(super) fn searches(meta: &RawValue) -> Option<u64> {
    let mut billed = Members::of(meta).ok()?.object("billed_units").ok()??;
    billed.read::<f64>("search_units").ok()?.map(|units| units as u64)
}

/// Writes the order.
pub(super) fn write(response: &RerankResponse, call: &Call) -> Result<Vec<u8>, Error> {
    let asked = read(call)?;
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        if !response.id.is_empty() {
            out.member("id", &response.id);
        }
        out.member("model", &response.model);
        out.array("results", |out| {
            for place in &response.results {
                let given = || asked.documents.get(usize::try_from(place.index).ok()?);
                let document = place.document.as_ref().or_else(given);
                out.item_object(|out| {
                    out.member("index", place.index);
                    out.member("relevance_score", place.score);
                    if let Some(text) = document.filter(|_| asked.return_documents) {
                        out.inner("document", |out| out.member("text", text));
                    }
                });
            }
        });
        if let Some(used) = &response.usage {
            out.inner("usage", |out| {
                out.member("prompt_tokens", used.input_total());
                out.member("total_tokens", used.total());
            });
        }
        if let Some(searches) = response.searches {
            out.inner("meta", |out| {
                out.inner("billed_units", |out| out.member("search_units", searches));
            });
        }
    });
    Ok(body)
}
