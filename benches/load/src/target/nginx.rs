//! nginx as a reverse proxy: one worker, nothing logged, connections to the upstream kept.

use std::net::SocketAddr;
use std::process::Command;

use tempfile::TempDir;

use super::{Upstream, free_address, listens};
use crate::Failure;
use crate::process::{Process, TARGET};
use crate::wire::Wire;

/// Starts it where it is installed and can speak so: to upstreams it speaks no HTTP/2.
pub(super) fn start(upstream: &Upstream) -> Result<Option<(Process, SocketAddr, TempDir)>, Failure> {
    let installed = Command::new("nginx").arg("-v").output();
    if upstream.wire == Wire::Http2Out || !installed.is_ok_and(|output| output.status.success()) {
        return Ok(None);
    }
    let folder = TempDir::new()?;
    let address = free_address()?;
    let path = folder.path().join("nginx.conf");
    std::fs::write(&path, settings(upstream, address, &folder))?;
    let mut command = Command::new("nginx");
    command.arg("-c").arg(&path).arg("-p").arg(folder.path());
    let process = Process::start(command, TARGET)?;
    listens(address)?;
    Ok(Some((process, address, folder)))
}

fn settings(upstream: &Upstream, address: SocketAddr, folder: &TempDir) -> String {
    let root = folder.path().display();
    let papers = &upstream.papers;
    let (to, wire) = (upstream.address, upstream.wire);
    let (listen, certificates) = match wire {
        Wire::TlsIn => (
            " ssl",
            format!(
                "ssl_certificate {}; ssl_certificate_key {};",
                papers.certificate.display(),
                papers.key.display()
            ),
        ),
        Wire::Http2In => (" http2", String::new()),
        _ => ("", String::new()),
    };
    let (scheme, trust) = match wire {
        Wire::TlsOut => (
            "https",
            format!(
                "proxy_ssl_trusted_certificate {}; proxy_ssl_verify on; proxy_ssl_name localhost;",
                papers.authority.display()
            ),
        ),
        _ => ("http", String::new()),
    };
    format!(
        "worker_processes 1; worker_rlimit_nofile 100000; daemon off; pid {root}/pid; error_log {root}/errors;\n\
         events {{ worker_connections 50000; }}\n\
         http {{ access_log off; client_max_body_size 10m; client_body_buffer_size 1m; keepalive_requests 10000000;\n\
         client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/f;\n\
         uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;\n\
         upstream up {{ server {to}; keepalive 128; keepalive_requests 10000000; }}\n\
         server {{ listen {address}{listen}; {certificates} location / {{ proxy_pass {scheme}://up; {trust}\n\
         proxy_http_version 1.1; proxy_set_header connection \"\"; proxy_buffering off; }} }} }}\n"
    )
}
