//! A chat request, said as `POST /api/chat`; or as `POST /api/generate` where it holds what only that form has.

use gateway_types::chat::{Extras, Format, Part, Request, Role, Tool, ToolChoice, ToolKind};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error};

use super::decode::{CAP, Shape};
use super::read::{OPTIONS, SOME};
use super::say::Messages;
use super::send;
use crate::freeform;
use crate::json::Out;
use crate::lane::Cap;
use crate::media;
use crate::target::Target;
use crate::transport::WireRequest;

/// Members that only `/api/generate` knows.
const GENERATE: [&str; 7] = ["raw", "template", "suffix", "context", "width", "height", "steps"];

/// Says the request, reporting what it could not say.
pub(super) fn say(request: &Request, target: &Target, cap: Cap, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    if let Some(choices) = request.sampling.choices.filter(|choices| *choices > 1) {
        let message = format!("this model gives one answer per request, not {choices}; set n to 1");
        return Err(Error::invalid("n", message));
    }
    if request.messages.is_empty() {
        // The server would take it for a wish to load the model, and answer nothing.
        return Err(Error::invalid(
            "messages",
            "there is no message, and this provider wants one",
        ));
    }
    let of_generate = |(key, _): &(String, _)| GENERATE.contains(&key.as_str());
    let shape = match request.dialect == DialectName::Ollama && request.extras.0.iter().any(of_generate) {
        true => Shape::Generate,
        false => Shape::Chat,
    };
    let mut body = Vec::new();
    Out::object(&mut body, |out| write(request, shape, target, cap, out, losses));
    send::post(target, shape, request.stream, body)
}

fn write(request: &Request, shape: Shape, target: &Target, cap: Cap, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    out.member("model", target.model.as_str());
    match shape {
        Shape::Generate => prompt(request, out),
        _ => out.array("messages", |out| Messages::new(request, target, losses).write(out)),
    }
    // A stream is what comes where nothing is said.
    out.member("stream", request.stream);
    tools(request, out, losses);
    match &request.format {
        Some(Format::Json) => out.member("format", "json"),
        Some(Format::Schema { schema, .. }) => out.member("format", schema),
        Some(Format::Text) | None => {}
    }
    think(request, out, losses);
    options(request, cap, out, losses);
    if request.user.is_some() {
        losses.push(Loss::dropped("user", "this API is not told who asks"));
    }
    extras(&request.extras, request.dialect, out, losses);
}

/// The messages that stand for a prompt, as the prompt.
fn prompt(request: &Request, out: &mut Out<'_>) {
    let text_of = |role: Role| {
        let parts = request
            .messages
            .iter()
            .filter(move |message| message.role == role)
            .flat_map(|message| &message.parts);
        let text = |part: &Part| match part {
            Part::Text { text, .. } => Some(text.clone()),
            _ => None,
        };
        parts.filter_map(text).collect::<String>()
    };
    let system = text_of(Role::System);
    out.maybe("system", (!system.is_empty()).then_some(system));
    out.member("prompt", text_of(Role::User));
    let images: Vec<String> = request
        .messages
        .iter()
        .flat_map(|message| &message.parts)
        .filter_map(media::inline_picture)
        .collect();
    out.maybe("images", (!images.is_empty()).then_some(images));
}

fn tools(request: &Request, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let offered = offered(request, losses);
    if offered.is_empty() {
        return;
    }
    out.array("tools", |out| {
        for tool in &offered {
            write_tool(tool, out);
        }
    });
    if request.parallel_tools == Some(false) {
        losses.push(Loss::dropped(
            "parallel_tool_calls",
            "the model may call several tools at once here",
        ));
    }
}

/// The tools that are said. The API has no word for whether they must be used: what can be done is to offer fewer.
fn offered<'a>(request: &'a Request, losses: &mut Vec<Loss>) -> Vec<&'a Tool> {
    let mut emulated = |note: &str| losses.push(Loss::emulated("tool_choice", note));
    let chosen: Option<Vec<&str>> = match &request.tool_choice {
        Some(ToolChoice::None) => {
            if !request.tools.is_empty() {
                emulated("no tools are offered");
            }
            return Vec::new();
        }
        Some(ToolChoice::Required) => {
            emulated("the tools are offered; they cannot be forced here");
            None
        }
        Some(ToolChoice::Tool(name)) => {
            emulated("no other tool is offered; it cannot be forced here");
            Some(vec![name])
        }
        Some(ToolChoice::OneOf { names, .. }) => {
            emulated("no other tools are offered; they cannot be forced here");
            Some(names.iter().map(String::as_str).collect())
        }
        Some(ToolChoice::Auto) | None => None,
    };
    let mut offered = Vec::new();
    for (at, tool) in request.tools.iter().enumerate() {
        if tool.cache.is_some() {
            losses.push(Loss::dropped(
                format!("tools[{at}].cache_control"),
                super::say::UNMARKED,
            ));
        }
        match &tool.kind {
            ToolKind::Other(own) if own.dialect != DialectName::Ollama => {
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
            ToolKind::Function { strict: Some(true), .. } => {
                let note = "arguments are not held to their schema here";
                losses.push(Loss::dropped(format!("tools[{at}].function.strict"), note));
            }
            ToolKind::Function { .. } | ToolKind::Other(_) => {}
        }
        if chosen.as_ref().is_none_or(|names| names.contains(&tool.name.as_str())) {
            offered.push(tool);
        }
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
                _ => out.inner("parameters", |out| {
                    out.member("type", "object");
                    out.inner("properties", |_| {});
                }),
            }
        });
    });
}

/// `think`: a level, or whether at all. Models that cannot think refuse to be asked, so it is said only where it was.
fn think(request: &Request, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let own = request.dialect == DialectName::Ollama;
    match (request.effort.as_deref(), request.thinking_budget) {
        (Some(SOME), None) if own && request.show_thinking == Some(true) => out.member("think", true),
        (Some("none"), _) | (None, Some(0)) => out.member("think", false),
        (Some(level), _) => {
            let said = match level {
                "minimal" if !own => "low",
                "xhigh" if !own => "high",
                level => level,
            };
            if said != level {
                losses.push(Loss::emulated(
                    "reasoning_effort",
                    format!("`{level}` is said as `{said}`"),
                ));
            }
            out.member("think", said);
        }
        (None, Some(_)) => {
            losses.push(Loss::emulated(
                "thinking_budget",
                "the model thinks as long as it wants to",
            ));
            out.member("think", true);
        }
        (None, None) => {}
    }
    if request.show_thinking == Some(false) {
        losses.push(Loss::dropped(
            "show_thinking",
            "what the model thinks is always shown here",
        ));
    }
}

/// Sampling, the cap, and whatever else is an option here.
fn options(request: &Request, cap: Cap, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let asked = &request.sampling;
    let most = match cap {
        Cap::AtMost(most) => Some(request.max_output.map_or(most, |given| given.min(most)).max(1)),
        Cap::Client => request.max_output,
    };
    let mut options = Vec::new();
    Out::object(&mut options, |out| {
        out.maybe(CAP, most);
        out.maybe("temperature", asked.temperature);
        out.maybe("top_p", asked.top_p);
        out.maybe("top_k", asked.top_k);
        out.maybe("frequency_penalty", asked.frequency_penalty);
        out.maybe("presence_penalty", asked.presence_penalty);
        out.maybe("seed", asked.seed);
        out.maybe("stop", (!request.stop.is_empty()).then_some(&request.stop));
        if request.dialect == DialectName::Ollama {
            for (key, raw) in &request.extras.0 {
                out.maybe(
                    key.strip_prefix(OPTIONS).unwrap_or_default(),
                    key.starts_with(OPTIONS).then_some(raw),
                );
            }
        }
    });
    if options != b"{}" {
        match serde_json::from_slice::<&serde_json::value::RawValue>(&options) {
            Ok(options) => out.member("options", options),
            Err(why) => losses.push(Loss::dropped("options", why.to_string())),
        }
    }
}

/// What no word of the vocabulary covers.
fn extras(extras: &Extras, dialect: DialectName, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    for (key, raw) in &extras.0 {
        match (dialect, key.as_str()) {
            (DialectName::Ollama, key) if key.starts_with(OPTIONS) => {}
            // OpenAI's API has the same words for probabilities.
            (DialectName::Ollama, _) | (DialectName::OpenAi, "logprobs" | "top_logprobs") => out.member(key, raw),
            _ => losses.push(Loss::dropped(key.as_str(), "this API has no such field")),
        }
    }
}
