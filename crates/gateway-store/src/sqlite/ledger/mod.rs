//! Leases and entries over SQLite.

use std::collections::BTreeMap;
use std::collections::btree_map;

use async_trait::async_trait;
use gateway_governance::entry::{Charge, ENTRY_VERSION, Entry};
use gateway_governance::ledger::{
    Ask, Ledger, Page as EntryPage, Return, Slice, StoreError, Verified, Wanted, WindowState,
};
use gateway_governance::quota::{Unit, WindowNo};
use gateway_types::{Org, QuotaId, Wall};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::Database;
use super::books::Books;
use super::fault::Fault;
use super::reader::Readers;
use super::writer::Writer;

/// The format of a row of `quota_windows`.
const WINDOW_VERSION: u32 = 1;

#[derive(Debug)]
pub(super) struct SqliteLedger {
    org: Org,
    writer: Writer,
    readers: Readers,
}

impl SqliteLedger {
    pub(super) fn new(org: &Org, books: &Database) -> Self {
        Self {
            org: org.clone(),
            writer: books.writer.clone(),
            readers: books.readers.clone(),
        }
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn lease(&self, asks: &[Ask], now: Wall) -> Result<Vec<Slice>, StoreError> {
        let (org, asks) = (self.org.clone(), asks.to_vec());
        let slices = self
            .writer
            .run(move |conn| asks.iter().map(|ask| lease(conn, &org, ask, now)).collect());
        Ok(slices.await?)
    }

    async fn give_back(&self, returns: &[Return]) -> Result<(), StoreError> {
        let (org, returns) = (self.org.clone(), returns.to_vec());
        let done = self.writer.run(move |conn| {
            let mut pages = Pages::new(conn, &org);
            for Return { quota, window, amount } in &returns {
                // A window that does not exist has granted nothing.
                if let Some(page) = pages.find(quota, *window)? {
                    page.books.give_back(*amount);
                }
            }
            pages.write()
        });
        Ok(done.await?)
    }

    async fn append(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let (org, entries) = (self.org.clone(), entries.to_vec());
        let done = self.writer.run(move |conn| {
            let mut pages = Pages::new(conn, &org);
            for entry in &entries {
                if insert(conn, &org, entry)? {
                    charge(conn, &mut pages, entry)?;
                }
            }
            pages.write()
        });
        Ok(done.await?)
    }

    async fn windows(&self) -> Result<Vec<WindowState>, StoreError> {
        let org = self.org.clone();
        Ok(self.readers.run(move |conn| latest_windows(conn, &org)).await?)
    }

    async fn recover(&self) -> Result<(), StoreError> {
        let org = self.org.clone();
        Ok(self.writer.run(move |conn| recover(conn, &org)).await?)
    }

    async fn reset(&self, quota: &QuotaId, now: Wall) -> Result<(), StoreError> {
        let _ = now;
        Err(StoreError(format!("TODO {quota}")))
    }

    async fn write_off(&self, quota: &QuotaId, window: WindowNo) -> Result<i64, StoreError> {
        let _ = window;
        Err(StoreError(format!("TODO {quota}")))
    }

    async fn page(&self, wanted: &Wanted) -> Result<EntryPage, StoreError> {
        Err(StoreError(format!("TODO {wanted:?}")))
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        Err(StoreError(String::from("TODO")))
    }

    async fn entries(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let org = self.org.clone();
        Ok(self.readers.run(move |conn| latest_entries(conn, &org, limit)).await?)
    }
}

/// Grants what can be granted in the window that `now` belongs to, which is opened if need be.
fn lease(conn: &Connection, org: &Org, ask: &Ask, now: Wall) -> Result<Slice, Fault> {
    let last = latest(conn, org, &ask.quota)?.map(|page| Page {
        ends: ask.cut.end_of(page.started),
        ..page
    });
    let mut page = match last {
        // A clock that went back stays in the window: numbers only go up.
        Some(page) if now < page.ends => page,
        last => {
            let (started, ends) = ask.cut.window(now);
            let window = WindowNo(last.map_or(0, |last| last.window.0).saturating_add(1));
            Page {
                quota: ask.quota.clone(),
                window,
                unit: ask.unit,
                started,
                ends,
                books: Books::default(),
            }
        }
    };
    let granted = page.books.grant(ask.want, ask.limit);
    save(conn, org, &page)?;
    Ok(Slice {
        quota: page.quota,
        window: page.window,
        started: page.started,
        ends: page.ends,
        granted,
        granted_in_all: page.books.granted,
        charged: page.books.charged(),
    })
}

/// Writes an entry down, unless it is there already, and says whether it did.
fn insert(conn: &Connection, org: &Org, entry: &Entry) -> Result<bool, Fault> {
    if entry.org != *org {
        return Err(Fault(format!(
            "entry {} is of organisation {}, these are the books of {org}",
            entry.id, entry.org
        )));
    }
    let inserted = conn
        .prepare_cached(
            "INSERT INTO ledger_entries (org, id, v, at, request, virtual_key, total, body)
             VALUES (:org, :id, :v, :at, :request, :virtual_key, :total, :body) ON CONFLICT DO NOTHING",
        )?
        .execute(named_params! {
            ":org": org.as_str(),
            ":id": entry.id.uuid().as_bytes(),
            ":v": entry.v,
            ":at": entry.at.millis(),
            ":request": entry.request.uuid().as_bytes(),
            ":virtual_key": entry.virtual_key.as_ref().map(|key| key.as_str()),
            ":total": entry.total.0,
            ":body": serde_json::to_string(entry)?,
        })?;
    Ok(inserted > 0)
}

/// Charges an entry's windows.
fn charge(conn: &Connection, pages: &mut Pages<'_>, entry: &Entry) -> Result<(), Fault> {
    let kept = entry.charges.iter().filter(|charge| charge.unit != Unit::InFlight);
    for (place, charge) in kept.enumerate() {
        conn.prepare_cached(
            "INSERT INTO ledger_charges (org, entry, place, quota, window, unit, amount, overrun)
             VALUES (:org, :entry, :place, :quota, :window, :unit, :amount, :overrun)",
        )?
        .execute(named_params! {
            ":org": pages.org.as_str(),
            ":entry": entry.id.uuid().as_bytes(),
            ":place": i64::try_from(place).unwrap_or(i64::MAX),
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

fn recover(conn: &Connection, org: &Org) -> Result<(), Fault> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM quota_windows INDEXED BY quota_windows_out
         WHERE org = ?1 AND granted > settled + unaccounted"
    ))?;
    let out = rows
        .query_map([org.as_str()], read_page)?
        .collect::<Result<Vec<_>, _>>()?;
    for mut page in out {
        page.books.lose();
        save(conn, org, &page)?;
    }
    Ok(())
}

fn latest_windows(conn: &Connection, org: &Org) -> Result<Vec<WindowState>, Fault> {
    // Steps from quota to quota through the key, whatever the number of windows that lie behind.
    let mut rows = conn.prepare_cached(&format!(
        "WITH RECURSIVE quotas (name) AS (
             SELECT min(quota) FROM quota_windows WHERE org = ?1
             UNION ALL
             SELECT (SELECT min(quota) FROM quota_windows WHERE org = ?1 AND quota > name)
             FROM quotas WHERE name IS NOT NULL
         )
         SELECT {COLUMNS} FROM quotas JOIN quota_windows ON org = ?1 AND quota = name
             AND window = (SELECT max(window) FROM quota_windows WHERE org = ?1 AND quota = name)
         ORDER BY quota"
    ))?;
    let pages = rows.query_map([org.as_str()], read_page)?;
    pages.map(|page| Ok(page?.into())).collect()
}

fn latest_entries(conn: &Connection, org: &Org, limit: usize) -> Result<Vec<Entry>, Fault> {
    // Left to itself, it would find all entries of the organisation and sort them.
    let mut rows = conn
        .prepare_cached("SELECT v, body FROM ledger_entries NOT INDEXED WHERE org = ?1 ORDER BY seq DESC LIMIT ?2")?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = rows.query_map((org.as_str(), limit), |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.map(|row| {
        let (v, body): (u32, String) = row?;
        if v > ENTRY_VERSION {
            return Err(Fault::format("a ledger entry", v, ENTRY_VERSION));
        }
        Ok(serde_json::from_str(&body)?)
    })
    .collect()
}

/// A row of `quota_windows`.
#[derive(Debug)]
struct Page {
    quota: QuotaId,
    window: WindowNo,
    unit: Unit,
    started: Wall,
    ends: Wall,
    books: Books,
}

impl From<Page> for WindowState {
    fn from(page: Page) -> Self {
        let Page {
            quota,
            window,
            unit,
            started,
            ends,
            books,
        } = page;
        let Books {
            granted,
            settled,
            overrun,
            unaccounted,
        } = books;
        Self {
            quota,
            window,
            unit,
            started,
            ends,
            granted,
            settled,
            overrun,
            unaccounted,
        }
    }
}

/// The windows that one piece of work touches, each read and written once however many entries charge it.
struct Pages<'a> {
    conn: &'a Connection,
    org: &'a Org,
    read: BTreeMap<(QuotaId, WindowNo), Page>,
}

impl<'a> Pages<'a> {
    fn new(conn: &'a Connection, org: &'a Org) -> Self {
        Self {
            conn,
            org,
            read: BTreeMap::new(),
        }
    }

    fn find(&mut self, quota: &QuotaId, window: WindowNo) -> Result<Option<&mut Page>, Fault> {
        match self.read.entry((quota.clone(), window)) {
            btree_map::Entry::Occupied(known) => Ok(Some(known.into_mut())),
            btree_map::Entry::Vacant(place) => {
                Ok(load(self.conn, self.org, quota, window)?.map(|page| place.insert(page)))
            }
        }
    }

    /// The window that a charge names. If it was never leased, the charge still counts: in a window that is over.
    fn open(&mut self, charge: &Charge, at: Wall) -> Result<&mut Page, Fault> {
        match self.read.entry((charge.quota.clone(), charge.window)) {
            btree_map::Entry::Occupied(known) => Ok(known.into_mut()),
            btree_map::Entry::Vacant(place) => {
                let page = load(self.conn, self.org, &charge.quota, charge.window)?;
                Ok(place.insert(page.unwrap_or_else(|| Page {
                    quota: charge.quota.clone(),
                    window: charge.window,
                    unit: charge.unit,
                    started: at,
                    ends: at,
                    books: Books::default(),
                })))
            }
        }
    }

    fn write(self) -> Result<(), Fault> {
        self.read.values().try_for_each(|page| save(self.conn, self.org, page))
    }
}

const COLUMNS: &str = "quota, window, v, unit, started, ends, granted, settled, overrun, unaccounted";

fn latest(conn: &Connection, org: &Org, quota: &QuotaId) -> Result<Option<Page>, Fault> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM quota_windows WHERE org = ?1 AND quota = ?2 ORDER BY window DESC LIMIT 1"
    ))?;
    Ok(rows.query_row((org.as_str(), quota.as_str()), read_page).optional()?)
}

fn load(conn: &Connection, org: &Org, quota: &QuotaId, window: WindowNo) -> Result<Option<Page>, Fault> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM quota_windows WHERE org = ?1 AND quota = ?2 AND window = ?3"
    ))?;
    Ok(rows
        .query_row((org.as_str(), quota.as_str(), number(window)), read_page)
        .optional()?)
}

fn save(conn: &Connection, org: &Org, page: &Page) -> Result<(), Fault> {
    conn.prepare_cached(&format!(
        "INSERT INTO quota_windows (org, {COLUMNS})
         VALUES (:org, :quota, :window, :v, :unit, :started, :ends, :granted, :settled, :overrun, :unaccounted)
         ON CONFLICT DO UPDATE SET ends = :ends, granted = :granted, settled = :settled, overrun = :overrun,
             unaccounted = :unaccounted"
    ))?
    .execute(named_params! {
        ":org": org.as_str(),
        ":quota": page.quota.as_str(),
        ":window": number(page.window),
        ":v": WINDOW_VERSION,
        ":unit": word(page.unit),
        ":started": page.started.millis(),
        ":ends": page.ends.millis(),
        ":granted": page.books.granted,
        ":settled": page.books.settled,
        ":overrun": page.books.overrun,
        ":unaccounted": page.books.unaccounted,
    })?;
    Ok(())
}

fn read_page(row: &Row<'_>) -> rusqlite::Result<Page> {
    Ok(Page {
        quota: QuotaId::from(row.get::<_, String>("quota")?),
        window: WindowNo(row.get::<_, i64>("window")?.unsigned_abs()),
        unit: unit(&row.get::<_, String>("unit")?)?,
        started: Wall::from_millis(row.get("started")?),
        ends: Wall::from_millis(row.get("ends")?),
        books: Books {
            granted: row.get("granted")?,
            settled: row.get("settled")?,
            overrun: row.get("overrun")?,
            unaccounted: row.get("unaccounted")?,
        },
    })
}

fn number(window: WindowNo) -> i64 {
    i64::try_from(window.0).unwrap_or(i64::MAX)
}

const fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::NanoUsd => "nano_usd",
        Unit::Requests => "requests",
        Unit::Tokens => "tokens",
        Unit::InFlight => "in_flight",
    }
}

fn unit(word: &str) -> rusqlite::Result<Unit> {
    match word {
        "nano_usd" => Ok(Unit::NanoUsd),
        "requests" => Ok(Unit::Requests),
        "tokens" => Ok(Unit::Tokens),
        "in_flight" => Ok(Unit::InFlight),
        other => Err(rusqlite::Error::InvalidColumnName(format!("unit {other}"))),
    }
}
