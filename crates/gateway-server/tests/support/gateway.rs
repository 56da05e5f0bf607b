//! The real binary, started on a free port with a folder of its own, and stopped by its process id.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use http::Method;
use serde_json::Value;
use tempfile::TempDir;

use super::client::{Call, Reply};
use super::eventually;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_gateway-server");

/// A running gateway. It is killed when dropped.
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    child: Child,
    printed: Printed,
    home: Arc<TempDir>,
}

/// How a gateway is to be started.
pub(crate) struct Start {
    home: Arc<TempDir>,
    port: Option<&'static str>,
    args: Vec<String>,
    env: Vec<(String, String)>,
}

/// What the gateway has printed so far, on either stream.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<String>>>);

impl Gateway {
    /// One with nothing configured.
    pub(crate) async fn start() -> Self {
        Self::with().start().await
    }

    /// One that is configured first.
    pub(crate) fn with() -> Start {
        Start {
            home: Arc::new(TempDir::new().expect("a temporary folder can be made")),
            port: Some("0"),
            args: Vec::new(),
            env: Vec::new(),
        }
    }

    /// Another on the folder of this one, which must have ended.
    pub(crate) fn again(&self) -> Start {
        Start {
            home: self.home.clone(),
            ..Self::with()
        }
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self.address, method, path)
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path).json(body).send().await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PUT, path).json(body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path).send().await
    }

    /// A chat turn that is about to be sent: to that model, by that virtual key.
    pub(crate) fn chat(&self, key: &str, model: &str) -> Call {
        self.call(Method::POST, "/v1/chat/completions")
            .bearer(key)
            .json(&super::shapes::chat(model))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A file in its folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// All it has printed.
    pub(crate) fn printed(&self) -> String {
        self.printed.text()
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        let sent = Command::new("sh")
            .arg("-c")
            .arg(format!("kill -TERM {}", self.pid()))
            .status();
        assert!(
            sent.expect("there is a shell").success(),
            "the gateway had ended before"
        );
    }

    /// Ends it at once, as a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the gateway was running");
        self.child.wait().expect("a killed child ends");
    }

    /// Waits until it has ended of itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let child = std::cell::RefCell::new(&mut self.child);
        eventually("the gateway ends", || {
            let ended = child.borrow_mut().try_wait().expect("a child can be waited for");
            async move { ended }
        })
        .await
    }

    /// Asks it to stop and waits until it has.
    pub(crate) async fn stop(&mut self) {
        self.terminate();
        let status = self.ended().await;
        assert!(status.success(), "the gateway ended with {status}");
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _reaped_already = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the gateway printed:\n{}---", self.printed());
        }
    }
}

impl Start {
    pub(crate) fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.into());
        self
    }

    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(|&arg| arg.to_owned()));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Without `--port 0`: the port comes from elsewhere.
    pub(crate) fn without_port(mut self) -> Self {
        self.port = None;
        self
    }

    /// Writes a file into its folder.
    pub(crate) fn write(self, name: &str, text: &str) -> Self {
        std::fs::write(self.file(name), text).expect("the folder takes files");
        self
    }

    /// A file in its folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// With a configuration file of that text.
    pub(crate) fn config(self, name: &str, text: &str) -> Self {
        let path = self.file(name);
        self.write(name, text)
            .arg("--config")
            .arg(path.to_str().expect("temporary paths are text"))
    }

    /// The command as it will be run.
    pub(crate) fn command(&self) -> Command {
        let mut command = clean(self.home.path());
        command.arg("--data-dir").arg(self.home.path().join("data"));
        if let Some(port) = self.port {
            command.args(["--port", port]);
        }
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) async fn start(self) -> Gateway {
        let mut child = self
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let printed = Printed::default();
        printed.follow(child.stdout.take().expect("stdout is piped"));
        printed.follow(child.stderr.take().expect("stderr is piped"));
        let mut gateway = Gateway {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            child,
            printed,
            home: self.home,
        };
        gateway.address = gateway.announced().await;
        gateway
    }
}

impl Gateway {
    /// The address that it says it serves.
    async fn announced(&mut self) -> SocketAddr {
        let (child, printed) = (std::cell::RefCell::new(&mut self.child), self.printed.clone());
        eventually("the gateway says where it is", || {
            let ended = child.borrow_mut().try_wait().expect("a child can be waited for");
            let found = address(&printed.text());
            assert!(
                ended.is_none() || found.is_some(),
                "ended with {ended:?}:\n{}",
                printed.text()
            );
            async move { found }
        })
        .await
    }
}

/// The binary with nothing of the caller's environment but what a process needs.
pub(crate) fn clean(home: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home)
        .current_dir(home);
    // No test may depend on what else runs on this machine.
    command.env("GATEWAY_OFFER_PLACES", "");
    command
}

/// Runs the binary to its end.
pub(crate) fn run(home: &Path, args: &[&str]) -> (ExitStatus, String, String) {
    let output = clean(home).args(args).output().expect("the binary runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status, text(&output.stdout), text(&output.stderr))
}

fn address(printed: &str) -> Option<SocketAddr> {
    let start = printed.find("://127.0.0.1:").or_else(|| printed.find("://[::1]:"))? + "://".len();
    let rest = &printed[start..];
    let end = rest.find(|c: char| c == '/' || c.is_whitespace())?;
    rest[..end].parse().ok()
}

impl Printed {
    fn text(&self) -> String {
        self.0
            .lock()
            .expect("nobody panics holding it")
            .iter()
            .map(|line| format!("{line}\n"))
            .collect()
    }

    fn follow(&self, stream: impl Read + Send + 'static) {
        let lines = self.0.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                lines.lock().expect("nobody panics holding it").push(line);
            }
        });
    }
}
