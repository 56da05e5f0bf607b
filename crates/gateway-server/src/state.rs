//! What every request may need, whichever worker it is on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use gateway::{Gateway, Line};
use gateway_types::{Now, Secret};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::access::{Throttle, Tokens};
use crate::edge::Phase;
use crate::edge::tls::Tls;
use crate::limits::Limits;
use crate::routes::Routes;
use crate::telemetry::live::Live;
use crate::telemetry::metrics::Metrics;

/// The shared state of the server.
pub(crate) struct Edge {
    /// The gateway.
    pub(crate) gateway: Gateway,
    /// A line for explanations, which send nothing.
    pub(crate) line: Line,
    /// The paths.
    pub(crate) routes: Routes,
    /// What a client may take.
    pub(crate) limits: Limits,
    /// The runtime for everything that may block or take long.
    pub(crate) admin: Handle,
    /// The figures for `/metrics`.
    pub(crate) metrics: Arc<Metrics>,
    /// The finished requests as they come.
    pub(crate) live: Arc<Live>,
    /// Client connections that are open.
    pub(crate) connections: AtomicUsize,
    /// Whether callers from beyond this machine can reach the gateway.
    pub(crate) exposed: bool,
    /// Where the gateway listens.
    pub(crate) addresses: Vec<SocketAddr>,
    /// How clients are spoken to, where that is TLS.
    pub(crate) tls: Option<Arc<Tls>>,
    /// The tokens of the command line.
    pub(crate) tokens: Tokens,
    /// The memory of wrong passwords.
    pub(crate) throttle: Throttle,
    /// Where the process is in its life.
    pub(crate) phase: watch::Receiver<Phase>,
}

impl std::fmt::Debug for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Edge")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl Edge {
    /// Both clocks, now.
    pub(crate) fn now(&self) -> Now {
        self.gateway.clock().now()
    }

    /// The phase of the process, to be waited for.
    pub(crate) fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.clone()
    }

    /// The tokens in force: those of the command line, else those of the settings.
    pub(crate) fn tokens(&self) -> Tokens {
        let or = |ours: &Option<Secret>, theirs: fn(&gateway::Control) -> Option<Secret>| {
            ours.clone().or_else(|| theirs(self.gateway.control()))
        };
        Tokens {
            admin: or(&self.tokens.admin, gateway::Control::admin_token),
            scrape: or(&self.tokens.scrape, gateway::Control::scrape_token),
        }
    }
}
