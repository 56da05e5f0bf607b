//! Access to Azure through Microsoft Entra: client credentials, federated tokens, managed identity (Microsoft,
//! "OAuth 2.0 client credentials flow on the Microsoft identity platform" and "How to use managed identities").

use gateway_types::{Error, Secret};

use super::Means;
use super::fetch::{self, Way, refused};
use super::source::Fetched;

/// What tokens are for where nothing else is said: the models of Azure.
pub const SCOPE: &str = "https://cognitiveservices.azure.com/.default";

/// The variable in which Azure's tools look for a resource's address.
pub const ENDPOINT: &str = "AZURE_OPENAI_ENDPOINT";

/// The variables that are read where settings name no credentials.
pub const VARIABLES: &[&str] = &[
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_AUTHORITY_HOST",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
];

const ENTRA: &str = "Microsoft Entra";
const IDENTITY: &str = "the managed identity of Azure";

/// Access to Azure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AzureSource {
    /// The tenant's id.
    pub tenant: Option<String>,
    /// The application's id, or that of a managed identity which a person assigned.
    pub client_id: Option<String>,
    /// The application's secret. None: what the surroundings have, in the usual order: variables, a federated token, a
    /// managed identity.
    pub client_secret: Option<Secret>,
    /// What the token is for; [`SCOPE`] where nothing is said.
    pub scopes: Vec<String>,
}

/// Who says that it is us.
enum Proof {
    Secret(Secret),
    Token(Secret),
}

impl AzureSource {
    pub(super) async fn fetch(&self, means: &Means<'_>) -> Result<Fetched, Error> {
        let tenant = || self.tenant.clone().or_else(|| means.variable("AZURE_TENANT_ID"));
        let client = || self.client_id.clone().or_else(|| means.variable("AZURE_CLIENT_ID"));
        let missing = |what: &str| refused(format!("{ENTRA}: the client secret is set and `{what}` is not"));
        if let Some(secret) = &self.client_secret {
            let (tenant, client) = (tenant(), client());
            let (tenant, client) = (
                tenant.ok_or_else(|| missing("tenant_id"))?,
                client.ok_or_else(|| missing("client_id"))?,
            );
            return self.entra(means, &tenant, &client, Proof::Secret(secret.clone())).await;
        }
        if let (Some(tenant), Some(client)) = (tenant(), client()) {
            // The variables' secret is that of the variables' application.
            let theirs = self.client_id.is_none();
            if let Some(secret) = means.variable("AZURE_CLIENT_SECRET").filter(|_| theirs) {
                return self
                    .entra(means, &tenant, &client, Proof::Secret(Secret::new(secret)))
                    .await;
            }
            if let Some(file) = means.variable("AZURE_FEDERATED_TOKEN_FILE") {
                let token = means
                    .surroundings
                    .read(&file)
                    .map_err(|error| refused(format!("the token of AZURE_FEDERATED_TOKEN_FILE, `{file}`: {error}")))?;
                return self
                    .entra(means, &tenant, &client, Proof::Token(Secret::new(token.trim())))
                    .await;
            }
        }
        self.managed(means).await
    }

    async fn entra(&self, means: &Means<'_>, tenant: &str, client: &str, proof: Proof) -> Result<Fetched, Error> {
        if !tenant
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        {
            return Err(refused(format!("{ENTRA}: `tenant_id` is no id and no domain")));
        }
        let authority = means.variable("AZURE_AUTHORITY_HOST");
        let authority = authority
            .as_deref()
            .unwrap_or("login.microsoftonline.com")
            .trim_end_matches('/');
        let scheme = if authority.contains("://") { "" } else { "https://" };
        let url = format!("{scheme}{authority}/{tenant}/oauth2/v2.0/token");
        let scope = match self.scopes.is_empty() {
            true => SCOPE.to_owned(),
            false => self.scopes.join(" "),
        };
        let mut fields = vec![
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("scope", &scope),
        ];
        let (Proof::Secret(secret) | Proof::Token(secret)) = &proof;
        match &proof {
            Proof::Secret(_) => fields.push(("client_secret", secret.expose())),
            Proof::Token(_) => fields.extend([
                (
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ),
                ("client_assertion", secret.expose()),
            ]),
        }
        let who = format!("{ENTRA} (for the application `{client}`)");
        let answer = fetch::ask(means, Way::Out, fetch::post_form(&url, &fields)?, &who).await?;
        fetch::token(means, &answer, &who, &[secret])
    }

    /// App Service, Machine Learning and virtual machines each have an address and a header of their own for the same.
    async fn managed(&self, means: &Means<'_>) -> Result<Fetched, Error> {
        let scope = self.scopes.first().map_or(SCOPE, String::as_str);
        let resource = scope.strip_suffix("/.default").unwrap_or(scope);
        let client = self.client_id.clone().or_else(|| means.variable("AZURE_CLIENT_ID"));
        let pair = |address, secret| Some((means.variable(address)?, means.variable(secret)?));
        let (base, header, version, client_field) =
            if let Some((url, secret)) = pair("IDENTITY_ENDPOINT", "IDENTITY_HEADER") {
                (url, ("x-identity-header", secret), "2019-08-01", "client_id")
            } else if let Some((url, secret)) = pair("MSI_ENDPOINT", "MSI_SECRET") {
                (url, ("secret", secret), "2017-09-01", "clientid")
            } else {
                let host = means.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
                let host = host
                    .as_deref()
                    .unwrap_or("http://169.254.169.254")
                    .trim_end_matches('/');
                let url = format!("{host}/metadata/identity/oauth2/token");
                (url, ("metadata", "true".to_owned()), "2018-02-01", "client_id")
            };
        let mut query = vec![("api-version", version), ("resource", resource)];
        query.extend(client.as_deref().map(|client| (client_field, client)));
        let url = format!("{base}?{}", fetch::form(&query));
        let request = fetch::get(&url, &[(header.0, &header.1)])?;
        let answer = fetch::ask(means, Way::Metadata, request, IDENTITY).await.map_err(|mut error| {
            error.message = format!(
                "no Azure credentials in the key's settings, in AZURE_CLIENT_SECRET or in AZURE_FEDERATED_TOKEN_FILE; {}",
                error.message
            );
            error
        })?;
        fetch::token(means, &answer, IDENTITY, &[])
    }
}
