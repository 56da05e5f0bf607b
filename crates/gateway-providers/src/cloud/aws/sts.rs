//! Security Token Service (AWS, "AWS Security Token Service API Reference", version 2011-06-15): keys for roles.

use std::time::Duration;

use gateway_types::{Error, Secret};

use super::super::fetch::{self, Answer, Way, element, failed, refused};
use super::super::{AwsKeys, Means, sign};
use super::Role;

const VERSION: (&str, &str) = ("Version", "2011-06-15");

/// Takes a role with keys.
pub(super) async fn assume(
    means: &Means<'_>,
    region: &str,
    role: &Role,
    with: &AwsKeys,
) -> Result<(AwsKeys, Duration), Error> {
    let mut fields = vec![("Action", "AssumeRole"), VERSION];
    fields.extend(of_role(role));
    fields.extend(role.external_id.as_deref().map(|id| ("ExternalId", id)));
    let mut request = fetch::post_form(&endpoint(means, region), &fields)?;
    sign(&mut request, with, region, "sts", means.clock.now().wall)?;
    let answer = fetch::ask(means, Way::Out, request, &who(role)).await?;
    read(means, &answer, role, &[&with.secret_access_key])
}

/// Takes a role with a token that another issuer left in a file; a file, because it is written anew again and again.
pub(super) async fn web_identity(
    means: &Means<'_>,
    region: &str,
    role: &Role,
    file: &str,
) -> Result<(AwsKeys, Duration), Error> {
    let token = means
        .surroundings
        .read(file)
        .map_err(|error| refused(format!("the token of AWS_WEB_IDENTITY_TOKEN_FILE, `{file}`: {error}")))?;
    let token = Secret::new(token.trim());
    let mut fields = vec![("Action", "AssumeRoleWithWebIdentity"), VERSION];
    fields.extend(of_role(role));
    fields.push(("WebIdentityToken", token.expose()));
    let request = fetch::post_form(&endpoint(means, region), &fields)?;
    let answer = fetch::ask(means, Way::Out, request, &who(role)).await?;
    read(means, &answer, role, &[&token])
}

fn of_role(role: &Role) -> [(&str, &str); 2] {
    [
        ("RoleArn", &role.arn),
        ("RoleSessionName", role.session_name.as_deref().unwrap_or("gateway")),
    ]
}

fn endpoint(means: &Means<'_>, region: &str) -> String {
    let given = means.variable("AWS_ENDPOINT_URL_STS");
    given.unwrap_or_else(|| format!("https://sts.{region}.{}/", super::domain(region)))
}

fn who(role: &Role) -> String {
    format!("AWS STS (for the role `{}`)", role.arn)
}

fn read(means: &Means<'_>, answer: &Answer, role: &Role, sent: &[&Secret]) -> Result<(AwsKeys, Duration), Error> {
    let who = who(role);
    if !answer.status.is_success() {
        return Err(fetch::refusal(answer, &who, sent));
    }
    let missing = || failed(format!("{who} answered without credentials"));
    let xml = std::str::from_utf8(&answer.body).map_err(|_| missing())?;
    let credentials = element(xml, "Credentials").ok_or_else(missing)?;
    let part = |name| {
        element(&credentials, name)
            .filter(|text| !text.is_empty())
            .ok_or_else(missing)
    };
    let parts = (
        part("AccessKeyId")?,
        part("SecretAccessKey")?,
        Some(part("SessionToken")?),
    );
    super::keys(means, parts, Some(&part("Expiration")?), &who)
}
