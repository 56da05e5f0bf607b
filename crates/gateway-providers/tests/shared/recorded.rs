//! Real traffic: where the recordings are, and what stands in one. Included by each dialect's tests.
#![allow(dead_code, reason = "each dialect's tests use their part of it")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use bytes::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;

/// One recorded exchange.
#[derive(Deserialize)]
pub(crate) struct Recording {
    /// `PROVIDER.ENDPOINT.{json|stream}.CASSETTE.INDEX`.
    pub(crate) id: String,
    pub(crate) provider: String,
    /// `chat`, `messages`, `generateContent`, `converse`, …
    pub(crate) endpoint: String,
    /// Whether the answer was streamed.
    pub(crate) stream: bool,
    pub(crate) request: Request,
    pub(crate) response: Response,
}

#[derive(Deserialize)]
pub(crate) struct Request {
    pub(crate) url_path: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<Box<RawValue>>,
    /// What was sent, where it was no JSON: a form.
    pub(crate) body_base64: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    /// `json`, `sse`, `ndjson`, `json-array-stream`, `eventstream`, `text`, `binary`.
    pub(crate) body_format: String,
    pub(crate) body_json: Option<Box<RawValue>>,
    pub(crate) body_text: Option<String>,
    pub(crate) body_base64: Option<String>,
}

impl Recording {
    /// The path without its query.
    pub(crate) fn path(&self) -> &str {
        self.request.url_path.split('?').next().unwrap()
    }

    /// The bytes of the request, where it was JSON.
    pub(crate) fn asked(&self) -> Option<Bytes> {
        let body = self.request.body.as_ref()?.get();
        Some(Bytes::copy_from_slice(body.as_bytes()))
    }

    /// The bytes of the answer.
    pub(crate) fn answered(&self) -> Bytes {
        let response = &self.response;
        let json = response.body_json.as_ref().map(|json| json.get().to_owned());
        match (json.or_else(|| response.body_text.clone()), &response.body_base64) {
            (Some(text), _) => Bytes::from(text),
            (None, Some(coded)) => Bytes::from(base64::engine::general_purpose::STANDARD.decode(coded).unwrap()),
            (None, None) => Bytes::new(),
        }
    }

    /// The headers of the answer.
    pub(crate) fn headers(&self) -> HeaderMap {
        let headers = self.response.headers.iter();
        headers
            .filter_map(|(name, value)| Some((name.parse::<http::HeaderName>().ok()?, value.parse().ok()?)))
            .collect()
    }

    pub(crate) fn succeeded(&self) -> bool {
        (200..300).contains(&self.response.status)
    }
}

/// The exchanges of those endpoints, of all providers, in the order of their ids; none where the folder is not there.
pub(crate) fn recordings(wanted: impl Fn(&Recording) -> bool) -> Vec<Recording> {
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
    let folders = providers
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let mut all: Vec<Recording> = folders
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .filter_map(|json| serde_json::from_slice(&json).ok())
        .filter(|recording| wanted(recording))
        .collect();
    all.sort_by(|one, other| one.id.cmp(&other.id));
    all
}
