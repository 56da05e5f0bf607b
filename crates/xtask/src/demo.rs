//! A gateway to look around in: builds the example of the server's crate and becomes it.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Variables that would change what there is to see: the gateway's own options, and keys of real vendors, whose providers would
/// stand beside the scripted ones.
const KEPT_OUT: [&str; 4] = ["GATEWAY_", "APP_", "AWS_", "AZURE_"];

/// Builds and runs the demo with those arguments, until it is told to stop.
pub(crate) fn run(root: &Path, args: &[String]) -> ExitCode {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        // As released: a day takes seconds so, and most of a minute otherwise.
        .args([
            "run",
            "--release",
            "--quiet",
            "--package",
            "gateway-server",
            "--example",
            "demo",
            "--",
        ])
        .args(args)
        .current_dir(root);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let of_vendor = name.ends_with("_API_KEY") || name.ends_with("_TOKEN") && name.starts_with("HF_");
        if of_vendor || KEPT_OUT.iter().any(|prefix| name.starts_with(prefix)) {
            cargo.env_remove(&*name);
        }
    }
    // Servers that happen to run on this machine are none of the demo.
    cargo.env("GATEWAY_OFFER_PLACES", "");
    become_it(&mut cargo)
}

/// Puts it in the place of this process, so that signals reach it.
#[cfg(unix)]
fn become_it(command: &mut Command) -> ExitCode {
    use std::os::unix::process::CommandExt as _;
    println!("{}", command.exec());
    ExitCode::FAILURE
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> ExitCode {
    match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}
