//! Credentials files as they are written, and what is made of them.

use std::collections::BTreeMap;
use std::time::Duration;

use gateway_types::Secret;
use jsonwebtoken::EncodingKey;
use serde::Deserialize;
use serde_json::Value;

use super::external::{External, Subject};
use super::{GoogleCredentials, HOUR, Impersonated, ServiceAccount, User};

const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

#[derive(Deserialize)]
struct Written {
    r#type: Option<String>,
    project_id: Option<String>,
    quota_project_id: Option<String>,
    client_email: Option<String>,
    private_key: Option<String>,
    private_key_id: Option<String>,
    token_uri: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    refresh_token: Option<String>,
    audience: Option<String>,
    subject_token_type: Option<String>,
    token_url: Option<String>,
    credential_source: Option<WrittenSource>,
    service_account_impersonation_url: Option<String>,
    service_account_impersonation: Option<WrittenImpersonation>,
    workforce_pool_user_project: Option<String>,
    universe_domain: Option<String>,
    delegates: Option<Vec<String>>,
    source_credentials: Option<Value>,
}

#[derive(Deserialize)]
struct WrittenSource {
    file: Option<String>,
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    format: Option<WrittenFormat>,
    environment_id: Option<String>,
    executable: Option<Value>,
    certificate: Option<Value>,
}

#[derive(Deserialize)]
struct WrittenFormat {
    r#type: Option<String>,
    subject_token_field_name: Option<String>,
}

#[derive(Deserialize)]
struct WrittenImpersonation {
    token_lifetime_seconds: Option<u64>,
}

pub(super) fn read(text: &str) -> Result<GoogleCredentials, String> {
    // What serde says of a wrong value may repeat it.
    let written: Written = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("it is no JSON of Google's credentials (line {line}, column {column})")
    })?;
    make(written, true)
}

fn make(written: Written, outermost: bool) -> Result<GoogleCredentials, String> {
    let kind = written.r#type.clone().ok_or("`type` is missing")?;
    match kind.as_str() {
        "service_account" => service_account(written).map(GoogleCredentials::ServiceAccount),
        "authorized_user" => user(written).map(GoogleCredentials::User),
        "external_account" => external(written),
        "impersonated_service_account" if outermost => impersonated(written),
        _ => Err(format!(
            "`type`: `{kind}` is none of service_account, authorized_user, external_account, \
             impersonated_service_account"
        )),
    }
}

fn service_account(written: Written) -> Result<ServiceAccount, String> {
    let private_key = Secret::new(present(written.private_key, "private_key")?);
    EncodingKey::from_rsa_pem(private_key.expose().as_bytes())
        .map_err(|_| "`private_key` is no RSA key in PEM (`-----BEGIN PRIVATE KEY-----`)")?;
    Ok(ServiceAccount {
        email: present(written.client_email, "client_email")?,
        private_key,
        key_id: written.private_key_id,
        token_uri: written.token_uri.unwrap_or_else(|| TOKEN_URI.to_owned()),
        project: written.project_id,
    })
}

fn user(written: Written) -> Result<User, String> {
    Ok(User {
        client_id: present(written.client_id, "client_id")?,
        client_secret: Secret::new(present(written.client_secret, "client_secret")?),
        refresh_token: Secret::new(present(written.refresh_token, "refresh_token")?),
        token_uri: written.token_uri.unwrap_or_else(|| TOKEN_URI.to_owned()),
        project: written.quota_project_id,
    })
}

fn external(written: Written) -> Result<GoogleCredentials, String> {
    let universe = written.universe_domain.as_deref().unwrap_or("googleapis.com");
    let external = External {
        audience: present(written.audience, "audience")?,
        subject_token_type: present(written.subject_token_type, "subject_token_type")?,
        subject: subject(written.credential_source.ok_or("`credential_source` is missing")?)?,
        token_url: written
            .token_url
            .unwrap_or_else(|| format!("https://sts.{universe}/v1/token")),
        client_id: written.client_id,
        client_secret: written.client_secret.map(Secret::new),
        user_project: written.workforce_pool_user_project,
        project: written.quota_project_id,
    };
    external.check()?;
    let life = written
        .service_account_impersonation
        .and_then(|settings| settings.token_lifetime_seconds);
    let by = GoogleCredentials::External(external);
    Ok(match written.service_account_impersonation_url {
        None => by,
        Some(url) => GoogleCredentials::Impersonated(Impersonated {
            url,
            delegates: Vec::new(),
            life: life.map_or(HOUR, Duration::from_secs),
            by: Box::new(by),
        }),
    })
}

fn subject(source: WrittenSource) -> Result<Subject, String> {
    let not_done = [
        ("environment_id", source.environment_id.is_some()),
        ("executable", source.executable.is_some()),
        ("certificate", source.certificate.is_some()),
    ];
    if let Some((name, _)) = not_done.iter().find(|(_, present)| *present) {
        return Err(format!("`credential_source.{name}` is not done; use `file` or `url`"));
    }
    let field = match &source.format {
        Some(format) if format.r#type.as_deref() == Some("json") => Some(present(
            format.subject_token_field_name.clone(),
            "credential_source.format.subject_token_field_name",
        )?),
        _ => None,
    };
    match (source.file, source.url) {
        (Some(path), None) => Ok(Subject::File { path, field }),
        (None, Some(url)) => Ok(Subject::Url {
            url,
            headers: source.headers.into_iter().collect(),
            field,
        }),
        _ => Err("`credential_source` needs either `file` or `url`".to_owned()),
    }
}

fn impersonated(written: Written) -> Result<GoogleCredentials, String> {
    let source = written.source_credentials.ok_or("`source_credentials` is missing")?;
    let source: Written =
        serde_json::from_value(source).map_err(|_| "`source_credentials` has a field of a wrong type")?;
    let by = make(source, false).map_err(|why| format!("`source_credentials`: {why}"))?;
    if matches!(by, GoogleCredentials::Impersonated(_)) {
        return Err("`source_credentials` must not impersonate in their turn".to_owned());
    }
    Ok(GoogleCredentials::Impersonated(Impersonated {
        url: present(
            written.service_account_impersonation_url,
            "service_account_impersonation_url",
        )?,
        delegates: written.delegates.unwrap_or_default(),
        life: HOUR,
        by: Box::new(by),
    }))
}

fn present(value: Option<String>, name: &str) -> Result<String, String> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| format!("`{name}` is missing"))
}
