//! A client's chat request in the chat vocabulary.

use gateway_types::chat::{Format, Request, Sampling, Tool, ToolChoice, ToolKind, Verbatim};
use gateway_types::{Call, DialectName, Error};
use serde_json::value::RawValue;

use super::documents;
use super::message::{message, place};
use crate::json::{Fault, Members, each, parse};

/// The typed view of a call.
pub(super) fn read(call: &Call) -> Result<Request, Error> {
    let raw = body(call)?;
    request(raw, call.stream).map_err(refused)
}

/// The body of a call, which decoding has checked.
pub(super) fn body(call: &Call) -> Result<&RawValue, Error> {
    serde_json::from_slice(&call.body.bytes).map_err(|error| {
        Error::new(
            gateway_types::ErrorKind::Invalid,
            format!("the body is not JSON: {error}"),
        )
    })
}

/// The error for a field that cannot be read.
pub(super) fn refused(fault: Fault) -> Error {
    let message = format!("`{}`: {}", fault.path, fault.message);
    Error::invalid(fault.path, message)
}

fn request(raw: &RawValue, stream: bool) -> Result<Request, Fault> {
    let mut top = Members::of(raw)?;
    for acted_on in ["model", "stream", "fallbacks"] {
        top.take(acted_on);
    }
    let mut request = Request {
        messages: each(&mut top, "messages", message)?,
        tools: each(&mut top, "tools", tool)?,
        tool_choice: choice(&mut top)?,
        format: format(&mut top)?,
        sampling: Sampling {
            temperature: top.read("temperature")?,
            top_p: top.read("p")?,
            top_k: top.read("k")?,
            frequency_penalty: top.read("frequency_penalty")?,
            presence_penalty: top.read("presence_penalty")?,
            seed: top.read("seed")?,
            choices: None,
        },
        max_output: top.read("max_tokens")?,
        stop: top.read("stop_sequences")?.unwrap_or_default(),
        stream,
        ..Request::new(DialectName::Cohere)
    };
    place(each(&mut top, "documents", documents::read)?, &mut request.messages);
    strictness(&mut top, &mut request)?;
    thinking(&mut top, &mut request)?;
    request.extras = top.rest();
    Ok(request)
}

fn tool(raw: &RawValue) -> Result<Tool, Fault> {
    let mut members = Members::of(raw)?;
    let kind: Option<String> = members.read("type")?;
    if let Some(kind) = kind.filter(|kind| kind != "function") {
        return Ok(Tool {
            name: kind,
            description: None,
            kind: ToolKind::Other(Verbatim {
                dialect: DialectName::Cohere,
                json: raw.to_owned(),
            }),
            cache: None,
        });
    }
    let function = members.object("function")?;
    let mut function = function.ok_or_else(|| Fault::new("function", "is missing"))?;
    let under = |fault: Fault| fault.under("function");
    Ok(Tool {
        name: function.need("name").map_err(under)?,
        description: function.read("description").map_err(under)?,
        kind: ToolKind::Function {
            parameters: function.take("parameters").map(ToOwned::to_owned),
            strict: function.read("strict").map_err(under)?,
        },
        cache: None,
    })
}

/// `strict_tools` is said once for all; a tool of the vocabulary has a word of its own for it.
fn strictness(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let Some(raw) = top.take("strict_tools") else {
        return Ok(());
    };
    if request.tools.is_empty() {
        top.put_back("strict_tools", raw);
        return Ok(());
    }
    let all: bool = parse(raw).map_err(|fault| fault.under("strict_tools"))?;
    for tool in &mut request.tools {
        if let ToolKind::Function { strict, .. } = &mut tool.kind {
            strict.get_or_insert(all);
        }
    }
    Ok(())
}

fn choice(top: &mut Members<'_>) -> Result<Option<ToolChoice>, Fault> {
    let Some(raw) = top.take("tool_choice") else {
        return Ok(None);
    };
    match parse::<String>(raw).as_deref() {
        Ok("REQUIRED") => Ok(Some(ToolChoice::Required)),
        Ok("NONE") => Ok(Some(ToolChoice::None)),
        _ => Err(Fault::new("tool_choice", "must be REQUIRED or NONE, or left out")),
    }
}

fn format(top: &mut Members<'_>) -> Result<Option<Format>, Fault> {
    let Some(raw) = top.take("response_format") else {
        return Ok(None);
    };
    let under = |fault: Fault| fault.under("response_format");
    let mut members = Members::of(raw).map_err(under)?;
    let kind: String = members.need("type").map_err(under)?;
    // `schema` is the older word.
    let schema = members.take("json_schema").or_else(|| members.take("schema"));
    Ok(match (kind.as_str(), schema) {
        ("text", None) => Some(Format::Text),
        ("json_object", None) => Some(Format::Json),
        ("json_object", Some(schema)) => Some(Format::Schema {
            // Others want a name.
            name: String::from("answer"),
            description: None,
            schema: schema.to_owned(),
            strict: Some(true),
        }),
        _ => {
            top.put_back("response_format", raw);
            None
        }
    })
}

/// What stands for thinking that is asked for without saying how much of it.
pub(super) const SOME: &str = "medium";

/// Models that can think do so unless told not to; `enabled` without a budget asks for what is usual.
fn thinking(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let Some(raw) = top.take("thinking") else {
        return Ok(());
    };
    let under = |fault: Fault| fault.under("thinking");
    let mut members = Members::of(raw).map_err(under)?;
    let kind: Option<String> = members.read("type").map_err(under)?;
    let budget: Option<u64> = members.read("token_budget").map_err(under)?;
    match (kind.as_deref(), budget) {
        (Some("disabled"), None) => request.effort = Some(String::from("none")),
        (Some("enabled"), None) => request.effort = Some(String::from(SOME)),
        (Some("enabled"), Some(budget)) => request.thinking_budget = Some(budget),
        _ => top.put_back("thinking", raw),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use gateway_types::chat::{Part, Role, Source};
    use gateway_types::{Asked, Operation};

    fn asked(body: &str) -> Result<Request, Error> {
        let bytes = Bytes::copy_from_slice(body.as_bytes());
        read(&super::super::decode::decode(&Asked::plain(Operation::Chat), bytes).unwrap())
    }

    #[test]
    fn every_role_has_its_place() {
        let request = asked(
            r#"{"model":"m","messages":[
                {"role":"system","content":[{"type":"text","text":"s"}]},
                {"role":"user","content":[{"type":"text","text":"u"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD","detail":"low"}}]},
                {"role":"assistant","content":[{"type":"thinking","thinking":"t"},{"type":"text","text":""}],"tool_plan":"I will look","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
                {"role":"tool","tool_call_id":"c","content":[{"type":"document","document":{"id":"d","data":{"text":"x","title":"T"}}}]}]}"#,
        )
        .unwrap();
        let roles: Vec<Role> = request.messages.iter().map(|message| message.role).collect();
        assert_eq!(roles, [Role::System, Role::User, Role::Assistant, Role::User]);
        assert!(
            matches!(&request.messages[1].parts[1], Part::Image { source: Source::Inline { .. }, detail: Some(detail), .. } if detail == "low")
        );
        let [Part::Reasoning(_), Part::Text { text: plan, .. }, Part::ToolUse(call)] = &request.messages[2].parts[..]
        else {
            panic!("{:?}", request.messages[2])
        };
        assert_eq!((plan.as_str(), call.name.as_str()), ("I will look", "f"));
        let Part::ToolResult(result) = &request.messages[3].parts[0] else {
            panic!("{:?}", request.messages[3])
        };
        assert!(matches!(&result.parts[0], Part::Document { name: Some(name), .. } if name == "T"));
    }

    #[test]
    fn the_rest_of_a_request_is_read_and_what_is_unknown_kept() {
        let request = asked(
            r#"{"model":"m","messages":[{"role":"user","content":"u"}],"documents":["d"],"max_tokens":5,"stop_sequences":["x"],"k":3,"p":0.5,
                "temperature":0.25,"seed":7,"tool_choice":"REQUIRED","strict_tools":true,"safety_mode":"OFF","priority":2,
                "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],
                "response_format":{"type":"json_object","json_schema":{"type":"object"}},"thinking":{"type":"enabled","token_budget":9}}"#,
        )
        .unwrap();
        assert!(matches!(
            &request.messages[0].parts[..],
            [Part::Document { .. }, Part::Text { .. }]
        ));
        assert_eq!(
            (request.max_output, request.stop.len(), request.thinking_budget),
            (Some(5), 1, Some(9))
        );
        assert_eq!(
            (request.sampling.top_k, request.sampling.top_p, request.sampling.seed),
            (Some(3), Some(0.5), Some(7))
        );
        assert_eq!(request.tool_choice, Some(ToolChoice::Required));
        assert!(matches!(
            request.tools[0].kind,
            ToolKind::Function { strict: Some(true), .. }
        ));
        assert!(matches!(request.format, Some(Format::Schema { .. })));
        let kept: Vec<&str> = request.extras.0.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(kept, ["safety_mode", "priority"]);
        let off = asked(r#"{"model":"m","messages":[],"thinking":{"type":"disabled"}}"#).unwrap();
        assert_eq!(off.effort.as_deref(), Some("none"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (member, param) in [
            (r#""messages":[{"role":"robot"}]"#, "messages[0].role"),
            (
                r#""messages":[{"role":"tool","content":"x"}]"#,
                "messages[0].tool_call_id",
            ),
            (
                r#""messages":[{"role":"user","content":[{"type":"text"}]}]"#,
                "messages[0].content[0].text",
            ),
            (r#""messages":[],"tool_choice":"auto""#, "tool_choice"),
            (r#""messages":[],"p":"high""#, "p"),
            (r#""messages":[],"documents":[{"text":"x"}]"#, "documents[0].data"),
            (r#""messages":[],"tools":[{"type":"function"}]"#, "tools[0].function"),
            (r#""messages":[],"stop_sequences":"x""#, "stop_sequences"),
        ] {
            let error = asked(&format!(r#"{{"model":"m",{member}}}"#)).unwrap_err();
            assert_eq!((error.status(), error.param.as_deref()), (400, Some(param)), "{member}");
        }
    }
}
