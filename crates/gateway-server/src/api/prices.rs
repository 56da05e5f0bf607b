//! Prices: overrides, what models cost here, and the catalogue's file.

use std::sync::Arc;

use gateway::control::WantedPrices;
use gateway::settings::PricingOverride;
use serde_json::json;

use super::documents::{create, delete, list, show, upsert};
use super::{Call, Outcome, Route, ok, route};
use crate::config::catalogue;
use crate::respond::ApiError;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/governance/pricing-overrides", Viewer, now list::<PricingOverride>),
    route!(POST "/api/governance/pricing-overrides", Operator, later create::<PricingOverride>),
    route!(GET "/api/governance/pricing-overrides/{id}", Viewer, now show::<PricingOverride>),
    route!(PUT "/api/governance/pricing-overrides/{id}", Operator, later upsert::<PricingOverride>),
    route!(DELETE "/api/governance/pricing-overrides/{id}", Operator, later delete::<PricingOverride>),
    route!(GET "/api/models/prices", Viewer, now prices),
    route!(POST "/api/pricing/force-sync", Operator, later sync),
];

pub(super) fn prices(edge: &Edge, call: &Call) -> Outcome {
    let wanted = WantedPrices {
        provider: call.query.text("provider"),
        model: call.query.text("model"),
        limit: call.query.within("limit", 1, 1000, 100)?,
        offset: call.query.within("offset", 0, usize::MAX, 0)?,
    };
    ok(&edge.gateway.control().prices(&wanted))
}

/// Reads the catalogue's file again. Nothing is fetched from a network: where there is no file, nothing is done, and said so.
pub(super) async fn sync(edge: Arc<Edge>, _: Call) -> Outcome {
    let control = edge.gateway.control();
    let Some(path) = control.catalogue_path() else {
        return ok(&json!({
            "message": "Nothing to read: the embedded catalogue is in force; start with --catalog FILE to put prices of your own over it",
            "catalogue": control.catalogue(),
        }));
    };
    match catalogue::read_again(control, &path).await {
        Ok(_) => ok(&json!({ "message": "Pricing read from its file", "catalogue": control.catalogue() })),
        Err(error) => Err(ApiError::from(gateway::ControlError::Invalid(format!(
            "{}: {error}; what was in force stays",
            path.display()
        )))),
    }
}
