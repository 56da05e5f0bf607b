//! The command line. Every option is also an environment variable.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use gateway_types::Span;

use crate::books::export::Format;

const EXAMPLES: &str = "\
Examples:
  gateway-server                                   serve on 127.0.0.1:8080, data in the usual folder
  OPENAI_API_KEY=sk-… gateway-server               the same, with OpenAI as a provider
  gateway-server --port 9000 --data-dir ./data     another port, another data folder
  gateway-server --host 0.0.0.0 --admin-token T    open to the network; the management API asks for the token
  gateway-server --host 0.0.0.0 --port 443 --tls-cert chain.pem --tls-key key.pem
                                                   the same over TLS: HTTP/2 and HTTP/1.1
  gateway-server --config gateway.yaml             take providers, keys and settings from a file, and watch it
  gateway-server check gateway.yaml                say what is wrong with that file, if anything
  gateway-server ledger verify                     recompute the ledger; more with `ledger --help`
  gateway-server audit verify                      recompute the audit log

Then:
  curl http://127.0.0.1:8080/v1/models";

/// One address for every model: an OpenAI-compatible gateway in front of self-hosted servers and cloud providers.
#[derive(Debug, Parser)]
#[command(name = "gateway-server", version, after_help = EXAMPLES, subcommand_negates_reqs = true)]
pub struct Cli {
    /// What to do; serving where nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to serve.
    #[command(flatten)]
    pub args: Args,
}

/// What can be done besides serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a configuration file (.json, .yaml, .yml or .toml) and say what is wrong and where.
    Check {
        /// The file.
        file: PathBuf,
    },
    /// Print a page of the documentation that is generated from the types.
    Docs {
        /// Which page.
        #[arg(value_enum)]
        page: DocsPage,
    },
    /// Read a password from standard input and print its hash, for a user in a configuration file.
    HashPassword,
    /// The ledger: whether it adds up, as a file, written off.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// The audit log: whether it is what was written, as a file.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Print the version.
    Version,
}

const LEDGER_EXAMPLES: &str = "\
Examples:
  gateway-server ledger verify                               recompute everything; the exit code is 1 if anything differs
  gateway-server ledger export --format csv > spend.csv      every leg of every call
  gateway-server ledger export --format jsonl --from 2026-01-01T00:00:00Z --key vk-dev --output january.jsonl
  gateway-server ledger write-off KEY/budget                 what a crash left unaccounted was not spent

Verifying and exporting read the data folder, also while a gateway runs on it: what it writes meanwhile is read with the
next look, never half. Writing off asks for a folder that no gateway runs on; a running one is told by
POST /api/ledger/write-off.";

/// What can be done with the ledger.
#[derive(Debug, Subcommand)]
#[command(after_help = LEDGER_EXAMPLES)]
pub enum LedgerCommand {
    /// Recompute every entry and every window, print what differs, and end with exit code 1 if anything does.
    Verify {
        /// Where.
        #[command(flatten)]
        folder: Folder,
    },
    /// Write all entries, oldest first, as CSV (a row per leg) or JSON Lines (an object per entry).
    #[command(after_help = LEDGER_EXAMPLES)]
    Export(ExportArgs),
    /// Let go of what a crash left unaccounted in a window of a quota; it is written into the audit log.
    WriteOff {
        /// The quota's id, as `GET /api/ledger/windows` lists it.
        quota: String,
        /// The window's number; the latest where none is given.
        window: Option<u64>,
        /// Where.
        #[command(flatten)]
        folder: Folder,
    },
}

/// What can be done with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Compute every hash anew, print what was changed, removed or moved, and end with exit code 1 if anything was.
    Verify {
        /// Where.
        #[command(flatten)]
        folder: Folder,
    },
    /// Write all records, oldest first, as JSON Lines, with their hashes and as they are kept: secrets in them are sealed
    /// or hashed.
    Export {
        /// File to write; standard output where none is given.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Where.
        #[command(flatten)]
        folder: Folder,
    },
}

/// Where the books are.
#[derive(Clone, Debug, clap::Args)]
pub struct Folder {
    /// The data folder of the gateway; the one that it would use where none is given.
    #[arg(long, env = "GATEWAY_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

/// Which entries are written, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    /// How entries are written.
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    pub format: Format,
    /// Settled at that time or later, as RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Settled before that time, as RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Of that virtual key.
    #[arg(long, value_name = "ID")]
    pub key: Option<String>,
    /// Of that team.
    #[arg(long, value_name = "ID")]
    pub team: Option<String>,
    /// Of that customer.
    #[arg(long, value_name = "ID")]
    pub customer: Option<String>,
    /// With a leg at that provider.
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// With a leg of that model.
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// That charge that quota.
    #[arg(long, value_name = "ID")]
    pub quota: Option<String>,
    /// File to write; standard output where none is given.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Where.
    #[command(flatten)]
    pub folder: Folder,
}

/// A page that is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DocsPage {
    /// docs/configuration.md: the command line and the settings document.
    Configuration,
    /// docs/providers.md: what each kind of provider speaks and does.
    Providers,
    /// docs/api/openapi.json: the HTTP API, as OpenAPI 3.1.
    #[value(name = "openapi")]
    OpenApi,
    /// docs/access.md: who may use the management API, path by path.
    Access,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogStyle {
    /// One JSON object per line.
    Json,
    /// For reading.
    Pretty,
}

/// How to serve.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Address or name to listen on. The default is loopback, IPv4 and IPv6. Beyond loopback, virtual keys are enforced
    /// unless the settings say otherwise. APP_HOST is read too.
    #[arg(long, env = "GATEWAY_HOST", value_name = "HOST", default_value = "127.0.0.1")]
    pub host: String,

    /// Port to listen on; 0 takes a free one and prints it. APP_PORT is read too.
    #[arg(long, short, env = "GATEWAY_PORT", value_name = "PORT", default_value_t = 8080)]
    pub port: u16,

    /// File with the certificate to show to clients, as PEM: the server's own first, then those between it and its
    /// authority. With it, only TLS (1.2 and 1.3) is spoken, HTTP/2 and HTTP/1.1 by ALPN. A file that changes, as when a
    /// certificate is renewed, is taken up while running, within two seconds or at SIGHUP; one that is wrong is refused
    /// and named in the log and in /readyz.
    #[arg(long, env = "GATEWAY_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// File with the private key that belongs to it, as PEM without a passphrase. It may be the same file.
    #[arg(long, env = "GATEWAY_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Folder for settings, ledger, logs and the secret key. Default: $XDG_DATA_HOME/ai-gateway, else
    /// ~/.local/share/ai-gateway, else ./ai-gateway-data. APP_DIR is read too.
    #[arg(long, env = "GATEWAY_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Configuration file (.json, .yaml, .yml or .toml). What it declares belongs to it; changes are taken up while
    /// running, within two seconds or at SIGHUP.
    #[arg(long, env = "GATEWAY_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// File of prices and other facts of models (JSON Lines, see docs/prices.md) that stands over the embedded catalogue.
    /// Changes are taken up while running, within two seconds; a file that is wrong is refused whole and named in the log.
    #[arg(long, env = "GATEWAY_CATALOG", value_name = "FILE")]
    pub catalog: Option<PathBuf>,

    /// Document to import into the store once; what it says can be changed by the API afterwards.
    #[arg(long, env = "GATEWAY_CONFIG_SEED", value_name = "FILE")]
    pub config_seed: Option<PathBuf>,

    /// What is logged: error, warn, info, debug, trace, or directives such as `info,gateway=debug`. LOG_LEVEL is read
    /// too.
    #[arg(long, env = "GATEWAY_LOG_LEVEL", value_name = "LEVEL", default_value = "info")]
    pub log_level: String,

    /// How log lines look. LOG_STYLE is read too.
    #[arg(long, env = "GATEWAY_LOG_STYLE", value_name = "STYLE", value_enum, default_value_t = LogStyle::Pretty)]
    pub log_style: LogStyle,

    /// Token that opens the management API, the dashboard and /metrics, as `Authorization: Bearer`. Without one, users and
    /// API tokens they answer on loopback only.
    #[arg(long, env = "GATEWAY_ADMIN_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub admin_token: Option<String>,

    /// Further token that may read /metrics, for Prometheus.
    #[arg(long, env = "GATEWAY_SCRAPE_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub scrape_token: Option<String>,

    /// Worker threads for requests. Default: one per core.
    #[arg(long, env = "GATEWAY_WORKERS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,

    /// Variables that `env.NAME` values may read, `*` being a wildcard; may be repeated or listed with commas. Default:
    /// all but the gateway's own.
    #[arg(long, env = "GATEWAY_ENV_ALLOW", value_name = "PATTERN", value_delimiter = ',')]
    pub env_allow: Vec<String>,

    /// How long requests in flight may go on after SIGTERM or SIGINT. A second signal cuts them at once.
    #[arg(long, env = "GATEWAY_DRAIN_TIMEOUT", value_name = "DURATION", default_value = "30s")]
    pub drain_timeout: Span,

    /// How long a client may take to send the head of a request, and for the handshake of TLS before it.
    #[arg(long, env = "GATEWAY_HEADER_TIMEOUT", value_name = "DURATION", default_value = "10s")]
    pub header_timeout: Span,

    /// How long a client may pause while it sends a body; a body that comes more slowly than 1 KiB a second is cut
    /// after the same time.
    #[arg(long, env = "GATEWAY_BODY_TIMEOUT", value_name = "DURATION", default_value = "15s")]
    pub body_timeout: Span,

    /// How long a connection may stay open between two requests.
    #[arg(long, env = "GATEWAY_IDLE_TIMEOUT", value_name = "DURATION", default_value = "75s")]
    pub idle_timeout: Span,

    /// Client connections at the same time; those beyond get 503.
    #[arg(long, env = "GATEWAY_MAX_CONNECTIONS", value_name = "N", default_value_t = 16_384)]
    pub max_connections: usize,
}

/// Variables that the reference's users have set already, and ours that come first.
const ALIASES: [(&str, &str); 5] = [
    ("APP_HOST", "GATEWAY_HOST"),
    ("APP_PORT", "GATEWAY_PORT"),
    ("APP_DIR", "GATEWAY_DATA_DIR"),
    ("LOG_LEVEL", "GATEWAY_LOG_LEVEL"),
    ("LOG_STYLE", "GATEWAY_LOG_STYLE"),
];

/// The options that [`ALIASES`] stand for.
const OPTIONS: [&str; 5] = ["--host", "--port", "--data-dir", "--log-level", "--log-style"];

impl Cli {
    /// Reads the process's arguments and variables, the reference's variables included. Ends the process where they are
    /// wrong or only help was asked for.
    pub fn from_process() -> Self {
        let aliased = aliased(std::env::args().collect(), |name| std::env::var(name).ok());
        Self::parse_from(aliased)
    }
}

/// The arguments, with the reference's variables put in as options that come before all others, so that later ones win.
fn aliased(mut args: Vec<String>, variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    for ((theirs, ours), option) in ALIASES.iter().zip(OPTIONS) {
        let given = args
            .iter()
            .any(|arg| arg == option || arg.starts_with(&format!("{option}=")));
        let short = option == "--port" && args.iter().any(|arg| arg.starts_with("-p"));
        let value = variable(theirs).filter(|value| !value.is_empty());
        if let (false, false, None, Some(value)) = (given, short, variable(ours), value) {
            let at = args.len().min(1);
            args.insert(at, format!("{option}={value}"));
        }
    }
    args
}

/// The folder for data where none is given.
pub(crate) fn default_data_dir(variable: impl Fn(&str) -> Option<String>) -> PathBuf {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_DATA_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| set("HOME").map(|home| home.join(".local").join("share")))
        .map_or_else(|| PathBuf::from("ai-gateway-data"), |base| base.join("ai-gateway"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parsed(args: &[&str]) -> Args {
        Cli::try_parse_from(std::iter::once("gateway-server").chain(args.iter().copied()))
            .unwrap()
            .args
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
        for argument in Cli::command().get_arguments() {
            let Some(long) = argument.get_long().filter(|long| !matches!(*long, "help" | "version")) else {
                continue;
            };
            let variable = format!("GATEWAY_{}", long.to_uppercase().replace('-', "_"));
            assert_eq!(
                argument.get_env().and_then(|env| env.to_str()),
                Some(variable.as_str()),
                "--{long}"
            );
        }
    }

    #[test]
    fn without_arguments_it_serves_on_loopback() {
        let args = parsed(&[]);
        assert_eq!(
            (args.host.as_str(), args.port, args.drain_timeout.length().as_secs()),
            ("127.0.0.1", 8080, 30)
        );
    }

    #[test]
    fn a_duration_that_is_none_is_refused_with_what_would_be_right() {
        let error = Cli::try_parse_from(["gateway-server", "--drain-timeout", "5x"])
            .unwrap_err()
            .to_string();
        assert!(error.contains("`30s`"), "{error}");
    }

    #[test]
    fn the_references_variables_count_unless_ours_or_an_option_is_given() {
        let env = |name: &str| (name == "APP_PORT").then(|| String::from("9"));
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(aliased(words("g check f"), env), words("g --port=9 check f"));
        assert_eq!(aliased(words("g --port 1"), env), words("g --port 1"));
        assert_eq!(aliased(words("g -p1"), env), words("g -p1"));
        let both = |name: &str| matches!(name, "APP_PORT" | "GATEWAY_PORT").then(|| String::from("9"));
        assert_eq!(aliased(words("g"), both), words("g"));
    }

    #[test]
    fn data_goes_where_the_platform_keeps_it() {
        let check = |set: &[(&str, &str)], expected: &str| {
            let set: Vec<(String, String)> = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            let found = default_data_dir(|name| set.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()));
            assert_eq!(found, PathBuf::from(expected));
        };
        check(&[("XDG_DATA_HOME", "/x"), ("HOME", "/h")], "/x/ai-gateway");
        check(
            &[("XDG_DATA_HOME", "relative"), ("HOME", "/h")],
            "/h/.local/share/ai-gateway",
        );
        check(&[], "ai-gateway-data");
    }
}
