//! The plan as a pure function.

use std::collections::{BTreeMap, HashSet};

use gateway_router::{Candidate, Condition, Outcome, Plan, Query, Router, Standing, Strategy as Choosing, View, plan};
use proptest::prelude::*;

use crate::{at, candidate, candidates, name, suffer};

const STRATEGIES: [Choosing; 5] = [
    Choosing::Weighted,
    Choosing::LeastBusy,
    Choosing::Latency,
    Choosing::Cost,
    Choosing::Affinity,
];

fn order(plan: &Plan) -> Vec<String> {
    plan.picks.iter().map(|pick| name(&pick.deployment)).collect()
}

/// How often each candidate comes first, over many seeds.
fn firsts(query: &Query, view: &View, rounds: u64) -> BTreeMap<String, f64> {
    let mut firsts = BTreeMap::new();
    for seed in 0..rounds {
        let first = name(&plan(query, view, at(0), seed).picks[0].deployment);
        *firsts.entry(first).or_insert(0.0) += 1.0 / rounds as f64;
    }
    firsts
}

fn standing(in_flight: u32, expected_ms: Option<f64>) -> Standing {
    Standing {
        in_flight,
        expected_ms,
        latency_ms: expected_ms,
        ..Standing::default()
    }
}

fn view(standings: Vec<Standing>) -> View {
    View {
        standings,
        ..View::default()
    }
}

fn weighted(weights: &[(&str, f64)]) -> Query {
    Query::new(
        "m",
        weights
            .iter()
            .map(|(name, weight)| candidate(name).weight(*weight))
            .collect(),
    )
}

#[test]
fn first_picks_follow_the_weights_and_so_does_what_follows_a_failure() {
    let query = weighted(&[("a/m", 0.5), ("b/m", 0.3), ("c/m", 0.2)]);
    let shares = firsts(&query, &View::default(), 20_000);
    for (name, share) in [("a/m", 0.5), ("b/m", 0.3), ("c/m", 0.2)] {
        assert!((shares[name] - share).abs() < 0.015, "{name}: {shares:?}");
    }
    let mut after_a = BTreeMap::new();
    for seed in 0..20_000 {
        let order = order(&plan(&query, &View::default(), at(0), seed));
        if order[0] == "a/m" {
            *after_a.entry(order[1].clone()).or_insert(0_u32) += 1;
        }
    }
    let share = f64::from(after_a["b/m"]) / f64::from(after_a["b/m"] + after_a["c/m"]);
    assert!((share - 0.6).abs() < 0.02, "{share}");
}

#[test]
fn weights_need_not_sum_to_one_and_0_comes_last_in_listed_order() {
    let mut query = weighted(&[("z/m", 0.0), ("a/m", 30.0), ("y/m", 0.0), ("b/m", 10.0)]);
    for (candidate, order) in query.groups[0].candidates.iter_mut().zip([3, 0, 1, 2]) {
        candidate.order = order;
    }
    let shares = firsts(&query, &View::default(), 10_000);
    assert!((shares["a/m"] - 0.75).abs() < 0.02, "{shares:?}");
    for seed in 0..50 {
        assert_eq!(order(&plan(&query, &View::default(), at(0), seed))[2..], ["y/m", "z/m"]);
    }
}

#[test]
fn keys_share_their_providers_weight() {
    let mut all = candidates(&["a/m#1", "a/m#2", "a/m#3", "b/m"]);
    for (candidate, weight) in all.iter_mut().zip([3.0, 1.0, 0.0, 1.0]) {
        candidate.key_weight = weight;
    }
    let query = Query::new("m", all);
    let shares = firsts(&query, &View::default(), 20_000);
    for (name, share) in [("a/m#1", 0.375), ("a/m#2", 0.125), ("b/m", 0.5)] {
        assert!((shares[name] - share).abs() < 0.015, "{name}: {shares:?}");
    }
    let mut query = query;
    query.groups[0]
        .candidates
        .iter_mut()
        .for_each(|candidate| candidate.key_weight = 0.0);
    assert!((firsts(&query, &View::default(), 20_000)["a/m#3"] - 1.0 / 6.0).abs() < 0.015);
}

#[test]
fn the_broken_are_at_the_very_end_and_say_why() {
    let query = weighted(&[("a/m", 1.0), ("b/m", 0.0), ("c/m", 1.0)]);
    let broken = Standing {
        condition: Condition::Broken,
        ready_in_ms: 3_200,
        ..Standing::default()
    };
    let plan = plan(
        &query,
        &view(vec![broken.clone(), Standing::default(), broken]),
        at(0),
        5,
    );
    assert_eq!(plan.picks[0].reason.code(), "fallback_only");
    assert!(plan.picks[1].last_resort && plan.picks[2].last_resort && !plan.picks[0].last_resort);
    assert_eq!(
        plan.picks[1].reason.to_string(),
        "last resort: it failed; asked again in 3200 ms"
    );
}

#[test]
fn the_first_provider_that_works_comes_before_the_requests_own_fallbacks() {
    let query = weighted(&[("a/m", 1.0), ("b/m", 1e-9), ("c/m", 0.0)]).fallback("n", candidates(&["d/n"]));
    let broken = Standing {
        condition: Condition::Broken,
        ..Standing::default()
    };
    let one = plan(&query, &view(vec![broken.clone()]), at(0), 5);
    assert_eq!(order(&one), ["b/m", "d/n", "c/m", "a/m"]);
    let both = plan(&query, &view(vec![broken.clone(), broken]), at(0), 5);
    assert_eq!(
        order(&both),
        ["d/n", "c/m", "a/m", "b/m"],
        "weight 0 is not a first pick, not even then"
    );
}

#[test]
fn least_busy_takes_the_less_busy_of_two() {
    let query = weighted(&[("a/m", 1.0), ("b/m", 1.0), ("c/m", 0.0)]).strategy(Choosing::LeastBusy);
    let shares = firsts(
        &query,
        &view(vec![standing(5, None), standing(2, None), standing(0, None)]),
        1_000,
    );
    assert_eq!(shares.keys().collect::<Vec<_>>(), ["b/m"]);
    let shares = firsts(&query, &View::default(), 10_000);
    assert!((shares["a/m"] - 0.5).abs() < 0.02, "weights break ties: {shares:?}");

    let keys = Query::new("m", candidates(&["a/m#1", "a/m#2"])).strategy(Choosing::LeastBusy);
    let shares = firsts(&keys, &view(vec![standing(3, None), standing(1, None)]), 100);
    assert_eq!(shares.keys().collect::<Vec<_>>(), ["a/m#2"], "so it is with keys");
}

#[test]
fn latency_weighs_the_expected_time_with_what_is_in_flight() {
    let query = weighted(&[("a/m", 1.0), ("b/m", 1.0), ("c/m", 1.0)]).strategy(Choosing::Latency);
    let first = |standings: Vec<Standing>| order(&plan(&query, &view(standings), at(0), 1));
    let [slow, fast] = [standing(0, Some(900.0)), standing(0, Some(200.0))];
    assert_eq!(first(vec![slow.clone(), fast, standing(9, None)])[0], "b/m");
    assert_eq!(
        first(vec![slow.clone(), standing(8, Some(200.0)), standing(9, None)])[0],
        "a/m"
    );
    assert_eq!(
        first(vec![slow, standing(1, Some(200.0)), standing(0, None)])[0],
        "c/m",
        "the unknown gets its turn"
    );
}

#[test]
fn cost_takes_the_cheapest_and_draws_among_equals() {
    let mut query = weighted(&[("a/m", 1.0), ("b/m", 3.0), ("c/m", 1.0), ("d/m", 9.0)]).strategy(Choosing::Cost);
    for (candidate, rank) in query.groups[0]
        .candidates
        .iter_mut()
        .zip([Some(10), Some(10), Some(90), None])
    {
        candidate.cost_rank = rank;
    }
    let shares = firsts(&query, &View::default(), 10_000);
    assert!((shares["b/m"] - 0.75).abs() < 0.02, "{shares:?}");
    assert_eq!(order(&plan(&query, &View::default(), at(0), 1))[2..], ["c/m", "d/m"]);
}

#[test]
fn a_session_keeps_its_provider_and_key_and_moves_only_if_that_is_gone() {
    let mut query = Query::new("m", candidates(&["a/m#1", "a/m#2", "b/m", "c/m"])).strategy(Choosing::Affinity);
    let without = plan(&query, &View::default(), at(0), 1);
    assert_eq!(without.picks[0].reason.code(), "drawn");
    let mut shares = BTreeMap::new();
    for session in 0..3_000 {
        query.session = Some(format!("session-{session}"));
        let home = order(&plan(&query, &View::default(), at(0), session));
        assert_eq!(order(&plan(&query, &View::default(), at(0), session + 1)), home);
        *shares
            .entry(home[0].split('/').next().unwrap().to_owned())
            .or_insert(0.0) += 1.0 / 3_000.0;

        let mut fewer = query.clone();
        fewer.groups[0]
            .candidates
            .retain(|candidate| name(&candidate.deployment) != home[3]);
        assert_eq!(order(&plan(&fewer, &View::default(), at(0), session))[0], home[0]);
    }
    assert!(
        shares.values().all(|share: &f64| (share - 1.0 / 3.0).abs() < 0.04),
        "{shares:?}"
    );
}

#[test]
fn an_input_too_large_leaves_small_windows_out_unless_all_are_too_small() {
    let mut query = weighted(&[("a/m", 1.0), ("b/m", 1.0), ("c/m", 1.0)]);
    query.groups[0].candidates[0].context = Some(8_192);
    query.groups[0].candidates[1].context = Some(4_096);
    query.input_estimate = 10_000;
    let roomy = plan(&query, &View::default(), at(0), 1);
    assert_eq!(order(&roomy), ["c/m"]);
    assert!(
        roomy
            .left_out
            .iter()
            .all(|out| out.reason.code() == "context_too_small")
    );
    assert!(
        roomy
            .left_out
            .iter()
            .any(|out| out.reason.to_string() == "about 10000 input tokens, it takes 8192")
    );

    query.groups[0].candidates.pop();
    let tight = plan(&query, &View::default(), at(0), 1);
    assert_eq!(
        order(&tight),
        ["a/m"],
        "the estimate may be wrong; the upstream's refusal is exact"
    );
    assert_eq!(tight.picks[0].reason.code(), "largest_context");
}

#[test]
fn a_plan_can_be_made_again_from_what_was_written_down() {
    let router = Router::default();
    let query = weighted(&[("a/m", 0.5), ("b/m", 0.3), ("c/m", 0.2)]).fallback("n", candidates(&["a/m", "d/n"]));
    suffer(&router, &candidate("b/m"), Outcome::TimedOut, at(0));
    suffer(&router, &candidate("c/m"), Outcome::Success, at(10));
    let cursor = router.begin(query, at(20), 99).unwrap();
    let kept = serde_json::to_string(&(cursor.query(), cursor.view())).unwrap();
    let (query, view): (Query, View) = serde_json::from_str(&kept).unwrap();
    let again = plan(&query, &view, at(20), 99);
    assert_eq!(&again, cursor.plan());

    let explained = serde_json::to_value(&again).unwrap();
    assert_eq!(
        explained["picks"].as_array().unwrap().len() + explained["left_out"].as_array().unwrap().len(),
        5
    );
    assert_eq!(
        explained["left_out"][0]["reason"],
        serde_json::json!({"code": "duplicate", "words": "it stands earlier in the plan"})
    );
    assert_eq!(explained["picks"][3]["reason"]["code"], "broken");
}

prop_compose! {
    fn any_candidate()(
        provider in 0..4_u8,
        key in 0..3_u8,
        model in 0..2_u8,
        weight in prop_oneof![Just(0.0), Just(-1.0), Just(f64::NAN), 0.01..10.0_f64],
        key_weight in prop_oneof![Just(0.0), 0.0..5.0_f64],
        order in 0..4_u32,
        cost_rank in proptest::option::of(0..5_u64),
        context in proptest::option::of(50..200_u64),
        max_in_flight in proptest::option::of(0..3_u32),
    ) -> Candidate {
        let mut made = candidate(&format!("p{provider}/m{model}#{key}"));
        (made.weight, made.key_weight, made.order) = (weight, key_weight, order);
        (made.cost_rank, made.context, made.max_in_flight) = (cost_rank, context, max_in_flight);
        made
    }
}

prop_compose! {
    fn any_standing()(
        condition in prop_oneof![
            Just(Condition::Ready), Just(Condition::Ready), Just(Condition::Ready), Just(Condition::ProbeDue), Just(Condition::Probing), Just(Condition::Broken),
            Just(Condition::Unreachable), Just(Condition::RateLimited),
        ],
        in_flight in 0..4_u32,
        expected_ms in proptest::option::of(0.0..5_000.0_f64),
    ) -> Standing {
        Standing { condition, ..standing(in_flight, expected_ms) }
    }
}

fn any_query() -> impl Strategy<Value = Query> {
    let groups = proptest::collection::vec(proptest::collection::vec(any_candidate(), 0..7), 1..4);
    (groups, 0..5_usize, 0..250_u64, proptest::option::of("[a-z]{1,4}")).prop_map(
        |(groups, strategy, input, session)| {
            let mut groups = groups.into_iter();
            let mut query = Query::new("m", groups.next().unwrap_or_default()).strategy(STRATEGIES[strategy]);
            for group in groups {
                query = query.fallback("n", group);
            }
            (query.input_estimate, query.session) = (input, session);
            query
        },
    )
}

proptest! {
    /// Whatever is asked: everyone once, in or out; nobody twice; the sick last; the same again for the same seed.
    #[test]
    fn everyone_has_exactly_one_place(query in any_query(), standings in proptest::collection::vec(any_standing(), 0..22), seed: u64) {
        let view = view(standings);
        let plan = plan(&query, &view, at(0), seed);
        prop_assert_eq!(&gateway_router::plan(&query, &view, at(0), seed), &plan);

        let places = plan.picks.iter().map(|pick| (pick.group, pick.index));
        let mut places: Vec<_> = places.chain(plan.left_out.iter().map(|out| (out.group, out.index))).collect();
        places.sort_unstable();
        let all = query.groups.iter().enumerate();
        let all: Vec<_> = all.flat_map(|(group, g)| (0..g.candidates.len()).map(move |index| (group as u32, index as u32))).collect();
        prop_assert_eq!(places, all);

        let deployments: HashSet<_> = plan.picks.iter().map(|pick| &pick.deployment).collect();
        prop_assert_eq!(deployments.len(), plan.picks.len());
        prop_assert!(plan.picks.is_sorted_by_key(|pick| pick.last_resort));
        prop_assert!(plan.picks.iter().enumerate().all(|(n, pick)| pick.place as usize == n + 1));
        prop_assert!(plan.picks.iter().all(|pick| pick.candidate(&query).is_some_and(|c| c.deployment == pick.deployment)));
        prop_assert_eq!(plan.picks.is_empty(), query.candidates().next().is_none());
    }

    /// Within one group, and among the well, weight 0 comes after every weight above it, under every strategy.
    #[test]
    fn weight_0_comes_after_weight_above_0(query in any_query(), standings in proptest::collection::vec(any_standing(), 0..22), seed: u64) {
        let plan = plan(&query, &view(standings), at(0), seed);
        for group in 0..query.groups.len() as u32 {
            // The weight of an entry is that of its first key, so only entries of one weight are compared.
            let weights: Vec<f64> = plan.picks.iter().filter(|pick| pick.group == group && !pick.last_resort)
                .filter_map(|pick| {
                    let this = pick.candidate(&query)?;
                    let mut entry = query.groups[group as usize].candidates.iter().filter(|other| {
                        other.order == this.order && other.deployment.provider == this.deployment.provider
                            && other.deployment.model == this.deployment.model
                    });
                    entry.next().map(|first| first.weight)
                })
                .collect();
            prop_assert!(weights.is_sorted_by_key(|weight| *weight <= 0.0 || weight.is_nan()), "{weights:?}");
        }
    }
}
