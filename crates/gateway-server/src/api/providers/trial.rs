//! A provider is tried: one small, real call through the same line as every other call, and what came of it in words.

use std::sync::Arc;

use bytes::Bytes;
use gateway::control::Trial;
use gateway::{Aim, Arrival, Caller};
use gateway_types::{Asked, DialectName, ModelName, Operation, RequestId};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::{Call, Outcome, typed};
use crate::respond::ApiError;
use crate::state::Edge;

/// The most tokens that the answer of a test may have. Some models think before they say a word.
const CAP: u32 = 64;
/// How much of the answer is shown, in characters.
const SHOWN: usize = 200;

/// What is to be tried.
#[derive(JsonSchema)]
#[schemars(rename = "ProviderTestRequest")]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
pub(super) struct Wanted {
    /// The model. Unset: the cheapest that is known.
    model: Option<String>,
    /// The id of the key. Unset: whichever would be used.
    key: Option<String>,
    /// What to say to it.
    message: Option<String>,
}

/// What came of a test.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProviderTest")]
pub(super) struct Tried {
    /// Whether the provider answered as it should.
    ok: bool,
    /// What was asked of it: chat, embeddings, rerank; or only its list of models, where it does nothing cheaper.
    operation: Operation,
    /// The model that was asked.
    model: Option<ModelName>,
    /// The status of the answer; nothing for a list of models.
    status: Option<u16>,
    /// How long all of it took, in milliseconds.
    latency_ms: f64,
    /// How long the provider took to answer, in milliseconds.
    upstream_ms: Option<f64>,
    /// Tokens that went in.
    input_tokens: Option<u64>,
    /// Tokens that came out.
    output_tokens: Option<u64>,
    /// What it cost, in dollars.
    cost: Option<f64>,
    /// The first words of the answer, or what came instead.
    said: Option<String>,
    /// What went wrong.
    error: Option<Failure>,
    /// Where the call stands in the log.
    request_id: Option<String>,
}

/// What went wrong with a test.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProviderTestFailure")]
struct Failure {
    /// What the provider, or the gateway, said.
    message: String,
    /// Its code.
    code: Option<String>,
    /// What to do about it.
    advice: String,
}

pub(super) async fn run(edge: Arc<Edge>, call: Call) -> Outcome {
    let wanted = if call.body.trim_ascii().is_empty() {
        json!({})
    } else {
        call.json()?
    };
    check(&wanted)?;
    let text = |field: &str| wanted[field].as_str().filter(|text| !text.is_empty());
    let provider = call.param("provider");
    let trial = edge.gateway.control().trial(provider, text("key"), text("model"))?;
    let begun = edge.now().tick;
    let tried = match &trial.model {
        Some(model) => ask(&edge, &trial, model, text("message").unwrap_or("Say hello.")).await?,
        None => list(&edge, &trial).await?,
    };
    let tried = Tried {
        latency_ms: edge.now().tick.since(begun).as_secs_f64() * 1000.0,
        ..tried
    };
    let details = json!({
        "ok": tried.ok, "operation": tried.operation, "model": tried.model, "key": trial.key, "request_id": tried.request_id,
    });
    let target = format!("provider/{provider}");
    let control = edge.gateway.control();
    control
        .audit(call.author.as_str(), "provider.test", &target, details)
        .await?;
    typed(&tried)
}

fn check(wanted: &Value) -> Result<(), ApiError> {
    let fields = wanted
        .as_object()
        .ok_or_else(|| ApiError::invalid("the body must be an object"))?;
    for (field, value) in fields {
        if !matches!(field.as_str(), "model" | "key" | "message") {
            return Err(ApiError::invalid(format!(
                "`{field}` is not known; there are `model`, `key` and `message`"
            )));
        }
        if !value.is_string() && !value.is_null() {
            return Err(ApiError::invalid(format!("`{field}` must be a text")));
        }
    }
    Ok(())
}

/// One call, made by the operator: the limits of the provider and of the model hold, and it is in the books and the log.
async fn ask(edge: &Edge, trial: &Trial, model: &ModelName, message: &str) -> Result<Tried, ApiError> {
    let received = edge.now();
    let id = RequestId::new(received);
    let arrival = Arrival {
        id,
        received,
        dialect: DialectName::OpenAi,
        asked: Asked::plain(trial.operation),
        aim: Some(Aim {
            provider: trial.provider.clone(),
            key: trial.key.clone(),
            forward: None,
            passthrough: false,
        }),
        caller: Caller::Operator,
        headers: HeaderMap::new(),
    };
    let body = Bytes::from(body(trial, model, message).to_string());
    let reply = match edge.line.open(arrival) {
        Ok(turn) => turn.run(body).await,
        Err(refused) => *refused,
    };
    let (status, headers) = (reply.status, reply.headers);
    let answer = match reply.body.collect().await {
        Ok(whole) => whole.to_bytes(),
        Err(never) => match never {},
    };
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    let figure = |name: &str| headers.get(name)?.to_str().ok()?.parse::<f64>().ok();
    let tokens = |names: [&str; 2]| names.iter().find_map(|name| answer["usage"][*name].as_u64());
    Ok(Tried {
        ok: status.is_success(),
        operation: trial.operation,
        model: Some(model.clone()),
        status: Some(status.as_u16()),
        latency_ms: 0.0,
        upstream_ms: figure("x-gateway-upstream-ms"),
        input_tokens: tokens(["prompt_tokens", "input_tokens"]),
        output_tokens: tokens(["completion_tokens", "output_tokens"]),
        cost: figure("x-gateway-cost"),
        said: status.is_success().then(|| said(trial.operation, &answer)).flatten(),
        error: (!status.is_success()).then(|| failure(trial, model, status, &answer)),
        request_id: Some(id.to_string()),
    })
}

fn body(trial: &Trial, model: &ModelName, message: &str) -> Value {
    match trial.operation {
        Operation::Embeddings => json!({ "model": model, "input": message }),
        Operation::Rerank => json!({ "model": model, "query": message, "documents": ["Hello.", "Goodbye."] }),
        _ => {
            let mut body = json!({ "model": model, "messages": [{ "role": "user", "content": message }] });
            body[trial.cap_member] = json!(CAP);
            body
        }
    }
}

/// What an answer says, in few words.
fn said(operation: Operation, answer: &Value) -> Option<String> {
    match operation {
        Operation::Embeddings => {
            let vector = answer["data"][0]["embedding"].as_array()?;
            Some(format!("a vector of {} numbers", vector.len()))
        }
        Operation::Rerank => {
            let results = answer["results"].as_array().or_else(|| answer["data"].as_array())?;
            Some(format!("{} documents in order", results.len()))
        }
        _ => {
            let text = answer["choices"][0]["message"]["content"].as_str()?.trim();
            (!text.is_empty()).then(|| text.chars().take(SHOWN).collect())
        }
    }
}

/// Where nothing cheaper is known that could be asked: what does it list?
async fn list(edge: &Edge, trial: &Trial) -> Result<Tried, ApiError> {
    let shown = edge.gateway.control().refresh_models(trial.provider.as_str()).await?;
    let discovery = match &trial.key {
        Some(wanted) => shown
            .keys
            .iter()
            .find(|key| key.id == *wanted)
            .map(|key| &key.discovery),
        None => Some(&shown.discovery),
    };
    let failed = discovery.and_then(|discovery| discovery.error.clone());
    let unasked = shown
        .status
        .filter(|_| discovery.is_none_or(|discovery| discovery.at.is_none()));
    let error = failed.or(unasked).map(|message| Failure {
        advice: advice(trial, None, None, &message),
        code: None,
        message,
    });
    let listed = discovery.map_or(0, |discovery| discovery.models);
    Ok(Tried {
        ok: error.is_none(),
        operation: Operation::Models,
        model: None,
        status: None,
        latency_ms: 0.0,
        upstream_ms: None,
        input_tokens: None,
        output_tokens: None,
        cost: None,
        said: error.is_none().then(|| format!("{listed} models listed")),
        error,
        request_id: None,
    })
}

fn failure(trial: &Trial, model: &ModelName, status: StatusCode, answer: &Value) -> Failure {
    let error = &answer["error"];
    let message = error["message"]
        .as_str()
        .unwrap_or("the provider gave no reason")
        .to_owned();
    let code = error["code"].as_str().map(str::to_owned);
    Failure {
        advice: advice(trial, Some((status, model)), code.as_deref(), &message),
        code,
        message,
    }
}

/// What to do about it.
fn advice(trial: &Trial, answered: Option<(StatusCode, &ModelName)>, code: Option<&str>, message: &str) -> String {
    let place = trial.base_url.as_deref().unwrap_or("its address");
    let status = answered.map_or(0, |(status, _)| status.as_u16());
    let silent = message.contains("the upstream failed:") || message.contains("connect");
    match (status, code.unwrap_or_default()) {
        (_, "budget_exceeded" | "request_limited" | "token_limited") => {
            "A limit of this gateway stands in the way: raise it, or wait until it resets.".to_owned()
        }
        (_, "price_unknown") => {
            "A budget is in force and the model has no price: add a pricing override for it.".to_owned()
        }
        (_, "unavailable") => "Nothing was sent: set right what the message names, and try again.".to_owned(),
        (401 | 403, _) | (_, "upstream_credentials_rejected") => {
            "The provider refuses the key: check its value, and that the account may use this model.".to_owned()
        }
        (404, _) => unknown_model(trial),
        (429, _) => "The provider limits this key, or its account is spent: check quota and billing there.".to_owned(),
        (408 | 504, _) => format!("{place} took too long: check that it is up, or raise the request timeout."),
        (400 | 422, _) => "The provider took the key and refused the request: try another model.".to_owned(),
        _ if silent => format!("Nobody answers at {place}: start the server there, or correct the base URL."),
        (500..=599, _) => "The provider failed by itself: try again later, or look at its status page.".to_owned(),
        _ if message.contains("status 401") || message.contains("status 403") => {
            "The provider refuses the key: check its value.".to_owned()
        }
        _ if message.contains("status 404") => {
            format!("There is no such API at {place}: check the base URL and what the provider speaks.")
        }
        _ => "Check the base URL and the key.".to_owned(),
    }
}

fn unknown_model(trial: &Trial) -> String {
    let known: Vec<&str> = trial.known.iter().map(ModelName::as_str).collect();
    match &known[..] {
        [] => "The provider does not have that model, or no such API: check the name and the base URL.".to_owned(),
        some => format!(
            "The provider does not have that model. It is known to have {}.",
            some.join(", ")
        ),
    }
}
