//! What upstreams say: whole answers and streams of both vendors, in the pieces in which they come.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use gateway_providers::{TransportError, WireBody};
use http::HeaderValue;
use http_body::{Body, Frame};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

/// The frames of a stream, where nothing else is said.
pub const FRAMES: usize = 50;

/// What the upstream says, in the pieces in which it comes.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its content type.
    pub kind: HeaderValue,
    pieces: Arc<[Bytes]>,
}

impl Answer {
    pub(crate) fn json(body: &Value) -> Self {
        Self {
            kind: HeaderValue::from_static("application/json"),
            pieces: Arc::new([Bytes::from(body.to_string())]),
        }
    }

    /// What OpenAI says.
    pub fn whole() -> Self {
        let text = "It will rain before noon, said the captain, and it did. ".repeat(12);
        Self::json(&json!({
            "id": "chatcmpl-own", "object": "chat.completion", "created": 1_700_000_000, "model": "gpt-4o-mini-own",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 190, "completion_tokens": 150, "total_tokens": 340},
        }))
    }

    /// The same as a stream of so many frames, the last word not among them.
    pub fn stream(frames: usize) -> Self {
        let frame = |choices: &Value, usage: &Value| {
            let chunk = json!({
                "id": "chatcmpl-own", "object": "chat.completion.chunk", "created": 1_700_000_000,
                "model": "gpt-4o-mini-own", "choices": choices, "usage": usage,
            });
            Bytes::from(format!("data: {chunk}\n\n"))
        };
        let choice = |delta: Value, finish: Option<&str>| {
            frame(
                &json!([{"index": 0, "delta": delta, "finish_reason": finish}]),
                &Value::Null,
            )
        };
        let mut pieces = vec![choice(json!({"role": "assistant", "content": ""}), None)];
        pieces.extend((3..frames).map(|nth| choice(json!({"content": format!("word {nth} ")}), None)));
        pieces.push(choice(json!({}), Some("stop")));
        let usage = json!({"prompt_tokens": 190, "completion_tokens": 150, "total_tokens": 340});
        pieces.push(frame(&json!([]), &usage));
        assert_eq!(pieces.len(), frames);
        pieces.push(Bytes::from_static(b"data: [DONE]\n\n"));
        Self {
            kind: HeaderValue::from_static("text/event-stream"),
            pieces: pieces.into(),
        }
    }

    /// In the pieces in which it comes.
    pub fn pieces(&self) -> &[Bytes] {
        &self.pieces
    }

    /// The usual way's first half, for the ratio: request and answer are read into values.
    pub fn read(&self, request: &[u8]) -> Vec<Value> {
        let pieces = self
            .pieces
            .iter()
            .map(|piece| piece.strip_prefix(b"data: ").unwrap_or(piece));
        let said = pieces.filter(|piece| piece.starts_with(b"{"));
        std::iter::once(request)
            .chain(said)
            .map(|json| serde_json::from_slice(json).expect("the bench's bodies are JSON"))
            .collect()
    }

    /// What Anthropic says.
    pub(crate) fn message() -> Self {
        let text = "It will rain before noon, said the captain, and it did. ".repeat(12);
        Self::json(&json!({
            "id": "msg_own", "type": "message", "role": "assistant", "model": "claude-3-5-haiku-20241022",
            "content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 190, "output_tokens": 150},
        }))
    }

    /// The same as a stream.
    pub(crate) fn events(frames: usize) -> Self {
        let event = |event: Value| {
            Bytes::from(format!(
                "event: {}\ndata: {event}\n\n",
                event["type"].as_str().unwrap_or_default()
            ))
        };
        let delta = |nth| {
            let delta = json!({"type": "text_delta", "text": format!("word {nth} ")});
            event(json!({"type": "content_block_delta", "index": 0, "delta": delta}))
        };
        let usage = json!({"input_tokens": 190, "output_tokens": 1});
        let message = json!({
            "id": "msg_own", "type": "message", "role": "assistant", "model": "claude-3-5-haiku-20241022",
            "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage,
        });
        let mut pieces = vec![
            event(json!({"type": "message_start", "message": message})),
            event(json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})),
        ];
        pieces.extend((5..frames).map(delta));
        pieces.push(event(json!({"type": "content_block_stop", "index": 0})));
        let end = json!({"stop_reason": "end_turn", "stop_sequence": null});
        pieces.push(event(
            json!({"type": "message_delta", "delta": end, "usage": {"output_tokens": 150}}),
        ));
        pieces.push(event(json!({"type": "message_stop"})));
        Self {
            kind: HeaderValue::from_static("text/event-stream"),
            pieces: pieces.into(),
        }
    }

    pub(crate) fn body(&self) -> WireBody {
        match &*self.pieces {
            [whole] => Full::new(whole.clone()).map_err(|never| match never {}).boxed_unsync(),
            _ => UnsyncBoxBody::new(Pieces {
                answer: self.clone(),
                next: 0,
            }),
        }
    }
}

/// A body whose every frame is ready.
struct Pieces {
    answer: Answer,
    next: usize,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let piece = self.answer.pieces.get(self.next).cloned();
        self.next += 1;
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }
}
