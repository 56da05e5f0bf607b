//! `GET /api/logs/live`: finished requests as server-sent events, as they come.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use gateway::ports::logs as stored;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::doc::Doc;
use super::row::LogRow;
use super::{Call, Outcome, Route, route};
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
    ).gives_other(&["text/event-stream"])),
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
                Ok(finished) => event("log", &LogEvent::of(&finished)),
                Err(RecvError::Lagged(missed)) => event("lagged", &Lagged { kind: "lagged", missed }),
                Err(RecvError::Closed) => return None,
            },
        };
        Some((piece, self))
    }
}

/// A request that is over.
#[derive(Serialize, JsonSchema)]
struct LogEvent {
    /// `log`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// `create`: a row is written once, when its request is over.
    operation: &'static str,
    payload: LogRow,
}

impl LogEvent {
    fn of(row: &stored::LogRow) -> Self {
        Self {
            kind: "log",
            operation: "create",
            payload: LogRow::of(row),
        }
    }
}

/// Rows that were lost on a reader who was too slow.
#[derive(Serialize)]
struct Lagged {
    /// `lagged`.
    #[serde(rename = "type")]
    kind: &'static str,
    missed: u64,
}

fn event(name: &str, data: &impl Serialize) -> Bytes {
    // What cannot be said in JSON is left out like what is lost: a feed is no book.
    let data = serde_json::to_string(data).unwrap_or_else(|_| String::from("null"));
    format!("event: {name}\ndata: {data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::sample;

    #[test]
    fn a_row_is_one_frame_that_says_what_it_is() {
        let frame = event("log", &LogEvent::of(&sample::row()));
        let text = std::str::from_utf8(&frame).unwrap();
        let data = text
            .strip_prefix("event: log\ndata: ")
            .unwrap()
            .strip_suffix("\n\n")
            .unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!((&data["type"], &data["operation"]), (&"log".into(), &"create".into()));
        assert_eq!(data["payload"]["provider"], "openai");
        assert_eq!(
            &event(
                "lagged",
                &Lagged {
                    kind: "lagged",
                    missed: 7
                }
            )[..],
            b"event: lagged\ndata: {\"type\":\"lagged\",\"missed\":7}\n\n"
        );
    }
}
