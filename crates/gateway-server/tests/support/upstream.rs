//! An upstream that does as it is told, in process, over real sockets.
//!
//! An answer is a list of steps on the bare connection, so that it can also hang, break off, or be no HTTP at all.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::{eventually, shapes};

/// A running upstream; it is gone when dropped.
pub(crate) struct Upstream {
    address: SocketAddr,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

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

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    left: Arc<AtomicBool>,
}

/// Lets waiting steps through, one by one or all.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

#[derive(Default)]
struct State {
    plan: Mutex<Plan>,
    seen: Mutex<Vec<Seen>>,
    now: AtomicUsize,
    peak: AtomicUsize,
}

#[derive(Default)]
struct Plan {
    name: String,
    models: Vec<String>,
    once: HashMap<String, VecDeque<Answer>>,
    always: HashMap<String, Answer>,
}

impl Upstream {
    /// A healthy one that lists these models, and names itself in what it says.
    pub(crate) async fn start(name: &str, models: &[&str]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let models = models.iter().map(|&model| model.to_owned()).collect();
        let plan = Mutex::new(Plan {
            name: name.into(),
            models,
            ..Plan::default()
        });
        let state = Arc::new(State {
            plan,
            ..State::default()
        });
        let listening = tokio::spawn(listen(listener, state.clone()));
        Self {
            address,
            state,
            listening,
        }
    }

    /// Its address, without `/v1`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on, that path is answered so.
    pub(crate) fn always(&self, path: &str, answer: Answer) {
        self.state.plan.lock().unwrap().always.insert(path.into(), answer);
    }

    /// Every path on which a model is asked something is answered so.
    pub(crate) fn fails_with(&self, answer: &Answer) {
        for path in [shapes::CHAT, shapes::COMPLETIONS, shapes::EMBEDDINGS, shapes::MESSAGES] {
            self.always(path, answer.clone());
        }
    }

    /// All paths are answered as by a healthy upstream again.
    pub(crate) fn heals(&self) {
        self.state.plan.lock().unwrap().always.clear();
    }

    /// The next request on that path is answered so, then the one after it, and so on.
    pub(crate) fn once(&self, path: &str, answer: Answer) {
        self.state
            .plan
            .lock()
            .unwrap()
            .once
            .entry(path.into())
            .or_default()
            .push_back(answer);
    }

    /// It lists these models from now on.
    pub(crate) fn lists(&self, models: &[&str]) {
        self.state.plan.lock().unwrap().models = models.iter().map(|&model| model.to_owned()).collect();
    }

    /// Nobody listens there any more: connections are refused.
    pub(crate) async fn refuse(&mut self) {
        self.listening.abort();
        let _aborted = (&mut self.listening).await;
    }

    /// The requests on that path, in the order they came.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        let seen = self.state.seen.lock().unwrap();
        seen.iter().filter(|seen| seen.path == path).cloned().collect()
    }

    /// How many requests there were for a model to answer.
    pub(crate) fn asked(&self) -> usize {
        let asks = [shapes::CHAT, shapes::COMPLETIONS, shapes::EMBEDDINGS, shapes::MESSAGES];
        asks.iter().map(|path| self.seen(path).len()).sum()
    }

    /// The latest request for a chat turn.
    #[track_caller]
    pub(crate) fn last_chat(&self) -> Seen {
        self.seen(shapes::CHAT).pop().expect("a chat turn came")
    }

    /// How many requests were being answered at the same time, at the most.
    pub(crate) fn peak(&self) -> usize {
        self.state.peak.load(Ordering::SeqCst)
    }

    /// Waits until that many requests are being answered.
    pub(crate) async fn busy_with(&self, requests: usize) {
        let what = format!("the upstream is busy with {requests} requests");
        eventually(&what, || async {
            (self.state.now.load(Ordering::SeqCst) == requests).then_some(())
        })
        .await;
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

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

    /// Lets everything through from now on.
    pub(crate) fn open(&self) {
        self.pass(1_000_000);
    }
}

impl Seen {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the gateway sends JSON")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(had, _)| had == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the other side left before the answer was whole.
    pub(crate) fn left(&self) -> bool {
        self.left.load(Ordering::SeqCst)
    }
}

/// The steps of a chunked stream of these pieces, head and end included.
pub(crate) fn stream_of(pieces: Vec<Step>) -> Vec<Step> {
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

async fn listen(listener: TcpListener, state: Arc<State>) {
    // Connections end with the listener: a dead upstream is dead for those that were open too.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, state.clone()));
    }
}

/// Serves one connection until either side closes it.
async fn serve(mut stream: TcpStream, state: Arc<State>) {
    let _small_pieces_at_once = stream.set_nodelay(true);
    let mut read = Vec::new();
    while let Some(seen) = request(&mut stream, &mut read).await {
        state.seen.lock().unwrap().push(seen.clone());
        let busy = Busy::new(&state);
        let steps = state.answer(&seen);
        let whole = play(&mut stream, &steps).await;
        drop(busy);
        if !whole {
            seen.left.store(true, Ordering::SeqCst);
        }
        if !whole || steps.iter().any(|step| matches!(step, Step::Close)) {
            return;
        }
    }
}

/// Plays the steps, and says whether the other side stayed to the end.
async fn play(stream: &mut TcpStream, steps: &[Step]) -> bool {
    for step in steps {
        let stayed = match step {
            Step::Send(bytes) => stream.write_all(bytes).await.is_ok(),
            Step::Close => return true,
            Step::Wait(gate) => {
                let gate = gate.clone();
                tokio::select! {
                    permit = gate.0.acquire() => { permit.expect("gates are never closed for good").forget(); true }
                    () = leaves(stream) => false,
                }
            }
            Step::Pause(time) => {
                tokio::time::sleep(*time).await;
                true
            }
            Step::Hang => {
                leaves(stream).await;
                false
            }
        };
        if !stayed {
            return false;
        }
    }
    true
}

/// Ends when the other side has closed its connection. It has nothing to say while it waits for an answer.
async fn leaves(stream: &TcpStream) {
    loop {
        let mut byte = [0];
        match stream.peek(&mut byte).await {
            Ok(1..) => tokio::time::sleep(Duration::from_millis(10)).await,
            Ok(0) | Err(_) => return,
        }
    }
}

/// Counts itself among the requests being answered.
struct Busy<'a>(&'a State);

impl<'a> Busy<'a> {
    fn new(state: &'a State) -> Self {
        let now = state.now.fetch_add(1, Ordering::SeqCst) + 1;
        state.peak.fetch_max(now, Ordering::SeqCst);
        Self(state)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

impl State {
    fn answer(&self, seen: &Seen) -> Vec<Step> {
        let mut plan = self.plan.lock().unwrap();
        if let Some(answer) = plan.once.get_mut(&seen.path).and_then(VecDeque::pop_front) {
            return answer.play(seen);
        }
        match plan.always.get(&seen.path) {
            Some(answer) => answer.play(seen),
            None => healthy(&plan.name, &plan.models, seen),
        }
    }
}

/// Reads one request with the bytes left over from the one before; `None` where the connection ended.
async fn request(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Seen> {
    let head_end = fill(stream, read, |read| {
        read.windows(4).position(|four| four == b"\r\n\r\n")
    })
    .await?
        + 4;
    let head = String::from_utf8_lossy(&read[..head_end]).into_owned();
    read.drain(..head_end);
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let header = |name: &str| {
        headers
            .iter()
            .find(|(had, _)| had == name)
            .map(|(_, value)| value.clone())
    };
    let body = match header("content-length") {
        Some(length) => {
            let length = length.parse().ok()?;
            fill(stream, read, |read| (read.len() >= length).then_some(())).await?;
            read.drain(..length).collect()
        }
        None if header("transfer-encoding").is_some() => chunked(stream, read).await?,
        None => Vec::new(),
    };
    Some(Seen {
        method,
        path,
        headers,
        body: body.into(),
        left: Arc::default(),
    })
}

/// The chunks of a body, put together.
async fn chunked(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = fill(stream, read, |read| read.windows(2).position(|two| two == b"\r\n")).await?;
        let length = usize::from_str_radix(std::str::from_utf8(&read[..line]).ok()?.trim(), 16).ok()?;
        let end = line + 2 + length + 2;
        fill(stream, read, |read| (read.len() >= end).then_some(())).await?;
        body.extend_from_slice(&read[line + 2..end - 2]);
        read.drain(..end);
        if length == 0 {
            return Some(body);
        }
    }
}

/// Reads on until that is found in what was read.
async fn fill<T>(stream: &mut TcpStream, read: &mut Vec<u8>, find: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    loop {
        if let Some(found) = find(read) {
            return Some(found);
        }
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
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
fn healthy(name: &str, models: &[String], seen: &Seen) -> Vec<Step> {
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
