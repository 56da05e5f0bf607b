//! The dashboard: built files, compressed, in the binary. `cargo xtask ui` makes them; `dashboard/` has their sources.
//!
//! The page is the same for every address below `/ui`, since it finds its way by itself; only what it loads has files of
//! their own, whose names change with their contents.

mod encoding;

use std::io::Read;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, VARY};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use rust_embed::RustEmbed;

use crate::respond::{self, ApiError, Body};

/// Where the page finds its way; `/` and everything below `/ui` is the page too.
pub(crate) const PATHS: [&str; 4] = ["/", "/ui", "/ui/", "/ui/{*path}"];

const ASSETS: &str = "/ui/assets/";

/// What stands in the page where the nonce of its styles comes.
const NONCE: &str = "__NONCE__";

#[derive(RustEmbed)]
#[folder = "dashboard/dist/"]
struct Dist;

/// The page, as it was built.
static PAGE: LazyLock<String> = LazyLock::new(|| {
    let page = Dist::get("index.html.gz").and_then(|file| inflated(&file.data));
    let page = page.and_then(|page| String::from_utf8(page).ok());
    page.unwrap_or_else(|| String::from("<!doctype html><title>Gateway</title>The dashboard was not built."))
});

/// The page, or a file that it loads.
pub(crate) fn answer(path: &str, headers: &HeaderMap) -> Response<Body> {
    match path.strip_prefix(ASSETS) {
        Some(name) => asset(name, headers),
        None => page(),
    }
}

/// The page, with a nonce that nobody has seen: its styles are taken for the page's own by that alone.
fn page() -> Response<Body> {
    let mut random = [0; 16];
    if getrandom::fill(&mut random).is_err() {
        let message = "the system gave no random bytes for the page; try again";
        return secured(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, message).response());
    }
    let nonce = URL_SAFE_NO_PAD.encode(random);
    let page = PAGE.replace(NONCE, &nonce);
    let mut response = respond::typed(StatusCode::OK, "text/html; charset=utf-8", page);
    respond::secure_page(response.headers_mut(), &nonce);
    response
}

/// A file of the page. Its name changes with its contents, so that it is kept for good by whoever has it.
fn asset(name: &str, headers: &HeaderMap) -> Response<Body> {
    let file = Dist::get(&format!("assets/{name}.gz"));
    let (Some(file), Some(kind)) = (file, kind_of(name)) else {
        let message = format!("{ASSETS}{name} is not a file of this version's dashboard; reload the page");
        return secured(ApiError::new(StatusCode::NOT_FOUND, message).response());
    };
    let packed = encoding::takes_gzip(headers);
    let bytes = match file.data {
        data if !packed => Bytes::from(inflated(&data).unwrap_or_default()),
        std::borrow::Cow::Borrowed(data) => Bytes::from_static(data),
        std::borrow::Cow::Owned(data) => Bytes::from(data),
    };
    let mut response = respond::typed(StatusCode::OK, kind, bytes);
    let headers = response.headers_mut();
    if packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    let for_good = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(CACHE_CONTROL, for_good);
    secured(response)
}

fn kind_of(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => return None,
    })
}

fn inflated(packed: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut plain).ok().map(|_| plain)
}

fn secured(mut response: Response<Body>) -> Response<Body> {
    respond::secure(response.headers_mut());
    response
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT_ENCODING, CONTENT_SECURITY_POLICY};
    use http_body_util::BodyExt;

    use super::*;

    fn accepting(encoding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(encoding))])
    }

    async fn bytes(response: Response<Body>) -> Bytes {
        response.into_body().collect().await.unwrap().to_bytes()
    }

    async fn text(response: Response<Body>) -> String {
        String::from_utf8(bytes(response).await.to_vec()).unwrap()
    }

    /// The addresses of files that the page names.
    fn loaded(page: &str) -> Vec<&str> {
        let quoted = page.split('"').filter(|part| part.starts_with(ASSETS));
        quoted.collect()
    }

    #[tokio::test]
    async fn every_file_that_the_page_names_is_there() {
        let page = text(answer("/ui/logs", &HeaderMap::new())).await;
        let files = loaded(&page);
        assert!(files.iter().any(|file| file.ends_with(".js")), "{page}");
        for file in files {
            let response = answer(file, &accepting("gzip, br"));
            assert_eq!(response.status(), StatusCode::OK, "{file}");
            assert_eq!(response.headers()[CONTENT_ENCODING], "gzip", "{file}");
            assert!(
                response.headers()[CACHE_CONTROL]
                    .to_str()
                    .unwrap()
                    .contains("immutable")
            );
        }
    }

    #[tokio::test]
    async fn a_client_without_gzip_gets_the_same_file_inflated() {
        let page = text(answer("/", &HeaderMap::new())).await;
        for file in loaded(&page) {
            let plain = answer(file, &accepting("identity"));
            assert!(!plain.headers().contains_key(CONTENT_ENCODING), "{file}");
            let packed = bytes(answer(file, &accepting("gzip"))).await;
            assert_eq!(inflated(&packed).unwrap(), bytes(plain).await, "{file}");
        }
    }

    #[tokio::test]
    async fn the_nonce_of_a_page_is_its_own_and_its_policys() {
        let (first, second) = (answer("/ui/", &HeaderMap::new()), answer("/ui/", &HeaderMap::new()));
        let policy = first.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert_ne!(second.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap(), policy);
        assert_eq!(first.headers()[CACHE_CONTROL], "no-store");
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        let page = text(first).await;
        assert!(page.contains(&format!("content=\"{nonce}\"")), "{page}");
        assert!(!page.contains(NONCE));
    }

    #[test]
    fn a_file_that_is_not_there_is_not_the_page() {
        for path in ["/ui/assets/nothing.js", "/ui/assets/../index.html", "/ui/assets/"] {
            assert_eq!(
                answer(path, &HeaderMap::new()).status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }
}
