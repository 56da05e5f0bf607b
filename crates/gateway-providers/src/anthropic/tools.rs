//! Tools, and whether they must be used.

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::{Request, Tool as Offered, ToolChoice, ToolKind, Verbatim};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error, ErrorKind};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::builtin;
use super::format::{Schemas, is_enforceable};
use super::kept::{Kept, put};
use super::wire::{CacheControl, Choice, Tool};
use crate::{freeform, json};

/// Says the tools. Of a request in this dialect each as it was, with the members that were kept.
pub(super) fn tools<'a>(
    request: &'a Request,
    schemas: Schemas,
    kept: &mut Kept<'a>,
    losses: &mut Vec<Loss>,
) -> Result<Vec<Tool<'a>>, Error> {
    let mut said = Vec::with_capacity(request.tools.len());
    for (at, tool) in request.tools.iter().enumerate() {
        let path = format!("tools[{at}]");
        if schemas == Schemas::Own {
            said.push(repeat(tool, kept.under(&path), &path, losses));
        } else if is_offered(tool, request.tool_choice.as_ref()) {
            said.extend(translate(tool, schemas, &path, losses)?);
        }
    }
    Ok(said)
}

/// Whether the model may use it at all: a choice of some leaves out the others.
fn is_offered(tool: &Offered, choice: Option<&ToolChoice>) -> bool {
    match choice {
        Some(ToolChoice::OneOf { names, .. }) => names.contains(&tool.name),
        _ => true,
    }
}

/// A tool in this dialect, as it was.
fn repeat<'a>(tool: &'a Offered, kept: Kept<'a>, path: &str, losses: &mut Vec<Loss>) -> Tool<'a> {
    let said = match &tool.kind {
        ToolKind::Other(Verbatim { json, .. }) => return Tool::Own(Cow::Borrowed(json)),
        ToolKind::Function { parameters, strict } => Tool::Function {
            name: &tool.name,
            description: tool.description.as_deref().map(Cow::Borrowed),
            input_schema: parameters.as_deref().map(Cow::Borrowed),
            strict: *strict,
            cache_control: CacheControl::of(tool.cache.as_ref(), true),
        },
        ToolKind::Custom { format } => imitated(tool, format.as_deref()),
    };
    if kept.is_empty() {
        return said;
    }
    let with = || {
        let bytes = Bytes::from(json::to_vec(&said).ok()?);
        RawValue::from_string(String::from_utf8(put(&bytes, kept.rest())?.to_vec()).ok()?).ok()
    };
    match with() {
        Some(json) => Tool::Own(Cow::Owned(json)),
        None => {
            losses.push(Loss::dropped(path, "members of it cannot be put back where they stood"));
            said
        }
    }
}

/// A tool of another dialect, if there is a word for it.
fn translate<'a>(
    tool: &'a Offered,
    schemas: Schemas,
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<Option<Tool<'a>>, Error> {
    Ok(match &tool.kind {
        ToolKind::Function { parameters, strict } => {
            let path = format!("{path}.function");
            let input_schema = schema(parameters.as_deref(), &path)?;
            let strict = *strict == Some(true);
            let kept = strict && schemas == Schemas::Enforced && is_enforceable(&input_schema);
            if strict && !kept {
                let note = "this schema cannot be enforced by this model";
                losses.push(Loss::dropped(format!("{path}.strict"), note));
            }
            Some(Tool::Function {
                name: &tool.name,
                description: tool.description.as_deref().map(Cow::Borrowed),
                input_schema: Some(input_schema),
                strict: kept.then_some(true),
                cache_control: CacheControl::of(tool.cache.as_ref(), false),
            })
        }
        ToolKind::Custom { format } => {
            let note = "a function with one text `input`, in no grammar that is enforced";
            losses.push(Loss::emulated(path, note));
            Some(imitated(tool, format.as_deref()))
        }
        ToolKind::Other(own) if own.dialect == DialectName::Anthropic || is_own(&own.json) => {
            Some(Tool::Own(Cow::Borrowed(&own.json)))
        }
        ToolKind::Other(foreign) => match builtin::counterpart(foreign) {
            Some(json) => {
                losses.push(Loss::mapped(path, "its own tool of that kind"));
                Some(Tool::Own(Cow::Owned(json)))
            }
            None => {
                losses.push(Loss::dropped(path, "only functions are known there"));
                None
            }
        },
    })
}

/// A freeform tool, imitated: a function with one text.
fn imitated<'a>(tool: &'a Offered, format: Option<&RawValue>) -> Tool<'a> {
    Tool::Function {
        name: &tool.name,
        description: freeform::description(tool.description.as_deref(), format).map(Cow::Owned),
        input_schema: Some(Cow::Owned(freeform::parameters())),
        strict: None,
        cache_control: CacheControl::of(tool.cache.as_ref(), false),
    }
}

/// Says whether and which tool must be used, of a request in this dialect as it was. Without tools there is nothing to choose.
pub(super) fn choice<'a>(request: &'a Request, own: bool, any: bool, losses: &mut Vec<Loss>) -> Option<Choice<'a>> {
    if !any && !own {
        if request.tool_choice.is_some() {
            losses.push(Loss::dropped("tool_choice", "there are no tools to choose from"));
        }
        return None;
    }
    let alone = match request.parallel_tools {
        Some(true) if !own => None,
        several => several.map(|several| !several),
    };
    let (kind, name) = match &request.tool_choice {
        Some(ToolChoice::None) => {
            return Some(Choice {
                kind: "none",
                name: None,
                disable_parallel_tool_use: None,
            });
        }
        Some(ToolChoice::Required) => ("any", None),
        Some(ToolChoice::Tool(name)) => ("tool", Some(name.as_str())),
        Some(ToolChoice::Auto) => ("auto", None),
        Some(ToolChoice::OneOf { required, .. }) => {
            losses.push(Loss::emulated("tool_choice", "the other tools are not offered"));
            (if *required { "any" } else { "auto" }, None)
        }
        None if alone.is_some() => ("auto", None),
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

/// The vendor's own tools carry a date in their type (`web_search_20250305`), whatever dialect they come through.
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
