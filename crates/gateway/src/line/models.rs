//! `GET /v1/models`: what a caller may ask for.

use std::collections::BTreeSet;

use bytes::Bytes;
use gateway_governance::access::authorise;
use gateway_governance::directory::Principal;
use gateway_types::{Now, Operation};
use serde_json::json;

use crate::control::snapshot::Snapshot;

/// The models of every provider, as `provider/model`, that a caller's key allows, and the aliases that it has.
pub(super) fn list(snapshot: &Snapshot, principal: &Principal, now: Now) -> Bytes {
    let created = now.wall.millis() / 1000;
    let mut data = Vec::new();
    for upstream in snapshot.upstreams.values().filter(|upstream| generates(upstream.kind)) {
        let entries = principal.key().into_iter().flat_map(|key| &key.entries);
        let aliases = entries
            .filter(|entry| entry.provider == upstream.name)
            .flat_map(|entry| entry.aliases());
        let models: BTreeSet<_> = snapshot
            .known_models(upstream)
            .into_iter()
            .map(|model| model.to_string())
            .chain(aliases.map(str::to_owned))
            .collect();
        for model in models {
            let id = format!("{}/{model}", upstream.name);
            if authorise(principal, &id, snapshot).is_ok() {
                data.push(json!({ "id": id, "object": "model", "created": created, "owned_by": upstream.name }));
            }
        }
    }
    Bytes::from(json!({ "object": "list", "data": data }).to_string())
}

fn generates(kind: &gateway_providers::Kind) -> bool {
    kind.operations.iter().any(|operation| *operation != Operation::Models)
}
