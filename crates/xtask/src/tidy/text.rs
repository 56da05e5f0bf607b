//! What no file of the repository may say, and what only some crates may do.

use std::path::{Path, PathBuf};

/// Addresses of package registries and folders of one machine: a clone must work elsewhere. Written in two halves,
/// so that this file does not say them either.
const WORDS: [&str; 8] = [
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("crates", ".io/api"),
    concat!("index.crates", ".io"),
    concat!("deb.debian", ".org"),
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
];

/// Reading a clock, which only the gateway and its server may: everybody else is handed the time.
const CLOCKS: [&str; 2] = [concat!("Instant::", "now("), concat!("SystemTime::", "now(")];

const CLOCKLESS: [&str; 5] = [
    "crates/gateway-types/src",
    "crates/gateway-providers/src",
    "crates/gateway-router/src",
    "crates/gateway-governance/src",
    "crates/gateway-store/src",
];

pub(super) fn findings(root: &Path, files: &[PathBuf]) -> Vec<String> {
    files
        .iter()
        .filter(|path| path.as_os_str() != "Cargo.lock")
        .filter_map(|path| Some((path, std::fs::read_to_string(root.join(path)).ok()?)))
        .flat_map(|(path, text)| judge(path, &text))
        .collect()
}

fn judge(path: &Path, text: &str) -> Vec<String> {
    let clockless = CLOCKLESS.iter().any(|folder| path.starts_with(folder));
    let clocks = if clockless { &CLOCKS[..] } else { &[] };
    text.lines()
        .enumerate()
        .flat_map(|(index, line)| {
            let at = format!("{}:{}", path.display(), index + 1);
            let words = WORDS.iter().filter(|word| line.contains(**word));
            let reads = clocks.iter().filter(|clock| line.contains(**clock));
            words
                .map(|word| format!("{at}: must not name `{word}`"))
                .chain(reads.map(|_| format!("{at}: reads a clock; take the time as an argument")))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, findings: usize) {
        assert_eq!(judge(Path::new(path), text).len(), findings, "{path}: {text}");
    }

    #[test]
    fn registries_and_machine_paths_are_found() {
        check("README.md", "run it\nagain", 0);
        check("README.md", concat!("from pypi", ".org\nin /wo", "rk/main"), 2);
    }

    #[test]
    fn clocks_are_read_only_where_they_may() {
        let reads = concat!("let now = Instant::", "now();");
        check("crates/gateway-router/src/lib.rs", reads, 1);
        check("crates/gateway/src/lib.rs", reads, 0);
    }
}
