//! What was measured, as tables: goals first, then every case, with medians and their ranges.

mod facts;
mod figures;
mod page;
mod row;

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use crate::Failure;
use crate::goal::{self, CROWD, RATIOS, STORE};
use crate::target::ON;

pub(crate) use facts::of_this_machine;
pub(crate) use figures::Spread;
pub(crate) use row::{Row, Sample};

/// Latency at a rate, of one target.
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
    /// While they were open the first time and the second, and after all were closed, beyond what there was before.
    pub(crate) first: u64,
    pub(crate) second: u64,
    pub(crate) left: u64,
}

/// Starts with so many keys.
#[derive(Clone, Debug)]
pub(crate) struct Started {
    pub(crate) keys: usize,
    pub(crate) took: Vec<Duration>,
}

/// Memory over very many requests, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Soaked {
    pub(crate) requests: usize,
    pub(crate) before: u64,
    pub(crate) half: u64,
    pub(crate) all: u64,
    /// A while after the last of them.
    pub(crate) rested: u64,
    /// How many entries the ledger has.
    pub(crate) entries: usize,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) facts: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// The same among few and among many, whose names are the targets'.
    pub(crate) crowds: Vec<(Row, [String; 2])>,
    pub(crate) waited: Vec<Waited>,
    pub(crate) opened: Vec<Opened>,
    pub(crate) started: Vec<Started>,
    pub(crate) soaked: Option<Soaked>,
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}

impl Opened {
    fn each(&self, bytes: u64) -> f64 {
        bytes as f64 / 1024.0 / self.streams as f64
    }
}

impl Started {
    fn millis(&self) -> Spread {
        Spread::of(self.took.iter().map(|took| took.as_secs_f64() * 1e3))
    }
}

impl Report {
    /// Shows it, and puts it on a page where one is named.
    pub(crate) fn write(&self, page: Option<&Path>) -> Result<(), Failure> {
        let text = self.text();
        println!("\n{text}");
        page.map_or(Ok(()), |page| page::put(page, &text))
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for fact in &self.facts {
            let _ = writeln!(text, "- {fact}");
        }
        self.goals(&mut text);
        self.cases(&mut text);
        self.crowded(&mut text);
        self.latencies(&mut text);
        self.memory(&mut text);
        self.starts(&mut text);
        text
    }

    /// What was to be reached, and whether it is; what was not measured is left out.
    fn goals(&self, text: &mut String) {
        let mut rows = String::new();
        let mut goal = |what: String, found: Spread, at_most: f64| {
            let met = if found.median <= at_most { "yes" } else { "**no**" };
            let _ = writeln!(rows, "| {what} | {found:.2} | {at_most} | {met} |");
        };
        for ratio in &RATIOS {
            let row = self.rows.iter().find(|row| row.case == ratio.case);
            if let Some(found) = row.and_then(|row| row.ratio(ratio.of, ratio.against)) {
                goal(format!("{}, to {}", ratio.case, ratio.against), found, ratio.at_most);
            }
        }
        let plain = self.rows.iter().find(|row| row.case == "1 KB");
        if let Some(store) = plain.and_then(|row| row.took(ON, |cpu| cpu.store)) {
            goal(
                "the store's threads, µs per request of 1 KB".into(),
                Spread::of(store),
                STORE,
            );
        }
        for (row, [few, many]) in &self.crowds {
            if let Some(found) = row.ratio(many, few) {
                goal(format!("1 KB among {many}, to {few}"), found, CROWD);
            }
        }
        if let Some(soaked) = self.soaked {
            let growth = megabytes(soaked.all) - megabytes(soaked.half);
            let what = format!("MB resident after {} requests", soaked.requests);
            goal(what, Spread::of([megabytes(soaked.all)]), goal::RESIDENT);
            goal(
                "MB more than after half of them".into(),
                Spread::of([growth]),
                goal::GROWTH,
            );
        }
        for opened in self.opened.iter().filter(|opened| opened.target == ON) {
            let what = format!("KB for each of {} silent streams", opened.streams);
            goal(what, Spread::of([opened.each(opened.first)]), goal::SILENT);
        }
        for started in &self.started {
            let (none, many) = goal::START;
            let at_most = if started.keys == 0 { none } else { many };
            let what = format!("ms from the start to the first answer, {} virtual keys", started.keys);
            goal(what, started.millis(), at_most);
        }
        if !rows.is_empty() {
            text.push_str(
                "\n### Goals\n\n| with everything on | median (range) | at most | met |\n| --- | --- | --- | --- |\n",
            );
            text.push_str(&rows);
        }
    }

    fn cases(&self, text: &mut String) {
        if self.rows.is_empty() {
            return;
        }
        text.push_str(
            "\n### CPU time of the worker\n\nIn µs; median (range) of the rounds, ratios round by round.\n\n\
             | case | target | per | worker | to the hyper proxy | to nginx | on to off | store | process | wall |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        );
        self.rows.iter().for_each(|row| row.write(text));
    }

    fn crowded(&self, text: &mut String) {
        if self.crowds.is_empty() {
            return;
        }
        text.push_str(
            "\n### Among few and among many\n\nCPU time of the worker per request of 1 KB with everything on, in µs.\n\n\
             | among | worker | among | worker | ratio |\n| --- | --- | --- | --- | --- |\n",
        );
        for (row, [few, many]) in &self.crowds {
            let took = |name: &str| Spread::of(row.took(name, |cpu| cpu.workers).unwrap_or_default());
            let ratio = row.ratio(many, few).unwrap_or_default();
            let _ = writeln!(text, "| {few} | {} | {many} | {} | {ratio:.2} |", took(few), took(many));
        }
    }

    fn latencies(&self, text: &mut String) {
        if self.waited.is_empty() {
            return;
        }
        text.push_str(
            "\n### Latency in an open loop, 1 KB\n\nIn µs, counted from when a request was due.\n\n\
             | requests per second | target | p50 | p99 |\n| --- | --- | --- | --- |\n",
        );
        for waited in &self.waited {
            let (half, most) = (waited.half.as_micros(), waited.most.as_micros());
            let _ = writeln!(text, "| {} | {} | {half} | {most} |", waited.rate, waited.target);
        }
    }

    fn memory(&self, text: &mut String) {
        if !self.opened.is_empty() {
            text.push_str(
                "\n### Memory of streams that are open and silent\n\nResident KB for each, beyond what there was before any; \
                 opened, closed, and opened again.\n\n\
                 | target | streams | first time | second time | after all are closed |\n| --- | --- | --- | --- | --- |\n",
            );
        }
        for opened in &self.opened {
            let each = [opened.first, opened.second, opened.left].map(|bytes| opened.each(bytes));
            let [first, second, left] = each;
            let _ = writeln!(
                text,
                "| {} | {} | {first:.1} | {second:.1} | {left:.1} |",
                opened.target, opened.streams
            );
        }
        if let Some(soaked) = self.soaked {
            let Soaked { requests, entries, .. } = soaked;
            let [before, half, all, rested] = [soaked.before, soaked.half, soaked.all, soaked.rested].map(megabytes);
            let _ = writeln!(
                text,
                "\n### Memory over {requests} requests of 1 KB\n\n\
                 | before | after half | after all | after a rest | entries in the ledger, verified |\n\
                 | --- | --- | --- | --- | --- |\n\
                 | {before:.1} MB | {half:.1} MB | {all:.1} MB | {rested:.1} MB | {entries} |"
            );
        }
    }

    fn starts(&self, text: &mut String) {
        if self.started.is_empty() {
            return;
        }
        text.push_str("\n### From the start to the first answer\n\n| virtual keys | ms |\n| --- | --- |\n");
        for started in &self.started {
            let _ = writeln!(text, "| {} | {:.0} |", started.keys, started.millis());
        }
    }
}
