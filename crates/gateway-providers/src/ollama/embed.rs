//! Vectors: `POST /api/embed`, both sides, and the older `/api/embeddings` on the client's.

use bytes::Bytes;
use gateway_types::chat::Part;
use gateway_types::embed::{EmbedInput, EmbedRequest, EmbedResponse, Encoding};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::Shape;
use super::read::{OPTIONS, body, refused};
use super::{errors, send};
use crate::json::{Fault, Members, Out, parse};
use crate::lane::{Observed, Whole};
use crate::target::Target;
use crate::transport::WireRequest;

/// The typed view of a call.
pub(super) fn read(call: &Call) -> Result<EmbedRequest, Error> {
    request(body(call)?, Shape::of(call)).map_err(refused)
}

fn request(raw: &RawValue, shape: Shape) -> Result<EmbedRequest, Fault> {
    let mut top = Members::of(raw)?;
    for acted_on in ["model", "fallbacks", "stream"] {
        top.take(acted_on);
    }
    let inputs: Vec<String> = match shape {
        Shape::Embedding => vec![top.need("prompt")?],
        _ => {
            let raw = top.take("input").ok_or_else(|| Fault::new("input", "is missing"))?;
            let one = parse(raw).map(|text| vec![text]);
            one.or_else(|_| parse(raw))
                .map_err(|_| Fault::new("input", "must be a string or an array of strings"))?
        }
    };
    let dimensions = top.read("dimensions")?;
    let mut extras = top.rest();
    extras.0.retain(|(key, raw)| !(key == "options" && raw.get() == "{}"));
    Ok(EmbedRequest {
        dialect: DialectName::Ollama,
        inputs: inputs.into_iter().map(EmbedInput::Text).collect(),
        dimensions,
        task: None,
        encoding: Encoding::Float,
        user: None,
        extras,
    })
}

/// Writes vectors, in the form that was asked for.
pub(super) fn write(response: &EmbedResponse, call: &Call) -> Bytes {
    let mut written = Vec::new();
    Out::object(&mut written, |out| {
        if Shape::of(call) == Shape::Embedding {
            out.member(
                "embedding",
                response.vectors.first().map(Vec::as_slice).unwrap_or_default(),
            );
            return;
        }
        match response.model.is_empty() {
            true => out.member("model", call.model.as_str()),
            false => out.member("model", &response.model),
        }
        out.member("embeddings", &response.vectors);
        out.maybe("prompt_eval_count", response.usage.map(|used| used.input_total()));
    });
    Bytes::from(written)
}

/// Says a call for vectors.
pub(super) fn say(request: &EmbedRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let inputs: Vec<&str> = request.inputs.iter().enumerate().map(text).collect::<Result<_, _>>()?;
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.member("model", target.model.as_str());
        out.member("input", &inputs);
        out.maybe("dimensions", request.dimensions);
        for (key, raw) in &request.extras.0 {
            match request.dialect {
                DialectName::Ollama => out.member(key.trim_start_matches(OPTIONS), raw),
                _ => losses.push(Loss::dropped(key.as_str(), "this API has no such field")),
            }
        }
    });
    for (field, given) in [("user", request.user.is_some()), ("input_type", request.task.is_some())] {
        if given {
            losses.push(Loss::dropped(field, "this API has no word for it"));
        }
    }
    send::post(target, Shape::Embed, false, body)
}

fn text((at, input): (usize, &EmbedInput)) -> Result<&str, Error> {
    match input {
        EmbedInput::Text(text) => Ok(text),
        EmbedInput::Mixed(parts) => match &parts[..] {
            [Part::Text { text, .. }] => Ok(text),
            _ => Err(not_text(at)),
        },
        EmbedInput::Tokens(_) => Err(not_text(at)),
    }
}

fn not_text(at: usize) -> Error {
    Error::invalid(
        format!("input[{at}]"),
        format!("`input[{at}]` must be text; this model turns nothing else into vectors"),
    )
}

#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    embeddings: Option<Vec<Vec<f32>>>,
    #[serde(default)]
    embedding: Option<Vec<f32>>,
    #[serde(default)]
    prompt_eval_count: Option<u64>,
}

impl Answer {
    fn read(body: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(body).map_err(|why| errors::unreadable("vectors", &why))
    }

    fn usage(&self) -> Option<Usage> {
        self.prompt_eval_count.map(|input| Usage {
            input,
            ..Usage::default()
        })
    }
}

/// Reads vectors, in either form.
pub(super) fn embedded(body: &[u8], target: &Target) -> Result<EmbedResponse, Error> {
    let answer = Answer::read(body)?;
    let usage = answer.usage();
    let vectors = answer
        .embeddings
        .or_else(|| answer.embedding.map(|vector| vec![vector]));
    Ok(EmbedResponse {
        id: String::new(),
        model: answer.model.unwrap_or_else(|| target.model.as_str().to_owned()),
        vectors: vectors.ok_or_else(|| errors::unreadable("vectors", &"there is no `embeddings`"))?,
        usage,
    })
}

/// Looks at vectors that are passed on as they are.
pub(super) fn observe(body: Bytes) -> Result<Whole, Error> {
    let answer = Answer::read(&body)?;
    let usage = answer.usage();
    if answer.embeddings.is_none() && answer.embedding.is_none() {
        return Err(errors::unreadable("vectors", &"there is no `embeddings`"));
    }
    let observed = Observed {
        usage,
        content: true,
        done: true,
        model: answer.model,
        ..Observed::default()
    };
    Ok(Whole {
        body,
        content_type: None,
        observed,
    })
}
