//! The cases: what is sent, over how many connections, how often, and what is counted.

use crate::body::{self, Filling};
use crate::drive::Shot;
use crate::target::{KEY, KEY_OF_EIGHT, Kind};
use crate::upstream::CHUNKS;
use crate::wire::Wire;

/// One kind of traffic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// As the table calls it.
    pub(crate) name: &'static str,
    pub(crate) wire: Wire,
    filling: Filling,
    bytes: usize,
    pub(crate) stream: bool,
    /// Whether the client speaks OpenAI's dialect and the upstream Anthropic's.
    pub(crate) translated: bool,
    key: &'static str,
    pub(crate) connections: usize,
    /// How many requests one round makes.
    pub(crate) requests: usize,
}

pub(crate) const PLAIN: Case = Case {
    name: "1 KB",
    wire: Wire::Plain,
    filling: Filling::Prose,
    bytes: 1_000,
    stream: false,
    translated: false,
    key: KEY,
    connections: 16,
    requests: 6_000,
};
const STREAM: Case = Case {
    name: "stream of 1,000 chunks",
    stream: true,
    requests: 40,
    ..PLAIN
};

const fn large(name: &'static str, bytes: usize, filling: Filling, requests: usize) -> Case {
    Case {
        name,
        bytes,
        filling,
        requests,
        ..PLAIN
    }
}

const fn over(wire: Wire, name: &'static str) -> Case {
    Case { name, wire, ..PLAIN }
}

/// All cases, in the order of the table; those of one wire are together.
pub(crate) const CASES: [Case; 18] = [
    PLAIN,
    large("10 KB of prose", 10_000, Filling::Prose, 6_000),
    large("100 KB of prose", 100_000, Filling::Prose, 1_500),
    large("100 KB of base64", 100_000, Filling::Image, 1_500),
    large("100 KB of code", 100_000, Filling::Code, 1_500),
    large("400 KB of prose", 400_000, Filling::Prose, 500),
    large("400 KB of base64", 400_000, Filling::Image, 500),
    large("400 KB of code", 400_000, Filling::Code, 500),
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
    STREAM,
    Case {
        name: "stream of 1,000 chunks, from Anthropic",
        translated: true,
        ..STREAM
    },
    over(Wire::TlsIn, "1 KB, client over TLS"),
    Case {
        name: "100 KB of prose, client over TLS",
        bytes: 100_000,
        requests: 1_500,
        ..over(Wire::TlsIn, "")
    },
    over(Wire::TlsOut, "1 KB, upstream over TLS"),
    Case {
        name: "100 KB of prose, upstream over TLS",
        bytes: 100_000,
        requests: 1_500,
        ..over(Wire::TlsOut, "")
    },
    over(Wire::Http2In, "1 KB, client in HTTP/2"),
    over(Wire::Http2Out, "1 KB, upstream in HTTP/2"),
];

impl Case {
    /// Whether a target can serve it: only a gateway translates, and only ours knows the keys.
    pub(crate) fn suits(&self, kind: Kind) -> bool {
        match kind {
            Kind::Off => self.key == KEY,
            Kind::On => true,
            Kind::Direct | Kind::Proxy | Kind::Nginx | Kind::Other => !self.translated && self.key == KEY,
        }
    }

    /// What is sent to that target.
    pub(crate) fn shot(&self, kind: Kind) -> Shot {
        let model = match (kind, self.translated) {
            (Kind::Off | Kind::On, false) => "openai/gpt-4o-mini",
            (Kind::Off | Kind::On, true) => "anthropic/claude-3-5-haiku-20241022",
            _ => "gpt-4o-mini",
        };
        // Without a virtual key in the gateway any credential is none.
        let key = (kind != Kind::Off).then_some(self.key);
        chat(key, body::chat(model, self.filling, self.bytes, self.stream))
    }

    /// The same body where nothing is translated.
    pub(crate) fn passed_through(&self) -> Self {
        Self {
            translated: false,
            ..*self
        }
    }

    /// The same with a twentieth of the requests.
    pub(crate) fn brief(&self) -> Self {
        Self {
            requests: self.requests.div_ceil(20),
            ..*self
        }
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

/// A chat in the name of a key.
pub(crate) fn chat(key: Option<&str>, body: Vec<u8>) -> Shot {
    let bearer = key.map(|key| ("authorization", format!("Bearer {key}")));
    Shot::post("/v1/chat/completions", bearer.into_iter().collect(), body)
}

/// A kilobyte for our gateway, in the name of a key.
pub(crate) fn kilobyte(key: &str) -> Shot {
    let body = body::chat("openai/gpt-4o-mini", Filling::Prose, PLAIN.bytes, false);
    chat(Some(key), body)
}

/// A stream that stays open.
pub(crate) fn idle(kind: Kind) -> Shot {
    let model = if matches!(kind, Kind::Off | Kind::On) {
        "openai/gpt-4o-mini"
    } else {
        "gpt-4o-mini"
    };
    let body = format!(
        r#"{{"model":"{model}","user":"idle","stream":true,"max_tokens":16,"messages":[{{"role":"user","content":"Wait."}}]}}"#
    );
    chat((kind != Kind::Off).then_some(KEY), body.into_bytes())
}
