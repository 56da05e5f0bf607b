//! `GET /api/logs/live`: finished requests as server-sent events, as they come.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::doc::Doc;
use super::{Call, Outcome, Route, route, row};
use crate::edge::Phase;
use crate::limits::LIVE_READERS;
use crate::respond::{ApiError, Body};
use crate::state::Edge;
use crate::telemetry::live::Reader;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/logs/live", Viewer, now follow, Doc::of("Follows the log").details(
        "Server-sent events: `log` for each finished request, with `{type, operation, payload: LogRow}`; `lagged`, with \
         `{type, missed}`, where the reader was too slow for some."
    ).gives_other("text/event-stream")),
];

/// How often a quiet feed shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Follows the log. A reader that falls behind loses rows and is told how many.
pub(super) fn follow(edge: &Edge, _: &Call) -> Outcome {
    let Some(reader) = edge.live.reader(LIVE_READERS) else {
        let message = format!("{LIVE_READERS} readers follow the log already; close one of them");
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, message));
    };
    let greeting = Bytes::from_static(b"retry: 2000\n\n");
    let state = Following {
        reader,
        phase: edge.phase(),
        greeting: Some(greeting),
    };
    let mut response = Response::new(Body::feed(stream::unfold(state, Following::next)));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

struct Following {
    reader: Reader,
    phase: watch::Receiver<Phase>,
    greeting: Option<Bytes>,
}

impl Following {
    /// The next piece. The feed ends when the process is to stop, or it would hold the drain up.
    async fn next(mut self) -> Option<(Bytes, Self)> {
        if let Some(greeting) = self.greeting.take() {
            return Some((greeting, self));
        }
        let stopping = self.phase.wait_for(|phase| *phase != Phase::Running);
        let piece = tokio::select! {
            _ = stopping => return None,
            () = tokio::time::sleep(HEARTBEAT) => Bytes::from_static(b": alive\n\n"),
            received = self.reader.rows.recv() => match received {
                Ok(finished) => event("log", &json!({ "type": "log", "operation": "create", "payload": row::short(&finished) })),
                Err(RecvError::Lagged(missed)) => event("lagged", &json!({ "type": "lagged", "missed": missed })),
                Err(RecvError::Closed) => return None,
            },
        };
        Some((piece, self))
    }
}

fn event(name: &str, data: &Value) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}
