//! The connections of one way out, by host, and the shape that requests take there.

use std::sync::{Arc, Mutex, PoisonError};

use ahash::HashMap;
use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use http::uri::{PathAndQuery, Scheme, Uri};

use super::Request;
use super::body::Sliced;
use super::connect::Connector;
use super::host::Host;
use crate::transport::{Egress, TransportError, WireRequest};

/// How many hosts are remembered before those without connections are forgotten.
const HOSTS: usize = 256;

/// The connections of one way out.
pub(super) struct Pool {
    pub(super) egress: Egress,
    connector: Arc<Connector>,
    /// By authority: without TLS, and with.
    hosts: Mutex<[HashMap<Box<str>, Arc<Place>>; 2]>,
}

/// A host, and what requests to it carry.
pub(super) struct Place {
    pub(super) host: Arc<Host>,
    header: HeaderValue,
    /// What an HTTP proxy wants to see on requests that it reads itself.
    proxy_authorization: Option<HeaderValue>,
    shape: Shape,
}

/// How the target of a request is written.
#[derive(Clone, Copy)]
enum Shape {
    /// Path and query, beside a `host`.
    Origin,
    /// The whole URI, beside a `host`: for a proxy.
    Absolute,
    /// The whole URI, which HTTP/2 takes apart itself.
    Http2,
}

impl Pool {
    pub(super) fn new(egress: &Egress) -> Result<Self, TransportError> {
        Ok(Self {
            egress: egress.clone(),
            connector: Arc::new(Connector::new(egress)?),
            hosts: Mutex::default(),
        })
    }

    /// Where a request to `uri` goes.
    pub(super) fn place(&self, uri: &Uri) -> Result<Arc<Place>, TransportError> {
        let Some(authority) = uri.authority() else {
            return Err(TransportError::Misconfigured(format!("`{uri}` names no host")));
        };
        let secure = uri.scheme() == Some(&Scheme::HTTPS);
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let hosts = &mut hosts[usize::from(secure)];
        if let Some(known) = hosts.get(authority.as_str()) {
            return Ok(Arc::clone(known));
        }
        if hosts.len() >= HOSTS {
            hosts.retain(|_, place| Arc::strong_count(place) > 1 || !place.host.is_unused());
        }
        let place = Arc::new(self.new_place(uri, secure)?);
        hosts.insert(authority.as_str().into(), Arc::clone(&place));
        Ok(place)
    }

    fn new_place(&self, uri: &Uri, secure: bool) -> Result<Place, TransportError> {
        let most = self.egress.max_conns_per_host.max(1) as usize;
        let read_by_proxy = !secure && self.connector.through_http();
        Ok(Place {
            host: Arc::new(Host::new(uri.clone(), Arc::clone(&self.connector), most)),
            header: host_header(uri, secure)?,
            proxy_authorization: match secure {
                true => None,
                false => self.connector.proxy_authorization(),
            },
            shape: match (self.connector.is_http2(), read_by_proxy) {
                (true, _) => Shape::Http2,
                (false, true) => Shape::Absolute,
                (false, false) => Shape::Origin,
            },
        })
    }
}

impl Place {
    /// The request as its connection wants it.
    pub(super) fn shaped(&self, request: WireRequest) -> Request {
        let mut shaped = http::Request::new(Sliced::new(request.body));
        *shaped.method_mut() = request.method;
        *shaped.uri_mut() = match self.shape {
            Shape::Origin => origin(&request.uri),
            Shape::Absolute | Shape::Http2 => request.uri,
        };
        let headers = shaped.headers_mut();
        *headers = request.headers;
        if !matches!(self.shape, Shape::Http2) {
            headers.entry(HOST).or_insert_with(|| self.header.clone());
        }
        if let Some(authorization) = &self.proxy_authorization {
            headers.insert(PROXY_AUTHORIZATION, authorization.clone());
        }
        shaped
    }
}

fn origin(uri: &Uri) -> Uri {
    let path = uri.path_and_query().cloned();
    Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")))
}

/// The host, and the port where it is not the scheme's. Credentials of the URI are none of it.
fn host_header(uri: &Uri, secure: bool) -> Result<HeaderValue, TransportError> {
    let host = uri.host().unwrap_or("");
    let usual = if secure { 443 } else { 80 };
    let header = match uri.port_u16() {
        Some(port) if port != usual => HeaderValue::try_from(format!("{host}:{port}")),
        _ => HeaderValue::try_from(host),
    };
    header.map_err(|_| TransportError::Misconfigured(format!("`{host}` fits no header")))
}
