//! A client's chat request in the chat vocabulary: one pass over the body.

use gateway_types::chat::{Extras, Format, Request, Tool};
use gateway_types::json::{Cursor, Kind};
use gateway_types::{Call, DialectName, Error, ErrorKind};
use serde_json::value::RawValue;

use super::message::message;
use super::tools::{choice, function, tool};
use crate::json::{Fault, Take};

/// The typed view of a call.
pub(super) fn read(call: &Call) -> Result<Request, Error> {
    let mut request = Request {
        stream: call.stream,
        ..Request::new(DialectName::OpenAi)
    };
    let mut caps = Caps::default();
    body(call, |key, at| member(key, at, &mut request, &mut caps))?;
    request.max_output = caps.newer.or(caps.older).or(caps.other);
    Ok(request)
}

/// Reads the body of a call, member by member.
pub(crate) fn body(call: &Call, member: impl FnMut(&str, &mut Cursor<'_>) -> Result<(), Fault>) -> Result<(), Error> {
    let body = std::str::from_utf8(&call.body.bytes)
        .map_err(|_| Error::new(ErrorKind::Invalid, "the body is not valid UTF-8"))?;
    Cursor::new(body).members(member).map_err(|fault| {
        if fault.path.is_empty() {
            return Error::new(ErrorKind::Invalid, fault.message);
        }
        Error::invalid(fault.path.clone(), format!("`{}` {}", fault.path, fault.message))
    })
}

/// The names that a cap has; the newest that is given counts.
#[derive(Default)]
struct Caps {
    newer: Option<u64>,
    older: Option<u64>,
    other: Option<u64>,
}

fn member(key: &str, at: &mut Cursor<'_>, request: &mut Request, caps: &mut Caps) -> Result<(), Fault> {
    let sampling = &mut request.sampling;
    const NUMBER: &str = "a number";
    const COUNT: &str = "a whole number, 0 or more";
    match key {
        // The line has acted on these.
        "model" | "stream" | "fallbacks" => {}
        "stream_options" => without("include_usage", key, at, &mut request.extras)?,
        "messages" => request.messages = at.items(message)?,
        "tools" => tools(key, at, request, tool)?,
        // The older words for tools.
        "functions" => tools(key, at, request, function)?,
        "tool_choice" | "function_call" => match choice(at)? {
            Ok(choice) => request.tool_choice = Some(choice),
            Err(unknown) => request.extras.0.push((key.to_owned(), unknown)),
        },
        "parallel_tool_calls" => request.parallel_tools = Some(at.read("true or false")?),
        "response_format" => match format(at)? {
            Ok(format) => request.format = Some(format),
            Err(unknown) => request.extras.0.push((key.to_owned(), unknown)),
        },
        "temperature" => sampling.temperature = Some(at.read(NUMBER)?),
        "top_p" => sampling.top_p = Some(at.read(NUMBER)?),
        "top_k" => sampling.top_k = at.read::<i64>("a whole number").map(|k| u64::try_from(k).ok())?,
        "frequency_penalty" => sampling.frequency_penalty = Some(at.read(NUMBER)?),
        "presence_penalty" => sampling.presence_penalty = Some(at.read(NUMBER)?),
        // Mistral's clients have a name of their own for it.
        "seed" | "random_seed" => sampling.seed = Some(at.read("a whole number")?),
        "n" => sampling.choices = Some(at.read(COUNT)?),
        "max_completion_tokens" => caps.newer = Some(at.read(COUNT)?),
        "max_tokens" => caps.older = Some(at.read(COUNT)?),
        "max_output_tokens" => caps.other = Some(at.read(COUNT)?),
        "stop" => request.stop = stop(at)?,
        "reasoning_effort" => request.effort = Some(at.string()?),
        "reasoning" => reasoning(at, request)?,
        "thinking" => thinking(at, request)?,
        "user" => request.user = Some(at.string()?),
        _ => request.extras.0.push((key.to_owned(), at.keep()?)),
    }
    Ok(())
}

fn tools(
    key: &str,
    at: &mut Cursor<'_>,
    request: &mut Request,
    read: impl Fn(&str, &mut Cursor<'_>, &mut Extras) -> Result<Tool, Fault>,
) -> Result<(), Fault> {
    let Request { tools, extras, .. } = request;
    let mut number = 0;
    let read = at.items(|at| {
        number += 1;
        read(&format!("{key}[{}]", number - 1), at, extras)
    })?;
    tools.extend(read);
    Ok(())
}

/// Keeps the object that stands here without one member, which has been acted on; nothing where there is no other.
fn without(acted_on: &str, key: &str, at: &mut Cursor<'_>, extras: &mut Extras) -> Result<(), Fault> {
    let mut rest = Vec::new();
    at.members(|inner, at| {
        if inner != acted_on {
            rest.push((inner.to_owned(), at.keep()?));
        }
        Ok(())
    })?;
    if !rest.is_empty() {
        extras.0.push((key.to_owned(), object(&rest)));
    }
    Ok(())
}

fn object(members: &[(String, Box<RawValue>)]) -> Box<RawValue> {
    let mut json = Vec::new();
    crate::json::Out::object(&mut json, |out| {
        for (key, raw) in members {
            out.member(key, raw);
        }
    });
    let json = String::from_utf8(json).unwrap_or_default();
    RawValue::from_string(json).expect("members of raw JSON make an object")
}

fn stop(at: &mut Cursor<'_>) -> Result<Vec<String>, Fault> {
    match at.kind() {
        Some(Kind::String) => Ok(vec![at.string()?]),
        Some(Kind::Array) => at.items(Take::string),
        _ => Err(Fault::new("", "must be a string or an array of strings")),
    }
}

/// OpenRouter's way of asking for thinking. Switched on, and no more said, it is thinking at medium effort.
fn reasoning(at: &mut Cursor<'_>, request: &mut Request) -> Result<(), Fault> {
    let (mut enabled, mut effort) = (None, None);
    let mut rest = Vec::new();
    at.members(|key, at| {
        match key {
            "effort" => effort = Some(at.string()?),
            "max_tokens" => request.thinking_budget = Some(at.read("a whole number of tokens")?),
            "exclude" => request.show_thinking = Some(!at.read::<bool>("true or false")?),
            "enabled" => enabled = Some(at.read("true or false")?),
            _ => rest.push((key.to_owned(), at.keep()?)),
        }
        Ok(())
    })?;
    if !rest.is_empty() {
        request.extras.0.push((String::from("reasoning"), object(&rest)));
    }
    let switched = match enabled {
        Some(false) => Some("none"),
        Some(true) if request.thinking_budget.is_none() => Some("medium"),
        _ => None,
    };
    let effort = effort.or_else(|| switched.map(str::to_owned));
    request.effort = request.effort.take().or(effort);
    Ok(())
}

/// Anthropic's way of asking for it, as the clients of DeepSeek, Moonshot and others have it: on, off, or so many tokens.
fn thinking(at: &mut Cursor<'_>, request: &mut Request) -> Result<(), Fault> {
    let raw = at.keep()?;
    let (mut kind, mut budget, mut more) = (None, None, false);
    Cursor::new(raw.get()).members(|key, at| {
        match key {
            "type" => kind = Some(at.string()?),
            "budget_tokens" => budget = Some(at.read("a whole number of tokens")?),
            _ => more = true,
        }
        Ok(())
    })?;
    match (kind.as_deref(), budget) {
        (_, Some(budget)) => request.thinking_budget = Some(budget),
        (Some("disabled"), None) if !more => {
            request.effort.get_or_insert_with(|| String::from("none"));
        }
        // How hard is not said; whoever takes the same words gets them as they are.
        _ => request.extras.0.push((String::from("thinking"), raw)),
    }
    Ok(())
}

/// `response_format`; as it is spelt where its type is none that is known.
fn format(at: &mut Cursor<'_>) -> Result<Result<Format, Box<RawValue>>, Fault> {
    let raw = at.keep()?;
    let (mut kind, mut schema) = (None, None);
    Cursor::new(raw.get()).members(|key, at| {
        match key {
            "type" => kind = Some(at.string()?),
            "json_schema" => schema = Some(json_schema(at)?),
            _ => {}
        }
        Ok(())
    })?;
    match kind.as_deref() {
        None => Err(Fault::new("type", "is missing")),
        Some("text") => Ok(Ok(Format::Text)),
        Some("json_object") => Ok(Ok(Format::Json)),
        Some("json_schema") => schema.map(Ok).ok_or_else(|| Fault::new("json_schema", "is missing")),
        Some(_) => Ok(Err(raw)),
    }
}

fn json_schema(at: &mut Cursor<'_>) -> Result<Format, Fault> {
    // Perplexity's clients leave the name out.
    let (mut name, mut description, mut schema, mut strict) = (String::from("answer"), None, None, None);
    at.members(|key, at| {
        match key {
            "name" => name = at.string()?,
            "description" => description = Some(at.string()?),
            "schema" => schema = Some(at.keep()?),
            "strict" => strict = Some(at.read("true or false")?),
            _ => {}
        }
        Ok(())
    })?;
    let any = || RawValue::from_string("{}".into()).expect("an empty object is JSON");
    Ok(Format::Schema {
        name,
        description,
        schema: schema.unwrap_or_else(any),
        strict,
    })
}
