//! `/api/logs`: rows by filter, page and order, and figures over all that match.

use std::sync::Arc;

use gateway::ports::logs::{LogQuery, Sort, Status, Totals};
use gateway_types::{Operation, RequestId};
use http::StatusCode;
use serde_json::{Value, json};

use super::query::Query;
use super::row::{self, OBJECTS};
use super::{Call, Outcome, Route, ok, route};
use crate::respond::ApiError;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/logs", Viewer, later list),
    route!(DELETE "/api/logs", Admin, later delete),
    route!(GET "/api/logs/stats", Viewer, later stats),
    route!(GET "/api/logs/dropped", Viewer, now dropped),
    route!(GET "/api/logs/{id}", Viewer, later show),
];

const KNOWN: [&str; 22] = [
    "providers",
    "models",
    "status",
    "objects",
    "selected_key_ids",
    "virtual_key_ids",
    "team_ids",
    "customer_ids",
    "routing_rule_ids",
    "start_time",
    "end_time",
    "min_latency",
    "max_latency",
    "min_tokens",
    "max_tokens",
    "min_cost",
    "max_cost",
    "content_search",
    "limit",
    "offset",
    "sort_by",
    "order",
];

/// What `status` may ask for. Rows are written when their request is over, so that none is `processing`.
const STATUSES: [(&str, Option<Status>); 4] = [
    ("success", Some(Status::Success)),
    ("error", Some(Status::Error)),
    ("cancelled", Some(Status::Cancelled)),
    ("processing", None),
];

const SORTS: [(&str, Sort); 4] = [
    ("timestamp", Sort::Timestamp),
    ("latency", Sort::Latency),
    ("tokens", Sort::Tokens),
    ("cost", Sort::Cost),
];

pub(super) async fn list(edge: Arc<Edge>, call: Call) -> Outcome {
    let query = read(&call.query)?;
    let page = match query {
        Some(ref query) => edge.gateway.logs().page(query).await?,
        None => gateway::ports::logs::LogPage::default(),
    };
    let query = query.unwrap_or_default();
    ok(&json!({
        "logs": page.rows.iter().map(row::short).collect::<Vec<_>>(),
        "pagination": {
            "limit": query.limit,
            "offset": query.offset,
            "sort_by": name(&SORTS, query.sort),
            "order": if query.ascending { "asc" } else { "desc" },
            "total_count": page.totals.requests,
        },
        "stats": figures(&page.totals),
        "has_logs": edge.gateway.logs().any().await?,
    }))
}

pub(super) async fn stats(edge: Arc<Edge>, call: Call) -> Outcome {
    let Some(mut query) = read(&call.query)? else {
        return ok(&figures(&Totals::default()));
    };
    query.limit = 1;
    query.offset = 0;
    ok(&figures(&edge.gateway.logs().page(&query).await?.totals))
}

pub(super) async fn show(edge: Arc<Edge>, call: Call) -> Outcome {
    let asked = call.param("id");
    let found = match id(asked) {
        Some(id) => edge.gateway.logs().row(id).await?,
        None => None,
    };
    match found {
        Some(found) => ok(&row::full(&found)),
        None => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            format!("there is no log row `{asked}`"),
        )),
    }
}

pub(super) async fn delete(edge: Arc<Edge>, call: Call) -> Outcome {
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
    let removed = edge.gateway.logs().remove(&ids).await?;
    let details = json!({ "asked": ids, "deleted": removed });
    let control = edge.gateway.control();
    control
        .audit(call.author.as_str(), "logs.delete", "logs", details)
        .await?;
    tracing::info!(author = call.author.as_str(), removed, "log rows deleted");
    ok(&json!({ "message": "Logs deleted successfully", "deleted": removed }))
}

pub(super) fn dropped(edge: &Edge, _: &Call) -> Outcome {
    ok(&json!({ "dropped_requests": edge.gateway.dropped_rows() }))
}

/// Figures in the reference's words: success in percent, latency in milliseconds, cost in dollars.
pub(super) fn figures(totals: &Totals) -> Value {
    let per_request = |sum: f64| {
        if totals.requests == 0 {
            0.0
        } else {
            sum / totals.requests as f64
        }
    };
    json!({
        "total_requests": totals.requests,
        "success_rate": per_request(totals.successes as f64 * 100.0),
        "average_latency": per_request(row::millis(totals.latency_us)),
        "total_tokens": totals.input_tokens.saturating_add(totals.output_tokens),
        "total_cost": totals.cost.dollars(),
        "input_tokens": totals.input_tokens,
        "output_tokens": totals.output_tokens,
    })
}

fn id(text: &str) -> Option<RequestId> {
    uuid::Uuid::try_parse(text).ok().map(RequestId::from)
}

/// The query; none where it asks for what cannot be there.
fn read(query: &Query) -> Result<Option<LogQuery>, ApiError> {
    // A tag is asked for by its name: `metadata_env=prod`.
    let (tags, query) = &query.split_off("metadata_");
    query.only(&KNOWN)?;
    let statuses = query.words("status", &STATUSES)?;
    let known: Vec<Status> = statuses.iter().copied().flatten().collect();
    let read = LogQuery {
        providers: query.list("providers"),
        models: query.list("models"),
        virtual_keys: query.list("virtual_key_ids"),
        teams: query.list("team_ids"),
        customers: query.list("customer_ids"),
        rules: query.list("routing_rule_ids"),
        tags: tags.clone(),
        keys: query.list("selected_key_ids"),
        operations: operations(query)?,
        since: query.moment("start_time")?,
        until: query.moment("end_time")?,
        latency_ms: (query.number("min_latency")?, query.number("max_latency")?),
        tokens: (query.number("min_tokens")?, query.number("max_tokens")?),
        cost: (query.dollars("min_cost")?, query.dollars("max_cost")?),
        text: query.text("content_search").map(str::to_owned),
        sort: query.word("sort_by", &SORTS, Sort::Timestamp)?,
        ascending: query.word("order", &[("asc", true), ("desc", false)], false)?,
        limit: query.within("limit", 1, 1000, 50)?,
        offset: query.within("offset", 0, usize::MAX, 0)?,
        statuses: known,
    };
    let impossible = !statuses.is_empty() && read.statuses.is_empty();
    Ok((!impossible).then_some(read))
}

/// `objects`, by the reference's words or by ours, as the words of operations.
fn operations(query: &Query) -> Result<Vec<String>, ApiError> {
    let words: Vec<(&str, Operation)> = OBJECTS
        .iter()
        .flat_map(|(word, operation)| [(*word, *operation), (operation.as_str(), *operation)])
        .collect();
    let wanted = query.words("objects", &words)?;
    Ok(wanted
        .into_iter()
        .map(|operation| operation.as_str().to_owned())
        .collect())
}

fn name<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words
        .iter()
        .find(|(_, known)| *known == value)
        .map_or("", |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use gateway_types::{NanoUsd, Wall};

    use super::*;

    #[test]
    fn every_filter_of_the_reference_reaches_the_store() {
        let text = "providers=openai,vllm&models=m&status=success,error&objects=chat.completion,embeddings\
            &selected_key_ids=k&virtual_key_ids=vk&routing_rule_ids=r-1&team_ids=t&customer_ids=c&metadata_env=prod%20eu\
            &start_time=2026-01-01T00:00:00Z&end_time=2026-01-02T00:00:00Z\
            &min_latency=1.5&max_tokens=9&min_cost=0.000001&content_search=hello%20there&limit=7&offset=3&sort_by=cost&order=asc";
        let query = read(&Query::parse(text).unwrap()).unwrap().unwrap();
        let expected = LogQuery {
            providers: vec!["openai".into(), "vllm".into()],
            models: vec!["m".into()],
            virtual_keys: vec!["vk".into()],
            teams: vec!["t".into()],
            customers: vec!["c".into()],
            rules: vec!["r-1".into()],
            tags: vec![("env".into(), "prod eu".into())],
            keys: vec!["k".into()],
            statuses: vec![Status::Success, Status::Error],
            operations: vec!["chat".into(), "embeddings".into()],
            since: Wall::parse_rfc3339("2026-01-01T00:00:00Z"),
            until: Wall::parse_rfc3339("2026-01-02T00:00:00Z"),
            latency_ms: (Some(1.5), None),
            tokens: (None, Some(9)),
            cost: (Some(1000), None),
            text: Some("hello there".into()),
            sort: Sort::Cost,
            ascending: true,
            limit: 7,
            offset: 3,
        };
        assert_eq!(query, expected);
    }

    #[test]
    fn wrong_values_are_refused_and_processing_matches_nothing() {
        for text in [
            "status=good",
            "limit=0",
            "objects=thing",
            "sort_by=size",
            "min_tokens=-1",
            "no_such=1",
        ] {
            assert!(read(&Query::parse(text).unwrap()).is_err(), "{text}");
        }
        assert_eq!(read(&Query::parse("status=processing").unwrap()).unwrap(), None);
    }

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
        let shown = figures(&totals);
        assert_eq!(shown["success_rate"], 75.0);
        assert_eq!(shown["average_latency"], 2.5);
        assert_eq!((&shown["total_tokens"], &shown["total_cost"]), (&json!(3), &json!(0.5)));
        assert_eq!(figures(&Totals::default())["success_rate"], 0.0);
    }
}
