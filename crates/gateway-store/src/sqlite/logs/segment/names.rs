//! The names in a segment, each once: whom rows are about, their tags, and what errors say.

use crate::sqlite::fault::Fault;
use crate::sqlite::logs::blob::{put, take};

/// The names of a segment, read.
#[derive(Debug)]
pub(in crate::sqlite::logs) struct Names<'a>(Vec<&'a str>);

impl<'a> Names<'a> {
    pub(in crate::sqlite::logs) fn read(mut bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut names = Vec::with_capacity(64);
        while !bytes.is_empty() {
            names.push(name(&mut bytes).ok_or_else(|| Fault(String::from("names of log rows are cut off")))?);
        }
        Ok(Self(names))
    }

    /// The name of that number; none has the number 0.
    pub(in crate::sqlite::logs) fn get(&self, number: u32) -> Option<&'a str> {
        self.0.get((number as usize).checked_sub(1)?).copied()
    }

    /// The numbers of the names that are wanted.
    pub(in crate::sqlite::logs) fn numbers(&self, wanted: impl Fn(&str) -> bool) -> Vec<u32> {
        let numbered = (1_u32..).zip(&self.0);
        numbered
            .filter(|(_, name)| wanted(name))
            .map(|(number, _)| number)
            .collect()
    }
}

/// Writes names in the order of their numbers.
pub(super) fn write(names: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(names.iter().map(|name| name.len() + 2).sum());
    for name in names {
        put(&mut bytes, name.len() as u64);
        bytes.extend_from_slice(name.as_bytes());
    }
    bytes
}

fn name<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::try_from(take(bytes)?).ok()?;
    let (name, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(name).ok()
}
