//! Objects over SQLite.

use async_trait::async_trait;
use gateway::ports::StoreError;
use gateway::ports::objects::{Object, ObjectStore};
use gateway_types::{Org, Wall};
use rusqlite::{Connection, OptionalExtension, Row};

use super::Database;
use super::fault::Fault;
use super::reader::Readers;
use super::writer::Writer;

/// The format of a row of `objects`; what a body says is its owner's.
const OBJECT_VERSION: u32 = 1;

#[derive(Debug)]
pub(super) struct SqliteObjects {
    org: Org,
    writer: Writer,
    readers: Readers,
}

impl SqliteObjects {
    pub(super) fn new(org: &Org, books: &Database) -> Self {
        Self {
            org: org.clone(),
            writer: books.writer.clone(),
            readers: books.readers.clone(),
        }
    }
}

#[async_trait]
impl ObjectStore for SqliteObjects {
    async fn put(&self, object: &Object) -> Result<(), StoreError> {
        let (org, object) = (self.org.clone(), object.clone());
        Ok(self.writer.run(move |conn| put(conn, &org, &object)).await?)
    }

    async fn find(&self, kind: &str, id: &str, now: Wall) -> Result<Option<Object>, StoreError> {
        let (org, kind, id) = (self.org.clone(), kind.to_owned(), id.to_owned());
        Ok(self.readers.run(move |conn| find(conn, &org, &kind, &id, now)).await?)
    }

    async fn list(&self, kind: &str, now: Wall) -> Result<Vec<Object>, StoreError> {
        let (org, kind) = (self.org.clone(), kind.to_owned());
        Ok(self.readers.run(move |conn| list(conn, &org, &kind, now)).await?)
    }

    async fn remove(&self, kind: &str, id: &str) -> Result<(), StoreError> {
        let (org, kind, id) = (self.org.clone(), kind.to_owned(), id.to_owned());
        let done = self.writer.run(move |conn| {
            conn.prepare_cached("DELETE FROM objects WHERE org = ?1 AND kind = ?2 AND id = ?3")?
                .execute((org.as_str(), kind, id))?;
            Ok(())
        });
        Ok(done.await?)
    }

    async fn prune(&self, now: Wall) -> Result<u64, StoreError> {
        let org = self.org.clone();
        let gone = self.writer.run(move |conn| {
            let gone = conn
                .prepare_cached("DELETE FROM objects WHERE org = ?1 AND expires IS NOT NULL AND expires <= ?2")?
                .execute((org.as_str(), now.millis()))?;
            Ok(gone as u64)
        });
        Ok(gone.await?)
    }
}

fn put(conn: &Connection, org: &Org, object: &Object) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO objects (org, kind, id, v, at, expires, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET v = excluded.v, at = excluded.at, expires = excluded.expires, body = excluded.body",
    )?
    .execute((
        org.as_str(),
        &object.kind,
        &object.id,
        OBJECT_VERSION,
        object.at.millis(),
        object.expires.map(Wall::millis),
        serde_json::to_string(&object.body)?,
    ))?;
    Ok(())
}

fn find(conn: &Connection, org: &Org, kind: &str, id: &str, now: Wall) -> Result<Option<Object>, Fault> {
    conn.prepare_cached(
        "SELECT kind, id, v, at, expires, body FROM objects
         WHERE org = ?1 AND kind = ?2 AND id = ?3 AND (expires IS NULL OR expires > ?4)",
    )?
    .query_row((org.as_str(), kind, id, now.millis()), read)
    .optional()?
    .map(parse)
    .transpose()
}

fn list(conn: &Connection, org: &Org, kind: &str, now: Wall) -> Result<Vec<Object>, Fault> {
    let mut rows = conn.prepare_cached(
        "SELECT kind, id, v, at, expires, body FROM objects
         WHERE org = ?1 AND kind = ?2 AND (expires IS NULL OR expires > ?3) ORDER BY id",
    )?;
    let rows = rows.query_map((org.as_str(), kind, now.millis()), read)?;
    rows.map(|row| parse(row?)).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<(Object, u32, String)> {
    let object = Object {
        kind: row.get(0)?,
        id: row.get(1)?,
        body: serde_json::Value::Null,
        at: Wall::from_millis(row.get(3)?),
        expires: row.get::<_, Option<i64>>(4)?.map(Wall::from_millis),
    };
    Ok((object, row.get(2)?, row.get(5)?))
}

fn parse((object, v, body): (Object, u32, String)) -> Result<Object, Fault> {
    if v > OBJECT_VERSION {
        return Err(Fault::format(
            &format!("{} {}", object.kind, object.id),
            v,
            OBJECT_VERSION,
        ));
    }
    Ok(Object {
        body: serde_json::from_str(&body)?,
        ..object
    })
}
