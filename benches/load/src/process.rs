//! Processes that serve while they are measured: started on one processor, asked for their CPU time and memory, and
//! stopped by their id.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::Failure;

/// The processor of the target; everything else is on the other.
pub(crate) const TARGET: usize = 0;
/// The processor of the load and the upstream.
pub(crate) const REST: usize = 1;

/// The ids of those that run, for whoever has to stop them all at once.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A running process. It is stopped when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

/// CPU time that a process has used, by what its threads are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cpu {
    /// Threads of the store: named `store-…`.
    pub(crate) store: Duration,
    /// Worker threads, where any is named so; else all that are not the store's.
    pub(crate) workers: Duration,
    /// All.
    pub(crate) whole: Duration,
}

impl Process {
    /// Starts a command on a processor.
    pub(crate) fn start(mut command: Command, processor: usize) -> Result<Self, Failure> {
        // A child, and every thread that it starts, begins where whoever starts it is.
        pin_self(processor)?;
        let child = command.stdin(Stdio::null()).spawn();
        pin_self(REST)?;
        let child = child?;
        running(|ids| ids.push(child.id()));
        Ok(Self { child })
    }

    /// The same for one that prints its address first.
    pub(crate) fn announced(mut command: Command, processor: usize) -> Result<(Self, SocketAddr), Failure> {
        command.stdout(Stdio::piped());
        let mut process = Self::start(command, processor)?;
        let printed = process.child.stdout.take().ok_or("it has no output")?;
        let mut lines = BufReader::new(printed).lines();
        let address = lines.by_ref().find_map(|line| address_in(&line.ok()?));
        // Read on, or it would wait for somebody to.
        std::thread::spawn(move || lines.for_each(drop));
        Ok((process, address.ok_or("it ended before it said where it listens")?))
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(&mut self) -> Result<ExitStatus, Failure> {
        terminate(self.child.id());
        Ok(self.child.wait()?)
    }

    /// CPU time so far, its children's included (nginx works in one).
    pub(crate) fn cpu(&self) -> Result<Cpu, Failure> {
        let mut cpu = Cpu::default();
        let mut named = Duration::ZERO;
        for id in self.family()? {
            for task in std::fs::read_dir(format!("/proc/{id}/task"))? {
                let folder = task?.path();
                // A thread may end while it is looked for.
                let Ok(name) = std::fs::read_to_string(folder.join("comm")) else {
                    continue;
                };
                // In nanoseconds; /proc/PID/stat counts in hundredths of seconds.
                let spent = std::fs::read_to_string(folder.join("schedstat"))?;
                let spent: u64 = spent.split(' ').next().unwrap_or("0").parse()?;
                let spent = Duration::from_nanos(spent);
                cpu.whole += spent;
                match name.trim() {
                    name if name.starts_with("store-") => cpu.store += spent,
                    name if name.starts_with("worker-") => named += spent,
                    _ => {}
                }
            }
        }
        cpu.workers = if named.is_zero() { cpu.whole - cpu.store } else { named };
        Ok(cpu)
    }

    /// Resident memory in bytes, its children's included.
    pub(crate) fn memory(&self) -> Result<u64, Failure> {
        let mut bytes = 0;
        for id in self.family()? {
            let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix("VmRSS:"))
                .ok_or("no VmRSS")?;
            let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
            bytes += kib * 1024;
        }
        Ok(bytes)
    }

    fn family(&self) -> Result<Vec<u32>, Failure> {
        let id = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let children = children.split_whitespace().map(str::parse);
        let mut family: Vec<u32> = children.collect::<Result<_, _>>()?;
        family.push(id);
        Ok(family)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        running(|ids| ids.retain(|id| *id != self.child.id()));
        // One that was stopped before is waited for no longer.
        if let Ok(None) = self.child.try_wait() {
            let _ = self.stop();
        }
    }
}

fn terminate(id: u32) {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw);
    if let Some(id) = id {
        // It may have ended by itself.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    }
}

fn running(change: impl FnOnce(&mut Vec<u32>)) {
    change(&mut RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
}

/// From now on, a signal to end ends what was started as well.
pub(crate) fn end_together() -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
            let (Ok(mut interrupt), Ok(mut terminated)) = signals else {
                return;
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminated.recv() => {}
            }
            running(|ids| ids.iter().copied().for_each(terminate));
            std::process::exit(130);
        });
    });
    Ok(())
}

/// Lets this process, and those that it starts, open as many files as they may, and says how many that are.
pub(crate) fn open_files() -> Result<u64, Failure> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: most,
            maximum: most,
        },
    )?;
    Ok(most.unwrap_or(u64::MAX))
}

impl Cpu {
    /// What was used since.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            store: self.store.saturating_sub(before.store),
            workers: self.workers.saturating_sub(before.workers),
            whole: self.whole.saturating_sub(before.whole),
        }
    }
}

/// Puts this thread, and those that it starts, on a processor.
pub(crate) fn pin_self(processor: usize) -> Result<(), Failure> {
    let mut set = CpuSet::new();
    set.set(processor);
    Ok(sched_setaffinity(None, &set)?)
}

/// The first `address:port` of a line.
fn address_in(line: &str) -> Option<SocketAddr> {
    let words = line.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':'));
    words
        .filter_map(|word| word.trim_start_matches(':').parse().ok())
        .next()
}
