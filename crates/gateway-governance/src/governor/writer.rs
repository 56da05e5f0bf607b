//! The writer of entries. It never drops one: while the store fails it tries again, and the slots fill up.

use std::time::Duration;

use super::{AtEnd, Backoff, Inner, Stage};
use crate::entry::Entry;

/// How long it rests after each batch, while entries gather: a commit costs far more than an entry does, and so does waking
/// a thread. A crash loses what was finished in that time and no more; its part of each lease stays charged,
/// as unaccounted.
const REST: Duration = Duration::from_millis(50);

pub(super) async fn run(end: AtEnd) {
    let inner = &*end.inner;
    let most = inner.options.entry_batch.max(1);
    let mut batch = Vec::new();
    let mut closing = std::pin::pin!(inner.reached(Stage::Closing));
    let mut closed = false;
    loop {
        inner.slots.fetch(&mut batch, most);
        let wrote = !batch.is_empty();
        if wrote {
            append(inner, &batch).await;
            inner.slots.done(batch.len());
            batch.clear();
        } else if inner.slots.is_over() {
            return;
        }
        tokio::select! {
            biased;
            () = &mut closing, if !closed => {
                closed = true;
                inner.slots.close();
            }
            () = inner.slots.rung() => {}
            // With nothing to write, it is the next entry that rings.
            () = tokio::time::sleep(REST), if wrote && !closed => {}
            () = std::future::ready(()), if wrote && closed => {}
        }
    }
}

async fn append(inner: &Inner, batch: &[Entry]) {
    let mut backoff = Backoff::new();
    while inner.ledger.append(batch).await.is_err() {
        backoff.pause().await;
    }
}
