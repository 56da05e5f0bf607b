//! Where, with what and on what it was measured.

use std::path::Path;
use std::process::Command;

/// A line for each, as a list.
pub(crate) fn of_this_machine(binary: &Path, rounds: usize) -> Vec<String> {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let named = cpus.lines().find_map(|line| line.strip_prefix("model name"));
    let model = named.unwrap_or_default().trim_start_matches(['\t', ' ', ':']);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    // Of all, not of those that this process may be on.
    let processors = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let lines = [
        Some(format!(
            "processor: {model}, {processors} of them; load at the start: {load}"
        )),
        Some(format!("kernel: {}", kernel.trim())),
        version(&binary.display().to_string(), "version"),
        version("nginx", "-v").or_else(|| Some("nginx: not installed".to_owned())),
        version("rustc", "--version"),
        Some(format!("rounds: {rounds}, and one before that is not counted")),
    ];
    lines.into_iter().flatten().collect()
}

fn version(program: &str, arg: &str) -> Option<String> {
    let output = Command::new(program).arg(arg).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&said).lines().next().map(str::to_owned)
}
