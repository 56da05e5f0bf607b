//! The embedded store as its users see it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod books;
mod conformance;
mod crash;
mod differential;
#[cfg(feature = "gateway")]
mod logs;
mod open;
