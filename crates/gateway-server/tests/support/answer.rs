//! What an upstream answers: steps on the bare connection, so that it can also hang, break off, or be no HTTP at all.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::shapes;
use super::wire::Seen;

/// What one request gets.
#[derive(Clone)]
pub(crate) struct Answer(Arc<Script>);

/// What is made of a request.
type Script = dyn Fn(&Seen) -> Vec<Step> + Send + Sync;

/// One thing that happens on the connection.
#[derive(Clone)]
pub(crate) enum Step {
    /// These bytes are sent.
    Send(Bytes),
    /// Nothing happens until the gate lets one through.
    Wait(Gate),
    /// Time passes: what is tested is that it is noticed.
    Pause(Duration),
    /// Nothing happens any more, until the other side leaves.
    Hang,
    /// The connection is closed.
    Close,
}

/// Lets waiting steps through, one by one or all.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Answer {
    /// These steps, whatever was asked.
    pub(crate) fn steps(steps: Vec<Step>) -> Self {
        Self(Arc::new(move |_| steps.clone()))
    }

    /// What that makes of the request.
    pub(crate) fn of(make: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    /// A whole answer of JSON.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::with_headers(status, &[], body)
    }

    pub(crate) fn with_headers(status: u16, headers: &[(&str, &str)], body: &Value) -> Self {
        let headers: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        Self::steps(vec![Step::Send(whole(status, &headers, body.to_string().as_bytes()))])
    }

    /// An error in OpenAI's shape.
    pub(crate) fn error(status: u16) -> Self {
        Self::json(status, &shapes::error(status))
    }

    /// A stream that begins to say something and never goes on.
    pub(crate) fn stream_that_hangs(name: &str) -> Self {
        let events = shapes::chat_stream(name, &Value::Null).into_iter().take(2);
        Self::stream(events.map(Step::Send).chain([Step::Hang]).collect())
    }

    /// It takes the request and never answers.
    pub(crate) fn hang() -> Self {
        Self::steps(vec![Step::Hang])
    }

    /// It takes the request and hangs up.
    pub(crate) fn hang_up() -> Self {
        Self::steps(vec![Step::Close])
    }

    /// A healthy answer of which only that many bytes are sent, head included.
    pub(crate) fn cut_at(self, bytes: usize) -> Self {
        Self::of(move |seen| {
            let mut whole = Vec::new();
            for step in self.play(seen) {
                if let Step::Send(part) = step {
                    whole.extend_from_slice(&part);
                }
            }
            whole.truncate(bytes);
            vec![Step::Send(whole.into()), Step::Close]
        })
    }

    /// That answer, once the gate opens.
    pub(crate) fn after(self, gate: &Gate) -> Self {
        let gate = gate.clone();
        Self::of(move |seen| {
            let mut steps = vec![Step::Wait(gate.clone())];
            steps.extend(self.play(seen));
            steps
        })
    }

    /// The same, and each time slowly.
    pub(crate) fn slow(self) -> Self {
        Self::of(move |seen| {
            let mut steps = vec![Step::Pause(Duration::from_millis(60))];
            steps.extend(self.play(seen));
            steps
        })
    }

    /// What a healthy upstream of that name says.
    pub(crate) fn healthy(name: &str) -> Self {
        let name = name.to_owned();
        Self::of(move |seen| healthy(&name, &[], seen))
    }

    /// What it makes of a request.
    pub(crate) fn play(&self, seen: &Seen) -> Vec<Step> {
        (self.0)(seen)
    }

    /// A stream of these pieces, whatever they cut through; a `Wait` between them holds it back.
    pub(crate) fn stream(pieces: Vec<Step>) -> Self {
        Self::steps(stream_of(pieces))
    }
}

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Lets that many through.
    pub(crate) fn pass(&self, steps: usize) {
        self.0.add_permits(steps);
    }

    /// Waits to be let through.
    pub(crate) async fn passed(&self) {
        self.0
            .acquire()
            .await
            .expect("gates are never closed for good")
            .forget();
    }

    /// Lets everything through from now on.
    pub(crate) fn open(&self) {
        self.pass(1_000_000);
    }
}

/// The steps of a chunked stream of these pieces, head and end included.
fn stream_of(pieces: Vec<Step>) -> Vec<Step> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut steps = vec![Step::Send(head.into())];
    let whole = !pieces.iter().any(|piece| matches!(piece, Step::Close | Step::Hang));
    steps.extend(pieces.into_iter().map(|piece| match piece {
        Step::Send(bytes) => {
            let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
            chunk.extend_from_slice(&bytes);
            chunk.extend_from_slice(b"\r\n");
            Step::Send(chunk.into())
        }
        other => other,
    }));
    if whole {
        steps.push(Step::Send("0\r\n\r\n".into()));
    }
    steps
}

fn whole(status: u16, headers: &str, body: &[u8]) -> Bytes {
    let length = body.len();
    let mut bytes = format!(
        "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n"
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes.into()
}

/// What a healthy upstream answers.
pub(crate) fn healthy(name: &str, models: &[String], seen: &Seen) -> Vec<Step> {
    let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
    let streamed = body["stream"] == true;
    let events = |events: Vec<Bytes>| stream_of(events.into_iter().map(Step::Send).collect());
    let reply = |status: u16, body: &Value| vec![Step::Send(whole(status, "", body.to_string().as_bytes()))];
    match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", shapes::CHAT) if streamed => events(shapes::chat_stream(name, &body)),
        ("POST", shapes::CHAT) => reply(200, &shapes::chat_answer(name, &body)),
        ("POST", shapes::COMPLETIONS) if streamed => events(shapes::completion_stream(name, &body)),
        ("POST", shapes::COMPLETIONS) => reply(200, &shapes::completion_answer(name, &body)),
        ("POST", shapes::EMBEDDINGS) => reply(200, &shapes::embedding_answer(&body)),
        ("POST", shapes::MESSAGES) if streamed => events(shapes::message_stream(name, &body)),
        ("POST", shapes::MESSAGES) => reply(200, &shapes::message_answer(name, &body)),
        ("GET", path) if path.split('?').next() == Some(shapes::MODELS) => reply(200, &shapes::model_list(models)),
        _ => reply(404, &shapes::error(404)),
    }
}
