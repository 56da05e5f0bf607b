//! Latency in an open loop, at several rates.

use std::time::Duration;

use super::Rig;
use crate::case::PLAIN;
use crate::report::Waited;
use crate::target::Target;
use crate::{Failure, drive};

/// Requests per second.
const RATES: [usize; 4] = [500, 1_000, 2_000, 5_000];

impl Rig {
    pub(super) fn wait(&mut self, targets: &[Target], lasting: Duration) -> Result<(), Failure> {
        for rate in RATES {
            for target in targets {
                let shot = PLAIN.shot(target.kind);
                // A second before it counts: connections are made.
                let warm = drive::open(&target.door, &shot, rate, Duration::from_secs(1));
                self.runtime.block_on(warm)?;
                let mut latencies = self.runtime.block_on(drive::open(&target.door, &shot, rate, lasting))?;
                self.report.waited.push(Waited {
                    target: target.name.clone(),
                    rate,
                    half: latencies.quantile(0.5),
                    most: latencies.quantile(0.99),
                });
            }
            self.say(&format!("open loop at {rate} requests per second"));
        }
        Ok(())
    }
}
