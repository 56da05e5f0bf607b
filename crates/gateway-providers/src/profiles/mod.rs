//! The vendors, a value each. What differs from the dialect's book stands in the value; the rest is the book's.

mod anthropic;
mod azure;
mod bedrock;
mod cerebras;
mod cohere;
mod deepseek;
mod elevenlabs;
mod fireworks;
mod gemini;
mod groq;
mod huggingface;
mod litellm;
mod llamacpp;
mod lmstudio;
mod mistral;
mod moonshot;
mod nebius;
mod nvidia;
mod ollama;
mod openai;
mod openrouter;
mod parasail;
mod perplexity;
mod sambanova;
mod sglang;
mod tgi;
mod together;
mod vertex;
mod vllm;
mod voyage;
mod xai;

pub(crate) use anthropic::{ANTHROPIC, ANTHROPIC_COMPATIBLE};
pub(crate) use azure::AZURE;
pub(crate) use bedrock::{BEDROCK, BEDROCK_COMPATIBLE};
pub(crate) use cerebras::CEREBRAS;
pub(crate) use cohere::{COHERE, COHERE_COMPATIBLE};
pub(crate) use deepseek::DEEPSEEK;
pub(crate) use elevenlabs::ELEVENLABS;
pub(crate) use fireworks::FIREWORKS;
pub(crate) use gemini::{GEMINI, GEMINI_COMPATIBLE};
pub(crate) use groq::GROQ;
pub(crate) use huggingface::HUGGINGFACE;
pub(crate) use litellm::LITELLM;
pub(crate) use llamacpp::LLAMACPP;
pub(crate) use lmstudio::LMSTUDIO;
pub(crate) use mistral::MISTRAL;
pub(crate) use moonshot::MOONSHOT;
pub(crate) use nebius::NEBIUS;
pub(crate) use nvidia::NVIDIA;
pub(crate) use ollama::{OLLAMA, OLLAMA_NATIVE};
pub(crate) use openai::OPENAI;
pub(crate) use openrouter::OPENROUTER;
pub(crate) use parasail::PARASAIL;
pub(crate) use perplexity::PERPLEXITY;
pub(crate) use sambanova::SAMBANOVA;
pub(crate) use sglang::{SGL, SGLANG};
pub(crate) use tgi::TGI;
pub(crate) use together::TOGETHER;
pub(crate) use vertex::VERTEX;
pub(crate) use vllm::VLLM;
pub(crate) use voyage::VOYAGE;
pub(crate) use xai::XAI;

use gateway_types::{DialectName, Operation};

use crate::kind::{Auth, Kind, StreamUsage};
use crate::openai::words;

const CHAT: Operation = Operation::Chat;
const COMPLETIONS: Operation = Operation::Completions;
const EMBEDDINGS: Operation = Operation::Embeddings;
const RERANK: Operation = Operation::Rerank;
const MODERATIONS: Operation = Operation::Moderations;
const IMAGES: Operation = Operation::ImageGeneration;
const IMAGE_EDITS: Operation = Operation::ImageEdit;
const IMAGE_VARIATIONS: Operation = Operation::ImageVariation;
const SPEECH: Operation = Operation::Speech;
const TRANSCRIPTION: Operation = Operation::Transcription;
const TRANSLATION: Operation = Operation::Translation;
const COUNT: Operation = Operation::CountTokens;
const INVOKE: Operation = Operation::Invoke;
const FILES: Operation = Operation::Files;
const BATCHES: Operation = Operation::Batches;
const PASSTHROUGH: Operation = Operation::Passthrough;
const MODELS: Operation = Operation::Models;

/// All of OpenAI's API.
const EVERYTHING: &[Operation] = &[
    CHAT,
    COMPLETIONS,
    EMBEDDINGS,
    MODERATIONS,
    IMAGES,
    IMAGE_EDITS,
    IMAGE_VARIATIONS,
    SPEECH,
    TRANSCRIPTION,
    TRANSLATION,
    COUNT,
    FILES,
    BATCHES,
    PASSTHROUGH,
    MODELS,
];

/// What a server of that API may do; which of it, it says itself.
const COMPATIBLY: &[Operation] = &[
    CHAT,
    COMPLETIONS,
    EMBEDDINGS,
    RERANK,
    MODERATIONS,
    IMAGES,
    IMAGE_EDITS,
    IMAGE_VARIATIONS,
    SPEECH,
    TRANSCRIPTION,
    TRANSLATION,
    FILES,
    BATCHES,
    PASSTHROUGH,
    MODELS,
];

/// A server that speaks OpenAI's API by its book. `max_tokens` is the older word for the cap, and the one that every
/// such server knows.
pub(crate) const COMPATIBLE: Kind = Kind {
    name: "openai-compatible",
    title: "OpenAI-compatible",
    dialects: &[DialectName::OpenAi],
    by_model: &[],
    base_url: None,
    auth: Auth::Bearer,
    keyless: true,
    self_hosted: false,
    env: None,
    catalogue: "openai",
    operations: COMPATIBLY,
    stream_usage: StreamUsage::Asked,
    cap_member: "max_tokens",
    ignored_caps: &[],
    custom_tools: false,
    words: &words::BOOK,
    reports_charges: false,
    paths: &[],
};

/// A vendor in the cloud: it wants a credential.
const CLOUD: Kind = Kind {
    keyless: false,
    operations: &[CHAT, COMPLETIONS, EMBEDDINGS, MODELS],
    ..COMPATIBLE
};

/// A server on machines of the operator's own.
const LOCAL: Kind = Kind {
    keyless: true,
    self_hosted: true,
    operations: &[
        CHAT,
        COMPLETIONS,
        EMBEDDINGS,
        RERANK,
        TRANSCRIPTION,
        TRANSLATION,
        PASSTHROUGH,
        MODELS,
    ],
    ..COMPATIBLE
};
