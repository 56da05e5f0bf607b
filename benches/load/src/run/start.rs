//! From the start of the process to its first answer: with nothing configured, and over a store with many virtual keys.

use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Rig;
use crate::drive::{Door, Shot};
use crate::report::Started;
use crate::target::{self, Crowd, Gateway, Upstream, key_of};
use crate::wire::Wire;
use crate::{Failure, case, drive};

/// How often it is started.
const STARTS: usize = 5;

impl Rig {
    pub(super) fn starts(&mut self, keys: usize) -> Result<(), Failure> {
        let mut took = Vec::new();
        for _ in 0..STARTS {
            let folder = TempDir::new()?;
            took.push(self.first_answer(&folder, &Shot::get("/v1/models"))?);
        }
        self.report.started.push(Started { keys: 0, took });
        let upstream = Upstream::start(Wire::Plain, &self.papers)?;
        let crowded = Gateway::crowded(&self.binary, &upstream, Crowd::Keys(keys))?;
        let folder = crowded.stopped()?;
        let shot = case::kilobyte(&key_of(keys / 2));
        let mut took = Vec::new();
        for _ in 0..STARTS {
            took.push(self.first_answer(&folder, &shot)?);
        }
        self.report.started.push(Started { keys, took });
        self.say("starts");
        Ok(())
    }

    fn first_answer(&self, folder: &TempDir, shot: &Shot) -> Result<Duration, Failure> {
        let begun = Instant::now();
        let (process, address) = target::start(&self.binary, &folder.path().join("data"), &[])?;
        self.runtime.block_on(drive::once(&Door::plain(address), shot))?;
        let took = begun.elapsed();
        drop(process);
        Ok(took)
    }
}
