//! The few lines that a start prints: where the API, the dashboard and the data are.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

/// What there is to say.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    /// Where the gateway listens.
    pub(crate) address: SocketAddr,
    /// Whether it speaks TLS there.
    pub(crate) tls: bool,
    /// Where its data is.
    pub(crate) data: &'a Path,
    /// The providers that are there.
    pub(crate) providers: &'a [String],
    /// What an operator should know, a sentence each.
    pub(crate) notes: &'a [String],
}

/// Prints it on standard output.
pub(crate) fn print(start: &Start<'_>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text(start).as_bytes())?;
    out.flush()
}

fn text(start: &Start<'_>) -> String {
    let scheme = if start.tls { "https" } else { "http" };
    let base = format!("{scheme}://{}", reachable(start.address));
    let providers = match start.providers {
        [] => String::from("none yet; add one in the dashboard or with POST /api/providers"),
        names => names.join(", "),
    };
    let mut text = format!(
        "gateway-server {} is running\n  API        {base}/v1\n  Dashboard  {base}/\n  Data       {}\n  Providers  {providers}\n",
        env!("CARGO_PKG_VERSION"),
        start.data.display(),
    );
    for note in start.notes {
        text.push_str(&format!("  Note       {note}\n"));
    }
    text
}

/// An address that can be called: "all addresses" is none.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let loopback: std::net::IpAddr = if address.is_ipv4() {
        std::net::Ipv4Addr::LOCALHOST.into()
    } else {
        std::net::Ipv6Addr::LOCALHOST.into()
    };
    SocketAddr::new(loopback, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(address: &str, providers: &[String]) -> Vec<String> {
        let address = address.parse().unwrap();
        let start = Start {
            address,
            tls: false,
            data: Path::new("/d"),
            providers,
            notes: &["mind the gap".into()],
        };
        text(&start).lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_start_says_where_everything_is() {
        let lines = lines("127.0.0.1:8080", &["openai".into(), "anthropic".into()]);
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            lines,
            [
                &format!("gateway-server {version} is running"),
                "  API        http://127.0.0.1:8080/v1",
                "  Dashboard  http://127.0.0.1:8080/",
                "  Data       /d",
                "  Providers  openai, anthropic",
                "  Note       mind the gap",
            ]
        );
    }

    #[test]
    fn an_address_that_stands_for_all_is_shown_as_one_that_can_be_called() {
        assert!(lines("0.0.0.0:1", &[])[1].ends_with("http://127.0.0.1:1/v1"));
        assert!(lines("[::]:1", &[])[1].ends_with("http://[::1]:1/v1"));
        assert!(lines("[::]:1", &[])[4].contains("POST /api/providers"));
    }
}
