//! Who and what has limits besides virtual keys: customers, teams, models, providers.

use gateway::control::{List, Message, One};
use gateway::settings::{CustomerSettings, ModelConfig, ProviderLimits, TeamSettings};
use schemars::JsonSchema;

use super::doc::Doc;
use super::documents::{Change, ListQuery, create, delete, list, show, upsert};
use super::{Route, route};

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/governance/customers", Viewer, now list::<CustomerSettings>,
        Doc::of("Lists customers").query::<ListQuery>().gives::<List<CustomerSettings>>()),
    route!(POST "/api/governance/customers", Operator, later create::<CustomerSettings>,
        Doc::of("Makes a customer").details(MAKES).takes::<Change<CustomerSettings>>().gives::<One<CustomerSettings>>()),
    route!(GET "/api/governance/customers/{id}", Viewer, now show::<CustomerSettings>,
        Doc::of("Shows a customer with the use of its limits").gives::<One<CustomerSettings>>()),
    route!(PUT "/api/governance/customers/{id}", Operator, later upsert::<CustomerSettings>,
        Doc::of("Changes a customer, or makes it").details(CHANGES)
            .takes::<Change<CustomerSettings>>().gives::<One<CustomerSettings>>()),
    route!(DELETE "/api/governance/customers/{id}", Operator, later delete::<CustomerSettings>,
        Doc::of("Deletes a customer").details(DELETES).gives::<Message>()),
    route!(GET "/api/governance/teams", Viewer, now list::<TeamSettings>,
        Doc::of("Lists teams").query::<TeamsQuery>().gives::<List<TeamSettings>>()),
    route!(POST "/api/governance/teams", Operator, later create::<TeamSettings>,
        Doc::of("Makes a team").details(MAKES).takes::<Change<TeamSettings>>().gives::<One<TeamSettings>>()),
    route!(GET "/api/governance/teams/{id}", Viewer, now show::<TeamSettings>,
        Doc::of("Shows a team with the use of its limits").gives::<One<TeamSettings>>()),
    route!(PUT "/api/governance/teams/{id}", Operator, later upsert::<TeamSettings>,
        Doc::of("Changes a team, or makes it").details(CHANGES)
            .takes::<Change<TeamSettings>>().gives::<One<TeamSettings>>()),
    route!(DELETE "/api/governance/teams/{id}", Operator, later delete::<TeamSettings>,
        Doc::of("Deletes a team").details(DELETES).gives::<Message>()),
    route!(GET "/api/governance/model-configs", Viewer, now list::<ModelConfig>,
        Doc::of("Lists limits of models").query::<ModelConfigsQuery>().gives::<List<ModelConfig>>()),
    route!(POST "/api/governance/model-configs", Operator, later create::<ModelConfig>,
        Doc::of("Limits a model").details(MAKES).takes::<Change<ModelConfig>>().gives::<One<ModelConfig>>()),
    route!(GET "/api/governance/model-configs/{id}", Viewer, now show::<ModelConfig>,
        Doc::of("Shows the limits of a model with their use").gives::<One<ModelConfig>>()),
    route!(PUT "/api/governance/model-configs/{id}", Operator, later upsert::<ModelConfig>,
        Doc::of("Changes the limits of a model, or makes them").details(CHANGES)
            .takes::<Change<ModelConfig>>().gives::<One<ModelConfig>>()),
    route!(DELETE "/api/governance/model-configs/{id}", Operator, later delete::<ModelConfig>,
        Doc::of("Takes the limits of a model away").gives::<Message>()),
    route!(GET "/api/governance/providers", Viewer, now list::<ProviderLimits>,
        Doc::of("Lists limits of providers").query::<ListQuery>().gives::<List<ProviderLimits>>()),
    route!(GET "/api/governance/providers/{id}", Viewer, now show::<ProviderLimits>,
        Doc::of("Shows the limits of a provider with their use").gives::<One<ProviderLimits>>()),
    route!(PUT "/api/governance/providers/{id}", Operator, later upsert::<ProviderLimits>,
        Doc::of("Limits a provider, or changes its limits").details(CHANGES)
            .takes::<Change<ProviderLimits>>().gives::<One<ProviderLimits>>()),
    route!(DELETE "/api/governance/providers/{id}", Operator, later delete::<ProviderLimits>,
        Doc::of("Takes the limits of a provider away").gives::<Message>()),
];

const MAKES: &str = "An id is made where none is given; 409 where it exists.";
const CHANGES: &str = "\
What is not said stays; `{}` or null removes. `budgets` is replaced as a set: a budget that was there before, told by its id \
or else by its window, keeps its use. 409 where a configuration file declares it.";
const DELETES: &str =
    "409 while somebody belongs to it, naming them: whom it held would be free of its limits in silence.";

/// Which teams are wanted.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct TeamsQuery {
    #[schemars(flatten)]
    list: ListQuery,
    /// Those of this customer.
    customer_id: Option<String>,
}

/// Which models' limits are wanted.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct ModelConfigsQuery {
    #[schemars(flatten)]
    list: ListQuery,
    /// Those at this provider.
    provider: Option<String>,
    /// That of this model, as it is written.
    model_name: Option<String>,
}
