//! Other vendors' built-in tools that this one has too: searching the web.
//!
//! OpenAI's Responses call it `web_search` (older: `web_search_preview`), Gemini `googleSearch`.

use gateway_types::chat::Verbatim;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The version of the search that every model with tools has.
const SEARCH: &str = "web_search_20250305";

/// What other vendors say of a search.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Foreign<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<&'a str>,
    #[serde(borrow)]
    user_location: Option<&'a RawValue>,
    filters: Option<Filters>,
    #[serde(rename = "googleSearch", alias = "google_search", borrow)]
    google: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filters {
    allowed_domains: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Search<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_domains: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_location: Option<&'a RawValue>,
}

/// The tool of this vendor's that does what that one does.
pub(super) fn counterpart(foreign: &Verbatim) -> Option<Box<RawValue>> {
    let said: Foreign<'_> = serde_json::from_str(foreign.json.get()).ok()?;
    let searches = |kind: &str| kind == "web_search" || kind.starts_with("web_search_preview");
    if !said.kind.is_some_and(searches) && said.google.is_none() {
        return None;
    }
    let search = Search {
        kind: SEARCH,
        name: "web_search",
        allowed_domains: said.filters.and_then(|filters| filters.allowed_domains),
        user_location: said.user_location.filter(|place| place.get() != "null"),
    };
    serde_json::value::to_raw_value(&search).ok()
}

#[cfg(test)]
mod tests {
    use gateway_types::DialectName;

    use super::*;

    fn check(foreign: &str, expected: Option<&str>) {
        let foreign = Verbatim {
            dialect: DialectName::Responses,
            json: serde_json::from_str(foreign).unwrap(),
        };
        assert_eq!(counterpart(&foreign).as_deref().map(RawValue::get), expected);
    }

    #[test]
    fn the_web_is_searched_by_any_name() {
        let plain = r#"{"type":"web_search_20250305","name":"web_search"}"#;
        check(r#"{"type":"web_search"}"#, Some(plain));
        check(r#"{"type":"web_search_preview_2025_03_11"}"#, Some(plain));
        check(r#"{"googleSearch":{}}"#, Some(plain));
        check(
            r#"{"type":"web_search","filters":{"allowed_domains":["a.org"]},"user_location":{"type":"approximate","city":"Bern"}}"#,
            Some(
                r#"{"type":"web_search_20250305","name":"web_search","allowed_domains":["a.org"],"user_location":{"type":"approximate","city":"Bern"}}"#,
            ),
        );
        check(r#"{"type":"file_search"}"#, None);
    }
}
