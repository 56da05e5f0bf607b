//! The list of models.

use gateway_types::Error;
use serde::Deserialize;

use super::error;
use crate::dialect::ModelPage;

#[derive(Debug, Deserialize)]
struct List {
    data: Vec<Model>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    last_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Model {
    id: String,
}

/// Reads one page.
pub(super) fn read(body: &[u8]) -> Result<ModelPage, Error> {
    let list: List = serde_json::from_slice(body).map_err(|why| error::unreadable("a list of models", &why))?;
    let next = list
        .last_id
        .filter(|id| list.has_more && is_plain(id))
        .map(|id| format!("limit=1000&after_id={id}"));
    Ok(ModelPage {
        ids: list.data.into_iter().map(|model| model.id).collect(),
        next,
    })
}

/// Whether an id needs no escaping in a query. All that were seen are plain; another ends the list rather than the request.
fn is_plain(id: &str) -> bool {
    id.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_the_next_one_is() {
        let page = read(br#"{"data":[{"type":"model","id":"claude-a","display_name":"A"},{"id":"claude-b"}],"has_more":true,"first_id":"claude-a","last_id":"claude-b"}"#).unwrap();
        assert_eq!(page.ids, ["claude-a", "claude-b"]);
        assert_eq!(page.next.as_deref(), Some("limit=1000&after_id=claude-b"));
        let last = read(br#"{"data":[],"has_more":false,"first_id":null,"last_id":null}"#).unwrap();
        assert_eq!(last, ModelPage::default());
        assert!(read(b"{}").is_err());
    }
}
