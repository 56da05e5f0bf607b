//! TLS towards providers: roots, exceptions, ALPN.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::transport::{Egress, TransportError};

/// The settings of one way out.
pub(super) fn config(egress: &Egress) -> Result<Arc<ClientConfig>, TransportError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|why| TransportError::Misconfigured(format!("TLS cannot be set up: {why}")))?;
    let mut config = if egress.insecure_skip_verify {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
            .with_no_client_auth()
    } else {
        builder
            .with_root_certificates(roots(egress.ca_cert_pem.as_deref())?)
            .with_no_client_auth()
    };
    let alpn: &[u8] = if egress.enforce_http2 { b"h2" } else { b"http/1.1" };
    config.alpn_protocols = vec![alpn.to_vec()];
    Ok(Arc::new(config))
}

fn roots(extra: Option<&str>) -> Result<Arc<RootCertStore>, TransportError> {
    let Some(pem) = extra else { return Ok(machine_roots()) };
    let mut store = RootCertStore::clone(&machine_roots());
    let mut added = 0;
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|why| not_a_root(&why))?;
        store.add(certificate).map_err(|why| not_a_root(&why))?;
        added += 1;
    }
    if added == 0 {
        return Err(not_a_root(&"there is no certificate in it"));
    }
    Ok(Arc::new(store))
}

fn not_a_root(why: &dyn std::fmt::Display) -> TransportError {
    TransportError::Misconfigured(format!(
        "ca_cert_pem cannot be used: {why}; give certificates in PEM form"
    ))
}

/// What the machine trusts; where it has no store, as in an empty container, Mozilla's list. Read once for all workers:
/// it is hundreds of files, and the same for each.
fn machine_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let load = || {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if store.is_empty() {
            store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        Arc::new(store)
    };
    Arc::clone(ROOTS.get_or_init(load))
}

/// Takes any certificate, but still asks for proof of its key.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
