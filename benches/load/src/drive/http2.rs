//! A client of HTTP/2 by prior knowledge: one connection, on which many ask at once.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use super::{Door, Shot};
use crate::Failure;

#[derive(Clone)]
pub(super) struct Channel {
    sender: SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
}

impl Channel {
    pub(super) async fn open(door: &Door, shot: &Shot) -> Result<Self, Failure> {
        let socket = TcpStream::connect(door.address).await?;
        socket.set_nodelay(true)?;
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await?;
        // It ends with the last of those who ask on it.
        tokio::spawn(async move { connection.await.unwrap_or_default() });
        let mut request = Request::builder()
            .method(shot.method.clone())
            .uri(format!("http://{}{}", door.address, shot.path));
        for (name, value) in &shot.headers {
            request = request.header(*name, value);
        }
        Ok(Self {
            sender,
            request: request.body(Full::new(shot.body.clone()))?,
        })
    }

    /// One request and its whole answer, which must be a 200: how long its body is, and the body itself where it is wanted.
    pub(super) async fn ask(&mut self, mut wanted: Option<&mut Vec<u8>>) -> Result<usize, Failure> {
        self.sender.ready().await?;
        let response = self.sender.send_request(self.request.clone()).await?;
        if response.status() != StatusCode::OK {
            return Err(format!("the target did not answer 200: {response:?}").into());
        }
        let mut body = response.into_body();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            length += data.len();
            if let Some(wanted) = wanted.as_deref_mut() {
                wanted.extend_from_slice(&data);
            }
        }
        Ok(length)
    }
}
