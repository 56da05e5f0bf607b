//! Some hundred rows as one piece. What rows are chosen and put in order by stands in columns beside their records, and is
//! read where it stands: going through a segment decodes nothing.

mod names;
mod records;
mod write;

use gateway_types::RequestId;
use uuid::Uuid;

pub(super) use self::names::Names;
pub(super) use self::records::unpack;
pub(super) use self::write::{Builder, Packed, status};
use crate::sqlite::fault::Fault;

/// The format of a segment: of its names, its columns, and how its records are packed.
pub(super) const SEGMENT_VERSION: u32 = 2;

/// The most rows of a segment.
pub(super) const MOST_ROWS: usize = 256;

/// Columns of eight bytes a row, in the order that they stand in, after the ids.
#[derive(Clone, Copy, Debug)]
pub(super) enum Figure {
    At,
    Latency,
    Input,
    Output,
    Tokens,
    Cost,
}

impl Figure {
    const COUNT: usize = Self::Cost as usize + 1;
}

/// Columns of four bytes a row: the number of a name, and 0 where there is none.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name {
    Operation,
    Provider,
    Key,
    Model,
    Asked,
    VirtualKey,
    Team,
    Customer,
    Hosting,
    Rule,
    Error,
    /// What is said of the error.
    Message,
}

impl Name {
    const COUNT: usize = Self::Message as usize + 1;
}

/// Columns of four bytes a row, after the names.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// The format of its record.
    Version,
    /// Where its record ends; it begins where the one before ends.
    RecordEnd,
    /// How many tags it and all before it have.
    TagsEnd,
}

impl Place {
    const COUNT: usize = Self::TagsEnd as usize + 1;
}

/// The last column, a byte a row. The lower bits are the status.
const STATUS: u8 = 0b11;
const UNPRICED: u8 = 0b100;
const CONTENT: u8 = 0b1000;

const ID: usize = 16;
/// Where names begin, for each row that there is.
const NAMES: usize = ID + 8 * Figure::COUNT;
const PLACES: usize = NAMES + 4 * Name::COUNT;
const FLAGS: usize = PLACES + 4 * Place::COUNT;
/// What a row takes, without its tags.
const WIDTH: usize = FLAGS + 1;
/// A tag: the numbers of its name and of its value.
const TAG: usize = 8;

/// The columns of a segment, as they are stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns<'a> {
    bytes: &'a [u8],
    rows: usize,
}

impl<'a> Columns<'a> {
    pub(super) fn read(v: u32, rows: usize, bytes: &'a [u8]) -> Result<Self, Fault> {
        if v > SEGMENT_VERSION {
            return Err(Fault::format("a segment of log rows", v, SEGMENT_VERSION));
        }
        let columns = Self { bytes, rows };
        let tags = rows
            .checked_sub(1)
            .map_or(0, |last| columns.place(Place::TagsEnd, last));
        if bytes.len() < rows.saturating_mul(WIDTH).saturating_add(tags as usize * TAG) {
            return Err(Fault(String::from("a segment of log rows is cut off")));
        }
        Ok(columns)
    }

    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn id(&self, row: usize) -> RequestId {
        RequestId::from(Uuid::from_bytes(self.take(row * ID)))
    }

    pub(super) fn at(&self, row: usize) -> i64 {
        self.figure(Figure::At, row).cast_signed()
    }

    /// Its status, by its place among all of them.
    pub(super) fn status(&self, row: usize) -> u8 {
        self.flags(row) & STATUS
    }

    pub(super) fn is_unpriced(&self, row: usize) -> bool {
        self.flags(row) & UNPRICED != 0
    }

    /// Whether something was kept of its bodies.
    pub(super) fn has_content(&self, row: usize) -> bool {
        self.flags(row) & CONTENT != 0
    }

    pub(super) fn figure(&self, figure: Figure, row: usize) -> u64 {
        self.figure_of(figure as usize, row)
    }

    /// The number of a name.
    pub(super) fn name(&self, name: Name, row: usize) -> u32 {
        self.name_of(name as usize, row)
    }

    fn figure_of(&self, column: usize, row: usize) -> u64 {
        u64::from_le_bytes(self.take(self.rows * (ID + 8 * column) + 8 * row))
    }

    fn name_of(&self, column: usize, row: usize) -> u32 {
        u32::from_le_bytes(self.take(self.rows * (NAMES + 4 * column) + 4 * row))
    }

    /// The format of its record, and where that stands among the records.
    pub(super) fn record(&self, row: usize) -> Record {
        Record {
            v: self.place(Place::Version, row),
            from: self.before(Place::RecordEnd, row),
            to: self.place(Place::RecordEnd, row),
        }
    }

    /// The numbers of the names and values of its tags.
    pub(super) fn tags(&self, row: usize) -> impl Iterator<Item = (u32, u32)> + use<'a> {
        let columns = *self;
        (self.before(Place::TagsEnd, row)..self.place(Place::TagsEnd, row)).map(move |tag| {
            let at = columns.rows * WIDTH + tag as usize * TAG;
            (
                u32::from_le_bytes(columns.take(at)),
                u32::from_le_bytes(columns.take(at + 4)),
            )
        })
    }

    fn place(&self, place: Place, row: usize) -> u32 {
        u32::from_le_bytes(self.take(self.rows * (PLACES + 4 * place as usize) + 4 * row))
    }

    fn before(&self, place: Place, row: usize) -> u32 {
        row.checked_sub(1).map_or(0, |before| self.place(place, before))
    }

    fn flags(&self, row: usize) -> u8 {
        u8::from_le_bytes(self.take(self.rows * FLAGS + row))
    }

    /// Some bytes; zeros beyond the end, which whoever reads columns has looked for.
    fn take<const N: usize>(&self, at: usize) -> [u8; N] {
        let bytes = self.bytes.get(at..at.saturating_add(N));
        bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
    }
}

/// Where a record stands among the records of its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) v: u32,
    from: u32,
    to: u32,
}

impl Record {
    pub(super) fn of(self, records: &[u8]) -> Result<&[u8], Fault> {
        let record = records.get(self.from as usize..self.to as usize);
        record.ok_or_else(|| Fault(String::from("the records of a segment of log rows are cut off")))
    }
}
