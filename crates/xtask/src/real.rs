//! The real parts: official SDKs, a llama.cpp server, Prometheus and a browser, fetched with apt, pip and npm.
//!
//! What is fetched or made is kept in `target/real` and used again while the pins are the same. The checks themselves
//! are scripts in `crates/gateway-server/tests/real`; each prints `ok NAME` or `FAILED NAME: why` for every check.

use std::path::Path;
use std::process::Command;

use crate::run::{self, Ran, limited};
use crate::suites::{Place, Tally};

const SCRIPTS: &str = "crates/gateway-server/tests/real";

/// The official Python SDK against a real self-hosted server, through the gateway.
pub(crate) fn python(place: &Place) -> Tally {
    drive(place, "sdk_python.py", &[PYTHON])
}

/// The official Node SDK, likewise.
pub(crate) fn node(place: &Place) -> Tally {
    let prepared = packages(&[NODE, NPM]).and_then(|()| modules(place));
    prepared.map_or_else(failed, |()| drive(place, "sdk_node.py", &[PYTHON]))
}

/// Prometheus scrapes the gateway, and answers the queries of the docs.
pub(crate) fn prometheus(place: &Place) -> Tally {
    drive(place, "prometheus.py", &[PYTHON, PROMETHEUS])
}

/// A browser opens the dashboard and adds a provider.
pub(crate) fn dashboard(place: &Place) -> Tally {
    drive(place, "dashboard.py", &[PYTHON, CHROMIUM, CHROMEDRIVER])
}

/// A Debian package, and a command that succeeds where it is installed.
struct Package {
    name: &'static str,
    probe: &'static [&'static str],
}

const PYTHON: Package = Package {
    name: "python3-venv",
    probe: &["python3", "-c", "import ensurepip, venv"],
};
const NODE: Package = Package {
    name: "nodejs",
    probe: &["node", "--version"],
};
const NPM: Package = Package {
    name: "npm",
    probe: &["npm", "--version"],
};
const PROMETHEUS: Package = Package {
    name: "prometheus",
    probe: &["prometheus", "--version"],
};
const CHROMIUM: Package = Package {
    name: "chromium",
    probe: &["chromium", "--version"],
};
const CHROMEDRIVER: Package = Package {
    name: "chromium-driver",
    probe: &["chromedriver", "--version"],
};

/// Sets up what a script needs, runs it, and counts what it says.
fn drive(place: &Place, script: &str, needs: &[Package]) -> Tally {
    let prepared = packages(needs).and_then(|()| venv(place)).and_then(|()| model(place));
    if let Err(why) = prepared {
        return failed(why);
    }
    let ran = run::run(
        limited(10, place.real.join("venv/bin/python"))
            .arg("-B")
            .arg(place.root.join(SCRIPTS).join(script))
            .env("GATEWAY_SERVER", place.server())
            .env("REAL_PARTS", &place.real)
            .env("PYTHONUNBUFFERED", "1"),
    );
    count(script, &ran)
}

fn count(script: &str, ran: &Ran) -> Tally {
    let passed = ran.lines.iter().filter(|line| line.starts_with("ok ")).count() as u64;
    let mut failed: Vec<String> = ran
        .lines
        .iter()
        .filter_map(|line| line.strip_prefix("FAILED "))
        .map(str::to_owned)
        .collect();
    if failed.is_empty() && (!ran.good || passed == 0) {
        failed.push(format!("{script}: broke off after {passed} checks"));
    }
    Tally { passed, failed }
}

fn failed(why: String) -> Tally {
    println!("{why}");
    Tally::one(vec![why])
}

/// Installs those packages that are not there.
fn packages(needs: &[Package]) -> Result<(), String> {
    let missing: Vec<&str> = needs
        .iter()
        .filter(|package| !there(package))
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let sudo = if Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout == b"0\n")
    {
        ""
    } else {
        "sudo -n "
    };
    let install = format!(
        "{sudo}apt-get update -q && {sudo}env DEBIAN_FRONTEND=noninteractive \
         apt-get install -q -y --no-install-recommends {list}"
    );
    let installed = run::run(limited(15, "sh").args(["-c", &install])).good;
    if installed {
        Ok(())
    } else {
        Err(format!("cannot install {list}; as root: apt-get install {list}"))
    }
}

fn there(package: &Package) -> bool {
    let [program, args @ ..] = package.probe else {
        return false;
    };
    Command::new(program)
        .args(args)
        .output()
        .is_ok_and(|output| output.status.success())
}

fn venv(place: &Place) -> Result<(), String> {
    let (venv, pins) = (
        place.real.join("venv"),
        place.root.join(SCRIPTS).join("requirements.txt"),
    );
    once(&venv, &read(&pins)?, || {
        let made = run::run(limited(5, "python3").args(["-m", "venv"]).arg(&venv)).good;
        let pip = || {
            run::run(
                limited(15, venv.join("bin/pip"))
                    .args(["install", "--quiet", "-r"])
                    .arg(&pins),
            )
            .good
        };
        if made && pip() {
            Ok(())
        } else {
            Err("cannot set up the Python packages of requirements.txt".into())
        }
    })
}

fn modules(place: &Place) -> Result<(), String> {
    let (folder, pins) = (
        place.real.join("node"),
        read(&place.root.join(SCRIPTS).join("package.json"))?,
    );
    once(&folder, &pins, || {
        write(&folder, "package.json", &pins)?;
        let args = [
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--no-package-lock",
        ];
        let installed = run::run(limited(10, "npm").args(args).current_dir(&folder)).good;
        if installed {
            Ok(())
        } else {
            Err("cannot set up the npm packages of package.json".into())
        }
    })
}

/// Two models of random weights, made on the spot: one that answers with noise, and one that calls tools.
fn model(place: &Place) -> Result<(), String> {
    let (folder, maker) = (place.real.join("model"), place.root.join(SCRIPTS).join("tiny_model.py"));
    once(&folder, &read(&maker)?, || {
        let made = run::run(
            limited(5, place.real.join("venv/bin/python"))
                .arg("-B")
                .arg(&maker)
                .arg(&folder),
        )
        .good;
        if made {
            Ok(())
        } else {
            Err("cannot make the tiny model".into())
        }
    })
}

/// Makes a folder anew unless it was made from the same pins before.
fn once(folder: &Path, pins: &str, make: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    const STAMP: &str = ".made-from";
    if std::fs::read_to_string(folder.join(STAMP)).is_ok_and(|had| had == pins) {
        return Ok(());
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    }
    write(folder, "", "")?;
    make()?;
    write(folder, STAMP, pins)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))
}

/// Writes a file into a folder that is made where needed; an empty name is the folder alone.
fn write(folder: &Path, name: &str, text: &str) -> Result<(), String> {
    let made = std::fs::create_dir_all(folder);
    let written = made.and_then(|()| {
        if name.is_empty() {
            Ok(())
        } else {
            std::fs::write(folder.join(name), text)
        }
    });
    written.map_err(|why| format!("{}: {why}", folder.join(name).display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(good: bool, printed: &str, passed: u64, failed: usize) {
        let tally = count(
            "x.py",
            &Ran {
                good,
                lines: printed.lines().map(str::to_owned).collect(),
            },
        );
        assert_eq!((tally.passed, tally.failed.len()), (passed, failed), "{printed}");
    }

    #[test]
    fn a_script_is_believed_only_if_it_ended_well() {
        check(true, "ok a\nok b", 2, 0);
        check(false, "ok a\nFAILED b: c", 1, 1);
        check(false, "ok a", 1, 1);
        check(true, "", 0, 1);
    }
}
