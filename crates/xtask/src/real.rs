//! The real parts: official SDKs, agents, a llama.cpp server, Prometheus and a browser, fetched with apt, pip and npm.
//!
//! What is fetched or made is kept in `target/real` and used again while the pins are the same. The checks themselves
//! are scripts in `crates/gateway-server/tests/real`; each prints `ok NAME` or `FAILED NAME: why` for every check.

use std::path::Path;
use std::process::Command;

use crate::run::{self, Ran, limited};
use crate::suites::{Place, Tally};
use crate::ui;

const SCRIPTS: &str = "crates/gateway-server/tests/real";

/// The official SDKs for Python: one against a real self-hosted server, all against recorded providers, through the
/// gateway.
pub(crate) fn python(place: &Place) -> Tally {
    drive(place, &["sdk_python.py", "matrix.py"], &[PYTHON], &[])
}

/// The official SDKs for Node, likewise.
pub(crate) fn node(place: &Place) -> Tally {
    drive(place, &["sdk_node.py", "matrix_node.py"], &[PYTHON], &["node"])
}

/// Coding agents do a piece of work through the gateway.
pub(crate) fn agents(place: &Place) -> Tally {
    drive(place, &["agents.py"], &[PYTHON], &["agent-programs"])
}

/// Prometheus scrapes the gateway, and answers the queries of the docs.
pub(crate) fn prometheus(place: &Place) -> Tally {
    drive(place, &["prometheus.py"], &[PYTHON, PROMETHEUS], &[])
}

/// The API is asked for what its own document says.
pub(crate) fn openapi(place: &Place) -> Tally {
    drive(place, &["openapi.py"], &[PYTHON], &[])
}

/// The compiler, the lints and the tests of the dashboard's sources.
pub(crate) fn dashboard_sources(place: &Place) -> Tally {
    let folder = place.root.join(ui::FOLDER);
    let npm = npm_in(place, &folder);
    let checked = packages(&[PYTHON])
        .and_then(|()| venv(place))
        .and_then(|()| ui::packages(&folder, &npm))
        .and_then(|()| ui::check(&npm));
    checked.map_or_else(failed, |()| Tally::one(Vec::new()))
}

/// A browser uses the dashboard as people would, in front of real gateways. Its pictures of every page are in `target/screens`.
pub(crate) fn dashboard(place: &Place) -> Tally {
    let folder = place.root.join(ui::FOLDER);
    let npm = npm_in(place, &folder);
    let prepared = packages(&[PYTHON, CHROMIUM])
        .and_then(|()| venv(place))
        .and_then(|()| model(place))
        .and_then(|()| ui::packages(&folder, &npm));
    if let Err(why) = prepared {
        return failed(why);
    }
    let mut script = python_script(place, 30, "dashboard.py");
    script.env("SCREENS", place.real.with_file_name("screens"));
    count("dashboard.py", &run::run(&mut script))
}

/// npm, as the Python packages bring it, in that folder.
fn npm_in<'a>(place: &'a Place, folder: &'a Path) -> impl Fn(u32, &[&str]) -> Command + 'a {
    move |minutes, args| {
        let mut npm = python_script(place, minutes, "npm.py");
        npm.args(args).current_dir(folder);
        npm
    }
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
const PROMETHEUS: Package = Package {
    name: "prometheus",
    probe: &["prometheus", "--version"],
};
const CHROMIUM: Package = Package {
    name: "chromium",
    probe: &["chromium", "--version"],
};

/// Sets up what scripts need, runs them, and counts what they say.
fn drive(place: &Place, scripts: &[&str], needs: &[Package], modules_of: &[&str]) -> Tally {
    let prepared = packages(needs)
        .and_then(|()| venv(place))
        .and_then(|()| model(place))
        .and_then(|()| modules_of.iter().try_for_each(|name| modules(place, name)));
    if let Err(why) = prepared {
        return failed(why);
    }
    let mut tally = Tally::default();
    for script in scripts {
        let Tally { passed, failed } = count(script, &run::run(&mut python_script(place, 10, script)));
        tally.passed += passed;
        tally.failed.extend(failed);
    }
    tally
}

/// A script, with the packages of requirements.txt.
fn python_script(place: &Place, minutes: u32, script: &str) -> Command {
    let mut command = limited(minutes, place.real.join("venv/bin/python"));
    command
        .arg("-B")
        .arg(place.root.join(SCRIPTS).join(script))
        .env("GATEWAY_SERVER", place.server())
        .env("REAL_PARTS", &place.real)
        .env("PYTHONUNBUFFERED", "1");
    command
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
        // Every package that is needed is named there: nothing is left to be resolved.
        let pip = || {
            let args = ["install", "--quiet", "--no-deps", "-r"];
            run::run(limited(15, venv.join("bin/pip")).args(args).arg(&pins)).good
        };
        if made && pip() {
            Ok(())
        } else {
            Err("cannot set up the Python packages of requirements.txt".into())
        }
    })
}

/// The npm packages that a folder of the scripts names and locks.
fn modules(place: &Place, name: &str) -> Result<(), String> {
    const PINS: [&str; 2] = ["package.json", "package-lock.json"];
    let (folder, source) = (place.real.join(name), place.root.join(SCRIPTS).join(name));
    let pins: Vec<String> = PINS
        .iter()
        .map(|file| read(&source.join(file)))
        .collect::<Result<_, _>>()?;
    once(&folder, &pins.concat(), || {
        for (file, text) in PINS.iter().zip(&pins) {
            write(&folder, file, text)?;
        }
        let args = ["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
        let installed = run::run(python_script(place, 10, "npm.py").args(args).current_dir(&folder)).good;
        if installed {
            Ok(())
        } else {
            Err(format!("cannot set up the npm packages of {name}/package.json"))
        }
    })
}

/// Two models of random weights, made on the spot: one that answers with noise, and one that calls tools.
fn model(place: &Place) -> Result<(), String> {
    let (folder, maker) = (place.real.join("model"), place.root.join(SCRIPTS).join("tiny_model.py"));
    once(&folder, &read(&maker)?, || {
        let made = run::run(python_script(place, 5, "tiny_model.py").arg(&folder)).good;
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
