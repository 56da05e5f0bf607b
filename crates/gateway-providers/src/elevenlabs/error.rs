//! Errors: `{"detail": {"status", "message"}}`, `{"detail": [{"loc", "msg"}]}`, or `{"detail": "…"}`.

use gateway_types::error::UpstreamWords;
use gateway_types::{Error, ErrorKind};
use http::HeaderMap;
use serde::Deserialize;

use crate::lane;
use crate::openai::retry_after;

#[derive(Deserialize)]
struct Envelope {
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Detail {
    Said {
        status: Option<String>,
        code: Option<String>,
        message: Option<String>,
        param: Option<String>,
    },
    Wrong(Vec<Wrong>),
    Text(String),
}

#[derive(Deserialize)]
struct Wrong {
    #[serde(default)]
    loc: Vec<serde_json::Value>,
    msg: String,
}

/// Reads an error answer.
pub(super) fn read(status: u16, headers: &HeaderMap, body: &[u8]) -> Error {
    let detail = serde_json::from_slice::<Envelope>(body)
        .ok()
        .map(|envelope| envelope.detail);
    let (code, message, param) = match detail {
        Some(Detail::Said {
            status,
            code,
            message,
            param,
        }) => (code.or(status), message, param),
        Some(Detail::Wrong(wrong)) => {
            let first = wrong.into_iter().next();
            let param = first.as_ref().map(|wrong| place(&wrong.loc));
            (None, first.map(|wrong| wrong.msg), param)
        }
        Some(Detail::Text(text)) => (None, Some(text), None),
        None => (None, None, None),
    };
    let message = message.or_else(|| code.clone());
    let message = message.unwrap_or_else(|| String::from("the provider gave no reason"));
    let mut error = Error::new(kind(status, code.as_deref().unwrap_or_default()), message);
    error.status = Some(status);
    error.param = param;
    error.retry_after = retry_after(headers);
    let id = lane::request_id(headers).and_then(|id| id.to_str().ok());
    error.upstream = Some(Box::new(UpstreamWords {
        kind: None,
        code,
        request_id: id.map(str::to_owned),
        body: None,
    }));
    error
}

/// Where a field stands: `["body", "voice_settings", "speed"]`.
fn place(path: &[serde_json::Value]) -> String {
    let names = path.iter().filter_map(serde_json::Value::as_str);
    names.filter(|name| *name != "body").collect::<Vec<_>>().join(".")
}

fn kind(status: u16, code: &str) -> ErrorKind {
    match (code, status) {
        // It says so with 401.
        ("quota_exceeded", _) | (_, 402) => ErrorKind::UpstreamQuota,
        ("model_not_found" | "invalid_model" | "unsupported_model", _) => ErrorKind::ModelNotFound,
        ("system_busy", _) | (_, 503 | 529) => ErrorKind::UpstreamOverloaded,
        ("max_character_limit_exceeded" | "text_too_long", _) => ErrorKind::ContextExceeded,
        ("content_against_policy" | "content_moderation", _) => ErrorKind::ContentRefused,
        (_, 401 | 403) => ErrorKind::UpstreamAuth,
        (_, 429) => ErrorKind::UpstreamLimited,
        (_, 408 | 504) => ErrorKind::UpstreamTimeout,
        (_, 400..500) => ErrorKind::UpstreamRejected,
        _ => ErrorKind::UpstreamFailed,
    }
}
