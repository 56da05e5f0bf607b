//! Entries: written down with their legs and charges, found again by page.

use gateway_governance::entry::{Charge, ENTRY_VERSION, Entry};
use gateway_governance::ledger::{Page, Wanted};
use gateway_governance::quota::Unit;
use gateway_types::Org;
use rusqlite::types::Value;
use rusqlite::{Connection, named_params, params_from_iter};

use super::windows::{Pages, number, word};
use crate::sqlite::fault::Fault;

/// Writes an entry down, unless it is there already, and gives its number if it was not.
pub(super) fn insert(conn: &Connection, org: &Org, entry: &Entry) -> Result<Option<i64>, Fault> {
    if entry.org != *org {
        return Err(Fault(format!(
            "entry {} is of organisation {}, these are the books of {org}",
            entry.id, entry.org
        )));
    }
    let inserted = conn
        .prepare_cached(
            "INSERT INTO ledger_entries (org, id, v, at, request, virtual_key, team, customer, total, body)
             VALUES (:org, :id, :v, :at, :request, :virtual_key, :team, :customer, :total, :body) ON CONFLICT DO NOTHING",
        )?
        .execute(named_params! {
            ":org": org.as_str(),
            ":id": entry.id.uuid().as_bytes(),
            ":v": entry.v,
            ":at": entry.at.millis(),
            ":request": entry.request.uuid().as_bytes(),
            ":virtual_key": entry.virtual_key.as_ref().map(|key| key.as_str()),
            ":team": entry.team.as_ref().map(|team| team.as_str()),
            ":customer": entry.customer.as_ref().map(|customer| customer.as_str()),
            ":total": entry.total.0,
            ":body": serde_json::to_string(entry)?,
        })?;
    if inserted == 0 {
        return Ok(None);
    }
    let seq = conn.last_insert_rowid();
    for (place, leg) in entry.legs.iter().enumerate() {
        conn.prepare_cached("INSERT INTO ledger_legs (org, seq, place, provider, model) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((
                org.as_str(),
                seq,
                place_of(place),
                leg.provider.as_str(),
                leg.model.as_str(),
            ))?;
    }
    Ok(Some(seq))
}

/// Charges an entry's windows.
pub(super) fn charge(conn: &Connection, pages: &mut Pages<'_>, entry: &Entry, seq: i64) -> Result<(), Fault> {
    for (place, charge) in kept(entry).enumerate() {
        conn.prepare_cached(
            "INSERT INTO ledger_charges (org, entry, place, seq, quota, window, unit, amount, overrun)
             VALUES (:org, :entry, :place, :seq, :quota, :window, :unit, :amount, :overrun)",
        )?
        .execute(named_params! {
            ":org": pages.org.as_str(),
            ":entry": entry.id.uuid().as_bytes(),
            ":place": place_of(place),
            ":seq": seq,
            ":quota": charge.quota.as_str(),
            ":window": number(charge.window),
            ":unit": word(charge.unit),
            ":amount": charge.amount,
            ":overrun": charge.overrun,
        })?;
        pages
            .open(charge, entry.at)?
            .books
            .charge(charge.amount, charge.overrun);
    }
    Ok(())
}

/// The charges that are booked.
pub(super) fn kept(entry: &Entry) -> impl Iterator<Item = &Charge> {
    entry.charges.iter().filter(|charge| charge.unit != Unit::InFlight)
}

/// A place in a list as it is stored.
pub(super) fn place_of(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

/// Reads an entry of any format up to this one.
pub(super) fn parse(v: u32, body: &str) -> Result<Entry, Fault> {
    if v > ENTRY_VERSION {
        return Err(Fault::format("a ledger entry", v, ENTRY_VERSION));
    }
    Ok(serde_json::from_str(body)?)
}

/// The latest entries.
pub(super) fn latest(conn: &Connection, org: &Org, limit: usize) -> Result<Vec<Entry>, Fault> {
    // Left to itself, it would find all entries of the organisation and sort them.
    let mut rows = conn
        .prepare_cached("SELECT v, body FROM ledger_entries NOT INDEXED WHERE org = ?1 ORDER BY seq DESC LIMIT ?2")?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = rows.query_map((org.as_str(), limit), |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.map(|row| {
        let (v, body): (u32, String) = row?;
        parse(v, &body)
    })
    .collect()
}

/// A page of the entries that fit.
pub(super) fn page(conn: &Connection, org: &Org, wanted: &Wanted) -> Result<Page, Fault> {
    let Search { sql, values } = search(org, wanted);
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, u32>(1)?, row.get::<_, String>(2)?))
    })?;
    let mut page = Page::default();
    let mut last = None;
    for row in rows {
        let (seq, v, body) = row?;
        if page.entries.len() == wanted.limit {
            // There is one more than was asked for.
            page.next = last;
            break;
        }
        page.entries.push(parse(v, &body)?);
        last = Some(seq.unsigned_abs());
    }
    Ok(page)
}

#[derive(Debug)]
struct Search {
    sql: String,
    values: Vec<Value>,
}

/// The statement that finds a page and one entry more, in the order of `seq`. A party, a request, a leg or a quota leads
/// through its own index; time alone does so on the first page, and later ones go on from where the last one ended.
fn search(org: &Org, wanted: &Wanted) -> Search {
    let mut values = vec![Value::Text(org.to_string())];
    let mut put = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    let text = |value: &str| Value::Text(value.to_owned());
    let columns = [
        ("virtual_key", wanted.virtual_key.as_ref().map(|key| text(key.as_str()))),
        ("team", wanted.team.as_ref().map(|team| text(team.as_str()))),
        (
            "customer",
            wanted.customer.as_ref().map(|customer| text(customer.as_str())),
        ),
        (
            "request",
            wanted
                .request
                .map(|request| Value::Blob(request.uuid().as_bytes().to_vec())),
        ),
    ];
    let tables = [
        (
            "ledger_charges",
            "quota",
            wanted.quota.as_ref().map(|quota| text(quota.as_str())),
        ),
        (
            "ledger_legs",
            "provider",
            wanted.provider.as_ref().map(|name| text(name.as_str())),
        ),
        (
            "ledger_legs",
            "model",
            wanted.model.as_ref().map(|name| text(name.as_str())),
        ),
    ];
    let mut found = vec![String::from("e.org = ?1")];
    for (column, value) in columns {
        if let Some(value) = value {
            found.push(format!("e.{column} = {}", put(value)));
        }
    }
    let by_column = found.len() > 1;
    let mut lead = None;
    for (table, column, value) in tables {
        let Some(value) = value.map(&mut put) else { continue };
        if by_column || lead.is_some() {
            found.push(format!(
                "EXISTS (SELECT 1 FROM {table} AS t WHERE t.org = ?1 AND t.seq = e.seq AND t.{column} = {value})"
            ));
        } else {
            found.push(format!("d.org = ?1 AND d.{column} = {value}"));
            lead = Some(table);
        }
    }
    let led = by_column || lead.is_some();
    // A plus keeps an index from being used.
    let at = if led || wanted.after.is_some() { "+e.at" } else { "e.at" };
    for (sign, bound) in [(">=", wanted.from), ("<", wanted.until)] {
        if let Some(bound) = bound {
            found.push(format!("{at} {sign} {}", put(Value::Integer(bound.millis()))));
        }
    }
    let seq = if lead.is_some() { "d.seq" } else { "e.seq" };
    let (sign, order) = if wanted.oldest_first {
        (">", "ASC")
    } else {
        ("<", "DESC")
    };
    if let Some(after) = wanted.after {
        let after = put(Value::Integer(i64::try_from(after).unwrap_or(i64::MAX)));
        found.push(format!("{seq} {sign} {after}"));
    }
    let limit = put(Value::Integer(place_of(wanted.limit).saturating_add(1)));
    let by_time = !led && wanted.after.is_none() && (wanted.from.is_some() || wanted.until.is_some());
    let from = match lead {
        Some(table) => format!("{table} AS d CROSS JOIN ledger_entries AS e ON e.seq = d.seq"),
        None if by_column || by_time => String::from("ledger_entries AS e"),
        // The organisation's index would find all entries, to be sorted.
        None => String::from("ledger_entries AS e NOT INDEXED"),
    };
    // An entry with two legs at a provider is one entry.
    let once = if lead.is_some() { "GROUP BY d.seq" } else { "" };
    let sql = format!(
        "SELECT e.seq, e.v, e.body FROM {from} WHERE {} {once} ORDER BY {seq} {order} LIMIT {limit}",
        found.join(" AND ")
    );
    Search { sql, values }
}
