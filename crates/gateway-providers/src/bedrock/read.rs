//! A client's request in the chat vocabulary ("Converse" and "CountTokens", Amazon Bedrock API Reference).

use gateway_types::chat::{CacheMark, Extras, Format, Message, Request, Role, Tool, ToolChoice, ToolKind, Verbatim};
use gateway_types::{Call, DialectName, Error, ErrorKind, Operation};
use serde_json::value::RawValue;

use super::additional;
use super::blocks::{Blocks, Speaker, cache_mark};
use crate::json::{Fault, Members, parse};

/// The member of a request in which a model's own parameters stand.
pub(super) const ADDITIONAL: &str = "additionalModelRequestFields";

/// The typed view of a call.
pub(super) fn read(call: &Call) -> Result<Request, Error> {
    let raw: &RawValue = serde_json::from_slice(&call.body.bytes)
        .map_err(|error| Error::new(ErrorKind::Invalid, format!("the body is not JSON: {error}")))?;
    let read = match call.operation {
        Operation::CountTokens => counted(raw),
        _ => request(raw),
    };
    let mut request = read.map_err(named)?;
    request.stream = call.stream;
    Ok(request)
}

fn named(fault: Fault) -> Error {
    let message = format!("`{}`: {}", fault.path, fault.message);
    Error::invalid(fault.path, message)
}

/// What is to be counted: a turn, or a model's own body, which only Bedrock can read.
fn counted(raw: &RawValue) -> Result<Request, Fault> {
    let mut input = Members::of(raw)?
        .object("input")?
        .ok_or_else(|| Fault::new("input", "is missing"))?;
    let Some(turn) = input.take("converse") else {
        let only = "is missing; a model's own body can be counted by Bedrock alone";
        return Err(Fault::new("input.converse", only));
    };
    request(turn).map_err(|fault| fault.under("input.converse"))
}

fn request(raw: &RawValue) -> Result<Request, Fault> {
    let mut top = Members::of(raw)?;
    for acted_on in ["modelId", "fallbacks"] {
        top.take(acted_on);
    }
    let mut request = Request::new(DialectName::Bedrock);
    system(&mut top, &mut request)?;
    for (i, raw) in list(&mut top, "messages")?.into_iter().enumerate() {
        let message = message(raw).map_err(|fault| fault.under(format!("messages[{i}]")))?;
        request.messages.push(message);
    }
    inference(&mut top, &mut request)?;
    tools(&mut top, &mut request)?;
    output(&mut top, &mut request)?;
    if let Some(fields) = top.take(ADDITIONAL) {
        additional::read(fields, &mut request);
        request.extras.0.push((ADDITIONAL.to_owned(), fields.to_owned()));
    }
    request.extras.0.extend(top.rest().0);
    Ok(request)
}

fn list<'a>(of: &mut Members<'a>, key: &str) -> Result<Vec<&'a RawValue>, Fault> {
    Ok(of.read(key)?.unwrap_or_default())
}

fn system(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let Some(raw) = top.take("system") else { return Ok(()) };
    let blocks: Vec<&RawValue> = parse(raw).map_err(|fault| fault.under("system"))?;
    if blocks.is_empty() {
        request.extras.0.push(("system".to_owned(), raw.to_owned()));
        return Ok(());
    }
    let mut read = Blocks::of(Speaker::Client);
    read.read_all(&blocks).map_err(|fault| fault.under("system"))?;
    request.messages.push(Message {
        role: Role::System,
        name: None,
        parts: read.parts,
        extras: read.kept,
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
    let mut read = Blocks::of(Speaker::Client);
    let blocks: Vec<&RawValue> = members.need("content")?;
    read.read_all(&blocks).map_err(|fault| fault.under("content"))?;
    read.kept.0.extend(members.rest().0);
    Ok(Message {
        role,
        name: None,
        parts: read.parts,
        extras: read.kept,
    })
}

/// Takes out an object whose members have words of ours, and keeps what has none; an empty one as well.
fn settings(
    top: &mut Members<'_>,
    key: &str,
    request: &mut Request,
    read: impl FnOnce(&mut Members<'_>, &mut Request) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let Some(raw) = top.take(key) else { return Ok(()) };
    let mut members = Members::of(raw).map_err(|fault| fault.under(key))?;
    if members.pairs().next().is_none() {
        request.extras.0.push((key.to_owned(), raw.to_owned()));
        return Ok(());
    }
    read(&mut members, request).map_err(|fault| fault.under(key))?;
    let left = members.rest().0.into_iter();
    request
        .extras
        .0
        .extend(left.map(|(member, value)| (format!("{key}.{member}"), value)));
    Ok(())
}

fn inference(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    settings(top, "inferenceConfig", request, |members, request| {
        request.max_output = members.read("maxTokens")?;
        request.sampling.temperature = members.read("temperature")?;
        request.sampling.top_p = members.read("topP")?;
        if let Some(raw) = members.take("stopSequences") {
            request.stop = parse(raw).map_err(|fault| fault.under("stopSequences"))?;
            if request.stop.is_empty() {
                members.put_back("stopSequences", raw);
            }
        }
        Ok(())
    })
}

fn tools(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    settings(top, "toolConfig", request, |members, request| {
        for (i, raw) in list(members, "tools")?.into_iter().enumerate() {
            tool(raw, request).map_err(|fault| fault.under(format!("tools[{i}]")))?;
        }
        if let Some(raw) = members.take("toolChoice") {
            match choice(raw).map_err(|fault| fault.under("toolChoice"))? {
                Some(choice) => request.tool_choice = Some(choice),
                None => members.put_back("toolChoice", raw),
            }
        }
        Ok(())
    })
}

fn tool(raw: &RawValue, request: &mut Request) -> Result<(), Fault> {
    let mut members = Members::of(raw)?;
    if let Some(point) = members.take("cachePoint") {
        let mark = cache_mark(point).map_err(|fault| fault.under("cachePoint"))?;
        match (mark, request.tools.last_mut().map(|tool| &mut tool.cache)) {
            (Some(mark), Some(place @ None)) => *place = Some(mark),
            _ => request.tools.push(own(raw, String::new(), None)),
        }
        return Ok(());
    }
    let Some(mut spec) = members.object("toolSpec")? else {
        let name = members
            .object("systemTool")?
            .map(|mut tool| tool.read("name"))
            .transpose()?;
        request.tools.push(own(raw, name.flatten().unwrap_or_default(), None));
        return Ok(());
    };
    let under = |fault: Fault| fault.under("toolSpec");
    let tool = Tool {
        name: spec.need("name").map_err(under)?,
        description: spec.read("description").map_err(under)?,
        cache: None,
        kind: ToolKind::Function {
            parameters: schema(&mut spec).map_err(under)?,
            strict: spec.read("strict").map_err(under)?,
        },
    };
    let at = format!("toolConfig.tools[{}]", request.tools.len());
    request.tools.push(tool);
    if spec.pairs().next().is_some() {
        request.extras.0.push((at, raw.to_owned()));
    }
    Ok(())
}

fn schema(spec: &mut Members<'_>) -> Result<Option<Box<RawValue>>, Fault> {
    let schema = spec.object("inputSchema")?.and_then(|mut schema| schema.take("json"));
    Ok(schema.map(ToOwned::to_owned))
}

fn own(raw: &RawValue, name: String, cache: Option<CacheMark>) -> Tool {
    Tool {
        name,
        description: None,
        cache,
        kind: ToolKind::Other(Verbatim {
            dialect: DialectName::Bedrock,
            json: raw.to_owned(),
        }),
    }
}

fn choice(raw: &RawValue) -> Result<Option<ToolChoice>, Fault> {
    let mut members = Members::of(raw)?;
    if let Some(mut one) = members.object("tool")? {
        return Ok(Some(ToolChoice::Tool(
            one.need("name").map_err(|fault| fault.under("tool"))?,
        )));
    }
    Ok(match (members.take("any"), members.take("auto")) {
        (Some(_), _) => Some(ToolChoice::Required),
        (None, Some(_)) => Some(ToolChoice::Auto),
        (None, None) => None,
    })
}

fn output(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    settings(top, "outputConfig", request, |members, request| {
        request.effort = members.read("effort")?;
        if let Some(raw) = members.take("textFormat") {
            match format(raw).map_err(|fault| fault.under("textFormat"))? {
                Some(format) => request.format = Some(format),
                None => members.put_back("textFormat", raw),
            }
        }
        Ok(())
    })
}

/// The form of the answer, whose schema is JSON within a string.
fn format(raw: &RawValue) -> Result<Option<Format>, Fault> {
    let mut members = Members::of(raw)?;
    let Some(mut structure) = members.object("structure")? else {
        return Ok(None);
    };
    let Some(mut given) = structure
        .object("jsonSchema")
        .map_err(|fault| fault.under("structure"))?
    else {
        return Ok(None);
    };
    let under = |fault: Fault| fault.under("structure.jsonSchema");
    let schema: String = given.need("schema").map_err(under)?;
    let schema = RawValue::from_string(schema)
        .map_err(|_| Fault::new("structure.jsonSchema.schema", "must be a JSON Schema, as a string"))?;
    Ok(Some(Format::Schema {
        name: given.read("name").map_err(under)?.unwrap_or_default(),
        description: given.read("description").map_err(under)?,
        schema,
        strict: Some(true),
    }))
}

/// Takes out what is only kept for Bedrock to be said as it was: spellings of what has been read.
pub(super) fn go_abroad(request: &mut Request) {
    for message in &mut request.messages {
        message.extras.0.retain(|(key, _)| {
            !(key.starts_with("content[")
                && (key.ends_with(']') || key.ends_with(".status") || key.ends_with(".content")))
        });
    }
    let extras = std::mem::take(&mut request.extras)
        .0
        .into_iter()
        .filter_map(|(key, raw)| match key.as_str() {
            ADDITIONAL => Some((key, additional::unread(&raw)?)),
            _ if matches!(raw.get(), "[]" | "{}") => None,
            _ => Some((key, raw)),
        });
    request.extras = Extras(extras.collect());
    if let Some(Format::Schema { name, .. }) = &mut request.format
        && name.is_empty()
    {
        // Other dialects insist on one.
        *name = "answer".to_owned();
    }
}
