//! Values while a condition is evaluated.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::eval::{Math, Order, Unknown};
use super::schema::Scalar;

/// A value on the way.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Cow<'a, str>),
    Texts(&'a [String]),
    Scalars(&'a [Scalar]),
    List(Vec<Self>),
    Map(&'a BTreeMap<String, Scalar>),
}

impl<'a> Value<'a> {
    pub(super) fn of(scalar: &'a Scalar) -> Self {
        match scalar {
            Scalar::Bool(truth) => Self::Bool(*truth),
            Scalar::Int(number) => Self::Int(*number),
            Scalar::Double(number) => Self::Double(*number),
            Scalar::String(text) => Self::Text(Cow::Borrowed(text)),
        }
    }

    /// The items of a list, or the names of a map.
    pub(super) fn items(self) -> Result<Box<dyn Iterator<Item = Self> + 'a>, Unknown> {
        let text = |text: &'a String| Self::Text(Cow::Borrowed(text));
        Ok(match self {
            Self::Texts(texts) => Box::new(texts.iter().map(text)),
            Self::Scalars(scalars) => Box::new(scalars.iter().map(Self::of)),
            Self::List(values) => Box::new(values.into_iter()),
            Self::Map(map) => Box::new(map.keys().map(text)),
            Self::Bool(_) | Self::Int(_) | Self::Double(_) | Self::Text(_) => return Err(Unknown::WrongType),
        })
    }

    pub(super) fn size(&self) -> Result<i64, Unknown> {
        let size = match self {
            Self::Text(text) => text.chars().count(),
            Self::Texts(texts) => texts.len(),
            Self::Scalars(scalars) => scalars.len(),
            Self::List(values) => values.len(),
            Self::Map(map) => map.len(),
            Self::Bool(_) | Self::Int(_) | Self::Double(_) => return Err(Unknown::WrongType),
        };
        Ok(i64::try_from(size).unwrap_or(i64::MAX))
    }

    /// Values of different types are different; numbers are compared by what they are.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            _ => self.compare(other) == Ok(Some(Ordering::Equal)),
        }
    }

    /// `None` where one of them is no number at all (NaN).
    pub(super) fn compare(&self, other: &Self) -> Result<Option<Ordering>, Unknown> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Ok(Some(a.cmp(b))),
            (Self::Double(a), Self::Double(b)) => Ok(a.partial_cmp(b)),
            (Self::Int(a), Self::Double(b)) => Ok(compare(*a, *b)),
            (Self::Double(a), Self::Int(b)) => Ok(compare(*b, *a).map(Ordering::reverse)),
            (Self::Text(a), Self::Text(b)) => Ok(Some(a.cmp(b))),
            _ => Err(Unknown::WrongType),
        }
    }

    pub(super) fn to_int(&self) -> Result<i64, Unknown> {
        match self {
            Self::Int(number) => Ok(*number),
            // The nearest doubles that are inside of all whole numbers.
            Self::Double(number) if *number > -9.3e18 && *number < 9.3e18 => {
                let whole = number.trunc();
                let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole);
                if fits { Ok(whole as i64) } else { Err(Unknown::NoNumber) }
            }
            Self::Text(text) => text.parse().map_err(|_| Unknown::NoNumber),
            _ => Err(Unknown::NoNumber),
        }
    }

    pub(super) fn to_double(&self) -> Result<f64, Unknown> {
        match self {
            Self::Int(number) => Ok(*number as f64),
            Self::Double(number) => Ok(*number),
            Self::Text(text) => text.parse().map_err(|_| Unknown::NoNumber),
            _ => Err(Unknown::NoNumber),
        }
    }
}

/// A whole number beside another, exactly, however large they are.
fn compare(a: i64, b: f64) -> Option<Ordering> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() {
        return None;
    }
    if b >= BEYOND {
        return Some(Ordering::Less);
    }
    if b < -BEYOND {
        return Some(Ordering::Greater);
    }
    let whole = b.trunc();
    Some(a.cmp(&(whole as i64)).then_with(|| whole.total_cmp(&b)))
}

impl Order {
    pub(super) fn fits(self, found: Option<Ordering>) -> bool {
        found.is_some_and(|found| match self {
            Self::Less => found.is_lt(),
            Self::LessOrEqual => found.is_le(),
            Self::More => found.is_gt(),
            Self::MoreOrEqual => found.is_ge(),
        })
    }
}

impl Math {
    pub(super) fn of<'a>(self, a: Value<'a>, b: Value<'a>) -> Result<Value<'a>, Unknown> {
        Ok(match (a, b) {
            (Value::Int(a), Value::Int(b)) => Value::Int(self.whole(a, b)?),
            (Value::Double(a), Value::Double(b)) => Value::Double(match self {
                Self::Add => a + b,
                Self::Subtract => a - b,
                Self::Multiply => a * b,
                Self::Divide => a / b,
                Self::Remainder => a % b,
            }),
            (Value::Text(a), Value::Text(b)) => Value::Text(format!("{a}{b}").into()),
            _ => return Err(Unknown::WrongType),
        })
    }

    fn whole(self, a: i64, b: i64) -> Result<i64, Unknown> {
        if b == 0 && matches!(self, Self::Divide | Self::Remainder) {
            return Err(Unknown::Zero);
        }
        let result = match self {
            Self::Add => a.checked_add(b),
            Self::Subtract => a.checked_sub(b),
            Self::Multiply => a.checked_mul(b),
            Self::Divide => a.checked_div(b),
            Self::Remainder => a.checked_rem(b),
        };
        result.ok_or(Unknown::Overflow)
    }
}
