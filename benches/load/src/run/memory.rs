//! Memory: of streams that are open and say nothing, and over very many requests.

use std::time::Duration;

use super::Rig;
use crate::case::{self, PLAIN};
use crate::report::{Opened, Soaked};
use crate::target::{self, Gateway, KEY, Target, Upstream};
use crate::wire::Wire;
use crate::{Failure, drive};

/// So many are opened before anything is counted, so that what the first of all need is there.
const WARM: usize = 100;
/// Longer than an allocator keeps what nobody needs.
const REST: Duration = Duration::from_secs(15);

impl Rig {
    /// What each stream takes beyond what there was before any: the first time, and when all are opened once more, which
    /// shows what is kept or grows.
    pub(super) fn keep_open(&mut self, targets: &[Target], streams: usize) -> Result<(), Failure> {
        for target in targets {
            let Some(process) = &target.process else { continue };
            let while_open = |streams| -> Result<u64, Failure> {
                let shot = case::idle(target.kind);
                let open = self.runtime.block_on(drive::idle(&target.door, &shot, streams));
                let memory = process.memory();
                // Their ends are seen one after the other.
                drop(open.map_err(|why| format!("{}: {why}", target.name))?);
                self.rest(Duration::from_secs(2));
                memory
            };
            while_open(WARM)?;
            let before = process.memory()?;
            let beyond = |memory: u64| memory.saturating_sub(before);
            let opened = Opened {
                target: target.name.clone(),
                streams,
                first: beyond(while_open(streams)?),
                second: beyond(while_open(streams)?),
                left: {
                    self.rest(REST);
                    beyond(process.memory()?)
                },
            };
            self.report.opened.push(opened);
            self.say(&format!("{streams} silent streams through {}", target.name));
        }
        Ok(())
    }

    /// Memory after very many requests, half way, and a while later; and whether the ledger has all of them.
    pub(super) fn soak(&mut self, requests: usize) -> Result<(), Failure> {
        let upstream = Upstream::start(Wire::Plain, &self.papers)?;
        let gateway = Gateway::new(&self.binary, &target::everything(&upstream), &upstream)?;
        let door = drive::Door::plain(gateway.address);
        let shot = case::kilobyte(KEY);
        let memory = || gateway.process.memory();
        let some = |requests| {
            let load = drive::closed(&door, &shot, PLAIN.connections, requests);
            self.runtime.block_on(load)
        };
        let before = memory()?;
        some(requests / 2)?;
        let half = memory()?;
        self.say(&format!("{} requests", requests / 2));
        some(requests - requests / 2)?;
        let all = memory()?;
        self.say(&format!("{requests} requests"));
        self.rest(REST);
        let rested = memory()?;
        let entries = gateway.entries(&self.binary)?;
        if entries != requests {
            return Err(format!("{requests} requests were answered, and the ledger has {entries} entries").into());
        }
        self.report.soaked = Some(Soaked {
            requests,
            before,
            half,
            all,
            rested,
            entries,
        });
        Ok(())
    }

    /// Lets everybody finish.
    fn rest(&self, lasting: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(lasting).await });
    }
}
