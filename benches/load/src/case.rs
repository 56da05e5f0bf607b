//! The cases: what is sent, over how many connections, how often, and what is counted.

use crate::body::{self, Filling};
use crate::drive::Shot;
use crate::target::{KEY, KEY_OF_EIGHT, Kind};
use crate::upstream::CHUNKS;

/// One kind of traffic.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// As the table calls it.
    pub(crate) name: &'static str,
    filling: Filling,
    bytes: usize,
    stream: bool,
    /// Whether the client speaks OpenAI's dialect and the upstream Anthropic's.
    translated: bool,
    key: &'static str,
    pub(crate) connections: usize,
    /// How many requests one round makes.
    pub(crate) requests: usize,
}

const PLAIN: Case = Case {
    name: "",
    filling: Filling::Prose,
    bytes: 1_000,
    stream: false,
    translated: false,
    key: KEY,
    connections: 16,
    requests: 6_000,
};

/// All cases, in the order of the table.
pub(crate) const CASES: [Case; 12] = [
    Case { name: "1 KB", ..PLAIN },
    Case {
        name: "10 KB of prose",
        bytes: 10_000,
        ..PLAIN
    },
    Case {
        name: "100 KB of prose",
        bytes: 100_000,
        requests: 1_500,
        ..PLAIN
    },
    Case {
        name: "100 KB of base64",
        bytes: 100_000,
        requests: 1_500,
        filling: Filling::Image,
        ..PLAIN
    },
    Case {
        name: "100 KB of code",
        bytes: 100_000,
        requests: 1_500,
        filling: Filling::Code,
        ..PLAIN
    },
    Case {
        name: "400 KB of prose",
        bytes: 400_000,
        requests: 500,
        ..PLAIN
    },
    Case {
        name: "400 KB of base64",
        bytes: 400_000,
        requests: 500,
        filling: Filling::Image,
        ..PLAIN
    },
    Case {
        name: "400 KB of code",
        bytes: 400_000,
        requests: 500,
        filling: Filling::Code,
        ..PLAIN
    },
    Case {
        name: "1 KB, eight quotas",
        key: KEY_OF_EIGHT,
        ..PLAIN
    },
    Case {
        name: "1 KB, to Anthropic and back",
        translated: true,
        ..PLAIN
    },
    Case {
        name: "stream of 1,000 chunks",
        stream: true,
        requests: 40,
        ..PLAIN
    },
    Case {
        name: "stream of 1,000 chunks, from Anthropic",
        stream: true,
        translated: true,
        requests: 40,
        ..PLAIN
    },
];

impl Case {
    /// Whether a target can serve it: only a gateway translates, and only ours knows the keys.
    pub(crate) fn suits(&self, kind: Kind) -> bool {
        match kind {
            Kind::Off => self.key == KEY,
            Kind::On => true,
            Kind::Direct | Kind::Proxy | Kind::Other => !self.translated && self.key == KEY,
        }
    }

    /// What is sent to that target.
    pub(crate) fn shot(&self, kind: Kind) -> Shot {
        let model = match (kind, self.translated) {
            (Kind::Off | Kind::On, false) => "openai/gpt-4o-mini",
            (Kind::Off | Kind::On, true) => "anthropic/claude-3-5-haiku-20241022",
            _ => "gpt-4o-mini",
        };
        let body = body::chat(model, self.filling, self.bytes, self.stream);
        let bearer = format!("Bearer {}", self.key);
        let headers: &[(&str, &str)] = match kind {
            // Without a virtual key in the gateway any credential is none.
            Kind::Off => &[],
            _ => &[("authorization", &bearer)],
        };
        Shot::post("/v1/chat/completions", headers, &body)
    }

    /// What the CPU time is divided by.
    pub(crate) fn units(&self) -> usize {
        if self.stream {
            self.requests * CHUNKS
        } else {
            self.requests
        }
    }

    /// What one of them is.
    pub(crate) fn unit(&self) -> &'static str {
        if self.stream { "chunk" } else { "request" }
    }
}

/// A stream that stays open.
pub(crate) fn idle(kind: Kind) -> Shot {
    let model = if matches!(kind, Kind::Off | Kind::On) {
        "openai/idle"
    } else {
        "idle"
    };
    let body = format!(
        r#"{{"model":"{model}","stream":true,"max_tokens":16,"messages":[{{"role":"user","content":"Wait."}}]}}"#
    );
    Shot::post(
        "/v1/chat/completions",
        &[("authorization", &format!("Bearer {KEY}"))],
        body.as_bytes(),
    )
}
