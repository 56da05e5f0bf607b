//! TLS towards clients: certificates, ALPN, resumption, renewal.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, HandshakeKind, RootCertStore, SupportedProtocolVersion};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::gateway::{Start, run};
use crate::support::raw::Raw;
use crate::support::{Gateway, Upstream, eventually, settings, shapes, within};

/// A certificate for `localhost`, its key, and who vouches for it.
struct Made {
    certificate: String,
    key: String,
    authority: CertificateDer<'static>,
}

fn made() -> Made {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    Made {
        certificate: leaf.signed_by(&key, &authority).unwrap().pem(),
        key: key.serialize_pem(),
        authority: authority.der().clone(),
    }
}

/// A gateway that shows that certificate.
fn showing(made: &Made) -> Start {
    let start = Gateway::with()
        .write("chain.pem", &made.certificate)
        .write("key.pem", &made.key);
    start.args(&["--tls-cert", "chain.pem", "--tls-key", "key.pem"])
}

/// A client of its own.
struct Client(Arc<ClientConfig>);

/// A connection that is open.
struct Open(TlsStream<TcpStream>);

/// An answer.
struct Got {
    version: Version,
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Client {
    fn trusting(made: &Made, alpn: &[&str]) -> Self {
        Self::speaking(made, alpn, &[&rustls::version::TLS13, &rustls::version::TLS12])
    }

    fn speaking(made: &Made, alpn: &[&str], versions: &[&'static SupportedProtocolVersion]) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(made.authority.clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Self(Arc::new(config))
    }

    async fn connect(&self, address: SocketAddr) -> std::io::Result<Open> {
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        let shaken = TlsConnector::from(Arc::clone(&self.0)).connect(name, stream);
        within("a handshake", shaken).await.map(Open)
    }

    async fn get(&self, address: SocketAddr, path: &str) -> Got {
        self.connect(address).await.unwrap().ask(address, path, None).await
    }
}

impl Open {
    fn kind(&self) -> Option<HandshakeKind> {
        self.0.get_ref().1.handshake_kind()
    }

    /// Asks one thing, in whatever version of HTTP was agreed on.
    async fn ask(self, address: SocketAddr, path: &str, body: Option<&Value>) -> Got {
        let h2 = self.0.get_ref().1.alpn_protocol() == Some(b"h2");
        let authority = format!("localhost:{}", address.port());
        let request = match body {
            Some(_) => Request::post(format!("https://{authority}{path}")),
            None => Request::get(format!("https://{authority}{path}")),
        };
        let body = Full::new(body.map_or_else(Bytes::new, |body| body.to_string().into()));
        let mut request = request.header("content-type", "application/json").body(body).unwrap();
        let io = TokioIo::new(self.0);
        let answer = if h2 {
            let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
                .await
                .unwrap();
            tokio::spawn(connection);
            within(path, sender.send_request(request)).await.unwrap()
        } else {
            *request.uri_mut() = path.parse().unwrap();
            request.headers_mut().insert("host", authority.parse().unwrap());
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
            tokio::spawn(connection);
            within(path, sender.send_request(request)).await.unwrap()
        };
        let (head, body) = answer.into_parts();
        Got {
            version: head.version,
            status: head.status.as_u16(),
            headers: head.headers,
            body: within(path, body.collect()).await.unwrap().to_bytes(),
        }
    }
}

#[tokio::test]
async fn clients_are_served_in_either_version_of_http_and_of_tls() {
    let made = made();
    let gateway = showing(&made).start().await;
    let printed = || async {
        gateway
            .printed()
            .contains(&format!("https://{}/v1", gateway.address))
            .then_some(())
    };
    eventually("it says that it speaks TLS", printed).await;
    for (alpn, version) in [
        (&["h2", "http/1.1"][..], Version::HTTP_2),
        (&["http/1.1"], Version::HTTP_11),
        (&[], Version::HTTP_11),
    ] {
        for tls in [&rustls::version::TLS13, &rustls::version::TLS12] {
            let got = Client::speaking(&made, alpn, &[tls])
                .get(gateway.address, "/livez")
                .await;
            assert_eq!((got.status, got.version), (200, version), "{alpn:?} {tls:?}");
        }
    }
    let stranger = Client::trusting(&self::made(), &["h2"]).connect(gateway.address).await;
    assert!(stranger.is_err(), "a certificate that nobody vouches for is not taken");
}

#[tokio::test]
async fn a_chat_goes_through_over_tls_and_the_management_api_knows_who_is_local() {
    let made = made();
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = showing(&made).start().await;
    for alpn in ["h2", "http/1.1"] {
        let client = Client::trusting(&made, &[alpn]);
        let ask = async |path: &str, body: Value| {
            let open = client.connect(gateway.address).await.unwrap();
            open.ask(gateway.address, path, Some(&body)).await
        };
        let name = alpn.replace(['/', '.'], "-");
        let added = ask("/api/providers", settings::self_hosted(&name, &upstream)).await;
        assert_eq!(added.status, 200, "{:?}", added.body);
        let got = ask("/v1/chat/completions", shapes::chat(&format!("{name}/m"))).await;
        assert_eq!(got.status, 200, "{:?}", got.body);
        assert!(String::from_utf8_lossy(&got.body).contains("hello"), "{:?}", got.body);
    }
}

#[tokio::test]
async fn the_cookie_of_a_login_over_tls_is_for_tls_only() {
    let made = made();
    let gateway = showing(&made).start().await;
    let client = Client::trusting(&made, &["h2"]);
    let ask = async |path: &str, body: Value| {
        let open = client.connect(gateway.address).await.unwrap();
        open.ask(gateway.address, path, Some(&body)).await
    };
    let (name, password) = ("root", "correct horse battery");
    let user = json!({"username": name, "password": password, "role": "admin"});
    assert_eq!(ask("/api/users", user).await.status, 200);
    let got = ask("/api/session/login", json!({"username": name, "password": password})).await;
    assert_eq!(got.status, 200, "{:?}", got.body);
    let cookie = got.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.ends_with("; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_client_comes_back_to_any_worker_without_a_second_full_handshake() {
    let made = made();
    let gateway = showing(&made).args(&["--workers", "3"]).start().await;
    for tls in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let client = Client::speaking(&made, &["http/1.1"], &[tls]);
        for visit in 0..4 {
            let open = client.connect(gateway.address).await.unwrap();
            let resumed = matches!(open.kind(), Some(HandshakeKind::Resumed));
            assert_eq!(resumed, visit > 0, "{tls:?} {visit}: {:?}", open.kind());
            assert_eq!(open.ask(gateway.address, "/livez", None).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_up_and_a_wrong_one_is_not() {
    let (first, second) = (made(), made());
    let gateway = showing(&first).start().await;
    let early = Client::trusting(&first, &["h2"])
        .connect(gateway.address)
        .await
        .unwrap();

    std::fs::write(gateway.file("key.pem"), &second.key).unwrap();
    std::fs::write(gateway.file("chain.pem"), &second.certificate).unwrap();
    eventually("the new certificate is shown", || async {
        let client = Client::trusting(&second, &["h2"]);
        client.connect(gateway.address).await.ok().map(drop)
    })
    .await;
    assert_eq!(
        early.ask(gateway.address, "/livez", None).await.status,
        200,
        "it goes on"
    );

    std::fs::write(gateway.file("chain.pem"), "not a certificate").unwrap();
    let client = Client::trusting(&second, &["h2"]);
    let ready = eventually("what is wrong is told", || async {
        let got = client.get(gateway.address, "/readyz").await;
        let said: Value = serde_json::from_slice(&got.body).unwrap();
        (said["certificate"] != "ok").then_some((got.status, said))
    })
    .await;
    assert_eq!(ready.0, 200, "what was in force serves on");
    let said = ready.1["certificate"].as_str().unwrap();
    assert!(
        said.contains("--tls-cert chain.pem") && said.contains("no certificate"),
        "{said}"
    );

    std::fs::write(gateway.file("chain.pem"), &second.certificate).unwrap();
    eventually("it is right again", || async {
        let got = client.get(gateway.address, "/readyz").await;
        let said: Value = serde_json::from_slice(&got.body).unwrap();
        (said["certificate"] == "ok").then_some(())
    })
    .await;
}

#[test]
fn a_file_that_cannot_be_used_is_named_at_the_start_with_what_is_wrong() {
    let (home, one, other) = (TempDir::new().unwrap(), made(), made());
    for (name, text) in [
        ("chain.pem", one.certificate.as_str()),
        ("key.pem", &one.key),
        ("other.pem", &other.key),
        (
            "locked.pem",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        ),
        ("broken.pem", &one.key[..one.key.len() / 2]),
        ("both.pem", &format!("{}{}", one.key, one.certificate)),
    ] {
        std::fs::write(home.path().join(name), text).unwrap();
    }
    for (certificate, key, why) in [
        ("none.pem", "key.pem", "--tls-cert none.pem: it cannot be read"),
        ("chain.pem", "none.pem", "--tls-key none.pem: it cannot be read"),
        (
            "key.pem",
            "key.pem",
            "--tls-cert key.pem: there is no certificate in it",
        ),
        (
            "chain.pem",
            "chain.pem",
            "--tls-key chain.pem: there is no private key in it",
        ),
        (
            "chain.pem",
            "locked.pem",
            "--tls-key locked.pem: the private key in it is locked",
        ),
        ("chain.pem", "broken.pem", "--tls-key broken.pem: it is no PEM"),
        (
            "chain.pem",
            "other.pem",
            "--tls-key other.pem: it is not the key of the certificate in chain.pem",
        ),
        // The files are fine; the host is none, which is told after them.
        ("both.pem", "both.pem", "--host"),
    ] {
        let args = ["--host", "no such host", "--tls-cert", certificate, "--tls-key", key];
        let (status, _, said) = run(home.path(), &args);
        assert!(!status.success() && said.contains(why), "{why}: {said}");
        assert!(!said.contains("PRIVATE KEY---"), "nothing of a key is printed: {said}");
    }
    let (status, _, said) = run(home.path(), &["--tls-cert", "chain.pem"]);
    assert!(!status.success() && said.contains("--tls-key"), "{said}");
}

#[tokio::test]
async fn a_client_that_speaks_plain_http_is_told_and_one_that_says_nothing_is_cut() {
    let gateway = showing(&made()).args(&["--header-timeout", "1s"]).start().await;
    let mut plain = Raw::connect(gateway.address).await;
    plain
        .say("POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}")
        .await;
    let head = plain.head().await;
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    drop(plain);
    let silent = Raw::connect(gateway.address).await;
    assert_eq!(silent.until_closed().await, "");
}
