//! Features in trial (`anthropic-beta`): which of those that a client asks for go to which site.
//!
//! The vendor's own API takes all that it published, and so does its place in Azure. Vertex AI refuses a request for the name
//! of one feature that it does not have, so only those go there that its documentation of Claude lists; an operator can say
//! otherwise of each.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use crate::target::{Site, Target};

/// Names the features in trial that a request uses, as a list with commas.
const HEADER: HeaderName = HeaderName::from_static("anthropic-beta");
/// The feature in trial that stored files are.
pub(super) const FILES: &str = "files-api-2025-04-14";

/// How the names of those begin that Vertex AI has.
const ON_VERTEX: &[&str] = &[
    "compact-",
    "computer-use-",
    "context-1m-",
    "context-management-",
    "dangerous-tool-use-",
    "interleaved-thinking-",
    "per-turn-control-",
    "thinking-",
    "tool-search-tool-",
    "web-search-",
];

/// The name of one feature of many in the vendor's bundle, which Vertex AI has under its own name alone.
const BUNDLE: (&str, &str) = ("advanced-tool-use-", "tool-search-tool-2025-10-19");

/// Puts in the features that a client asks for, as far as the target has them, and those that what is said needs.
pub(super) fn put(target: &Target, client: &HeaderMap, needed: &[&'static str], headers: &mut HeaderMap) {
    for asked in client.get_all(&HEADER) {
        if let Some(said) = filtered(target, asked) {
            headers.append(HEADER, said);
        }
    }
    for beta in needed {
        headers.append(HEADER, HeaderValue::from_static(beta));
    }
}

/// One line of the header without what the target does not have: the client's own bytes where it has all.
fn filtered(target: &Target, asked: &HeaderValue) -> Option<HeaderValue> {
    let Ok(text) = asked.to_str() else { return None };
    let names: Vec<&str> = text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let kept: Vec<Cow<'_, str>> = names.iter().filter_map(|name| said(target, name)).collect();
    if kept == names {
        return Some(asked.clone());
    }
    // Made of pieces of a header's value, so it is one.
    HeaderValue::try_from(kept.join(","))
        .ok()
        .filter(|value| !value.is_empty())
}

/// A feature as the target calls it; nothing where it has none such.
fn said<'n>(target: &Target, name: &'n str) -> Option<Cow<'n, str>> {
    if let Some(has) = overridden(&target.betas, name) {
        return has.then_some(Cow::Borrowed(name));
    }
    if !matches!(target.site, Site::Vertex { .. }) {
        return Some(Cow::Borrowed(name));
    }
    if name.starts_with(BUNDLE.0) {
        return Some(Cow::Borrowed(BUNDLE.1));
    }
    let known = ON_VERTEX.iter().any(|beginning| name.starts_with(beginning));
    known.then_some(Cow::Borrowed(name))
}

/// What the operator says of it; the longest beginning that fits counts.
fn overridden(betas: &BTreeMap<String, bool>, name: &str) -> Option<bool> {
    let fitting = betas
        .iter()
        .filter(|(beginning, _)| name.starts_with(beginning.as_str()));
    fitting
        .max_by_key(|(beginning, _)| beginning.len())
        .map(|(_, has)| *has)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cloud::Access;
    use crate::kind::kind;
    use crate::target::BaseUrl;

    fn sent(site: Site, overrides: &[(&str, bool)], asked: &'static str) -> Option<String> {
        let base = BaseUrl::parse("https://h").unwrap();
        let mut target = Target::plain("p", kind("anthropic").unwrap(), base, "claude-a", Access::None);
        target.site = site;
        target.betas = Arc::new(overrides.iter().map(|(name, has)| ((*name).to_owned(), *has)).collect());
        let client = HeaderMap::from_iter([(HEADER, HeaderValue::from_static(asked))]);
        let mut headers = HeaderMap::new();
        put(&target, &client, &[], &mut headers);
        headers.get(&HEADER).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn each_site_gets_what_it_has() {
        let vertex = || Site::Vertex {
            project: "p".into(),
            region: "global".into(),
        };
        let asked = "claude-code-20250219, context-1m-2025-08-07,advanced-tool-use-2025-11-20";
        assert_eq!(sent(Site::Plain, &[], asked).as_deref(), Some(asked));
        assert_eq!(
            sent(Site::Azure { api_version: None }, &[], asked).as_deref(),
            Some(asked)
        );
        let on_vertex = "context-1m-2025-08-07,tool-search-tool-2025-10-19";
        assert_eq!(sent(vertex(), &[], asked).as_deref(), Some(on_vertex));
        assert_eq!(sent(vertex(), &[], "files-api-2025-04-14"), None);
    }

    #[test]
    fn the_operator_has_the_last_word() {
        let vertex = Site::Vertex {
            project: "p".into(),
            region: "global".into(),
        };
        let asked = "claude-code-20250219,context-1m-2025-08-07";
        let overrides = [("claude-code-", true), ("context-", false)];
        assert_eq!(sent(vertex, &overrides, asked).as_deref(), Some("claude-code-20250219"));
        let longest = [("context-", false), ("context-1m-", true), ("claude-", false)];
        assert_eq!(
            sent(Site::Plain, &longest, asked).as_deref(),
            Some("context-1m-2025-08-07")
        );
    }
}
