//! What a translation did to a field: the loss report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of something that has no exact counterpart in the other dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Said in other words with the same meaning.
    Mapped,
    /// Imitated; close, not equal.
    Emulated,
    /// Left out.
    Dropped,
}

/// One line of a loss report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Loss {
    /// Where it stood in the source, as a path: `messages[2].name`.
    pub field: String,
    /// What became of it.
    pub fate: Fate,
    /// Why, in a few words.
    pub note: String,
}

impl Loss {
    /// A field that the other side cannot say.
    pub fn dropped(field: impl Into<String>, note: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            fate: Fate::Dropped,
            note: note.into(),
        }
    }

    /// A field that was said in other words.
    pub fn mapped(field: impl Into<String>, note: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            fate: Fate::Mapped,
            note: note.into(),
        }
    }

    /// A field that was imitated.
    pub fn emulated(field: impl Into<String>, note: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            fate: Fate::Emulated,
            note: note.into(),
        }
    }
}
