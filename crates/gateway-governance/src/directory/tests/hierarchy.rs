//! Every level says no for itself, and every call is charged at every level.

use gateway_types::{
    Basis, Clock, Error, ErrorKind, ManualClock, Metered, Operation, Org, RequestId, UnitPrice, Usage,
};

use super::*;
use crate::access::authorise;
use crate::governor::{Estimate, Governor, Options, Turn};
use crate::memory::MemoryLedger;
use crate::price::{Price, Pricing, Rates};

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
