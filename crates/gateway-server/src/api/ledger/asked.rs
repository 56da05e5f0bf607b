//! What may be asked of the ledger: schemas of what is read field by field, so that errors name the fields.

#![allow(dead_code, reason = "schemas")]

use schemars::JsonSchema;

/// Which entries are wanted: those that fit all that is said.
#[derive(JsonSchema)]
struct FiltersQuery {
    /// Of that virtual key.
    virtual_key_id: Option<String>,
    /// Of that team.
    team_id: Option<String>,
    /// Of that customer.
    customer_id: Option<String>,
    /// With an attempt at that provider.
    provider: Option<String>,
    /// With an attempt of that model, in the provider's words.
    model: Option<String>,
    /// That charged this quota.
    quota: Option<String>,
    /// Of that call: a UUID.
    request_id: Option<String>,
    /// Written at that time or later, in RFC 3339.
    start_time: Option<String>,
    /// Written before that time, in RFC 3339.
    end_time: Option<String>,
}

/// Which page of which entries is wanted.
#[derive(JsonSchema)]
pub(super) struct EntriesQuery {
    #[schemars(flatten)]
    filters: FiltersQuery,
    /// By when they were written; newest first unless given.
    order: Option<Order>,
    /// Where the page before ended: its `next`.
    after: Option<u64>,
    /// The most that are answered: 1 to 1000; 50 unless given.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// An order in time.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Order {
    /// Oldest first.
    Asc,
    /// Newest first.
    Desc,
}

/// Which entries are wanted in a file.
#[derive(JsonSchema)]
pub(super) struct ExportQuery {
    #[schemars(flatten)]
    filters: FiltersQuery,
    /// `jsonl` unless given.
    format: Option<FileFormat>,
}

/// A kind of file.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum FileFormat {
    /// A table for spreadsheets.
    Csv,
    /// A JSON object a line.
    Jsonl,
}

/// Which windows are wanted.
#[derive(JsonSchema)]
pub(super) struct WindowsQuery {
    /// Those of this quota, the latest first. Unless given: the latest of each.
    quota: Option<String>,
    /// Those before this number: the `next` of the page before.
    before: Option<u64>,
    /// The most that are answered of a quota: 1 to 1000; 50 unless given.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// What is to be let go of.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct WriteOff {
    /// The quota.
    quota: String,
    /// The number of its window; the latest unless given.
    #[schemars(range(min = 1))]
    window: Option<u64>,
}
