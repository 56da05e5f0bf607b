//! Credentials for clouds: what an attempt presents, where it comes from, and the signature of AWS. Read [`Access`],
//! then [`Source`], then [`Keeper`], which fetches and refreshes.

mod access;
pub mod aws;
pub mod azure;
mod fetch;
pub mod google;
mod keeper;
mod means;
mod sign;
pub(crate) mod site;
mod source;

pub use access::{Access, AwsKeys};
pub use keeper::Keeper;
pub use means::{Means, Surroundings};
pub use sign::sign;
pub use site::public_address;
pub use source::Source;
