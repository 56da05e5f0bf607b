//! Pages of rows. Segments are gone through by time, and not further than so many rows at a time: whatever is asked for, a
//! page costs about the same at a million rows and at a hundred million.

use std::collections::BTreeMap;

use gateway::ports::logs::{LogPage, LogQuery, LogRow, Position, Side, Sort};
use gateway_types::{Org, RequestId, Wall};
use rusqlite::Connection;
use uuid::Uuid;

use super::record;
use super::segment::{Columns, Figure, Record};
use super::segments::{self, Segment, Span};
use super::sieve::{Bodies, Sieve};
use crate::sqlite::fault::Fault;

/// How many rows one page looks at; kept content counts as rows where a search has to read it.
pub(super) const REACH: u64 = 250_000;

/// A segment that its names rule out takes as long as so many rows.
const PASSED_OVER: u64 = 16;

/// A row that was found.
#[derive(Clone, Copy, Debug)]
struct Seen {
    place: Position,
    /// The segment that it is in.
    segment: i64,
    record: Record,
    has_content: bool,
}

/// What a search came back with, in its own direction.
#[derive(Debug, Default)]
struct Found {
    hits: Vec<Seen>,
    /// Whether there are more than were wanted.
    more: bool,
    /// The time that the search came to, where there may be more behind it.
    gave_up: Option<i64>,
}

pub(super) fn page(conn: &Connection, org: &Org, query: &LogQuery, reach: u64) -> Result<LogPage, Fault> {
    if query.limit == 0 {
        return Ok(LogPage::default());
    }
    let backwards = matches!(query.from, Some(Side::Before(_)));
    let ascending = query.ascending != backwards;
    let search = Search {
        conn,
        org,
        query,
        ascending,
        reach,
    };
    let mut found = match query.sort {
        Sort::Timestamp => search.in_order()?,
        _ => search.sorted()?,
    };
    // A page in the order of time that is full is short of nothing, wherever the search ended.
    let short = query.sort != Sort::Timestamp || found.hits.len() < query.limit;
    let searched_until = found.gave_up.filter(|_| short).map(Wall::from_millis);
    // Where the search goes on: after the last that was found, or at the time that it came to.
    let unseen = found.gave_up.filter(|_| query.sort == Sort::Timestamp);
    let unseen = unseen.map(|at| edge(at, ascending));
    let last = found.hits.last().map(|seen| seen.place);
    let onwards = if found.more { last } else { unseen };
    if backwards {
        found.hits.reverse();
    }
    let (first, last) = (found.hits.first(), found.hits.last());
    let began = query.from.is_some() || query.offset > 0;
    let (next, previous) = match backwards {
        false => (onwards, first.filter(|_| began).map(|seen| seen.place)),
        true => (last.map(|seen| seen.place), onwards),
    };
    Ok(LogPage {
        rows: rows(conn, org, &found.hits)?,
        totals: None,
        next: next.map(Side::After),
        previous: previous.map(Side::Before),
        searched_until,
    })
}

/// The place before all rows of that millisecond, in the direction of a search.
fn edge(at: i64, ascending: bool) -> Position {
    let id = if ascending { Uuid::nil() } else { Uuid::max() };
    Position {
        value: at,
        id: id.into(),
    }
}

/// One row.
pub(super) fn find(conn: &Connection, org: &Org, id: RequestId) -> Result<Option<LogRow>, Fault> {
    let Some((no, place)) = segments::locate(conn, org, id)? else {
        return Ok(None);
    };
    let whole = segments::load(conn, no)?;
    let columns = whole.columns()?;
    let seen = seen(no, &columns, place, Figure::At);
    Ok(rows(conn, org, &[seen])?.pop())
}

/// Rows as they were written, in the order that they were found in.
fn rows(conn: &Connection, org: &Org, hits: &[Seen]) -> Result<Vec<LogRow>, Fault> {
    let mut by_segment = BTreeMap::<i64, Vec<usize>>::new();
    for (place, seen) in hits.iter().enumerate() {
        by_segment.entry(seen.segment).or_default().push(place);
    }
    let mut rows: Vec<Option<LogRow>> = vec![None; hits.len()];
    for (segment, places) in by_segment {
        segments::records(conn, segment, |records| {
            for place in places {
                let record = hits[place].record;
                rows[place] = Some(record::read(record.v, record.of(records)?)?);
            }
            Ok(())
        })?;
    }
    for (row, seen) in rows.iter_mut().flatten().zip(hits) {
        if seen.has_content {
            (row.request_body, row.response_body) = record::bodies(conn, org, row.id)?;
        }
    }
    Ok(rows.into_iter().flatten().collect())
}

fn seen(segment: i64, columns: &Columns<'_>, row: usize, sort: Figure) -> Seen {
    let value = columns.figure(sort, row);
    let value = match sort {
        Figure::At | Figure::Cost => value.cast_signed(),
        _ => i64::try_from(value).unwrap_or(i64::MAX),
    };
    Seen {
        place: Position {
            value,
            id: columns.id(row),
        },
        segment,
        record: columns.record(row),
        has_content: columns.has_content(row),
    }
}

const fn figure(sort: Sort) -> Figure {
    match sort {
        Sort::Timestamp => Figure::At,
        Sort::Latency => Figure::Latency,
        Sort::Tokens => Figure::Tokens,
        Sort::Cost => Figure::Cost,
    }
}

/// One search, in its own direction.
#[derive(Debug)]
struct Search<'a> {
    conn: &'a Connection,
    org: &'a Org,
    query: &'a LogQuery,
    ascending: bool,
    reach: u64,
}

impl Search<'_> {
    /// Rows by time. Segments overlap, so a row is passed on once no segment that is left can hold one before it.
    fn in_order(&self) -> Result<Found, Fault> {
        let sieve = Sieve::of(self.query);
        let begin = self.query.from.map(place);
        let mut waiting = BTreeMap::new();
        let mut page = Page::of(self.query);
        let mut left = self.reach;
        let mut gave_up = None;
        segments::walk(self.conn, self.org, self.span(begin), self.ascending, |segment| {
            let edge = if self.ascending {
                segment.first_at
            } else {
                segment.last_at
            };
            page.take(&mut waiting, Some(edge), self.ascending);
            if page.more {
                return Ok(false);
            }
            // All that overlap with where the page begins are gone through, or the next would begin at the same place.
            let is_onwards = begin.is_none_or(|begin| self.follows(edge, begin.value));
            if left == 0 && is_onwards {
                gave_up = Some(edge);
                return Ok(false);
            }
            let weight = self.look(&sieve, segment, |seen| {
                let order = (seen.place.value, seen.place.id);
                if begin.is_none_or(|begin| self.follows(order, (begin.value, begin.id))) {
                    waiting.insert(order, seen);
                }
            })?;
            left = left.saturating_sub(weight);
            Ok(true)
        })?;
        if gave_up.is_none() {
            page.take(&mut waiting, None, self.ascending);
        }
        Ok(Found {
            more: page.more,
            hits: page.hits,
            gave_up,
        })
    }

    /// Rows by something else: the newest are gone through, and put in order.
    fn sorted(&self) -> Result<Found, Fault> {
        let sieve = Sieve::of(self.query);
        let begin = self.query.from.map(place);
        let offset = if begin.is_none() { self.query.offset } else { 0 };
        let wanted = self.query.limit.saturating_add(offset).saturating_add(1);
        let mut hits = Vec::new();
        let mut left = self.reach;
        let mut gave_up = None;
        segments::walk(self.conn, self.org, self.span(None), false, |segment| {
            if left == 0 {
                gave_up = Some(segment.last_at);
                return Ok(false);
            }
            let weight = self.look(&sieve, segment, |seen| {
                let order = (seen.place.value, seen.place.id);
                if begin.is_none_or(|begin| self.follows(order, (begin.value, begin.id))) {
                    hits.push(seen);
                }
            })?;
            left = left.saturating_sub(weight);
            if hits.len() / 2 > wanted.max(SOME) {
                self.sort(&mut hits);
                hits.truncate(wanted);
            }
            Ok(true)
        })?;
        self.sort(&mut hits);
        hits.drain(..offset.min(hits.len()));
        let more = hits.len() > self.query.limit;
        hits.truncate(self.query.limit);
        Ok(Found { hits, more, gave_up })
    }

    fn sort(&self, hits: &mut [Seen]) {
        hits.sort_unstable_by_key(|seen| (seen.place.value, seen.place.id));
        if !self.ascending {
            hits.reverse();
        }
    }

    /// Whether one comes after the other in the direction of the search.
    fn follows<T: Ord + Copy>(&self, one: T, other: T) -> bool {
        if self.ascending { one > other } else { one < other }
    }

    /// The time that is gone through: what is asked for, from where the page begins.
    fn span(&self, begin: Option<Position>) -> Span {
        let mut span = Span {
            since: self.query.since.map_or(i64::MIN, Wall::millis),
            until: self.query.until.map_or(i64::MAX, Wall::millis),
        };
        match begin.map(|begin| begin.value) {
            Some(at) if self.ascending => span.since = span.since.max(at),
            Some(at) => span.until = span.until.min(at.saturating_add(1)),
            None => {}
        }
        span
    }

    /// Looks at the rows of a segment, and says how many rows that took as long as.
    fn look(&self, sieve: &Sieve<'_>, segment: &Segment<'_>, mut each: impl FnMut(Seen)) -> Result<u64, Fault> {
        let Some(numbers) = sieve.over(segment)? else {
            return Ok(PASSED_OVER);
        };
        let bodies = Bodies {
            conn: self.conn,
            org: self.org,
        };
        let columns = segment.columns()?;
        let mut looked = 0;
        for row in 0..columns.rows() {
            let (hit, weight) = sieve.lets(&numbers, &columns, row, &bodies)?;
            looked += weight;
            if hit {
                each(seen(segment.no, &columns, row, figure(self.query.sort)));
            }
        }
        Ok(looked)
    }
}

/// So many hits are kept at the least before those that rank behind are let go.
const SOME: usize = 4096;

const fn place(side: Side) -> Position {
    match side {
        Side::After(place) | Side::Before(place) => place,
    }
}

/// A page that is being filled, in the order of time.
#[derive(Debug)]
struct Page {
    skip: usize,
    limit: usize,
    hits: Vec<Seen>,
    more: bool,
}

impl Page {
    const fn of(query: &LogQuery) -> Self {
        Self {
            skip: if query.from.is_none() { query.offset } else { 0 },
            limit: query.limit,
            hits: Vec::new(),
            more: false,
        }
    }

    /// Takes what comes before a time, in that direction, until there is more than is wanted.
    fn take(&mut self, waiting: &mut BTreeMap<(i64, RequestId), Seen>, edge: Option<i64>, ascending: bool) {
        while !self.more {
            let first = if ascending {
                waiting.first_entry()
            } else {
                waiting.last_entry()
            };
            let Some(first) = first else { return };
            let at = first.key().0;
            let is_before = edge.is_none_or(|edge| if ascending { at < edge } else { at > edge });
            if !is_before {
                return;
            }
            if self.skip > 0 {
                self.skip -= 1;
            } else if self.hits.len() == self.limit {
                self.more = true;
                return;
            } else {
                self.hits.push(*first.get());
            }
            first.remove();
        }
    }
}
