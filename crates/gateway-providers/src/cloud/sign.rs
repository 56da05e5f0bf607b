//! AWS Signature Version 4 (AWS, "Create a signed AWS API request"), put on a prepared request.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_lc_rs::digest::{Context, SHA256};
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode, sign as signature,
};
use aws_sigv4::sign::v4;
use gateway_types::json::Slices;
use gateway_types::{Error, ErrorKind, Wall};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};

use super::AwsKeys;
use crate::transport::WireRequest;

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Signs a request, or signs it anew. It must not change afterwards.
///
/// Signed are the method, the path, the query, the body, `host`, `content-type` and the `x-amz-…` headers; what proxies
/// may change is not. Every service but S3 wants the path encoded once more in what is signed: a path that holds a
/// name with `:` or `/` in it must have them as `%3A` and `%2F` on the wire.
pub fn sign(wire: &mut WireRequest, keys: &AwsKeys, region: &str, service: &str, at: Wall) -> Result<(), Error> {
    for name in [AUTHORIZATION, DATE, TOKEN] {
        wire.headers.remove(name);
    }
    if wire.uri.authority().is_none() {
        return Err(failed("the request names no host"));
    }
    let identity = Credentials::new(
        keys.access_key_id.as_str(),
        keys.secret_access_key.expose(),
        keys.session_token.as_ref().map(|token| token.expose().to_owned()),
        None,
        "gateway",
    )
    .into();
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Double;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Enabled;
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(moment(at))
        .settings(settings)
        .build()
        .map_err(|error| failed(&error.to_string()))?
        .into();
    let signed = wire.headers.iter().filter_map(|(name, value)| {
        let counts = *name == CONTENT_TYPE || name.as_str().starts_with("x-amz-");
        counts.then(|| Some((name.as_str(), value.to_str().ok()?)))?
    });
    let body = SignableBody::Precomputed(digest(&wire.body));
    let request = SignableRequest::new(wire.method.as_str(), wire.uri.to_string(), signed, body)
        .map_err(|error| failed(&error.to_string()))?;
    let (instructions, _) = signature(request, &params)
        .map_err(|error| failed(&error.to_string()))?
        .into_parts();
    for (name, value) in instructions.headers() {
        let name: HeaderName = name.parse().map_err(|_| failed("a header has no name"))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| failed("the keys hold no header characters"))?;
        value.set_sensitive(name != DATE);
        wire.headers.insert(name, value);
    }
    Ok(())
}

fn moment(at: Wall) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.millis()).unwrap_or(0))
}

/// SHA-256 in lower-case hexadecimal, without putting the slices together.
fn digest(body: &Slices) -> String {
    let mut context = Context::new(&SHA256);
    for slice in &body.0 {
        context.update(slice);
    }
    let bytes = context.finish();
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn failed(why: &str) -> Error {
    Error::new(
        ErrorKind::UpstreamAuth,
        format!("the request could not be signed: {why}"),
    )
}
