//! How each deployment stands, for people: what the router remembers, in words and with times.

use gateway_router::{Condition, Deployment, Known, Outcome, Standing};
use gateway_types::{Now, Wall};
use schemars::JsonSchema;
use serde::Serialize;

use super::Control;
use super::snapshot::Snapshot;

/// How all deployments stand that were called since the gateway started.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeploymentList {
    /// They, by provider, model and key.
    pub deployments: Vec<DeploymentHealth>,
}

/// How one deployment stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeploymentHealth {
    /// Which one.
    pub deployment: Deployment,
    /// How it stands, in figures.
    #[serde(flatten)]
    pub standing: Standing,
    /// How it stands, in words.
    pub words: String,
    /// When it may be asked again, in RFC 3339; nothing where it may be asked now.
    pub ready_at: Option<String>,
    /// The part of the calls that failed, from 0 to 1, within the window of the breaker; nothing where there was none.
    pub error_rate: Option<f64>,
    /// The latest call that spoke against it or its key.
    pub last_failure: Option<LastFailure>,
    /// What its key is called.
    pub key_name: Option<String>,
    /// Where it is.
    pub base_url: Option<String>,
}

/// A call that came to nothing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LastFailure {
    /// Its code, as in the attempts of log rows.
    pub outcome: &'static str,
    /// The same in words.
    pub words: String,
    /// When it ended, in RFC 3339.
    pub at: String,
}

impl Control {
    /// `GET /api/health/deployments`: what the router remembers of each deployment.
    pub fn health(&self) -> DeploymentList {
        let (snapshot, now) = (self.shared.snapshot.load(), self.shared.clock.now());
        let known = self.shared.router.health(now).into_iter();
        DeploymentList {
            deployments: known.map(|known| shown(&snapshot, known, now)).collect(),
        }
    }
}

fn shown(snapshot: &Snapshot, known: Known, now: Now) -> DeploymentHealth {
    let Known {
        deployment,
        standing,
        last_failure,
    } = known;
    let upstream = snapshot.upstreams.get(&deployment.provider);
    let key = upstream.and_then(|upstream| upstream.keys.iter().find(|key| key.id == deployment.key));
    let door = key.and_then(|key| key.door());
    let failed = |(outcome, ago): (Outcome, std::time::Duration)| LastFailure {
        outcome: outcome.code(),
        words: outcome.to_string(),
        at: before(now.wall, ago).rfc3339(),
    };
    let waits = std::time::Duration::from_millis(standing.ready_in_ms);
    DeploymentHealth {
        words: words(&standing),
        ready_at: (!waits.is_zero()).then(|| now.wall.plus(waits).rfc3339()),
        error_rate: (standing.calls > 0).then(|| f64::from(standing.failures) / f64::from(standing.calls)),
        last_failure: last_failure.map(failed),
        key_name: key.map(|key| key.name.clone()),
        base_url: door.map(|door| door.base_url.as_str().to_owned()),
        deployment,
        standing,
    }
}

fn before(now: Wall, ago: std::time::Duration) -> Wall {
    let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
    Wall::from_millis(now.millis().saturating_sub(ago))
}

fn words(standing: &Standing) -> String {
    let what = match standing.condition {
        Condition::Ready if standing.calls > 0 && standing.failures > 0 => "answers, and some calls failed",
        Condition::Ready => "answers",
        Condition::ProbeDue => "was broken; the next call tries it again",
        Condition::Probing => "was broken; a call is trying it again",
        Condition::Broken => "failed, and is left alone for a while",
        Condition::Unreachable => "nobody answers at its address",
        Condition::KeyRefused => "the upstream refuses the key",
        Condition::RateLimited => "the upstream limits the key",
        Condition::ModelMissing => "the upstream does not know the model",
    };
    what.to_owned()
}
