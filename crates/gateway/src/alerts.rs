//! Tells webhooks when budgets run low: what the governor notices is posted as JSON, and tried again where it fails.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_governance::quota::Crossing;
use gateway_providers::{Egress, Transport, WireRequest};
use gateway_types::json::Slices;
use gateway_types::{Clock, NanoUsd};
use http::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method, Uri};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// How often one message is tried.
const TRIES: u32 = 5;
/// How long after its first failure a message is tried again.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many messages are on their way at once; the others wait in the governor's box, which is bounded.
const AT_ONCE: usize = 16;
/// How long messages on their way are waited for at the end.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// What carries the messages.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    /// How long after its first failure a message is tried again; each further pause is four times as long.
    pub(crate) first_pause: Duration,
}

impl Post {
    /// Posts what comes, until it is told to stop or nothing more can come.
    pub(crate) async fn run(self, mut crossings: mpsc::Receiver<Crossing>, mut stop: oneshot::Receiver<()>) {
        let mut under_way = JoinSet::new();
        loop {
            tokio::select! {
                _ = &mut stop => break,
                Some(_) = under_way.join_next() => {}
                crossing = crossings.recv(), if under_way.len() < AT_ONCE => match crossing {
                    Some(crossing) => drop(under_way.spawn(self.clone().deliver(crossing))),
                    None => break,
                },
            }
        }
        while let Ok(crossing) = crossings.try_recv() {
            under_way.spawn(self.clone().deliver(crossing));
        }
        let all = async { while under_way.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_WAIT, all).await.is_err() {
            tracing::warn!("some messages about budgets that run low were not delivered before the end");
        }
    }

    async fn deliver(self, crossing: Crossing) {
        let body = Bytes::from(self.message(&crossing).to_string());
        let mut pause = self.first_pause;
        for left in (0..TRIES).rev() {
            let Err(why) = self.attempt(&crossing.webhook_url, body.clone()).await else {
                return;
            };
            let Crossing { quota, percent, .. } = &crossing;
            if left == 0 {
                tracing::error!(%quota, percent, %why, "the webhook of a budget that runs low was not reached; given up");
                return;
            }
            tracing::warn!(%quota, percent, %why, left, "the webhook of a budget that runs low was not reached");
            tokio::time::sleep(pause).await;
            pause *= 4;
        }
    }

    fn message(&self, crossing: &Crossing) -> serde_json::Value {
        let dollars = |nano: i64| NanoUsd(nano).dollars();
        json!({
            "type": "budget.threshold",
            "quota": crossing.quota,
            "owner": crossing.owner,
            "threshold": crossing.percent,
            "limit": dollars(crossing.limit),
            "used": dollars(crossing.used),
            "resets_at": crossing.ends.rfc3339(),
            "at": self.clock.now().wall.rfc3339(),
        })
    }

    async fn attempt(&self, url: &str, body: Bytes) -> Result<(), String> {
        let uri: Uri = url.parse().map_err(|error| format!("`{url}` is no URL: {error}"))?;
        let request = WireRequest {
            method: Method::POST,
            uri,
            headers: HeaderMap::from_iter([
                (CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (
                    USER_AGENT,
                    HeaderValue::from_static(concat!("gateway/", env!("CARGO_PKG_VERSION"))),
                ),
            ]),
            body: Slices::one(body),
        };
        // A way out of its own: link-local and metadata addresses are refused, whatever a provider may do.
        let egress = Egress::default();
        let sending = self.transport.send(request, &egress);
        match tokio::time::timeout(PATIENCE, sending).await {
            Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
            Ok(Err(error)) => Err(error.to_string()),
            Ok(Ok(answer)) if answer.status.is_success() => Ok(()),
            Ok(Ok(answer)) => Err(format!("status {}", answer.status.as_u16())),
        }
    }
}
