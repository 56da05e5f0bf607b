//! The health that a plan read.

use gateway_types::Wall;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::health::Standing;

/// How every candidate of a query stood at one moment: what a plan depends on besides the query and the seed.
///
/// Times in it are relative, so that it means the same when it is read again in another process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct View {
    /// When it was taken.
    pub at: Wall,
    /// One per candidate, group by group; a candidate beyond the end is one that nothing is known of.
    pub standings: Vec<Standing>,
}

impl View {
    /// The standing of a candidate, counted over all groups.
    pub(crate) fn of(&self, flat: usize) -> &Standing {
        self.standings.get(flat).unwrap_or(&Standing::UNKNOWN)
    }
}
