//! One run: every case at every target in turn, round by round, so that what the machine does meanwhile happens to all of
//! them alike.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::case::{self, CASES, Case};
use crate::drive;
use crate::process::{Cpu, Process, REST, pin_self};
use crate::report::{Facts, Opened, Report, Sample, Starts, Waited};
use crate::target::{self, Kind, Target};
use crate::{Failure, body};

/// What is to be measured.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// How many times each target has its turn in each case.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Only the cases whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// The gateway; by default the one beside this program.
    #[arg(long)]
    gateway: Option<PathBuf>,
    /// Another gateway, as `NAME=COMMAND`; `{upstream}` and `{port}` in it stand for addresses.
    #[arg(long)]
    other: Vec<String>,
    /// How many requests the memory is watched over; 0 leaves that out.
    #[arg(long, default_value_t = 1_000_000)]
    soak: usize,
    /// How many streams stay open; 0 leaves that out.
    #[arg(long, default_value_t = 4_000)]
    idle: usize,
    /// How long each rate of the open loop lasts, in seconds; 0 leaves that out.
    #[arg(long, default_value_t = 5)]
    open: u64,
    /// How many virtual keys the start is measured with, beside none; 0 leaves that out.
    #[arg(long, default_value_t = 10_000)]
    keys: usize,
    /// Where the report goes, as Markdown; without it, to the output alone.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Requests per second of the open loop.
const RATES: [usize; 4] = [500, 1_000, 2_000, 5_000];

/// Measures what the options ask for.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    pin_self(REST)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let binary = Target::binary(options.gateway.as_ref())?;
    let mut serve = Command::new(std::env::current_exe()?);
    serve.arg("upstream");
    let (_upstream, upstream) = Process::announced(serve, REST)?;
    let targets = targets(options, &binary, upstream)?;
    let mut report = Report::new(Facts::of_this_machine(&binary, options.rounds));
    for case in wanted(options) {
        measure(&runtime, case, &targets, options.rounds, &mut report)?;
    }
    if options.open > 0 {
        wait(&runtime, &targets, Duration::from_secs(options.open), &mut report)?;
    }
    if options.idle > 0 {
        keep_open(&runtime, &targets, options.idle, &mut report)?;
    }
    if options.soak > 0 {
        soak(&runtime, &targets, options.soak, &mut report)?;
    }
    drop(targets);
    if options.keys > 0 {
        start(&runtime, &binary, upstream, options.keys, &mut report)?;
    }
    report.write(options.out.as_deref())
}

fn wanted(options: &Options) -> impl Iterator<Item = &'static Case> {
    let only = options.only.clone();
    CASES
        .iter()
        .filter(move |case| only.as_ref().is_none_or(|only| case.name.contains(only.as_str())))
}

fn targets(options: &Options, binary: &Path, upstream: SocketAddr) -> Result<Vec<Target>, Failure> {
    let mut targets = vec![Target::direct(upstream), Target::proxy(upstream)?];
    targets.extend(Target::nginx(upstream)?);
    targets.push(Target::gateway(binary, upstream, Kind::Off)?);
    targets.push(Target::gateway(binary, upstream, Kind::On)?);
    for other in &options.other {
        targets.push(Target::other(other, upstream)?);
    }
    Ok(targets)
}

/// One case at all targets that it suits.
fn measure(
    runtime: &Runtime,
    case: &Case,
    targets: &[Target],
    rounds: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    // The first round warms connections and caches up, and is not counted.
    for round in 0..=rounds {
        for target in targets.iter().filter(|target| case.suits(target.kind)) {
            let shot = case.shot(target.kind);
            let before = used(target)?;
            let begun = Instant::now();
            runtime
                .block_on(drive::closed(target.address, &shot, case.connections, case.requests))
                .map_err(|why| format!("{}, {}: {why}", target.name, case.name))?;
            let took = begun.elapsed();
            if round > 0 {
                let cpu = used(target)?.since(before);
                report.add(case, target, Sample { cpu, took });
            }
        }
    }
    println!("{}", report.row(case));
    Ok(())
}

fn used(target: &Target) -> Result<Cpu, Failure> {
    target.process.as_ref().map_or_else(|| Ok(Cpu::default()), Process::cpu)
}

/// Latency in an open loop.
fn wait(runtime: &Runtime, targets: &[Target], lasting: Duration, report: &mut Report) -> Result<(), Failure> {
    let Some(case) = CASES.first() else { return Ok(()) };
    for rate in RATES {
        for target in targets {
            let shot = case.shot(target.kind);
            let mut latencies = runtime.block_on(drive::open(target.address, &shot, rate, lasting))?;
            report.waited(Waited {
                target: target.name.clone(),
                rate,
                half: latencies.quantile(0.5),
                most: latencies.quantile(0.99),
            });
        }
    }
    Ok(())
}

/// Memory per stream that is open and says nothing.
fn keep_open(runtime: &Runtime, targets: &[Target], streams: usize, report: &mut Report) -> Result<(), Failure> {
    for target in targets {
        let Some(process) = &target.process else { continue };
        // As much is open once before, so that what stays allocated for the next time is not counted.
        for counted in [false, true] {
            let before = process.memory()?;
            let open = runtime.block_on(drive::idle(target.address, &case::idle(target.kind), streams))?;
            let after = process.memory()?;
            drop(open);
            if counted {
                continue;
            }
            report.opened(Opened {
                target: target.name.clone(),
                streams,
                bytes: after.saturating_sub(before),
            });
        }
    }
    Ok(())
}

/// Memory after very many requests, and half way.
fn soak(runtime: &Runtime, targets: &[Target], requests: usize, report: &mut Report) -> Result<(), Failure> {
    let (Some(case), Some(target)) = (CASES.first(), targets.iter().find(|target| target.kind == Kind::On)) else {
        return Ok(());
    };
    let Some(process) = &target.process else { return Ok(()) };
    let shot = case.shot(target.kind);
    let half = || -> Result<u64, Failure> {
        runtime.block_on(drive::closed(target.address, &shot, case.connections, requests / 2))?;
        process.memory()
    };
    report.soaked = Some((requests, half()?, half()?));
    Ok(())
}

/// From the start of the process to its first answer: with nothing configured, and over a store with many virtual keys.
fn start(
    runtime: &Runtime,
    binary: &Path,
    upstream: SocketAddr,
    keys: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let folder = tempfile::TempDir::new()?;
    let data = folder.path().join("data");
    let first = |keys: usize, shot: &drive::Shot| -> Result<Starts, Failure> {
        let begun = Instant::now();
        let (process, address) = target::start_gateway(binary, &data, &[])?;
        runtime.block_on(drive::closed(address, shot, 1, 1))?;
        let took = begun.elapsed();
        drop(process);
        Ok(Starts { keys, took })
    };
    report.started(first(0, &drive::Shot::get("/v1/models"))?);
    let seed = folder.path().join("seed.json");
    std::fs::write(&seed, target::with_keys(upstream, keys).to_string())?;
    drop(target::start_gateway(
        binary,
        &data,
        &["--config-seed", &seed.display().to_string()],
    )?);
    let body = body::chat("openai/gpt-4o-mini", body::Filling::Prose, 1_000, false);
    let bearer = format!("Bearer {}", target::key_of_start(keys / 2));
    let shot = drive::Shot::post("/v1/chat/completions", &[("authorization", &bearer)], &body);
    report.started(first(keys, &shot)?);
    Ok(())
}
