//! Access to AWS: keys from settings, variables, files, STS, or the machine. The order and the names of variables are
//! those of the "AWS SDKs and Tools Reference Guide".

mod machine;
mod profile;
mod sts;

use std::time::Duration;

use gateway_types::{Error, Secret, Wall};
use serde::Deserialize;

use self::profile::Profiles;
use super::fetch::{failed, fetched, refused};
use super::means::variable;
use super::source::Fetched;
use super::{Access, AwsKeys, Means, Surroundings};

/// How long keys from a file are used before it is read again, so that changed ones are taken up.
const FILE_LIFE: Duration = Duration::from_secs(900);

/// The variables that are read where settings name no keys, or no region.
pub const VARIABLES: &[&str] = &[
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "AWS_ENDPOINT_URL_STS",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
];

/// Access to AWS.
#[derive(Clone, Debug, PartialEq)]
pub struct AwsSource {
    /// The region whose STS is asked.
    pub region: String,
    /// The operator's own keys. None: what the surroundings have, in the usual order: variables, the profile file, web
    /// identity, the container, the instance.
    pub keys: Option<AwsKeys>,
    /// The role to take with those.
    pub role: Option<Role>,
}

/// A role to be taken through STS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// What the role's owner asks of third parties.
    pub external_id: Option<String>,
    /// What the session is called in AWS's logs; `gateway` where nothing is said.
    pub session_name: Option<String>,
}

/// Where keys begin, and the roles that are taken with them, one after the other.
#[derive(Debug)]
struct Recipe {
    origin: Origin,
    roles: Vec<Role>,
}

#[derive(Debug)]
enum Origin {
    Keys(AwsKeys, Option<Duration>),
    /// A token of another issuer, for a role.
    WebIdentity {
        role: Role,
        file: String,
    },
    /// The credential service of ECS and EKS.
    Container,
    /// The metadata service of EC2.
    Instance,
}

impl AwsSource {
    pub(super) async fn fetch(&self, means: &Means<'_>) -> Result<Fetched, Error> {
        let surroundings = means.surroundings;
        if self.keys.is_none()
            && self.role.is_none()
            && let Some(token) = variable(surroundings, "AWS_BEARER_TOKEN_BEDROCK")
        {
            let access = Access::Bearer(Secret::new(token));
            return Ok(Fetched { access, life: None });
        }
        let mut recipe = match &self.keys {
            Some(keys) => Recipe::of(Origin::Keys(keys.clone(), None)),
            None => usual(surroundings)?,
        };
        recipe.roles.extend(self.role.clone());
        let (mut keys, mut life) = recipe.origin.fetch(means, &self.region).await?;
        for role in &recipe.roles {
            let (taken, left) = sts::assume(means, &self.region, role, &keys).await?;
            (keys, life) = (taken, Some(left));
        }
        let access = Access::Aws(keys);
        match life {
            Some(life) => fetched(access, life, "AWS"),
            None => Ok(Fetched { access, life }),
        }
    }
}

impl Recipe {
    fn of(origin: Origin) -> Self {
        Self {
            origin,
            roles: Vec::new(),
        }
    }
}

impl Origin {
    async fn fetch(self, means: &Means<'_>, region: &str) -> Result<(AwsKeys, Option<Duration>), Error> {
        let ending = |(keys, life)| (keys, Some(life));
        match self {
            Self::Keys(keys, life) => Ok((keys, life)),
            Self::WebIdentity { role, file } => sts::web_identity(means, region, &role, &file).await.map(ending),
            Self::Container => machine::container(means).await.map(ending),
            Self::Instance => machine::instance(means).await.map(ending),
        }
    }
}

/// What the surroundings offer, in the usual order.
fn usual(surroundings: &dyn Surroundings) -> Result<Recipe, Error> {
    if let Some(keys) = from_variables(surroundings)? {
        return Ok(Recipe::of(Origin::Keys(keys, None)));
    }
    if let Some(recipe) = Profiles::read(surroundings)?.recipe(surroundings)? {
        return Ok(recipe);
    }
    if let Some(file) = variable(surroundings, "AWS_WEB_IDENTITY_TOKEN_FILE") {
        let arn = variable(surroundings, "AWS_ROLE_ARN")
            .ok_or_else(|| refused("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not"))?;
        let role = Role {
            arn,
            external_id: None,
            session_name: variable(surroundings, "AWS_ROLE_SESSION_NAME"),
        };
        return Ok(Recipe::of(Origin::WebIdentity { role, file }));
    }
    if machine::in_container(surroundings) {
        return Ok(Recipe::of(Origin::Container));
    }
    let off = variable(surroundings, "AWS_EC2_METADATA_DISABLED").is_some_and(|off| off.eq_ignore_ascii_case("true"));
    if off {
        return Err(refused(
            "no AWS credentials: none in the key's settings, in AWS_ACCESS_KEY_ID, in a profile, in \
             AWS_WEB_IDENTITY_TOKEN_FILE or in a container, and AWS_EC2_METADATA_DISABLED forbids to ask the instance",
        ));
    }
    Ok(Recipe::of(Origin::Instance))
}

fn from_variables(surroundings: &dyn Surroundings) -> Result<Option<AwsKeys>, Error> {
    let Some(access_key_id) = variable(surroundings, "AWS_ACCESS_KEY_ID") else {
        return Ok(None);
    };
    let secret = variable(surroundings, "AWS_SECRET_ACCESS_KEY")
        .ok_or_else(|| refused("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not"))?;
    Ok(Some(AwsKeys {
        access_key_id,
        secret_access_key: Secret::new(secret),
        session_token: variable(surroundings, "AWS_SESSION_TOKEN").map(Secret::new),
    }))
}

/// The region that the surroundings name: AWS_REGION, AWS_DEFAULT_REGION, or the profile's.
pub fn region(surroundings: &dyn Surroundings) -> Option<String> {
    variable(surroundings, "AWS_REGION")
        .or_else(|| variable(surroundings, "AWS_DEFAULT_REGION"))
        .or_else(|| Profiles::read(surroundings).ok()?.region())
}

/// What the hosts of a region end in: AWS has several partitions that share nothing.
pub fn domain(region: &str) -> &'static str {
    match region.split('-').collect::<Vec<_>>()[..] {
        ["cn", ..] => "amazonaws.com.cn",
        ["eusc", ..] => "amazonaws.eu",
        ["us", "iso", ..] => "c2s.ic.gov",
        ["us", "isob", ..] => "sc2s.sgov.gov",
        ["us", "isof", ..] => "csp.hci.ic.gov",
        ["eu", "isoe", ..] => "cloud.adc-e.uk",
        _ => "amazonaws.com",
    }
}

/// Keys as the credential services of containers and instances write them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    token: Option<String>,
    expiration: Option<String>,
    /// `Success`, or what is wrong, under the status 200.
    code: Option<String>,
    message: Option<String>,
}

impl Written {
    fn read(means: &Means<'_>, body: &[u8], who: &str) -> Result<(AwsKeys, Duration), Error> {
        let written: Self = serde_json::from_slice(body).map_err(|_| failed(format!("{who} gave no credentials")))?;
        let (Some(id), Some(secret)) = (written.access_key_id, written.secret_access_key) else {
            let code = written.code.unwrap_or_default();
            let message = written.message.unwrap_or_default();
            return Err(refused(
                format!("{who} gave no credentials: {code} {message}").trim_end(),
            ));
        };
        keys(means, (id, secret, written.token), written.expiration.as_deref(), who)
    }
}

/// Keys that end, out of their parts.
fn keys(
    means: &Means<'_>,
    (id, secret, token): (String, String, Option<String>),
    expiration: Option<&str>,
    who: &str,
) -> Result<(AwsKeys, Duration), Error> {
    let end = match expiration {
        Some(text) => {
            Wall::parse_rfc3339(text).ok_or_else(|| failed(format!("{who} gave an expiration that is none")))?
        }
        None => means.clock.now().wall.plus(FILE_LIFE),
    };
    let keys = AwsKeys {
        access_key_id: id,
        secret_access_key: Secret::new(secret),
        session_token: token.map(Secret::new),
    };
    Ok((keys, end.since(means.clock.now().wall)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_end_as_the_partition_of_the_region_says() {
        assert_eq!(domain("eu-central-1"), "amazonaws.com");
        assert_eq!(domain("us-gov-west-1"), "amazonaws.com");
        assert_eq!(domain("cn-north-1"), "amazonaws.com.cn");
        assert_eq!(domain("us-isob-east-1"), "sc2s.sgov.gov");
    }
}
