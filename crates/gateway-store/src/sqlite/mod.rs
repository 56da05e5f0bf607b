//! The embedded backend: two SQLite files in the data folder, nothing to install.
//!
//! `gateway.db` holds what must survive anything (settings, objects, leases, entries), so every commit is flushed;
//! `logs.db` holds what may lose its last moment in a power cut (request logs), so it is not. Each file has one
//! writing thread and some reading threads of its own; calls reach them through bounded queues and block no runtime.

#[cfg(feature = "gateway")]
mod audit;
mod books;
mod fault;
mod folder;
mod ledger;
#[cfg(feature = "gateway")]
mod logs;
mod migrate;
#[cfg(feature = "gateway")]
mod objects;
mod reader;
#[cfg(feature = "gateway")]
mod settings;
mod writer;

use std::any::Any;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use gateway_types::Org;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use self::folder::Claim;
use self::migrate::Migration;
use self::reader::Readers;
use self::writer::Writer;
use crate::OpenError;
use crate::stores::{Backend, Stores};

/// The file of what must survive anything.
const BOOKS: &str = "gateway.db";
/// The file of request logs.
#[cfg(feature = "gateway")]
const ROWS: &str = "logs.db";

/// How many threads read each file.
const READERS: usize = 2;

/// How long to wait where somebody else (an operator's shell, a backup) has a file locked.
const BUSY: Duration = Duration::from_secs(5);

/// How much of its file each connection keeps in memory at the most, in KiB: what a batch changes, so that nothing of it goes
/// to disk before the commit. What is not there is in the system's cache; this is counted as ours for ever.
const CACHE_KIB: i64 = 1024;

/// How many statements each connection keeps prepared.
const STATEMENTS: usize = 64;

/// SQLite files in a folder.
#[derive(Clone, Copy, Debug)]
pub struct Sqlite;

impl Sqlite {
    /// Opens the state of `org` in that folder, which is made where it is missing, and brings its schemas up to date.
    /// The folder is then this process's alone. Blocks on the disk: call it before the runtime has work.
    pub fn open(folder: impl AsRef<Path>, org: &Org) -> Result<Stores, OpenError> {
        let folder = folder.as_ref();
        let claim = Claim::take(folder)?;
        let books = Database::open(&folder.join(BOOKS), "FULL", migrate::GATEWAY, &claim)?;
        #[cfg(feature = "gateway")]
        let rows = Database::open(&folder.join(ROWS), "NORMAL", logs::STEPS, &claim)?;
        Ok(stores(
            org,
            books,
            #[cfg(feature = "gateway")]
            rows,
        ))
    }

    /// Opens the state of `org` in that folder to be read alone: beside a gateway that has it open, or without one. What a
    /// gateway writes meanwhile is seen by what is asked later, never half; whatever would write fails. Schemas must be up
    /// to date, as a gateway leaves them. Blocks on the disk.
    pub fn look(folder: impl AsRef<Path>, org: &Org) -> Result<Stores, OpenError> {
        let folder = folder.as_ref();
        let books = Database::look(&folder.join(BOOKS), migrate::GATEWAY)?;
        #[cfg(feature = "gateway")]
        let rows = Database::look(&folder.join(ROWS), logs::STEPS)?;
        Ok(stores(
            org,
            books,
            #[cfg(feature = "gateway")]
            rows,
        ))
    }
}

fn stores(org: &Org, books: Database, #[cfg(feature = "gateway")] rows: Database) -> Stores {
    Stores {
        ledger: Arc::new(ledger::SqliteLedger::new(org, &books)),
        #[cfg(feature = "gateway")]
        settings: Arc::new(settings::SqliteSettings::new(org, &books)),
        #[cfg(feature = "gateway")]
        objects: Arc::new(objects::SqliteObjects::new(org, &books)),
        #[cfg(feature = "gateway")]
        audit: Arc::new(audit::SqliteAudit::new(org, &books)),
        #[cfg(feature = "gateway")]
        logs: Arc::new(logs::SqliteLogs::new(org, &rows)),
        backend: Box::new(Files {
            // The books are the last to close.
            #[cfg(feature = "gateway")]
            databases: vec![rows, books],
            #[cfg(not(feature = "gateway"))]
            databases: vec![books],
        }),
    }
}

#[derive(Debug)]
struct Files {
    databases: Vec<Database>,
}

#[async_trait]
impl Backend for Files {
    async fn close(self: Box<Self>) {
        for database in self.databases {
            database.close().await;
        }
    }
}

/// One file and the threads that serve it.
#[derive(Debug)]
struct Database {
    writer: Writer,
    readers: Readers,
    writing: JoinHandle<()>,
    reading: Vec<JoinHandle<()>>,
}

impl Database {
    fn open(file: &Path, synchronous: &str, steps: &[Migration], claim: &Claim) -> Result<Self, OpenError> {
        let failed = |reason: String| OpenError::Database {
            file: file.to_path_buf(),
            reason,
        };
        let mut conn = connect(file, synchronous).map_err(|error| failed(error.to_string()))?;
        migrate::migrate(&mut conn, file, steps)?;
        let onlookers: Result<Vec<_>, _> = (0..READERS)
            .map(|_| {
                let onlooker = connect(file, synchronous)?;
                onlooker.pragma_update(None, "query_only", true)?;
                Ok::<_, rusqlite::Error>(onlooker)
            })
            .collect();
        let onlookers = onlookers.map_err(|error| failed(error.to_string()))?;
        Self::start(conn, onlookers, claim).map_err(|error| failed(error.to_string()))
    }

    fn look(file: &Path, steps: &[Migration]) -> Result<Self, OpenError> {
        if !file.is_file() {
            return Err(OpenError::Missing {
                file: file.to_path_buf(),
            });
        }
        let failed = |error: rusqlite::Error| OpenError::Database {
            file: file.to_path_buf(),
            reason: error.to_string(),
        };
        let conn = peek(file).map_err(failed)?;
        migrate::is_latest(&conn, file, steps)?;
        let onlooker = peek(file).map_err(failed)?;
        Self::start(conn, vec![onlooker], &()).map_err(|error| OpenError::Database {
            file: file.to_path_buf(),
            reason: error.to_string(),
        })
    }

    fn start(conn: Connection, onlookers: Vec<Connection>, held: &(impl Any + Clone + Send)) -> std::io::Result<Self> {
        let (writer, writing) = Writer::start(conn, held.clone())?;
        let (readers, reading) = Readers::start(onlookers, held)?;
        Ok(Self {
            writer,
            readers,
            writing,
            reading,
        })
    }

    /// The last connection to close takes the write-ahead log back into the file, so the writer goes last.
    async fn close(self) {
        self.readers.stop().await;
        join(self.reading).await;
        self.writer.stop().await;
        join(vec![self.writing]).await;
    }
}

/// A connection, with how it flushes.
fn connect(file: &Path, synchronous: &str) -> rusqlite::Result<Connection> {
    let conn = tuned(Connection::open(file)?)?;
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // Without the limit, the write-ahead log keeps the size of its worst moment for ever.
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA journal_size_limit = 67108864"
    ))?;
    Ok(conn)
}

/// A connection that can only read.
fn peek(file: &Path) -> rusqlite::Result<Connection> {
    let only_read = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    tuned(Connection::open_with_flags(file, only_read)?)
}

fn tuned(conn: Connection) -> rusqlite::Result<Connection> {
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // Otherwise a statement that is prepared is planned again for every value that its plan might depend on.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(conn)
}

/// Waits for threads without holding up the runtime.
async fn join(threads: Vec<JoinHandle<()>>) {
    let waited = tokio::task::spawn_blocking(move || {
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the store had panicked");
            }
        }
    });
    // It cannot be cancelled, and it does not panic.
    let _ = waited.await;
}
