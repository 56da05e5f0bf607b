use std::time::Duration;

use gateway_types::Now;

use super::*;
use crate::{Candidate, Deployment, Outcome, Query, Router};

fn candidate(provider: &str, weight: f64) -> Candidate {
    Candidate::new(Deployment::new(provider, "k", "m")).weight(weight)
}

fn tried<'a>(provider: &'a str, kind: &'a str, outcome: &'a str, status: Option<u16>, took_ms: f64) -> Tried<'a> {
    Tried {
        provider,
        key: "k",
        model: "m",
        kind,
        outcome,
        http_status: status,
        message: None,
        took_ms,
    }
}

/// A plan for three, of which one cannot be reached.
fn plan() -> PlanRecord {
    let router = Router::default();
    let now = Now::default();
    let dead = Query::new("any", vec![candidate("ollama", 1.0)]);
    let attempt = router.begin(dead, now, 0).unwrap().next(now).unwrap();
    attempt.finish(Outcome::Unreachable, now);
    let mut small = candidate("tiny", 1.0);
    small.context = Some(100);
    let mut query = Query::new(
        "auto",
        vec![
            candidate("vllm-eu", 0.9),
            candidate("openai", 0.0),
            candidate("ollama", 0.1),
            small,
        ],
    );
    query.input_estimate = 2000;
    let cursor = router.begin(query, now.plus(Duration::from_secs(1)), 7).unwrap();
    let written = serde_json::to_string(cursor.plan()).unwrap();
    let read: PlanRecord = serde_json::from_str(&written).unwrap();
    let fresh = PlanRecord::from(cursor.plan());
    assert_eq!(
        told(&read, &[]),
        told(&fresh, &[]),
        "what is written down is read again"
    );
    read
}

fn told(plan: &PlanRecord, tried: &[Tried<'_>]) -> Vec<String> {
    let plan = Some(plan);
    Decision {
        rule: None,
        plan,
        tried,
    }
    .why()
}

#[test]
fn a_failover_is_told_as_a_person_would() {
    let (plan, place) = (plan(), Place::provider("vllm-eu"));
    let tried = [
        tried("vllm-eu", "first", "failed", Some(500), 1200.0),
        tried("openai", "fallback", "success", Some(200), 420.0),
    ];
    let why = Decision {
        rule: Some(("cheap-first", &place)),
        plan: Some(&plan),
        tried: &tried,
    }
    .why();
    let ready = plan.picks.iter().find_map(|pick| pick.reason.ready_in_ms).unwrap();
    assert_eq!(
        why,
        [
            "Rule `cheap-first` sent it to vllm-eu.".to_owned(),
            "There are 4 candidates for `auto`, drawn by weight.".to_owned(),
            "vllm-eu, with weight 0.9, is drawn first: 45 % of the weights.".to_owned(),
            "Next in line: openai.".to_owned(),
            format!(
                "ollama is a last resort: it cannot be reached; it is asked again in {}.",
                span(ready as f64)
            ),
            "tiny is left out: about 2000 input tokens, it takes 100.".to_owned(),
            "vllm-eu answered 500 after 1.2 s.".to_owned(),
            "So openai was tried, and answered after 420 ms.".to_owned(),
        ]
    );
}

#[test]
fn a_plan_without_tries_tells_the_plan_alone() {
    let plan = PlanRecord {
        picks: plan().picks.into_iter().take(1).collect(),
        left_out: Vec::new(),
        ..plan()
    };
    assert_eq!(told(&plan, &[]), ["There is one candidate for `auto`."]);
    assert_eq!(
        told(&plan, &[tried("vllm-eu", "first", "rate_limited", Some(429), 3.0)])[1..],
        ["vllm-eu limited the gateway's key (429).", "Nobody was left to ask."]
    );
    assert_eq!(
        told(&plan, &[tried("vllm-eu", "first", "rejected", Some(400), 3.0)])[1..],
        [
            "vllm-eu called the request wrong (400).",
            "What is wrong with a request is for its sender to see, so nobody else was asked."
        ]
    );
}

#[test]
fn keys_of_one_provider_are_told_apart() {
    let on = |key: &str| Candidate::new(Deployment::new("openai", key, "m"));
    let now = Now::default();
    let cursor = Router::default()
        .begin(Query::new("m", vec![on("one"), on("two")]), now, 1)
        .unwrap();
    let plan = PlanRecord::from(cursor.plan());
    let first = plan.picks[0].deployment.key.as_str();
    let second = plan.picks[1].deployment.key.as_str();
    let one = |key, kind, outcome, status| Tried {
        key,
        ..tried("openai", kind, outcome, Some(status), 10.0)
    };
    let tried = [
        one(first, "first", "key_refused", 401),
        one(second, "other_key", "success", 200),
    ];
    let why = Decision {
        rule: None,
        plan: Some(&plan),
        tried: &tried,
    }
    .why();
    let last = &why[why.len() - 2..];
    assert_eq!(
        last,
        [
            format!("openai (key `{first}`) refused the gateway's key (401)."),
            format!("So openai was tried with another key (`{second}`), and answered after 10 ms."),
        ]
    );
}

#[test]
fn what_an_earlier_version_wrote_down_is_still_told() {
    let plan: PlanRecord = serde_json::from_str(
        r#"{"model":"m","strategy":"weighted","seed":18446744073709551615,"at":5,"picks":[
            {"place":1,"group":0,"index":0,"deployment":{"provider":"a","key":"k","model":"m","endpoint":1,"upstream":2},
             "score":0.5,"last_resort":false,"reason":{"code":"drawn","words":"drawn by weight, with 50.0 % of it"}}],
            "left_out":[{"group":0,"index":1,"deployment":{"provider":"b","key":"k","model":"m","endpoint":1},
             "reason":{"code":"duplicate","words":"it stands earlier in the plan"}}]}"#,
    )
    .unwrap();
    let why = Decision {
        plan: Some(&plan),
        ..Decision::default()
    }
    .why();
    assert_eq!(
        why,
        [
            "There are 2 candidates for `m`, drawn by weight.",
            "a comes first: drawn by weight, with 50.0 % of it."
        ]
    );
    assert!(Decision::default().why().is_empty());
}

#[test]
fn spans_are_said_as_people_say_them() {
    let said: Vec<String> = [0.2, 820.4, 1200.0, 600_000.0].map(span).into();
    assert_eq!(said, ["under a millisecond", "820 ms", "1.2 s", "10 min"]);
}
