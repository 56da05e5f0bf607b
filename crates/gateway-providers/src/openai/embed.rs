//! Vectors, both sides: `POST /v1/embeddings`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_types::chat::Part;
use gateway_types::embed::{EmbedInput, EmbedRequest, EmbedResponse, EmbedTask, Encoding};
use gateway_types::json::{Cursor, Kind, Slices};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, ErrorKind, Operation};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::kept::Kept;
use super::usage::WireUsage;
use super::{errors, read, send, usage};
use crate::json::{Fault, Out, Take};
use crate::target::Target;
use crate::transport::WireRequest;

/// The typed view of a client's call.
pub(super) fn read(call: &Call) -> Result<EmbedRequest, Error> {
    let mut request = EmbedRequest {
        dialect: DialectName::OpenAi,
        inputs: Vec::new(),
        dimensions: None,
        task: None,
        encoding: Encoding::Float,
        user: None,
        extras: gateway_types::chat::Extras::default(),
    };
    read::body(call, |key, at| {
        match key {
            "model" | "fallbacks" => {}
            "input" => request.inputs = inputs(at)?,
            "dimensions" | "output_dimension" => request.dimensions = Some(at.read("a whole number")?),
            "encoding_format" => {
                request.encoding = match at.string()?.as_str() {
                    "float" => Encoding::Float,
                    "base64" => Encoding::Base64,
                    _ => return Err(Fault::new("", "must be `float` or `base64`")),
                }
            }
            // Voyage's and NVIDIA's clients say what for.
            "input_type" => request.task = Some(task(at.string()?)),
            "user" => request.user = Some(at.string()?),
            _ => request.extras.0.push((key.to_owned(), at.keep()?)),
        }
        Ok(())
    })?;
    Ok(request)
}

fn task(word: String) -> EmbedTask {
    match word.as_str() {
        "query" | "search_query" => EmbedTask::Query,
        "document" | "passage" | "search_document" => EmbedTask::Document,
        "classification" => EmbedTask::Classification,
        "clustering" => EmbedTask::Clustering,
        _ => EmbedTask::Other(word),
    }
}

/// `input`: a text, tokens, or a list of either.
fn inputs(at: &mut Cursor<'_>) -> Result<Vec<EmbedInput>, Fault> {
    if at.kind() == Some(Kind::String) {
        return Ok(vec![EmbedInput::Text(at.string()?)]);
    }
    let mut tokens = Vec::new();
    let inputs = at.items(|at| match at.kind() {
        Some(Kind::String) => Ok(Some(EmbedInput::Text(at.string()?))),
        Some(Kind::Array) => Ok(Some(EmbedInput::Tokens(at.items(|at| at.read("a token"))?))),
        Some(Kind::Number) => {
            tokens.push(at.read("a token")?);
            Ok(None)
        }
        _ => Err(Fault::new("", "must be a text, or an array of tokens")),
    })?;
    let mut inputs: Vec<EmbedInput> = inputs.into_iter().flatten().collect();
    match (tokens.is_empty(), inputs.is_empty()) {
        (true, _) => Ok(inputs),
        (false, true) => {
            inputs.push(EmbedInput::Tokens(tokens));
            Ok(inputs)
        }
        (false, false) => Err(Fault::new(
            "",
            "must be texts, or arrays of tokens, not tokens among them",
        )),
    }
}

/// Says a call.
pub(super) fn request(asked: &EmbedRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let words = target.kind.words;
    let own = asked.dialect == DialectName::OpenAi;
    let texts = asked.inputs.iter().enumerate().map(|(i, input)| sayable(i, input));
    let inputs = texts.collect::<Result<Vec<Said<'_>>, Error>>()?;
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.member("model", target.model.as_str());
        out.array("input", |out| {
            for input in &inputs {
                match input {
                    Said::Text(text) => out.item(text),
                    Said::Tokens(tokens) => out.item(tokens),
                }
            }
        });
        if let Some(dimensions) = asked.dimensions {
            out.member(words.name("dimensions", false).unwrap_or("dimensions"), dimensions);
        }
        match (&asked.task, words.tasks) {
            (None, _) => {}
            (Some(EmbedTask::Query), Some((query, _))) => out.member("input_type", query),
            (Some(EmbedTask::Document), Some((_, document))) => out.member("input_type", document),
            (Some(_), _) => losses.push(Loss::dropped(
                "input_type",
                "this provider is not told what vectors are for",
            )),
        }
        match (&asked.user, words.name("user", false)) {
            (Some(user), Some(name)) => out.member(name, user),
            (Some(_), None) => losses.push(Loss::dropped("user", "this provider refuses it")),
            (None, _) => {}
        }
        let mut kept = Kept::of(&asked.extras);
        if own {
            kept.say("", out);
        }
        losses.extend(
            kept.unsaid()
                .map(|(key, _)| Loss::dropped(key, "this API has no such field")),
        );
    });
    let body = Slices::one(body.into());
    send::post(target, Operation::Embeddings, false, &HeaderMap::new(), body)
}

enum Said<'a> {
    Text(std::borrow::Cow<'a, str>),
    Tokens(&'a [u32]),
}

fn sayable(number: usize, input: &EmbedInput) -> Result<Said<'_>, Error> {
    let mixed = |part: &Part| match part {
        Part::Text { text, .. } => Some(text.clone()),
        _ => None,
    };
    match input {
        EmbedInput::Text(text) => Ok(Said::Text(text.into())),
        EmbedInput::Tokens(tokens) => Ok(Said::Tokens(tokens)),
        EmbedInput::Mixed(parts) => {
            let text: Option<Vec<String>> = parts.iter().map(mixed).collect();
            let refused = || {
                let field = format!("input[{number}]");
                let message = format!("`{field}` has what is no text, which this provider makes no vectors of");
                Error::invalid(field, message)
            };
            text.map(|texts| Said::Text(texts.concat().into())).ok_or_else(refused)
        }
    }
}

/// An answer, as far as it matters.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    id: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    model: Option<std::borrow::Cow<'a, str>>,
    #[serde(default)]
    data: Option<Vec<Vector>>,
    #[serde(default)]
    usage: Option<WireUsage>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Vector {
    #[serde(default)]
    index: Option<usize>,
    embedding: Coded,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Coded {
    Floats(Vec<f32>),
    Base64(String),
}

/// Reads the vectors.
pub(super) fn response(body: &[u8]) -> Result<EmbedResponse, Error> {
    let refused = |why: &str| {
        let message = format!("the provider's vectors could not be read: {why}");
        Error::new(ErrorKind::UpstreamFailed, message)
    };
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|error| refused(&error.to_string()))?;
    let Some(data) = answer.data else {
        return Err(answer
            .error
            .map_or_else(|| refused("there is no `data`"), |raw| errors::inside(raw, body)));
    };
    let mut vectors: Vec<(usize, Vec<f32>)> = Vec::with_capacity(data.len());
    for (place, vector) in data.into_iter().enumerate() {
        let floats = match vector.embedding {
            Coded::Floats(floats) => floats,
            Coded::Base64(text) => floats(&text).ok_or_else(|| refused("the base64 of one is wrong"))?,
        };
        vectors.push((vector.index.unwrap_or(place), floats));
    }
    vectors.sort_by_key(|(index, _)| *index);
    Ok(EmbedResponse {
        id: answer.id.unwrap_or_default().into_owned(),
        model: answer.model.unwrap_or_default().into_owned(),
        vectors: vectors.into_iter().map(|(_, floats)| floats).collect(),
        usage: answer.usage.and_then(|usage| usage.input_only()),
    })
}

/// Base64 of little-endian 32-bit floats.
fn floats(text: &str) -> Option<Vec<f32>> {
    let bytes = STANDARD.decode(text).ok()?;
    let (floats, rest) = bytes.as_chunks::<4>();
    rest.is_empty()
        .then(|| floats.iter().map(|float| f32::from_le_bytes(*float)).collect())
}

/// Writes the vectors as the client wants them.
pub(super) fn write(response: &EmbedResponse, call: &Call) -> Result<Vec<u8>, Error> {
    let encoding = read(call)?.encoding;
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.member("object", "list");
        out.array("data", |out| {
            for (index, vector) in response.vectors.iter().enumerate() {
                out.item_object(|out| {
                    out.member("object", "embedding");
                    out.member("index", index);
                    match encoding {
                        Encoding::Float => out.member("embedding", vector),
                        Encoding::Base64 => {
                            let bytes: Vec<u8> = vector.iter().flat_map(|float| float.to_le_bytes()).collect();
                            out.member("embedding", STANDARD.encode(bytes));
                        }
                    }
                });
            }
        });
        out.member("model", &response.model);
        usage::write(&response.usage.unwrap_or_default(), false, out);
    });
    Ok(body)
}
