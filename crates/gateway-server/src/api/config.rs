//! The client section of the settings, and the version.

use std::sync::Arc;

use gateway::control::{ConfigSaved, ConfigView};
use gateway::settings::Client;
use schemars::JsonSchema;
use serde_json::json;

use super::doc::Doc;
use super::documents::Change;
use super::{Call, Outcome, Route, answered, ok, route, typed};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/config", Viewer, now show,
        Doc::of("Shows the client section, and whether the files are in force").gives::<ConfigView>()),
    route!(PUT "/api/config", Admin, later save,
        Doc::of("Changes the client section")
            .details("What is not said stays, null removes. 409 where a configuration file declares the section.")
            .takes::<ConfigChange>().gives::<ConfigSaved>()),
    route!(GET "/api/version", Viewer, now version, Doc::of("The gateway's version").gives::<String>()),
];

/// A change of the client section.
#[derive(JsonSchema)]
#[allow(
    dead_code,
    reason = "the schema of a body that is read field by field, so that errors name them"
)]
struct ConfigChange {
    /// What changes of it.
    client_config: Change<Client>,
}

fn show(edge: &Edge, _: &Call) -> Outcome {
    typed(&edge.gateway.control().config())
}

async fn save(edge: Arc<Edge>, call: Call) -> Outcome {
    answered(
        edge.gateway
            .control()
            .save_config(call.json()?, call.author.as_str())
            .await,
    )
}

/// A bare JSON string, as the reference has it.
fn version(_: &Edge, _: &Call) -> Outcome {
    ok(&json!(concat!("v", env!("CARGO_PKG_VERSION"))))
}
