//! The scripted vendors: each hears a request in its own words, and answers as its real counterpart would write it. What they
//! are, not how they are reached: [`crate::memory`] and [`crate::sockets`] carry the same answers.

mod anthropic;
mod gemini;
mod openai;
mod responses;
mod script;
mod weather;

use http::{HeaderMap, Method};
use serde_json::Value;

use crate::dice::Dice;
use crate::talk::Talk;

pub(crate) use script::{End, Fate, Script};
pub(crate) use weather::Moment;

/// A vendor, or a server of one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vendor {
    OpenAi,
    Anthropic,
    Gemini,
    Mistral,
    Vllm,
    Ollama,
}

/// The model of a self-hosted server.
pub(crate) const LLAMA: &str = "meta-llama/Llama-3.3-70B-Instruct";
/// A small one.
pub(crate) const QWEN: &str = "qwen2.5:7b";

impl Vendor {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::OpenAi,
        Self::Anthropic,
        Self::Gemini,
        Self::Mistral,
        Self::Vllm,
        Self::Ollama,
    ];

    /// What it is called in the gateway.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Mistral => "mistral",
            Self::Vllm => "vllm-eu",
            Self::Ollama => "ollama-lab",
        }
    }

    /// The models that it lists.
    fn models(self) -> &'static [&'static str] {
        match self {
            Self::OpenAi => &[
                "gpt-4.1",
                "gpt-4.1-mini",
                "gpt-4.1-nano",
                "gpt-4o-mini",
                "gpt-5-mini",
                "o4-mini",
                "text-embedding-3-small",
            ],
            Self::Anthropic => &["claude-haiku-4-5", "claude-opus-4-5", "claude-sonnet-4-5"],
            Self::Gemini => &["gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.5-pro"],
            Self::Mistral => &["ministral-8b-latest", "mistral-small-latest"],
            Self::Vllm => &[LLAMA, "Qwen/Qwen3-32B"],
            Self::Ollama => &[QWEN, "nomic-embed-text:latest"],
        }
    }

    /// What becomes of a request. `seed` is the day's; two equal requests at the same moment get the same.
    pub(crate) fn answer(self, asked: &Asked<'_>, talk: &Talk, seed: u64) -> Fate {
        let words = [
            self.name().as_bytes(),
            asked.path.as_bytes(),
            asked.credential().as_bytes(),
            asked.body,
            &asked.moment.salt(),
        ];
        let mut dice = Dice::of(seed, &words);
        if asked.path.contains("/alerts") {
            return Fate::Answers(Script::json(204, &Value::Null));
        }
        if let Some(fault) = weather::fault(self, asked, &mut dice) {
            return fault;
        }
        let mut fate = match self {
            Self::Anthropic => anthropic::answer(asked, talk, &mut dice),
            Self::Gemini => gemini::answer(asked, talk, &mut dice),
            Self::OpenAi | Self::Mistral | Self::Vllm | Self::Ollama => openai::answer(self, asked, talk, &mut dice),
        };
        if let Fate::Answers(script) = &mut fate {
            weather::pace(self, asked, script, &mut dice);
        }
        fate
    }
}

/// A request, as it came.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) moment: Moment,
}

impl Asked<'_> {
    fn credential(&self) -> &str {
        let of = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        ["authorization", "x-api-key", "x-goog-api-key"]
            .into_iter()
            .find_map(of)
            .unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(self.body).unwrap_or_default()
    }

    fn lists_models(&self) -> bool {
        self.method == Method::GET
            && self
                .path
                .split('?')
                .next()
                .is_some_and(|path| path.ends_with("/models"))
    }
}

/// What a model is asked, whatever the dialect.
#[derive(Debug, Default)]
struct Heard {
    model: String,
    /// What the user said last.
    last: String,
    /// Whether a tool has answered since.
    tool_answered: bool,
    offers_tools: bool,
    input: u64,
    /// The part of the input that begins all requests of its kind, which vendors cache.
    preamble: u64,
    cap: Option<u64>,
    stream: bool,
}

/// What it says.
#[derive(Debug)]
struct Said {
    thinking: Option<String>,
    text: String,
    tool: Option<(String, Value)>,
    finish: Finish,
    input: u64,
    cached: u64,
    output: u64,
    reasoning: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finish {
    Stop,
    Length,
    Tool,
}

/// About how many tokens a text has.
pub(crate) fn tokens(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4)
}

/// Makes up what is said: what the script of the conversation has, as far as the cap goes.
fn say(heard: &Heard, talk: &Talk, thinks: bool, dice: &mut Dice) -> Said {
    let line = talk.line(&heard.last);
    let tool = line
        .as_ref()
        .and_then(|line| line.tool.clone())
        .filter(|_| heard.offers_tools && !heard.tool_answered);
    let thinking = line.as_ref().and_then(|line| line.thinking.clone()).filter(|_| thinks);
    let mut text = match (&tool, line) {
        (Some(_), _) => String::new(),
        (None, Some(line)) => line.answer,
        (None, None) => talk.made_up(&heard.last),
    };
    let reasoning = if thinks {
        40 + tokens(&heard.last) / 2 + dice.below(400) as u64
    } else {
        0
    };
    let mut output = match &tool {
        Some((name, arguments)) => tokens(name) + tokens(&arguments.to_string()) + 8,
        None => tokens(&text).max(1),
    } + reasoning;
    let mut finish = if tool.is_some() { Finish::Tool } else { Finish::Stop };
    if let Some(cap) = heard.cap.filter(|cap| *cap < output) {
        output = cap;
        finish = Finish::Length;
        let room = usize::try_from(cap.saturating_sub(reasoning) * 4).unwrap_or(usize::MAX);
        text.truncate(text.floor_char_boundary(room.min(text.len())));
    }
    let tool = tool.filter(|_| finish == Finish::Tool);
    // Vendors cache long beginnings, in steps; somebody has asked the same before, mostly.
    let cached = if heard.preamble >= 1024 && dice.chance(0.85) {
        heard.preamble / 128 * 128
    } else {
        0
    };
    Said {
        thinking,
        text,
        tool,
        finish,
        input: heard.input.max(1),
        cached: cached.min(heard.input),
        output,
        reasoning: reasoning.min(output),
    }
}

/// Cuts a text into what comes at once in a stream: a few words each.
fn cut(text: &str, dice: &mut Dice) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut left = 0;
    for word in text.split_inclusive(' ') {
        match pieces.last_mut().filter(|_| left > 0) {
            Some(piece) => piece.push_str(word),
            None => {
                pieces.push(word.to_owned());
                left = 3 + dice.below(6);
            }
        }
        left -= 1;
    }
    pieces
}

/// An id as vendors make them up.
fn id(prefix: &str, dice: &mut Dice) -> String {
    format!("{prefix}{:016x}{:08x}", dice.next(), dice.next() as u32)
}
