//! A real gateway on the folder, asked over HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use crate::report;

/// The median of so many is told.
const TIMES: usize = 9;

const ASKED: [(&str, &str); 13] = [
    ("/api/overview, 1 h", "/api/overview?minutes=60"),
    ("/api/overview, 24 h", "/api/overview?minutes=1440"),
    ("/api/overview, 7 d", "/api/overview?minutes=10080"),
    ("/api/overview, 30 d", "/api/overview?minutes=43200"),
    ("/api/overview, 90 d", "/api/overview?minutes=129600"),
    (
        "/api/overview of one key, 1 h",
        "/api/overview?minutes=60&virtual_key_ids=vk-0100",
    ),
    (
        "/api/overview of one key, 30 d",
        "/api/overview?minutes=43200&virtual_key_ids=vk-0100",
    ),
    (
        "/api/overview of one key, 90 d",
        "/api/overview?minutes=129600&virtual_key_ids=vk-0100",
    ),
    (
        "/api/logs/histogram/cost, 30 d",
        "/api/logs/histogram/cost?minutes=43200",
    ),
    ("/api/logs/rankings, 30 d", "/api/logs/rankings?minutes=43200"),
    ("/api/logs/filterdata", "/api/logs/filterdata"),
    ("/api/logs", "/api/logs"),
    ("/api/logs?totals=false", "/api/logs?totals=false"),
];

/// Starts the gateway, asks, and stops it.
pub(crate) fn overviews(server: &Path, folder: &Path) {
    let mut running = Running::start(server, folder);
    for (name, path) in ASKED {
        let mut times: Vec<f64> = (0..TIMES).map(|_| running.time(path)).collect();
        times.sort_by(f64::total_cmp);
        report(name, &format!("{:7.2} ms", times[TIMES / 2]));
    }
    running.stop();
}

struct Running {
    child: Child,
    address: String,
    /// Kept open: the gateway may have more to say.
    _said: BufReader<ChildStdout>,
}

impl Running {
    fn start(server: &Path, folder: &Path) -> Self {
        let mut child = Command::new(server)
            .args(["--host", "127.0.0.1", "--port", "0", "--data-dir"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("GATEWAY_SERVER is the path of a gateway-server");
        let mut said = BufReader::new(child.stdout.take().expect("it is piped"));
        let lines = said.by_ref().lines().map_while(Result::ok);
        let address = lines
            .filter_map(|line| line.split("http://").nth(1).map(str::to_owned))
            .map(|rest| {
                rest.chars()
                    .take_while(|c| c.is_ascii_digit() || ".:".contains(*c))
                    .collect::<String>()
            })
            .find(|address| address.contains(':'))
            .expect("the gateway says where it listens");
        Self {
            child,
            address,
            _said: said,
        }
    }

    /// Asks once, over a connection of its own, and gives the milliseconds.
    fn time(&self, path: &str) -> f64 {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let begun = Instant::now();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.address
        )
        .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        assert!(
            answer.starts_with("HTTP/1.1 200"),
            "{path}: {}",
            &answer[..answer.len().min(300)]
        );
        begun.elapsed().as_secs_f64() * 1e3
    }

    fn stop(&mut self) {
        // What is gone already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
