//! Every level says no for itself, and every call is charged at every level.

use gateway_types::{
    Basis, Clock, Error, ErrorKind, ManualClock, Metered, ModelName, Operation, Org, RequestId, UnitPrice, Usage,
};
use proptest::prelude::*;
use serde::de::DeserializeOwned;

use super::*;
use crate::access::{Served, Serves, authorise};
use crate::governor::{Estimate, Governor, Options, Turn};
use crate::memory::MemoryLedger;
use crate::price::{Price, Pricing, Rates};

/// Providers that serve whatever they are asked for, but for each other's models.
struct Anything;

impl Serves for Anything {
    fn is_provider(&self, name: &str) -> bool {
        ["openai", "azure"].contains(&name)
    }
    fn providers(&self) -> Vec<ProviderName> {
        vec!["openai".into(), "azure".into()]
    }
    fn serves(&self, _: &ProviderName, model: &str) -> Served {
        match model.split_once('/') {
            Some((provider, _)) if self.is_provider(provider) => Served::No,
            _ => Served::Yes(ModelName::from(model)),
        }
    }
}

fn list<T: DeserializeOwned>(document: &Value, name: &str) -> Vec<T> {
    document
        .get(name)
        .map_or_else(Vec::new, |list| serde_json::from_value(list.clone()).unwrap())
}

/// Compiles a document as it could stand in a file.
fn compile(document: &Value, quotas: &Quotas) -> Result<Directory, Vec<Fault>> {
    let keys: Vec<_> = list::<Value>(document, "virtual_keys")
        .into_iter()
        .map(settings)
        .collect();
    let said = Said {
        keys: &keys,
        teams: &list(document, "teams"),
        customers: &list(document, "customers"),
        models: &list(document, "model_configs"),
        providers: &list(document, "providers"),
        ..Said::default()
    };
    Directory::compile(&said, quotas)
}

/// A key under all that there is, nothing of which is limited yet.
fn document() -> Value {
    json!({
        "customers": [{"id": "acme", "name": "ACME"}],
        "teams": [{"id": "platform", "name": "Platform", "customer_id": "acme"}],
        "virtual_keys": [{
            "id": "k", "team_id": "platform",
            "provider_configs": [{"provider": "openai"}, {"provider": "azure"}],
            "model_limits": [{"model_name": "gpt-*"}],
        }],
        "model_configs": [
            {"id": "m1", "model_name": "gpt-4o"},
            {"id": "m2", "model_name": "gpt-4o", "provider": "openai"},
            {"id": "m3", "model_name": "*"},
        ],
        "providers": [{"name": "openai"}],
    })
}

/// Where a limit can be said, what ids of its quotas begin with, and whose it is in words.
const LEVELS: [(&str, &str, &str); 9] = [
    ("/customers/0", "customer/acme", "customer acme"),
    ("/teams/0", "team/platform", "team platform"),
    ("/virtual_keys/0", "vk/k", "virtual key k"),
    (
        "/virtual_keys/0/provider_configs/0",
        "vk/k/openai",
        "virtual key k at provider openai",
    ),
    (
        "/virtual_keys/0/model_limits/0",
        "vk-model/k/gpt-*",
        "virtual key k for model gpt-*",
    ),
    ("/model_configs/0", "model/gpt-4o", "model gpt-4o"),
    (
        "/model_configs/1",
        "provider-model/openai/gpt-4o",
        "model gpt-4o at provider openai",
    ),
    ("/model_configs/2", "model/*", "model *"),
    ("/providers/0", "provider/openai", "provider openai"),
];

struct Gateway {
    governor: Governor,
    clock: Arc<ManualClock>,
}

impl Gateway {
    async fn new() -> Self {
        let clock = Arc::new(ManualClock::at(now()));
        let ledger = Arc::new(MemoryLedger::new());
        let (governor, tasks) = Governor::new(ledger, clock.clone(), Org::default(), Options::default());
        tokio::spawn(tasks.run());
        governor.ready().await;
        Self { governor, clock }
    }

    fn compile(&self, document: &Value) -> Directory {
        compile(document, self.governor.quotas()).unwrap()
    }

    /// A call of 10 tokens in and 10 out, a nano-dollar each.
    async fn call(&self, directory: &Directory, presented: Option<&str>, model: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let principal = authenticate(directory, &hasher(), presented, Rules { enforced: false }, now)?;
        let place = authorise(&principal, model, &Anything)?.allowed.remove(0);
        let turn = Turn::new(RequestId::new(now), Operation::Chat, 10);
        let admission = self.governor.admit(&principal, turn, now).await?;
        let estimate = Estimate {
            input_bound: 10,
            input_estimate: 10,
            cap: Some(10),
            max_output: None,
            choices: 1,
            generates: true,
            elastic: false,
        };
        let pricing = Pricing::Known(Price::flat(Rates::new(UnitPrice(1000), UnitPrice(1000))));
        let mut hold = match self.governor.hold(&admission, &place, estimate, pricing, now).await {
            Ok(hold) => hold,
            Err(error) => {
                admission.refuse();
                return Err(error);
            }
        };
        hold.sent(&"key".into());
        let usage = Usage {
            input: 10,
            output: 10,
            ..Usage::default()
        };
        hold.settle(Metered::new(usage, Basis::Reported));
        admission.finish(now);
        Ok(())
    }

    fn used(&self, quota: &str) -> Option<i64> {
        self.governor.usage(&quota.into()).map(|usage| usage.used)
    }
}

fn with(place: &str, fields: Value) -> Value {
    let mut document = document();
    let Value::Object(fields) = fields else { unreachable!() };
    let limited = document.pointer_mut(place).unwrap().as_object_mut().unwrap();
    limited.extend(fields);
    document
}

/// A limit, with how many calls pass it, and what the next one is told.
fn limits() -> [(Value, usize, ErrorKind, &'static str); 4] {
    [
        (
            json!({"budgets": [{"max_limit": 0.00000003, "reset_duration": "1d"}]}),
            1,
            ErrorKind::BudgetExceeded,
            "budget of ",
        ),
        (
            json!({"rate_limit": {"request_max_limit": 2, "request_reset_duration": "1h"}}),
            2,
            ErrorKind::RequestLimited,
            "request limit of ",
        ),
        (
            json!({"rate_limit": {"token_max_limit": 30, "token_reset_duration": "1h"}}),
            1,
            ErrorKind::TokenLimited,
            "token limit of ",
        ),
        (
            json!({"rate_limit": {"max_in_flight": 0}}),
            0,
            ErrorKind::RequestLimited,
            "limit of ",
        ),
    ]
}

#[tokio::test]
async fn every_level_refuses_for_itself_and_says_whose_limit_it_is() {
    for (place, _, words) in LEVELS {
        for (fields, passes, kind, begins) in limits() {
            let gateway = Gateway::new().await;
            let directory = gateway.compile(&with(place, fields));
            for _ in 0..passes {
                gateway.call(&directory, Some("k"), "gpt-4o").await.unwrap();
            }
            let refused = gateway.call(&directory, Some("k"), "gpt-4o").await.unwrap_err();
            assert_eq!(refused.kind, kind, "{place}: {}", refused.message);
            // What follows the owner is not the rest of a longer name.
            let named = format!("{begins}{words} ");
            assert!(refused.message.starts_with(&named), "{place}: {}", refused.message);
        }
    }
}

#[tokio::test]
async fn one_call_is_charged_at_every_level_once() {
    let mut document = document();
    for (place, ..) in LEVELS {
        let fields = json!({
            "budgets": [{"max_limit": 1, "reset_duration": "1d"}, {"max_limit": 5, "reset_duration": "1M"}],
            "rate_limit": {
                "request_max_limit": 10, "request_reset_duration": "1h",
                "token_max_limit": 1000, "token_reset_duration": "1h", "max_in_flight": 3,
            },
        });
        let Value::Object(fields) = fields else { unreachable!() };
        document
            .pointer_mut(place)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .extend(fields);
    }
    let gateway = Gateway::new().await;
    let directory = gateway.compile(&document);
    gateway.call(&directory, Some("k"), "gpt-4o").await.unwrap();
    for (_, id, _) in LEVELS {
        let charged = ["budget", "budget/1", "requests", "tokens", "in_flight"]
            .map(|unit| gateway.used(&format!("{id}/{unit}")).unwrap());
        assert_eq!(charged, [20, 20, 1, 20, 0], "{id}");
    }
    gateway.call(&directory, Some("k"), "azure/gpt-4o").await.unwrap();
    let requests = |owner: &str| gateway.used(&format!("{owner}/requests")).unwrap();
    let counted = LEVELS.map(|(_, id, _)| requests(id));
    assert_eq!(
        counted,
        [2, 2, 2, 1, 2, 2, 1, 2, 1],
        "what is openai's alone does not count calls to azure"
    );
}

#[tokio::test]
async fn callers_without_a_key_are_under_the_limits_of_models_and_providers() {
    let limit = json!({"rate_limit": {"request_max_limit": 1, "request_reset_duration": "1h"}});
    for (place, _, words) in &LEVELS[5..] {
        let gateway = Gateway::new().await;
        let directory = gateway.compile(&with(place, limit.clone()));
        gateway.call(&directory, None, "gpt-4o").await.unwrap();
        let refused = gateway.call(&directory, None, "GPT-4o").await.unwrap_err();
        assert!(refused.message.contains(words), "{}", refused.message);
    }
}

#[tokio::test]
async fn an_alias_is_charged_where_it_is_served() {
    let mut document = document();
    document["virtual_keys"][0]["provider_configs"][0]["model_aliases"] = json!({"fast": "gpt-4o"});
    document["model_configs"] = json!([
        {"id": "a", "model_name": "fast", "rate_limit": {"request_max_limit": 1, "request_reset_duration": "1h"}},
        {"id": "s", "model_name": "gpt-4o", "rate_limit": {"request_max_limit": 9, "request_reset_duration": "1h"}},
    ]);
    let gateway = Gateway::new().await;
    let directory = gateway.compile(&document);
    gateway.call(&directory, Some("k"), "fast").await.unwrap();
    assert_eq!(gateway.used("model/gpt-4o/requests"), Some(1));
    assert_eq!(gateway.used("model/fast/requests"), Some(0));
}

#[tokio::test]
async fn a_key_that_moves_to_another_team_keeps_its_own_usage() {
    let budget = json!([{"max_limit": 1, "reset_duration": "1d"}]);
    let document = |team: &str| {
        json!({
            "customers": [{"id": "acme", "name": "", "budgets": budget}, {"id": "other", "name": "", "budgets": budget}],
            "teams": [
                {"id": "a", "name": "", "customer_id": "acme", "budgets": budget},
                {"id": "b", "name": "", "customer_id": "other", "budgets": budget},
            ],
            "virtual_keys": [{"id": "k", "team_id": team, "budgets": budget}],
        })
    };
    let gateway = Gateway::new().await;
    let spent = || {
        ["vk/k", "team/a", "customer/acme", "team/b", "customer/other"]
            .map(|owner| gateway.used(&format!("{owner}/budget")).unwrap())
    };
    let directory = gateway.compile(&document("a"));
    gateway.call(&directory, Some("k"), "m").await.unwrap();
    assert_eq!(spent(), [20, 20, 20, 0, 0]);
    let directory = gateway.compile(&document("b"));
    let key = directory.by_id(&"k".into()).unwrap();
    assert_eq!((&key.team, &key.customer), (&Some("b".into()), &Some("other".into())));
    gateway.call(&directory, Some("k"), "m").await.unwrap();
    assert_eq!(spent(), [40, 20, 20, 20, 20]);
}

#[tokio::test]
async fn a_limit_that_is_taken_away_and_put_back_goes_on_where_it_was() {
    let gateway = Gateway::new().await;
    let limited = with(
        "/model_configs/0",
        json!({"rate_limit": {"request_max_limit": 100, "request_reset_duration": "1h"}}),
    );
    let directory = gateway.compile(&limited);
    gateway.call(&directory, Some("k"), "gpt-4o").await.unwrap();
    // Its idle slice goes back to the store first.
    while gateway.used("model/gpt-4o/requests").is_some() {
        gateway.compile(&document());
        tokio::task::yield_now().await;
    }
    let directory = gateway.compile(&limited);
    assert_eq!(gateway.used("model/gpt-4o/requests"), Some(1));
    gateway.call(&directory, Some("k"), "gpt-4o").await.unwrap();
    assert_eq!(gateway.used("model/gpt-4o/requests"), Some(2));
}

#[tokio::test]
async fn a_budget_that_has_a_name_keeps_its_usage_when_others_go() {
    let gateway = Gateway::new().await;
    let daily = json!({"id": "daily", "max_limit": 1, "reset_duration": "1d"});
    let monthly = json!({"id": "monthly", "max_limit": 9, "reset_duration": "1M"});
    let directory = gateway.compile(&with("/teams/0", json!({"budgets": [daily, monthly]})));
    gateway.call(&directory, Some("k"), "gpt-4o").await.unwrap();
    gateway.compile(&with("/teams/0", json!({"budgets": [monthly]})));
    assert_eq!(gateway.used("team/platform/budget/monthly"), Some(20));
}

#[tokio::test]
async fn what_is_used_of_a_budget_is_told_in_percent() {
    let gateway = Gateway::new().await;
    let mut document = with(
        "/teams/0",
        json!({"budgets": [{"max_limit": 0.00000004, "reset_duration": "1d"}]}),
    );
    document["customers"][0]["budgets"] = json!([{"max_limit": 0.0000001, "reset_duration": "1d"}]);
    let directory = gateway.compile(&document);
    let percent = |scope: &Scope| scope.budget_used_percent(now().wall);
    let team = directory.team(&"platform".into()).unwrap();
    assert_eq!(percent(&team.scope), 0.0);
    gateway.call(&directory, Some("k"), "gpt-4o").await.unwrap();
    assert_eq!(percent(&team.scope), 50.0);
    assert_eq!(percent(&directory.customer(&"acme".into()).unwrap().scope), 20.0);
    let key = directory.by_id(&"k".into()).unwrap();
    assert_eq!(percent(&key.scope), 50.0, "the tightest counts");
    assert_eq!(percent(&Scope::default()), 0.0);
    let nothing = with(
        "/teams/0",
        json!({"budgets": [{"max_limit": 0, "reset_duration": "1d"}]}),
    );
    let directory = gateway.compile(&nothing);
    assert_eq!(
        percent(&directory.teams().next().unwrap().scope),
        100.0,
        "nothing is left of nothing"
    );
}

#[test]
fn without_limits_places_share_one_empty_scope() {
    let directory = compile(&document(), &Quotas::new()).unwrap();
    for presented in [None, Some("k")] {
        let rules = Rules { enforced: false };
        let principal = authenticate(&directory, &hasher(), presented, rules, now()).unwrap();
        for allowed in authorise(&principal, "gpt-4o", &Anything).unwrap().allowed {
            assert!(allowed.scope.cells().is_empty());
        }
    }
}

#[test]
fn who_a_key_belongs_to_must_exist_and_agree() {
    #[track_caller]
    fn check(mut key: Value, path: &str, words: &str) {
        let mut document = json!({
            "customers": [{"id": "acme", "name": ""}, {"id": "other", "name": ""}],
            "teams": [{"id": "platform", "name": "", "customer_id": "acme"}, {"id": "free", "name": ""}],
        });
        key["id"] = json!("k");
        document["virtual_keys"] = Value::Array(vec![json!({"id": "first"}), key]);
        match compile(&document, &Quotas::new()) {
            Ok(_) => assert_eq!(path, ""),
            Err(faults) => {
                assert_eq!(faults.len(), 1, "{faults:?}");
                assert_eq!(faults[0].0, path, "{faults:?}");
                assert!(faults[0].1.contains(words), "{faults:?}");
            }
        }
    }
    check(json!({"team_id": "platform"}), "", "");
    check(json!({"customer_id": "acme"}), "", "");
    check(json!({"team_id": "platform", "customer_id": "acme"}), "", "");
    check(
        json!({"team_id": "gone"}),
        "virtual_keys[1].team_id",
        "there is no team `gone`",
    );
    check(
        json!({"customer_id": "gone"}),
        "virtual_keys[1].customer_id",
        "there is no customer `gone`",
    );
    check(
        json!({"team_id": "platform", "customer_id": "other"}),
        "virtual_keys[1].customer_id",
        "team `platform` belongs to customer `acme`, not to `other`",
    );
    check(
        json!({"team_id": "free", "customer_id": "acme"}),
        "virtual_keys[1].customer_id",
        "team `free` belongs to no customer",
    );
}

#[test]
fn faults_of_every_list_are_told_at_once() {
    let budget = json!([{"max_limit": -1, "reset_duration": "1d"}]);
    let document = json!({
        "customers": [{"id": "c", "name": ""}, {"id": "c", "name": "", "budgets": budget}],
        "teams": [{"id": "t/1", "name": ""}, {"id": "t", "name": "", "customer_id": "gone", "budgets": budget}],
        "virtual_keys": [{"id": "k", "model_limits": [{"model_name": "m", "budgets": budget}, {"model_name": "m"}]}],
        "model_configs": [
            {"id": "1", "model_name": "m", "budgets": budget},
            {"id": "2", "model_name": "m", "provider": "p"},
            {"id": "2", "model_name": "m", "provider": "p"},
            {"id": "4", "model_name": " "},
        ],
        "providers": [{"name": "p", "budgets": budget}, {"name": "p"}],
    });
    let faults = compile(&document, &Quotas::new()).unwrap_err();
    let paths: Vec<_> = faults.iter().map(|(path, _)| path.as_str()).collect();
    let expected = [
        "customers[1].id",
        "customers[1].budgets[0].max_limit",
        "teams[0].id",
        "teams[1].customer_id",
        "teams[1].budgets[0].max_limit",
        "model_configs[0].budgets[0].max_limit",
        "model_configs[2].id",
        "model_configs[2].model_name",
        "model_configs[3].model_name",
        "providers[0].budgets[0].max_limit",
        "providers[1].name",
        "virtual_keys[0].model_limits[0].budgets[0].max_limit",
        "virtual_keys[0].model_limits[1].model_name",
    ];
    assert_eq!(paths, expected, "{faults:?}");
}

#[test]
fn a_call_whose_model_cannot_be_read_is_let_through_only_where_no_model_matters() {
    let minds = |document: &Value, provider: &str| {
        let directory = compile(document, &Quotas::new()).unwrap();
        let principal = authenticate(&directory, &hasher(), Some("k"), Rules { enforced: true }, now()).unwrap();
        principal.minds_models(&provider.into())
    };
    let key = |fields: Value| {
        let mut document = json!({"virtual_keys": [{"id": "k"}]});
        let Value::Object(fields) = fields else { unreachable!() };
        document["virtual_keys"][0].as_object_mut().unwrap().extend(fields);
        document
    };
    assert!(!minds(&key(json!({})), "openai"));
    assert!(minds(&key(json!({"blacklisted_models": ["x"]})), "openai"));
    assert!(minds(&key(json!({"model_limits": [{"model_name": "x"}]})), "openai"));
    for field in ["allowed_models", "blacklisted_models"] {
        let document = key(json!({"provider_configs": [{"provider": "openai", field: ["x"]}, {"provider": "azure"}]}));
        assert!(minds(&document, "openai") && !minds(&document, "azure"), "{field}");
    }
    let mut at_one = key(json!({}));
    at_one["model_configs"] = json!([{"id": "1", "model_name": "x", "provider": "openai"}]);
    assert!(minds(&at_one, "openai") && !minds(&at_one, "azure"));
}

/// Owners with one limit each, and how the quotas of those that hold for a call are called.
fn some_document() -> impl Strategy<Value = Value> {
    let model = || prop_oneof!["m", "a/m", "openai/m", r"\*", r"m\*", "n"];
    let provider = || prop::option::of(prop_oneof!["openai", "azure"]);
    let models = prop::collection::btree_set((model(), provider()), 0..6);
    let of_key = prop::collection::btree_set(model(), 0..4);
    (models, of_key, any::<[bool; 5]>()).prop_map(|(models, of_key, some)| {
        let limit = json!({"request_max_limit": 9, "request_reset_duration": "1h", "max_in_flight": 2});
        let when = |some: bool| if some { limit.clone() } else { Value::Null };
        let models: Vec<_> = models.iter().enumerate().map(|(at, (name, provider))| {
            json!({"id": at.to_string(), "model_name": name, "provider": provider, "rate_limit": limit})
        }).collect();
        let of_key: Vec<_> = of_key
            .iter()
            .map(|name| json!({"model_name": name, "rate_limit": limit}))
            .collect();
        json!({
            "customers": [{"id": "c", "name": "", "rate_limit": when(some[0])}],
            "teams": [{"id": "t", "name": "", "customer_id": "c", "rate_limit": when(some[1])}],
            "virtual_keys": [{
                "id": "k", "team_id": "t", "rate_limit": when(some[2]), "model_limits": of_key,
                "provider_configs": [{"provider": "openai", "rate_limit": when(some[3])}, {"provider": "azure"}],
            }],
            "model_configs": models,
            "providers": [{"name": "openai", "rate_limit": when(some[4])}],
        })
    })
}

proptest! {
    /// A hold takes its cells in the order of their ids, and would charge one that is there twice twice.
    #[test]
    fn scopes_are_in_order_and_hold_everything_that_matches_once(
        document in some_document(),
        model in prop_oneof!["m", "a/m", "n", "M"],
    ) {
        let quotas = Quotas::new();
        let directory = compile(&document, &quotas).unwrap();
        let principal = authenticate(&directory, &hasher(), Some("k"), Rules { enforced: true }, now()).unwrap();
        let ids = |scope: &Scope| -> Vec<String> { scope.cells().iter().map(|cell| cell.id().to_string()).collect() };
        let own = ids(&principal.key().unwrap().scope);
        for allowed in authorise(&principal, &model, &Anything).unwrap().allowed {
            let place = ids(&allowed.scope);
            for ids in [&own, &place] {
                prop_assert!(ids.is_sorted_by(|a, b| a < b), "{:?}", ids);
            }
            prop_assert!(!place.iter().any(|id| own.contains(id)), "{:?} {:?}", own, place);
            let fits = |pattern: &Value| {
                let (pattern, model) = (pattern.as_str().unwrap(), model.to_lowercase());
                [model.clone(), format!("{}/{model}", allowed.provider)].iter().any(|name| match pattern.strip_suffix('*') {
                    Some(head) => name.starts_with(head),
                    None => name == pattern,
                })
            };
            let here = |config: &&Value| {
                let provider = config["provider"].as_str();
                fits(&config["model_name"]) && provider.is_none_or(|provider| allowed.provider == *provider)
            };
            let count = |list: &Value| list.as_array().unwrap().iter().filter(here).count();
            let of_models = count(&document["model_configs"]) + count(&document["virtual_keys"][0]["model_limits"]);
            let some = |place: &str| usize::from(document.pointer(place).is_some_and(|limit| !limit.is_null()));
            let of_openai = some("/providers/0/rate_limit") + some("/virtual_keys/0/provider_configs/0/rate_limit");
            let expected = of_models + if allowed.provider == *"openai" { of_openai } else { 0 };
            prop_assert_eq!(place.len(), 2 * expected, "{:?}", place);
        }
    }
}
