//! A worker: a thread with a current-thread runtime, its listeners and its line.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener, TcpStream as StdStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::FutureExt;
use gateway::Line;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::edge::Phase;
use crate::edge::connection::{self, Http};
use crate::state::Edge;

/// Connections that wait to be taken over by a worker, at the most.
const HANDED: usize = 1024;
/// How long accepting rests when the system has no more sockets to give.
const REST: Duration = Duration::from_millis(50);
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 80\r\nretry-after: 1\r\nconnection: close\r\n\r\n{\"error\":{\"message\":\"too many connections (--max-connections)\",\"code\":\"full\"}}\r\n";

/// What a worker's connections share.
pub(crate) struct Worker {
    /// What all workers share.
    pub(crate) edge: Arc<Edge>,
    /// The data plane of this worker.
    pub(crate) line: Line,
    /// How HTTP is spoken.
    pub(crate) http: Http,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

/// A place at which a worker can be given connections.
#[derive(Clone, Debug)]
struct Seat {
    connections: Arc<AtomicUsize>,
    handed: mpsc::Sender<(StdStream, SocketAddr)>,
}

/// How a worker ended.
#[derive(Debug)]
pub(crate) enum End {
    /// Its connections are over.
    Done,
    /// It could not start.
    Failed(io::Error),
    /// It panicked: a bug.
    Panicked,
}

/// Starts a thread for every set of listeners. Each tells how it ended.
pub(crate) fn start(
    edge: &Arc<Edge>,
    sets: Vec<Vec<StdListener>>,
    line: impl Fn() -> Line,
) -> io::Result<mpsc::UnboundedReceiver<End>> {
    let (ended, ends) = mpsc::unbounded_channel();
    let (seats, inboxes): (Vec<Seat>, Vec<_>) = sets.iter().map(|_| seat()).unzip();
    for (index, (listeners, inbox)) in sets.into_iter().zip(inboxes).enumerate() {
        let worker = Arc::new(Worker {
            edge: Arc::clone(edge),
            line: line(),
            http: Http::within(edge.limits),
        });
        let (seats, ended) = (seats.clone(), LastWords(Some(ended.clone())));
        std::thread::Builder::new()
            .name(format!("worker-{index}"))
            .spawn(move || {
                let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => return ended.say(End::Failed(error)),
                };
                match runtime.block_on(run(&worker, index, &seats, listeners, inbox)) {
                    Ok(()) => ended.say(End::Done),
                    Err(error) => ended.say(End::Failed(error)),
                }
            })?;
    }
    Ok(ends)
}

fn seat() -> (Seat, mpsc::Receiver<(StdStream, SocketAddr)>) {
    let (handed, inbox) = mpsc::channel(HANDED);
    (
        Seat {
            connections: Arc::default(),
            handed,
        },
        inbox,
    )
}

/// Tells of a worker's end even where it panics.
struct LastWords(Option<mpsc::UnboundedSender<End>>);

impl LastWords {
    fn say(mut self, end: End) {
        if let Some(ended) = self.0.take() {
            // Nobody listening means that the process is ending already.
            ended.send(end).unwrap_or_default();
        }
    }
}

impl Drop for LastWords {
    fn drop(&mut self) {
        if let Some(ended) = self.0.take() {
            ended.send(End::Panicked).unwrap_or_default();
        }
    }
}

/// Accepts until the process stops, then lets connections finish.
async fn run(
    worker: &Arc<Worker>,
    index: usize,
    seats: &[Seat],
    listeners: Vec<StdListener>,
    mut inbox: mpsc::Receiver<(StdStream, SocketAddr)>,
) -> io::Result<()> {
    let listeners = listeners
        .into_iter()
        .map(TcpListener::from_std)
        .collect::<io::Result<Vec<_>>>()?;
    let mut phase = worker.edge.phase();
    let mut connections = JoinSet::new();
    while *phase.borrow_and_update() == Phase::Running {
        tokio::select! {
            accepted = accept(&listeners) => match accepted {
                Ok((stream, peer)) => place(worker, index, seats, &mut connections, stream, peer),
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(REST).await;
                }
            },
            Some((stream, peer)) = inbox.recv() => adopt(worker, &seats[index], &mut connections, stream, peer),
            Some(_) = connections.join_next() => {}
            changed = phase.changed() => if changed.is_err() { break },
        }
    }
    // Whoever got as far as the backlog before the door closed is served too.
    while let Some(Ok((stream, peer))) = accept(&listeners).now_or_never() {
        keep(worker, &seats[index], &mut connections, stream, peer);
    }
    drop(listeners);
    inbox.close();
    while let Some((stream, peer)) = inbox.recv().await {
        adopt(worker, &seats[index], &mut connections, stream, peer);
    }
    // Every connection watches the phase itself, and ends with it.
    while connections.join_next().await.is_some() {}
    Ok(())
}

async fn accept(listeners: &[TcpListener]) -> io::Result<(TcpStream, SocketAddr)> {
    std::future::poll_fn(|cx| {
        for listener in listeners {
            if let std::task::Poll::Ready(accepted) = listener.poll_accept(cx) {
                return std::task::Poll::Ready(accepted);
            }
        }
        std::task::Poll::Pending
    })
    .await
}

/// Keeps a new connection, or hands it to a worker that has clearly fewer.
fn place(
    worker: &Arc<Worker>,
    index: usize,
    seats: &[Seat],
    connections: &mut JoinSet<()>,
    stream: TcpStream,
    peer: SocketAddr,
) {
    let load = |seat: &Seat| seat.connections.load(Ordering::Relaxed);
    if seats.iter().map(load).sum::<usize>() >= worker.edge.limits.connections {
        // A fresh socket's buffer takes so few bytes at once; if it does not, closing says enough, as it does in TLS.
        if worker.edge.tls.is_none() {
            stream.try_write(FULL).unwrap_or_default();
        }
        return;
    }
    let mine = load(&seats[index]);
    let idlest = seats.iter().min_by_key(|seat| load(seat)).unwrap_or(&seats[index]);
    if !clearly_less(load(idlest), mine) {
        return keep(worker, &seats[index], connections, stream, peer);
    }
    let Ok(stream) = stream.into_std() else { return };
    // Counted before it is sent, so that a burst does not all go to the same worker.
    idlest.connections.fetch_add(1, Ordering::Relaxed);
    if let Err(refused) = idlest.handed.try_send((stream, peer)) {
        idlest.connections.fetch_sub(1, Ordering::Relaxed);
        let (mpsc::error::TrySendError::Full((stream, peer)) | mpsc::error::TrySendError::Closed((stream, peer))) =
            refused;
        if let Ok(stream) = TcpStream::from_std(stream) {
            keep(worker, &seats[index], connections, stream, peer);
        }
    }
}

/// With few connections one more is a lot; with many, an eighth.
fn clearly_less(theirs: usize, mine: usize) -> bool {
    mine > theirs + theirs / 8
}

fn keep(worker: &Arc<Worker>, seat: &Seat, connections: &mut JoinSet<()>, stream: TcpStream, peer: SocketAddr) {
    seat.connections.fetch_add(1, Ordering::Relaxed);
    spawn(worker, seat, connections, stream, peer);
}

/// Takes over a connection that was counted here when it was handed over.
fn adopt(worker: &Arc<Worker>, seat: &Seat, connections: &mut JoinSet<()>, stream: StdStream, peer: SocketAddr) {
    match TcpStream::from_std(stream) {
        Ok(stream) => spawn(worker, seat, connections, stream, peer),
        Err(error) => {
            seat.connections.fetch_sub(1, Ordering::Relaxed);
            tracing::warn!(%error, "could not take a connection over");
        }
    }
}

fn spawn(worker: &Arc<Worker>, seat: &Seat, connections: &mut JoinSet<()>, stream: TcpStream, peer: SocketAddr) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let counted = Counted::of(seat, &worker.edge);
    let worker = Arc::clone(worker);
    connections.spawn(async move {
        let _counted = counted;
        connection::serve(worker, stream, peer).await;
    });
}

/// A connection that is counted at its worker and in the metrics, until it is dropped.
struct Counted {
    connections: Arc<AtomicUsize>,
    edge: Arc<Edge>,
}

impl Counted {
    fn of(seat: &Seat, edge: &Arc<Edge>) -> Self {
        edge.connections.fetch_add(1, Ordering::Relaxed);
        Self {
            connections: Arc::clone(&seat.connections),
            edge: Arc::clone(edge),
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
        self.edge.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_goes_elsewhere_only_where_that_evens_things_out() {
        assert!(clearly_less(0, 1) && clearly_less(2, 3));
        assert!(!clearly_less(0, 0) && !clearly_less(3, 3));
        assert!(!clearly_less(1000, 1100) && clearly_less(1000, 1200));
    }

    #[test]
    fn the_answer_at_the_connection_limit_says_its_own_length() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}\r\n", body.len())),
            "{}",
            body.len()
        );
    }
}
