//! A case: what each target took in each round.

use std::fmt::Write;
use std::time::Duration;

use super::figures::Spread;
use crate::process::Cpu;
use crate::target::{NGINX, OFF, ON, PROXY};

/// One turn of one target in one case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// What its process used.
    pub(crate) cpu: Cpu,
    /// How long it took.
    pub(crate) took: Duration,
}

/// All turns of a case.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) case: String,
    unit: &'static str,
    units: usize,
    /// By target, in the order in which they had their turns.
    samples: Vec<(String, Vec<Sample>)>,
}

impl Row {
    /// Of a case in which a turn has so many units.
    pub(crate) fn new(case: &str, unit: &'static str, units: usize) -> Self {
        Self {
            case: case.into(),
            unit,
            units,
            samples: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, target: &str, sample: Sample) {
        match self.samples.iter_mut().find(|(name, _)| name == target) {
            Some((_, samples)) => samples.push(sample),
            None => self.samples.push((target.into(), vec![sample])),
        }
    }

    /// What a part of a target's process took per unit, round by round, in microseconds.
    pub(crate) fn took(&self, target: &str, part: fn(&Cpu) -> Duration) -> Option<Vec<f64>> {
        let (_, samples) = self.samples.iter().find(|(name, _)| name == target)?;
        Some(samples.iter().map(|sample| self.each(part(&sample.cpu))).collect())
    }

    /// How many times one target's workers take what another's do.
    pub(crate) fn ratio(&self, of: &str, against: &str) -> Option<Spread> {
        let ours = self.took(of, |cpu| cpu.workers)?;
        let theirs = self.took(against, |cpu| cpu.workers)?;
        Some(Spread::of_ratios(&ours, &theirs))
    }

    fn each(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1e6 / self.units as f64
    }

    /// In a line, for whoever waits.
    pub(crate) fn line(&self) -> String {
        let mut line = format!("{:40}", self.case);
        for (name, samples) in &self.samples {
            let workers = Spread::of(samples.iter().map(|sample| self.each(sample.cpu.workers)));
            let _ = write!(line, "  {name} {:.1}", workers.median);
        }
        line
    }

    /// As rows of the table.
    pub(super) fn write(&self, text: &mut String) {
        for (name, samples) in &self.samples {
            let of = |part: fn(&Cpu) -> Duration| Spread::of(samples.iter().map(|sample| self.each(part(&sample.cpu))));
            let against = |other: &str| match self.ratio(name, other) {
                Some(ratio) if name != other && name != "direct" => format!("{ratio:.2}"),
                _ => String::new(),
            };
            let to_off = if name == ON { against(OFF) } else { String::new() };
            let _ = writeln!(
                text,
                "| {} | {name} | {} | {} | {} | {} | {to_off} | {:.1} | {:.1} | {:.1} |",
                self.case,
                self.unit,
                of(|cpu| cpu.workers),
                against(PROXY),
                against(NGINX),
                of(|cpu| cpu.store).median,
                of(|cpu| cpu.whole).median,
                Spread::of(samples.iter().map(|sample| self.each(sample.took))).median,
            );
        }
    }
}
