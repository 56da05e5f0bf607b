//! Ways out through a proxy.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderValue, Uri};
use tokio::net::TcpStream;

use super::dial::{Dial, bare_host, port_of};
use super::tunnel;
use crate::transport::{Proxy, ProxyServer, TransportError};

/// A proxy, understood.
#[derive(Clone, Debug)]
pub(super) enum Route {
    /// Straight.
    Direct,
    /// An HTTP proxy.
    Http {
        server: Uri,
        authorization: Option<HeaderValue>,
    },
    /// A SOCKS5 proxy.
    Socks5 {
        server: Uri,
        credentials: Option<Credentials>,
    },
}

/// A user and a password.
#[derive(Clone)]
pub(super) struct Credentials {
    user: String,
    password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(********)")
    }
}

impl Route {
    /// Understands the settings.
    pub(super) fn read(proxy: &Proxy) -> Result<Self, TransportError> {
        Ok(match proxy {
            Proxy::None => Self::Direct,
            Proxy::Http(server) => Self::Http {
                server: address(server, &["http"], 80)?,
                authorization: basic(server)?,
            },
            Proxy::Socks5(server) => {
                let credentials = credentials(server);
                // The handshake has one byte for each length.
                if credentials
                    .as_ref()
                    .is_some_and(|both| both.user.len() > 255 || both.password.len() > 255)
                {
                    return Err(misconfigured(server, "user and password may have 255 bytes each"));
                }
                Self::Socks5 {
                    server: address(server, &["socks5", "socks5h"], 1080)?,
                    credentials,
                }
            }
        })
    }

    /// Connects through the proxy as far as the target, or only to the proxy where it reads the requests itself.
    pub(super) async fn connect(&self, to: &Uri, dial: Dial) -> Result<TcpStream, TransportError> {
        let server = match self {
            Self::Direct => return dial.connect(bare_host(to), port_of(to)).await,
            Self::Http { server, .. } | Self::Socks5 { server, .. } => server,
        };
        let mut stream = dial.connect(bare_host(server), port_of(server)).await?;
        let opened = match self {
            Self::Http { authorization, .. } if to.scheme_str() == Some("https") => {
                // Its port is spelled out, and its brackets, where it has any, stay.
                let target = format!("{}:{}", to.host().unwrap_or(""), port_of(to));
                tunnel::connect(&mut stream, &target, authorization.as_ref()).await
            }
            Self::Socks5 { credentials, .. } => {
                let credentials = credentials
                    .as_ref()
                    .map(|Credentials { user, password }| (&**user, &**password));
                tunnel::socks5(&mut stream, bare_host(to), port_of(to), credentials).await
            }
            Self::Direct | Self::Http { .. } => Ok(()),
        };
        match opened {
            Ok(()) => Ok(stream),
            Err(why) => Err(refused(server, &why)),
        }
    }
}

fn refused(server: &Uri, why: &dyn std::fmt::Display) -> TransportError {
    let server = server.authority().map_or("", |authority| authority.as_str());
    TransportError::Unreachable(format!("the proxy at {server} did not let us through: {why}"))
}

fn address(server: &ProxyServer, schemes: &[&str], port: u16) -> Result<Uri, TransportError> {
    let text = server.url.trim().trim_end_matches('/');
    let (scheme, rest) = text.split_once("://").unwrap_or((schemes[0], text));
    if !schemes.contains(&scheme) {
        return Err(misconfigured(server, &format!("it must begin with {}://", schemes[0])));
    }
    if rest.contains('@') {
        return Err(misconfigured(server, "credentials belong into username and password"));
    }
    let authority: http::uri::Authority = rest.parse().map_err(|_| misconfigured(server, "write host:port"))?;
    let authority = if authority.port().is_some() {
        authority.to_string()
    } else {
        format!("{authority}:{port}")
    };
    Uri::builder()
        .scheme("http")
        .authority(authority)
        .path_and_query("/")
        .build()
        .map_err(|_| misconfigured(server, "write host:port"))
}

fn credentials(server: &ProxyServer) -> Option<Credentials> {
    let user = server.username.clone().filter(|user| !user.is_empty())?;
    Some(Credentials {
        user,
        password: server.password.clone().unwrap_or_default(),
    })
}

fn basic(server: &ProxyServer) -> Result<Option<HeaderValue>, TransportError> {
    let Some(Credentials { user, password }) = credentials(server) else {
        return Ok(None);
    };
    let text = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
    let mut value = HeaderValue::try_from(text).map_err(|_| misconfigured(server, "its credentials fit no header"))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn misconfigured(server: &ProxyServer, why: &str) -> TransportError {
    TransportError::Misconfigured(format!("the proxy `{}` cannot be used: {why}", shown(&server.url)))
}

/// The URL without what might be a password in it.
fn shown(url: &str) -> &str {
    url.rsplit_once('@').map_or(url, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> ProxyServer {
        ProxyServer {
            url: url.into(),
            username: None,
            password: None,
        }
    }

    #[test]
    fn proxies_are_read_with_their_usual_ports() {
        let uri = |url: &str, schemes: &[&str], port| address(&server(url), schemes, port).map(|uri| uri.to_string());
        assert_eq!(uri("http://proxy:3128/", &["http"], 80).unwrap(), "http://proxy:3128/");
        assert_eq!(uri("proxy", &["http"], 80).unwrap(), "http://proxy:80/");
        assert_eq!(uri("socks5://[::1]", &["socks5"], 1080).unwrap(), "http://[::1]:1080/");
    }

    #[test]
    fn what_is_no_proxy_is_named_without_its_password() {
        let error = Route::read(&Proxy::Http(server("http://u:hunter2@proxy:1")))
            .unwrap_err()
            .to_string();
        assert!(error.contains("proxy:1") && !error.contains("hunter2"), "{error}");
        assert!(Route::read(&Proxy::Http(server("https://proxy:1"))).is_err());
        assert!(Route::read(&Proxy::Socks5(server("http://proxy:1"))).is_err());
    }
}
