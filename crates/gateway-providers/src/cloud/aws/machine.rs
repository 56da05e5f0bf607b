//! Keys that the machine itself has: the container's credential service, and the instance's metadata service, version 2.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use gateway_types::Error;
use http::{Method, StatusCode, Uri};

use super::super::fetch::{self, Way, failed, refused};
use super::super::means::variable;
use super::super::{AwsKeys, Means, Surroundings};
use super::Written;

const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
/// Where ECS and EKS answer.
const CONTAINER_HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];
const CONTAINER: &str = "the AWS credential service of the container";

const INSTANCE: &str = "the AWS metadata service of the instance";
const ROLES: &str = "latest/meta-data/iam/security-credentials/";

/// Whether the container is told where to ask.
pub(super) fn in_container(surroundings: &dyn Surroundings) -> bool {
    [RELATIVE, FULL]
        .iter()
        .any(|name| variable(surroundings, name).is_some())
}

/// Asks the container's credential service.
pub(super) async fn container(means: &Means<'_>) -> Result<(AwsKeys, Duration), Error> {
    let url = match (means.variable(RELATIVE), means.variable(FULL)) {
        (Some(path), _) => format!("http://{}{path}", CONTAINER_HOSTS[0]),
        (None, Some(url)) => url,
        (None, None) => return Err(refused(format!("{CONTAINER}: neither {RELATIVE} nor {FULL} is set"))),
    };
    let way = container_way(&url)?;
    let token = match means.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        Some(file) => {
            let read = means.surroundings.read(&file);
            let token = read.map_err(|error| refused(format!("the token for {CONTAINER}, `{file}`: {error}")))?;
            Some(token.trim().to_owned())
        }
        None => means.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
    };
    let header = token.as_deref().map(|token| ("authorization", token));
    let request = fetch::get(&url, header.as_slice())?;
    let answer = fetch::ask(means, way, request, CONTAINER).await?;
    if !answer.status.is_success() {
        return Err(fetch::refusal(&answer, CONTAINER, &[]));
    }
    Written::read(means, &answer.body, CONTAINER)
}

/// A token goes over plain HTTP to the machine itself and to the containers' own addresses only.
fn container_way(url: &str) -> Result<Way, Error> {
    let uri: Option<Uri> = url.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if loopback || CONTAINER_HOSTS.contains(&host) {
        return Ok(Way::Metadata);
    }
    match uri.as_ref().and_then(Uri::scheme_str) {
        Some("https") => Ok(Way::Out),
        _ => Err(refused(format!(
            "{FULL} must begin with https:// or name this machine, {} or {}",
            CONTAINER_HOSTS[0], CONTAINER_HOSTS[1]
        ))),
    }
}

/// Asks the instance's metadata service: for a token, for the name of the role, for its keys.
pub(super) async fn instance(means: &Means<'_>) -> Result<(AwsKeys, Duration), Error> {
    let base = base(means);
    let url = format!("{base}/latest/api/token");
    let hour = [("x-aws-ec2-metadata-token-ttl-seconds", "3600")];
    let request = fetch::wire(Method::PUT, &url, &hour, Bytes::new())?;
    let token = text(means, request).await.map_err(nothing_else)?;
    let token = [("x-aws-ec2-metadata-token", token.as_str())];
    let roles = text(means, fetch::get(&format!("{base}/{ROLES}"), &token)?).await?;
    let role = roles.lines().next().unwrap_or_default().trim();
    if role.is_empty() {
        return Err(refused(format!("{INSTANCE} knows no role of this instance")));
    }
    let keys = text(means, fetch::get(&format!("{base}/{ROLES}{role}"), &token)?).await?;
    Written::read(means, keys.as_bytes(), INSTANCE)
}

fn base(means: &Means<'_>) -> String {
    if let Some(given) = means.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") {
        return given.trim_end_matches('/').to_owned();
    }
    match means.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE") {
        Some(mode) if mode.eq_ignore_ascii_case("ipv6") => "http://[fd00:ec2::254]".to_owned(),
        _ => "http://169.254.169.254".to_owned(),
    }
}

async fn text(means: &Means<'_>, request: crate::WireRequest) -> Result<String, Error> {
    let answer = fetch::ask(means, Way::Metadata, request, INSTANCE).await?;
    match answer.status {
        StatusCode::NOT_FOUND => Err(refused(format!("{INSTANCE} knows no role of this instance"))),
        status if status.is_success() => {
            String::from_utf8(answer.body.to_vec()).map_err(|_| failed(format!("{INSTANCE} answered with no text")))
        }
        _ => Err(fetch::refusal(&answer, INSTANCE, &[])),
    }
}

/// The instance is asked last: that it does not answer mostly means that nothing was set up.
fn nothing_else(mut error: Error) -> Error {
    error.message = format!(
        "no AWS credentials in the key's settings, in AWS_ACCESS_KEY_ID, in a profile, in AWS_WEB_IDENTITY_TOKEN_FILE or \
         in a container; {}",
        error.message
    );
    error
}
