//! A whole answer that is passed on as it is: what it used, and how it ended.

use bytes::Bytes;
use gateway_types::{Error, ErrorKind, Operation};
use serde::Deserialize;

use super::errors;
use super::wire::{Answer, Choice};
use crate::lane::{Observed, Whole};

/// Reads a body for what is to be known of it.
pub(super) fn observe(operation: Operation, body: Bytes) -> Result<Whole, Error> {
    let answer = Answer::whole(&body)?;
    refuse_error(&answer, &body)?;
    let mut observed = Observed {
        done: true,
        model: answer.model,
        ..Observed::default()
    };
    observed.usage = answer.usage.map(|usage| usage.classes());
    if operation.generates() {
        let choices = answer
            .choices
            .ok_or_else(|| Error::new(ErrorKind::UpstreamFailed, "the provider's answer has no `choices`"))?;
        observed.output_bytes = choices.iter().map(Choice::output_bytes).sum();
        observed.content = choices.iter().any(Choice::has_content);
        observed.finish = choices.into_iter().find_map(|choice| choice.finish_reason);
    } else {
        let vectors: Vectors = serde_json::from_slice(&body).unwrap_or_default();
        observed.content = vectors.data.is_some_and(|data| !data.is_empty());
    }
    Ok(Whole {
        body,
        content_type: None,
        observed,
    })
}

/// Some vendors answer 200 and then say that it went wrong.
pub(super) fn refuse_error(answer: &Answer<'_>, body: &[u8]) -> Result<(), Error> {
    match answer.error {
        Some(error) if answer.choices.as_ref().is_none_or(Vec::is_empty) => Err(errors::inside(error, body)),
        _ => Ok(()),
    }
}

#[derive(Default, Deserialize)]
struct Vectors {
    data: Option<Vec<serde::de::IgnoredAny>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(operation: Operation, body: &'static str) -> Result<Whole, Error> {
        observe(operation, Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn an_answer_is_passed_on_byte_for_byte_and_seen() {
        let body = r#"{"model":"m-1", "choices":[{"message":{"content":"hi","refusal":null,"tool_calls":[{"function":{"arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#;
        let whole = seen(Operation::Chat, body).unwrap();
        assert_eq!(whole.body, body);
        assert_eq!(whole.observed.output_bytes, 9);
        assert_eq!(whole.observed.finish.as_deref(), Some("tool_calls"));
        assert_eq!(whole.observed.model.as_deref(), Some("m-1"));
        assert_eq!(whole.observed.usage.unwrap().total(), 7);
        assert!(whole.observed.content && whole.observed.done);
    }

    #[test]
    fn embeddings_are_counted_by_their_prompt() {
        let whole = seen(Operation::Embeddings, r#"{"object":"list","data":[{"embedding":[0.5]}],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8}}"#).unwrap();
        assert_eq!(whole.observed.usage.unwrap().input, 8);
        assert!(whole.observed.content);
    }

    #[test]
    fn what_is_no_answer_is_the_providers_fault() {
        for body in ["", "<html>", "{}", "[]", r#"{"choices":5}"#] {
            assert_eq!(
                seen(Operation::Chat, body).unwrap_err().kind,
                ErrorKind::UpstreamFailed,
                "{body}"
            );
        }
        let limited = seen(
            Operation::Chat,
            r#"{"error":{"message":"slow down","code":429},"user_id":"u"}"#,
        )
        .unwrap_err();
        assert_eq!((limited.kind, limited.status()), (ErrorKind::UpstreamLimited, 429));
    }
}
