//! Settings and their revisions over SQLite.

use async_trait::async_trait;
use gateway::ports::settings::{Change, CommitError, Document, Edit, RevisionRecord, SettingsStore, Stored};
use gateway::ports::{StoreError, audit};
use gateway_types::{Org, Revision, Wall};
use rusqlite::Connection;

use super::Database;
use super::fault::Fault;
use super::reader::Readers;
use super::writer::Writer;

/// The format of a row of `documents`; what a body says is its owner's.
const DOCUMENT_VERSION: u32 = 1;
/// The format of a row of `revisions`.
const REVISION_VERSION: u32 = 1;

#[derive(Debug)]
pub(super) struct SqliteSettings {
    org: Org,
    writer: Writer,
    readers: Readers,
}

impl SqliteSettings {
    pub(super) fn new(org: &Org, books: &Database) -> Self {
        Self {
            org: org.clone(),
            writer: books.writer.clone(),
            readers: books.readers.clone(),
        }
    }
}

#[async_trait]
impl SettingsStore for SqliteSettings {
    async fn load(&self) -> Result<Stored, StoreError> {
        let org = self.org.clone();
        let stored = self.readers.run(move |conn| {
            Ok(Stored {
                revision: latest(conn, &org)?,
                documents: documents(conn, &org)?,
            })
        });
        Ok(stored.await?)
    }

    async fn commit(&self, change: &Change) -> Result<Revision, CommitError> {
        let (org, change) = (self.org.clone(), change.clone());
        let made = self.writer.run(move |conn| {
            let latest = latest(conn, &org)?;
            if latest != change.expected {
                return Ok(Err(CommitError::Conflict(latest)));
            }
            let next = Revision(latest.0.saturating_add(1));
            record(conn, &org, next, &change)?;
            super::audit::write(conn, &org, &audit::events(&change, next))?;
            for edit in &change.edits {
                apply(conn, &org, edit)?;
            }
            Ok(Ok(next))
        });
        made.await.map_err(StoreError::from)?
    }

    async fn revisions(&self, before: Option<Revision>, limit: usize) -> Result<Vec<RevisionRecord>, StoreError> {
        let org = self.org.clone();
        Ok(self
            .readers
            .run(move |conn| revisions(conn, &org, before, limit))
            .await?)
    }
}

fn latest(conn: &Connection, org: &Org) -> Result<Revision, Fault> {
    let number: i64 = conn
        .prepare_cached("SELECT coalesce(max(number), 0) FROM revisions WHERE org = ?1")?
        .query_row([org.as_str()], |row| row.get(0))?;
    Ok(Revision(number.unsigned_abs()))
}

fn documents(conn: &Connection, org: &Org) -> Result<Vec<Document>, Fault> {
    let mut rows =
        conn.prepare_cached("SELECT section, name, v, body FROM documents WHERE org = ?1 ORDER BY section, name")?;
    let rows = rows.query_map([org.as_str()], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, u32>(2)?,
            row.get::<_, String>(3)?,
        ))
    })?;
    rows.map(|row| {
        let (section, name, v, body) = row?;
        if v > DOCUMENT_VERSION {
            return Err(Fault::format(&format!("{section} {name}"), v, DOCUMENT_VERSION));
        }
        Ok(Document {
            section,
            name,
            body: serde_json::from_str(&body)?,
        })
    })
    .collect()
}

fn record(conn: &Connection, org: &Org, number: Revision, change: &Change) -> Result<(), Fault> {
    conn.prepare_cached("INSERT INTO revisions (org, number, v, at, author, edits) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute((
            org.as_str(),
            i64::try_from(number.0).unwrap_or(i64::MAX),
            REVISION_VERSION,
            change.at.millis(),
            &change.author,
            serde_json::to_string(&change.edits)?,
        ))?;
    Ok(())
}

fn apply(conn: &Connection, org: &Org, edit: &Edit) -> Result<(), Fault> {
    match &edit.after {
        Some(body) => conn
            .prepare_cached(
                "INSERT INTO documents (org, section, name, v, body) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET v = excluded.v, body = excluded.body",
            )?
            .execute((
                org.as_str(),
                &edit.section,
                &edit.name,
                DOCUMENT_VERSION,
                serde_json::to_string(body)?,
            ))?,
        None => conn
            .prepare_cached("DELETE FROM documents WHERE org = ?1 AND section = ?2 AND name = ?3")?
            .execute((org.as_str(), &edit.section, &edit.name))?,
    };
    Ok(())
}

fn revisions(
    conn: &Connection,
    org: &Org,
    before: Option<Revision>,
    limit: usize,
) -> Result<Vec<RevisionRecord>, Fault> {
    let before = before
        .and_then(|before| i64::try_from(before.0).ok())
        .unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = conn.prepare_cached(
        "SELECT number, v, at, author, edits FROM revisions WHERE org = ?1 AND number < ?2
         ORDER BY number DESC LIMIT ?3",
    )?;
    let rows = rows.query_map((org.as_str(), before, limit), |row| {
        let record = RevisionRecord {
            revision: Revision(row.get::<_, i64>(0)?.unsigned_abs()),
            at: Wall::from_millis(row.get(2)?),
            author: row.get(3)?,
            edits: Vec::new(),
        };
        Ok((record, row.get::<_, u32>(1)?, row.get::<_, String>(4)?))
    })?;
    rows.map(|row| {
        let (record, v, edits) = row?;
        if v > REVISION_VERSION {
            return Err(Fault::format(
                &format!("revision {}", record.revision),
                v,
                REVISION_VERSION,
            ));
        }
        Ok(RevisionRecord {
            edits: serde_json::from_str(&edits)?,
            ..record
        })
    })
    .collect()
}
