//! What may lie at the top of the repository.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

const REQUIRED: [&str; 7] = [
    "Cargo.toml",
    "crates",
    "examples",
    "benches",
    "docs",
    "LICENSE",
    "README.md",
];

/// The lock file, and settings of tools that look for them at the top.
const ALLOWED: [&str; 3] = ["Cargo.lock", "clippy.toml", "rustfmt.toml"];

pub(super) fn findings(files: &[PathBuf]) -> Vec<String> {
    let entries: BTreeSet<&str> = files.iter().filter_map(|path| first(path)).collect();
    let missing = REQUIRED
        .iter()
        .filter(|name| !entries.contains(**name))
        .map(|name| format!("{name}: missing"));
    let surplus = entries
        .iter()
        .filter(|name| !name.starts_with('.') && !REQUIRED.contains(name) && !ALLOWED.contains(name))
        .map(|name| format!("{name}: does not belong at the top of the repository"));
    missing.chain(surplus).collect()
}

fn first(path: &Path) -> Option<&str> {
    match path.components().next()? {
        Component::Normal(name) => name.to_str(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(extra: &str, left_out: &str, findings: usize) {
        let files: Vec<PathBuf> = REQUIRED
            .iter()
            .filter(|name| **name != left_out)
            .chain([&extra])
            .filter(|name| !name.is_empty())
            .map(|name| PathBuf::from(name).join("x"))
            .collect();
        assert_eq!(
            super::findings(&files).len(),
            findings,
            "with {extra:?}, without {left_out:?}"
        );
    }

    #[test]
    fn the_top_is_exactly_the_list() {
        check("", "", 0);
        check(".ci", "", 0);
        check("clippy.toml", "", 0);
        check("scripts", "", 1);
        check("", "docs", 1);
    }
}
