//! Token probabilities: Google's `logprobsResult` and OpenAI's `logprobs`, which is the vocabulary's shape.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::tree::{Json, Object};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Google {
    chosen_candidates: Vec<Token>,
    top_candidates: Vec<Top>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Top {
    candidates: Vec<Token>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Token {
    token: String,
    log_probability: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OpenAi {
    content: Option<Vec<Said>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    token: String,
    logprob: f64,
    top_logprobs: Vec<Self>,
}

/// Google's in the vocabulary's shape.
pub(super) fn read(raw: &RawValue) -> Option<Box<RawValue>> {
    let google: Google = serde_json::from_str(raw.get()).ok()?;
    let none = Top::default();
    let content = google.chosen_candidates.iter().enumerate().map(|(at, chosen)| {
        let top = google.top_candidates.get(at).unwrap_or(&none);
        let others: Json<'_> = top.candidates.iter().map(|token| Json::from(openai(token))).collect();
        Json::from(openai(chosen).with("top_logprobs", others))
    });
    let content: Json<'_> = content.collect();
    Some(Object::of("content", content).to_raw())
}

fn openai(token: &Token) -> Object<'_> {
    let bytes: Json<'_> = token.token.bytes().map(|byte| Json::from(u64::from(byte))).collect();
    Object::of("token", &token.token)
        .with("logprob", token.log_probability)
        .with("bytes", bytes)
}

/// The vocabulary's in Google's shape; none where nothing is said of any token.
pub(super) fn write(raw: &RawValue) -> Option<Box<RawValue>> {
    let openai: OpenAi = serde_json::from_str(raw.get()).ok()?;
    let content = openai.content.filter(|content| !content.is_empty())?;
    let one = |said: &Said| Json::from(Object::of("token", said.token.clone()).with("logProbability", said.logprob));
    let chosen: Json<'_> = content.iter().map(one).collect();
    let top = content.iter().map(|said| {
        let candidates: Json<'_> = said.top_logprobs.iter().map(one).collect();
        Json::from(Object::of("candidates", candidates))
    });
    let top: Json<'_> = top.collect();
    Some(
        Object::of("chosenCandidates", chosen)
            .with("topCandidates", top)
            .to_raw(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_the_same_in_both_shapes() {
        let google = r#"{"chosenCandidates":[{"token":"é","logProbability":-0.5}],"topCandidates":[{"candidates":[{"token":"é","logProbability":-0.5},{"token":"a","logProbability":-2.25}]}]}"#;
        let raw: Box<RawValue> = serde_json::from_str(google).unwrap();
        let openai = read(&raw).unwrap();
        assert_eq!(
            openai.get(),
            r#"{"content":[{"token":"é","logprob":-0.5,"bytes":[195,169],"top_logprobs":[{"token":"é","logprob":-0.5,"bytes":[195,169]},{"token":"a","logprob":-2.25,"bytes":[97]}]}]}"#
        );
        assert_eq!(write(&openai).unwrap().get(), google);
        let none: Box<RawValue> = serde_json::from_str(r#"{"content":null}"#).unwrap();
        assert!(write(&none).is_none());
    }
}
