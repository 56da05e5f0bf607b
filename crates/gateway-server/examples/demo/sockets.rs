//! The vendors over real sockets: the same answers, by HTTP.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::time::sleep;

use crate::talk::Talk;
use crate::vendors::{Asked, End, Fate, Moment, Script, Vendor};

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// A vendor that can be called.
#[derive(Clone, Debug)]
struct Serving {
    vendor: Vendor,
    talk: Arc<Talk>,
    seed: u64,
    count: Arc<AtomicU64>,
}

/// Serves all vendors, until the runtime ends.
pub(crate) fn serve(listeners: Vec<(Vendor, TcpListener)>, talk: &Arc<Talk>, seed: u64) -> io::Result<()> {
    for (vendor, listener) in listeners {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let serving = Serving {
            vendor,
            talk: Arc::clone(talk),
            seed,
            count: Arc::default(),
        };
        tokio::spawn(listen(listener, serving));
    }
    Ok(())
}

async fn listen(listener: tokio::net::TcpListener, serving: Serving) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, perhaps: others close soon.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let serving = serving.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| answer(serving.clone(), request));
            // A client that hangs up has its reasons.
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
                .ok();
        });
    }
}

/// An error closes the connection, which is how a vendor that refuses or breaks looks from outside.
async fn answer(serving: Serving, request: Request<Incoming>) -> Result<Response<Body>, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let asked = Asked {
        method: &head.method,
        path: head.uri.path_and_query().map_or("/", |path| path.as_str()),
        headers: &head.headers,
        body: &body,
        moment: Moment {
            left: None,
            count: serving.count.fetch_add(1, Ordering::Relaxed),
        },
    };
    match serving.vendor.answer(&asked, &serving.talk, serving.seed) {
        Fate::Answers(script) => {
            sleep(script.after).await;
            played(script)
        }
        Fate::Refused => Err(io::Error::other("refused")),
        Fate::Silence => std::future::pending::<Result<_, Infallible>>()
            .await
            .map_err(|never| match never {}),
    }
}

fn played(script: Script) -> Result<Response<Body>, io::Error> {
    let mut response = Response::builder().status(script.status);
    for (name, value) in &script.headers {
        response = response.header(*name, value);
    }
    let end = (script.end == End::Broken).then(|| (Duration::ZERO, Err(io::Error::other("broken off"))));
    let pieces = script.pieces.into_iter().map(|piece| (piece.after, Ok(piece.bytes)));
    let body = stream::unfold(pieces.chain(end), |mut rest| async move {
        let (after, piece): (Duration, io::Result<Bytes>) = rest.next()?;
        if !after.is_zero() {
            sleep(after).await;
        }
        Some((piece.map(Frame::data), rest))
    });
    response
        .body(StreamBody::new(body).boxed_unsync())
        .map_err(io::Error::other)
}
