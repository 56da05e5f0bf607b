//! What follows from the settings, once and immutably: a request takes one snapshot at its start and sees no other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use gateway_governance::directory::Directory;
use gateway_governance::prices::PriceBook;
use gateway_governance::settings::OnDisconnect;
use gateway_providers::cloud::Keeper;
use gateway_types::{ProviderName, Revision};

use super::knowledge::{Endpoint, Knowledge};
use super::memo::Memo;
use super::rules::RuleBook;
use super::upstream::{Upstream, UpstreamKey};
use crate::settings::{Capture, Client};

/// All settings, ready for use.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) revision: Revision,
    pub(crate) client: ClientRules,
    pub(crate) upstreams: BTreeMap<ProviderName, Arc<Upstream>>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) rules: Arc<RuleBook>,
    pub(crate) knowledge: Arc<Knowledge>,
    pub(crate) prices: Arc<PriceBook>,
    pub(crate) memo: Memo,
}

/// What holds for all callers.
#[derive(Clone, Debug)]
pub(crate) struct ClientRules {
    pub(crate) body_limit: usize,
    pub(crate) enforced: bool,
    pub(crate) logging: bool,
    pub(crate) capture: bool,
    pub(crate) keep_responses: bool,
    pub(crate) retention: Duration,
    pub(crate) attempts: u32,
    pub(crate) start_within: Duration,
    pub(crate) required_headers: Vec<String>,
    pub(crate) on_disconnect: OnDisconnect,
}

impl Snapshot {
    /// What keeps the access of every usable key.
    pub(super) fn keepers(&self) -> Vec<Arc<Keeper>> {
        let keys = self.upstreams.values().flat_map(|upstream| &upstream.keys);
        keys.filter_map(UpstreamKey::door)
            .map(|door| Arc::clone(&door.keeper))
            .collect()
    }

    /// Every endpoint that is configured.
    pub(crate) fn endpoints(&self) -> BTreeSet<Endpoint> {
        self.upstreams
            .values()
            .flat_map(|upstream| &upstream.keys)
            .map(|key| key.endpoint)
            .collect()
    }
}

impl ClientRules {
    pub(super) fn new(client: &Client, exposed: bool) -> Self {
        Self {
            body_limit: client.max_request_body_size_mb as usize * 1024 * 1024,
            enforced: client.enforce_auth_on_inference.unwrap_or(exposed),
            logging: client.enable_logging,
            capture: client.content_capture == Capture::Full,
            keep_responses: client.keep_responses,
            retention: Duration::from_secs(u64::from(client.log_retention_days) * 86_400),
            attempts: client.max_attempts.max(1),
            start_within: Duration::from_secs(client.request_timeout_in_seconds.into()),
            required_headers: client.required_headers.clone(),
            on_disconnect: client.on_disconnect,
        }
    }
}
