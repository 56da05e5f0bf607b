//! A chat request from another dialect, said in this one.

use gateway_types::chat::{
    Extras, Format, Message, Part, Request, Role, Source, Tool, ToolChoice, ToolKind, ToolResult, Verbatim,
};
use gateway_types::json::Slices;
use gateway_types::loss::Loss;
use gateway_types::{Error, Operation};
use http::HeaderMap;

use super::json::Out;
use super::send;
use super::write::{refusal_of, text_of, write_thought_and_tools};
use crate::kind::StreamUsage;
use crate::lane::Cap;
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
    Out::object(&mut body, |out| write(request, target, cap, out, losses));
    send::post(
        target,
        Operation::Chat,
        request.stream,
        &HeaderMap::new(),
        Slices::one(body.into()),
    )
}

fn write(request: &Request, target: &Target, cap: Cap, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    out.member("model", target.model.as_str());
    out.array("messages", |out| {
        for (i, message) in request.messages.iter().enumerate() {
            write_message(message, &format!("messages[{i}]"), out, losses);
        }
    });
    if request.stream {
        out.member("stream", true);
        if target.kind.stream_usage == StreamUsage::Asked {
            out.inner("stream_options", |out| out.member("include_usage", true));
        }
    }
    let most = match cap {
        Cap::AtMost(most) => Some(request.max_output.map_or(most, |given| given.min(most))),
        Cap::Client => request.max_output,
    };
    out.maybe(target.kind.cap_member, most);
    write_tools(request, out, losses);
    write_format(request.format.as_ref(), out);
    write_sampling(request, out);
    if request.thinking_budget.is_some() && request.effort.is_none() {
        losses.push(Loss::dropped("thinking_budget", "this API has no budget for thinking"));
    }
    out.maybe("reasoning_effort", request.effort.as_ref());
    out.maybe("user", request.user.as_ref());
    lose(&request.extras, "", losses);
}

/// Members of another dialect that have no word here.
fn lose(extras: &Extras, at: &str, losses: &mut Vec<Loss>) {
    let dot = if at.is_empty() { "" } else { "." };
    losses.extend(
        extras
            .0
            .iter()
            .map(|(key, _)| Loss::dropped(format!("{at}{dot}{key}"), "this API has no such field")),
    );
}

fn write_sampling(request: &Request, out: &mut Out<'_>) {
    let sampling = &request.sampling;
    out.maybe("temperature", sampling.temperature);
    out.maybe("top_p", sampling.top_p);
    // Not in OpenAI's book, but in that of most servers that follow it.
    out.maybe("top_k", sampling.top_k);
    out.maybe("frequency_penalty", sampling.frequency_penalty);
    out.maybe("presence_penalty", sampling.presence_penalty);
    out.maybe("seed", sampling.seed);
    out.maybe("n", sampling.choices);
    out.maybe("stop", (!request.stop.is_empty()).then_some(&request.stop));
}

fn write_tools(request: &Request, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let sayable: Vec<&Tool> = request.tools.iter().filter(|tool| sayable(tool, losses)).collect();
    if sayable.is_empty() {
        // A choice among no tools is refused.
        return;
    }
    if sayable.iter().any(|tool| tool.cache.is_some()) {
        losses.push(Loss::dropped("tools.cache_control", UNMARKED));
    }
    out.array("tools", |out| {
        for tool in &sayable {
            write_tool(tool, out);
        }
    });
    out.maybe("parallel_tool_calls", request.parallel_tools);
    match &request.tool_choice {
        Some(ToolChoice::Auto) => out.member("tool_choice", "auto"),
        Some(ToolChoice::None) => out.member("tool_choice", "none"),
        Some(ToolChoice::Required) => out.member("tool_choice", "required"),
        Some(ToolChoice::Tool(name)) => out.inner("tool_choice", |out| {
            out.member("type", "function");
            out.inner("function", |out| out.member("name", name));
        }),
        Some(ToolChoice::OneOf { names, required }) => out.inner("tool_choice", |out| {
            out.member("type", "allowed_tools");
            out.inner("allowed_tools", |out| {
                out.member("mode", if *required { "required" } else { "auto" });
                out.array("tools", |out| {
                    for name in names {
                        out.item_object(|out| {
                            out.member("type", "function");
                            out.inner("function", |out| out.member("name", name));
                        });
                    }
                });
            });
        }),
        None => {}
    }
}

/// Whether this API knows the tool: functions, and freeform tools as it writes them itself.
fn sayable(tool: &Tool, losses: &mut Vec<Loss>) -> bool {
    let known = match &tool.kind {
        ToolKind::Function { .. } => true,
        ToolKind::Custom { .. } => true,
        ToolKind::Other(Verbatim { json: raw, .. }) => {
            let kind = super::json::Members::of(raw)
                .ok()
                .and_then(|mut tool| tool.read::<String>("type").ok().flatten());
            kind.as_deref() == Some("custom") && raw.get().contains("\"custom\":")
        }
    };
    if !known {
        losses.push(Loss::dropped(
            format!("tools.{}", tool.name),
            "a tool of the provider's own, which others do not have",
        ));
    }
    known
}

fn write_tool(tool: &Tool, out: &mut Out<'_>) {
    match &tool.kind {
        ToolKind::Function { parameters, strict } => out.item_object(|out| {
            out.member("type", "function");
            out.inner("function", |out| {
                out.member("name", &tool.name);
                out.maybe("description", tool.description.as_ref());
                out.maybe("parameters", parameters.as_ref());
                out.maybe("strict", *strict);
            });
        }),
        ToolKind::Custom { format } => out.item_object(|out| {
            out.member("type", "custom");
            out.inner("custom", |out| {
                out.member("name", &tool.name);
                out.maybe("description", tool.description.as_ref());
                out.maybe("format", format.as_ref());
            });
        }),
        ToolKind::Other(own) => out.item(&own.json),
    }
}

fn write_format(format: Option<&Format>, out: &mut Out<'_>) {
    let Some(format) = format else { return };
    out.inner("response_format", |out| match format {
        Format::Text => out.member("type", "text"),
        Format::Json => out.member("type", "json_object"),
        Format::Schema {
            name,
            description,
            schema,
            strict,
        } => {
            out.member("type", "json_schema");
            out.inner("json_schema", |out| {
                out.member("name", name);
                out.maybe("description", description.as_ref());
                out.member("schema", schema);
                out.maybe("strict", *strict);
            });
        }
    });
}

/// One message may be several here: results of tools are messages of their own, before what the user adds to them.
fn write_message(message: &Message, at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    lose(&message.extras, at, losses);
    if message.parts.iter().any(marked) {
        losses.push(Loss::dropped(format!("{at}.cache_control"), UNMARKED));
    }
    for part in &message.parts {
        if let Part::ToolResult(result) = part {
            write_result(result, at, out, losses);
        }
    }
    let rest: Vec<&Part> = message
        .parts
        .iter()
        .filter(|part| !matches!(part, Part::ToolResult(_)))
        .collect();
    if rest.is_empty() && !message.parts.is_empty() {
        if message.name.is_some() {
            losses.push(Loss::dropped(
                format!("{at}.name"),
                "the result of a tool has no name here, only the id of its call",
            ));
        }
        return;
    }
    out.item_object(|out| {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        out.member("role", role);
        out.maybe("name", message.name.as_ref());
        match message.role {
            Role::Assistant => write_assistant(&message.parts, at, out, losses),
            _ => write_content(&rest, at, out, losses),
        }
    });
}

const UNMARKED: &str = "prefixes are cached without marks here";

fn marked(part: &Part) -> bool {
    match part {
        Part::Text { cache, .. }
        | Part::Image { cache, .. }
        | Part::Document { cache, .. }
        | Part::Video { cache, .. } => cache.is_some(),
        Part::ToolUse(tool) => tool.cache.is_some(),
        Part::ToolResult(result) => result.cache.is_some() || result.parts.iter().any(marked),
        Part::Audio { .. } | Part::Reasoning(_) | Part::Refusal(_) | Part::Other(_) => false,
    }
}

fn write_result(result: &ToolResult, at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    if result.failed {
        losses.push(Loss::dropped(
            format!("{at}.is_error"),
            "this API does not say whether a tool failed",
        ));
    }
    out.item_object(|out| {
        out.member("role", "tool");
        out.member("tool_call_id", &result.id);
        let parts: Vec<&Part> = result.parts.iter().collect();
        write_content(&parts, at, out, losses);
    });
}

fn write_assistant(parts: &[Part], at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    out.member("content", text_of(parts));
    out.maybe("refusal", refusal_of(parts));
    write_thought_and_tools(parts, out);
    for part in parts {
        let what = match part {
            Part::Image { .. } | Part::Document { .. } | Part::Audio { .. } => {
                "an assistant's message holds only text here"
            }
            Part::Other(_) => "another API's own part",
            _ => continue,
        };
        losses.push(Loss::dropped(format!("{at}.content"), what));
    }
}

/// Content as one text where it is one, else as an array of parts.
fn write_content(parts: &[&Part], at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    match parts {
        [] => out.member("content", ""),
        [Part::Text { text, .. }] => out.member("content", text),
        many => out.array("content", |out| {
            for part in many {
                write_part(part, at, out, losses);
            }
        }),
    }
}

fn write_part(part: &Part, at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let mut lost = |note: &str| losses.push(Loss::dropped(format!("{at}.content"), note));
    match part {
        Part::Text { text, .. } => out.item_object(|out| {
            out.member("type", "text");
            out.member("text", text);
        }),
        Part::Image { source, detail, .. } => match address(source) {
            Some(url) => out.item_object(|out| {
                out.member("type", "image_url");
                out.inner("image_url", |out| {
                    out.member("url", url);
                    out.maybe("detail", detail.as_ref());
                });
            }),
            None => lost("a picture must be at an address or in the request here"),
        },
        Part::Audio {
            source: Source::Inline { media_type, data },
            ..
        } => out.item_object(|out| {
            out.member("type", "input_audio");
            out.inner("input_audio", |out| {
                out.member("data", String::from_utf8_lossy(data));
                let format = media_type.strip_prefix("audio/").unwrap_or(media_type);
                out.member("format", if format == "mpeg" { "mp3" } else { format });
            });
        }),
        Part::Document {
            source: Source::Text(text),
            ..
        } => out.item_object(|out| {
            out.member("type", "text");
            out.member("text", text);
        }),
        Part::Document { source, name, .. } => write_document(source, name.as_deref(), out, &mut lost),
        Part::Refusal(text) => out.item_object(|out| {
            out.member("type", "text");
            out.member("text", text);
        }),
        Part::Audio { .. } => lost("sound must be in the request here"),
        Part::ToolUse(_) | Part::ToolResult(_) | Part::Reasoning(_) => {
            lost("only an assistant's message holds this here")
        }
        Part::Video { .. } | Part::Other(_) => lost("another API's own part"),
    }
}

fn write_document(source: &Source, name: Option<&str>, out: &mut Out<'_>, lost: &mut impl FnMut(&str)) {
    match source {
        Source::Inline { .. } => out.item_object(|out| {
            out.member("type", "file");
            out.inner("file", |out| {
                out.member("filename", name.unwrap_or("document"));
                out.maybe("file_data", address(source));
            });
        }),
        Source::File(id) => out.item_object(|out| {
            out.member("type", "file");
            out.inner("file", |out| out.member("file_id", id));
        }),
        Source::Url(_) | Source::Text(_) => lost("a document must be in the request or uploaded here"),
    }
}

fn address(source: &Source) -> Option<String> {
    match source {
        Source::Url(url) => Some(url.clone()),
        Source::Inline { media_type, data } => {
            Some(format!("data:{media_type};base64,{}", String::from_utf8_lossy(data)))
        }
        Source::File(_) | Source::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use gateway_types::DialectName;
    use gateway_types::chat::CacheMark;
    use serde_json::Value;
    use serde_json::value::RawValue;

    use crate::kind::kind;
    use crate::openai::test_support::target;

    fn said(asked: &Request, kind_name: &str, cap: Cap) -> (Value, Vec<Loss>) {
        let mut losses = Vec::new();
        let wire = request(asked, &target(kind(kind_name).unwrap()), cap, &mut losses).unwrap();
        (serde_json::from_slice(&wire.body.concat()).unwrap(), losses)
    }

    fn message(role: Role, parts: Vec<Part>) -> Message {
        Message {
            role,
            name: None,
            parts,
            extras: Extras::default(),
        }
    }

    #[test]
    fn results_of_tools_become_messages_before_what_the_user_adds() {
        let result = |id: &str, text: &str| {
            Part::ToolResult(ToolResult {
                id: id.into(),
                parts: vec![Part::text(text)],
                failed: true,
                ..ToolResult::default()
            })
        };
        let user = message(
            Role::User,
            vec![result("a", "1"), Part::text("and now?"), result("b", "2")],
        );
        let asked = Request {
            messages: vec![user],
            ..Request::new(DialectName::Anthropic)
        };
        let (body, losses) = said(&asked, "vllm", Cap::Client);
        let expected = serde_json::json!([
            {"role": "tool", "tool_call_id": "a", "content": "1"},
            {"role": "tool", "tool_call_id": "b", "content": "2"},
            {"role": "user", "content": "and now?"},
        ]);
        assert_eq!(body["messages"], expected);
        assert_eq!(losses.len(), 2, "{losses:?}");
    }

    #[test]
    fn media_go_as_this_dialect_has_them() {
        let inline = |media_type: &str| Source::Inline {
            media_type: media_type.into(),
            data: Bytes::from("QUJD"),
        };
        let parts = vec![
            Part::Image {
                source: inline("image/png"),
                detail: Some("low".into()),
                cache: None,
            },
            Part::Audio {
                source: inline("audio/mpeg"),
                transcript: None,
            },
            Part::Document {
                source: inline("application/pdf"),
                name: Some("a.pdf".into()),
                cache: None,
                extras: Extras::default(),
            },
            Part::Document {
                source: Source::Text("plain".into()),
                name: None,
                cache: None,
                extras: Extras::default(),
            },
            Part::Document {
                source: Source::Url("https://a/b.pdf".into()),
                name: None,
                cache: None,
                extras: Extras::default(),
            },
        ];
        let asked = Request {
            messages: vec![message(Role::User, parts)],
            ..Request::new(DialectName::Anthropic)
        };
        let (body, losses) = said(&asked, "openai", Cap::Client);
        let expected = serde_json::json!([
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD", "detail": "low"}},
            {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "mp3"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"}},
            {"type": "text", "text": "plain"},
        ]);
        assert_eq!(body["messages"][0]["content"], expected);
        assert_eq!(
            losses.iter().map(|loss| loss.field.as_str()).collect::<Vec<_>>(),
            ["messages[0].content"]
        );
    }

    #[test]
    fn the_cap_goes_by_the_word_that_the_vendor_knows() {
        let asked = Request {
            max_output: Some(100),
            stream: true,
            ..Request::new(DialectName::Anthropic)
        };
        assert_eq!(said(&asked, "openai", Cap::AtMost(50)).0["max_completion_tokens"], 50);
        assert_eq!(said(&asked, "vllm", Cap::AtMost(500)).0["max_tokens"], 100);
        let open = Request::new(DialectName::Anthropic);
        assert_eq!(said(&open, "vllm", Cap::AtMost(7)).0["max_tokens"], 7);
        assert!(said(&open, "vllm", Cap::Client).0.get("max_tokens").is_none());
        assert_eq!(
            said(&asked, "vllm", Cap::Client).0["stream_options"]["include_usage"],
            true
        );
        assert!(said(&asked, "mistral", Cap::Client).0.get("stream_options").is_none());
    }

    #[test]
    fn what_cannot_be_said_is_reported() {
        let raw = |json: &str| RawValue::from_string(json.into()).unwrap();
        let marked = Part::Text {
            text: "a".into(),
            cache: Some(CacheMark { ttl: None }),
            citations: Vec::new(),
            signature: None,
        };
        let asked = Request {
            messages: vec![message(Role::System, vec![marked])],
            tools: vec![Tool {
                name: "web_search".into(),
                description: None,
                kind: ToolKind::Other(Verbatim {
                    dialect: DialectName::Anthropic,
                    json: raw(r#"{"type":"web_search_20250305","name":"web_search"}"#),
                }),
                cache: None,
            }],
            tool_choice: Some(ToolChoice::Required),
            thinking_budget: Some(1000),
            extras: Extras(vec![("container".into(), raw("\"c\""))]),
            ..Request::new(DialectName::Anthropic)
        };
        let (body, losses) = said(&asked, "vllm", Cap::Client);
        assert!(body.get("tools").is_none() && body.get("tool_choice").is_none());
        let mut fields: Vec<&str> = losses.iter().map(|loss| loss.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
                "container",
                "messages[0].cache_control",
                "thinking_budget",
                "tools.web_search"
            ]
        );
    }
}
