//! Where an operation is served: the operator's own path, or what the cloud or the dialect makes of it.

use gateway_types::{DialectName, Error, ErrorKind, Operation};
use http::Uri;

use crate::cloud::site;
use crate::dialect::provider_dialect;
use crate::target::Target;

/// The address of an operation at a target, in the path of that dialect.
pub(crate) fn of(target: &Target, dialect: DialectName, operation: Operation, stream: bool) -> Result<Uri, Error> {
    let own = target.path_overrides.get(&operation).map(String::as_str);
    match own.or_else(|| target.kind.path(operation)) {
        Some(path) => join(target, path),
        None => {
            let usual = provider_dialect(dialect).path(target, operation, stream);
            join(target, &site::path(target, dialect, operation, stream, usual))
        }
    }
}

/// An address below that of an operation: what stands in `rest`, a query included, comes after its path.
pub(crate) fn below(target: &Target, dialect: DialectName, operation: Operation, rest: &str) -> Result<Uri, Error> {
    let uri = of(target, dialect, operation, false)?;
    let (path, query) = rest
        .split_once('?')
        .map_or((rest, None), |(path, query)| (path, Some(query)));
    let queries: Vec<&str> = uri
        .query()
        .into_iter()
        .chain(query)
        .filter(|query| !query.is_empty())
        .collect();
    let mark = if queries.is_empty() { "" } else { "?" };
    let own = uri.path().trim_end_matches('/');
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = format!("{own}{path}{mark}{}", queries.join("&")).parse().ok();
    Uri::from_parts(parts).map_err(|_| {
        let message = format!("`{rest}` makes no address of the provider `{}`", target.provider);
        Error::new(ErrorKind::Invalid, message)
    })
}

/// The address of whatever else a provider's own API has, by its usual path.
pub(crate) fn forward(target: &Target, dialect: DialectName, path: &str) -> Result<Uri, Error> {
    let path = site::path(target, dialect, Operation::Passthrough, false, path.into());
    join(target, &path)
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

/// The address of a further page of a list: another query, or, where it begins with a slash, another path at that host.
pub(crate) fn page(first: &Uri, next: &str) -> Option<Uri> {
    let mut parts = first.clone().into_parts();
    let path = match next.starts_with('/') {
        true => next.to_owned(),
        false => format!("{}?{}", first.path(), next.trim_start_matches('?')),
    };
    parts.path_and_query = Some(path.parse().ok()?);
    Uri::from_parts(parts).ok()
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
