//! What an answer says, boiled down to what must survive, from every form that it can have.

use gateway_types::Usage;
use gateway_types::chat::{Event, Finish, Part, PartStart, Response};
use serde_json::Value;

/// A usage without what a vendor says it charges, which is for the gateway alone.
fn tokens(usage: Usage) -> Usage {
    Usage { charged: None, ..usage }
}

/// What must survive.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) model: String,
    pub(crate) text: String,
    pub(crate) thinking: String,
    pub(crate) refusal: String,
    /// Id, name and arguments.
    pub(crate) tools: Vec<(String, String, String)>,
    /// Addresses that are cited.
    pub(crate) cited: Vec<String>,
    /// Items that only this API knows, by their types.
    pub(crate) own: Vec<String>,
    /// How many ciphertexts and signatures there are.
    pub(crate) sealed: usize,
    pub(crate) finish: Option<Finish>,
    pub(crate) usage: Option<Usage>,
}

impl Said {
    pub(crate) fn of_response(response: &Response) -> Self {
        let mut said = Self {
            model: response.model.clone(),
            usage: response.usage.map(tokens),
            ..Self::default()
        };
        for choice in &response.choices {
            choice.parts.iter().for_each(|part| said.part(part));
            said.finish.clone_from(&choice.finish);
        }
        said
    }

    fn part(&mut self, part: &Part) {
        match part {
            Part::Text { text, citations, .. } => {
                self.text += text;
                self.cited
                    .extend(citations.iter().filter_map(|citation| citation.url.clone()));
            }
            Part::Refusal(text) => self.refusal += text,
            Part::Reasoning(thought) => {
                self.thinking += &thought.text;
                self.sealed += usize::from(thought.signature.is_some()) + usize::from(thought.encrypted.is_some());
            }
            Part::ToolUse(tool) => self
                .tools
                .push((tool.id.clone(), tool.name.clone(), tool.arguments.clone())),
            Part::Other(own) => {
                let own: Value = serde_json::from_str(own.json.get()).unwrap();
                self.own.push(own["type"].as_str().unwrap_or_default().to_owned());
            }
            Part::Image { .. } => self.own.push("image_generation_call".to_owned()),
            _ => panic!("{part:?}"),
        }
    }

    /// Checks the grammar of the events on the way.
    pub(crate) fn of_events(events: &[Event]) -> Self {
        let mut said = Self::default();
        let mut open: Option<(u32, PartStart)> = None;
        let mut next = 0;
        for (i, event) in events.iter().enumerate() {
            match event {
                Event::Start { model, .. } => {
                    assert_eq!(i, 0, "a stream starts once");
                    said.model.clone_from(model);
                }
                Event::PartStart { part, start, .. } => {
                    assert!(open.is_none(), "one piece is open at a time");
                    assert_eq!(*part, next, "pieces are numbered in order");
                    next += 1;
                    match start {
                        PartStart::ToolUse { id, name, .. } => {
                            said.tools.push((id.clone(), name.clone(), String::new()));
                        }
                        PartStart::Encrypted(_) => said.sealed += 1,
                        PartStart::Whole(part) => said.part(part),
                        _ => {}
                    }
                    open = Some((*part, start.clone()));
                }
                Event::Delta { part, text, .. } => {
                    let (at, start) = open.as_ref().expect("more of a piece that is open");
                    assert_eq!(at, part);
                    match start {
                        PartStart::Text => said.text += text,
                        PartStart::Reasoning => said.thinking += text,
                        PartStart::Refusal => said.refusal += text,
                        PartStart::ToolUse { .. } => said.tools.last_mut().unwrap().2 += text,
                        _ => panic!("{start:?} comes whole"),
                    }
                }
                Event::Signature { .. } => {
                    let thinks = matches!(&open, Some((_, PartStart::Reasoning)));
                    said.sealed += usize::from(thinks);
                }
                Event::Citation { citation, .. } => said.cited.extend(citation.url.clone()),
                Event::PartEnd { part, .. } => assert_eq!(open.take().map(|(at, _)| at), Some(*part)),
                Event::Logprobs { .. } => {}
                Event::Usage(usage) => said.usage = Some(tokens(*usage)),
                Event::Finish { finish, .. } => {
                    assert!(open.is_none(), "every piece ends before the answer");
                    assert_eq!(said.finish.replace(finish.clone()), None, "an answer ends once");
                }
                Event::End => assert_eq!(i, events.len() - 1, "nothing follows the end"),
                Event::Error(error) => panic!("{error}"),
            }
        }
        said
    }

    /// The same from the JSON of a response, read by other means. Usage is left out: its classes are ours.
    pub(crate) fn of_json(response: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut said = Self {
            model: text(&response["model"]),
            ..Self::default()
        };
        for item in response["output"].as_array().into_iter().flatten() {
            match item["type"].as_str().unwrap() {
                "message" => {
                    for piece in item["content"].as_array().into_iter().flatten() {
                        said.text += &text(&piece["text"]);
                        said.refusal += &text(&piece["refusal"]);
                        let cited = piece["annotations"].as_array().into_iter().flatten();
                        said.cited
                            .extend(cited.filter_map(|cited| cited["url"].as_str().map(str::to_owned)));
                    }
                }
                "reasoning" => {
                    let thoughts = |list: &Value| {
                        let texts = list.as_array().into_iter().flatten().map(|piece| text(&piece["text"]));
                        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
                    };
                    let (content, summary) = (thoughts(&item["content"]), thoughts(&item["summary"]));
                    said.thinking += if content.is_empty() { &summary } else { &content };
                    said.sealed += usize::from(item["encrypted_content"].is_string());
                }
                kind @ ("function_call" | "custom_tool_call") => {
                    let name = match item["namespace"].as_str() {
                        Some(space) => format!("{space}__{}", text(&item["name"])),
                        None => text(&item["name"]),
                    };
                    let given = if kind == "function_call" { "arguments" } else { "input" };
                    said.tools.push((text(&item["call_id"]), name, text(&item[given])));
                }
                other => said.own.push(other.to_owned()),
            }
        }
        let reason = response["incomplete_details"]["reason"].as_str();
        said.finish = Some(match (reason, said.tools.is_empty()) {
            (Some("max_output_tokens"), _) => Finish::Length,
            (Some("content_filter"), _) => Finish::Filtered,
            (_, true) => Finish::Stop,
            (_, false) => Finish::Tools,
        });
        said
    }
}
