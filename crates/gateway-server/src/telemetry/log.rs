//! The operator's log: one line per event on standard error, for reading or as JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::cli::LogStyle;

/// A log level that is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "--log-level: `{0}` is no level; write error, warn, info, debug, trace or off, or directives such as `info,gateway=debug`"
)]
pub struct LevelError(String);

/// The library that signs calls to AWS traces the credentials that it signs with; nobody's log is to have them.
const SIGNING: &str = "aws_sigv4=off";

/// Begins to log. A subscriber that is there already, as in a test, stays.
pub(crate) fn start(level: &str, style: LogStyle) -> Result<(), LevelError> {
    let filter = filter(level)?;
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

fn filter(level: &str) -> Result<EnvFilter, LevelError> {
    const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
    let level: String = level.to_lowercase().split_whitespace().collect();
    // A lone word that is no level would be read as the name of a module, and nothing else would be logged.
    let unknown = |part: &str| !part.contains(['=', '[']) && !LEVELS.contains(&part);
    if level.split(',').any(unknown) {
        return Err(LevelError(level));
    }
    let filter: EnvFilter = level.parse().map_err(|_| LevelError(level))?;
    Ok(filter.add_directive(SIGNING.parse().expect("a directive that is written here is one")))
}

/// A panic is a bug: it goes into the log like everything else, with its place.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let what = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic: {what}");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_is_none_is_refused_instead_of_silencing_the_log() {
        for level in [
            "info",
            "WARN",
            "off",
            "info,gateway=debug",
            "error, gateway_server=trace",
        ] {
            assert!(filter(level).is_ok(), "{level}");
        }
        for level in ["loud", "", "info,loud", "gateway=loud"] {
            assert!(
                filter(level).unwrap_err().to_string().contains("--log-level"),
                "{level}"
            );
        }
    }
}
