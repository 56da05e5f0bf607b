//! The vendors, a value each. What differs from the dialect's book stands in the value; the rest is the book's.

mod anthropic;
mod cerebras;
mod deepseek;
mod fireworks;
mod groq;
mod huggingface;
mod llamacpp;
mod lmstudio;
mod mistral;
mod nebius;
mod ollama;
mod openai;
mod openrouter;
mod parasail;
mod perplexity;
mod sglang;
mod tgi;
mod together;
mod vllm;
mod xai;

pub(crate) use anthropic::{ANTHROPIC, ANTHROPIC_COMPATIBLE};
pub(crate) use cerebras::CEREBRAS;
pub(crate) use deepseek::DEEPSEEK;
pub(crate) use fireworks::FIREWORKS;
pub(crate) use groq::GROQ;
pub(crate) use huggingface::HUGGINGFACE;
pub(crate) use llamacpp::LLAMACPP;
pub(crate) use lmstudio::LMSTUDIO;
pub(crate) use mistral::MISTRAL;
pub(crate) use nebius::NEBIUS;
pub(crate) use ollama::OLLAMA;
pub(crate) use openai::OPENAI;
pub(crate) use openrouter::OPENROUTER;
pub(crate) use parasail::PARASAIL;
pub(crate) use perplexity::PERPLEXITY;
pub(crate) use sglang::{SGL, SGLANG};
pub(crate) use tgi::TGI;
pub(crate) use together::TOGETHER;
pub(crate) use vllm::VLLM;
pub(crate) use xai::XAI;

use gateway_types::{DialectName, Operation};

use crate::kind::{Auth, Kind, StreamUsage};

const CHAT: Operation = Operation::Chat;
const COMPLETIONS: Operation = Operation::Completions;
const EMBEDDINGS: Operation = Operation::Embeddings;
const MODELS: Operation = Operation::Models;

/// A server that speaks OpenAI's API by its book. `max_tokens` is the older word for the cap, and the one that every
/// such server knows.
pub(crate) const COMPATIBLE: Kind = Kind {
    name: "openai-compatible",
    dialect: DialectName::OpenAi,
    base_url: None,
    auth: Auth::Bearer,
    keyless: true,
    self_hosted: false,
    env: None,
    catalogue: "openai",
    operations: &[CHAT, COMPLETIONS, EMBEDDINGS, MODELS],
    stream_usage: StreamUsage::Asked,
    cap_member: "max_tokens",
    ignored_caps: &[],
    chat_path: "/v1/chat/completions",
    completions_path: "/v1/completions",
    embeddings_path: "/v1/embeddings",
    models_path: "/v1/models",
};

/// A vendor in the cloud: it wants a credential.
const CLOUD: Kind = Kind {
    keyless: false,
    ..COMPATIBLE
};

/// A server on machines of the operator's own.
const LOCAL: Kind = Kind {
    keyless: true,
    self_hosted: true,
    ..COMPATIBLE
};
