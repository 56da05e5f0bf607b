//! Provider kinds: what an upstream speaks, as values. Adding an OpenAI-compatible vendor is one value and one line.

use gateway_types::{DialectName, Operation};

use crate::openai::Words;
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
    /// The name that people know it by (`OpenAI`, `vLLM`).
    pub title: &'static str,
    /// The dialects it speaks: the client's where it is among them, else the first that does the operation.
    pub dialects: &'static [DialectName],
    /// Other dialects for models whose names begin so; the first that fits counts.
    pub by_model: &'static [(&'static str, &'static [DialectName])],
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
    /// Whether it knows freeform tools, whose input is text.
    pub custom_tools: bool,
    /// What its chat wants otherwise than OpenAI's book, where it speaks that dialect.
    pub words: &'static Words,
    /// Whether what its answers say they cost is what it charges.
    pub reports_charges: bool,
    /// The paths that are not the dialect's usual ones, to be joined to a base URL without a version.
    pub paths: &'static [(Operation, &'static str)],
}

impl Kind {
    /// Its own path for an operation, where that is not the dialect's usual one.
    pub fn path(&self, operation: Operation) -> Option<&'static str> {
        let own = self.paths.iter().find(|(of, _)| *of == operation);
        own.map(|(_, path)| *path)
    }

    /// The dialect in which to ask it for an operation of a model, for a client of that dialect.
    pub fn speaks(&self, operation: Operation, model: &str, client: DialectName) -> Option<DialectName> {
        let fits = |(beginning, _): &&(&str, _)| model.starts_with(beginning);
        let spoken = self
            .by_model
            .iter()
            .find(fits)
            .map_or(self.dialects, |(_, spoken)| *spoken);
        let able = || spoken.iter().copied().filter(|dialect| does(*dialect, operation));
        able().find(|dialect| *dialect == client).or_else(|| able().next())
    }

    /// Whether its addresses are made of a cloud's regions or resources.
    pub fn in_cloud(&self) -> bool {
        matches!(self.name, "azure" | "vertex" | "bedrock")
    }

    /// Whether it does that.
    pub fn serves(&self, operation: Operation) -> bool {
        let done = |operation| self.operations.contains(&operation);
        done(operation) || (operation == Operation::Responses && done(Operation::Chat))
    }
}

/// Whether a dialect has words for an operation.
fn does(dialect: DialectName, operation: Operation) -> bool {
    use Operation as Op;
    match dialect {
        DialectName::OpenAi => !matches!(operation, Op::CountTokens | Op::Invoke),
        DialectName::Responses => operation.is_turn() || operation == Op::CountTokens,
        DialectName::Anthropic => {
            operation.is_turn()
                || matches!(
                    operation,
                    Op::CountTokens | Op::Files | Op::Batches | Op::Models | Op::Passthrough
                )
        }
        DialectName::Gemini => {
            operation.is_turn()
                || matches!(
                    operation,
                    Op::CountTokens | Op::Embeddings | Op::Files | Op::Models | Op::Passthrough
                )
        }
        DialectName::Bedrock => {
            operation.is_turn()
                || matches!(
                    operation,
                    Op::CountTokens | Op::Invoke | Op::Embeddings | Op::Rerank | Op::Models
                )
        }
        DialectName::Cohere => operation.is_turn() || matches!(operation, Op::Embeddings | Op::Rerank | Op::Models),
        DialectName::Ollama => operation.is_turn() || matches!(operation, Op::Embeddings | Op::Models),
        DialectName::ElevenLabs => matches!(operation, Op::Speech | Op::Transcription | Op::Models),
        _ => false,
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
        &profiles::GEMINI,
        &profiles::VERTEX,
        &profiles::BEDROCK,
        &profiles::AZURE,
        &profiles::COHERE,
        &profiles::VLLM,
        &profiles::OLLAMA,
        &profiles::OLLAMA_NATIVE,
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
        &profiles::LITELLM,
        &profiles::SAMBANOVA,
        &profiles::NVIDIA,
        &profiles::MOONSHOT,
        &profiles::ELEVENLABS,
        &profiles::VOYAGE,
    ]
}

/// The kinds that a custom provider may take as its base type.
pub const BASE_TYPES: &[&str] = &["openai", "anthropic", "gemini", "bedrock", "cohere"];

/// The kind of a custom provider with that base type: the dialect by its book, at an address of the operator's own,
/// without what only the vendor itself does.
pub fn base_kind(base_type: &str) -> Option<&'static Kind> {
    match base_type {
        "openai" => Some(&profiles::COMPATIBLE),
        "anthropic" => Some(&profiles::ANTHROPIC_COMPATIBLE),
        "gemini" => Some(&profiles::GEMINI_COMPATIBLE),
        "bedrock" => Some(&profiles::BEDROCK_COMPATIBLE),
        "cohere" => Some(&profiles::COHERE_COMPATIBLE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Access;
    use crate::target::{BaseUrl, Target};

    fn url(name: &str, operation: Operation) -> String {
        let kind = kind(name).unwrap();
        let base = BaseUrl::parse(kind.base_url.unwrap()).unwrap();
        let target = Target::plain(name, kind, base, "m", Access::None);
        let dialect = kind.speaks(operation, "m", DialectName::OpenAi).unwrap();
        crate::address::of(&target, dialect, operation, false)
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
            // In a cloud, the address is made of the key's own region or resource.
            let parses = |base| BaseUrl::parse(base).is_ok();
            assert!(kind.base_url.map_or_else(|| kind.in_cloud(), parses), "{}", kind.name);
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
