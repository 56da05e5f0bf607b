//! OpenAI's chat, vectors and list of models, as OpenAI, Mistral, vLLM and Ollama speak them.

use serde_json::{Value, json};

use super::{Asked, Fate, Finish, Heard, Said, Script, Vendor, cut, id, responses, say, tokens};
use crate::dice::Dice;
use crate::talk::Talk;

pub(super) fn answer(vendor: Vendor, asked: &Asked<'_>, talk: &Talk, dice: &mut Dice) -> Fate {
    if asked.lists_models() {
        return Fate::Answers(Script::json(200, &models(vendor)));
    }
    let body = asked.json();
    let model = body["model"].as_str().unwrap_or_default();
    if !vendor.models().contains(&model) {
        return Fate::Answers(Script::json(404, &missing(vendor, model)));
    }
    let script = match asked.path {
        path if path.ends_with("/embeddings") => vectors(&body, dice),
        path if path.ends_with("/responses") => responses::turn(&body, talk, dice),
        path if path.ends_with("/chat/completions") => chat(vendor, &body, talk, dice),
        path => Script::json(
            404,
            &error(
                &format!("Unknown request URL: POST {path}"),
                "invalid_request_error",
                None,
            ),
        ),
    };
    Fate::Answers(script.with("x-request-id", id("req_", dice)))
}

/// An error object.
pub(super) fn error(message: &str, kind: &str, code: Option<&str>) -> Value {
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
}

fn missing(vendor: Vendor, model: &str) -> Value {
    let message = match vendor {
        Vendor::Ollama => format!("model \"{model}\" not found, try pulling it first"),
        _ => format!("The model `{model}` does not exist or you do not have access to it."),
    };
    error(&message, "invalid_request_error", Some("model_not_found"))
}

fn models(vendor: Vendor) -> Value {
    let one = |id: &&str| json!({"id": id, "object": "model", "created": 1_735_689_600, "owned_by": vendor.name()});
    json!({"object": "list", "data": vendor.models().iter().map(one).collect::<Vec<_>>()})
}

fn chat(vendor: Vendor, body: &Value, talk: &Talk, dice: &mut Dice) -> Script {
    if let Some(temperature) = body["temperature"].as_f64().filter(|t| *t > 2.0) {
        let message = format!(
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got {temperature} instead."
        );
        return Script::json(
            400,
            &error(&message, "invalid_request_error", Some("decimal_above_max_value")),
        );
    }
    let heard = heard(body);
    let thinks = ["gpt-5", "o4-", "Qwen/Qwen3"]
        .iter()
        .any(|name| heard.model.starts_with(name));
    let said = say(&heard, talk, thinks, dice);
    let head = Head {
        id: id("chatcmpl-", dice),
        model: &heard.model,
    };
    let script = match heard.stream {
        true => Script::events(head.stream(vendor, &said, body["stream_options"]["include_usage"] == true, dice)),
        false => Script::json(200, &head.whole(vendor, &said, dice)),
    };
    script.written(said.output, said.reasoning)
}

fn heard(body: &Value) -> Heard {
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let from = |role: &str| messages.iter().rposition(|message| message["role"] == role);
    let user = from("user");
    let tools = body["tools"]
        .as_array()
        .map_or(0, |tools| tokens(&Value::from(tools.clone()).to_string()));
    let size = |message: &Value| tokens(&text(&message["content"])) + 4;
    Heard {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        last: user.map(|at| text(&messages[at]["content"])).unwrap_or_default(),
        tool_answered: from("tool") > user,
        offers_tools: tools > 0,
        input: messages.iter().map(size).sum::<u64>() + tools,
        preamble: messages.iter().rev().skip(1).map(size).sum::<u64>() + tools,
        cap: body["max_completion_tokens"]
            .as_u64()
            .or_else(|| body["max_tokens"].as_u64()),
        stream: body["stream"] == true,
    }
}

/// The text of a message: a string, or parts.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect::<Vec<_>>()
            .join("\n"),
        _ => String::new(),
    }
}

struct Head<'a> {
    id: String,
    model: &'a str,
}

impl Head<'_> {
    fn whole(&self, vendor: Vendor, said: &Said, dice: &mut Dice) -> Value {
        let mut message = json!({"role": "assistant", "content": said.text, "refusal": null});
        if let Some((name, arguments)) = &said.tool {
            message["content"] = Value::Null;
            message["tool_calls"] = json!([call(name, &arguments.to_string(), dice)]);
        }
        if let (Some(thinking), Vendor::Vllm) = (&said.thinking, vendor) {
            message["reasoning_content"] = json!(thinking);
        }
        json!({
            "id": self.id, "object": "chat.completion", "created": 1_735_689_600, "model": self.model,
            "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish(said)}],
            "usage": usage(said),
        })
    }

    fn stream(&self, vendor: Vendor, said: &Said, with_usage: bool, dice: &mut Dice) -> Vec<String> {
        let mut deltas = vec![json!({"role": "assistant", "content": ""})];
        if let (Some(thinking), Vendor::Vllm) = (&said.thinking, vendor) {
            deltas.extend(
                cut(thinking, dice)
                    .into_iter()
                    .map(|piece| json!({"reasoning_content": piece})),
            );
        }
        match &said.tool {
            None => deltas.extend(cut(&said.text, dice).into_iter().map(|piece| json!({"content": piece}))),
            Some((name, arguments)) => {
                let mut begun = call(name, "", dice);
                begun["index"] = json!(0);
                deltas.push(json!({"tool_calls": [begun]}));
                let more = |piece| json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]});
                deltas.extend(cut(&arguments.to_string(), dice).into_iter().map(more));
            }
        }
        let choice = |delta: Value, finish: Value| {
            self.chunk(
                &json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]),
                None,
            )
        };
        let mut events: Vec<String> = deltas.into_iter().map(|delta| choice(delta, Value::Null)).collect();
        events.push(choice(json!({}), finish(said).into()));
        if with_usage {
            events.push(self.chunk(&json!([]), Some(usage(said))));
        }
        events.push("data: [DONE]\n\n".to_owned());
        events
    }

    fn chunk(&self, choices: &Value, usage: Option<Value>) -> String {
        let mut chunk = json!({
            "id": self.id, "object": "chat.completion.chunk", "created": 1_735_689_600, "model": self.model,
            "choices": choices,
        });
        if let Some(usage) = usage {
            chunk["usage"] = usage;
        }
        format!("data: {chunk}\n\n")
    }
}

fn call(name: &str, arguments: &str, dice: &mut Dice) -> Value {
    json!({"id": id("call_", dice), "type": "function", "function": {"name": name, "arguments": arguments}})
}

fn finish(said: &Said) -> &'static str {
    match said.finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Tool => "tool_calls",
    }
}

fn usage(said: &Said) -> Value {
    json!({
        "prompt_tokens": said.input, "completion_tokens": said.output, "total_tokens": said.input + said.output,
        "prompt_tokens_details": {"cached_tokens": said.cached},
        "completion_tokens_details": {"reasoning_tokens": said.reasoning},
    })
}

fn vectors(body: &Value, dice: &mut Dice) -> Script {
    let texts: Vec<String> = match &body["input"] {
        Value::Array(texts) => texts
            .iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect(),
        one => vec![text(one)],
    };
    let vector = |index: usize, dice: &mut Dice| {
        // A few numbers stand for the 1536 that the model has: nobody searches with them.
        let numbers: Vec<f64> = (0..8).map(|_| (dice.unit() - 0.5) / 10.0).collect();
        json!({"object": "embedding", "index": index, "embedding": numbers})
    };
    let data: Vec<Value> = (0..texts.len()).map(|index| vector(index, dice)).collect();
    let used: u64 = texts.iter().map(|text| tokens(text)).sum();
    let body = json!({"object": "list", "data": data, "model": body["model"],
        "usage": {"prompt_tokens": used, "total_tokens": used}});
    Script::json(200, &body)
}
