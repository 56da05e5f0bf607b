//! The tools that a model may use, said: `toolConfig`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use gateway_types::chat::{Request, Tool as Offered, ToolChoice, ToolKind};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error};
use serde_json::json;
use serde_json::value::RawValue;

use super::model::{Maker, Model};
use super::say::point;
use super::think::Fields;
use super::wire::{Choice, InputSchema, Tool, ToolSpec};
use super::words;
use crate::anthropic::is_enforceable;
use crate::freeform;
use crate::json::{Fault, Members};

/// `toolConfig`.
#[derive(Debug, Default)]
pub(super) struct Tools<'a> {
    pub(super) tools: Vec<Tool<'a>>,
    pub(super) choice: Option<Choice<'a>>,
}

/// The tools of a request in this dialect, as they were.
pub(super) fn repeat<'a>(request: &'a Request, model: Model<'_>) -> Tools<'a> {
    let kept: HashMap<&str, &RawValue> = request
        .extras
        .0
        .iter()
        .map(|(key, raw)| (key.as_str(), &**raw))
        .collect();
    let mut tools = Vec::new();
    for (at, tool) in request.tools.iter().enumerate() {
        let kept = kept.get(format!("toolConfig.tools[{at}]").as_str());
        tools.push(match (&tool.kind, kept) {
            (ToolKind::Other(own), _) => Tool::Own(&own.json),
            (_, Some(raw)) => Tool::Own(raw),
            (ToolKind::Function { parameters, strict }, None) => Tool::ToolSpec(ToolSpec {
                name: Cow::Borrowed(&tool.name),
                description: tool.description.as_deref().map(Cow::Borrowed),
                input_schema: InputSchema::Json(parameters.as_deref().map_or_else(anything, Cow::Borrowed)),
                strict: *strict,
            }),
            (ToolKind::Custom { format }, None) => imitated(tool, format.as_deref()),
        });
        let mark = tool
            .cache
            .as_ref()
            .and_then(|mark| point(mark, true, model, true, "", &mut Vec::new()));
        tools.extend(mark.map(Tool::CachePoint));
    }
    let choice = match &request.tool_choice {
        Some(ToolChoice::Auto) => Some(Choice::Auto {}),
        Some(ToolChoice::Required) => Some(Choice::Any {}),
        Some(ToolChoice::Tool(name)) => Some(Choice::Tool { name }),
        _ => None,
    };
    Tools { tools, choice }
}

/// The tools of a request of another dialect. `called` are those that the conversation has calls of.
pub(super) fn say<'a>(
    request: &'a Request,
    called: &[String],
    model: Model<'_>,
    fields: &mut Fields,
    losses: &mut Vec<Loss>,
) -> Result<Tools<'a>, Error> {
    let mut said = Tools::default();
    let unused = request.tool_choice == Some(ToolChoice::None) && called.is_empty();
    if unused && !request.tools.is_empty() {
        losses.push(Loss::emulated("tool_choice", "no tools are offered"));
        return Ok(said);
    }
    let mut own = Vec::new();
    for (at, tool) in offered(request, losses) {
        let path = format!("tools[{at}]");
        match &tool.kind {
            ToolKind::Other(theirs) if model.maker == Maker::Claude && is_claudes(&theirs.json) => {
                own.push(&*theirs.json)
            }
            _ => said.tools.extend(translate(tool, model, &path, losses)?),
        }
        if let Some(mark) = &tool.cache {
            let caches = model.caches_tools() && !said.tools.is_empty();
            said.tools
                .extend(point(mark, false, model, caches, &path, losses).map(Tool::CachePoint));
        }
    }
    if !own.is_empty() {
        fields.put("anthropic_beta", betas(&own));
        fields.put("tools", own);
    }
    if said.tools.is_empty() && !called.is_empty() {
        // The API refuses a conversation with calls of tools that are not there.
        losses.push(Loss::emulated(
            "tools",
            "those that were called are offered by name, since calls want their tools",
        ));
        said.tools.extend(called.iter().map(|name| named(name)));
    }
    choose(request, model, &mut said, fields, losses);
    Ok(said)
}

/// The tools to offer: where the choice is among some, only those.
fn offered<'a>(request: &'a Request, losses: &mut Vec<Loss>) -> Vec<(usize, &'a Offered)> {
    let all = request.tools.iter().enumerate();
    match &request.tool_choice {
        Some(ToolChoice::OneOf { names, .. }) => {
            losses.push(Loss::emulated("tool_choice", "no other tools are offered"));
            let names: HashSet<&String> = names.iter().collect();
            all.filter(|(_, tool)| names.contains(&tool.name)).collect()
        }
        _ => all.collect(),
    }
}

fn translate<'a>(
    tool: &'a Offered,
    model: Model<'_>,
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<Option<Tool<'a>>, Error> {
    if !matches!(tool.kind, ToolKind::Other(_)) && words::name(&tool.name) != tool.name {
        let message = format!(
            "the tool name `{}` does not fit there; it must be 1 to 64 letters, digits, underscores and hyphens",
            tool.name
        );
        return Err(Error::invalid(format!("{path}.function.name"), message));
    }
    Ok(match &tool.kind {
        ToolKind::Function { parameters, strict } => {
            let path = format!("{path}.function");
            let schema = schema(parameters.as_deref(), &path)?;
            let strict = *strict == Some(true);
            let kept = strict && model.enforces_schemas() && is_enforceable(&schema);
            if strict && !kept {
                let note = "this schema cannot be enforced by this model";
                losses.push(Loss::dropped(format!("{path}.strict"), note));
            }
            Some(Tool::ToolSpec(ToolSpec {
                name: Cow::Borrowed(&tool.name),
                description: tool
                    .description
                    .as_deref()
                    .filter(|text| !text.is_empty())
                    .map(Cow::Borrowed),
                input_schema: InputSchema::Json(schema),
                strict: kept.then_some(true),
            }))
        }
        ToolKind::Custom { format } => {
            let note = "a function with one text `input`, in no grammar that is enforced";
            losses.push(Loss::emulated(path, note));
            Some(imitated(tool, format.as_deref()))
        }
        ToolKind::Other(own) if own.dialect == DialectName::Bedrock => Some(Tool::Own(&own.json)),
        ToolKind::Other(_) => {
            losses.push(Loss::dropped(path, "only functions are known there"));
            None
        }
    })
}

/// A freeform tool, imitated: a function with one text. The grammar, where there is one, is told to the model.
fn imitated<'a>(tool: &'a Offered, format: Option<&RawValue>) -> Tool<'a> {
    Tool::ToolSpec(ToolSpec {
        name: Cow::Borrowed(&tool.name),
        description: freeform::description(tool.description.as_deref(), format).map(Cow::Owned),
        input_schema: InputSchema::Json(Cow::Owned(freeform::parameters())),
        strict: None,
    })
}

/// A tool of which only the name is known.
fn named<'a>(name: &str) -> Tool<'a> {
    Tool::ToolSpec(ToolSpec {
        name: Cow::Owned(name.to_owned()),
        description: Some(Cow::Borrowed("Called earlier; not to be called again.")),
        input_schema: InputSchema::Json(anything()),
        strict: None,
    })
}

fn anything<'a>() -> Cow<'a, RawValue> {
    raw(&json!({"type": "object", "properties": {}}))
}

fn raw<'a>(value: &serde_json::Value) -> Cow<'a, RawValue> {
    Cow::Owned(serde_json::value::to_raw_value(value).expect("a JSON value can be said"))
}

/// The schema verbatim; the API wants it to say that it is of an object.
fn schema<'a>(parameters: Option<&'a RawValue>, path: &str) -> Result<Cow<'a, RawValue>, Error> {
    let Some(given) = parameters.filter(|given| given.get() != "null") else {
        return Ok(anything());
    };
    let refused = |_: Fault| {
        let field = format!("{path}.parameters");
        let message = format!("`{field}` must be a JSON Schema of an object");
        Error::invalid(field, message)
    };
    let mut members = Members::of(given).map_err(refused)?;
    if members.take("type").is_some() {
        return Ok(Cow::Borrowed(given));
    }
    let rest: Vec<String> = members
        .pairs()
        .map(|(key, raw)| format!("{}:{raw}", json!(key)))
        .collect();
    let typed = format!(
        r#"{{"type":"object"{}{}}}"#,
        if rest.is_empty() { "" } else { "," },
        rest.join(",")
    );
    RawValue::from_string(typed)
        .map(Cow::Owned)
        .map_err(|error| refused(Fault::new("", error.to_string())))
}

fn choose<'a>(
    request: &'a Request,
    model: Model<'_>,
    said: &mut Tools<'a>,
    fields: &mut Fields,
    losses: &mut Vec<Loss>,
) {
    if said.tools.is_empty() {
        if request.tool_choice.is_some() && request.tools.is_empty() {
            losses.push(Loss::dropped("tool_choice", "there are no tools to choose from"));
        }
        return;
    }
    said.choice = match &request.tool_choice {
        Some(ToolChoice::Required | ToolChoice::OneOf { required: true, .. }) => Some(Choice::Any {}),
        Some(ToolChoice::Tool(name)) => Some(Choice::Tool { name }),
        // What is usual anyway; some models do not know the word.
        _ => None,
    };
    if said.choice.is_some() && !model.can_be_forced() {
        said.choice = None;
        losses.push(Loss::dropped("tool_choice", "this model cannot be made to use a tool"));
    }
    let claude = model.maker == Maker::Claude;
    match (&request.tool_choice, request.parallel_tools) {
        (Some(ToolChoice::None), _) if claude => fields.put("tool_choice", json!({"type": "none"})),
        (Some(ToolChoice::None), _) => {
            losses.push(Loss::dropped(
                "tool_choice",
                "this model cannot be kept from the tools that were called",
            ));
        }
        (_, Some(false)) if claude && said.choice.is_some() => {
            fields.put("tool_choice", json!({"disable_parallel_tool_use": true}));
        }
        (_, Some(false)) if claude => {
            fields.put(
                "tool_choice",
                json!({"type": "auto", "disable_parallel_tool_use": true}),
            );
        }
        (_, Some(false)) => losses.push(Loss::dropped(
            "parallel_tool_calls",
            "this model may call several at once",
        )),
        _ => {}
    }
}

/// Tools that Claude was trained on and its client runs; Bedrock takes them as Anthropic says them, under a beta.
fn is_claudes(tool: &RawValue) -> bool {
    kind(tool).is_some_and(|kind| {
        ["computer_", "bash_", "text_editor_", "memory_"]
            .iter()
            .any(|beginning| kind.starts_with(beginning))
    })
}

fn kind(tool: &RawValue) -> Option<String> {
    Members::of(tool).ok()?.read("type").ok()?
}

/// The features in trial that they stand under, by their dates ("Computer use tool", Anthropic).
fn betas(tools: &[&RawValue]) -> Vec<&'static str> {
    const BETAS: [(&str, &str); 3] = [
        ("_20241022", "computer-use-2024-10-22"),
        ("_20251124", "computer-use-2025-11-24"),
        ("", "computer-use-2025-01-24"),
    ];
    let beta = |tool: &&RawValue| {
        let kind = kind(tool)?;
        BETAS
            .iter()
            .find(|(date, _)| kind.ends_with(date))
            .map(|(_, beta)| *beta)
    };
    let mut betas: Vec<&str> = tools.iter().filter_map(beta).collect();
    betas.sort_unstable();
    betas.dedup();
    betas
}
