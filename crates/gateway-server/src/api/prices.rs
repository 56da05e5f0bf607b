//! Prices: overrides, what models cost here, and the catalogue's file.

use std::sync::Arc;

use gateway::control::{CatalogueView, List, Message, One, PriceList, PricePreview, WantedPrices};
use gateway::settings::PricingOverride;
use schemars::JsonSchema;
use serde::Serialize;

use super::doc::Doc;
use super::documents::{Change, ListQuery, create, delete, list, show, upsert};
use super::{Call, Outcome, Route, answered, route, typed};
use crate::config::catalogue;
use crate::respond::ApiError;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/governance/pricing-overrides", Viewer, now list::<PricingOverride>,
        Doc::of("Lists pricing overrides").query::<OverridesQuery>().gives::<List<PricingOverride>>()),
    route!(POST "/api/governance/pricing-overrides", Operator, later create::<PricingOverride>,
        Doc::of("Makes a pricing override").details(UNIT)
            .takes::<Change<PricingOverride>>().gives::<One<PricingOverride>>()),
    route!(GET "/api/governance/pricing-overrides/{id}", Viewer, now show::<PricingOverride>,
        Doc::of("Shows a pricing override").gives::<One<PricingOverride>>()),
    route!(PUT "/api/governance/pricing-overrides/{id}", Operator, later upsert::<PricingOverride>,
        Doc::of("Changes a pricing override, or makes it").details(UNIT)
            .takes::<Change<PricingOverride>>().gives::<One<PricingOverride>>()),
    route!(DELETE "/api/governance/pricing-overrides/{id}", Operator, later delete::<PricingOverride>,
        Doc::of("Deletes a pricing override").gives::<Message>()),
    route!(GET "/api/models/prices", Viewer, now prices,
        Doc::of("What models cost here now, and who says so").query::<PricesQuery>().gives::<PriceList>()),
    route!(POST "/api/models/prices/preview", Viewer, later preview,
        Doc::of("What a model would cost were an override saved").takes::<PreviewRequest>().gives::<PricePreview>()),
    route!(POST "/api/pricing/force-sync", Operator, later sync,
        Doc::of("Reads the catalogue's file again").details(SYNC).gives::<Synced>()),
];

const UNIT: &str =
    "Prices are dollars per token, or per unit of another measure. What is not said stays; null removes.";
const SYNC: &str = "Nothing is fetched from a network: where there is no file, nothing is done, and said so.";

/// Which overrides are wanted.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct OverridesQuery {
    #[serde(flatten)]
    list: ListQuery,
    /// Those of that provider.
    provider: Option<String>,
    /// Those for that pattern.
    model_pattern: Option<String>,
    /// Those whose pattern is read so: `exact`, `wildcard` or `regex`.
    match_type: Option<String>,
}

/// Which prices are wanted.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct PricesQuery {
    /// Of that provider alone.
    provider: Option<String>,
    /// Of that model alone, whether anybody is known to serve it or not.
    model: Option<String>,
    /// The most that are answered: 1 to 1000; 100 unless given.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// How many are skipped before.
    offset: Option<u32>,
}

/// A model, and an override that might be saved.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
#[schemars(rename = "PricePreviewRequest")]
struct PreviewRequest {
    /// The provider.
    provider: String,
    /// The model.
    model: String,
    /// The override; one of the same id is thought to be replaced.
    r#override: Change<PricingOverride>,
}

/// What became of the catalogue's file.
#[derive(Serialize, JsonSchema)]
struct Synced {
    message: &'static str,
    /// Where prices are from now.
    catalogue: CatalogueView,
}

pub(super) fn prices(edge: &Edge, call: &Call) -> Outcome {
    let wanted = WantedPrices {
        provider: call.query.text("provider"),
        model: call.query.text("model"),
        limit: call.query.within("limit", 1, 1000, 100)?,
        offset: call.query.within("offset", 0, usize::MAX, 0)?,
    };
    typed(&edge.gateway.control().prices(&wanted))
}

async fn preview(edge: Arc<Edge>, call: Call) -> Outcome {
    let mut body = call.json()?;
    let text = |field: &str| {
        let text = body[field].as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned)
            .ok_or_else(|| ApiError::invalid(format!("`{field}` is missing: a text")))
    };
    let (provider, model) = (text("provider")?, text("model")?);
    let said = body["override"].take();
    answered(edge.gateway.control().preview_price(&provider, &model, said))
}

/// Reads the catalogue's file again. Nothing is fetched from a network: where there is no file, nothing is done, and said so.
pub(super) async fn sync(edge: Arc<Edge>, _: Call) -> Outcome {
    let control = edge.gateway.control();
    let done = |message| {
        typed(&Synced {
            message,
            catalogue: control.catalogue(),
        })
    };
    let Some(path) = control.catalogue_path() else {
        return done(
            "Nothing to read: the embedded catalogue is in force; start with --catalog FILE to put prices of your own over it",
        );
    };
    match catalogue::read_again(control, &path).await {
        Ok(_) => done("Pricing read from its file"),
        Err(error) => Err(ApiError::from(gateway::ControlError::Invalid(format!(
            "{}: {error}; what was in force stays",
            path.display()
        )))),
    }
}
