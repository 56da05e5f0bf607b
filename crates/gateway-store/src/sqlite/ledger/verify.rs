//! Recomputing the books, row by row: entries from their bodies, the columns beside them, the rows made of them, and every
//! window from its charges. All of it sees one state of the data; nothing is kept but sums.

use gateway_governance::entry::Entry;
use gateway_governance::ledger::Verified;
use gateway_governance::quota::WindowNo;
use gateway_governance::verify::Sums;
use gateway_types::Org;
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::entries::{kept, parse, place_of};
use super::windows::{each_window, number, unit, word};
use crate::sqlite::fault::Fault;

pub(super) fn verify(conn: &Connection, org: &Org) -> Result<Verified, Fault> {
    let mut verified = Verified::default();
    let made = entries(conn, org, &mut verified)?;
    strays(conn, org, &made, &mut verified)?;
    windows(conn, org, &mut verified)?;
    Ok(verified)
}

/// How many rows entries should have made.
#[derive(Debug, Default)]
struct Made {
    legs: u64,
    charges: u64,
}

/// The columns beside an entry's body.
#[derive(Debug, PartialEq)]
struct Columns {
    seq: i64,
    v: u32,
    id: String,
    at: i64,
    request: String,
    virtual_key: Option<String>,
    team: Option<String>,
    customer: Option<String>,
    total: i64,
    body: String,
}

impl Columns {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get("seq")?,
            v: row.get("v")?,
            id: id(&row.get::<_, Vec<u8>>("id")?),
            at: row.get("at")?,
            request: id(&row.get::<_, Vec<u8>>("request")?),
            virtual_key: row.get("virtual_key")?,
            team: row.get("team")?,
            customer: row.get("customer")?,
            total: row.get("total")?,
            body: row.get("body")?,
        })
    }
}

/// An id as it is shown; what is none is shown in hexadecimal.
fn id(bytes: &[u8]) -> String {
    Uuid::from_slice(bytes).map_or_else(
        |_| bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        |id| id.to_string(),
    )
}

fn entries(conn: &Connection, org: &Org, verified: &mut Verified) -> Result<Made, Fault> {
    let mut made = Made::default();
    let mut rows = conn.prepare_cached(
        "SELECT seq, v, id, at, request, virtual_key, team, customer, total, body FROM ledger_entries NOT INDEXED
         WHERE org = ?1 ORDER BY seq",
    )?;
    let mut last = 0;
    for row in rows.query_map([org.as_str()], Columns::read)? {
        let columns = row?;
        let entry = match read(&columns) {
            Ok(entry) => entry,
            Err(Some(newer)) => return Err(newer),
            Err(None) => {
                verified.entries += 1;
                verified.differs(&format!("entry {}", columns.id), "body", "no entry", "an entry");
                continue;
            }
        };
        verified.entry(&entry);
        compare(&columns, &entry, verified);
        made.legs += legs(conn, org, &columns, &entry, verified)?;
        made.charges += charges(conn, org, &columns, &entry, verified)?;
        last = columns.seq;
    }
    tracing::debug!(last, "entries recomputed");
    Ok(made)
}

/// The entry of a row; no fault where it is broken, one where it is newer than this build.
fn read(columns: &Columns) -> Result<Entry, Option<Fault>> {
    parse(columns.v, &columns.body).map_err(|fault| {
        let newer = columns.v > gateway_governance::entry::ENTRY_VERSION;
        newer.then_some(fault)
    })
}

fn compare(columns: &Columns, entry: &Entry, verified: &mut Verified) {
    let at = format!("entry {}", columns.id);
    let or_none = |text: Option<&str>| text.unwrap_or("none").to_owned();
    verified.compare(&at, "id", columns.id.clone(), entry.id.to_string());
    verified.compare(&at, "v", columns.v, entry.v);
    verified.compare(&at, "at", columns.at, entry.at.millis());
    verified.compare(&at, "request", columns.request.clone(), entry.request.to_string());
    let texts = [
        (
            "virtual_key",
            &columns.virtual_key,
            entry.virtual_key.as_ref().map(|key| key.as_str()),
        ),
        ("team", &columns.team, entry.team.as_ref().map(|team| team.as_str())),
        (
            "customer",
            &columns.customer,
            entry.customer.as_ref().map(|customer| customer.as_str()),
        ),
    ];
    for (of, column, body) in texts {
        verified.compare(&at, of, or_none(column.as_deref()), or_none(body));
    }
    if columns.total != entry.total.0 {
        verified.differs(&at, "total", columns.total, entry.total.0);
    }
}

/// Compares the rows of an entry's legs and says how many it should have.
fn legs(conn: &Connection, org: &Org, columns: &Columns, entry: &Entry, verified: &mut Verified) -> Result<u64, Fault> {
    let mut rows = conn
        .prepare_cached("SELECT place, provider, model FROM ledger_legs WHERE org = ?1 AND seq = ?2 ORDER BY place")?;
    let rows = rows.query_map((org.as_str(), columns.seq), |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
        ))
    })?;
    let found: Vec<(i64, String, String)> = rows.collect::<Result<_, _>>()?;
    let expected: Vec<(i64, String, String)> = entry
        .legs
        .iter()
        .enumerate()
        .map(|(place, leg)| (place_of(place), leg.provider.to_string(), leg.model.to_string()))
        .collect();
    if found != expected {
        let said = |rows: &[(i64, String, String)]| {
            let rows: Vec<String> = rows
                .iter()
                .map(|(place, provider, model)| format!("{place}: {provider}/{model}"))
                .collect();
            rows.join(", ")
        };
        verified.differs(&format!("entry {}", columns.id), "legs", said(&found), said(&expected));
    }
    Ok(expected.len() as u64)
}

/// A row of `ledger_charges`.
type Charged = (i64, i64, String, i64, String, i64, i64);

/// Compares the rows of an entry's charges and says how many it should have.
fn charges(
    conn: &Connection,
    org: &Org,
    columns: &Columns,
    entry: &Entry,
    verified: &mut Verified,
) -> Result<u64, Fault> {
    let mut rows = conn.prepare_cached(
        "SELECT place, seq, quota, window, unit, amount, overrun FROM ledger_charges
         WHERE org = ?1 AND entry = ?2 ORDER BY place",
    )?;
    let rows = rows.query_map((org.as_str(), entry.id.uuid().as_bytes()), |row| {
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            row.get(4)?,
            row.get(5)?,
            row.get(6)?,
        ))
    })?;
    let found: Vec<Charged> = rows.collect::<Result<_, _>>()?;
    let expected: Vec<Charged> = kept(entry)
        .enumerate()
        .map(|(place, charge)| {
            let quota = charge.quota.to_string();
            let (window, unit) = (number(charge.window), word(charge.unit).to_owned());
            (
                place_of(place),
                columns.seq,
                quota,
                window,
                unit,
                charge.amount,
                charge.overrun,
            )
        })
        .collect();
    if found != expected {
        let said = |rows: &[Charged]| {
            let row = |(place, seq, quota, window, unit, amount, overrun): &Charged| {
                format!("{place}: {quota} window {window} {amount} {unit}, overrun {overrun}, entry number {seq}")
            };
            rows.iter().map(row).collect::<Vec<_>>().join("; ")
        };
        verified.differs(
            &format!("entry {}", columns.id),
            "charges",
            said(&found),
            said(&expected),
        );
    }
    Ok(expected.len() as u64)
}

/// Notes rows that belong to no entry, where there are more rows than entries should have made.
fn strays(conn: &Connection, org: &Org, made: &Made, verified: &mut Verified) -> Result<(), Fault> {
    let count = |table: &str| -> Result<u64, Fault> {
        let count: i64 = conn
            .prepare_cached(&format!("SELECT count(*) FROM {table} WHERE org = ?1"))?
            .query_row([org.as_str()], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    };
    if count("ledger_charges")? > made.charges {
        let mut rows = conn.prepare_cached(
            "SELECT entry, sum(amount) FROM ledger_charges AS c WHERE org = ?1 AND NOT EXISTS (
                 SELECT 1 FROM ledger_entries AS e WHERE e.org = c.org AND e.id = c.entry
             ) GROUP BY entry",
        )?;
        for row in rows.query_map([org.as_str()], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?))
        })? {
            let (entry, amount) = row?;
            verified.differs(&format!("entry {}", id(&entry)), "charges", amount, "no such entry");
        }
    }
    if count("ledger_legs")? > made.legs {
        let mut rows = conn.prepare_cached(
            "SELECT DISTINCT seq FROM ledger_legs AS l WHERE org = ?1
                 AND NOT EXISTS (SELECT 1 FROM ledger_entries AS e WHERE e.seq = l.seq AND e.org = l.org)",
        )?;
        for row in rows.query_map([org.as_str()], |row| row.get::<_, i64>(0))? {
            verified.differs(&format!("entry number {}", row?), "legs", "a row", "no such entry");
        }
    }
    Ok(())
}

/// The charges of one window, added up.
#[derive(Debug)]
struct Sum {
    quota: String,
    window: i64,
    sums: Sums,
    /// Whether its charges are of one unit.
    mixed: bool,
}

/// Recomputes windows: charges and books come in the same order, and are merged.
fn windows(conn: &Connection, org: &Org, verified: &mut Verified) -> Result<(), Fault> {
    let mut rows = conn.prepare_cached(
        "SELECT quota, window, unit, amount, overrun FROM ledger_charges WHERE org = ?1 ORDER BY quota, window",
    )?;
    let mut rows = rows.query([org.as_str()])?;
    let mut ahead = None;
    let mut next = sum(&mut rows, &mut ahead)?;
    each_window(conn, org, |page| {
        let kept = page.kept();
        let state = gateway_governance::ledger::WindowState::from(page);
        let place = (state.quota.as_str(), number(state.window));
        while let Some(early) = next.take_if(|sum| (sum.quota.as_str(), sum.window) < place) {
            verified.no_window(&early.quota, WindowNo(early.window.unsigned_abs()), &early.sums);
            next = sum(&mut rows, &mut ahead)?;
        }
        let own = next.take_if(|sum| (sum.quota.as_str(), sum.window) == place);
        if let Some(own) = &own {
            if own.mixed {
                let at = format!("quota {} window {}", own.quota, own.window);
                verified.differs(&at, "unit", "charges of several units", word(state.unit));
            }
            next = sum(&mut rows, &mut ahead)?;
        }
        verified.window(&state, &own.map(|own| own.sums).unwrap_or_default(), &kept);
        Ok(())
    })?;
    while let Some(late) = next {
        verified.no_window(&late.quota, WindowNo(late.window.unsigned_abs()), &late.sums);
        next = sum(&mut rows, &mut ahead)?;
    }
    Ok(())
}

/// Adds up the charges of the next window. `ahead` holds the charge that was read of the one after it.
fn sum(rows: &mut rusqlite::Rows<'_>, ahead: &mut Option<Sum>) -> Result<Option<Sum>, Fault> {
    let mut sum = ahead.take();
    while let Some(row) = rows.next()? {
        let (quota, window): (String, i64) = (row.get(0)?, row.get(1)?);
        let unit = unit(&row.get::<_, String>(2)?)?;
        let mut one = Sum {
            quota,
            window,
            sums: Sums::default(),
            mixed: false,
        };
        one.sums.add(unit, row.get(3)?, row.get(4)?);
        match &mut sum {
            None => sum = Some(one),
            Some(sum) if (&sum.quota, sum.window) == (&one.quota, one.window) => {
                sum.mixed |= sum.sums.unit != Some(unit);
                sum.sums = sum.sums.and(one.sums);
            }
            Some(_) => {
                *ahead = Some(one);
                break;
            }
        }
    }
    Ok(sum)
}
