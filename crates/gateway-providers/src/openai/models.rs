//! The list of models.

use bytes::Bytes;
use gateway_types::{Error, ErrorKind, Operation};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::send;
use crate::dialect::{Listed, ModelPage};
use crate::json::{Members, parse};
use crate::target::Target;
use crate::transport::WireRequest;

/// The request for it.
pub(super) fn request(target: &Target) -> Result<WireRequest, Error> {
    if !target.kind.serves(Operation::Models) {
        let message = format!("the provider `{}` has no list of models", target.provider);
        return Err(Error::new(ErrorKind::UnsupportedOperation, message));
    }
    send::get(target, Operation::Models)
}

/// Reads it: `{"data": […]}`, or as some have it `{"models": […]}` or the bare array; each item with an `id` or `name`,
/// or a name itself. There is one page.
pub(super) fn page(body: &[u8]) -> Result<ModelPage, Error> {
    let refused = || {
        Error::new(
            ErrorKind::UpstreamFailed,
            "the provider's list of models could not be read",
        )
    };
    let raw: &RawValue = serde_json::from_slice(body).map_err(|_| refused())?;
    let items = match Members::of(raw) {
        Ok(mut members) => members
            .take("data")
            .or_else(|| members.take("models"))
            .ok_or_else(refused)?,
        Err(_) => raw,
    };
    let items: Vec<&RawValue> = parse(items).map_err(|_| refused())?;
    let ids = items.into_iter().filter_map(id).filter(|id| !id.is_empty()).collect();
    Ok(ModelPage { ids, next: None })
}

fn id(item: &RawValue) -> Option<String> {
    if let Ok(name) = parse(item) {
        return Some(name);
    }
    let mut members = Members::of(item).ok()?;
    ["id", "name", "model"]
        .into_iter()
        .find_map(|key| members.read(key).ok().flatten())
}

/// Writes the list of models that a caller may use.
pub(crate) fn list(models: &[Listed], created: i64) -> Bytes {
    let data: Vec<_> = models.iter().map(|model| object(model, created)).collect();
    Bytes::from(json!({ "object": "list", "data": data }).to_string())
}

/// Writes one of them.
pub(crate) fn one(model: &Listed, created: i64) -> Bytes {
    Bytes::from(object(model, created).to_string())
}

fn object(model: &Listed, created: i64) -> Value {
    json!({ "id": model.id, "object": "model", "created": created, "owned_by": model.provider })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_in_every_shape_that_vendors_give_them() {
        for body in [
            r#"{"object":"list","data":[{"id":"a","object":"model"},{"id":"b"}]}"#,
            r#"[{"id":"a"},{"id":"b","pricing":{"input":1}}]"#,
            r#"{"models":[{"name":"a"},{"model":"b"}]}"#,
            r#"{"models":[{"name":"x"}],"data":[{"id":"a"},{"nothing":1},{"id":"b"}]}"#,
            r#"["a","b"]"#,
        ] {
            assert_eq!(page(body.as_bytes()).unwrap().ids, ["a", "b"], "{body}");
        }
        assert_eq!(
            page(br#"{"object":"list","data":null,"models":[]}"#).unwrap().ids,
            [""; 0]
        );
        for body in ["", "{}", "<html>", r#"{"data":5}"#, "5"] {
            assert_eq!(
                page(body.as_bytes()).unwrap_err().kind,
                ErrorKind::UpstreamFailed,
                "{body}"
            );
        }
    }
}
