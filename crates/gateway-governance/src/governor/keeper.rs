//! The keeper of leases: the one place that asks the store for slices and gives them back.

use std::sync::Arc;

use gateway_types::Wall;

use super::{AtEnd, Backoff, Inner, Stage};
use crate::ledger::{Ask, Return, StoreError};
use crate::quota::Cell;

pub(super) async fn run(end: AtEnd) {
    let inner = &*end.inner;
    tokio::select! {
        biased;
        () = inner.reached(Stage::Drained) => return,
        () = open(inner) => {}
    }
    inner.advance(Stage::Running);
    let mut backoff = Backoff::new();
    loop {
        tokio::select! {
            biased;
            () = inner.reached(Stage::Drained) => break,
            () = inner.quotas.desk().rung() => {}
        }
        let cells = inner.quotas.desk().collect();
        if round(inner, &cells).await.is_ok() {
            backoff.reset();
            continue;
        }
        tokio::select! {
            biased;
            () = inner.reached(Stage::Drained) => break,
            () = backoff.pause() => {}
        }
        cells.iter().for_each(Cell::again);
    }
    give_all_back(inner).await;
}

/// Reads the store's books, before any lease.
async fn open(inner: &Inner) {
    let mut backoff = Backoff::new();
    while let Err(StoreError(_)) = recover(inner).await {
        backoff.pause().await;
    }
}

async fn recover(inner: &Inner) -> Result<(), StoreError> {
    inner.ledger.recover().await?;
    inner.quotas.restore(inner.ledger.windows().await?);
    Ok(())
}

/// Does what the cells left to be done. Returns go first: what they free can be leased again in the same round.
async fn round(inner: &Inner, cells: &[Arc<Cell>]) -> Result<(), StoreError> {
    let mut returns = Vec::new();
    let mut asks = Vec::new();
    let mut now = inner.clock.now().wall;
    for cell in cells {
        let errand = cell.errand();
        returns.extend(errand.returns.into_iter().map(|back| (cell, back)));
        if let Some(ask) = errand.ask {
            now = now.max(errand.not_before);
            asks.push((cell, ask));
        }
    }
    let result = match give_back(inner, returns).await {
        Ok(()) => lease(inner, asks, now).await,
        Err(error) => Err(error),
    };
    for cell in cells {
        cell.done(result.is_err());
    }
    result
}

async fn lease(inner: &Inner, asks: Vec<(&Arc<Cell>, Ask)>, now: Wall) -> Result<(), StoreError> {
    if asks.is_empty() {
        return Ok(());
    }
    let (cells, asks): (Vec<_>, Vec<_>) = asks.into_iter().unzip();
    let slices = inner.ledger.lease(&asks, now).await?;
    for (cell, slice) in cells.into_iter().zip(&slices) {
        cell.take(slice);
    }
    Ok(())
}

async fn give_back(inner: &Inner, returns: Vec<(&Arc<Cell>, Return)>) -> Result<(), StoreError> {
    if returns.is_empty() {
        return Ok(());
    }
    let (cells, returns): (Vec<_>, Vec<_>) = returns.into_iter().unzip();
    let result = inner.ledger.give_back(&returns).await;
    for (cell, back) in cells.into_iter().zip(returns) {
        match &result {
            Ok(()) => cell.returned(&back),
            Err(_) => cell.not_returned(back),
        }
    }
    result
}

/// The end: every entry is written, so whatever nothing holds can go back. A store that still fails keeps the slices; the
/// next start books them as unaccounted.
async fn give_all_back(inner: &Inner) {
    const TRIES: usize = 5;
    let cells = inner.quotas.idle();
    let mut backoff = Backoff::new();
    for _ in 0..TRIES {
        let returns = cells
            .iter()
            .flat_map(|cell| cell.errand().returns.into_iter().map(move |back| (cell, back)));
        if give_back(inner, returns.collect()).await.is_ok() {
            return;
        }
        backoff.pause().await;
    }
}
