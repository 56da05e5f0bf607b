//! What the query string asks for.

use gateway::ports::logs::{Hosting, LogQuery, Sort, Status};
use gateway_types::{Operation, RequestId};
use schemars::JsonSchema;

use super::{cursor, id};
use crate::api::query::Query;
use crate::api::row::OBJECTS;
use crate::respond::ApiError;

/// Which rows.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
pub(super) struct Filters {
    /// Answered by these providers, with commas between.
    providers: Option<String>,
    /// Of these models, as asked for or as answered, with commas between.
    models: Option<String>,
    /// That ended so: `success`, `error`, `cancelled`, with commas between.
    status: Option<String>,
    /// With these kinds of error, by their codes, with commas between.
    error_codes: Option<String>,
    /// Answered there: `self_hosted`, `cloud`.
    hosting: Option<String>,
    /// Of these kinds, such as `chat.completion`, with commas between.
    objects: Option<String>,
    /// Through these keys of providers, with commas between.
    selected_key_ids: Option<String>,
    /// Of these virtual keys, with commas between.
    virtual_key_ids: Option<String>,
    /// Of these teams, with commas between.
    team_ids: Option<String>,
    /// Of these customers, with commas between.
    customer_ids: Option<String>,
    /// That these routing rules sent where they went, with commas between.
    routing_rule_ids: Option<String>,
    /// With these ids, with commas between.
    request_id: Option<String>,
    /// That came at or after (RFC 3339).
    start_time: Option<String>,
    /// That came before (RFC 3339).
    end_time: Option<String>,
    /// That took at least so many milliseconds.
    min_latency: Option<f64>,
    /// That took at most so many milliseconds.
    max_latency: Option<f64>,
    /// With at least so many tokens.
    min_tokens: Option<u64>,
    /// With at most so many tokens.
    max_tokens: Option<u64>,
    /// That cost at least so many dollars.
    min_cost: Option<f64>,
    /// That cost at most so many dollars.
    max_cost: Option<f64>,
    /// Whose model had no price: `true`.
    missing_cost_only: Option<bool>,
    /// Whose model, error, tags or kept content hold this text, in any case.
    content_search: Option<String>,
}

/// Which rows, in what order, and which page of them.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
pub(super) struct ListQuery {
    #[schemars(flatten)]
    filters: Filters,
    /// The most rows of a page: 1 to 1000; 50 unless given.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// How many rows are skipped before. The further, the slower: `cursor` is not.
    offset: Option<u64>,
    /// Where the page is: `next_cursor` or `prev_cursor` of another page in the same order. Not with `offset`.
    cursor: Option<String>,
    /// What rows are sorted by: `timestamp` (unless given), `latency`, `tokens`, `cost`.
    sort_by: Option<String>,
    /// `desc` (unless given) or `asc`.
    order: Option<String>,
    /// Whether all rows that match are counted and summed up too: `true` unless there is a `cursor`.
    totals: Option<bool>,
}

const FILTERS: [&str; 22] = [
    "providers",
    "models",
    "status",
    "error_codes",
    "hosting",
    "objects",
    "selected_key_ids",
    "virtual_key_ids",
    "team_ids",
    "customer_ids",
    "routing_rule_ids",
    "request_id",
    "start_time",
    "end_time",
    "min_latency",
    "max_latency",
    "min_tokens",
    "max_tokens",
    "min_cost",
    "max_cost",
    "missing_cost_only",
    "content_search",
];

const PAGES: [&str; 6] = ["limit", "offset", "cursor", "sort_by", "order", "totals"];

/// What `status` may ask for. Rows are written when their request is over, so that none is `processing`.
const STATUSES: [(&str, Option<Status>); 4] = [
    ("success", Some(Status::Success)),
    ("error", Some(Status::Error)),
    ("cancelled", Some(Status::Cancelled)),
    ("processing", None),
];

pub(super) const SORTS: [(&str, Sort); 4] = [
    ("timestamp", Sort::Timestamp),
    ("latency", Sort::Latency),
    ("tokens", Sort::Tokens),
    ("cost", Sort::Cost),
];

const SWITCH: [(&str, bool); 4] = [("true", true), ("false", false), ("1", true), ("0", false)];

/// A page of rows; none where what is asked for cannot be there.
pub(super) fn list(query: &Query) -> Result<Option<LogQuery>, ApiError> {
    let Some(filters) = filters(query, &[&FILTERS[..], &PAGES].concat())? else {
        return Ok(None);
    };
    let sort = query.word("sort_by", &SORTS, Sort::Timestamp)?;
    let ascending = query.word("order", &[("asc", true), ("desc", false)], false)?;
    let from = query
        .text("cursor")
        .map(|text| cursor::read(text, sort, ascending))
        .transpose()?;
    if from.is_some() && query.text("offset").is_some() {
        return Err(ApiError::invalid(
            "query parameters `cursor` and `offset` are given together; leave `offset` out",
        ));
    }
    Ok(Some(LogQuery {
        sort,
        ascending,
        from,
        limit: query.within("limit", 1, 1000, 50)?,
        offset: query.within("offset", 0, usize::MAX, 0)?,
        totals: query.word("totals", &SWITCH, from.is_none())?,
        ..filters
    }))
}

/// All rows that match; none where what is asked for cannot be there. What is known of pages is passed over.
pub(super) fn all(query: &Query) -> Result<Option<LogQuery>, ApiError> {
    filters(query, &[&FILTERS[..], &PAGES].concat())
}

fn filters(query: &Query, known: &[&str]) -> Result<Option<LogQuery>, ApiError> {
    // A tag is asked for by its name: `metadata_env=prod`.
    let (tags, query) = &query.split_off("metadata_");
    query.only(known)?;
    let statuses = query.words("status", &STATUSES)?;
    let read = LogQuery {
        providers: query.list("providers"),
        models: query.list("models"),
        virtual_keys: query.list("virtual_key_ids"),
        teams: query.list("team_ids"),
        customers: query.list("customer_ids"),
        rules: query.list("routing_rule_ids"),
        tags: tags.clone(),
        keys: query.list("selected_key_ids"),
        statuses: statuses.iter().copied().flatten().collect(),
        errors: query.list("error_codes"),
        hosting: query.words("hosting", &Hosting::ALL.map(|hosting| (hosting.as_str(), hosting)))?,
        ids: ids(query)?,
        unpriced: query.word("missing_cost_only", &SWITCH, false)?,
        operations: operations(query)?,
        since: query.moment("start_time")?,
        until: query.moment("end_time")?,
        latency_ms: (query.number("min_latency")?, query.number("max_latency")?),
        tokens: (query.number("min_tokens")?, query.number("max_tokens")?),
        cost: (query.dollars("min_cost")?, query.dollars("max_cost")?),
        text: query.text("content_search").map(str::to_owned),
        ..LogQuery::default()
    };
    let impossible = !statuses.is_empty() && read.statuses.is_empty();
    Ok((!impossible).then_some(read))
}

fn ids(query: &Query) -> Result<Vec<RequestId>, ApiError> {
    let read = |text: &String| {
        let refused = || {
            ApiError::invalid(format!(
                "query parameter `request_id`: `{text}` is not a log id; ids are UUIDs"
            ))
        };
        id(text).ok_or_else(refused)
    };
    query.list("request_id").iter().map(read).collect()
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

pub(super) fn name<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words
        .iter()
        .find(|(_, known)| *known == value)
        .map_or("", |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use gateway::ports::logs::{Position, Side};
    use gateway_types::Wall;

    use super::*;

    #[test]
    fn every_filter_reaches_the_store() {
        let text = "providers=openai,vllm&models=m&status=success,error&objects=chat.completion,embeddings\
            &selected_key_ids=k&virtual_key_ids=vk&routing_rule_ids=r-1&team_ids=t&customer_ids=c&metadata_env=prod%20eu\
            &start_time=2026-01-01T00:00:00Z&end_time=2026-01-02T00:00:00Z\
            &error_codes=model_blocked&hosting=cloud&request_id=018bcfe5-6800-7000-8000-000000000001&missing_cost_only=true\
            &min_latency=1.5&max_tokens=9&min_cost=0.000001&content_search=hello%20there&limit=7&offset=3&sort_by=cost&order=asc";
        let query = list(&Query::parse(text).unwrap()).unwrap().unwrap();
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
            errors: vec!["model_blocked".into()],
            hosting: vec![Hosting::Cloud],
            ids: vec![id("018bcfe5-6800-7000-8000-000000000001").unwrap()],
            unpriced: true,
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
            from: None,
            totals: true,
        };
        assert_eq!(query, expected);
    }

    #[test]
    fn a_cursor_says_where_and_asks_for_no_totals() {
        let place = Position {
            value: 7,
            id: id("018bcfe5-6800-7000-8000-000000000001").unwrap(),
        };
        let cursor = cursor::write(Side::Before(place), Sort::Latency, false);
        let read = |text: &str| list(&Query::parse(text).unwrap());
        let query = read(&format!("sort_by=latency&cursor={cursor}")).unwrap().unwrap();
        assert_eq!((query.from, query.totals), (Some(Side::Before(place)), false));
        assert!(
            read(&format!("sort_by=latency&cursor={cursor}&totals=true"))
                .unwrap()
                .unwrap()
                .totals
        );
        assert!(!read("totals=false").unwrap().unwrap().totals);
        for wrong in [
            format!("cursor={cursor}"),
            format!("sort_by=latency&cursor={cursor}&offset=5"),
            "cursor=x".to_owned(),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn wrong_values_are_refused_and_processing_matches_nothing() {
        for text in [
            "status=good",
            "limit=0",
            "objects=thing",
            "sort_by=size",
            "min_tokens=-1",
            "hosting=moon",
            "request_id=7",
            "totals=perhaps",
            "no_such=1",
        ] {
            assert!(list(&Query::parse(text).unwrap()).is_err(), "{text}");
        }
        assert_eq!(list(&Query::parse("status=processing").unwrap()).unwrap(), None);
    }
}
