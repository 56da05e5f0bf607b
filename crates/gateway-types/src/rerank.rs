//! Documents in order of what they have to do with a query: the vocabulary between the dialects that do it.

use crate::chat::Extras;
use crate::operation::DialectName;
use crate::usage::Usage;

/// What is to be put in order.
#[derive(Clone, Debug)]
pub struct RerankRequest {
    /// The dialect it was asked in: whose words the extras are.
    pub dialect: DialectName,
    /// What is looked for.
    pub query: String,
    /// The documents, as text.
    pub documents: Vec<String>,
    /// How many are wanted back; all where not said.
    pub top_n: Option<u64>,
    /// Whether the documents should come back with their places.
    pub return_documents: bool,
    /// What else stood in the request.
    pub extras: Extras,
}

/// The order.
#[derive(Clone, Debug, Default)]
pub struct RerankResponse {
    /// The provider's id of the answer.
    pub id: String,
    /// The model that made it, in the provider's words.
    pub model: String,
    /// The documents, the best first.
    pub results: Vec<Ranked>,
    /// The tokens it used, where reported.
    pub usage: Option<Usage>,
    /// The searches that it is billed as, where reported.
    pub searches: Option<u64>,
}

/// One document's place.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Its number in the request, from 0.
    pub index: u64,
    /// What it has to do with the query.
    pub score: f64,
    /// Its text, where asked for.
    pub document: Option<String>,
}
