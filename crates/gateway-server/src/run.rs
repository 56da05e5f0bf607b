//! What the command line asks for, and why it may fail.

use std::io::Write;
use std::path::{Path, PathBuf};

use gateway::Control;
use gateway_types::Secret;

use crate::cli::{Cli, Command, DocsPage};
use crate::edge::{listen, tls};
use crate::{books, config, docs, secret, serve, telemetry};

/// Why the process ends with an error.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The log level is none.
    #[error(transparent)]
    LogLevel(#[from] telemetry::log::LevelError),
    /// The data folder cannot be used.
    #[error("the data folder {}: {}; choose another with --data-dir", .0.display(), .1)]
    Data(PathBuf, std::io::Error),
    /// There is no secret.
    #[error(transparent)]
    Secret(#[from] secret::SecretError),
    /// The stores cannot be opened.
    #[error("the data folder {}: {}", .0.display(), .1)]
    Open(PathBuf, gateway_store::OpenError),
    /// The gateway did not start.
    #[error(transparent)]
    Start(#[from] gateway::StartError),
    /// A file is no document.
    #[error(transparent)]
    Load(#[from] config::LoadError),
    /// A document is wrong.
    #[error("{0}")]
    Document(String),
    /// The books do not add up, or could not be read or written.
    #[error("{0}")]
    Books(String),
    /// There is no certificate to show.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    /// Nothing listens.
    #[error(transparent)]
    Listen(#[from] listen::ListenError),
    /// A password cannot be hashed.
    #[error(transparent)]
    Password(#[from] gateway::control::HashError),
    /// Metrics could not be set up.
    #[error("metrics: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// The table of routes contradicts itself.
    #[error("routes: {0}")]
    Routes(#[from] matchit::InsertError),
    /// The system refused threads, signals or output.
    #[error("{0}")]
    System(#[from] std::io::Error),
    /// A worker ended before its time.
    #[error("a worker {0}; the process ends, so that whoever watches it starts it anew")]
    Worker(String),
}

/// Does what the command line says. Serving returns once everything is settled and durable.
pub fn run(cli: Cli) -> Result<(), RunError> {
    match cli.command {
        None => serve::serve(&cli.args),
        Some(Command::Check { file }) => check(&file),
        Some(Command::Docs { page }) => say(&match page {
            DocsPage::Configuration => docs::configuration(),
            DocsPage::Providers => docs::providers(),
            DocsPage::Access => docs::access(),
            DocsPage::OpenApi => crate::api::openapi::text(),
        }),
        Some(Command::HashPassword) => hash_password(),
        Some(Command::Ledger(command)) => books::ledger(command, cli.args.data_dir),
        Some(Command::Audit(command)) => books::audit(command, cli.args.data_dir),
        Some(Command::Version) => say(concat!("gateway-server ", env!("CARGO_PKG_VERSION"), "\n")),
    }
}

fn say(text: &str) -> Result<(), RunError> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

fn hash_password() -> Result<(), RunError> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let password = Secret::new(line.trim_end_matches(['\r', '\n']));
    say(&format!("{}\n", gateway::control::hash_password(&password)?))
}

fn check(file: &Path) -> Result<(), RunError> {
    let warnings = Control::check(config::load(file)?)
        .map_err(|error| RunError::Document(format!("{}: {error}", file.display())))?;
    let mut said: String = warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
    said.push_str(&format!("{} is valid\n", file.display()));
    say(&said)
}
