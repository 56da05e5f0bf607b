//! What callers may use, remembered for as long as one snapshot is in force: who asks twice for a model gets the same answer,
//! and only the first time is it worked out.
//!
//! All that it follows from is in the snapshot and in the caller, so that nothing here can be out of date: another snapshot
//! begins with nothing. Refusals are not remembered, and what is made up by callers stays within a bound.

use std::ops::Deref;
use std::sync::Arc;

use gateway_governance::access::{Grant, authorise, authorise_at};
use gateway_governance::directory::Principal;
use gateway_governance::recent::Recent;
use gateway_types::{Error, ModelName, ProviderName};

use super::outlet::Outlet;
use super::snapshot::Snapshot;

/// How many grants, and how many outlets, are remembered at the most …
const MOST: usize = 4096;
/// … and how long a model's name may be, and how many entries a caller may have for that.
const LONGEST_NAME: usize = 256;
const MOST_ENTRIES: usize = 64;

/// What was worked out from a snapshot.
#[derive(Debug)]
pub(crate) struct Memo {
    grants: Recent<Wanted, Arc<Granted>>,
    outlets: Recent<(ProviderName, ModelName), Arc<Outlet>>,
}

/// Who asked for what, and of whom where that was said. A grant keeps its caller alive, so that no other one can have the
/// identity of a caller that is remembered.
#[derive(PartialEq, Eq, Hash)]
struct Wanted {
    caller: usize,
    provider: Option<ProviderName>,
    model: ModelName,
}

/// What a call may use, and what each place of it is.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    grant: Grant,
    /// Of each allowed place, in their order.
    outlets: Vec<Arc<Outlet>>,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            grants: Recent::at_most(MOST),
            outlets: Recent::at_most(MOST),
        }
    }
}

/// A copy is made to be changed, and knows nothing yet.
impl Clone for Memo {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Snapshot {
    /// Where a call for a model may go.
    pub(crate) fn granted(&self, principal: &Principal, model: &ModelName) -> Result<Arc<Granted>, Error> {
        self.remembered(principal, None, model, || authorise(principal, model.as_str(), self))
    }

    /// Whether a call for a model may go to that provider.
    pub(crate) fn granted_at(
        &self,
        principal: &Principal,
        provider: &ProviderName,
        model: &ModelName,
    ) -> Result<Arc<Granted>, Error> {
        self.remembered(principal, Some(provider), model, || {
            authorise_at(principal, provider, model.as_str(), self)
        })
    }

    fn remembered(
        &self,
        principal: &Principal,
        provider: Option<&ProviderName>,
        model: &ModelName,
        work_out: impl FnOnce() -> Result<Grant, Error>,
    ) -> Result<Arc<Granted>, Error> {
        let wanted = Wanted {
            caller: principal.identity(),
            provider: provider.cloned(),
            model: model.clone(),
        };
        if let Some(known) = self.memo.grants.get(&wanted) {
            return Ok(known);
        }
        let granted = Arc::new(Granted::new(work_out()?, self));
        let entries = granted.allowed.len() + granted.left_out.len();
        if model.as_str().len() <= LONGEST_NAME && entries <= MOST_ENTRIES {
            self.memo.grants.put(wanted, Arc::clone(&granted));
        }
        Ok(granted)
    }

    /// A model at a provider; none where the provider is not configured.
    fn outlet(&self, provider: &ProviderName, model: &ModelName) -> Option<Arc<Outlet>> {
        let place = (provider.clone(), model.clone());
        if let Some(known) = self.memo.outlets.get(&place) {
            return Some(known);
        }
        let outlet = Arc::new(Outlet::new(self, self.upstreams.get(provider)?, model));
        if model.as_str().len() <= LONGEST_NAME {
            self.memo.outlets.put(place, Arc::clone(&outlet));
        }
        Some(outlet)
    }
}

impl Granted {
    pub(crate) fn new(mut grant: Grant, snapshot: &Snapshot) -> Self {
        let mut outlets = Vec::with_capacity(grant.allowed.len());
        grant.allowed.retain(|allowed| {
            let outlet = snapshot.outlet(&allowed.provider, &allowed.model);
            outlet.map(|outlet| outlets.push(outlet)).is_some()
        });
        Self { grant, outlets }
    }

    /// The allowed places, and what each of them is.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&gateway_governance::access::Allowed, &Arc<Outlet>)> {
        self.grant.allowed.iter().zip(&self.outlets)
    }

    /// The grant, to be narrowed.
    pub(crate) fn into_grant(granted: Arc<Self>) -> Grant {
        Arc::unwrap_or_clone(granted).grant
    }
}

impl Deref for Granted {
    type Target = Grant;

    fn deref(&self) -> &Grant {
        &self.grant
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use gateway_governance::catalog::Catalog;
    use gateway_governance::credential::KeyHasher;
    use gateway_governance::directory::Directory;
    use gateway_governance::quota::Quotas;
    use gateway_types::Wall;
    use serde_json::json;

    use super::super::knowledge::{Knowledge, ModelList};
    use super::super::state::{Docs, State};
    use super::*;
    use crate::environment::Empty;

    /// A server of one's own, of whose models nothing is known: it is asked for whatever callers name.
    fn snapshot() -> Snapshot {
        let hasher = KeyHasher::new(&[1; 32]);
        let document = json!({"providers": {"own": {
            "keys": [{"name": "k", "value": "v"}],
            "network_config": {"base_url": "http://own:1"},
            "custom_provider_config": {"base_provider_type": "openai"},
        }}});
        let (docs, _) = Docs::declared(document, &hasher, &Empty).unwrap();
        let state = State {
            file: Some(("".into(), docs)),
            ..State::default()
        };
        let build = super::super::Build {
            quotas: &Quotas::new(),
            hasher: &hasher,
            environment: &Empty,
            keepers: Vec::new(),
            rules: Arc::default(),
            bound: &Directory::default(),
            catalog: Arc::clone(Catalog::embedded()),
            exposed: false,
        };
        build.snapshot(&state, Arc::default()).unwrap()
    }

    #[test]
    fn a_flood_of_made_up_names_stays_within_the_bound_and_drives_out_no_model_in_use() {
        let snapshot = snapshot();
        let caller = snapshot.directory.anonymous();
        let model = ModelName::from("in-use");
        let first = snapshot.granted(&caller, &model).unwrap();
        for nth in 0..3 * MOST {
            snapshot.granted(&caller, &format!("made-up-{nth}").into()).unwrap();
            let again = snapshot.granted(&caller, &model).unwrap();
            assert!(Arc::ptr_eq(&first, &again), "after {nth} others");
        }
        let (grants, outlets) = (snapshot.memo.grants.len(), snapshot.memo.outlets.len());
        assert!(grants <= MOST && outlets <= MOST, "{grants} {outlets}");
        let long = ModelName::from("long".repeat(LONGEST_NAME));
        let (one, two) = (snapshot.granted(&caller, &long), snapshot.granted(&caller, &long));
        assert!(
            !Arc::ptr_eq(&one.unwrap(), &two.unwrap()),
            "the longest names take no room"
        );
    }

    #[test]
    fn refusals_take_no_room_and_what_is_learned_counts_at_once() {
        let before = snapshot();
        let caller = before.directory.anonymous();
        let model = ModelName::from("m");
        before.granted(&caller, &model).unwrap();
        let mut knowledge = Knowledge::default();
        let list = ModelList {
            models: BTreeSet::from(["other".into()]),
            at: Wall::from_millis(0),
        };
        before
            .endpoints()
            .into_iter()
            .for_each(|endpoint| knowledge.learn(endpoint, list.clone()));
        let after = Snapshot {
            knowledge: Arc::new(knowledge),
            ..before.clone()
        };
        for nth in 0..100 {
            assert!(after.granted(&caller, &model).is_err());
            assert!(after.granted(&caller, &format!("made-up-{nth}").into()).is_err());
        }
        assert!(after.memo.grants.is_empty() && after.memo.outlets.is_empty());
        assert!(after.granted(&caller, &"other".into()).is_ok());
        assert!(
            before.granted(&caller, &model).is_ok(),
            "a call that is under way sees one snapshot"
        );
    }
}
