//! Anthropic's Messages.

use serde_json::{Value, json};

use super::{Asked, Fate, Finish, Heard, Said, Script, Vendor, cut, id, say, tokens};
use crate::dice::Dice;
use crate::talk::Talk;

pub(super) fn answer(asked: &Asked<'_>, talk: &Talk, dice: &mut Dice) -> Fate {
    if asked.lists_models() {
        return Fate::Answers(Script::json(200, &models()));
    }
    let body = asked.json();
    let heard = heard(&body);
    let script = if !asked.path.ends_with("/v1/messages") {
        Script::json(404, &error("not_found_error", "Not found"))
    } else if !Vendor::Anthropic.models().contains(&heard.model.as_str()) {
        Script::json(404, &error("not_found_error", &format!("model: {}", heard.model)))
    } else if body["temperature"]
        .as_f64()
        .is_some_and(|temperature| temperature > 1.0)
    {
        Script::json(400, &error("invalid_request_error", "temperature: range: 0..1"))
    } else {
        turn(&heard, body["thinking"]["type"] == "enabled", talk, dice)
    };
    Fate::Answers(script.with("request-id", id("req_", dice)))
}

/// An error object.
pub(super) fn error(kind: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": message}})
}

fn models() -> Value {
    let models = Vendor::Anthropic.models();
    let one = |id: &&str| json!({"type": "model", "id": id, "display_name": id, "created_at": "2025-10-01T00:00:00Z"});
    json!({"data": models.iter().map(one).collect::<Vec<_>>(), "has_more": false,
        "first_id": models.first(), "last_id": models.last()})
}

fn heard(body: &Value) -> Heard {
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_result = |message: &Value| {
        let parts = message["content"].as_array().map(Vec::as_slice).unwrap_or_default();
        parts.iter().any(|part| part["type"] == "tool_result")
    };
    let said = messages
        .iter()
        .rposition(|message| message["role"] == "user" && !is_result(message));
    let tools = body["tools"]
        .as_array()
        .map_or(0, |tools| tokens(&Value::from(tools.clone()).to_string()));
    let first = tokens(&text(&body["system"])) + tools;
    let size = |message: &Value| tokens(&text(&message["content"])) + 4;
    Heard {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        last: said.map(|at| text(&messages[at]["content"])).unwrap_or_default(),
        tool_answered: messages.last().is_some_and(is_result),
        offers_tools: tools > 0,
        input: messages.iter().map(size).sum::<u64>() + first,
        preamble: messages.iter().rev().skip(1).map(size).sum::<u64>() + first,
        cap: body["max_tokens"].as_u64(),
        stream: body["stream"] == true,
    }
}

fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let of = |part: &Value| {
                part["text"]
                    .as_str()
                    .or_else(|| part["content"].as_str())
                    .map(str::to_owned)
            };
            parts.iter().filter_map(of).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

fn turn(heard: &Heard, thinks: bool, talk: &Talk, dice: &mut Dice) -> Script {
    let said = say(heard, talk, thinks, dice);
    let mut blocks = Vec::new();
    if let Some(thinking) = &said.thinking {
        blocks.push(json!({"type": "thinking", "thinking": thinking, "signature": id("", dice)}));
    }
    if !said.text.is_empty() {
        blocks.push(json!({"type": "text", "text": said.text}));
    }
    if let Some((name, input)) = &said.tool {
        blocks.push(json!({"type": "tool_use", "id": id("toolu_", dice), "name": name, "input": input}));
    }
    let id = id("msg_", dice);
    let script = match heard.stream {
        true => Script::events(events(&id, &heard.model, &said, &blocks, dice)),
        false => {
            let mut message = message(&id, &heard.model, &said, said.output);
            message["content"] = blocks.into();
            message["stop_reason"] = stop(&said).into();
            Script::json(200, &message)
        }
    };
    script.written(said.output, said.reasoning)
}

fn message(id: &str, model: &str, said: &Said, output: u64) -> Value {
    json!({
        "id": id, "type": "message", "role": "assistant", "model": model, "content": [],
        "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": said.input - said.cached, "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": said.cached, "output_tokens": output},
    })
}

fn stop(said: &Said) -> &'static str {
    match said.finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::Tool => "tool_use",
    }
}

fn events(id: &str, model: &str, said: &Said, blocks: &[Value], dice: &mut Dice) -> Vec<String> {
    let mut events = vec![json!({"type": "message_start", "message": message(id, model, said, 1)})];
    for (index, block) in blocks.iter().enumerate() {
        events.extend(of_block(index, block, dice));
    }
    events.push(
        json!({"type": "message_delta", "delta": {"stop_reason": stop(said), "stop_sequence": null},
        "usage": {"output_tokens": said.output}}),
    );
    events.push(json!({"type": "message_stop"}));
    let write = |event: Value| {
        format!(
            "event: {}\ndata: {event}\n\n",
            event["type"].as_str().unwrap_or_default()
        )
    };
    events.into_iter().map(write).collect()
}

fn of_block(index: usize, block: &Value, dice: &mut Dice) -> Vec<Value> {
    let mut begun = block.clone();
    let (whole, kind, member) = match block["type"].as_str() {
        Some("thinking") => {
            begun["signature"] = json!("");
            (
                block["thinking"].as_str().unwrap_or_default().to_owned(),
                "thinking_delta",
                "thinking",
            )
        }
        Some("tool_use") => (block["input"].to_string(), "input_json_delta", "partial_json"),
        _ => (
            block["text"].as_str().unwrap_or_default().to_owned(),
            "text_delta",
            "text",
        ),
    };
    match member {
        "partial_json" => begun["input"] = json!({}),
        member => begun[member] = json!(""),
    }
    let delta = |delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let mut events = vec![json!({"type": "content_block_start", "index": index, "content_block": begun})];
    events.extend(
        cut(&whole, dice)
            .into_iter()
            .map(|piece| delta(json!({"type": kind, member: piece}))),
    );
    if member == "thinking" {
        events.push(delta(
            json!({"type": "signature_delta", "signature": block["signature"]}),
        ));
    }
    events.push(json!({"type": "content_block_stop", "index": index}));
    events
}
