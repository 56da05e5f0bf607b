//! What is told when a budget runs low, and the box that it waits in.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gateway_types::{QuotaId, Wall};
use tokio::sync::mpsc;

use super::WindowNo;

/// How many may wait to be told; more are counted and forgotten.
const WAITING: usize = 1024;

/// A budget passed a threshold: told once per window and threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Which budget.
    pub quota: QuotaId,
    /// Whose, in words.
    pub owner: String,
    /// The threshold, in percent of the limit.
    pub percent: u8,
    /// The limit.
    pub limit: i64,
    /// What is used of it.
    pub used: i64,
    /// In which window.
    pub window: WindowNo,
    /// When that window ends.
    pub ends: Wall,
    /// Who is told.
    pub webhook_url: String,
}

/// Where crossings wait for the host, who takes the other end once.
#[derive(Debug)]
pub(crate) struct Outbox {
    sender: mpsc::Sender<Crossing>,
    receiver: Mutex<Option<mpsc::Receiver<Crossing>>>,
    lost: AtomicU64,
}

impl Default for Outbox {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self {
            sender,
            receiver: Mutex::new(Some(receiver)),
            lost: AtomicU64::new(0),
        }
    }
}

impl Outbox {
    pub(super) fn send(&self, crossing: Crossing) {
        if self.sender.try_send(crossing).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn take(&self) -> Option<mpsc::Receiver<Crossing>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_fetches_is_counted_and_blocks_nobody() {
        let outbox = Outbox::default();
        let crossing = Crossing {
            quota: "q".into(),
            owner: String::new(),
            percent: 50,
            limit: 2,
            used: 1,
            window: WindowNo(1),
            ends: Wall::default(),
            webhook_url: String::new(),
        };
        for _ in 0..WAITING + 3 {
            outbox.send(crossing.clone());
        }
        assert_eq!(outbox.lost(), 3);
        assert_eq!(outbox.take().map(|mut waiting| waiting.try_recv()), Some(Ok(crossing)));
        assert!(outbox.take().is_none(), "there is one host");
    }
}
