//! The ledger's port, which is governance's own: leases, windows and entries. Here for those who have only this crate.

pub use gateway_governance::entry::{Amount, Charge, ENTRY_VERSION, Entry, Leg, Tags};
pub use gateway_governance::ledger::*;
pub use gateway_governance::price::PricedBy;
pub use gateway_governance::quota::{Unit, WindowNo};
