//! A world without sockets: an upstream that answers as it is told, variables, files and a clock.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use gateway_providers::cloud::{Access, Keeper, Means, Source, Surroundings};
use gateway_providers::{Egress, Transport, TransportError, WireRequest, WireResponse};
use gateway_types::{Error, ManualClock, Now, Tick, Wall};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tokio::sync::Semaphore;

/// The time when everything begins: 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600_000;

/// A request as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) egress: Egress,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A field of the form in the body.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let pair = |pair: &str| {
            pair.split_once('=')
                .map(|(name, value)| (unescape(name), unescape(value)))
        };
        self.body
            .split('&')
            .filter_map(pair)
            .find(|(found, _)| found == name)
            .map(|(_, value)| value)
    }
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

pub(crate) type Reply = Result<(u16, String), TransportError>;
type Answers = Box<dyn Fn(&Seen) -> Reply + Send + Sync>;

/// The world.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) egress: Egress,
    pub(crate) variables: HashMap<&'static str, String>,
    pub(crate) files: HashMap<&'static str, String>,
    answers: Mutex<Answers>,
    seen: Mutex<Vec<Seen>>,
    /// An answer comes once there is a permit.
    gate: Semaphore,
}

impl World {
    /// A world whose upstreams answer like this.
    pub(crate) fn new(answers: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let now = Now {
            wall: Wall::from_millis(START),
            tick: Tick::default(),
        };
        Self {
            clock: ManualClock::at(now),
            egress: Egress::default(),
            variables: HashMap::new(),
            files: HashMap::new(),
            answers: Mutex::new(Box::new(answers)),
            seen: Mutex::default(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        }
    }

    /// A world where nobody answers.
    pub(crate) fn silent() -> Self {
        Self::new(|seen| Err(TransportError::Unreachable(format!("nobody at {}", seen.url))))
    }

    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.insert(name, value.into());
        self
    }

    pub(crate) fn file(mut self, path: &'static str, text: impl Into<String>) -> Self {
        self.files.insert(path, text.into());
        self
    }

    pub(crate) fn answer(&self, answers: impl Fn(&Seen) -> Reply + Send + Sync + 'static) {
        *self.answers.lock().unwrap() = Box::new(answers);
    }

    /// From now on answers come one by one, as they are let through.
    pub(crate) fn hold_back(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn let_through(&self) {
        self.gate.add_permits(1);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn means(&self) -> Means<'_> {
        Means {
            transport: self,
            egress: &self.egress,
            surroundings: self,
            clock: &self.clock,
        }
    }

    /// What a source gives in this world.
    pub(crate) async fn ask(&self, source: Source) -> Result<Access, Error> {
        Keeper::new(source).access(&self.means()).await
    }
}

#[async_trait]
impl Transport for World {
    async fn send(&self, request: WireRequest, egress: &Egress) -> Result<WireResponse, TransportError> {
        let seen = Seen {
            method: request.method.to_string(),
            url: request.uri.to_string(),
            headers: request.headers,
            body: request
                .body
                .0
                .iter()
                .map(|slice| String::from_utf8_lossy(slice))
                .collect(),
            egress: egress.clone(),
        };
        self.seen.lock().unwrap().push(seen.clone());
        self.gate.acquire().await.unwrap().forget();
        let (status, body) = self.answers.lock().unwrap()(&seen)?;
        Ok(WireResponse {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Full::new(Bytes::from(body))
                .map_err(|never| match never {})
                .boxed_unsync(),
        })
    }
}

impl Surroundings for World {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn read(&self, path: &str) -> io::Result<String> {
        self.files
            .get(path)
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

/// The token in an access.
pub(crate) fn bearer(access: &Access) -> &str {
    match access {
        Access::Bearer(token) => token.expose(),
        other => panic!("no token: {other:?}"),
    }
}

/// The key id, the key and the session token in an access.
pub(crate) fn aws(access: &Access) -> (&str, &str, Option<&str>) {
    match access {
        Access::Aws(keys) => (
            &keys.access_key_id,
            keys.secret_access_key.expose(),
            keys.session_token.as_ref().map(|token| token.expose()),
        ),
        other => panic!("no keys: {other:?}"),
    }
}
