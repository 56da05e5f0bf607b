//! Providers, their keys, and what is known of both.

mod kinds;
mod trial;

use std::borrow::Cow;
use std::sync::Arc;

use gateway::control::{
    DeploymentList, KeyList, KeyOfProvider, KeyView, Message, ModelList, ModelNames, ModelOrder, OfferList,
    ProviderDeleted, ProviderList, ProviderUses, ProviderView, Save, WantedModels,
};
use gateway::settings::{Provider, ProviderKey};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as NoWord, StrDeserializer};
use serde_json::{Value, json};

use super::doc::Doc;
use super::documents::Change;
use super::{Call, Outcome, Route, answered, route, typed};
use crate::respond::ApiError;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/providers", Viewer, now list, Doc::of("Lists providers").gives::<ProviderList>()),
    route!(POST "/api/providers", Operator, later create,
        Doc::of("Makes a provider").details(MAKES).takes::<NewProvider>().gives::<ProviderView>()),
    route!(GET "/api/providers/kinds", Viewer, now kinds_of_providers,
        Doc::of("What providers can be, and what each needs to be told").gives::<kinds::KindList>()),
    route!(GET "/api/providers/{provider}", Viewer, now show, Doc::of("Shows a provider").gives::<ProviderView>()),
    route!(PUT "/api/providers/{provider}", Operator, later upsert,
        Doc::of("Changes a provider, or makes it").details(CHANGES).takes::<Change<Provider>>().gives::<ProviderView>()),
    route!(DELETE "/api/providers/{provider}", Operator, later delete,
        Doc::of("Deletes a provider").details(DELETES).gives::<ProviderDeleted>()),
    route!(GET "/api/providers/{provider}/uses", Viewer, now uses,
        Doc::of("Who counts on a provider: virtual keys with their weights, rules, limits, prices").gives::<ProviderUses>()),
    route!(POST "/api/providers/{provider}/test", Operator, later trial::run,
        Doc::of("Tries a provider with one small call").details(TRIES).may_take::<trial::Wanted>().gives::<trial::Tried>()),
    route!(POST "/api/providers/{provider}/models/refresh", Operator, later refresh,
        Doc::of("Asks a provider at once which models it serves").gives::<ProviderView>()),
    route!(GET "/api/providers/{provider}/keys", Viewer, now keys,
        Doc::of("Lists the keys of a provider, redacted").gives::<KeyList>()),
    route!(POST "/api/providers/{provider}/keys", Operator, later create_key,
        Doc::of("Adds a key to a provider").takes::<Change<ProviderKey>>().gives::<KeyView>()),
    route!(GET "/api/providers/{provider}/keys/{key}", Viewer, now key,
        Doc::of("Shows a key of a provider, redacted").gives::<KeyView>()),
    route!(PUT "/api/providers/{provider}/keys/{key}", Operator, later upsert_key,
        Doc::of("Changes a key of a provider").details(CHANGES).takes::<Change<ProviderKey>>().gives::<KeyView>()),
    route!(DELETE "/api/providers/{provider}/keys/{key}", Operator, later delete_key,
        Doc::of("Takes a key away from a provider").gives::<Message>()),
    route!(GET "/api/keys", Viewer, now all_keys,
        Doc::of("Lists the keys of all providers, redacted").gives::<Vec<KeyOfProvider>>()),
    route!(GET "/api/models", Viewer, now models,
        Doc::of("Lists the names of models that providers are known to serve").query::<NamesQuery>().gives::<ModelNames>()),
    route!(GET "/api/models/details", Viewer, now details,
        Doc::of("Lists models with what is known of them and what they cost").query::<ModelsQuery>().gives::<ModelList>()),
    route!(GET "/api/offers", Viewer, now offers,
        Doc::of("Lists self-hosted servers that were noticed on this machine").gives::<OfferList>()),
    route!(POST "/api/offers/{offer}/accept", Operator, later accept_offer,
        Doc::of("Makes a provider of a server that was noticed").gives::<ProviderView>()),
    route!(GET "/api/health/deployments", Viewer, now health,
        Doc::of("How each deployment stands that was called").gives::<DeploymentList>()),
];

const MAKES: &str = "A provider that was picked up from the environment is taken over. Waits up to a second for the \
list of models. What was sent and does not act is named in `warnings`.";
const CHANGES: &str = "What is not said stays; null and `{}` remove; lists are replaced. A secret that is sent as it was \
shown stays as it is, unless it would go to another host.";
const DELETES: &str = "Virtual keys and rules that name it are left as they are, and find nothing there: \
`GET /api/providers/{provider}/uses` tells which.";
const TRIES: &str = "The cheapest model that is known, unless one is named, is asked for a few tokens; where the provider \
has none that chats, embeds or ranks, it is asked for its models. The call is a real one: it is billed, it is in the log \
and in the ledger without a virtual key, and the limits of the provider and of the model hold. That it failed is told in \
the answer, whose status is 200 all the same.";

/// A provider that is to be made.
struct NewProvider;

impl JsonSchema for NewProvider {
    fn schema_name() -> Cow<'static, str> {
        "NewProvider".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Change::<Provider>::json_schema(generator);
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            let words = "Its name: that of a known kind, or one of your own beside `custom_provider_config`.";
            properties.insert("provider".to_owned(), json!({ "type": "string", "description": words }));
        }
        schema.insert("required".to_owned(), json!(["provider"]));
        schema
    }
}

/// Which names of models are wanted.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct NamesQuery {
    /// A text that the name must hold, in any case.
    query: Option<String>,
    /// Of that provider alone.
    provider: Option<String>,
    /// The most that are answered: 1 to 10000; 5 unless given.
    #[schemars(range(min = 1, max = 10_000))]
    limit: Option<u32>,
}

/// Which models are wanted, in which order.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct ModelsQuery {
    /// Words that the name or the provider's must hold, in any case.
    query: Option<String>,
    /// Of that provider alone.
    provider: Option<String>,
    /// Of that very name; the answer then tells which virtual keys may use it.
    model: Option<String>,
    /// Able to do that: `tools`, `image_in`, `reasoning`, …
    capability: Option<String>,
    /// For that: `chat`, `embedding`, …
    mode: Option<String>,
    /// On machines of one's own, or not.
    self_hosted: Option<bool>,
    /// That a call can reach now, or cannot.
    reachable: Option<bool>,
    /// Whether those of the catalogue that no configured provider is known to serve are among them.
    all: Option<bool>,
    /// What they are put in order by; the name unless given.
    sort_by: Option<ModelOrder>,
    /// Upwards unless given.
    order: Option<Direction>,
    /// The most that are answered: 1 to 1000; 20 unless given.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// How many are skipped before.
    offset: Option<u32>,
}

/// Which way a list is sorted.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[allow(dead_code, reason = "read as a word, so that errors name it")]
enum Direction {
    /// The smallest first.
    Asc,
    /// The largest first.
    Desc,
}

/// Models that a list gives unless asked for more; the reference's number.
const MODELS: usize = 5;
/// The same with what is known of each.
const DETAILS: usize = 20;

pub(super) fn list(edge: &Edge, _: &Call) -> Outcome {
    typed(&edge.gateway.control().providers())
}

pub(super) fn show(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().provider(call.param("provider")))
}

pub(super) async fn create(edge: Arc<Edge>, call: Call) -> Outcome {
    let author = call.author.as_str();
    answered(
        edge.gateway
            .control()
            .save_provider(None, call.json()?, Save::Create, author)
            .await,
    )
}

pub(super) async fn upsert(edge: Arc<Edge>, call: Call) -> Outcome {
    let (name, author) = (call.param("provider"), call.author.as_str());
    answered(
        edge.gateway
            .control()
            .save_provider(Some(name), call.json()?, Save::Upsert, author)
            .await,
    )
}

pub(super) async fn delete(edge: Arc<Edge>, call: Call) -> Outcome {
    answered(
        edge.gateway
            .control()
            .delete_provider(call.param("provider"), call.author.as_str())
            .await,
    )
}

pub(super) fn keys(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().keys(call.param("provider")))
}

pub(super) fn key(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().key(call.param("provider"), call.param("key")))
}

pub(super) async fn create_key(edge: Arc<Edge>, call: Call) -> Outcome {
    let (provider, author) = (call.param("provider"), call.author.as_str());
    answered(
        edge.gateway
            .control()
            .save_key(provider, None, call.json()?, author)
            .await,
    )
}

pub(super) async fn upsert_key(edge: Arc<Edge>, call: Call) -> Outcome {
    let (provider, key, author) = (call.param("provider"), call.param("key"), call.author.as_str());
    answered(
        edge.gateway
            .control()
            .save_key(provider, Some(key), call.json()?, author)
            .await,
    )
}

pub(super) async fn delete_key(edge: Arc<Edge>, call: Call) -> Outcome {
    let (provider, key, author) = (call.param("provider"), call.param("key"), call.author.as_str());
    answered(edge.gateway.control().delete_key(provider, key, author).await)
}

pub(super) fn all_keys(edge: &Edge, _: &Call) -> Outcome {
    typed(&edge.gateway.control().all_keys())
}

fn kinds_of_providers(edge: &Edge, _: &Call) -> Outcome {
    typed(&kinds::all(edge))
}

fn uses(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().uses_of_provider(call.param("provider")))
}

async fn refresh(edge: Arc<Edge>, call: Call) -> Outcome {
    answered(edge.gateway.control().refresh_models(call.param("provider")).await)
}

pub(super) fn models(edge: &Edge, call: &Call) -> Outcome {
    let limit = call.query.within("limit", 1, 10_000, MODELS)?;
    typed(
        &edge
            .gateway
            .control()
            .models(call.query.text("query"), call.query.text("provider"), limit),
    )
}

fn details(edge: &Edge, call: &Call) -> Outcome {
    let query = &call.query;
    let descending = match query.text("order") {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(other) => {
            return Err(ApiError::invalid(format!(
                "`order`: `{other}` is neither `asc` nor `desc`"
            )));
        }
    };
    let wanted = WantedModels {
        query: query.text("query"),
        provider: query.text("provider"),
        model: query.text("model"),
        capability: query.text("capability"),
        mode: query.text("mode"),
        self_hosted: flag(call, "self_hosted")?,
        reachable: flag(call, "reachable")?,
        all: flag(call, "all")?.unwrap_or(false),
        sort_by: query.text("sort_by").map_or_else(|| Ok(ModelOrder::default()), order)?,
        descending,
        limit: query.within("limit", 1, 1000, DETAILS)?,
        offset: query.within("offset", 0, usize::MAX, 0)?,
    };
    typed(&edge.gateway.control().model_details(&wanted))
}

fn order(word: &str) -> Result<ModelOrder, ApiError> {
    let read: StrDeserializer<'_, NoWord> = word.into_deserializer();
    ModelOrder::deserialize(read).map_err(|error| ApiError::invalid(format!("`sort_by`: {error}")))
}

fn flag(call: &Call, name: &str) -> Result<Option<bool>, ApiError> {
    match call.query.text(name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => Err(ApiError::invalid(format!(
            "`{name}`: `{other}` is neither `true` nor `false`"
        ))),
    }
}

pub(super) fn offers(edge: &Edge, _: &Call) -> Outcome {
    typed(&edge.gateway.control().offers())
}

pub(super) async fn accept_offer(edge: Arc<Edge>, call: Call) -> Outcome {
    answered(
        edge.gateway
            .control()
            .accept_offer(call.param("offer"), call.author.as_str())
            .await,
    )
}

pub(super) fn health(edge: &Edge, _: &Call) -> Outcome {
    typed(&edge.gateway.control().health())
}
