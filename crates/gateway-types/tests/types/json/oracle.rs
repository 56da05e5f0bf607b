//! The second opinion: `serde_json` reading the same bytes, with the scanner's deliberate refusals added. The fuzz target of
//! the scanner includes this file as well.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use gateway_types::json::{Edit, Member, Object, scan, splice};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members that are looked for.
pub(super) const WANTED: &[&str] = &["model", "stream", "n", "é"];

/// The scanner and the second opinion agree: on taking it, and on every place.
pub(super) fn agree(input: &[u8]) -> Option<Object> {
    let found = scan(input, WANTED);
    let expected = expected(input, WANTED);
    let shown = || String::from_utf8_lossy(input);
    match (&found, &expected) {
        (Ok(object), Some(wanted)) => {
            assert_eq!(&object.members[..], &wanted[..], "{}", shown());
            assert_eq!(&input[object.span.clone()], input.trim_ascii());
            assert_eq!(object.empty, members(input).unwrap().is_empty(), "{}", shown());
        }
        (Err(_), None) => {}
        _ => panic!("found {found:?}, expected {expected:?} in {}", shown()),
    }
    found.ok()
}

/// What to do with each wanted member, and what to add.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) deeds: [Deed; WANTED.len()],
    pub(super) inserts: usize,
    pub(super) backwards: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Keep,
    Replace,
    Remove,
}

const PATCH: &str = r#"{"new":[1]}"#;

/// Edits `input` by the script and checks the outcome against editing a list of its members.
pub(super) fn edit(input: &[u8], object: &Object, script: &Script) {
    let body = Bytes::copy_from_slice(input);
    let mut edits: Vec<Edit> = Vec::new();
    let mut expected = members(input).unwrap();
    for member in &object.members {
        let name = format!("\"{}\"", WANTED[member.key]);
        let at = expected.iter().position(|(key, _)| *key == name).unwrap();
        match script.deeds[member.key] {
            Deed::Keep => {}
            Deed::Replace => {
                edits.push(Edit::Replace(
                    member.value.clone(),
                    Bytes::from_static(PATCH.as_bytes()),
                ));
                expected[at].1 = PATCH;
            }
            Deed::Remove => {
                edits.push(Edit::Remove(member.span.clone()));
                expected.remove(at);
            }
        }
    }
    if script.backwards {
        edits.reverse();
    }
    for _ in 0..script.inserts {
        edits.push(Edit::Insert(Bytes::from_static(br#""added":0"#)));
        expected.push((r#""added""#, "0"));
    }
    let slices = splice(&body, object, &edits);
    let edited = slices.concat();
    assert_eq!(slices.len(), edited.len());
    assert_eq!(
        members(&edited).as_ref(),
        Some(&expected),
        "{script:?} of {body:?} gave {edited:?}"
    );

    // What is left of the input when the shared slices and the declared spans are taken out: commas and white space.
    let mut lost = body.to_vec();
    for edit in &edits {
        if let Edit::Replace(span, _) | Edit::Remove(span) = edit {
            lost[span.clone()].fill(b' ');
        }
    }
    let mut at = 0;
    for slice in slices
        .0
        .iter()
        .filter(|slice| body.as_ptr_range().contains(&slice.as_ptr()))
    {
        let start = slice.as_ptr() as usize - body.as_ptr() as usize;
        assert!(at <= start, "shared slices keep their order");
        at = start + slice.len();
        lost[start..at].fill(b' ');
    }
    let removed = edits.iter().filter(|edit| matches!(edit, Edit::Remove(_))).count();
    let all = removed == members(input).unwrap().len() && removed > 0;
    let commas = lost.iter().filter(|byte| **byte == b',').count();
    assert_eq!(
        commas,
        removed - usize::from(all),
        "{script:?} of {body:?} gave {edited:?}"
    );
    assert!(
        lost.iter().all(|byte| b" \t\r\n,".contains(byte)),
        "{script:?} of {body:?} gave {edited:?}"
    );
}

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
