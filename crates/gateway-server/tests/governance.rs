//! Customers, teams, models and providers with budgets and limits, through the management API: made, shown, changed, used by
//! real calls, begun anew, deleted.

use serde_json::{Value, json};

use crate::support::settings::cloud;
use crate::support::shapes::{self, chat};
use crate::support::{Answer, Gateway, Reply, Seen, Step, Upstream};

const TEAMS: &str = "/api/governance/teams";
const CUSTOMERS: &str = "/api/governance/customers";
const MODELS: &str = "/api/governance/model-configs";
const PROVIDERS: &str = "/api/governance/providers";
const BUDGETS: &str = "/api/governance/budgets";
const RATE_LIMITS: &str = "/api/governance/rate-limits";

/// What one turn of [`turn`] costs: 20 tokens in at 2.5 and 100 out at 10 dollars per million.
const TURN: f64 = 0.00105;

/// A cloud whose models use every token they may.
async fn house() -> (Gateway, Upstream) {
    let openai = Upstream::start("openai", &["gpt-4o", "gpt-4o-mini"]).await;
    openai.always(shapes::CHAT, Answer::of(spends_its_cap));
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &openai)).await;
    (gateway, openai)
}

fn spends_its_cap(seen: &Seen) -> Vec<Step> {
    let asked = seen.json();
    let cap = asked["max_tokens"].as_u64().unwrap_or(5);
    let mut answer = shapes::chat_answer("openai", &asked);
    answer["usage"] = json!({"prompt_tokens": 20, "completion_tokens": cap, "total_tokens": 20 + cap});
    Answer::json(200, &answer).play(seen)
}

async fn turn(gateway: &Gateway, key: &str) -> Reply {
    turn_with(gateway, key, "gpt-4o").await
}

async fn turn_with(gateway: &Gateway, key: &str, model: &str) -> Reply {
    let mut body = chat(model);
    body["max_tokens"] = 100.into();
    gateway.ask_with(key, &body).await
}

/// The first turn that is refused: what is left of a budget may allow a shorter answer before.
async fn refusal(gateway: &Gateway, key: &str, model: &str) -> Reply {
    for _ in 0..20 {
        let reply = turn_with(gateway, key, model).await;
        if reply.status != 200 {
            return reply;
        }
    }
    panic!("{key} is never refused {model}");
}

#[track_caller]
fn check_money(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap_or_else(|| panic!("no amount: {found}"));
    assert!((found - expected).abs() < 1e-12, "found {found}, expected {expected}");
}

/// A refusal that names all of these.
#[track_caller]
fn check_refused(reply: &Reply, status: u16, names: &[&str]) {
    assert_eq!(reply.status, status, "{}", reply.text());
    for name in names {
        assert!(reply.text().contains(name), "must name {name}: {}", reply.text());
    }
}

async fn shown(gateway: &Gateway, path: &str, one: &str) -> Value {
    gateway.get(path).await.is(200).json()[one].clone()
}

#[tokio::test]
async fn a_team_is_made_shown_changed_and_deleted() {
    let (gateway, _openai) = house().await;
    let made = gateway
        .post(
            TEAMS,
            &json!({"name": "Platform", "budget": {"max_limit": 5, "reset_duration": "1d"},
                "rate_limit": {"request_max_limit": 100, "request_reset_duration": "1m", "request_burst": 10}}),
        )
        .await
        .is(200)
        .json();
    assert_eq!(made["message"], "Team created successfully");
    let team = &made["team"];
    let path = format!("{TEAMS}/{}", team["id"].as_str().unwrap());
    assert_eq!(
        (
            &team["name"],
            team["budget"]["max_limit"].as_f64(),
            &team["budgets"][0]["reset_duration"]
        ),
        (&json!("Platform"), Some(5.0), &json!("1d"))
    );
    for field in [
        "id",
        "current_usage",
        "held",
        "last_reset",
        "resets_at",
        "calendar_aligned",
    ] {
        assert!(team["budget"].get(field).is_some(), "{field}: {team}");
    }
    let limit = &team["rate_limit"];
    assert_eq!(
        (
            &limit["request_max_limit"],
            &limit["request_burst"],
            &limit["request_current_usage"]
        ),
        (&json!(100), &json!(10), &json!(0))
    );

    // What is not said stays, and what is shown can be sent back.
    gateway.put(&path, &json!({"budget": {"max_limit": 7}})).await.is(200);
    let mut changed = shown(&gateway, &path, "team").await;
    assert_eq!(
        (&changed["budget"]["max_limit"], &changed["budget"]["reset_duration"]),
        (&json!(7.0), &json!("1d"))
    );
    assert_eq!(changed["rate_limit"]["request_max_limit"], 100);
    changed["name"] = json!("Plateau");
    changed.as_object_mut().unwrap().remove("budget");
    let back = gateway.put(&path, &changed).await.is(200).json();
    assert_eq!(back.get("warnings"), None, "{back}");
    assert_eq!(
        (&back["team"]["name"], &back["team"]["budgets"]),
        (&json!("Plateau"), &changed["budgets"])
    );
    gateway
        .put(&path, &json!({"rate_limit": {}, "budget": null}))
        .await
        .is(200);
    let bare = shown(&gateway, &path, "team").await;
    assert_eq!((&bare["budget"], &bare["rate_limit"]), (&Value::Null, &Value::Null));

    // An unknown one is made under the id of its path.
    gateway.put(&format!("{TEAMS}/mine"), &json!({})).await.is(200);
    assert_eq!(shown(&gateway, &format!("{TEAMS}/mine"), "team").await["name"], "mine");
    assert_eq!(
        gateway
            .post(TEAMS, &json!({"id": "mine", "name": "again"}))
            .await
            .status,
        409
    );

    gateway.delete(&path).await.is(200);
    check_refused(&gateway.get(&path).await, 404, &["team"]);
    check_refused(&gateway.delete(&path).await, 404, &["team"]);
}

#[tokio::test]
async fn lists_are_pages_that_can_be_searched() {
    let (gateway, _openai) = house().await;
    gateway
        .put(&format!("{CUSTOMERS}/acme"), &json!({"name": "Acme"}))
        .await
        .is(200);
    for name in ["north", "south", "west"] {
        let customer = (name != "west").then_some("acme");
        let body = json!({"name": name, "customer_id": customer});
        gateway.put(&format!("{TEAMS}/t-{name}"), &body).await.is(200);
    }
    let page = gateway.get(&format!("{TEAMS}?limit=2&offset=1")).await.is(200).json();
    assert_eq!(
        [&page["count"], &page["total_count"], &page["limit"], &page["offset"]],
        [&json!(2), &json!(3), &json!(2), &json!(1)]
    );
    assert_eq!(page["teams"][0]["id"], "t-south");
    let found = gateway.get(&format!("{TEAMS}?search=SOU")).await.is(200).json();
    assert_eq!(
        (&found["total_count"], &found["teams"][0]["id"]),
        (&json!(1), &json!("t-south"))
    );
    let of_acme = gateway.get(&format!("{TEAMS}?customer_id=acme")).await.is(200).json();
    assert_eq!(of_acme["total_count"], 2);
    assert_eq!(of_acme["teams"][0]["customer"]["name"], "Acme");
    let acme = shown(&gateway, &format!("{CUSTOMERS}/acme"), "customer").await;
    assert_eq!(acme["teams"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_path() {
    let (gateway, _openai) = house().await;
    for (body, names) in [
        (json!({"name": "t", "nmae": 1}), &["nmae"][..]),
        (
            json!({"name": "t", "budget": {"max_limit": -1, "reset_duration": "1d"}}),
            &["`budget.max_limit`"],
        ),
        (
            json!({"name": "t", "budgets": [{"max_limit": 1, "reset_duration": "1d"}, {"max_limit": 1, "reset_duration": "5x"}]}),
            &["budgets[1].reset_duration", "5x"],
        ),
        (
            json!({"name": "t", "rate_limit": {"request_max_limit": 1}}),
            &["`rate_limit.request_reset_duration`"],
        ),
        (
            json!({"name": "t", "customer_id": "nobody"}),
            &["`customer_id`", "nobody"],
        ),
        (json!({"name": "t", "calendar_aligned": 3}), &["`calendar_aligned`"]),
        (json!({"id": "a/b", "name": "t"}), &["`id`"]),
        (json!({}), &["name"]),
        (json!([]), &["object"]),
    ] {
        check_refused(&gateway.post(TEAMS, &body).await, 400, names);
    }
    check_refused(
        &gateway.post(MODELS, &json!({"provider": "openai"})).await,
        400,
        &["model_name"],
    );
    assert_eq!(gateway.get(TEAMS).await.is(200).json()["total_count"], 0);
    let inert = gateway
        .post(TEAMS, &json!({"name": "t", "claims": {"a": 1}}))
        .await
        .is(200)
        .json();
    assert_eq!(inert["warnings"], json!(["`claims` is known but not acted on"]));
}

#[tokio::test]
async fn two_keys_share_their_teams_budget() {
    let (gateway, openai) = house().await;
    let budgets = json!([{"max_limit": 0.0025, "reset_duration": "1d"}, {"max_limit": 100, "reset_duration": "1M", "calendar_aligned": true}]);
    gateway
        .put(
            &format!("{CUSTOMERS}/acme"),
            &json!({"budget": {"max_limit": 50, "reset_duration": "1M"}}),
        )
        .await
        .is(200);
    let team = json!({"name": "Core", "customer_id": "acme", "budgets": budgets});
    gateway.put(&format!("{TEAMS}/core"), &team).await.is(200);
    for key in ["vk-one", "vk-two"] {
        let key = gateway.key(key, &json!({"team_id": "core"})).await;
        assert_eq!(
            (
                &key["virtual_key"]["team"]["name"],
                &key["virtual_key"]["customer"]["id"]
            ),
            (&json!("Core"), &json!("acme"))
        );
    }
    turn(&gateway, "vk-one").await.is(200);
    turn(&gateway, "vk-two").await.is(200);
    let shown_team = shown(&gateway, &format!("{TEAMS}/core"), "team").await;
    check_money(&shown_team["budgets"][0]["current_usage"], 2.0 * TURN);
    check_money(&shown_team["budgets"][1]["current_usage"], 2.0 * TURN);
    let acme = shown(&gateway, &format!("{CUSTOMERS}/acme"), "customer").await;
    check_money(&acme["budget"]["current_usage"], 2.0 * TURN);

    let refused = refusal(&gateway, "vk-two", "gpt-4o").await;
    check_refused(&refused, 402, &["team core", "budget_exceeded"]);
    let asked = openai.asked();
    check_refused(&turn(&gateway, "vk-one").await, 402, &["team core"]);
    assert_eq!(openai.asked(), asked, "who did not spend it is refused too");

    // Begun anew, there is room again; a key that leaves the team is free of it.
    gateway
        .post(&format!("{BUDGETS}/team/core/budget/reset"), &json!({}))
        .await
        .is(200);
    turn(&gateway, "vk-one").await.is(200);
    gateway.key("vk-two", &json!({"name": "two"})).await;
    assert_eq!(
        gateway.shown("vk-two").await["team_id"],
        "core",
        "what is not said stays"
    );
    gateway.key("vk-two", &json!({"team_id": null})).await;
    let before = shown(&gateway, &format!("{TEAMS}/core"), "team").await;
    turn(&gateway, "vk-two").await.is(200);
    let after = shown(&gateway, &format!("{TEAMS}/core"), "team").await;
    assert_eq!(before["budgets"], after["budgets"]);
}

#[tokio::test]
async fn who_is_used_by_others_is_not_deleted_under_them() {
    let (gateway, _openai) = house().await;
    gateway.put(&format!("{CUSTOMERS}/acme"), &json!({})).await.is(200);
    gateway
        .put(&format!("{TEAMS}/core"), &json!({"customer_id": "acme"}))
        .await
        .is(200);
    gateway.key("vk", &json!({"team_id": "core"})).await;
    check_refused(
        &gateway.delete(&format!("{CUSTOMERS}/acme")).await,
        409,
        &["team `core`"],
    );
    check_refused(
        &gateway.delete(&format!("{TEAMS}/core")).await,
        409,
        &["virtual key `vk`"],
    );
    gateway.key("vk", &json!({"team_id": null})).await;
    gateway.delete(&format!("{TEAMS}/core")).await.is(200);
    gateway.delete(&format!("{CUSTOMERS}/acme")).await.is(200);
}

#[tokio::test]
async fn limits_of_a_provider_that_is_not_there_are_told_as_that() {
    let (gateway, _openai) = house().await;
    let limit = json!({"rate_limit": {"request_max_limit": 1, "request_reset_duration": "1h"}});
    let mistyped = gateway.put(&format!("{PROVIDERS}/opanai"), &limit).await.is(200).json();
    assert!(
        mistyped.to_string().contains("there is no provider `opanai` yet"),
        "{mistyped}"
    );
    let known = gateway.put(&format!("{PROVIDERS}/openai"), &limit).await.is(200).json();
    assert!(!known.to_string().contains("warnings"), "{known}");
}

#[tokio::test]
async fn models_and_providers_have_limits_of_their_own() {
    let (gateway, _openai) = house().await;
    gateway.key("vk", &json!({})).await;
    let budget = json!({"max_limit": 0.0015, "reset_duration": "1d"});
    let made = gateway
        .post(
            MODELS,
            &json!({"model_name": "gpt-4o", "provider": "openai", "budget": budget}),
        )
        .await
        .is(200)
        .json();
    let id = made["model_config"]["id"].as_str().unwrap().to_owned();
    gateway
        .put(
            &format!("{PROVIDERS}/openai"),
            &json!({"rate_limit": {"request_max_limit": 12, "request_reset_duration": "1h"}}),
        )
        .await
        .is(200);
    turn(&gateway, "vk").await.is(200);
    let config = shown(&gateway, &format!("{MODELS}/{id}"), "model_config").await;
    check_money(&config["budget"]["current_usage"], TURN);
    let limits = shown(&gateway, &format!("{PROVIDERS}/openai"), "provider").await;
    assert_eq!(limits["rate_limit"]["request_current_usage"], 1, "{limits}");

    check_refused(
        &refusal(&gateway, "vk", "gpt-4o").await,
        402,
        &["model gpt-4o at provider openai"],
    );

    // Another model passes the model's budget, and stops at the provider's limit.
    turn_with(&gateway, "vk", "gpt-4o-mini").await.is(200);
    check_refused(&refusal(&gateway, "vk", "gpt-4o-mini").await, 429, &["provider openai"]);
    assert_eq!(
        gateway.get(PROVIDERS).await.is(200).json()["providers"][0]["name"],
        "openai"
    );
    gateway.delete(&format!("{PROVIDERS}/openai")).await.is(200);
    gateway.delete(&format!("{MODELS}/{id}")).await.is(200);
    turn(&gateway, "vk").await.is(200);
}

#[tokio::test]
async fn budgets_are_found_changed_begun_anew_and_taken_by_their_ids() {
    let (gateway, _openai) = house().await;
    let two = json!([{"max_limit": 1, "reset_duration": "1d"}, {"max_limit": 20, "reset_duration": "1M"}]);
    gateway
        .put(&format!("{TEAMS}/core"), &json!({"budgets": two}))
        .await
        .is(200);
    gateway
        .put(&format!("{PROVIDERS}/openai"), &json!({"budgets": [two[0]]}))
        .await
        .is(200);
    gateway
        .key(
            "vk",
            &json!({"team_id": "core", "budgets": [two[0]], "provider_configs": [{"provider": "openai", "budget": two[1]}],
                "model_limits": [{"model_name": "gpt-4o", "budget": two[0]}]}),
        )
        .await;
    turn(&gateway, "vk").await.is(200);
    let all = gateway.get(BUDGETS).await.is(200).json();
    assert_eq!(all["count"], 6, "{all}");
    let find = |owner: Value| {
        let fits = |budget: &&Value| {
            owner
                .as_object()
                .unwrap()
                .iter()
                .all(|(field, value)| budget[field] == *value)
        };
        all["budgets"]
            .as_array()
            .unwrap()
            .iter()
            .find(fits)
            .unwrap_or_else(|| panic!("no budget of {owner}"))
    };
    for owner in [
        json!({"team_id": "core", "max_limit": 1.0}),
        json!({"team_id": "core", "max_limit": 20.0}),
        json!({"provider": "openai"}),
        json!({"virtual_key_id": "vk", "provider_config": null, "model_name": null}),
        json!({"virtual_key_id": "vk", "provider_config": "openai"}),
        json!({"virtual_key_id": "vk", "model_name": "gpt-4o"}),
    ] {
        check_money(&find(owner)["current_usage"], TURN);
    }

    // An id may be written with its slashes or without.
    let first = find(json!({"team_id": "core", "max_limit": 1.0}))["id"]
        .as_str()
        .unwrap();
    let escaped = first.replace('/', "%2F");
    for id in [first, &escaped] {
        assert_eq!(shown(&gateway, &format!("{BUDGETS}/{id}"), "budget").await["id"], first);
    }
    let changed = gateway
        .put(&format!("{BUDGETS}/{first}"), &json!({"max_limit": 2.5}))
        .await
        .is(200)
        .json();
    assert_eq!(
        (&changed["budget"]["max_limit"], &changed["budget"]["reset_duration"]),
        (&json!(2.5), &json!("1d"))
    );
    check_money(&changed["budget"]["current_usage"], TURN);
    assert_eq!(
        shown(&gateway, &format!("{TEAMS}/core"), "team").await["budget"]["max_limit"],
        2.5
    );
    check_refused(
        &gateway
            .put(&format!("{BUDGETS}/{first}"), &json!({"max_limit": -2}))
            .await,
        400,
        &["`max_limit`"],
    );
    check_refused(
        &gateway.put(&format!("{BUDGETS}/{first}"), &json!({"limit": 2})).await,
        400,
        &["limit"],
    );

    let anew = gateway
        .post(&format!("{BUDGETS}/{escaped}/reset"), &json!({}))
        .await
        .is(200)
        .json();
    check_money(&anew["budget"]["current_usage"], 0.0);
    let audited = gateway.get("/api/audit-logs").await.is(200).text();
    assert!(audited.contains("quota.reset") && audited.contains(first), "{audited}");

    // Taking the first leaves the second what it has used.
    gateway.delete(&format!("{BUDGETS}/{first}")).await.is(200);
    check_refused(&gateway.get(&format!("{BUDGETS}/{first}")).await, 404, &[first]);
    let left = shown(&gateway, &format!("{TEAMS}/core"), "team").await;
    assert_eq!(
        (left["budgets"].as_array().map(Vec::len), &left["budget"]["max_limit"]),
        (Some(1), &json!(20.0))
    );
    check_money(&left["budget"]["current_usage"], TURN);
    check_refused(
        &gateway.post(&format!("{BUDGETS}/{first}"), &json!({})).await,
        404,
        &["reset"],
    );
}

#[tokio::test]
async fn rate_limits_have_ids_as_well() {
    let (gateway, _openai) = house().await;
    let limit = json!({"request_max_limit": 1, "request_reset_duration": "1h", "token_max_limit": 5000, "token_reset_duration": "1h"});
    gateway.key("vk", &json!({"rate_limit": limit})).await;
    turn(&gateway, "vk").await.is(200);
    check_refused(&turn(&gateway, "vk").await, 429, &["virtual key vk"]);
    let all = gateway.get(RATE_LIMITS).await.is(200).json();
    let shown = &all["rate_limits"][0];
    assert_eq!(
        (
            &all["count"],
            &shown["virtual_key_id"],
            &shown["request_current_usage"],
            &shown["token_current_usage"]
        ),
        (&json!(1), &json!("vk"), &json!(1), &json!(120))
    );
    let path = format!("{RATE_LIMITS}/{}", shown["id"].as_str().unwrap());
    gateway.put(&path, &json!({"request_max_limit": 2})).await.is(200);
    turn(&gateway, "vk").await.is(200);
    check_refused(&turn(&gateway, "vk").await, 429, &["virtual key vk"]);
    gateway.post(&format!("{path}/reset"), &json!({})).await.is(200);
    turn(&gateway, "vk").await.is(200);
    gateway.delete(&path).await.is(200);
    assert_eq!(gateway.shown("vk").await["rate_limit"], Value::Null);
}

#[tokio::test]
async fn a_set_of_budgets_can_be_replaced_without_losing_what_was_used() {
    let (gateway, _openai) = house().await;
    let day = json!({"max_limit": 1, "reset_duration": "1d"});
    let month = json!({"max_limit": 20, "reset_duration": "1M"});
    gateway.key("vk", &json!({"budgets": [day, month]})).await;
    turn(&gateway, "vk").await.is(200);
    // Another order, and another limit.
    gateway
        .key(
            "vk",
            &json!({"budgets": [{"max_limit": 30, "reset_duration": "1M"}, {"max_limit": 9, "reset_duration": "1w"}]}),
        )
        .await;
    let shown = gateway.shown("vk").await;
    check_money(&shown["budgets"][0]["current_usage"], TURN);
    check_money(&shown["budgets"][1]["current_usage"], 0.0);
    gateway.key("vk", &json!({"reset_budget_usage": true})).await;
    check_money(&gateway.shown("vk").await["budgets"][0]["current_usage"], 0.0);
}

#[tokio::test]
async fn what_a_file_declares_is_shown_used_and_not_changed() {
    let openai = Upstream::start("openai", &["gpt-4o"]).await;
    openai.always(shapes::CHAT, Answer::of(spends_its_cap));
    let mut provider = cloud("openai", &openai);
    provider.as_object_mut().unwrap().remove("provider");
    let file = json!({
        "providers": {"openai": provider},
        "governance": {
            "budgets": [{"id": "b", "max_limit": 0.0015, "reset_duration": "1d"}],
            "rate_limits": [{"id": "r", "request_max_limit": 10, "request_reset_duration": "1h"}],
            "customers": [{"id": "acme", "name": "Acme"}],
            "teams": [{"id": "core", "name": "Core", "customer_id": "acme", "budget_id": "b"}],
            "virtual_keys": [{"id": "vk-file", "name": "filed", "team_id": "core", "rate_limit_id": "r"}],
        },
    });
    let gateway = Gateway::with().config("gateway.json", &file.to_string()).start().await;
    turn(&gateway, "vk-file").await.is(200);
    let team = shown(&gateway, &format!("{TEAMS}/core"), "team").await;
    check_money(&team["budget"]["current_usage"], TURN);
    check_refused(&refusal(&gateway, "vk-file", "gpt-4o").await, 402, &["team core"]);
    let id = team["budget"]["id"].as_str().unwrap();
    for reply in [
        gateway.put(&format!("{TEAMS}/core"), &json!({"name": "x"})).await,
        gateway.delete(&format!("{CUSTOMERS}/acme")).await,
        gateway.put(&format!("{BUDGETS}/{id}"), &json!({"max_limit": 9})).await,
        gateway.delete(&format!("{BUDGETS}/{id}")).await,
    ] {
        check_refused(&reply, 409, &["gateway.json"]);
    }
    // Its use is nobody's declaration.
    gateway.post(&format!("{BUDGETS}/{id}/reset"), &json!({})).await.is(200);
    turn(&gateway, "vk-file").await.is(200);
    assert_eq!(gateway.shown("vk-file").await["rate_limit"]["request_max_limit"], 10);
}

#[tokio::test]
async fn a_file_is_checked_with_paths_into_it() {
    let home = tempfile::TempDir::new().unwrap();
    let check = |governance: Value| {
        let file = home.path().join("gateway.json");
        std::fs::write(&file, json!({"governance": governance}).to_string()).unwrap();
        let (status, out, err) = crate::support::gateway::run(home.path(), &["check", file.to_str().unwrap()]);
        (status.success(), out + &err)
    };
    let named = |id: &str| json!({"id": id, "name": id});
    let mut late = named("a");
    late["budgets"] = json!([{"max_limit": 1, "reset_duration": "2d", "calendar_aligned": true}]);
    for (governance, path) in [
        (
            json!({"teams": [named("z"), named("m"), late]}),
            "governance.teams[2].budgets[0].reset_duration",
        ),
        (
            json!({"teams": [named("z"), {"id": "a", "name": "a", "customer_id": "c"}]}),
            "governance.teams[1].customer_id",
        ),
        (
            json!({"customers": [named("c"), {"id": "d", "name": "d", "x": 1}]}),
            "governance.customers[1]",
        ),
        (
            json!({"model_configs": [{"id": "m", "model_name": "m", "budget_id": "b"}]}),
            "governance.model_configs[0].budget_id",
        ),
        (
            json!({"virtual_keys": [{"id": "z"}, {"id": "a", "team_id": "t"}]}),
            "governance.virtual_keys[1].team_id",
        ),
        (json!({"teams": [named("t"), named("t")]}), "governance.teams[1]"),
    ] {
        let (fine, said) = check(governance);
        assert!(!fine && said.contains(path), "{path}: {said}");
    }
    let (fine, said) = check(json!({"teams": [named("z")], "customers": [named("c")]}));
    assert!(fine, "{said}");
}
