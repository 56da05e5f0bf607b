//! What is wrong in the settings, and what quotas they stand for.

use super::*;
use crate::quota::{Cut, Unit};

/// What is wrong with one key, or with one entry of it.
#[track_caller]
fn check(fields: Value, path: &str, words: &str) {
    let faults = validate(&Said::keys(&[settings(fields).into()])).unwrap_err();
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
    for (limit, words) in [
        (-0.5, "-0.5 is no budget"),
        (1e10, "is no budget"),
        (1e-12, "1e-12 is less than can be counted"),
    ] {
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
    let alerts = |fields: Value| json!({"id": "k", "alerts": fields});
    for url in ["example.com", "https://", "ftp://example.com", "https://exam ple.com"] {
        check(
            alerts(json!({"webhook_url": url})),
            "virtual_keys[0].alerts.webhook_url",
            "begins with http:// or https://",
        );
    }
    for percent in [0, 101] {
        check(
            alerts(json!({"webhook_url": "http://hooks:9000/", "thresholds": [50, percent]})),
            "virtual_keys[0].alerts.thresholds[1]",
            "1 to 100",
        );
    }
    check(
        json!({"id": "k", "required_headers": ["x-ok", "x cost"]}),
        "virtual_keys[0].required_headers[1]",
        "`x cost` is no name of a header",
    );
    check(
        json!({"id": "k", "metadata": {"a\nb": "c"}}),
        r#"virtual_keys[0].metadata["a\nb"]"#,
        "without line breaks",
    );
    check(
        json!({"id": "k", "metadata": {"a": "b".repeat(257)}}),
        r#"virtual_keys[0].metadata["a"]"#,
        "at most 256",
    );
    let many: BTreeMap<_, _> = (0..33).map(|nth| (nth.to_string(), "")).collect();
    check(
        json!({"id": "k", "metadata": many}),
        "virtual_keys[0].metadata",
        "33 entries",
    );
    check(
        json!({"id": "k", "previous": [{"value_hash": "x", "until": "2030-01-01T00:00:00Z"}]}),
        "virtual_keys[0].previous[0].value_hash",
        "64 hex digits",
    );
    check(
        json!({"id": "k", "blacklisted_models": ["a", ""]}),
        "virtual_keys[0].blacklisted_models[1]",
        "it is empty",
    );
    check(
        json!({"id": "k", "blacklisted_models": ["regex:^gpt-4.*"]}),
        "virtual_keys[0].blacklisted_models[0]",
        "regular expressions are not known here",
    );
    check(
        entry(json!({"provider": "q", "allowed_models": ["regex:.*"]})),
        "virtual_keys[0].provider_configs[1].allowed_models[0]",
        "regular expressions are not known here",
    );
    let budgets = |names: [Option<&str>; 3]| {
        let budgets = names.map(|name| json!({"id": name, "max_limit": 1, "reset_duration": "1d"}));
        json!({"id": "k", "budgets": budgets})
    };
    for twice in [
        [Some("a"), Some("b"), Some("a")],
        [Some("a"), None, Some("1")],
        [None, Some("b"), Some("0")],
    ] {
        check(budgets(twice), "virtual_keys[0].budgets[2].id", "names must differ");
    }
    for name in ["", "a/b", "tokens", "budget"] {
        check(
            budgets([None, None, Some(name)]),
            "virtual_keys[0].budgets[2].id",
            "cannot name a budget",
        );
    }
    let rate = |fields: Value| json!({"id": "k", "rate_limit": fields});
    for (burst, words) in [(0, "0 is no burst of 5"), (6, "6 is no burst of 5")] {
        check(
            rate(json!({"request_max_limit": 5, "request_reset_duration": "1m", "request_burst": burst})),
            "virtual_keys[0].rate_limit.request_burst",
            words,
        );
    }
    check(
        rate(json!({"token_burst": 5})),
        "virtual_keys[0].rate_limit.token_burst",
        "it needs token_max_limit",
    );
    check(
        rate(json!({"request_max_limit": 5, "request_reset_duration": "1m", "calendar_aligned": true})),
        "virtual_keys[0].rate_limit.request_reset_duration",
        "`1m` cannot be aligned",
    );
    let mut infinite = settings(entry(json!({"provider": "q"})));
    infinite.provider_configs[1].weight = f64::INFINITY;
    assert_eq!(
        validate(&Said::keys(&[infinite.into()])).unwrap_err()[0].0,
        "virtual_keys[0].provider_configs[1].weight"
    );
}

#[test]
fn faults_of_all_keys_are_told_at_once() {
    let mut nameless = settings(json!({"id": "c"}));
    nameless.value_hash = None;
    let before = hasher().hash("other").to_string();
    let keys = [
        settings(json!({"id": "a", "value": "same"})),
        settings(json!({"id": "b", "value": "same"})),
        settings(
            json!({"id": "d", "value": "d", "previous": [{"value_hash": before, "until": "2030-01-01T00:00:00Z"}]}),
        ),
        settings(json!({"id": "a", "value": "other", "expires_at": "?"})),
        nameless,
    ];
    let paths: Vec<_> = validate(&Said::keys(&keys.map(Arc::new)))
        .unwrap_err()
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    let expected = [
        "virtual_keys[1].value",
        "virtual_keys[3].expires_at",
        "virtual_keys[3].id",
        "virtual_keys[3].value",
        "virtual_keys[4].value",
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
                              "rate_limit": {"token_max_limit": 9, "token_reset_duration": "1h", "token_burst": 3}}],
        "model_limits": [{"model_name": "a/*", "rate_limit": {"request_max_limit": 1, "request_reset_duration": "1Y",
                                                              "calendar_aligned": true}}],
    }));
    let specs: Vec<_> = quotas_of(&key)
        .unwrap()
        .into_iter()
        .map(|spec| {
            (
                spec.id.to_string(),
                spec.owner,
                spec.unit,
                spec.limit,
                spec.cut,
                spec.burst,
            )
        })
        .collect();
    let (own, at, of) = (
        "virtual key k",
        "virtual key k at provider p",
        "virtual key k for model a/*",
    );
    let expected = [
        (
            "vk/k/budget",
            own,
            Unit::NanoUsd,
            1_500_000_000,
            Cut::Rolling(86_400_000),
            None,
        ),
        ("vk/k/budget/1", own, Unit::NanoUsd, 20_000_000_000, Cut::Month, None),
        ("vk/k/requests", own, Unit::Requests, 3, Cut::Rolling(60_000), None),
        ("vk/k/in_flight", own, Unit::InFlight, 2, Cut::Rolling(1), None),
        ("vk/k/p/budget", at, Unit::NanoUsd, 0, Cut::Rolling(3_600_000), None),
        ("vk/k/p/tokens", at, Unit::Tokens, 9, Cut::Rolling(3_600_000), Some(3)),
        ("vk-model/k/a/*/requests", of, Unit::Requests, 1, Cut::Year, None),
    ];
    let expected =
        expected.map(|(id, owner, unit, limit, cut, burst)| (id.into(), owner.into(), unit, limit, cut, burst));
    assert_eq!(specs, expected);
}

#[test]
fn checking_settings_has_no_effect_on_quotas() {
    let quotas = Quotas::new();
    let key = |limit: i64| {
        settings(json!({"id": "k", "rate_limit": {"request_max_limit": limit, "request_reset_duration": "1m"}}))
    };
    Directory::compile(&Said::keys(&[key(3).into()]), &quotas).unwrap();
    validate(&Said::keys(&[key(7).into()])).unwrap();
    assert!(Directory::compile(&Said::keys(&[key(8).into(), key(9).into()]), &quotas).is_err());
    let limit = || {
        quotas
            .usage(&"vk/k/requests".into(), now().wall)
            .map(|usage| usage.limit)
    };
    assert_eq!(limit(), Some(3));
    Directory::compile(&Said::keys(&[key(5).into()]), &quotas).unwrap();
    assert_eq!(limit(), Some(5));
    Directory::compile(&Said::keys(&[]), &quotas).unwrap();
    assert_eq!(limit(), None, "quotas of deleted keys are gone");
}

#[test]
fn a_key_says_for_its_own_budgets_who_is_told_and_only_budgets_tell() {
    let alerts = |url: &str| -> Alerts { serde_json::from_value(json!({"webhook_url": url})).unwrap() };
    let (usual, own) = (alerts("https://all.example/"), alerts("https://own.example/"));
    let limits = json!({
        "budgets": [{"max_limit": 1, "reset_duration": "1d"}],
        "rate_limit": {"request_max_limit": 1, "request_reset_duration": "1d", "max_in_flight": 1},
    });
    let with = |mut fields: Value| {
        for (name, limit) in limits.as_object().unwrap() {
            fields[name] = limit.clone();
        }
        fields
    };
    let own_key = with(json!({
        "id": "own", "team_id": "t", "alerts": own,
        "provider_configs": [with(json!({"provider": "p"}))], "model_limits": [with(json!({"model_name": "m"}))],
    }));
    let keys = [settings(own_key).into(), settings(with(json!({"id": "plain"}))).into()];
    let teams = [serde_json::from_value(with(json!({"id": "t", "name": ""}))).unwrap()];
    let said = Said {
        teams: &teams,
        alerts: Some(&usual),
        ..Said::keys(&keys)
    };
    let checked = check::check(&said, &Directory::default()).unwrap();
    let told = |specs: &[QuotaSpec]| -> Vec<Option<String>> {
        specs
            .iter()
            .map(|spec| spec.alerts.as_ref().map(|alerts| alerts.webhook_url.clone()))
            .collect()
    };
    let [check::Key::New(first), check::Key::New(second)] = &checked.keys[..] else {
        panic!("two new keys")
    };
    let by = |alerts: &Alerts| vec![Some(alerts.webhook_url.clone()), None, None];
    assert_eq!(told(&checked.teams[0].1), by(&usual));
    assert_eq!(told(&second.own), by(&usual));
    for specs in [&first.own, &first.entries[0].1, &first.models[0].1] {
        assert_eq!(told(specs), by(&own));
    }
}

#[test]
fn who_is_told_by_default_is_checked_too() {
    let alerts = serde_json::from_value(json!({"webhook_url": "hooks", "thresholds": []})).unwrap();
    let said = Said {
        alerts: Some(&alerts),
        ..Said::default()
    };
    let faults = validate(&said).unwrap_err();
    let paths: Vec<_> = faults.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["client.alerts.webhook_url", "client.alerts.thresholds"]);
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
fn what_happens_when_a_client_leaves_is_told_in_words_that_can_be_written() {
    let read = |said: Value| serde_json::from_value::<crate::settings::OnDisconnect>(said);
    for right in [json!("cancel"), json!({"finish": {"most_tokens": 5}})] {
        assert_eq!(json!(read(right.clone()).unwrap()), right);
    }
    for wrong in [
        json!("finish"),
        json!("stop"),
        json!({"finish": {"most_tokens": -1}}),
        json!({"finish": {"most_tokens": 1, "more": 2}}),
        json!(null),
    ] {
        let error = read(wrong.clone()).unwrap_err().to_string();
        assert!(error.starts_with(&wrong.to_string()), "{error}");
        assert!(error.contains("write \"cancel\" or {\"finish\""), "{error}");
    }
}
