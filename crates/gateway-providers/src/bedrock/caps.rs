//! Caps on output: where a body has them, and how they are bounded there. A model's own bodies have each a name of its own.

use std::ops::Range;

use bytes::Bytes;
use gateway_types::json::{Edit, Object, scan, splice};
use gateway_types::{Call, Error, Operation};

use super::decode::{CAPS, KEYS, NESTS};
use super::model::{Maker, Model};
use crate::facts::wrong;

/// Where a cap stands in the body, and what it is; `null` is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) cap: Option<u64>,
    at: Range<usize>,
}

/// The places of caps in an object that begins at `from`, and in the objects within it.
pub(super) fn places(bytes: &[u8], object: &Object, from: usize) -> Result<Vec<Place>, Error> {
    let mut found = Vec::new();
    for member in &object.members {
        let at = from + member.value.start..from + member.value.end;
        let value = bytes.get(member.value.clone()).unwrap_or_default();
        if CAPS.contains(&member.key) {
            let key = KEYS.get(member.key).copied().unwrap_or_default();
            found.push(Place {
                cap: cap(key, value)?,
                at,
            });
        } else if NESTS.contains(&member.key)
            && let Ok(inner) = scan(value, &KEYS)
        {
            found.extend(places(value, &inner, at.start)?);
        }
    }
    Ok(found)
}

fn cap(key: &str, value: &[u8]) -> Result<Option<u64>, Error> {
    const WANTED: &str = "a whole number of tokens, 0 or more";
    serde_json::from_slice(value).map_err(|_| wrong(key, WANTED))
}

/// The edits that bound the output of a call: its caps lowered where they stand, or one put in.
pub(super) fn bound(call: &Call, model: Model<'_>, most: u64) -> Vec<Edit> {
    let body = &call.body;
    if body.members.span.is_empty() {
        return Vec::new();
    }
    let places = places(&body.bytes, &body.members, 0).unwrap_or_default();
    if !places.is_empty() {
        let high = places
            .into_iter()
            .filter(|place| place.cap.is_none_or(|cap| cap > most));
        return high
            .map(|place| Edit::Replace(place.at, most.to_string().into()))
            .collect();
    }
    let path = match call.operation {
        Operation::Invoke => cap_of(model),
        _ => Some((Some("inferenceConfig"), "maxTokens")),
    };
    let Some((nest, key)) = path else { return Vec::new() };
    let member = Bytes::from(format!("\"{key}\":{most}"));
    let Some(nest) = nest else {
        return vec![Edit::Insert(member)];
    };
    let index = KEYS.iter().position(|known| *known == nest);
    match index.and_then(|index| body.members.find(index)) {
        None => vec![Edit::Insert(format!("\"{nest}\":{{\"{key}\":{most}}}").into())],
        Some(stands) => {
            let inner = body.bytes.slice(stands.value.clone());
            let within = scan(&inner, &[]).map(|object| splice(&inner, &object, &[Edit::Insert(member)]).concat());
            let whole = within.unwrap_or_else(|_| format!("{{\"{key}\":{most}}}").into());
            vec![Edit::Replace(stands.value.clone(), whole)]
        }
    }
}

/// Where a model's own body has its cap; nothing for models that write no text, or whose words are not known.
fn cap_of(model: Model<'_>) -> Option<(Option<&'static str>, &'static str)> {
    let silent = [
        "embed",
        "canvas",
        "reel",
        "sonic",
        "rerank",
        "titan-image",
        "stable-",
        "sd3",
    ];
    if silent.iter().any(|word| model.bare.contains(word)) {
        return None;
    }
    Some(match model.maker {
        Maker::Nova | Maker::Nova2 => (Some("inferenceConfig"), "maxTokens"),
        Maker::Titan => (Some("textGenerationConfig"), "maxTokenCount"),
        Maker::Llama => (None, "max_gen_len"),
        Maker::Jurassic => (None, "maxTokens"),
        Maker::GptOss | Maker::Gpt => (None, "max_completion_tokens"),
        Maker::Claude | Maker::Cohere | Maker::Mistral | Maker::Qwen | Maker::Switched => (None, "max_tokens"),
        Maker::Other | Maker::Unknown => return None,
    })
}

#[cfg(test)]
mod tests {
    use gateway_types::Asked;

    use super::*;
    use crate::bedrock::decode::decode;

    fn bounded(operation: Operation, model: &str, body: &str) -> String {
        let asked = Asked {
            model: Some("m".to_owned()),
            ..Asked::plain(operation)
        };
        let call = decode(&asked, Bytes::copy_from_slice(body.as_bytes())).unwrap();
        let edits = bound(&call, Model::of(model), 9);
        let whole = splice(&call.body.bytes, &call.body.members, &edits).concat();
        String::from_utf8(whole.to_vec()).unwrap()
    }

    #[test]
    fn a_cap_is_lowered_where_it_stands_or_put_where_it_belongs() {
        let converse = |body| bounded(Operation::Chat, "m", body);
        assert_eq!(
            converse(r#"{"inferenceConfig": {"maxTokens": 50, "x": 1.0}}"#),
            r#"{"inferenceConfig": {"maxTokens": 9, "x": 1.0}}"#
        );
        assert_eq!(
            converse(r#"{"inferenceConfig":{"maxTokens":5}}"#),
            r#"{"inferenceConfig":{"maxTokens":5}}"#
        );
        assert_eq!(
            converse(r#"{"inferenceConfig":{"topP":1}}"#),
            r#"{"inferenceConfig":{"topP":1,"maxTokens":9}}"#
        );
        assert_eq!(
            converse(r#"{"inferenceConfig":null}"#),
            r#"{"inferenceConfig":{"maxTokens":9}}"#
        );
        assert_eq!(
            converse(r#"{"inferenceConfig":{"maxTokens":null}}"#),
            r#"{"inferenceConfig":{"maxTokens":9}}"#
        );
        assert_eq!(converse("{}"), r#"{"inferenceConfig":{"maxTokens":9}}"#);
        let invoke = |model, body| bounded(Operation::Invoke, model, body);
        assert_eq!(
            invoke("anthropic.claude-v2", r#"{"max_tokens":99}"#),
            r#"{"max_tokens":9}"#
        );
        assert_eq!(
            invoke("meta.llama3-8b-instruct-v1:0", r#"{"prompt":"a"}"#),
            r#"{"prompt":"a","max_gen_len":9}"#
        );
        assert_eq!(
            invoke("amazon.titan-text-lite-v1", r#"{"inputText":"a"}"#),
            r#"{"inputText":"a","textGenerationConfig":{"maxTokenCount":9}}"#
        );
        assert_eq!(
            invoke("amazon.titan-embed-text-v2:0", r#"{"inputText":"a"}"#),
            r#"{"inputText":"a"}"#
        );
        assert_eq!(
            invoke("stability.sd3-large-v1:0", r#"{"prompt":"a"}"#),
            r#"{"prompt":"a"}"#
        );
    }
}
