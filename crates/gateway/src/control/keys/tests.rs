//! What keys come to.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::upstream::{Upstream, make};
use gateway_providers::cloud::azure;
use gateway_providers::cloud::google::GoogleSource;
use gateway_types::Secret;

use super::*;
use crate::settings::Provider;

fn made_in(environment: &HashMap<String, String>, name: &str, key: Value) -> Result<Upstream, String> {
    let mut key = key;
    key["name"] = json!("k");
    let provider: Provider = serde_json::from_value(json!({"keys": [key]})).unwrap();
    make(&name.into(), &provider, environment, &KeyHasher::new(&[7; 32]), &[])
}

fn made(name: &str, key: Value) -> Result<Upstream, String> {
    made_in(&HashMap::new(), name, key)
}

fn door(upstream: &Upstream) -> &Door {
    upstream.keys[0]
        .door()
        .unwrap_or_else(|| panic!("{}", upstream.keys[0].status()))
}

fn environment(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn a_key_says_what_keeps_it_from_use() {
    let provider = json!({"keys": [
        {"name": "a", "value": "env.NOPE"}, {"name": "b"},
        {"name": "c", "value": "x", "enabled": false}, {"name": "d", "value": "y"},
    ]});
    let provider: Provider = serde_json::from_value(provider).unwrap();
    let hasher = KeyHasher::new(&[7; 32]);
    let upstream = make(&"openai".into(), &provider, &HashMap::new(), &hasher, &[]).unwrap();
    let statuses: Vec<_> = upstream.keys.iter().map(UpstreamKey::status).collect();
    assert!(
        statuses[0].contains("NOPE") && statuses[1].contains("no value"),
        "{statuses:?}"
    );
    assert_eq!(statuses[2..], ["disabled", "ready"]);
    assert_ne!(upstream.keys[2].endpoint, upstream.keys[3].endpoint);
}

#[test]
fn a_resource_of_azure_is_asked_by_the_version_that_its_key_names() {
    let dated = |version: &str| Site::Azure {
        api_version: Some(version.to_owned()),
    };
    let undated = Site::Azure { api_version: None };
    for (config, address, site) in [
        (
            json!({"endpoint": "https://a.openai.azure.com/"}),
            "https://a.openai.azure.com",
            dated("2024-10-21"),
        ),
        (
            json!({"endpoint": "https://a.openai.azure.com/openai", "api_version": "2025-04-01-preview"}),
            "https://a.openai.azure.com",
            dated("2025-04-01-preview"),
        ),
        (
            json!({"endpoint": "https://a.openai.azure.com/openai/v1/"}),
            "https://a.openai.azure.com",
            undated.clone(),
        ),
        (
            json!({"endpoint": "http://127.0.0.1:9", "api_version": "v1"}),
            "http://127.0.0.1:9",
            undated,
        ),
        (
            json!({"endpoint": "https://a.services.ai.azure.com/anthropic", "api_version": "preview"}),
            "https://a.services.ai.azure.com",
            dated("preview"),
        ),
    ] {
        let upstream = made("azure", json!({"value": "k", "azure_key_config": config})).unwrap();
        let door = door(&upstream);
        assert_eq!((door.base_url.as_str(), &door.site), (address, &site));
        assert_eq!(*door.keeper.source(), Source::Static(Access::Key(Secret::new("k"))));
    }
    let nowhere = made("azure", json!({"value": "k"})).unwrap();
    assert!(nowhere.keys[0].status().contains("azure_key_config.endpoint"));
    let set = environment(&[(azure::ENDPOINT, "https://b.openai.azure.com"), ("SECRET", "s")]);
    let config = json!({"client_id": "c", "tenant_id": "t", "client_secret": "env.SECRET"});
    let entra = made_in(&set, "azure", json!({"azure_key_config": config})).unwrap();
    assert_eq!(door(&entra).base_url.as_str(), "https://b.openai.azure.com");
    let Source::Azure(source) = door(&entra).keeper.source() else {
        panic!("no Entra");
    };
    assert_eq!(source.client_secret, Some(Secret::new("s")));
    let error = made("azure", json!({"azure_key_config": {"endpoint": "ftp://x"}})).unwrap_err();
    assert!(error.starts_with("`keys[0].azure_key_config.endpoint`: "), "{error}");
}

#[test]
fn a_project_of_google_cloud_is_named_by_its_key_or_by_its_credentials() {
    let express = made("vertex", json!({"value": "AIza"})).unwrap();
    assert_eq!(door(&express).base_url.as_str(), "https://aiplatform.googleapis.com");
    let user =
        r#"{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r","quota_project_id":"q"}"#;
    let config = json!({"auth_credentials": user, "region": "europe-west4"});
    let named = made("vertex", json!({"vertex_key_config": config})).unwrap();
    assert_eq!(
        door(&named).base_url.as_str(),
        "https://europe-west4-aiplatform.googleapis.com"
    );
    let site = Site::Vertex {
        project: "q".to_owned(),
        region: "europe-west4".to_owned(),
    };
    assert_eq!(door(&named).site, site);
    let nameless = made("vertex", json!({"vertex_key_config": {"region": "us"}})).unwrap();
    assert!(nameless.keys[0].status().contains("project_id"));
    let set = environment(&[("GOOGLE_CLOUD_PROJECT", "p"), ("GOOGLE_CLOUD_LOCATION", "us")]);
    let usual = made_in(&set, "vertex", json!({})).unwrap();
    assert_eq!(
        door(&usual).base_url.as_str(),
        "https://aiplatform.us.rep.googleapis.com"
    );
    assert_eq!(*door(&usual).keeper.source(), Source::Google(GoogleSource::Usual));
    let config = json!({"auth_credentials": "{\"type\":\"service_account\",\"private_key\":\"hunter2\"}"});
    let error = made("vertex", json!({"vertex_key_config": config})).unwrap_err();
    assert!(
        error.starts_with("`keys[0].vertex_key_config.auth_credentials`: ") && !error.contains("hunter2"),
        "{error}"
    );
}

#[test]
fn a_region_of_aws_is_named_by_its_key_its_arn_or_the_surroundings() {
    let region = |upstream: &Upstream| match &door(upstream).site {
        Site::Bedrock { region } => region.clone(),
        other => panic!("{other:?}"),
    };
    let key = made("bedrock", json!({"value": "ABSK"})).unwrap();
    assert_eq!(
        door(&key).base_url.as_str(),
        "https://bedrock-runtime.us-east-1.amazonaws.com"
    );
    assert_eq!(
        *door(&key).keeper.source(),
        Source::Static(Access::Key(Secret::new("ABSK")))
    );
    let config = json!({"access_key": "AKID", "secret_key": "s", "region": "cn-north-1", "role_arn": "arn:aws-cn:iam::1:role/r"});
    let keys = made("bedrock", json!({"bedrock_key_config": config})).unwrap();
    assert_eq!(
        door(&keys).base_url.as_str(),
        "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"
    );
    let Source::Aws(source) = door(&keys).keeper.source() else {
        panic!("no keys");
    };
    assert!(source.keys.is_some() && source.role.is_some());
    let set = environment(&[("AWS_REGION", "eu-west-3")]);
    assert_eq!(region(&made_in(&set, "bedrock", json!({})).unwrap()), "eu-west-3");
    let arn = json!({"bedrock_key_config": {"arn": "arn:aws:bedrock:us-west-2:1:inference-profile"}});
    assert_eq!(region(&made_in(&set, "bedrock", arn).unwrap()), "us-west-2");
    let half = made("bedrock", json!({"bedrock_key_config": {"access_key": "AKID"}})).unwrap();
    assert!(half.keys[0].status().contains("secret_key"));
    let error = made("bedrock", json!({"bedrock_key_config": {"region": "evil.example/"}})).unwrap_err();
    assert!(error.contains("bedrock_key_config.region"), "{error}");
}

#[test]
fn models_are_called_what_the_key_says() {
    let named = |key: Value, model: &str| {
        let upstream = made("bedrock", key).unwrap();
        upstream.keys[0].own_name(&model.into()).as_str().to_owned()
    };
    let config = |arn: &str| json!({"value": "k", "aliases": {"fast": "m2"}, "bedrock_key_config": {"arn": arn, "deployments": {"m": "us.m-v1:0", "whole": "arn:aws:bedrock:r:1:x/y"}}});
    assert_eq!(named(config(""), "m"), "us.m-v1:0");
    assert_eq!(named(config(""), "fast"), "m2");
    assert_eq!(named(config(""), "other"), "other");
    let profiles = "arn:aws:bedrock:us-east-1:1:inference-profile";
    assert_eq!(named(config(profiles), "m"), format!("{profiles}/us.m-v1:0"));
    assert_eq!(named(config(profiles), "whole"), "arn:aws:bedrock:r:1:x/y");
    let one = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc";
    assert_eq!(named(config(one), "m"), one);
}

#[test]
fn a_server_of_ones_own_can_stand_in_its_key() {
    let config = json!({"url": "http://gpu-1:8000/v1", "model_name": "qwen"});
    let upstream = made("vllm", json!({"vllm_key_config": config})).unwrap();
    assert_eq!(door(&upstream).base_url.as_str(), "http://gpu-1:8000");
    assert_eq!(upstream.keys[0].models, ["qwen"]);
    let set = environment(&[("OLLAMA", "http://gpu-2:11434")]);
    let ollama = made_in(&set, "ollama", json!({"ollama_key_config": {"url": "env.OLLAMA"}})).unwrap();
    assert_eq!(door(&ollama).base_url.as_str(), "http://gpu-2:11434");
    let unset = made("sgl", json!({"sgl_key_config": {"url": "env.NOPE"}})).unwrap();
    assert!(unset.keys[0].status().contains("NOPE"));
    let error = made("openai", json!({"value": "k", "vllm_key_config": {}})).unwrap_err();
    assert!(
        error.starts_with("`keys[0].vllm_key_config` is for providers of the kind vllm"),
        "{error}"
    );
}

#[test]
fn what_was_fetched_outlives_a_change_of_settings_and_not_of_the_credential() {
    let hasher = KeyHasher::new(&[7; 32]);
    let with = |role: &str, weight: f64, keepers: &[Arc<Keeper>]| {
        let config = json!({"role_arn": role});
        let provider = json!({"keys": [{"name": "k", "weight": weight, "bedrock_key_config": config}]});
        let provider: Provider = serde_json::from_value(provider).unwrap();
        make(&"bedrock".into(), &provider, &HashMap::new(), &hasher, keepers).unwrap()
    };
    let first = with("arn:a", 1.0, &[]);
    let keepers = [Arc::clone(&door(&first).keeper)];
    let (same, other) = (with("arn:a", 2.0, &keepers), with("arn:b", 1.0, &keepers));
    assert!(Arc::ptr_eq(&door(&same).keeper, &keepers[0]));
    assert!(!Arc::ptr_eq(&door(&other).keeper, &keepers[0]));
    assert_eq!(first.keys[0].endpoint, same.keys[0].endpoint);
    assert_ne!(first.keys[0].endpoint, other.keys[0].endpoint);
}
