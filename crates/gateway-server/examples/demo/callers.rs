//! Who calls: an application behind each virtual key, what it asks and when.

use crate::vendors::{LLAMA, QWEN};

/// An application.
#[derive(Debug)]
pub(crate) struct Caller {
    /// Its virtual key.
    pub(crate) key: &'static str,
    /// Its share of all calls.
    pub(crate) share: f64,
    pub(crate) when: When,
    pub(crate) asks: &'static [Ask],
}

/// How its calls lie over the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// As people work.
    Office,
    /// As people shop: into the evening.
    Waking,
    /// At all hours.
    Always,
    /// In the small hours.
    Night,
}

/// A kind of call.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) weight: f64,
    /// The conversation: a file of `talk`.
    pub(crate) topic: &'static str,
    pub(crate) shape: Shape,
    pub(crate) model: &'static str,
    /// How many of them are streamed.
    pub(crate) streamed: f64,
    /// How many clients do not wait for the end.
    pub(crate) impatient: f64,
    /// The most tokens that are asked for.
    pub(crate) cap: Option<u64>,
    pub(crate) more: More,
}

/// What stands in a call besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum More {
    Nothing,
    /// Tools, and perhaps the answer of one.
    Tools,
    /// A wish for JSON.
    Json,
    /// A wish for thinking.
    Thinking,
    /// A temperature that no model takes.
    TooHot,
    /// A header that a routing rule looks at.
    Premium,
    /// Turns before this one.
    Earlier,
    /// Many turns before this one.
    Long,
    /// A session of work before this one.
    Session,
    /// The client's own fallback.
    Fallback,
}

/// The API that it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Chat,
    Responses,
    Messages,
    Gemini,
    Embeddings,
}

const fn ask(weight: f64, topic: &'static str, shape: Shape, model: &'static str) -> Ask {
    Ask {
        weight,
        topic,
        shape,
        model,
        streamed: 0.0,
        impatient: 0.004,
        cap: None,
        more: More::Nothing,
    }
}

impl Ask {
    const fn streamed(self, streamed: f64) -> Self {
        Self {
            streamed,
            impatient: 0.02,
            ..self
        }
    }

    const fn cap(self, cap: u64) -> Self {
        Self { cap: Some(cap), ..self }
    }

    const fn with(self, more: More) -> Self {
        Self { more, ..self }
    }
}

use Shape::{Chat, Embeddings, Gemini, Messages, Responses};

/// All of them. The shares sum to about 1.
pub(crate) const CALLERS: &[Caller] = &[
    Caller {
        key: "support-chat",
        share: 0.27,
        when: When::Waking,
        asks: &[
            ask(10.0, "support", Chat, "gpt-4o-mini").streamed(0.9).cap(600),
            ask(5.0, "support", Chat, "gpt-4o-mini")
                .streamed(0.9)
                .cap(600)
                .with(More::Earlier),
            ask(2.0, "support", Chat, "gpt-4o-mini")
                .streamed(1.0)
                .with(More::Premium),
            ask(1.2, "operations", Chat, "gpt-4.1-mini").with(More::Tools),
            ask(0.6, "translation", Chat, "gpt-4o-mini").cap(400),
        ],
    },
    Caller {
        key: "support-triage",
        share: 0.18,
        when: When::Waking,
        asks: &[
            ask(10.0, "triage", Chat, "gpt-4.1-nano").cap(120).with(More::Json),
            ask(3.0, "triage", Chat, "fast").cap(120),
            ask(0.15, "triage", Chat, "gpt-4.1-nano").with(More::TooHot),
        ],
    },
    Caller {
        key: "support-mail",
        share: 0.09,
        when: When::Office,
        asks: &[
            ask(6.0, "mail", Messages, "claude-haiku-4-5").cap(500),
            ask(2.0, "mail", Chat, "claude-haiku-4-5").cap(500),
        ],
    },
    Caller {
        key: "search-answers",
        share: 0.15,
        when: When::Office,
        asks: &[
            ask(6.0, "handbook", Gemini, "gemini-2.5-flash")
                .streamed(0.8)
                .with(More::Earlier),
            ask(3.0, "handbook", Chat, "gemini-2.5-flash").streamed(0.5),
            ask(1.0, "handbook", Chat, "gpt-4.1-mini").with(More::Long),
            ask(0.8, "handbook", Chat, "gpt-4.1-mini").with(More::Fallback),
        ],
    },
    Caller {
        key: "search-index",
        share: 0.10,
        when: When::Night,
        asks: &[ask(1.0, "handbook", Embeddings, "text-embedding-3-small")],
    },
    Caller {
        key: "dev-assistant",
        share: 0.08,
        when: When::Office,
        asks: &[
            ask(6.0, "code", Messages, "claude-sonnet-4-5")
                .streamed(0.95)
                .cap(4096)
                .with(More::Session),
            ask(2.0, "code", Messages, "claude-sonnet-4-5")
                .streamed(1.0)
                .cap(8192)
                .with(More::Thinking),
            ask(1.0, "review", Messages, "claude-opus-4-5")
                .streamed(1.0)
                .cap(4096)
                .with(More::Long),
            ask(1.0, "code", Chat, "claude-sonnet-4-5")
                .streamed(0.5)
                .with(More::Long),
        ],
    },
    Caller {
        key: "ci-review",
        share: 0.04,
        when: When::Office,
        asks: &[
            ask(3.0, "review", Chat, "gpt-5-mini").cap(3000).with(More::Long),
            ask(1.0, "review", Responses, "gpt-5-mini"),
        ],
    },
    Caller {
        key: "ops-agent",
        share: 0.05,
        when: When::Always,
        asks: &[
            ask(5.0, "operations", Chat, "gpt-4.1").with(More::Tools),
            ask(1.0, "operations", Messages, "gpt-4.1").cap(1024).with(More::Tools),
        ],
    },
    Caller {
        key: "notebooks",
        share: 0.05,
        when: When::Office,
        asks: &[
            ask(4.0, "figures", Chat, "auto").streamed(0.3),
            ask(3.0, "figures", Chat, LLAMA).streamed(0.6),
            ask(1.5, "figures", Chat, QWEN),
            ask(0.5, "figures", Chat, "gpt-4.1"),
            ask(0.2, "figures", Chat, "gpt-9-preview"),
        ],
    },
    Caller {
        key: "partner-portal",
        share: 0.035,
        when: When::Waking,
        asks: &[
            ask(4.0, "support", Responses, "gpt-4.1-mini").streamed(0.5),
            ask(2.0, "translation", Chat, "mistral-small-latest").streamed(0.3),
            ask(0.6, "code", Messages, "mistral-small-latest")
                .cap(900)
                .with(More::Thinking),
        ],
    },
    Caller {
        key: "hackathon",
        share: 0.004,
        when: When::Office,
        asks: &[ask(1.0, "figures", Chat, "gpt-4o-mini")],
    },
    Caller {
        key: "nobody",
        share: 0.003,
        when: When::Always,
        asks: &[ask(1.0, "support", Chat, "gpt-4o-mini")],
    },
];

/// What a client of that key presents.
pub(crate) fn credential(key: &str) -> String {
    format!("sk-bf-demo-{key}-5d0c1f7e")
}

impl When {
    /// How much goes on that many hours before the end of the day, which is taken for an afternoon.
    pub(crate) fn level(self, hours_left: f64) -> f64 {
        let hour = (16.4 - hours_left).rem_euclid(24.0);
        let hill = |at: f64, wide: f64| (-((hour - at) / wide).powi(2)).exp();
        match self {
            Self::Office => 0.04 + hill(10.5, 2.2) + 0.9 * hill(15.2, 2.4),
            Self::Waking => 0.07 + 0.7 * hill(11.5, 3.0) + hill(17.0, 4.0) + 0.35 * hill(20.5, 2.0),
            Self::Always => 0.6 + 0.4 * hill(13.0, 4.5),
            Self::Night => 0.03 + hill(3.0, 1.1),
        }
    }
}
