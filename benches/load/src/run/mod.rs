//! One run: every case at every target in turn, round by round, so that what the machine does meanwhile happens to all of
//! them alike.

mod crowd;
mod latency;
mod memory;
mod rounds;
mod start;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::Failure;
use crate::case::{CASES, Case};
use crate::process::{REST, end_together, open_files, pin_self};
use crate::report::{Report, of_this_machine};
use crate::target::{Kind, Target, Upstream};
use crate::wire::{Papers, Wire};

/// What is to be measured.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// How many times each target has its turn in each case.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Only the case of that name, else those whose names contain this.
    #[arg(long)]
    only: Option<String>,
    /// A twentieth of the requests of each case: shows that everything works, and nothing else.
    #[arg(long)]
    brief: bool,
    /// The gateway; by default the one beside this program.
    #[arg(long)]
    gateway: Option<PathBuf>,
    /// Another gateway, as `NAME=COMMAND`; `{upstream}` and `{port}` in it stand for addresses.
    #[arg(long)]
    other: Vec<String>,
    /// How many keys, providers and rules are many; 0 leaves that out.
    #[arg(long, default_value_t = 10_000)]
    crowd: usize,
    /// How many requests the memory is watched over; 0 leaves that out.
    #[arg(long, default_value_t = 1_000_000)]
    soak: usize,
    /// How many streams stay open; 0 leaves that out. Default: as many as may be, up to ten thousand.
    #[arg(long)]
    idle: Option<usize>,
    /// How long each rate of the open loop lasts, in seconds; 0 leaves that out.
    #[arg(long, default_value_t = 5)]
    open: u64,
    /// How many virtual keys the start is measured with, beside none; 0 leaves that out.
    #[arg(long, default_value_t = 10_000)]
    keys: usize,
    /// The page on which the report is put between its marks; without it, it is only printed.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// What every part of a run needs.
struct Rig {
    runtime: Runtime,
    binary: PathBuf,
    papers: Papers,
    begun: Instant,
    report: Report,
    _folder: TempDir,
}

/// Measures what the options ask for.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let files = open_files()?;
    end_together()?;
    pin_self(REST)?;
    let folder = TempDir::new()?;
    let binary = Target::binary(options.gateway.as_ref())?;
    let mut rig = Rig {
        runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        report: Report {
            facts: of_this_machine(&binary, options.rounds),
            ..Report::default()
        },
        binary,
        papers: Papers::make(folder.path())?,
        begun: Instant::now(),
        _folder: folder,
    };
    for wire in [Wire::Plain, Wire::TlsIn, Wire::TlsOut, Wire::Http2In, Wire::Http2Out] {
        rig.cases(wire, options)?;
    }
    if options.crowd > 0 {
        rig.crowds(options)?;
    }
    let streams = options.idle.unwrap_or_else(|| most_streams(files));
    if options.open > 0 || streams > 0 {
        let upstream = Upstream::start(Wire::Plain, &rig.papers)?;
        let targets = rig.targets(&upstream, options)?;
        if options.open > 0 {
            rig.wait(&targets, Duration::from_secs(options.open))?;
        }
        if streams > 0 {
            rig.keep_open(&targets, streams)?;
        }
    }
    if options.soak > 0 {
        rig.soak(options.soak)?;
    }
    if options.keys > 0 {
        rig.starts(options.keys)?;
    }
    rig.report.write(options.out.as_deref())
}

/// A stream takes two descriptors in whoever stands between.
fn most_streams(files: u64) -> usize {
    usize::try_from(files.saturating_sub(500) / 2).map_or(10_000, |most| most.min(10_000))
}

fn wanted(only: Option<&str>, case: &Case) -> bool {
    only.is_none_or(|only| match CASES.iter().any(|case| case.name == only) {
        true => case.name == only,
        false => case.name.contains(only),
    })
}

impl Rig {
    /// The cases of a wire.
    fn cases(&mut self, wire: Wire, options: &Options) -> Result<(), Failure> {
        let only = options.only.as_deref();
        let cases: Vec<Case> = CASES
            .iter()
            .filter(|case| case.wire == wire && wanted(only, case))
            .map(|case| if options.brief { case.brief() } else { *case })
            .collect();
        if cases.is_empty() {
            return Ok(());
        }
        let upstream = Upstream::start(wire, &self.papers)?;
        let targets = self.targets(&upstream, options)?;
        for case in cases {
            let row = rounds::of_case(&self.runtime, &case, &targets, options.rounds)?;
            self.say(&row.line());
            self.report.rows.push(row);
        }
        Ok(())
    }

    fn targets(&self, upstream: &Upstream, options: &Options) -> Result<Vec<Target>, Failure> {
        let mut targets = vec![Target::direct(upstream)?, Target::proxy(upstream)?];
        targets.extend(Target::nginx(upstream)?);
        for kind in [Kind::Off, Kind::On] {
            targets.push(Target::gateway(&self.binary, upstream, kind)?);
        }
        // What another gateway needs to speak otherwise, nobody here knows.
        for other in options.other.iter().filter(|_| upstream.wire == Wire::Plain) {
            targets.push(Target::other(other, upstream)?);
        }
        Ok(targets)
    }

    fn binary(&self) -> &Path {
        &self.binary
    }

    /// Tells whoever waits what has been done.
    fn say(&self, what: &str) {
        println!("{:6.0} s  {what}", self.begun.elapsed().as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_its_case_and_a_word_all_that_have_it() {
        let found = |only| CASES.iter().filter(|case| wanted(Some(only), case)).count();
        assert_eq!(found("1 KB"), 1);
        assert_eq!(found("over TLS"), 4);
        assert_eq!(found("nothing of the kind"), 0);
    }
}
