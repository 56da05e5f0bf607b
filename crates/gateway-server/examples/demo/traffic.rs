//! A day's calls: when they come, whose they are, and what stands in them.

use std::time::Duration;

use gateway_types::{Asked, DialectName, Operation, StreamForm};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::callers::{Ask, CALLERS, Caller, More, Shape, credential};
use crate::dice::Dice;
use crate::talk::{Line, Talk, Topic};

/// Slots in which the day is cut: five minutes.
const SLOT: Duration = Duration::from_secs(300);

/// A call that a client makes.
#[derive(Debug)]
pub(crate) struct Call {
    /// When, counted from the beginning.
    pub(crate) at: Duration,
    pub(crate) shape: Shape,
    pub(crate) model: &'static str,
    pub(crate) streamed: bool,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    /// How long the client waits for all of it; for ever where that is not said.
    pub(crate) patience: Option<Duration>,
}

/// That many calls over that time, in their order.
pub(crate) fn calls(talk: &Talk, count: usize, span: Duration, seed: u64) -> Vec<Call> {
    let mut calls: Vec<Call> = CALLERS
        .iter()
        .flat_map(|caller| {
            let mut dice = Dice::of(seed, &[b"caller", caller.key.as_bytes()]);
            // Whoever calls rarely calls at least twice, however short the day is.
            let own = ((caller.share * count as f64).round() as usize).max(2);
            let times = times(caller, own, span, &mut dice);
            let each = times.into_iter().enumerate();
            each.map(|(number, at)| {
                // However few they are, there is one of each kind.
                let ask = caller.asks.get(number).unwrap_or_else(|| drawn(caller, &mut dice));
                call(talk, caller, ask, at, &mut dice)
            })
            .collect::<Vec<_>>()
        })
        .collect();
    calls.sort_by_key(|call| call.at);
    calls
}

/// One call of anybody, now.
pub(crate) fn any(talk: &Talk, dice: &mut Dice) -> Call {
    let now = |caller: &Caller| caller.share * caller.when.level(0.0);
    let caller = dice.weighted(CALLERS, now).unwrap_or(&CALLERS[0]);
    let ask = drawn(caller, dice);
    call(talk, caller, ask, Duration::ZERO, dice)
}

fn drawn(caller: &'static Caller, dice: &mut Dice) -> &'static Ask {
    dice.weighted(caller.asks, |ask| ask.weight).unwrap_or(&caller.asks[0])
}

/// When a caller calls, as its curve has it.
fn times(caller: &Caller, count: usize, span: Duration, dice: &mut Dice) -> Vec<Duration> {
    let slots = (span.as_secs() / SLOT.as_secs()).max(1) as usize;
    let hours_left = |slot: usize| (span.as_secs_f64() - slot as f64 * SLOT.as_secs_f64()) / 3600.0;
    let levels: Vec<(usize, f64)> = (0..slots)
        .map(|slot| (slot, caller.when.level(hours_left(slot)) * dice.around(1.0, 0.18)))
        .collect();
    let last = span.saturating_sub(Duration::from_secs(5));
    let one = |_| {
        let slot = dice.weighted(&levels, |(_, level)| *level).map_or(0, |(slot, _)| *slot);
        let within = SLOT.as_millis() as f64 * dice.unit();
        (SLOT * slot as u32 + Duration::from_millis(within as u64)).min(last)
    };
    (0..count).map(one).collect()
}

fn call(talk: &Talk, caller: &Caller, ask: &'static Ask, at: Duration, dice: &mut Dice) -> Call {
    let topic = talk.topic(ask.topic);
    let line = &topic.lines[dice.below(topic.lines.len())];
    let streamed = dice.chance(ask.streamed);
    let written = Written {
        ask,
        topic,
        line,
        streamed,
    };
    let impatient = dice.chance(ask.impatient);
    Call {
        at,
        shape: ask.shape,
        model: ask.model,
        streamed,
        headers: headers(caller, ask, dice),
        body: written.body(dice),
        patience: impatient.then(|| Duration::from_millis(400 + dice.below(2200) as u64)),
    }
}

fn headers(caller: &Caller, ask: &Ask, dice: &mut Dice) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    put("content-type", "application/json");
    let key = credential(caller.key);
    match ask.shape {
        Shape::Messages => {
            put("x-api-key", &key);
            put("anthropic-version", "2023-06-01");
        }
        Shape::Gemini => put("x-goog-api-key", &key),
        Shape::Chat | Shape::Responses | Shape::Embeddings => put("authorization", &format!("Bearer {key}")),
    }
    if ask.more == More::Premium {
        put("x-tier", "premium");
    }
    let regions = [("eu-west", 5.0), ("eu-north", 2.0), ("us-east", 3.0)];
    put(
        "x-bf-dim-region",
        dice.weighted(&regions, |(_, weight)| *weight)
            .map_or("eu-west", |(name, _)| name),
    );
    headers
}

/// What a body is made of.
struct Written<'a> {
    ask: &'a Ask,
    topic: &'a Topic,
    line: &'a Line,
    streamed: bool,
}

/// Somebody's words in a conversation.
struct Turn {
    role: &'static str,
    text: String,
}

impl Written<'_> {
    fn body(&self, dice: &mut Dice) -> Value {
        let turns = self.turns(dice);
        // Every second call with tools is the one after the tool has answered.
        let answered = self.ask.more == More::Tools && dice.chance(0.5);
        match self.ask.shape {
            Shape::Chat => self.chat(&turns, answered),
            Shape::Responses => self.responses(&turns),
            Shape::Messages => self.messages(&turns, answered),
            Shape::Gemini => self.gemini(&turns),
            Shape::Embeddings => self.embeddings(dice),
        }
    }

    fn turns(&self, dice: &mut Dice) -> Vec<Turn> {
        let user = |text: String| Turn { role: "user", text };
        let mut turns = Vec::new();
        let earlier = match self.ask.more {
            More::Earlier => 1 + dice.below(3),
            More::Long => 10 + dice.below(8),
            More::Session => 8 + dice.below(44),
            _ => 0,
        };
        for _ in 0..earlier {
            let line = &self.topic.lines[dice.below(self.topic.lines.len())];
            turns.push(user(line.ask.clone()));
            turns.push(Turn {
                role: "assistant",
                text: line.answer.clone(),
            });
        }
        turns.push(user(self.line.ask.clone()));
        turns
    }

    fn chat(&self, turns: &[Turn], answered: bool) -> Value {
        let mut messages = vec![json!({"role": "system", "content": self.topic.system})];
        messages.extend(
            turns
                .iter()
                .map(|turn| json!({"role": turn.role, "content": turn.text})),
        );
        if let (Some((name, arguments)), Some(result), true) = (&self.line.tool, &self.line.result, answered) {
            let call = json!({"id": "call_1", "type": "function",
                "function": {"name": name, "arguments": arguments.to_string()}});
            messages.push(json!({"role": "assistant", "content": null, "tool_calls": [call]}));
            messages.push(json!({"role": "tool", "tool_call_id": "call_1", "content": result}));
        }
        let mut body = json!({"model": self.ask.model, "messages": messages});
        if self.streamed {
            body["stream"] = json!(true);
        }
        if let Some(cap) = self.ask.cap {
            let member = if self.ask.model.starts_with("gpt-5") {
                "max_completion_tokens"
            } else {
                "max_tokens"
            };
            body[member] = json!(cap);
        }
        match self.ask.more {
            More::Tools => {
                let tool = |tool: &crate::talk::Tool| {
                    json!({"type": "function", "function":
                    {"name": tool.name, "description": tool.description, "parameters": tool.parameters}})
                };
                body["tools"] = self.topic.tools.iter().map(tool).collect();
            }
            More::Json => {
                body["response_format"] = json!({"type": "json_object"});
                body["temperature"] = json!(0);
            }
            More::TooHot => body["temperature"] = json!(7),
            More::Fallback => body["fallbacks"] = json!(["gemini/gemini-2.5-flash"]),
            _ => {}
        }
        body
    }

    fn responses(&self, turns: &[Turn]) -> Value {
        let mut body = json!({
            "model": self.ask.model, "instructions": self.topic.system,
            "input": turns.iter().map(|turn| json!({"role": turn.role, "content": turn.text})).collect::<Vec<_>>(),
            "store": false,
        });
        if self.streamed {
            body["stream"] = json!(true);
        }
        body
    }

    fn messages(&self, turns: &[Turn], answered: bool) -> Value {
        let system = json!([{"type": "text", "text": self.topic.system, "cache_control": {"type": "ephemeral"}}]);
        let mut messages: Vec<Value> = turns
            .iter()
            .map(|turn| json!({"role": turn.role, "content": turn.text}))
            .collect();
        if let (Some((name, input)), Some(result), true) = (&self.line.tool, &self.line.result, answered) {
            messages.push(json!({"role": "assistant",
                "content": [{"type": "tool_use", "id": "toolu_1", "name": name, "input": input}]}));
            messages.push(json!({"role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": result}]}));
        }
        let mut body = json!({"model": self.ask.model, "system": system, "messages": messages,
            "max_tokens": self.ask.cap.unwrap_or(1024)});
        if self.streamed {
            body["stream"] = json!(true);
        }
        match self.ask.more {
            More::Tools => {
                let tool = |tool: &crate::talk::Tool| {
                    json!({"name": tool.name, "description": tool.description,
                    "input_schema": tool.parameters})
                };
                body["tools"] = self.topic.tools.iter().map(tool).collect();
            }
            More::Thinking if self.ask.cap.is_some_and(|cap| cap > 2048) => {
                body["thinking"] = json!({"type": "enabled", "budget_tokens": 2048});
            }
            More::Thinking => body["top_k"] = json!(40),
            _ => {}
        }
        body
    }

    fn gemini(&self, turns: &[Turn]) -> Value {
        let role = |turn: &Turn| if turn.role == "user" { "user" } else { "model" };
        json!({
            "systemInstruction": {"parts": [{"text": self.topic.system}]},
            "contents": turns.iter().map(|turn| json!({"role": role(turn), "parts": [{"text": turn.text}]})).collect::<Vec<_>>(),
            "generationConfig": {"temperature": 0.2},
        })
    }

    fn embeddings(&self, dice: &mut Dice) -> Value {
        let some = 4 + dice.below(12);
        let texts: Vec<&str> = (0..some)
            .map(|_| self.topic.lines[dice.below(self.topic.lines.len())].ask.as_str())
            .collect();
        json!({"model": self.ask.model, "input": texts})
    }
}

impl Call {
    /// What the line is told of its path.
    pub(crate) fn asked(&self) -> (DialectName, Asked) {
        match self.shape {
            Shape::Chat => (DialectName::OpenAi, Asked::plain(Operation::Chat)),
            Shape::Responses => (DialectName::Responses, Asked::plain(Operation::Responses)),
            Shape::Messages => (DialectName::Anthropic, Asked::plain(Operation::Chat)),
            Shape::Embeddings => (DialectName::OpenAi, Asked::plain(Operation::Embeddings)),
            Shape::Gemini => {
                let asked = Asked {
                    model: Some(self.model.to_owned()),
                    stream: self.streamed.then_some(StreamForm::Usual),
                    ..Asked::plain(Operation::Chat)
                };
                (DialectName::Gemini, asked)
            }
        }
    }

    /// Where it goes by HTTP.
    pub(crate) fn path(&self) -> String {
        match self.shape {
            Shape::Chat => "/v1/chat/completions".to_owned(),
            Shape::Responses => "/v1/responses".to_owned(),
            Shape::Messages => "/anthropic/v1/messages".to_owned(),
            Shape::Embeddings => "/v1/embeddings".to_owned(),
            Shape::Gemini if self.streamed => {
                format!("/genai/v1beta/models/{}:streamGenerateContent?alt=sse", self.model)
            }
            Shape::Gemini => format!("/genai/v1beta/models/{}:generateContent", self.model),
        }
    }
}
