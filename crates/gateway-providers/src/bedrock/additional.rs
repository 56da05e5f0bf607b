//! A model's own parameters (`additionalModelRequestFields`), read: how hard to think, and what else Converse has no field for.
//! The names are those of the makers' own requests ("Inference request parameters and response fields for foundation
//! models", Amazon Bedrock User Guide).

use gateway_types::chat::{Request, ToolChoice};
use serde_json::value::RawValue;

use crate::json::{Members, Out, parse};

/// Takes what is understood into the request.
pub(super) fn read(fields: &RawValue, request: &mut Request) {
    let Ok(members) = Members::of(fields) else { return };
    for (key, raw) in members.pairs() {
        learn(key, raw, request);
    }
}

/// What is left of the fields for a dialect that has been told all that is understood; nothing where that is all.
pub(super) fn unread(fields: &RawValue) -> Option<Box<RawValue>> {
    let Ok(members) = Members::of(fields) else {
        return Some(fields.to_owned());
    };
    let mut known = Request::new(gateway_types::DialectName::Bedrock);
    read(fields, &mut known);
    let left: Vec<_> = members
        .pairs()
        .filter(|(key, raw)| !learn(key, raw, &mut known))
        .collect();
    if left.is_empty() {
        return None;
    }
    let mut json = Vec::new();
    Out::object(&mut json, |out| left.iter().for_each(|(key, raw)| out.member(key, raw)));
    serde_json::from_slice(&json).ok()
}

/// Understands one field, or does not.
fn learn(key: &str, raw: &RawValue, request: &mut Request) -> bool {
    match key {
        "thinking" => thinking(raw, request),
        "reasoning_config" => word(raw, request) || thinking(raw, request),
        "reasoning_effort" => word(raw, request),
        "reasoning" | "output_config" => only(raw, "effort", |raw| word(raw, request)),
        "reasoningConfig" => nova(raw, request),
        "top_k" => top_k(raw, request),
        "inferenceConfig" => only(raw, "topK", |raw| top_k(raw, request)),
        "tool_choice" => tool_choice(raw, request),
        _ => raw.get() == "null",
    }
}

/// Reads the one member that an object may have, and says whether that was all.
fn only(raw: &RawValue, key: &str, read: impl FnOnce(&RawValue) -> bool) -> bool {
    let Ok(mut members) = Members::of(raw) else {
        return false;
    };
    let known = members.take(key).is_none_or(read);
    known && members.pairs().next().is_none()
}

fn word(raw: &RawValue, request: &mut Request) -> bool {
    let said: Option<String> = parse(raw).ok();
    let known = said.is_some();
    request.effort = said.or_else(|| request.effort.take());
    known
}

/// Claude's thinking. By its own measure (`adaptive`) it thinks as hard as the effort says, where one is said.
fn thinking(raw: &RawValue, request: &mut Request) -> bool {
    let Ok(mut members) = Members::of(raw) else {
        return false;
    };
    let kind = members.read::<String>("type").ok().flatten().unwrap_or_default();
    let budget = members.read("budget_tokens").ok().flatten();
    if let Ok(Some(display)) = members.read::<String>("display") {
        request.show_thinking = Some(display != "omitted");
    }
    let known = match kind.as_str() {
        "enabled" => {
            request.thinking_budget = budget;
            budget.is_some()
        }
        "disabled" => {
            request.thinking_budget = Some(0);
            true
        }
        _ => kind == "adaptive" && request.effort.is_some(),
    };
    known && members.pairs().next().is_none()
}

/// Nova's.
fn nova(raw: &RawValue, request: &mut Request) -> bool {
    let Ok(mut members) = Members::of(raw) else {
        return false;
    };
    let on = members
        .read::<String>("type")
        .ok()
        .flatten()
        .is_none_or(|kind| kind == "enabled");
    let effort: Option<String> = members.read("maxReasoningEffort").ok().flatten();
    request.effort = if on { effort } else { Some("none".to_owned()) };
    members.pairs().next().is_none()
}

fn top_k(raw: &RawValue, request: &mut Request) -> bool {
    request.sampling.top_k = parse(raw).ok();
    request.sampling.top_k.is_some()
}

/// Claude's choice of tools, for what Converse has no word for: none, and one at a time.
fn tool_choice(raw: &RawValue, request: &mut Request) -> bool {
    let Ok(mut members) = Members::of(raw) else {
        return false;
    };
    let kind = members.read::<String>("type").ok().flatten();
    if let Ok(Some(alone)) = members.read::<bool>("disable_parallel_tool_use") {
        request.parallel_tools = Some(!alone);
    }
    let known = match kind.as_deref() {
        None | Some("auto") => true,
        Some("none") => {
            request.tool_choice = Some(ToolChoice::None);
            true
        }
        Some(_) => false,
    };
    known && members.pairs().next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &str, expected: (Option<&str>, Option<u64>, Option<u64>), left: Option<&str>) {
        let raw: Box<RawValue> = serde_json::from_str(fields).unwrap();
        let mut request = Request::new(gateway_types::DialectName::Bedrock);
        read(&raw, &mut request);
        let read = (
            request.effort.as_deref(),
            request.thinking_budget,
            request.sampling.top_k,
        );
        assert_eq!(
            (read, unread(&raw).as_deref().map(RawValue::get)),
            (expected, left),
            "{fields}"
        );
    }

    #[test]
    fn every_makers_way_to_ask_for_thinking_is_understood() {
        check(
            r#"{"thinking":{"type":"enabled","budget_tokens":1024}}"#,
            (None, Some(1024), None),
            None,
        );
        check(r#"{"thinking":{"type":"disabled"}}"#, (None, Some(0), None), None);
        check(
            r#"{"reasoning_config":{"type":"enabled","budget_tokens":9}}"#,
            (None, Some(9), None),
            None,
        );
        check(r#"{"reasoning_config":"high"}"#, (Some("high"), None, None), None);
        check(r#"{"reasoning_effort":"low"}"#, (Some("low"), None, None), None);
        check(r#"{"reasoning":{"effort":"xhigh"}}"#, (Some("xhigh"), None, None), None);
        check(
            r#"{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"medium"}}"#,
            (Some("medium"), None, None),
            None,
        );
        check(
            r#"{"reasoningConfig":{"type":"disabled"}}"#,
            (Some("none"), None, None),
            None,
        );
        let adaptive = r#"{"thinking":{"type":"adaptive"},"output_config":{"effort":"max"}}"#;
        check(adaptive, (Some("max"), None, None), None);
    }

    #[test]
    fn what_is_not_understood_is_left() {
        let adaptive = r#"{"thinking":{"type":"adaptive"}}"#;
        check(adaptive, (None, None, None), Some(adaptive));
        check(
            r#"{"anthropic_beta":["a-1"],"top_k":5,"reasoning":{"effort":"low","x":1}}"#,
            (Some("low"), None, Some(5)),
            Some(r#"{"anthropic_beta":["a-1"],"reasoning":{"effort":"low","x":1}}"#),
        );
        check(r#"{"inferenceConfig":{"topK":10}}"#, (None, None, Some(10)), None);
        check("[1]", (None, None, None), Some("[1]"));
    }
}
