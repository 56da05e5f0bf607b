//! An upstream in memory, and a gateway over it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use gateway::ports::logs::LogRow;
use gateway::ports::memory::{MemoryObjects, MemorySettings};
use gateway::record::Recorder;
use gateway::{Arrival, Gateway, Line, Options, Reply};
use gateway_governance::ledger::Ledger;
use gateway_governance::memory::MemoryLedger;
use gateway_providers::{Egress, Transport, TransportError, WireRequest, WireResponse};
use gateway_types::{DialectName, Operation, RequestId};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, StreamBody};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// What an upstream does with one call.
pub(crate) enum Act {
    Answer(u16, &'static str, Vec<Bytes>),
    /// Answers with a stream whose pieces the test sends itself; it breaks off when an error comes.
    Live(mpsc::UnboundedReceiver<Result<Bytes, TransportError>>),
    Refuse,
    /// Never answers.
    Hang,
}

/// The host that does not say which models it serves.
pub(crate) const NO_LIST: &str = "no-list";

/// Takes calls by host: each host has a script, and answers a plain chat once it is played.
#[derive(Default)]
pub(crate) struct Upstreams {
    scripts: Mutex<Vec<(String, VecDeque<Act>)>>,
    pub(crate) calls: Mutex<Vec<(String, Value)>>,
}

impl std::fmt::Debug for Upstreams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Upstreams")
    }
}

impl Upstreams {
    pub(crate) fn script(&self, host: &str, acts: impl IntoIterator<Item = Act>) {
        self.scripts
            .lock()
            .unwrap()
            .push((host.to_owned(), acts.into_iter().collect()));
    }

    /// How often a host was called for something other than its model list.
    pub(crate) fn calls_to(&self, host: &str) -> usize {
        self.calls
            .lock()
            .unwrap()
            .iter()
            .filter(|(called, _)| called == host)
            .count()
    }

    fn next(&self, host: &str) -> Option<Act> {
        let mut scripts = self.scripts.lock().unwrap();
        let of_host = scripts.iter_mut().filter(|(name, _)| name == host);
        of_host.map(|(_, acts)| acts).find_map(VecDeque::pop_front)
    }
}

#[async_trait]
impl Transport for Upstreams {
    async fn send(&self, request: WireRequest, _: &Egress) -> Result<WireResponse, TransportError> {
        let host = request.uri.host().unwrap_or_default().to_owned();
        if request.uri.path().ends_with("/models") && host == NO_LIST {
            return Ok(answer(404, "application/json", Vec::new()));
        }
        if request.uri.path().ends_with("/models") {
            let list = json!({"object": "list", "data": [{"id": "m"}, {"id": "gpt-4o-mini"}]});
            return Ok(answer(200, "application/json", vec![Bytes::from(list.to_string())]));
        }
        let body: Value = serde_json::from_slice(&request.body.concat()).unwrap();
        self.calls.lock().unwrap().push((host.clone(), body));
        match self.next(&host) {
            Some(Act::Answer(status, kind, pieces)) => Ok(answer(status, kind, pieces)),
            Some(Act::Live(pieces)) => Ok(live(pieces)),
            Some(Act::Refuse) => Err(TransportError::Unreachable("refused".to_owned())),
            Some(Act::Hang) => std::future::pending().await,
            None => Ok(answer(200, "application/json", vec![chat("hello", 10, 5)])),
        }
    }
}

fn live(pieces: mpsc::UnboundedReceiver<Result<Bytes, TransportError>>) -> WireResponse {
    let stream = futures_util::stream::unfold(pieces, |mut pieces| async move {
        let piece = pieces.recv().await?;
        Some((piece.map(http_body::Frame::data), pieces))
    });
    response(200, "text/event-stream", StreamBody::new(stream).boxed_unsync())
}

fn answer(status: u16, kind: &'static str, pieces: Vec<Bytes>) -> WireResponse {
    let frames = pieces
        .into_iter()
        .map(|piece| Ok::<_, TransportError>(http_body::Frame::data(piece)));
    response(
        status,
        kind,
        StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync(),
    )
}

fn response(status: u16, kind: &'static str, body: gateway_providers::WireBody) -> WireResponse {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(kind));
    WireResponse {
        status: StatusCode::from_u16(status).unwrap(),
        headers,
        body,
    }
}

/// A whole chat answer.
pub(crate) fn chat(text: &str, input: u64, output: u64) -> Bytes {
    let body = json!({
        "id": "c1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output},
    });
    Bytes::from(body.to_string())
}

/// One frame of a streamed chat answer.
pub(crate) fn delta(text: &str, finish: Option<&str>) -> Bytes {
    let chunk = json!({
        "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}],
    });
    Bytes::from(format!("data: {chunk}\n\n"))
}

/// The usage frame that `include_usage` brings.
pub(crate) fn usage(input: u64, output: u64) -> Bytes {
    let chunk = json!({
        "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
        "usage": {"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output},
    });
    Bytes::from(format!("data: {chunk}\n\n"))
}

pub(crate) const DONE: Bytes = Bytes::from_static(b"data: [DONE]\n\n");

/// Keeps finished rows for the test to look at.
#[derive(Debug, Default)]
pub(crate) struct Rows(pub Mutex<Vec<Arc<LogRow>>>);

impl Recorder for Rows {
    fn finished(&self, row: &Arc<LogRow>) {
        self.0.lock().unwrap().push(Arc::clone(row));
    }
}

impl Rows {
    pub(crate) fn last(&self) -> Arc<LogRow> {
        Arc::clone(self.0.lock().unwrap().last().expect("a row was recorded"))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// A gateway with its surroundings.
pub(crate) struct World {
    pub(crate) gateway: Gateway,
    pub(crate) line: Line,
    pub(crate) upstreams: Arc<Upstreams>,
    pub(crate) rows: Arc<Rows>,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) settings: Arc<MemorySettings>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::over(Arc::default(), Arc::default()).await
    }

    /// A gateway over stores that an earlier one may have used.
    pub(crate) async fn over(ledger: Arc<MemoryLedger>, settings: Arc<MemorySettings>) -> Self {
        let (upstreams, rows) = (Arc::new(Upstreams::default()), Arc::new(Rows::default()));
        let environment =
            std::collections::HashMap::from([("OPENAI_API_KEY".to_owned(), "sk-from-outside".to_owned())]);
        let gateway = Gateway::builder(Arc::clone(&upstreams) as _)
            .options(Options {
                secret: [9; 32],
                providers_from_environment: true,
                ..Options::default()
            })
            .ledger(Arc::clone(&ledger) as Arc<dyn Ledger>)
            .settings(Arc::clone(&settings) as _)
            .objects(Arc::new(MemoryObjects::default()))
            .recorder(Arc::clone(&rows) as _)
            .environment(Arc::new(environment))
            .start()
            .await
            .unwrap();
        let line = gateway.line(Arc::clone(&upstreams) as _);
        Self {
            gateway,
            line,
            upstreams,
            rows,
            ledger,
            settings,
        }
    }

    /// Adds a self-hosted provider at a host of that name.
    pub(crate) async fn provider(&self, name: &str) {
        let body = json!({
            "provider": name,
            "keys": [{"name": "k", "value": "dummy"}],
            "network_config": {"base_url": format!("http://{name}:8000")},
            "custom_provider_config": {"base_provider_type": "openai"},
        });
        self.gateway
            .control()
            .save_provider(None, body, gateway::control::Save::Create, "test")
            .await
            .unwrap();
    }

    pub(crate) async fn virtual_key(&self, id: &str, body: Value) {
        self.gateway
            .control()
            .save_virtual_key(Some(id), body, "test")
            .await
            .unwrap();
    }

    pub(crate) fn arrival(&self, key: Option<&str>, operation: Operation) -> Arrival {
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            headers.insert(
                "authorization",
                HeaderValue::from_str(&format!("Bearer {key}")).unwrap(),
            );
        }
        let received = self.gateway.clock().now();
        Arrival {
            id: RequestId::new(received),
            received,
            dialect: DialectName::OpenAi,
            asked: gateway_types::Asked::plain(operation),
            aim: None,
            caller: gateway::Caller::Presented,
            headers,
        }
    }

    /// A chat request and the head of its answer.
    pub(crate) async fn ask(&self, key: Option<&str>, body: Value) -> Reply {
        match self.line.open(self.arrival(key, Operation::Chat)) {
            Ok(turn) => turn.run(Bytes::from(body.to_string())).await,
            Err(refusal) => *refusal,
        }
    }

    /// A chat request and its whole answer.
    pub(crate) async fn chat(&self, key: Option<&str>, body: Value) -> (u16, HeaderMap, String) {
        let reply = self.ask(key, body).await;
        let (status, headers) = (reply.status.as_u16(), reply.headers);
        let body = reply.body.collect().await.unwrap().to_bytes();
        (status, headers, String::from_utf8(body.to_vec()).unwrap())
    }

    pub(crate) fn key(&self, id: &str) -> Value {
        json!(self.gateway.control().virtual_key(id).unwrap())["virtual_key"].take()
    }
}

pub(crate) fn hello(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "hi"}]})
}

pub(crate) fn streamed(model: &str) -> Value {
    json!({"model": model, "stream": true, "messages": [{"role": "user", "content": "hi"}]})
}

pub(crate) async fn log_rows(world: &World) -> usize {
    world
        .gateway
        .logs()
        .page(&gateway::ports::logs::LogQuery {
            limit: 100,
            ..Default::default()
        })
        .await
        .unwrap()
        .rows
        .len()
}
