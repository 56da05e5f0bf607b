//! Tools and the choice among them, said in this dialect.

use gateway_types::DialectName;
use gateway_types::chat::{CacheMark, Tool, ToolChoice, ToolKind};
use gateway_types::loss::Loss;

use super::request::Saying;
use super::words::Marks;
use crate::freeform;
use crate::json::Out;

/// Says the tools and the choice.
pub(super) fn tools(saying: &mut Saying<'_>, out: &mut Out<'_>) {
    let request = saying.request;
    let some_of: Option<&[String]> = match &request.tool_choice {
        Some(ToolChoice::OneOf { names, .. }) if !saying.words.allowed_tools => Some(names),
        _ => None,
    };
    let wanted = |tool: &Tool| some_of.is_none_or(|names| names.contains(&tool.name));
    let offered: Vec<(usize, &Tool)> = request
        .tools
        .iter()
        .enumerate()
        .filter(|(_, tool)| wanted(tool))
        .collect();
    let sayable: Vec<(usize, &Tool)> = offered
        .into_iter()
        .filter(|(i, tool)| sayable(saying, *i, tool))
        .collect();
    if sayable.is_empty() {
        if matches!(
            request.tool_choice,
            Some(ToolChoice::Required | ToolChoice::Tool(_) | ToolChoice::OneOf { required: true, .. })
        ) {
            saying.lose("tool_choice", "none of the tools can be said to this provider");
        }
        return;
    }
    out.array("tools", |out| {
        for (i, tool) in &sayable {
            one(saying, *i, tool, out);
        }
    });
    out.maybe("parallel_tool_calls", request.parallel_tools);
    choice(saying, &sayable, out);
}

/// Whether this API knows the tool.
fn sayable(saying: &mut Saying<'_>, number: usize, tool: &Tool) -> bool {
    match &tool.kind {
        ToolKind::Function { .. } | ToolKind::Custom { .. } => true,
        ToolKind::Other(own) if own.dialect == DialectName::OpenAi => true,
        ToolKind::Other(_) => {
            saying.lose(
                format!("tools[{number}]"),
                format!("`{}` is a tool of another provider's own", tool.name),
            );
            false
        }
    }
}

fn one(saying: &mut Saying<'_>, number: usize, tool: &Tool, out: &mut Out<'_>) {
    let place = format!("tools[{number}]");
    match &tool.kind {
        ToolKind::Function { parameters, strict } => out.item_object(|out| {
            out.member("type", "function");
            out.inner("function", |out| {
                out.member("name", &tool.name);
                out.maybe("description", tool.description.as_ref());
                out.maybe("parameters", parameters.as_ref());
                out.maybe("strict", *strict);
                saying.kept(&format!("{place}.function"), out);
            });
            mark(saying, &place, tool.cache.as_ref(), out);
            saying.kept(&place, out);
        }),
        ToolKind::Custom { format } if saying.target.kind.custom_tools => out.item_object(|out| {
            out.member("type", "custom");
            out.inner("custom", |out| {
                out.member("name", &tool.name);
                out.maybe("description", tool.description.as_ref());
                out.maybe("format", format.as_ref());
            });
        }),
        ToolKind::Custom { format } => {
            let note = "a freeform tool, said as a function with one text argument";
            saying.losses.push(Loss::emulated(place, note));
            out.item_object(|out| {
                out.member("type", "function");
                out.inner("function", |out| {
                    out.member("name", &tool.name);
                    let told = freeform::description(tool.description.as_deref(), format.as_deref());
                    out.maybe("description", told);
                    out.member("parameters", freeform::parameters());
                });
            });
        }
        ToolKind::Other(own) => out.item(&own.json),
    }
}

/// The end of a prefix worth caching, where that can be marked; elsewhere prefixes are cached without.
pub(super) fn mark(saying: &mut Saying<'_>, place: &str, mark: Option<&CacheMark>, out: &mut Out<'_>) {
    let Some(mark) = mark else { return };
    match saying.words.marks {
        Marks::CacheControl => out.inner("cache_control", |out| {
            out.member("type", "ephemeral");
            out.maybe("ttl", mark.ttl.as_ref());
        }),
        Marks::Breakpoint if saying.own => out.inner("prompt_cache_breakpoint", |out| {
            out.member("mode", "explicit");
            out.maybe("ttl", mark.ttl.as_ref());
        }),
        Marks::Breakpoint | Marks::None => saying.losses.push(Loss::mapped(
            format!("{place}.cache_control"),
            "prefixes are cached without marks here",
        )),
    }
}

fn choice(saying: &mut Saying<'_>, sayable: &[(usize, &Tool)], out: &mut Out<'_>) {
    const KEY: &str = "tool_choice";
    let word = |required: bool| if required { "required" } else { "auto" };
    let freeform = |name: &str| {
        let freeform = |(_, tool): &&(usize, &Tool)| tool.name == name && matches!(tool.kind, ToolKind::Custom { .. });
        saying.target.kind.custom_tools && sayable.iter().any(|tool| freeform(&tool))
    };
    match &saying.request.tool_choice {
        None => {}
        Some(ToolChoice::Auto) => out.member(KEY, "auto"),
        Some(ToolChoice::None) => out.member(KEY, "none"),
        Some(ToolChoice::Required) => out.member(KEY, "required"),
        Some(ToolChoice::Tool(name)) => out.inner(KEY, |out| named(name, freeform(name), out)),
        Some(ToolChoice::OneOf { names, required }) if saying.words.allowed_tools => out.inner(KEY, |out| {
            out.member("type", "allowed_tools");
            out.inner("allowed_tools", |out| {
                out.member("mode", word(*required));
                out.array("tools", |out| {
                    for name in names {
                        out.item_object(|out| named(name, freeform(name), out));
                    }
                });
            });
        }),
        Some(ToolChoice::OneOf { required, .. }) => {
            out.member(KEY, word(*required));
            let note = "the tools that are not allowed are not said";
            saying.losses.push(Loss::emulated(KEY, note));
        }
    }
}

fn named(name: &str, freeform: bool, out: &mut Out<'_>) {
    let kind = if freeform { "custom" } else { "function" };
    out.member("type", kind);
    out.inner(kind, |out| out.member("name", name));
}
