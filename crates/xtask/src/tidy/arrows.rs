//! Which crate may know which: the picture of docs/architecture.md as data.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// A crate and the crates of the workspace that it may depend on.
struct Room {
    name: &'static str,
    knows: &'static [&'static str],
    /// Those that it may know only through an optional feature, and in its tests.
    optionally: &'static [&'static str],
}

const fn room(name: &'static str, knows: &'static [&'static str]) -> Room {
    Room {
        name,
        knows,
        optionally: &[],
    }
}

const TYPES: &str = "gateway-types";
const PROVIDERS: &str = "gateway-providers";
const ROUTER: &str = "gateway-router";
const GOVERNANCE: &str = "gateway-governance";
const STORE: &str = "gateway-store";
const GATEWAY: &str = "gateway";
const SERVER: &str = "gateway-server";

const ALL: &[&str] = &[TYPES, PROVIDERS, ROUTER, GOVERNANCE, STORE, GATEWAY, SERVER];

const HOUSE: &[Room] = &[
    room(TYPES, &[]),
    room(PROVIDERS, &[TYPES]),
    room(ROUTER, &[TYPES]),
    room(GOVERNANCE, &[TYPES]),
    Room {
        name: STORE,
        knows: &[TYPES, GOVERNANCE],
        optionally: &[GATEWAY],
    },
    room(GATEWAY, &[TYPES, PROVIDERS, ROUTER, GOVERNANCE]),
    room(SERVER, &[TYPES, PROVIDERS, ROUTER, GOVERNANCE, STORE, GATEWAY]),
    room("gateway-examples", ALL),
    room("gateway-benches", ALL),
    room("gateway-load", &[]),
    room("xtask", ALL),
];

pub(super) fn findings(root: &Path) -> Vec<String> {
    match metadata(root) {
        Ok(metadata) => judge(&metadata.packages),
        Err(why) => vec![why],
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Set for crates of the workspace only.
    path: Option<String>,
    optional: bool,
    /// `dev` and `build`; none for what the library itself needs.
    kind: Option<String>,
}

fn metadata(root: &Path) -> Result<Metadata, String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .map_err(|why| format!("cargo metadata: {why}"))?;
    serde_json::from_slice(&output.stdout).map_err(|why| {
        format!(
            "cargo metadata: {why}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )
    })
}

fn judge(packages: &[Package]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in packages {
        let Some(room) = HOUSE.iter().find(|room| room.name == package.name) else {
            findings.push(format!(
                "{}: not in the picture of the house (xtask/src/tidy/arrows.rs)",
                package.name
            ));
            continue;
        };
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| dependency.path.is_some())
        {
            let name = dependency.name.as_str();
            if room.knows.contains(&name) || room.optionally.contains(&name) && spared(dependency) {
                continue;
            }
            let how = if room.optionally.contains(&name) {
                "; only an optional feature and tests may"
            } else {
                ""
            };
            findings.push(format!("{}: must not depend on {name}{how}", room.name));
        }
    }
    findings
}

/// Whether the library can be built without it.
fn spared(dependency: &Dependency) -> bool {
    dependency.optional || dependency.kind.as_deref() == Some("dev")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(package: &str, dependency: &str, optional: bool, allowed: bool) {
        let dependencies = vec![Dependency {
            name: dependency.into(),
            path: Some("/".into()),
            optional,
            kind: None,
        }];
        let findings = judge(&[Package {
            name: package.into(),
            dependencies,
        }]);
        assert_eq!(findings.is_empty(), allowed, "{package} -> {dependency}: {findings:?}");
    }

    #[test]
    fn arrows_point_down_only() {
        check(ROUTER, TYPES, false, true);
        check(ROUTER, GOVERNANCE, false, false);
        check(TYPES, GATEWAY, false, false);
        check(GATEWAY, STORE, false, false);
        check("gateway-examples", SERVER, false, true);
    }

    #[test]
    fn the_store_knows_the_gateway_only_by_a_feature() {
        check(STORE, GATEWAY, true, true);
        check(STORE, GATEWAY, false, false);
    }

    #[test]
    fn a_crate_outside_the_picture_is_found() {
        check("gateway-extra", TYPES, false, false);
    }
}
