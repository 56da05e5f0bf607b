//! The list of models, both sides. It has no newer form than v1's.

use gateway_types::{DialectName, Error, Operation};
use http::Uri;
use serde::Deserialize;

use crate::dialect::{Listed, ModelPage};
use crate::json::Out;
use crate::target::Target;
use crate::transport::WireRequest;
use crate::{address, outgoing};

/// `GET /v1/models`: what a caller may use, on one page. What a model can do is not known here.
pub(super) fn write_list(models: &[Listed]) -> Vec<u8> {
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.array("models", |out| {
            for model in models {
                out.item_object(|out| members(model, out));
            }
        });
    });
    body
}

/// `GET /v1/models/{model}`.
pub(super) fn write_one(model: &Listed) -> Vec<u8> {
    let mut body = Vec::new();
    Out::object(&mut body, |out| members(model, out));
    body
}

fn members(model: &Listed, out: &mut Out<'_>) {
    out.member("name", &model.id);
    out.member("is_deprecated", false);
    out.member("finetuned", false);
}

/// The request for the first page of models.
pub(super) fn request(target: &Target) -> Result<WireRequest, Error> {
    let uri = address::of(target, DialectName::Cohere, Operation::Models, false)?;
    Ok(outgoing::get(first_page(uri)))
}

fn first_page(uri: Uri) -> Uri {
    match uri.query() {
        Some(_) => uri,
        None => format!("{uri}?{PAGE}").parse().unwrap_or(uri),
    }
}

/// As many as a page holds.
const PAGE: &str = "page_size=1000";

#[derive(Debug, Deserialize)]
struct List {
    models: Vec<Model>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Model {
    #[serde(default)]
    name: Option<String>,
}

/// Reads a page of models.
pub(super) fn page(body: &[u8]) -> Result<ModelPage, Error> {
    let list: List = serde_json::from_slice(body).map_err(|why| super::errors::unreadable("a list of models", &why))?;
    let token = list.next_page_token.filter(|token| !token.is_empty());
    Ok(ModelPage {
        ids: list
            .models
            .into_iter()
            .filter_map(|model| model.name)
            .filter(|name| !name.is_empty())
            .collect(),
        next: token.map(|token| format!("{PAGE}&page_token={}", address::segment(&token))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Access;
    use crate::target::BaseUrl;

    #[test]
    fn lists_of_models_have_pages() {
        let base = BaseUrl::parse("http://host/v2").unwrap();
        let target = Target::plain(
            "there",
            crate::kind::kind("cohere").unwrap(),
            base,
            "served",
            Access::None,
        );
        assert_eq!(request(&target).unwrap().uri, "http://host/v1/models?page_size=1000");
        let first =
            page(br#"{"models":[{"name":"a"},{"endpoints":[]},{"name":"b"}],"next_page_token":"x+/="}"#).unwrap();
        assert_eq!(first.ids, ["a", "b"]);
        assert_eq!(first.next.as_deref(), Some("page_size=1000&page_token=x%2B%2F%3D"));
        assert_eq!(page(br#"{"models":[],"next_page_token":""}"#).unwrap().next, None);
        assert!(page(b"{}").is_err());
    }

    #[test]
    fn a_list_of_ours_is_read_as_the_vendors_is() {
        let listed = |id: &str| Listed {
            id: id.to_owned(),
            provider: "p".into(),
        };
        let page = page(&write_list(&[listed("p/a"), listed("p/b")])).unwrap();
        assert_eq!((page.ids, page.next), (vec!["p/a".to_owned(), "p/b".to_owned()], None));
        let one: Model = serde_json::from_slice(&write_one(&listed("p/a"))).unwrap();
        assert_eq!(one.name.as_deref(), Some("p/a"));
    }
}
