//! The vendors, in memory.

use async_trait::async_trait;
use bytes::Bytes;
use gateway_providers::{Egress, Transport, TransportError, WireRequest, WireResponse};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Method, StatusCode};
use serde_json::json;

use crate::answers::Answer;

const STREAMS: &[u8] = br#""stream":true"#;

/// Answers at once, in the words of the vendor whose host is asked, OpenAI or Anthropic, with a stream where one is accepted; a host of Mistral
/// knows no model. It does not read the request's body.
#[derive(Debug)]
pub(crate) struct Upstream {
    /// By the same vendors.
    models: [Answer; 2],
    unknown: Answer,
    said: [[Answer; 2]; 2],
}

impl Upstream {
    /// One whose streams have so many frames.
    pub(crate) fn new(frames: usize) -> Self {
        let message = json!({"object": "error", "message": "Invalid model", "type": "invalid_model", "code": "1500"});
        Self {
            models: [listed("gpt-4o-mini"), listed("claude-3-5-haiku-20241022")],
            unknown: Answer::json(&message),
            said: [
                [Answer::whole(), Answer::stream(frames)],
                [Answer::message(), Answer::events(frames)],
            ],
        }
    }
}

#[async_trait]
impl Transport for Upstream {
    async fn send(&self, request: WireRequest, _: &Egress) -> Result<WireResponse, TransportError> {
        let host = request.uri.host().unwrap_or_default();
        let vendor = usize::from(host == "api.anthropic.com");
        let [whole, stream] = &self.said[vendor];
        // OpenAI's head says it; Anthropic's body does.
        let says = |slice: &Bytes| slice.windows(STREAMS.len()).any(|window| window == STREAMS);
        let streams =
            request.headers.get(ACCEPT) == Some(&stream.kind) || vendor == 1 && request.body.0.iter().any(says);
        let (status, answer) = match request.method {
            Method::GET => (StatusCode::OK, &self.models[vendor]),
            _ if host == "api.mistral.ai" => (StatusCode::NOT_FOUND, &self.unknown),
            _ if streams => (StatusCode::OK, stream),
            _ => (StatusCode::OK, whole),
        };
        Ok(WireResponse {
            status,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, answer.kind.clone())]),
            body: answer.body(),
        })
    }
}

fn listed(model: &str) -> Answer {
    Answer::json(&json!({"object": "list", "data": [{"id": model}]}))
}
