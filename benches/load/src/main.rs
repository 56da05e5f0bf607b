//! What the gateway costs, from outside: CPU time per request and per streamed chunk beside a bare hyper proxy, as ratios
//! within one run.
//!
//! - **Owns**: the mock upstream, the bare proxy, the load, and the accounting of CPU time.
//! - **Does not know**: anything of the gateway but its command line and its HTTP API.
//! - **Ports it asks for**: `/proc` of Linux; two processors, one for the target alone.
//! - **Read first**: [`run`], then [`case`].

#![allow(clippy::print_stdout, reason = "what it finds is what it prints")]

mod body;
mod case;
mod drive;
mod process;
mod proxy;
mod report;
mod run;
mod target;
mod upstream;

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What the gateway costs beside a bare hyper proxy.
#[derive(Debug, Parser)]
#[command(name = "gateway-load")]
struct Args {
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Measure, all targets in turn, round by round.
    Run(run::Options),
    /// The mock upstream: prints its address and serves until it is killed.
    Upstream,
    /// The bare proxy before an upstream: prints its address and serves until it is killed.
    Proxy {
        /// Where the upstream listens.
        upstream: SocketAddr,
    },
}

fn main() -> ExitCode {
    let done = match Args::parse().part {
        Part::Run(options) => run::run(&options),
        Part::Upstream => serve(upstream::serve()),
        Part::Proxy { upstream } => serve(proxy::serve(upstream)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Why a measurement could not be made.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One thread: whatever serves here is to cost what one worker costs.
fn serve(server: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(server)
}
