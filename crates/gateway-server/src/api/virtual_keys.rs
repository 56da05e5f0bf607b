//! Virtual keys.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future;
use gateway::control::{
    EffectiveLimits, KeyActivity, KeyStatus, List, Message, One, OwnQuota, ShownVirtualKey, SortBy, WantedKeys,
};
use gateway::ports::logs::{Dimension, LogQuery, Rank, Slice};
use gateway::settings::VirtualKeySettings;
use gateway_types::{Span, Wall};
use schemars::JsonSchema;
use serde_json::json;

use super::doc::Doc;
use super::documents::{Change, ListQuery, wanted};
use super::{Call, Outcome, Route, answered, route, typed};
use crate::respond::ApiError;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/governance/virtual-keys", Viewer, later list,
        Doc::of("Lists virtual keys").query::<KeysQuery>().gives::<List<VirtualKeySettings>>()),
    route!(POST "/api/governance/virtual-keys", Operator, later create,
        Doc::of("Makes a virtual key").details(MAKES).takes::<Change<VirtualKeySettings>>().gives::<One<VirtualKeySettings>>()),
    route!(GET "/api/governance/virtual-keys/quota", Public, now quota,
        Doc::of("Tells a virtual key about itself").details(QUOTA).gives::<OwnQuota>()),
    route!(GET "/api/governance/virtual-keys/{id}", Viewer, later show,
        Doc::of("Shows a virtual key with the use of its limits").gives::<One<VirtualKeySettings>>()),
    route!(PUT "/api/governance/virtual-keys/{id}", Operator, later upsert,
        Doc::of("Changes a virtual key, or makes it").details(CHANGES)
            .takes::<Change<VirtualKeySettings>>().gives::<One<VirtualKeySettings>>()),
    route!(DELETE "/api/governance/virtual-keys/{id}", Operator, later delete,
        Doc::of("Deletes a virtual key").details("Its values are refused from then on.").gives::<Message>()),
    route!(GET "/api/governance/virtual-keys/{id}/limits", Viewer, now limits,
        Doc::of("Lists every limit that a virtual key is under").details(LIMITS).gives::<EffectiveLimits>()),
    route!(POST "/api/governance/virtual-keys/{id}/rotate", Operator, later rotate,
        Doc::of("Gives a virtual key a new value").details(ROTATES).may_take::<Rotation>().gives::<One<VirtualKeySettings>>()),
];

const MAKES: &str = "\
The answer holds the value, which is never shown again: one that is made, or the one that was sent. `name` or `id` must be \
given. A provider or model that is not there yet is named in `warnings`.";
const CHANGES: &str = "\
What is not said stays; `{}` or null removes. `provider_configs`, `model_limits` and `budgets` are replaced as sets, whose \
members keep their use: entries told by provider, budgets by id or else by window. Where there was no such key, it is made, with \
its id as its value unless one is sent, and the value is in the answer. 409 where a configuration file declares it.";
const QUOTA: &str = "\
The credential is the virtual key itself, in any header that calls may have it in. A disabled key may ask, an expired one may not.";
const LIMITS: &str = "\
Its own, its team's, its customer's, and those of the providers and models that it may use, each with its use. A call must fit \
all that hold for it; `tightest` marks, for each unit, what leaves the least for every call.";
const ROTATES: &str = "\
The new value is in the answer, and never again. The old one works on for `grace`, else for `client.vk_rotation_cooldown`, else \
not at all.";

/// Which virtual keys are wanted.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct KeysQuery {
    #[schemars(flatten)]
    list: ListQuery,
    /// Those of this team.
    team_id: Option<String>,
    /// Those of this customer and of its teams.
    customer_id: Option<String>,
    /// Those that may use this provider.
    provider: Option<String>,
    /// Those that are so now.
    status: Option<KeyStatus>,
    /// `id` unless given.
    sort_by: Option<SortWord>,
    /// `asc` unless given.
    order: Option<Order>,
}

/// What virtual keys can be sorted by: `budget_spent` in dollars, `budget_used` as a share of the first budget.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
#[allow(dead_code, reason = "the words of SORTS")]
enum SortWord {
    Id,
    Name,
    BudgetSpent,
    BudgetUsed,
    Status,
    ExpiresAt,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
#[allow(dead_code, reason = "read as words")]
enum Order {
    Asc,
    Desc,
}

/// How a virtual key gets a new value.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct Rotation {
    /// The new value. None: one is made.
    value: Option<String>,
    /// How long the old value works on.
    grace: Option<Span>,
}

/// What a list may be sorted by; the first four in the reference's words.
const SORTS: [(&str, SortBy); 6] = [
    ("id", SortBy::Id),
    ("name", SortBy::Name),
    ("budget_spent", SortBy::Spent),
    ("status", SortBy::Status),
    ("budget_used", SortBy::Share),
    ("expires_at", SortBy::Expiry),
];
const STATES: [(&str, Option<KeyStatus>); 3] = [
    ("active", Some(KeyStatus::Active)),
    ("disabled", Some(KeyStatus::Disabled)),
    ("expired", Some(KeyStatus::Expired)),
];
const WEEK: Duration = Duration::from_secs(7 * 86_400);

pub(super) async fn list(edge: Arc<Edge>, call: Call) -> Outcome {
    let keys = WantedKeys {
        page: wanted(&call, &[])?,
        team: call.query.text("team_id"),
        customer: call.query.text("customer_id"),
        provider: call.query.text("provider"),
        status: call.query.word("status", &STATES, None)?,
        by: call.query.word("sort_by", &SORTS, SortBy::Id)?,
        descending: call.query.word("order", &[("asc", false), ("desc", true)], false)?,
    };
    let mut list = edge.gateway.control().virtual_keys(&keys);
    add_activity(&edge, &mut list.page).await?;
    typed(&list)
}

/// What a key may know of itself: the key that is presented is asked about, and opens nothing else.
pub(super) fn quota(edge: &Edge, call: &Call) -> Outcome {
    typed(&edge.gateway.control().own_quota(&call.headers)?)
}

pub(super) async fn show(edge: Arc<Edge>, call: Call) -> Outcome {
    let mut one = edge.gateway.control().virtual_key(call.param("id"))?;
    add_activity(&edge, std::slice::from_mut(&mut one.shown)).await?;
    typed(&one)
}

pub(super) fn limits(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().effective_limits(call.param("id")))
}

pub(super) async fn create(edge: Arc<Edge>, call: Call) -> Outcome {
    let author = call.author.as_str();
    answered(
        edge.gateway
            .control()
            .save_virtual_key(None, call.json()?, author)
            .await,
    )
}

pub(super) async fn upsert(edge: Arc<Edge>, call: Call) -> Outcome {
    let (id, author) = (call.param("id"), call.author.as_str());
    answered(
        edge.gateway
            .control()
            .save_virtual_key(Some(id), call.json()?, author)
            .await,
    )
}

pub(super) async fn delete(edge: Arc<Edge>, call: Call) -> Outcome {
    let (id, author) = (call.param("id"), call.author.as_str());
    answered(edge.gateway.control().delete_virtual_key(id, author).await)
}

pub(super) async fn rotate(edge: Arc<Edge>, call: Call) -> Outcome {
    let (id, author) = (call.param("id"), call.author.as_str());
    // Nothing needs to be said.
    let body = match call.body.trim_ascii().is_empty() {
        true => json!({}),
        false => call.json()?,
    };
    answered(edge.gateway.control().rotate_virtual_key(id, body, author).await)
}

/// Adds what keys have done lately: one look at the rollups for all, and one at the index of rows for each.
async fn add_activity(edge: &Edge, keys: &mut [ShownVirtualKey]) -> Result<(), ApiError> {
    if keys.is_empty() {
        return Ok(());
    }
    let (logs, now) = (edge.gateway.logs(), edge.now().wall);
    let ids: Vec<String> = keys.iter().map(|key| key.id.to_string()).collect();
    let week = Slice {
        dimension: Dimension::VirtualKey,
        since: Wall::from_millis(now.millis().saturating_sub(WEEK.as_millis() as i64)),
        until: now.plus(Duration::from_secs(60)),
        values: ids.clone(),
    };
    let latest = ids.iter().map(|id| LogQuery {
        virtual_keys: vec![id.clone()],
        limit: 1,
        ..LogQuery::default()
    });
    let latest: Vec<LogQuery> = latest.collect();
    let pages = future::try_join_all(latest.iter().map(|query| logs.page(query)));
    let (week, pages) = future::try_join(logs.shares(&week, Rank::Requests, ids.len()), pages).await?;
    for (key, page) in keys.iter_mut().zip(pages) {
        let figures = week.first.iter().find(|(id, _)| *id == key.id.as_str());
        let figures = figures.map(|(_, figures)| figures.clone()).unwrap_or_default();
        key.activity = Some(KeyActivity {
            last_used_at: page.rows.first().map(|row| row.at.rfc3339()),
            week_requests: figures.requests(),
            week_tokens: figures.tokens(),
            week_cost: figures.cost.dollars(),
        });
    }
    Ok(())
}
