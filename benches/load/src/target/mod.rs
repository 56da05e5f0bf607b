//! What is measured: nothing in between, the bare proxy, nginx, the gateway with everything off and with everything on, and
//! whatever else is given as a command.

mod gateway;
mod nginx;
mod settings;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Failure;
use crate::drive::Door;
use crate::process::{Process, REST, TARGET};
use crate::wire::{Papers, Wire};

pub(crate) use gateway::{Gateway, start};
pub(crate) use settings::{Crowd, KEY, KEY_OF_EIGHT, everything, key_of};

/// The bare proxy, as the table calls it.
pub(crate) const PROXY: &str = "hyper proxy";
/// nginx.
pub(crate) const NGINX: &str = "nginx";
/// The gateway with nothing to do but to pass on.
pub(crate) const OFF: &str = "gateway, everything off";
/// The gateway as it is sold.
pub(crate) const ON: &str = "gateway, everything on";

/// Something that stands between the load and the upstream.
#[derive(Debug)]
pub(crate) struct Target {
    /// As the table calls it.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it listens.
    pub(crate) door: Door,
    /// None where the load goes to the upstream itself.
    pub(crate) process: Option<Process>,
    _folder: Option<TempDir>,
}

/// What a target can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The upstream itself.
    Direct,
    /// Passes bytes on.
    Proxy,
    /// So does this.
    Nginx,
    /// The gateway without keys, logs and limits.
    Off,
    /// The gateway with virtual key, budgets, rate limits, rules, logs, metrics and cost.
    On,
    /// Another gateway.
    Other,
}

/// What stands at one end while targets are measured: the mock upstream, which everybody passes on to.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    /// Whether it is asked in one of these ways.
    pub(crate) wire: Wire,
    pub(crate) papers: Papers,
    _process: Process,
}

impl Upstream {
    /// One that speaks what a wire asks of it.
    pub(crate) fn start(wire: Wire, papers: &Papers) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("upstream");
        if let (Wire::TlsOut, Some(folder)) = (wire, papers.authority.parent()) {
            command.arg("--papers").arg(folder);
        }
        let (process, address) = Process::announced(command, REST)?;
        Ok(Self {
            address,
            wire,
            papers: papers.clone(),
            _process: process,
        })
    }

    /// How a client knocks at somebody who stands before it.
    fn door(&self, address: SocketAddr) -> Result<Door, Failure> {
        let tls = (self.wire == Wire::TlsIn).then(|| self.papers.asking()).transpose()?;
        Ok(Door {
            tls,
            http2: self.wire == Wire::Http2In,
            ..Door::plain(address)
        })
    }
}

impl Target {
    /// The upstream itself, asked as it speaks.
    pub(crate) fn direct(upstream: &Upstream) -> Result<Self, Failure> {
        let tls = (upstream.wire == Wire::TlsOut)
            .then(|| upstream.papers.asking())
            .transpose()?;
        let http2 = matches!(upstream.wire, Wire::Http2In | Wire::Http2Out);
        Ok(Self {
            name: "direct".into(),
            kind: Kind::Direct,
            door: Door {
                tls,
                http2,
                ..Door::plain(upstream.address)
            },
            process: None,
            _folder: None,
        })
    }

    pub(crate) fn proxy(upstream: &Upstream) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("proxy").arg(upstream.address.to_string());
        command.args(["--wire", upstream.wire.word()]);
        if let Some(folder) = upstream.papers.authority.parent() {
            command.arg("--papers").arg(folder);
        }
        let (process, address) = Process::announced(command, TARGET)?;
        Ok(Self {
            name: PROXY.into(),
            kind: Kind::Proxy,
            door: upstream.door(address)?,
            process: Some(process),
            _folder: None,
        })
    }

    /// nginx as a reverse proxy with one worker, where it is installed and speaks what is asked.
    pub(crate) fn nginx(upstream: &Upstream) -> Result<Option<Self>, Failure> {
        let Some((process, address, folder)) = nginx::start(upstream)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            name: NGINX.into(),
            kind: Kind::Nginx,
            door: upstream.door(address)?,
            process: Some(process),
            _folder: Some(folder),
        }))
    }

    /// The gateway, off or on.
    pub(crate) fn gateway(binary: &Path, upstream: &Upstream, kind: Kind) -> Result<Self, Failure> {
        let settings = match kind {
            Kind::On => settings::everything(upstream),
            _ => settings::nothing(upstream),
        };
        let name = if kind == Kind::On { ON } else { OFF };
        Self::of_gateway(name, kind, Gateway::new(binary, &settings, upstream)?, upstream)
    }

    /// The gateway with everything on, among many keys, providers or rules.
    pub(crate) fn crowded(binary: &Path, upstream: &Upstream, crowd: Crowd) -> Result<Self, Failure> {
        let gateway = Gateway::crowded(binary, upstream, crowd)?;
        Self::of_gateway(&crowd.to_string(), Kind::On, gateway, upstream)
    }

    fn of_gateway(name: &str, kind: Kind, gateway: Gateway, upstream: &Upstream) -> Result<Self, Failure> {
        Ok(Self {
            name: name.into(),
            kind,
            door: upstream.door(gateway.address)?,
            process: Some(gateway.process),
            _folder: Some(gateway.folder),
        })
    }

    /// Another gateway: `NAME=COMMAND`, in which `{upstream}` and `{port}` stand for addresses. It must serve
    /// `POST /v1/chat/completions` for the model `gpt-4o-mini`.
    pub(crate) fn other(said: &str, upstream: &Upstream) -> Result<Self, Failure> {
        let (name, command) = said.split_once('=').ok_or("say another gateway as NAME=COMMAND")?;
        let address = free_address()?;
        let command = command
            .replace("{upstream}", &upstream.address.to_string())
            .replace("{port}", &address.port().to_string());
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("exec {command}"));
        let process = Process::start(shell, TARGET)?;
        listens(address)?;
        Ok(Self {
            name: name.into(),
            kind: Kind::Other,
            door: upstream.door(address)?,
            process: Some(process),
            _folder: None,
        })
    }

    /// Which gateway binary is measured.
    pub(crate) fn binary(said: Option<&PathBuf>) -> Result<PathBuf, Failure> {
        let beside = std::env::current_exe()?.with_file_name("gateway-server");
        let binary = said.cloned().unwrap_or(beside);
        if binary.exists() {
            return Ok(binary);
        }
        let binary = binary.display();
        Err(format!("{binary} is not there; build it with cargo build --release -p gateway-server").into())
    }
}

fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Waits until somebody listens.
fn listens(address: SocketAddr) -> Result<(), Failure> {
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        if begun.elapsed() > Duration::from_secs(20) {
            return Err(format!("nobody listens at {address}").into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
