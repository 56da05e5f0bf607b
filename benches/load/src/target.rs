//! What is measured: nothing in between, the bare proxy, nginx, the gateway with everything off and with everything on, and
//! whatever else is given as a command.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Failure;
use crate::process::{Process, TARGET};

/// The virtual key that calls when everything is on.
pub(crate) const KEY: &str = "vk-load-of-the-bench";
/// The same with eight quotas in scope.
pub(crate) const KEY_OF_EIGHT: &str = "vk-load-with-eight-quotas";

/// Something that stands between the load and the upstream.
#[derive(Debug)]
pub(crate) struct Target {
    /// As the table calls it.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it listens.
    pub(crate) address: SocketAddr,
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
    /// The gateway without keys, logs and limits.
    Off,
    /// The gateway with virtual key, budgets, rate limits, rules, logs, metrics and cost.
    On,
    /// Another gateway.
    Other,
}

impl Target {
    pub(crate) fn direct(upstream: SocketAddr) -> Self {
        Self {
            name: "direct".into(),
            kind: Kind::Direct,
            address: upstream,
            process: None,
            _folder: None,
        }
    }

    pub(crate) fn proxy(upstream: SocketAddr) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("proxy").arg(upstream.to_string());
        let (process, address) = Process::announced(command, TARGET)?;
        Ok(Self {
            name: "hyper proxy".into(),
            kind: Kind::Proxy,
            address,
            process: Some(process),
            _folder: None,
        })
    }

    /// nginx as a reverse proxy with one worker, where it is installed.
    pub(crate) fn nginx(upstream: SocketAddr) -> Result<Option<Self>, Failure> {
        let installed = Command::new("nginx")
            .arg("-v")
            .output()
            .is_ok_and(|output| output.status.success());
        if !installed {
            return Ok(None);
        }
        let folder = TempDir::new()?;
        let address = free_address()?;
        let root = folder.path().display();
        let settings = format!(
            "worker_processes 1; daemon off; pid {root}/pid; error_log {root}/errors;\n\
             events {{ worker_connections 10000; }}\n\
             http {{ access_log off; client_max_body_size 10m; client_body_buffer_size 1m; keepalive_requests 1000000;\n\
             client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/f;\n\
             uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;\n\
             upstream up {{ server {upstream}; keepalive 128; keepalive_requests 1000000; }}\n\
             server {{ listen {address}; location / {{ proxy_pass http://up; proxy_http_version 1.1;\n\
             proxy_set_header connection \"\"; proxy_buffering off; }} }} }}\n"
        );
        let path = folder.path().join("nginx.conf");
        std::fs::write(&path, settings)?;
        let mut command = Command::new("nginx");
        command.arg("-c").arg(&path).arg("-p").arg(folder.path());
        let process = Process::start(command, TARGET)?;
        listens(address)?;
        Ok(Some(Self {
            name: "nginx".into(),
            kind: Kind::Proxy,
            address,
            process: Some(process),
            _folder: Some(folder),
        }))
    }

    /// The gateway, set up by its own API.
    pub(crate) fn gateway(binary: &Path, upstream: SocketAddr, kind: Kind) -> Result<Self, Failure> {
        let folder = TempDir::new()?;
        let (process, address) = start_gateway(binary, folder.path(), &[])?;
        set_up(address, upstream, kind == Kind::On)?;
        let name = if kind == Kind::On {
            "gateway, everything on"
        } else {
            "gateway, everything off"
        };
        Ok(Self {
            name: name.into(),
            kind,
            address,
            process: Some(process),
            _folder: Some(folder),
        })
    }

    /// Another gateway: `NAME=COMMAND`, in which `{upstream}` and `{port}` stand for addresses. It must serve
    /// `/v1/chat/completions` for the model `gpt-4o-mini`.
    pub(crate) fn other(said: &str, upstream: SocketAddr) -> Result<Self, Failure> {
        let (name, command) = said.split_once('=').ok_or("say another gateway as NAME=COMMAND")?;
        let address = free_address()?;
        let command = command
            .replace("{upstream}", &upstream.to_string())
            .replace("{port}", &address.port().to_string());
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("exec {command}"));
        let process = Process::start(shell, TARGET)?;
        listens(address)?;
        Ok(Self {
            name: name.into(),
            kind: Kind::Other,
            address,
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
        Err(format!(
            "{} is not there; build it with cargo build --release -p gateway-server",
            binary.display()
        )
        .into())
    }
}

/// A gateway over a data folder, with one worker.
pub(crate) fn start_gateway(binary: &Path, folder: &Path, more: &[&str]) -> Result<(Process, SocketAddr), Failure> {
    let mut command = Command::new(binary);
    command
        .args(["--port", "0", "--workers", "1", "--log-level", "error", "--data-dir"])
        .arg(folder)
        .args(more);
    command.env_clear().env("GATEWAY_OFFER_PLACES", "").env("HOME", folder);
    Process::announced(command, TARGET)
}

/// Providers of both dialects at the mock upstream; with everything on also a key, limits and a rule that is asked.
fn set_up(gateway: SocketAddr, upstream: SocketAddr, everything: bool) -> Result<(), Failure> {
    let logging = json!({ "client_config": { "enable_logging": everything } });
    call(gateway, "PUT", "/api/config", &logging)?;
    for name in ["openai", "anthropic"] {
        call(
            gateway,
            "PUT",
            &format!("/api/providers/{name}"),
            &provider(name, upstream),
        )?;
    }
    if !everything {
        return Ok(());
    }
    let entries = json!([{ "provider": "openai", "weight": 0.9 }, { "provider": "anthropic", "weight": 0.1 }]);
    let budget = |duration: &str| json!({ "max_limit": 1_000_000, "reset_duration": duration });
    let rate = json!({
        "request_max_limit": 1_000_000_000, "request_reset_duration": "1h",
        "token_max_limit": 1_000_000_000_000_i64, "token_reset_duration": "1h",
    });
    let key = json!({ "value": KEY, "provider_configs": entries, "budget": budget("1M"), "rate_limit": rate });
    call(gateway, "PUT", "/api/governance/virtual-keys/load", &key)?;
    let party = |id: &str| json!({ "id": id, "name": id, "budget": budget("1M"), "rate_limit": rate });
    call(gateway, "PUT", "/api/governance/teams/load", &party("load"))?;
    let eight = json!({
        "value": KEY_OF_EIGHT, "provider_configs": entries, "team_id": "load",
        "budgets": [budget("1d"), budget("1M")], "rate_limit": rate,
    });
    call(gateway, "PUT", "/api/governance/virtual-keys/load-eight", &eight)?;
    let rule = json!({
        "name": "never for the bench", "cel_expression": "model == 'gpt-none' && tokens_used > 90.0",
        "targets": [{ "provider": "openai", "model": "gpt-4o-mini", "weight": 1 }],
    });
    call(gateway, "POST", "/api/governance/routing-rules", &rule)
}

/// A document of settings with a provider and many virtual keys.
pub(crate) fn with_keys(upstream: SocketAddr, keys: usize) -> Value {
    let key = |number| {
        json!({
            "id": format!("start-{number}"),
            "value": key_of_start(number),
            "provider_configs": [{ "provider": "openai", "weight": 1 }],
            "budgets": [{ "max_limit": 10, "reset_duration": "1d" }],
        })
    };
    json!({
        "providers": { "openai": provider("openai", upstream) },
        "governance": { "virtual_keys": (0..keys).map(key).collect::<Vec<_>>() },
    })
}

/// The value of one of those keys.
pub(crate) fn key_of_start(number: usize) -> String {
    format!("vk-of-the-start-{number}")
}

fn provider(name: &str, upstream: SocketAddr) -> Value {
    json!({
        "keys": [{ "name": format!("{name}-key"), "value": "sk-of-the-bench-upstream" }],
        "network_config": { "base_url": format!("http://{upstream}") },
    })
}

/// One management call, which must succeed.
pub(crate) fn call(to: SocketAddr, method: &str, path: &str, body: &Value) -> Result<(), Failure> {
    let body = body.to_string();
    let mut socket = TcpStream::connect(to)?;
    write!(
        socket,
        "{method} {path} HTTP/1.1\r\nhost: {to}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") {
        return Ok(());
    }
    Err(format!("{method} {path}: {answer}").into())
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
