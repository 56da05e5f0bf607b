//! How the API reads JSON: a key in camel case or in snake case, one item where a list is wanted, a number as text. The
//! rules are those of protocol buffers ("ProtoJSON Format"), and what Google's servers take besides.

use std::borrow::Cow;

use gateway_types::chat::Extras;
use serde_json::value::RawValue;

use crate::json::{Fault, Members, parse};

/// The members of an object, all keys in camel case.
pub(super) fn members(raw: &RawValue) -> Result<Members<'_>, Fault> {
    Members::of(raw)?.renamed(camel)
}

/// A key in camel case, if it is not already.
fn camel(key: &str) -> Option<String> {
    // `_responseJsonSchema` and the like are names of their own.
    let (first, rest) = key.split_once('_').filter(|(first, _)| !first.is_empty())?;
    let mut camel = first.to_owned();
    for word in rest.split('_') {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    Some(camel)
}

/// Takes out an object and its members.
pub(super) fn object<'a>(of: &mut Members<'a>, key: &str) -> Result<Option<Members<'a>>, Fault> {
    let taken = of.take(key).map(members).transpose();
    taken.map_err(|fault| fault.under(key))
}

/// The items of a list, or the one item that stands for it.
pub(super) fn items<'a>(of: &mut Members<'a>, key: &str) -> Result<Vec<&'a RawValue>, Fault> {
    match of.take(key) {
        Some(raw) if raw.get().starts_with('[') => parse(raw).map_err(|fault| fault.under(key)),
        one => Ok(one.into_iter().collect()),
    }
}

/// A number of things: a whole number, as a number or as text.
pub(super) fn whole(raw: &str) -> Option<u64> {
    let text = raw
        .strip_prefix('"')
        .and_then(|raw| raw.strip_suffix('"'))
        .unwrap_or(raw)
        .trim();
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number: f64 = text.parse().ok()?;
    let fits = number.fract() == 0.0 && (0.0..=9e15).contains(&number);
    fits.then_some(number as u64)
}

/// Takes out a whole number.
pub(super) fn count(of: &mut Members<'_>, key: &str) -> Result<Option<u64>, Fault> {
    let read = |raw: &RawValue| whole(raw.get()).ok_or_else(|| Fault::new(key, "must be a whole number, 0 or more"));
    of.take(key).map(read).transpose()
}

/// Keeps what is left of an object that stood at that path.
pub(super) fn keep(at: &str, left: Members<'_>, kept: &mut Extras) {
    let left = left.rest().0.into_iter();
    kept.0.extend(left.map(|(key, raw)| (join(at, &key).into_owned(), raw)));
}

/// A path one step deeper.
pub(super) fn join<'a>(at: &str, key: &'a str) -> Cow<'a, str> {
    match at {
        "" => Cow::Borrowed(key),
        at => Cow::Owned(format!("{at}.{key}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_in_both_spellings_and_not_in_both_at_once() {
        for (key, expected) in [
            ("max_output_tokens", Some("maxOutputTokens")),
            ("maxOutputTokens", None),
            ("top_k", Some("topK")),
            ("_responseJsonSchema", None),
            ("a__b_", Some("aB")),
        ] {
            assert_eq!(camel(key).as_deref(), expected, "{key}");
        }
        let raw: Box<RawValue> = serde_json::from_str(r#"{"top_k":1,"topK":2}"#).unwrap();
        assert_eq!(members(&raw).err().unwrap().path, "topK");
    }

    #[test]
    fn numbers_are_read_in_every_spelling() {
        for (raw, expected) in [
            ("5", Some(5)),
            ("40.0", Some(40)),
            ("\"100\"", Some(100)),
            ("1e3", Some(1000)),
            ("-1", None),
            ("1.5", None),
            ("\"x\"", None),
            ("1e99", None),
        ] {
            assert_eq!(whole(raw), expected, "{raw}");
        }
    }
}
