//! Pages of entries: from segment to segment, past those that cannot hold what is wanted.

use gateway_governance::entry::ENTRY_VERSION;
use gateway_governance::ledger::{Page, Wanted};
use gateway_types::{EntryId, Org, Wall};
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::rows::{COLUMNS, NAMES, Stored};
use super::segment::{Unreadable, has_all};
use crate::sqlite::fault::Fault;

/// A page of the entries that fit.
pub(super) fn page(conn: &Connection, org: &Org, wanted: &Wanted) -> Result<Page, Fault> {
    let mut rows = conn.prepare_cached(&search(wanted))?;
    let after = wanted.after.map_or_else(
        || if wanted.oldest_first { 0 } else { i64::MAX },
        |after| i64::try_from(after).unwrap_or(i64::MAX),
    );
    let from = wanted.from.map(Wall::millis);
    let until = wanted.until.map(Wall::millis);
    let (low, high) = wanted
        .request
        .map_or((Uuid::nil(), Uuid::max()), |request| (request.uuid(), request.uuid()));
    let mut rows = if is_narrow(wanted) {
        rows.query((org.as_str(), after, from, until, low.as_bytes(), high.as_bytes()))?
    } else {
        rows.query((org.as_str(), after))?
    };
    let names = names(wanted);
    let mut found = Found {
        org,
        wanted,
        after,
        page: Page::default(),
        last: None,
    };
    while let Some(row) = rows.next()? {
        if holds(row, &names)? && found.take(&Stored::read(row)?)? {
            break;
        }
    }
    Ok(found.page)
}

/// The statement that gives the segments that may hold something, in the order of the page. What is wanted of time and of a
/// request alone is asked of the index of spans, which is small.
pub(super) fn search(wanted: &Wanted) -> String {
    let (from, order) = if wanted.oldest_first {
        // The last one that begins at the cursor or before it may go on beyond it.
        let first = "SELECT max(seq) FROM ledger_segments WHERE org = ?1 AND seq <= ?2";
        (format!("seq >= coalesce(({first}), 0)"), "ASC")
    } else {
        (String::from("seq < ?2"), "DESC")
    };
    let narrow = if is_narrow(wanted) {
        "AND seq IN (
             SELECT seq FROM ledger_segments INDEXED BY ledger_segments_spans
             WHERE org = ?1 AND (?3 IS NULL OR high_at >= ?3) AND (?4 IS NULL OR low_at < ?4)
                 AND high_request >= ?5 AND low_request <= ?6
         )"
    } else {
        ""
    };
    format!("SELECT {COLUMNS} FROM ledger_segments WHERE org = ?1 AND {from} {narrow} ORDER BY seq {order}")
}

const fn is_narrow(wanted: &Wanted) -> bool {
    wanted.request.is_some() || wanted.from.is_some() || wanted.until.is_some()
}

/// The names that an entry must have to fit.
fn names(wanted: &Wanted) -> Vec<&str> {
    let names = [
        wanted.virtual_key.as_ref().map(|key| key.as_str()),
        wanted.team.as_ref().map(|team| team.as_str()),
        wanted.customer.as_ref().map(|customer| customer.as_str()),
        wanted.provider.as_ref().map(|name| name.as_str()),
        wanted.model.as_ref().map(|name| name.as_str()),
        wanted.quota.as_ref().map(|quota| quota.as_str()),
    ];
    names.into_iter().flatten().collect()
}

fn holds(row: &Row<'_>, names: &[&str]) -> Result<bool, Fault> {
    Ok(names.is_empty() || has_all(row.get_ref(NAMES)?.as_blob().map_err(rusqlite::Error::from)?, names))
}

/// A page that is being filled.
#[derive(Debug)]
struct Found<'a> {
    org: &'a Org,
    wanted: &'a Wanted,
    after: i64,
    page: Page,
    last: Option<u64>,
}

impl Found<'_> {
    /// Takes what fits out of a segment, and says whether the page is full.
    fn take(&mut self, stored: &Stored) -> Result<bool, Fault> {
        let opened = stored.segment.open();
        let count = opened.len();
        for step in 0..count {
            let place = if self.wanted.oldest_first {
                step
            } else {
                count - 1 - step
            };
            let seq = stored.seq.saturating_add(i64::try_from(place).unwrap_or(i64::MAX));
            let is_past = if self.wanted.oldest_first {
                seq <= self.after
            } else {
                seq >= self.after
            };
            if is_past {
                continue;
            }
            let entry = opened
                .entry(place, self.org)
                .map_err(|error| unreadable(opened.id(place), error))?;
            if !self.wanted.takes(&entry) {
                continue;
            }
            if self.page.entries.len() == self.wanted.limit {
                // There is one more than was asked for.
                self.page.next = self.last;
                return Ok(true);
            }
            self.page.entries.push(entry);
            self.last = Some(seq.unsigned_abs());
        }
        Ok(false)
    }
}

/// What is said of an entry that cannot be read.
pub(super) fn unreadable(id: Option<EntryId>, error: Unreadable) -> Fault {
    match error {
        Unreadable::Newer(v) => Fault::format("a ledger entry", v, ENTRY_VERSION),
        Unreadable::Broken => {
            let id = id.map_or_else(|| String::from("?"), |id| id.to_string());
            Fault(format!("ledger entry {id} cannot be read"))
        }
    }
}
