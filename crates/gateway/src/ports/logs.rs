//! Request logs, durable: a row per client request, with rollups made as rows are written.

pub mod content;
mod figures;
mod json;

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use gateway_governance::entry::Tags;
use gateway_types::{
    CustomerId, DialectName, ErrorKind, KeyId, Metered, ModelName, NanoUsd, Operation, ProviderName, RequestId, TeamId,
    VirtualKeyId, Wall,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use figures::{Dimension, Figures, Histogram, Hosting, Rank, Rest, Shares, Slice, Slot};
pub use json::Json;

/// The format of [`LogRow`] as it is stored.
pub const LOG_VERSION: u32 = 1;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LogStatus")]
pub enum Status {
    /// The client has its answer.
    Success,
    /// It has an error, or its stream ended in one.
    Error,
    /// It went away first.
    Cancelled,
}

/// One client request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogRow {
    /// The format: [`LOG_VERSION`].
    pub v: u32,
    /// Its id; sorts by time.
    pub id: RequestId,
    /// When it came.
    pub at: Wall,
    /// What it wanted done; none where that was never known.
    pub operation: Option<Operation>,
    /// The API shape of its request and of its answer; none in rows from before this was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<DialectName>,
    /// The model as the client wrote it.
    pub asked: Option<ModelName>,
    /// Who answered; none where nobody was reached or it was refused.
    pub provider: Option<ProviderName>,
    /// The provider's key that answered.
    pub key: Option<KeyId>,
    /// The model that answered, in the upstream's words.
    pub model: Option<ModelName>,
    /// Where that model runs; none where nobody was reached, and in rows from before this was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosting: Option<Hosting>,
    /// The virtual key that called.
    pub virtual_key: Option<VirtualKeyId>,
    /// The team of that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// The customer of that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// What the caller and its key say of the request.
    #[serde(default, skip_serializing_if = "no_tags")]
    pub tags: Tags,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// How it ended.
    pub status: Status,
    /// The HTTP status sent.
    pub http_status: u16,
    /// What went wrong.
    pub error: Option<LogError>,
    /// From its first byte here to the last byte out, in microseconds.
    pub latency_us: u64,
    /// From its first byte here to the first byte of content out, in microseconds.
    pub ttft_us: Option<u64>,
    /// Of the latency, what was spent waiting for upstreams, in microseconds.
    pub upstream_us: u64,
    /// What was used, and how that is known.
    pub metered: Option<Metered>,
    /// What it cost.
    pub cost: NanoUsd,
    /// Whether the price of the model was not known.
    pub unpriced: bool,
    /// Every try, in order.
    pub attempts: Vec<LogAttempt>,
    /// Why the candidates stood as they did: the plan, as the router explains it.
    pub plan: Option<Json>,
    /// What a translation lost.
    pub losses: Vec<gateway_types::loss::Loss>,
    /// The routing rule that said where it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<LogRule>,
    /// The output cap that the gateway set, where a budget asked for one.
    pub clamped: Option<u64>,
    /// The request body as [`content`] keeps it, where the settings say that content is kept. It stands beside the record,
    /// as the answer's does.
    #[serde(default, skip_serializing)]
    pub request_body: Option<String>,
    /// The response body, likewise.
    #[serde(default, skip_serializing)]
    pub response_body: Option<String>,
}

fn no_tags(tags: &Tags) -> bool {
    tags.is_empty()
}

/// A routing rule, as it was called then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRule {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogError {
    /// The kind.
    pub kind: ErrorKind,
    /// In words.
    pub message: String,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogAttempt {
    /// The provider.
    pub provider: ProviderName,
    /// Its key.
    pub key: KeyId,
    /// The model, in the upstream's words.
    pub model: ModelName,
    /// Why it was made: `first`, `retry`, `other_key`, `fallback`.
    pub reason: Cow<'static, str>,
    /// How it ended, in a word: `success`, `failed`, `unreachable`, `timed_out`, `skipped`, …
    pub outcome: Cow<'static, str>,
    /// The upstream's status, where it answered.
    pub http_status: Option<u16>,
    /// What it said or what broke, where something did.
    pub message: Option<String>,
    /// When it began, in microseconds after the request came.
    pub started_us: u64,
    /// How long it took until its end or its first byte, in microseconds.
    pub took_us: u64,
    /// How long it took until the head of its answer, in microseconds, where one came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_us: Option<u64>,
}

/// Which rows, and in what order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogQuery {
    /// Of these upstreams; any where empty.
    pub providers: Vec<String>,
    /// Of these models, as served or as asked; any where empty.
    pub models: Vec<String>,
    /// Of these virtual keys; any where empty.
    pub virtual_keys: Vec<String>,
    /// Of these teams; any where empty.
    pub teams: Vec<String>,
    /// Of these customers; any where empty.
    pub customers: Vec<String>,
    /// That these routing rules sent where they went, by id; any where empty.
    pub rules: Vec<String>,
    /// With all these tags, by name and value.
    pub tags: Vec<(String, String)>,
    /// Through these keys of providers; any where empty.
    pub keys: Vec<String>,
    /// With these ends; any where empty.
    pub statuses: Vec<Status>,
    /// With these kinds of error, by their codes; any where empty.
    pub errors: Vec<String>,
    /// Answered there; anywhere where empty.
    pub hosting: Vec<Hosting>,
    /// With these ids; any where empty.
    pub ids: Vec<RequestId>,
    /// Whose model had no price.
    pub unpriced: bool,
    /// With these operations, by their words; any where empty.
    pub operations: Vec<String>,
    /// That came at or after.
    pub since: Option<Wall>,
    /// That came before.
    pub until: Option<Wall>,
    /// Latency in milliseconds, from and to.
    pub latency_ms: (Option<f64>, Option<f64>),
    /// Tokens, from and to.
    pub tokens: (Option<u64>, Option<u64>),
    /// Cost in nano-dollars, from and to.
    pub cost: (Option<i64>, Option<i64>),
    /// Whose model, error, tags or kept content hold this text.
    pub text: Option<String>,
    /// In what order.
    pub sort: Sort,
    /// Smallest first rather than largest first.
    pub ascending: bool,
    /// How many at the most.
    pub limit: usize,
    /// How many to pass over.
    pub offset: usize,
    /// Where the page begins or ends, other than at the first row.
    pub from: Option<Side>,
    /// Whether figures over all that match are wanted too, which takes longer the more there are.
    pub totals: bool,
}

/// A place between rows in the order that they are sorted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// What the row before it is sorted by: milliseconds, microseconds, tokens or nano-dollars.
    pub value: i64,
    /// That row.
    pub id: RequestId,
}

/// Which side of a [`Position`] a page is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It begins after it.
    After(Position),
    /// It ends before it.
    Before(Position),
}

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// When they came.
    #[default]
    Timestamp,
    /// How long they took.
    Latency,
    /// How many tokens they used.
    Tokens,
    /// What they cost.
    Cost,
}

/// A page of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogPage {
    /// The rows.
    pub rows: Vec<LogRow>,
    /// Figures over all rows that match, not only this page, where they were wanted.
    pub totals: Option<Totals>,
    /// Where the next page is; none where there is none.
    pub next: Option<Side>,
    /// Where the page before is; none where there is none.
    pub previous: Option<Side>,
    /// Where the search was given up for now because so many rows were looked at: it went back to this time.
    pub searched_until: Option<Wall>,
}

/// Figures over rows that a query chooses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// How many.
    pub requests: u64,
    /// How many of them succeeded.
    pub successes: u64,
    /// The sum of their latencies, in microseconds.
    pub latency_us: u64,
    /// Tokens on the way in.
    pub input_tokens: u64,
    /// Tokens on the way out.
    pub output_tokens: u64,
    /// What they cost.
    pub cost: NanoUsd,
}

/// Where log rows are kept.
#[async_trait]
pub trait LogStore: Send + Sync + std::fmt::Debug {
    /// Writes rows and counts them. A row that was written a moment ago is taken as done, so that what may not have been
    /// written can be tried again.
    async fn append(&self, rows: &[Arc<LogRow>]) -> Result<(), super::StoreError>;
    /// A page of rows. What no index helps to find is looked for in bounded steps: such a page may be short, or empty,
    /// and says how far the search went and where it goes on.
    async fn page(&self, query: &LogQuery) -> Result<LogPage, super::StoreError>;
    /// One row.
    async fn row(&self, id: RequestId) -> Result<Option<LogRow>, super::StoreError>;
    /// Figures per value and slot of that many milliseconds, by time and then by value. Slots count from the beginning of
    /// 1970; those that nothing fell into are left out.
    async fn series(&self, of: &Slice, slot_ms: i64) -> Result<Vec<Slot>, super::StoreError>;
    /// Figures per value: of the `most` that rank first.
    async fn shares(&self, of: &Slice, by: Rank, most: usize) -> Result<Shares, super::StoreError>;
    /// The values that were counted at or after that time, and perhaps in the week before it, in their order; none of them
    /// is empty.
    async fn values(&self, dimension: Dimension, since: Wall) -> Result<Vec<String>, super::StoreError>;
    /// Takes rows away by id, out of what they were counted in too, and says how many.
    async fn remove(&self, ids: &[RequestId]) -> Result<u64, super::StoreError>;
    /// Takes rows away that came before that, in small batches, and says how many.
    async fn prune(&self, before: Wall) -> Result<u64, super::StoreError>;
    /// Whether there is any row at all.
    async fn any(&self) -> Result<bool, super::StoreError>;
}
