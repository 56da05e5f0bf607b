//! What a site makes of a dialect's own path, and how it is signed for.
//!
//! Azure: "Azure OpenAI REST API reference" and "Azure OpenAI v1 API"; Claude there as Anthropic's "Claude in Microsoft
//! Foundry" says. Vertex: the methods of "publishers.models" and "endpoints" in Google's "Vertex AI REST reference", and
//! Anthropic's "Claude on Vertex AI". Bedrock: the endpoints in the "Amazon Bedrock API Reference".

use std::borrow::Cow;

use gateway_types::{DialectName, Error, ErrorKind, Operation, Wall};

use super::{Access, aws, sign};
use crate::address::segment;
use crate::target::{Site, Target};
use crate::transport::WireRequest;

/// The first dated version of Azure's API that knows Responses.
const DATED_RESPONSES: &str = "2025-03-01";

/// The path, or the whole URL, of an operation, where the dialect's usual one is `usual`.
pub(crate) fn path<'a>(
    target: &Target,
    dialect: DialectName,
    operation: Operation,
    stream: bool,
    usual: Cow<'a, str>,
) -> Cow<'a, str> {
    match &target.site {
        Site::Plain => usual,
        Site::Azure { api_version } => azure(target, dialect, operation, api_version.as_deref(), &usual).into(),
        Site::Vertex { project, region } => {
            let scope = match project.is_empty() {
                true => String::new(),
                false => format!("/projects/{}/locations/{}", segment(project), segment(region)),
            };
            vertex(target, dialect, operation, stream, &scope, &usual).into()
        }
        Site::Bedrock { region } => bedrock(target, operation, region, usual),
    }
}

/// Azure serves the models that it has from OpenAI under the name of their deployment, by a dated API or by one that is
/// always the newest; those of Anthropic beside it.
fn azure(
    target: &Target,
    dialect: DialectName,
    operation: Operation,
    api_version: Option<&str>,
    usual: &str,
) -> String {
    if dialect == DialectName::Anthropic {
        return format!("/anthropic{usual}");
    }
    let dated = api_version.filter(|version| *version != "preview");
    let too_old = |version: &&str| dialect == DialectName::Responses && *version < DATED_RESPONSES;
    let Some(version) = dated.filter(|version| !too_old(version)) else {
        let path = format!("/openai{usual}");
        return match api_version {
            Some("preview") => with_query(&path, "api-version=preview"),
            _ => path,
        };
    };
    let rest = usual.strip_prefix("/v1").unwrap_or(usual);
    let deployed = !matches!(
        operation,
        Operation::Responses | Operation::Files | Operation::Batches | Operation::Models | Operation::Passthrough
    ) && dialect != DialectName::Responses;
    let path = match deployed {
        true => format!("/openai/deployments/{}{rest}", segment(target.model.as_str())),
        false => format!("/openai{rest}"),
    };
    with_query(&path, &format!("api-version={}", segment(version)))
}

/// Vertex has each publisher's models by the publisher's own API, and open ones by OpenAI's. A number is the id of an
/// endpoint that somebody deployed. Google's own are asked by the version of the API that its SDK asks by.
fn vertex(
    target: &Target,
    dialect: DialectName,
    operation: Operation,
    stream: bool,
    scope: &str,
    usual: &str,
) -> String {
    let model = target.model.as_str();
    let raw = if stream { "streamRawPredict" } else { "rawPredict" };
    let publisher = |name: &str, model: &str| format!("/v1{scope}/publishers/{name}/models/{}:{raw}", name_of(model));
    let deployed = !model.is_empty() && model.bytes().all(|byte| byte.is_ascii_digit());
    match dialect {
        DialectName::Gemini => match usual.strip_prefix("/v1beta/") {
            Some(whole) if whole.starts_with("projects/") => format!("/v1beta1/{whole}"),
            Some(named) if named.starts_with("publishers/") => format!("/v1beta1{scope}/{named}"),
            Some(named) => match named.strip_prefix("models/") {
                Some(rest) if deployed => format!("/v1beta1{scope}/endpoints/{rest}"),
                Some(rest) => format!("/v1beta1{scope}/publishers/google/models/{rest}"),
                None => usual.to_owned(),
            },
            None => usual.to_owned(),
        },
        DialectName::Anthropic if operation == Operation::CountTokens => {
            format!("/v1{scope}/publishers/anthropic/models/count-tokens:rawPredict")
        }
        DialectName::Anthropic => publisher("anthropic", model),
        _ => {
            let rest = usual.strip_prefix("/v1").unwrap_or(usual);
            let mistral = ["mistral-", "ministral-", "codestral-"];
            match model {
                _ if deployed => format!("/v1{scope}/endpoints/{model}{rest}"),
                _ if mistral.iter().any(|start| model.starts_with(start)) => publisher("mistralai", model),
                _ => format!("/v1{scope}/endpoints/openapi{rest}"),
            }
        }
    }
}

/// A model's name in a path: its version stands behind an `@`, which paths may have.
fn name_of(model: &str) -> String {
    segment(model).replace("%40", "@")
}

/// Bedrock runs models at one host, lists them at a second, and reranks at a third. An address of the operator's own
/// stands for all of them.
fn bedrock<'a>(target: &Target, operation: Operation, region: &str, usual: Cow<'a, str>) -> Cow<'a, str> {
    let service = match operation {
        Operation::Models => "bedrock",
        Operation::Rerank => "bedrock-agent-runtime",
        _ => return usual,
    };
    match target.base_url.host() == runtime_host(region) {
        true => format!("https://{service}.{region}.{}{usual}", aws::domain(region)).into(),
        false => usual,
    }
}

/// The host at which Bedrock runs models in a region.
fn runtime_host(region: &str) -> String {
    format!("bedrock-runtime.{region}.{}", aws::domain(region))
}

/// The public address of a cloud's models, for where settings name none. Azure has none: each has its own.
pub fn public_address(site: &Site) -> Option<String> {
    match site {
        Site::Plain | Site::Azure { .. } => None,
        Site::Bedrock { region } => Some(format!("https://{}", runtime_host(region))),
        Site::Vertex { region, .. } => Some(match region.as_str() {
            "" | "global" => "https://aiplatform.googleapis.com".to_owned(),
            "us" | "eu" => format!("https://aiplatform.{region}.rep.googleapis.com"),
            region => format!("https://{region}-aiplatform.googleapis.com"),
        }),
    }
}

fn with_query(path: &str, query: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}{query}")
}

/// Signs what goes to AWS with keys of AWS. The last thing that is done to a request.
pub(crate) fn seal(wire: &mut WireRequest, target: &Target, at: Wall) -> Result<(), Error> {
    match (&target.access, &target.site) {
        (Access::Aws(keys), Site::Bedrock { region }) => sign(wire, keys, region, "bedrock", at),
        (Access::Aws(_), _) => {
            let message = format!(
                "the provider `{}` has keys of AWS and no region to sign for",
                target.provider
            );
            Err(Error::new(ErrorKind::UpstreamAuth, message))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
