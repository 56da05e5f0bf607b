//! What a client's request has and no word covers, on its way back into the same dialect: each under the path where it stood.

use gateway_types::chat::Extras;
use serde_json::value::RawValue;

use crate::json::Out;

/// Members by their paths, and which of them have been said.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    members: Vec<(&'a str, &'a RawValue, bool)>,
}

impl<'a> Kept<'a> {
    pub(super) fn of(extras: &'a Extras) -> Self {
        let members = extras.0.iter();
        Self {
            members: members.map(|(key, raw)| (key.as_str(), &**raw, false)).collect(),
        }
    }

    /// Takes one that is said elsewhere.
    pub(super) fn take(&mut self, path: &str) -> Option<&'a RawValue> {
        let (_, raw, said) = self.members.iter_mut().find(|(key, _, said)| *key == path && !said)?;
        *said = true;
        Some(raw)
    }

    /// Says those that stood directly in the object at that path.
    pub(super) fn say(&mut self, place: &str, out: &mut Out<'_>) {
        for (key, raw, said) in self.members.iter_mut().filter(|(_, _, said)| !said) {
            let inner = match place {
                "" => Some(*key).filter(|key| !key.contains('[')),
                place => key.strip_prefix(place).and_then(|rest| rest.strip_prefix('.')),
            };
            if let Some(inner) = inner.filter(|inner| !inner.contains('.') || place.is_empty()) {
                out.member(inner, *raw);
                *said = true;
            }
        }
    }

    /// Those that nobody has said.
    pub(super) fn unsaid(&self) -> impl Iterator<Item = (&'a str, &'a RawValue)> + use<'a, '_> {
        let unsaid = self.members.iter().filter(|(_, _, said)| !said);
        unsaid.map(|(key, raw, _)| (*key, *raw))
    }
}
