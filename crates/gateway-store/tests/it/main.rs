//! The embedded store as its users see it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

#[cfg(feature = "gateway")]
mod audit;
mod books;
mod conformance;
mod crash;
mod differential;
#[cfg(feature = "gateway")]
mod logs;
mod open;
mod schema;
mod verify;
