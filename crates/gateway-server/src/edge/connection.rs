//! One connection: HTTP/1.1 or HTTP/2, as the client begins or ALPN says; over TLS where the listener has a certificate.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;

use futures_util::FutureExt;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::edge::Phase;
use crate::edge::pace::{Activity, First, Paced, Patience, Protocol};
use crate::edge::tls::{H2, Tls};
use crate::edge::worker::Worker;
use crate::limits::{self, Limits};
use crate::respond::Body;
use crate::routes;
use crate::state::Edge;

/// How HTTP is spoken here. Made once for each worker.
#[derive(Debug)]
pub(crate) struct Http {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Http {
    /// Within those limits.
    pub(crate) fn within(limits: Limits) -> Self {
        let mut http1 = http1::Builder::new();
        // The clocks of heads and of idle connections are in [`Paced`]. Hyper's own limit of 100 header lines stands: for
        // another it makes room anew for every request.
        http1
            .header_read_timeout(None)
            .max_header_size(limits::HEAD_BYTES)
            .max_buf_size(limits::READ_BYTES);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits::H2_STREAMS)
            .max_header_list_size(u32::try_from(limits::HEAD_BYTES).unwrap_or(u32::MAX))
            .keep_alive_interval(limits::H2_PING)
            .keep_alive_timeout(limits.head);
        Self { http1, http2 }
    }
}

/// Serves a connection until it ends, idles too long, or the process stops.
pub(crate) async fn serve(worker: Arc<Worker>, stream: TcpStream, peer: SocketAddr) {
    let ended = match &worker.edge.tls {
        None => open(&worker, stream, peer).await,
        // What TLS needs is large, and plain connections need not have room for it.
        Some(tls) => Box::pin(open_tls(&worker, tls, stream, peer)).await,
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}

type Ended = Result<(), Box<dyn std::error::Error + Send + Sync>>;

async fn open(worker: &Arc<Worker>, mut stream: TcpStream, peer: SocketAddr) -> Ended {
    let since = Instant::now();
    let opening = in_time(&worker.edge, since, First::of(&mut stream)).await?;
    speak(worker, stream, opening, since, peer).await
}

async fn open_tls(worker: &Arc<Worker>, tls: &Tls, stream: TcpStream, peer: SocketAddr) -> Ended {
    let stream = in_time(&worker.edge, Instant::now(), tls.accept(stream)).await?;
    let protocol = match stream.get_ref().1.alpn_protocol() {
        Some(H2) => Protocol::Http2,
        _ => Protocol::Http1,
    };
    let opening = (protocol, First::default());
    speak(worker, stream, opening, Instant::now(), peer).await
}

/// Does what a connection begins with, unless its client takes longer than for a head, or the process stops.
async fn in_time<T>(edge: &Edge, since: Instant, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let mut phase = edge.phase();
    let stops = async {
        // Whoever got in before the door closed has mostly sent a request already, and is served.
        phase.wait_for(|phase| *phase != Phase::Running).await.map(drop).ok();
        sleep(limits::LAST_CALL).await;
    };
    tokio::select! {
        biased;
        done = work => done,
        () = sleep_until(since + edge.limits.head) => Err(io::ErrorKind::TimedOut.into()),
        () = stops => Err(io::Error::other("the process stops")),
    }
}

async fn speak<S>(
    worker: &Arc<Worker>,
    stream: S,
    opening: (Protocol, First),
    since: Instant,
    peer: SocketAddr,
) -> Ended
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let limits = worker.edge.limits;
    let patience = Patience {
        head: limits.head,
        idle: limits.idle,
        stall: limits::WRITE_STALL,
    };
    let (protocol, activity) = (opening.0, Activity::default());
    let socket = TokioIo::new(Paced::new(stream, opening, activity.clone(), patience, since));
    let service = service(worker, activity, peer);
    let phase = worker.edge.phase();
    match protocol {
        Protocol::Http1 => {
            let connection = pin!(worker.http.http1.serve_connection(socket, service));
            finish(connection, http1::Connection::graceful_shutdown, phase).await
        }
        Protocol::Http2 => {
            let mut connection = Box::pin(worker.http.http2.serve_connection(socket, service));
            finish(connection.as_mut(), http2::Connection::graceful_shutdown, phase).await
        }
    }
}

/// What answers the requests of one connection.
fn service(
    worker: &Arc<Worker>,
    activity: Activity,
    peer: SocketAddr,
) -> impl Service<Request<Incoming>, Response = Response<Body>, Error = Infallible, Future: Send + 'static> + use<> {
    let worker = Arc::clone(worker);
    service_fn(move |request| {
        let (worker, busy) = (Arc::clone(&worker), activity.begin());
        // On the heap while it is needed and no longer: a connection keeps room for what its service gives as long as it
        // lives, and most of that time it waits or streams.
        let answer = Box::pin(routes::dispatch(worker, peer, request));
        async move {
            let answer = AssertUnwindSafe(answer).catch_unwind().await;
            let answer = answer.unwrap_or_else(|_| routes::panicked());
            Ok(answer.map(|body| body.holding(busy)))
        }
    })
}

/// Lets a connection go on until it ends of itself, or the process stops. What its client has sent comes first.
async fn finish<C>(mut connection: Pin<&mut C>, wind_down: fn(Pin<&mut C>), mut phase: watch::Receiver<Phase>) -> Ended
where
    C: Future<Output = hyper::Result<()>>,
{
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => return Ok(ended?),
            changed = phase.changed() => changed?,
        }
        let stage = *phase.borrow_and_update();
        match stage {
            Phase::Running => {}
            Phase::Draining => wind_down(connection.as_mut()),
            Phase::Cut => return Ok(()),
        }
    }
}
