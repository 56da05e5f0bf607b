//! A chat request, said in this dialect: one from another dialect in this one's words, one of this dialect as it was.

use gateway_types::chat::{Format, Request, Tool, ToolChoice, ToolKind};
use gateway_types::json::Slices;
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error, Operation};
use http::HeaderMap;
use serde_json::value::RawValue;

use super::messages::Saying;
use super::tools::own_format;
use super::{builtin, home, pass};
use crate::freeform;
use crate::json::Out;
use crate::lane::Cap;
use crate::openai::effort_of;
use crate::target::Target;
use crate::transport::WireRequest;

/// Says a request.
pub(super) fn request(
    request: &Request,
    target: &Target,
    cap: Cap,
    losses: &mut Vec<Loss>,
) -> Result<WireRequest, Error> {
    let mut body = Vec::new();
    if request.dialect == DialectName::Responses {
        Out::object(&mut body, |out| home::turn(request, target, cap, out, losses));
    } else {
        let asked = one_answer(request)?;
        Out::object(&mut body, |out| {
            asks(asked, target, out, losses);
            turn(asked, target, cap, out, losses);
            extras(asked, out, losses);
        });
    }
    let body = Slices::one(body.into());
    pass::post(target, Operation::Responses, request.stream, &HeaderMap::new(), body)
}

/// Asks how many tokens the input has.
pub(super) fn count(request: &Request, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        if request.dialect == DialectName::Responses {
            home::count(request, target, out, losses);
        } else {
            asks(request, target, out, losses);
        }
    });
    let body = Slices::one(body.into());
    pass::post(target, Operation::CountTokens, false, &HeaderMap::new(), body)
}

fn one_answer(request: &Request) -> Result<&Request, Error> {
    match request.sampling.choices {
        Some(choices) if choices > 1 => {
            let message = format!("this model gives one answer per request, not {choices}; set n to 1");
            Err(Error::invalid("n", message))
        }
        _ => Ok(request),
    }
}

/// What has a number of tokens: the input, and what shapes it.
fn asks(request: &Request, target: &Target, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    out.member("model", target.model.as_str());
    let saying = Saying::new(request, target);
    let rest = saying.instructions(out);
    out.array("input", |out| saying.items(rest, out, losses));
    tools(request, target, out, losses);
    text(request, out);
    reasoning(request, out, losses);
}

/// What only a turn has.
fn turn(request: &Request, target: &Target, cap: Cap, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    if request.stream {
        out.member("stream", true);
    }
    let most = match cap {
        Cap::AtMost(most) => Some(request.max_output.map_or(most, |given| given.min(most))),
        Cap::Client => request.max_output,
    };
    out.maybe("max_output_tokens", most);
    let sampling = &request.sampling;
    out.maybe("temperature", sampling.temperature);
    out.maybe("top_p", sampling.top_p);
    for (field, given) in [
        ("top_k", sampling.top_k.is_some()),
        (
            "frequency_penalty",
            sampling.frequency_penalty.is_some_and(|penalty| penalty != 0.0),
        ),
        (
            "presence_penalty",
            sampling.presence_penalty.is_some_and(|penalty| penalty != 0.0),
        ),
        ("seed", sampling.seed.is_some()),
        ("stop", !request.stop.is_empty()),
    ] {
        if given {
            losses.push(Loss::dropped(field, "this API has no such field"));
        }
    }
    out.maybe("user", request.user.as_ref());
    include(request, target, out);
}

/// Thinking comes back only if it is asked for, and models that do not think refuse the question.
fn include(request: &Request, target: &Target, out: &mut Out<'_>) {
    let thinks = target.kind.words.thinks(target.model.as_str());
    let probable = extra(request, "logprobs").is_some_and(|raw| raw.get() == "true");
    let asked = [
        thinks.then_some("reasoning.encrypted_content"),
        probable.then_some("message.output_text.logprobs"),
    ];
    out.array("include", |out| {
        asked.into_iter().flatten().for_each(|word| out.item(word))
    });
}

fn extra<'a>(request: &'a Request, name: &str) -> Option<&'a RawValue> {
    let mut extras = request.extras.0.iter();
    extras.find(|(key, _)| key == name).map(|(_, raw)| &**raw)
}

/// Members of the chat API that this one has too, or that mean the same in other words; the rest is lost. Nothing is kept by
/// the provider unless the client wants it to be.
fn extras(request: &Request, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    const ALIKE: [&str; 7] = [
        "metadata",
        "service_tier",
        "store",
        "prompt_cache_key",
        "prompt_cache_retention",
        "safety_identifier",
        "top_logprobs",
    ];
    let chat = request.dialect == DialectName::OpenAi;
    for (key, raw) in &request.extras.0 {
        match key.as_str() {
            alike if chat && ALIKE.contains(&alike) => out.member(alike, raw),
            // Said in `text` and in `include`.
            "verbosity" | "logprobs" if chat => {}
            _ => losses.push(Loss::dropped(key, "this API has no such field")),
        }
    }
    if !chat || extra(request, "store").is_none() {
        out.member("store", false);
    }
}

/// A tool on its way out.
enum Offered<'a> {
    Given(&'a Tool),
    /// The counterpart of another provider's.
    Own(Box<RawValue>),
}

fn tools(request: &Request, target: &Target, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let mut sayable = Vec::with_capacity(request.tools.len());
    for (i, tool) in request.tools.iter().enumerate() {
        match &tool.kind {
            ToolKind::Other(foreign) if foreign.dialect != DialectName::Responses => {
                match builtin::counterpart(foreign) {
                    Some(own) => {
                        losses.push(Loss::mapped(
                            format!("tools[{i}]"),
                            "this provider's own search stands for it",
                        ));
                        sayable.push(Offered::Own(own));
                    }
                    None => {
                        let note = "a tool of another provider's own";
                        losses.push(Loss::dropped(format!("tools[{i}]"), note));
                    }
                }
            }
            ToolKind::Custom { .. } if !target.kind.custom_tools => {
                let note = "a function with one text argument stands for a freeform tool";
                losses.push(Loss::emulated(format!("tools[{i}]"), note));
                sayable.push(Offered::Given(tool));
            }
            _ => sayable.push(Offered::Given(tool)),
        }
        if tool.cache.is_some() {
            let note = "prefixes are cached without marks here";
            losses.push(Loss::dropped(format!("tools[{i}].cache_control"), note));
        }
    }
    if sayable.is_empty() {
        // A choice among no tools is refused.
        return;
    }
    out.array("tools", |out| {
        for tool in &sayable {
            match tool {
                Offered::Given(tool) => write_tool(tool, target, out),
                Offered::Own(own) => out.item(own),
            }
        }
    });
    out.maybe("parallel_tool_calls", request.parallel_tools);
    match &request.tool_choice {
        Some(ToolChoice::Auto) => out.member("tool_choice", "auto"),
        Some(ToolChoice::None) => out.member("tool_choice", "none"),
        Some(ToolChoice::Required) => out.member("tool_choice", "required"),
        Some(ToolChoice::Tool(name)) => out.inner("tool_choice", |out| named(name, request, target, out)),
        Some(ToolChoice::OneOf { names, required }) => out.inner("tool_choice", |out| {
            out.member("type", "allowed_tools");
            out.member("mode", if *required { "required" } else { "auto" });
            out.array("tools", |out| {
                for name in names {
                    out.item_object(|out| named(name, request, target, out));
                }
            });
        }),
        None => {}
    }
}

fn named(name: &str, request: &Request, target: &Target, out: &mut Out<'_>) {
    let custom = |tool: &Tool| tool.name == name && matches!(tool.kind, ToolKind::Custom { .. });
    let kind = if target.kind.custom_tools && request.tools.iter().any(custom) {
        "custom"
    } else {
        "function"
    };
    out.member("type", kind);
    out.member("name", name);
}

fn write_tool(tool: &Tool, target: &Target, out: &mut Out<'_>) {
    match &tool.kind {
        ToolKind::Function { parameters, strict } => out.item_object(|out| {
            out.member("type", "function");
            out.member("name", &tool.name);
            out.maybe("description", tool.description.as_ref());
            match parameters {
                Some(schema) => out.member("parameters", schema),
                None => out.inner("parameters", |out| {
                    out.member("type", "object");
                    out.inner("properties", |_| {});
                }),
            }
            // Left out, it would mean yes here, and no everywhere else.
            out.member("strict", strict.unwrap_or(false));
        }),
        ToolKind::Custom { format } if !target.kind.custom_tools => out.item_object(|out| {
            out.member("type", "function");
            out.member("name", &tool.name);
            out.maybe(
                "description",
                freeform::description(tool.description.as_deref(), format.as_deref()),
            );
            out.member("parameters", freeform::parameters());
            out.member("strict", false);
        }),
        ToolKind::Custom { format } => out.item_object(|out| {
            out.member("type", "custom");
            out.member("name", &tool.name);
            out.maybe("description", tool.description.as_ref());
            out.maybe("format", format.as_deref().map(own_format));
        }),
        ToolKind::Other(own) => out.item(&own.json),
    }
}

fn text(request: &Request, out: &mut Out<'_>) {
    let chat = request.dialect == DialectName::OpenAi;
    let verbosity = extra(request, "verbosity").filter(|_| chat);
    if request.format.is_none() && verbosity.is_none() {
        return;
    }
    out.inner("text", |out| {
        if let Some(format) = &request.format {
            out.inner("format", |out| write_format(format, out));
        }
        out.maybe("verbosity", verbosity);
    });
}

fn write_format(format: &Format, out: &mut Out<'_>) {
    match format {
        Format::Text => out.member("type", "text"),
        Format::Json => out.member("type", "json_object"),
        Format::Schema {
            name,
            description,
            schema,
            strict,
        } => {
            out.member("type", "json_schema");
            out.member("name", name);
            out.maybe("description", description.as_ref());
            out.member("schema", schema);
            out.maybe("strict", *strict);
        }
    }
}

fn reasoning(request: &Request, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let effort = request.effort.clone().or_else(|| {
        let budget = request.thinking_budget?;
        let effort = effort_of(budget, request.max_output);
        losses.push(Loss::emulated(
            "thinking_budget",
            format!("said as an effort: {effort}"),
        ));
        Some(effort.to_owned())
    });
    let shown = request.show_thinking == Some(true);
    if effort.is_none() && !shown {
        return;
    }
    out.inner("reasoning", |out| {
        out.maybe("effort", effort);
        out.maybe("summary", shown.then_some("auto"));
    });
}
