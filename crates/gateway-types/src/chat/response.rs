//! A whole chat response.

use crate::usage::Usage;

use super::{Extras, Part};

/// What a model answered.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The provider's id of it.
    pub id: String,
    /// The model that answered, in the provider's words.
    pub model: String,
    /// When it was made, in seconds since the epoch, where the provider says.
    pub created: Option<i64>,
    /// The answers; one unless more were asked for.
    pub choices: Vec<Choice>,
    /// What it used, where reported.
    pub usage: Option<Usage>,
    /// What else stood in it.
    pub extras: Extras,
}

/// One answer.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What it says, in order.
    pub parts: Vec<Part>,
    /// Why it ended.
    pub finish: Option<Finish>,
    /// Token probabilities, verbatim.
    pub logprobs: Option<Box<serde_json::value::RawValue>>,
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It was done.
    Stop,
    /// It met a stop text; which one, where said.
    StopSequence(Option<String>),
    /// It met its cap.
    Length,
    /// It wants tools.
    Tools,
    /// It was withheld for its content.
    Filtered,
    /// It declined.
    Refusal,
    /// It paused, to be carried on.
    Pause,
    /// Another reason, in the provider's word.
    Other(String),
}
