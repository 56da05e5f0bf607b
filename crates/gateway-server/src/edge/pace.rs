//! A socket that keeps an eye on its client: it must send a request's head in time, and read its answers.
//!
//! The clock for a head starts with its first byte, so that a connection may idle between requests much longer than a head
//! may take. Clocks stand still while requests are at work, and none costs a request more than reading the time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

const H2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// One request at a time.
    Http1,
    /// Its frames come at any time; it is asked for signs of life instead.
    Http2,
}

/// The first bytes of a connection, as far as they were needed to tell what it speaks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct First {
    bytes: [u8; H2_PREFACE.len()],
    given: usize,
    read: usize,
}

impl First {
    /// Reads until it is clear what is spoken: HTTP/2 where the client begins with its preface.
    pub(crate) async fn of(socket: &mut (impl AsyncRead + Unpin)) -> io::Result<(Protocol, Self)> {
        let mut first = Self::default();
        while first.read < H2_PREFACE.len() && first.bytes[..first.read] == H2_PREFACE[..first.read] {
            match socket.read(&mut first.bytes[first.read..]).await? {
                0 => break,
                more => first.read += more,
            }
        }
        let protocol = if first.bytes == *H2_PREFACE {
            Protocol::Http2
        } else {
            Protocol::Http1
        };
        Ok((protocol, first))
    }

    /// Gives as much of it as fits.
    fn give(&mut self, buf: &mut ReadBuf<'_>) {
        let left = &self.bytes[self.given..self.read];
        let fits = left.len().min(buf.remaining());
        buf.put_slice(&left[..fits]);
        self.given += fits;
    }
}

/// What the requests of a connection do: how many have begun in all, in the upper half, and how many are under way, in
/// the lower. Shared by its socket and its service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity(Arc<AtomicU64>);

/// One request under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct Busy(Activity);

impl Activity {
    /// Counts one more.
    pub(crate) fn begin(&self) -> Busy {
        self.0.fetch_add((1 << 32) + 1, Ordering::Relaxed);
        Busy(self.clone())
    }

    /// How many have begun, modulo a lot, and whether any is under way.
    fn now(&self) -> (u32, bool) {
        let both = self.0.load(Ordering::Relaxed);
        ((both >> 32) as u32, both & u64::from(u32::MAX) != 0)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How long a client may take for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// For a head, from its first byte on.
    pub(crate) head: Duration,
    /// Between two requests.
    pub(crate) idle: Duration,
    /// Without reading anything of what is sent.
    pub(crate) stall: Duration,
}

/// A socket under watch.
#[derive(Debug)]
pub(crate) struct Paced<S> {
    socket: S,
    first: First,
    protocol: Protocol,
    activity: Activity,
    patience: Patience,
    /// Of the requests that have begun, those that are known here.
    begun: u32,
    awaited: Awaited,
    read: Alarm,
    write: Alarm,
}

/// What a client is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// Nothing: its requests are at work.
    Nothing,
    /// The first byte of its next request.
    Request,
    /// The rest of a head that has begun; its clock starts when nothing more of it is there.
    Head,
}

impl<S> Paced<S> {
    /// Watches a socket whose first head was due from that moment on, and of which that much has been read.
    pub(crate) fn new(
        socket: S,
        (protocol, first): (Protocol, First),
        activity: Activity,
        patience: Patience,
        since: Instant,
    ) -> Self {
        Self {
            socket,
            first,
            protocol,
            activity,
            patience,
            begun: 0,
            awaited: Awaited::Head,
            read: Alarm {
                due: (protocol == Protocol::Http1).then(|| since + patience.head),
                timer: None,
            },
            write: Alarm::default(),
        }
    }

    /// Bytes have come. Between requests they begin a head.
    fn heard(&mut self) {
        if self.awaited == Awaited::Request {
            (self.awaited, self.read.due) = (Awaited::Head, None);
        }
    }

    /// Nothing has come: sets the clock for whatever is waited for.
    fn wait(&mut self) {
        let (begun, at_work) = self.activity.now();
        let one_more = std::mem::replace(&mut self.begun, begun) != begun;
        if at_work {
            (self.awaited, self.read.due) = (Awaited::Nothing, None);
        } else if one_more || self.awaited == Awaited::Nothing {
            (self.awaited, self.read.due) = (Awaited::Request, Some(Instant::now() + self.patience.idle));
        } else if self.read.due.is_none() {
            self.read.due = Some(Instant::now() + self.patience.head);
        }
    }
}

/// A moment by which something must have happened. Its timer is moved only when it would fire too late, or has fired too
/// early: a moment that every request puts off costs no timer anything.
#[derive(Debug, Default)]
struct Alarm {
    due: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    fn passed(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(due) = self.due else { return false };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() > due {
            timer.as_mut().reset(due);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if timer.deadline() >= due {
                return true;
            }
            timer.as_mut().reset(due);
        }
        false
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.first.given < this.first.read {
            this.first.give(buf);
            return Poll::Ready(Ok(()));
        }
        let outcome = Pin::new(&mut this.socket).poll_read(cx, buf);
        if this.protocol == Protocol::Http2 {
            return outcome;
        }
        if outcome.is_ready() {
            this.heard();
            return outcome;
        }
        this.wait();
        if !this.read.passed(cx) {
            return Poll::Pending;
        }
        Poll::Ready(match this.awaited {
            // As if the client had left.
            Awaited::Request => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::TimedOut, "the head came too slowly")),
        })
    }
}

impl<S: AsyncWrite + Unpin> Paced<S> {
    fn watch<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.write.due = None;
            return outcome;
        }
        let stall = self.patience.stall;
        self.write.due.get_or_insert_with(|| Instant::now() + stall);
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

    const PATIENCE: Patience = Patience {
        head: Duration::from_secs(10),
        idle: Duration::from_secs(75),
        stall: Duration::from_secs(60),
    };

    fn paced<S>(socket: S, protocol: Protocol, activity: &Activity) -> Paced<S> {
        let opening = (protocol, First::default());
        Paced::new(socket, opening, activity.clone(), PATIENCE, Instant::now())
    }

    #[tokio::test]
    async fn what_is_spoken_is_told_by_the_first_bytes_and_none_of_them_is_lost() {
        for (said, protocol) in [
            (&H2_PREFACE[..], Protocol::Http2),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nframes", Protocol::Http2),
            (b"POST /v1/chat/completions HTTP/1.1\r\n", Protocol::Http1),
            (b"PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n", Protocol::Http1),
            (b"P", Protocol::Http1),
            (b"", Protocol::Http1),
        ] {
            let (mut client, mut server) = duplex(1);
            let writing = tokio::spawn(async move { client.write_all(said).await });
            let (told, first) = First::of(&mut server).await.unwrap();
            assert_eq!(told, protocol, "{said:?}");
            let mut whole = Vec::new();
            let mut server = Paced::new(server, (told, first), Activity::default(), PATIENCE, Instant::now());
            server.read_to_end(&mut whole).await.unwrap();
            assert_eq!(whole, said);
            writing.await.unwrap().unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_trickles_is_cut_however_often_a_byte_comes() {
        let (mut client, server) = duplex(64);
        let mut server = paced(server, Protocol::Http1, &Activity::default());
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
        for (protocol, busy) in [(Protocol::Http1, true), (Protocol::Http2, false)] {
            let (mut client, server) = duplex(64);
            let activity = Activity::default();
            let mut server = paced(server, protocol, &activity);
            client.write_all(b"something").await.unwrap();
            server.read_exact(&mut [0; 9]).await.unwrap();
            let _busy = busy.then(|| activity.begin());
            let more = tokio::time::timeout(Duration::from_secs(1000), server.read_u8()).await;
            assert!(more.is_err(), "still waiting after a long while");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_may_idle_longer_than_a_head_may_take_but_not_for_ever() {
        let (mut client, server) = duplex(64);
        let activity = Activity::default();
        let mut server = paced(server, Protocol::Http1, &activity);
        for _ in 0..3 {
            client.write_all(b"a whole head").await.unwrap();
            server.read_exact(&mut [0; 12]).await.unwrap();
            drop(activity.begin());
            let idle = tokio::time::timeout(PATIENCE.head * 5, server.read_u8()).await;
            assert!(idle.is_err(), "the request is over, and the next has not begun");
        }
        let start = Instant::now();
        assert_eq!(server.read(&mut [0]).await.unwrap(), 0, "it is over");
        assert_eq!(start.elapsed().as_secs(), 25);
    }

    #[tokio::test(start_paused = true)]
    async fn the_head_of_a_later_request_has_its_own_time() {
        let (mut client, server) = duplex(64);
        let activity = Activity::default();
        let mut server = paced(server, Protocol::Http1, &activity);
        client.write_all(b"a whole head").await.unwrap();
        server.read_exact(&mut [0; 12]).await.unwrap();
        drop(activity.begin());
        let idle = tokio::time::timeout(PATIENCE.head * 2, server.read_u8()).await;
        assert!(idle.is_err());
        client.write_all(b"x").await.unwrap();
        server.read_u8().await.unwrap();
        let start = Instant::now();
        let error = server.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed(), PATIENCE.head);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stops_reading_is_cut() {
        let (_client, server) = duplex(8);
        let mut server = paced(server, Protocol::Http1, &Activity::default());
        let error = server.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
