//! How a vendor fares over the day: how fast it is, and what goes wrong with it when.

use std::time::Duration;

use super::{Asked, End, Fate, Script, Vendor, anthropic, gemini, openai};
use crate::dice::Dice;

/// When it is, counted back from the end of the day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// How many milliseconds are left of the day; none once it is over and time runs by itself.
    pub(crate) left: Option<u64>,
    /// What tells equal requests apart after that.
    pub(crate) count: u64,
}

impl Moment {
    /// What makes chance of this moment its own.
    pub(super) fn salt(self) -> [u8; 8] {
        self.left.unwrap_or(self.count).to_le_bytes()
    }

    /// Hours until the day ends.
    fn hours_left(self) -> f64 {
        self.left.map_or(0.0, |left| left as f64 / 3_600_000.0)
    }

    fn within(self, from: f64, hours: f64) -> bool {
        self.left.is_some() && (from - hours..from).contains(&self.hours_left())
    }
}

/// What goes wrong with a request, if anything does.
pub(super) fn fault(vendor: Vendor, asked: &Asked<'_>, dice: &mut Dice) -> Option<Fate> {
    let moment = asked.moment;
    if asked.lists_models() {
        return (vendor == Vendor::Mistral && moment.left.is_none()).then(|| unavailable(vendor));
    }
    match vendor {
        // An incident of an hour: at first nothing answers, then it says that it is overloaded.
        Vendor::Anthropic if moment.within(6.6, 0.4) => Some(Fate::Refused),
        Vendor::Anthropic if moment.within(6.2, 0.6) && dice.chance(0.9) => Some(unavailable(vendor)),
        // It has been out of order for some hours, and is.
        Vendor::Mistral if moment.hours_left() < 2.5 => Some(unavailable(vendor)),
        // The servers of one's own are started anew.
        Vendor::Vllm if moment.within(15.0, 0.15) => Some(Fate::Refused),
        Vendor::OpenAi if asked.credential().contains("batch") && dice.chance(0.12) => Some(limited(vendor, dice)),
        Vendor::OpenAi if dice.chance(0.012) => Some(limited(vendor, dice)),
        Vendor::Gemini if dice.chance(0.012) => Some(limited(vendor, dice)),
        Vendor::OpenAi | Vendor::Gemini | Vendor::Anthropic if dice.chance(0.004) => Some(unavailable(vendor)),
        Vendor::Ollama if dice.chance(0.01) => Some(Fate::Silence),
        _ => None,
    }
}

fn unavailable(vendor: Vendor) -> Fate {
    let (status, body) = match vendor {
        Vendor::Anthropic => (529, anthropic::error("overloaded_error", "Overloaded")),
        Vendor::Gemini => (
            503,
            gemini::error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
        ),
        Vendor::Mistral => (503, openai::error("Service unavailable", "service_unavailable", None)),
        _ => (
            500,
            openai::error(
                "The server had an error while processing your request.",
                "server_error",
                None,
            ),
        ),
    };
    Fate::Answers(Script {
        after: Duration::from_millis(180),
        ..Script::json(status, &body)
    })
}

fn limited(vendor: Vendor, dice: &mut Dice) -> Fate {
    let wait = 2 + dice.below(18);
    let body = match vendor {
        Vendor::Gemini => gemini::error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for requests per minute."),
        _ => openai::error(
            &format!("Rate limit reached for requests per minute. Please try again in {wait}s."),
            "requests",
            Some("rate_limit_exceeded"),
        ),
    };
    let script = Script::json(429, &body).with("retry-after", wait.to_string());
    Fate::Answers(Script {
        after: Duration::from_millis(90),
        ..script
    })
}

/// Milliseconds until the first token, and tokens in a second.
fn speed(vendor: Vendor, model: &str) -> (f64, f64) {
    match (vendor, model) {
        (_, model) if model.contains("embed") => (110.0, 1e6),
        (Vendor::OpenAi, "gpt-4.1-nano") => (260.0, 160.0),
        (Vendor::OpenAi, "gpt-4.1-mini" | "gpt-4o-mini") => (360.0, 95.0),
        (Vendor::OpenAi, "gpt-5-mini" | "o4-mini") => (700.0, 120.0),
        (Vendor::OpenAi, _) => (520.0, 75.0),
        (Vendor::Anthropic, "claude-haiku-4-5") => (480.0, 140.0),
        (Vendor::Anthropic, _) => (900.0, 70.0),
        (Vendor::Gemini, "gemini-2.5-pro") => (1100.0, 90.0),
        (Vendor::Gemini, _) => (380.0, 190.0),
        (Vendor::Mistral, _) => (300.0, 130.0),
        (Vendor::Vllm, _) => (210.0, 55.0),
        (Vendor::Ollama, _) => (650.0, 34.0),
    }
}

/// Gives an answer the time that it takes, and breaks a stream off now and then.
pub(super) fn pace(vendor: Vendor, asked: &Asked<'_>, script: &mut Script, dice: &mut Dice) {
    if script.written == 0 && script.status != 200 || asked.lists_models() {
        script.after = Duration::from_secs_f64(dice.around(0.06, 0.3));
        return;
    }
    let body = asked.json();
    let model = body["model"].as_str().unwrap_or(asked.path);
    let (mut first, mut rate) = speed(vendor, model);
    // A vendor that is slow for some hours; a server of one's own that has more to do in the afternoon.
    if vendor == Vendor::Gemini && asked.moment.within(4.4, 1.5) {
        (first, rate) = (first * 4.5, rate / 2.5);
    }
    if vendor == Vendor::Vllm && asked.moment.within(7.0, 6.0) {
        (first, rate) = (first * 1.8, rate * 0.75);
    }
    let input = asked.body.len() as f64 / 4.0;
    let first = dice.around(first, 0.35) + input / 25.0;
    let seconds = |tokens: u64| tokens as f64 / rate;
    let rest = seconds(script.written.saturating_sub(script.thought)) * dice.around(1.0, 0.15);
    let until_seen = first / 1000.0 + seconds(script.thought);
    let streams = script.pieces.len() > 1;
    script.after = Duration::from_secs_f64(if streams { first / 1000.0 } else { until_seen + rest });
    if streams {
        let gap = rest / script.pieces.len() as f64;
        for (at, piece) in script.pieces.iter_mut().enumerate() {
            let more = if at == 1 { seconds(script.thought) } else { 0.0 };
            piece.after = Duration::from_secs_f64(if at == 0 { 0.0 } else { gap + more });
        }
        if matches!(vendor, Vendor::Vllm | Vendor::Ollama) && dice.chance(0.008) {
            script.pieces.truncate(script.pieces.len() / 2);
            script.end = End::Broken;
        }
    }
}
