//! `cargo xtask bench`: builds the gateway and the load rig as they are released, and lets them run.

use std::path::Path;
use std::process::Command;

use crate::run;

/// Runs the rig of `benches/load`; whatever is said besides goes to it.
pub(crate) fn run(root: &Path, more: &[String]) -> Result<(), String> {
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["build", "--release", "-p", "gateway-server", "-p", "gateway-load"])
        .current_dir(root);
    if !run::run(&mut build).good {
        return Err("the release build failed".to_owned());
    }
    let mut rig = Command::new(env!("CARGO"));
    rig.args(["run", "--release", "--quiet", "-p", "gateway-load", "--", "run"])
        .args(more)
        .current_dir(root);
    if run::run(&mut rig).good {
        return Ok(());
    }
    Err("the rig ended early; see above".to_owned())
}
