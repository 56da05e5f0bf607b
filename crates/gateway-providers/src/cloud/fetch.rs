//! Asking token endpoints and metadata services: requests, bounds, and what a refusal says.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gateway_types::json::Slices;
use gateway_types::{Error, ErrorKind, Secret};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::Value;

use super::source::Fetched;
use super::{Access, Means};
use crate::transport::{Egress, WireRequest};

/// The most that such an answer may have.
const ANSWER: usize = 256 * 1024;
/// How much of what a refusal says is passed on.
const WORDS: usize = 300;
/// A shorter secret could be part of any word.
const TELLING: usize = 8;

/// Which way a request goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// To the outside, as the provider's settings say.
    Out,
    /// To the machine's own cloud: link-local, never through a proxy, answered at once or not at all.
    Metadata,
}

impl Way {
    fn patience(self) -> Duration {
        match self {
            Self::Out => Duration::from_secs(10),
            Self::Metadata => Duration::from_secs(2),
        }
    }

    fn egress(self, given: &Egress) -> Egress {
        match self {
            Self::Out => Egress {
                enforce_http2: false,
                ..given.clone()
            },
            Self::Metadata => Egress {
                connect_timeout: Duration::from_secs(1),
                allow_link_local: true,
                max_conns_per_host: 4,
                ..Egress::default()
            },
        }
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// Sends a request. `who` is whom it goes to, for errors.
pub(super) async fn ask(means: &Means<'_>, way: Way, request: WireRequest, who: &str) -> Result<Answer, Error> {
    let egress = way.egress(means.egress);
    let exchange = async {
        let response = means.transport.send(request, &egress).await?;
        let (mut body, mut bytes) = (response.body, BytesMut::new());
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data() {
                bytes.extend_from_slice(&data);
            }
            if bytes.len() > ANSWER {
                bytes.clear();
                break;
            }
        }
        Ok::<_, crate::TransportError>(Answer {
            status: response.status,
            body: bytes.freeze(),
        })
    };
    match tokio::time::timeout(way.patience(), exchange).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(failed(format!("{who}: {error}"))),
        Err(_) => Err(failed(format!(
            "{who} did not answer within {} s",
            way.patience().as_secs()
        ))),
    }
}

/// A request without a body.
pub(super) fn get(url: &str, headers: &[(&'static str, &str)]) -> Result<WireRequest, Error> {
    wire(Method::GET, url, headers, Bytes::new())
}

/// A request with a form.
pub(super) fn post_form(url: &str, fields: &[(&str, &str)]) -> Result<WireRequest, Error> {
    let headers = [(
        CONTENT_TYPE.as_str(),
        "application/x-www-form-urlencoded; charset=utf-8",
    )];
    wire(Method::POST, url, &headers, form(fields).into())
}

/// A request of any kind.
pub(super) fn wire(
    method: Method,
    url: &str,
    headers: &[(&'static str, &str)],
    body: Bytes,
) -> Result<WireRequest, Error> {
    let uri = url
        .parse::<http::Uri>()
        .ok()
        .filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some())
        .ok_or_else(|| refused(format!("`{}` is no address to fetch credentials from", shorten(url))))?;
    let mut map = HeaderMap::with_capacity(headers.len() + 1);
    map.insert(ACCEPT, HeaderValue::from_static("application/json"));
    for (name, value) in headers {
        let mut value = HeaderValue::from_str(value).map_err(|_| {
            refused(format!(
                "what goes into the header `{name}` has characters that none can hold"
            ))
        })?;
        value.set_sensitive(true);
        map.insert(HeaderName::from_static(name), value);
    }
    Ok(WireRequest {
        method,
        uri,
        headers: map,
        body: Slices(smallvec::smallvec![body]),
    })
}

/// Pairs as `application/x-www-form-urlencoded`; a query is written the same way.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        escape(&mut text, name);
        text.push('=');
        escape(&mut text, value);
    }
    text
}

fn escape(text: &mut String, value: &str) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// The token in an answer of an OAuth endpoint (RFC 6749, 5.1). Some write numbers as strings, and Azure's metadata
/// service says when the token ends as well.
pub(super) fn token(means: &Means<'_>, answer: &Answer, who: &str, sent: &[&Secret]) -> Result<Fetched, Error> {
    #[derive(Deserialize)]
    struct Token {
        access_token: String,
        #[serde(default)]
        expires_in: Value,
        #[serde(default)]
        expires_on: Value,
    }
    let seconds = |value: &Value| match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    if !answer.status.is_success() {
        return Err(refusal(answer, who, sent));
    }
    let token: Token = serde_json::from_slice(&answer.body).map_err(|_| no_token(who))?;
    if token.access_token.is_empty() {
        return Err(no_token(who));
    }
    let now = u64::try_from(means.clock.now().wall.millis() / 1000).unwrap_or(0);
    let left = seconds(&token.expires_in).or_else(|| seconds(&token.expires_on).map(|end| end.saturating_sub(now)));
    let life = Duration::from_secs(left.unwrap_or(300));
    fetched(Access::Bearer(Secret::new(token.access_token)), life, who)
}

/// What was fetched, unless it has ended already.
pub(super) fn fetched(access: Access, life: Duration, who: &str) -> Result<Fetched, Error> {
    if life.is_zero() {
        let message = format!("{who} gave credentials that have ended already: is the clock of this machine right?");
        return Err(failed(message));
    }
    Ok(Fetched {
        access,
        life: Some(life),
    })
}

/// What an answer that is no success means. `sent` are the secrets of the request, which nobody repeats to us.
pub(super) fn refusal(answer: &Answer, who: &str, sent: &[&Secret]) -> Error {
    let mut message = format!("{who} answered with status {}", answer.status.as_u16());
    if let Some(mut words) = said(&answer.body) {
        for secret in sent.iter().filter(|secret| secret.expose().len() >= TELLING) {
            words = words.replace(secret.expose(), "********");
        }
        message.push_str(": ");
        message.push_str(&shorten(&words));
    }
    match answer.status.as_u16() {
        408 | 429 => failed(message),
        400..500 => refused(message),
        _ => failed(message),
    }
}

/// The words of an error: OAuth's `error` and `error_description`, Google's and AWS's `error.message`, STS's `Message`.
fn said(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        let words = [
            &value["error"],
            &value["error_description"],
            &value["error"]["message"],
            &value["message"],
        ];
        let words: Vec<&str> = words.into_iter().filter_map(Value::as_str).collect();
        return (!words.is_empty()).then(|| words.join(": "));
    }
    let words: Vec<String> = ["Code", "Message"]
        .iter()
        .filter_map(|tag| element(text, tag))
        .collect();
    (!words.is_empty()).then(|| words.join(": "))
}

/// The text of the first element of that name in an XML answer of AWS, whose elements have no attributes of note.
pub(super) fn element(xml: &str, name: &str) -> Option<String> {
    let after = &xml[xml.find(&format!("<{name}>"))? + name.len() + 2..];
    let text = &after[..after.find(&format!("</{name}>"))?];
    let plain = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ];
    Some(plain.iter().fold(text.trim().to_owned(), |text, (escaped, char)| {
        text.replace(escaped, char)
    }))
}

/// One line of words that somebody else wrote.
pub(super) fn shorten(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The source said no, or is not set up.
pub(super) fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::UpstreamAuth, message)
}

/// The source did not answer, or not with sense.
pub(super) fn failed(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::UpstreamFailed, message)
}

fn no_token(who: &str) -> Error {
    failed(format!("{who} answered without an access token"))
}
