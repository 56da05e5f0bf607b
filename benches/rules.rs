//! Routing rules are asked where a call goes: few and many of them, about its model and about what it has used.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use gateway_router::rules::{Condition, Facts, Place, Rule, Rules, Schema, Target, Type, decide};

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let facts = Facts::new().with("model", "gpt-4o-mini").with("tokens_used", 12.5);
    let mut group = criterion.benchmark_group("rules");
    for count in [1, 10, 1_000] {
        // None of them fits, so that each has to be asked unless something spares it.
        for (name, about) in [("by-model", by_model as fn(usize) -> String), ("by-use", by_use)] {
            let rules = Rules::new((0..count).map(|nth| rule(nth, &about(nth))).collect());
            assert!(decide([&rules], &facts, 0).chosen.is_none());
            group.bench_function(BenchmarkId::new(name, count), |bench| {
                bench.iter(|| decide([black_box(&rules)], &facts, 0).chosen.is_none());
            });
        }
        // What a list of names costs that is gone through.
        let names: Vec<String> = (0..count).map(|nth| format!("gpt-none-{nth}")).collect();
        group.bench_function(BenchmarkId::new("names", count), |bench| {
            bench.iter(|| black_box(&names).iter().any(|name| name == "gpt-4o-mini"));
        });
    }
    group.finish();
    criterion.final_summary();
}

fn by_model(nth: usize) -> String {
    format!(r#"model == "gpt-none-{nth}" && tokens_used < 90.0"#)
}

fn by_use(nth: usize) -> String {
    format!("tokens_used > 9{}.0", nth % 10)
}

fn rule(nth: usize, condition: &str) -> Rule {
    let schema = Schema::new()
        .name("model", Type::String, "the model as asked for")
        .name("tokens_used", Type::Double, "percent of the limit that is used");
    Rule {
        id: nth.to_string(),
        name: nth.to_string(),
        priority: 0,
        condition: Condition::compile(condition, &schema).expect("the bench's conditions are good"),
        targets: vec![Target {
            place: Place::provider("openai"),
            weight: 1.0,
        }],
        fallbacks: vec![],
    }
}
