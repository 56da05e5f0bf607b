//! Credentials for clouds: what an attempt presents, where it comes from, and the signature of AWS. Read [`Access`],
//! then [`Source`], then [`Keeper`], which fetches and refreshes.

mod access;
mod sign;

pub use access::{Access, AwsKeys};
pub use sign::sign;
