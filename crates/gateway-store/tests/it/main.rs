//! The embedded store as its users see it.

mod conformance;
mod crash;
mod differential;
#[cfg(feature = "gateway")]
mod logs;
mod open;
