//! Which quotas a call has to pass.

use proptest::prelude::*;

use super::*;
use crate::access::authorise;

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
