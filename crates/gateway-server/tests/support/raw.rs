//! A bare connection, for clients that do not behave.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::within;

/// A connection on which anything can be said.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(
            within("connecting", TcpStream::connect(address))
                .await
                .expect("the gateway takes connections"),
        )
    }

    /// Says that. A gateway that has hung up already is no error: what it said before can still be read.
    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).await.is_ok()
    }

    /// All that the gateway says until it hangs up.
    pub(crate) async fn until_closed(mut self) -> String {
        let mut said = Vec::new();
        let _reset_by_peer = within("the gateway hangs up", self.0.read_to_end(&mut said)).await;
        String::from_utf8_lossy(&said).into_owned()
    }

    /// The head of the gateway's answer.
    pub(crate) async fn head(&mut self) -> String {
        let mut said = Vec::new();
        while !said.ends_with(b"\r\n\r\n") {
            match within("the head of an answer", self.0.read_u8()).await {
                Ok(byte) => said.push(byte),
                Err(_) => break,
            }
        }
        String::from_utf8_lossy(&said).into_owned()
    }
}
