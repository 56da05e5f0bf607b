//! Provider kinds: what an upstream speaks, as values. Adding an OpenAI-compatible vendor is one value and one line.

use gateway_types::{DialectName, Operation};

use crate::profiles;

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
    /// Always; nothing is put in, and what the client put in stays.
    Always,
    /// Asking is an error there: a client's `stream_options` is left out.
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
    /// What it can do. A kind without [`Operation::Models`] has no list to discover.
    pub operations: &'static [Operation],
    /// Whether its streams report usage.
    pub stream_usage: StreamUsage,
    /// The chat member that caps output (`max_tokens`, `max_completion_tokens`), for where the client gave none.
    pub cap_member: &'static str,
    /// Chat members for a cap that it takes and then ignores, so that they bound nothing.
    pub ignored_caps: &'static [&'static str],
    /// The path of chat turns.
    pub chat_path: &'static str,
    /// The path of text completions.
    pub completions_path: &'static str,
    /// The path of embeddings.
    pub embeddings_path: &'static str,
    /// The path of the model list.
    pub models_path: &'static str,
}

impl Kind {
    /// The path of an operation, to be joined to a base URL without `/v1`.
    pub fn path(&self, operation: Operation) -> &'static str {
        match operation {
            Operation::Completions => self.completions_path,
            Operation::Embeddings => self.embeddings_path,
            Operation::Models => self.models_path,
            _ => self.chat_path,
        }
    }

    /// Whether it does that.
    pub fn serves(&self, operation: Operation) -> bool {
        self.operations.contains(&operation)
    }
}

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    kinds().iter().copied().find(|kind| kind.name == name)
}

/// All kinds, in the order of the documentation.
pub fn kinds() -> &'static [&'static Kind] {
    &[
        &profiles::OPENAI,
        &profiles::ANTHROPIC,
        &profiles::VLLM,
        &profiles::OLLAMA,
        &profiles::SGLANG,
        &profiles::TGI,
        &profiles::LLAMACPP,
        &profiles::LMSTUDIO,
        &profiles::GROQ,
        &profiles::MISTRAL,
        &profiles::XAI,
        &profiles::DEEPSEEK,
        &profiles::TOGETHER,
        &profiles::FIREWORKS,
        &profiles::CEREBRAS,
        &profiles::PERPLEXITY,
        &profiles::OPENROUTER,
        &profiles::NEBIUS,
        &profiles::PARASAIL,
        &profiles::HUGGINGFACE,
        &profiles::SGL,
    ]
}

/// The kinds that a custom provider may take as its base type.
pub const BASE_TYPES: &[&str] = &["openai", "anthropic"];

/// The kind of a custom provider with that base type: the dialect by its book, at an address of the operator's own,
/// without what only the vendor itself does.
pub fn base_kind(base_type: &str) -> Option<&'static Kind> {
    match base_type {
        "openai" => Some(&profiles::COMPATIBLE),
        "anthropic" => Some(&profiles::ANTHROPIC_COMPATIBLE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::BaseUrl;

    fn url(name: &str, operation: Operation) -> String {
        let kind = kind(name).unwrap();
        BaseUrl::parse(kind.base_url.unwrap())
            .unwrap()
            .join(kind.path(operation))
            .unwrap()
            .to_string()
    }

    #[test]
    fn every_kind_has_a_name_of_its_own_and_an_address() {
        for (i, kind) in kinds().iter().enumerate() {
            assert!(
                kinds()[..i].iter().all(|earlier| earlier.name != kind.name),
                "{}",
                kind.name
            );
            assert!(BaseUrl::parse(kind.base_url.unwrap()).is_ok(), "{}", kind.name);
            assert_eq!(kind.self_hosted, kind.keyless, "{}", kind.name);
            assert_eq!(kind.env.is_none(), kind.self_hosted, "{}", kind.name);
        }
        assert!(BASE_TYPES.iter().all(|base| base_kind(base).is_some()));
    }

    #[test]
    fn paths_are_the_vendors_own() {
        assert_eq!(
            url("openai", Operation::Chat),
            "https://api.openai.com/v1/chat/completions"
        );
        assert_eq!(
            url("groq", Operation::Chat),
            "https://api.groq.com/openai/v1/chat/completions"
        );
        assert_eq!(
            url("openrouter", Operation::Models),
            "https://openrouter.ai/api/v1/models"
        );
        assert_eq!(
            url("fireworks", Operation::Chat),
            "https://api.fireworks.ai/inference/v1/chat/completions"
        );
        assert_eq!(
            url("perplexity", Operation::Chat),
            "https://api.perplexity.ai/chat/completions"
        );
        assert_eq!(
            url("ollama", Operation::Embeddings),
            "http://localhost:11434/v1/embeddings"
        );
    }
}
