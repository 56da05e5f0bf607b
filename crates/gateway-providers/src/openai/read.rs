//! A client's chat request in the chat vocabulary.

use bytes::Bytes;
use gateway_types::chat::{
    CacheMark, Format, Message, Part, Reasoning, Request, Role, Sampling, Source, Tool, ToolChoice, ToolKind,
    ToolResult, ToolUse,
};
use gateway_types::{Call, Error};
use serde_json::value::RawValue;

use super::json::{Fault, Members, parse};

/// The typed view of a call.
pub(super) fn read(call: &Call) -> Result<Request, Error> {
    let raw: &RawValue = serde_json::from_slice(&call.body.bytes).map_err(|error| {
        Error::new(
            gateway_types::ErrorKind::Invalid,
            format!("the body is not JSON: {error}"),
        )
    })?;
    request(raw, call.stream)
        .map_err(|fault| Error::invalid(fault.path.clone(), format!("`{}`: {}", fault.path, fault.message)))
}

fn request(raw: &RawValue, stream: bool) -> Result<Request, Fault> {
    let mut top = Members::of(raw)?;
    for acted_on in ["model", "stream", "stream_options", "fallbacks"] {
        top.take(acted_on);
    }
    let messages = each(&mut top, "messages", message)?;
    let mut request = Request {
        messages,
        tools: each(&mut top, "tools", tool)?,
        parallel_tools: top.read("parallel_tool_calls")?,
        format: format(&mut top)?,
        sampling: sampling(&mut top)?,
        max_output: max_output(&mut top)?,
        stop: stop(&mut top)?,
        effort: top.read("reasoning_effort")?,
        user: top.read("user")?,
        stream,
        ..Request::default()
    };
    // The older words for tools.
    request.tools.extend(each(&mut top, "functions", function)?);
    request.tool_choice = tool_choice(&mut top)?;
    thinking(&mut top, &mut request)?;
    request.extras = top.rest();
    Ok(request)
}

/// Reads every item of an array, naming the one that is wrong.
fn each<'a, T>(
    of: &mut Members<'a>,
    key: &str,
    read: impl Fn(&'a RawValue) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let items: Vec<&'a RawValue> = of.read(key)?.unwrap_or_default();
    items
        .into_iter()
        .enumerate()
        .map(|(i, raw)| read(raw).map_err(|fault| fault.under(format!("{key}[{i}]"))))
        .collect()
}

fn sampling(top: &mut Members<'_>) -> Result<Sampling, Fault> {
    Ok(Sampling {
        temperature: top.read("temperature")?,
        top_p: top.read("top_p")?,
        top_k: top.read("top_k")?,
        frequency_penalty: top.read("frequency_penalty")?,
        presence_penalty: top.read("presence_penalty")?,
        seed: top.read("seed")?,
        choices: top.read("n")?,
    })
}

fn max_output(top: &mut Members<'_>) -> Result<Option<u64>, Fault> {
    let newer: Option<u64> = top.read("max_completion_tokens")?;
    let older: Option<u64> = top.read("max_tokens")?;
    let other: Option<u64> = top.read("max_output_tokens")?;
    Ok(newer.or(older).or(other))
}

fn stop(top: &mut Members<'_>) -> Result<Vec<String>, Fault> {
    let Some(raw) = top.take("stop") else {
        return Ok(Vec::new());
    };
    let one = parse::<String>(raw).map(|text| vec![text]);
    one.or_else(|_| parse(raw))
        .map_err(|_| Fault::new("stop", "must be a string or an array of strings"))
}

/// Thinking beyond `reasoning_effort`, as other vendors' clients ask for it.
fn thinking(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    if let Some(mut router) = top.object("reasoning")? {
        let effort = router.read("effort")?;
        request.effort = request.effort.take().or(effort);
        request.thinking_budget = router.read("max_tokens")?;
    }
    if let Some(raw) = top.take("thinking") {
        let mut members = Members::of(raw).map_err(|fault| fault.under("thinking"))?;
        match members
            .read::<u64>("budget_tokens")
            .map_err(|fault| fault.under("thinking"))?
        {
            Some(budget) => request.thinking_budget = Some(budget),
            None => top.put_back("thinking", raw),
        }
    }
    Ok(())
}

fn format(top: &mut Members<'_>) -> Result<Option<Format>, Fault> {
    let Some(raw) = top.take("response_format") else {
        return Ok(None);
    };
    let under = |fault: Fault| fault.under("response_format");
    let mut members = Members::of(raw).map_err(under)?;
    match members.need::<String>("type").map_err(under)?.as_str() {
        "text" => Ok(Some(Format::Text)),
        "json_object" => Ok(Some(Format::Json)),
        "json_schema" => {
            let schema = members.object("json_schema").map_err(under)?;
            let schema = schema
                .ok_or_else(|| Fault::new("json_schema", "is missing"))
                .map_err(under)?;
            json_schema(schema)
                .map(Some)
                .map_err(|fault| under(fault.under("json_schema")))
        }
        _ => {
            top.put_back("response_format", raw);
            Ok(None)
        }
    }
}

fn json_schema(mut members: Members<'_>) -> Result<Format, Fault> {
    let any = || RawValue::from_string("{}".into()).expect("an empty object is JSON");
    Ok(Format::Schema {
        // Perplexity's clients leave it out.
        name: members.read("name")?.unwrap_or_else(|| String::from("answer")),
        description: members.read("description")?,
        schema: members.take("schema").map_or_else(any, ToOwned::to_owned),
        strict: members.read("strict")?,
    })
}

fn tool(raw: &RawValue) -> Result<Tool, Fault> {
    let mut members = Members::of(raw)?;
    let kind: Option<String> = members.read("type")?;
    let cache = cache(&mut members)?;
    if let Some(inner) = members.take("function") {
        let tool = function(inner).map_err(|fault| fault.under("function"))?;
        return Ok(Tool {
            cache: cache.or(tool.cache),
            ..tool
        });
    }
    let kind = match kind.as_deref() {
        Some("function") => return Err(Fault::new("function", "is missing")),
        None => return Err(Fault::new("type", "is missing")),
        Some(kind) => kind.to_owned(),
    };
    // A freeform tool has its name one level down, a tool of the provider's own may have none but its type.
    let inner = members.object(&kind).ok().flatten();
    let named = inner.and_then(|mut inner| inner.read("name").ok().flatten());
    let name = named.or_else(|| members.read("name").ok().flatten()).unwrap_or(kind);
    Ok(Tool {
        name,
        description: None,
        kind: ToolKind::Other(raw.to_owned()),
        cache,
    })
}

fn function(raw: &RawValue) -> Result<Tool, Fault> {
    let mut members = Members::of(raw)?;
    let kind = ToolKind::Function {
        parameters: members.take("parameters").map(ToOwned::to_owned),
        strict: members.read("strict")?,
    };
    let cache = cache(&mut members)?;
    Ok(Tool {
        name: members.need("name")?,
        description: members.read("description")?,
        kind,
        cache,
    })
}

fn tool_choice(top: &mut Members<'_>) -> Result<Option<ToolChoice>, Fault> {
    let key = "tool_choice";
    if let Some(raw) = top.take(key) {
        let choice = choice(raw);
        if choice.is_none() {
            top.put_back(key, raw);
        }
        return Ok(choice);
    }
    // The older word: `"auto"`, `"none"` or `{"name": …}`.
    let Some(raw) = top.take("function_call") else {
        return Ok(None);
    };
    let word = choice(raw);
    let named = || {
        Members::of(raw)
            .and_then(|mut members| members.need("name"))
            .map(ToolChoice::Tool)
    };
    word.map_or_else(named, Ok)
        .map(Some)
        .map_err(|fault| fault.under("function_call"))
}

fn choice(raw: &RawValue) -> Option<ToolChoice> {
    if let Ok(word) = parse::<String>(raw) {
        return match word.as_str() {
            "auto" => Some(ToolChoice::Auto),
            "none" => Some(ToolChoice::None),
            // `any` is what Mistral calls it.
            "required" | "any" => Some(ToolChoice::Required),
            _ => None,
        };
    }
    let mut members = Members::of(raw).ok()?;
    let kind: String = members.read("type").ok()??;
    let mut inner = members.object(&kind).ok()??;
    matches!(kind.as_str(), "function" | "custom").then_some(ToolChoice::Tool(inner.read("name").ok()??))
}

fn cache(members: &mut Members<'_>) -> Result<Option<CacheMark>, Fault> {
    let Some(mut mark) = members.object("cache_control")? else {
        return Ok(None);
    };
    Ok(Some(CacheMark {
        ttl: mark.read("ttl").map_err(|fault| fault.under("cache_control"))?,
    }))
}

fn message(raw: &RawValue) -> Result<Message, Fault> {
    let mut members = Members::of(raw)?;
    let role: String = members.need("role")?;
    let name: Option<String> = members.read("name")?;
    let mark = cache(&mut members)?;
    let (role, mut parts, name) = match role.as_str() {
        "system" | "developer" => (Role::System, content(&mut members)?, name),
        "user" => (Role::User, content(&mut members)?, name),
        "assistant" => (Role::Assistant, assistant(&mut members)?, name),
        "tool" => {
            let id = members.need("tool_call_id")?;
            (Role::User, vec![result(id, &mut members)?], name)
        }
        "function" => {
            let id = name.ok_or_else(|| Fault::new("name", "is missing"))?;
            (Role::User, vec![result(id, &mut members)?], None)
        }
        _ => {
            return Err(Fault::new(
                "role",
                "must be system, developer, user, assistant, tool or function",
            ));
        }
    };
    if mark.is_some()
        && let Some(last) = parts.last_mut()
    {
        put_mark(last, mark);
    }
    Ok(Message {
        role,
        name,
        parts,
        extras: members.rest(),
    })
}

/// A mark on a whole message means the prefix up to its end.
fn put_mark(part: &mut Part, mark: Option<CacheMark>) {
    match part {
        Part::Text { cache, .. } | Part::Image { cache, .. } | Part::Document { cache, .. } => *cache = mark,
        Part::ToolUse(ToolUse { cache, .. }) | Part::ToolResult(ToolResult { cache, .. }) => *cache = mark,
        Part::Audio { .. } | Part::Reasoning(_) | Part::Refusal(_) | Part::Other(_) => {}
    }
}

fn result(id: String, members: &mut Members<'_>) -> Result<Part, Fault> {
    Ok(Part::ToolResult(ToolResult {
        id,
        parts: content(members)?,
        failed: false,
        cache: None,
    }))
}

/// Thinking first, then what is said, then what is asked of tools: the order in which a model makes them.
fn assistant(members: &mut Members<'_>) -> Result<Vec<Part>, Fault> {
    let mut parts: Vec<Part> = reasoning(members)?.into_iter().map(Part::Reasoning).collect();
    parts.extend(content(members)?);
    parts.extend(members.read("refusal")?.map(Part::Refusal));
    parts.extend(each(members, "tool_calls", tool_use)?.into_iter().map(Part::ToolUse));
    if let Some(mut legacy) = members.object("function_call")? {
        let name: String = legacy.need("name").map_err(|fault| fault.under("function_call"))?;
        let arguments = legacy.take("arguments").map(super::wire::text).unwrap_or_default();
        parts.push(Part::ToolUse(ToolUse {
            id: name.clone(),
            name,
            arguments,
            cache: None,
            extras: legacy.rest(),
        }));
    }
    Ok(parts)
}

fn tool_use(raw: &RawValue) -> Result<ToolUse, Fault> {
    let mut members = Members::of(raw)?;
    let id = members.need("id")?;
    let cache = cache(&mut members)?;
    members.take("index");
    if let Some(mut custom) = members.object("custom")? {
        let name = custom.need("name").map_err(|fault| fault.under("custom"))?;
        let arguments = custom
            .read("input")
            .map_err(|fault| fault.under("custom"))?
            .unwrap_or_default();
        return Ok(ToolUse {
            id,
            name,
            arguments,
            cache,
            extras: members.rest(),
        });
    }
    let function = members.object("function")?;
    let mut function = function.ok_or_else(|| Fault::new("function", "is missing"))?;
    let name = function.need("name").map_err(|fault| fault.under("function"))?;
    let arguments = function.take("arguments").map(super::wire::text).unwrap_or_default();
    members.take("type");
    Ok(ToolUse {
        id,
        name,
        arguments,
        cache,
        extras: members.rest(),
    })
}

/// Thinking that comes back: `reasoning_details` where it is there, because it holds the signature; else the text.
fn reasoning(members: &mut Members<'_>) -> Result<Vec<Reasoning>, Fault> {
    let details = members.take("reasoning_details");
    let plain = members.take("reasoning_content");
    let other = members.take("reasoning");
    let text = plain
        .or(other)
        .map(parse::<String>)
        .transpose()
        .map_err(|fault| fault.under("reasoning_content"))?;
    Ok(thoughts(details, text.unwrap_or_default()))
}

/// What is known of thinking: its details, and its text where they do not hold it.
pub(super) fn thoughts(details: Option<&RawValue>, text: String) -> Vec<Reasoning> {
    let mut found = details.map(details_of).unwrap_or_default();
    if text.is_empty() || found.iter().any(|thought| !thought.text.is_empty()) {
        return found;
    }
    match found.iter_mut().find(|thought| thought.encrypted.is_none()) {
        Some(thought) => thought.text = text,
        None => found.insert(
            0,
            Reasoning {
                text,
                ..Reasoning::default()
            },
        ),
    }
    found
}

/// The pieces of `reasoning_details` that are known; a signature belongs to the text before it.
fn details_of(raw: &RawValue) -> Vec<Reasoning> {
    let items: Vec<Members<'_>> = parse(raw).unwrap_or_default();
    let mut found: Vec<Reasoning> = Vec::new();
    for mut item in items {
        let kind: Option<String> = item.read("type").ok().flatten();
        let mut text = |key| item.read::<String>(key).ok().flatten();
        match kind.as_deref() {
            Some("reasoning.text") => {
                let (said, signature) = (text("text").unwrap_or_default(), text("signature"));
                match found.last_mut() {
                    Some(last) if said.is_empty() && last.signature.is_none() => last.signature = signature,
                    _ => found.push(Reasoning {
                        text: said,
                        signature,
                        encrypted: None,
                    }),
                }
            }
            Some("reasoning.summary") => {
                found.push(Reasoning {
                    text: text("summary").unwrap_or_default(),
                    ..Reasoning::default()
                });
            }
            Some("reasoning.encrypted") => {
                found.extend(text("data").map(|data| Reasoning {
                    encrypted: Some(data),
                    ..Reasoning::default()
                }));
            }
            _ => {}
        }
    }
    found
}

/// `content`: text, or an array of pieces.
fn content(members: &mut Members<'_>) -> Result<Vec<Part>, Fault> {
    let Some(raw) = members.take("content") else {
        return Ok(Vec::new());
    };
    if let Ok(text) = parse::<String>(raw) {
        return Ok(if text.is_empty() {
            Vec::new()
        } else {
            vec![Part::text(text)]
        });
    }
    let pieces: Vec<&RawValue> =
        parse(raw).map_err(|_| Fault::new("content", "must be a string or an array of content parts"))?;
    let read = |(i, raw)| piece(raw).map_err(|fault| fault.under(format!("content[{i}]")));
    pieces.into_iter().enumerate().map(read).collect()
}

fn piece(raw: &RawValue) -> Result<Part, Fault> {
    let mut members = Members::of(raw)?;
    let kind: String = members.need("type")?;
    let cache = cache(&mut members)?;
    Ok(match kind.as_str() {
        "text" => Part::Text {
            text: members.need("text")?,
            cache,
            citations: Vec::new(),
        },
        "image_url" => image(&mut members, cache)?,
        "input_audio" => audio(&mut members)?,
        "file" => return file(&mut members, cache, raw).map_err(|fault| fault.under("file")),
        "refusal" => Part::Refusal(members.need("refusal")?),
        "thinking" => thought(&mut members)?,
        _ => Part::Other(raw.to_owned()),
    })
}

fn image(members: &mut Members<'_>, cache: Option<CacheMark>) -> Result<Part, Fault> {
    let raw = members
        .take("image_url")
        .ok_or_else(|| Fault::new("image_url", "is missing"))?;
    // Some clients write the address without the object around it.
    if let Ok(url) = parse::<String>(raw) {
        return Ok(Part::Image {
            source: source(url),
            detail: None,
            cache,
        });
    }
    let mut image = Members::of(raw).map_err(|fault| fault.under("image_url"))?;
    let url = image.need("url").map_err(|fault| fault.under("image_url"))?;
    let detail = image.read("detail").map_err(|fault| fault.under("image_url"))?;
    Ok(Part::Image {
        source: source(url),
        detail,
        cache,
    })
}

fn audio(members: &mut Members<'_>) -> Result<Part, Fault> {
    let under = |fault: Fault| fault.under("input_audio");
    let audio = members.object("input_audio")?;
    let mut audio = audio.ok_or_else(|| Fault::new("input_audio", "is missing"))?;
    let data: String = audio.need("data").map_err(under)?;
    let format: String = audio.need("format").map_err(under)?;
    let source = Source::Inline {
        media_type: format!("audio/{format}"),
        data: Bytes::from(data),
    };
    Ok(Part::Audio {
        source,
        transcript: None,
    })
}

fn file(members: &mut Members<'_>, cache: Option<CacheMark>, raw: &RawValue) -> Result<Part, Fault> {
    let Some(mut file) = members.object("file")? else {
        return Err(Fault::new("", "is missing"));
    };
    let data: Option<String> = file.read("file_data")?;
    let id: Option<String> = file.read("file_id")?;
    let name = file.read("filename")?;
    Ok(match (data, id) {
        (Some(data), _) => Part::Document {
            source: source(data),
            name,
            cache,
        },
        (None, Some(id)) => Part::Document {
            source: Source::File(id),
            name,
            cache,
        },
        (None, None) => Part::Other(raw.to_owned()),
    })
}

/// Mistral's thinking: text, or an array of texts.
fn thought(members: &mut Members<'_>) -> Result<Part, Fault> {
    let text = members.take("thinking").map(thought_text).unwrap_or_default();
    let signature = members.read("signature")?;
    Ok(Part::Reasoning(Reasoning {
        text,
        signature,
        encrypted: None,
    }))
}

pub(super) fn thought_text(raw: &RawValue) -> String {
    let texts = |pieces: Vec<Members<'_>>| {
        let text = |mut piece: Members<'_>| piece.read::<String>("text").ok().flatten();
        pieces.into_iter().filter_map(text).collect::<String>()
    };
    parse::<String>(raw).unwrap_or_else(|_| parse(raw).map(texts).unwrap_or_default())
}

/// An address, or what a `data:` address holds.
fn source(url: String) -> Source {
    let inline = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    match inline {
        Some((media_type, data)) => {
            // Parameters of the media type (`;charset=…`) say nothing about a picture.
            let media_type = media_type.split(';').next().unwrap_or(media_type).to_owned();
            Source::Inline {
                media_type,
                data: Bytes::copy_from_slice(data.as_bytes()),
            }
        }
        None => Source::Url(url),
    }
}
