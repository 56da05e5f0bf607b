//! The transport over real sockets: hyper's connections, a pool of our own, rustls, proxies. Read [`HyperTransport`], then
//! `host.rs` for who gets which connection, `http1.rs` for how one is driven, `connect.rs` for how one is made.

mod address;
mod bell;
mod body;
mod connect;
mod dial;
mod frames;
mod host;
mod http1;
mod http2;
mod pool;
mod proxy;
mod stock;
mod sweep;
mod tls;
mod tunnel;

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use http_body_util::BodyExt;

use self::body::{Answer, Sliced};
use self::pool::Pool;
use crate::transport::{Egress, Transport, TransportError, WireRequest, WireResponse};

/// How many ways out keep their connections: one for each distinct set of network settings.
const POOLS: usize = 64;

/// A request as a connection takes it.
type Request = http::Request<Sliced>;

/// A [`Transport`] of hyper and rustls.
///
/// HTTP/1.1 unless [`Egress::enforce_http2`] is set, then HTTP/2 only. Connections are kept per [`Egress`] and host, and
/// belong to the runtime that made them: use one value per runtime. A request is sent again by itself in one case only:
/// a kept connection turned out to be closed before a byte of the request was written.
#[derive(Default)]
pub struct HyperTransport {
    /// The one used last in front: there are few, and comparing costs less than hashing one.
    pools: Mutex<Vec<Arc<Pool>>>,
}

impl HyperTransport {
    /// A transport without connections yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn pool(&self, egress: &Egress) -> Result<Arc<Pool>, TransportError> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        match pools.iter().position(|pool| pool.egress == *egress) {
            Some(0) => {}
            Some(at) => pools[..=at].rotate_right(1),
            None => {
                let pool = Arc::new(Pool::new(egress)?);
                // Exchanges under way keep a forgotten one until they end.
                pools.truncate(POOLS - 1);
                pools.insert(0, pool);
            }
        }
        Ok(Arc::clone(&pools[0]))
    }
}

#[async_trait]
impl Transport for HyperTransport {
    async fn send(&self, request: WireRequest, egress: &Egress) -> Result<WireResponse, TransportError> {
        let place = self.pool(egress)?.place(&request.uri)?;
        let mut request = place.shaped(request);
        loop {
            let mut lease = place.host.lease().await?;
            match lease.exchange(request).await {
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    return Ok(WireResponse {
                        status: head.status,
                        headers: head.headers,
                        body: Answer::new(body, lease).boxed_unsync(),
                    });
                }
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) if lease.is_kept() => request = unsent,
                    _ => return Err(TransportError::Broken(words(Some(failed.error())))),
                },
            }
        }
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport").finish_non_exhaustive()
    }
}

/// What caused an error, in one line. The wrapper's own words say nothing and are left out.
fn chain(error: &dyn StdError) -> String {
    words(error.source().or(Some(error)))
}

/// An error and what caused it, in one line.
fn words(error: Option<&dyn StdError>) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = error;
    while let Some(cause) = next {
        let word = cause.to_string();
        if words.last().is_none_or(|last| !last.ends_with(&word)) {
            words.push(word);
        }
        next = cause.source();
    }
    words.join(": ")
}
