//! Whose key it is: a value is looked up among few keys and among many.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use gateway_governance::credential::KeyHasher;
use gateway_governance::directory::{Directory, Rules, Said, authenticate};
use gateway_governance::quota::Quotas;
use gateway_governance::settings::VirtualKeySettings;
use gateway_types::Now;
use serde_json::json;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let hasher = KeyHasher::new(&[7; 32]);
    let rules = Rules { enforced: true };
    let mut group = criterion.benchmark_group("authenticate");
    for count in [10, 10_000] {
        let keys: Vec<_> = (0..count).map(|nth| key(&hasher, nth)).collect();
        let directory = Directory::compile(&Said::keys(&keys), &Quotas::new()).expect("the bench's keys are good");
        for (name, value) in [("known", "value-7"), ("unknown", "nobody's")] {
            let found = |value| authenticate(&directory, &hasher, Some(value), rules, Now::default());
            assert_eq!(found(value).is_ok(), name == "known");
            group.bench_function(BenchmarkId::new(name, count), |bench| {
                bench.iter(|| found(black_box(value)).is_ok());
            });
        }
    }
    // All of it but looking: no value is kept, so that each has to be hashed.
    group.bench_function("hash", |bench| bench.iter(|| hasher.hash(black_box("value-7"))));
    group.finish();
    criterion.final_summary();
}

fn key(hasher: &KeyHasher, nth: usize) -> Arc<VirtualKeySettings> {
    let key = json!({"id": format!("vk-{nth}"), "value_hash": hasher.hash(&format!("value-{nth}")).to_string()});
    serde_json::from_value(key).expect("the bench's keys are good")
}
