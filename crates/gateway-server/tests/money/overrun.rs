//! What no hold can cover: reasoning that no cap holds back, and attempts that fail and are billed all the same. It is
//! booked in full, and what is beyond the holds is what the vendors' books show beyond them.

use super::crowd::{Dice, Market, ask};
use super::statement::Statement;
use super::vendor::{Fate, Order};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_billed_beyond_a_hold_is_booked_as_overrun_to_the_nano_dollar() {
    const CAP: u64 = 50;
    let mut market = Market::open().await;
    market
        .key("vk", json!({"budget": {"max_limit": 100, "reset_duration": "1d"}}))
        .await;
    let mut dice = Dice(7);
    for call in 0..200 {
        let fate = match dice.below(3) {
            0 => Fate::Thinks(1 + dice.below(3_000)),
            1 => Fate::BreaksOff,
            _ => Fate::Served,
        };
        let order = Order {
            call,
            input: 12,
            output: 10 + dice.below(60),
            fate,
        };
        let streamed = fate == Fate::BreaksOff;
        assert_eq!(ask(&market.gateway, "vk", order, streamed, Some(CAP)).await, 200);
    }
    market.settles(&["vk"]).await;
    let spent = market.gateway.shown("vk").await["budget"]["current_usage"]
        .as_f64()
        .unwrap();
    market.gateway.stop().await;
    let statement = Statement::of(&market.gateway);
    let (first, second) = (market.first.books(), market.second.books());
    let served: i64 = first.values().chain(second.values()).map(|billed| billed.cost()).sum();
    let booked: i64 = statement.entries.iter().map(|entry| entry.total).sum();
    assert_eq!(booked, served, "every leg is charged where it ran");
    assert!(
        (spent - gateway_types::NanoUsd(served).dollars()).abs() < 1e-9,
        "{spent}"
    );
    let mut beyond = 0;
    for (call, entry) in statement.by_call() {
        for leg in &entry.legs {
            let billed = if leg.provider == "first" {
                first[&call]
            } else {
                second[&call]
            };
            // The hold covered the prompt's bound and the cap; of what is billed, only thoughts can be more.
            let over = leg.overrun;
            let thoughts = i64::try_from(billed.output.saturating_sub(CAP)).unwrap() * 10_000;
            assert!((0..=thoughts).contains(&over), "{entry:?}");
            assert!(
                thoughts == 0 || thoughts - over < 1_500_000,
                "no more than the prompt's bound is in between: {entry:?}"
            );
            beyond += over;
        }
    }
    let (_, overrun) = statement.charged("vk/vk/budget", 1);
    assert_eq!(overrun, beyond);
    assert!(beyond > 0);
}
