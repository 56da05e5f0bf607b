//! JSON objects member by member: read in order with what is unknown kept verbatim, and written without a tree.

mod out;
mod take;
mod write;

use std::borrow::Cow;
use std::fmt;

use gateway_types::chat::Extras;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

pub(crate) use out::Out;
pub(crate) use take::Take;
pub(crate) use write::to_vec;

/// What is wrong with a value, and where it stands in what was read.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) path: String,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(path: &str, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            message: message.into(),
        }
    }

    /// The same fault, seen from the value around.
    pub(crate) fn under(mut self, outer: impl fmt::Display) -> Self {
        self.path = match self.path.as_str() {
            "" => outer.to_string(),
            path if path.starts_with('[') => format!("{outer}{path}"),
            path => format!("{outer}.{path}"),
        };
        self
    }
}

/// Reads a value, saying what was wrong without the line and column of a piece that nobody sees.
pub(crate) fn parse<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, Fault> {
    serde_json::from_str(raw.get()).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        Fault::new("", message)
    })
}

/// The members of one object that have not been taken yet.
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    pub(crate) fn of(raw: &'a RawValue) -> Result<Self, Fault> {
        let members: Self = parse(raw)?;
        match members.repeated() {
            Some(key) => Err(Fault::new(key, "is given twice")),
            None => Ok(members),
        }
    }

    /// The same with other keys, where `to` gives one.
    pub(crate) fn renamed(mut self, to: impl Fn(&str) -> Option<String>) -> Result<Self, Fault> {
        for (key, _) in &mut self.0 {
            if let Some(other) = to(key) {
                *key = Cow::Owned(other);
            }
        }
        match self.repeated() {
            Some(key) => Err(Fault::new(key, "is given twice")),
            None => Ok(self),
        }
    }

    /// All that nobody took, in order, `null` included.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(key, raw)| (&**key, *raw))
    }

    /// A key that is given twice. Few keys are compared with each other, many in a set, whatever a client sends.
    fn repeated(&self) -> Option<&str> {
        const FEW: usize = 32;
        let mut keys = self.0.iter().map(|(key, _)| &**key);
        if self.0.len() > FEW {
            let mut seen = std::collections::HashSet::with_capacity(self.0.len());
            return keys.find(|key| !seen.insert(*key));
        }
        let earlier = |i: usize, key: &str| self.0[..i].iter().any(|(other, _)| other == key);
        keys.enumerate().find(|(i, key)| earlier(*i, key)).map(|(_, key)| key)
    }

    /// Takes a member out; `null` counts as absent.
    pub(crate) fn take(&mut self, key: &str) -> Option<&'a RawValue> {
        let at = self.0.iter().position(|(name, _)| name == key)?;
        let (_, raw) = self.0.remove(at);
        (raw.get() != "null").then_some(raw)
    }

    /// Takes a member out and reads it.
    pub(crate) fn read<T: Deserialize<'a>>(&mut self, key: &str) -> Result<Option<T>, Fault> {
        self.take(key).map(parse).transpose().map_err(|fault| fault.under(key))
    }

    /// Takes out a member that must be there.
    pub(crate) fn need<T: Deserialize<'a>>(&mut self, key: &str) -> Result<T, Fault> {
        self.read(key)?.ok_or_else(|| Fault::new(key, "is missing"))
    }

    /// Takes out an object and its members.
    pub(crate) fn object(&mut self, key: &str) -> Result<Option<Self>, Fault> {
        self.take(key)
            .map(Members::of)
            .transpose()
            .map_err(|fault| fault.under(key))
    }

    /// Puts a member back, so that it is kept with what is unknown.
    pub(crate) fn put_back(&mut self, key: &'static str, raw: &'a RawValue) {
        self.0.push((Cow::Borrowed(key), raw));
    }

    /// What nobody took.
    pub(crate) fn rest(self) -> Extras {
        let kept = self.0.into_iter().filter(|(_, raw)| raw.get() != "null");
        Extras(kept.map(|(key, raw)| (key.into_owned(), raw.to_owned())).collect())
    }
}

/// Reads every item of an array, naming the one that is wrong.
pub(crate) fn each<'a, T>(
    of: &mut Members<'a>,
    key: &str,
    read: impl Fn(&'a RawValue) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let items: Vec<&'a RawValue> = of.read(key)?.unwrap_or_default();
    items
        .into_iter()
        .enumerate()
        .map(|(i, raw)| read(raw).map_err(|fault| fault.under(format!("{key}[{i}]"))))
        .collect()
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(AnyMembers)
    }
}

struct AnyMembers;

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for AnyMembers {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Key(key), raw)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
            members.push((key, raw));
        }
        Ok(Members(members))
    }
}

/// The length in UTF-8 of the string that a JSON string literal (quotes included) stands for.
pub(crate) fn literal_len(literal: &[u8]) -> u64 {
    let inner = literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default();
    let mut len = 0;
    let mut i = 0;
    while let Some(escape) = inner.get(i..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        len += escape;
        i += escape;
        if inner.get(i + 1) == Some(&b'u') {
            len += escaped_len(inner.get(i + 2..i + 6).unwrap_or_default());
            i += 6;
        } else {
            len += 1;
            i += 2;
        }
    }
    (len + inner.len().saturating_sub(i)) as u64
}

/// How many bytes of UTF-8 the four hex digits of an escape are. A surrogate pair is four: two for each half.
fn escaped_len(hex: &[u8]) -> usize {
    let code = std::str::from_utf8(hex)
        .ok()
        .and_then(|hex| u32::from_str_radix(hex, 16).ok())
        .unwrap_or(0);
    match code {
        0..0x80 => 1,
        0x80..0x800 | 0xD800..0xE000 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_literal_is_that_of_its_string() {
        for text in ["", "plain", "a\nb\t\"\\\"", "grün", "日本", "🦀🦀"] {
            let literal = serde_json::to_string(text).unwrap();
            assert_eq!(literal_len(literal.as_bytes()), text.len() as u64, "{literal}");
        }
        for literal in [
            r#""gr\u00fcn""#,
            r#""\u65e5\u672c""#,
            r#""\ud83e\udd80!""#,
            r#""\/\b\f""#,
        ] {
            let text: String = serde_json::from_str(literal).unwrap();
            assert_eq!(literal_len(literal.as_bytes()), text.len() as u64, "{literal}");
        }
    }

    #[test]
    fn members_keep_what_nobody_takes_and_name_what_is_wrong() {
        let raw: Box<RawValue> = serde_json::from_str(r#"{"a": 1, "b": {"c": "x"}, "z": 1.50}"#).unwrap();
        let mut members = Members::of(&raw).unwrap();
        assert_eq!(members.read::<u32>("a").unwrap(), Some(1));
        let mut inner = members.object("b").unwrap().unwrap();
        let fault = inner.read::<u32>("c").unwrap_err().under("b");
        assert_eq!(
            (fault.path.as_str(), fault.message.as_str()),
            ("b.c", "invalid type: string \"x\", expected u32")
        );
        let rest = members.rest();
        assert_eq!((rest.0[0].0.as_str(), rest.0[0].1.get()), ("z", "1.50"));
        let twice: Box<RawValue> = serde_json::from_str(r#"{"a": 1, "a": 2}"#).unwrap();
        assert_eq!(Members::of(&twice).err().unwrap().path, "a");
    }
}
