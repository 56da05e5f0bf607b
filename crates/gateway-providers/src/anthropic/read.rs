//! A client's request in the chat vocabulary (vendor's document: Messages API, `POST /v1/messages`).

use gateway_types::chat::{Extras, Format, Message, Part, Request, Role, Tool, ToolChoice, ToolKind, Verbatim};
use gateway_types::{Call, DialectName, Error, ErrorKind};
use serde_json::value::RawValue;

use super::blocks::{SEARCH_RESULT, cache, content};
use super::kept::keep;
use crate::json::{Fault, Members};

/// The typed view of a call.
pub(super) fn read(call: &Call) -> Result<Request, Error> {
    let raw: &RawValue = serde_json::from_slice(&call.body.bytes)
        .map_err(|error| Error::new(ErrorKind::Invalid, format!("the body is not JSON: {error}")))?;
    request(raw, call.stream)
        .map_err(|fault| Error::invalid(fault.path.clone(), format!("`{}`: {}", fault.path, fault.message)))
}

fn request(raw: &RawValue, stream: bool) -> Result<Request, Fault> {
    let mut top = Members::of(raw)?;
    for acted_on in ["model", "stream", "fallbacks", "anthropic_version"] {
        top.take(acted_on);
    }
    let mut request = Request {
        stream,
        ..Request::new(DialectName::Anthropic)
    };
    system(&mut top, &mut request)?;
    each(&mut top, "messages", |raw, _| {
        request.messages.push(message(raw)?);
        Ok(())
    })?;
    tools(&mut top, &mut request)?;
    tool_choice(&mut top, &mut request)?;
    thinking(&mut top, &mut request)?;
    output(&mut top, &mut request)?;
    metadata(&mut top, &mut request)?;
    request.max_output = top.read("max_tokens")?;
    request.stop = top.read("stop_sequences")?.unwrap_or_default();
    request.sampling.temperature = top.read("temperature")?;
    request.sampling.top_p = top.read("top_p")?;
    request.sampling.top_k = top.read("top_k")?;
    request.extras.0.extend(top.rest().0);
    Ok(request)
}

/// Leaves out what only this dialect needs to say a request again as it was: the vocabulary says the same otherwise.
pub(super) fn go_abroad(request: &mut Request) {
    let adaptive = |raw: &RawValue| {
        let kind = Members::of(raw).and_then(|mut members| members.read::<String>("type"));
        kind.is_ok_and(|kind| kind.as_deref() == Some("adaptive"))
    };
    request
        .extras
        .0
        .retain(|(key, value)| key != "thinking" || !adaptive(value));
    for message in &mut request.messages {
        documents(&mut message.parts);
    }
}

/// The text of documents in pieces, and of search results, stands in them already.
fn documents(parts: &mut [Part]) {
    for part in parts {
        match part {
            Part::Document { extras, .. } => extras.0.retain(|(key, _)| key != SEARCH_RESULT && key != "source"),
            Part::ToolResult(result) => documents(&mut result.parts),
            _ => {}
        }
    }
}

/// Reads every item of an array, naming the one that is wrong.
fn each<'a>(
    of: &mut Members<'a>,
    key: &str,
    mut read: impl FnMut(&'a RawValue, &str) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let items: Vec<&'a RawValue> = of.read(key)?.unwrap_or_default();
    for (i, raw) in items.into_iter().enumerate() {
        let at = format!("{key}[{i}]");
        read(raw, &at).map_err(|fault| fault.under(&at))?;
    }
    Ok(())
}

fn system(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let Some(raw) = top.take("system") else { return Ok(()) };
    let mut extras = Extras::default();
    let parts = content(raw, "content", &mut extras).map_err(|fault| fault.under("system"))?;
    request.messages.push(Message {
        role: Role::System,
        name: None,
        parts,
        extras,
    });
    Ok(())
}

fn message(raw: &RawValue) -> Result<Message, Fault> {
    let mut members = Members::of(raw)?;
    let role = match members.need::<String>("role")?.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "system" => Role::System,
        _ => return Err(Fault::new("role", "must be `user`, `assistant` or `system`")),
    };
    let mut extras = Extras::default();
    let parts = match members.take("content") {
        Some(raw) => content(raw, "content", &mut extras).map_err(|fault| fault.under("content"))?,
        // A system message may hold settings alone.
        None if role == Role::System => Vec::new(),
        None => return Err(Fault::new("content", "is missing")),
    };
    extras.0.extend(members.rest().0);
    Ok(Message {
        role,
        name: None,
        parts,
        extras,
    })
}

fn tools(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let Request { tools, extras, .. } = request;
    each(top, "tools", |raw, at| {
        tools.push(tool(raw, at, extras)?);
        Ok(())
    })
}

fn tool(raw: &RawValue, at: &str, kept: &mut Extras) -> Result<Tool, Fault> {
    let mut members = Members::of(raw)?;
    let kind: Option<String> = members.read("type")?;
    let name: Option<String> = members.read("name")?;
    if let Some(kind) = kind.filter(|kind| kind != "custom") {
        // A toolset has no name but its type.
        return Ok(Tool {
            name: name.unwrap_or(kind),
            description: None,
            cache: None,
            kind: ToolKind::Other(Verbatim {
                dialect: DialectName::Anthropic,
                json: raw.to_owned(),
            }),
        });
    }
    let tool = Tool {
        name: name.ok_or_else(|| Fault::new("name", "is missing"))?,
        description: members.read("description")?,
        cache: cache(&mut members, at, kept)?,
        kind: ToolKind::Function {
            parameters: members.take("input_schema").map(ToOwned::to_owned),
            strict: members.read("strict")?,
        },
    };
    keep(at, members, kept);
    Ok(tool)
}

fn tool_choice(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let key = "tool_choice";
    let Some(mut members) = top.object(key)? else {
        return Ok(());
    };
    let under = |fault: Fault| fault.under(key);
    let kind: String = members.need("type").map_err(under)?;
    request.tool_choice = Some(match kind.as_str() {
        "auto" => ToolChoice::Auto,
        "none" => ToolChoice::None,
        "any" => ToolChoice::Required,
        "tool" => ToolChoice::Tool(members.need("name").map_err(under)?),
        _ => return Err(under(Fault::new("type", "must be `auto`, `any`, `tool` or `none`"))),
    });
    let alone: Option<bool> = members.read("disable_parallel_tool_use").map_err(under)?;
    request.parallel_tools = alone.map(|alone| !alone);
    keep(key, members, &mut request.extras);
    Ok(())
}

/// Thinking of a budget, or none, has a word of ours; the model's own measure has none, and stays as it was said.
fn thinking(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let key = "thinking";
    let Some(raw) = top.take(key) else { return Ok(()) };
    let under = |fault: Fault| fault.under(key);
    let mut members = Members::of(raw).map_err(under)?;
    let kind: String = members.need("type").map_err(under)?;
    let display: Option<String> = members.read("display").map_err(under)?;
    match kind.as_str() {
        "enabled" => {
            request.thinking_budget = Some(members.need("budget_tokens").map_err(under)?);
            request.show_thinking = display.map(|display| display != "omitted");
            keep(key, members, &mut request.extras);
        }
        "disabled" => {
            request.thinking_budget = Some(0);
            keep(key, members, &mut request.extras);
        }
        _ => {
            request.show_thinking = Some(display.is_none_or(|display| display != "omitted"));
            request.extras.0.push((key.to_owned(), raw.to_owned()));
        }
    }
    Ok(())
}

/// How to answer: `output_config`, and its form's older place `output_format`.
fn output(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let key = "output_config";
    if let Some(mut members) = top.object(key)? {
        let under = |fault: Fault| fault.under(key);
        request.effort = members.read("effort").map_err(under)?;
        request.format = members.take("format").map(format).transpose().map_err(under)?;
        keep(key, members, &mut request.extras);
    }
    if let Some(raw) = top.take("output_format") {
        match request.format {
            None => request.format = Some(format(raw).map_err(|fault| fault.under("output_format"))?),
            Some(_) => return Err(Fault::new("output_format", "is given in `output_config.format` too")),
        }
    }
    Ok(())
}

fn format(raw: &RawValue) -> Result<Format, Fault> {
    let read = || -> Result<Format, Fault> {
        let mut members = Members::of(raw)?;
        let kind: String = members.need("type")?;
        if kind != "json_schema" {
            return Err(Fault::new("type", "must be `json_schema`"));
        }
        Ok(Format::Schema {
            // Other dialects insist on a name.
            name: members.read("name")?.unwrap_or_else(|| "answer".to_owned()),
            description: None,
            schema: members.need::<&RawValue>("schema")?.to_owned(),
            strict: Some(true),
        })
    };
    read().map_err(|fault| fault.under("format"))
}

fn metadata(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let key = "metadata";
    if let Some(mut members) = top.object(key)? {
        request.user = members.read("user_id").map_err(|fault| fault.under(key))?;
        keep(key, members, &mut request.extras);
    }
    Ok(())
}
