//! A model's own answers (`InvokeModel`, `InvokeModelWithResponseStream`) on their way through. Their bytes are the client's;
//! here they are only watched, and a stream is ended in the shape that it has.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use gateway_types::{Error, Usage};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use smallvec::SmallVec;

use super::glance::{Counts, Glance};
use super::model::{Maker, Model};
use super::reader::MOST_OPEN;
use super::relay::Converse;
use super::step::Step;
use super::usage::Metrics;
use super::{error, told};
use crate::framing::eventstream::{Message, MessageType, Splitter, write_event};
use crate::json::Out;
use crate::lane::{Observed, Whole};
use crate::passing::Watch;

/// Looks at a whole answer. What it used stands in its headers.
pub(super) fn observe(headers: &HeaderMap, body: Bytes) -> Whole {
    let said: Value = serde_json::from_slice(&body).unwrap_or_default();
    let seen = Glance::at(&said);
    let mut counts = Counts::default();
    counts.learn(&said);
    let observed = Observed {
        usage: Metrics::of(headers).over(counts.usage()),
        output_bytes: seen.bytes,
        finish: seen.finish,
        content: true,
        done: true,
        model: seen.model,
        ..Observed::default()
    };
    Whole {
        body,
        content_type: None,
        observed,
    }
}

/// The shape of a stream: whose model speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Claude's messages.
    Messages,
    /// Claude's older completions.
    Completion,
    /// Nova: the events of Converse, each in an object.
    Nova,
    Llama,
    Titan,
    Cohere,
    Mistral,
    /// Chunks with `choices`, as OpenAI has them.
    Chat,
    /// Another, of which it is only known that Bedrock's counts come last.
    Other,
}

impl Shape {
    fn of_model(model: Model<'_>) -> Self {
        match model.maker {
            Maker::Claude => Self::Messages,
            Maker::Nova | Maker::Nova2 => Self::Nova,
            Maker::Llama => Self::Llama,
            Maker::Titan => Self::Titan,
            Maker::Cohere => Self::Cohere,
            Maker::Mistral => Self::Mistral,
            Maker::GptOss | Maker::Gpt | Maker::Qwen | Maker::Switched => Self::Chat,
            Maker::Jurassic | Maker::Other | Maker::Unknown => Self::Other,
        }
    }

    /// The shape that a chunk shows, if it shows one.
    fn of_chunk(said: &Value) -> Option<Self> {
        const SHAPES: [(&str, Shape); 12] = [
            ("messageStart", Shape::Nova),
            ("contentBlockStart", Shape::Nova),
            ("contentBlockDelta", Shape::Nova),
            ("messageStop", Shape::Nova),
            ("completion", Shape::Completion),
            ("generation", Shape::Llama),
            ("outputText", Shape::Titan),
            ("is_finished", Shape::Cohere),
            ("generations", Shape::Cohere),
            ("outputs", Shape::Mistral),
            ("choices", Shape::Chat),
            ("type", Shape::Messages),
        ];
        SHAPES
            .iter()
            .find(|(key, _)| said.get(key).is_some())
            .map(|(_, shape)| *shape)
    }
}

/// Watches a stream of a model's own.
#[derive(Debug)]
pub(super) struct Invoke {
    shape: Shape,
    counts: Counts,
    begun: bool,
    finished: bool,
    /// The blocks of Claude's that are open.
    open: SmallVec<[u64; 2]>,
    /// Nova's events.
    nova: Converse,
}

#[derive(Deserialize)]
struct Chunk {
    bytes: String,
}

impl Watch for Invoke {
    type Frames = Splitter;

    fn look(&mut self, data: &[u8], seen: &mut Observed) -> Result<Option<Error>, Error> {
        let message = Message::read(data).map_err(|why| error::unreadable("a stream", &why))?;
        if message.kind != MessageType::Event {
            return Ok(Some(error::read_message(&message)));
        }
        if message.name == "chunk" {
            let chunk: Chunk =
                serde_json::from_slice(message.payload).map_err(|why| error::unreadable("a chunk", &why))?;
            let bytes = STANDARD
                .decode(&chunk.bytes)
                .map_err(|why| error::unreadable("a chunk", &why))?;
            match serde_json::from_slice(&bytes) {
                Ok(said) => self.chunk(&said, seen),
                // What is no JSON is still what the model says.
                Err(_) => seen.content = true,
            }
        }
        Ok(None)
    }

    fn has_ended(&self) -> bool {
        self.finished
    }

    fn cut_short(&mut self) -> (Vec<u8>, &'static str) {
        let (chunks, word) = self.ending();
        let mut frames = Vec::new();
        for said in chunks {
            let bytes = STANDARD.encode(said.to_string());
            let mut payload = Vec::new();
            Out::object(&mut payload, |out| out.member("bytes", bytes));
            write_event("chunk", payload, &mut frames);
        }
        (frames, word)
    }

    fn fail(&mut self, error: &Error) -> Vec<u8> {
        let mut frame = Vec::new();
        told::write(error, &mut frame);
        frame
    }
}

impl Invoke {
    pub(super) fn new(model: &str) -> Self {
        Self {
            shape: Shape::of_model(Model::of(model)),
            counts: Counts::default(),
            begun: false,
            finished: false,
            open: SmallVec::new(),
            nova: Converse::default(),
        }
    }

    fn chunk(&mut self, said: &Value, seen: &mut Observed) {
        self.shape = Shape::of_chunk(said).unwrap_or(self.shape);
        self.begun = true;
        match self.shape {
            Shape::Messages => self.blocks(said),
            Shape::Nova => self.events(said),
            _ => {}
        }
        let glance = Glance::at(said);
        seen.output_bytes += glance.bytes;
        seen.content |= glance.content;
        seen.model = glance.model.or_else(|| seen.model.take());
        if let Some(finish) = glance.finish {
            self.finished = true;
            seen.finish = Some(finish);
        }
        self.counts.learn(said);
        seen.usage = self.counts.usage();
        if let Some(metrics) = glance.metrics {
            seen.usage = metrics.over(seen.usage);
            seen.done = true;
        }
    }

    fn blocks(&mut self, said: &Value) {
        let index = said.get("index").and_then(Value::as_u64).unwrap_or_default();
        match said.get("type").and_then(Value::as_str) {
            // No answer has so many; further ones would not be closed.
            Some("content_block_start") if self.open.len() < MOST_OPEN => self.open.push(index),
            Some("content_block_stop") => self.open.retain(|open| *open != index),
            _ => {}
        }
    }

    fn events(&mut self, said: &Value) {
        for (name, payload) in said.as_object().into_iter().flatten() {
            if let Ok(step) = Step::event(name, payload.to_string().as_bytes()) {
                self.nova.step(step, &mut Observed::default());
            }
        }
    }

    /// The chunks that end the stream as if the answer had met its cap, and the maker's word for that.
    fn ending(&mut self) -> (Vec<Value>, &'static str) {
        let used = self.counts.usage().unwrap_or_default();
        let mut chunks = Vec::new();
        let word = match self.shape {
            Shape::Messages => {
                self.end_messages(&used, &mut chunks);
                "max_tokens"
            }
            Shape::Nova => {
                self.end_nova(&used, &mut chunks);
                "max_tokens"
            }
            Shape::Completion => {
                chunks.push(json!({"type": "completion", "completion": "", "stop_reason": "max_tokens", "stop": null}));
                "max_tokens"
            }
            Shape::Llama => {
                let written = used.output;
                chunks.push(json!({"generation": "", "prompt_token_count": null, "generation_token_count": written, "stop_reason": "length"}));
                "length"
            }
            Shape::Titan => {
                let written = used.output;
                chunks.push(json!({"outputText": "", "index": 0, "totalOutputTextTokenCount": written, "completionReason": "LENGTH"}));
                "LENGTH"
            }
            Shape::Cohere => {
                chunks.push(json!({"is_finished": true, "finish_reason": "MAX_TOKENS"}));
                "MAX_TOKENS"
            }
            Shape::Mistral => {
                chunks.push(json!({"outputs": [{"text": "", "stop_reason": "length"}]}));
                "length"
            }
            Shape::Chat => {
                chunks.push(json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}));
                "length"
            }
            Shape::Other => "length",
        };
        if self.finished && !matches!(self.shape, Shape::Messages | Shape::Nova) {
            // The reason has been said; only the counts are missing.
            chunks.clear();
        }
        let metrics = json!({
            "inputTokenCount": used.input,
            "outputTokenCount": used.output,
            "invocationLatency": 0,
            "firstByteLatency": 0,
        });
        match chunks.last_mut() {
            Some(last) => last["amazon-bedrock-invocationMetrics"] = metrics,
            None => chunks.push(json!({ "amazon-bedrock-invocationMetrics": metrics })),
        }
        (chunks, word)
    }

    fn end_messages(&mut self, used: &Usage, chunks: &mut Vec<Value>) {
        if !self.begun {
            let nothing = json!({"input_tokens": 0, "output_tokens": 0});
            chunks.push(json!({"type": "message_start", "message": {
                "id": "", "type": "message", "role": "assistant", "model": "", "content": [],
                "stop_reason": null, "stop_sequence": null, "usage": nothing,
            }}));
        }
        let open = std::mem::take(&mut self.open);
        chunks.extend(
            open.into_iter()
                .map(|index| json!({"type": "content_block_stop", "index": index})),
        );
        if !self.finished {
            chunks.push(json!({
                "type": "message_delta",
                "delta": {"stop_reason": "max_tokens", "stop_sequence": null},
                "usage": {"output_tokens": used.output},
            }));
        }
        chunks.push(json!({"type": "message_stop"}));
    }

    fn end_nova(&mut self, used: &Usage, chunks: &mut Vec<Value>) {
        let (begun, finished) = self.nova.state();
        if !begun {
            chunks.push(json!({"messageStart": {"role": "assistant"}}));
        }
        let open = self.nova.close_all();
        chunks.extend(
            open.into_iter()
                .map(|index| json!({"contentBlockStop": {"contentBlockIndex": index}})),
        );
        if !finished {
            chunks.push(json!({"messageStop": {"stopReason": "max_tokens"}}));
        }
        let usage = json!({"inputTokens": used.input, "outputTokens": used.output});
        chunks.push(json!({"metadata": {"usage": usage, "metrics": {}, "trace": {}}}));
    }
}
