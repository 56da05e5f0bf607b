//! Workload identity federation (AIP-4117): a token of another issuer is traded for one of Google's (RFC 8693).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_types::{Error, Secret};
use http::Uri;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::super::Means;
use super::super::fetch::{self, Way, refused};
use super::super::source::Fetched;
use super::SCOPE;

const WHO: &str = "the Google security token service";

/// An account of another issuer.
#[derive(Clone, Debug, PartialEq)]
pub struct External {
    /// The pool and provider that trust that issuer.
    pub audience: String,
    /// What kind of token it gives.
    pub subject_token_type: String,
    /// Where that token is.
    pub subject: Subject,
    /// Where it is traded.
    pub token_url: String,
    /// The client that trades, where the pool asks for one.
    pub client_id: Option<String>,
    /// Its secret.
    pub client_secret: Option<Secret>,
    /// The project that is billed for workforce pools.
    pub user_project: Option<String>,
    /// The project that is billed.
    pub project: Option<String>,
}

/// Where the other issuer's token is.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// In a file, whole or as that field of its JSON.
    File {
        /// The file.
        path: String,
        /// The field.
        field: Option<String>,
    },
    /// Behind an address, whole or as that field of its JSON.
    Url {
        /// The address.
        url: String,
        /// Headers that it wants to see.
        headers: Vec<(String, String)>,
        /// The field.
        field: Option<String>,
    },
}

impl External {
    /// Files and addresses are read for Google alone: whoever may write these settings must not be able to have the
    /// machine's files sent anywhere else. This machine itself stands for it in tests.
    pub(super) fn check(&self) -> Result<(), String> {
        let uri: Option<Uri> = self.token_url.parse().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
        let googles = host == "googleapis.com" || host.ends_with(".googleapis.com");
        if googles || matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
            return Ok(());
        }
        Err("`token_url` must be at googleapis.com".to_owned())
    }

    pub(super) async fn fetch(&self, means: &Means<'_>) -> Result<Fetched, Error> {
        let subject = self.subject.token(means).await?;
        let options = self.user_project.as_ref().filter(|_| self.client_id.is_none());
        let options = options.map(|project| json!({ "userProject": project }).to_string());
        let mut fields = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("audience", self.audience.as_str()),
            ("scope", SCOPE),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("subject_token", subject.expose()),
            ("subject_token_type", self.subject_token_type.as_str()),
        ];
        fields.extend(options.as_deref().map(|options| ("options", options)));
        let mut request = fetch::post_form(&self.token_url, &fields)?;
        if let Some(id) = &self.client_id {
            let secret = self.client_secret.as_ref().map_or("", Secret::expose);
            let pair = STANDARD.encode(format!("{id}:{secret}"));
            let mut value = HeaderValue::try_from(format!("Basic {pair}"))
                .map_err(|_| refused("the client of the workload identity fits in no header"))?;
            value.set_sensitive(true);
            request.headers.insert(AUTHORIZATION, value);
        }
        let answer = fetch::ask(means, Way::Out, request, WHO).await?;
        fetch::token(means, &answer, WHO, &[&subject])
    }
}

impl Subject {
    async fn token(&self, means: &Means<'_>) -> Result<Secret, Error> {
        let (text, field, place) = match self {
            Self::File { path, field } => {
                let text = means
                    .surroundings
                    .read(path)
                    .map_err(|error| refused(format!("the workload's token, `{path}`: {error}")))?;
                (text, field, path)
            }
            Self::Url { url, headers, field } => (get(means, url, headers).await?, field, url),
        };
        let token = match field {
            None => Some(text.trim().to_owned()),
            Some(field) => serde_json::from_str::<Value>(&text)
                .ok()
                .and_then(|value| value.get(field)?.as_str().map(str::to_owned)),
        };
        match token.filter(|token| !token.is_empty()) {
            Some(token) => Ok(Secret::new(token)),
            None => Err(refused(format!("there is no token in `{place}`"))),
        }
    }
}

async fn get(means: &Means<'_>, url: &str, headers: &[(String, String)]) -> Result<String, Error> {
    const ISSUER: &str = "the issuer of the workload's token";
    let mut request = fetch::get(url, &[])?;
    for (name, value) in headers {
        let (Ok(name), Ok(mut value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) else {
            return Err(refused(format!("`credential_source.headers.{name}` is no header")));
        };
        value.set_sensitive(true);
        request.headers.insert(name, value);
    }
    // On Azure the issuer is the metadata service, at the address that all clouds share.
    let way = match request.uri.host() {
        Some("169.254.169.254") => Way::Metadata,
        _ => Way::Out,
    };
    let answer = fetch::ask(means, way, request, ISSUER).await?;
    if !answer.status.is_success() {
        return Err(fetch::refusal(&answer, ISSUER, &[]));
    }
    String::from_utf8(answer.body.to_vec()).map_err(|_| refused(format!("{ISSUER} answered with no text")))
}
