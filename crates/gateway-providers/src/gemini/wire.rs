//! The shapes that are read: `GenerateContentResponse`, whole or one of a stream. Keys come in camel case from Google.

use gateway_types::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::usage::{Counts, Word};
use super::{finish, recognise};

/// An answer, or a piece of one. Whatever else stands in it stays where it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Answer<'a> {
    #[serde(borrow)]
    pub(super) candidates: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) prompt_feedback: Option<&'a RawValue>,
    pub(super) usage_metadata: Option<Counts>,
    pub(super) model_version: Option<String>,
    pub(super) response_id: Option<String>,
    pub(super) create_time: Option<String>,
    #[serde(borrow)]
    pub(super) model_status: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// What a watcher wants to know of a candidate.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Candidate<'a> {
    pub(super) index: Option<u32>,
    pub(super) finish_reason: Option<Word>,
    #[serde(borrow)]
    content: Option<Content<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content<'a> {
    #[serde(borrow)]
    parts: Option<Vec<Piece<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Piece<'a> {
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    function_call: Option<Call<'a>>,
    #[serde(borrow)]
    inline_data: Option<&'a RawValue>,
    #[serde(borrow)]
    file_data: Option<&'a RawValue>,
    #[serde(borrow)]
    executable_code: Option<&'a RawValue>,
    #[serde(borrow)]
    code_execution_result: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_call: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Call<'a> {
    #[serde(borrow)]
    args: Option<&'a RawValue>,
    #[serde(borrow)]
    partial_args: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Feedback {
    block_reason: Option<Word>,
}

impl<'a> Answer<'a> {
    /// Reads an answer or a piece of one.
    pub(super) fn read(json: &'a [u8]) -> Result<Self, Error> {
        serde_json::from_slice(json).map_err(|error| unreadable(&error))
    }

    /// Reads a whole answer, in which nobody reports an error and which answers.
    pub(super) fn whole(json: &'a [u8]) -> Result<Self, Error> {
        let answer = Self::read(json)?;
        if let Some(error) = answer.error {
            return Err(recognise::inside(error, json));
        }
        if answer.candidates.as_ref().is_none_or(Vec::is_empty) && answer.blocked().is_none() {
            return Err(Error::new(
                ErrorKind::UpstreamFailed,
                "the provider's answer has no `candidates`",
            ));
        }
        Ok(answer)
    }

    /// Why the prompt was refused, if it was.
    pub(super) fn blocked(&self) -> Option<String> {
        let feedback: Feedback = serde_json::from_str(self.prompt_feedback?.get()).ok()?;
        Some(finish::block(&feedback.block_reason?).to_owned())
    }

    /// What a watcher wants to know of the candidates.
    pub(super) fn glances(&self) -> Result<Vec<Candidate<'a>>, Error> {
        let candidates = self.candidates.iter().flatten();
        candidates
            .map(|raw| serde_json::from_str(raw.get()).map_err(|error| unreadable(&error)))
            .collect()
    }
}

impl Candidate<'_> {
    /// How many bytes of text and of arguments stand in it.
    pub(super) fn bytes(&self) -> u64 {
        self.pieces().map(Piece::bytes).sum()
    }

    /// Whether anything of the answer stands in it.
    pub(super) fn has_content(&self) -> bool {
        self.pieces().any(|piece| piece.bytes() > 0 || piece.is_whole())
    }

    fn pieces(&self) -> impl Iterator<Item = &Piece<'_>> {
        self.content.iter().flat_map(|content| content.parts.iter().flatten())
    }
}

impl Piece<'_> {
    fn bytes(&self) -> u64 {
        let text = self
            .text
            .map_or(0, |text| crate::json::literal_len(text.get().as_bytes()));
        let call = self.function_call.as_ref();
        text + call.map_or(0, |call| {
            [call.args, call.partial_args]
                .iter()
                .flatten()
                .map(|args| args.get().len() as u64)
                .sum()
        })
    }

    /// Whether it is something that comes whole.
    fn is_whole(&self) -> bool {
        let others = [
            self.inline_data,
            self.file_data,
            self.executable_code,
            self.code_execution_result,
            self.tool_call,
        ];
        self.function_call.is_some() || others.iter().any(Option::is_some)
    }
}

/// The error for bytes that are no answer of this API.
pub(super) fn unreadable(why: &dyn std::fmt::Display) -> Error {
    let message = format!("the provider's answer is none of the Gemini API: {why}");
    Error::new(ErrorKind::UpstreamFailed, message)
}
