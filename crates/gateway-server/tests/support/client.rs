//! A plain HTTP client: one connection per request, closed when its answer is dropped.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::{document, within};

/// A request in the making.
#[derive(Clone)]
pub(crate) struct Call {
    address: SocketAddr,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// An answer that has come whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An answer that is still coming. Dropping it is a client that goes away.
pub(crate) struct Live {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    body: Incoming,
    read: Vec<u8>,
}

impl Call {
    pub(crate) fn new(address: SocketAddr, method: Method, path: &str) -> Self {
        Self {
            address,
            method,
            path: path.into(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn bearer(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text(&body.to_string())
    }

    /// A form, byte for byte, whose parts stand between `--edge`.
    pub(crate) fn form(mut self, body: &str) -> Self {
        self.body = Bytes::copy_from_slice(body.as_bytes());
        self.header("content-type", "multipart/form-data; boundary=edge")
    }

    /// A JSON body, byte for byte.
    pub(crate) fn text(self, body: &str) -> Self {
        self.bytes(body.as_bytes())
    }

    pub(crate) fn bytes(mut self, body: &[u8]) -> Self {
        self.body = Bytes::copy_from_slice(body);
        self.header("content-type", "application/json")
    }

    /// Sends it and reads the whole answer.
    pub(crate) async fn send(self) -> Reply {
        let (method, path) = (self.method.clone(), self.path.clone());
        let what = format!("{method} {path}");
        let reply = within(&what, async { self.open().await.whole().await }).await;
        document::check(&method, &path, reply.status, &reply.body);
        reply
    }

    /// Sends it to a gateway that may go away, and says whether a whole answer came.
    pub(crate) async fn try_sent(self) -> bool {
        let Ok(mut live) = within("an answer or its end", self.try_open()).await else {
            return false;
        };
        while let Some(chunk) = live.chunk().await {
            if chunk.is_err() {
                return false;
            }
        }
        true
    }

    /// Sends it and reads the head of the answer.
    pub(crate) async fn open(self) -> Live {
        let what = format!("{} {}", self.method, self.path);
        within(&what, self.try_open())
            .await
            .unwrap_or_else(|why| panic!("{what}: {why}"))
    }

    /// The same, for a gateway that may not be there.
    pub(crate) async fn try_open(self) -> Result<Live, Box<dyn std::error::Error + Send + Sync>> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let host_given = self.headers.iter().any(|(name, _)| name == "host");
        let mut request = Request::builder().method(self.method).uri(&self.path);
        if !host_given {
            request = request.header("host", self.address.to_string());
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = sender.send_request(request.body(Full::new(self.body))?).await?;
        let (head, body) = response.into_parts();
        Ok(Live {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
            read: Vec::new(),
        })
    }
}

impl Live {
    /// The next bytes; `None` at the end. An answer that breaks off is an error.
    pub(crate) async fn chunk(&mut self) -> Option<Result<Bytes, hyper::Error>> {
        loop {
            match within("the next bytes of an answer", self.body.frame()).await? {
                Ok(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Some(Ok(data));
                    }
                }
                Err(why) => return Some(Err(why)),
            }
        }
    }

    /// The data of the next server-sent event; `None` at the end.
    pub(crate) async fn event(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.read.windows(2).position(|pair| pair == b"\n\n") {
                let frame: Vec<u8> = self.read.drain(..end + 2).collect();
                let frame = String::from_utf8(frame).expect("an event is UTF-8");
                let data = frame
                    .lines()
                    .filter_map(|line| line.strip_prefix("data:"))
                    .map(str::trim_start);
                return Some(data.collect::<Vec<_>>().join("\n"));
            }
            let bytes = self.chunk().await?.expect("a stream must not break off");
            self.read.extend_from_slice(&bytes);
        }
    }

    /// All events up to the end.
    pub(crate) async fn events(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        while let Some(event) = self.event().await {
            events.push(event);
        }
        events
    }

    pub(crate) async fn whole(self) -> Reply {
        let Self {
            status,
            headers,
            body,
            read,
        } = self;
        let mut whole = read;
        let rest = within("the rest of an answer", body.collect())
            .await
            .expect("an answer must not break off");
        whole.extend_from_slice(&rest.to_bytes());
        Reply {
            status,
            headers,
            body: whole.into(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("a header of ours is text"))
    }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("a header of ours is text"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|why| panic!("status {}, not JSON ({why}): {}", self.status, self.text()))
    }

    /// The same, once the status is as it should be.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// What the model said.
    #[track_caller]
    pub(crate) fn said(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["choices"][0]["message"]["content"]
            .as_str()
            .expect("an answer has content")
            .to_owned()
    }

    /// `error.code` of an error in the OpenAI dialect, which must be whole.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        let error = &body["error"];
        assert!(
            error["message"].is_string() && error["type"].is_string(),
            "not an OpenAI error: {body}"
        );
        assert!(
            error.get("param").is_some() && error.get("code").is_some(),
            "not an OpenAI error: {body}"
        );
        error["code"].as_str().unwrap_or_default().to_owned()
    }

    /// `error.message`, in either shape of errors.
    #[track_caller]
    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"]
            .as_str()
            .unwrap_or_else(|| panic!("no message: {}", self.text()))
            .to_owned()
    }
}
