//! Credentials for clouds: signatures, what is asked of whom, and how tokens are kept.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod aws;
mod azure;
mod fake;
mod google;
mod keeper;
mod sign;
mod wire;
