//! A whole answer that is passed on as it is: what it used, and how it ended.

use bytes::Bytes;
use gateway_types::{Error, ErrorKind, Operation, Usage};
use serde_json::value::RawValue;

use super::fault;
use super::response::thought;
use super::whole::finish_word;
use super::wire::{Answer, Item, Piece, Status, text};
use crate::lane::{Observed, Whole};

/// Reads a body for what is to be known of it.
pub(super) fn observe(operation: Operation, body: Bytes) -> Result<Whole, Error> {
    if operation == Operation::CountTokens {
        counted(&body)?;
        return Ok(passed(
            body,
            Observed {
                usage: Some(Usage::default()),
                content: true,
                done: true,
                ..Observed::default()
            },
        ));
    }
    let answer = Answer::read(&body)?;
    let status = answer.status();
    let Some(output) = answer.output.as_ref().filter(|_| status != Status::Failed) else {
        return Err(fault::failed(&answer));
    };
    let observed = Observed {
        usage: answer.usage.map(|usage| usage.classes()),
        output_bytes: output.iter().map(|raw| said(raw)).sum(),
        finish: match &status {
            Status::Over(finish) => Some(finish_word(finish).to_owned()),
            _ => None,
        },
        content: !output.is_empty(),
        done: true,
        model: answer.model.clone(),
        id: answer.id.clone(),
        ..Observed::default()
    };
    Ok(passed(body, observed))
}

fn passed(body: Bytes, observed: Observed) -> Whole {
    Whole {
        body,
        content_type: None,
        observed,
    }
}

/// How many bytes of text, thinking and arguments an item holds.
pub(super) fn said(raw: &RawValue) -> u64 {
    let item = Item::read(raw);
    let length = match item.kind.as_deref() {
        Some("message") => {
            let pieces = item.content.iter().flatten().map(|raw| Piece::read(raw));
            let length = |piece: Piece<'_>| piece.text.or(piece.refusal).map_or(0, |text| text.len());
            pieces.map(length).sum()
        }
        Some("reasoning") => thought(&item).len(),
        _ => item.arguments.or(item.input).map_or(0, |raw| text(raw).len()),
    };
    length as u64
}

/// Reads how many tokens an input has.
pub(super) fn counted(body: &[u8]) -> Result<u64, Error> {
    #[derive(serde::Deserialize)]
    struct Counted {
        input_tokens: u64,
    }
    let counted: Counted = serde_json::from_slice(body).map_err(|_| {
        let message = "the provider's count of tokens could not be read";
        Error::new(ErrorKind::UpstreamFailed, message)
    })?;
    Ok(counted.input_tokens)
}
