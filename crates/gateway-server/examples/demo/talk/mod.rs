//! What is asked and answered: little conversations by topic, each a file of its own beside this one. Whoever asks and whoever
//! answers read the same.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;

/// How many variants a turn with slots is told in.
const VARIANTS: usize = 24;

const FILES: [(&str, &str); 9] = [
    ("support", include_str!("support.toml")),
    ("triage", include_str!("triage.toml")),
    ("mail", include_str!("mail.toml")),
    ("handbook", include_str!("handbook.toml")),
    ("code", include_str!("code.toml")),
    ("review", include_str!("review.toml")),
    ("operations", include_str!("operations.toml")),
    ("figures", include_str!("figures.toml")),
    ("translation", include_str!("translation.toml")),
];

/// Everything that is known to be said.
#[derive(Debug)]
pub(crate) struct Talk {
    topics: BTreeMap<&'static str, Topic>,
    /// Where each question stands.
    asks: HashMap<String, (&'static str, usize)>,
}

/// Conversations of one kind.
#[derive(Debug)]
pub(crate) struct Topic {
    /// What the application tells the model first.
    pub(crate) system: String,
    /// The tools that it offers, as JSON schemas by name.
    pub(crate) tools: Vec<Tool>,
    pub(crate) lines: Vec<Line>,
}

/// A question and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) ask: String,
    pub(crate) answer: String,
    pub(crate) thinking: Option<String>,
    /// The tool that is used first, with its arguments.
    pub(crate) tool: Option<(String, Value)>,
    /// What the tool answers.
    pub(crate) result: Option<String>,
}

/// A tool that a topic offers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) parameters: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    system: String,
    #[serde(default)]
    tools: Vec<Tool>,
    #[serde(default)]
    slots: BTreeMap<String, Vec<String>>,
    turn: Vec<Turn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    ask: String,
    answer: String,
    thinking: Option<String>,
    tool: Option<Use>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Use {
    name: String,
    arguments: Value,
    result: String,
}

impl Talk {
    /// Reads the files that are built in.
    pub(crate) fn read() -> Self {
        let topics: BTreeMap<_, _> = FILES.map(|(name, text)| (name, topic(name, text))).into();
        let asks = topics.iter().flat_map(|(name, topic)| {
            let each = topic.lines.iter().enumerate();
            each.map(|(at, line)| (line.ask.clone(), (*name, at)))
        });
        Self {
            asks: asks.collect(),
            topics,
        }
    }

    /// The conversations of that kind.
    pub(crate) fn topic(&self, name: &str) -> &Topic {
        self.topics
            .get(name)
            .expect("topics are named by the constants of this example")
    }

    /// The line that was asked for.
    pub(super) fn line(&self, ask: &str) -> Option<Line> {
        let (topic, at) = self.asks.get(ask)?;
        self.topics.get(topic)?.lines.get(*at).cloned()
    }

    /// What is said to a question that is in no script.
    pub(super) fn made_up(&self, ask: &str) -> String {
        let mut asked: String = ask.chars().take(200).collect();
        if asked.len() < ask.len() {
            asked.push('…');
        }
        format!(
            "There is no model behind this answer: this is the gateway's demo, and its upstreams are scripted. You wrote: \
             “{asked}”. Your message was routed, held against budgets, counted and priced like any other, and stands in the \
             log with its attempts and its cost. Point a provider at a real server to have it answered in earnest."
        )
    }
}

fn topic(name: &str, text: &str) -> Topic {
    let file: File = toml::from_str(text).unwrap_or_else(|why| panic!("talk/{name}.toml: {why}"));
    let lines = file.turn.iter().flat_map(|turn| variants(turn, &file.slots)).collect();
    Topic {
        system: file.system.trim().to_owned(),
        tools: file.tools,
        lines,
    }
}

/// A turn with each of its slots filled, differently in each variant.
fn variants(turn: &Turn, slots: &BTreeMap<String, Vec<String>>) -> Vec<Line> {
    let used = slots.keys().any(|slot| turn.ask.contains(&format!("{{{slot}}}")));
    let count = if used { VARIANTS } else { 1 };
    (0..count)
        .map(|variant| {
            let fill = |text: &str| filled(text.trim(), slots, variant);
            Line {
                ask: fill(&turn.ask),
                answer: fill(&turn.answer),
                thinking: turn.thinking.as_deref().map(fill),
                tool: turn.tool.as_ref().map(|tool| {
                    let arguments = fill(&tool.arguments.to_string());
                    let arguments = serde_json::from_str(&arguments).unwrap_or(Value::Null);
                    (tool.name.clone(), arguments)
                }),
                result: turn.tool.as_ref().map(|tool| fill(&tool.result)),
            }
        })
        .collect()
}

fn filled(text: &str, slots: &BTreeMap<String, Vec<String>>, variant: usize) -> String {
    let mut text = text.to_owned();
    for (at, (slot, values)) in slots.iter().enumerate() {
        let mark = format!("{{{slot}}}");
        if text.contains(&mark) {
            // Each slot runs through its values at a pace of its own.
            let value = &values[(variant * (at + 1) + variant / values.len()) % values.len()];
            text = text.replace(&mark, value);
        }
    }
    text
}
