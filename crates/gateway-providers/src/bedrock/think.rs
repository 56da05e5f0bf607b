//! How hard to think. Clients say it in words or in tokens; each maker's models on Bedrock take it in a way of their own, and
//! refuse the ways of others.

use gateway_types::chat::{Request, ToolChoice};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error};
use serde::Serialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::model::{Maker, Model};
use crate::anthropic::{Abilities, Thinking};

/// The least budget that Claude takes.
const LEAST: u64 = 1024;
/// The most that a word asks for: beyond it the vendor advises batches, since connections do not last.
const MOST: u64 = 32_000;

/// Fields of a model's own, on their way.
#[derive(Debug, Default)]
pub(super) struct Fields(pub(super) Vec<(&'static str, Box<RawValue>)>);

impl Fields {
    /// Adds a field.
    pub(super) fn put(&mut self, key: &'static str, value: impl Serialize) {
        self.0.extend(to_raw_value(&value).ok().map(|raw| (key, raw)));
    }
}

/// What is known of a request when it is said how hard to think.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    pub(super) model: Model<'a>,
    /// The cap on output, where there is one.
    pub(super) cap: Option<u64>,
    /// The most that the model can produce, where known.
    pub(super) most: Option<u64>,
    /// Whether the model's last turn asked for tools and does not open with its thinking, which a budget would require.
    pub(super) resumes: bool,
}

/// Says how hard to think; whether the model thinks.
pub(super) fn say(request: &Request, setting: Setting<'_>, fields: &mut Fields, losses: &mut Vec<Loss>) -> bool {
    if let Some(said) = verbatim(request, setting.model) {
        fields.put("thinking", said);
        if let (Some(word), Some(able)) = (request.effort.as_deref(), setting.model.claude()) {
            let field = "reasoning_effort";
            Words {
                field,
                asked: Asked::Word(word),
                fields,
                losses,
            }
            .claudes(able);
        }
        return true;
    }
    let (field, asked) = match (request.thinking_budget, request.effort.as_deref()) {
        (Some(budget), _) => ("thinking_budget", Asked::Tokens(budget)),
        (None, Some(word)) => ("reasoning_effort", Asked::Word(word)),
        (None, None) => return false,
    };
    let off = matches!(asked, Asked::Word("none") | Asked::Tokens(0));
    let mut words = Words {
        field,
        asked,
        fields,
        losses,
    };
    match setting.model.maker {
        Maker::Claude => match setting.model.claude() {
            Some(able) if !off => return claude(request, able, setting, words),
            _ => {}
        },
        Maker::Nova2 if !off => words.nova(setting.cap.is_some()),
        Maker::GptOss => words.flat(&["low", "medium", "high"]),
        Maker::Gpt => words.nested(setting.model.bare.starts_with("xai.")),
        Maker::Qwen if !off => words.qwen(),
        Maker::Switched if setting.model.bare.starts_with("zai.glm-5.3") => {
            words.flat(&["low", "medium", "high", "xhigh", "max"]);
        }
        Maker::Switched if setting.model.bare.starts_with("deepseek.r1") => words.lose("this model always thinks"),
        Maker::Switched if !off => words.flat(&["high"]),
        _ if off => {}
        Maker::Unknown => words.lose("the id does not tell whose model it is, and each maker has its own way to ask"),
        _ => words.lose("this model is not asked to think"),
    }
    false
}

/// What the client says in Anthropic's own words, which Claude takes here as well.
fn verbatim<'a>(request: &'a Request, model: Model<'_>) -> Option<&'a RawValue> {
    if model.maker != Maker::Claude || !matches!(request.dialect, DialectName::Anthropic | DialectName::OpenAi) {
        return None;
    }
    let (_, raw) = request.extras.0.iter().find(|(key, _)| key == "thinking")?;
    Some(raw)
}

#[derive(Clone, Copy)]
enum Asked<'a> {
    Word(&'a str),
    Tokens(u64),
}

struct Words<'a> {
    field: &'static str,
    asked: Asked<'a>,
    fields: &'a mut Fields,
    losses: &'a mut Vec<Loss>,
}

impl Words<'_> {
    fn lose(&mut self, note: &str) {
        self.losses.push(Loss::dropped(self.field, note));
    }

    /// Notes what has become of the wish: the same word in another place, or another.
    fn note(&mut self, place: &str, said: &str) {
        let note = format!("{place} `{said}`");
        self.losses.push(match self.asked {
            Asked::Word(word) if word == said => Loss::mapped(self.field, note),
            _ => Loss::emulated(self.field, note),
        });
    }

    /// How hard, from 0 (not at all) to 5.
    fn level(&self) -> usize {
        match self.asked {
            Asked::Word("none") | Asked::Tokens(0) => 0,
            Asked::Word("minimal" | "low") | Asked::Tokens(..=4096) => 1,
            Asked::Word("high") | Asked::Tokens(16_385..=32_768) => 3,
            Asked::Word("xhigh") => 4,
            Asked::Word("max") | Asked::Tokens(32_769..) => 5,
            Asked::Word(_) | Asked::Tokens(_) => 2,
        }
    }

    /// The word for the level among those that the model knows, which are in order and end with the hardest.
    fn among(&self, known: &[&'static str]) -> &'static str {
        const ALL: [&str; 6] = ["none", "low", "medium", "high", "xhigh", "max"];
        let place = |word: &&'static str| ALL.iter().position(|one| one == word).unwrap_or_default();
        let fits = known.iter().find(|word| place(word) >= self.level());
        fits.or_else(|| known.last()).copied().unwrap_or("high")
    }

    fn nova(&mut self, capped: bool) {
        // At its hardest the model takes no cap.
        let known: &[&str] = if capped {
            &["low", "medium"]
        } else {
            &["low", "medium", "high"]
        };
        let said = self.among(known);
        self.fields.put(
            "reasoningConfig",
            json!({"type": "enabled", "maxReasoningEffort": said}),
        );
        self.note("reasoningConfig.maxReasoningEffort", said);
    }

    fn flat(&mut self, known: &[&'static str]) {
        let said = self.among(known);
        self.fields.put("reasoning_effort", said);
        self.note("reasoning_effort", said);
    }

    fn nested(&mut self, always: bool) {
        let known: &[&str] = match always {
            true => &["low", "medium", "high", "xhigh"],
            false => &["none", "low", "medium", "high", "xhigh"],
        };
        let said = self.among(known);
        self.fields.put("reasoning", json!({"effort": said}));
        self.note("reasoning.effort", said);
    }

    fn claudes(&mut self, able: Abilities) {
        let known: &[&str] = match able.xhigh {
            true => &["low", "medium", "high", "xhigh", "max"],
            false => &["low", "medium", "high", "max"],
        };
        if able.thinking != Thinking::Adaptive {
            self.lose("`thinking` says it already");
            return;
        }
        let said = self.among(known);
        self.fields.put("output_config", json!({"effort": said}));
        self.note("output_config.effort", said);
    }

    /// Of the words that these models take, only the hardest makes them think.
    fn qwen(&mut self) {
        let said = if self.level() == 1 { "low" } else { "high" };
        self.fields.put("reasoning_config", said);
        self.note("reasoning_config", said);
    }
}

/// Whether a tool must be used: Claude cannot think by a budget then.
pub(super) fn is_forced(request: &Request) -> bool {
    let choice = request.tool_choice.as_ref();
    matches!(
        choice,
        Some(ToolChoice::Required | ToolChoice::Tool(_) | ToolChoice::OneOf { required: true, .. })
    )
}

fn claude(request: &Request, able: Abilities, setting: Setting<'_>, mut words: Words<'_>) -> bool {
    match able.thinking {
        Thinking::Never => words.lose("this model does not think"),
        Thinking::Budget if is_forced(request) => words.lose("a forced tool rules out thinking there"),
        Thinking::Budget if setting.resumes => {
            words.lose("the answered tool call came without its thinking, so there can be none now");
        }
        Thinking::Budget => return budget(setting, words),
        Thinking::Adaptive => return adaptive(request, able, words),
    }
    false
}

fn budget(setting: Setting<'_>, mut words: Words<'_>) -> bool {
    let whole = setting.cap.or(setting.most).unwrap_or(MOST);
    if whole <= LEAST {
        let note = format!("thinking takes at least {LEAST} tokens, and the answer is capped at {whole}");
        words.lose(&note);
        return false;
    }
    let wanted = match words.asked {
        Asked::Tokens(tokens) => tokens,
        Asked::Word("minimal") => LEAST,
        Asked::Word(_) => {
            let percent = [0, 20, 50, 80, 95, 95][words.level()];
            (whole.saturating_mul(percent) / 100).min(MOST)
        }
    };
    let tokens = match setting.cap {
        Some(cap) => wanted.clamp(LEAST, cap - 1),
        None => wanted.max(LEAST),
    };
    words
        .fields
        .put("thinking", json!({"type": "enabled", "budget_tokens": tokens}));
    if matches!(words.asked, Asked::Word(_)) || tokens != wanted {
        let note = format!("a thinking budget of {tokens} tokens");
        words.losses.push(Loss::emulated(words.field, note));
    }
    true
}

fn adaptive(request: &Request, able: Abilities, mut words: Words<'_>) -> bool {
    let thinks = !is_forced(request);
    if thinks {
        // Newer models leave their thinking out of the answer unless they are asked for it.
        words.fields.put(
            "thinking",
            match request.show_thinking.filter(|_| able.xhigh) {
                Some(true) => json!({"type": "adaptive", "display": "summarized"}),
                Some(false) => json!({"type": "adaptive", "display": "omitted"}),
                None => json!({"type": "adaptive"}),
            },
        );
    }
    match words.asked {
        Asked::Tokens(_) => {
            words
                .losses
                .push(Loss::emulated(words.field, "the model chooses its own budget"));
        }
        Asked::Word(_) => words.claudes(able),
    }
    thinks
}

/// Refuses more answers than one, which no model gives here.
pub(super) fn one_answer(request: &Request) -> Result<(), Error> {
    match request.sampling.choices.filter(|choices| *choices > 1) {
        Some(choices) => Err(Error::invalid(
            "n",
            format!("this model gives one answer per request, not {choices}; set n to 1"),
        )),
        None => Ok(()),
    }
}
