//! The second opinion: `serde_json` reading the same bytes, with the scanner's deliberate refusals added.

use std::fmt;
use std::ops::Range;

use gateway_types::json::Member;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Every member of the top-level object as it is spelled, or nothing where `serde_json` takes the input for no object.
pub(super) fn members(input: &[u8]) -> Option<Vec<(&str, &str)>> {
    let members: Members<'_> = serde_json::from_slice(input).ok()?;
    Some(
        members
            .0
            .into_iter()
            .map(|(key, value)| (key.get(), value.get()))
            .collect(),
    )
}

/// What [`scan`](gateway_types::json::scan) must find, or nothing where it must refuse.
pub(super) fn expected(input: &[u8], wanted: &[&str]) -> Option<Vec<Member>> {
    let mut found: Vec<Member> = Vec::new();
    for (name, text) in members(input)? {
        if name.contains('\\') {
            return None;
        }
        let Some(key) = wanted.iter().position(|key| *key == &name[1..name.len() - 1]) else {
            continue;
        };
        if found.iter().any(|member| member.key == key) {
            return None;
        }
        let value = place(input, text);
        found.push(Member {
            key,
            span: place(input, name).start..value.end,
            value,
        });
    }
    (depth(input) <= 127).then_some(found)
}

/// Where in `input` a text borrowed from it stands.
fn place(input: &[u8], text: &str) -> Range<usize> {
    let start = text.as_ptr() as usize - input.as_ptr() as usize;
    start..start + text.len()
}

/// The deepest nesting of what is known to be JSON.
fn depth(input: &[u8]) -> usize {
    let (mut open, mut deepest, mut bytes) = (0, 0, input.iter());
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => open += 1,
            b'}' | b']' => open -= 1,
            b'"' => {
                while bytes.next().is_some_and(|byte| {
                    if *byte == b'\\' {
                        bytes.next().is_some()
                    } else {
                        *byte != b'"'
                    }
                }) {}
            }
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

struct Members<'de>(Vec<(&'de RawValue, &'de RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(Collect)
    }
}

struct Collect;

impl<'de> Visitor<'de> for Collect {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
