//! OpenAI's Responses, whole and streamed.

use serde_json::{Value, json};

use super::{Finish, Heard, Said, Script, cut, id, say, tokens};
use crate::dice::Dice;
use crate::talk::Talk;

pub(super) fn turn(body: &Value, talk: &Talk, dice: &mut Dice) -> Script {
    let heard = heard(body);
    let thinks = ["gpt-5", "o4-"].iter().any(|name| heard.model.starts_with(name));
    let said = say(&heard, talk, thinks, dice);
    let (response, message) = (id("resp_", dice), id("msg_", dice));
    let whole = whole(&response, &message, &heard.model, &said);
    let script = match heard.stream {
        true => Script::events(events(&whole, &message, &said, dice)),
        false => Script::json(200, &whole),
    };
    script.written(said.output, said.reasoning)
}

fn heard(body: &Value) -> Heard {
    let input = match &body["input"] {
        Value::String(text) => vec![("user".to_owned(), text.clone())],
        items => {
            let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
            let role = |item: &Value| item["role"].as_str().unwrap_or_default().to_owned();
            items.iter().map(|item| (role(item), text(&item["content"]))).collect()
        }
    };
    let first = tokens(body["instructions"].as_str().unwrap_or_default());
    let last = input.iter().rev().find(|(role, _)| role == "user");
    Heard {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        last: last.map(|(_, text)| text.clone()).unwrap_or_default(),
        input: input.iter().map(|(_, text)| tokens(text) + 4).sum::<u64>() + first,
        preamble: first,
        cap: body["max_output_tokens"].as_u64(),
        stream: body["stream"] == true,
        ..Heard::default()
    }
}

fn text(content: &Value) -> String {
    let parts = content.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = parts.iter().filter_map(|part| part["text"].as_str());
    content
        .as_str()
        .map_or_else(|| texts.collect::<Vec<_>>().join("\n"), str::to_owned)
}

fn whole(response: &str, message: &str, model: &str, said: &Said) -> Value {
    let cut_short = said.finish == Finish::Length;
    json!({
        "id": response, "object": "response", "created_at": 1_735_689_600, "model": model,
        "status": if cut_short { "incomplete" } else { "completed" },
        "incomplete_details": cut_short.then(|| json!({"reason": "max_output_tokens"})),
        "error": null, "instructions": null, "metadata": {}, "parallel_tool_calls": true, "temperature": 1.0,
        "tool_choice": "auto", "tools": [], "top_p": 1.0, "store": false,
        "output": [item(message, "completed", &json!([part(&said.text)]))],
        "usage": {
            "input_tokens": said.input, "input_tokens_details": {"cached_tokens": said.cached},
            "output_tokens": said.output, "output_tokens_details": {"reasoning_tokens": said.reasoning},
            "total_tokens": said.input + said.output,
        },
    })
}

fn item(message: &str, status: &str, content: &Value) -> Value {
    json!({"id": message, "type": "message", "status": status, "role": "assistant", "content": content})
}

fn part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": []})
}

fn events(whole: &Value, message: &str, said: &Said, dice: &mut Dice) -> Vec<String> {
    let mut begun = whole.clone();
    begun["status"] = json!("in_progress");
    begun["output"] = json!([]);
    begun["usage"] = Value::Null;
    let at = json!({"item_id": message, "output_index": 0, "content_index": 0});
    let of_part = |kind: &str, more: Value| {
        let mut event = at.clone();
        event["type"] = json!(kind);
        if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
            event.extend(more);
        }
        event
    };
    let mut events = vec![
        json!({"type": "response.created", "response": begun}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": item(message, "in_progress", &json!([]))}),
        of_part("response.content_part.added", json!({"part": part("")})),
    ];
    let delta = |text: String| of_part("response.output_text.delta", json!({"delta": text}));
    events.extend(cut(&said.text, dice).into_iter().map(delta));
    let last = if said.finish == Finish::Length {
        "response.incomplete"
    } else {
        "response.completed"
    };
    events.extend([
        of_part("response.output_text.done", json!({"text": said.text})),
        of_part("response.content_part.done", json!({"part": part(&said.text)})),
        json!({"type": "response.output_item.done", "output_index": 0,
            "item": item(message, "completed", &json!([part(&said.text)]))}),
        json!({"type": last, "response": whole}),
    ]);
    let numbered = events.into_iter().enumerate().map(|(number, mut event)| {
        event["sequence_number"] = json!(number);
        event
    });
    numbered
        .map(|event| {
            format!(
                "event: {}\ndata: {event}\n\n",
                event["type"].as_str().unwrap_or_default()
            )
        })
        .collect()
}
