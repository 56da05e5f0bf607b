//! Where the recordings are, and what stands in one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

/// One recorded exchange.
#[derive(Deserialize)]
pub(crate) struct Recording {
    pub(crate) id: String,
    pub(crate) provider: String,
    pub(crate) request: Request,
    pub(crate) response: Response,
}

#[derive(Deserialize)]
pub(crate) struct Request {
    pub(crate) url_path: String,
    pub(crate) body: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body_format: String,
    pub(crate) body_json: Option<Box<RawValue>>,
    pub(crate) body_text: Option<String>,
}

impl Recording {
    pub(crate) fn path(&self) -> &str {
        self.request.url_path.split('?').next().unwrap()
    }

    /// The request's body; Azure names the model in its path, so that one is put in.
    pub(crate) fn body(&self) -> Option<Bytes> {
        let body = self.request.body.as_ref()?.get();
        if body.contains("\"model\"") {
            return Some(Bytes::copy_from_slice(body.as_bytes()));
        }
        let inner = body.strip_prefix('{')?;
        Some(Bytes::from(format!(r#"{{"model":"in-the-path",{inner}"#)))
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.response.body_format == "sse"
    }
}

/// The exchanges of one kind of path, over all providers that speak OpenAI's dialect.
pub(crate) fn recordings(path_end: &str) -> Vec<Recording> {
    let folder = std::env::var_os("GATEWAY_RECORDINGS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings"),
        PathBuf::from,
    );
    let Ok(providers) = std::fs::read_dir(&folder) else {
        println!(
            "no recordings in {}: only the project's own cases are run",
            folder.display()
        );
        return Vec::new();
    };
    // Neither Cohere's nor Ollama's own API is this dialect, whatever the end of their paths.
    let ours = |recording: &Recording| {
        recording.path().ends_with(path_end)
            && recording.provider != "cohere"
            && !recording.path().starts_with("/api/embeddings")
    };
    let folders = providers
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let files = folders
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path());
    let mut all: Vec<Recording> = files
        .map(|file| std::fs::read(file).unwrap())
        .filter_map(|json| serde_json::from_slice(&json).ok())
        .filter(ours)
        .collect();
    all.sort_by(|one, other| one.id.cmp(&other.id));
    all
}
