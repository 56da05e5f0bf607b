//! Pages of rows. They are looked for along an index, and not further than so many rows at a time: whatever is asked for,
//! a page costs about the same at a thousand rows and at a million.

use gateway::ports::logs::{LogPage, LogQuery, LogRow, Position, Side, Sort};
use gateway_types::{Org, RequestId, Wall};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use uuid::Uuid;

use super::query::{Filter, Way, ways};
use super::row;
use crate::sqlite::fault::Fault;

/// How many rows one page looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// Where rows are found in the order that they are wanted in. Kept content counts as a row for every two kilobytes
    /// that a search has to read.
    pub(super) in_order: i64,
    /// Where all have to be seen before the first is known: a sort by anything but time.
    pub(super) sorted: i64,
}

pub(super) const REACH: Reach = Reach {
    in_order: 50_000,
    sorted: 250_000,
};

/// A row that was found, or looked at.
#[derive(Clone, Copy, Debug)]
struct Seen {
    at: i64,
    place: Position,
}

/// What a search came back with, in its own direction.
#[derive(Debug, Default)]
struct Found {
    hits: Vec<Seen>,
    /// Whether there are more than were wanted.
    more: bool,
    /// The last row that was looked at, where there may be more behind it.
    gave_up: Option<Seen>,
}

pub(super) fn page(conn: &Connection, org: &Org, query: &LogQuery, reach: Reach) -> Result<LogPage, Fault> {
    if query.limit == 0 {
        return Ok(LogPage::default());
    }
    let backwards = matches!(query.from, Some(Side::Before(_)));
    let mut found = match query.sort {
        Sort::Timestamp => in_order(conn, org, query, backwards, reach.in_order)?,
        _ => sorted(conn, org, query, backwards, reach.sorted)?,
    };
    // A page in the order of time that is full is short of nothing, wherever the search ended.
    let short = query.sort != Sort::Timestamp || found.hits.len() < query.limit;
    let searched_until = found.gave_up.filter(|_| short).map(|seen| Wall::from_millis(seen.at));
    // Where the search goes on: after the last that was found, or after the last that was looked at.
    let unseen = found
        .gave_up
        .filter(|_| query.sort == Sort::Timestamp)
        .map(|seen| seen.place);
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

fn rows(conn: &Connection, org: &Org, hits: &[Seen]) -> Result<Vec<LogRow>, Fault> {
    let gone = || Fault(String::from("a row that an index has is not there"));
    let find = |seen: &Seen| row::find(conn, org, seen.place.id)?.ok_or_else(gone);
    hits.iter().map(find).collect()
}

/// Rows by time: the index gives them in order, so that the search ends with the page.
fn in_order(conn: &Connection, org: &Org, query: &LogQuery, backwards: bool, reach: i64) -> Result<Found, Fault> {
    let ascending = query.ascending != backwards;
    let mut skip = if query.from.is_none() { query.offset } else { 0 };
    let mut found = Found::default();
    let mut left = reach;
    visit(conn, org, query, ascending, |seen, hit, weight| {
        left = left.saturating_sub(weight);
        if hit && skip > 0 {
            skip -= 1;
        } else if hit && found.hits.len() == query.limit {
            found.more = true;
            return false;
        } else if hit {
            found.hits.push(seen);
        }
        if left <= 0 {
            found.gave_up = Some(seen);
        }
        left > 0
    })?;
    Ok(found)
}

/// Rows by something else: the newest are gone through, and put in order.
fn sorted(conn: &Connection, org: &Org, query: &LogQuery, backwards: bool, reach: i64) -> Result<Found, Fault> {
    let ascending = query.ascending != backwards;
    let from = query
        .from
        .map(|(Side::After(place) | Side::Before(place))| (place.value, place.id));
    let mut found = Found::default();
    let mut left = reach;
    visit(conn, org, query, false, |seen, hit, weight| {
        left = left.saturating_sub(weight);
        let rank = (seen.place.value, seen.place.id);
        let is_after = from.is_none_or(|from| if ascending { rank > from } else { rank < from });
        if hit && is_after {
            found.hits.push(seen);
        }
        if left <= 0 {
            found.gave_up = Some(seen);
        }
        left > 0
    })?;
    found
        .hits
        .sort_unstable_by_key(|seen| (seen.place.value, seen.place.id));
    if !ascending {
        found.hits.reverse();
    }
    if query.from.is_none() {
        found.hits.drain(..query.offset.min(found.hits.len()));
    }
    found.more = found.hits.len() > query.limit;
    found.hits.truncate(query.limit);
    Ok(found)
}

/// Looks at rows by time until told to stop: each with whether the query asks for it, and what looking at it costs.
fn visit(
    conn: &Connection,
    org: &Org,
    query: &LogQuery,
    ascending: bool,
    mut each: impl FnMut(Seen, bool, i64) -> bool,
) -> Result<(), Fault> {
    let (sql, values) = statement(org, query, ascending);
    let mut rows = conn.prepare_cached(&sql)?;
    let mut rows = rows.query(params_from_iter(values))?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let (seen, hit, weight) = looked_at(row)?;
        // Two ways may lead to one row; it then comes twice in a row.
        if last.replace(seen.place.id) != Some(seen.place.id) && !each(seen, hit, weight) {
            break;
        }
    }
    Ok(())
}

fn looked_at(row: &Row<'_>) -> rusqlite::Result<(Seen, bool, i64)> {
    let id = RequestId::from(Uuid::from_bytes(row.get(1)?));
    let seen = Seen {
        at: row.get(0)?,
        place: Position { value: row.get(2)?, id },
    };
    let hit = row.get::<_, Option<bool>>(3)?;
    Ok((seen, hit.unwrap_or(false), row.get(4)?))
}

/// The statement that goes along the ways. Conditions that no index answers stand among its columns, so that rows which
/// they do not hold for can be counted.
pub(super) fn statement(org: &Org, query: &LogQuery, ascending: bool) -> (String, Vec<Value>) {
    let mut filter = Filter::of(org, query);
    let column = match query.sort {
        Sort::Timestamp => "at",
        Sort::Latency => "latency_us",
        Sort::Tokens => "tokens",
        Sort::Cost => "cost",
    };
    let weight = match query.text.as_deref().unwrap_or_default() {
        "" => "1",
        _ => "1 + (coalesce(octet_length(request_body), 0) + coalesce(octet_length(response_body), 0)) / 2048",
    };
    let columns = format!("at, id, {column}, {}, {weight}", filter.sql());
    let direction = if ascending { "ASC" } else { "DESC" };
    let within = within(&mut filter, query, ascending);
    let each = |Way { condition, value }: Way| {
        let condition = match value {
            Some(value) => format!("{} AND ", condition.replace('?', &filter.put(Value::Text(value)))),
            None => String::new(),
        };
        format!("SELECT {columns} FROM logs WHERE org = ?1 AND {condition}{within}")
    };
    let ways: Vec<String> = ways(query).into_iter().map(each).collect();
    let sql = format!("{} ORDER BY 1 {direction}, 2 {direction}", ways.join(" UNION ALL "));
    (sql, filter.values)
}

/// The stretch of time that is gone along: what is asked for, from where the page begins.
fn within(filter: &mut Filter, query: &LogQuery, ascending: bool) -> String {
    let mut bound = |what: &str, at: i64| format!("{what} {}", filter.put(Value::Integer(at)));
    let mut within = vec![
        bound("at >=", query.since.map_or(i64::MIN, Wall::millis)),
        bound("at <", query.until.map_or(i64::MAX, Wall::millis)),
    ];
    if let (Sort::Timestamp, Some(Side::After(place) | Side::Before(place))) = (query.sort, query.from) {
        let id = Value::Blob(place.id.uuid().as_bytes().to_vec());
        let (at, id) = (filter.put(Value::Integer(place.value)), filter.put(id));
        let side = if ascending { ">" } else { "<" };
        within.push(format!("(at, id) {side} ({at}, {id})"));
    }
    within.join(" AND ")
}
