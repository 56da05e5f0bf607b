//! Who may, and how much: virtual keys, access, quotas, prices and ledger entries.
//!
//! - **Owns**: virtual keys and what they allow, quotas and their holds, prices, ledger entries.
//! - **Does not know**: providers' formats, routing, sockets, settings files, SQL; it reads no clock.
//! - **Ports it asks for**: [`ledger::Ledger`] (leases and entries), [`access::Serves`] (who serves which model).
//! - **Read first**: [`governor`], then [`quota`].

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
pub mod quota;
pub mod settings;
