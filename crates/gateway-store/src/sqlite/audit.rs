//! The audit log over SQLite: a chain of hashes, made by the one thread that writes.

use async_trait::async_trait;
use gateway::ports::StoreError;
use gateway::ports::audit::{
    AUDIT_VERSION, AuditEvent, AuditPage, AuditQuery, AuditRecord, AuditStore, AuditVerified, Digest, Link, Walk,
    prefix,
};
use gateway_types::{Org, Revision, Wall};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params_from_iter};

use super::Database;
use super::fault::Fault;
use super::reader::Readers;
use super::writer::Writer;

#[derive(Debug)]
pub(super) struct SqliteAudit {
    org: Org,
    writer: Writer,
    readers: Readers,
}

impl SqliteAudit {
    pub(super) fn new(org: &Org, books: &Database) -> Self {
        Self {
            org: org.clone(),
            writer: books.writer.clone(),
            readers: books.readers.clone(),
        }
    }
}

#[async_trait]
impl AuditStore for SqliteAudit {
    async fn append(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        let (org, events) = (self.org.clone(), events.to_vec());
        Ok(self.writer.run(move |conn| write(conn, &org, &events)).await?)
    }

    async fn page(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let (org, query) = (self.org.clone(), query.clone());
        Ok(self.readers.run(move |conn| page(conn, &org, &query)).await?)
    }

    async fn verify(&self) -> Result<AuditVerified, StoreError> {
        let org = self.org.clone();
        Ok(self.readers.run(move |conn| verify(conn, &org)).await?)
    }
}

/// Writes events down at the end of the chain. What is written in the same piece of work is kept with it or not at all.
pub(super) fn write(conn: &Connection, org: &Org, events: &[AuditEvent]) -> Result<(), Fault> {
    if events.is_empty() {
        return Ok(());
    }
    let (mut seq, mut hash) = head(conn, org)?;
    let text = |body: &Option<serde_json::Value>| body.as_ref().map(ToString::to_string);
    for event in events {
        seq = seq.saturating_add(1);
        let (before, after) = (text(&event.before), text(&event.after));
        let link = Link {
            v: AUDIT_VERSION,
            seq,
            at: event.at,
            actor: &event.actor,
            action: &event.action,
            target: &event.target,
            before: before.as_deref(),
            after: after.as_deref(),
            revision: event.revision,
        };
        hash = link.after(&hash);
        conn.prepare_cached(
            "INSERT INTO audit_records (org, seq, v, at, actor, action, target, revision, hash, before, after)
             VALUES (:org, :seq, :v, :at, :actor, :action, :target, :revision, :hash, :before, :after)",
        )?
        .execute(named_params! {
            ":org": org.as_str(),
            ":seq": integer(seq),
            ":v": AUDIT_VERSION,
            ":at": event.at.millis(),
            ":actor": event.actor,
            ":action": event.action,
            ":target": event.target,
            ":revision": event.revision.map(|revision| integer(revision.0)),
            ":hash": hash.0,
            ":before": before,
            ":after": after,
        })?;
    }
    conn.prepare_cached("DELETE FROM audit_heads WHERE org = ?1")?
        .execute([org.as_str()])?;
    conn.prepare_cached("INSERT INTO audit_heads (org, seq, hash) VALUES (?1, ?2, ?3)")?
        .execute((org.as_str(), integer(seq), hash.0))?;
    Ok(())
}

/// The number and the hash of the last record.
fn head(conn: &Connection, org: &Org) -> Result<(u64, Digest), Fault> {
    let head = conn
        .prepare_cached("SELECT seq, hash FROM audit_heads WHERE org = ?1")?
        .query_row([org.as_str()], |row| {
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), Digest(row.get(1)?)))
        });
    Ok(head.optional()?.unwrap_or_default())
}

fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn page(conn: &Connection, org: &Org, query: &AuditQuery) -> Result<AuditPage, Fault> {
    let mut values = vec![Value::Text(org.to_string())];
    let mut found = vec![String::from("org = ?1")];
    let mut put = |condition: &str, value: Value| {
        values.push(value);
        found.push(condition.replace('?', &format!("?{}", values.len())));
    };
    let texts = [
        ("actor", query.actor.as_deref(), None),
        ("action", query.action.as_deref(), Some('.')),
        ("target", query.target.as_deref(), Some('/')),
    ];
    for (column, wanted, mark) in texts {
        let Some(wanted) = wanted else { continue };
        match mark.and_then(|mark| prefix(wanted, mark)) {
            Some(begin) => put(
                &format!("substr({column}, 1, length(?)) = ?"),
                Value::Text(begin.to_owned()),
            ),
            None => put(&format!("{column} = ?"), Value::Text(wanted.to_owned())),
        }
    }
    let bounds = [
        ("at >= ?", query.from.map(Wall::millis)),
        ("at < ?", query.until.map(Wall::millis)),
        ("seq < ?", query.before.map(integer)),
    ];
    for (condition, bound) in bounds {
        if let Some(bound) = bound {
            put(condition, Value::Integer(bound));
        }
    }
    let most = i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut statement = conn.prepare_cached(&format!(
        "SELECT seq, v, at, actor, action, target, revision, hash, before, after FROM audit_records
         WHERE {} ORDER BY seq DESC LIMIT {most}",
        found.join(" AND ")
    ))?;
    let mut page = AuditPage::default();
    for row in statement.query_map(params_from_iter(values), Stored::read)? {
        if page.records.len() == query.limit {
            // There is one more than was asked for.
            page.next = page.records.last().map(|last| last.seq);
            break;
        }
        page.records.push(row?.record()?);
    }
    Ok(page)
}

/// Walks along the chain, keeping nothing of it.
fn verify(conn: &Connection, org: &Org) -> Result<AuditVerified, Fault> {
    let mut rows = conn.prepare_cached(
        "SELECT seq, v, at, actor, action, target, revision, hash, before, after FROM audit_records
         WHERE org = ?1 ORDER BY seq",
    )?;
    let mut walk = Walk::default();
    for row in rows.query_map([org.as_str()], Stored::read)? {
        let row = row?;
        row.check()?;
        let mut hash = Digest::default();
        // What is no hash is not the one that is computed either.
        if row.hash.len() == hash.0.len() {
            hash.0.copy_from_slice(&row.hash);
        }
        walk.step(&row.link(), hash);
    }
    let (seq, hash) = head(conn, org)?;
    Ok(walk.end(seq, hash))
}

/// A row of `audit_records`.
#[derive(Debug)]
struct Stored {
    seq: u64,
    v: u32,
    at: Wall,
    actor: String,
    action: String,
    target: String,
    revision: Option<Revision>,
    hash: Vec<u8>,
    before: Option<String>,
    after: Option<String>,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get::<_, i64>("seq")?.unsigned_abs(),
            v: row.get("v")?,
            at: Wall::from_millis(row.get("at")?),
            actor: row.get("actor")?,
            action: row.get("action")?,
            target: row.get("target")?,
            revision: row
                .get::<_, Option<i64>>("revision")?
                .map(|number| Revision(number.unsigned_abs())),
            hash: row.get("hash")?,
            before: row.get("before")?,
            after: row.get("after")?,
        })
    }

    fn check(&self) -> Result<(), Fault> {
        if self.v > AUDIT_VERSION {
            return Err(Fault::format(
                &format!("audit record {}", self.seq),
                self.v,
                AUDIT_VERSION,
            ));
        }
        Ok(())
    }

    fn link(&self) -> Link<'_> {
        Link {
            v: self.v,
            seq: self.seq,
            at: self.at,
            actor: &self.actor,
            action: &self.action,
            target: &self.target,
            before: self.before.as_deref(),
            after: self.after.as_deref(),
            revision: self.revision,
        }
    }

    fn record(self) -> Result<AuditRecord, Fault> {
        self.check()?;
        let body = |text: Option<String>| text.map(|text| serde_json::from_str(&text)).transpose();
        let hash: [u8; 32] = self
            .hash
            .try_into()
            .map_err(|_| Fault(format!("audit record {} has no hash", self.seq)))?;
        Ok(AuditRecord {
            v: self.v,
            seq: self.seq,
            event: AuditEvent {
                at: self.at,
                actor: self.actor,
                action: self.action,
                target: self.target,
                before: body(self.before)?,
                after: body(self.after)?,
                revision: self.revision,
            },
            hash: Digest(hash),
        })
    }
}
