//! A provider's whole answer: in the chat vocabulary, or watched as it passes.
//!
//! A prompt that is refused (`promptFeedback.blockReason`) is an answer without words that was filtered, not an error: it is
//! billed like any other, and a client of any dialect is told in the words that it has for that.

use bytes::Bytes;
use gateway_types::chat::{Choice, Extras, Finish, Part, Response};
use gateway_types::{Error, Operation, Usage};

use super::candidate::{Candidate, Maker, left};
use super::sources::{Cited, grounded, recited};
use super::usage::Counts;
use super::wire::Answer;
use super::{embed, finish, logprobs};
use crate::lane::{Observed, Whole};
use crate::stamp::Stamp;
use crate::target::Target;

/// Reads a whole answer.
pub(super) fn read(body: &[u8], target: &Target, stamp: Stamp) -> Result<Response, Error> {
    let answer = Answer::whole(body)?;
    let mut maker = Maker::new(target, stamp);
    let candidates = answer.candidates.iter().flatten();
    let mut choices = candidates
        .map(|raw| choice(&Candidate::read(raw)?, &mut maker))
        .collect::<Result<Vec<Choice>, Error>>()?;
    if choices.is_empty() {
        choices.push(Choice {
            finish: Some(Finish::Filtered),
            ..Choice::default()
        });
    }
    let extras = [
        ("promptFeedback", answer.prompt_feedback),
        ("modelStatus", answer.model_status),
    ];
    let extras = extras
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())));
    Ok(Response {
        id: answer.response_id.unwrap_or_default(),
        model: answer.model_version.unwrap_or_default(),
        created: answer.create_time.as_deref().and_then(seconds),
        choices,
        usage: answer.usage_metadata.and_then(|counts| counts.classes()),
        extras: Extras(extras.collect()),
    })
}

/// Seconds since the epoch, of a time as RFC 3339 writes it.
pub(super) fn seconds(time: &str) -> Option<i64> {
    time.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

fn choice(candidate: &Candidate<'_>, maker: &mut Maker) -> Result<Choice, Error> {
    let mut parts = Vec::with_capacity(candidate.pieces.len());
    // Which piece each part was.
    let mut pieces = Vec::with_capacity(candidate.pieces.len());
    for (piece, raw) in candidate.pieces.iter().enumerate() {
        let read = maker.parts(raw)?;
        pieces.extend(read.iter().map(|_| piece));
        parts.extend(read);
    }
    cite(candidate, &mut parts, &pieces);
    let calls = parts.iter().any(|part| matches!(part, Part::ToolUse(_)));
    parts.extend(left(&candidate.left));
    Ok(Choice {
        parts,
        finish: candidate.finish.as_deref().map(|word| finish::read(word, calls)),
        logprobs: candidate.logprobs.and_then(logprobs::read),
    })
}

/// Hangs the sources on the texts that cite them.
fn cite(candidate: &Candidate<'_>, parts: &mut [Part], pieces: &[usize]) {
    if candidate.grounding.is_none() && candidate.citations.is_none() {
        return;
    }
    let texts: Vec<Cited<'_>> = parts
        .iter()
        .zip(pieces)
        .enumerate()
        .filter_map(|(part, (said, &piece))| match said {
            Part::Text { text, .. } => Some(Cited { part, piece, text }),
            _ => None,
        })
        .collect();
    let mut found = candidate.grounding.map(|raw| grounded(raw, &texts)).unwrap_or_default();
    found.extend(candidate.citations.map(|raw| recited(raw, &texts)).unwrap_or_default());
    for (part, citation) in found {
        if let Some(Part::Text { citations, .. }) = parts.get_mut(part) {
            citations.push(citation);
        }
    }
}

/// Looks at an answer that is passed on as it is.
pub(super) fn observe(operation: Operation, body: Bytes) -> Result<Whole, Error> {
    let observed = match operation {
        Operation::Embeddings => embed::observe(&body)?,
        // Counting costs nothing.
        Operation::CountTokens => Observed {
            usage: Some(Usage::default()),
            content: true,
            done: true,
            ..Observed::default()
        },
        _ => turn(&body)?,
    };
    Ok(Whole {
        body,
        content_type: None,
        observed,
    })
}

fn turn(body: &[u8]) -> Result<Observed, Error> {
    let answer = Answer::whole(body)?;
    let candidates = answer.glances()?;
    let finish = candidates
        .iter()
        .find_map(|candidate| candidate.finish_reason.as_ref().and_then(finish::word));
    Ok(Observed {
        usage: answer.usage_metadata.as_ref().and_then(Counts::classes),
        output_bytes: candidates.iter().map(|candidate| candidate.bytes()).sum(),
        content: candidates.iter().any(|candidate| candidate.has_content()),
        done: true,
        finish: finish.map(str::to_owned).or_else(|| answer.blocked()),
        model: answer.model_version.clone().filter(|model| !model.is_empty()),
        id: answer.response_id.clone(),
        ..Observed::default()
    })
}
