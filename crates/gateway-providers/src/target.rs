//! One place that can serve a model: everything an encoder needs to know of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use gateway_types::{ModelName, Operation, ProviderName};
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use http::{HeaderMap, Uri};

use crate::cloud::Access;
use crate::kind::Kind;

/// Where and as what to send one attempt.
#[derive(Clone, Debug)]
pub struct Target {
    /// The configured provider.
    pub provider: ProviderName,
    /// What it speaks and how.
    pub kind: &'static Kind,
    /// Its address.
    pub base_url: BaseUrl,
    /// The model in the upstream's words.
    pub model: ModelName,
    /// What the model is called elsewhere, where `model` is a name of the operator's own: a deployment, an ARN.
    pub known_as: Option<ModelName>,
    /// What it is let in with.
    pub access: Access,
    /// What else its addresses are made of, where it stands in a cloud.
    pub site: Site,
    /// Headers that the operator adds.
    pub extra_headers: HeaderMap,
    /// Paths, or whole URLs, that the operator put in place of the usual ones.
    pub path_overrides: Arc<BTreeMap<Operation, String>>,
    /// The most that the model can produce, where known.
    pub max_output: Option<u64>,
    /// Anthropic's features in trial, by how their names begin, that the operator says it has or has not.
    pub betas: Arc<BTreeMap<String, bool>>,
}

/// Where in a cloud a deployment stands: what its addresses are made of, besides the base URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Site {
    /// In none: the base URL and the dialect's own path.
    #[default]
    Plain,
    /// A resource of Azure.
    Azure {
        /// The dated version of the API (`2024-10-21`); none for the v1 API, which has no date, and `preview` for that
        /// with what is not released yet.
        api_version: Option<String>,
    },
    /// A project of Google Cloud.
    Vertex {
        /// The project's id; empty where an API key stands for it.
        project: String,
        /// The region, or `global`.
        region: String,
    },
    /// A region of AWS.
    Bedrock {
        /// The region, which signatures name as well.
        region: String,
    },
}

impl Target {
    /// A target that stands in no cloud and of which nothing else is said.
    pub fn plain(
        provider: impl Into<ProviderName>,
        kind: &'static Kind,
        base_url: BaseUrl,
        model: impl Into<ModelName>,
        access: Access,
    ) -> Self {
        Self {
            provider: provider.into(),
            kind,
            base_url,
            model: model.into(),
            known_as: None,
            access,
            site: Site::Plain,
            extra_headers: HeaderMap::new(),
            path_overrides: Arc::default(),
            max_output: None,
            betas: Arc::default(),
        }
    }

    /// The name that tells what the model is and can do.
    pub fn family(&self) -> &str {
        self.known_as.as_ref().unwrap_or(&self.model).as_str()
    }
}

/// The address of a provider. With or without its version (`/v1`, `/v1beta`, `/v2`) at its end: both mean the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    /// `https://host:port/prefix`, without a slash or a version at the end.
    root: Arc<str>,
    /// Its parts, so that they need not be read for every request.
    scheme: Scheme,
    authority: Authority,
    /// Where in it the prefix begins.
    prefix: usize,
}

/// A string that is no base URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a base URL: {why}")]
pub struct NotABaseUrl {
    given: String,
    why: &'static str,
}

impl BaseUrl {
    /// Reads `http://…` or `https://…`, cutting slashes and one version from the end.
    pub fn parse(text: &str) -> Result<Self, NotABaseUrl> {
        let refused = |why| NotABaseUrl {
            given: text.chars().take(200).collect(),
            why,
        };
        let trimmed = text.trim().trim_end_matches('/');
        let uri: Uri = trimmed.parse().map_err(|_| refused("it is no URL"))?;
        let Some(scheme) = uri
            .scheme()
            .filter(|scheme| **scheme == Scheme::HTTP || **scheme == Scheme::HTTPS)
        else {
            return Err(refused("it must begin with http:// or https://"));
        };
        let Some(authority) = uri.authority() else {
            return Err(refused("it names no host"));
        };
        if authority.as_str().contains('@') {
            return Err(refused("credentials belong into a key, not into the URL"));
        }
        // `Uri` takes a port that is none for the usual one.
        let after_host = authority
            .as_str()
            .rsplit_once(']')
            .map_or(authority.as_str(), |(_, rest)| rest);
        if after_host.contains(':') && authority.port_u16().is_none_or(|port| port == 0) {
            return Err(refused("its port must be a number from 1 to 65535"));
        }
        if uri.query().is_some() {
            return Err(refused("it must not have a query"));
        }
        let prefix = scheme.as_str().len() + "://".len() + authority.as_str().len();
        let versions = ["/v1", "/v1beta", "/v2"];
        let unversioned = versions.iter().find_map(|version| trimmed.strip_suffix(version));
        // A host may be called as a version is.
        let unversioned = unversioned.filter(|root| root.len() >= prefix);
        let root = unversioned.unwrap_or(trimmed).trim_end_matches('/');
        Ok(Self {
            root: root.into(),
            scheme: scheme.clone(),
            authority: authority.clone(),
            prefix,
        })
    }

    /// The address with a path, or the path itself where it is a whole URL. `path` begins with a slash.
    pub fn join(&self, path: &str) -> Option<Uri> {
        if path.starts_with("http://") || path.starts_with("https://") {
            return path.parse().ok();
        }
        let path = match self.root.get(self.prefix..).unwrap_or_default() {
            "" => PathAndQuery::try_from(path),
            prefix => PathAndQuery::from_maybe_shared(format!("{prefix}{path}")),
        };
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path.ok()?);
        Uri::from_parts(parts).ok()
    }

    /// The host alone, without port or brackets.
    pub fn host(&self) -> &str {
        let rest = self.root.split_once("://").map_or(&*self.root, |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or(rest);
        match authority.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or(v6),
            None => authority.split(':').next().unwrap_or(authority),
        }
    }

    /// As it is used, without a version.
    pub fn as_str(&self) -> &str {
        &self.root
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v1_at_the_end_makes_no_difference() {
        for text in [
            "http://h:8000",
            "http://h:8000/",
            "http://h:8000/v1",
            "http://h:8000/v1/",
        ] {
            let uri = BaseUrl::parse(text).unwrap().join("/v1/chat/completions").unwrap();
            assert_eq!(uri.to_string(), "http://h:8000/v1/chat/completions");
        }
        let deep = BaseUrl::parse("https://h/openai/v1").unwrap();
        assert_eq!(
            deep.join("/v1/models").unwrap().to_string(),
            "https://h/openai/v1/models"
        );
        assert_eq!(deep.host(), "h");
        let host = BaseUrl::parse("https://v1/").unwrap();
        assert_eq!(host.join("/v1/models").unwrap().to_string(), "https://v1/v1/models");
        assert_eq!(host.host(), "v1");
        assert_eq!(BaseUrl::parse("http://[::1]:80/v1").unwrap().host(), "::1");
    }

    #[test]
    fn what_is_no_base_url_is_refused_with_the_reason() {
        for text in [
            "",
            "localhost:8000",
            "ftp://h",
            "http://",
            "http://u:p@h",
            "http://h?x=1",
            "http://h:99999",
            "http://h:0",
            "http://[::1]:65536",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }
}
