//! The chooser: who is asked, in which order, and who is asked next when that fails.
//!
//! - **Owns**: plans and their reasons, strategies, the health of deployments, retries, fallbacks, cooldowns, breakers;
//!   conditions of [`rules`], and which of them fits.
//! - **Does not know**: sockets, clocks, dice, credentials, JSON, money, who the caller is or what it may.
//! - **Ports it asks for**: none for plans and cursors; [`Host`] (time, seed, timer) for [`Driven::run`].
//! - **Read first**: [`query`], then [`plan()`](plan()), then [`Cursor`].
//!
//! A [`Query`] names candidates, each a [`Deployment`] with weights. [`plan()`](plan()) puts them in order: a pure
//! function of the query, a [`View`] of their health, and a seed, so that a decision can be explained and made again.
//! A [`Router`] keeps the health, and its [`Cursor`] walks along the plan, one [`Attempt`] at a time:
//!
//! ```
//! use std::time::Duration;
//! use gateway_router::{Candidate, Deployment, Kind, Outcome, Query, Router};
//! use gateway_types::Now;
//!
//! let router = Router::default();
//! let here = Candidate::new(Deployment::new("vllm", "key-1", "llama-3-8b")).weight(0.9);
//! let cloud = Candidate::new(Deployment::new("openai", "key-1", "gpt-4o-mini")).weight(0.0); // only as a fallback
//! let query = Query::new("llama-3-8b", vec![cloud, here]);
//!
//! // Time and chance come from outside: from a clock in a service, from the test in a test.
//! let now = Now::default();
//! let mut cursor = router.begin(query.clone(), now, 42)?;
//! println!("{}", cursor.plan());
//!
//! let attempt = cursor.next(now).expect("there are two candidates");
//! assert_eq!(attempt.deployment().provider, "vllm");
//! attempt.finish(Outcome::Unreachable, now); // nobody listens there
//!
//! let mut attempt = cursor.next(now).expect("there is one more");
//! assert_eq!((attempt.deployment().provider.as_str(), attempt.kind()), ("openai", Kind::Fallback));
//! attempt.first_byte(now.plus(Duration::from_millis(300)));
//! attempt.finish(Outcome::Success, now.plus(Duration::from_secs(2)));
//!
//! // The next request does not try the dead one first.
//! let cursor = router.begin(query, now.plus(Duration::from_secs(3)), 43)?;
//! assert_eq!(cursor.plan().picks[0].deployment.provider, "openai");
//! assert_eq!(cursor.plan().picks[1].reason.code(), "unreachable");
//! # Ok::<(), gateway_router::NoCandidate>(())
//! ```
//!
//! A service that has no need to hold attempts itself gives the router a clock and a timer ([`Host`]) and writes
//! `router.run(query, |choice| async move { my_client.call(choice).await })`; see [`Driven::run`] and
//! `examples/route.rs`.

pub mod query;
pub mod rules;

mod attempt;
mod config;
mod cursor;
mod health;
mod outcome;
mod plan;
mod reason;
mod retry;
mod rng;
mod router;
mod run;
mod strategy;
pub mod told;
mod view;

pub use attempt::{Attempt, Choice, Kind};
pub use config::{BreakerSettings, Config, Cooldowns, Memory};
pub use cursor::{Cursor, End};
pub use health::{Condition, Standing};
pub use outcome::Outcome;
pub use plan::{LeftOut, Pick, Plan, plan};
pub use query::{Candidate, Deployment, Group, Limits, Query, Strategy};
pub use reason::Reason;
pub use retry::RetryPolicy;
pub use router::{Known, NoCandidate, Router};
pub use run::{Driven, Host, RunError};
pub use view::View;
