//! `cargo xtask fuzz`: every target of `crates/*/fuzz` under cargo-fuzz, for as long as is asked. The corpus is made from the
//! recordings, where they are, and grows below `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the targets are.
const CRATE: &str = "crates/gateway-providers/fuzz";
const TARGETS: [&str; 4] = ["request", "response", "stream", "scan"];
/// The version that the targets were last run with.
const CARGO_FUZZ: &str = "0.13.1";

/// Runs the targets whose name is among `only`, or all, for that many seconds each.
pub(crate) fn run(root: &Path, seconds: u32, only: &[String]) -> Result<(), String> {
    let tools = root.join("target/tools");
    let cargo_fuzz = install(root, &tools)?;
    for target in TARGETS {
        if !only.is_empty() && !only.iter().any(|name| name == target) {
            continue;
        }
        let corpus = root.join("target/fuzz/corpus").join(target);
        let seeds = seed(root, &corpus).map_err(|why| format!("{}: {why}", corpus.display()))?;
        println!("\n== {target}: {seeds} seeds, {seconds} s");
        let ran = Command::new(&cargo_fuzz)
            .args([
                "fuzz",
                "run",
                "--fuzz-dir",
                CRATE,
                "--target-dir",
                "target/fuzz/build",
                target,
            ])
            .arg(&corpus)
            .args([
                "--",
                "-timeout=20",
                "-max_len=65536",
                "-rss_limit_mb=4096",
                "-print_final_stats=1",
            ])
            .arg(format!("-max_total_time={seconds}"))
            // The instrumentation is the compiler's own, behind its door for what is not stable.
            .env("RUSTC_BOOTSTRAP", "1")
            .current_dir(root)
            .status()
            .map_err(|why| format!("cargo-fuzz: {why}"))?;
        if !ran.success() {
            return Err(format!("{target} failed: the input is below {CRATE}/artifacts"));
        }
    }
    Ok(())
}

fn install(root: &Path, tools: &Path) -> Result<PathBuf, String> {
    let program = tools.join("bin/cargo-fuzz");
    if program.is_file() {
        return Ok(program);
    }
    let installed = Command::new(env!("CARGO"))
        .args(["install", "--locked", "--quiet", "--root"])
        .arg(tools)
        .args(["cargo-fuzz", "--version", CARGO_FUZZ])
        .current_dir(root)
        .status()
        .map_err(|why| format!("cargo install: {why}"))?;
    if installed.success() {
        Ok(program)
    } else {
        Err("cargo-fuzz could not be installed".to_owned())
    }
}

/// Puts real traffic into a corpus: for each recording its request, or its answer, behind each dialect's number.
fn seed(root: &Path, corpus: &Path) -> std::io::Result<usize> {
    std::fs::create_dir_all(corpus)?;
    let folder =
        std::env::var_os("GATEWAY_RECORDINGS").map_or_else(|| root.join("../shared/recordings"), PathBuf::from);
    let Ok(providers) = std::fs::read_dir(folder) else {
        return Ok(0);
    };
    let mut count = 0;
    for file in providers
        .flatten()
        .filter_map(|provider| std::fs::read_dir(provider.path()).ok())
        .flatten()
    {
        let path = file?.path();
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let Ok(recording) = serde_json::from_str::<serde_json::Value>(&text) else {
            continue;
        };
        for (i, bytes) in bytes_of(&recording).into_iter().enumerate() {
            let dialect = dialect_of(recording["endpoint"].as_str().unwrap_or_default());
            let mut seed = vec![dialect, 5];
            seed.extend_from_slice(&bytes[..bytes.len().min(32 * 1024)]);
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            std::fs::write(corpus.join(format!("{name}.{i}")), seed)?;
            count += 1;
        }
    }
    Ok(count)
}

fn bytes_of(recording: &serde_json::Value) -> Vec<Vec<u8>> {
    let json = |value: &serde_json::Value| (!value.is_null()).then(|| value.to_string().into_bytes());
    let response = &recording["response"];
    let text = response["body_text"].as_str().map(|text| text.as_bytes().to_vec());
    [json(&recording["request"]["body"]), json(&response["body_json"]), text]
        .into_iter()
        .flatten()
        .collect()
}

/// The number of an endpoint's dialect in `DialectName::ALL`.
fn dialect_of(endpoint: &str) -> u8 {
    match endpoint {
        "responses" | "responses-input-tokens" => 1,
        "messages" | "anthropic-messages" => 2,
        "generateContent" | "countTokens" | "embedContent" | "batchEmbedContents" => 3,
        "converse" | "invoke" => 4,
        "v2-chat" | "v2-embed" | "v2-rerank" => 5,
        "api-chat" | "api-generate" | "api-embed" => 6,
        _ => 0,
    }
}
