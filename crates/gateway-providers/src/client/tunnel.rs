//! The handshakes by which proxies let a connection through to its target: `CONNECT`, and SOCKS5 (RFC 1928, RFC 1929).

use std::fmt;
use std::io;
use std::net::IpAddr;

use http::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a proxy may say before it lets through.
const HEAD: usize = 8192;
const SOCKS5: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const PASSWORD: u8 = 2;

/// Why a proxy did not let through.
#[derive(Debug)]
pub(super) enum Refusal {
    Io(io::Error),
    Said(String),
}

impl From<io::Error> for Refusal {
    fn from(why: io::Error) -> Self {
        Self::Io(why)
    }
}

impl From<&str> for Refusal {
    fn from(why: &str) -> Self {
        Self::Said(why.to_owned())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(why) => why.fmt(f),
            Self::Said(why) => f.write_str(why),
        }
    }
}

/// Asks an HTTP proxy for a tunnel to `target`, which is `host:port`.
pub(super) async fn connect(
    stream: &mut TcpStream,
    target: &str,
    authorization: Option<&HeaderValue>,
) -> Result<(), Refusal> {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
    if let Some(authorization) = authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(authorization.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).await?;
    let head = head(stream).await?;
    let line = head.split(|&byte| byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split(' ');
    match (words.next(), words.next()) {
        (Some("HTTP/1.1" | "HTTP/1.0"), Some("200")) => Ok(()),
        (_, Some("407")) => Err("it asks for other credentials (407)".into()),
        _ => Err(Refusal::Said(format!("it says `{line}`"))),
    }
}

/// Reads up to the empty line and nothing beyond it: what follows is the target's.
async fn head(stream: &mut TcpStream) -> Result<Vec<u8>, Refusal> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD {
            return Err("its answer is too long".into());
        }
        head.push(stream.read_u8().await?);
    }
    Ok(head)
}

/// Asks a SOCKS5 proxy for a connection to a host, which it resolves itself, and a port. User and password have been
/// measured.
pub(super) async fn socks5(
    stream: &mut TcpStream,
    host: &str,
    port: u16,
    credentials: Option<(&str, &str)>,
) -> Result<(), Refusal> {
    let method = match credentials {
        Some(_) => PASSWORD,
        None => NO_AUTHENTICATION,
    };
    stream.write_all(&[SOCKS5, 1, method]).await?;
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).await?;
    if chosen != [SOCKS5, method] {
        return Err("it wants another way of authentication".into());
    }
    if let Some((user, password)) = credentials {
        let mut said = vec![1];
        text(&mut said, user)?;
        text(&mut said, password)?;
        stream.write_all(&said).await?;
        let mut outcome = [0; 2];
        stream.read_exact(&mut outcome).await?;
        if outcome[1] != 0 {
            return Err("it does not take the credentials".into());
        }
    }
    let mut request = vec![SOCKS5, 1, 0];
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            request.push(1);
            request.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            request.push(4);
            request.extend(address.octets());
        }
        Err(_) => {
            request.push(3);
            text(&mut request, host)?;
        }
    }
    request.extend(port.to_be_bytes());
    stream.write_all(&request).await?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await?;
    if answer[1] != 0 {
        return Err(Refusal::Said(reason(answer[1])));
    }
    // The address that it uses itself is of no interest, but stands before the target's bytes.
    let length = match answer[3] {
        1 => 4,
        3 => usize::from(stream.read_u8().await?),
        4 => 16,
        _ => return Err("its answer cannot be read".into()),
    };
    let mut bound = [0; 255 + 2];
    stream.read_exact(&mut bound[..length + 2]).await?;
    Ok(())
}

/// A text with its length before it.
fn text(to: &mut Vec<u8>, text: &str) -> Result<(), Refusal> {
    let length = u8::try_from(text.len()).map_err(|_| Refusal::from("a name has more than 255 bytes"))?;
    to.push(length);
    to.extend_from_slice(text.as_bytes());
    Ok(())
}

fn reason(code: u8) -> String {
    let reason = match code {
        1 => "general failure",
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "took too long",
        7 => "command not supported",
        8 => "address type not supported",
        _ => return format!("it says {code}"),
    };
    reason.to_owned()
}
