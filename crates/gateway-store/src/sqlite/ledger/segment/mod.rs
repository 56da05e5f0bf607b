//! Some hundred entries as one piece: their ids, their records, the names in them once, and beside that what a search looks
//! at before it reads any of it.

mod names;
mod record;
#[cfg(test)]
mod tests;
mod wire;

use std::ops::Range;

use gateway_governance::entry::Entry;
use gateway_types::{EntryId, Org};
use uuid::Uuid;

pub(super) use self::names::has_all;
use self::names::{Names, Numbered};
pub(super) use self::record::Unreadable;

/// The format of a segment.
pub(super) const SEGMENT_VERSION: u32 = 1;

/// The most entries that are written as one segment.
pub(super) const MOST: usize = 512;

/// A segment as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) spans: Spans,
    pub(super) names: Vec<u8>,
    /// 16 bytes each, in the order of the records.
    pub(super) ids: Vec<u8>,
    /// Four bytes of length and a record, one after the other.
    pub(super) records: Vec<u8>,
}

/// From where to where its entries go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spans {
    pub(super) entries: i64,
    pub(super) at: (i64, i64),
    pub(super) id: (Uuid, Uuid),
    pub(super) request: (Uuid, Uuid),
}

impl Spans {
    /// Of no entry.
    pub(super) const NONE: Self = Self {
        entries: 0,
        at: (i64::MAX, i64::MIN),
        id: (Uuid::max(), Uuid::nil()),
        request: (Uuid::max(), Uuid::nil()),
    };

    pub(super) fn add(&mut self, entry: &Entry) {
        fn widen<T: Ord + Copy>(span: &mut (T, T), by: T) {
            *span = (span.0.min(by), span.1.max(by));
        }
        self.entries += 1;
        widen(&mut self.at, entry.at.millis());
        widen(&mut self.id, entry.id.uuid());
        widen(&mut self.request, entry.request.uuid());
    }
}

impl Segment {
    /// Puts entries together.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut names = Numbered::default();
        let mut spans = Spans::NONE;
        let mut ids = Vec::with_capacity(entries.len() * size_of::<Uuid>());
        let mut records = Vec::with_capacity(entries.len() * 256);
        for entry in entries {
            spans.add(entry);
            ids.extend_from_slice(entry.id.uuid().as_bytes());
            framed(&mut records, |records| record::write(entry, &mut names, records));
        }
        Self {
            spans,
            names: names.bytes,
            ids,
            records,
        }
    }

    /// One entry that cannot be read, kept as it was found. Its record says format 0, which there is none of.
    pub(super) fn unreadable(id: Uuid, at: i64, request: Uuid, found: &[u8]) -> Self {
        let mut records = Vec::with_capacity(found.len() + 5);
        framed(&mut records, |records| {
            records.push(0);
            records.extend_from_slice(found);
        });
        Self {
            spans: Spans {
                entries: 1,
                at: (at, at),
                id: (id, id),
                request: (request, request),
            },
            names: Vec::new(),
            ids: id.as_bytes().to_vec(),
            records,
        }
    }

    /// The ids of its entries, in their order.
    pub(super) fn ids(&self) -> impl Iterator<Item = Uuid> {
        ids(&self.ids)
    }

    /// Makes its entries ready to be read.
    pub(super) fn open(&self) -> Opened<'_> {
        Opened {
            names: Names::read(&self.names),
            ids: self.ids().map(EntryId::from).collect(),
            places: places(&self.records),
            records: &self.records,
        }
    }

    /// A number that is another one when any of it is changed. It notices an edit, it does not resist an attacker.
    pub(super) fn checksum(&self) -> i64 {
        let parts = [&self.names, &self.ids, &self.records];
        let sum = parts.into_iter().fold(0xcbf2_9ce4_8422_2325, |sum, part| {
            checked(sum ^ part.len() as u64, part)
        });
        sum.cast_signed()
    }
}

fn checked(sum: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    words.iter().chain([&last]).fold(sum, |sum, word| {
        let sum = (sum ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        sum ^ sum >> 32
    })
}

/// Ids as they stand one after the other.
pub(super) fn ids(bytes: &[u8]) -> impl Iterator<Item = Uuid> {
    bytes.as_chunks::<16>().0.iter().map(|id| Uuid::from_bytes(*id))
}

/// Writes a record behind its length.
fn framed(records: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = records.len();
    records.extend_from_slice(&[0; 4]);
    write(records);
    let length = u32::try_from(records.len() - start - 4).unwrap_or(u32::MAX);
    records[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// Where records stand, as far as lengths can be followed.
fn places(records: &[u8]) -> Vec<Range<usize>> {
    let mut places = Vec::with_capacity(MOST);
    let mut end = 0;
    while let Some(length) = records[end..].first_chunk::<4>() {
        let start = end + 4;
        let length = u32::from_le_bytes(*length) as usize;
        let Some(next) = start.checked_add(length).filter(|next| *next <= records.len()) else {
            break;
        };
        places.push(start..next);
        end = next;
    }
    places
}

/// A segment that is being read.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    names: Names,
    ids: Vec<EntryId>,
    places: Vec<Range<usize>>,
    records: &'a [u8],
}

impl Opened<'_> {
    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The id of an entry.
    pub(super) fn id(&self, place: usize) -> Option<EntryId> {
        self.ids.get(place).copied()
    }

    /// The entry at a place.
    pub(super) fn entry(&self, place: usize, org: &Org) -> Result<Entry, Unreadable> {
        let id = self.id(place).ok_or(Unreadable::Broken)?;
        let place = self.places.get(place).ok_or(Unreadable::Broken)?;
        record::read(&self.records[place.clone()], id, org, &self.names)
    }
}
