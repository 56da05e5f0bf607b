//! What the gateway costs, from outside: CPU time per request and per streamed chunk beside a bare hyper proxy, as ratios
//! within one run.
//!
//! - **Owns**: the mock upstream, the bare proxy, the load, and the accounting of CPU time.
//! - **Does not know**: anything of the gateway but its command line and its HTTP API.
//! - **Ports it asks for**: `/proc` of Linux; two processors, one for the target alone.
//! - **Read first**: [`run`], then [`case`] and [`goal`].

#![allow(clippy::print_stdout, reason = "what it finds is what it prints")]

mod body;
mod case;
mod check;
mod drive;
mod goal;
mod process;
mod proxy;
mod report;
mod run;
mod target;
mod upstream;
mod wire;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::wire::{Papers, Wire};

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
    Upstream {
        /// The folder of its certificate and key; with it, it speaks TLS.
        #[arg(long)]
        papers: Option<PathBuf>,
    },
    /// The bare proxy before an upstream: prints its address and serves until it is killed.
    Proxy {
        /// Where the upstream listens.
        upstream: SocketAddr,
        /// How the two sides speak.
        #[arg(long, value_enum, default_value = "plain")]
        wire: Wire,
        /// The folder of certificates, where one side is encrypted.
        #[arg(long)]
        papers: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let done = match Args::parse().part {
        Part::Run(options) => run::run(&options),
        Part::Upstream { papers } => serve(upstream::serve(papers.as_deref().map(Papers::of))),
        Part::Proxy { upstream, wire, papers } => {
            serve(proxy::serve(upstream, wire, papers.as_deref().map(Papers::of)))
        }
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
