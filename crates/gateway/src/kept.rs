//! What callers come back for: responses, files and batches, each with the virtual key that made it and the provider's key
//! that has it. An id that is not the caller's own is not found.
//!
//! A record is there at once for whoever asks this process, and durable a moment later: what waits for the store is looked
//! up in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gateway_governance::directory::Principal;
use gateway_types::{Clock, Error, ErrorKind, KeyId, ModelName, ProviderName, VirtualKeyId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::line::batch::Part;
use crate::ports::StoreError;
use crate::ports::objects::{Object, ObjectStore};

/// The format of a record.
const VERSION: u32 = 1;
/// How many records wait for the store at the most.
const QUEUE: usize = 1024;
/// The most that a record may have, as JSON.
const LARGEST: usize = 4 * 1024 * 1024;
/// How long records are kept: as long as the vendors keep what they stand for.
const LIFE: Duration = Duration::from_secs(30 * 86_400);

/// Kinds of things that callers come back for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Thing {
    Response,
    File,
    Batch,
}

impl Thing {
    const fn word(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::File => "file",
            Self::Batch => "batch",
        }
    }
}

/// What is known of one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    v: u32,
    /// The virtual key that made it; none where the caller was anonymous.
    pub(crate) owner: Option<VirtualKeyId>,
    /// The provider that has it, or that answered.
    pub(crate) provider: ProviderName,
    /// The provider's key with which it was made.
    pub(crate) key: KeyId,
    /// The model that answered, in the provider's words.
    pub(crate) model: ModelName,
    /// Whether the gateway itself keeps it, because the provider does not.
    pub(crate) here: bool,
    /// What of a batch can cost something, by model; emptied when its results have been read, so that they are paid for once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parts: Vec<Part>,
    /// What else is to be known of it.
    pub(crate) about: Value,
}

impl Record {
    pub(crate) fn new(principal: &Principal, provider: ProviderName, key: KeyId, model: ModelName) -> Self {
        Self {
            v: VERSION,
            owner: owner(principal),
            provider,
            key,
            model,
            here: false,
            parts: Vec::new(),
            about: Value::Null,
        }
    }
}

fn owner(principal: &Principal) -> Option<VirtualKeyId> {
    principal.key().map(|key| key.id.clone())
}

type Name = (Thing, String);

/// Keeps records.
#[derive(Debug)]
pub(crate) struct Kept {
    objects: Arc<dyn ObjectStore>,
    clock: Arc<dyn Clock>,
    /// What is not durable yet; nothing where it is to be taken away. Bounded by the queue.
    waiting: Mutex<HashMap<Name, Option<Arc<Record>>>>,
    queue: Mutex<Option<mpsc::Sender<Name>>>,
}

/// The names of records that wait to be written.
pub(crate) type Names = mpsc::Receiver<(Thing, String)>;

impl Kept {
    pub(crate) fn new(objects: Arc<dyn ObjectStore>, clock: Arc<dyn Clock>) -> (Arc<Self>, Names) {
        let (queue, names) = mpsc::channel(QUEUE);
        let kept = Self {
            objects,
            clock,
            waiting: Mutex::default(),
            queue: Mutex::new(Some(queue)),
        };
        (Arc::new(kept), names)
    }

    /// Keeps a record. One that is too large, or that finds the queue full, is not kept, which the operator is told: to its
    /// owner it will be as if it had expired.
    pub(crate) fn keep(&self, thing: Thing, id: &str, record: Record) {
        if !self.put(thing, id, Some(Arc::new(record))) {
            tracing::warn!(
                thing = thing.word(),
                id,
                "too much waits to be stored: it will not be found again"
            );
        }
    }

    /// All records of a kind, for the gateway itself.
    pub(crate) async fn all(&self, thing: Thing) -> Result<Vec<(String, Record)>, StoreError> {
        let stored = self.objects.list(thing.word(), self.clock.now().wall).await?;
        let read = |object: Object| Some((object.id, serde_json::from_value(object.body).ok()?));
        Ok(stored.into_iter().filter_map(read).collect())
    }

    /// Puts something before the writer; whether there was room.
    fn put(&self, thing: Thing, id: &str, record: Option<Arc<Record>>) -> bool {
        let name = (thing, id.to_owned());
        self.waiting().insert(name.clone(), record);
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let queued = queue.as_ref().is_some_and(|queue| queue.try_send(name.clone()).is_ok());
        drop(queue);
        if !queued {
            self.waiting().remove(&name);
        }
        queued
    }

    /// The record of that id, if it is the caller's own.
    pub(crate) async fn find(&self, thing: Thing, id: &str, principal: &Principal) -> Result<Arc<Record>, Error> {
        let missing = || {
            let mut error = Error::invalid(
                format!("{}_id", thing.word()),
                format!("there is no {} `{id}`, or it has expired", thing.word()),
            );
            error.status = Some(404);
            error
        };
        let waiting = self.waiting().get(&(thing, id.to_owned())).cloned();
        let record = match waiting {
            Some(record) => record.ok_or_else(missing)?,
            None => {
                let found = self.objects.find(thing.word(), id, self.clock.now().wall).await;
                let found = found.map_err(|error| unavailable(&error))?.ok_or_else(missing)?;
                Arc::new(serde_json::from_value(found.body).map_err(|_| missing())?)
            }
        };
        if record.owner == owner(principal) {
            Ok(record)
        } else {
            Err(missing())
        }
    }

    /// All records of a kind that are the caller's own, with their ids, in the order of these.
    pub(crate) async fn list(&self, thing: Thing, principal: &Principal) -> Result<Vec<(String, Arc<Record>)>, Error> {
        let stored = self.objects.list(thing.word(), self.clock.now().wall).await;
        let read = |object: Object| Some((object.id, Arc::new(serde_json::from_value(object.body).ok()?)));
        let stored = stored
            .map_err(|error| unavailable(&error))?
            .into_iter()
            .filter_map(read);
        let mut all: std::collections::BTreeMap<String, Arc<Record>> = stored.collect();
        let waiting = self.waiting();
        for ((_, id), record) in waiting.iter().filter(|((of, _), _)| *of == thing) {
            match record {
                Some(record) => drop(all.insert(id.clone(), Arc::clone(record))),
                None => drop(all.remove(id)),
            }
        }
        drop(waiting);
        let owner = owner(principal);
        all.retain(|_, record| record.owner == owner);
        Ok(all.into_iter().collect())
    }

    /// Forgets one: after what waits of it has been written, so that it does not come back.
    pub(crate) async fn forget(&self, thing: Thing, id: &str) -> Result<(), Error> {
        if self.put(thing, id, None) {
            return Ok(());
        }
        let removed = self.objects.remove(thing.word(), id).await;
        removed.map_err(|error| unavailable(&error))
    }

    /// Lets the writer end once it has written what waits.
    pub(crate) fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Name, Option<Arc<Record>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self, name: Name) {
        // Gone where a later one of that name has been written with it.
        let Some(record) = self.waiting().get(&name).cloned() else {
            return;
        };
        let (thing, id) = &name;
        let done = match &record {
            Some(record) => self.store(*thing, id, record).await,
            None => self.objects.remove(thing.word(), id).await,
        };
        if let Err(error) = done {
            tracing::error!(%error, thing = thing.word(), id, "could not be stored");
        }
        // A newer one of the same name waits for its own turn.
        let mut waiting = self.waiting();
        let same = |now: &Option<Arc<Record>>| match (now, &record) {
            (Some(now), Some(record)) => Arc::ptr_eq(now, record),
            (now, record) => now.is_none() && record.is_none(),
        };
        if waiting.get(&name).is_some_and(same) {
            waiting.remove(&name);
        }
    }

    async fn store(&self, thing: Thing, id: &str, record: &Record) -> Result<(), StoreError> {
        let now = self.clock.now().wall;
        let body = serde_json::to_value(record).unwrap_or_default();
        let size = body.to_string().len();
        if size > LARGEST {
            tracing::warn!(
                thing = thing.word(),
                id,
                size,
                "too large to be kept: it will not be found again"
            );
            return Ok(());
        }
        let object = Object {
            kind: thing.word().to_owned(),
            id: id.to_owned(),
            body,
            at: now,
            expires: Some(now.plus(LIFE)),
        };
        self.objects.put(&object).await
    }
}

fn unavailable(error: &StoreError) -> Error {
    let message = format!("the store cannot be asked now: {error}");
    Error::new(ErrorKind::Unavailable, message).retry_after(Duration::from_secs(1))
}

/// Writes records as they come. Ends when they are closed.
pub(crate) async fn keep(kept: Arc<Kept>, mut names: Names) {
    while let Some(name) = names.recv().await {
        kept.write(name).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::memory::MemoryObjects;
    use gateway_governance::credential::KeyHasher;
    use gateway_governance::directory::{Directory, Rules, authenticate};
    use gateway_types::{ManualClock, Now};

    fn kept() -> (Arc<Kept>, Names) {
        Kept::new(Arc::new(MemoryObjects::default()), Arc::new(ManualClock::default()))
    }

    fn nobody() -> Principal {
        let (directory, hasher) = (Directory::default(), KeyHasher::new(&[0; 32]));
        authenticate(&directory, &hasher, None, Rules { enforced: false }, Now::default()).unwrap()
    }

    fn record(owner: Option<&str>) -> Record {
        Record {
            v: VERSION,
            owner: owner.map(VirtualKeyId::from),
            provider: "p".into(),
            key: "k".into(),
            model: "m".into(),
            here: true,
            parts: Vec::new(),
            about: Value::from("x"),
        }
    }

    #[tokio::test]
    async fn a_record_is_found_at_once_and_after_it_was_written_and_by_its_owner_alone() {
        let (kept, mut names) = kept();
        let nobody = nobody();
        kept.keep(Thing::File, "mine", record(None));
        kept.keep(Thing::File, "anothers", record(Some("vk")));
        for written in [false, true] {
            if written {
                for _ in 0..2 {
                    kept.write(names.recv().await.unwrap()).await;
                }
                assert!(kept.waiting().is_empty());
            }
            assert_eq!(*kept.find(Thing::File, "mine", &nobody).await.unwrap(), record(None));
            for (thing, id) in [(Thing::File, "anothers"), (Thing::Batch, "mine"), (Thing::File, "none")] {
                assert_eq!(kept.find(thing, id, &nobody).await.unwrap_err().status(), 404, "{id}");
            }
            let ids: Vec<_> = kept.list(Thing::File, &nobody).await.unwrap();
            assert_eq!(ids.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["mine"]);
        }
        kept.forget(Thing::File, "mine").await.unwrap();
        assert!(kept.find(Thing::File, "mine", &nobody).await.is_err());
    }
}
