//! The list of models.

use bytes::Bytes;
use gateway_types::{Error, Wall};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error;
use crate::dialect::{Listed, ModelPage};

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

/// Writes the list of models that a caller may use. `created`, in seconds since the epoch, stands in for the day on which a
/// model came out.
pub(super) fn list(models: &[Listed], created: i64) -> Bytes {
    let data: Vec<Value> = models.iter().map(|model| object(model, created)).collect();
    let id = |model: Option<&Listed>| model.map(|model| model.id.clone());
    let page = json!({
        "data": data,
        "first_id": id(models.first()),
        "last_id": id(models.last()),
        "has_more": false,
    });
    Bytes::from(page.to_string())
}

/// Writes one of them.
pub(super) fn one(model: &Listed, created: i64) -> Bytes {
    Bytes::from(object(model, created).to_string())
}

fn object(model: &Listed, created: i64) -> Value {
    json!({
        "type": "model",
        "id": model.id,
        "display_name": model.id,
        "created_at": Wall::from_millis(created.saturating_mul(1000)).rfc3339(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_reads_as_a_list() {
        let listed = |id: &str| Listed {
            id: id.to_owned(),
            provider: "p".into(),
        };
        let page = read(&list(&[listed("p/a"), listed("p/b")], 0)).unwrap();
        assert_eq!(page.ids, ["p/a", "p/b"]);
        let one: Value = serde_json::from_slice(&one(&listed("p/a"), 0)).unwrap();
        assert_eq!(
            (&one["type"], &one["created_at"]),
            (&json!("model"), &json!("1970-01-01T00:00:00.000Z"))
        );
    }

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
