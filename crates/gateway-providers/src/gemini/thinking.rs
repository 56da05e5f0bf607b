//! How hard to think, in Google's words: a level or a budget, by the generation of the model. What a word of OpenAI's is
//! worth is as Google's "OpenAI compatibility" says.

use gateway_types::chat::Request;
use gateway_types::loss::Loss;

use super::model::{Abilities, Thinking};
use super::tree::Object;

/// Says `thinkingConfig`.
pub(super) fn say<'a>(request: &'a Request, able: Abilities, losses: &mut Vec<Loss>) -> Object<'a> {
    let mut config = Object::new();
    let effort = request.effort.as_deref();
    let field = if request.thinking_budget.is_some() {
        "thinking_budget"
    } else {
        "reasoning_effort"
    };
    let asked = request.thinking_budget.is_some() || effort.is_some();
    if able.thinking == Thinking::Never {
        if asked && !matches!((request.thinking_budget, effort), (Some(0), _) | (None, Some("none"))) {
            losses.push(Loss::dropped(field, "this model does not think"));
        }
        if request.show_thinking == Some(true) {
            losses.push(Loss::dropped("show_thinking", "this model does not think"));
        }
        return config;
    }
    match (request.thinking_budget, effort) {
        (Some(budget), _) => config.put("thinkingBudget", within(budget, able, field, losses)),
        (None, Some(word)) => level(word, able, &mut config, losses),
        (None, None) => {}
    }
    // Who asks for thinking sees it as far as it can be seen, unless they say otherwise.
    match request.show_thinking {
        Some(show) => config.put("includeThoughts", show),
        None if asked && effort != Some("none") && request.thinking_budget != Some(0) => {
            config.put("includeThoughts", true);
        }
        None => {}
    }
    config
}

/// A budget that the model takes.
fn within(budget: u64, able: Abilities, field: &str, losses: &mut Vec<Loss>) -> u64 {
    let (least, most, off) = match able.thinking {
        Thinking::Budget { least, most, off } => (least, most, off),
        Thinking::Level { most, .. } => (1, most, false),
        Thinking::Never => return 0,
    };
    let taken = if budget == 0 && off {
        0
    } else {
        budget.clamp(least, most)
    };
    if taken != budget {
        losses.push(Loss::emulated(field, format!("a thinking budget of {taken} tokens")));
    }
    taken
}

fn level(word: &str, able: Abilities, config: &mut Object<'_>, losses: &mut Vec<Loss>) {
    const FIELD: &str = "reasoning_effort";
    let Thinking::Level { minimal, medium, .. } = able.thinking else {
        let wanted = match word {
            "none" => 0,
            "minimal" | "low" => 1_024,
            "high" => 24_576,
            "xhigh" | "max" => 32_768,
            _ => 8_192,
        };
        let mut clamped = Vec::new();
        let budget = within(wanted, able, FIELD, &mut clamped);
        losses.push(Loss::emulated(FIELD, format!("a thinking budget of {budget} tokens")));
        config.put("thinkingBudget", budget);
        return;
    };
    let least = if minimal { "MINIMAL" } else { "LOW" };
    let said = match word {
        "none" | "minimal" => least,
        "low" => "LOW",
        "medium" if medium => "MEDIUM",
        _ => "HIGH",
    };
    if !said.eq_ignore_ascii_case(word) {
        losses.push(Loss::emulated(FIELD, format!("thinkingLevel `{said}`")));
    }
    config.put("thinkingLevel", said);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gemini::model::abilities;
    use gateway_types::DialectName;

    fn check(model: &str, effort: Option<&str>, budget: Option<u64>, expected: &str, losses: usize) {
        let mut request = Request::new(DialectName::OpenAi);
        request.effort = effort.map(str::to_owned);
        request.thinking_budget = budget;
        let mut lost = Vec::new();
        let said = say(&request, abilities(model), &mut lost);
        let said = String::from_utf8(said.to_bytes()).unwrap();
        assert_eq!(
            (said.as_str(), lost.len()),
            (expected, losses),
            "{model} {effort:?} {budget:?}: {lost:?}"
        );
    }

    #[test]
    fn every_generation_is_asked_in_its_own_words() {
        let seen = |inner: &str| format!("{{{inner},\"includeThoughts\":true}}");
        check(
            "gemini-3-flash-preview",
            Some("medium"),
            None,
            &seen(r#""thinkingLevel":"MEDIUM""#),
            0,
        );
        check(
            "gemini-3-flash-preview",
            Some("none"),
            None,
            r#"{"thinkingLevel":"MINIMAL"}"#,
            1,
        );
        check(
            "gemini-3-pro-preview",
            Some("medium"),
            None,
            &seen(r#""thinkingLevel":"HIGH""#),
            1,
        );
        check(
            "gemini-3-pro-preview",
            Some("minimal"),
            None,
            &seen(r#""thinkingLevel":"LOW""#),
            1,
        );
        check(
            "gemini-3.1-pro-preview",
            Some("xhigh"),
            None,
            &seen(r#""thinkingLevel":"HIGH""#),
            1,
        );
        check(
            "gemini-3-flash-preview",
            None,
            Some(2_000),
            &seen(r#""thinkingBudget":2000"#),
            0,
        );
        check("gemini-2.5-flash", Some("none"), None, r#"{"thinkingBudget":0}"#, 1);
        check("gemini-2.5-pro", Some("none"), None, r#"{"thinkingBudget":128}"#, 1);
        check(
            "gemini-2.5-flash",
            Some("max"),
            None,
            &seen(r#""thinkingBudget":24576"#),
            1,
        );
        check(
            "gemini-2.5-flash",
            None,
            Some(50_000),
            &seen(r#""thinkingBudget":24576"#),
            1,
        );
        check("gemini-2.5-flash", None, Some(0), r#"{"thinkingBudget":0}"#, 0);
        check("gemini-2.0-flash", Some("high"), None, "{}", 1);
        check("gemini-2.0-flash", Some("none"), None, "{}", 0);
        check("gemini-2.5-flash", None, None, "{}", 0);
    }
}
