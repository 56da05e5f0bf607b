//! What is seen of the gateway from outside: figures, the live log, and the log of the operator.

pub(crate) mod live;
pub(crate) mod log;
pub(crate) mod metrics;
mod process;
pub(crate) mod scrape;
mod series;

use std::sync::Arc;

use gateway::ports::logs::LogRow;
use gateway::record::Recorder;

use live::Live;
use metrics::Metrics;

/// Tells finished requests to everything here that wants to know.
#[derive(Debug)]
pub(crate) struct Watchers {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) live: Arc<Live>,
}

impl Recorder for Watchers {
    fn opened(&self) {
        self.metrics.opened();
    }

    fn finished(&self, row: &Arc<LogRow>) {
        self.metrics.finished(row);
        self.live.publish(row);
        tracing::debug!(
            request = %row.id,
            provider = row.provider.as_ref().map(tracing::field::display),
            model = row.model.as_ref().map(tracing::field::display),
            status = row.http_status,
            attempts = row.attempts.len(),
            latency_ms = row.latency_us / 1000,
            error = row.error.as_ref().map(|error| tracing::field::display(&error.message)),
            "request finished"
        );
    }
}
