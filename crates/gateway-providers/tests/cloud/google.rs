//! Tokens of Google Cloud.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_providers::cloud::Source;
use gateway_providers::cloud::google::{GoogleCredentials, GoogleSource};
use gateway_types::ErrorKind;
use serde_json::{Value, json};

use super::fake::{START, World, bearer};

static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

fn pem() -> String {
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'static> = KEY.as_der().unwrap();
    let text = STANDARD.encode(der.as_ref());
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

fn service_account() -> Value {
    json!({
        "type": "service_account",
        "project_id": "my-project",
        "private_key_id": "key-1",
        "private_key": pem(),
        "client_email": "robot@my-project.iam.gserviceaccount.com",
        "client_id": "1",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "universe_domain": "googleapis.com",
    })
}

fn external(source: &Value) -> Value {
    json!({
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": source,
    })
}

fn given(written: &Value) -> Source {
    Source::Google(GoogleSource::Given(Box::new(
        GoogleCredentials::parse(&written.to_string()).unwrap(),
    )))
}

fn world() -> World {
    World::new(|seen| {
        let body = if seen.url.ends_with(":generateAccessToken") {
            json!({"accessToken": "impersonated", "expireTime": "2026-01-01T01:00:00Z"})
        } else if seen.url.starts_with("http://issuer") {
            json!({"id_token": "of the issuer"})
        } else {
            json!({"access_token": "ya29", "expires_in": 3599, "token_type": "Bearer"})
        };
        Ok((200, body.to_string()))
    })
}

#[tokio::test]
async fn a_service_account_signs_for_its_token() {
    let world = world();
    assert_eq!(bearer(&world.ask(given(&service_account())).await.unwrap()), "ya29");
    let seen = &world.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.url.as_str()),
        ("POST", "https://oauth2.googleapis.com/token")
    );
    assert_eq!(
        seen.field("grant_type").as_deref(),
        Some("urn:ietf:params:oauth:grant-type:jwt-bearer")
    );

    let assertion = seen.field("assertion").unwrap();
    let header = jsonwebtoken::decode_header(&assertion).unwrap();
    assert_eq!(
        (header.alg, header.kid.as_deref()),
        (jsonwebtoken::Algorithm::RS256, Some("key-1"))
    );
    let public: PublicKeyComponents<Vec<u8>> = KEY.public_key().into();
    let key = jsonwebtoken::DecodingKey::from_rsa_raw_components(&public.n, &public.e);
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.validate_exp = false;
    rules.set_audience(&["https://oauth2.googleapis.com/token"]);
    let claims = jsonwebtoken::decode::<Value>(&assertion, &key, &rules).unwrap().claims;
    assert_eq!(claims["iss"], "robot@my-project.iam.gserviceaccount.com");
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/cloud-platform");
    assert_eq!(
        (claims["iat"].as_i64(), claims["exp"].as_i64()),
        (Some(START / 1000), Some(START / 1000 + 3600))
    );
}

#[tokio::test]
async fn a_user_trades_the_refresh_token() {
    let world = world();
    let user = json!({"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "1//r"});
    world.ask(given(&user)).await.unwrap();
    let seen = &world.seen()[0];
    assert_eq!(seen.url, "https://oauth2.googleapis.com/token");
    for (name, value) in [
        ("grant_type", "refresh_token"),
        ("client_id", "c"),
        ("client_secret", "s"),
        ("refresh_token", "1//r"),
    ] {
        assert_eq!(seen.field(name).as_deref(), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_workload_trades_the_token_in_a_file() {
    let world = world().file("/token", "of kubernetes\n");
    world.ask(given(&external(&json!({"file": "/token"})))).await.unwrap();
    let seen = &world.seen()[0];
    assert_eq!(seen.url, "https://sts.googleapis.com/v1/token");
    for (name, value) in [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ("subject_token", "of kubernetes"),
        ("scope", "https://www.googleapis.com/auth/cloud-platform"),
        (
            "audience",
            "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        ),
    ] {
        assert_eq!(seen.field(name).as_deref(), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_workload_can_be_told_by_an_address_and_act_as_an_account() {
    let world = world();
    let mut written = external(&json!({
        "url": "http://issuer/token",
        "headers": {"X-Who": "me"},
        "format": {"type": "json", "subject_token_field_name": "id_token"},
    }));
    let url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com:generateAccessToken";
    written["service_account_impersonation_url"] = url.into();
    written["service_account_impersonation"] = json!({"token_lifetime_seconds": 2800});
    assert_eq!(bearer(&world.ask(given(&written)).await.unwrap()), "impersonated");
    let seen = world.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].header("x-who")), ("GET", "me"));
    assert_eq!(seen[1].field("subject_token").as_deref(), Some("of the issuer"));
    assert_eq!(
        (seen[2].url.as_str(), seen[2].header("authorization")),
        (url, "Bearer ya29")
    );
    let body: Value = serde_json::from_str(&seen[2].body).unwrap();
    assert_eq!(body["lifetime"], "2800s");
    assert_eq!(body["scope"], json!(["https://www.googleapis.com/auth/cloud-platform"]));
    assert!(seen.iter().all(|seen| !seen.egress.allow_link_local));
}

#[tokio::test]
async fn an_account_can_be_impersonated_by_another() {
    let world = world();
    let written = json!({
        "type": "impersonated_service_account",
        "delegates": ["between"],
        "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/x:generateAccessToken",
        "source_credentials": service_account(),
    });
    assert_eq!(bearer(&world.ask(given(&written)).await.unwrap()), "impersonated");
    let body: Value = serde_json::from_str(&world.seen()[1].body).unwrap();
    assert_eq!(body["delegates"], json!(["between"]));
}

#[tokio::test]
async fn the_metadata_server_is_asked_where_nothing_is_written() {
    let world = world();
    assert_eq!(
        bearer(&world.ask(Source::Google(GoogleSource::Usual)).await.unwrap()),
        "ya29"
    );
    let seen = &world.seen()[0];
    assert_eq!(
        seen.url,
        "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token?\
         scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform"
    );
    assert_eq!(seen.header("metadata-flavor"), "Google");
    assert!(seen.egress.allow_link_local);
    let elsewhere = self::world().variable("GCE_METADATA_HOST", "127.0.0.1:8080");
    elsewhere.ask(Source::Google(GoogleSource::Usual)).await.unwrap();
    assert!(
        elsewhere.seen()[0]
            .url
            .starts_with("http://127.0.0.1:8080/computeMetadata/")
    );
}

#[tokio::test]
async fn files_of_the_surroundings_come_before_the_metadata_server() {
    let named = world()
        .variable("GOOGLE_APPLICATION_CREDENTIALS", "/key.json")
        .file("/key.json", service_account().to_string());
    named.ask(Source::Google(GoogleSource::Usual)).await.unwrap();
    assert!(named.seen()[0].field("assertion").is_some());
    assert_eq!(GoogleSource::Usual.project(&named).as_deref(), Some("my-project"));

    let user =
        r#"{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r","quota_project_id":"q"}"#;
    let logged_in = world()
        .variable("HOME", "/home/a")
        .file("/home/a/.config/gcloud/application_default_credentials.json", user);
    logged_in.ask(Source::Google(GoogleSource::Usual)).await.unwrap();
    assert_eq!(logged_in.seen()[0].field("refresh_token").as_deref(), Some("r"));
    assert_eq!(GoogleSource::Usual.project(&logged_in).as_deref(), Some("q"));
    let told = logged_in.variable("GOOGLE_CLOUD_PROJECT", "told");
    assert_eq!(GoogleSource::Usual.project(&told).as_deref(), Some("told"));

    let error = world()
        .variable("GOOGLE_APPLICATION_CREDENTIALS", "/gone.json")
        .ask(Source::Google(GoogleSource::Usual))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamAuth);
    assert!(error.message.contains("`/gone.json`"), "{error}");
}

#[tokio::test]
async fn what_google_says_against_it_is_said_on() {
    let world = World::new(|_| {
        Ok((
            400,
            r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#.to_owned(),
        ))
    });
    let error = world.ask(given(&service_account())).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamAuth);
    assert!(
        error
            .message
            .ends_with("status 400: invalid_grant: Invalid JWT Signature."),
        "{error}"
    );
    let error = World::silent()
        .ask(Source::Google(GoogleSource::Usual))
        .await
        .unwrap_err();
    assert!(error.message.starts_with("no Google credentials"), "{error}");
}

#[test]
fn a_credentials_file_that_cannot_work_is_refused_with_the_field() {
    let without = |field: &str| {
        let mut written = service_account();
        written.as_object_mut().unwrap().remove(field);
        written
    };
    let with = |field: &str, value: &str| {
        let mut written = service_account();
        written[field] = value.into();
        written
    };
    let mut astray = external(&json!({"file": "/etc/shadow"}));
    astray["token_url"] = "https://sts.googleapis.com.evil.example/v1/token".into();
    for (written, why) in [
        (without("type"), "`type` is missing"),
        (with("type", "moon"), "`type`: `moon` is none of"),
        (without("client_email"), "`client_email` is missing"),
        (with("private_key", "secret-but-no-key"), "`private_key` is no RSA key"),
        (external(&json!({"executable": {}})), "`credential_source.executable`"),
        (
            external(&json!({"environment_id": "aws1"})),
            "`credential_source.environment_id`",
        ),
        (external(&json!({})), "either `file` or `url`"),
        (astray, "`token_url` must be at googleapis.com"),
        (
            json!({"type": "impersonated_service_account"}),
            "`source_credentials` is missing",
        ),
    ] {
        let error = GoogleCredentials::parse(&written.to_string()).unwrap_err();
        assert!(error.contains(why) && !error.contains("secret-but"), "{error}");
    }
    let error = GoogleCredentials::parse(r#"{"type": "service_account", "private_key": 12345678"#).unwrap_err();
    assert!(error.contains("line 1") && !error.contains("1234"), "{error}");
}
