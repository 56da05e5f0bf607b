//! A segment, written.

use std::collections::HashMap;

use gateway::ports::logs::{LogRow, Status};
use gateway_types::RequestId;

use super::{CONTENT, Columns, Figure, MOST_ROWS, Name, Names, Place, TAG, UNPRICED, WIDTH, names, records};
use crate::sqlite::fault::Fault;
use crate::sqlite::logs::record;

/// How large the records of a segment become before they are packed, bodies that are kept counted as well.
const MOST_BYTES: u64 = 512 * 1024;

/// How many bytes a record usually has: room for so many of them is made at once, rather than found by growing.
const USUAL: usize = 1280;

/// Gathers rows, in the order of time.
#[derive(Debug, Default)]
pub(in crate::sqlite::logs) struct Builder<'a> {
    ids: Vec<RequestId>,
    figures: [Vec<u64>; Figure::COUNT],
    numbers: [Vec<u32>; Name::COUNT],
    places: [Vec<u32>; Place::COUNT],
    flags: Vec<u8>,
    tags: Vec<(u32, u32)>,
    names: Vec<&'a str>,
    known: HashMap<&'a str, u32>,
    records: Vec<u8>,
    content: u64,
}

/// A segment, ready to be stored.
#[derive(Debug)]
pub(in crate::sqlite::logs) struct Packed {
    pub(in crate::sqlite::logs) rows: usize,
    pub(in crate::sqlite::logs) first_at: i64,
    pub(in crate::sqlite::logs) last_at: i64,
    pub(in crate::sqlite::logs) low_id: RequestId,
    pub(in crate::sqlite::logs) high_id: RequestId,
    /// How many bytes of bodies are kept of its rows.
    pub(in crate::sqlite::logs) content: u64,
    pub(in crate::sqlite::logs) names: Vec<u8>,
    pub(in crate::sqlite::logs) columns: Vec<u8>,
    pub(in crate::sqlite::logs) records: Vec<u8>,
    /// Whether it may be joined with others.
    pub(in crate::sqlite::logs) is_small: bool,
}

impl<'a> Builder<'a> {
    pub(in crate::sqlite::logs) const fn rows(&self) -> usize {
        self.ids.len()
    }

    /// Whether it has become as large as it should.
    pub(in crate::sqlite::logs) const fn is_large(&self) -> bool {
        self.bytes() >= MOST_BYTES
    }

    const fn bytes(&self) -> u64 {
        self.records.len() as u64 + self.content
    }

    /// Makes room for the records of so many rows.
    pub(in crate::sqlite::logs) fn reserve(&mut self, rows: usize) {
        self.records.reserve(rows.min(MOST_ROWS) * USUAL);
    }

    /// Adds a row that is new.
    pub(in crate::sqlite::logs) fn add(&mut self, row: &'a LogRow) -> Result<(), Fault> {
        let usage = row.metered.map(|metered| metered.usage).unwrap_or_default();
        let content = record::content(row);
        self.ids.push(row.id);
        self.figures([
            row.at.millis().cast_unsigned(),
            row.latency_us,
            usage.input_total(),
            usage.output_total(),
            usage.total(),
            row.cost.0.cast_unsigned(),
        ]);
        self.numbers([
            row.operation.map(|operation| operation.as_str()),
            row.provider.as_ref().map(|name| name.as_str()),
            row.key.as_ref().map(|key| key.as_str()),
            row.model.as_ref().map(|name| name.as_str()),
            row.asked.as_ref().map(|name| name.as_str()),
            row.virtual_key.as_ref().map(|key| key.as_str()),
            row.team.as_ref().map(|team| team.as_str()),
            row.customer.as_ref().map(|customer| customer.as_str()),
            row.hosting.map(|hosting| hosting.as_str()),
            row.rule.as_ref().map(|rule| rule.id.as_str()),
            row.error.as_ref().map(|error| error.kind.code()),
            row.error.as_ref().map(|error| error.message.as_str()),
        ]);
        for (name, value) in row.tags.iter() {
            let tag = (self.number(name), self.number(value));
            self.tags.push(tag);
        }
        let status = status(row.status);
        let unpriced = if row.unpriced { UNPRICED } else { 0 };
        self.flags
            .push(status | unpriced | if content.is_some() { CONTENT } else { 0 });
        self.content += content.unwrap_or(0);
        record::write(row, &mut self.records)?;
        self.placed(row.v)
    }

    /// Adds a row of another segment: its record, and how many bytes of bodies are kept of it.
    pub(in crate::sqlite::logs) fn copy(
        &mut self,
        (names, columns): (&Names<'a>, &Columns<'_>),
        row: usize,
        record: &[u8],
        content: u64,
    ) -> Result<(), Fault> {
        self.ids.push(columns.id(row));
        for (column, values) in self.figures.iter_mut().enumerate() {
            values.push(columns.figure_of(column, row));
        }
        self.numbers(std::array::from_fn(|column| names.get(columns.name_of(column, row))));
        for (name, value) in columns.tags(row) {
            let text = |number| names.get(number).unwrap_or_default();
            let tag = (self.number(text(name)), self.number(text(value)));
            self.tags.push(tag);
        }
        self.flags.push(columns.flags(row));
        self.content += content;
        self.records.extend_from_slice(record);
        self.placed(columns.record(row).v)
    }

    fn figures(&mut self, figures: [u64; Figure::COUNT]) {
        for (column, figure) in self.figures.iter_mut().zip(figures) {
            column.push(figure);
        }
    }

    fn numbers(&mut self, names: [Option<&'a str>; Name::COUNT]) {
        for (column, name) in names.into_iter().enumerate() {
            let Some(name) = name else {
                self.numbers[column].push(0);
                continue;
            };
            // Mostly it is the same as in the row before.
            let last = self.numbers[column].last().copied().unwrap_or(0);
            let number = match self.names.get((last as usize).wrapping_sub(1)) {
                Some(known) if *known == name => last,
                _ => self.number(name),
            };
            self.numbers[column].push(number);
        }
    }

    fn number(&mut self, name: &'a str) -> u32 {
        let next = self.names.len() as u32 + 1;
        let number = *self.known.entry(name).or_insert(next);
        if number == next {
            self.names.push(name);
        }
        number
    }

    /// Writes down where the row's parts end, which is where those of the next begin.
    fn placed(&mut self, v: u32) -> Result<(), Fault> {
        let place = |length: usize| u32::try_from(length).map_err(|_| Fault(String::from("a log row is too large")));
        let places = [v, place(self.records.len())?, place(self.tags.len())?];
        for (column, place) in self.places.iter_mut().zip(places) {
            column.push(place);
        }
        Ok(())
    }

    /// The segment; none where there is no row.
    pub(in crate::sqlite::logs) fn finish(self) -> Option<Packed> {
        let rows = self.ids.len();
        let at = &self.figures[Figure::At as usize];
        let (first_at, last_at) = (at.first()?.cast_signed(), at.last()?.cast_signed());
        let (low_id, high_id) = (*self.ids.iter().min()?, *self.ids.iter().max()?);
        let mut columns = Vec::with_capacity(rows * WIDTH + self.tags.len() * TAG);
        for id in &self.ids {
            columns.extend_from_slice(id.uuid().as_bytes());
        }
        for figure in self.figures.iter().flatten() {
            columns.extend_from_slice(&figure.to_le_bytes());
        }
        for number in self.numbers.iter().chain(&self.places).flatten() {
            columns.extend_from_slice(&number.to_le_bytes());
        }
        columns.extend_from_slice(&self.flags);
        for (name, value) in &self.tags {
            columns.extend_from_slice(&name.to_le_bytes());
            columns.extend_from_slice(&value.to_le_bytes());
        }
        Some(Packed {
            is_small: rows < MOST_ROWS / 2 && self.bytes() < MOST_BYTES / 4,
            rows,
            first_at,
            last_at,
            low_id,
            high_id,
            content: self.content,
            names: names::write(&self.names),
            columns,
            records: records::pack(&self.records),
        })
    }
}

/// What a status is stored as.
pub(in crate::sqlite::logs) const fn status(status: Status) -> u8 {
    match status {
        Status::Success => 0,
        Status::Error => 1,
        Status::Cancelled => 2,
    }
}
