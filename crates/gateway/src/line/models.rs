//! `GET /v1/models` and `GET /v1/models/{model}`: what a caller may ask for.

use std::collections::BTreeSet;

use bytes::Bytes;
use gateway_governance::access::authorise;
use gateway_governance::directory::Principal;
use gateway_providers::client_dialect;
use gateway_providers::dialect::Listed;
use gateway_providers::ollama::facts::{self, Shown};
use gateway_types::{DialectName, Error, ErrorKind, Now, Operation};

use super::place;
use crate::control::snapshot::Snapshot;

/// The models of every provider, as `provider/model`, that a caller's key allows, and the aliases that it has.
pub(super) fn list(snapshot: &Snapshot, principal: &Principal, dialect: DialectName, now: Now) -> Bytes {
    let mut listed = Vec::new();
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
                let provider = upstream.name.clone();
                listed.push(Listed { id, provider });
            }
        }
    }
    client_dialect(dialect).write_models(&listed, now.wall.millis() / 1000)
}

/// One model by the name that a call would use, if the caller may use it.
pub(super) fn one(
    snapshot: &Snapshot,
    principal: &Principal,
    name: &str,
    dialect: DialectName,
    now: Now,
) -> Result<Bytes, Error> {
    let grant = authorise(principal, name, snapshot)?;
    let known = grant.allowed.iter().find(|allowed| {
        let upstream = snapshot.upstreams.get(&allowed.provider);
        upstream.is_some_and(|upstream| snapshot.known_models(upstream).contains(&allowed.model))
    });
    let allowed = known.ok_or_else(|| {
        Error::new(
            ErrorKind::ModelNotFound,
            format!("no provider is known to serve model `{name}`"),
        )
    })?;
    let listed = Listed {
        id: name.to_owned(),
        provider: allowed.provider.clone(),
    };
    Ok(client_dialect(dialect).write_model(&listed, now.wall.millis() / 1000))
}

/// What is known of one model, in Ollama's shape: its clients ask before they send a turn.
pub(super) fn show(snapshot: &Snapshot, principal: &Principal, name: &str, now: Now) -> Result<Bytes, Error> {
    let grant = authorise(principal, name, snapshot)?;
    let known = grant.allowed.iter().find_map(|allowed| {
        let upstream = snapshot.upstreams.get(&allowed.provider)?;
        place::facts(snapshot, upstream, &allowed.model)
    });
    let shown = known.map_or(Shown::PASSED_ON, |facts| {
        let can = |cap: &str| facts.caps.iter().any(|own| own == cap);
        Shown {
            context_length: facts.context,
            tools: can("tools"),
            vision: can("image_in"),
            thinking: can("reasoning"),
            embedding: facts.mode.as_deref() == Some("embedding"),
        }
    });
    Ok(facts::show(name, shown, now.wall))
}

fn generates(kind: &gateway_providers::Kind) -> bool {
    kind.operations.iter().any(|operation| *operation != Operation::Models)
}
