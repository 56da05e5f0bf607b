//! Google's `generateContent`, whole and streamed.

use serde_json::{Value, json};

use super::{Asked, Fate, Finish, Heard, Said, Script, Vendor, cut, id, say, tokens};
use crate::dice::Dice;
use crate::talk::Talk;

pub(super) fn answer(asked: &Asked<'_>, talk: &Talk, dice: &mut Dice) -> Fate {
    if asked.lists_models() {
        return Fate::Answers(Script::json(200, &models()));
    }
    let path = asked.path.split('?').next().unwrap_or_default();
    let called = path.rsplit('/').next().and_then(|last| last.split_once(':'));
    let Some((model, method)) = called.filter(|(model, _)| Vendor::Gemini.models().contains(model)) else {
        let message = format!("{path} is not found for API version v1beta.");
        return Fate::Answers(Script::json(404, &error(404, "NOT_FOUND", &message)));
    };
    let heard = heard(model, method, &asked.json());
    Fate::Answers(turn(&heard, talk, dice))
}

/// An error object.
pub(super) fn error(code: u16, status: &str, message: &str) -> Value {
    json!({"error": {"code": code, "message": message, "status": status}})
}

fn models() -> Value {
    let one = |id: &&str| {
        json!({"name": format!("models/{id}"), "displayName": id,
            "supportedGenerationMethods": ["generateContent", "countTokens"]})
    };
    json!({"models": Vendor::Gemini.models().iter().map(one).collect::<Vec<_>>()})
}

fn heard(model: &str, method: &str, body: &Value) -> Heard {
    let contents = body["contents"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_result = |content: &Value| {
        let parts = content["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
        parts.iter().any(|part| part["functionResponse"].is_object())
    };
    let user = contents
        .iter()
        .rposition(|content| content["role"] != "model" && !is_result(content));
    let tools = body["tools"]
        .as_array()
        .map_or(0, |tools| tokens(&Value::from(tools.clone()).to_string()));
    let first = tokens(&text(&body["systemInstruction"])) + tools;
    let size = |content: &Value| tokens(&text(content)) + 4;
    Heard {
        model: model.to_owned(),
        last: user.map(|at| text(&contents[at])).unwrap_or_default(),
        tool_answered: contents.last().is_some_and(is_result),
        offers_tools: tools > 0,
        input: contents.iter().map(size).sum::<u64>() + first,
        preamble: contents.iter().rev().skip(1).map(size).sum::<u64>() + first,
        cap: body["generationConfig"]["maxOutputTokens"].as_u64(),
        stream: method == "streamGenerateContent",
    }
}

fn text(content: &Value) -> String {
    let parts = content["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = parts.iter().filter_map(|part| part["text"].as_str());
    texts.collect::<Vec<_>>().join("\n")
}

fn turn(heard: &Heard, talk: &Talk, dice: &mut Dice) -> Script {
    let thinks = heard.model.ends_with("-pro");
    let said = say(heard, talk, thinks, dice);
    let id = id("", dice);
    let piece = |parts: Value, last: bool| {
        let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": 0});
        if last {
            candidate["finishReason"] = json!(if said.finish == Finish::Length {
                "MAX_TOKENS"
            } else {
                "STOP"
            });
        }
        json!({"candidates": [candidate], "usageMetadata": usage(&said), "modelVersion": heard.model, "responseId": id})
    };
    let script = match (heard.stream, &said.tool) {
        (_, Some((name, args))) => {
            let whole = piece(json!([{"functionCall": {"name": name, "args": args}}]), true);
            if heard.stream {
                Script::events([event(&whole)])
            } else {
                Script::json(200, &whole)
            }
        }
        (false, None) => Script::json(200, &piece(json!([{"text": said.text}]), true)),
        (true, None) => {
            let texts = cut(&said.text, dice);
            let last = texts.len().saturating_sub(1);
            let each = texts.iter().enumerate();
            Script::events(each.map(|(at, text)| event(&piece(json!([{"text": text}]), at == last))))
        }
    };
    script.written(said.output, said.reasoning)
}

fn event(piece: &Value) -> String {
    format!("data: {piece}\r\n\r\n")
}

fn usage(said: &Said) -> Value {
    json!({
        "promptTokenCount": said.input, "candidatesTokenCount": said.output - said.reasoning,
        "thoughtsTokenCount": said.reasoning, "cachedContentTokenCount": said.cached,
        "totalTokenCount": said.input + said.output,
    })
}
