//! The gateway as it is released, with default settings but for those that the case is about.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{Crowd, Upstream, settings};
use crate::Failure;
use crate::process::{Process, TARGET};
use crate::wire::Wire;

/// A gateway that runs, and its data folder.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    pub(crate) folder: TempDir,
}

impl Gateway {
    /// One that begins with a document of settings.
    pub(crate) fn new(binary: &Path, settings: &Value, upstream: &Upstream) -> Result<Self, Failure> {
        let folder = TempDir::new()?;
        let seed = folder.path().join("seed.json");
        std::fs::write(&seed, settings.to_string())?;
        let mut more = vec!["--config-seed".into(), seed.into_os_string()];
        if upstream.wire == Wire::TlsIn {
            more.extend([
                "--tls-cert".into(),
                upstream.papers.certificate.clone().into_os_string(),
            ]);
            more.extend(["--tls-key".into(), upstream.papers.key.clone().into_os_string()]);
        }
        let (process, address) = start(binary, &folder.path().join("data"), &more)?;
        Ok(Self {
            process,
            address,
            folder,
        })
    }

    /// One with everything on, among many keys, providers or rules.
    pub(crate) fn crowded(binary: &Path, upstream: &Upstream, crowd: Crowd) -> Result<Self, Failure> {
        Self::new(binary, &settings::crowded(upstream, crowd), upstream)
    }

    /// Stops it, and keeps its folder.
    pub(crate) fn stopped(mut self) -> Result<TempDir, Failure> {
        self.process.stop()?;
        Ok(self.folder)
    }

    /// Stops it, and lets its own command count what is in its ledger: every entry must add up.
    pub(crate) fn entries(self, binary: &Path) -> Result<usize, Failure> {
        let folder = self.stopped()?;
        let data = folder.path().join("data");
        let told = Command::new(binary)
            .args(["ledger", "verify", "--data-dir"])
            .arg(&data)
            .output()?;
        let text = String::from_utf8_lossy(&told.stdout);
        if !told.status.success() {
            return Err(format!("the ledger does not add up: {text}").into());
        }
        let entries = text
            .lines()
            .find_map(|line| line.split_once(" entries ")?.0.parse().ok());
        entries.ok_or_else(|| format!("the ledger was not counted: {text}").into())
    }
}

/// A gateway over a data folder, with one worker.
pub(crate) fn start(binary: &Path, data: &Path, more: &[std::ffi::OsString]) -> Result<(Process, SocketAddr), Failure> {
    let mut command = Command::new(binary);
    command
        .args(["--port", "0", "--workers", "1", "--log-level", "error", "--data-dir"])
        .arg(data)
        .args(more);
    let home = data.parent().unwrap_or(data);
    command.env_clear().env("GATEWAY_OFFER_PLACES", "").env("HOME", home);
    Process::announced(command, TARGET)
}
