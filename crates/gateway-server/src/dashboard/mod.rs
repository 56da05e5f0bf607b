//! The dashboard: a handful of files, in the binary.

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::respond::{self, Body};

/// One file.
struct File {
    path: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const DRAWING: &str = "image/svg+xml";

macro_rules! files {
    ($($path:literal is $kind:ident from $file:literal,)*) => {
        /// The files, by path.
        const FILES: &[File] = &[
            $(File { path: $path, kind: $kind, bytes: include_bytes!(concat!("assets/", $file)) },)*
        ];
    };
}

files! {
    "/" is HTML from "index.html",
    "/assets/api.js" is SCRIPT from "api.js",
    "/assets/app.js" is SCRIPT from "app.js",
    "/assets/dom.js" is SCRIPT from "dom.js",
    "/assets/form.js" is SCRIPT from "form.js",
    "/assets/format.js" is SCRIPT from "format.js",
    "/assets/keys.js" is SCRIPT from "keys.js",
    "/assets/log.js" is SCRIPT from "log.js",
    "/assets/overview.js" is SCRIPT from "overview.js",
    "/assets/providers.js" is SCRIPT from "providers.js",
    "/assets/request.js" is SCRIPT from "request.js",
    "/assets/style.css" is STYLE from "style.css",
    "/assets/style.css" is STYLE from "style.css",
    "/assets/favicon.svg" is DRAWING from "favicon.svg",
}

/// The paths that are served.
pub(crate) fn paths() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|file| file.path)
}

/// One file, or word that the browser has it already.
pub(crate) fn file(path: &str, headers: &HeaderMap) -> Response<Body> {
    let Some(file) = FILES.iter().find(|file| file.path == path) else {
        return respond::empty(StatusCode::NOT_FOUND);
    };
    let tag = tag(file.bytes);
    let known = headers
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if known {
        respond::empty(StatusCode::NOT_MODIFIED)
    } else {
        let mut response = Response::new(Body::whole(Bytes::from_static(file.bytes)));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(file.kind));
        response
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    // Asked for anew each time, so that a new version of the gateway shows at once; the tag makes that cheap.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    respond::secure(headers);
    response
}

fn tag(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dashboard/assets");
        let there: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| format!("/assets/{}", entry.unwrap().file_name().display()))
            .map(|path| {
                if path == "/assets/index.html" {
                    "/".to_owned()
                } else {
                    path
                }
            })
            .collect();
        assert_eq!(paths().map(str::to_owned).collect::<BTreeSet<_>>(), there);
    }

    #[test]
    fn a_browser_that_has_a_file_is_not_sent_it_again() {
        let first = file("/", &HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        assert!(first.headers().contains_key("content-security-policy"));
        let mut has = HeaderMap::new();
        has.insert(IF_NONE_MATCH, first.headers()[ETAG].clone());
        assert_eq!(file("/", &has).status(), StatusCode::NOT_MODIFIED);
    }
}
