//! The dashboard's built files: made by `cargo xtask ui` with Node, compared with their sources without it.
//!
//! `dist/` is committed, so that `cargo build` needs no Node. Every file of it is compressed; beside them `sources.sha256`
//! says from which sources they were built.

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};
use zopfli::{Format, Options};

use crate::run::{self, limited};
use crate::tidy::generated;

/// Where the dashboard's sources are.
pub(crate) const FOLDER: &str = "crates/gateway-server/dashboard";
/// The most that its JavaScript may weigh, compressed.
const BUDGET: u64 = 250 * 1024;
/// What goes into the built files, below the folder; of folders, everything that is built.
const SOURCES: [&str; 6] = [
    "index.html",
    "package.json",
    "package-lock.json",
    "src",
    "tsconfig.json",
    "vite.config.ts",
];
/// What does not: tests, types alone, pages to read.
const NOT_BUILT: [&str; 4] = [".test.ts", ".test.tsx", ".d.ts", ".md"];
const HASH: &str = "sources.sha256";
const AGAIN: &str = "run `cargo xtask ui`";

/// How npm is called, in the dashboard's folder.
pub(crate) type Npm<'a> = &'a dyn Fn(u32, &[&str]) -> Command;

/// Builds the dashboard into its `dist`, after everything that is asked of its sources.
pub(crate) fn build(root: &Path) -> Result<(), String> {
    let folder = root.join(FOLDER);
    let npm = |minutes, args: &[&str]| {
        let mut npm = limited(minutes, "npm");
        npm.args(args).current_dir(&folder);
        npm
    };
    generated::write(root, &generated::Server::Cargo)?;
    packages(&folder, &npm)?;
    good(npm(2, &["run", "--silent", "types"]), "the types of the API")?;
    check(&npm)?;
    let fresh = root.join("target/dashboard");
    let out = fresh.to_string_lossy();
    let args = ["exec", "--", "vite", "build", "--emptyOutDir", "--outDir", &out];
    good(npm(5, &args), "vite build")?;
    pack(&fresh, &folder.join("dist"))?;
    let hash = hash(&folder)?;
    write(&folder.join("dist").join(HASH), format!("{hash}\n").as_bytes())?;
    report(&folder)?;
    findings(root).into_iter().next().map_or(Ok(()), Err)
}

/// The compiler, the lints, the tests, and whether the types are those of the API.
pub(crate) fn check(npm: Npm<'_>) -> Result<(), String> {
    for (script, what) in [
        ("check:types", "tsc"),
        ("check:style", "biome"),
        ("check:tests", "vitest"),
        (
            "check:schema",
            "src/api/schema.d.ts is not what docs/api/openapi.json says",
        ),
    ] {
        good(npm(5, &["run", "--silent", script]), what)?;
    }
    Ok(())
}

/// Installs what the lock file names, unless it was done for the same one.
pub(crate) fn packages(folder: &Path, npm: Npm<'_>) -> Result<(), String> {
    let lock = read(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.made-from");
    if std::fs::read(&stamp).is_ok_and(|made_from| made_from == lock) {
        return Ok(());
    }
    let args = ["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
    good(npm(10, &args), "npm ci")?;
    write(&stamp, &lock)
}

/// What is wrong with the built files as they are committed.
pub(crate) fn findings(root: &Path) -> Vec<String> {
    let folder = root.join(FOLDER);
    let built = std::fs::read_to_string(folder.join("dist").join(HASH)).unwrap_or_default();
    let mut findings = Vec::new();
    match hash(&folder) {
        Ok(hash) if hash == built.trim() => {}
        Ok(_) => findings.push(format!("{FOLDER}/dist: not built from the sources beside it; {AGAIN}")),
        Err(why) => findings.push(why),
    }
    match weigh(&folder) {
        Ok(weights) => findings.extend(too_heavy(weights.iter().map(|(_, weight)| weight).sum())),
        Err(why) => findings.push(why),
    }
    findings
}

fn too_heavy(total: u64) -> Option<String> {
    let (is, may) = (total.div_ceil(1024), BUDGET / 1024);
    (total > BUDGET).then(|| format!("{FOLDER}/dist: {is} KB of compressed JavaScript; {may} KB are allowed"))
}

/// One hash over names and contents of all sources, in the order of their names.
fn hash(folder: &Path) -> Result<String, String> {
    let mut files = Vec::new();
    for source in SOURCES {
        walk(&folder.join(source), &mut files)?;
    }
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .map(|file| (relative(&file, folder), file))
        .filter(|(name, _)| !NOT_BUILT.iter().any(|end| name.ends_with(end)))
        .collect();
    named.sort();
    let mut all = Sha256::new();
    for (name, file) in named {
        let bytes = read(&file)?;
        all.update(format!("{name}\0{}\0", bytes.len()));
        all.update(bytes);
    }
    Ok(all.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Compresses every file of a folder into another, which holds nothing else afterwards. The same bytes give the same
/// bytes: no time and no name is written into them.
fn pack(from: &Path, to: &Path) -> Result<(), String> {
    if to.exists() {
        std::fs::remove_dir_all(to).map_err(|why| format!("{}: {why}", to.display()))?;
    }
    let mut files = Vec::new();
    walk(from, &mut files)?;
    for file in files {
        let (plain, mut packed) = (read(&file)?, Vec::new());
        zopfli::compress(Options::default(), Format::Gzip, plain.as_slice(), &mut packed)
            .map_err(|why| format!("{}: {why}", file.display()))?;
        write(&to.join(format!("{}.gz", relative(&file, from))), &packed)?;
    }
    Ok(())
}

/// The scripts of the built dashboard and what they weigh.
fn weigh(folder: &Path) -> Result<Vec<(String, u64)>, String> {
    let dist = folder.join("dist");
    let mut files = Vec::new();
    walk(&dist, &mut files)?;
    files
        .into_iter()
        .filter(|file| file.to_string_lossy().ends_with(".js.gz"))
        .map(|file| {
            let weight = file.metadata().map_err(|why| format!("{}: {why}", file.display()))?;
            Ok((relative(&file, &dist), weight.len()))
        })
        .collect()
}

fn report(folder: &Path) -> Result<(), String> {
    let mut weights = weigh(folder)?;
    weights.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    for (name, weight) in &weights {
        println!("{weight:8} {name}");
    }
    let total: u64 = weights.iter().map(|(_, weight)| weight).sum();
    println!("{total:8} bytes of compressed JavaScript, of {BUDGET}");
    Ok(())
}

/// The files at and below a path.
fn walk(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let failed = |why| format!("{}: {why}", path.display());
    for entry in std::fs::read_dir(path).map_err(failed)? {
        walk(&entry.map_err(failed)?.path(), files)?;
    }
    Ok(())
}

/// The path below a folder, with slashes everywhere.
fn relative(file: &Path, folder: &Path) -> String {
    let below = file.strip_prefix(folder).unwrap_or(file);
    below.to_string_lossy().replace('\\', "/")
}

fn good(mut command: Command, what: &str) -> Result<(), String> {
    if run::run(&mut command).good {
        Ok(())
    } else {
        Err(format!("dashboard: {what}"))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|why| format!("{}: {why}", path.display()))
}

/// Writes a file, in a folder that is made where needed.
fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, bytes))
        .map_err(|why| format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dashboard's folder with nothing in its sources but one page.
    fn sources(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-ui-{}-{name}", std::process::id()));
        for source in SOURCES.iter().filter(|source| **source != "src") {
            write(&folder.join(source), source.as_bytes()).unwrap();
        }
        write(&folder.join("src/pages/logs/Page.tsx"), b"page").unwrap();
        folder
    }

    fn changes(name: &str, path: &str) -> bool {
        let folder = sources(name);
        let before = hash(&folder).unwrap();
        write(&folder.join(path), b"another").unwrap();
        let after = hash(&folder).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        before != after
    }

    #[test]
    fn what_is_built_counts_and_what_is_not_does_not() {
        assert!(changes("page", "src/pages/logs/Page.tsx"));
        assert!(changes("new", "src/pages/logs/page.css"));
        assert!(changes("lock", "package-lock.json"));
        assert!(!changes("test", "src/lib/format.test.ts"));
        assert!(!changes("types", "src/api/schema.d.ts"));
        assert!(!changes("dist", "dist/index.html.gz"));
    }

    #[test]
    fn files_are_packed_the_same_each_time_and_old_ones_go() {
        let folder = sources("pack");
        let dist = folder.join("dist");
        write(&dist.join("assets/old.js.gz"), b"old").unwrap();
        pack(&folder.join("src"), &dist).unwrap();
        let first = read(&dist.join("pages/logs/Page.tsx.gz")).unwrap();
        pack(&folder.join("src"), &dist).unwrap();
        assert_eq!(read(&dist.join("pages/logs/Page.tsx.gz")).unwrap(), first);
        assert!(!dist.join("assets/old.js.gz").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_dashboard_that_grew_too_heavy_is_found() {
        assert_eq!(too_heavy(BUDGET), None);
        assert!(too_heavy(BUDGET + 1).is_some_and(|finding| finding.contains("251 KB")));
    }
}
