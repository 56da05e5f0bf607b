//! What a client may take, in time and in size.

use std::time::Duration;

use crate::cli::Args;

/// The largest head of a request.
pub(crate) const HEAD_BYTES: usize = 64 * 1024;
/// The most bytes of a body that are read at once: enough for a long prompt, which is not copied if it comes in one piece.
pub(crate) const READ_BYTES: usize = 512 * 1024;
/// The largest body of a management call.
pub(crate) const API_BODY_BYTES: usize = 8 * 1024 * 1024;
/// The slowest that a body may come, in bytes a second, once [`Limits::body_pause`] has passed.
pub(crate) const SLOWEST_BODY: u64 = 1024;
/// How long a client that has stopped reading keeps its connection.
pub(crate) const WRITE_STALL: Duration = Duration::from_secs(60);
/// Of a body that is refused, how much is read away so that the client gets to see the refusal.
pub(crate) const LINGER_BYTES: usize = 64 * 1024 * 1024;
/// For how long it is.
pub(crate) const LINGER: Duration = Duration::from_secs(10);
/// How long a connection that has said nothing stays open once the process is to stop.
pub(crate) const LAST_CALL: Duration = Duration::from_millis(250);
/// Streams of one HTTP/2 connection at the same time.
pub(crate) const H2_STREAMS: u32 = 256;
/// How often an HTTP/2 client is asked whether it is still there.
pub(crate) const H2_PING: Duration = Duration::from_secs(30);
/// Readers of the live log at the same time.
pub(crate) const LIVE_READERS: usize = 64;

/// The limits that an operator can set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How long the head of a request may take.
    pub(crate) head: Duration,
    /// How long a body may pause, and how long it may be slower than [`SLOWEST_BODY`].
    pub(crate) body_pause: Duration,
    /// How long a connection may idle between requests.
    pub(crate) idle: Duration,
    /// Connections at the same time.
    pub(crate) connections: usize,
    /// How long requests may go on once the process is to stop.
    pub(crate) drain: Duration,
}

impl From<&Args> for Limits {
    fn from(args: &Args) -> Self {
        Self {
            head: args.header_timeout.length(),
            body_pause: args.body_timeout.length(),
            idle: args.idle_timeout.length(),
            connections: args.max_connections,
            drain: args.drain_timeout.length(),
        }
    }
}
