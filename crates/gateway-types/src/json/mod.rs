//! JSON without a tree: where things stand in a body, and how to change those places and nothing else; reading front to
//! back, each byte once; and texts as literals.

mod cursor;
mod plain;
mod quote;
mod scan;
mod splice;
mod string;

pub use cursor::{Cursor, Kind};
pub use quote::quote;
pub use scan::{Member, Object, ScanError, Spot, scan};
pub use splice::{Edit, Slices, splice};
