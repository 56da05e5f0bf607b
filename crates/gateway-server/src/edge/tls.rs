//! TLS towards clients: one set of settings for all workers, and a certificate that may change while they serve.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use zeroize::Zeroizing;

/// How often is looked whether the files have changed.
const LOOK: Duration = Duration::from_secs(2);
const SPEAKS_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 80\r\nconnection: close\r\n\r\n{\"error\":{\"message\":\"this port speaks TLS: use https://\",\"code\":\"tls_required\"}}";
/// What ALPN calls HTTP/2.
pub(crate) const H2: &[u8] = b"h2";

/// Why clients cannot be spoken to in TLS.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be used.
    #[error("{option} {}: {why}", path.display())]
    File {
        /// The option that names it.
        option: &'static str,
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The library refused.
    #[error("TLS cannot be set up: {0}")]
    Library(#[from] rustls::Error),
}

/// How clients are spoken to.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    certificate: Arc<Certificate>,
    refused: Mutex<Option<TlsError>>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// With the certificate and the key in those files, and what watches over them.
    pub(crate) fn of(certificate: &Path, key: &Path) -> Result<(Arc<Self>, Watched), TlsError> {
        let paths = Paths {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        };
        let found = paths.read();
        let certificate = Arc::new(Certificate(RwLock::new(paths.take(&found)?)));
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Certificate>::clone(&certificate));
        config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec()];
        // Tickets are sealed with keys that every worker has: a client comes back to any of them without a second full
        // handshake, and nothing is kept here for those that do not.
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        let tls = Arc::new(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate,
            refused: Mutex::default(),
        });
        let watched = Watched {
            tls: Arc::clone(&tls),
            paths,
            seen: found,
            suspect: None,
        };
        Ok((tls, watched))
    }

    /// Begins to speak TLS. A client that begins in plain HTTP is told what is spoken here.
    pub(crate) async fn accept(&self, mut stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let mut first = [0];
        // A handshake begins with a byte that no method does.
        if stream.peek(&mut first).await? == 1 && first[0].is_ascii_uppercase() {
            stream.write_all(SPEAKS_TLS).await?;
            stream.shutdown().await?;
            // Closing with something unread would take the answer back.
            while stream.read(&mut [0; 1024]).await? > 0 {}
            return Err(std::io::Error::other("the client speaks plain HTTP"));
        }
        self.acceptor.accept(stream).await
    }

    /// Why the files as they are now are not in force, if so.
    pub(crate) fn refused(&self) -> Option<String> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.as_ref().map(ToString::to_string)
    }

    fn note(&self, refused: Option<TlsError>) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = refused;
    }
}

/// What handshakes show. Sessions that were begun with an earlier certificate go on.
#[derive(Debug)]
struct Certificate(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// The files under watch. Their content is compared, not their times, as that of the configuration file is.
pub(crate) struct Watched {
    tls: Arc<Tls>,
    paths: Paths,
    seen: Pair,
    /// What could not be taken when it was first seen: the other file of a pair that is being replaced may be on its way.
    suspect: Option<Pair>,
}

impl Watched {
    /// Takes the files up if they have changed and fit each other.
    fn look(&mut self) {
        let found = self.paths.read();
        if found == self.seen {
            self.suspect = None;
            return;
        }
        match self.paths.take(&found) {
            Ok(certified) => {
                *self.tls.certificate.0.write().unwrap_or_else(PoisonError::into_inner) = certified;
                self.tls.note(None);
                tracing::info!(file = %self.paths.certificate.display(), "the certificate was taken up");
            }
            Err(_) if self.suspect.as_ref() != Some(&found) => {
                self.suspect = Some(found);
                return;
            }
            Err(error) => {
                tracing::error!(%error, "the certificate was refused; what was in force stays");
                self.tls.note(Some(error));
            }
        }
        (self.seen, self.suspect) = (found, None);
    }
}

/// Looks every two seconds, and whenever asked, until nobody can ask any more.
pub(crate) async fn watch(mut files: Watched, mut asked: watch::Receiver<()>) {
    loop {
        tokio::select! {
            asked = asked.changed() => if asked.is_err() { return },
            () = tokio::time::sleep(LOOK) => {}
        }
        files.look();
    }
}

/// Where a certificate and its key are.
#[derive(Debug)]
struct Paths {
    certificate: PathBuf,
    key: PathBuf,
}

/// What the files hold, or why they cannot be read.
#[derive(PartialEq, Eq)]
struct Pair {
    certificate: Result<Vec<u8>, String>,
    key: Result<Zeroizing<Vec<u8>>, String>,
}

impl Paths {
    fn read(&self) -> Pair {
        let read = |path| std::fs::read(path).map_err(|error| format!("it cannot be read: {error}"));
        Pair {
            certificate: read(&self.certificate),
            key: read(&self.key).map(Zeroizing::new),
        }
    }

    /// A chain and the key that belongs to it.
    fn take(&self, found: &Pair) -> Result<Arc<CertifiedKey>, TlsError> {
        let chain = found.certificate.as_deref().map_err(Clone::clone).and_then(chain);
        let chain = chain.map_err(|why| self.wrong_certificate(why))?;
        let key = found.key.as_ref().map_err(Clone::clone);
        let key = key
            .and_then(|pem| private_key(pem))
            .map_err(|why| self.wrong_key(why))?;
        let provider = aws_lc_rs::default_provider();
        certified(chain, key, &provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                let why = format!("it is not the key of the certificate in {}", self.certificate.display());
                self.wrong_key(why)
            }
            rustls::Error::InvalidCertificate(error) => {
                self.wrong_certificate(format!("its first certificate cannot be used: {error:?}"))
            }
            error => self.wrong_key(error.to_string()),
        })
    }

    fn wrong_certificate(&self, why: String) -> TlsError {
        let (option, path) = ("--tls-cert", self.certificate.clone());
        TlsError::File { option, path, why }
    }

    fn wrong_key(&self, why: String) -> TlsError {
        let (option, path) = ("--tls-key", self.key.clone());
        TlsError::File { option, path, why }
    }
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, rustls::Error> {
    CertifiedKey::from_der(chain, key, provider).map(Arc::new)
}

fn chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    match chain.map_err(|error| not_pem(&error))? {
        chain if chain.is_empty() => {
            Err("there is no certificate in it; give the chain as PEM, the server's own first".into())
        }
        chain => Ok(chain),
    }
}

fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    const LOCKED: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
        pem::Error::NoItemsFound if pem.windows(LOCKED.len()).any(|part| part == LOCKED) => {
            "the private key in it is locked with a passphrase; give it without one".into()
        }
        pem::Error::NoItemsFound => "there is no private key in it; give it as PEM".into(),
        error => not_pem(&error),
    })
}

/// What is wrong with a file, without a byte of it: it may hold a key.
fn not_pem(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { .. } => "it is no PEM: a section has no end",
        pem::Error::IllegalSectionStart { .. } => "it is no PEM: a section begins wrongly",
        pem::Error::Base64Decode(_) => "it is no PEM: a section is not base64",
        _ => "it is no PEM",
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_plain_http_says_its_own_length() {
        let text = std::str::from_utf8(SPEAKS_TLS).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let length = format!("content-length: {}\r\n", body.len());
        assert!(head.contains(&length), "{length}");
    }
}
