//! What an answer says, however it is said.

use gateway_types::Usage;
use gateway_types::chat::{Event, Finish, Part, PartStart, Response};
use serde_json::Value;

/// The tokens of a usage, as finely as more than one dialect tells them. What a vendor charges is for the gateway alone.
fn tokens(usage: Usage) -> Usage {
    Usage {
        cache_read: usage.cache_read + usage.cache_read_audio,
        cache_read_audio: 0,
        charged: None,
        ..usage
    }
}

/// What an answer says, for comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    pub(crate) refusal: String,
    /// Id, name, arguments as JSON where they are.
    pub(crate) tools: Vec<(String, String, Value)>,
    pub(crate) usage: Option<Usage>,
    pub(crate) finish: Option<&'static str>,
}

impl Said {
    /// The first answer; dialects with one answer have no other.
    pub(crate) fn of_response(response: &Response) -> Self {
        let mut said = Self {
            usage: response.usage.map(tokens),
            ..Self::default()
        };
        if let Some(choice) = response.choices.first() {
            for part in &choice.parts {
                said.part(part);
            }
            said.finish = choice.finish.as_ref().map(word);
        }
        said
    }

    fn part(&mut self, part: &Part) {
        match part {
            Part::Text { text, .. } => self.text.push_str(text),
            Part::Reasoning(reasoning) => self.reasoning.push_str(&reasoning.text),
            Part::Refusal(text) => self.refusal.push_str(text),
            Part::ToolUse(tool) => self.tools.push(called(&tool.id, &tool.name, &tool.arguments)),
            _ => {}
        }
    }

    /// What a stream adds up to, and whether it ended.
    pub(crate) fn of_events(events: &[Event]) -> (Self, bool) {
        let mut said = Self::default();
        let (mut open, mut ended): (Vec<(u32, Open)>, bool) = (Vec::new(), false);
        for event in events {
            match event {
                Event::PartStart { choice: 0, part, start } => match start {
                    PartStart::Text => open.push((*part, Open::Text)),
                    PartStart::Reasoning => open.push((*part, Open::Reasoning)),
                    PartStart::Refusal => open.push((*part, Open::Refusal)),
                    PartStart::ToolUse { id, name, .. } => {
                        open.push((*part, Open::Tool(id.clone(), name.clone(), String::new())));
                    }
                    PartStart::Encrypted(_) => {}
                    PartStart::Whole(whole) => said.part(whole),
                },
                Event::Delta { choice: 0, part, text } => {
                    match open.iter_mut().rev().find(|(at, _)| at == part).map(|(_, open)| open) {
                        Some(Open::Text) => said.text.push_str(text),
                        Some(Open::Reasoning) => said.reasoning.push_str(text),
                        Some(Open::Refusal) => said.refusal.push_str(text),
                        Some(Open::Tool(_, _, arguments)) => arguments.push_str(text),
                        None => {}
                    }
                }
                Event::Usage(usage) => said.usage = Some(tokens(*usage)),
                Event::Finish { choice: 0, finish } => said.finish = Some(word(finish)),
                Event::End => ended = true,
                _ => {}
            }
        }
        for (_, open) in open {
            if let Open::Tool(id, name, arguments) = open {
                said.tools.push(called(&id, &name, &arguments));
            }
        }
        (said, ended)
    }

    /// The names of what differs, with the words that a loss report may have for it.
    pub(crate) fn differences(&self, other: &Self) -> Vec<(&'static str, &'static [&'static str])> {
        let mut found: Vec<(&'static str, &'static [&'static str])> = Vec::new();
        let mut note = |differs: bool, name, words| {
            if differs {
                found.push((name, words));
            }
        };
        // Where a dialect has no word for a refusal, it is said as text, and the report says so.
        let whole = |said: &Self| format!("{}{}", said.text, said.refusal);
        note(whole(self) != whole(other), "text", &["text", "content", "choices"]);
        note(self.refusal != other.refusal, "refusal", &["refusal"]);
        note(
            self.reasoning != other.reasoning,
            "reasoning",
            &["reasoning", "thinking", "thought", "plan"],
        );
        note(self.tools != other.tools, "tools", &["tool"]);
        note(self.usage != other.usage, "usage", &["usage"]);
        note(self.finish != other.finish, "finish", &["finish", "stop"]);
        found
    }
}

enum Open {
    Text,
    Reasoning,
    Refusal,
    Tool(String, String, String),
}

fn called(id: &str, name: &str, arguments: &str) -> (String, String, Value) {
    // No arguments and an empty object are the same call.
    let read = match arguments.trim() {
        "" => Value::Object(serde_json::Map::new()),
        text => serde_json::from_str(text).unwrap_or_else(|_| Value::from(arguments)),
    };
    let (bare, _) = gateway_providers::seal::from_id(id);
    (bare.to_owned(), name.to_owned(), read)
}

fn word(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) => "stop",
        Finish::Length => "length",
        Finish::Tools => "tools",
        Finish::Filtered => "filtered",
        Finish::Refusal => "refusal",
        Finish::Pause => "pause",
        Finish::Other(_) => "other",
    }
}
