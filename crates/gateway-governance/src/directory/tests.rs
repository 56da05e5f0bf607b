use std::time::Duration;

use gateway_types::Now;
use serde_json::{Value, json};

use super::*;
use crate::credential::KeyHasher;
use crate::quota::{Cut, Unit};

fn hasher() -> KeyHasher {
    KeyHasher::new(&[3; 32])
}

fn settings(fields: Value) -> VirtualKeySettings {
    let mut settings: VirtualKeySettings = serde_json::from_value(fields).unwrap();
    let value = settings.value.take().unwrap_or_else(|| settings.id.to_string());
    settings.value_hash = Some(hasher().hash(&value).to_string());
    settings
}

fn directory(keys: &[Value], retired: &[&str]) -> Directory {
    let keys: Vec<_> = keys.iter().cloned().map(settings).collect();
    let retired: Vec<_> = retired.iter().map(|value| hasher().hash(value)).collect();
    Directory::compile(
        &Said {
            retired: &retired,
            ..Said::keys(&keys)
        },
        &Quotas::new(),
    )
    .unwrap()
}

fn now() -> Now {
    Now {
        wall: Wall::parse_rfc3339("2025-06-01T12:00:00Z").unwrap(),
        ..Now::default()
    }
}

/// Who comes in, in one word, or the error's code.
fn who(directory: &Directory, presented: Option<&str>, enforced: bool) -> String {
    match authenticate(directory, &hasher(), presented, Rules { enforced }, now()) {
        Ok(principal) => principal
            .key()
            .map_or_else(|| "anonymous".into(), |key| key.id.to_string()),
        Err(error) => format!("{} {}", error.status(), error.kind.code()),
    }
}

#[test]
fn a_value_is_a_credential_and_an_id_is_none() {
    let directory = directory(
        &[
            json!({"id": "vk-dev", "value": "sk-bf-secret"}),
            json!({"id": "vk-unified"}),
        ],
        &[],
    );
    for enforced in [false, true] {
        assert_eq!(who(&directory, Some("sk-bf-secret"), enforced), "vk-dev");
        assert_eq!(who(&directory, Some("vk-unified"), enforced), "vk-unified");
        for wrong in ["vk-dev", "sk-bf-secre", "SK-BF-SECRET", "", " sk-bf-secret"] {
            assert_eq!(
                who(&directory, Some(wrong), enforced),
                "401 virtual_key_not_found",
                "{wrong}"
            );
        }
    }
    assert_eq!(who(&directory, None, true), "401 virtual_key_required");
    assert_eq!(who(&directory, None, false), "anonymous");
}

#[test]
fn keys_that_are_off_are_refused_and_never_anonymous() {
    let directory = directory(
        &[
            json!({"id": "off", "is_active": false}),
            json!({"id": "old", "expires_at": "2025-06-01T12:00:00Z"}),
            json!({"id": "young", "expires_at": "2025-06-01T14:00:00.001+02:00"}),
        ],
        &["gone", "young"],
    );
    for blocked in ["off", "old", "gone"] {
        assert_eq!(
            who(&directory, Some(blocked), false),
            "403 virtual_key_blocked",
            "{blocked}"
        );
    }
    // It was deleted once, and made again.
    assert_eq!(who(&directory, Some("young"), false), "young");
    let later = now().plus(Duration::from_millis(1));
    let rules = Rules { enforced: false };
    assert!(
        authenticate(&directory, &hasher(), Some("young"), rules, later).is_err(),
        "it expires in time"
    );
}

#[test]
fn before_the_first_key_whatever_an_sdk_sends_is_nothing() {
    let empty = directory(&[], &[]);
    assert_eq!(who(&empty, Some("sk-anything"), false), "anonymous");
    assert_eq!(who(&empty, Some("sk-anything"), true), "401 virtual_key_required");
    let all_deleted = directory(&[], &["gone"]);
    assert_eq!(
        who(&all_deleted, Some("sk-anything"), false),
        "401 virtual_key_not_found"
    );
    assert_eq!(who(&all_deleted, Some("gone"), false), "403 virtual_key_blocked");
}

#[test]
fn partitions_of_callers_differ() {
    let directory = directory(&[json!({"id": "anonymous"}), json!({"id": "b"})], &[]);
    let partition = |presented| {
        let rules = Rules { enforced: false };
        authenticate(&directory, &hasher(), presented, rules, now())
            .unwrap()
            .partition()
            .to_owned()
    };
    let partitions = HashSet::from([partition(None), partition(Some("anonymous")), partition(Some("b"))]);
    assert_eq!(partitions.len(), 3);
}

/// What is wrong with one key, or with one entry of it.
#[track_caller]
fn check(fields: Value, path: &str, words: &str) {
    let faults = validate(&Said::keys(&[settings(fields)])).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].0, path, "{faults:?}");
    assert!(faults[0].1.contains(words), "{faults:?}");
}

#[test]
fn what_is_wrong_is_named_with_its_path() {
    let entry = |fields: Value| json!({"id": "k", "provider_configs": [{"provider": "p"}, fields]});
    check(json!({"id": "a/b"}), "virtual_keys[0].id", "without slashes");
    check(json!({"id": ""}), "virtual_keys[0].id", "1 to 200 characters");
    check(
        json!({"id": "k", "expires_at": "tomorrow"}),
        "virtual_keys[0].expires_at",
        "`tomorrow` is no RFC 3339 time",
    );
    check(
        entry(json!({"provider": "q", "weight": -1})),
        "virtual_keys[0].provider_configs[1].weight",
        "-1 is no weight",
    );
    check(
        entry(json!({"provider": "p"})),
        "virtual_keys[0].provider_configs[1].provider",
        "`p` is there twice",
    );
    check(
        entry(json!({"provider": "q", "allowed_models": ["m", " "]})),
        "virtual_keys[0].provider_configs[1].allowed_models[1]",
        "it is empty",
    );
    check(
        entry(json!({"provider": "q", "model_aliases": {"a": "*"}})),
        "virtual_keys[0].provider_configs[1].model_aliases[\"a\"]",
        "the name of one model",
    );
    for (limit, words) in [(-0.5, "-0.5 is no budget"), (1e10, "is no budget")] {
        let budgets = json!([{"max_limit": limit, "reset_duration": "1d"}]);
        check(
            json!({"id": "k", "budgets": budgets}),
            "virtual_keys[0].budgets[0].max_limit",
            words,
        );
    }
    let budgets = json!([{"max_limit": 1, "reset_duration": "2d", "calendar_aligned": true}]);
    check(
        json!({"id": "k", "budgets": budgets}),
        "virtual_keys[0].budgets[0].reset_duration",
        "`2d` cannot be aligned",
    );
    check(
        json!({"id": "k", "rate_limit": {"request_max_limit": 1}}),
        "virtual_keys[0].rate_limit.request_reset_duration",
        "request_max_limit needs the length of its window",
    );
    check(
        json!({"id": "k", "rate_limit": {"token_max_limit": u64::MAX, "token_reset_duration": "1m"}}),
        "virtual_keys[0].rate_limit.token_max_limit",
        "is too large",
    );
    let mut infinite = settings(entry(json!({"provider": "q"})));
    infinite.provider_configs[1].weight = f64::INFINITY;
    assert_eq!(
        validate(&Said::keys(&[infinite])).unwrap_err()[0].0,
        "virtual_keys[0].provider_configs[1].weight"
    );
}

#[test]
fn faults_of_all_keys_are_told_at_once() {
    let mut nameless = settings(json!({"id": "c"}));
    nameless.value_hash = None;
    let keys = [
        settings(json!({"id": "a", "value": "same"})),
        settings(json!({"id": "b", "value": "same"})),
        settings(json!({"id": "a", "value": "other", "expires_at": "?"})),
        nameless,
    ];
    let paths: Vec<_> = validate(&Said::keys(&keys))
        .unwrap_err()
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    let expected = [
        "virtual_keys[1].value",
        "virtual_keys[2].expires_at",
        "virtual_keys[2].id",
        "virtual_keys[3].value",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn quotas_have_ids_of_owner_and_unit() {
    let key = settings(json!({
        "id": "k",
        "budgets": [{"max_limit": 1.5, "reset_duration": "1d"}, {"max_limit": 20, "reset_duration": "1M", "calendar_aligned": true}],
        "rate_limit": {"request_max_limit": 3, "request_reset_duration": "1m", "max_in_flight": 2},
        "provider_configs": [{"provider": "p", "budgets": [{"max_limit": 0, "reset_duration": "1h"}],
                              "rate_limit": {"token_max_limit": 9, "token_reset_duration": "1h"}}],
    }));
    let specs: Vec<_> = quotas_of(&key)
        .unwrap()
        .into_iter()
        .map(|spec| (spec.id.to_string(), spec.owner, spec.unit, spec.limit, spec.cut))
        .collect();
    let own = || String::from("virtual key k");
    let at = || String::from("virtual key k at provider p");
    let expected = [
        (
            "vk/k/budget".into(),
            own(),
            Unit::NanoUsd,
            1_500_000_000,
            Cut::Rolling(86_400_000),
        ),
        ("vk/k/budget/1".into(), own(), Unit::NanoUsd, 20_000_000_000, Cut::Month),
        ("vk/k/requests".into(), own(), Unit::Requests, 3, Cut::Rolling(60_000)),
        ("vk/k/in_flight".into(), own(), Unit::InFlight, 2, Cut::Rolling(1)),
        ("vk/k/p/budget".into(), at(), Unit::NanoUsd, 0, Cut::Rolling(3_600_000)),
        ("vk/k/p/tokens".into(), at(), Unit::Tokens, 9, Cut::Rolling(3_600_000)),
    ];
    assert_eq!(specs, expected);
}

#[test]
fn checking_settings_has_no_effect_on_quotas() {
    let quotas = Quotas::new();
    let key = |limit: i64| {
        settings(json!({"id": "k", "rate_limit": {"request_max_limit": limit, "request_reset_duration": "1m"}}))
    };
    Directory::compile(&Said::keys(&[key(3)]), &quotas).unwrap();
    validate(&Said::keys(&[key(7)])).unwrap();
    assert!(Directory::compile(&Said::keys(&[key(8), key(9)]), &quotas).is_err());
    let limit = || {
        quotas
            .usage(&"vk/k/requests".into(), now().wall)
            .map(|usage| usage.limit)
    };
    assert_eq!(limit(), Some(3));
    Directory::compile(&Said::keys(&[key(5)]), &quotas).unwrap();
    assert_eq!(limit(), Some(5));
    Directory::compile(&Said::keys(&[]), &quotas).unwrap();
    assert_eq!(limit(), None, "quotas of deleted keys are gone");
}
