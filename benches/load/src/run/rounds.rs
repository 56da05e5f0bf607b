//! Turns: contestants one after the other, round by round.

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::Failure;
use crate::case::Case;
use crate::drive::{self, Shot};
use crate::goal::PASSED_THROUGH;
use crate::process::{Cpu, Process};
use crate::report::{Row, Sample};
use crate::target::{Kind, Target};
use crate::{case, check};

/// Somebody who has a turn in each round, with what is sent.
pub(super) struct Contestant<'a> {
    name: &'a str,
    target: &'a Target,
    shot: Shot,
}

impl<'a> Contestant<'a> {
    /// Sends it once, and looks at the answer: all that come later must be as long.
    pub(super) fn proven(
        runtime: &Runtime,
        name: &'a str,
        target: &'a Target,
        shot: Shot,
        streams: bool,
    ) -> Result<Self, Failure> {
        let body = runtime
            .block_on(drive::once(&target.door, &shot))
            .and_then(|body| check::chat(&body, streams).map(|()| body))
            .map_err(|why| format!("{name}: {why}"))?;
        let shot = shot.answered_by(body.len());
        Ok(Self { name, target, shot })
    }
}

/// One case at all targets that it suits.
pub(super) fn of_case(runtime: &Runtime, case: &Case, targets: &[Target], rounds: usize) -> Result<Row, Failure> {
    let mut contestants = Vec::new();
    for target in targets.iter().filter(|target| case.suits(target.kind)) {
        let proven = |name, case: &Case| Contestant::proven(runtime, name, target, case.shot(target.kind), case.stream);
        if case.translated && target.kind == Kind::On {
            contestants.push(proven(PASSED_THROUGH, &case.passed_through())?);
        }
        contestants.push(proven(target.name.as_str(), case)?);
    }
    let row = Row::new(case.name, case.unit(), case.units());
    turns(runtime, row, case, &contestants, rounds)
}

/// The first round warms connections and caches up, and is not counted.
pub(super) fn turns(
    runtime: &Runtime,
    mut row: Row,
    case: &Case,
    contestants: &[Contestant<'_>],
    rounds: usize,
) -> Result<Row, Failure> {
    for round in 0..=rounds {
        for Contestant { name, target, shot } in contestants {
            let before = used(target)?;
            let begun = Instant::now();
            runtime
                .block_on(drive::closed(&target.door, shot, case.connections, case.requests))
                .map_err(|why| format!("{name}, {}: {why}", case.name))?;
            let took = begun.elapsed();
            if round > 0 {
                let cpu = used(target)?.since(before);
                row.add(name, Sample { cpu, took });
            }
        }
    }
    Ok(row)
}

fn used(target: &Target) -> Result<Cpu, Failure> {
    target.process.as_ref().map_or_else(|| Ok(Cpu::default()), Process::cpu)
}

/// A kilobyte for a gateway, in the name of a key, that was answered rightly once.
pub(super) fn kilobyte<'a>(runtime: &Runtime, target: &'a Target, key: &str) -> Result<Contestant<'a>, Failure> {
    Contestant::proven(runtime, target.name.as_str(), target, case::kilobyte(key), false)
}
