//! Token probabilities: Cohere's items (a text, its tokens, their logarithms) and OpenAI's, which the vocabulary carries.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One item of Cohere's.
#[derive(Debug, Deserialize, Serialize)]
struct Item {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    token_ids: Vec<i64>,
    #[serde(default)]
    logprobs: Option<Vec<f64>>,
}

/// One item of OpenAI's; the two last members are kept from Cohere's, so that nothing is lost on the way back.
#[derive(Debug, Deserialize, Serialize)]
struct Token {
    token: String,
    logprob: f64,
    bytes: Option<Vec<u8>>,
    #[serde(default)]
    top_logprobs: Vec<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_ids: Option<Vec<i64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logprobs: Option<Vec<f64>>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Tokens {
    #[serde(default)]
    content: Option<Vec<Token>>,
    #[serde(default, skip_deserializing)]
    refusal: (),
}

/// Cohere's items, or one of them, as OpenAI's.
pub(super) fn read(raw: &RawValue) -> Option<Box<RawValue>> {
    let items: Vec<Item> = serde_json::from_str(raw.get())
        .or_else(|_| serde_json::from_str(raw.get()).map(|item| vec![item]))
        .ok()?;
    let token = |item: Item| {
        let token = item.text.unwrap_or_default();
        Token {
            bytes: Some(token.clone().into_bytes()),
            // A text of several tokens is as likely as all of them.
            logprob: item.logprobs.iter().flatten().sum(),
            top_logprobs: Vec::new(),
            token_ids: Some(item.token_ids),
            logprobs: item.logprobs,
            token,
        }
    };
    let tokens = Tokens {
        content: Some(items.into_iter().map(token).collect()),
        refusal: (),
    };
    serde_json::value::to_raw_value(&tokens).ok()
}

/// OpenAI's items as Cohere's, each as JSON.
pub(super) fn items(raw: &RawValue) -> Vec<Box<RawValue>> {
    let tokens: Option<Tokens> = serde_json::from_str(raw.get()).ok();
    let content = tokens.and_then(|tokens| tokens.content).unwrap_or_default();
    let item = |token: Token| Item {
        logprobs: token.logprobs.or_else(|| Some(vec![token.logprob])),
        token_ids: token.token_ids.unwrap_or_default(),
        text: Some(token.token),
    };
    content
        .into_iter()
        .filter_map(|token| serde_json::value::to_raw_value(&item(token)).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_survive_the_way_through_the_other_shape() {
        let own = r#"[{"text":"Hi","token_ids":[5,6],"logprobs":[-0.5,-0.25]},{"text":"!","token_ids":[7],"logprobs":[-1.0]}]"#;
        let raw: Box<RawValue> = serde_json::from_str(own).unwrap();
        let other = read(&raw).unwrap();
        let seen: serde_json::Value = serde_json::from_str(other.get()).unwrap();
        assert_eq!(
            (
                seen["content"][0]["token"].as_str(),
                seen["content"][0]["logprob"].as_f64()
            ),
            (Some("Hi"), Some(-0.75))
        );
        let back: Vec<String> = items(&other).iter().map(|item| item.get().to_owned()).collect();
        assert_eq!(format!("[{}]", back.join(",")), own);
    }

    #[test]
    fn openais_items_have_their_place_and_nonsense_none() {
        let raw: Box<RawValue> = serde_json::from_str(
            r#"{"content":[{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[]}],"refusal":null}"#,
        )
        .unwrap();
        assert_eq!(items(&raw)[0].get(), r#"{"text":"a","token_ids":[],"logprobs":[-0.5]}"#);
        let odd: Box<RawValue> = serde_json::from_str("5").unwrap();
        assert!(read(&odd).is_none() && items(&odd).is_empty());
    }
}
