//! How hard to think. Clients say it in words or in tokens; generations of models take one or the other.

use gateway_types::chat::{Request, ToolChoice};
use gateway_types::loss::Loss;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::model::{Abilities, Thinking};
use super::wire::Think;

/// The least budget that the API takes.
const LEAST: u64 = 1024;
/// The most that a word asks for: beyond it the vendor advises batches, since connections do not last.
const MOST: u64 = 32_000;

/// What is written.
#[derive(Debug, Default)]
pub(super) struct Chosen<'a> {
    /// `thinking`.
    pub(super) think: Option<Think<'a>>,
    /// Whether the model thinks.
    pub(super) on: bool,
    /// `output_config.effort`.
    pub(super) effort: Option<&'a str>,
}

/// A request in this dialect: as the client has it. `resumes` says that thinking had to be left out where a budget for it
/// insists on some.
pub(super) fn repeat<'a>(request: &'a Request, resumes: bool, losses: &mut Vec<Loss>) -> Chosen<'a> {
    let think = match request.thinking_budget {
        // What else may have been said is among the extras.
        None => None,
        Some(0) => Some(Think::of("disabled")),
        Some(_) if resumes => {
            losses.push(Loss::dropped("thinking", RESUMED));
            None
        }
        Some(budget) => Some(Think::Settled {
            kind: "enabled",
            budget_tokens: Some(budget),
            display: request.show_thinking.map(display),
        }),
    };
    Chosen {
        think,
        on: false,
        effort: request.effort.as_deref(),
    }
}

const RESUMED: &str = "the answered tool call came without its thinking, so there can be none now";

/// Chooses from the request's `effort` and budget. `resumes` says that the model's last turn asked for tools and does not
/// open with its thinking, which a budget would then require.
pub(super) fn choose<'a>(
    request: &'a Request,
    able: Abilities,
    max_tokens: u64,
    resumes: bool,
    losses: &mut Vec<Loss>,
) -> Chosen<'a> {
    let mut on = false;
    if let Some((_, said)) = request.extras.0.iter().find(|(key, _)| key == "thinking") {
        match kind_of(said).as_deref() {
            // Other vendors turn it on with the same word, and without a budget.
            Some("enabled") => on = true,
            Some(_) => return verbatim(said, request.effort.as_deref(), able, losses),
            None => losses.push(Loss::dropped("thinking", "it has no `type`")),
        }
    }
    let (field, asked) = match (request.thinking_budget, request.effort.as_deref()) {
        (Some(budget), _) => ("thinking_budget", Asked::Tokens(budget)),
        (None, Some(word)) => ("reasoning_effort", Asked::Word(word)),
        (None, None) if on => ("thinking", Asked::Word("medium")),
        (None, None) => return shown(request, able, losses),
    };
    if matches!(asked, Asked::Word("none") | Asked::Tokens(0)) {
        return Chosen::default();
    }
    let forced = matches!(
        request.tool_choice,
        Some(ToolChoice::Required | ToolChoice::Tool(_) | ToolChoice::OneOf { required: true, .. })
    );
    match able.thinking {
        Thinking::Never => losses.push(Loss::dropped(field, "this model does not think")),
        Thinking::Budget if forced => losses.push(Loss::dropped(field, "a forced tool rules out thinking there")),
        Thinking::Budget if resumes => losses.push(Loss::dropped(field, RESUMED)),
        Thinking::Budget => return budget(field, asked, max_tokens, losses),
        Thinking::Adaptive => return adaptive(field, asked, request.show_thinking, able, forced, losses),
    }
    Chosen::default()
}

/// Where the client wants to see thinking, and does not say how much.
fn shown<'a>(request: &Request, able: Abilities, losses: &mut Vec<Loss>) -> Chosen<'a> {
    if request.show_thinking != Some(true) {
        return Chosen::default();
    }
    if able.thinking != Thinking::Adaptive {
        losses.push(Loss::dropped(
            "show_thinking",
            "this model thinks only by a budget or an effort",
        ));
        return Chosen::default();
    }
    losses.push(Loss::mapped("show_thinking", "thinking adaptive"));
    Chosen {
        think: Some(adapting(Some(true))),
        on: true,
        effort: None,
    }
}

fn adapting<'a>(show: Option<bool>) -> Think<'a> {
    Think::Settled {
        kind: "adaptive",
        budget_tokens: None,
        display: Some(display(show.unwrap_or(true))),
    }
}

fn display(show: bool) -> &'static str {
    if show { "summarized" } else { "omitted" }
}

fn kind_of(said: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "type")]
        kind: String,
    }
    serde_json::from_str::<Kind>(said.get()).ok().map(|said| said.kind)
}

/// What the client says in the API's own words, which it may through any SDK that sends further members.
fn verbatim<'a>(said: &'a RawValue, effort: Option<&str>, able: Abilities, losses: &mut Vec<Loss>) -> Chosen<'a> {
    let on = kind_of(said).is_some_and(|kind| kind != "disabled");
    let effort = match effort {
        Some(word) if able.thinking == Thinking::Adaptive => Some(level(word, able.xhigh)),
        Some(_) => {
            losses.push(Loss::dropped("reasoning_effort", "`thinking` says it already"));
            None
        }
        None => None,
    };
    Chosen {
        think: Some(Think::Said(said)),
        on,
        effort,
    }
}

#[derive(Clone, Copy)]
enum Asked<'a> {
    Word(&'a str),
    Tokens(u64),
}

fn budget<'a>(field: &str, asked: Asked<'_>, max_tokens: u64, losses: &mut Vec<Loss>) -> Chosen<'a> {
    if max_tokens <= LEAST {
        let note = format!("thinking takes at least {LEAST} tokens, and the answer is capped at {max_tokens}");
        losses.push(Loss::dropped(field, note));
        return Chosen::default();
    }
    let wanted = match asked {
        Asked::Tokens(tokens) => tokens,
        Asked::Word(word) => (max_tokens.saturating_mul(percent(word)) / 100).min(MOST),
    };
    let budget_tokens = wanted.clamp(LEAST, max_tokens - 1);
    if matches!(asked, Asked::Word(_)) || budget_tokens != wanted {
        losses.push(Loss::emulated(
            field,
            format!("a thinking budget of {budget_tokens} tokens"),
        ));
    }
    Chosen {
        think: Some(Think::Settled {
            kind: "enabled",
            budget_tokens: Some(budget_tokens),
            display: None,
        }),
        on: true,
        effort: None,
    }
}

/// The share of the answer's cap that a word gives to thinking.
fn percent(word: &str) -> u64 {
    match word {
        "minimal" => 10,
        "low" => 20,
        "high" => 80,
        "xhigh" | "max" => 95,
        _ => 50,
    }
}

fn adaptive<'a>(
    field: &str,
    asked: Asked<'_>,
    show: Option<bool>,
    able: Abilities,
    forced: bool,
    losses: &mut Vec<Loss>,
) -> Chosen<'a> {
    let effort = match asked {
        Asked::Tokens(_) => {
            losses.push(Loss::emulated(field, "the model chooses its own budget"));
            None
        }
        Asked::Word(word) => {
            let effort = level(word, able.xhigh);
            if effort == word {
                losses.push(Loss::mapped(
                    field,
                    format!("output_config.effort `{effort}`, thinking adaptive"),
                ));
            } else {
                losses.push(Loss::emulated(
                    field,
                    format!("output_config.effort `{effort}`, thinking adaptive"),
                ));
            }
            Some(effort)
        }
    };
    let think = (!forced).then(|| adapting(show));
    Chosen {
        on: think.is_some(),
        think,
        effort,
    }
}

fn level(word: &str, xhigh: bool) -> &'static str {
    match word {
        "minimal" | "low" => "low",
        "high" => "high",
        "xhigh" if xhigh => "xhigh",
        "xhigh" => "high",
        "max" => "max",
        _ => "medium",
    }
}
