//! How many tokens a request's input has, both sides.

use gateway_types::chat::Request;
use gateway_types::json::Slices;
use gateway_types::loss::Loss;
use gateway_types::{Error, Operation};
use http::HeaderMap;
use serde::Deserialize;

use super::tree::Object;
use super::{http as wire, request};
use crate::lane::Cap;
use crate::target::{Site, Target};
use crate::transport::WireRequest;

/// Asks how many.
pub(super) fn say(asked: &Request, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let body = request::body(asked, target, Cap::Client, losses)?;
    let body = match matches!(target.site, Site::Vertex { .. }) {
        true => body.only(&["contents", "systemInstruction", "tools", "generationConfig"]),
        // Only within a whole request are instructions and tools counted as well.
        false => {
            let mut inner = Object::of("model", wire::name(target.model.as_str()));
            inner.extend(body);
            Object::of("generateContentRequest", inner)
        }
    };
    wire::post(
        target,
        Operation::CountTokens,
        None,
        &HeaderMap::new(),
        Slices::one(body.to_bytes().into()),
    )
}

/// Reads how many.
pub(super) fn counted(body: &[u8]) -> Result<u64, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Counted {
        // Nothing at all is left out.
        #[serde(default)]
        total_tokens: u64,
    }
    let counted: Counted = serde_json::from_slice(body).map_err(|error| super::wire::unreadable(&error))?;
    Ok(counted.total_tokens)
}

/// Writes how many.
pub(super) fn write(tokens: u64) -> Vec<u8> {
    Object::of("totalTokens", tokens).to_bytes()
}
