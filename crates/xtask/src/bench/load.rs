//! The rig of `benches/load`: CPU time, latency and memory beside a bare hyper proxy.

use std::path::Path;
use std::process::Command;

use crate::run;

/// Builds the gateway and the rig as they are released, and lets them run; whatever is said besides goes to the rig. A whole
/// run is put on the page.
pub(super) fn run(root: &Path, more: &[String]) -> Result<(), String> {
    let mut build = Command::new(env!("CARGO"));
    build
        .args([
            "build",
            "--profile",
            "dist",
            "-p",
            "gateway-server",
            "-p",
            "gateway-load",
        ])
        .current_dir(root);
    if !run::run(&mut build).good {
        return Err("the release build failed".to_owned());
    }
    let mut rig = Command::new(env!("CARGO"));
    rig.args(["run", "--profile", "dist", "--quiet", "-p", "gateway-load", "--", "run"])
        .current_dir(root);
    match more {
        [] => rig.args(["--out", "docs/benchmarks.md"]),
        more => rig.args(more),
    };
    if run::run(&mut rig).good {
        return Ok(());
    }
    Err("the rig ended early; see above".to_owned())
}
