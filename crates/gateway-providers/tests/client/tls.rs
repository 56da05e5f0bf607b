//! TLS with an authority made up for the test.

use std::sync::Arc;

use gateway_providers::transport::{Egress, TransportError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::fetch;
use crate::server::{Server, echo};

/// A server for `localhost`, and its authority as PEM.
pub(crate) async fn start() -> (Server, Arc<str>) {
    serving(|acceptor, stream| async move {
        if let Ok(stream) = acceptor.accept(stream).await {
            echo(stream).await;
        }
    })
    .await
}

/// The same with a handler of the test's own, which is to make the handshake itself.
pub(crate) async fn serving<F>(handle: impl Fn(TlsAcceptor, TcpStream) -> F + Send + 'static) -> (Server, Arc<str>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (config, pem) = made_up();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    (Server::start(move |stream| handle(acceptor.clone(), stream)).await, pem)
}

fn made_up() -> (ServerConfig, Arc<str>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let chain: Vec<CertificateDer<'static>> = vec![leaf.der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (config, authority.pem().into())
}

pub(crate) fn trusting(pem: &Arc<str>) -> Egress {
    Egress {
        ca_cert_pem: Some(Arc::clone(pem)),
        ..Egress::default()
    }
}

#[tokio::test]
async fn an_authority_of_the_operators_is_trusted_and_no_other() {
    let (server, pem) = start().await;
    let url = format!("https://localhost:{}/", server.address.port());
    let (status, seen) = fetch(&url, &trusting(&pem)).await.unwrap();
    assert!(
        status == 200 && seen.contains(&format!("host: localhost:{}", server.address.port())),
        "{seen}"
    );

    let error = fetch(&url, &Egress::default()).await.unwrap_err();
    assert!(
        matches!(&error, TransportError::Unreachable(why) if why.contains("certificate")),
        "{error}"
    );
    let (_, other) = start().await;
    let error = fetch(&url, &trusting(&other)).await.unwrap_err();
    assert!(matches!(error, TransportError::Unreachable(_)), "{error}");
}

#[tokio::test]
async fn a_certificate_of_another_name_is_refused_unless_verification_is_off() {
    let (server, pem) = start().await;
    let url = format!("https://{}/", server.address);
    let error = fetch(&url, &trusting(&pem)).await.unwrap_err();
    assert!(matches!(error, TransportError::Unreachable(_)), "{error}");
    let blind = Egress {
        insecure_skip_verify: true,
        ..Egress::default()
    };
    assert_eq!(fetch(&url, &blind).await.unwrap().0, 200);
}

#[tokio::test]
async fn an_authority_that_is_none_is_named() {
    for pem in [
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let error = fetch("https://localhost/", &trusting(&pem.into())).await.unwrap_err();
        assert!(
            matches!(&error, TransportError::Misconfigured(why) if why.contains("ca_cert_pem")),
            "{error}"
        );
    }
}
