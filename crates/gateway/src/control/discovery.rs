//! Finding out what upstreams serve: their model lists, fetched in the background and kept over restarts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gateway_providers::Stamp;
use gateway_providers::lane::{list_models, models as models_of};
use gateway_types::{ModelName, Operation, ProviderName, Wall};
use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Shared;
use super::knowledge::{Knowledge, ModelList};
use super::upstream::{Upstream, UpstreamKey};
use crate::ports::StoreError;
use crate::ports::objects::{Object, ObjectStore};

/// The kind of the kept lists among objects.
const KIND: &str = "models";
/// How long one page of a list may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// The most bytes that a page may have.
const PAGE_BYTES: usize = 16 * 1024 * 1024;
/// The most pages of a list.
const PAGES: usize = 20;
/// How long a list is taken as fresh when an upstream says that it does not have a model.
const FRESH: Duration = Duration::from_secs(10);

/// Where the line says that a provider's list seems out of date. Bounded; a wish too many is let go.
#[derive(Clone, Debug)]
pub(crate) struct Wishes(mpsc::Sender<ProviderName>);

impl Wishes {
    pub(crate) fn new() -> (Self, mpsc::Receiver<ProviderName>) {
        let (sender, receiver) = mpsc::channel(64);
        (Self(sender), receiver)
    }

    /// An upstream did not have a model that it was thought to serve.
    pub(crate) fn look_again(&self, provider: &ProviderName) {
        self.0.try_send(provider.clone()).ok();
    }
}

/// Refreshes all lists now and then, and single ones when the line wishes it. Ends when every wisher is gone.
pub(crate) async fn run(shared: Arc<Shared>, mut wishes: mpsc::Receiver<ProviderName>, interval: Duration) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // Side by side, so that an upstream that hangs holds up no other's list.
    let mut looks = JoinSet::new();
    let start = |looks: &mut JoinSet<()>, name: ProviderName| {
        let shared = Arc::clone(&shared);
        looks.spawn(async move { look(&shared, &name).await });
    };
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                let snapshot = shared.snapshot.load();
                for upstream in snapshot.upstreams.values().filter(|upstream| upstream.enabled) {
                    start(&mut looks, upstream.name.clone());
                }
            }
            wish = wishes.recv() => match wish {
                None => return,
                Some(name) if is_fresh(&shared, &name) => {}
                Some(name) => start(&mut looks, name),
            },
            Some(_) = looks.join_next() => {}
        }
    }
}

fn is_fresh(shared: &Shared, name: &ProviderName) -> bool {
    let (snapshot, now) = (shared.snapshot.load(), shared.clock.now().wall);
    let Some(upstream) = snapshot.upstreams.get(name) else {
        return true;
    };
    upstream.keys.iter().any(|key| {
        snapshot
            .knowledge
            .list(key.endpoint)
            .is_some_and(|list| now.since(list.at) < FRESH)
    })
}

/// Asks each usable key of a provider what it serves, and publishes the answers.
pub(super) async fn look(shared: &Shared, name: &ProviderName) {
    let snapshot = shared.snapshot.load_full();
    let Some(upstream) = snapshot.upstreams.get(name) else {
        return;
    };
    if !upstream.kind.serves(Operation::Models) {
        return;
    }
    for key in upstream.keys.iter().filter(|key| key.usable()) {
        let found = fetch(shared, upstream, key).await;
        let now = shared.clock.now().wall;
        match found {
            Ok(models) => {
                keep(shared, key.endpoint, &models, now).await;
                shared
                    .learn(|knowledge| knowledge.learn(key.endpoint, ModelList { models, at: now }))
                    .await;
            }
            Err(why) => {
                tracing::debug!(provider = %name, key = %key.name, error = %why, "model discovery failed");
                shared
                    .learn(|knowledge| knowledge.note_failure(key.endpoint, why))
                    .await;
            }
        }
    }
}

pub(super) async fn fetch(
    shared: &Shared,
    upstream: &Upstream,
    key: &UpstreamKey,
) -> Result<BTreeSet<ModelName>, String> {
    let door = key.door().ok_or_else(|| key.status())?;
    let access = shared.access(&*shared.transport, upstream, door).await;
    let target = upstream.target(door, access.map_err(|error| error.message)?);
    let (mut models, mut next) = (BTreeSet::new(), None);
    for _ in 0..PAGES {
        let stamp = Stamp {
            at: shared.clock.now().wall,
            seed: 0,
        };
        let request = list_models(&target, next.as_deref(), stamp).map_err(|error| error.to_string())?;
        let bytes = tokio::time::timeout(PAGE_TIMEOUT, page(shared, upstream, request))
            .await
            .map_err(|_| format!("no model list within {} s", PAGE_TIMEOUT.as_secs()))??;
        let page = models_of(&target, &bytes).map_err(|error| error.to_string())?;
        models.extend(page.ids.into_iter().map(ModelName::from));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    Ok(models)
}

async fn page(shared: &Shared, upstream: &Upstream, request: gateway_providers::WireRequest) -> Result<Bytes, String> {
    let response = shared
        .transport
        .send(request, &upstream.egress)
        .await
        .map_err(|error| error.to_string())?;
    if !response.status.is_success() {
        return Err(format!(
            "the model list was answered with status {}",
            response.status.as_u16()
        ));
    }
    let (mut body, mut bytes) = (response.body, BytesMut::new());
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|error| error.to_string())?.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > PAGE_BYTES {
            return Err(format!("the model list is longer than {PAGE_BYTES} bytes"));
        }
    }
    Ok(bytes.freeze())
}

async fn keep(shared: &Shared, endpoint: u64, models: &BTreeSet<ModelName>, now: Wall) {
    let object = Object {
        kind: KIND.to_owned(),
        id: format!("{endpoint:016x}"),
        body: json!({ "v": 1, "models": models }),
        at: now,
        expires: Some(now.plus(Duration::from_secs(30 * 86_400))),
    };
    if let Err(error) = shared.objects.put(&object).await {
        tracing::warn!(%error, "a model list could not be kept");
    }
}

/// The lists that an earlier process kept.
pub(super) async fn remembered(objects: &dyn ObjectStore, now: Wall) -> Result<Knowledge, StoreError> {
    let mut knowledge = Knowledge::default();
    for object in objects.list(KIND, now).await? {
        let endpoint = u64::from_str_radix(&object.id, 16);
        let models = serde_json::from_value(object.body["models"].clone());
        if let (Ok(endpoint), Ok(models)) = (endpoint, models) {
            knowledge.learn(endpoint, ModelList { models, at: object.at });
        }
    }
    Ok(knowledge)
}
