//! The ports in memory: for embedding without a store, and for tests. They forget everything with their process.

mod audit;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use gateway_types::{ModelName, ProviderName, RequestId, Revision, VirtualKeyId, Wall};
use serde_json::Value;

use super::StoreError;
use super::logs::{Grain, LogPage, LogQuery, LogRow, LogStore, Rollup, Sort, Status, Totals};
use super::objects::{Object, ObjectStore};
use super::settings::{Change, CommitError, Document, RevisionRecord, SettingsStore, Stored};
pub use audit::MemoryAudit;

/// How many rows [`MemoryLogs`] keeps unless it is told otherwise.
const KEPT_ROWS: usize = 10_000;
/// How many revisions [`MemorySettings`] can still tell of.
const KEPT_REVISIONS: usize = 1_000;
/// How long minutes are told of, counted from the latest one.
const MINUTES_KEPT_MS: i64 = 2 * 24 * 60 * 60 * 1000;

/// Settings in memory.
#[derive(Debug, Default)]
pub struct MemorySettings {
    settings: Mutex<Settings>,
    audit: Arc<MemoryAudit>,
}

#[derive(Debug, Default)]
struct Settings {
    revision: Revision,
    documents: BTreeMap<(String, String), Value>,
    revisions: VecDeque<RevisionRecord>,
}

impl MemorySettings {
    /// Without any document.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, writing what changes into that audit log.
    pub fn audited(audit: Arc<MemoryAudit>) -> Self {
        Self {
            audit,
            ..Self::default()
        }
    }
}

#[async_trait]
impl SettingsStore for MemorySettings {
    async fn load(&self) -> Result<Stored, StoreError> {
        let settings = lock(&self.settings);
        let documents = settings.documents.iter().map(|((section, name), body)| Document {
            section: section.clone(),
            name: name.clone(),
            body: body.clone(),
        });
        Ok(Stored {
            revision: settings.revision,
            documents: documents.collect(),
        })
    }

    async fn commit(&self, change: &Change) -> Result<Revision, CommitError> {
        let mut settings = lock(&self.settings);
        if settings.revision != change.expected {
            return Err(CommitError::Conflict(settings.revision));
        }
        settings.revision = Revision(settings.revision.0.saturating_add(1));
        self.audit.write(&super::audit::events(change, settings.revision));
        for edit in &change.edits {
            let key = (edit.section.clone(), edit.name.clone());
            match &edit.after {
                Some(body) => settings.documents.insert(key, body.clone()),
                None => settings.documents.remove(&key),
            };
        }
        let Change { at, author, edits, .. } = change.clone();
        let record = RevisionRecord {
            revision: settings.revision,
            at,
            author,
            edits,
        };
        settings.revisions.push_front(record);
        settings.revisions.truncate(KEPT_REVISIONS);
        Ok(settings.revision)
    }

    async fn revisions(&self, before: Option<Revision>, limit: usize) -> Result<Vec<RevisionRecord>, StoreError> {
        let settings = lock(&self.settings);
        let earlier = |record: &&RevisionRecord| before.is_none_or(|before| record.revision < before);
        Ok(settings.revisions.iter().filter(earlier).take(limit).cloned().collect())
    }
}

/// Objects in memory.
#[derive(Debug, Default)]
pub struct MemoryObjects(Mutex<BTreeMap<(String, String), Object>>);

impl MemoryObjects {
    /// Without any object.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl ObjectStore for MemoryObjects {
    async fn put(&self, object: &Object) -> Result<(), StoreError> {
        lock(&self.0).insert((object.kind.clone(), object.id.clone()), object.clone());
        Ok(())
    }

    async fn find(&self, kind: &str, id: &str, now: Wall) -> Result<Option<Object>, StoreError> {
        let objects = lock(&self.0);
        let object = objects.get(&(kind.to_owned(), id.to_owned()));
        Ok(object.filter(|object| is_live(object, now)).cloned())
    }

    async fn list(&self, kind: &str, now: Wall) -> Result<Vec<Object>, StoreError> {
        let objects = lock(&self.0);
        let of_kind = objects
            .values()
            .filter(|object| object.kind == kind && is_live(object, now));
        Ok(of_kind.cloned().collect())
    }

    async fn remove(&self, kind: &str, id: &str) -> Result<(), StoreError> {
        lock(&self.0).remove(&(kind.to_owned(), id.to_owned()));
        Ok(())
    }

    async fn prune(&self, now: Wall) -> Result<u64, StoreError> {
        let mut objects = lock(&self.0);
        let before = objects.len();
        objects.retain(|_, object| is_live(object, now));
        Ok((before - objects.len()) as u64)
    }
}

fn is_live(object: &Object, now: Wall) -> bool {
    object.expires.is_none_or(|expires| expires > now)
}

/// Request logs in memory: the latest rows, in the order of their ids, and figures made of them when asked for.
#[derive(Debug)]
pub struct MemoryLogs {
    rows: Mutex<BTreeMap<RequestId, LogRow>>,
    kept: usize,
}

impl MemoryLogs {
    /// Keeps ten thousand rows.
    pub fn new() -> Self {
        Self::keeping(KEPT_ROWS)
    }

    /// Keeps that many rows, the oldest going first.
    pub fn keeping(rows: usize) -> Self {
        Self {
            rows: Mutex::default(),
            kept: rows,
        }
    }
}

impl Default for MemoryLogs {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl LogStore for MemoryLogs {
    async fn append(&self, rows: &[LogRow]) -> Result<(), StoreError> {
        let mut kept = lock(&self.rows);
        for row in rows {
            kept.entry(row.id).or_insert_with(|| row.clone());
        }
        while kept.len() > self.kept {
            kept.pop_first();
        }
        Ok(())
    }

    async fn page(&self, query: &LogQuery) -> Result<LogPage, StoreError> {
        let kept = lock(&self.rows);
        let mut matching: Vec<&LogRow> = kept.values().filter(|row| matches(row, query)).collect();
        let mut totals = Totals::default();
        matching.iter().for_each(|row| add(&mut totals, row));
        matching.sort_by_key(|row| (figure(row, query.sort), row.id));
        if !query.ascending {
            matching.reverse();
        }
        let rows = matching
            .into_iter()
            .skip(query.offset)
            .take(query.limit)
            .cloned()
            .collect();
        Ok(LogPage { rows, totals })
    }

    async fn row(&self, id: RequestId) -> Result<Option<LogRow>, StoreError> {
        Ok(lock(&self.rows).get(&id).cloned())
    }

    async fn rollups(&self, grain: Grain, since: Wall, until: Wall) -> Result<Vec<Rollup>, StoreError> {
        let mut slots = BTreeMap::<Slot, Totals>::new();
        let kept = lock(&self.rows);
        for row in kept.values() {
            let key = (
                begin(row.at, grain),
                row.provider.clone(),
                row.model.clone(),
                row.virtual_key.clone(),
            );
            add(slots.entry(key).or_default(), row);
        }
        let latest = slots.keys().next_back().map_or(0, |(at, ..)| at.millis());
        let told = |at: Wall| grain == Grain::Hour || at.millis() >= latest.saturating_sub(MINUTES_KEPT_MS);
        let slots = slots
            .into_iter()
            .filter(|((at, ..), _)| since <= *at && *at < until && told(*at));
        Ok(slots.map(rollup).collect())
    }

    async fn remove(&self, ids: &[RequestId]) -> Result<u64, StoreError> {
        let mut kept = lock(&self.rows);
        Ok(ids.iter().filter(|id| kept.remove(id).is_some()).count() as u64)
    }

    async fn prune(&self, before: Wall) -> Result<u64, StoreError> {
        let mut kept = lock(&self.rows);
        let had = kept.len();
        kept.retain(|_, row| row.at >= before);
        Ok((had - kept.len()) as u64)
    }

    async fn any(&self) -> Result<bool, StoreError> {
        Ok(!lock(&self.rows).is_empty())
    }
}

/// What tells one slot from another, in the order that they are told in.
type Slot = (Wall, Option<ProviderName>, Option<ModelName>, Option<VirtualKeyId>);

fn rollup(((at, provider, model, virtual_key), totals): (Slot, Totals)) -> Rollup {
    Rollup {
        at,
        provider,
        model,
        virtual_key,
        totals,
    }
}

/// Whether a query asks for a row.
fn matches(row: &LogRow, query: &LogQuery) -> bool {
    let tokens = tokens(row);
    let latency_ms = row.latency_us as f64 / 1000.0;
    one_of(&query.providers, [row.provider.as_ref().map(ProviderName::as_str)])
        && one_of(
            &query.models,
            [
                row.model.as_ref().map(ModelName::as_str),
                row.asked.as_ref().map(ModelName::as_str),
            ],
        )
        && one_of(
            &query.virtual_keys,
            [row.virtual_key.as_ref().map(VirtualKeyId::as_str)],
        )
        && one_of(&query.teams, [row.team.as_ref().map(gateway_types::TeamId::as_str)])
        && one_of(
            &query.customers,
            [row.customer.as_ref().map(gateway_types::CustomerId::as_str)],
        )
        && one_of(&query.rules, [row.rule.as_ref().map(|rule| rule.id.as_str())])
        && query.tags.iter().all(|(name, value)| row.tags.get(name) == Some(value))
        && one_of(&query.keys, [row.key.as_ref().map(gateway_types::KeyId::as_str)])
        && (query.statuses.is_empty() || query.statuses.contains(&row.status))
        && one_of(&query.operations, [row.operation.map(gateway_types::Operation::as_str)])
        && query.since.is_none_or(|since| row.at >= since)
        && query.until.is_none_or(|until| row.at < until)
        && query.latency_ms.0.is_none_or(|from| latency_ms >= from)
        && query.latency_ms.1.is_none_or(|to| latency_ms <= to)
        && query.tokens.0.is_none_or(|from| tokens >= from)
        && query.tokens.1.is_none_or(|to| tokens <= to)
        && query.cost.0.is_none_or(|from| row.cost.0 >= from)
        && query.cost.1.is_none_or(|to| row.cost.0 <= to)
        && query.text.as_deref().is_none_or(|text| holds(row, text))
}

fn one_of<const N: usize>(wanted: &[String], found: [Option<&str>; N]) -> bool {
    wanted.is_empty()
        || found
            .into_iter()
            .flatten()
            .any(|found| wanted.iter().any(|wanted| wanted == found))
}

/// Whether the text stands anywhere in the row, whatever its ASCII case.
fn holds(row: &LogRow, text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let places = [
        row.model.as_ref().map(ModelName::as_str),
        row.asked.as_ref().map(ModelName::as_str),
        row.error.as_ref().map(|error| error.message.as_str()),
        row.request_body.as_deref(),
        row.response_body.as_deref(),
    ];
    text.is_empty()
        || places
            .into_iter()
            .flatten()
            .any(|place| place.to_ascii_lowercase().contains(&text))
}

fn figure(row: &LogRow, sort: Sort) -> i128 {
    match sort {
        Sort::Timestamp => row.at.millis().into(),
        Sort::Latency => row.latency_us.into(),
        Sort::Tokens => tokens(row).into(),
        Sort::Cost => row.cost.0.into(),
    }
}

fn tokens(row: &LogRow) -> u64 {
    row.metered.map_or(0, |metered| metered.usage.total())
}

fn add(totals: &mut Totals, row: &LogRow) {
    let usage = row.metered.map(|metered| metered.usage).unwrap_or_default();
    totals.requests = totals.requests.saturating_add(1);
    totals.successes = totals
        .successes
        .saturating_add(u64::from(row.status == Status::Success));
    totals.latency_us = totals.latency_us.saturating_add(row.latency_us);
    totals.input_tokens = totals.input_tokens.saturating_add(usage.input_total());
    totals.output_tokens = totals.output_tokens.saturating_add(usage.output_total());
    totals.cost += row.cost;
}

/// The beginning of the slot that a time is in.
fn begin(at: Wall, grain: Grain) -> Wall {
    let length = match grain {
        Grain::Minute => 60 * 1000,
        Grain::Hour => 60 * 60 * 1000,
    };
    Wall::from_millis(at.millis().div_euclid(length).saturating_mul(length))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ports::conformance;

    #[tokio::test]
    async fn settings_in_memory_keep_the_promises() {
        conformance::settings(|| async { Arc::new(MemorySettings::new()) as Arc<dyn SettingsStore> }).await;
    }

    #[tokio::test]
    async fn objects_in_memory_keep_the_promises() {
        conformance::objects(|| async { Arc::new(MemoryObjects::new()) as Arc<dyn ObjectStore> }).await;
    }

    #[tokio::test]
    async fn logs_in_memory_keep_the_promises() {
        conformance::logs(|| async { Arc::new(MemoryLogs::new()) as Arc<dyn LogStore> }).await;
    }

    #[tokio::test]
    async fn the_oldest_rows_make_room() {
        let logs = MemoryLogs::keeping(2);
        let rows: Vec<LogRow> = (0..3).map(conformance::row).collect();
        logs.append(&rows).await.unwrap();
        let page = logs
            .page(&LogQuery {
                limit: 10,
                ..LogQuery::default()
            })
            .await
            .unwrap();
        assert_eq!(page.rows, [rows[2].clone(), rows[1].clone()]);
    }
}
