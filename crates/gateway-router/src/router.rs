//! The memory of all deployments, and the beginning of every walk.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ahash::RandomState;
use dashmap::DashMap;
use gateway_types::{ModelName, Now, ProviderName};

use crate::config::Config;
use crate::cursor::{Cells, Cursor};
use crate::health::{Breaker, Health, Standing};
use crate::outcome::Outcome;
use crate::plan::plan;
use crate::query::{Deployment, Query};
use crate::run::{Driven, Host};
use crate::view::View;

/// Chooses, and remembers how what it chose behaved. Clones share the memory.
///
/// It reads no clock and throws no dice: every call says what time it is, and beginnings bring a seed.
#[derive(Clone, Default)]
pub struct Router(Arc<Memory>);

#[derive(Default)]
struct Memory {
    config: Arc<Config>,
    deployments: DashMap<Deployment, Arc<Health>, RandomState>,
    upstreams: DashMap<(ProviderName, u64), Arc<Breaker>, RandomState>,
}

/// A deployment and how it stands, for dashboards.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Which one.
    pub deployment: Deployment,
    /// How it stands.
    pub standing: Standing,
    /// How the latest call ended that spoke against it or its key, and how long ago.
    pub last_failure: Option<(Outcome, Duration)>,
}

/// The query has no candidate at all. Candidates that are broken are still candidates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody serves model `{model}`")]
pub struct NoCandidate {
    /// The model as asked for.
    pub model: ModelName,
}

impl Router {
    /// A router that remembers nothing yet.
    pub fn new(config: Config) -> Self {
        Self(Arc::new(Memory {
            config: Arc::new(config),
            ..Memory::default()
        }))
    }

    /// The same router with the time, the dice and the timer of `host`, which can [`run`](Driven::run) requests.
    pub fn driven_by(&self, host: impl Host) -> Driven {
        Driven::new(self.clone(), Arc::new(host))
    }

    /// How the candidates of a query stand. Looking remembers nothing.
    pub fn view(&self, query: &Query, now: Now) -> View {
        let standing = |deployment| match self.0.deployments.get(deployment) {
            Some(known) => known.standing(now),
            // A new key at an address that is known to be dead is as dead.
            None => self.0.fresh(deployment).standing(now),
        };
        View {
            at: now.wall,
            standings: query
                .candidates()
                .map(|candidate| standing(&candidate.deployment))
                .collect(),
        }
    }

    /// Makes the plan of a request and begins to walk along it.
    pub fn begin(&self, query: Query, now: Now, seed: u64) -> Result<Cursor, NoCandidate> {
        let cells: Cells = query
            .candidates()
            .map(|candidate| self.0.health(&candidate.deployment))
            .collect();
        if cells.is_empty() {
            return Err(NoCandidate { model: query.model });
        }
        let view = View {
            at: now.wall,
            standings: cells.iter().map(|health| health.standing(now)).collect(),
        };
        let plan = plan(&query, &view, now, seed);
        Ok(Cursor::new(query, view, plan, cells, now))
    }

    /// Every deployment that is remembered and how it stands, by provider, model and key.
    pub fn health(&self, now: Now) -> Vec<Known> {
        let mut all: Vec<_> = self
            .0
            .deployments
            .iter()
            .map(|entry| (entry.key().clone(), entry.value().clone()))
            .collect();
        all.sort_by(|(one, _), (other, _)| {
            (&one.provider, &one.model, &one.key, one.endpoint).cmp(&(
                &other.provider,
                &other.model,
                &other.key,
                other.endpoint,
            ))
        });
        all.into_iter()
            .map(|(deployment, health)| Known {
                standing: health.standing(now),
                last_failure: health.last_failure(now),
                deployment,
            })
            .collect()
    }

    /// How many calls a deployment has.
    pub fn in_flight(&self, deployment: &Deployment) -> u32 {
        self.0
            .deployments
            .get(deployment)
            .map_or(0, |health| health.in_flight())
    }

    /// Forgets everything behind an endpoint. Attempts that still run there end without a trace.
    pub fn forget(&self, endpoint: u64) {
        self.retain(|deployment| deployment.endpoint != endpoint);
    }

    /// Forgets every deployment but those: what to do after a change of settings.
    pub fn retain(&self, keep: impl Fn(&Deployment) -> bool) {
        self.0.deployments.retain(|deployment, _| keep(deployment));
        self.0.drop_unused_upstreams();
    }
}

impl Memory {
    fn health(&self, deployment: &Deployment) -> Arc<Health> {
        if let Some(known) = self.deployments.get(deployment) {
            return known.clone();
        }
        let bound = self.config.memory.deployments.max(1);
        if self.deployments.len() >= bound {
            self.make_room(bound);
        }
        let fresh = || Arc::new(Health::new(self.config.clone(), self.upstream(deployment)));
        if self.deployments.len() >= bound {
            // All of them are in use. This one works as well; it is only not remembered.
            return Arc::new(self.fresh(deployment));
        }
        self.deployments.entry(deployment.clone()).or_insert_with(fresh).clone()
    }

    /// A health that is not remembered, with the upstream's if that is.
    fn fresh(&self, deployment: &Deployment) -> Health {
        let upstream = self.upstreams.get(&upstream_of(deployment)).map(|known| known.clone());
        Health::new(self.config.clone(), upstream.unwrap_or_default())
    }

    fn upstream(&self, deployment: &Deployment) -> Arc<Breaker> {
        self.upstreams.entry(upstream_of(deployment)).or_default().clone()
    }

    /// Forgets a quarter: those that were not used for the longest time. Never one that has calls.
    fn make_room(&self, bound: usize) {
        let mut idle: Vec<(u64, Deployment)> = self
            .deployments
            .iter()
            .filter_map(|entry| entry.value().idle_since().map(|since| (since, entry.key().clone())))
            .collect();
        idle.sort_by_key(|(since, _)| *since);
        for (_, deployment) in idle.iter().take((bound / 4).max(1)) {
            self.deployments
                .remove_if(deployment, |_, health| health.idle_since().is_some());
        }
        self.drop_unused_upstreams();
    }

    fn drop_unused_upstreams(&self) {
        let used: HashSet<_> = self.deployments.iter().map(|entry| upstream_of(entry.key())).collect();
        self.upstreams.retain(|upstream, _| used.contains(upstream));
    }
}

fn upstream_of(deployment: &Deployment) -> (ProviderName, u64) {
    (deployment.provider.clone(), deployment.upstream)
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("deployments", &self.0.deployments.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config;
    use crate::outcome::Outcome;
    use crate::query::Candidate;

    fn deployment(provider: &str, key: &str) -> Deployment {
        Deployment::new(provider, key, "m")
    }

    fn query(deployments: &[Deployment]) -> Query {
        Query::new("m", deployments.iter().cloned().map(Candidate::new).collect())
    }

    fn at(seconds: u64) -> Now {
        Now::default().plus(Duration::from_secs(seconds))
    }

    #[test]
    fn what_nobody_serves_is_named() {
        let error = Router::default().begin(query(&[]), at(0), 1).unwrap_err();
        assert_eq!(error.to_string(), "nobody serves model `m`");
    }

    #[test]
    fn a_changed_endpoint_starts_afresh() {
        let router = Router::default();
        let old = deployment("a", "k");
        router
            .begin(query(std::slice::from_ref(&old)), at(0), 1)
            .unwrap()
            .next(at(0))
            .unwrap()
            .finish(Outcome::KeyRefused, at(0));
        let new = Deployment {
            endpoint: 1,
            ..old.clone()
        };
        let standings = router.view(&query(&[old, new]), at(1)).standings;
        assert_eq!(
            standings
                .iter()
                .map(|standing| standing.condition.is_ready())
                .collect::<Vec<_>>(),
            [false, true]
        );
    }

    #[test]
    fn forgetting_is_complete_and_leaves_running_attempts_alone() {
        let router = Router::default();
        let gone = Deployment {
            endpoint: 7,
            ..deployment("a", "k")
        };
        let attempt = router
            .begin(query(std::slice::from_ref(&gone)), at(0), 1)
            .unwrap()
            .next(at(0))
            .unwrap();
        assert_eq!(router.in_flight(&gone), 1);
        router.forget(7);
        assert_eq!((router.health(at(0)).len(), router.in_flight(&gone)), (0, 0));
        attempt.finish(Outcome::Unreachable, at(0));
        assert!(router.view(&query(&[gone]), at(0)).standings[0].condition.is_ready());
    }

    #[test]
    fn memory_is_bounded_and_what_is_in_use_is_not_forgotten() {
        let memory = config::Memory {
            deployments: 8,
            ..config::Memory::default()
        };
        let router = Router::new(Config {
            memory,
            ..Config::default()
        });
        let held = deployment("held", "k");
        let attempt = router
            .begin(query(std::slice::from_ref(&held)), at(0), 1)
            .unwrap()
            .next(at(0))
            .unwrap();
        for n in 0..100 {
            router
                .begin(query(&[deployment("p", &n.to_string())]), at(n), n)
                .unwrap()
                .next(at(n))
                .unwrap();
        }
        let known = router.health(at(100));
        assert!(known.len() <= 8);
        assert!(
            known.iter().any(|known| known.deployment.key == "99"),
            "the newest are remembered"
        );
        assert_eq!(router.in_flight(&held), 1);
        drop(attempt);
        assert_eq!(router.in_flight(&held), 0);
    }

    #[test]
    fn looking_remembers_nothing() {
        let router = Router::default();
        router.view(&query(&[deployment("a", "k")]), at(0));
        assert!(router.health(at(0)).is_empty());
    }
}
