//! What is billed by another measure than tokens: characters spoken, pictures made, seconds heard, searches, requests.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::usage::TokenClass;

/// A measure with a price per unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The call itself.
    Request,
    /// A character of text that is to be spoken.
    Character,
    /// A picture that was made.
    Image,
    /// A second of sound that was heard. Counted in thousandths; see [`Measure::parts`].
    Second,
    /// A search, as rerankers count them.
    Search,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Request, Self::Character, Self::Image, Self::Second, Self::Search];

    /// How many parts of one unit are counted as 1: providers report fractions of seconds, and nothing else in fractions.
    pub const fn parts(self) -> u64 {
        match self {
            Self::Second => 1000,
            _ => 1,
        }
    }

    /// The word for it in settings, catalogues and ledger entries.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Character => "character",
            Self::Image => "image",
            Self::Second => "second",
            Self::Search => "search",
        }
    }

    const fn place(self) -> usize {
        self as usize
    }
}

/// Counts by measure: thousandths of seconds, and whole units of everything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Named", into = "Named")]
pub struct Units([u64; Measure::ALL.len()]);

/// [`Units`] as they are written: by name, and only those that there are.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Named {
    #[serde(skip_serializing_if = "is_zero")]
    request: u64,
    #[serde(skip_serializing_if = "is_zero")]
    character: u64,
    #[serde(skip_serializing_if = "is_zero")]
    image: u64,
    /// Thousandths.
    #[serde(skip_serializing_if = "is_zero")]
    second: u64,
    #[serde(skip_serializing_if = "is_zero")]
    search: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl From<Named> for Units {
    fn from(named: Named) -> Self {
        Self([named.request, named.character, named.image, named.second, named.search])
    }
}

impl From<Units> for Named {
    fn from(units: Units) -> Self {
        let [request, character, image, second, search] = units.0;
        Self {
            request,
            character,
            image,
            second,
            search,
        }
    }
}

impl Units {
    /// None of any.
    pub const NONE: Self = Self([0; Measure::ALL.len()]);

    /// So many of one measure, in its [parts](Measure::parts).
    pub const fn of(measure: Measure, count: u64) -> Self {
        let mut units = Self::NONE;
        units.0[measure.place()] = count;
        units
    }

    /// A length of sound. Nothing where the number is none.
    pub fn seconds(seconds: f64) -> Self {
        // A cast from a float saturates, and makes 0 of what is no number or below 0.
        Self::of(Measure::Second, (seconds * 1000.0).round() as u64)
    }

    /// How many of a measure, in its [parts](Measure::parts).
    pub const fn get(&self, measure: Measure) -> u64 {
        self.0[measure.place()]
    }

    /// The same with another count of one measure.
    #[must_use]
    pub const fn with(mut self, measure: Measure, count: u64) -> Self {
        self.0[measure.place()] = count;
        self
    }

    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at].saturating_add(other.0[at])))
    }

    /// These, and where there are none of a measure, the other's.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|at| match self.0[at] {
            0 => other.0[at],
            count => count,
        }))
    }
}

/// Whatever has a price per unit: a class of tokens, or a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Billable {
    /// Tokens of a class.
    Tokens(TokenClass),
    /// Units of a measure.
    Units(Measure),
}

impl From<TokenClass> for Billable {
    fn from(class: TokenClass) -> Self {
        Self::Tokens(class)
    }
}

impl From<Measure> for Billable {
    fn from(measure: Measure) -> Self {
        Self::Units(measure)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_written_by_name_and_read_back() {
        let units = Units::seconds(3.7).with(Measure::Search, 2);
        let written = serde_json::json!(units);
        assert_eq!(written, serde_json::json!({"second": 3700, "search": 2}));
        assert_eq!(serde_json::from_value::<Units>(written).unwrap(), units);
        for measure in Measure::ALL {
            let one = Units::of(measure, 9);
            assert_eq!(serde_json::json!(one), serde_json::json!({measure.as_str(): 9}));
            assert_eq!(one.get(measure), 9);
        }
        for no_length in [f64::NAN, -1.0, 0.0] {
            assert!(Units::seconds(no_length).is_none());
        }
    }

    #[test]
    fn what_was_reported_goes_before_what_was_asked_for() {
        let asked = Units::of(Measure::Image, 4).with(Measure::Character, 7);
        let made = Units::of(Measure::Image, 3);
        assert_eq!(
            made.or(&asked),
            Units::of(Measure::Image, 3).with(Measure::Character, 7)
        );
    }

    #[test]
    fn what_is_billed_is_written_as_one_word() {
        for (billable, word) in [
            (Billable::from(TokenClass::CacheRead), "cache_read"),
            (Billable::from(Measure::Image), "image"),
        ] {
            assert_eq!(serde_json::json!(billable), word);
            assert_eq!(serde_json::from_value::<Billable>(word.into()).unwrap(), billable);
        }
    }
}
