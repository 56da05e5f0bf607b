//! What a condition may speak of: names with their types, and the values that they have for one call.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The type of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    /// True or false.
    #[serde(rename = "bool")]
    Bool,
    /// A whole number.
    #[serde(rename = "int")]
    Int,
    /// A number.
    #[serde(rename = "double")]
    Double,
    /// A text.
    #[serde(rename = "string")]
    String,
    /// Texts in order.
    #[serde(rename = "list<string>")]
    Strings,
    /// Texts by name.
    #[serde(rename = "map<string, string>")]
    StringMap,
    /// Texts by name, the names in lower case: a condition may write them in any.
    #[serde(rename = "map<string, string>, names in any case")]
    HeaderMap,
    /// Texts, numbers and truth values by name.
    #[serde(rename = "map<string, dyn>")]
    ScalarMap,
}

/// The names that conditions may use, each with its type and what it is.
///
/// ```
/// use gateway_router::rules::{Schema, Type};
///
/// let schema = Schema::new()
///     .name("model", Type::String, "the model as asked for")
///     .name("budget_used", Type::Double, "percent of the budget that is spent");
/// assert_eq!(schema.names().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema(BTreeMap<String, (Type, String)>);

impl Schema {
    /// One without any names.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more name.
    pub fn name(mut self, name: &str, of: Type, what: &str) -> Self {
        self.0.insert(name.to_owned(), (of, what.to_owned()));
        self
    }

    /// All names in order, with their types and what they are.
    pub fn names(&self) -> impl Iterator<Item = (&str, Type, &str)> {
        self.0
            .iter()
            .map(|(name, (of, what))| (name.as_str(), *of, what.as_str()))
    }

    pub(super) fn find(&self, name: &str) -> Option<(&str, Type)> {
        self.0.get_key_value(name).map(|(name, (of, _))| (name.as_str(), *of))
    }
}

/// The names that conditions use, and what of each: all that has to be known to decide them.
pub type Uses = BTreeMap<String, Used>;

/// What is used of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// All of it.
    Whole,
    /// The values of a map at these keys, and nothing else.
    Keys(BTreeSet<String>),
}

impl Default for Used {
    fn default() -> Self {
        Self::Keys(BTreeSet::new())
    }
}

impl Used {
    pub(super) fn key(&mut self, key: String) {
        if let Self::Keys(keys) = self {
            keys.insert(key);
        }
    }

    pub(super) fn join(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Keys(keys), Self::Keys(more)) => keys.extend(more.iter().cloned()),
            _ => *self = Self::Whole,
        }
    }

    /// Whether the value of a map at that key is used.
    pub fn has(&self, key: &str) -> bool {
        match self {
            Self::Whole => true,
            Self::Keys(keys) => keys.contains(key),
        }
    }
}

/// The value of a name for one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Fact {
    /// One value.
    One(Scalar),
    /// Texts in order.
    Strings(Vec<String>),
    /// Values by name.
    Map(BTreeMap<String, Scalar>),
}

/// A single value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
    /// A text.
    String(String),
}

/// What is known of one call: a flat map of named facts. A name that a condition uses and that is not in it makes the
/// condition undecided, as a missing key does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Facts(BTreeMap<String, Fact>);

impl Facts {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more fact.
    pub fn with(mut self, name: &str, fact: impl Into<Fact>) -> Self {
        self.set(name, fact);
        self
    }

    /// Notes a fact. A map is added to what is known of one of that name.
    pub fn set(&mut self, name: &str, fact: impl Into<Fact>) {
        match (self.0.get_mut(name), fact.into()) {
            (Some(Fact::Map(known)), Fact::Map(more)) => known.extend(more),
            (Some(known), fact) => *known = fact,
            (None, fact) => drop(self.0.insert(name.to_owned(), fact)),
        }
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.0.get(name)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Double(number) => write!(f, "{number}"),
            Self::String(text) => write!(f, "{text:?}"),
        }
    }
}

macro_rules! scalars {
    ($($from:ty => $variant:ident $by:expr;)*) => {$(
        impl From<$from> for Scalar {
            fn from(value: $from) -> Self {
                Self::$variant($by(value))
            }
        }

        impl From<$from> for Fact {
            fn from(value: $from) -> Self {
                Self::One(value.into())
            }
        }
    )*};
}

scalars! {
    bool => Bool std::convert::identity;
    i64 => Int std::convert::identity;
    f64 => Double std::convert::identity;
    &str => String str::to_owned;
    String => String std::convert::identity;
}

impl From<Vec<String>> for Fact {
    fn from(texts: Vec<String>) -> Self {
        Self::Strings(texts)
    }
}

impl<V: Into<Scalar>> FromIterator<(String, V)> for Fact {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(pairs: I) -> Self {
        Self::Map(pairs.into_iter().map(|(name, value)| (name, value.into())).collect())
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Double => "double",
            Self::String => "string",
            Self::Strings => "list<string>",
            Self::StringMap | Self::HeaderMap => "map<string, string>",
            Self::ScalarMap => "map<string, dyn>",
        })
    }
}
