//! An answer boiled down to what must survive a translation, from every form that it can have.

use std::collections::BTreeMap;

use gateway_providers::ClientDialect;
use gateway_providers::openai::OpenAi;
use gateway_types::Usage;
use gateway_types::chat::{Event, Finish, Part, PartStart, Response};
use serde_json::Value;

use crate::STAMP;

/// A usage without what a vendor says it charges, which is for the gateway alone.
fn tokens(usage: Usage) -> Usage {
    Usage { charged: None, ..usage }
}

/// What must survive.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) model: String,
    pub(crate) choices: BTreeMap<u64, Choice>,
    pub(crate) usage: Option<Usage>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Choice {
    pub(crate) text: String,
    pub(crate) thinking: String,
    pub(crate) refusal: String,
    /// Id, name and arguments.
    pub(crate) tools: Vec<(String, String, String)>,
    pub(crate) finish: Option<String>,
    /// How many pieces came whole: pictures, sound, what only the vendor has.
    pub(crate) whole: usize,
}

impl Answer {
    /// The bytes of everything that was said.
    pub(crate) fn output_bytes(&self) -> u64 {
        let of = |choice: &Choice| {
            let tools: usize = choice.tools.iter().map(|(_, _, arguments)| arguments.len()).sum();
            choice.text.len() + choice.thinking.len() + choice.refusal.len() + tools
        };
        self.choices.values().map(of).sum::<usize>() as u64
    }
}

fn word(finish: &Finish) -> String {
    OpenAi.finish_word(finish)
}

pub(crate) fn from_response(response: &Response) -> Answer {
    let mut answer = Answer {
        model: response.model.clone(),
        usage: response.usage.map(tokens),
        ..Answer::default()
    };
    for (i, choice) in response.choices.iter().enumerate() {
        let said = answer.choices.entry(i as u64).or_default();
        for part in &choice.parts {
            match part {
                Part::Text { text, .. } => said.text += text,
                Part::Reasoning(thought) => said.thinking += &thought.text,
                Part::Refusal(text) => said.refusal += text,
                Part::Image { .. } | Part::Audio { .. } | Part::Other(_) => said.whole += 1,
                Part::ToolUse(tool) => said
                    .tools
                    .push((tool.id.clone(), tool.name.clone(), tool.arguments.clone())),
                _ => {}
            }
        }
        said.finish = choice.finish.as_ref().map(word);
    }
    answer
}

/// Checks the grammar of the events on the way.
pub(crate) fn from_events(events: &[Event]) -> Answer {
    let mut answer = Answer::default();
    let mut kinds: BTreeMap<(u32, u32), PartStart> = BTreeMap::new();
    let mut open: BTreeMap<u32, u32> = BTreeMap::new();
    for (i, event) in events.iter().enumerate() {
        match event {
            Event::Start { model, .. } => {
                assert_eq!(i, 0, "a stream starts once");
                answer.model.clone_from(model);
            }
            Event::PartStart { choice, part, start } => {
                assert_eq!(open.insert(*choice, *part), None, "one piece is open at a time");
                assert!(
                    kinds.insert((*choice, *part), start.clone()).is_none(),
                    "pieces are numbered once"
                );
                if matches!(start, PartStart::Whole(_)) {
                    answer.choices.entry(u64::from(*choice)).or_default().whole += 1;
                }
                if let PartStart::ToolUse { id, name, .. } = start {
                    let said = answer.choices.entry(u64::from(*choice)).or_default();
                    said.tools.push((id.clone(), name.clone(), String::new()));
                }
            }
            Event::Delta { choice, part, text } => {
                let kind = &kinds[&(*choice, *part)];
                let place = kinds.range((*choice, 0)..(*choice, *part));
                let tool = place
                    .filter(|(_, start)| matches!(start, PartStart::ToolUse { .. }))
                    .count();
                let said = answer.choices.entry(u64::from(*choice)).or_default();
                match kind {
                    PartStart::Text => said.text += text,
                    PartStart::Reasoning | PartStart::Encrypted(_) => said.thinking += text,
                    PartStart::Refusal => said.refusal += text,
                    PartStart::ToolUse { .. } => said.tools[tool].2 += text,
                    PartStart::Whole(_) => panic!("nothing follows a piece that came whole"),
                }
            }
            Event::PartEnd { choice, part } => assert_eq!(open.remove(choice), Some(*part)),
            Event::Usage(usage) => answer.usage = Some(tokens(*usage)),
            Event::Finish { choice, finish } => {
                assert!(!open.contains_key(choice), "every piece ends before its answer");
                let said = answer.choices.entry(u64::from(*choice)).or_default();
                assert_eq!(said.finish.replace(word(finish)), None, "an answer ends once");
            }
            Event::End => assert_eq!(i, events.len() - 1, "nothing follows the end"),
            Event::Signature { .. } | Event::Citation { .. } | Event::Logprobs { .. } | Event::Error(_) => {}
        }
    }
    answer
}

/// The same from the JSON of a whole answer, read by other means. Usage is left out: its classes are ours.
pub(crate) fn from_json(body: &Value) -> Answer {
    let mut answer = Answer {
        model: string(&body["model"]),
        ..Answer::default()
    };
    for (i, choice) in body["choices"].as_array().into_iter().flatten().enumerate() {
        hear(answer.choices.entry(i as u64).or_default(), choice, &choice["message"]);
    }
    answer
}

/// The same from the chunks of a stream.
pub(crate) fn from_chunks(stream: &str) -> Answer {
    let mut answer = Answer::default();
    for chunk in chunks(stream) {
        for choice in chunk["choices"].as_array().into_iter().flatten() {
            if answer.model.is_empty() {
                answer.model = string(&chunk["model"]);
            }
            hear(
                answer.choices.entry(choice["index"].as_u64().unwrap_or(0)).or_default(),
                choice,
                &choice["delta"],
            );
        }
    }
    answer
}

/// The JSON of the chunks of a stream.
pub(crate) fn chunks(stream: &str) -> Vec<Value> {
    let stream = stream.replace("\r\n", "\n");
    let data = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .map(str::trim);
    data.filter(|data| data.starts_with('{'))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn hear(said: &mut Choice, choice: &Value, message: &Value) {
    let whole = choice["message"] == *message;
    match &message["content"] {
        Value::Array(pieces) => {
            for piece in pieces {
                said.text += piece["text"].as_str().unwrap_or_default();
                for thought in piece["thinking"].as_array().into_iter().flatten() {
                    said.thinking += thought["text"].as_str().unwrap_or_default();
                }
            }
        }
        content => said.text += content.as_str().unwrap_or_default(),
    }
    let thinking = [&message["reasoning_content"], &message["reasoning"]];
    said.thinking += thinking.into_iter().find_map(Value::as_str).unwrap_or_default();
    said.refusal += message["refusal"].as_str().unwrap_or_default();
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        let (id, name) = (string(&call["id"]), string(&call["function"]["name"]));
        if whole && id.is_empty() {
            said.tools
                .push((STAMP.id("call_", said.tools.len() + 1), name, String::new()));
        } else if whole || (!id.is_empty() && said.tools.last().is_none_or(|(last, _, _)| *last != id)) {
            said.tools.push((id, name, String::new()));
        }
        let arguments = &call["function"]["arguments"];
        let arguments = arguments
            .as_str()
            .map_or_else(|| arguments.to_string(), ToOwned::to_owned);
        said.tools.last_mut().unwrap().2 += arguments.trim_start_matches("null");
    }
    if said.finish.is_none() {
        said.finish = choice["finish_reason"].as_str().map(ToOwned::to_owned);
    }
}
