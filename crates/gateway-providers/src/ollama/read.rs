//! A client's turn in the chat vocabulary, asked for in either form.

use gateway_types::chat::{Extras, Format, Message, Part, Request, Role, Sampling, Tool, ToolKind, Verbatim};
use gateway_types::{Call, DialectName, Error};
use serde_json::value::RawValue;

use super::decode::Shape;
use super::message::{messages, picture};
use crate::json::{Fault, Members, each, parse};

/// The typed view of a call.
pub(super) fn read(call: &Call) -> Result<Request, Error> {
    if asks_nothing(call) {
        let message = "nothing is asked; only Ollama itself has a model to load or unload";
        return Err(Error::invalid("messages", message));
    }
    request(body(call)?, Shape::of(call), call.stream).map_err(refused)
}

/// Whether a turn asks for nothing but its model to be loaded or unloaded: without messages, without a prompt.
pub(super) fn asks_nothing(call: &Call) -> bool {
    use crate::facts::value;
    let given = |name| value(call, super::decode::KEYS, name);
    match Shape::of(call) {
        Shape::Chat => given("messages").is_some_and(|list| list.iter().all(|byte| b"[] \n\r\t".contains(byte))),
        Shape::Generate => given("prompt").is_none_or(|prompt| prompt == b"\"\""),
        Shape::Embed | Shape::Embedding => false,
    }
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

fn request(raw: &RawValue, shape: Shape, stream: bool) -> Result<Request, Fault> {
    let mut top = Members::of(raw)?;
    for acted_on in ["model", "stream", "fallbacks"] {
        top.take(acted_on);
    }
    let messages = match shape {
        Shape::Chat => messages(&mut top)?,
        _ => prompt(&mut top)?,
    };
    let mut request = Request {
        messages,
        tools: each(&mut top, "tools", tool)?,
        format: format(&mut top)?,
        stream,
        ..Request::new(DialectName::Ollama)
    };
    think(&mut top, &mut request)?;
    let options = options(&mut top, &mut request)?;
    request.extras = top.rest();
    request.extras.0.retain(|(key, raw)| !says_nothing(key, raw));
    request.extras.0.extend(options.0);
    Ok(request)
}

/// Members that older clients write though there is nothing to say.
fn says_nothing(key: &str, raw: &RawValue) -> bool {
    matches!(
        (key, raw.get()),
        ("template" | "suffix", "\"\"") | ("context", "[]") | ("raw", "false")
    )
}

/// What `/api/generate` asks, as the messages that it stands for.
fn prompt(top: &mut Members<'_>) -> Result<Vec<Message>, Fault> {
    let message = |role, parts| Message {
        role,
        name: None,
        parts,
        extras: Extras::default(),
    };
    let system: Option<String> = top.read("system")?;
    let text: Option<String> = top.read("prompt")?;
    let mut messages = Vec::new();
    if let Some(system) = system.filter(|system| !system.is_empty()) {
        messages.push(message(Role::System, vec![Part::text(system)]));
    }
    let mut parts = vec![Part::text(text.unwrap_or_default())];
    parts.extend(each(top, "images", |raw| parse(raw).map(picture))?);
    messages.push(message(Role::User, parts));
    Ok(messages)
}

fn tool(raw: &RawValue) -> Result<Tool, Fault> {
    let mut members = Members::of(raw)?;
    let kind: Option<String> = members.read("type")?;
    let Some(mut function) = members.object("function")? else {
        let Some(name) = kind.filter(|kind| kind != "function") else {
            return Err(Fault::new("function", "is missing"));
        };
        return Ok(Tool {
            name,
            description: None,
            kind: ToolKind::Other(Verbatim {
                dialect: DialectName::Ollama,
                json: raw.to_owned(),
            }),
            cache: None,
        });
    };
    let under = |fault: Fault| fault.under("function");
    Ok(Tool {
        name: function.need("name").map_err(under)?,
        description: function.read("description").map_err(under)?,
        kind: ToolKind::Function {
            parameters: function.take("parameters").map(ToOwned::to_owned),
            strict: None,
        },
        cache: None,
    })
}

/// `format`: `json`, a schema, or nothing as older clients write it.
fn format(top: &mut Members<'_>) -> Result<Option<Format>, Fault> {
    let Some(raw) = top.take("format") else {
        return Ok(None);
    };
    match parse::<String>(raw).as_deref() {
        Ok("") => Ok(None),
        Ok("json") => Ok(Some(Format::Json)),
        Ok(_) => Err(Fault::new("format", "must be \"json\" or a JSON schema")),
        Err(_) if raw.get().starts_with('{') => Ok(Some(Format::Schema {
            // Others want a name.
            name: String::from("answer"),
            description: None,
            schema: raw.to_owned(),
            strict: None,
        })),
        Err(_) => Err(Fault::new("format", "must be \"json\" or a JSON schema")),
    }
}

/// What stands for thinking that is asked for without saying how hard.
pub(super) const SOME: &str = "medium";

/// `think`: whether, or how hard.
fn think(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let Some(raw) = top.take("think") else {
        return Ok(());
    };
    if let Ok(level) = parse::<String>(raw) {
        request.effort = Some(level).filter(|level| !level.is_empty());
        return Ok(());
    }
    match parse::<bool>(raw).map_err(|_| Fault::new("think", "must be true, false or a level"))? {
        true => {
            request.effort = Some(String::from(SOME));
            request.show_thinking = Some(true);
        }
        false => request.effort = Some(String::from("none")),
    }
    Ok(())
}

/// What of `options` others have a word for; the rest is kept under its whole path (`options.num_ctx`).
fn options(top: &mut Members<'_>, request: &mut Request) -> Result<Extras, Fault> {
    let Some(mut options) = top.object("options")? else {
        return Ok(Extras::default());
    };
    let under = |fault: Fault| fault.under("options");
    let mut number = |key: &str| options.read::<f64>(key).map_err(under);
    request.sampling = Sampling {
        temperature: number("temperature")?,
        top_p: number("top_p")?,
        frequency_penalty: number("frequency_penalty")?,
        presence_penalty: number("presence_penalty")?,
        ..Sampling::default()
    };
    request.sampling.seed = whole(&mut options, "seed")?;
    request.sampling.top_k = whole(&mut options, "top_k")?.and_then(|count| u64::try_from(count).ok());
    // 0 and less mean as much as the model likes, which is what is meant where nothing is said.
    let cap = whole(&mut options, super::decode::CAP)?;
    request.max_output = cap.and_then(|cap| u64::try_from(cap).ok()).filter(|cap| *cap > 0);
    if let Some(raw) = options.take("stop") {
        let one = parse::<String>(raw).map(|text| vec![text]);
        let stop = one.or_else(|_| parse::<Vec<String>>(raw));
        request.stop = stop.map_err(|_| Fault::new("options.stop", "must be a string or an array of strings"))?;
    }
    let rest = options.rest().0.into_iter();
    Ok(Extras(
        rest.map(|(key, raw)| (format!("{OPTIONS}{key}"), raw)).collect(),
    ))
}

/// What the keys of options begin with that no word covers.
pub(super) const OPTIONS: &str = "options.";

/// A whole number, which may be written with a fraction of nothing.
fn whole(options: &mut Members<'_>, key: &str) -> Result<Option<i64>, Fault> {
    let Some(raw) = options.take(key) else {
        return Ok(None);
    };
    let number = parse::<i64>(raw).or_else(|_| parse::<f64>(raw).map(|number| number as i64));
    number.map(Some).map_err(|fault| fault.under(key).under("options"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use gateway_types::{Asked, Operation};

    fn asked(operation: Operation, body: &str) -> Result<Request, Error> {
        let bytes = Bytes::copy_from_slice(body.as_bytes());
        read(&super::super::decode::decode(&Asked::plain(operation), bytes).unwrap())
    }

    fn ids(request: &Request) -> Vec<String> {
        let parts = request.messages.iter().flat_map(|message| &message.parts);
        let id = |part: &Part| match part {
            Part::ToolUse(tool) => Some(tool.id.clone()),
            Part::ToolResult(result) => Some(result.id.clone()),
            _ => None,
        };
        parts.filter_map(id).collect()
    }

    #[test]
    fn results_find_their_calls_with_and_without_ids() {
        let call = |id: &str, name: &str| format!(r#"{{{id}"function":{{"name":"{name}","arguments":{{"x":1}}}}}}"#);
        let conversation = |calls: [String; 2], results: [&str; 2]| {
            format!(
                r#"{{"model":"m","messages":[{{"role":"user","content":"u"}},{{"role":"assistant","content":"","tool_calls":[{},{}]}},
                    {{"role":"tool","content":"1"{}}},{{"role":"tool","content":"2"{}}}]}}"#,
                calls[0], calls[1], results[0], results[1]
            )
        };
        let bare = || [call("", "f"), call("", "g")];
        let named = conversation(bare(), [r#","tool_name":"g""#, r#","tool_name":"f""#]);
        let request = asked(Operation::Chat, &named).unwrap();
        assert_eq!(ids(&request), ["made_1_0", "made_1_1", "made_1_1", "made_1_0"]);
        let unnamed = asked(Operation::Chat, &conversation(bare(), ["", ""])).unwrap();
        assert_eq!(ids(&unnamed), ["made_1_0", "made_1_1", "made_1_0", "made_1_1"]);
        let with_ids = [call(r#""id":"a","#, "f"), call(r#""id":"b","#, "f")];
        let request = asked(Operation::Chat, &conversation(with_ids, [r#","tool_call_id":"b""#, ""])).unwrap();
        assert_eq!(ids(&request), ["a", "b", "b", "a"]);
    }

    #[test]
    fn a_prompt_is_a_turn_of_one_message() {
        let request = asked(
            Operation::Completions,
            r#"{"model":"m","system":"s","prompt":"p","images":["iVBORw0KGgo"],"template":"","context":[],"raw":true,"keep_alive":"5m"}"#,
        )
        .unwrap();
        let roles: Vec<Role> = request.messages.iter().map(|message| message.role).collect();
        assert_eq!(roles, [Role::System, Role::User]);
        assert!(matches!(&request.messages[1].parts[..], [Part::Text { text, .. }, Part::Image { .. }] if text == "p"));
        let kept: Vec<&str> = request.extras.0.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(kept, ["raw", "keep_alive"]);
        assert!(request.stream);
    }

    #[test]
    fn options_are_read_and_what_is_unknown_is_kept_with_its_path() {
        let request = asked(
            Operation::Chat,
            r#"{"model":"m","messages":[{"role":"USER","content":"u"}],"think":"high","format":{"type":"object"},"truncate":true,
                "options":{"num_predict":5,"temperature":0,"top_k":3,"seed":7,"stop":"x","num_ctx":4096,"min_p":0.5}}"#,
        )
        .unwrap();
        assert_eq!(
            (request.max_output, request.sampling.top_k, request.sampling.seed),
            (Some(5), Some(3), Some(7))
        );
        assert_eq!(
            (request.effort.as_deref(), request.stop.as_slice()),
            (Some("high"), &["x".to_owned()][..])
        );
        assert!(matches!(request.format, Some(Format::Schema { .. })));
        let kept: Vec<&str> = request.extras.0.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(kept, ["truncate", "options.num_ctx", "options.min_p"]);
        let off = asked(
            Operation::Chat,
            r#"{"model":"m","messages":[{"role":"user"}],"think":false,"format":""}"#,
        )
        .unwrap();
        assert_eq!((off.effort.as_deref(), off.format.is_none()), (Some("none"), true));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (member, param) in [
            (r#""messages":[]"#, "messages"),
            (r#""messages":[{"role":"robot"}]"#, "messages[0].role"),
            (r#""messages":[{"role":"user","content":5}]"#, "messages[0].content"),
            (
                r#""messages":[{"role":"assistant","tool_calls":[{}]}]"#,
                "messages[0].tool_calls[0].function",
            ),
            (r#""messages":[{"role":"user"}],"format":"xml""#, "format"),
            (r#""messages":[{"role":"user"}],"think":1"#, "think"),
            (r#""messages":[{"role":"user"}],"options":{"seed":"x"}"#, "options.seed"),
        ] {
            let error = asked(Operation::Chat, &format!(r#"{{"model":"m",{member}}}"#)).unwrap_err();
            assert_eq!((error.status(), error.param.as_deref()), (400, Some(param)), "{member}");
        }
    }
}
