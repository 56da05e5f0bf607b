//! The books, away from a running gateway: verified, exported and written off from the data folder, by command.

pub(crate) mod export;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use gateway::ports::StoreError;
use gateway::ports::audit::{AuditEvent, AuditStore};
use gateway::ports::ledger::{Ledger, Wanted, WindowNo};
use gateway_store::{OpenError, Sqlite, Stores};
use gateway_types::{Clock, Org, QuotaId, Wall};
use serde_json::{Value, json};

use self::export::PAGE;
use crate::cli::{AuditCommand, ExportArgs, LedgerCommand, default_data_dir};
use crate::run::RunError;

/// Who does what is done by command.
const ACTOR: &str = "command line";

/// `gateway-server ledger …`.
pub(crate) fn ledger(command: LedgerCommand, folder: Option<PathBuf>) -> Result<(), RunError> {
    match command {
        LedgerCommand::Verify { folder: own } => {
            let folder = place(own.data_dir.or(folder));
            reading(&folder, async |stores| verify_ledger(&*stores.ledger()).await)
        }
        LedgerCommand::Export(args) => {
            let folder = place(args.folder.data_dir.clone().or(folder));
            reading(&folder, async |stores| export_to(&args, &*stores.ledger()).await)
        }
        LedgerCommand::WriteOff {
            quota,
            window,
            folder: own,
        } => {
            let folder = place(own.data_dir.or(folder));
            let stores = Sqlite::open(&folder, &Org::default()).map_err(|error| match error {
                OpenError::InUse { .. } => RunError::Books(format!(
                    "a gateway runs on {}; tell it to: POST /api/ledger/write-off {}",
                    folder.display(),
                    json!({ "quota": quota, "window": window }),
                )),
                error => RunError::Open(folder.clone(), error),
            })?;
            with(stores, async |stores| {
                write_off(stores, &quota.into(), window.map(WindowNo)).await
            })
        }
    }
}

/// `gateway-server audit …`.
pub(crate) fn audit(command: AuditCommand, folder: Option<PathBuf>) -> Result<(), RunError> {
    match command {
        AuditCommand::Verify { folder: own } => {
            let folder = place(own.data_dir.or(folder));
            reading(&folder, async |stores| verify_audit(&*stores.audit()).await)
        }
        AuditCommand::Export { output, folder: own } => {
            let folder = place(own.data_dir.or(folder));
            reading(&folder, async |stores| {
                let mut out = sink(output.as_deref())?;
                export::audit(&*stores.audit(), &mut out).await?;
                Ok(out.flush()?)
            })
        }
    }
}

fn place(given: Option<PathBuf>) -> PathBuf {
    given.unwrap_or_else(|| default_data_dir(|name| std::env::var(name).ok()))
}

/// Opens a data folder to read it, beside a gateway that may have it open.
fn reading(folder: &Path, work: impl AsyncFnOnce(&Stores) -> Result<(), RunError>) -> Result<(), RunError> {
    let stores = Sqlite::look(folder, &Org::default()).map_err(|error| RunError::Open(folder.to_path_buf(), error))?;
    with(stores, work)
}

fn with(stores: Stores, work: impl AsyncFnOnce(&Stores) -> Result<(), RunError>) -> Result<(), RunError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let outcome = work(&stores).await;
        stores.close().await;
        outcome
    })
}

async fn verify_ledger(ledger: &dyn Ledger) -> Result<(), RunError> {
    let verified = ledger.verify().await.map_err(failed)?;
    let mut out = std::io::stdout().lock();
    for one in &verified.differences {
        writeln!(
            out,
            "{}: {} is booked as {}, computed as {}",
            one.at, one.of, one.booked, one.computed
        )?;
    }
    writeln!(
        out,
        "{} entries and {} windows read, {} differences",
        verified.entries, verified.windows, verified.found
    )?;
    unless_found(verified.found, "the ledger does not add up")
}

async fn verify_audit(audit: &dyn AuditStore) -> Result<(), RunError> {
    let verified = audit.verify().await.map_err(store_failed)?;
    let mut out = std::io::stdout().lock();
    for fault in &verified.faults {
        writeln!(out, "{fault}")?;
    }
    writeln!(
        out,
        "{} records read, {} faults, head {}",
        verified.records, verified.found, verified.head
    )?;
    unless_found(verified.found, "the audit log is not what was written")
}

fn unless_found(found: u64, what: &str) -> Result<(), RunError> {
    match found {
        0 => Ok(()),
        found => Err(RunError::Books(format!("{what}: {found} found"))),
    }
}

async fn export_to(args: &ExportArgs, ledger: &dyn Ledger) -> Result<(), RunError> {
    let mut out = sink(args.output.as_deref())?;
    let format = args.format;
    out.write_all(&export::head(format))?;
    let mut wanted = wanted(args)?;
    loop {
        let page = ledger.page(&wanted).await.map_err(failed)?;
        out.write_all(&export::page(format, &page.entries))?;
        match page.next {
            Some(next) => wanted.after = Some(next),
            None => return Ok(out.flush()?),
        }
    }
}

/// A file, or standard output.
fn sink(path: Option<&Path>) -> Result<Box<dyn Write>, RunError> {
    Ok(match path {
        Some(path) => {
            let file = File::create(path)
                .map_err(|error| RunError::Books(format!("{} cannot be written: {error}", path.display())))?;
            Box::new(BufWriter::new(file))
        }
        None => Box::new(BufWriter::new(std::io::stdout())),
    })
}

fn wanted(args: &ExportArgs) -> Result<Wanted, RunError> {
    let moment = |name: &str, text: &Option<String>| match text.as_deref() {
        None => Ok(None),
        Some(text) => Wall::parse_rfc3339(text).map(Some).ok_or_else(|| {
            RunError::Books(format!(
                "--{name}: `{text}` is not an RFC 3339 time such as 2026-01-31T12:00:00Z"
            ))
        }),
    };
    let ExportArgs {
        key,
        team,
        customer,
        provider,
        model,
        quota,
        from,
        until,
        ..
    } = args;
    Ok(Wanted {
        virtual_key: key.as_deref().map(Into::into),
        team: team.as_deref().map(Into::into),
        customer: customer.as_deref().map(Into::into),
        provider: provider.as_deref().map(Into::into),
        model: model.as_deref().map(Into::into),
        quota: quota.as_deref().map(Into::into),
        from: moment("from", from)?,
        until: moment("until", until)?,
        oldest_first: true,
        limit: PAGE,
        ..Wanted::default()
    })
}

async fn write_off(stores: &Stores, quota: &QuotaId, window: Option<WindowNo>) -> Result<(), RunError> {
    let ledger = stores.ledger();
    // What the last process left is unaccounted from now on, if no gateway has started since.
    ledger.recover().await.map_err(failed)?;
    let before = window.map(|window| WindowNo(window.0.saturating_add(1)));
    let books = ledger.history(quota, before, 1).await.map_err(failed)?;
    let books = books
        .into_iter()
        .find(|books| window.is_none_or(|window| books.window == window))
        .ok_or_else(|| RunError::Books(format!("quota `{quota}` has no such window in the ledger")))?;
    let amount = ledger.write_off(quota, books.window).await.map_err(failed)?;
    let told = json!({ "quota": quota, "window": books.window, "unit": books.unit, "written_off": amount });
    if amount > 0 {
        stores
            .audit()
            .append(&[event(quota, told.clone())])
            .await
            .map_err(store_failed)?;
    }
    Ok(writeln!(std::io::stdout().lock(), "{told}")?)
}

fn event(quota: &QuotaId, told: Value) -> AuditEvent {
    AuditEvent {
        at: gateway::clock::SystemClock::default().now().wall,
        actor: ACTOR.to_owned(),
        action: "ledger.write_off".to_owned(),
        target: format!("quota/{quota}"),
        before: None,
        after: Some(told),
        revision: None,
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is for `map_err`")]
fn failed(error: gateway::ports::ledger::StoreError) -> RunError {
    RunError::Books(error.to_string())
}

#[allow(clippy::needless_pass_by_value, reason = "it is for `map_err`")]
fn store_failed(error: StoreError) -> RunError {
    RunError::Books(error.to_string())
}
