//! How long answers of a model tend to be, learned from what providers report: the size of the first slice that an
//! elastic hold takes.
//!
//! A mean and a mean deviation, both exponentially weighted, with the gains that RFC 6298 (section 2) has for round trips.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ahash::{HashMap, RandomState};
use gateway_types::{ModelName, ProviderName};

const MEAN_GAIN: f64 = 1.0 / 8.0;
const DEVIATION_GAIN: f64 = 1.0 / 4.0;
/// How many deviations above the mean are expected. A retransmission timer takes four; here too little costs one more
/// look at a quota, and too much keeps money from other calls.
const DEVIATIONS: f64 = 2.0;

/// So that calls of different models do not wait for one lock.
const SHARDS: usize = 16;
/// How many models a shard remembers; the one that was asked for longest ago is forgotten.
const MODELS_PER_SHARD: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Learned {
    /// Models are known by a keyed hash: nobody can choose names that fall together.
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    models: HashMap<u64, Model>,
    uses: u64,
}

#[derive(Clone, Copy, Debug)]
struct Model {
    mean: f64,
    deviation: f64,
    used: u64,
}

impl Learned {
    /// How many tokens an answer is likely to have at most; `None` where none has been seen.
    pub(super) fn expect(&self, provider: &ProviderName, model: &ModelName) -> Option<u64> {
        let (mut shard, name) = self.shard(provider, model);
        let used = shard.tick();
        let model = shard.models.get_mut(&name)?;
        model.used = used;
        Some((model.mean + DEVIATIONS * model.deviation).ceil() as u64)
    }

    /// Takes an answer of that many tokens into account.
    pub(super) fn learn(&self, provider: &ProviderName, model: &ModelName, tokens: u64) {
        let (mut shard, name) = self.shard(provider, model);
        let used = shard.tick();
        if let Some(model) = shard.models.get_mut(&name) {
            let off = tokens as f64 - model.mean;
            model.deviation += DEVIATION_GAIN * (off.abs() - model.deviation);
            model.mean += MEAN_GAIN * off;
            model.used = used;
            return;
        }
        if shard.models.len() >= MODELS_PER_SHARD {
            shard.forget_one();
        }
        let mean = tokens as f64;
        shard.models.insert(
            name,
            Model {
                mean,
                deviation: mean / 2.0,
                used,
            },
        );
    }

    fn shard(&self, provider: &ProviderName, model: &ModelName) -> (MutexGuard<'_, Shard>, u64) {
        let name = self.hasher.hash_one((provider, model));
        let shard = &self.shards[name as usize % SHARDS];
        (shard.lock().unwrap_or_else(PoisonError::into_inner), name)
    }
}

impl Shard {
    fn tick(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }

    fn forget_one(&mut self) {
        let oldest = self.models.iter().min_by_key(|(_, model)| model.used);
        if let Some(name) = oldest.map(|(name, _)| *name) {
            self.models.remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_answer_is_taken_for_the_mean_and_half_of_it_for_the_deviation() {
        let learned = Learned::default();
        let (provider, model) = ("p".into(), "m".into());
        assert_eq!(learned.expect(&provider, &model), None);
        learned.learn(&provider, &model, 100);
        assert_eq!(learned.expect(&provider, &model), Some(200));
        assert_eq!(learned.expect(&"q".into(), &model), None, "each provider for itself");
    }

    #[test]
    fn answers_of_one_length_are_expected_to_have_it() {
        let learned = Learned::default();
        let (provider, model) = ("p".into(), "m".into());
        for _ in 0..100 {
            learned.learn(&provider, &model, 300);
        }
        assert_eq!(learned.expect(&provider, &model), Some(301));
        learned.learn(&provider, &model, 3000);
        let expected = learned.expect(&provider, &model).unwrap();
        assert!(
            (1500..3000).contains(&expected),
            "one long answer makes room: {expected}"
        );
    }

    #[test]
    fn it_remembers_a_bounded_number_of_models_and_the_one_in_use_among_them() {
        let learned = Learned::default();
        let provider = ProviderName::from("p");
        let used = ModelName::from("used");
        learned.learn(&provider, &used, 100);
        for n in 0..20_000 {
            learned.learn(&provider, &ModelName::from(format!("m{n}")), 5);
            learned.expect(&provider, &used);
        }
        let models: usize = learned
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap().models.len())
            .sum();
        assert_eq!(models, SHARDS * MODELS_PER_SHARD);
        assert_eq!(learned.expect(&provider, &used), Some(200));
    }
}
