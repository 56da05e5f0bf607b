//! Figures of the process itself, by the names that Prometheus clients give them.

use std::fmt::Write;

/// Open files and memory, where the system tells.
pub(super) fn render(out: &mut String) {
    let figures = [
        ("process_open_fds", "Open file descriptors.", open_files()),
        (
            "process_resident_memory_bytes",
            "Resident memory in bytes.",
            resident_bytes(),
        ),
    ];
    for (name, help, value) in figures {
        if let Some(value) = value {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
        }
    }
}

fn open_files() -> Option<u64> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count() as u64)
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
