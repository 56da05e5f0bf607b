//! A socket that keeps an eye on its client: it must send a request's head in time, and read its answers.
//!
//! hyper's own head timeout runs while a connection idles between requests, too. Here the clock for a head starts with
//! its first byte, so that idle connections may stay open much longer than a head may take.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

const H2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What the requests of a connection do. Shared by its socket and its service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// Requests whose head has come, in all.
    begun: AtomicUsize,
    /// Requests whose answer is not out yet.
    under_way: AtomicUsize,
}

/// One request under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct Busy(Activity);

impl Activity {
    /// Counts one more.
    pub(crate) fn begin(&self) -> Busy {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        self.0.under_way.fetch_add(1, Ordering::Relaxed);
        Busy(self.clone())
    }

    fn any(&self) -> bool {
        self.0.under_way.load(Ordering::Relaxed) > 0
    }

    fn begun(&self) -> usize {
        self.0.begun.load(Ordering::Relaxed)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A socket under watch.
#[derive(Debug)]
pub(crate) struct Paced<S> {
    socket: S,
    activity: Activity,
    /// Of the requests that have begun, those that are known here.
    begun: usize,
    protocol: Protocol,
    head: Deadline,
    write: Deadline,
}

/// What the first bytes were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    /// So many bytes of the HTTP/2 preface so far.
    Unknown(usize),
    Http1,
    /// Its frames come at any time; it is asked for signs of life instead.
    Http2,
}

/// A limit of time that runs or not.
#[derive(Debug)]
struct Deadline {
    after: Duration,
    sleep: Pin<Box<Sleep>>,
    running: bool,
}

impl<S> Paced<S> {
    /// Watches a socket that has just been accepted: its first head is due.
    pub(crate) fn new(socket: S, activity: Activity, head: Duration, stall: Duration) -> Self {
        let mut paced = Self {
            socket,
            activity,
            begun: 0,
            protocol: Protocol::Unknown(0),
            head: Deadline::new(head),
            write: Deadline::new(stall),
        };
        paced.head.start();
        paced
    }

    fn note(&mut self, read: &[u8]) {
        if let Protocol::Unknown(seen) = self.protocol {
            let expected = &H2_PREFACE[seen..];
            let common = expected.len().min(read.len());
            self.protocol = match (read[..common] == expected[..common], seen + common == H2_PREFACE.len()) {
                (true, true) => Protocol::Http2,
                (true, false) => Protocol::Unknown(seen + common),
                (false, _) => Protocol::Http1,
            };
        }
        self.settle();
        if self.protocol != Protocol::Http2 && !self.activity.any() && !read.is_empty() {
            self.head.start();
        }
    }

    /// Stops the clock where there is no head to wait for: it has come meanwhile, or HTTP/2 has none.
    fn settle(&mut self) {
        let begun = self.activity.begun();
        let one_more = std::mem::replace(&mut self.begun, begun) != begun;
        if one_more || self.protocol == Protocol::Http2 || self.activity.any() {
            self.head.stop();
        }
    }
}

impl Deadline {
    fn new(after: Duration) -> Self {
        Self {
            after,
            sleep: Box::pin(sleep(after)),
            running: false,
        }
    }

    fn start(&mut self) {
        if !self.running {
            self.running = true;
            self.sleep.as_mut().reset(Instant::now() + self.after);
        }
    }

    fn stop(&mut self) {
        self.running = false;
    }

    fn passed(&mut self, cx: &mut Context<'_>) -> bool {
        self.running && self.sleep.as_mut().poll(cx).is_ready()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        match Pin::new(&mut this.socket).poll_read(cx, buf) {
            Poll::Ready(outcome) => {
                this.note(&buf.filled()[before..]);
                Poll::Ready(outcome)
            }
            Poll::Pending => {
                this.settle();
                if this.head.passed(cx) {
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the head came too slowly")));
                }
                Poll::Pending
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> Paced<S> {
    fn watch<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.write.stop();
            return outcome;
        }
        self.write.start();
        if self.write.passed(cx) {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the client stopped reading",
            )));
        }
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.socket).poll_write(cx, buf);
        this.watch(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.socket).poll_write_vectored(cx, bufs);
        this.watch(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.socket).poll_flush(cx);
        ready!(this.watch(cx, outcome))?;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const HEAD: Duration = Duration::from_secs(10);
    const STALL: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn a_head_that_trickles_is_cut_however_often_a_byte_comes() {
        let (mut client, server) = duplex(64);
        let mut server = Paced::new(server, Activity::default(), HEAD, STALL);
        let writing = tokio::spawn(async move {
            while client.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let mut taken = 0;
        let error = loop {
            match server.read_u8().await {
                Ok(_) => taken += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!((9..=11).contains(&taken), "{taken}");
        drop(server);
        writing.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn neither_a_request_at_work_nor_http2_has_a_head_to_wait_for() {
        for (first, busy) in [(&b"GET / HTTP/1.1\r\n\r\n"[..], true), (H2_PREFACE, false)] {
            let (mut client, server) = duplex(64);
            let activity = Activity::default();
            let mut server = Paced::new(server, activity.clone(), HEAD, STALL);
            client.write_all(first).await.unwrap();
            let mut head = vec![0; first.len()];
            server.read_exact(&mut head).await.unwrap();
            let _busy = busy.then(|| activity.begin());
            let more = tokio::time::timeout(Duration::from_secs(1000), server.read_u8()).await;
            assert!(more.is_err(), "still waiting after a long while");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_may_idle_longer_than_a_head_may_take() {
        let (mut client, server) = duplex(64);
        let activity = Activity::default();
        let mut server = Paced::new(server, activity.clone(), HEAD, STALL);
        client.write_all(b"a whole head").await.unwrap();
        server.read_exact(&mut [0; 12]).await.unwrap();
        drop(activity.begin());
        let idle = tokio::time::timeout(HEAD * 5, server.read_u8()).await;
        assert!(idle.is_err(), "the request is over, and the next has not begun");
        client.write_all(b"x").await.unwrap();
        server.read_u8().await.unwrap();
        let error = server.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "now it has");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stops_reading_is_cut() {
        let (_client, server) = duplex(8);
        let mut server = Paced::new(server, Activity::default(), HEAD, STALL);
        let error = server.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
