//! Instructions of a call on the line, counted by valgrind's callgrind over upstreams in memory, and compared with those that
//! were committed.
//!
//! Each case runs twice, with few calls and with many, so that the start is in neither count. What is left between two
//! runs of the same program is the seed of hash tables and the length of times that are written down.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use crate::run::{self, limited};

/// What was committed.
const FILE: &str = "benches/instructions.txt";
const HEAD: &str = "\
# Instructions of a call on the line, over upstreams in memory that take some themselves (callgrind, profile `count`).
# Written by `cargo xtask bench --instructions --renew`; compare what was counted on one machine with one toolchain.
";
/// How much worse a case may be, in hundredths, before it is an error.
const WORSE: f64 = 2.0;
/// The same where nobody knows the machine, its C library or its processor.
pub(crate) const WIDE: f64 = 15.0;
/// The profile that is counted: as released, but built sooner and with names in it.
const PROFILE: &str = "count";

type Counts = BTreeMap<String, u64>;

/// Counts the cases that are named, or all; an error names those that are worse than what was committed.
pub(super) fn run(root: &Path, only: &[String], renew: bool) -> Result<(), String> {
    if !has_valgrind() {
        return Err("valgrind is not installed: `apt-get install valgrind`, or your system's word for it".to_owned());
    }
    let committed = read(root);
    let counted = count(root, only)?;
    let (text, worse) = compare(&committed, &counted, WORSE);
    print!("\n{text}");
    if renew {
        let all = committed.into_iter().chain(counted).collect();
        return std::fs::write(root.join(FILE), written(&all)).map_err(|why| format!("{FILE}: {why}"));
    }
    if worse.is_empty() {
        return Ok(());
    }
    Err(format!("more instructions than {FILE} says: {}", worse.join(", ")))
}

/// Whether it can be counted here.
pub(crate) fn has_valgrind() -> bool {
    let version = Command::new("valgrind").arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// Those of the cases that are worse than committed by more than `bound` hundredths.
pub(crate) fn worse(root: &Path, bound: f64, cases: &[String]) -> Result<Vec<String>, String> {
    let counted = count(root, cases)?;
    let (text, worse) = compare(&read(root), &counted, bound);
    print!("{text}");
    Ok(worse)
}

fn count(root: &Path, only: &[String]) -> Result<Counts, String> {
    let mut build = Command::new(env!("CARGO"));
    build
        .args([
            "build",
            "--profile",
            PROFILE,
            "-p",
            "gateway-benches",
            "--bin",
            "gateway-instructions",
        ])
        .env("CARGO_INCREMENTAL", "0")
        .current_dir(root);
    if !run::run(&mut build).good {
        return Err("the build failed".to_owned());
    }
    let program = program()?;
    let cases = if only.is_empty() {
        cases(&program)?
    } else {
        only.to_vec()
    };
    let mut counts = Counts::new();
    for case in cases {
        // Those of 400 KB are as steady after fewer calls.
        let (few, many) = if matches!(case.as_str(), "prose" | "code") {
            (10, 40)
        } else {
            (200, 800)
        };
        let first = instructions(&program, &case, few)?;
        let each = (instructions(&program, &case, many)? - first) / (many - few);
        println!("{case}: {each}");
        counts.insert(case, each);
    }
    Ok(counts)
}

/// Where cargo put it: beside the folder that this program lies in.
fn program() -> Result<std::path::PathBuf, String> {
    let this = std::env::current_exe().map_err(|why| format!("where is this program? {why}"))?;
    let target = this
        .parent()
        .and_then(Path::parent)
        .ok_or("this program lies in no build folder")?;
    Ok(target.join(PROFILE).join("gateway-instructions"))
}

/// The program names them where it is told none.
fn cases(program: &Path) -> Result<Vec<String>, String> {
    let output = Command::new(program)
        .output()
        .map_err(|why| format!("{}: {why}", program.display()))?;
    let usage = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, cases) = usage.rsplit_once("cases: ").ok_or("it names no cases")?;
    Ok(cases.trim().split(", ").map(str::to_owned).collect())
}

/// All of a run.
fn instructions(program: &Path, case: &str, calls: u64) -> Result<u64, String> {
    let mut valgrind = limited(10, "valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([case, &calls.to_string()]);
    let output = valgrind.output().map_err(|why| format!("valgrind: {why}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    collected(&said).ok_or_else(|| format!("{case}: valgrind did not count it: {said}"))
}

/// Of a line `==7== Collected : 123`.
fn collected(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.parse().ok()
}

fn read(root: &Path) -> Counts {
    let text = std::fs::read_to_string(root.join(FILE)).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let (case, count) = line.rsplit_once(' ')?;
            Some((case.trim().to_owned(), count.parse().ok()?))
        })
        .collect()
}

fn written(counts: &Counts) -> String {
    let mut text = HEAD.to_owned();
    for (case, count) in counts {
        let _ = writeln!(text, "{case:24} {count}");
    }
    text
}

/// A line for each case, and the names of those that are worse than the bound.
fn compare(committed: &Counts, counted: &Counts, bound: f64) -> (String, Vec<String>) {
    let (mut text, mut worse) = (String::new(), Vec::new());
    for (case, count) in counted {
        let Some(before) = committed.get(case) else {
            let _ = writeln!(text, "{case:24} {count:10}  new: --renew writes it down");
            continue;
        };
        let change = (*count as f64 / *before as f64 - 1.0) * 100.0;
        let told = if change > bound {
            worse.push(format!("{case} ({change:+.1} %)"));
            "WORSE"
        } else if change < -bound {
            "better: --renew writes it down"
        } else {
            ""
        };
        let _ = writeln!(text, "{case:24} {count:10}  {change:+6.1} %  {told}");
    }
    (text, worse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(&str, u64)]) -> Counts {
        counts
            .iter()
            .map(|(case, count)| ((*case).to_owned(), *count))
            .collect()
    }

    #[test]
    fn what_is_worse_is_named_and_what_is_better_is_told() {
        let committed = counts(&[("a", 1000), ("b", 1000), ("c", 1000)]);
        let (text, worse) = compare(
            &committed,
            &counts(&[("a", 1021), ("b", 1019), ("c", 900), ("d", 5)]),
            2.0,
        );
        assert_eq!(worse, ["a (+2.1 %)"]);
        assert!(text.contains("-10.0 %  better") && text.contains("new"), "{text}");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = std::env::temp_dir().join(format!("xtask-instructions-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("benches")).unwrap();
        let all = counts(&[("to-anthropic", 200), ("whole", 100)]);
        std::fs::write(folder.join(FILE), written(&all)).unwrap();
        assert_eq!(read(&folder), all);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_count_is_found_in_what_valgrind_says() {
        assert_eq!(
            collected("==7== Events    : Ir\n==7== Collected : 642331\n"),
            Some(642_331)
        );
        assert_eq!(collected("valgrind: no such program"), None);
    }
}
