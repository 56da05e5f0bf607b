//! Access to Google Cloud: service accounts, users, workload identity, the metadata server. The formats are those of
//! the JSON files that `gcloud` and the console write (Google, "Application Default Credentials", AIP-4110 to 4117).

mod external;
mod written;

use std::time::Duration;

use bytes::Bytes;
use gateway_types::{Error, Secret, Wall};
use http::Method;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::json;

pub use self::external::{External, Subject};
use super::fetch::{self, Way, failed, fetched, refused};
use super::means::variable;
use super::source::Fetched;
use super::{Access, Means, Surroundings};

/// What tokens may be used for: everything that the account may do.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// How long an impersonated account's tokens live where nothing is said.
const HOUR: Duration = Duration::from_secs(3600);
const METADATA: &str = "the Google metadata server";
const ENDPOINT: &str = "the Google token endpoint";

/// The variables that are read where settings name no credentials, or no project.
pub const VARIABLES: &[&str] = &[
    "GOOGLE_APPLICATION_CREDENTIALS",
    "CLOUDSDK_CONFIG",
    "GCE_METADATA_HOST",
    "GOOGLE_CLOUD_PROJECT",
    "GCLOUD_PROJECT",
];

/// Where Google's tools look for a region.
pub const REGIONS: &[&str] = &["GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_REGION", "CLOUD_ML_REGION"];

/// Access to Google Cloud.
#[derive(Clone, Debug, PartialEq)]
pub enum GoogleSource {
    /// What the operator wrote down.
    Given(Box<GoogleCredentials>),
    /// What the surroundings have, in the usual order: the file that GOOGLE_APPLICATION_CREDENTIALS names, `gcloud`'s
    /// own, the metadata server.
    Usual,
}

/// A credentials file.
#[derive(Clone, Debug, PartialEq)]
pub enum GoogleCredentials {
    /// `service_account`.
    ServiceAccount(ServiceAccount),
    /// `authorized_user`.
    User(User),
    /// `external_account`: workload identity federation.
    External(External),
    /// `impersonated_service_account`.
    Impersonated(Impersonated),
}

/// A service account with a key of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceAccount {
    /// Its address.
    pub email: String,
    /// Its RSA key, as PEM.
    pub private_key: Secret,
    /// What Google calls that key.
    pub key_id: Option<String>,
    /// Where tokens are had.
    pub token_uri: String,
    /// The project that it belongs to.
    pub project: Option<String>,
}

/// A person who has logged in with `gcloud`.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The application that the person trusted.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// What the person gave it.
    pub refresh_token: Secret,
    /// Where tokens are had.
    pub token_uri: String,
    /// The project that is billed.
    pub project: Option<String>,
}

/// An account that other credentials may act as.
#[derive(Clone, Debug, PartialEq)]
pub struct Impersonated {
    /// Where its tokens are had (`…:generateAccessToken`).
    pub url: String,
    /// The accounts in between.
    pub delegates: Vec<String>,
    /// How long its tokens are to live.
    pub life: Duration,
    /// What asks for them.
    pub by: Box<GoogleCredentials>,
}

impl GoogleSource {
    pub(super) async fn fetch(&self, means: &Means<'_>) -> Result<Fetched, Error> {
        match self {
            Self::Given(credentials) => credentials.fetch(means).await,
            Self::Usual => match usual(means.surroundings)? {
                Some(credentials) => credentials.fetch(means).await,
                None => metadata(means).await,
            },
        }
    }

    /// The project that the credentials name, where they do: for where settings name none.
    pub fn project(&self, surroundings: &dyn Surroundings) -> Option<String> {
        let named = |credentials: &GoogleCredentials| credentials.project().map(str::to_owned);
        match self {
            Self::Given(credentials) => named(credentials),
            Self::Usual => ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"]
                .iter()
                .find_map(|name| variable(surroundings, name))
                .or_else(|| named(&usual(surroundings).ok()??)),
        }
    }
}

impl GoogleCredentials {
    /// Reads a credentials file; the error names the field, and repeats nothing of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        written::read(text)
    }

    fn project(&self) -> Option<&str> {
        match self {
            Self::ServiceAccount(account) => account.project.as_deref(),
            Self::User(user) => user.project.as_deref(),
            Self::External(external) => external.project.as_deref(),
            Self::Impersonated(account) => account.by.project(),
        }
    }

    async fn fetch(&self, means: &Means<'_>) -> Result<Fetched, Error> {
        match self {
            Self::Impersonated(account) => {
                let with = account.by.own(means).await?;
                impersonate(means, account, with).await
            }
            other => other.own(means).await,
        }
    }

    /// A token of these credentials' own.
    async fn own(&self, means: &Means<'_>) -> Result<Fetched, Error> {
        match self {
            Self::ServiceAccount(account) => account.fetch(means).await,
            Self::User(user) => user.fetch(means).await,
            Self::External(external) => external.fetch(means).await,
            Self::Impersonated(_) => Err(refused("an impersonated account cannot impersonate another")),
        }
    }
}

impl ServiceAccount {
    /// Trades a signed claim for a token (RFC 7523).
    async fn fetch(&self, means: &Means<'_>) -> Result<Fetched, Error> {
        let assertion = self.assertion(means.clock.now().wall)?;
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion.expose()),
        ];
        let request = fetch::post_form(&self.token_uri, &fields)?;
        let who = format!("{ENDPOINT} (for `{}`)", self.email);
        let answer = fetch::ask(means, Way::Out, request, &who).await?;
        fetch::token(means, &answer, &who, &[&assertion])
    }

    fn assertion(&self, now: Wall) -> Result<Secret, Error> {
        #[derive(Serialize)]
        struct Claims<'a> {
            iss: &'a str,
            scope: &'a str,
            aud: &'a str,
            iat: i64,
            exp: i64,
        }
        let unusable = |_| refused(format!("the private key of `{}` does not sign", self.email));
        let iat = now.millis() / 1000;
        let claims = Claims {
            iss: &self.email,
            scope: SCOPE,
            aud: &self.token_uri,
            iat,
            exp: iat + 3600,
        };
        let header = Header {
            kid: self.key_id.clone(),
            ..Header::new(Algorithm::RS256)
        };
        let key = EncodingKey::from_rsa_pem(self.private_key.expose().as_bytes()).map_err(unusable)?;
        jsonwebtoken::encode(&header, &claims, &key)
            .map(Secret::new)
            .map_err(unusable)
    }
}

impl User {
    /// Trades the refresh token for another (RFC 6749, 6).
    async fn fetch(&self, means: &Means<'_>) -> Result<Fetched, Error> {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
            ("refresh_token", self.refresh_token.expose()),
        ];
        let request = fetch::post_form(&self.token_uri, &fields)?;
        let who = format!("{ENDPOINT} (for the logged-in user)");
        let answer = fetch::ask(means, Way::Out, request, &who).await?;
        fetch::token(means, &answer, &who, &[&self.client_secret, &self.refresh_token])
    }
}

/// Asks for a token of another account (IAM Credentials API, `projects.serviceAccounts.generateAccessToken`).
async fn impersonate(means: &Means<'_>, account: &Impersonated, with: Fetched) -> Result<Fetched, Error> {
    let who = "the Google IAM credentials API";
    let Access::Bearer(token) = with.access else {
        return Err(refused(format!("{who}: there is no token to ask with")));
    };
    let body = json!({
        "scope": [SCOPE],
        "lifetime": format!("{}s", account.life.as_secs()),
        "delegates": account.delegates,
    });
    let bearer = format!("Bearer {}", token.expose());
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let request = fetch::wire(Method::POST, &account.url, &headers, Bytes::from(body.to_string()))?;
    let answer = fetch::ask(means, Way::Out, request, who).await?;
    if !answer.status.is_success() {
        return Err(fetch::refusal(&answer, who, &[&token]));
    }
    let none = || failed(format!("{who} answered without an access token"));
    let body: serde_json::Value = serde_json::from_slice(&answer.body).map_err(|_| none())?;
    let token = body["accessToken"]
        .as_str()
        .filter(|token| !token.is_empty())
        .ok_or_else(none)?;
    let end = body["expireTime"]
        .as_str()
        .and_then(Wall::parse_rfc3339)
        .ok_or_else(none)?;
    let life = end.since(means.clock.now().wall);
    fetched(Access::Bearer(Secret::new(token)), life, who)
}

/// Asks the metadata server for a token of the machine's account (Google, "About VM metadata").
async fn metadata(means: &Means<'_>) -> Result<Fetched, Error> {
    let host = means.variable("GCE_METADATA_HOST");
    let host = host.as_deref().unwrap_or("metadata.google.internal");
    let query = fetch::form(&[("scopes", SCOPE)]);
    let url = format!("http://{host}/computeMetadata/v1/instance/service-accounts/default/token?{query}");
    let request = fetch::get(&url, &[("metadata-flavor", "Google")])?;
    let answer = fetch::ask(means, Way::Metadata, request, METADATA).await.map_err(|mut error| {
        error.message = format!(
            "no Google credentials in the key's settings, in GOOGLE_APPLICATION_CREDENTIALS or in gcloud's folder; {}",
            error.message
        );
        error
    })?;
    fetch::token(means, &answer, METADATA, &[])
}

/// The credentials file that the surroundings have.
fn usual(surroundings: &dyn Surroundings) -> Result<Option<GoogleCredentials>, Error> {
    const NAMED: &str = "GOOGLE_APPLICATION_CREDENTIALS";
    if let Some(path) = variable(surroundings, NAMED) {
        let text = surroundings
            .read(&path)
            .map_err(|error| refused(format!("the file of {NAMED}, `{path}`: {error}")))?;
        let parsed = GoogleCredentials::parse(&text);
        return parsed
            .map(Some)
            .map_err(|why| refused(format!("the file of {NAMED}, `{path}`: {why}")));
    }
    let folder = variable(surroundings, "CLOUDSDK_CONFIG")
        .or_else(|| Some(format!("{}/.config/gcloud", variable(surroundings, "HOME")?)));
    let Some(path) = folder.map(|folder| format!("{folder}/application_default_credentials.json")) else {
        return Ok(None);
    };
    match surroundings.read(&path) {
        Ok(text) => {
            let parsed = GoogleCredentials::parse(&text);
            parsed.map(Some).map_err(|why| refused(format!("`{path}`: {why}")))
        }
        Err(_) => Ok(None),
    }
}
