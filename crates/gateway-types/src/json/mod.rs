//! JSON without a tree: where things stand in a body, and how to change those places and nothing else.

mod plain;
mod scan;
mod splice;

pub use scan::{Member, Object, ScanError, Spot, scan};
pub use splice::{Edit, Slices, splice};
