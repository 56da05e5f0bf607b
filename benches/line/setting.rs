//! A gateway without a socket: a virtual key with a budget and limits that refuse nothing, upstreams in memory that answer
//! at once, and a log store that keeps nothing.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use gateway::control::Save;
use gateway::ports::StoreError;
use gateway::ports::logs::{Dimension, LogPage, LogQuery, LogRow, LogStore, Rank, Shares, Slice, Slot};
use gateway::{Arrival, Gateway, Line};
use gateway_providers::{Egress, Transport, TransportError, WireBody, WireRequest, WireResponse};
use gateway_types::{DialectName, Operation, RequestId, Wall};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const STREAMS: &[u8] = br#""stream":true"#;
/// The frames of a stream, the last word not among them.
const FRAMES: usize = 50;
const PROSE: &str =
    "The ferry left the northern quay a little after six, carrying a crate of oranges and two bicycles. ";

/// A gateway, and one line of it, on one thread: all that a call costs is counted, the handing over of its rows included.
pub(crate) struct Setting {
    pub(crate) runtime: Runtime,
    gateway: Gateway,
    line: Line,
    pub(crate) upstream: Arc<dyn Transport>,
}

impl Setting {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime needs no more than this thread");
        let upstream: Arc<dyn Transport> = Arc::new(Upstream::new());
        let gateway = runtime.block_on(set_up(&upstream));
        let line = gateway.line(Arc::clone(&upstream));
        Self {
            runtime,
            gateway,
            line,
            upstream,
        }
    }

    /// One call, from its arrival to the last byte of its answer; says how many there were.
    pub(crate) async fn call(&self, headers: &HeaderMap, body: &Bytes) -> usize {
        let received = self.gateway.clock().now();
        let arrival = Arrival {
            id: RequestId::new(received),
            received,
            dialect: DialectName::OpenAi,
            asked: gateway_types::Asked::plain(Operation::Chat),
            aim: None,
            caller: gateway::Caller::Presented,
            headers: headers.clone(),
        };
        let reply = match self.line.open(arrival) {
            Ok(turn) => turn.run(body.clone()).await,
            Err(refusal) => *refusal,
        };
        assert_eq!(reply.status, StatusCode::OK);
        drain(reply.body).await
    }

    pub(crate) fn close(&self) {
        self.runtime.block_on(self.gateway.close());
    }
}

/// Two vendors with a key each, and a virtual key with a budget and rate limits that refuse nothing.
async fn set_up(upstream: &Arc<dyn Transport>) -> Gateway {
    let gateway = Gateway::builder(Arc::clone(upstream))
        .logs(Arc::new(Forgetful))
        .start()
        .await
        .expect("stores in memory do not fail");
    let key = json!({
        "provider_configs": [
            {"provider": "openai", "weight": 0.9, "allowed_models": ["gpt-4o-mini"]},
            {"provider": "anthropic", "weight": 0.1},
        ],
        "budget": {"max_limit": 1_000_000.0, "reset_duration": "1d"},
        "rate_limit": {
            "request_max_limit": 1_000_000_000_000_u64, "request_reset_duration": "1d",
            "token_max_limit": 1_000_000_000_000_000_u64, "token_reset_duration": "1d",
        },
    });
    let control = gateway.control();
    for provider in ["openai", "anthropic"] {
        let provider = json!({"provider": provider, "keys": [{"name": "k", "value": "sk-own"}]});
        control
            .save_provider(None, provider, Save::Create, "bench")
            .await
            .expect("the bench's provider is good");
    }
    control
        .save_virtual_key(Some("team-a"), key, "bench")
        .await
        .expect("the bench's key is good");
    gateway
}

pub(crate) fn presented() -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer team-a"))])
}

/// A chat of about a kilobyte.
pub(crate) fn chat(model: &str, stream: bool) -> Bytes {
    chat_of(model, &PROSE.repeat(8), stream)
}

/// One that long, of prose.
pub(crate) fn prose(bytes: usize) -> Bytes {
    chat_of("gpt-4o-mini", &PROSE.repeat(bytes / PROSE.len()), false)
}

/// One that long, of source code: an escape every few bytes.
pub(crate) fn code(bytes: usize) -> Bytes {
    let line = "    if (name == \"a\" && path != \"b\\\\c\") {\n\treturn \"d\";\n    }\n";
    chat_of("gpt-4o-mini", &line.repeat(bytes / line.len()), false)
}

fn chat_of(model: &str, text: &str, stream: bool) -> Bytes {
    let body = json!({
        "model": model,
        "messages": [
            {"role": "system", "content": "You are a careful assistant."},
            {"role": "user", "content": text},
        ],
        "temperature": 0.7, "max_tokens": 512, "stream": stream,
    });
    Bytes::from(body.to_string())
}

/// Reads a body to its end and says how long it was.
pub(crate) async fn drain<B>(mut body: B) -> usize
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Debug,
{
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        length += frame
            .expect("the body does not break off")
            .into_data()
            .map_or(0, |data| data.len());
    }
    length
}

/// What the upstream says, in the pieces in which it comes.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) kind: HeaderValue,
    pieces: Arc<[Bytes]>,
}

impl Answer {
    fn json(body: &Value) -> Self {
        Self {
            kind: HeaderValue::from_static("application/json"),
            pieces: Arc::new([Bytes::from(body.to_string())]),
        }
    }

    pub(crate) fn whole() -> Self {
        let text = "It will rain before noon, said the captain, and it did. ".repeat(12);
        Self::json(&json!({
            "id": "chatcmpl-own", "object": "chat.completion", "created": 1_700_000_000, "model": "gpt-4o-mini-own",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 190, "completion_tokens": 150, "total_tokens": 340},
        }))
    }

    pub(crate) fn stream() -> Self {
        let frame = |choices: &Value, usage: &Value| {
            let chunk = json!({
                "id": "chatcmpl-own", "object": "chat.completion.chunk", "created": 1_700_000_000,
                "model": "gpt-4o-mini-own", "choices": choices, "usage": usage,
            });
            Bytes::from(format!("data: {chunk}\n\n"))
        };
        let choice = |delta: Value, finish: Option<&str>| {
            frame(
                &json!([{"index": 0, "delta": delta, "finish_reason": finish}]),
                &Value::Null,
            )
        };
        let mut pieces = vec![choice(json!({"role": "assistant", "content": ""}), None)];
        pieces.extend((3..FRAMES).map(|nth| choice(json!({"content": format!("word {nth} ")}), None)));
        pieces.push(choice(json!({}), Some("stop")));
        let usage = json!({"prompt_tokens": 190, "completion_tokens": 150, "total_tokens": 340});
        pieces.push(frame(&json!([]), &usage));
        assert_eq!(pieces.len(), FRAMES);
        pieces.push(Bytes::from_static(b"data: [DONE]\n\n"));
        Self {
            kind: HeaderValue::from_static("text/event-stream"),
            pieces: pieces.into(),
        }
    }

    /// The usual way's first half, for the ratio: request and answer are read into values.
    pub(crate) fn read(&self, request: &[u8]) -> Vec<Value> {
        let pieces = self
            .pieces
            .iter()
            .map(|piece| piece.strip_prefix(b"data: ").unwrap_or(piece));
        let said = pieces.filter(|piece| piece.starts_with(b"{"));
        std::iter::once(request)
            .chain(said)
            .map(|json| serde_json::from_slice(json).expect("the bench's bodies are JSON"))
            .collect()
    }

    /// What Anthropic says.
    fn message() -> Self {
        let text = "It will rain before noon, said the captain, and it did. ".repeat(12);
        Self::json(&json!({
            "id": "msg_own", "type": "message", "role": "assistant", "model": "claude-3-5-haiku-20241022",
            "content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 190, "output_tokens": 150},
        }))
    }

    /// The same as a stream.
    fn events() -> Self {
        let event = |event: Value| {
            Bytes::from(format!(
                "event: {}\ndata: {event}\n\n",
                event["type"].as_str().unwrap_or_default()
            ))
        };
        let delta = |nth| {
            let delta = json!({"type": "text_delta", "text": format!("word {nth} ")});
            event(json!({"type": "content_block_delta", "index": 0, "delta": delta}))
        };
        let usage = json!({"input_tokens": 190, "output_tokens": 1});
        let message = json!({
            "id": "msg_own", "type": "message", "role": "assistant", "model": "claude-3-5-haiku-20241022",
            "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage,
        });
        let mut pieces = vec![
            event(json!({"type": "message_start", "message": message})),
            event(json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})),
        ];
        pieces.extend((5..FRAMES).map(delta));
        pieces.push(event(json!({"type": "content_block_stop", "index": 0})));
        let end = json!({"stop_reason": "end_turn", "stop_sequence": null});
        pieces.push(event(
            json!({"type": "message_delta", "delta": end, "usage": {"output_tokens": 150}}),
        ));
        pieces.push(event(json!({"type": "message_stop"})));
        Self {
            kind: HeaderValue::from_static("text/event-stream"),
            pieces: pieces.into(),
        }
    }

    fn body(&self) -> WireBody {
        match &*self.pieces {
            [whole] => Full::new(whole.clone()).map_err(|never| match never {}).boxed_unsync(),
            _ => UnsyncBoxBody::new(Pieces {
                answer: self.clone(),
                next: 0,
            }),
        }
    }
}

/// A body whose every frame is ready.
struct Pieces {
    answer: Answer,
    next: usize,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, TransportError>>> {
        let piece = self.answer.pieces.get(self.next).cloned();
        self.next += 1;
        std::task::Poll::Ready(piece.map(|piece| Ok(http_body::Frame::data(piece))))
    }
}

/// Answers at once, in the words of the vendor whose path is asked, with a stream where one is accepted. It does not read
/// the request's body.
#[derive(Debug)]
struct Upstream {
    models: Answer,
    openai: [Answer; 2],
    anthropic: [Answer; 2],
}

impl Upstream {
    fn new() -> Self {
        let models = [json!({"id": "gpt-4o-mini"}), json!({"id": "claude-3-5-haiku-20241022"})];
        Self {
            models: Answer::json(&json!({"object": "list", "data": models})),
            openai: [Answer::whole(), Answer::stream()],
            anthropic: [Answer::message(), Answer::events()],
        }
    }
}

#[async_trait]
impl Transport for Upstream {
    async fn send(&self, request: WireRequest, _: &Egress) -> Result<WireResponse, TransportError> {
        let [whole, stream] = match request.uri.path() {
            "/v1/messages" => &self.anthropic,
            _ => &self.openai,
        };
        // OpenAI's head says it; Anthropic's body does.
        let says = |slice: &Bytes| slice.windows(STREAMS.len()).any(|window| window == STREAMS);
        let streams = request.headers.get(ACCEPT) == Some(&stream.kind)
            || request.uri.path() == "/v1/messages" && request.body.0.iter().any(says);
        let answer = match request.method {
            Method::GET => &self.models,
            _ if streams => stream,
            _ => whole,
        };
        Ok(WireResponse {
            status: StatusCode::OK,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, answer.kind.clone())]),
            body: answer.body(),
        })
    }
}

/// Takes every row and keeps none: what a store costs is the store's to measure.
#[derive(Debug)]
struct Forgetful;

#[async_trait]
impl LogStore for Forgetful {
    async fn append(&self, _: &[LogRow]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn page(&self, _: &LogQuery) -> Result<LogPage, StoreError> {
        Ok(LogPage::default())
    }

    async fn row(&self, _: RequestId) -> Result<Option<LogRow>, StoreError> {
        Ok(None)
    }

    async fn series(&self, _: &Slice, _: i64) -> Result<Vec<Slot>, StoreError> {
        Ok(Vec::new())
    }

    async fn shares(&self, _: &Slice, _: Rank, _: usize) -> Result<Shares, StoreError> {
        Ok(Shares::default())
    }

    async fn values(&self, _: Dimension, _: Wall) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    async fn remove(&self, _: &[RequestId]) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn prune(&self, _: Wall) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn any(&self) -> Result<bool, StoreError> {
        Ok(false)
    }
}
