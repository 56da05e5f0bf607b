//! The router as its users see it.
#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

mod cursor;
mod plan;
mod run;
mod simulate;

use std::time::Duration;

use gateway_router::{Candidate, Cursor, Deployment, Outcome, Router};
use gateway_types::Now;

/// That many milliseconds after the beginning.
fn at(ms: u64) -> Now {
    Now::default().plus(Duration::from_millis(ms))
}

/// A candidate by its parts, as in `vllm/llama#key-1`; each provider is one upstream.
fn candidate(name: &str) -> Candidate {
    let (provider, rest) = name.split_once('/').unwrap();
    let (model, key) = rest.split_once('#').unwrap_or((rest, "k"));
    Candidate::new(Deployment::new(provider, key, model))
}

fn candidates(names: &[&str]) -> Vec<Candidate> {
    names.iter().map(|name| candidate(name)).collect()
}

fn name(deployment: &Deployment) -> String {
    let Deployment {
        provider, key, model, ..
    } = deployment;
    if *key == "k" {
        format!("{provider}/{model}")
    } else {
        format!("{provider}/{model}#{key}")
    }
}

/// Walks to the end and tells who was tried, with what each said.
fn walk(cursor: &mut Cursor, now: Now, mut upstream: impl FnMut(&str) -> Outcome) -> Vec<String> {
    let mut tried = Vec::new();
    while let Some(attempt) = cursor.next(now) {
        let called = name(attempt.deployment());
        let outcome = upstream(&called);
        tried.push(called);
        attempt.finish(outcome, now);
    }
    tried
}

/// Makes one call that ends like this.
fn suffer(router: &Router, candidate: &Candidate, outcome: Outcome, now: Now) {
    let query = gateway_router::Query::new("any", vec![candidate.clone()]);
    let attempt = router.begin(query, now, 0).unwrap().next(now).unwrap();
    attempt.finish(outcome, now);
}
