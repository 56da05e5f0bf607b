//! The transport over real sockets: hyper, rustls, proxies. Read [`HyperTransport`], then `connect.rs`.

mod address;
mod body;
mod connect;
mod dial;
mod limit;
mod proxy;
mod tls;

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::header::{HeaderValue, PROXY_AUTHORIZATION};
use http::uri::Scheme;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use self::body::{Held, Sliced};
use self::connect::Connector;
use self::limit::Limits;
use crate::transport::{Egress, Transport, TransportError, WireRequest, WireResponse};

/// How long a connection may lie idle. Shorter than what the usual load balancers allow, so that we close first.
const IDLE: Duration = Duration::from_secs(45);
/// How many ways out keep their connections: one for each distinct set of network settings.
const POOLS: usize = 64;

/// A [`Transport`] of hyper and rustls.
///
/// HTTP/1.1 unless [`Egress::enforce_http2`] is set, then HTTP/2 only. Connections are kept per [`Egress`] and host, and
/// belong to the runtime that made them: use one value per runtime. A request is sent again by itself in one case only:
/// a kept connection turned out to be closed before a byte of the request was written.
#[derive(Default)]
pub struct HyperTransport {
    pools: Mutex<Pools>,
}

#[derive(Default)]
struct Pools {
    by_egress: HashMap<Egress, Entry>,
    /// Counts the uses, so that the longest unused pool can be told.
    uses: u64,
}

struct Entry {
    pool: Arc<Pool>,
    used: u64,
}

/// The connections of one way out.
struct Pool {
    client: Client<Connector, Sliced>,
    limits: Limits,
    /// What an HTTP proxy wants to see on requests that it reads itself.
    proxy_authorization: Option<HeaderValue>,
}

impl HyperTransport {
    /// A transport without connections yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn pool(&self, egress: &Egress) -> Result<Arc<Pool>, TransportError> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.uses += 1;
        let used = pools.uses;
        if let Some(entry) = pools.by_egress.get_mut(egress) {
            entry.used = used;
            return Ok(Arc::clone(&entry.pool));
        }
        let pool = Arc::new(Pool::new(egress)?);
        if pools.by_egress.len() >= POOLS {
            pools.forget_oldest();
        }
        pools.by_egress.insert(
            egress.clone(),
            Entry {
                pool: Arc::clone(&pool),
                used,
            },
        );
        Ok(pool)
    }
}

impl Pools {
    /// Lets go of the pool unused for longest. Exchanges under way keep it until they end.
    fn forget_oldest(&mut self) {
        let oldest = self
            .by_egress
            .iter()
            .min_by_key(|(_, entry)| entry.used)
            .map(|(egress, _)| egress.clone());
        if let Some(egress) = oldest {
            self.by_egress.remove(&egress);
        }
    }
}

impl Pool {
    fn new(egress: &Egress) -> Result<Self, TransportError> {
        let connector = Connector::new(egress)?;
        let proxy_authorization = connector.proxy_authorization();
        let most = egress.max_conns_per_host.max(1) as usize;
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(most)
            .http2_adaptive_window(true)
            .http2_only(egress.enforce_http2);
        Ok(Self {
            client: builder.build(connector),
            limits: Limits::new(most),
            proxy_authorization,
        })
    }
}

#[async_trait]
impl Transport for HyperTransport {
    async fn send(&self, request: WireRequest, egress: &Egress) -> Result<WireResponse, TransportError> {
        let pool = self.pool(egress)?;
        let Some(authority) = request.uri.authority() else {
            return Err(TransportError::Misconfigured(format!(
                "`{}` names no host",
                request.uri
            )));
        };
        let permit = pool.limits.enter(authority).await;
        let mut sent = http::Request::new(Sliced::new(request.body));
        *sent.method_mut() = request.method;
        *sent.headers_mut() = request.headers;
        if request.uri.scheme() == Some(&Scheme::HTTP)
            && let Some(authorization) = &pool.proxy_authorization
        {
            sent.headers_mut().insert(PROXY_AUTHORIZATION, authorization.clone());
        }
        *sent.uri_mut() = request.uri;
        let response = pool.client.request(sent).await.map_err(|error| said(&error))?;
        let (head, body) = response.into_parts();
        let body = Held::new(body, permit).boxed_unsync();
        Ok(WireResponse {
            status: head.status,
            headers: head.headers,
            body,
        })
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport").finish_non_exhaustive()
    }
}

/// What the connector said is said on; the rest is told apart by whether there was a connection.
fn said(error: &hyper_util::client::legacy::Error) -> TransportError {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(own) = inner.downcast_ref::<TransportError>() {
            return own.clone();
        }
        source = inner.source();
    }
    if error.is_connect() {
        TransportError::Unreachable(chain(error))
    } else {
        TransportError::Broken(chain(error))
    }
}

/// An error and what caused it, in one line. The wrapper's own words say nothing and are left out.
fn chain(error: &dyn StdError) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = error.source().or(Some(error));
    while let Some(cause) = next {
        let word = cause.to_string();
        if words.last().is_none_or(|last| !last.ends_with(&word)) {
            words.push(word);
        }
        next = cause.source();
    }
    words.join(": ")
}
