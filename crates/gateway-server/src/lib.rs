//! The thin edge of the gateway: sockets in front of the line, and the HTTP surface of the control plane.
//!
//! - **Owns**: listeners and workers, routes and status codes, the management API's HTTP side, the access rule, config
//!   files, the environment, telemetry exporters, the dashboard's files, the command line.
//! - **Does not know**: how a request is served, what a setting means, what anything costs, how a provider speaks.
//! - **Ports it asks for**: none; it plugs `Transport`, the stores, `Environment`, `Recorder` and the clock together.
//! - **Read first**: [`run()`], then `routes`, then `edge`.
//!
//! ```no_run
//! use clap::Parser;
//!
//! gateway_server::run(gateway_server::Cli::parse_from(["gateway-server", "--port", "0"]))?;
//! # Ok::<(), gateway_server::RunError>(())
//! ```

mod access;
mod announce;
mod api;
mod body;
mod books;
mod cli;
mod config;
mod cors;
mod dashboard;
mod docs;
mod edge;
mod environment;
mod health;
mod inference;
mod limits;
mod offers;
mod respond;
mod routes;
mod run;
mod secret;
mod serve;
mod signals;
mod state;
mod telemetry;

pub use books::export::Format;
pub use cli::{Args, AuditCommand, Cli, Command, DocsPage, ExportArgs, Folder, LedgerCommand, LogStyle};
pub use run::{RunError, run};
