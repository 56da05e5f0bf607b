//! Entries of earlier schemas, a row each, put into segments.

use gateway_governance::entry::Entry;
use gateway_types::Org;
use rusqlite::Connection;
use uuid::Uuid;

use super::rows::{insert, next_seq};
use super::segment::{MOST, Segment};
use crate::sqlite::fault::Fault;

/// Takes all entries over, in their order, and drops the tables that they stood in. A row that holds no entry is kept as it
/// is, to be found by a verification.
pub(in crate::sqlite) fn take_over(conn: &Connection) -> Result<(), Fault> {
    for org in orgs(conn)? {
        take_over_of(conn, &org)?;
    }
    conn.execute_batch("DROP TABLE ledger_charges; DROP TABLE ledger_legs; DROP TABLE ledger_entries")?;
    Ok(())
}

fn orgs(conn: &Connection) -> Result<Vec<Org>, Fault> {
    let mut rows = conn.prepare("SELECT DISTINCT org FROM ledger_entries")?;
    let orgs = rows.query_map([], |row| row.get::<_, String>(0))?;
    Ok(orgs.map(|org| org.map(Org::from)).collect::<Result<_, _>>()?)
}

fn take_over_of(conn: &Connection, org: &Org) -> Result<(), Fault> {
    let mut rows =
        conn.prepare("SELECT id, at, request, body FROM ledger_entries NOT INDEXED WHERE org = ?1 ORDER BY seq")?;
    let mut rows = rows.query([org.as_str()])?;
    let mut entries = Vec::with_capacity(MOST);
    while let Some(row) = rows.next()? {
        let (id, request) = (Uuid::from_bytes(row.get(0)?), Uuid::from_bytes(row.get(2)?));
        let body: String = row.get(3)?;
        match serde_json::from_str::<Entry>(&body) {
            // An entry that does not say what its row says is not what was written.
            Ok(entry) if entry.id.uuid() == id && entry.org == *org => entries.push(entry),
            _ => {
                write(conn, org, &mut entries)?;
                let broken = Segment::unreadable(id, row.get(1)?, request, body.as_bytes());
                insert(conn, org, next_seq(conn, org)?, &broken)?;
            }
        }
        if entries.len() == MOST {
            write(conn, org, &mut entries)?;
        }
    }
    write(conn, org, &mut entries)
}

fn write(conn: &Connection, org: &Org, entries: &mut Vec<Entry>) -> Result<(), Fault> {
    if !entries.is_empty() {
        insert(conn, org, next_seq(conn, org)?, &Segment::of(entries))?;
        entries.clear();
    }
    Ok(())
}
