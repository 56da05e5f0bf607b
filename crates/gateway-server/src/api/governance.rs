//! Who and what has limits besides virtual keys: customers, teams, models, providers.

use gateway::settings::{CustomerSettings, ModelConfig, ProviderLimits, TeamSettings};

use super::documents::{create, delete, list, show, upsert};
use super::{Route, route};

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/governance/customers", Viewer, now list::<CustomerSettings>),
    route!(POST "/api/governance/customers", Operator, later create::<CustomerSettings>),
    route!(GET "/api/governance/customers/{id}", Viewer, now show::<CustomerSettings>),
    route!(PUT "/api/governance/customers/{id}", Operator, later upsert::<CustomerSettings>),
    route!(DELETE "/api/governance/customers/{id}", Operator, later delete::<CustomerSettings>),
    route!(GET "/api/governance/teams", Viewer, now list::<TeamSettings>),
    route!(POST "/api/governance/teams", Operator, later create::<TeamSettings>),
    route!(GET "/api/governance/teams/{id}", Viewer, now show::<TeamSettings>),
    route!(PUT "/api/governance/teams/{id}", Operator, later upsert::<TeamSettings>),
    route!(DELETE "/api/governance/teams/{id}", Operator, later delete::<TeamSettings>),
    route!(GET "/api/governance/model-configs", Viewer, now list::<ModelConfig>),
    route!(POST "/api/governance/model-configs", Operator, later create::<ModelConfig>),
    route!(GET "/api/governance/model-configs/{id}", Viewer, now show::<ModelConfig>),
    route!(PUT "/api/governance/model-configs/{id}", Operator, later upsert::<ModelConfig>),
    route!(DELETE "/api/governance/model-configs/{id}", Operator, later delete::<ModelConfig>),
    route!(GET "/api/governance/providers", Viewer, now list::<ProviderLimits>),
    route!(GET "/api/governance/providers/{id}", Viewer, now show::<ProviderLimits>),
    route!(PUT "/api/governance/providers/{id}", Operator, later upsert::<ProviderLimits>),
    route!(DELETE "/api/governance/providers/{id}", Operator, later delete::<ProviderLimits>),
];
