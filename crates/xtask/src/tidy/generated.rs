//! Pages of docs/ that the server writes of itself.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A page, and the arguments with which the server prints it.
const PAGES: [(&str, &[&str]); 4] = [
    ("docs/configuration.md", &["docs", "configuration"]),
    ("docs/providers.md", &["docs", "providers"]),
    ("docs/access.md", &["docs", "access"]),
    ("docs/api/openapi.json", &["docs", "openapi"]),
];

/// Where the server comes from.
pub(crate) enum Server {
    /// Cargo builds and runs it.
    Cargo,
    /// It is built already.
    Built(PathBuf),
}

impl Server {
    fn print(&self, root: &Path, args: &[&str]) -> Result<String, String> {
        let mut command = match self {
            Self::Built(path) => Command::new(path),
            Self::Cargo => {
                let mut cargo = Command::new(env!("CARGO"));
                cargo.args(["run", "--quiet", "--package", "gateway-server", "--"]);
                cargo
            }
        };
        let output = command
            .args(args)
            .current_dir(root)
            .output()
            .map_err(|why| format!("{args:?}: {why}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("gateway-server {}: {}", args.join(" "), said.trim()));
        }
        String::from_utf8(output.stdout).map_err(|why| format!("{args:?}: {why}"))
    }
}

/// The pages that no longer say what the server says.
pub(crate) fn findings(root: &Path, server: &Server) -> Vec<String> {
    PAGES
        .iter()
        .filter_map(|(page, args)| stale(root, page, args, server))
        .collect()
}

fn stale(root: &Path, page: &str, args: &[&str], server: &Server) -> Option<String> {
    let want = match server.print(root, args) {
        Ok(want) => want,
        Err(why) => return Some(why),
    };
    match std::fs::read_to_string(root.join(page)) {
        Ok(have) if have == want => None,
        Ok(_) => Some(format!("{page}: out of date; run `cargo xtask docs`")),
        Err(why) => Some(format!("{page}: {why}; run `cargo xtask docs`")),
    }
}

/// Writes the pages.
pub(crate) fn write(root: &Path, server: &Server) -> Result<(), String> {
    for (page, args) in PAGES {
        let text = server.print(root, args)?;
        std::fs::write(root.join(page), text).map_err(|why| format!("{page}: {why}"))?;
    }
    Ok(())
}
