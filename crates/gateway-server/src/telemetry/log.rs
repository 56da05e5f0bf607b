//! The operator's log: one line per event on standard error, for reading or as JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::cli::LogStyle;

/// Begins to log. A subscriber that is there already, as in a test, stays.
pub(crate) fn start(level: &str, style: LogStyle) -> Result<(), ParseError> {
    let filter: EnvFilter = level.to_lowercase().parse()?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let begun = match style {
        LogStyle::Json => log.json().flatten_event(true).try_init(),
        LogStyle::Pretty => log
            .with_target(false)
            .with_ansi(std::io::stderr().is_terminal())
            .try_init(),
    };
    if begun.is_err() {
        tracing::debug!("a log was set up already");
    }
    report_panics();
    Ok(())
}

/// A panic is a bug: it goes into the log like everything else, with its place.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let what = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic: {what}");
    }));
}
