use super::*;

/// The section in our form, or what is wrong with it.
fn section(said: &Value) -> Result<(Value, Vec<String>), String> {
    let mut warnings = Vec::new();
    let mut fields = said.as_object().cloned().unwrap();
    read(&mut fields, &mut warnings).map_err(|error| error.to_string())?;
    Ok((Value::Object(fields), warnings))
}

#[test]
fn budgets_and_rate_limits_that_stand_apart_go_to_whoever_refers_to_them() {
    let (read, warnings) = section(&json!({
        "budgets": [
            {"id": "b-team", "max_limit": 10, "reset_duration": "1M", "current_usage": 3, "last_reset": "2026-01-01T00:00:00Z"},
            {"id": "b-key", "max_limit": 5, "reset_duration": "1d"},
            {"id": "b-entry", "max_limit": 1, "reset_duration": "1h"}],
        "rate_limits": [{"id": "r", "request_max_limit": 9, "request_reset_duration": "1m", "request_current_usage": 4}],
        "teams": [{"id": "t", "name": "T", "budget_id": "b-team", "budget": {"max_limit": 2, "reset_duration": "1d"}}],
        "virtual_keys": [{"id": "k", "name": "K", "budget_id": "b-key", "rate_limit_id": "r",
            "provider_configs": [{"provider": "p", "budget_id": "b-entry"}]}],
    }))
    .unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(
        read["teams"][0]["budgets"],
        json!([{"max_limit": 2, "reset_duration": "1d"}, {"id": "b-team", "max_limit": 10, "reset_duration": "1M"}])
    );
    let key = &read["virtual_keys"][0];
    assert_eq!(key["budgets"][0]["max_limit"], 5);
    assert_eq!(
        key["rate_limit"],
        json!({"request_max_limit": 9, "request_reset_duration": "1m"})
    );
    assert_eq!(key["provider_configs"][0]["budgets"][0]["max_limit"], 1);
    assert_eq!(read.get("budgets"), None);
}

#[test]
fn a_budget_may_name_its_owner_instead() {
    let (read, _) = section(&json!({
        "budgets": [
            {"id": "a", "max_limit": 1, "reset_duration": "1d", "team_id": "t"},
            {"id": "b", "max_limit": 2, "reset_duration": "1d", "virtual_key_id": "k"},
            {"id": "c", "max_limit": 3, "reset_duration": "1d", "provider_config_id": 7}],
        "teams": [{"id": "t", "name": "T", "budget_id": "a"}],
        "virtual_keys": [{"id": "k", "provider_configs": [{"id": 6, "provider": "o"}, {"id": 7, "provider": "p"}]}],
    }))
    .unwrap();
    assert_eq!(
        read["teams"][0]["budgets"].as_array().map(Vec::len),
        Some(1),
        "said by both, and once"
    );
    assert_eq!(read["virtual_keys"][0]["budgets"][0]["max_limit"], 2);
    assert_eq!(
        read["virtual_keys"][0]["provider_configs"][1]["budgets"][0]["max_limit"],
        3
    );
}

#[test]
fn a_reference_to_nothing_is_an_error_with_its_path() {
    let budget = json!([{"id": "b", "max_limit": 1, "reset_duration": "1d"}]);
    for (said, path, names) in [
        (
            json!({"teams": [{"id": "t", "name": "T"}, {"id": "u", "name": "U", "budget_id": "b"}]}),
            "`governance.teams[1].budget_id`",
            "`b`",
        ),
        (
            json!({"customers": [{"id": "c", "name": "C", "rate_limit_id": "r"}]}),
            "`governance.customers[0].rate_limit_id`",
            "`r`",
        ),
        (
            json!({"budgets": [{"id": "b", "max_limit": 1, "reset_duration": "1d", "team_id": "t"}]}),
            "`governance.budgets[0].team_id`",
            "`t`",
        ),
        (
            json!({"budgets": [{"max_limit": 1, "reset_duration": "1d"}]}),
            "`governance.budgets[0].id`",
            "missing",
        ),
        (
            json!({"budgets": [budget[0], budget[0]]}),
            "`governance.budgets[1].id`",
            "twice",
        ),
        (
            json!({"budgets": budget, "teams": [{"id": "t", "budget_id": "b"}, {"id": "u", "budget_id": "b"}]}),
            "`governance.teams[1]`",
            "`governance.teams[0]`",
        ),
        (
            json!({"rate_limits": [{"id": "r"}], "teams": [{"id": "t", "rate_limit_id": "r", "rate_limit": {"max_in_flight": 1}}]}),
            "`governance.teams[0].rate_limit`",
            "say it once",
        ),
    ] {
        let error = section(&said).unwrap_err();
        assert!(error.contains(path) && error.contains(names), "{path}: {error}");
    }
}

#[test]
fn a_budget_of_nobody_is_told() {
    let (_, warnings) = section(&json!({"budgets": [{"id": "b", "max_limit": 1, "reset_duration": "1d"}]})).unwrap();
    assert_eq!(
        warnings,
        ["`governance.budgets[0]` belongs to nobody and limits nothing"]
    );
}
