//! Who may, and how much: virtual keys, access, quotas, prices and ledger entries.
//!
//! - **Owns**: virtual keys and what they allow, quotas and their holds, prices, ledger entries.
//! - **Does not know**: providers' formats, routing, sockets, settings files, SQL; it reads no clock.
//! - **Ports it asks for**: [`ledger::Ledger`] (leases and entries).
//! - **Read first**: [`quota`].

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod entry;
pub mod ledger;
pub mod memory;
pub mod quota;
pub mod settings;
