//! The connections of a host that are there to be taken.

use std::collections::VecDeque;

use super::host::Held;
use super::http1::Http1;
use super::http2::Http2;
use super::sweep::ROUNDS;

/// A connection as it was made.
pub(super) enum Fresh {
    Http1(Box<Http1>),
    Http2(Http2),
}

impl Fresh {
    /// How many exchanges it takes at once.
    pub(super) fn room(&self) -> usize {
        match self {
            Self::Http1(_) => 1,
            Self::Http2(connection) => connection.room(),
        }
    }

    /// Closes it. No exchange is under way.
    pub(super) fn close(self) {
        match self {
            Self::Http1(connection) => connection.close(),
            // Its task says farewell where nobody can send on it any more.
            Self::Http2(connection) => drop(connection),
        }
    }
}

/// Connections with room, or with exchanges that may leave room.
#[derive(Default)]
pub(super) struct Stock {
    /// Of HTTP/1.1, idle; the one used last is taken first, so that what is not needed grows old in front.
    idle: VecDeque<Box<Http1>>,
    /// Of HTTP/2, idle or not; filled in their order.
    shared: Vec<Http2>,
    ids: u64,
    /// Sweeps there have been: the clock of what lies idle.
    round: u32,
}

impl Stock {
    pub(super) fn take(&mut self) -> Option<Held> {
        match self.idle.pop_back() {
            Some(connection) => Some(Held::Own(connection)),
            None => self.shared.iter_mut().find_map(Http2::stream).map(Held::Shared),
        }
    }

    pub(super) fn add(&mut self, fresh: Fresh) {
        match fresh {
            Fresh::Http1(connection) => self.lay_down(connection),
            Fresh::Http2(mut connection) => {
                self.ids += 1;
                connection.id = self.ids;
                connection.since = self.round;
                self.shared.push(connection);
            }
        }
    }

    pub(super) fn lay_down(&mut self, mut connection: Box<Http1>) {
        connection.lay_down(self.round);
        self.idle.push_back(connection);
    }

    /// An exchange of a shared connection is over.
    pub(super) fn end_stream(&mut self, id: u64) {
        if let Some(connection) = self.shared.iter_mut().find(|connection| connection.id == id) {
            connection.streams -= 1;
            connection.since = self.round;
        }
    }

    /// Lets go of shared connections that take nothing and carry nothing any more, and says how many they were.
    pub(super) fn bury(&mut self) -> usize {
        let before = self.shared.len();
        self.shared
            .retain(|connection| connection.streams > 0 || connection.stands());
        before - self.shared.len()
    }

    /// Whether any connection is without an exchange.
    pub(super) fn lies_idle(&self) -> bool {
        !self.idle.is_empty() || self.shared.iter().any(|connection| connection.streams == 0)
    }

    /// Takes out what has lain idle for too long, or does not stand any more.
    pub(super) fn sweep(&mut self) -> Vec<Fresh> {
        self.round = self.round.wrapping_add(1);
        let round = self.round;
        let old = |since: u32| round.wrapping_sub(since) >= ROUNDS;
        let mut swept = Vec::new();
        for mut connection in std::mem::take(&mut self.idle) {
            if old(connection.since) || !connection.stands() {
                swept.push(Fresh::Http1(connection));
            } else {
                self.idle.push_back(connection);
            }
        }
        let unused =
            |connection: &mut Http2| connection.streams == 0 && (old(connection.since) || !connection.stands());
        swept.extend(self.shared.extract_if(.., unused).map(Fresh::Http2));
        swept
    }
}
