//! One connection: HTTP/1.1, or HTTP/2 where the client begins with its preface.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;

use crate::edge::Phase;
use crate::edge::pace::{Activity, Paced};
use crate::edge::worker::Worker;
use crate::limits::{self, Limits};
use crate::routes;

/// Serves a connection until it ends, idles too long, or the process stops.
pub(crate) async fn serve(worker: Arc<Worker>, stream: TcpStream, peer: SocketAddr) {
    let activity = Activity::default();
    let mut phase = worker.edge.phase();
    let socket = Paced::new(stream, activity.clone(), worker.edge.limits.head, limits::WRITE_STALL);
    let service = service_fn(|request| {
        let (worker, busy) = (Arc::clone(&worker), activity.begin());
        async move {
            let answer = AssertUnwindSafe(routes::dispatch(worker, peer, request))
                .catch_unwind()
                .await;
            Ok::<_, Infallible>(
                answer
                    .unwrap_or_else(|_| routes::panicked())
                    .map(|body| body.holding(busy)),
            )
        }
    });
    let http = http(worker.edge.limits);
    let connection = http.serve_connection(TokioIo::new(socket), service);
    tokio::pin!(connection);
    loop {
        let stage = *phase.borrow_and_update();
        match stage {
            Phase::Running => {}
            Phase::Draining => connection.as_mut().graceful_shutdown(),
            Phase::Cut => return,
        }
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, error = &*error, "a connection ended early");
                }
                return;
            }
            changed = phase.changed() => if changed.is_err() { return },
        }
    }
}

/// How HTTP is spoken here.
fn http(limits: Limits) -> Builder<TokioExecutor> {
    let mut http = Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .max_buf_size(limits::HEAD_BYTES)
        .max_headers(limits::HEADER_LINES);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::H2_STREAMS)
        .max_header_list_size(u32::try_from(limits::HEAD_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(limits::H2_PING)
        .keep_alive_timeout(limits.head);
    http
}
