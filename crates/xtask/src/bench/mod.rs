//! `cargo xtask bench`: what a call costs, in time beside others (`load`) and in instructions by itself (`instructions`).

pub(crate) mod instructions;
mod load;

use std::path::Path;

/// Which of them is run.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Count the instructions of a call on the line instead, and compare them with benches/instructions.txt; needs
    /// valgrind.
    #[arg(long)]
    instructions: bool,
    /// Write what was counted into that file.
    #[arg(long, requires = "instructions")]
    renew: bool,
    /// For the rig: see `cargo xtask bench -- --help`. With --instructions, the cases; all where none is named.
    #[arg(last = true)]
    more: Vec<String>,
}

/// Measures.
pub(crate) fn run(root: &Path, args: &Args) -> Result<(), String> {
    if !args.instructions {
        return load::run(root, &args.more);
    }
    instructions::run(root, &args.more, args.renew)
}
