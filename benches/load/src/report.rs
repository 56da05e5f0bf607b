//! What was measured, as tables: medians, their ranges, and the ratios that matter.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::Failure;
use crate::case::Case;
use crate::process::Cpu;
use crate::target::{Kind, Target};

/// One turn of one target in one case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// What its process used.
    pub(crate) cpu: Cpu,
    /// How long it took.
    pub(crate) took: Duration,
}

/// Latency at a rate.
#[derive(Clone, Debug)]
pub(crate) struct Waited {
    pub(crate) target: String,
    pub(crate) rate: usize,
    pub(crate) half: Duration,
    pub(crate) most: Duration,
}

/// Memory of open streams.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    pub(crate) target: String,
    pub(crate) streams: usize,
    pub(crate) bytes: u64,
}

/// A start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Starts {
    pub(crate) keys: usize,
    pub(crate) took: Duration,
}

/// Where and with what it was measured.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    lines: Vec<String>,
}

impl Facts {
    pub(crate) fn of_this_machine(binary: &Path, rounds: usize) -> Self {
        let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = model
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .unwrap_or_default();
        let model = model.trim_start_matches(['\t', ' ', ':']).to_owned();
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let version = |program: &str, arg: &str| {
            let output = Command::new(program).arg(arg).output().ok()?;
            let said = [output.stdout, output.stderr].concat();
            String::from_utf8_lossy(&said).lines().next().map(str::to_owned)
        };
        let lines = [
            Some(format!("processor: {model}")),
            Some(format!("kernel: {}", kernel.trim())),
            version(&binary.display().to_string(), "version"),
            version("nginx", "-v"),
            Some(format!("rounds: {rounds}, and one before that is not counted")),
        ];
        Self {
            lines: lines.into_iter().flatten().collect(),
        }
    }
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Report {
    facts: Facts,
    rows: Vec<Row>,
    waited: Vec<Waited>,
    opened: Vec<Opened>,
    starts: Vec<Starts>,
    /// How many requests, and the memory after half of them and after all.
    pub(crate) soaked: Option<(usize, u64, u64)>,
}

#[derive(Debug)]
struct Row {
    case: &'static str,
    unit: &'static str,
    units: usize,
    samples: BTreeMap<String, (Kind, Vec<Sample>)>,
}

impl Report {
    pub(crate) fn new(facts: Facts) -> Self {
        Self {
            facts,
            rows: Vec::new(),
            waited: Vec::new(),
            opened: Vec::new(),
            starts: Vec::new(),
            soaked: None,
        }
    }

    pub(crate) fn add(&mut self, case: &Case, target: &Target, sample: Sample) {
        if self.rows.last().is_none_or(|row| row.case != case.name) {
            let row = Row {
                case: case.name,
                unit: case.unit(),
                units: case.units(),
                samples: BTreeMap::new(),
            };
            self.rows.push(row);
        }
        if let Some(row) = self.rows.last_mut() {
            let samples = row
                .samples
                .entry(target.name.clone())
                .or_insert_with(|| (target.kind, Vec::new()));
            samples.1.push(sample);
        }
    }

    pub(crate) fn waited(&mut self, waited: Waited) {
        self.waited.push(waited);
    }

    pub(crate) fn opened(&mut self, opened: Opened) {
        self.opened.push(opened);
    }

    pub(crate) fn started(&mut self, start: Starts) {
        self.starts.push(start);
    }

    /// One case in a line, for whoever waits.
    pub(crate) fn row(&self, case: &Case) -> String {
        let Some(row) = self.rows.iter().find(|row| row.case == case.name) else {
            return case.name.into();
        };
        let mut line = format!("{:40}", row.case);
        for (name, (_, samples)) in &row.samples {
            let workers = median(samples.iter().map(|sample| row.per_unit(sample.cpu.workers)));
            let _ = write!(line, "  {name} {workers:.1}");
        }
        line
    }

    /// Writes it as Markdown, to a file where one is named, and to the output.
    pub(crate) fn write(&self, out: Option<&Path>) -> Result<(), Failure> {
        let text = self.text();
        println!("{text}");
        if let Some(out) = out {
            std::fs::write(out, text)?;
        }
        Ok(())
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.facts.lines {
            let _ = writeln!(text, "- {line}");
        }
        text.push_str("\n## CPU time of the worker\n\n| case | target | per | µs, median (range) | ratio to the hyper proxy | to nginx | everything on to off | store, µs | whole process, µs | wall, µs |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        for row in &self.rows {
            row.write(&mut text);
        }
        if !self.waited.is_empty() {
            text.push_str("\n## Latency in an open loop, 1 KB\n\n| requests per second | target | p50, µs | p99, µs |\n| --- | --- | --- | --- |\n");
            for waited in &self.waited {
                let (half, most) = (waited.half.as_micros(), waited.most.as_micros());
                let _ = writeln!(text, "| {} | {} | {half} | {most} |", waited.rate, waited.target);
            }
        }
        if !self.opened.is_empty() {
            text.push_str("\n## Memory of streams that are open and silent\n\n| target | streams | KB each |\n| --- | --- | --- |\n");
            for opened in &self.opened {
                let each = opened.bytes as f64 / opened.streams as f64 / 1024.0;
                let _ = writeln!(text, "| {} | {} | {each:.1} |", opened.target, opened.streams);
            }
        }
        let megabytes = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
        if let Some((requests, half, all)) = self.soaked {
            let (half, all) = (megabytes(half), megabytes(all));
            let _ = writeln!(
                text,
                "\n## Memory after {requests} requests\n\n{half:.1} MB after half of them, {all:.1} MB after all."
            );
        }
        if !self.starts.is_empty() {
            text.push_str("\n## From the start to the first answer\n\n| virtual keys | ms |\n| --- | --- |\n");
            for start in &self.starts {
                let _ = writeln!(text, "| {} | {} |", start.keys, start.took.as_millis());
            }
        }
        text
    }
}

impl Row {
    /// In microseconds.
    fn per_unit(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1e6 / self.units as f64
    }

    fn worker_of(&self, wanted: impl Fn(&str, Kind) -> bool) -> Option<Vec<f64>> {
        let (_, (_, samples)) = self.samples.iter().find(|(name, (kind, _))| wanted(name, *kind))?;
        Some(samples.iter().map(|sample| self.per_unit(sample.cpu.workers)).collect())
    }

    fn write(&self, text: &mut String) {
        let proxy = self.worker_of(|name, _| name == "hyper proxy");
        let nginx = self.worker_of(|name, _| name == "nginx");
        let off = self.worker_of(|_, kind| kind == Kind::Off);
        for (name, (kind, samples)) in &self.samples {
            let of = |part: fn(&Cpu) -> Duration| samples.iter().map(move |sample| self.per_unit(part(&sample.cpu)));
            let workers: Vec<f64> = of(|cpu| cpu.workers).collect();
            let (least, most) = workers
                .iter()
                .fold((f64::MAX, 0.0_f64), |(a, b), n| (a.min(*n), b.max(*n)));
            let against = |other: &Option<Vec<f64>>| match other {
                Some(other) if *kind != Kind::Direct => ratio(&workers, other),
                _ => String::new(),
            };
            let on = if *kind == Kind::On {
                against(&off)
            } else {
                String::new()
            };
            let _ = writeln!(
                text,
                "| {} | {name} | {} | {:.1} ({least:.1} to {most:.1}) | {} | {} | {on} | {:.1} | {:.1} | {:.1} |",
                self.case,
                self.unit,
                median(workers.iter().copied()),
                against(&proxy),
                against(&nginx),
                median(of(|cpu| cpu.store)),
                median(of(|cpu| cpu.whole)),
                median(samples.iter().map(|sample| self.per_unit(sample.took))),
            );
        }
    }
}

/// The median of the ratios round by round: what the machine did in a round, it did to both.
fn ratio(ours: &[f64], theirs: &[f64]) -> String {
    format!(
        "{:.2}",
        median(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs))
    )
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
