//! Messages said in this dialect.

use gateway_types::DialectName;
use gateway_types::chat::{Message, Part, Reasoning, Role, Source, ToolResult, ToolUse};
use gateway_types::loss::Loss;
use serde_json::value::RawValue;

use super::kept::Kept;
use super::offer::mark;
use super::request::Saying;
use super::say::{content, joined, say_image};
use super::thought::write_detail;
use super::words::Thoughts;
use crate::freeform;
use crate::json::Out;
use crate::seal::may_go;

/// Says one message. It may be several here: results of tools are messages of their own, before what the user adds to them.
pub(super) fn message(saying: &mut Saying<'_>, message: &Message, at: &str, out: &mut Out<'_>) {
    let mut kept = Kept::of(&message.extras);
    let results = message.parts.iter().enumerate();
    let results: Vec<(usize, &ToolResult)> = results
        .filter_map(|(i, part)| match part {
            Part::ToolResult(result) => Some((i, result)),
            _ => None,
        })
        .collect();
    for (i, tool) in &results {
        result(saying, tool, &format!("{at}.content[{i}]"), &mut kept, out);
    }
    for (i, tool) in &results {
        besides(saying, tool, &format!("{at}.content[{i}]"), out);
    }
    let others = message.parts.iter().enumerate();
    let rest: Vec<(usize, &Part)> = others
        .filter(|(_, part)| !matches!(part, Part::ToolResult(_)))
        .collect();
    if !rest.is_empty() || results.is_empty() {
        out.item_object(|out| turn(saying, message, &rest, at, &mut kept, out));
    }
    for (key, _) in kept.unsaid() {
        saying.lose(format!("{at}.{key}"), "this API has no such field");
    }
}

fn turn(
    saying: &mut Saying<'_>,
    message: &Message,
    rest: &[(usize, &Part)],
    at: &str,
    kept: &mut Kept<'_>,
    out: &mut Out<'_>,
) {
    out.member(
        "role",
        match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        },
    );
    name(saying, message.name.as_deref(), at, out);
    match message.role {
        Role::Assistant => assistant(saying, rest, at, kept, out),
        Role::System | Role::User => content(saying, rest, at, kept, out),
    }
    if saying.own {
        kept.say("", out);
    }
}

fn name(saying: &mut Saying<'_>, name: Option<&str>, at: &str, out: &mut Out<'_>) {
    let Some(name) = name else { return };
    match saying.words.name("messages.name", false) {
        Some(_) => out.member("name", name),
        None => saying.lose(format!("{at}.name"), "this provider refuses names of speakers"),
    }
}

/// The result of a tool. Only text may stand in it, except where the client of this very dialect knows better.
fn result(saying: &mut Saying<'_>, result: &ToolResult, at: &str, kept: &mut Kept<'_>, out: &mut Out<'_>) {
    if result.failed {
        saying.lose(format!("{at}.is_error"), "this API does not say whether a tool failed");
    }
    let sayable = |part: &Part| saying.own || is_text(part);
    let parts = result.parts.iter().enumerate().filter(|(_, part)| sayable(part));
    let parts: Vec<(usize, &Part)> = parts.collect();
    out.item_object(|out| {
        out.member("role", "tool");
        out.member("tool_call_id", saying.words.ids.fit(&result.id));
        if saying.own {
            name(saying, result.name.as_deref(), at, out);
        }
        content(saying, &parts, at, kept, out);
        mark(saying, at, result.cache.as_ref(), out);
        if saying.own {
            kept.say("", out);
        }
    });
}

fn is_text(part: &Part) -> bool {
    matches!(
        part,
        Part::Text { .. }
            | Part::Refusal(_)
            | Part::Document {
                source: Source::Text(_),
                ..
            }
    )
}

/// Pictures and documents of a tool's result: a user's message right behind the results brings them.
fn besides(saying: &mut Saying<'_>, result: &ToolResult, at: &str, out: &mut Out<'_>) {
    let parts = result.parts.iter().enumerate();
    let parts: Vec<(usize, &Part)> = parts.filter(|(_, part)| !saying.own && !is_text(part)).collect();
    if parts.is_empty() {
        return;
    }
    saying.losses.push(Loss::emulated(
        at,
        "what is no text in the result of a tool is said by the user right behind it",
    ));
    let told = Part::text(format!("The tool call {} has returned this:", result.id));
    let mut all = vec![(0, &told)];
    all.extend(parts);
    let nothing = gateway_types::chat::Extras::default();
    out.item_object(|out| {
        out.member("role", "user");
        content(saying, &all, at, &mut Kept::of(&nothing), out);
    });
}

fn assistant(saying: &mut Saying<'_>, parts: &[(usize, &Part)], at: &str, kept: &mut Kept<'_>, out: &mut Out<'_>) {
    let pieces = thinking(saying, parts, at, out);
    said(saying, parts, pieces, at, kept, out);
    let refusal = joined(parts, |part| match part {
        Part::Refusal(text) => Some(text),
        _ => None,
    });
    out.maybe("refusal", refusal);
    let calls = parts.iter().filter_map(|(i, part)| match part {
        Part::ToolUse(tool) => Some((*i, tool)),
        _ => None,
    });
    let calls: Vec<(usize, &ToolUse)> = calls.collect();
    if !calls.is_empty() {
        out.array("tool_calls", |out| {
            for (i, tool) in calls {
                out.item_object(|out| call(saying, tool, &format!("{at}.content[{i}]"), out));
            }
        });
    }
    media(saying, parts, at, out);
}

/// What an assistant has said. Pieces of thinking that go into the content come first.
fn said(
    saying: &mut Saying<'_>,
    parts: &[(usize, &Part)],
    thoughts: Vec<&Reasoning>,
    at: &str,
    kept: &mut Kept<'_>,
    out: &mut Out<'_>,
) {
    let is_said = |part: &Part| matches!(part, Part::Text { .. } | Part::Other(_));
    let texts: Vec<(usize, &Part)> = parts.iter().filter(|(_, part)| is_said(part)).copied().collect();
    for (i, part) in &texts {
        if let Part::Text { citations, .. } = part
            && !citations.is_empty()
        {
            saying.lose(
                format!("{at}.content[{i}].citations"),
                "this API takes back no citations",
            );
        }
    }
    if !thoughts.is_empty() {
        out.array("content", |out| {
            for thought in thoughts {
                out.item_object(|out| {
                    out.member("type", "thinking");
                    out.array("thinking", |out| {
                        out.item_object(|out| {
                            out.member("type", "text");
                            out.member("text", &thought.text);
                        });
                    });
                });
            }
            super::say::pieces(saying, &texts, at, kept, out);
        });
        return;
    }
    let plain = texts
        .iter()
        .all(|(_, part)| matches!(part, Part::Text { cache: None, .. }));
    match texts.len() {
        0 => out.member("content", ()),
        // Many servers want an assistant's words in one text.
        _ if plain && !saying.own => {
            let text = joined(&texts, |part| match part {
                Part::Text { text, .. } => Some(text),
                _ => None,
            });
            out.member("content", text);
        }
        _ => content(saying, &texts, at, kept, out),
    }
}

/// Says the thinking of an earlier turn where the vendor has its place for it; gives what goes into the content.
fn thinking<'m>(
    saying: &mut Saying<'_>,
    parts: &[(usize, &'m Part)],
    at: &str,
    out: &mut Out<'_>,
) -> Vec<&'m Reasoning> {
    let thoughts = parts.iter().filter_map(|(i, part)| match part {
        Part::Reasoning(thought) => Some((*i, thought)),
        _ => None,
    });
    let thoughts: Vec<(usize, &'m Reasoning)> = thoughts.collect();
    if thoughts.is_empty() {
        return Vec::new();
    }
    let place = saying.words.thoughts;
    if place == Thoughts::Nowhere {
        for (i, _) in thoughts {
            saying.lose(format!("{at}.content[{i}]"), "this provider takes no thinking back");
        }
        return Vec::new();
    }
    let proven: Vec<(&Reasoning, bool)> = thoughts
        .iter()
        .map(|(i, thought)| (*thought, proof_may_go(saying, thought, &format!("{at}.content[{i}]"))))
        .collect();
    if place == Thoughts::Pieces {
        let readable = |thought: &&'m Reasoning| !thought.text.is_empty();
        return thoughts
            .into_iter()
            .map(|(_, thought)| thought)
            .filter(readable)
            .collect();
    }
    let text: String = thoughts.iter().map(|(_, thought)| thought.text.as_str()).collect();
    let details = proven.iter().any(|(_, may_go)| *may_go);
    match place {
        Thoughts::Member(name) if !text.is_empty() => out.member(name, text),
        Thoughts::Details if !details && !text.is_empty() => out.member("reasoning", text),
        _ => {}
    }
    if details {
        out.array("reasoning_details", |out| {
            for (number, (thought, may_go)) in proven.into_iter().enumerate() {
                let proof = thought
                    .encrypted
                    .as_ref()
                    .or(thought.signature.as_ref())
                    .filter(|_| may_go);
                if thought.text.is_empty() && proof.is_none() {
                    continue;
                }
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                let encrypted = thought.encrypted.is_some();
                out.item_object(|out| write_detail(number, Some(&thought.text), proof, encrypted, out));
            }
        });
    }
    Vec::new()
}

/// Whether what proves a thought is the provider's own. Thinking that nobody has signed needs no proof.
fn proof_may_go(saying: &mut Saying<'_>, thought: &Reasoning, at: &str) -> bool {
    let proof = thought.encrypted.as_ref().or(thought.signature.as_ref());
    proof.is_some_and(|proof| may_go(proof, DialectName::OpenAi, saying.target, at, saying.losses).is_some())
}

fn call(saying: &mut Saying<'_>, tool: &ToolUse, at: &str, out: &mut Out<'_>) {
    out.member("id", saying.words.ids.fit(&tool.id));
    let mut kept = Kept::of(&tool.extras);
    if tool.freeform && saying.target.kind.custom_tools {
        out.member("type", "custom");
        out.inner("custom", |out| {
            out.member("name", &tool.name);
            out.member("input", &tool.arguments);
        });
    } else {
        out.member("type", "function");
        out.inner("function", |out| {
            out.member("name", &tool.name);
            match tool.arguments.trim() {
                _ if tool.freeform => out.member("arguments", freeform::wrap(&tool.arguments)),
                // Many servers read them as JSON, and nothing is none.
                "" if !saying.own => out.member("arguments", "{}"),
                _ => out.member("arguments", &tool.arguments),
            }
            if saying.own {
                kept.say("function", out);
            }
        });
    }
    let signature = tool.signature.as_ref();
    let signature = signature.and_then(|made| may_go(made, DialectName::OpenAi, saying.target, at, saying.losses));
    let extra = signature.and_then(|value| serde_json::from_str::<&RawValue>(value).ok());
    out.maybe("extra_content", extra);
    mark(saying, at, tool.cache.as_ref(), out);
    if saying.own {
        kept.say("", out);
    }
    for (key, _) in kept.unsaid() {
        saying.lose(format!("{at}.{key}"), "this API has no such field");
    }
}

/// Pictures and sound that an assistant has made.
fn media(saying: &mut Saying<'_>, parts: &[(usize, &Part)], at: &str, out: &mut Out<'_>) {
    let is_image = |part: &Part| matches!(part, Part::Image { .. });
    if saying.own && parts.iter().any(|(_, part)| is_image(part)) {
        out.array("images", |out| {
            for (_, part) in parts {
                if let Part::Image { source, detail, .. } = part {
                    say_image(source, detail.as_deref(), out);
                }
            }
        });
    }
    for (i, part) in parts {
        match part {
            Part::Audio {
                source: Source::File(id),
                ..
            } if saying.own => out.inner("audio", |out| out.member("id", id)),
            Part::Image { .. } if saying.own => {}
            Part::Image { .. } | Part::Audio { .. } | Part::Video { .. } | Part::Document { .. } => {
                saying.lose(
                    format!("{at}.content[{i}]"),
                    "an assistant's message holds only text here",
                );
            }
            _ => {}
        }
    }
}
