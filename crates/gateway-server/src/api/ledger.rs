//! `/api/ledger`: entries by page, the whole as a file, the books of windows, and whether all of it adds up.

mod asked;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use gateway::control::{LedgerList, LedgerVerdict, WindowList, WrittenOff};
use gateway::ports::ledger::{Wanted, WindowNo};
use gateway_types::{QuotaId, RequestId};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::doc::Doc;
use super::query::Query;
use super::{Call, Outcome, Route, answered, route};
use crate::books::export::{self, Format, PAGE};
use crate::respond::{ApiError, Body};
use crate::state::Edge;

use asked::{EntriesQuery, ExportQuery, WindowsQuery, WriteOff};

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/ledger", Viewer, later list,
        Doc::of("Lists entries of the ledger").query::<EntriesQuery>().gives::<LedgerList>()),
    route!(GET "/api/ledger/export", Admin, later download,
        Doc::of("Gives entries of the ledger as a file, oldest first").details(EXPORT)
            .query::<ExportQuery>().gives_other(&["application/x-ndjson", "text/csv"])),
    route!(POST "/api/ledger/verify", Viewer, later verify,
        Doc::of("Computes every sum of the ledger anew").gives::<LedgerVerdict>()),
    route!(GET "/api/ledger/windows", Viewer, later windows,
        Doc::of("Shows the books of a quota's windows, or of each quota's latest one")
            .query::<WindowsQuery>().gives::<WindowList>()),
    route!(POST "/api/ledger/write-off", Admin, later write_off,
        Doc::of("Lets go of what a crash left unaccounted in a window").details(WRITE_OFF)
            .takes::<WriteOff>().gives::<WrittenOff>()),
];

const EXPORT: &str =
    "One JSON object a line, or CSV with `format=csv`. An export that breaks off ends in a line that says why.";
const WRITE_OFF: &str = "\
What was granted to a gateway that crashed counts as spent until its window ends. Written off, it can be spent again: write \
off what the providers did not charge.";

/// What entries can be chosen by.
const FILTERS: [&str; 9] = [
    "virtual_key_id",
    "team_id",
    "customer_id",
    "provider",
    "model",
    "quota",
    "request_id",
    "start_time",
    "end_time",
];

const FORMATS: [(&str, Format); 2] = [("csv", Format::Csv), ("jsonl", Format::Jsonl)];

/// `order=asc|desc` by when entries were written; `after` is the `next` of the page before.
async fn list(edge: Arc<Edge>, call: Call) -> Outcome {
    let query = &call.query;
    query.only(&[&FILTERS[..], &["order", "after", "limit"]].concat())?;
    let wanted = Wanted {
        oldest_first: query.word("order", &[("asc", true), ("desc", false)], false)?,
        after: query.number("after")?,
        limit: query.within("limit", 1, 1000, 50)?,
        ..filters(query)?
    };
    answered(edge.gateway.control().ledger(&wanted).await)
}

/// The entries that fit, oldest first, read page by page as the client takes them. An export that breaks off ends in a line
/// that says why.
async fn download(edge: Arc<Edge>, call: Call) -> Outcome {
    let query = &call.query;
    query.only(&[&FILTERS[..], &["format"]].concat())?;
    let format = query.word("format", &FORMATS, Format::Jsonl)?;
    let wanted = Wanted {
        oldest_first: true,
        limit: PAGE,
        ..filters(query)?
    };
    let chosen: Vec<Value> = FILTERS
        .iter()
        .filter_map(|name| query.text(name).map(|value| json!({ *name: value })))
        .collect();
    let control = edge.gateway.control();
    control
        .audit(
            call.author.as_str(),
            "ledger.export",
            "ledger",
            json!({ "filters": chosen }),
        )
        .await?;
    let state = Download {
        edge: Arc::clone(&edge),
        format,
        next: Some(wanted),
        head: Some(export::head(format)),
    };
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"ledger.csv\""),
        Format::Jsonl => ("application/x-ndjson", "attachment; filename=\"ledger.jsonl\""),
    };
    let mut response = Response::new(Body::feed(stream::unfold(state, Download::next)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(name));
    Ok(response)
}

struct Download {
    edge: Arc<Edge>,
    format: Format,
    /// The page to read; none after the last.
    next: Option<Wanted>,
    head: Option<Vec<u8>>,
}

impl Download {
    async fn next(mut self) -> Option<(Bytes, Self)> {
        let mut wanted = self.next.take()?;
        let mut bytes = self.head.take().unwrap_or_default();
        match self.edge.gateway.control().ledger_page(&wanted).await {
            Ok(page) => {
                bytes.extend(export::page(self.format, &page.entries));
                wanted.after = page.next;
                self.next = page.next.is_some().then_some(wanted);
            }
            Err(error) => bytes.extend(export::broken(self.format, &error.to_string())),
        }
        Some((bytes.into(), self))
    }
}

async fn verify(edge: Arc<Edge>, _: Call) -> Outcome {
    answered(edge.gateway.control().verify_ledger().await)
}

async fn windows(edge: Arc<Edge>, call: Call) -> Outcome {
    let query = &call.query;
    query.only(&["quota", "before", "limit"])?;
    let quota = query.text("quota").map(QuotaId::from);
    let before = query.number("before")?.map(WindowNo);
    let limit = query.within("limit", 1, 1000, 50)?;
    let control = edge.gateway.control();
    answered(control.ledger_windows(quota.as_ref(), before, limit).await)
}

async fn write_off(edge: Arc<Edge>, call: Call) -> Outcome {
    let body = call.json()?;
    let fields = body
        .as_object()
        .ok_or_else(|| ApiError::invalid("the body must be an object such as {\"quota\": \"…\", \"window\": 3}"))?;
    if let Some(name) = fields.keys().find(|name| !matches!(name.as_str(), "quota" | "window")) {
        return Err(ApiError::invalid(format!(
            "`{name}` is not known here; known are quota, window"
        )));
    }
    let quota = fields.get("quota").and_then(Value::as_str).map(QuotaId::from);
    let quota = quota.ok_or_else(|| ApiError::invalid("`quota` must be the id of a quota"))?;
    let window = match fields.get("window") {
        None | Some(Value::Null) => None,
        Some(window) => {
            let number = window.as_u64().filter(|number| *number > 0);
            Some(WindowNo(number.ok_or_else(|| {
                ApiError::invalid(format!(
                    "`window`: {window} is not the number of a window; leave it out for the latest"
                ))
            })?))
        }
    };
    let control = edge.gateway.control();
    answered(control.write_off(&quota, window, call.author.as_str()).await)
}

fn filters(query: &Query) -> Result<Wanted, ApiError> {
    let request = query.text("request_id").map(|text| {
        let wrong = || {
            ApiError::new(
                StatusCode::BAD_REQUEST,
                format!("query parameter `request_id`: `{text}` is not a request id; ids are UUIDs"),
            )
        };
        uuid::Uuid::try_parse(text).map(RequestId::from).map_err(|_| wrong())
    });
    Ok(Wanted {
        virtual_key: query.text("virtual_key_id").map(Into::into),
        team: query.text("team_id").map(Into::into),
        customer: query.text("customer_id").map(Into::into),
        provider: query.text("provider").map(Into::into),
        model: query.text("model").map(Into::into),
        quota: query.text("quota").map(Into::into),
        request: request.transpose()?,
        from: query.moment("start_time")?,
        until: query.moment("end_time")?,
        ..Wanted::default()
    })
}
