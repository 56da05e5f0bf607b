//! Vectors, both sides: `embedContent` and `batchEmbedContents`, and on Google Cloud the general `predict` ("Text embeddings
//! API" in its documentation).

use gateway_types::chat::{Extras, Part};
use gateway_types::embed::{EmbedInput, EmbedRequest, EmbedResponse, EmbedTask, Encoding};
use gateway_types::json::Slices;
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, ErrorKind, Operation, Usage};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::contents::{Ids, content};
use super::decode::KEYS;
use super::model::abilities;
use super::read::refused;
use super::say::Speaker;
use super::tree::{Json, Object};
use super::usage::Counts;
use super::{http as wire, keys, usage};
use crate::facts::member;
use crate::json::{Fault, Members};
use crate::lane::Observed;
use crate::target::Target;
use crate::transport::WireRequest;

/// Words of the API that are only there to spell something else.
const SETTINGS: [&str; 3] = ["taskType", "title", "outputDimensionality"];

/// The typed view of a client's call.
pub(super) fn read(call: &Call) -> Result<EmbedRequest, Error> {
    let raw: &RawValue = serde_json::from_slice(&call.body.bytes)
        .map_err(|error| Error::new(ErrorKind::Invalid, format!("the body is not JSON: {error}")))?;
    request(raw).map_err(refused)
}

fn request(raw: &RawValue) -> Result<EmbedRequest, Fault> {
    let mut top = keys::members(raw)?;
    top.take("fallbacks");
    let mut request = EmbedRequest {
        dialect: DialectName::Gemini,
        inputs: Vec::new(),
        dimensions: None,
        task: None,
        encoding: Encoding::Float,
        user: None,
        extras: Extras::default(),
    };
    let listed = keys::items(&mut top, "requests")?;
    if listed.is_empty() {
        one(top, "", &mut request)?;
        return Ok(request);
    }
    for (at, raw) in listed.into_iter().enumerate() {
        let path = format!("requests[{at}]");
        let members = keys::members(raw).map_err(|fault| fault.under(&path))?;
        one(members, &path, &mut request).map_err(|fault| fault.under(&path))?;
    }
    keys::keep("", top, &mut request.extras);
    Ok(request)
}

/// One request: its input, and settings that should be those of the others.
fn one(mut members: Members<'_>, at: &str, request: &mut EmbedRequest) -> Result<(), Fault> {
    members.take("model");
    let said = members
        .take("content")
        .ok_or_else(|| Fault::new("content", "is missing"))?;
    request
        .inputs
        .push(input(said).map_err(|fault| fault.under("content"))?);
    // Google Cloud's SDKs have the settings in an object of their own.
    let config = keys::object(&mut members, "embedContentConfig")?;
    let first = request.inputs.len() == 1;
    for mut settings in [Some(members), config].into_iter().flatten() {
        let task: Option<String> = settings.read("taskType")?;
        let dimensions = keys::count(&mut settings, "outputDimensionality")?;
        let task = task.map(|word| self::task(&word));
        if first {
            request.task = task.or_else(|| request.task.take());
            request.dimensions = dimensions.or(request.dimensions);
        } else if (task.is_some() && task != request.task) || (dimensions.is_some() && dimensions != request.dimensions)
        {
            return Err(Fault::new(
                "taskType",
                "must be the same in all requests, and so must `outputDimensionality`",
            ));
        }
        keys::keep(at, settings, &mut request.extras);
    }
    Ok(())
}

fn input(raw: &RawValue) -> Result<EmbedInput, Fault> {
    let said = content(raw, gateway_types::chat::Role::User, &mut Ids::default())?;
    Ok(match <[Part; 1]>::try_from(said.parts) {
        Ok([Part::Text { text, .. }]) => EmbedInput::Text(text),
        Ok([other]) => EmbedInput::Mixed(vec![other]),
        Err(parts) => EmbedInput::Mixed(parts),
    })
}

const TASKS: [(&str, EmbedTask); 5] = [
    ("RETRIEVAL_DOCUMENT", EmbedTask::Document),
    ("RETRIEVAL_QUERY", EmbedTask::Query),
    ("CLASSIFICATION", EmbedTask::Classification),
    ("CLUSTERING", EmbedTask::Clustering),
    ("SEMANTIC_SIMILARITY", EmbedTask::Similarity),
];

/// Tasks that only this API has.
const OWN_TASKS: [&str; 3] = ["QUESTION_ANSWERING", "FACT_VERIFICATION", "CODE_RETRIEVAL_QUERY"];

fn task(word: &str) -> EmbedTask {
    let known = TASKS.iter().find(|(name, _)| *name == word);
    known.map_or_else(|| EmbedTask::Other(word.to_owned()), |(_, task)| task.clone())
}

fn task_word(task: &EmbedTask) -> Option<&str> {
    match task {
        EmbedTask::Other(word) => OWN_TASKS.contains(&word.as_str()).then_some(word),
        known => TASKS.iter().find(|(_, task)| task == known).map(|(name, _)| *name),
    }
}

/// Writes vectors to a client: as many as it asked for at once.
pub(super) fn write(response: &EmbedResponse, call: &Call) -> Vec<u8> {
    let vector = |values: &Vec<f32>| {
        Json::from(Object::of(
            "values",
            values.iter().copied().map(number).collect::<Json<'_>>(),
        ))
    };
    let mut body = Object::new();
    let several = member(call, KEYS, "requests").is_some();
    match response.vectors.first() {
        Some(first) if !several => body.put("embedding", vector(first)),
        _ => body.put("embeddings", response.vectors.iter().map(vector).collect::<Json<'_>>()),
    }
    body.maybe(
        "usageMetadata",
        response.usage.as_ref().map(|used| usage::write(used, &mut Vec::new())),
    );
    body.to_bytes()
}

/// A number as it is written, not as it would be with more digits.
fn number<'a>(value: f32) -> Json<'a> {
    let raw = serde_json::value::to_raw_value(&value);
    raw.map_or_else(|_| Json::Float(f64::from(value)), Json::from)
}

/// Says a call for vectors.
pub(super) fn say(request: &EmbedRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let task = request.task.as_ref().and_then(task_word);
    if task.is_none() && request.task.is_some() {
        losses.push(Loss::dropped("task", "no such task there"));
    }
    if request.user.is_some() {
        losses.push(Loss::dropped("user", "end users are not named there"));
    }
    let own = request.dialect == DialectName::Gemini;
    for (key, value) in &request.extras.0 {
        let title = own && key.ends_with("title");
        if !title && value.get() != "null" {
            losses.push(Loss::dropped(key.as_str(), "no counterpart"));
        }
    }
    let title = own
        .then(|| {
            request
                .extras
                .0
                .iter()
                .find(|(key, _)| key == "title" || key == "requests[0].title")
        })
        .flatten();
    let title = title.map(|(_, value)| value);
    let body = match wire::is_predicted(target) {
        true => predicted(request, task, title.map(|title| &**title))?,
        false => batch(request, target, task, title.map(|title| &**title), losses)?,
    };
    wire::post(
        target,
        Operation::Embeddings,
        None,
        &HeaderMap::new(),
        Slices::one(body.to_bytes().into()),
    )
}

fn batch<'a>(
    request: &'a EmbedRequest,
    target: &'a Target,
    task: Option<&'a str>,
    title: Option<&'a RawValue>,
    losses: &mut Vec<Loss>,
) -> Result<Object<'a>, Error> {
    let name = wire::name(target.model.as_str());
    let mut requests = Vec::with_capacity(request.inputs.len());
    for (at, input) in request.inputs.iter().enumerate() {
        let parts = match input {
            EmbedInput::Text(text) => Json::Array(vec![Object::of("text", text).into()]),
            EmbedInput::Mixed(parts) => mixed(parts, target, at, losses)?,
            EmbedInput::Tokens(_) => return Err(tokens(at)),
        };
        let mut one = Object::of("model", name.clone()).with("content", Object::of("parts", parts));
        let mut settings = Object::new();
        for (key, value) in SETTINGS.into_iter().zip([
            task.map(Json::from),
            title.map(Json::from),
            request.dimensions.map(Json::from),
        ]) {
            settings.maybe(key, value);
        }
        match matches!(target.site, crate::target::Site::Vertex { .. }) {
            true => one.filled("embedContentConfig", settings),
            false => one.extend(settings),
        }
        requests.push(Json::from(one));
    }
    Ok(Object::of("requests", Json::Array(requests)))
}

fn mixed<'a>(parts: &'a [Part], target: &'a Target, at: usize, losses: &mut Vec<Loss>) -> Result<Json<'a>, Error> {
    let (names, extras) = (std::collections::HashMap::new(), &NOTHING);
    let mut speaker = Speaker {
        target,
        able: abilities(target.family()),
        own: false,
        role: gateway_types::chat::Role::User,
        names: &names,
        extras,
        losses,
    };
    let said = speaker.pieces(parts, &format!("input[{at}]"))?;
    Ok(said.into_iter().map(|said| Json::from(said.json)).collect())
}

static NOTHING: Extras = Extras(Vec::new());

fn predicted<'a>(
    request: &'a EmbedRequest,
    task: Option<&'a str>,
    title: Option<&'a RawValue>,
) -> Result<Object<'a>, Error> {
    let mut instances = Vec::with_capacity(request.inputs.len());
    for (at, input) in request.inputs.iter().enumerate() {
        let text = match input {
            EmbedInput::Text(text) => text,
            EmbedInput::Tokens(_) => return Err(tokens(at)),
            EmbedInput::Mixed(_) => {
                let message = format!("`input[{at}]` must be one text: this model makes vectors of nothing else");
                return Err(Error::invalid(format!("input[{at}]"), message));
            }
        };
        let mut instance = Object::of("content", text);
        instance.maybe("task_type", task);
        instance.maybe("title", title);
        instances.push(Json::from(instance));
    }
    let mut body = Object::of("instances", Json::Array(instances));
    if let Some(dimensions) = request.dimensions {
        body.put("parameters", Object::of("outputDimensionality", dimensions));
    }
    Ok(body)
}

fn tokens(at: usize) -> Error {
    let message = format!("`input[{at}]` must be text: this provider does not take tokens");
    Error::invalid(format!("input[{at}]"), message)
}

/// Vectors in all forms in which they come.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    embedding: Option<Vector>,
    embeddings: Option<Vec<Vector>>,
    predictions: Option<Vec<Prediction>>,
    usage_metadata: Option<Counts>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Vector {
    values: Vec<f32>,
    statistics: Option<Statistics>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Statistics {
    #[serde(alias = "tokenCount")]
    token_count: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Prediction {
    embeddings: Vector,
}

impl Answer {
    fn read(body: &[u8]) -> Result<Self, Error> {
        let answer: Self = serde_json::from_slice(body).map_err(|error| super::wire::unreadable(&error))?;
        let none = answer.embedding.is_none() && answer.embeddings.is_none() && answer.predictions.is_none();
        if none {
            return Err(Error::new(
                ErrorKind::UpstreamFailed,
                "the provider's answer has no vectors",
            ));
        }
        Ok(answer)
    }

    /// What the answer counts: for all of it, or for each vector.
    fn usage(&self) -> Option<Usage> {
        if let Some(usage) = self.usage_metadata.as_ref().and_then(Counts::classes) {
            return Some(usage);
        }
        let counted = self.vectors().filter_map(|vector| vector.statistics.as_ref());
        let tokens: Vec<f64> = counted.map(|statistics| statistics.token_count).collect();
        let input = tokens.iter().sum::<f64>().max(0.0) as u64;
        (!tokens.is_empty()).then_some(Usage {
            input,
            ..Usage::default()
        })
    }

    fn vectors(&self) -> impl Iterator<Item = &Vector> {
        let predicted = self
            .predictions
            .iter()
            .flatten()
            .map(|prediction| &prediction.embeddings);
        self.embedding
            .iter()
            .chain(self.embeddings.iter().flatten())
            .chain(predicted)
    }
}

/// Reads vectors.
pub(super) fn embedded(body: &[u8], target: &Target) -> Result<EmbedResponse, Error> {
    let answer = Answer::read(body)?;
    Ok(EmbedResponse {
        id: String::new(),
        model: target.model.as_str().to_owned(),
        vectors: answer.vectors().map(|vector| vector.values.clone()).collect(),
        usage: answer.usage(),
    })
}

/// Looks at vectors that are passed on as they are.
pub(super) fn observe(body: &[u8]) -> Result<Observed, Error> {
    let answer = Answer::read(body)?;
    Ok(Observed {
        usage: answer.usage(),
        content: answer.vectors().next().is_some(),
        done: true,
        ..Observed::default()
    })
}
