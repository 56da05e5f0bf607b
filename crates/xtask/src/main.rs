//! Checks and chores of the workspace: `cargo xtask tidy`, `test`, `bench`, `docs`, `ui`, `fuzz`, `demo` and `catalog`.
//!
//! - **Owns**: what must hold of the repository as a whole, and the order in which everything is tested.
//! - **Does not know**: how any crate works inside; it runs commands and reads files.
//! - **Ports it asks for**: cargo and git; for the real parts apt, pip and npm.
//! - **Read first**: [`suites`], then [`tidy`].

#![expect(clippy::print_stdout, reason = "a chore's output is what it prints")]

mod bench;
mod catalog;
mod demo;
mod fuzz;
mod real;
mod run;
mod suites;
mod tidy;
mod ui;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Where governance embeds it from.
const CATALOGUE: &str = "crates/gateway-governance/catalog/models.jsonl";

/// Checks and chores of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Check what must hold of the repository: arrows between crates, room cards, top level, versions, text, docs.
    Tidy,
    /// Run every test there is, from nothing; the last line is `N passed, N failed`.
    Test {
        /// Only the suites whose name contains one of these.
        only: Vec<String>,
    },
    /// Write the generated pages of docs/ again.
    Docs,
    /// Check the dashboard's sources and build them into its `dist`; needs Node and npm.
    Ui,
    /// Run the fuzz targets; needs a C++ compiler, and installs cargo-fuzz below target/ where it is not there.
    Fuzz {
        /// How long each target runs, in seconds.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// Only these targets.
        only: Vec<String>,
    },
    /// Measure the gateway beside a bare hyper proxy, as released, and put the figures on docs/benchmarks.md; needs two
    /// processors to itself. Or count the instructions of a call.
    Bench(bench::Args),
    /// Start a gateway with scripted vendors and a day of traffic, to look around in without a key.
    Demo {
        /// `--port N`, `--days N`, `--seed N`, `--quiet-now`, `--app-dir DIR`; `--help` says more.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Make the embedded catalogue of models and prices anew.
    Catalog {
        /// A list of models and prices, as JSON.
        list: PathBuf,
    },
}

fn main() -> ExitCode {
    let root = root();
    match Args::parse().chore {
        Chore::Tidy => {
            let mut findings = tidy::findings(&root);
            findings.extend(tidy::generated::findings(&root, &tidy::generated::Server::Cargo));
            for finding in &findings {
                println!("{finding}");
            }
            println!("tidy: {} findings", findings.len());
            exit(findings.is_empty())
        }
        Chore::Test { only } => exit(suites::run(&root, &only)),
        Chore::Docs => told(tidy::generated::write(&root, &tidy::generated::Server::Cargo)),
        Chore::Ui => told(ui::build(&root)),
        Chore::Fuzz { seconds, only } => told(fuzz::run(&root, seconds, &only)),
        Chore::Bench(args) => told(bench::run(&root, &args)),
        Chore::Demo { args } => demo::run(&root, &args),
        Chore::Catalog { list } => told(catalog::run(&list, &root.join(CATALOGUE))),
    }
}

/// Says why, where something went wrong.
fn told(done: Result<(), String>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn exit(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The repository's root: this crate lies two folders below it.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root.pop();
    root
}
