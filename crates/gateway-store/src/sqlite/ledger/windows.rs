//! The windows of quotas: opened, charged, reset, found.

use std::collections::BTreeMap;
use std::collections::btree_map;

use gateway_governance::ledger::{Ask, Slice, WindowState};
use gateway_governance::quota::{Unit, WindowNo};
use gateway_governance::verify::Kept;
use gateway_types::{Org, QuotaId, Wall};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::sqlite::books::Books;
use crate::sqlite::fault::Fault;

/// The format of a row of `quota_windows`.
const WINDOW_VERSION: u32 = 1;

/// Grants what can be granted in the window that `now` belongs to, which is opened if need be.
pub(super) fn lease(conn: &Connection, org: &Org, ask: &Ask, now: Wall) -> Result<Slice, Fault> {
    let last = latest(conn, org, &ask.quota)?;
    let next = WindowNo(last.as_ref().map_or(0, |last| last.window.0).saturating_add(1));
    let ends = last.as_ref().map(|last| ask.cut.end_of(last.started));
    let mut page = match last.zip(ends) {
        // A clock that went back stays in the window: numbers only go up.
        Some((last, ends)) if now < ends && last.reset.is_none() => Page { ends, ..last },
        // What the reset cut off: the rest of the old window's time is the new one's.
        Some((last, ends)) if now < ends => {
            let started = now.max(last.ends);
            Page::new(&ask.quota, next, ask.unit, (started, ask.cut.end_of(started)))
        }
        _ => Page::new(&ask.quota, next, ask.unit, ask.cut.window(now)),
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

/// Books what is out as lost.
pub(super) fn recover(conn: &Connection, org: &Org) -> Result<(), Fault> {
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

/// Ends the latest window of a quota.
pub(super) fn reset(conn: &Connection, org: &Org, quota: &QuotaId, now: Wall) -> Result<(), Fault> {
    let Some(mut page) = latest(conn, org, quota)?.filter(|page| page.reset.is_none()) else {
        return Ok(());
    };
    page.ends = now.clamp(page.started, page.ends.max(page.started));
    page.reset = Some(now);
    save(conn, org, &page)
}

/// Lets go of what is unaccounted in a window, and says how much that was.
pub(super) fn write_off(conn: &Connection, org: &Org, quota: &QuotaId, window: WindowNo) -> Result<i64, Fault> {
    let Some(mut page) = load(conn, org, quota, window)? else {
        return Ok(0);
    };
    let amount = page.books.write_off();
    save(conn, org, &page)?;
    Ok(amount)
}

/// The latest window of each quota.
pub(super) fn latest_windows(conn: &Connection, org: &Org) -> Result<Vec<WindowState>, Fault> {
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

/// The windows of a quota before that number, the latest first.
pub(super) fn history(
    conn: &Connection,
    org: &Org,
    quota: &QuotaId,
    before: Option<WindowNo>,
    limit: usize,
) -> Result<Vec<WindowState>, Fault> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM quota_windows WHERE org = ?1 AND quota = ?2 AND window < ?3 ORDER BY window DESC LIMIT ?4"
    ))?;
    let before = before.map_or(i64::MAX, number);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let pages = rows.query_map((org.as_str(), quota.as_str(), before, limit), read_page)?;
    pages.map(|page| Ok(page?.into())).collect()
}

/// Gives each window to `each`, in the order of quotas and numbers: those after one, up to another.
pub(super) fn each_window(
    conn: &Connection,
    org: &Org,
    after: Option<&(QuotaId, WindowNo)>,
    last: Option<&(QuotaId, WindowNo)>,
    mut each: impl FnMut(Page) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM quota_windows WHERE org = ?1 AND (quota, window) > (?2, ?3) ORDER BY quota, window"
    ))?;
    let (quota, window) = after.map_or(("", i64::MIN), |(quota, window)| (quota.as_str(), number(*window)));
    for page in rows.query_map((org.as_str(), quota, window), read_page)? {
        let page = page?;
        if last.is_some_and(|(quota, window)| (quota, window) < (&page.quota, &page.window)) {
            break;
        }
        each(page)?;
    }
    Ok(())
}

/// A row of `quota_windows`.
#[derive(Debug)]
pub(super) struct Page {
    quota: QuotaId,
    window: WindowNo,
    unit: Unit,
    started: Wall,
    ends: Wall,
    /// When it was reset, and so ended.
    reset: Option<Wall>,
    pub(super) books: Books,
}

impl Page {
    fn new(quota: &QuotaId, window: WindowNo, unit: Unit, (started, ends): (Wall, Wall)) -> Self {
        Self {
            quota: quota.clone(),
            window,
            unit,
            started,
            ends,
            reset: None,
            books: Books::default(),
        }
    }

    /// What it takes to recompute its books.
    pub(super) fn kept(&self) -> Kept {
        self.books.kept
    }
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
            ..
        } = page;
        let Books {
            granted,
            settled,
            overrun,
            unaccounted,
            ..
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
pub(super) struct Pages<'a> {
    conn: &'a Connection,
    org: &'a Org,
    read: BTreeMap<(QuotaId, WindowNo), Page>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(conn: &'a Connection, org: &'a Org) -> Self {
        Self {
            conn,
            org,
            read: BTreeMap::new(),
        }
    }

    pub(super) fn find(&mut self, quota: &QuotaId, window: WindowNo) -> Result<Option<&mut Page>, Fault> {
        match self.read.entry((quota.clone(), window)) {
            btree_map::Entry::Occupied(known) => Ok(Some(known.into_mut())),
            btree_map::Entry::Vacant(place) => {
                Ok(load(self.conn, self.org, quota, window)?.map(|page| place.insert(page)))
            }
        }
    }

    /// The window of a charge at that time. If it was never leased, the charge still counts: in a window that is over.
    pub(super) fn open(&mut self, quota: &QuotaId, window: WindowNo, unit: Unit, at: Wall) -> Result<&mut Page, Fault> {
        match self.read.entry((quota.clone(), window)) {
            btree_map::Entry::Occupied(known) => Ok(known.into_mut()),
            btree_map::Entry::Vacant(place) => {
                let page = load(self.conn, self.org, quota, window)?;
                Ok(place.insert(page.unwrap_or_else(|| Page::new(quota, window, unit, (at, at)))))
            }
        }
    }

    pub(super) fn write(self) -> Result<(), Fault> {
        self.read.values().try_for_each(|page| save(self.conn, self.org, page))
    }
}

/// The columns of a window, in the order of [`read_page`] and, after the organisation, of [`SAVE`].
const COLUMNS: &str = "quota, window, v, unit, started, ends, reset_at, granted, settled, overrun, unaccounted, raised, \
     lost, written_off";

const LOAD: &str =
    "SELECT quota, window, v, unit, started, ends, reset_at, granted, settled, overrun, unaccounted, raised,
         lost, written_off
     FROM quota_windows WHERE org = ?1 AND quota = ?2 AND window = ?3";

const SAVE: &str = "INSERT INTO quota_windows (org, quota, window, v, unit, started, ends, reset_at, granted, settled,
         overrun, unaccounted, raised, lost, written_off)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
     ON CONFLICT DO UPDATE SET ends = ?7, reset_at = ?8, granted = ?9, settled = ?10, overrun = ?11, unaccounted = ?12,
         raised = ?13, lost = ?14, written_off = ?15";

fn latest(conn: &Connection, org: &Org, quota: &QuotaId) -> Result<Option<Page>, Fault> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM quota_windows WHERE org = ?1 AND quota = ?2 ORDER BY window DESC LIMIT 1"
    ))?;
    Ok(rows.query_row((org.as_str(), quota.as_str()), read_page).optional()?)
}

fn load(conn: &Connection, org: &Org, quota: &QuotaId, window: WindowNo) -> Result<Option<Page>, Fault> {
    Ok(conn
        .prepare_cached(LOAD)?
        .query_row((org.as_str(), quota.as_str(), number(window)), read_page)
        .optional()?)
}

fn save(conn: &Connection, org: &Org, page: &Page) -> Result<(), Fault> {
    conn.prepare_cached(SAVE)?.execute(params![
        org.as_str(),
        page.quota.as_str(),
        number(page.window),
        WINDOW_VERSION,
        word(page.unit),
        page.started.millis(),
        page.ends.millis(),
        page.reset.map(Wall::millis),
        page.books.granted,
        page.books.settled,
        page.books.overrun,
        page.books.unaccounted,
        page.books.kept.raised,
        page.books.kept.lost,
        page.books.kept.written_off,
    ])?;
    Ok(())
}

fn read_page(row: &Row<'_>) -> rusqlite::Result<Page> {
    let v: u32 = row.get(2)?;
    if v > WINDOW_VERSION {
        let newer = Fault::format("a quota window", v, WINDOW_VERSION);
        return Err(rusqlite::Error::ToSqlConversionFailure(newer.0.into()));
    }
    Ok(Page {
        quota: QuotaId::from(row.get_ref(0)?.as_str()?),
        window: WindowNo(row.get::<_, i64>(1)?.unsigned_abs()),
        unit: unit(row.get_ref(3)?.as_str()?)?,
        started: Wall::from_millis(row.get(4)?),
        ends: Wall::from_millis(row.get(5)?),
        reset: row.get::<_, Option<i64>>(6)?.map(Wall::from_millis),
        books: Books {
            granted: row.get(7)?,
            settled: row.get(8)?,
            overrun: row.get(9)?,
            unaccounted: row.get(10)?,
            kept: Kept {
                raised: row.get(11)?,
                lost: row.get(12)?,
                written_off: row.get(13)?,
            },
        },
    })
}

/// A window's number as it is stored.
pub(super) fn number(window: WindowNo) -> i64 {
    i64::try_from(window.0).unwrap_or(i64::MAX)
}

/// A unit as it is stored.
pub(super) const fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::NanoUsd => "nano_usd",
        Unit::Requests => "requests",
        Unit::Tokens => "tokens",
        Unit::InFlight => "in_flight",
    }
}

/// A unit as it was stored.
pub(super) fn unit(word: &str) -> rusqlite::Result<Unit> {
    match word {
        "nano_usd" => Ok(Unit::NanoUsd),
        "requests" => Ok(Unit::Requests),
        "tokens" => Ok(Unit::Tokens),
        "in_flight" => Ok(Unit::InFlight),
        other => Err(rusqlite::Error::InvalidColumnName(format!("unit {other}"))),
    }
}
