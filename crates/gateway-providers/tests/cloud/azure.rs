//! Microsoft Entra and managed identities.

use gateway_providers::cloud::Source;
use gateway_providers::cloud::azure::AzureSource;
use gateway_types::{ErrorKind, Secret};

use super::fake::{World, bearer};

const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"eyJ"}"#;

fn world() -> World {
    World::new(|_| Ok((200, TOKEN.to_owned())))
}

fn given(tenant: &str, client: &str, secret: &str) -> AzureSource {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    AzureSource {
        tenant: some(tenant),
        client_id: some(client),
        client_secret: some(secret).map(Secret::new),
        scopes: Vec::new(),
    }
}

#[tokio::test]
async fn client_credentials_are_traded_for_a_token() {
    let world = world();
    let access = world.ask(Source::Azure(given("t-1", "c-1", "s/1+="))).await.unwrap();
    assert_eq!(bearer(&access), "eyJ");
    let seen = &world.seen()[0];
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.url, "https://login.microsoftonline.com/t-1/oauth2/v2.0/token");
    assert_eq!(
        seen.header("content-type"),
        "application/x-www-form-urlencoded; charset=utf-8"
    );
    for (name, value) in [
        ("grant_type", "client_credentials"),
        ("client_id", "c-1"),
        ("client_secret", "s/1+="),
        ("scope", "https://cognitiveservices.azure.com/.default"),
    ] {
        assert_eq!(seen.field(name).as_deref(), Some(value), "{name}");
    }
    assert!(!seen.egress.allow_link_local);
}

#[tokio::test]
async fn the_scope_and_the_authority_can_be_chosen() {
    let world = world().variable("AZURE_AUTHORITY_HOST", "http://127.0.0.1:9/");
    let mut source = given("t", "c", "s");
    source.scopes = vec!["https://ai.azure.com/.default".to_owned()];
    world.ask(Source::Azure(source)).await.unwrap();
    let seen = &world.seen()[0];
    assert_eq!(seen.url, "http://127.0.0.1:9/t/oauth2/v2.0/token");
    assert_eq!(seen.field("scope").as_deref(), Some("https://ai.azure.com/.default"));
}

#[tokio::test]
async fn the_variables_are_used_where_nothing_is_given() {
    let world = world()
        .variable("AZURE_TENANT_ID", "t")
        .variable("AZURE_CLIENT_ID", "c")
        .variable("AZURE_CLIENT_SECRET", "s");
    world.ask(Source::Azure(AzureSource::default())).await.unwrap();
    assert_eq!(world.seen()[0].field("client_secret").as_deref(), Some("s"));
}

#[tokio::test]
async fn a_federated_token_proves_who_a_workload_is() {
    let world = world()
        .variable("AZURE_TENANT_ID", "t")
        .variable("AZURE_CLIENT_ID", "c")
        .variable("AZURE_FEDERATED_TOKEN_FILE", "/var/run/token")
        .file("/var/run/token", "signed.by.kubernetes\n");
    world.ask(Source::Azure(AzureSource::default())).await.unwrap();
    let seen = &world.seen()[0];
    assert_eq!(seen.field("client_assertion").as_deref(), Some("signed.by.kubernetes"));
    assert_eq!(
        seen.field("client_assertion_type").as_deref(),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    assert_eq!(seen.field("client_secret"), None);
}

#[tokio::test]
async fn a_managed_identity_is_asked_of_the_machine() {
    let end = super::fake::START / 1000 + 86_400;
    let token = format!(
        r#"{{"access_token":"eyJ","client_id":"c","expires_in":"86399","expires_on":"{end}","resource":"r","token_type":"Bearer"}}"#
    );
    let world = World::new(move |_| Ok((200, token.clone())));
    let access = world.ask(Source::Azure(given("", "mine", ""))).await.unwrap();
    assert_eq!(bearer(&access), "eyJ");
    let seen = &world.seen()[0];
    assert_eq!(
        seen.url,
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&\
         resource=https%3A%2F%2Fcognitiveservices.azure.com&client_id=mine"
    );
    assert_eq!(seen.header("metadata"), "true");
    assert!(seen.egress.allow_link_local);
}

#[tokio::test]
async fn app_service_and_machine_learning_have_addresses_of_their_own() {
    let world = world()
        .variable("IDENTITY_ENDPOINT", "http://127.0.0.1:41000/msi/token")
        .variable("IDENTITY_HEADER", "853b");
    world.ask(Source::Azure(given("", "", ""))).await.unwrap();
    let seen = &world.seen()[0];
    assert_eq!(
        seen.url,
        "http://127.0.0.1:41000/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fcognitiveservices.azure.com"
    );
    assert_eq!(seen.header("x-identity-header"), "853b");

    let world = self::world()
        .variable("MSI_ENDPOINT", "http://127.0.0.1:46808/MSI/auth")
        .variable("MSI_SECRET", "s");
    world.ask(Source::Azure(given("", "mine", ""))).await.unwrap();
    let seen = &world.seen()[0];
    assert!(
        seen.url.contains("api-version=2017-09-01") && seen.url.ends_with("&clientid=mine"),
        "{}",
        seen.url
    );
    assert_eq!(seen.header("secret"), "s");
}

#[tokio::test]
async fn refusals_say_which_source_and_why() {
    let world = World::new(|_| {
        let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1"}"#;
        Ok((401, body.to_owned()))
    });
    let error = world.ask(Source::Azure(given("t", "c", "s"))).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamAuth);
    assert_eq!(
        error.message,
        "Microsoft Entra (for the application `c`) answered with status 401: invalid_client: AADSTS7000215: Invalid \
         client secret provided. Trace ID: 1"
    );
    let error = World::silent()
        .ask(Source::Azure(AzureSource::default()))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamFailed);
    assert!(error.message.starts_with("no Azure credentials"), "{error}");
    let error = World::silent()
        .ask(Source::Azure(given("", "c", "s")))
        .await
        .unwrap_err();
    assert!(error.message.contains("`tenant_id` is not"), "{error}");
    let error = World::silent()
        .ask(Source::Azure(given("a/../b", "c", "s")))
        .await
        .unwrap_err();
    assert!(error.message.contains("`tenant_id` is no id"), "{error}");
}
