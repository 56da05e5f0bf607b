//! A vendor that keeps books: it does with a call what the call's own prompt orders, and writes down what it bills.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{Answer, Seen, Step, Upstream, shapes};

/// What gpt-4o costs, in nano-dollars per token in and out.
const INPUT: i64 = 2_500;
const OUTPUT: i64 = 10_000;

/// A token, as this vendor counts: four bytes of it are one token for whoever has to count for himself, too.
const TOKEN: &str = "abc ";

/// What is to become of a call: it is written into its prompt, so that everybody knows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    /// Its number, which is in the ledger's tags as well.
    pub(super) call: u64,
    /// How many tokens its prompt has.
    pub(super) input: u64,
    /// How many tokens the model would say to it.
    pub(super) output: u64,
    pub(super) fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// It is answered.
    Served,
    /// The first vendor has trouble, and bills nothing; the second one answers.
    FailsOver,
    /// The client leaves when it has seen that many tokens, and the model says no more.
    LeavesAt(u64),
    /// The client leaves when it has seen that many tokens, and the model goes on.
    LeftAloneAt(u64),
    /// The model thinks that many tokens that no cap holds back.
    Thinks(u64),
    /// The first vendor bills the prompt and breaks off; the second one answers.
    BreaksOff,
}

/// What a vendor bills for one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Billed {
    pub(super) input: u64,
    pub(super) output: u64,
}

impl Billed {
    /// In nano-dollars.
    pub(super) fn cost(self) -> i64 {
        let tokens = |tokens: u64| i64::try_from(tokens).unwrap();
        tokens(self.input) * INPUT + tokens(self.output) * OUTPUT
    }
}

/// A vendor and its books, by the number of the call.
pub(super) struct Vendor {
    pub(super) upstream: Upstream,
    books: Arc<Mutex<BTreeMap<u64, Billed>>>,
}

impl Vendor {
    /// The first vendor is the one that has trouble.
    pub(super) async fn start(name: &str, first: bool) -> Self {
        let upstream = Upstream::start(name, &["gpt-4o"]).await;
        let books: Arc<Mutex<BTreeMap<u64, Billed>>> = Arc::default();
        let written = Arc::clone(&books);
        upstream.always(
            shapes::CHAT,
            Answer::of(move |seen| {
                let served = Served::of(seen, first);
                if let Some(billed) = served.billed {
                    written.lock().unwrap().insert(served.order.call, billed);
                }
                served.answer.play(seen)
            }),
        );
        Self { upstream, books }
    }

    pub(super) fn books(&self) -> BTreeMap<u64, Billed> {
        self.books.lock().unwrap().clone()
    }
}

/// How a call is served.
struct Served {
    order: Order,
    billed: Option<Billed>,
    answer: Answer,
}

impl Served {
    fn of(seen: &Seen, first: bool) -> Self {
        let asked = seen.json();
        let prompt = asked["messages"][0]["content"].as_str().expect("a prompt is text");
        let order: Order = serde_json::from_str(prompt).expect("a prompt is an order");
        let cap = ["max_completion_tokens", "max_tokens"]
            .iter()
            .find_map(|name| asked[*name].as_u64())
            .unwrap_or(u64::MAX);
        let whole = Billed {
            input: order.input,
            output: order.output.min(cap),
        };
        let streamed = asked["stream"] == true;
        let (billed, answer) = match order.fate {
            Fate::FailsOver if first => (None, Answer::error(503)),
            Fate::BreaksOff if first => (Some(Billed { output: 0, ..whole }), broken(order.input)),
            Fate::Thinks(tokens) => {
                let billed = Billed {
                    output: whole.output + tokens,
                    ..whole
                };
                (Some(billed), said(whole, tokens))
            }
            Fate::LeavesAt(at) if streamed && at < whole.output => (
                Some(Billed { output: at, ..whole }),
                stream(whole, at, vec![Step::Hang]),
            ),
            Fate::LeftAloneAt(at) if streamed && at < whole.output => (
                Some(whole),
                stream(whole, at, vec![Step::Pause(Duration::from_millis(20))]),
            ),
            _ if streamed => (Some(whole), stream(whole, whole.output, Vec::new())),
            _ => (Some(whole), said(whole, 0)),
        };
        Self { order, billed, answer }
    }
}

fn usage(billed: Billed, thought: u64) -> Value {
    let output = billed.output + thought;
    json!({
        "prompt_tokens": billed.input, "completion_tokens": output, "total_tokens": billed.input + output,
        "completion_tokens_details": {"reasoning_tokens": thought},
    })
}

/// A whole answer.
fn said(billed: Billed, thought: u64) -> Answer {
    let words = TOKEN.repeat(usize::try_from(billed.output).unwrap());
    Answer::json(
        200,
        &json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": "gpt-4o",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"}],
            "usage": usage(billed, thought),
        }),
    )
}

fn event(delta: &Value, finish: Option<&str>, usage: Option<&Value>) -> Step {
    let choices = json!([{"index": 0, "delta": delta, "finish_reason": finish}]);
    let chunk = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000,
        "model": "gpt-4o", "choices": choices, "usage": usage});
    Step::Send(Bytes::from(format!("data: {chunk}\n\n")))
}

/// A streamed answer, token by token, in which something happens at a place. What the prompt costs is said at its
/// beginning, as some vendors do.
fn stream(billed: Billed, at: u64, happens: Vec<Step>) -> Answer {
    let prompt = usage(Billed { output: 0, ..billed }, 0);
    let mut steps = vec![event(&json!({"role": "assistant", "content": ""}), None, Some(&prompt))];
    let token = event(&json!({"content": TOKEN}), None, None);
    let count = |tokens: u64| usize::try_from(tokens).unwrap();
    steps.extend(std::iter::repeat_n(token.clone(), count(at)));
    let ends = !happens.iter().any(|step| matches!(step, Step::Hang));
    steps.extend(happens);
    if ends {
        steps.extend(std::iter::repeat_n(token, count(billed.output - at)));
        steps.push(event(&json!({}), Some("stop"), Some(&usage(billed, 0))));
        steps.push(Step::Send(Bytes::from_static(b"data: [DONE]\n\n")));
    }
    Answer::stream(steps)
}

/// A stream that tells what the prompt costs, and breaks off before it says a word.
fn broken(input: u64) -> Answer {
    let prompt = usage(Billed { input, output: 0 }, 0);
    let begun = event(&json!({"role": "assistant"}), None, Some(&prompt));
    Answer::stream(vec![begun, Step::Close])
}
