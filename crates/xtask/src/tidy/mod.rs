//! What must hold of the repository as a whole. A check is a function from what it looks at to its findings.

mod arrows;
mod cards;
pub(crate) mod generated;
mod text;
mod top;
mod versions;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ui;

/// Every finding that needs nothing built.
pub(crate) fn findings(root: &Path) -> Vec<String> {
    let files = match files(root) {
        Ok(files) => files,
        Err(why) => return vec![why],
    };
    let mut findings = arrows::findings(root);
    findings.extend(cards::findings(root));
    findings.extend(top::findings(&files));
    findings.extend(versions::findings(root, &files));
    findings.extend(text::findings(root, &files));
    findings.extend(ui::findings(root));
    findings
}

/// The files of the repository that exist: tracked, and new ones that no ignore rule names; relative to the root.
fn files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|why| format!("git ls-files: {why}"))?;
    if !output.status.success() {
        return Err(format!(
            "git ls-files: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    let list = String::from_utf8_lossy(&output.stdout);
    Ok(list
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .filter(|path| root.join(path).is_file())
        .collect())
}
