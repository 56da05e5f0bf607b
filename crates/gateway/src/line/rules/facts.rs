//! What conditions of routing rules may speak of, and what it is of one call.

use std::cell::OnceCell;
use std::sync::LazyLock;

use gateway_governance::quota::Unit;
use gateway_router::rules::{Fact, Facts, Scalar, Schema, Type, Used};
use gateway_types::Call;
use gateway_types::json::{Cursor, Kind, ScanError};
use http::HeaderMap;

use super::super::Turn;
use super::Asked;
use crate::control::upstream::request_type;

/// Headers that a caller shows who it is with: no condition sees them.
pub(crate) const CREDENTIALS: [&str; 9] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-bf-vk",
    "x-api-key",
    "x-goog-api-key",
    "api-key",
    "x-amz-security-token",
    "x-bf-api-key",
];
/// Members that hold what is said rather than how to answer it: no condition sees them, and no log row has them by one.
pub(crate) const CONTENTS: [&str; 9] = [
    "input",
    "instructions",
    "message",
    "preamble",
    "prompt",
    "query",
    "suffix",
    "system",
    "text",
];
/// How many bytes a text of a request has at the most that is a parameter.
const LONGEST_PARAMETER: usize = 1024;

/// The names and their types.
pub(crate) fn schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
        Schema::new()
            .name("model", Type::String, "the model as asked for, without its provider")
            .name(
                "provider",
                Type::String,
                "the provider that the model was asked of by its prefix, else empty",
            )
            .name(
                "request_type",
                Type::String,
                "what is asked for: chat_completion, text_completion, responses, embedding, …",
            )
            .name(
                "operation",
                Type::String,
                "the same in the gateway's words: chat, completions, responses, embeddings, …",
            )
            .name("stream", Type::Bool, "whether the answer is to be streamed")
            .name("headers", Type::HeaderMap, "the request's headers, without credentials")
            .name(
                "params",
                Type::ScalarMap,
                "the request's own fields that are single values, such as temperature",
            )
            .name(
                "tags",
                Type::StringMap,
                "the tags of the call: of its key, its x-bf-dim-* headers and its metadata",
            )
            .name("virtual_key_id", Type::String, "the virtual key that calls, else empty")
            .name("virtual_key_name", Type::String, "its name")
            .name("team_id", Type::String, "its team, else empty")
            .name("team_name", Type::String, "the team's name")
            .name("customer_id", Type::String, "its customer, or its team's, else empty")
            .name("customer_name", Type::String, "the customer's name")
            .name(
                "budget_used",
                Type::Double,
                "percent that is used of the key's, its team's or its customer's fullest budget",
            )
            .name(
                "tokens_used",
                Type::Double,
                "percent that is used of the fullest limit on tokens",
            )
            .name(
                "request",
                Type::Double,
                "percent that is used of the fullest limit on requests",
            )
            .name("token_estimate", Type::Int, "about how many tokens the input has")
    });
    &SCHEMA
}

/// Tells what rules use of a call, and nothing else.
pub(super) struct Telling<'a> {
    turn: &'a Turn,
    call: &'a Call,
    asked: OnceCell<Asked<'a>>,
}

impl<'a> Telling<'a> {
    pub(super) fn of(turn: &'a Turn, call: &'a Call) -> Self {
        Self {
            turn,
            call,
            asked: OnceCell::new(),
        }
    }

    /// Notes what is used of a name.
    pub(super) fn tell(&self, facts: &mut Facts, name: &str, used: &Used) {
        if let Some(fact) = fact(name, used, self) {
            facts.set(name, fact);
        }
    }

    fn asked(&self) -> &Asked<'a> {
        let Self { turn, call, .. } = self;
        let asked = || Asked::of(&call.model, &turn.principal, &turn.snapshot);
        self.asked.get_or_init(asked)
    }
}

fn fact(name: &str, used: &Used, telling: &Telling<'_>) -> Option<Fact> {
    let Telling { turn, call, .. } = telling;
    let key = turn.principal.key();
    let directory = &turn.snapshot.directory;
    let team = || key.and_then(|key| directory.team(key.team.as_ref()?));
    let customer = || key.and_then(|key| directory.customer(key.customer.as_ref()?));
    let text = |text: Option<&str>| Some(text.unwrap_or_default().into());
    match name {
        "model" => text(Some(telling.asked().model)),
        "provider" => text(telling.asked().provider),
        "request_type" => text(Some(request_type(call.operation, false).as_str())),
        "operation" => text(Some(call.operation.as_str())),
        "stream" => Some(call.stream.into()),
        "headers" => Some(headers(&turn.arrival.headers, used)),
        "params" => Some(params(call, used)),
        "tags" => {
            let used = turn.tags.iter().filter(|(name, _)| used.has(name));
            Some(used.map(|(name, value)| (name.clone(), value.as_str())).collect())
        }
        "virtual_key_id" => text(key.map(|key| key.id.as_str())),
        "virtual_key_name" => text(key.map(|key| key.name.as_str())),
        "team_id" => text(team().map(|team| team.id.as_str())),
        "team_name" => text(team().map(|team| team.name.as_str())),
        "customer_id" => text(customer().map(|customer| customer.id.as_str())),
        "customer_name" => text(customer().map(|customer| customer.name.as_str())),
        "budget_used" => Some(fullest(turn, Unit::NanoUsd).into()),
        "tokens_used" => Some(fullest(turn, Unit::Tokens).into()),
        "request" => Some(fullest(turn, Unit::Requests).into()),
        "token_estimate" => Some(i64::try_from(call.input_estimate).unwrap_or(i64::MAX).into()),
        _ => None,
    }
}

/// How full the fullest of the caller's quotas of a unit is, in percent; 0 where there is none. One that allows nothing is
/// full.
fn fullest(turn: &Turn, unit: Unit) -> f64 {
    let key = turn.principal.key();
    let cells = key.into_iter().flat_map(|key| key.scope.cells());
    let now = turn.now().wall;
    let shares = cells.filter(|cell| cell.unit() == unit).map(|cell| {
        let usage = cell.usage(now);
        match usage.limit {
            limit if limit > 0 => usage.used as f64 * 100.0 / limit as f64,
            _ => 100.0,
        }
    });
    shares.fold(0.0, f64::max)
}

fn headers(headers: &HeaderMap, used: &Used) -> Fact {
    let shown = headers
        .keys()
        .map(|name| name.as_str())
        .filter(|name| used.has(name) && !CREDENTIALS.contains(name));
    shown
        .map(|name| {
            let values: Vec<_> = headers
                .get_all(name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            (name.to_owned(), values.join(", "))
        })
        .collect()
}

/// The members of a request's body that are numbers, truth values or short texts, without contents. A body that is not JSON has none.
fn params(call: &Call, used: &Used) -> Fact {
    let mut found = std::collections::BTreeMap::new();
    if call.body.content_type.is_none()
        && let Ok(text) = std::str::from_utf8(&call.body.bytes)
    {
        let read: Result<(), ScanError> = Cursor::new(text).object(|name, at| {
            if used.has(&name)
                && !CONTENTS.contains(&&*name)
                && let Some(scalar) = scalar(at)?
            {
                found.insert(name.into_owned(), scalar);
            }
            Ok(())
        });
        // What was read before a fault is as good as what is read without one; whoever translates the body will tell it.
        drop(read);
    }
    Fact::Map(found)
}

fn scalar(at: &mut Cursor<'_>) -> Result<Option<Scalar>, ScanError> {
    Ok(match at.kind() {
        Some(Kind::String) => Some(at.text()?.into_owned())
            .filter(|text| text.len() <= LONGEST_PARAMETER)
            .map(Scalar::String),
        Some(Kind::Bool) => Some(Scalar::Bool(at.raw()? == "true")),
        Some(Kind::Number) => {
            let number = at.raw()?;
            let whole = number.parse().ok().map(Scalar::Int);
            whole.or_else(|| {
                number
                    .parse()
                    .ok()
                    .filter(|number: &f64| number.is_finite())
                    .map(Scalar::Double)
            })
        }
        _ => None,
    })
}
