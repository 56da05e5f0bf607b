//! JSON on its way out, as a small tree in order whose leaves may be pieces of somebody's body as they stand.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::value::RawValue;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Json<'a> {
    Bool(bool),
    Whole(i128),
    Float(f64),
    Text(Cow<'a, str>),
    Raw(Cow<'a, RawValue>),
    Array(Vec<Self>),
    Object(Object<'a>),
}

/// An object, its members in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Object<'a> {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// An object of one member.
    pub(super) fn of(key: &'a str, value: impl Into<Json<'a>>) -> Self {
        Self::new().with(key, value)
    }

    /// The same with one member more.
    #[must_use]
    pub(super) fn with(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Json<'a>>) -> Self {
        self.put(key, value);
        self
    }

    /// Puts a member in, in place of one of that name if there is one.
    pub(super) fn put(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Json<'a>>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(name, _)| *name == key) {
            Some((_, had)) => *had = value,
            None => self.0.push((key, value)),
        }
    }

    /// Adds a member whose name is known to be new.
    pub(super) fn push(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Json<'a>>) {
        self.0.push((key.into(), value.into()));
    }

    /// Puts a member in, if there is a value for it.
    pub(super) fn maybe(&mut self, key: &'a str, value: Option<impl Into<Json<'a>>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// Puts an object in, unless nothing stands in it.
    pub(super) fn filled(&mut self, key: &'a str, value: Self) {
        if !value.is_empty() {
            self.put(key, value);
        }
    }

    /// Adds all members of another one.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The same without all but these members.
    pub(super) fn only(mut self, keys: &[&str]) -> Self {
        self.0.retain(|(key, _)| keys.contains(&&**key));
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(name, _)| name == key)
    }

    /// Puts a value where a path leads (`generationConfig.thinkingConfig.x`), through objects alone. What does not lead
    /// anywhere is left out.
    pub(super) fn put_at(&mut self, path: &'a str, value: impl Into<Json<'a>>) {
        let Some((first, rest)) = path.split_once('.') else {
            self.put(path, value);
            return;
        };
        if !self.has(first) {
            self.put(first, Self::new());
        }
        let inner = self.0.iter_mut().find(|(name, _)| name == first);
        if let Some((_, Json::Object(inner))) = inner {
            inner.put_at(rest, value);
        }
    }

    /// Puts a member into the object that stands there.
    pub(super) fn put_at_owned(&mut self, outer: &str, key: String, value: impl Into<Json<'a>>) {
        let inner = self.0.iter_mut().find(|(name, _)| name == outer);
        if let Some((_, Json::Object(inner))) = inner {
            inner.put(key, value);
        }
    }

    /// Its bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        crate::json::to_vec(self).expect("all keys are strings")
    }

    /// It as a piece of JSON.
    pub(super) fn to_raw(&self) -> Box<RawValue> {
        serde_json::value::to_raw_value(self).expect("all keys are strings, so that it is JSON")
    }
}

macro_rules! from {
    ($($from:ty, $value:ident => $to:expr;)*) => {
        $(impl<'a> From<$from> for Json<'a> {
            fn from($value: $from) -> Self {
                $to
            }
        })*
    };
}

from! {
    bool, value => Self::Bool(value);
    u64, value => Self::Whole(i128::from(value));
    u32, value => Self::Whole(i128::from(value));
    i64, value => Self::Whole(i128::from(value));
    f64, value => Self::Float(value);
    &'a str, value => Self::Text(Cow::Borrowed(value));
    &'a String, value => Self::Text(Cow::Borrowed(value));
    String, value => Self::Text(Cow::Owned(value));
    Cow<'a, str>, value => Self::Text(value);
    &'a RawValue, value => Self::Raw(Cow::Borrowed(value));
    &'a Box<RawValue>, value => Self::Raw(Cow::Borrowed(value));
    Box<RawValue>, value => Self::Raw(Cow::Owned(value));
    Cow<'a, RawValue>, value => Self::Raw(value);
    Object<'a>, value => Self::Object(value);
    Vec<Json<'a>>, value => Self::Array(value);
}

impl<'a> FromIterator<Self> for Json<'a> {
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        Self::Array(items.into_iter().collect())
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => out.serialize_bool(*value),
            Self::Whole(value) => out.serialize_i128(*value),
            Self::Float(value) => out.serialize_f64(*value),
            Self::Text(text) => out.serialize_str(text),
            Self::Raw(raw) => raw.serialize(out),
            Self::Array(items) => {
                let mut array = out.serialize_seq(Some(items.len()))?;
                for item in items {
                    array.serialize_element(item)?;
                }
                array.end()
            }
            Self::Object(object) => object.serialize(out),
        }
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_pieces_their_spelling() {
        let raw: Box<RawValue> = serde_json::from_str(r#"{"b":1.50, "a":2}"#).unwrap();
        let mut object = Object::of("z", &raw).with("n", 0.5).with("t", "é\"");
        object.maybe("none", None::<u64>);
        object.put_at("deep.deeper.x", 1_u64);
        object.put_at("deep.y", true);
        object.put_at("z.lost", true);
        object.put("n", 3_i64);
        let bytes = String::from_utf8(object.to_bytes()).unwrap();
        assert_eq!(
            bytes,
            r#"{"z":{"b":1.50, "a":2},"n":3,"t":"é\"","deep":{"deeper":{"x":1},"y":true}}"#
        );
    }
}
