//! Budgets that run low.

use super::*;

fn watched(nanos: i64) -> Value {
    let mut key = budget(nanos);
    key["alerts"] = json!({"webhook_url": "https://ops.example/hook", "thresholds": [50, 80, 100]});
    key
}

async fn spend(bench: &Bench, amount: u64) {
    bench.call(estimate(amount - 20, 20), nano()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_budget_tells_once_per_window_that_it_passed_a_threshold() {
    let bench = Bench::new(watched(1000)).await;
    let mut crossings = bench.governor.crossings().unwrap();
    assert!(bench.governor.crossings().is_none(), "there is one host");
    spend(&bench, 499).await;
    assert!(crossings.try_recv().is_err());
    spend(&bench, 51).await;
    let crossing = crossings.try_recv().unwrap();
    assert_eq!((crossing.quota.as_str(), crossing.percent), ("vk/k/budget", 50));
    assert_eq!((crossing.limit, crossing.used, crossing.window.0), (1000, 550, 1));
    assert_eq!(crossing.ends, bench.now().wall.plus(Duration::from_secs(3600)));
    assert_eq!(crossing.webhook_url, "https://ops.example/hook");
    assert_eq!(crossing.owner, "virtual key k");
    spend(&bench, 100).await;
    assert!(crossings.try_recv().is_err(), "once");
    spend(&bench, 350).await;
    let both: Vec<u8> = std::iter::from_fn(|| crossings.try_recv().ok().map(|crossing| crossing.percent)).collect();
    assert_eq!(both, [80, 100]);
    bench.clock.advance(Duration::from_secs(3600));
    spend(&bench, 600).await;
    assert_eq!(
        crossings
            .try_recv()
            .map(|crossing| (crossing.percent, crossing.window.0)),
        Ok((50, 2))
    );
    assert_eq!(bench.governor.crossings_lost(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_begins_to_watch_is_told_of_what_is_passed_from_then_on() {
    let bench = Bench::new(budget(1000)).await;
    let mut crossings = bench.governor.crossings().unwrap();
    spend(&bench, 600).await;
    let mut key = watched(1000);
    key["id"] = json!("k");
    principal(&bench.governor, &key);
    spend(&bench, 100).await;
    assert!(crossings.try_recv().is_err());
    spend(&bench, 150).await;
    assert_eq!(crossings.try_recv().map(|crossing| crossing.percent), Ok(80));
}

#[tokio::test(start_paused = true)]
async fn what_was_told_before_a_restart_is_not_told_again() {
    let store = Arc::<Store>::default();
    let first = Bench::over(store.clone(), Options::default(), watched(1000)).await;
    spend(&first, 600).await;
    first.governor.close().await;
    let second = Bench::over(store, Options::default(), watched(1000)).await;
    let mut crossings = second.governor.crossings().unwrap();
    spend(&second, 100).await;
    assert!(crossings.try_recv().is_err());
    spend(&second, 100).await;
    assert_eq!(crossings.try_recv().map(|crossing| crossing.percent), Ok(80));
}
