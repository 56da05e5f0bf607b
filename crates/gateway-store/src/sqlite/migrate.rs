//! Schemas move forward only, one numbered step at a time.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::fault::Fault;
use super::ledger;
use crate::OpenError;

/// One step of a schema. A step that was released is never changed; the next one mends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    /// Its number, counted from 1 without gaps.
    pub(crate) version: u32,
    /// What it does.
    pub(crate) sql: &'static str,
    /// What it does after that, where SQL cannot say it.
    pub(crate) then: Option<Then>,
}

type Then = fn(&Connection) -> Result<(), Fault>;

/// The steps of `gateway.db`.
pub(crate) const GATEWAY: &[Migration] = &[
    Migration {
        version: 1,
        sql: include_str!("migrations/gateway/0001_books_and_settings.sql"),
        then: None,
    },
    Migration {
        version: 2,
        sql: include_str!("migrations/gateway/0002_ledger_pages_and_audit.sql"),
        then: None,
    },
    Migration {
        version: 3,
        sql: include_str!("migrations/gateway/0003_ledger_segments.sql"),
        then: Some(ledger::take_over),
    },
];

/// Takes a database through the steps that it has not seen.
pub(crate) fn migrate(conn: &mut Connection, file: &Path, steps: &[Migration]) -> Result<(), OpenError> {
    let failed = |fault: Fault| OpenError::Database {
        file: file.to_path_buf(),
        reason: fault.0,
    };
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL) STRICT",
    )
    .map_err(|error| failed(error.into()))?;
    let seen = seen(conn).map_err(|error| failed(error.into()))?;
    check(&seen, file, steps)?;
    for step in steps
        .iter()
        .filter(|step| seen.iter().all(|(version, _)| *version != step.version))
    {
        apply(conn, step).map_err(failed)?;
    }
    Ok(())
}

/// Whether a database has been taken through all steps, without taking any.
pub(crate) fn is_latest(conn: &Connection, file: &Path, steps: &[Migration]) -> Result<(), OpenError> {
    let seen = seen(conn).map_err(|error| OpenError::Database {
        file: file.to_path_buf(),
        reason: error.to_string(),
    })?;
    check(&seen, file, steps)?;
    let (found, known) = (seen.len(), steps.len());
    if found < known {
        return Err(OpenError::Older {
            file: file.to_path_buf(),
            found,
            known,
        });
    }
    Ok(())
}

/// Whether what a database went through is what this build would have done.
fn check(seen: &[(u32, String)], file: &Path, steps: &[Migration]) -> Result<(), OpenError> {
    let known = steps.last().map_or(0, |step| step.version);
    let found = seen.last().map_or(0, |(version, _)| *version);
    if found > known {
        return Err(OpenError::Newer {
            file: file.to_path_buf(),
            found,
            known,
        });
    }
    for (version, sum) in seen {
        if !steps
            .iter()
            .any(|step| step.version == *version && checksum(step.sql) == *sum)
        {
            return Err(OpenError::Changed {
                file: file.to_path_buf(),
                version: *version,
            });
        }
    }
    Ok(())
}

fn seen(conn: &Connection) -> rusqlite::Result<Vec<(u32, String)>> {
    let mut rows = conn.prepare("SELECT version, checksum FROM schema_migrations ORDER BY version")?;
    let seen = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    seen.collect()
}

fn apply(conn: &mut Connection, step: &Migration) -> Result<(), Fault> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(step.sql)?;
    if let Some(then) = step.then {
        then(&transaction)?;
    }
    transaction.execute(
        "INSERT INTO schema_migrations (version, checksum) VALUES (?1, ?2)",
        (step.version, checksum(step.sql)),
    )?;
    Ok(transaction.commit()?)
}

/// FNV-1a over the step's text: it notices an edit, it does not resist an attacker.
fn checksum(sql: &str) -> String {
    let sum = sql.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{sum:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(feature = "gateway")]
    use crate::sqlite::logs::STEPS as LOGS;
    #[cfg(not(feature = "gateway"))]
    const LOGS: &[Migration] = &[];

    const STEPS: &[Migration] = &[
        Migration {
            version: 1,
            sql: "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7)",
            then: None,
        },
        Migration {
            version: 2,
            sql: "ALTER TABLE a ADD COLUMN y TEXT NOT NULL DEFAULT 'new'",
            then: None,
        },
        Migration {
            version: 3,
            sql: "CREATE TABLE b AS SELECT x, y FROM a",
            then: None,
        },
    ];

    fn empty() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    fn up(conn: &mut Connection, steps: &[Migration]) -> Result<(), OpenError> {
        migrate(conn, Path::new("some.db"), steps)
    }

    fn schema(conn: &Connection) -> Vec<String> {
        let mut rows = conn
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let schema = rows.query_map([], |row| row.get(0)).unwrap();
        schema.map(Result::unwrap).collect()
    }

    /// From every earlier schema, the same one is reached.
    fn reaches_the_latest_from_everywhere(steps: &[Migration]) {
        let mut fresh = empty();
        up(&mut fresh, steps).unwrap();
        for earlier in 0..=steps.len() {
            let mut conn = empty();
            up(&mut conn, &steps[..earlier]).unwrap();
            up(&mut conn, steps).unwrap();
            assert_eq!(schema(&conn), schema(&fresh), "from version {earlier}");
        }
    }

    #[test]
    fn every_schema_reaches_the_latest_from_every_earlier_one() {
        reaches_the_latest_from_everywhere(GATEWAY);
        reaches_the_latest_from_everywhere(LOGS);
        reaches_the_latest_from_everywhere(STEPS);
    }

    #[test]
    fn versions_count_up_from_one() {
        for steps in [GATEWAY, LOGS] {
            assert!(
                steps
                    .iter()
                    .map(|step| step.version)
                    .eq(1..=u32::try_from(steps.len()).unwrap())
            );
        }
    }

    #[test]
    fn every_table_belongs_to_an_organisation() {
        for steps in [GATEWAY, LOGS] {
            let mut conn = empty();
            up(&mut conn, steps).unwrap();
            let tables = schema(&conn).into_iter().filter(|sql| sql.starts_with("CREATE TABLE"));
            for table in tables.filter(|sql| !sql.contains("schema_migrations")) {
                assert!(table.contains("org ") && table.contains("DEFAULT 'main'"), "{table}");
                assert!(
                    table.contains("PRIMARY KEY (org, ") || table.contains("UNIQUE (org, "),
                    "{table}"
                );
            }
        }
    }

    #[test]
    fn data_of_an_earlier_schema_is_kept() {
        let mut conn = empty();
        up(&mut conn, &STEPS[..1]).unwrap();
        up(&mut conn, STEPS).unwrap();
        let row: (i64, String) = conn
            .query_row("SELECT x, y FROM b", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(row, (7, String::from("new")));
    }

    #[test]
    fn a_newer_schema_is_refused_with_both_versions() {
        let mut conn = empty();
        up(&mut conn, STEPS).unwrap();
        let refused = up(&mut conn, &STEPS[..2]).unwrap_err().to_string();
        assert_eq!(
            refused,
            "some.db has schema version 3, this gateway knows versions up to 2; use a newer gateway"
        );
    }

    #[test]
    fn a_step_that_was_edited_is_refused() {
        let mut conn = empty();
        up(&mut conn, STEPS).unwrap();
        let edited = [
            STEPS[0],
            Migration {
                version: 2,
                sql: "ALTER TABLE a ADD COLUMN z TEXT",
                then: None,
            },
            STEPS[2],
        ];
        assert!(matches!(
            up(&mut conn, &edited).unwrap_err(),
            OpenError::Changed { version: 2, .. }
        ));
    }

    #[test]
    fn a_step_that_fails_leaves_no_trace() {
        let mut conn = empty();
        let broken = [
            STEPS[0],
            Migration {
                version: 2,
                sql: "CREATE TABLE c (x INTEGER); INSERT INTO nowhere VALUES (1)",
                then: None,
            },
        ];
        assert!(matches!(
            up(&mut conn, &broken).unwrap_err(),
            OpenError::Database { .. }
        ));
        up(&mut conn, STEPS).unwrap();
        assert!(!schema(&conn).iter().any(|sql| sql.contains("TABLE c")));
    }
}
