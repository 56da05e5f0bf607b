//! What was worked out lately, within a bound: what is asked for again stays, whatever else comes by.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ahash::RandomState;

/// So that threads seldom wait for one lock.
const SHARDS: usize = 16;

/// Values by key. Of each shard there are two generations: when the young one is full, the old one is forgotten and the young
/// one is old. What is found among the old is young again, so that a flood of keys that are asked for once drives nothing
/// out that is in use.
pub struct Recent<K, V> {
    hasher: RandomState,
    shards: [Mutex<Shard<K, V>>; SHARDS],
    /// How many values a generation of a shard has at the most.
    most: usize,
}

/// By a keyed hash, which nobody can choose keys for. Of two keys with one hash the later is remembered.
type Generation<K, V> = HashMap<u64, (K, V), BuildHasherDefault<AsItIs>>;

struct Shard<K, V> {
    young: Generation<K, V>,
    old: Generation<K, V>,
}

impl<K: Hash + Eq, V: Clone> Recent<K, V> {
    /// One that remembers so many values at the most.
    pub fn at_most(values: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
            most: (values / SHARDS / 2).max(1),
        }
    }

    /// The value of a key, if it is remembered.
    pub fn get(&self, key: &K) -> Option<V> {
        let hash = self.hasher.hash_one(key);
        let mut shard = self.shard(hash);
        if let Some((known, value)) = shard.young.get(&hash) {
            return (known == key).then(|| value.clone());
        }
        let (known, value) = shard.old.remove(&hash)?;
        if known != *key {
            return None;
        }
        shard.put(hash, known, value.clone(), self.most);
        Some(value)
    }

    /// Remembers a value.
    pub fn put(&self, key: K, value: V) {
        let hash = self.hasher.hash_one(&key);
        self.shard(hash).put(hash, key, value, self.most);
    }

    /// How many values are remembered.
    pub fn len(&self) -> usize {
        let of_shard = |shard: &Mutex<Shard<K, V>>| {
            let shard = lock(shard);
            shard.young.len() + shard.old.len()
        };
        self.shards.iter().map(of_shard).sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard<K, V>> {
        // The maps place by the other end of the hash.
        lock(&self.shards[(hash >> 32) as usize % SHARDS])
    }
}

fn lock<T>(shard: &Mutex<T>) -> MutexGuard<'_, T> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K, V> Shard<K, V> {
    fn put(&mut self, hash: u64, key: K, value: V, most: usize) {
        if self.young.len() >= most && !self.young.contains_key(&hash) {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&hash);
        self.young.insert(hash, (key, value));
    }
}

impl<K, V> Default for Shard<K, V> {
    fn default() -> Self {
        Self {
            young: Generation::default(),
            old: Generation::default(),
        }
    }
}

impl<K, V> fmt::Debug for Recent<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recent")
    }
}

/// A hash of what is a hash.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_keys_stays_within_the_bound_and_drives_out_nothing_that_is_in_use() {
        let recent = Recent::at_most(1024);
        recent.put("used".to_owned(), 0);
        for nth in 1..100_000 {
            recent.put(format!("made up {nth}"), nth);
            assert_eq!(recent.get(&"used".to_owned()), Some(0), "after {nth}");
        }
        assert!((512..=1024).contains(&recent.len()), "{}", recent.len());
        assert_eq!(recent.get(&"made up 1".to_owned()), None);
        assert_eq!(recent.get(&"made up 99999".to_owned()), Some(99_999));
    }

    #[test]
    fn the_latest_value_counts() {
        let recent = Recent::at_most(16);
        recent.put(1, "a");
        recent.put(1, "b");
        assert_eq!((recent.get(&1), recent.get(&2), recent.len()), (Some("b"), None, 1));
    }
}
