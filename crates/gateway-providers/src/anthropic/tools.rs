//! Tools, and whether they must be used.

use std::borrow::Cow;

use gateway_types::chat::{Request, Tool as Offered, ToolChoice, ToolKind};
use gateway_types::loss::Loss;
use gateway_types::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::format::is_enforceable;
use super::wire::{CacheControl, Choice, Tool};

/// Says the tools.
pub(super) fn tools<'a>(
    offered: &'a [Offered],
    strict_is_known: bool,
    losses: &mut Vec<Loss>,
) -> Result<Vec<Tool<'a>>, Error> {
    let mut said = Vec::with_capacity(offered.len());
    for (at, tool) in offered.iter().enumerate() {
        match &tool.kind {
            ToolKind::Function { parameters, strict } => {
                let path = format!("tools[{at}].function");
                let input_schema = schema(parameters.as_deref(), &path)?;
                let strict = *strict == Some(true);
                let kept = strict && strict_is_known && is_enforceable(&input_schema);
                if strict && !kept {
                    losses.push(Loss::dropped(
                        format!("{path}.strict"),
                        "this schema cannot be enforced by this model",
                    ));
                }
                said.push(Tool::Function {
                    name: &tool.name,
                    description: tool.description.as_deref(),
                    input_schema,
                    strict: kept,
                    cache_control: CacheControl::of(tool.cache.as_ref()),
                });
            }
            ToolKind::Other(own) if is_own(&own.json) => said.push(Tool::Own(&own.json)),
            ToolKind::Other(_) | ToolKind::Custom { .. } => losses.push(Loss::dropped(format!("tools[{at}]"), "only functions are known there")),
        }
    }
    Ok(said)
}

/// Says whether and which tool must be used. Without tools there is nothing to choose.
pub(super) fn choice<'a>(request: &'a Request, any: bool, losses: &mut Vec<Loss>) -> Option<Choice<'a>> {
    if !any {
        if request.tool_choice.is_some() {
            losses.push(Loss::dropped("tool_choice", "there are no tools to choose from"));
        }
        return None;
    }
    let alone = request.parallel_tools == Some(false);
    let (kind, name) = match &request.tool_choice {
        Some(ToolChoice::None) => {
            return Some(Choice {
                kind: "none",
                name: None,
                disable_parallel_tool_use: false,
            });
        }
        Some(ToolChoice::Required | ToolChoice::OneOf { required: true, .. }) => ("any", None),
        Some(ToolChoice::Tool(name)) => ("tool", Some(name.as_str())),
        Some(ToolChoice::Auto | ToolChoice::OneOf { .. }) => ("auto", None),
        None if alone => ("auto", None),
        None => return None,
    };
    Some(Choice {
        kind,
        name,
        disable_parallel_tool_use: alone,
    })
}

/// The parts of a schema or a tool that decide how it is said.
#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<&'a RawValue>,
}

/// The schema verbatim; the API wants it to say that it is of an object.
fn schema<'a>(parameters: Option<&'a RawValue>, path: &str) -> Result<Cow<'a, RawValue>, Error> {
    let Some(given) = parameters.filter(|given| given.get() != "null") else {
        return written(r#"{"type":"object","properties":{}}"#.to_owned());
    };
    let refused = |_| Error::invalid(format!("{path}.parameters"), "must be a JSON Schema of an object");
    let text = given.get();
    if !text.starts_with('{') {
        return Err(refused(()));
    }
    let kind: Kind<'_> = serde_json::from_str(text).map_err(|_| refused(()))?;
    if kind.kind.is_some() {
        return Ok(Cow::Borrowed(given));
    }
    match text[1..].trim_start() {
        "}" => written(r#"{"type":"object","properties":{}}"#.to_owned()),
        rest => written(format!(r#"{{"type":"object",{rest}"#)),
    }
}

fn written<'a>(text: String) -> Result<Cow<'a, RawValue>, Error> {
    RawValue::from_string(text)
        .map(Cow::Owned)
        .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
}

/// The vendor's own tools carry a date in their type (`web_search_20250305`).
fn is_own(tool: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "type")]
        kind: String,
    }
    let Ok(named) = serde_json::from_str::<Named>(tool.get()) else {
        return false;
    };
    named
        .kind
        .rsplit_once('_')
        .is_some_and(|(_, date)| date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()))
}
