//! What logs can be filtered by: names that were counted in the last weeks.

use std::sync::Arc;
use std::time::Duration;

use gateway::ports::logs::{Dimension, Hosting};
use gateway_types::Wall;
use schemars::JsonSchema;
use serde::Serialize;

use super::shares::name;
use crate::api::row::OBJECTS;
use crate::api::{Call, Outcome, typed};
use crate::respond::ApiError;
use crate::state::Edge;

/// How far back names are looked for.
const LOOK_BACK: Duration = Duration::from_secs(30 * 86_400);

/// What logs can be filtered by.
#[derive(Serialize, JsonSchema)]
pub(super) struct FilterData {
    /// Providers that answered in the last weeks.
    providers: Vec<String>,
    /// Models that answered in the last weeks.
    models: Vec<String>,
    /// Virtual keys that called in the last weeks.
    virtual_keys: Vec<Named>,
    /// Teams whose keys called in the last weeks.
    teams: Vec<Named>,
    /// Customers whose keys called in the last weeks.
    customers: Vec<Named>,
    /// Routing rules that sent requests somewhere in the last weeks.
    routing_rules: Vec<Named>,
    /// Providers' keys, as they are set now.
    selected_keys: Vec<gateway::control::KeyOfProvider>,
    /// Kinds of request.
    objects: Vec<&'static str>,
    /// How requests end.
    status: [&'static str; 3],
    /// Kinds of error that came up in the last weeks.
    error_codes: Vec<String>,
    /// Where models run.
    hosting: [Hosting; 2],
}

/// Somebody with an id and a name.
#[derive(Serialize, JsonSchema)]
struct Named {
    /// What to filter by.
    id: String,
    /// What to show: the name, or the id where nobody of that id is there any more.
    name: String,
}

/// `GET /api/logs/filterdata`.
pub(super) async fn show(edge: Arc<Edge>, _: Call) -> Outcome {
    let since = edge.now().wall.millis().saturating_sub(LOOK_BACK.as_millis() as i64);
    let (store, control) = (edge.gateway.logs(), edge.gateway.control());
    let values = async |dimension| Ok::<_, ApiError>(store.values(dimension, Wall::from_millis(since)).await?);
    let named = async |dimension| {
        let ids = values(dimension).await?.into_iter();
        let named = |id: String| Named {
            name: name(control, dimension, Some(&id)).unwrap_or_default(),
            id,
        };
        Ok::<_, ApiError>(ids.map(named).collect())
    };
    typed(&FilterData {
        providers: values(Dimension::Provider).await?,
        models: values(Dimension::Model).await?,
        virtual_keys: named(Dimension::VirtualKey).await?,
        teams: named(Dimension::Team).await?,
        customers: named(Dimension::Customer).await?,
        routing_rules: named(Dimension::Rule).await?,
        selected_keys: control.all_keys(),
        objects: OBJECTS.map(|(word, _)| word).to_vec(),
        status: ["success", "error", "cancelled"],
        error_codes: values(Dimension::Error).await?,
        hosting: Hosting::ALL,
    })
}
