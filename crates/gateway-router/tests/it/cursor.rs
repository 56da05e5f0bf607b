//! What is tried after what.

use std::time::Duration;

use gateway_router::{Candidate, Condition, End, Kind, Outcome, Query, RetryPolicy, Router};

use crate::{at, candidate, candidates, name, suffer, walk};

const LIMITED: Outcome = Outcome::RateLimited { retry_after: None };

/// Candidates in a certain order: each weight draws before all later ones.
fn ordered(names: &[&str]) -> Vec<Candidate> {
    let mut all = candidates(names);
    for (n, candidate) in all.iter_mut().enumerate() {
        candidate.weight = 0.0;
        candidate.order = n as u32;
    }
    all
}

/// Two keys at provider `a`, then provider `b`.
fn two_keys() -> Query {
    let mut all = ordered(&["a/m#1", "a/m#2", "b/m"]);
    all[1].order = 0;
    all[1].key_weight = 0.0;
    Query::new("m", all)
}

#[test]
fn a_refused_or_limited_key_moves_to_another_key_first_and_then_on() {
    for outcome in [Outcome::KeyRefused, LIMITED] {
        let mut cursor = Router::default().begin(two_keys(), at(0), 1).unwrap();
        let tried = walk(&mut cursor, at(0), |_| outcome.clone());
        assert_eq!(tried, ["a/m#1", "a/m#2", "b/m"], "{outcome:?}");
        assert_eq!(cursor.end(), Some(&End::NoneLeft));
    }
}

#[test]
fn a_failed_place_is_not_asked_with_another_key() {
    for outcome in [
        Outcome::ModelMissing,
        Outcome::Failed,
        Outcome::Unreachable,
        Outcome::TimedOut,
        Outcome::Broke,
    ] {
        let mut cursor = Router::default().begin(two_keys(), at(0), 1).unwrap();
        assert_eq!(
            walk(&mut cursor, at(0), |_| outcome.clone()),
            ["a/m#1", "b/m"],
            "{outcome:?}"
        );
    }
}

#[test]
fn keys_with_base_urls_of_their_own_are_places_of_their_own() {
    for outcome in [Outcome::Unreachable, Outcome::Failed] {
        let mut query = two_keys();
        query.groups[0].candidates[1].deployment.upstream = 2;
        let mut cursor = Router::default().begin(query, at(0), 1).unwrap();
        assert_eq!(
            walk(&mut cursor, at(0), |_| outcome.clone()),
            ["a/m#1", "a/m#2", "b/m"],
            "{outcome:?}"
        );
    }
}

#[test]
fn of_attempts_that_overlap_the_later_one_is_walked_on_from() {
    let mut query = two_keys();
    query.groups[0].candidates.push(candidate("c/m").weight(0.0));
    query.groups[0].candidates[3].order = 9;
    let mut cursor = Router::default().begin(query, at(0), 1).unwrap();
    let slow = cursor.next(at(0)).unwrap();
    let hedge = cursor.next(at(0)).unwrap();
    assert_eq!(
        name(hedge.deployment()),
        "b/m",
        "a place that has not answered yet is not asked with another key"
    );
    hedge.finish(Outcome::Skipped("over budget".into()), at(0));
    slow.finish(Outcome::Failed, at(0));
    assert_eq!(cursor.attempts(), 1);
    let last = cursor.next(at(0)).unwrap();
    assert_eq!((name(last.deployment()).as_str(), last.ordinal()), ("c/m", 2));
}

#[test]
fn an_answer_of_any_overlapping_attempt_ends_the_walk() {
    let mut cursor = Router::default().begin(two_keys(), at(0), 1).unwrap();
    let slow = cursor.next(at(0)).unwrap();
    let hedge = cursor.next(at(0)).unwrap();
    slow.finish(Outcome::Success, at(0));
    hedge.finish(Outcome::Failed, at(0));
    assert!(cursor.next(at(0)).is_none());
    assert_eq!(cursor.end(), Some(&End::Answered));
}

#[test]
fn another_model_of_a_failed_provider_is_asked_unless_the_provider_cannot_be_reached() {
    let query = || Query::new("m", ordered(&["a/m"])).fallback("n", ordered(&["a/n", "b/n"]));
    for (outcome, expected) in [
        (Outcome::Failed, vec!["a/m", "a/n", "b/n"]),
        (Outcome::Unreachable, vec!["a/m", "b/n"]),
    ] {
        let mut cursor = Router::default().begin(query(), at(0), 1).unwrap();
        assert_eq!(walk(&mut cursor, at(0), |_| outcome.clone()), expected, "{outcome:?}");
    }
}

#[test]
fn the_requests_own_fallbacks_come_after_the_first_provider_and_before_the_rest() {
    let mut query = two_keys()
        .fallback("n", ordered(&["c/n"]))
        .fallback("o", ordered(&["d/o", "e/o"]));
    query.groups[0].candidates.push(candidate("z/m").weight(0.0));
    query.groups[0].candidates[3].order = 9;
    let mut cursor = Router::default().begin(query, at(0), 1).unwrap();
    let tried = walk(&mut cursor, at(0), |_| Outcome::KeyRefused);
    assert_eq!(tried, ["a/m#1", "a/m#2", "c/n", "d/o", "e/o", "b/m", "z/m"]);
}

#[test]
fn an_answer_or_a_rejection_ends_the_walk() {
    for (outcome, end) in [(Outcome::Success, End::Answered), (Outcome::Rejected, End::Rejected)] {
        let mut cursor = Router::default().begin(two_keys(), at(0), 1).unwrap();
        assert_eq!(walk(&mut cursor, at(0), |_| outcome.clone()).len(), 1);
        assert_eq!((cursor.end(), cursor.attempts()), (Some(&end), 1));
    }
}

#[test]
fn the_kind_and_number_of_each_attempt_are_told() {
    let mut cursor = Router::default().begin(two_keys(), at(0), 1).unwrap();
    for (ordinal, kind) in [(1, Kind::First), (2, Kind::OtherKey), (3, Kind::Fallback)] {
        let attempt = cursor.next(at(0)).unwrap();
        assert_eq!(
            (attempt.ordinal(), attempt.kind(), attempt.delay()),
            (ordinal, kind, Duration::ZERO)
        );
        attempt.finish(LIMITED, at(0));
    }
    assert!(cursor.next(at(0)).is_none());
    assert_eq!(cursor.attempts(), 3);
}

#[test]
fn a_skipped_attempt_costs_nothing() {
    let router = Router::default();
    let mut query = two_keys();
    query.limits.attempts = 1;
    let mut cursor = router.begin(query, at(0), 1).unwrap();
    cursor
        .next(at(0))
        .unwrap()
        .finish(Outcome::Skipped("over budget".into()), at(0));
    assert_eq!(cursor.attempts(), 0);
    let second = cursor.next(at(0)).unwrap();
    assert_eq!(
        (name(second.deployment()).as_str(), second.ordinal(), second.kind()),
        ("a/m#2", 1, Kind::First)
    );
    second.finish(Outcome::Failed, at(0));
    assert!(cursor.next(at(0)).is_none());
    assert_eq!(cursor.end(), Some(&End::AttemptsSpent));
    assert!(router.health(at(0)).iter().all(|known| known.standing.in_flight == 0));
}

#[test]
fn an_abandoned_attempt_gives_its_permits_back_and_hurts_nobody() {
    let router = Router::default();
    let mut cursor = router.begin(two_keys(), at(0), 1).unwrap();
    let attempt = cursor.next(at(0)).unwrap();
    let place = attempt.deployment().clone();
    assert_eq!(router.in_flight(&place), 1);
    drop(attempt);
    assert_eq!(router.in_flight(&place), 0);
    assert!(
        router
            .health(at(0))
            .iter()
            .all(|known| known.standing.condition == Condition::Ready)
    );
    // Whoever walks on is not sent to the place that was just given up.
    assert_eq!(name(cursor.next(at(0)).unwrap().deployment()), "b/m");
}

#[test]
fn an_answer_outlives_its_cursor_and_a_broken_one_can_be_carried_on_elsewhere() {
    let router = Router::default();
    let mut cursor = router.begin(two_keys(), at(0), 1).unwrap();
    let mut stream = cursor.next(at(0)).unwrap();
    stream.first_byte(at(300));
    stream.finish(Outcome::Broke, at(2_000));
    let stream = cursor.next(at(2_000)).unwrap();
    assert_eq!(name(stream.deployment()), "b/m");
    drop(cursor);
    std::thread::spawn(move || stream.finish(Outcome::Success, at(9_000)))
        .join()
        .unwrap();
    assert!(
        router
            .health(at(9_000))
            .iter()
            .all(|known| known.standing.in_flight == 0)
    );
}

fn retried(max_retries: u32) -> RetryPolicy {
    RetryPolicy {
        max_retries,
        ..RetryPolicy::default()
    }
}

#[test]
fn retries_are_made_where_asked_for_with_growing_waits_and_within_the_one_budget() {
    let mut query = two_keys();
    query.groups[0].candidates[0].retry = retried(2);
    query.limits.attempts = 4;
    let mut cursor = Router::default().begin(query, at(0), 1).unwrap();
    let mut seen = Vec::new();
    while let Some(attempt) = cursor.next(at(0)) {
        seen.push((name(attempt.deployment()), attempt.kind(), attempt.delay()));
        attempt.finish(Outcome::Unreachable, at(0));
    }
    let kinds: Vec<_> = seen.iter().map(|(name, kind, _)| (name.as_str(), *kind)).collect();
    assert_eq!(
        kinds,
        [
            ("a/m#1", Kind::First),
            ("a/m#1", Kind::Retry),
            ("a/m#1", Kind::Retry),
            ("b/m", Kind::Fallback)
        ]
    );
    assert!(
        (250..=500).contains(&seen[1].2.as_millis()) && (500..=1_000).contains(&seen[2].2.as_millis()),
        "{seen:?}"
    );
    assert_eq!(cursor.end(), Some(&End::AttemptsSpent));
}

#[test]
fn no_nesting_of_keys_retries_and_fallbacks_passes_the_budget() {
    let names: Vec<String> = (0..30).map(|n| format!("p{n}/m")).collect();
    let mut all = candidates(&names.iter().map(String::as_str).collect::<Vec<_>>());
    all.iter_mut().for_each(|candidate| candidate.retry = retried(5));
    let query = Query::new("m", all.clone())
        .fallback("n", all.clone())
        .fallback("o", all);
    let mut cursor = Router::default().begin(query, at(0), 1).unwrap();
    assert_eq!(walk(&mut cursor, at(0), |_| Outcome::Failed).len(), 10);
}

#[test]
fn a_limited_key_is_not_waited_for_while_another_is_free() {
    let mut query = two_keys();
    query.groups[0]
        .candidates
        .iter_mut()
        .for_each(|candidate| candidate.retry = retried(1));
    let mut cursor = Router::default().begin(query, at(0), 1).unwrap();
    assert_eq!(
        walk(&mut cursor, at(0), |_| LIMITED),
        ["a/m#1", "a/m#2", "a/m#2", "b/m", "b/m"]
    );
}

#[test]
fn a_retry_after_beyond_the_longest_wait_moves_on_and_cools_the_key_down() {
    let router = Router::default();
    let mut query = Query::new("m", ordered(&["a/m", "b/m"]));
    query.groups[0].candidates[0].retry = retried(3);
    let mut cursor = router.begin(query.clone(), at(0), 1).unwrap();
    let limited = Outcome::RateLimited {
        retry_after: Some(Duration::from_secs(40)),
    };
    let tried = walk(&mut cursor, at(0), |name| {
        if name == "a/m" {
            limited.clone()
        } else {
            Outcome::Success
        }
    });
    assert_eq!(tried, ["a/m", "b/m"]);
    assert_eq!(router.view(&query, at(1_000)).standings[0].ready_in_ms, 39_000);
    let first = |now| {
        name(
            router
                .begin(query.clone(), now, 1)
                .unwrap()
                .next(now)
                .unwrap()
                .deployment(),
        )
    };
    assert_eq!((first(at(39_999)).as_str(), first(at(40_000)).as_str()), ("b/m", "a/m"));
}

#[test]
fn no_attempt_starts_after_the_deadline_and_no_retry_waits_past_it() {
    let mut query = Query::new("m", ordered(&["a/m", "b/m"]));
    query.groups[0].candidates[0].retry = retried(9);
    query.limits.start_within = Duration::from_secs(1);
    let mut cursor = Router::default().begin(query, at(0), 1).unwrap();
    cursor.next(at(0)).unwrap().finish(Outcome::Failed, at(900));
    let second = cursor.next(at(900)).unwrap();
    assert_eq!(name(second.deployment()), "b/m");
    second.finish(Outcome::Failed, at(1_001));
    assert!(cursor.next(at(1_001)).is_none());
    assert_eq!(cursor.end(), Some(&End::TooLate));
}

#[test]
fn the_last_candidate_left_is_never_refused() {
    for outcome in [
        Outcome::Unreachable,
        Outcome::TimedOut,
        Outcome::KeyRefused,
        LIMITED,
        Outcome::ModelMissing,
    ] {
        let router = Router::default();
        let only = candidate("a/m");
        suffer(&router, &only, outcome.clone(), at(0));
        let mut cursor = router.begin(Query::new("m", vec![only]), at(1), 1).unwrap();
        assert!(cursor.plan().picks[0].last_resort, "{outcome:?}");
        assert_eq!(walk(&mut cursor, at(1), |_| Outcome::Success), ["a/m"], "{outcome:?}");
    }
}

#[test]
fn what_broke_since_the_plan_was_made_is_tried_last() {
    let router = Router::default();
    let all = ordered(&["a/m", "b/m", "c/m"]);
    let mut cursor = router.begin(Query::new("m", all.clone()), at(0), 1).unwrap();
    suffer(&router, &all[0], Outcome::TimedOut, at(0));
    assert_eq!(walk(&mut cursor, at(0), |_| Outcome::Failed), ["b/m", "c/m", "a/m"]);
}

#[test]
fn one_request_probes_while_the_others_go_elsewhere_and_come_back_only_at_the_end() {
    let router = Router::default();
    let all = ordered(&["a/m", "b/m"]);
    suffer(&router, &all[0], Outcome::Unreachable, at(0));
    let begin = || router.begin(Query::new("m", all.clone()), at(5_000), 1).unwrap();
    let (mut one, mut other) = (begin(), begin());
    let probe = one.next(at(5_000)).unwrap();
    assert_eq!(name(probe.deployment()), "a/m");
    assert_eq!(walk(&mut other, at(5_000), |_| Outcome::Failed), ["b/m", "a/m"]);
    probe.finish(Outcome::Success, at(6_000));
    assert!(!begin().plan().picks[0].last_resort);
}

#[test]
fn a_full_candidate_is_passed_over_while_there_is_another() {
    let router = Router::default();
    let mut all = ordered(&["a/m", "b/m"]);
    all[0].max_in_flight = Some(1);
    let query = Query::new("m", all);
    let begin = || router.begin(query.clone(), at(0), 1).unwrap();
    let (mut one, mut other) = (begin(), begin());
    let held = one.next(at(0)).unwrap();
    assert_eq!(walk(&mut other, at(0), |_| Outcome::Failed), ["b/m", "a/m"]);
    assert_eq!(begin().plan().picks[1].reason.code(), "full");
    drop(held);
    assert_eq!(name(begin().next(at(0)).unwrap().deployment()), "a/m");
}
