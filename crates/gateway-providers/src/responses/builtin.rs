//! Other vendors' built-in tools that this API has too: searching the web.
//!
//! Anthropic calls it `web_search_20250305` and later dates, Gemini `googleSearch`.

use gateway_types::chat::Verbatim;
use serde_json::value::RawValue;

use super::item::object;
use crate::json::Members;

/// The tool of this API that does what that one does.
pub(super) fn counterpart(foreign: &Verbatim) -> Option<Box<RawValue>> {
    let mut members = Members::of(&foreign.json).ok()?;
    let kind: Option<String> = members.read("type").ok()?;
    let named = kind.is_some_and(|kind| kind.starts_with("web_search"));
    let google = ["googleSearch", "google_search"]
        .into_iter()
        .any(|key| members.take(key).is_some());
    if !named && !google {
        return None;
    }
    let domains = members.take("allowed_domains");
    let place = members.take("user_location");
    Some(object(|out| {
        out.member("type", "web_search");
        if let Some(domains) = domains {
            out.inner("filters", |out| out.member("allowed_domains", domains));
        }
        out.maybe("user_location", place);
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_types::DialectName;

    #[test]
    fn the_web_is_searched_by_any_name() {
        for (foreign, expected) in [
            (
                r#"{"type":"web_search_20250305","name":"web_search","max_uses":5}"#,
                Some(r#"{"type":"web_search"}"#),
            ),
            (r#"{"googleSearch":{}}"#, Some(r#"{"type":"web_search"}"#)),
            (
                r#"{"type":"web_search_20250305","allowed_domains":["a.org"],"user_location":{"type":"approximate","city":"Bern"}}"#,
                Some(
                    r#"{"type":"web_search","filters":{"allowed_domains":["a.org"]},"user_location":{"type":"approximate","city":"Bern"}}"#,
                ),
            ),
            (r#"{"type":"bash_20250124","name":"bash"}"#, None),
        ] {
            let foreign = Verbatim {
                dialect: DialectName::Anthropic,
                json: RawValue::from_string(foreign.to_owned()).unwrap(),
            };
            assert_eq!(counterpart(&foreign).as_deref().map(RawValue::get), expected);
        }
    }
}
