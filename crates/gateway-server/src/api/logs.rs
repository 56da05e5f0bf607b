//! `/api/logs`: rows by filter, page and order, and figures over all that match.

mod cursor;
mod filter;

use std::sync::Arc;

use gateway::ports::logs::{LogPage as Found, LogQuery, Totals};
use gateway_types::{RequestId, Wall};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::row::LogRow;
use super::row::detail::LogDetail;
use super::{Call, Doc, Outcome, Route, route, row, typed};
use crate::respond::ApiError;
use crate::state::Edge;
use filter::{Filters, ListQuery};

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/logs", Viewer, later list, Doc::of("Lists log rows, newest first")
        .details("A row for each request of a client. `metadata_NAME=VALUE` asks for those with that tag, and may be given \
                  more than once. What no index helps to find is looked for in bounded steps: such a page may be short or \
                  empty and has `searched_until`; go on from `next_cursor`, where there is one, or narrow the time.")
        .query::<ListQuery>()
        .gives::<LogPage>()),
    route!(DELETE "/api/logs", Admin, later delete, Doc::of("Deletes log rows, out of all figures too")
        .takes::<Deletion>()
        .gives::<Deleted>()),
    route!(GET "/api/logs/stats", Viewer, later stats, Doc::of("Sums up the log rows that match")
        .query::<Filters>()
        .gives::<LogStats>()),
    route!(GET "/api/logs/dropped", Viewer, now dropped, Doc::of("Counts the log rows that could not be kept")
        .gives::<Dropped>()),
    route!(GET "/api/logs/{id}", Viewer, later show, Doc::of("Shows a log row with everything that is kept of it")
        .gives::<LogDetail>()),
];

/// A page of log rows.
#[derive(Serialize, JsonSchema)]
struct LogPage {
    /// The rows.
    logs: Vec<LogRow>,
    /// Where the page is.
    pagination: Pagination,
    /// Figures over all rows that match, not only this page; null where they were not asked for.
    stats: Option<LogStats>,
    /// Whether there is any row at all, whatever the filters.
    has_logs: bool,
    /// Where rows had to be looked at one by one and there were too many: they were looked at back to this time (RFC 3339).
    searched_until: Option<String>,
}

/// Where a page is.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LogPagination")]
struct Pagination {
    /// The most rows of a page.
    limit: usize,
    /// How many rows were skipped before it.
    offset: usize,
    /// What rows are sorted by.
    sort_by: &'static str,
    /// In which direction.
    order: &'static str,
    /// How many rows match; null where they were not counted.
    total_count: Option<u64>,
    /// The `cursor` of the next page; null where there is none.
    next_cursor: Option<String>,
    /// The `cursor` of the page before; null where there is none.
    prev_cursor: Option<String>,
}

/// Figures over log rows.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct LogStats {
    /// How many there are.
    total_requests: u64,
    /// How many of a hundred succeeded; 0 where there are none.
    success_rate: f64,
    /// How long they took on average, in milliseconds; 0 where there are none.
    average_latency: f64,
    /// Tokens in and out.
    total_tokens: u64,
    /// What they cost, in dollars.
    total_cost: f64,
    /// Tokens in.
    input_tokens: u64,
    /// Tokens out.
    output_tokens: u64,
}

/// Which rows are deleted.
#[derive(JsonSchema)]
#[schemars(rename = "LogDeletion")]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct Deletion {
    /// Their ids.
    #[schemars(length(min = 1))]
    ids: Vec<String>,
}

/// What was deleted.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LogsDeleted")]
struct Deleted {
    /// That it is done.
    message: &'static str,
    /// How many rows there were to delete.
    deleted: u64,
}

/// Rows that could not be kept.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LogsDropped")]
struct Dropped {
    /// How many since the process began.
    dropped_requests: u64,
}

async fn list(edge: Arc<Edge>, call: Call) -> Outcome {
    let query = filter::list(&call.query)?;
    let store = edge.gateway.logs();
    let found = match &query {
        Some(query) => store.page(query).await?,
        None => nothing(),
    };
    let query = query.unwrap_or_default();
    let cursor = |side| cursor::write(side, query.sort, query.ascending);
    typed(&LogPage {
        logs: found.rows.iter().map(LogRow::of).collect(),
        pagination: Pagination {
            limit: query.limit,
            offset: query.offset,
            sort_by: filter::name(&filter::SORTS, query.sort),
            order: if query.ascending { "asc" } else { "desc" },
            total_count: found.totals.as_ref().map(|totals| totals.requests),
            next_cursor: found.next.map(cursor),
            prev_cursor: found.previous.map(cursor),
        },
        stats: found.totals.as_ref().map(LogStats::of),
        has_logs: store.any().await?,
        searched_until: found.searched_until.map(Wall::rfc3339),
    })
}

/// The page of a query that asks for what cannot be there.
fn nothing() -> Found {
    Found {
        totals: Some(Totals::default()),
        ..Found::default()
    }
}

async fn stats(edge: Arc<Edge>, call: Call) -> Outcome {
    let Some(query) = filter::all(&call.query)? else {
        return typed(&LogStats::of(&Totals::default()));
    };
    let query = LogQuery {
        limit: 0,
        totals: true,
        ..query
    };
    let found = edge.gateway.logs().page(&query).await?;
    typed(&LogStats::of(&found.totals.unwrap_or_default()))
}

async fn show(edge: Arc<Edge>, call: Call) -> Outcome {
    let asked = call.param("id");
    let found = match id(asked) {
        Some(id) => edge.gateway.logs().row(id).await?,
        None => None,
    };
    match found {
        Some(found) => typed(&LogDetail::of(&edge, &found).await?),
        None => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            format!("there is no log row `{asked}`"),
        )),
    }
}

async fn delete(edge: Arc<Edge>, call: Call) -> Outcome {
    let body = call.json()?;
    let ids: Vec<RequestId> = body
        .get("ids")
        .and_then(Value::as_array)
        .filter(|ids| !ids.is_empty())
        .ok_or_else(|| ApiError::invalid("`ids` must be a list of log ids, such as {\"ids\": [\"…\"]}"))?
        .iter()
        .map(|given| {
            let refused = || ApiError::invalid(format!("`ids`: {given} is not a log id; ids are UUIDs"));
            given.as_str().and_then(id).ok_or_else(refused)
        })
        .collect::<Result<_, _>>()?;
    let deleted = edge.gateway.logs().remove(&ids).await?;
    let details = json!({ "asked": ids, "deleted": deleted });
    let control = edge.gateway.control();
    control
        .audit(call.author.as_str(), "logs.delete", "logs", details)
        .await?;
    tracing::info!(author = call.author.as_str(), deleted, "log rows deleted");
    typed(&Deleted {
        message: "Logs deleted successfully",
        deleted,
    })
}

fn dropped(edge: &Edge, _: &Call) -> Outcome {
    typed(&Dropped {
        dropped_requests: edge.gateway.dropped_rows(),
    })
}

impl LogStats {
    /// Figures in the reference's words: success in percent, latency in milliseconds, cost in dollars.
    fn of(totals: &Totals) -> Self {
        let per_request = |sum: f64| {
            if totals.requests == 0 {
                0.0
            } else {
                sum / totals.requests as f64
            }
        };
        Self {
            total_requests: totals.requests,
            success_rate: per_request(totals.successes as f64 * 100.0),
            average_latency: per_request(row::millis(totals.latency_us)),
            total_tokens: totals.input_tokens.saturating_add(totals.output_tokens),
            total_cost: totals.cost.dollars(),
            input_tokens: totals.input_tokens,
            output_tokens: totals.output_tokens,
        }
    }
}

fn id(text: &str) -> Option<RequestId> {
    uuid::Uuid::try_parse(text).ok().map(RequestId::from)
}

#[cfg(test)]
mod tests {
    use gateway_types::NanoUsd;

    use super::*;

    #[test]
    fn figures_are_percent_milliseconds_and_dollars() {
        let totals = Totals {
            requests: 4,
            successes: 3,
            latency_us: 10_000,
            input_tokens: 1,
            output_tokens: 2,
            cost: NanoUsd(500_000_000),
        };
        let shown = LogStats {
            total_requests: 4,
            success_rate: 75.0,
            average_latency: 2.5,
            total_tokens: 3,
            total_cost: 0.5,
            input_tokens: 1,
            output_tokens: 2,
        };
        assert_eq!(LogStats::of(&totals), shown);
        assert_eq!(LogStats::of(&Totals::default()).success_rate, 0.0);
    }
}
