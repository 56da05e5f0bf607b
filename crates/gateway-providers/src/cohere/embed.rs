//! Vectors: `POST /v2/embed`, both sides.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use gateway_types::chat::{Part, Source};
use gateway_types::embed::{EmbedInput, EmbedRequest, EmbedResponse, EmbedTask, Encoding};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, Operation};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::message::piece;
use super::read::{body, refused};
use super::usage::Wire;
use super::{errors, send};
use crate::json::{Fault, Members, Out, each, parse};
use crate::media;
use crate::target::Target;
use crate::transport::WireRequest;

/// The typed view of a call.
pub(super) fn read(call: &Call) -> Result<EmbedRequest, Error> {
    request(body(call)?).map_err(refused)
}

fn request(raw: &RawValue) -> Result<EmbedRequest, Fault> {
    let mut top = Members::of(raw)?;
    for acted_on in ["model", "fallbacks"] {
        top.take(acted_on);
    }
    let mut inputs = each(&mut top, "texts", |raw| parse(raw).map(EmbedInput::Text))?;
    inputs.extend(each(&mut top, "images", image)?);
    inputs.extend(each(&mut top, "inputs", mixed)?);
    let forms = forms(&top.read::<Vec<String>>("embedding_types")?.unwrap_or_default())?;
    Ok(EmbedRequest {
        dialect: DialectName::Cohere,
        inputs,
        dimensions: top.read("output_dimension")?,
        task: top.read::<String>("input_type")?.map(task),
        encoding: match forms[..] {
            [Form::Base64] => Encoding::Base64,
            _ => Encoding::Float,
        },
        user: None,
        extras: top.rest(),
    })
}

fn image(raw: &RawValue) -> Result<EmbedInput, Fault> {
    let source = media::source(parse(raw)?);
    Ok(EmbedInput::Mixed(vec![Part::Image {
        source,
        detail: None,
        cache: None,
    }]))
}

fn mixed(raw: &RawValue) -> Result<EmbedInput, Fault> {
    each(&mut Members::of(raw)?, "content", piece).map(EmbedInput::Mixed)
}

fn task(word: String) -> EmbedTask {
    match word.as_str() {
        "search_document" => EmbedTask::Document,
        "search_query" => EmbedTask::Query,
        "classification" => EmbedTask::Classification,
        "clustering" => EmbedTask::Clustering,
        _ => EmbedTask::Other(word),
    }
}

/// A form of vectors that can be made of numbers. Bytes for numbers would need the model's own scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Float,
    Base64,
    Binary,
    Ubinary,
}

impl Form {
    const ALL: [Self; 4] = [Self::Float, Self::Base64, Self::Binary, Self::Ubinary];

    const fn word(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Base64 => "base64",
            Self::Binary => "binary",
            Self::Ubinary => "ubinary",
        }
    }

    fn write(self, vector: &[f32], out: &mut Out<'_>) {
        // The signs, eight to a byte, the first highest.
        let packed = || {
            vector.chunks(8).map(|eight| {
                eight
                    .iter()
                    .zip(0..)
                    .fold(0u8, |byte, (number, at)| byte | (u8::from(*number > 0.0) << (7 - at)))
            })
        };
        match self {
            Self::Float => out.item(vector),
            Self::Base64 => {
                let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
                out.item(STANDARD.encode(bytes));
            }
            Self::Binary => out.item(packed().map(|byte| i16::from(byte) - 128).collect::<Vec<_>>()),
            Self::Ubinary => out.item(packed().collect::<Vec<_>>()),
        }
    }
}

fn forms(asked: &[String]) -> Result<Vec<Form>, Fault> {
    if asked.is_empty() {
        return Ok(vec![Form::Float]);
    }
    let form = |(i, word): (usize, &String)| {
        Form::ALL.into_iter().find(|form| form.word() == word).ok_or_else(|| {
            let message =
                format!("`{word}` vectors are made by Cohere alone; ask for float, base64, binary or ubinary");
            Fault::new(&format!("embedding_types[{i}]"), message)
        })
    };
    asked.iter().enumerate().map(form).collect()
}

/// Writes vectors, in the forms that the client asked for.
pub(super) fn write(response: &EmbedResponse, call: &Call) -> Result<Bytes, Error> {
    let mut top = Members::of(body(call)?).map_err(refused)?;
    let asked = top
        .read::<Vec<String>>("embedding_types")
        .map_err(refused)?
        .unwrap_or_default();
    let forms = forms(&asked).map_err(refused)?;
    let mut written = Vec::new();
    Out::object(&mut written, |out| {
        out.member("id", &response.id);
        out.inner("embeddings", |out| {
            for form in forms {
                out.array(form.word(), |out| {
                    response.vectors.iter().for_each(|vector| form.write(vector, out))
                });
            }
        });
        out.maybe("texts", top.take("texts"));
        out.inner("meta", |out| {
            out.inner("api_version", |out| out.member("version", "2"));
            if let Some(used) = &response.usage {
                out.inner("billed_units", |out| out.member("input_tokens", used.input_total()));
            }
        });
        out.member("response_type", "embeddings_by_type");
    });
    Ok(Bytes::from(written))
}

/// Says a call for vectors.
pub(super) fn say(request: &EmbedRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let inputs: Vec<Input<'_>> = request
        .inputs
        .iter()
        .enumerate()
        .map(|(i, input)| Input::of(input, i))
        .collect::<Result<_, _>>()?;
    // Models of the third generation take pictures alone, and are told so.
    let pictures = target.model.as_str().contains("v3") && inputs.iter().all(|input| input.picture().is_some());
    let task = if pictures {
        "image"
    } else {
        purpose(request.task.as_ref(), losses)
    };
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.member("model", target.model.as_str());
        out.member("input_type", task);
        if pictures {
            out.member("images", inputs.iter().filter_map(Input::picture).collect::<Vec<_>>());
        } else if inputs.iter().all(|input| matches!(input, Input::Text(_))) {
            out.member("texts", inputs.iter().filter_map(Input::text).collect::<Vec<_>>());
        } else {
            out.array("inputs", |out| inputs.iter().for_each(|input| input.write(out)));
        }
        out.member("embedding_types", ["float"]);
        out.maybe("output_dimension", request.dimensions);
        for (key, raw) in &request.extras.0 {
            match request.dialect {
                DialectName::Cohere => out.member(key, raw),
                _ => losses.push(Loss::dropped(key.as_str(), "this API has no such field")),
            }
        }
    });
    if request.user.is_some() {
        losses.push(Loss::dropped("user", "this API is not told who asks"));
    }
    send::post(target, Operation::Embeddings, false, &HeaderMap::new(), body)
}

/// The API wants to know what vectors are for.
fn purpose<'a>(task: Option<&'a EmbedTask>, losses: &mut Vec<Loss>) -> &'a str {
    match task {
        Some(EmbedTask::Document) => "search_document",
        Some(EmbedTask::Query) => "search_query",
        Some(EmbedTask::Classification) => "classification",
        Some(EmbedTask::Clustering) => "clustering",
        Some(EmbedTask::Similarity) => {
            losses.push(Loss::emulated(
                "input_type",
                "comparing is nearest to finding groups there",
            ));
            "clustering"
        }
        Some(EmbedTask::Other(word)) if word == "image" => word,
        Some(EmbedTask::Other(word)) => {
            losses.push(Loss::dropped(
                "input_type",
                format!("`{word}` is not known there; `search_document` is said"),
            ));
            "search_document"
        }
        None => {
            let note = "what the vectors are for was not said, and must be there; `search_document` is said";
            losses.push(Loss::emulated("input_type", note));
            "search_document"
        }
    }
}

/// An input as it is written.
enum Input<'a> {
    Text(&'a str),
    Mixed(Vec<Piece<'a>>),
}

enum Piece<'a> {
    Text(&'a str),
    Image(String),
}

impl<'a> Input<'a> {
    fn of(input: &'a EmbedInput, at: usize) -> Result<Self, Error> {
        let refused = |message: &str| Error::invalid(format!("input[{at}]"), format!("`input[{at}]` {message}"));
        match input {
            EmbedInput::Text(text) => Ok(Self::Text(text)),
            EmbedInput::Tokens(_) => Err(refused(
                "must be text: tokens mean something to the model that they were made for",
            )),
            EmbedInput::Mixed(parts) => {
                let piece = |part: &'a Part| match part {
                    Part::Text { text, .. } => Ok(Piece::Text(text)),
                    Part::Image {
                        source: source @ Source::Inline { .. },
                        ..
                    } => Ok(Piece::Image(media::address(source).unwrap_or_default())),
                    _ => Err(refused("must hold text and pictures in the request itself")),
                };
                parts.iter().map(piece).collect::<Result<_, _>>().map(Self::Mixed)
            }
        }
    }

    fn text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Mixed(_) => None,
        }
    }

    /// The picture that the input is, if it is nothing else.
    fn picture(&self) -> Option<&str> {
        match self {
            Self::Mixed(pieces) => match &pieces[..] {
                [Piece::Image(url)] => Some(url),
                _ => None,
            },
            Self::Text(_) => None,
        }
    }

    fn write(&self, out: &mut Out<'_>) {
        out.item_object(|out| {
            out.array("content", |out| match self {
                Self::Text(text) => Piece::Text(text).write(out),
                Self::Mixed(pieces) => pieces.iter().for_each(|piece| piece.write(out)),
            });
        });
    }
}

impl Piece<'_> {
    fn write(&self, out: &mut Out<'_>) {
        out.item_object(|out| match self {
            Self::Text(text) => {
                out.member("type", "text");
                out.member("text", text);
            }
            Self::Image(url) => {
                out.member("type", "image_url");
                out.inner("image_url", |out| out.member("url", url));
            }
        });
    }
}

#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    id: String,
    embeddings: Vectors,
    #[serde(default)]
    meta: Wire,
}

/// By their form; the older shape has none.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Vectors {
    Plain(Vec<Vec<f32>>),
    Formed { float: Vec<Vec<f32>> },
}

/// Reads vectors.
pub(super) fn embedded(body: &[u8], target: &Target) -> Result<EmbedResponse, Error> {
    let answer: Answer = serde_json::from_slice(body).map_err(|why| errors::unreadable("vectors", &why))?;
    Ok(EmbedResponse {
        id: answer.id,
        model: target.model.as_str().to_owned(),
        vectors: match answer.embeddings {
            Vectors::Plain(vectors) | Vectors::Formed { float: vectors } => vectors,
        },
        usage: answer.meta.classes(),
    })
}
