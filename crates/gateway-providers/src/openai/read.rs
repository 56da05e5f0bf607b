//! A client's chat request in the chat vocabulary.

use gateway_types::chat::{Format, Request, Sampling, Tool, ToolChoice, ToolKind};
use gateway_types::{Call, DialectName, Error};
use serde_json::value::RawValue;

use super::json::{Fault, Members, each, parse};
use super::message::{cache, message, own};

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
        ..Request::new(DialectName::OpenAi)
    };
    // The older words for tools.
    request.tools.extend(each(&mut top, "functions", function)?);
    request.tool_choice = tool_choice(&mut top)?;
    thinking(&mut top, &mut request)?;
    request.extras = top.rest();
    Ok(request)
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
        kind: ToolKind::Other(own(raw)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use gateway_types::chat::{CacheMark, Message, Part, Reasoning, Role, Source};
    use gateway_types::{Asked, Operation};

    fn asked(body: &str) -> Result<Request, Error> {
        let call =
            super::super::decode::decode(&Asked::plain(Operation::Chat), Bytes::copy_from_slice(body.as_bytes()))
                .unwrap();
        read(&call)
    }

    fn messages(messages: &str) -> Vec<Message> {
        asked(&format!(r#"{{"model":"m","messages":[{messages}]}}"#))
            .unwrap()
            .messages
    }

    #[test]
    fn every_role_has_its_place() {
        let messages = messages(
            r#"{"role":"developer","content":"d"}, {"role":"user","name":"ann","content":"u"},
               {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
               {"role":"function","name":"f","content":"1"},
               {"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"g","input":"raw"}}]},
               {"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"2"}]}"#,
        );
        let roles: Vec<Role> = messages.iter().map(|message| message.role).collect();
        assert_eq!(
            roles,
            [
                Role::System,
                Role::User,
                Role::Assistant,
                Role::User,
                Role::Assistant,
                Role::User
            ]
        );
        assert_eq!(messages[1].name.as_deref(), Some("ann"));
        let [Part::ToolUse(older)] = &messages[2].parts[..] else {
            panic!("{:?}", messages[2])
        };
        let [Part::ToolResult(answer)] = &messages[3].parts[..] else {
            panic!("{:?}", messages[3])
        };
        assert_eq!((older.id.as_str(), answer.id.as_str()), ("f", "f"));
        let [Part::ToolUse(freeform)] = &messages[4].parts[..] else {
            panic!("{:?}", messages[4])
        };
        assert_eq!((freeform.name.as_str(), freeform.arguments.as_str()), ("g", "raw"));
    }

    #[test]
    fn media_are_found_where_they_are() {
        let [message] = &messages(
            r#"{"role":"user","content":[
                {"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD","detail":"low"},"cache_control":{"type":"ephemeral","ttl":"1h"}},
                {"type":"image_url","image_url":"https://a/b.png"},
                {"type":"input_audio","input_audio":{"data":"QUJD","format":"wav"}},
                {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QUJD"}},
                {"type":"file","file":{"file_id":"file-1"}},
                {"type":"video_url","video_url":{"url":"https://a/b.mp4"}}]}"#,
        )[..] else {
            panic!("one message")
        };
        let inline = |media_type: &str| Source::Inline {
            media_type: media_type.into(),
            data: Bytes::from("QUJD"),
        };
        let [
            Part::Image {
                source: png,
                detail,
                cache,
            },
            Part::Image { source: url, .. },
            Part::Audio { source: wav, .. },
            Part::Document { source: pdf, name, .. },
            Part::Document { source: file, .. },
            Part::Other(video),
        ] = &message.parts[..]
        else {
            panic!("{message:?}")
        };
        assert_eq!(
            (png, wav, pdf),
            (&inline("image/png"), &inline("audio/wav"), &inline("application/pdf"))
        );
        assert_eq!((detail.as_deref(), name.as_deref()), (Some("low"), Some("a.pdf")));
        assert_eq!(cache, &Some(CacheMark { ttl: Some("1h".into()) }));
        assert_eq!(
            (url, file),
            (&Source::Url("https://a/b.png".into()), &Source::File("file-1".into()))
        );
        assert!(video.json.get().contains("video_url"));
    }

    #[test]
    fn thinking_comes_back_with_what_proves_it() {
        let messages = messages(
            r#"{"role":"assistant","content":"so","reasoning_content":"hm","reasoning_details":[
                   {"type":"reasoning.text","text":"hm","index":0},{"type":"reasoning.text","signature":"s","index":0},
                   {"type":"reasoning.encrypted","data":"x"}]},
               {"role":"assistant","content":"so","reasoning":"only text"}"#,
        );
        let own = |text: &str| crate::seal::brought(text.to_owned(), DialectName::OpenAi);
        let thought = |text: &str, signature: Option<&str>, encrypted: Option<&str>| Reasoning {
            text: text.into(),
            signature: signature.map(own),
            encrypted: encrypted.map(own),
        };
        let [Part::Reasoning(signed), Part::Reasoning(hidden), Part::Text { .. }] = &messages[0].parts[..] else {
            panic!("{:?}", messages[0])
        };
        assert_eq!(
            (signed, hidden),
            (&thought("hm", Some("s"), None), &thought("", None, Some("x")))
        );
        let [Part::Reasoning(plain), Part::Text { .. }] = &messages[1].parts[..] else {
            panic!("{:?}", messages[1])
        };
        assert_eq!(plain, &thought("only text", None, None));
    }

    #[test]
    fn the_rest_of_a_request_is_read_and_what_is_unknown_kept() {
        let request = asked(
            r#"{"model":"m","messages":[],"stream":true,"fallbacks":["x"],"max_completion_tokens":5,"max_tokens":9,"stop":"end",
                "temperature":0.5,"seed":-1,"n":2,"reasoning_effort":"low","thinking":{"type":"enabled","budget_tokens":99},
                "tools":[{"type":"function","function":{"name":"f","parameters":{"b":1,"a":2}},"cache_control":{"type":"ephemeral"}},
                         {"type":"web_search"}],
                "tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,
                "response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"z":1,"y":2},"strict":true}},
                "logit_bias":{"5":1.0},"user":"ann"}"#,
        )
        .unwrap();
        assert_eq!(
            (request.max_output, request.stop.as_slice(), request.stream),
            (Some(5), &["end".to_owned()][..], true)
        );
        assert_eq!(
            (
                request.sampling.temperature,
                request.sampling.seed,
                request.sampling.choices
            ),
            (Some(0.5), Some(-1), Some(2))
        );
        assert_eq!(
            (
                request.effort.as_deref(),
                request.thinking_budget,
                request.user.as_deref()
            ),
            (Some("low"), Some(99), Some("ann"))
        );
        assert_eq!(
            (request.tool_choice, request.parallel_tools),
            (Some(ToolChoice::Tool("f".into())), Some(false))
        );
        let ToolKind::Function {
            parameters: Some(parameters),
            ..
        } = &request.tools[0].kind
        else {
            panic!("a function")
        };
        assert_eq!(parameters.get(), r#"{"b":1,"a":2}"#);
        assert!(request.tools[0].cache.is_some() && matches!(request.tools[1].kind, ToolKind::Other(_)));
        assert!(matches!(&request.format, Some(Format::Schema { schema, .. }) if schema.get() == r#"{"z":1,"y":2}"#));
        let kept: Vec<(&str, &str)> = request
            .extras
            .0
            .iter()
            .map(|(key, raw)| (key.as_str(), raw.get()))
            .collect();
        assert_eq!(kept, [("logit_bias", r#"{"5":1.0}"#)]);
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        for (body, param) in [
            (
                r#""messages":[{"role":"user","content":"a"},{"role":"king","content":"b"}]"#,
                "messages[1].role",
            ),
            (r#""messages":[{"content":"a"}]"#, "messages[0].role"),
            (
                r#""messages":[{"role":"tool","content":"a"}]"#,
                "messages[0].tool_call_id",
            ),
            (
                r#""messages":[{"role":"user","content":[{"type":"text"}]}]"#,
                "messages[0].content[0].text",
            ),
            (
                r#""messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]"#,
                "messages[0].content[0].image_url.url",
            ),
            (r#""messages":[{"role":"user","content":5}]"#, "messages[0].content"),
            (r#""messages":[],"tools":[{"type":"function"}]"#, "tools[0].function"),
            (r#""messages":[],"temperature":"hot""#, "temperature"),
            (
                r#""messages":[],"response_format":{"type":"json_schema"}"#,
                "response_format.json_schema",
            ),
            (r#""messages":[],"user":"a","user":"b""#, "user"),
        ] {
            let error = asked(&format!(r#"{{"model":"m",{body}}}"#)).unwrap_err();
            assert_eq!((error.status(), error.param.as_deref()), (400, Some(param)), "{error}");
        }
    }
}
