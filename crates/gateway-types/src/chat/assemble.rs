//! The events of a stream, put together into what a whole answer would have been.

use std::collections::BTreeMap;

use super::{Choice, Event, Part, PartStart, Reasoning, Response, ToolUse};

/// Puts events together. Whatever has come so far is an answer: a stream that broke off gives its beginning.
#[derive(Debug, Default)]
pub struct Assembly {
    response: Response,
    choices: BTreeMap<u32, Pieces>,
}

#[derive(Debug, Default)]
struct Pieces {
    parts: BTreeMap<u32, Part>,
    choice: Choice,
}

impl Assembly {
    /// Takes the next event.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Start { id, model, created } => {
                (self.response.id, self.response.model, self.response.created) = (id, model, created);
            }
            Event::PartStart { choice, part, start } => {
                self.choice(choice).parts.insert(part, begin(start));
            }
            Event::Delta { choice, part, text } => {
                if let Some(open) = self.choice(choice).parts.get_mut(&part) {
                    more(open, &text);
                }
            }
            Event::Signature {
                choice,
                part,
                signature,
            } => match self.choice(choice).parts.get_mut(&part) {
                Some(Part::Reasoning(reasoning)) => reasoning.signature = Some(signature),
                Some(Part::ToolUse(tool)) => tool.signature = Some(signature),
                Some(Part::Text { signature: place, .. }) => *place = Some(signature),
                _ => {}
            },
            Event::Citation { choice, part, citation } => {
                if let Some(Part::Text { citations, .. }) = self.choice(choice).parts.get_mut(&part) {
                    citations.push(citation);
                }
            }
            Event::Usage(usage) => self.response.usage = Some(usage),
            Event::Finish { choice, finish } => self.choice(choice).choice.finish = Some(finish),
            Event::PartEnd { .. } | Event::Logprobs { .. } | Event::Error(_) | Event::End => {}
        }
    }

    /// The answer as far as it has come. Pieces of one choice stand in the order of their numbers.
    pub fn whole(self) -> Response {
        let choices = self.choices.into_values().map(|pieces| Choice {
            parts: pieces.parts.into_values().collect(),
            ..pieces.choice
        });
        Response {
            choices: choices.collect(),
            ..self.response
        }
    }

    fn choice(&mut self, number: u32) -> &mut Pieces {
        self.choices.entry(number).or_default()
    }
}

fn begin(start: PartStart) -> Part {
    match start {
        PartStart::Text => Part::text(""),
        PartStart::Reasoning => Part::Reasoning(Reasoning::default()),
        PartStart::Encrypted(value) => Part::Reasoning(Reasoning {
            encrypted: Some(value),
            ..Reasoning::default()
        }),
        PartStart::Refusal => Part::Refusal(String::new()),
        PartStart::ToolUse { id, name, freeform } => Part::ToolUse(ToolUse {
            id,
            name,
            freeform,
            ..ToolUse::default()
        }),
        PartStart::Whole(part) => part,
    }
}

fn more(part: &mut Part, delta: &str) {
    match part {
        Part::Text { text, .. } | Part::Refusal(text) => text.push_str(delta),
        Part::Reasoning(reasoning) => reasoning.text.push_str(delta),
        Part::ToolUse(tool) => tool.arguments.push_str(delta),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Finish;

    fn delta(choice: u32, part: u32, text: &str) -> Event {
        let text = text.to_owned();
        Event::Delta { choice, part, text }
    }

    #[test]
    fn pieces_of_a_stream_become_the_answer_that_they_are() {
        let start = |choice, part, start| Event::PartStart { choice, part, start };
        let mut assembly = Assembly::default();
        for event in [
            start(0, 0, PartStart::Reasoning),
            delta(0, 0, "hm"),
            start(0, 1, PartStart::Text),
            start(1, 0, PartStart::Refusal),
            delta(0, 1, "Hel"),
            delta(1, 0, "No."),
            delta(0, 1, "lo"),
            start(
                0,
                2,
                PartStart::ToolUse {
                    id: "1".into(),
                    name: "look".into(),
                    freeform: false,
                },
            ),
            delta(0, 2, "{\"a\":"),
            delta(0, 2, "1}"),
            delta(0, 9, "a piece that never began"),
            Event::Finish {
                choice: 0,
                finish: Finish::Tools,
            },
        ] {
            assembly.take(event);
        }
        let [first, second] = &assembly.whole().choices[..] else {
            panic!("there are two answers")
        };
        assert_eq!(first.finish, Some(Finish::Tools));
        assert!(matches!(&first.parts[0], Part::Reasoning(thought) if thought.text == "hm"));
        assert!(matches!(&first.parts[1], Part::Text { text, .. } if text == "Hello"));
        assert!(matches!(&first.parts[2], Part::ToolUse(tool) if tool.arguments == "{\"a\":1}"));
        assert!(matches!(&second.parts[..], [Part::Refusal(text)] if text == "No."));
    }
}
