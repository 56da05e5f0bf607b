//! The suites that every implementation of a port must pass. A store's tests mount them:
//!
//! ```
//! use std::sync::Arc;
//! use gateway::ports::{conformance, memory::MemoryObjects, objects::ObjectStore};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(
//! conformance::objects(|| async { Arc::new(MemoryObjects::new()) as Arc<dyn ObjectStore> })
//! # );
//! ```
//!
//! Each takes a maker of new, empty stores and panics where a promise is broken.

mod audit;
mod logs;
mod objects;
mod settings;

pub use audit::audit;
pub use logs::{logs, row};
pub use objects::objects;
pub use settings::settings;
