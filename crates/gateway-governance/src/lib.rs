//! Who may, and how much: virtual keys, access, quotas, prices and ledger entries.
//!
//! - **Owns**: virtual keys and what they allow, quotas and their holds, prices, ledger entries.
//! - **Does not know**: providers' formats, routing, sockets, settings files, SQL; it reads no clock.
//! - **Ports it asks for**: [`ledger::Ledger`] (leases and entries), [`access::Serves`] (who serves which model).
//! - **Read first**: [`governor`], then [`quota`].
//!
//! One call, from its credential to its ledger entry:
//!
//! ```
//! use std::sync::Arc;
//! use gateway_governance::access::{Served, Serves, authorise};
//! use gateway_governance::credential::KeyHasher;
//! use gateway_governance::directory::{Directory, Rules, Said, authenticate};
//! use gateway_governance::governor::{Estimate, Governor, Options, Turn};
//! use gateway_governance::{catalog::Catalog, memory::MemoryLedger, price::Pricing};
//! use gateway_types::{
//!     Basis, Clock, ManualClock, Metered, ModelName, NanoUsd, Operation, Org, ProviderName, RequestId, Usage,
//! };
//!
//! /// Who serves which model is for the host to know.
//! struct OpenAiAlone;
//!
//! impl Serves for OpenAiAlone {
//!     fn is_provider(&self, name: &str) -> bool {
//!         name == "openai"
//!     }
//!     fn providers(&self) -> Vec<ProviderName> {
//!         vec!["openai".into()]
//!     }
//!     fn serves(&self, _: &ProviderName, model: &str) -> Served {
//!         Served::Yes(ModelName::from(model))
//!     }
//! }
//!
//! # fn main() -> Result<(), gateway_types::Error> {
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let clock = Arc::new(ManualClock::default());
//! let (governor, tasks) =
//!     Governor::new(Arc::new(MemoryLedger::new()), clock.clone(), Org::default(), Options::default());
//! let tasks = tokio::spawn(tasks.run());
//!
//! // A virtual key with a budget of a dollar a day.
//! let hasher = KeyHasher::new(&[7; 32]);
//! let key = serde_json::from_value(serde_json::json!({
//!     "id": "vk-dev",
//!     "value_hash": hasher.hash("sk-bf-secret").to_string(),
//!     "budgets": [{"max_limit": 1.0, "reset_duration": "1d"}],
//! }));
//! let directory = Directory::compile(&Said::keys(&[key.unwrap()]), governor.quotas()).unwrap();
//!
//! // Who calls, and where may the call go?
//! let now = clock.now();
//! let caller = authenticate(&directory, &hasher, Some("sk-bf-secret"), Rules { enforced: true }, now)?;
//! let grant = authorise(&caller, "gpt-4o-mini", &OpenAiAlone)?;
//!
//! // Take it in, and hold what it can cost at most.
//! let turn = Turn::new(RequestId::new(now), Operation::Chat, 250);
//! let admission = governor.admit(&caller, turn, now).await?;
//! let facts = Catalog::embedded().find("openai", "gpt-4o-mini").unwrap();
//! let estimate = Estimate {
//!     input_bound: 1000,
//!     input_estimate: 250,
//!     cap: Some(100),
//!     max_output: facts.max_output,
//!     choices: 1,
//!     generates: true,
//!     elastic: false,
//! };
//! let pricing = Pricing::Known(facts.price.clone().unwrap());
//! let mut hold = governor.hold(&admission, &grant.allowed[0], estimate, pricing, now).await?;
//!
//! // Send it; then settle on what the provider says it used.
//! hold.sent(&"openai-key-1".into());
//! let usage = Usage { input: 240, output: 80, ..Usage::default() };
//! hold.settle(Metered::new(usage, Basis::Reported));
//! let settled = admission.finish(now);
//! assert_eq!(settled.cost, NanoUsd(240 * 150 + 80 * 600));
//!
//! governor.close().await;
//! tasks.await.unwrap();
//! # Ok(()) })
//! # }
//! ```

pub mod access;
pub mod catalog;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod credential;
pub mod directory;
pub mod entry;
pub mod governor;
pub mod ledger;
pub mod memory;
pub mod price;
pub mod prices;
pub mod quota;
pub mod recent;
pub mod settings;
pub mod verify;
