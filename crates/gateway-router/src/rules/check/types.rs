//! Types, as the checker knows them.

use std::fmt;

use super::super::schema::Type;

/// The type of a single value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum One {
    Bool,
    Int,
    Double,
    Text,
    /// A text, a number or a truth value: what a map of all sorts holds.
    Any,
}

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    One(One),
    List(One),
    Map {
        of: One,
        /// Whether its names are in lower case.
        fold: bool,
    },
}

impl From<Type> for Of {
    fn from(of: Type) -> Self {
        match of {
            Type::Bool => Self::One(One::Bool),
            Type::Int => Self::One(One::Int),
            Type::Double => Self::One(One::Double),
            Type::String => Self::One(One::Text),
            Type::Strings => Self::List(One::Text),
            Type::StringMap | Type::HeaderMap => Self::Map {
                of: One::Text,
                fold: of == Type::HeaderMap,
            },
            Type::ScalarMap => Self::Map {
                of: One::Any,
                fold: false,
            },
        }
    }
}

impl fmt::Display for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Double => "double",
            Self::Text => "string",
            Self::Any => "dyn",
        })
    }
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(one) => one.fmt(f),
            Self::List(one) => write!(f, "list<{one}>"),
            Self::Map { of, .. } => write!(f, "map<string, {of}>"),
        }
    }
}

impl One {
    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Double)
    }

    /// Whether two of them can be equal.
    pub(super) fn meets(self, other: Self) -> bool {
        self == other || self == Self::Any || other == Self::Any || self.is_number() && other.is_number()
    }

    pub(super) fn may_be(self, wanted: Self) -> bool {
        self == wanted || self == Self::Any
    }
}

/// The article of a type's name.
pub(super) fn article(of: Of) -> &'static str {
    if of == Of::One(One::Int) { "an" } else { "a" }
}
