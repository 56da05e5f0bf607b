//! What is carried and not understood: signatures and ciphertexts that only their maker can read, and pieces that only one
//! dialect has a word for.

use serde_json::value::RawValue;

use crate::id::{ModelName, ProviderName};
use crate::operation::DialectName;

/// A signature or a ciphertext. It means something to whoever made it, and must come back to them untouched; to anybody else
/// it is noise, or an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// The dialect in whose words it is.
    pub dialect: DialectName,
    /// The provider and the model that made it. None where a client brings it in the maker's own form, so that only the
    /// dialect is known.
    pub maker: Option<(ProviderName, ModelName)>,
    /// The value, as its maker wrote it.
    pub value: String,
}

/// A piece of JSON in the words of one dialect.
#[derive(Clone, Debug)]
pub struct Verbatim {
    /// The dialect.
    pub dialect: DialectName,
    /// The piece.
    pub json: Box<RawValue>,
}
