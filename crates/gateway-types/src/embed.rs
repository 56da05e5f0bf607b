//! Vectors for texts: the vocabulary between the dialects that make them.

use crate::chat::{Extras, Part};
use crate::operation::DialectName;
use crate::usage::Usage;

/// What is to be turned into vectors.
#[derive(Clone, Debug)]
pub struct EmbedRequest {
    /// The dialect it was asked in: whose words the extras are.
    pub dialect: DialectName,
    /// The inputs, one vector each.
    pub inputs: Vec<EmbedInput>,
    /// How long the vectors should be, where said.
    pub dimensions: Option<u64>,
    /// What the vectors are for, where said.
    pub task: Option<EmbedTask>,
    /// How the client wants them.
    pub encoding: Encoding,
    /// The end user, as the application calls them.
    pub user: Option<String>,
    /// What else stood in the request.
    pub extras: Extras,
}

/// One input.
#[derive(Clone, Debug)]
pub enum EmbedInput {
    /// Text.
    Text(String),
    /// Tokens of the model's own.
    Tokens(Vec<u32>),
    /// Text and pictures together.
    Mixed(Vec<Part>),
}

/// What vectors are for. Models that were trained for it make better ones when they know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmbedTask {
    /// Texts that will be searched.
    Document,
    /// A text that searches.
    Query,
    /// Sorting into classes.
    Classification,
    /// Finding groups.
    Clustering,
    /// Comparing with each other.
    Similarity,
    /// Another, in the dialect's word.
    Other(String),
}

/// How vectors are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// As numbers.
    #[default]
    Float,
    /// As base64 of little-endian 32-bit floats.
    Base64,
}

/// The vectors.
#[derive(Clone, Debug, Default)]
pub struct EmbedResponse {
    /// The provider's id of the answer.
    pub id: String,
    /// The model that made them, in the provider's words.
    pub model: String,
    /// One for each input, in order.
    pub vectors: Vec<Vec<f32>>,
    /// What it used, where reported.
    pub usage: Option<Usage>,
}
