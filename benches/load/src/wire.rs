//! How the two sides of a target speak, and what encryption needs: an authority and a certificate of this run's own.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::Failure;

/// What the client speaks, and what the upstream does. Where nothing is said it is HTTP/1.1 in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Wire {
    /// Both in the clear.
    Plain,
    /// The client over TLS.
    TlsIn,
    /// The upstream over TLS.
    TlsOut,
    /// The client in HTTP/2, by prior knowledge.
    Http2In,
    /// The upstream in HTTP/2, by prior knowledge.
    Http2Out,
}

impl Wire {
    /// As it is said on a command line.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::TlsIn => "tls-in",
            Self::TlsOut => "tls-out",
            Self::Http2In => "http2-in",
            Self::Http2Out => "http2-out",
        }
    }
}

/// Where the files are: the authority's certificate, and the certificate and key of whoever serves.
#[derive(Clone, Debug)]
pub(crate) struct Papers {
    pub(crate) authority: PathBuf,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Papers {
    /// Those of a folder, made or not.
    pub(crate) fn of(folder: &Path) -> Self {
        Self {
            authority: folder.join("authority.pem"),
            certificate: folder.join("certificate.pem"),
            key: folder.join("key.pem"),
        }
    }

    /// Makes them, for servers on the loopback interface.
    pub(crate) fn make(folder: &Path) -> Result<Self, Failure> {
        let papers = Self::of(folder);
        let mut authority = rcgen::CertificateParams::new(Vec::new())?;
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        // Two names, or the one who is vouched for looks like one who vouches for himself.
        authority
            .distinguished_name
            .push(rcgen::DnType::CommonName, "authority of the bench");
        authority.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        let authority = rcgen::CertifiedIssuer::self_signed(authority, rcgen::KeyPair::generate()?)?;
        let mut server = rcgen::CertificateParams::new(vec!["localhost".to_owned()])?;
        server
            .subject_alt_names
            .push(rcgen::SanType::IpAddress(Ipv4Addr::LOCALHOST.into()));
        server.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
        let key = rcgen::KeyPair::generate()?;
        let server = server.signed_by(&key, &authority)?;
        std::fs::write(&papers.authority, authority.pem())?;
        std::fs::write(&papers.certificate, server.pem())?;
        std::fs::write(&papers.key, key.serialize_pem())?;
        Ok(papers)
    }

    /// For a server of HTTP/1.1.
    pub(crate) fn serving(&self) -> Result<Arc<ServerConfig>, Failure> {
        let chain = CertificateDer::pem_file_iter(&self.certificate)?.collect::<Result<_, _>>()?;
        let key = PrivateKeyDer::from_pem_file(&self.key)?;
        let config = ServerConfig::builder().with_no_client_auth();
        Ok(Arc::new(config.with_single_cert(chain, key)?))
    }

    /// For a client that trusts the authority and nobody else.
    pub(crate) fn asking(&self) -> Result<Arc<ClientConfig>, Failure> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(&self.authority)? {
            roots.add(certificate?)?;
        }
        let config = ClientConfig::builder().with_root_certificates(roots);
        Ok(Arc::new(config.with_no_client_auth()))
    }
}
