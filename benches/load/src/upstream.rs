//! The mock upstream: OpenAI's chat and Anthropic's messages, the same answer every time, whole or as a stream of 1,000
//! chunks. A body whose `user` is `idle` gets the first chunk of a stream that then stays open.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::Failure;

/// Chunks of content in a stream.
pub(crate) const CHUNKS: usize = 1_000;

pub(crate) async fn serve() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let server = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(socket), service_fn(answer));
        // A client that leaves ends its connection, which is no news here.
        tokio::spawn(async move { server.await.unwrap_or_default() });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Answer>, hyper::Error> {
    let vendor = if request.uri().path().ends_with("/messages") {
        Vendor::Anthropic
    } else {
        Vendor::OpenAi
    };
    let wanted = wanted(request.into_body()).await?;
    let (kind, answer) = match wanted {
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

#[derive(Clone, Copy)]
enum Vendor {
    OpenAi,
    Anthropic,
}

impl Vendor {
    fn whole(self) -> Bytes {
        Bytes::from_static(match self {
            Self::OpenAi => {
                br#"{"id":"chatcmpl-1","object":"chat.completion","created":1760000000,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"The harbour was quiet before dawn, and somebody counted crates of oranges for the market in silence while the boats lay still.","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":210,"completion_tokens":27,"total_tokens":237,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_1"}"#
            }
            Self::Anthropic => {
                br#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-3-5-haiku-20241022","content":[{"type":"text","text":"The harbour was quiet before dawn, and somebody counted crates of oranges for the market in silence while the boats lay still."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":210,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":27}}"#
            }
        })
    }

    fn start(self) -> Bytes {
        Bytes::from_static(match self {
            Self::OpenAi => b"data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"The\"},\"finish_reason\":null}],\"usage\":null}\n\n",
            Self::Anthropic => b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-3-5-haiku-20241022\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":210,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        })
    }

    fn chunk(self) -> Bytes {
        Bytes::from_static(match self {
            Self::OpenAi => b"data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" harbour\"},\"finish_reason\":null}],\"usage\":null}\n\n",
            Self::Anthropic => b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" harbour\"}}\n\n",
        })
    }

    fn end(self) -> Bytes {
        Bytes::from_static(match self {
            Self::OpenAi => b"data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\ndata: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"choices\":[],\"usage\":{\"prompt_tokens\":210,\"completion_tokens\":1000,\"total_tokens\":1210}}\n\ndata: [DONE]\n\n",
            Self::Anthropic => b"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":1000}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        })
    }
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

    fn size_hint(&self) -> http_body::SizeHint {
        match self {
            Self::Whole(Some(bytes)) => http_body::SizeHint::with_exact(bytes.len() as u64),
            _ => http_body::SizeHint::default(),
        }
    }
}
