//! Everything that is tested, in order, and the sum of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::bench::instructions;
use crate::real;
use crate::run::{self, Ran, limited};
use crate::tidy;

/// Where things are.
pub(crate) struct Place {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it built: the folder that this program lies in.
    pub(crate) built: PathBuf,
    /// Where the real parts are kept between runs.
    pub(crate) real: PathBuf,
}

impl Place {
    fn new(root: &Path) -> Result<Self, String> {
        let this = std::env::current_exe().map_err(|why| format!("where is this program? {why}"))?;
        let built = this.parent().ok_or("this program lies in no folder")?;
        let target = built.parent().ok_or("this program lies in no build folder")?;
        Ok(Self {
            root: root.into(),
            built: built.into(),
            real: target.join("real"),
        })
    }

    /// The server as the tests built it.
    pub(crate) fn server(&self) -> PathBuf {
        self.built.join("gateway-server")
    }

    pub(crate) fn cargo(&self, minutes: u32, args: &[&str]) -> Command {
        let mut cargo = limited(minutes, env!("CARGO"));
        cargo.args(args).current_dir(&self.root);
        cargo
    }
}

/// What came of a suite.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// How many checks held.
    pub(crate) passed: u64,
    /// Those that did not, in words.
    pub(crate) failed: Vec<String>,
}

impl Tally {
    /// One check, and why it failed if it did.
    pub(crate) fn one(failed: Vec<String>) -> Self {
        Self {
            passed: u64::from(failed.is_empty()),
            failed,
        }
    }
}

type Suite = fn(&Place) -> Tally;

/// Cheap before dear; nothing is built twice: the same packages, features and profile throughout.
const SUITES: [(&str, Suite); 16] = [
    ("format", format),
    ("tidy", tidied),
    ("clippy", clippy),
    ("build", build),
    ("tests", tests),
    ("docs", docs),
    ("examples", examples),
    ("benches", benches),
    ("instructions", instructions),
    ("sdk-python", real::python),
    ("sdk-node", real::node),
    ("agents", real::agents),
    ("prometheus", real::prometheus),
    ("openapi", real::openapi),
    ("dashboard-sources", real::dashboard_sources),
    ("dashboard", real::dashboard),
];

/// Runs the suites whose names contain one of those words, or all, and says whether all is well.
pub(crate) fn run(root: &Path, only: &[String]) -> bool {
    match Place::new(root) {
        Ok(place) => run_all(&place, only),
        Err(why) => {
            println!("{why}\n0 passed, 1 failed");
            false
        }
    }
}

fn run_all(place: &Place, only: &[String]) -> bool {
    let wanted = |name: &str| only.is_empty() || only.iter().any(|part| name.contains(part.as_str()));
    let mut rows = Vec::new();
    for (name, suite) in SUITES.into_iter().filter(|(name, _)| wanted(name)) {
        println!("\n== {name}");
        let begun = Instant::now();
        let tally = suite(place);
        rows.push((name, tally, begun.elapsed()));
    }
    let passed: u64 = rows.iter().map(|(_, tally, _)| tally.passed).sum();
    let failed: usize = rows.iter().map(|(_, tally, _)| tally.failed.len()).sum();
    println!();
    for (name, tally, took) in &rows {
        let (good, bad) = (tally.passed, tally.failed.len());
        println!("{name:17} {good:5} passed {bad:4} failed {:6.0} s", took.as_secs_f64());
        for failure in &tally.failed {
            println!("    FAILED {failure}");
        }
    }
    println!("{passed} passed, {failed} failed");
    failed == 0 && passed > 0
}

fn format(place: &Place) -> Tally {
    whole(
        "cargo fmt --all --check",
        &run::run(&mut place.cargo(5, &["fmt", "--all", "--check"])),
    )
}

fn tidied(place: &Place) -> Tally {
    let findings = tidy::findings(&place.root);
    for finding in &findings {
        println!("{finding}");
    }
    Tally::one(findings)
}

fn clippy(place: &Place) -> Tally {
    let args = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ];
    whole("cargo clippy", &run::run(&mut place.cargo(30, &args)))
}

/// Programs and benches as well, which `cargo test` alone would leave out, with the features that tests ask for.
fn build(place: &Place) -> Tally {
    let args = ["build", "--workspace", "--all-targets", "--all-features", "--quiet"];
    whole("cargo build", &run::run(&mut place.cargo(45, &args)))
}

fn tests(place: &Place) -> Tally {
    let args = ["test", "--workspace", "--all-features", "--no-fail-fast"];
    libtest("cargo test", &run::run(&mut place.cargo(45, &args)))
}

fn docs(place: &Place) -> Tally {
    let findings = tidy::generated::findings(&place.root, &tidy::generated::Server::Built(place.server()));
    for finding in &findings {
        println!("{finding}");
    }
    Tally::one(findings)
}

/// Each example as a program of its own.
fn examples(place: &Place) -> Tally {
    let sources = std::fs::read_dir(place.root.join("examples"))
        .into_iter()
        .flatten()
        .flatten();
    let names: BTreeSet<String> = sources
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    let mut tally = Tally::default();
    if names.is_empty() {
        tally.failed.push("examples: there is none".into());
    }
    for name in names {
        let ran = run::run(limited(5, place.built.join(&name)).current_dir(&place.root));
        if ran.good {
            tally.passed += 1
        } else {
            tally.failed.push(format!("examples/{name}.rs"))
        }
    }
    tally
}

/// Each bench once, to see that it still runs; how fast it is, is asked elsewhere.
fn benches(place: &Place) -> Tally {
    let args = ["test", "--workspace", "--all-features", "--bench", "*"];
    let ran = run::run(&mut place.cargo(30, &args));
    let passed = ran.lines.iter().filter(|line| line.as_str() == "Success").count() as u64;
    let failed = if ran.good && passed > 0 {
        Vec::new()
    } else {
        vec!["benches: one does not run, or there is none".into()]
    };
    Tally { passed, failed }
}

/// A few cases, with a bound so wide that another machine or toolchain does not matter; where valgrind is.
fn instructions(place: &Place) -> Tally {
    if !instructions::has_valgrind() {
        println!("valgrind is not installed: instructions are not counted");
        return Tally::default();
    }
    let cases = ["whole", "stream", "to-anthropic"].map(str::to_owned);
    match instructions::worse(&place.root, instructions::WIDE, &cases) {
        Ok(worse) => Tally::one(worse),
        Err(why) => Tally::one(vec![format!("instructions: {why}")]),
    }
}

/// A command that is one check.
fn whole(name: &str, ran: &Ran) -> Tally {
    Tally::one(if ran.good { Vec::new() } else { vec![name.into()] })
}

/// The sum of what Rust's own test runner printed.
fn libtest(name: &str, ran: &Ran) -> Tally {
    let mut tally = Tally::default();
    let mut told = 0;
    for line in &ran.lines {
        if let Some(test) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            tally.failed.push(test.into());
        }
        if let Some((passed, failed)) = summary(line) {
            tally.passed += passed;
            told += failed;
        }
    }
    for index in tally.failed.len() as u64..told {
        tally.failed.push(format!("{name}: failure {} of {told}", index + 1));
    }
    if !ran.good && tally.failed.is_empty() {
        tally.failed.push(format!("{name}: did not build or did not end"));
    }
    tally
}

/// Passed and failed, of a line `test result: ok. 3 passed; 0 failed; …`.
fn summary(line: &str) -> Option<(u64, u64)> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let count = |word: &str| {
        counts
            .split("; ")
            .find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
    };
    Some((count("passed")?, count("failed")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(good: bool, printed: &str, passed: u64, failed: &[&str]) {
        let lines = printed.lines().map(str::to_owned).collect();
        let failed = failed.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(
            libtest("cargo test", &Ran { good, lines }),
            Tally { passed, failed },
            "{printed}"
        );
    }

    #[test]
    fn summaries_are_added_up() {
        let one = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        check(true, &format!("{one}\nrunning 2 tests\n{one}"), 6, &[]);
    }

    #[test]
    fn failures_are_named() {
        let printed = "test a::b ... FAILED\ntest a::c ... ok\n\
                       test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.2s";
        check(false, printed, 1, &["a::b"]);
    }

    #[test]
    fn a_build_that_fails_is_a_failure() {
        check(false, "", 0, &["cargo test: did not build or did not end"]);
    }
}
