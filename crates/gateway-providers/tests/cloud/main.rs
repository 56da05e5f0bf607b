//! Credentials for clouds: signatures, what is asked of whom, and how tokens are kept.

mod aws;
mod azure;
mod fake;
mod google;
mod keeper;
mod sign;
