//! An upstream that does as it is told, in process, over real sockets.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::answer::{Answer, Step, healthy};
use super::wire::{self, Seen};
use super::{eventually, shapes};

/// A running upstream; it is gone when dropped.
pub(crate) struct Upstream {
    address: SocketAddr,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

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
    while let Some(seen) = wire::request(&mut stream, &mut read).await {
        state.seen.lock().unwrap().push(seen.clone());
        let busy = Busy::new(&state);
        let steps = state.answer(&seen);
        let whole = wire::play(&mut stream, &steps).await;
        drop(busy);
        if !whole {
            seen.leaves();
        }
        if !whole || steps.iter().any(|step| matches!(step, Step::Close)) {
            return;
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
