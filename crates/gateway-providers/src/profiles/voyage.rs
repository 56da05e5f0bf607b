//! Voyage AI: vectors and reranking, with its own names for what OpenAI and Cohere have. It has no list of models.

use super::{CLOUD, EMBEDDINGS, RERANK};
use crate::kind::Kind;
use crate::openai::words::{self, Words};

const WORDS: Words = Words {
    refused: &["user"],
    renamed: &[("dimensions", "output_dimension"), ("top_n", "top_k")],
    tasks: Some(("query", "document")),
    ..words::BOOK
};

pub(crate) const VOYAGE: Kind = Kind {
    name: "voyage",
    title: "Voyage AI",
    base_url: Some("https://api.voyageai.com"),
    env: Some("VOYAGE_API_KEY"),
    catalogue: "voyage",
    operations: &[EMBEDDINGS, RERANK],
    words: &WORDS,
    ..CLOUD
};
