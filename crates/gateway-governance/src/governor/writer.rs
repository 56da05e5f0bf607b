//! The writer of entries. It never drops one: while the store fails it tries again, and the slots fill up.

use tokio::sync::mpsc;

use super::{AtEnd, Backoff, Inner, Stage};
use crate::entry::Entry;

pub(super) async fn run(end: AtEnd, mut entries: mpsc::Receiver<Entry>) {
    let inner = &*end.inner;
    let mut batch = Vec::new();
    let most = inner.options.entry_batch.max(1);
    loop {
        tokio::select! {
            biased;
            received = entries.recv_many(&mut batch, most) => {
                // Only a closed channel gives nothing, and only once every slot is used or gone.
                if received == 0 {
                    return;
                }
            }
            // A closed channel gives no slots any more; running calls keep theirs.
            () = inner.reached(Stage::Closing), if !entries.is_closed() => entries.close(),
        }
        if !batch.is_empty() {
            append(inner, &batch).await;
            batch.clear();
        }
    }
}

async fn append(inner: &Inner, batch: &[Entry]) {
    let mut backoff = Backoff::new();
    while inner.ledger.append(batch).await.is_err() {
        backoff.pause().await;
    }
}
