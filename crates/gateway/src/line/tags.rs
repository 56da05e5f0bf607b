//! Tags: what callers and operators say of a call, for logs, the ledger and routing rules. They never go upstream.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, LazyLock};

use gateway_governance::directory::VirtualKey;
use gateway_governance::entry::Tags;
use gateway_providers::client_dialect;
use gateway_types::Call;
use http::HeaderMap;
use serde_json::{Map, Value};

/// What the names of headers begin with that are tags.
const PREFIX: &str = "x-bf-dim-";
/// How many tags a call can have.
const MOST: usize = 32;
/// How many bytes the name of a tag can have.
const LONGEST_NAME: usize = 64;
/// How many bytes the value of a tag can have.
const LONGEST_VALUE: usize = 256;

/// The tags of a call that has none.
pub(super) fn none() -> Tags {
    static NONE: LazyLock<Tags> = LazyLock::new(Tags::default);
    Arc::clone(&NONE)
}

/// The tags of a call, and how many more it stated that were too many, too long or no text. What the operator says of
/// the virtual key comes first and cannot be overridden; then the headers, then the request's metadata.
pub(super) fn of(key: Option<&VirtualKey>, headers: &HeaderMap, call: &Call) -> (Tags, usize) {
    let operators = key.map(|key| &key.metadata).filter(|facts| !facts.is_empty());
    let in_headers = headers.keys().any(|name| name.as_str().starts_with(PREFIX));
    let in_body = metadata(call);
    if operators.is_none() && !in_headers && in_body.is_empty() {
        return (none(), 0);
    }
    let mut taken = Taken {
        tags: operators.cloned().unwrap_or_default(),
        dropped: 0,
    };
    for (name, value) in headers {
        if let Some(name) = name.as_str().strip_prefix(PREFIX) {
            taken.add(name, std::str::from_utf8(value.as_bytes()).ok());
        }
    }
    for (name, value) in &in_body {
        taken.add(name, value.as_str());
    }
    (Arc::new(taken.tags), taken.dropped)
}

struct Taken {
    tags: BTreeMap<String, String>,
    dropped: usize,
}

impl Taken {
    fn add(&mut self, name: &str, value: Option<&str>) {
        let full = self.tags.len() >= MOST;
        let fits = !name.is_empty() && name.len() <= LONGEST_NAME;
        match (self.tags.entry(name.to_owned()), value) {
            // Whoever spoke first is right.
            (Entry::Occupied(_), _) => {}
            (Entry::Vacant(free), Some(value)) if fits && !full && value.len() <= LONGEST_VALUE => {
                free.insert(value.to_owned());
            }
            _ => self.dropped += 1,
        }
    }
}

/// What a request says of itself, in its dialect's member for that.
fn metadata(call: &Call) -> Map<String, Value> {
    let given = client_dialect(call.dialect).metadata(call);
    given
        .and_then(|given| serde_json::from_slice(given).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use gateway_types::{Asked, DialectName, Operation};
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn call(dialect: DialectName, more: &str) -> Call {
        let body = format!(r#"{{"model":"m","max_tokens":5,"messages":[{{"role":"user","content":"x"}}]{more}}}"#);
        client_dialect(dialect)
            .decode(&Asked::plain(Operation::Chat), Bytes::from(body))
            .unwrap()
    }

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| -> (HeaderName, HeaderValue) {
            (
                name.parse().unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            )
        };
        pairs.iter().map(pair).collect()
    }

    fn shown(tags: &Tags) -> Vec<(&str, &str)> {
        tags.iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    #[test]
    fn headers_and_metadata_become_tags() {
        let sent = headers(&[("x-bf-dim-env", "prod"), ("X-BF-Dim-Team", "röd"), ("x-other", "no")]);
        let body = call(
            DialectName::OpenAi,
            r#","metadata":{"env":"dev","feature":"search","n":5}"#,
        );
        let (tags, dropped) = of(None, &sent, &body);
        assert_eq!(shown(&tags), [("env", "prod"), ("feature", "search"), ("team", "röd")]);
        assert_eq!(dropped, 1, "a number is no tag");
        let body = call(DialectName::Anthropic, r#","metadata":{"user_id":"u-1"}"#);
        assert_eq!(shown(&of(None, &HeaderMap::new(), &body).0), [("user_id", "u-1")]);
    }

    #[test]
    fn a_word_in_a_message_is_no_metadata() {
        let body = call(DialectName::OpenAi, r#","user":"metadata""#);
        let (tags, dropped) = of(None, &HeaderMap::new(), &body);
        assert!(tags.is_empty() && dropped == 0 && Arc::ptr_eq(&tags, &none()));
    }

    #[test]
    fn what_is_too_much_is_counted_and_left_out() {
        let names: Vec<String> = (0..40).map(|n| format!("x-bf-dim-{n:02}")).collect();
        let pairs: Vec<_> = names.iter().map(|name| (name.as_str(), "v")).collect();
        let (tags, dropped) = of(None, &headers(&pairs), &call(DialectName::OpenAi, ""));
        assert_eq!((tags.len(), dropped), (MOST, 8));
        let (long_name, long_value) = (format!("x-bf-dim-{}", "n".repeat(65)), "v".repeat(257));
        let sent = headers(&[(&long_name, "v"), ("x-bf-dim-v", &long_value), ("x-bf-dim-", "v")]);
        let (tags, dropped) = of(None, &sent, &call(DialectName::OpenAi, ""));
        assert_eq!((tags.len(), dropped), (0, 3));
    }
}
