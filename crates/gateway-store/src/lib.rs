//! Durable state of the gateway behind the ports of governance and the gateway.
//!
//! - **Owns**: schemas and their migrations, SQL, the threads that talk to a database, the lock on a data folder.
//! - **Does not know**: providers, routing, sockets, clocks; what a document, an entry or a log row means.
//! - **Ports it asks for**: none; it is behind `Ledger`, and with feature `gateway` behind `SettingsStore`,
//!   `ObjectStore`, `AuditStore` and `LogStore`.
//! - **Read first**: [`Stores`], then [`sqlite`].
//!
//! ```
//! use gateway_store::Sqlite;
//! use gateway_types::Org;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let stores = Sqlite::open(folder.path(), &Org::default())?;
//! stores.ledger().recover().await?;
//! assert!(stores.ledger().windows().await?.is_empty());
//! stores.close().await;
//! # Ok(())
//! # })
//! # }
//! ```

mod error;
pub mod sqlite;
mod stores;

pub use error::OpenError;
pub use sqlite::Sqlite;
pub use stores::Stores;
