//! The audit log in memory.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;

use super::lock;
use crate::ports::StoreError;
use crate::ports::audit::{
    AUDIT_VERSION, AuditEvent, AuditPage, AuditQuery, AuditRecord, AuditStore, AuditVerified, Digest, Link, Walk,
};

/// How many records are kept. What is verified begins after the last one that is gone.
const KEPT: usize = 10_000;

/// The audit log in memory.
#[derive(Debug, Default)]
pub struct MemoryAudit(Mutex<Chain>);

#[derive(Debug, Default)]
struct Chain {
    records: VecDeque<AuditRecord>,
    /// The number and the hash of the latest record that was let go.
    before: (u64, Digest),
    head: (u64, Digest),
}

impl MemoryAudit {
    /// Without any record.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes events down.
    pub(super) fn write(&self, events: &[AuditEvent]) {
        let mut chain = lock(&self.0);
        for event in events {
            let seq = chain.head.0 + 1;
            let hash = hash(seq, event, &chain.head.1);
            chain.head = (seq, hash);
            chain.records.push_back(AuditRecord {
                v: AUDIT_VERSION,
                seq,
                event: event.clone(),
                hash,
            });
            if chain.records.len() > KEPT
                && let Some(gone) = chain.records.pop_front()
            {
                chain.before = (gone.seq, gone.hash);
            }
        }
    }
}

fn texts(event: &AuditEvent) -> [Option<String>; 2] {
    [&event.before, &event.after].map(|body| body.as_ref().map(ToString::to_string))
}

fn hash(seq: u64, event: &AuditEvent, previous: &Digest) -> Digest {
    let bodies = texts(event);
    link(seq, event, &bodies).after(previous)
}

fn link<'a>(seq: u64, event: &'a AuditEvent, [before, after]: &'a [Option<String>; 2]) -> Link<'a> {
    Link {
        v: AUDIT_VERSION,
        seq,
        at: event.at,
        actor: &event.actor,
        action: &event.action,
        target: &event.target,
        before: before.as_deref(),
        after: after.as_deref(),
        revision: event.revision,
    }
}

#[async_trait]
impl AuditStore for MemoryAudit {
    async fn append(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        self.write(events);
        Ok(())
    }

    async fn page(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let chain = lock(&self.0);
        let mut fitting = chain
            .records
            .iter()
            .rev()
            .filter(|record| query.before.is_none_or(|before| record.seq < before))
            .filter(|record| query.takes(&record.event));
        let records: Vec<AuditRecord> = fitting.by_ref().take(query.limit).cloned().collect();
        let next = fitting.next().and_then(|_| records.last()).map(|last| last.seq);
        Ok(AuditPage { records, next })
    }

    async fn verify(&self) -> Result<AuditVerified, StoreError> {
        let chain = lock(&self.0);
        let mut walk = Walk::from(chain.before.0, chain.before.1);
        for record in &chain.records {
            let bodies = texts(&record.event);
            walk.step(&link(record.seq, &record.event, &bodies), record.hash);
        }
        Ok(walk.end(chain.head.0, chain.head.1))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ports::memory::MemorySettings;
    use crate::ports::settings::SettingsStore;

    #[tokio::test]
    async fn it_keeps_the_promises_of_an_audit_log() {
        crate::ports::conformance::audit(|| async {
            let audit = Arc::new(MemoryAudit::new());
            let settings = MemorySettings::audited(Arc::clone(&audit));
            (
                audit as Arc<dyn AuditStore>,
                Arc::new(settings) as Arc<dyn SettingsStore>,
            )
        })
        .await;
    }

    #[tokio::test]
    async fn what_is_let_go_leaves_a_chain_that_holds() {
        let audit = MemoryAudit::new();
        let event = AuditEvent {
            at: gateway_types::Wall::from_millis(1),
            actor: "a".into(),
            action: "login".into(),
            target: String::new(),
            before: None,
            after: None,
            revision: None,
        };
        for _ in 0..3 {
            audit.write(&vec![event.clone(); KEPT / 2]);
        }
        let verified = audit.verify().await.unwrap();
        assert_eq!((verified.records, verified.found), (KEPT as u64, 0));
    }
}
