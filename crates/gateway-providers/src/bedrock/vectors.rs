//! Vectors and ranks, asked of the model itself (`InvokeModel`): the models of Amazon and Cohere that make them.
//! Sources: "Amazon Titan Text Embeddings", "Cohere Embed" and "Amazon Nova embeddings" in Amazon's guides; for ranks, the
//! requests of Cohere's own SDK for Bedrock.

use std::borrow::Cow;

use gateway_types::chat::{Part, Source};
use gateway_types::embed::{EmbedInput, EmbedRequest, EmbedResponse, EmbedTask};
use gateway_types::loss::Loss;
use gateway_types::rerank::{Ranked, RerankRequest, RerankResponse};
use gateway_types::{Error, ErrorKind, Usage};
use serde::Deserialize;

use super::error;
use super::formats::IMAGES;
use super::model::Model;
use crate::json::Out;
use crate::media;
use crate::target::Target;

/// The body of a call for vectors.
pub(super) fn ask(request: &EmbedRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<Vec<u8>, Error> {
    let model = Model::of(target.family());
    if request.user.is_some() {
        losses.push(Loss::dropped("user", "no counterpart"));
    }
    losses.extend(
        request
            .extras
            .0
            .iter()
            .map(|(key, _)| Loss::dropped(key, "no counterpart")),
    );
    match () {
        () if model.bare.starts_with("cohere.") => cohere(request, model, losses),
        () if model.bare.starts_with("amazon.nova") => nova(request, losses),
        () => titan(request, model, losses),
    }
}

/// These models take one input at a time.
fn one(request: &EmbedRequest) -> Result<&EmbedInput, Error> {
    match &request.inputs[..] {
        [one] => Ok(one),
        several => Err(Error::invalid(
            "input",
            format!(
                "this model makes one vector per request, not {}; `input` must be one text",
                several.len()
            ),
        )),
    }
}

fn titan(request: &EmbedRequest, model: Model<'_>, losses: &mut Vec<Loss>) -> Result<Vec<u8>, Error> {
    let (text, picture) = mixed(one(request)?)?;
    let sees = model.bare.contains("titan-embed-image");
    if picture.is_some() && !sees {
        return Err(Error::invalid(
            "input",
            "this model makes vectors of text alone; `input` must be a text",
        ));
    }
    if request.task.is_some() {
        losses.push(Loss::dropped("task", "these vectors are the same for every use"));
    }
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.maybe("inputText", text);
        out.maybe("inputImage", picture.map(|(_, data)| data));
        match request.dimensions {
            Some(length) if sees => {
                out.inner("embeddingConfig", |out| out.member("outputEmbeddingLength", length));
            }
            Some(length) if model.bare.contains("-v2") => out.member("dimensions", length),
            Some(_) => losses.push(Loss::dropped("dimensions", "this model's vectors have one length")),
            None => {}
        }
    });
    Ok(body)
}

fn nova(request: &EmbedRequest, losses: &mut Vec<Loss>) -> Result<Vec<u8>, Error> {
    let (text, picture) = mixed(one(request)?)?;
    if text.is_some() && picture.is_some() {
        return Err(Error::invalid(
            "input",
            "this model makes a vector of a text or of a picture; `input` must be one of them",
        ));
    }
    let purpose = match &request.task {
        None | Some(EmbedTask::Document | EmbedTask::Similarity) => "GENERIC_INDEX",
        Some(EmbedTask::Query) => "GENERIC_RETRIEVAL",
        Some(EmbedTask::Classification) => "CLASSIFICATION",
        Some(EmbedTask::Clustering) => "CLUSTERING",
        Some(EmbedTask::Other(word)) => {
            losses.push(Loss::emulated("task", format!("`{word}` is said as `GENERIC_INDEX`")));
            "GENERIC_INDEX"
        }
    };
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.member("taskType", "SINGLE_EMBEDDING");
        out.inner("singleEmbeddingParams", |out| {
            out.member("embeddingPurpose", purpose);
            out.maybe("embeddingDimension", request.dimensions);
            if let Some(text) = text {
                out.inner("text", |out| {
                    out.member("truncationMode", "END");
                    out.member("value", text);
                });
            }
            if let Some((format, data)) = picture {
                out.inner("image", |out| {
                    out.member("format", format);
                    out.inner("source", |out| out.member("bytes", data));
                });
            }
        });
    });
    Ok(body)
}

fn cohere(request: &EmbedRequest, model: Model<'_>, losses: &mut Vec<Loss>) -> Result<Vec<u8>, Error> {
    let task = match &request.task {
        None | Some(EmbedTask::Document) => "search_document",
        Some(EmbedTask::Query) => "search_query",
        Some(EmbedTask::Classification) => "classification",
        Some(EmbedTask::Clustering | EmbedTask::Similarity) => "clustering",
        Some(EmbedTask::Other(word)) => word,
    };
    let (mut texts, mut pictures) = (Vec::new(), Vec::new());
    for input in &request.inputs {
        match mixed(input)? {
            (Some(text), None) => texts.push(text),
            (None, Some((format, data))) => pictures.push(format!("data:image/{format};base64,{data}")),
            _ => {
                return Err(Error::invalid(
                    "input",
                    "this model makes a vector of a text or of a picture; `input` must be one of them",
                ));
            }
        }
    }
    if !texts.is_empty() && !pictures.is_empty() {
        return Err(Error::invalid(
            "input",
            "this model takes texts or pictures in one request; `input` must be all of one kind",
        ));
    }
    let newer = model.bare.contains("embed-v4");
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.member("input_type", if pictures.is_empty() { task } else { "image" });
        if pictures.is_empty() {
            out.member("texts", texts);
        } else {
            out.member("images", pictures);
        }
        out.member("embedding_types", ["float"]);
        match request.dimensions {
            Some(length) if newer => out.member("output_dimension", length),
            Some(_) => losses.push(Loss::dropped("dimensions", "this model's vectors have one length")),
            None => {}
        }
    });
    Ok(body)
}

/// The text of an input and its picture: format and base64.
type Mixed<'a> = (Option<Cow<'a, str>>, Option<(&'static str, String)>);

fn mixed(input: &EmbedInput) -> Result<Mixed<'_>, Error> {
    let parts = match input {
        EmbedInput::Text(text) => return Ok((Some(Cow::Borrowed(text)), None)),
        EmbedInput::Tokens(_) => {
            return Err(Error::invalid(
                "input",
                "tokens are another model's; `input` must be text",
            ));
        }
        EmbedInput::Mixed(parts) => parts,
    };
    let refused = || {
        Error::invalid(
            "input",
            "`input` must be text and at most one picture that is given inline",
        )
    };
    let (mut texts, mut picture) = (Vec::new(), None);
    for part in parts {
        match part {
            Part::Text { text, .. } => texts.push(text.as_str()),
            Part::Image { source, .. } if picture.is_none() => {
                let inline = match source {
                    Source::Url(url) => media::source(url.clone()),
                    source => source.clone(),
                };
                let Source::Inline { media_type, data } = inline else {
                    return Err(refused());
                };
                let format = IMAGES.format(&media_type).ok_or_else(refused)?;
                picture = Some((format, String::from_utf8_lossy(&data).into_owned()));
            }
            _ => return Err(refused()),
        }
    }
    let text = (!texts.is_empty()).then(|| Cow::Owned(texts.join("\n")));
    Ok((text, picture))
}

/// The answers of all of them.
#[derive(Deserialize)]
struct Vectors {
    /// Titan's.
    embedding: Option<Vec<f32>>,
    #[serde(rename = "inputTextTokenCount", alias = "inputTokenCount")]
    tokens: Option<u64>,
    /// Cohere's, and Nova's.
    embeddings: Option<Several>,
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Several {
    Plain(Vec<Vec<f32>>),
    ByType { float: Vec<Vec<f32>> },
    Named(Vec<Named>),
}

#[derive(Deserialize)]
struct Named {
    embedding: Vec<f32>,
}

/// Reads vectors.
pub(super) fn read(body: &[u8], target: &Target) -> Result<EmbedResponse, Error> {
    let said: Vectors = serde_json::from_slice(body).map_err(|why| error::unreadable("vectors", &why))?;
    let vectors = match (said.embedding, said.embeddings) {
        (Some(vector), _) => vec![vector],
        (None, Some(Several::Plain(vectors) | Several::ByType { float: vectors })) => vectors,
        (None, Some(Several::Named(named))) => named.into_iter().map(|one| one.embedding).collect(),
        (None, None) => return Err(error::unreadable("vectors", &"there are none")),
    };
    Ok(EmbedResponse {
        id: said.id.unwrap_or_default(),
        model: target.model.as_str().to_owned(),
        vectors,
        usage: said.tokens.map(|input| Usage {
            input,
            ..Usage::default()
        }),
    })
}

/// The body of a call to put documents in order.
pub(super) fn rank(request: &RerankRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<Vec<u8>, Error> {
    let model = Model::of(target.family());
    if !model.bare.contains("rerank") {
        let message = format!("the model `{}` does not put documents in order", target.model);
        return Err(Error::new(ErrorKind::UnsupportedOperation, message));
    }
    losses.extend(
        request
            .extras
            .0
            .iter()
            .map(|(key, _)| Loss::dropped(key, "no counterpart")),
    );
    if request.return_documents {
        losses.push(Loss::dropped(
            "return_documents",
            "the places come without the documents",
        ));
    }
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.member("query", &request.query);
        out.member("documents", &request.documents);
        out.maybe("top_n", request.top_n);
        if model.bare.starts_with("cohere.") {
            out.member("api_version", 2);
        }
    });
    Ok(body)
}

#[derive(Deserialize)]
struct Ranks {
    #[serde(default)]
    id: String,
    results: Vec<Rank>,
}

#[derive(Deserialize)]
struct Rank {
    index: u64,
    relevance_score: f64,
}

/// Reads an order of documents.
pub(super) fn ranked(body: &[u8], target: &Target) -> Result<RerankResponse, Error> {
    let said: Ranks = serde_json::from_slice(body).map_err(|why| error::unreadable("an order of documents", &why))?;
    let place = |rank: Rank| Ranked {
        index: rank.index,
        score: rank.relevance_score,
        document: None,
    };
    Ok(RerankResponse {
        id: said.id,
        model: target.model.as_str().to_owned(),
        results: said.results.into_iter().map(place).collect(),
        usage: None,
        // One query is billed as one search for up to a hundred documents.
        searches: None,
    })
}
