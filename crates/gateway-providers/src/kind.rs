//! Provider kinds: what an upstream speaks, as values. Adding an OpenAI-compatible vendor is one value and one line.

use gateway_types::{DialectName, Operation};

/// How the credential is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `authorization: Bearer …`.
    Bearer,
    /// A header of that name holds the bare credential.
    Header(&'static str),
}

/// Whether a stream reports usage, and what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamUsage {
    /// Only where `stream_options.include_usage` asks for it.
    Asked,
    /// Always.
    Always,
    /// Asking is an error there.
    Never,
}

/// What an upstream speaks, and how it differs from the dialect's book.
#[derive(Debug)]
pub struct Kind {
    /// The name in settings (`openai`, `vllm`).
    pub name: &'static str,
    /// The dialect it speaks.
    pub dialect: DialectName,
    /// Its public address; self-hosted kinds have their usual local one.
    pub base_url: Option<&'static str>,
    /// How the credential is presented.
    pub auth: Auth,
    /// Whether it can be called without a credential.
    pub keyless: bool,
    /// Whether an operator runs it on machines of their own, so that its tokens have no price.
    pub self_hosted: bool,
    /// The variable that its credential is usually in.
    pub env: Option<&'static str>,
    /// The provider's name in the price catalogue.
    pub catalogue: &'static str,
    /// What it can do.
    pub operations: &'static [Operation],
    /// Whether its streams report usage.
    pub stream_usage: StreamUsage,
    /// The chat member that caps output (`max_tokens`, `max_completion_tokens`), for where the client gave none.
    pub cap_member: &'static str,
    /// The path of the model list.
    pub models_path: &'static str,
}

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    kinds().iter().copied().find(|kind| kind.name == name)
}

/// All kinds, in the order of the documentation.
pub fn kinds() -> &'static [&'static Kind] {
    &[]
}

/// The kinds that a custom provider may take as its base type.
pub const BASE_TYPES: &[&str] = &["openai", "anthropic"];
