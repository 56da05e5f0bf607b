//! `GET /metrics`.

use std::fmt::Write;
use std::sync::atomic::Ordering;

use http::{Response, StatusCode};

use super::process;
use crate::respond::{Body, typed};
use crate::state::Edge;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Everything, as Prometheus reads it, with the prefix of the settings.
pub(crate) fn answer(edge: &Edge) -> Response<Body> {
    let mut text = edge.metrics.render();
    let mut gauge = |name: &str, kind: &str, help: &str, value: u64| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    };
    let connections = edge.connections.load(Ordering::Relaxed) as u64;
    gauge(
        "bifrost_client_connections",
        "gauge",
        "Client connections that are open.",
        connections,
    );
    let dropped = edge.gateway.dropped_rows();
    gauge(
        "bifrost_log_rows_dropped_total",
        "counter",
        "Log rows that found their queue full.",
        dropped,
    );
    process::render(&mut text);
    let config = edge.gateway.control().config();
    typed(
        StatusCode::OK,
        TEXT,
        renamed(text, &config.client_config.metrics_prefix),
    )
}

/// The prefix that series have inside, and outside unless the settings say otherwise.
pub(super) const PREFIX: &str = "bifrost";

/// Every metric of ours under another prefix. Only names at their places in lines are touched, never labels.
fn renamed(text: String, prefix: &str) -> String {
    let legal = |prefix: &str| {
        prefix.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if prefix == PREFIX || !legal(prefix) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let (lead, rest) = ["# HELP ", "# TYPE ", ""]
            .into_iter()
            .find_map(|lead| line.strip_prefix(lead).map(|rest| (lead, rest)))
            .unwrap_or(("", line));
        match rest.strip_prefix(PREFIX).filter(|tail| tail.starts_with('_')) {
            Some(tail) => {
                let _ = writeln!(out, "{lead}{prefix}{tail}");
            }
            None => {
                let _ = writeln!(out, "{line}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_take_another_prefix() {
        let text = "# TYPE bifrost_a counter\nbifrost_a{model=\"bifrost_x\"} 1\nprocess_open_fds 3\n";
        let expected = "# TYPE llm_a counter\nllm_a{model=\"bifrost_x\"} 1\nprocess_open_fds 3\n";
        assert_eq!(renamed(text.into(), "llm"), expected);
        for same in ["bifrost", "", "9x", "a-b"] {
            assert_eq!(renamed(text.into(), same), text);
        }
    }
}
