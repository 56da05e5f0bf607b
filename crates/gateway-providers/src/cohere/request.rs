//! A chat request, said as `POST /v2/chat`.

use gateway_types::chat::{Extras, Format, Request, Tool, ToolChoice, ToolKind};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error, Operation};
use http::HeaderMap;

use super::read::SOME;
use super::say::Messages;
use super::send;
use crate::freeform;
use crate::json::Out;
use crate::lane::Cap;
use crate::target::Target;
use crate::transport::WireRequest;

/// The most stop texts that the API takes.
const STOPS: usize = 5;

/// Says the request, reporting what it could not say.
pub(super) fn say(request: &Request, target: &Target, cap: Cap, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    if let Some(choices) = request.sampling.choices.filter(|choices| *choices > 1) {
        let message = format!("this model gives one answer per request, not {choices}; set n to 1");
        return Err(Error::invalid("n", message));
    }
    let mut body = Vec::new();
    Out::object(&mut body, |out| write(request, target, cap, out, losses));
    send::post(target, Operation::Chat, request.stream, &HeaderMap::new(), body)
}

fn write(request: &Request, target: &Target, cap: Cap, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    out.member("model", target.model.as_str());
    let mut said = Messages::new(request, target, losses);
    out.array("messages", |out| said.write(out));
    said.documents(out);
    if request.stream {
        out.member("stream", true);
    }
    let most = match cap {
        Cap::AtMost(most) => Some(request.max_output.map_or(most, |given| given.min(most)).max(1)),
        Cap::Client => request.max_output,
    };
    out.maybe("max_tokens", most);
    tools(request, out, losses);
    format(request.format.as_ref(), out, losses);
    sampling(request, out, losses);
    stops(&request.stop, out, losses);
    thinking(request, out, losses);
    if request.user.is_some() {
        losses.push(Loss::dropped("user", "this API is not told who asks"));
    }
    extras(&request.extras, request.dialect, out, losses);
}

fn tools(request: &Request, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let offered = offered(request, losses);
    if offered.is_empty() {
        if matches!(&request.tool_choice, Some(choice) if *choice != ToolChoice::None && *choice != ToolChoice::Auto) {
            losses.push(Loss::dropped("tool_choice", "there are no tools to choose from"));
        }
        return;
    }
    out.array("tools", |out| {
        for (_, tool) in &offered {
            write_tool(tool, out);
        }
    });
    strictness(&offered, request.dialect, out, losses);
    match &request.tool_choice {
        Some(ToolChoice::None) => out.member("tool_choice", "NONE"),
        Some(ToolChoice::Required | ToolChoice::Tool(_) | ToolChoice::OneOf { required: true, .. }) => {
            out.member("tool_choice", "REQUIRED");
        }
        Some(ToolChoice::Auto | ToolChoice::OneOf { .. }) | None => {}
    }
    if request.parallel_tools == Some(false) {
        losses.push(Loss::dropped(
            "parallel_tool_calls",
            "the model may call several tools at once here",
        ));
    }
}

/// The tools that are said: functions, and text tools as functions of one text. A choice among some of them can be forced
/// here only by offering no others.
fn offered<'a>(request: &'a Request, losses: &mut Vec<Loss>) -> Vec<(usize, &'a Tool)> {
    let chosen: Option<Vec<&str>> = match &request.tool_choice {
        Some(ToolChoice::Tool(name)) => Some(vec![name]),
        Some(ToolChoice::OneOf { names, .. }) => Some(names.iter().map(String::as_str).collect()),
        _ => None,
    };
    let mut offered = Vec::new();
    let mut held_back = false;
    for (at, tool) in request.tools.iter().enumerate() {
        if tool.cache.is_some() {
            losses.push(Loss::dropped(
                format!("tools[{at}].cache_control"),
                super::say::UNMARKED,
            ));
        }
        match &tool.kind {
            ToolKind::Other(own) if own.dialect == DialectName::Cohere => {}
            ToolKind::Other(_) => {
                losses.push(Loss::dropped(
                    format!("tools[{at}]"),
                    "a tool of another provider's own",
                ));
                continue;
            }
            ToolKind::Custom { .. } => {
                let note = "a freeform tool, said as a function with one text argument";
                losses.push(Loss::emulated(format!("tools[{at}]"), note));
            }
            ToolKind::Function { .. } => {}
        }
        match &chosen {
            Some(names) if !names.contains(&tool.name.as_str()) => held_back = true,
            _ => offered.push((at, tool)),
        }
    }
    if held_back {
        losses.push(Loss::emulated("tool_choice", "no other tools are offered"));
    }
    offered
}

fn write_tool(tool: &Tool, out: &mut Out<'_>) {
    if let ToolKind::Other(own) = &tool.kind {
        out.item(&own.json);
        return;
    }
    out.item_object(|out| {
        out.member("type", "function");
        out.inner("function", |out| {
            out.member("name", &tool.name);
            let format = match &tool.kind {
                ToolKind::Custom { format } => format.as_deref(),
                _ => None,
            };
            out.maybe(
                "description",
                freeform::description(tool.description.as_deref(), format),
            );
            match &tool.kind {
                ToolKind::Function {
                    parameters: Some(schema),
                    ..
                } => out.member("parameters", schema),
                ToolKind::Custom { .. } => out.member("parameters", freeform::parameters()),
                // The API wants a schema.
                _ => out.inner("parameters", |out| {
                    out.member("type", "object");
                    out.inner("properties", |_| {});
                }),
            }
        });
    });
}

/// Strictness is said once for all tools.
fn strictness(offered: &[(usize, &Tool)], dialect: DialectName, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let strict = |tool: &Tool| match tool.kind {
        ToolKind::Function { strict, .. } => strict,
        _ => None,
    };
    if offered.iter().all(|(_, tool)| strict(tool) == Some(true)) {
        out.member("strict_tools", true);
        return;
    }
    if dialect == DialectName::Cohere && offered.iter().all(|(_, tool)| strict(tool) == Some(false)) {
        out.member("strict_tools", false);
    }
    for (at, _) in offered.iter().filter(|(_, tool)| strict(tool) == Some(true)) {
        let note = "strictness is said for all tools at once here, and not all of them ask for it";
        losses.push(Loss::dropped(format!("tools[{at}].function.strict"), note));
    }
}

fn format(format: Option<&Format>, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let Some(format) = format else { return };
    out.inner("response_format", |out| match format {
        Format::Text => out.member("type", "text"),
        Format::Json => out.member("type", "json_object"),
        Format::Schema {
            description, schema, ..
        } => {
            out.member("type", "json_object");
            out.member("json_schema", schema);
            if description.is_some() {
                losses.push(Loss::dropped(
                    "response_format.description",
                    "a schema has no description here",
                ));
            }
        }
    });
}

/// Sampling, within the bounds that the API refuses to leave.
fn sampling(request: &Request, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let asked = &request.sampling;
    let foreign = request.dialect != DialectName::Cohere;
    let mut bounded = |field: &str, word: &str, given: Option<f64>, least: f64, most: f64| {
        // What is said where nothing is asked for may be refused beside the rest.
        let Some(given) = given.filter(|given| !(foreign && *given == 0.0 && word.ends_with("_penalty"))) else {
            return;
        };
        let said = if foreign { given.clamp(least, most) } else { given };
        if said != given {
            losses.push(Loss::emulated(
                field,
                format!("{given} is out of bounds there; {said} is said"),
            ));
        }
        out.member(word, said);
    };
    bounded("temperature", "temperature", asked.temperature, 0.0, 1.0);
    bounded("top_p", "p", asked.top_p, 0.01, 0.99);
    bounded(
        "frequency_penalty",
        "frequency_penalty",
        asked.frequency_penalty,
        0.0,
        1.0,
    );
    bounded("presence_penalty", "presence_penalty", asked.presence_penalty, 0.0, 1.0);
    if let Some(given) = asked.top_k {
        let said = if foreign { given.min(500) } else { given };
        if said != given {
            losses.push(Loss::emulated(
                "top_k",
                format!("{given} is out of bounds there; {said} is said"),
            ));
        }
        out.member("k", said);
    }
    out.maybe("seed", asked.seed);
}

fn stops(stop: &[String], out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    for at in STOPS..stop.len() {
        losses.push(Loss::dropped(
            format!("stop[{at}]"),
            format!("this API takes {STOPS} stop texts"),
        ));
    }
    if !stop.is_empty() {
        out.member("stop_sequences", &stop[..stop.len().min(STOPS)]);
    }
}

/// Thinking is on or off, and may have a budget; there are no levels of it.
fn thinking(request: &Request, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    if request.show_thinking == Some(false) {
        losses.push(Loss::dropped(
            "show_thinking",
            "what the model thinks is always shown here",
        ));
    }
    let own = request.dialect == DialectName::Cohere;
    match (request.thinking_budget, request.effort.as_deref()) {
        (Some(0), _) | (None, Some("none")) => out.inner("thinking", |out| out.member("type", "disabled")),
        (Some(budget), _) => out.inner("thinking", |out| {
            out.member("type", "enabled");
            out.member("token_budget", budget);
        }),
        (None, Some(SOME)) if own => out.inner("thinking", |out| out.member("type", "enabled")),
        (None, Some(_)) => {
            let note = "thinking has a budget here and no levels; models that can think do so";
            losses.push(Loss::dropped("reasoning_effort", note));
        }
        (None, None) => {}
    }
}

/// What no word of the vocabulary covers.
fn extras(extras: &Extras, dialect: DialectName, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    for (key, raw) in &extras.0 {
        match (dialect, key.as_str(), raw.get()) {
            (DialectName::Cohere, ..) => out.member(key, raw),
            // The same word in OpenAI's API and in Ollama's; not to ask is the default.
            (_, "logprobs", "true") => out.member("logprobs", true),
            (_, "logprobs", "false") => {}
            _ => losses.push(Loss::dropped(key.as_str(), "this API has no such field")),
        }
    }
}
