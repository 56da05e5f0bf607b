//! Objects and arrays written member by member, without a tree.

use gateway_types::json::quote;
use serde::Serialize;

use super::write::put;

/// An object or array on its way out.
pub(crate) struct Out<'a> {
    to: &'a mut Vec<u8>,
    end: u8,
    first: bool,
}

impl<'a> Out<'a> {
    /// Writes one object.
    pub(crate) fn object(to: &'a mut Vec<u8>, members: impl FnOnce(&mut Out<'_>)) {
        Self::between(to, b'{', b'}', members);
    }

    fn between(to: &'a mut Vec<u8>, start: u8, end: u8, inside: impl FnOnce(&mut Out<'_>)) {
        to.push(start);
        let mut out = Out { to, end, first: true };
        inside(&mut out);
        let end = out.end;
        out.to.push(end);
    }

    fn comma(&mut self) {
        if !std::mem::replace(&mut self.first, false) {
            self.to.push(b',');
        }
    }

    fn key(&mut self, key: &str) {
        self.comma();
        quote(key, self.to);
        self.to.push(b':');
    }

    /// A member.
    pub(crate) fn member(&mut self, key: &str, value: impl Serialize) {
        self.key(key);
        put(self.to, &value);
    }

    /// A member, if there is a value for it.
    pub(crate) fn maybe(&mut self, key: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.member(key, value);
        }
    }

    /// A member that is an object.
    pub(crate) fn inner(&mut self, key: &str, members: impl FnOnce(&mut Out<'_>)) {
        self.key(key);
        Out::object(self.to, members);
    }

    /// A member that is an array.
    pub(crate) fn array(&mut self, key: &str, items: impl FnOnce(&mut Out<'_>)) {
        self.key(key);
        Out::between(self.to, b'[', b']', items);
    }

    /// An item of an array.
    pub(crate) fn item(&mut self, value: impl Serialize) {
        self.comma();
        put(self.to, &value);
    }

    /// An item of an array that is an object.
    pub(crate) fn item_object(&mut self, members: impl FnOnce(&mut Out<'_>)) {
        self.comma();
        Out::object(self.to, members);
    }
}
