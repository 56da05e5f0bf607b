//! Where an operation is served: the operator's own path, or what the cloud or the dialect makes of it.

use gateway_types::{DialectName, Error, ErrorKind, Operation};
use http::Uri;

use crate::dialect::provider_dialect;
use crate::target::Target;

/// The address of an operation at a target, in the path of that dialect.
pub(crate) fn of(target: &Target, dialect: DialectName, operation: Operation, stream: bool) -> Result<Uri, Error> {
    let own = target.path_overrides.get(&operation).map(String::as_str);
    match own.or_else(|| target.kind.path(operation)) {
        Some(path) => join(target, path),
        None => join(target, &provider_dialect(dialect).path(target, operation, stream)),
    }
}

/// A path, or a whole URL, at a target.
pub(crate) fn join(target: &Target, path: &str) -> Result<Uri, Error> {
    let joined = match path.starts_with('/') || path.contains("://") {
        true => target.base_url.join(path),
        false => target.base_url.join(&format!("/{path}")),
    };
    joined.ok_or_else(|| {
        let base = target.base_url.as_str();
        let message = format!(
            "the address of the provider `{}` is no URL: `{base}` and `{path}`",
            target.provider
        );
        Error::new(ErrorKind::UpstreamFailed, message)
    })
}

/// A name as one segment of a path.
pub(crate) fn segment(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
