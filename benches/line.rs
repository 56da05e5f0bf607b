//! The whole line, from an arrival to the last byte of its answer, over an upstream in memory that answers at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use gateway::control::Save;
use gateway::ports::StoreError;
use gateway::ports::logs::{Dimension, LogPage, LogQuery, LogRow, LogStore, Rank, Shares, Slice, Slot};
use gateway::{Arrival, Gateway, Line};
use gateway_providers::{Egress, Transport, TransportError, WireBody, WireRequest, WireResponse};
use gateway_types::json::Slices;
use gateway_types::{DialectName, Operation, RequestId, Wall};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// After so many calls the writers of ledger entries and log rows get the thread.
const BATCH: u64 = 32;
/// The frames of a stream, the last word not among them.
const FRAMES: usize = 50;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let bench = Bench::new();
    for (name, body, answer) in [
        ("line-whole", chat(false), Answer::whole()),
        ("line-stream", chat(true), Answer::stream()),
    ] {
        let mut group = criterion.benchmark_group(name);
        bench.transport(&mut group, &body, &answer);
        bench.line(&mut group, "anonymous", &HeaderMap::new(), &body);
        bench.line(&mut group, "virtual-key", &presented(), &body);
        group.bench_function("value", |bench| bench.iter(|| answer.read(&body)));
        group.finish();
    }
    bench.runtime.block_on(bench.gateway.close());
    criterion.final_summary();
}

/// A gateway, and one line of it, on one thread: all that a call costs is counted, the writing of its rows included.
struct Bench {
    runtime: Runtime,
    gateway: Gateway,
    line: Line,
    upstream: Arc<dyn Transport>,
}

impl Bench {
    fn new() -> Self {
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

    /// Calls through the line, by whoever presents those headers.
    fn line(&self, group: &mut BenchmarkGroup<'_, WallTime>, name: &str, headers: &HeaderMap, body: &Bytes) {
        let call = || async {
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
        };
        group.bench_function(name, |bench| bench.iter_custom(|calls| self.time(calls, call)));
    }

    /// The same bytes out and back, with nothing between.
    fn transport(&self, group: &mut BenchmarkGroup<'_, WallTime>, body: &Bytes, answer: &Answer) {
        let request = WireRequest {
            method: Method::POST,
            uri: Uri::from_static("https://api.openai.com/v1/chat/completions"),
            headers: HeaderMap::from_iter([(ACCEPT, answer.kind.clone())]),
            body: Slices::one(body.clone()),
        };
        let egress = Egress::default();
        let call = || async {
            let response = self.upstream.send(request.clone(), &egress).await;
            drain(response.expect("the upstream answers").body).await
        };
        group.bench_function("transport", |bench| {
            bench.iter_custom(|calls| self.time(calls, call));
        });
    }

    fn time<F: Future<Output = usize>>(&self, calls: u64, call: impl Fn() -> F) -> Duration {
        self.runtime.block_on(async {
            let begun = Instant::now();
            for nth in 1..=calls {
                assert_ne!(call().await, 0, "there is an answer");
                if nth % BATCH == 0 {
                    tokio::task::yield_now().await;
                }
            }
            begun.elapsed()
        })
    }
}

/// OpenAI with a key, and a virtual key with a budget and rate limits that refuse nothing.
async fn set_up(upstream: &Arc<dyn Transport>) -> Gateway {
    let gateway = Gateway::builder(Arc::clone(upstream))
        .logs(Arc::new(Forgetful))
        .start()
        .await
        .expect("stores in memory do not fail");
    let provider = json!({"provider": "openai", "keys": [{"name": "k", "value": "sk-own"}]});
    let key = json!({
        "provider_configs": [{"provider": "openai", "weight": 1.0, "allowed_models": ["gpt-4o-mini"]}],
        "budget": {"max_limit": 1_000_000.0, "reset_duration": "1d"},
        "rate_limit": {
            "request_max_limit": 1_000_000_000_000_u64, "request_reset_duration": "1d",
            "token_max_limit": 1_000_000_000_000_000_u64, "token_reset_duration": "1d",
        },
    });
    let control = gateway.control();
    control
        .save_provider(None, provider, Save::Create, "bench")
        .await
        .expect("the bench's provider is good");
    control
        .save_virtual_key(Some("team-a"), key, "bench")
        .await
        .expect("the bench's key is good");
    gateway
}

fn presented() -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer team-a"))])
}

fn chat(stream: bool) -> Bytes {
    let prose = "The ferry left the northern quay a little after six, carrying a crate of oranges and two bicycles. ";
    let body = json!({
        "model": "gpt-4o-mini",
        "messages": [
            {"role": "system", "content": "You are a careful assistant."},
            {"role": "user", "content": prose.repeat(8)},
        ],
        "temperature": 0.7, "max_tokens": 512, "stream": stream,
    });
    Bytes::from(body.to_string())
}

/// Reads a body to its end and says how long it was.
async fn drain<B>(mut body: B) -> usize
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
struct Answer {
    kind: HeaderValue,
    pieces: Arc<[Bytes]>,
}

impl Answer {
    fn json(body: &Value) -> Self {
        Self {
            kind: HeaderValue::from_static("application/json"),
            pieces: Arc::new([Bytes::from(body.to_string())]),
        }
    }

    fn whole() -> Self {
        let text = "It will rain before noon, said the captain, and it did. ".repeat(12);
        Self::json(&json!({
            "id": "chatcmpl-own", "object": "chat.completion", "created": 1_700_000_000, "model": "gpt-4o-mini-own",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 190, "completion_tokens": 150, "total_tokens": 340},
        }))
    }

    fn stream() -> Self {
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
    fn read(&self, request: &[u8]) -> Vec<Value> {
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

/// Answers at once, with a stream where one is accepted. It does not read the request's body.
#[derive(Debug)]
struct Upstream {
    models: Answer,
    whole: Answer,
    stream: Answer,
}

impl Upstream {
    fn new() -> Self {
        Self {
            models: Answer::json(&json!({"object": "list", "data": [{"id": "gpt-4o-mini"}]})),
            whole: Answer::whole(),
            stream: Answer::stream(),
        }
    }
}

#[async_trait]
impl Transport for Upstream {
    async fn send(&self, request: WireRequest, _: &Egress) -> Result<WireResponse, TransportError> {
        let streams = request.headers.get(ACCEPT) == Some(&self.stream.kind);
        let answer = match request.method {
            Method::GET => &self.models,
            _ if streams => &self.stream,
            _ => &self.whole,
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
