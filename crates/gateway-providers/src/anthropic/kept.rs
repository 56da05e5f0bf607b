//! Members of blocks, tools and settings that no word of the vocabulary covers. They are kept among the extras under the path
//! where they stood (`content[2].cache_control.scope`), so that another dialect names them in its report as they are, and
//! this one puts them back where they were.

use bytes::Bytes;
use gateway_types::chat::Extras;
use gateway_types::json::{Edit, scan, splice};
use serde_json::value::RawValue;

use crate::json::Members;

/// Keeps what is left of an object that stood there.
pub(super) fn keep(at: &str, left: Members<'_>, kept: &mut Extras) {
    let left = left.rest().0.into_iter();
    kept.0.extend(left.map(|(key, value)| (format!("{at}.{key}"), value)));
}

/// Kept members on their way back, in the order in which they were kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept<'a> {
    left: &'a [(String, Box<RawValue>)],
    /// The length of the path under which they are.
    depth: usize,
}

impl<'a> Kept<'a> {
    pub(super) fn of(extras: &'a Extras) -> Self {
        Self {
            left: &extras.0,
            depth: 0,
        }
    }

    /// None at all.
    pub(super) fn nothing() -> Self {
        Self { left: &[], depth: 0 }
    }

    /// Takes those that are next and stand under that path.
    pub(super) fn under(&mut self, at: &str) -> Self {
        let inside = |key: &str| key.strip_prefix(at).is_some_and(|rest| rest.starts_with('.'));
        let count = self
            .left
            .iter()
            .take_while(|(key, _)| inside(&key[self.depth..]))
            .count();
        let (taken, left) = self.left.split_at(count);
        self.left = left;
        Self {
            left: taken,
            depth: self.depth + at.len() + 1,
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(self) -> bool {
        self.left.is_empty()
    }

    /// Those that are left, by the rest of their paths.
    pub(super) fn rest(self) -> impl Iterator<Item = (&'a str, &'a RawValue)> {
        self.left.iter().map(move |(key, value)| (&key[self.depth..], &**value))
    }
}

/// An object with members put in at paths of keys (`cache_control.scope`), each in place of one that stands there; objects on
/// the way are made. Nothing where something on the way is no object.
pub(super) fn put<'a>(object: &Bytes, members: impl Iterator<Item = (&'a str, &'a RawValue)>) -> Option<Bytes> {
    let mut groups: Vec<(&str, Vec<(&str, &RawValue)>)> = Vec::new();
    for (path, value) in members {
        let (key, inner) = path.split_once('.').unwrap_or((path, ""));
        match groups.last_mut() {
            Some((open, group)) if *open == key => group.push((inner, value)),
            _ => groups.push((key, vec![(inner, value)])),
        }
    }
    let keys: Vec<&str> = groups.iter().map(|(key, _)| *key).collect();
    let found = scan(object, &keys).ok()?;
    let mut edits = Vec::with_capacity(groups.len());
    for (i, (key, group)) in groups.iter().enumerate() {
        let stands = found.find(i).map(|member| member.value.clone());
        let value = match &group[..] {
            [("", value)] => Bytes::copy_from_slice(value.get().as_bytes()),
            inner => {
                let outer = stands
                    .clone()
                    .map_or(Bytes::from_static(b"{}"), |stands| object.slice(stands));
                put(&outer, inner.iter().copied())?
            }
        };
        edits.push(match stands {
            Some(stands) => Edit::Replace(stands, value),
            None => Edit::Insert([&serde_json::to_vec(key).ok()?[..], b":", &value].concat().into()),
        });
    }
    Some(splice(object, &found, &edits).concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_was_kept_is_put_back_where_it_stood() {
        let block = raw(r#"{"type":"text","cache_control":{"type":"ephemeral","scope":"global"},"x":{"y":1}}"#);
        let mut members = Members::of(&block).unwrap();
        members.take("type");
        let mut mark = members.object("cache_control").unwrap().unwrap();
        mark.take("type");
        let mut kept = Extras::default();
        keep("content[0].cache_control", mark, &mut kept);
        keep("content[0]", members, &mut kept);
        let paths: Vec<&str> = kept.0.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(paths, ["content[0].cache_control.scope", "content[0].x"]);

        let object = Bytes::from_static(br#"{"type":"text","cache_control":{"type":"ephemeral"}}"#);
        let members = Kept::of(&kept).under("content[0]");
        let expected = r#"{"type":"text","cache_control":{"type":"ephemeral","scope":"global"},"x":{"y":1}}"#;
        assert_eq!(put(&object, members.rest()).unwrap(), expected);
    }

    #[test]
    fn objects_on_the_way_are_made_and_others_are_left_alone() {
        let one = raw("1");
        let put = |object: &'static str, paths: &[&str]| {
            let members = paths.iter().map(|path| (*path, &*one));
            put(&Bytes::from_static(object.as_bytes()), members)
        };
        assert_eq!(
            put("{}", &["a.b", "a.c.d", "e"]).unwrap(),
            r#"{"a":{"b":1,"c":{"d":1}},"e":1}"#
        );
        assert_eq!(put(r#"{"a":{"b":2}}"#, &["a.b"]).unwrap(), r#"{"a":{"b":1}}"#);
        assert_eq!(put(r#"{"a":2}"#, &["a"]).unwrap(), r#"{"a":1}"#);
        assert_eq!(put(r#"{"a":2}"#, &["a.b"]), None);
    }

    #[test]
    fn each_takes_its_own_and_the_rest_stays() {
        let names = ["content[1].a", "content[1].content[0].b", "content[10].c", "d"];
        let kept = Extras(names.map(|name| (name.to_owned(), raw("1"))).to_vec());
        let mut kept = Kept::of(&kept);
        assert!(kept.under("content[0]").is_empty());
        assert_eq!(kept.under("content[1]").rest().count(), 2);
        assert_eq!(kept.under("content[10]").rest().count(), 1);
        assert_eq!(kept.rest().map(|(key, _)| key).collect::<Vec<_>>(), ["d"]);
    }
}
