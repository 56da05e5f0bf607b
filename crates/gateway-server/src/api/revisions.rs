//! The settings as a whole: what was changed when and the way back, and the document that carries them elsewhere.

use std::sync::Arc;

use gateway::control::{Exported, RevisionList, SettingsChange, ShownEdit, ShownRevision};
use gateway_types::Revision;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;

use super::doc::Doc;
use super::query::Query;
use super::{Call, Outcome, Route, answered, route};
use crate::respond::{self, ApiError};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/config/revisions", Viewer, later list,
        Doc::of("Lists what was changed in the settings, newest first").query::<RevisionsQuery>().gives::<RevisionList>()),
    route!(GET "/api/config/revisions/{number}", Admin, later show,
        Doc::of("Shows what a revision changed, field by field")
            .details("Of secrets it is told that they changed, and nothing else.")
            .gives::<ShownRevision<ShownEdit>>()),
    route!(POST "/api/config/revisions/{number}/rollback", Admin, later rollback,
        Doc::of("Restores the settings as they were right after a revision")
            .details(ROLLBACK).query::<TrialQuery>().gives::<SettingsChange>()),
    route!(GET "/api/config/export", Admin, later export,
        Doc::of("Gives all settings as a document")
            .details(EXPORT).gives::<Exported>()),
    route!(GET "/api/config/export.yaml", Admin, later export_yaml,
        Doc::of("Gives all settings as a YAML file").details(EXPORT_YAML).gives_other(&["application/yaml"])),
    route!(POST "/api/config/import", Admin, later import,
        Doc::of("Takes a document's settings over, all or nothing")
            .details(IMPORT).query::<TrialQuery>().takes::<Document>().gives::<SettingsChange>()),
];

const ROLLBACK: &str = "\
Everything that was changed since is undone, as one new revision with the caller as its author; 0 is before the first. \
Values of virtual keys, API tokens and passwords, and the secrets of providers, come back as they were then. The whole is \
checked as any change is. 409 where it would change what a configuration file declares, or leave nobody who can manage the \
gateway. `dry_run=true` tells what would change.";
const EXPORT: &str = "\
As `--config` and `--config-seed` take it: what the API and the configuration file say together. No secret is in it: where \
one stands, the document names a variable, and `needed` lists those that begin with `EXPORTED_`, which have to be set where \
the document is used.";
const EXPORT_YAML: &str = "The `document` of `GET /api/config/export`.";
const IMPORT: &str = "\
What the document names is put over what is there, what it does not name stays. A secret for which it names a variable that \
an export made, and that is not set, keeps the value that it has here. 409 where it would change what a configuration file \
declares. The body may be JSON, or YAML with `content-type: application/yaml`. `dry_run=true` tells what would change.";

/// Which revisions are wanted.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct RevisionsQuery {
    /// Those before this one: the `next` of the page before.
    before: Option<u64>,
    /// The most that are answered: 1 to 1000; 50 unless given.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// The settings as a configuration file has them: `format`, `client`, `providers`, `governance`, `admin`.
#[derive(JsonSchema)]
#[schemars(rename = "SettingsDocument", transparent)]
#[allow(
    dead_code,
    reason = "the schema of a body that is read field by field, so that errors name them"
)]
struct Document(serde_json::Map<String, serde_json::Value>);

/// Whether a change is to be made, or only told.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct TrialQuery {
    /// Whether to tell what would change, and change nothing.
    dry_run: Option<bool>,
}

async fn list(edge: Arc<Edge>, call: Call) -> Outcome {
    call.query.only(&["before", "limit"])?;
    let before = call.query.number("before")?.map(Revision);
    let limit = call.query.within("limit", 1, 1000, 50)?;
    answered(edge.gateway.control().revisions(before, limit).await)
}

async fn show(edge: Arc<Edge>, call: Call) -> Outcome {
    let number = number(&call)?;
    answered(edge.gateway.control().revision(number).await)
}

async fn rollback(edge: Arc<Edge>, call: Call) -> Outcome {
    let (number, dry_run) = (number(&call)?, is_trial(&call.query)?);
    let control = edge.gateway.control();
    answered(control.rollback(number, dry_run, call.author.as_str()).await)
}

async fn export(edge: Arc<Edge>, call: Call) -> Outcome {
    answered(edge.gateway.control().export(call.author.as_str()).await)
}

async fn export_yaml(edge: Arc<Edge>, call: Call) -> Outcome {
    let exported = edge.gateway.control().export(call.author.as_str()).await?;
    let text = serde_saphyr::to_string(&exported.document).map_err(|error| {
        let message = format!("the document cannot be written as YAML: {error}");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    })?;
    let mut response = respond::typed(StatusCode::OK, "application/yaml", text.into_bytes());
    let name = HeaderValue::from_static("attachment; filename=\"gateway.yaml\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

async fn import(edge: Arc<Edge>, call: Call) -> Outcome {
    let dry_run = is_trial(&call.query)?;
    let kind = call.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let document = if kind.is_some_and(|kind| kind.contains("yaml")) {
        let text = std::str::from_utf8(&call.body).map_err(|_| ApiError::invalid("the body is not UTF-8"))?;
        serde_saphyr::from_str(text).map_err(|error| ApiError::invalid(format!("the body is not YAML: {error}")))?
    } else {
        call.json()?
    };
    let control = edge.gateway.control();
    answered(control.import(document, dry_run, call.author.as_str()).await)
}

fn number(call: &Call) -> Result<Revision, ApiError> {
    let text = call.param("number");
    let number = text.parse().map_err(|_| {
        let message = format!("there is no revision `{text}`: revisions are numbers");
        ApiError::new(StatusCode::NOT_FOUND, message)
    });
    number.map(Revision)
}

fn is_trial(query: &Query) -> Result<bool, ApiError> {
    query.only(&["dry_run"])?;
    query.word("dry_run", &[("true", true), ("false", false)], false)
}
