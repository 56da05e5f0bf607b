//! The names in a segment, each once: of parties, providers, models, quotas, and of tags.

use std::collections::HashMap;
use std::sync::Arc;

use super::wire::{Reader, put_bytes};

/// Numbers names as they come, from 1.
#[derive(Debug, Default)]
pub(super) struct Numbered<'a> {
    known: HashMap<&'a str, u64>,
    pub(super) bytes: Vec<u8>,
}

impl<'a> Numbered<'a> {
    pub(super) fn number(&mut self, name: &'a str) -> u64 {
        let next = self.known.len() as u64 + 1;
        *self.known.entry(name).or_insert_with(|| {
            put_bytes(&mut self.bytes, name.as_bytes());
            next
        })
    }
}

/// The names of a segment, read.
#[derive(Debug)]
pub(super) struct Names(Vec<Arc<str>>);

impl Names {
    /// As many as can be read.
    pub(super) fn read(bytes: &[u8]) -> Self {
        Self(each(bytes).map(Arc::from).collect())
    }

    /// The name whose number comes next.
    pub(super) fn one(&self, reader: &mut Reader<'_>) -> Option<&Arc<str>> {
        self.some(reader)?
    }

    /// The name whose number comes next; 0 is none.
    #[allow(
        clippy::option_option,
        reason = "outside: whether it can be read; inside: whether there is one"
    )]
    pub(super) fn some(&self, reader: &mut Reader<'_>) -> Option<Option<&Arc<str>>> {
        match reader.number()? {
            0 => Some(None),
            number => self.0.get(usize::try_from(number - 1).ok()?).map(Some),
        }
    }
}

/// Whether all of the wanted names are there.
pub(in crate::sqlite::ledger) fn has_all(bytes: &[u8], wanted: &[&str]) -> bool {
    wanted.iter().all(|wanted| each(bytes).any(|name| name == *wanted))
}

fn each(bytes: &[u8]) -> impl Iterator<Item = &str> {
    let mut reader = Reader(bytes);
    std::iter::from_fn(move || reader.text())
}
