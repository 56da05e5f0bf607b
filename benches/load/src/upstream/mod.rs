//! The mock upstream: OpenAI's chat and Anthropic's messages, the same answer every time, whole or as a stream of 1,000
//! chunks; in HTTP/1.1 or HTTP/2, in the clear or over TLS. A body whose `user` is `idle` gets the first chunk of a stream
//! that then stays open.

mod said;

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use self::said::Vendor;
use crate::Failure;
use crate::wire::Papers;

pub(crate) use self::said::{WORD, WORDS};

/// Chunks of content in a stream.
pub(crate) const CHUNKS: usize = 1_000;

/// Serves, over TLS where there are papers for it.
pub(crate) async fn serve(papers: Option<Papers>) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let tls = papers
        .map(|papers| papers.serving())
        .transpose()?
        .map(TlsAcceptor::from);
    println!("{}", listener.local_addr()?);
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        // A client that leaves ends its connection, which is no news here.
        match tls.clone() {
            None => drop(tokio::spawn(connection(socket))),
            Some(tls) => drop(tokio::spawn(async move {
                if let Ok(socket) = tls.accept(socket).await {
                    connection(socket).await;
                }
            })),
        }
    }
}

async fn connection(socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let server = auto::Builder::new(TokioExecutor::new());
    let ended = server.serve_connection(TokioIo::new(socket), service_fn(answer)).await;
    ended.unwrap_or_default();
}

#[cfg(test)]
pub(crate) fn openai_answer() -> Bytes {
    Vendor::OpenAi.whole()
}

async fn answer(request: Request<Incoming>) -> Result<Response<Answer>, hyper::Error> {
    let vendor = if request.uri().path().ends_with("/messages") {
        Vendor::Anthropic
    } else {
        Vendor::OpenAi
    };
    let listing = request.method() == Method::GET;
    let wanted = wanted(request.into_body()).await?;
    let (kind, answer) = match wanted {
        _ if listing => ("application/json", Answer::Whole(Some(said::models()))),
        Wanted::Whole => ("application/json", Answer::Whole(Some(vendor.whole()))),
        Wanted::Stream => ("text/event-stream", Answer::stream(vendor, CHUNKS)),
        Wanted::Idle => ("text/event-stream", Answer::Idle(Some(vendor.start()))),
    };
    let mut response = Response::new(answer);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

#[derive(Clone, Copy)]
enum Wanted {
    Whole,
    Stream,
    Idle,
}

/// Reads a body away, looking only at its first bytes and its last, where `stream` and `model` stand in our own.
async fn wanted(mut body: Incoming) -> Result<Wanted, hyper::Error> {
    let mut ends: Vec<Bytes> = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            ends.truncate(1);
            ends.push(data);
        }
    }
    let has = |text: &[u8]| {
        let edges = ends.iter().flat_map(|piece| {
            [
                &piece[..piece.len().min(300)],
                &piece[piece.len().saturating_sub(300)..],
            ]
        });
        edges
            .into_iter()
            .any(|edge| edge.windows(text.len()).any(|window| window == text))
    };
    Ok(match has(b"\"stream\":true") {
        true if has(b"\"idle\"") => Wanted::Idle,
        true => Wanted::Stream,
        false => Wanted::Whole,
    })
}

/// The body of an answer.
enum Answer {
    Whole(Option<Bytes>),
    Stream {
        vendor: Vendor,
        at: usize,
        last: usize,
        breathe: bool,
    },
    Idle(Option<Bytes>),
}

impl Answer {
    fn stream(vendor: Vendor, chunks: usize) -> Self {
        Self::Stream {
            vendor,
            at: 0,
            last: chunks + 1,
            breathe: false,
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Idle(first) => match first.take() {
                Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                // Until the other end goes away.
                None => Poll::Pending,
            },
            Self::Stream {
                vendor,
                at,
                last,
                breathe,
            } => {
                // A model makes one token after the other: each chunk is a write of its own, after the other streams' turns.
                if std::mem::replace(breathe, !*breathe) {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                let bytes = match *at {
                    0 => vendor.start(),
                    n if n < *last => vendor.chunk(),
                    n if n == *last => vendor.end(),
                    _ => return Poll::Ready(None),
                };
                *at += 1;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
        }
    }

    /// Else the end of a whole answer is a frame of its own in HTTP/2, which who has all that was promised does not wait for;
    /// to leave before the end is to break off, and too often is an error of the connection.
    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> http_body::SizeHint {
        match self {
            Self::Whole(Some(bytes)) => http_body::SizeHint::with_exact(bytes.len() as u64),
            _ => http_body::SizeHint::default(),
        }
    }
}
