//! Figures of the process itself, by the names that Prometheus clients give them.

use std::fmt::Write;

/// Open files and memory, where the system tells.
pub(super) fn render(out: &mut String) {
    if let Some(files) = open_files() {
        let _ = writeln!(out, "# TYPE process_open_fds gauge\nprocess_open_fds {files}");
    }
    if let Some(bytes) = resident_bytes() {
        let _ = writeln!(
            out,
            "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {bytes}"
        );
    }
}

fn open_files() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count())
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
