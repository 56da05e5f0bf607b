//! The list of models, both sides.

use gateway_types::{DialectName, Error, ErrorKind, Operation};
use http::Uri;
use serde::Deserialize;

use super::http as wire;
use super::tree::{Json, Object};
use crate::address::{self, segment};
use crate::dialect::{Listed, ModelPage};
use crate::outgoing;
use crate::target::Target;
use crate::transport::WireRequest;

/// As many as a page may have.
const PAGE: &str = "pageSize=1000";

/// The request for the first page.
pub(super) fn request(target: &Target) -> Result<WireRequest, Error> {
    let uri = address::of(target, DialectName::Gemini, Operation::Models, false)?;
    Ok(outgoing::get(first_page(uri)))
}

fn first_page(uri: Uri) -> Uri {
    match uri.query() {
        Some(_) => uri,
        None => format!("{uri}?{PAGE}").parse().unwrap_or(uri),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    models: Option<Vec<Model>>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Model {
    name: String,
}

/// Reads a page.
pub(super) fn page(body: &[u8]) -> Result<ModelPage, Error> {
    let page: Page = serde_json::from_slice(body).map_err(|error| {
        let message = format!("the provider's list of models is none of the Gemini API: {error}");
        Error::new(ErrorKind::UpstreamFailed, message)
    })?;
    let ids = page.models.unwrap_or_default().into_iter();
    let next = page.next_page_token.filter(|token| !token.is_empty());
    Ok(ModelPage {
        ids: ids
            .map(|model| model.name.strip_prefix("models/").unwrap_or(&model.name).to_owned())
            .collect(),
        next: next.map(|token| format!("{PAGE}&pageToken={}", segment(&token))),
    })
}

/// Writes the list of models that a caller may use.
pub(super) fn list(models: &[Listed]) -> Vec<u8> {
    let models: Json<'_> = models.iter().map(|model| Json::from(described(model))).collect();
    Object::of("models", models).to_bytes()
}

/// Writes one of them.
pub(super) fn one(model: &Listed) -> Vec<u8> {
    described(model).to_bytes()
}

fn described(model: &Listed) -> Object<'_> {
    let methods = [
        "generateContent",
        "streamGenerateContent",
        "countTokens",
        "embedContent",
        "batchEmbedContents",
    ];
    let methods: Json<'_> = methods.into_iter().map(Json::from).collect();
    Object::of("name", wire::name(&model.id))
        .with("displayName", &model.id)
        .with("description", model.provider.as_str())
        .with("supportedGenerationMethods", methods)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_models_and_the_next_page() {
        let first = page(br#"{"models":[{"name":"models/gemini-2.5-pro","x":1},{"name":"tunedModels/mine"}],"nextPageToken":"a/b="}"#).unwrap();
        assert_eq!(first.ids, ["gemini-2.5-pro", "tunedModels/mine"]);
        assert_eq!(first.next.as_deref(), Some("pageSize=1000&pageToken=a%2Fb%3D"));
        assert_eq!(page(b"{}").unwrap(), ModelPage::default());
        assert_eq!(page(b"[").unwrap_err().kind, ErrorKind::UpstreamFailed);
    }
}
