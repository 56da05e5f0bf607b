//! Rows as a gateway of some size writes them: six providers, twenty models, a thousand keys of which some are busy.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway::ports::logs::{Hosting, Json, LogAttempt, LogError, LogRow, Status};
use gateway_types::{Basis, ErrorKind, Metered, NanoUsd, Operation, RequestId, Usage, Wall};
use serde_json::json;

const PROVIDERS: [(&str, Hosting); 6] = [
    ("vllm-local", Hosting::SelfHosted),
    ("openai", Hosting::Cloud),
    ("anthropic", Hosting::Cloud),
    ("ollama", Hosting::SelfHosted),
    ("bedrock", Hosting::Cloud),
    ("gemini", Hosting::Cloud),
];
const MODELS: u64 = 20;
const KEYS: u64 = 1000;
const TEAMS: u64 = 30;
const CUSTOMERS: u64 = 10;

/// Rows, oldest first, evenly over a time.
#[derive(Debug)]
pub(crate) struct Traffic {
    since: i64,
    span: i64,
    rows: u64,
    next: u64,
    dice: u64,
}

impl Traffic {
    pub(crate) const fn new(since: i64, span: i64, rows: u64) -> Self {
        Self {
            since,
            span,
            rows,
            next: 0,
            dice: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// A number below that, the same in every run.
    const fn roll(&mut self, below: u64) -> u64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (self.dice >> 11) % below
    }

    /// The same, small numbers more often.
    fn skewed(&mut self, below: u64) -> u64 {
        let one = self.roll(1 << 20) as f64 / (1 << 20) as f64;
        (one * one * below as f64) as u64
    }

    fn row(&mut self) -> LogRow {
        let after = i128::from(self.span) * i128::from(self.next) / i128::from(self.rows);
        let at = Wall::from_millis(self.since + i64::try_from(after).unwrap_or(0));
        let number = u128::from(self.next);
        let id = (at.millis().unsigned_abs() as u128) << 80 | 7 << 76 | 2 << 62 | number;
        let (provider, hosting) = PROVIDERS[self.skewed(PROVIDERS.len() as u64) as usize];
        let model = format!("model-{:02}", self.skewed(MODELS));
        let key = self.skewed(KEYS);
        let ended = self.roll(100);
        let refused = ended == 0;
        let took = 80_000 + self.skewed(40) * self.roll(150_000);
        let usage = Usage {
            input: 50 + self.skewed(4000),
            cache_read: self.skewed(500),
            output: 10 + self.skewed(900),
            ..Usage::default()
        };
        let cost = match hosting {
            Hosting::SelfHosted => 0,
            Hosting::Cloud => usage.input * 150 + usage.output * 600,
        };
        let status = match ended {
            0..=3 => Status::Error,
            4 => Status::Cancelled,
            _ => Status::Success,
        };
        let error = || LogError {
            kind: if refused {
                ErrorKind::ModelBlocked
            } else {
                ErrorKind::UpstreamFailed
            },
            message: "the upstream answered 503: no worker is free".to_owned(),
        };
        let tags = match self.next % 3 {
            0 => BTreeMap::from([("env".to_owned(), "prod".to_owned())]),
            _ => BTreeMap::new(),
        };
        let answered = |name: &str| (!refused).then(|| name.to_owned());
        self.next += 1;
        LogRow {
            v: 1,
            id: RequestId::from(uuid::Uuid::from_u128(id)),
            at,
            operation: Some(Operation::Chat),
            dialect: None,
            asked: Some(if self.next.is_multiple_of(10) {
                "auto".into()
            } else {
                model.as_str().into()
            }),
            provider: answered(provider).map(|name| name.as_str().into()),
            key: answered("key").map(|key| key.as_str().into()),
            model: answered(&model).map(|name| name.as_str().into()),
            hosting: (!refused).then_some(hosting),
            virtual_key: Some(format!("vk-{key:04}").as_str().into()),
            team: Some(format!("team-{:02}", key % TEAMS).as_str().into()),
            customer: Some(format!("customer-{}", key % CUSTOMERS).as_str().into()),
            tags: Arc::new(tags),
            stream: self.next.is_multiple_of(2),
            status,
            http_status: if status == Status::Error { 503 } else { 200 },
            error: (status == Status::Error).then(error),
            latency_us: took,
            ttft_us: self.next.is_multiple_of(2).then_some(took / 3),
            upstream_us: took - 300,
            metered: (!refused).then_some(Metered {
                usage,
                basis: Basis::Reported,
                cost: None,
            }),
            cost: NanoUsd(i64::try_from(cost).unwrap_or(0)),
            unpriced: false,
            attempts: vec![attempt(provider, &model, took)],
            plan: plan(&model),
            losses: Vec::new(),
            rule: None,
            clamped: None,
            request_body: None,
            response_body: None,
        }
    }
}

impl Iterator for Traffic {
    type Item = LogRow;

    fn next(&mut self) -> Option<LogRow> {
        (self.next < self.rows).then(|| self.row())
    }
}

fn attempt(provider: &str, model: &str, took_us: u64) -> LogAttempt {
    LogAttempt {
        provider: provider.into(),
        key: "key".into(),
        model: model.into(),
        reason: "first".into(),
        outcome: "success".into(),
        http_status: Some(200),
        message: None,
        started_us: 120,
        head_us: Some(took_us / 4),
        took_us,
    }
}

/// As long as a plan of three candidates is.
fn plan(model: &str) -> Option<Json> {
    let candidate = |provider: &str| json!({ "provider": provider, "key": "key", "model": model, "group": 0, "weight": 1.0, "score": 0.25, "why": "weighted" });
    let candidates: Vec<_> = ["vllm-local", "openai", "anthropic"].map(candidate).into();
    Json::of(
        &json!({ "model": model, "strategy": "weighted", "seed": 7, "at": 0, "revision": 12, "candidates": candidates }),
    )
}
