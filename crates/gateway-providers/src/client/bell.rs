//! Wakes for a connection that no task of its own drives.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

/// Somebody polls: who rings now need not be passed on, the poller looks before it leaves.
const INSIDE: u8 = 1;
/// It rang since the last look.
const RUNG: u8 = 2;

/// Stands between a connection and whoever waits for it.
///
/// The parts of a connection wake each other while it is polled. With the waiter's own waker each of these wakes would
/// have its whole task run once more for nothing; and a task that wakes for another reason would poll the connection
/// for nothing. So the connection is polled with the bell's waker: it is polled only where it rang, and what rings while
/// somebody is inside wakes nobody.
#[derive(Debug, Default)]
pub(super) struct Bell {
    state: AtomicU8,
    waiter: Mutex<Option<Waker>>,
}

impl Bell {
    /// Goes inside, with something to do.
    pub(super) fn begin(&self) {
        self.state.store(INSIDE | RUNG, Ordering::SeqCst);
    }

    /// Who is woken from now on.
    pub(super) fn watch(&self, waiter: &Waker) {
        let mut known = self.waiter.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.as_ref().is_some_and(|known| known.will_wake(waiter)) {
            *known = Some(waiter.clone());
        }
    }

    /// Nobody is woken any more.
    pub(super) fn forget(&self) {
        *self.waiter.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Goes inside, and says whether it rang since the last look.
    pub(super) fn look(&self) -> bool {
        self.state.swap(INSIDE, Ordering::SeqCst) & RUNG != 0
    }

    /// Goes outside to wait. Stays inside where it rang since the last look: there is something to do.
    pub(super) fn wait(&self) -> bool {
        self.state
            .compare_exchange(INSIDE, 0, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    /// Goes outside without waiting. What rang stays to be seen at the next look.
    pub(super) fn leave(&self) {
        self.state.fetch_and(!INSIDE, Ordering::SeqCst);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.fetch_or(RUNG, Ordering::SeqCst) == 0 {
            let waiter = self.waiter.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(waiter) = waiter {
                waiter.wake();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn who_waits_is_woken_once_and_who_is_inside_looks_again() {
        let (bell, count) = (Arc::new(Bell::default()), Arc::new(Count::default()));
        let (ring, waiter) = (Waker::from(Arc::clone(&bell)), Waker::from(Arc::clone(&count)));
        bell.watch(&waiter);
        assert!(!bell.look());
        ring.wake_by_ref();
        assert!(!bell.wait(), "it rang while somebody was inside");
        assert!(bell.look() && bell.wait());
        assert_eq!(count.0.load(Ordering::SeqCst), 0);
        ring.wake_by_ref();
        ring.wake_by_ref();
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        assert!(bell.look());
        ring.wake_by_ref();
        bell.leave();
        assert!(bell.look(), "what rang before leaving is not lost");
    }
}
