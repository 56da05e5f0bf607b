//! JSON objects member by member, as every dialect reads and writes them.

pub(super) use crate::json::*;
