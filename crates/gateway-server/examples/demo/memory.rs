//! The vendors without a socket: a transport on which their answers take their time by timers alone.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use gateway_providers::{Egress, Transport, TransportError, WireRequest, WireResponse};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::time::{Instant, sleep};

use crate::places::Places;
use crate::talk::Talk;
use crate::vendors::{Asked, End, Fate, Moment, Script};

/// Answers as the vendors would, at the places where they will be.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) talk: Arc<Talk>,
    pub(crate) places: Places,
    pub(crate) seed: u64,
    /// When the day ends.
    pub(crate) end: Instant,
}

#[async_trait]
impl Transport for Memory {
    async fn send(&self, request: WireRequest, _: &Egress) -> Result<WireResponse, TransportError> {
        let body = request.body.concat();
        let left = self.end.saturating_duration_since(Instant::now());
        let asked = Asked {
            method: &request.method,
            path: request.uri.path_and_query().map_or("/", |path| path.as_str()),
            headers: &request.headers,
            body: &body,
            moment: Moment {
                left: Some(u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
                count: 0,
            },
        };
        let port = request.uri.port_u16().unwrap_or_default();
        let Some(vendor) = self.places.vendor(port) else {
            return Err(TransportError::Unreachable(format!("nobody listens on port {port}")));
        };
        match vendor.answer(&asked, &self.talk, self.seed) {
            Fate::Answers(script) => {
                sleep(script.after).await;
                Ok(played(script))
            }
            Fate::Refused => {
                sleep(Duration::from_millis(2)).await;
                Err(TransportError::Unreachable("connection refused".to_owned()))
            }
            Fate::Silence => std::future::pending().await,
        }
    }
}

fn played(script: Script) -> WireResponse {
    let headers: HeaderMap = script
        .headers
        .iter()
        .filter_map(|(name, value)| header(name, value))
        .collect();
    let end = (script.end == End::Broken).then(|| {
        (
            Duration::ZERO,
            Err(TransportError::Broken("connection reset by peer".to_owned())),
        )
    });
    let pieces = script.pieces.into_iter().map(|piece| (piece.after, Ok(piece.bytes)));
    let body = stream::unfold(pieces.chain(end), |mut rest| async move {
        let (after, piece): (Duration, Result<Bytes, TransportError>) = rest.next()?;
        if !after.is_zero() {
            sleep(after).await;
        }
        Some((piece.map(Frame::data), rest))
    });
    WireResponse {
        status: StatusCode::from_u16(script.status).unwrap_or(StatusCode::OK),
        headers,
        body: StreamBody::new(body).boxed_unsync(),
    }
}

fn header(name: &'static str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
}
