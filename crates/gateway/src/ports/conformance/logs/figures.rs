//! Figures equal what the rows sum to, whatever comes and goes.

use gateway_types::Wall;

use super::*;
use crate::ports::logs::{Dimension, Figures, Rank, Shares, Slice, Slot};

pub(super) async fn check<F, Made>(make: &F)
where
    F: Fn() -> Made,
    Made: Future<Output = Arc<dyn LogStore>>,
{
    figures_sum_the_rows(&*make().await).await;
    some_values_are_told_alone(&*make().await).await;
    who_ranks_first_is_told_first(&*make().await).await;
    values_are_known_by_name(&*make().await).await;
    what_is_old_is_told_by_the_hour(&*make().await).await;
    what_is_removed_counts_no_more(&*make().await).await;
    what_is_old_goes(&*make().await).await;
    absurd_figures_break_nothing(&*make().await).await;
}

fn slice(dimension: Dimension, since: i64, until: i64) -> Slice {
    Slice {
        dimension,
        values: Vec::new(),
        since: Wall::from_millis(since),
        until: Wall::from_millis(until),
    }
}

fn always(dimension: Dimension) -> Slice {
    slice(dimension, i64::MIN, i64::MAX)
}

async fn series(store: &dyn LogStore, of: &Slice, slot_ms: i64) -> Vec<Slot> {
    store.series(of, slot_ms).await.expect("a healthy store reads")
}

async fn shares(store: &dyn LogStore, of: &Slice, most: usize) -> Shares {
    store
        .shares(of, Rank::Requests, most)
        .await
        .expect("a healthy store reads")
}

/// Figures of all that was ever counted.
pub(super) async fn everything(store: &dyn LogStore) -> Figures {
    shares(store, &always(Dimension::Everything), 1).await.sum()
}

fn count<'a>(rows: impl IntoIterator<Item = &'a LogRow>) -> Figures {
    rows.into_iter().fold(Figures::default(), |mut sum, row| {
        sum.add(&Figures::of(row));
        sum
    })
}

async fn figures_sum_the_rows(store: &dyn LogStore) {
    let rows = rows(300);
    for some in rows.chunks(70) {
        append(store, some).await;
    }
    for dimension in Dimension::ALL {
        let counted = rows.iter().filter(|row| dimension.value(row).is_some());
        assert_eq!(
            shares(store, &always(dimension), usize::MAX).await.sum(),
            count(counted),
            "{dimension:?}"
        );
        for slot_ms in [MINUTE, 10 * MINUTE, HOUR, 3 * HOUR, DAY, 7 * DAY, 30 * DAY] {
            let slots = series(store, &always(dimension), slot_ms).await;
            assert!(
                slots.is_sorted_by_key(|slot| (slot.at, slot.value.clone())),
                "by time, then by value"
            );
            for slot in &slots {
                let at = slot.at.millis();
                assert_eq!(at % slot_ms, 0, "slots begin at their own beginning");
                let within = rows.iter().filter(|row| {
                    let counted = dimension.value(row).is_some_and(|value| *value == slot.value);
                    counted && (at..at + slot_ms).contains(&row.at.millis())
                });
                assert_eq!(slot.figures, count(within), "{dimension:?}, {slot:?}");
            }
            let middle = slots[slots.len() / 2].at.millis();
            let before = series(store, &slice(dimension, 0, middle), slot_ms).await;
            let from = series(store, &slice(dimension, middle, i64::MAX), slot_ms).await;
            assert_eq!(
                from.first().map(|slot| slot.at.millis()),
                Some(middle),
                "a slot is in the time that it begins in"
            );
            assert_eq!([before, from].concat(), slots);
        }
    }
}

async fn some_values_are_told_alone(store: &dyn LogStore) {
    let rows = rows(300);
    append(store, &rows).await;
    let of = Slice {
        values: ["openai", "nobody", "openai", ""].map(str::to_owned).to_vec(),
        ..always(Dimension::Provider)
    };
    let whose = |name: &str| -> Vec<LogRow> {
        let of_name = |row: &&LogRow| row.provider.as_ref().map_or("", |name| name.as_str()) == name;
        rows.iter().filter(of_name).cloned().collect()
    };
    let expected =
        [("", count(&whose(""))), ("openai", count(&whose("openai")))].map(|(name, sum)| (name.to_owned(), sum));
    let found = shares(store, &of, 9).await;
    assert_eq!(
        (found.first, found.others),
        (expected.to_vec(), 0),
        "75 of either, and none of nobody"
    );
    let slots = series(store, &of, HOUR).await;
    let hour = slots
        .iter()
        .filter(|slot| slot.value == "openai")
        .fold(Figures::default(), |mut sum, slot| {
            sum.add(&slot.figures);
            sum
        });
    assert_eq!(hour, count(&whose("openai")));
    assert!(slots.iter().all(|slot| ["", "openai"].contains(&slot.value.as_str())));
}

async fn who_ranks_first_is_told_first(store: &dyn LogStore) {
    let rows = rows(200);
    append(store, &rows).await;
    let of = always(Dimension::Model);
    for by in [Rank::Requests, Rank::Tokens, Rank::Cost] {
        let all = store.shares(&of, by, usize::MAX).await.expect("a healthy store reads");
        assert_eq!((all.others, all.rest.requests), (0, 0));
        assert!(all.first.len() > 3, "no case");
        assert!(
            all.first.is_sorted_by(|one, next| by.of(&one.1) >= by.of(&next.1)),
            "{by:?}"
        );
        let two = store.shares(&of, by, 2).await.expect("a healthy store reads");
        assert_eq!((&two.first[..], two.others), (&all.first[..2], all.first.len() - 2));
        let rest = all.first[2..].iter().fold(Figures::default(), |mut sum, (_, figures)| {
            sum.add(figures);
            sum
        });
        let told = (two.rest.requests, two.rest.tokens, two.rest.cost);
        assert_eq!(told, (rest.requests(), rest.tokens(), rest.cost));
    }
}

async fn values_are_known_by_name(store: &dyn LogStore) {
    append(store, &rows(60)).await;
    let values = async |dimension, since| {
        let since = Wall::from_millis(since);
        store.values(dimension, since).await.expect("a healthy store reads")
    };
    assert_eq!(
        values(Dimension::VirtualKey, START).await,
        ["vk-dev", "vk-unified"],
        "nobody is no name"
    );
    assert_eq!(values(Dimension::Rule, START).await, ["r-1", "r-2"]);
    assert_eq!(values(Dimension::Hosting, START).await, ["cloud", "self_hosted"]);
    assert_eq!(values(Dimension::Error, START).await, ["model_blocked"]);
    assert_eq!(values(Dimension::Everything, START).await, [""; 0]);
    assert_eq!(
        values(Dimension::Provider, START + 14 * DAY).await,
        [""; 0],
        "that was long before"
    );
}

async fn what_is_old_is_told_by_the_hour(store: &dyn LogStore) {
    let now = (START / HOUR) * HOUR + 10 * DAY + 30 * MINUTE;
    let came = |n, at| LogRow {
        at: Wall::from_millis(at),
        ..row(n)
    };
    // Far apart, so that a store may forget their minutes one after the other.
    let oldest = came(0, now - 9 * DAY);
    let old = came(1, now - 2 * DAY - 1);
    let edge = came(2, now - 2 * DAY + HOUR);
    let new = came(3, now);
    append(store, &[oldest.clone(), old.clone(), edge.clone()]).await;
    append(store, std::slice::from_ref(&new)).await;
    append(store, &[came(4, old.at.millis())]).await;
    let of = always(Dimension::Everything);
    let slots = series(store, &of, MINUTE).await;
    let told: Vec<(i64, u64)> = slots
        .iter()
        .map(|slot| (slot.at.millis(), slot.figures.requests()))
        .collect();
    let hour = |row: &LogRow| row.at.millis() / HOUR * HOUR;
    let minute = |row: &LogRow| row.at.millis() / MINUTE * MINUTE;
    assert_eq!(
        told,
        [
            (hour(&oldest), 1),
            (hour(&old), 2),
            (minute(&edge), 1),
            (minute(&new), 1)
        ]
    );
    assert_eq!(everything(store).await.requests(), 5);
    let inside = slice(Dimension::Everything, old.at.millis(), now + MINUTE);
    assert_eq!(
        shares(store, &inside, 1).await.sum().requests(),
        2,
        "its hour began before"
    );
    assert_eq!(store.remove(&[old.id]).await, Ok(1));
    assert_eq!(everything(store).await.requests(), 4);
}

async fn what_is_removed_counts_no_more(store: &dyn LogStore) {
    let rows = rows(60);
    append(store, &rows).await;
    let (gone, left) = rows.split_at(25);
    let mut ids: Vec<RequestId> = gone.iter().map(|row| row.id).collect();
    ids.extend([row(1000).id, gone[0].id]);
    assert_eq!(store.remove(&ids).await, Ok(25), "what is not there is not counted");
    assert_eq!(store.remove(&[]).await, Ok(0));
    assert_eq!(store.row(gone[3].id).await, Ok(None));
    let found = page(store, &all()).await;
    assert_eq!((found.rows.len(), found.totals), (35, Some(sum(left))));
    for dimension in Dimension::ALL {
        let counted = left.iter().filter(|row| dimension.value(row).is_some());
        let slots = series(store, &always(dimension), MINUTE).await;
        let all = slots.iter().fold(Figures::default(), |mut all, slot| {
            all.add(&slot.figures);
            all
        });
        assert_eq!(all, count(counted));
        assert!(
            slots.iter().all(|slot| slot.figures.requests() > 0),
            "an empty slot goes"
        );
    }
    let ids: Vec<RequestId> = left.iter().map(|row| row.id).collect();
    store.remove(&ids).await.expect("it removes");
    assert_eq!(store.any().await, Ok(false));
    assert_eq!(
        store.values(Dimension::Provider, Wall::from_millis(0)).await,
        Ok(Vec::new())
    );
}

async fn what_is_old_goes(store: &dyn LogStore) {
    let rows = rows(1200);
    append(store, &rows).await;
    let (old, young) = rows.split_at(1100);
    assert_eq!(store.prune(young[0].at).await, Ok(1100));
    assert_eq!(store.prune(young[0].at).await, Ok(0));
    let found = page(store, &all()).await;
    assert_eq!((found.rows.last(), found.totals), (young.first(), Some(sum(young))));
    assert_eq!(store.row(old[0].id).await, Ok(None));
    assert_eq!(everything(store).await, count(young));
}

async fn absurd_figures_break_nothing(store: &dyn LogStore) {
    let absurd = |n| LogRow {
        latency_us: u64::MAX,
        cost: NanoUsd(i64::MAX),
        metered: Some(Metered {
            usage: Usage {
                input: u64::MAX,
                output: u64::MAX,
                ..Usage::default()
            },
            basis: Basis::Reported,
            cost: None,
        }),
        ..row(n)
    };
    append(store, &[absurd(1), absurd(1 + 12), absurd(2)]).await;
    append(store, &[absurd(3)]).await;
    let requests = |page: &LogPage| page.totals.as_ref().map(|totals| totals.requests);
    let by_figures = page(store, &all()).await;
    assert_eq!((by_figures.rows.len(), requests(&by_figures)), (4, Some(4)));
    let by_rows = page(
        store,
        &LogQuery {
            cost: (Some(1), None),
            ..all()
        },
    )
    .await;
    assert_eq!((by_rows.rows.len(), requests(&by_rows)), (4, Some(4)));
    assert_eq!(by_rows.totals.map(|totals| totals.cost), Some(NanoUsd(i64::MAX)));
    let slots = series(store, &always(Dimension::Provider), HOUR).await;
    assert_eq!(slots.iter().map(|slot| slot.figures.requests()).sum::<u64>(), 4);
    let extreme = LogQuery {
        since: Some(Wall::from_millis(i64::MIN)),
        until: Some(Wall::from_millis(i64::MAX)),
        ..all()
    };
    assert_eq!(requests(&page(store, &extreme).await), Some(4));
    let extreme = LogQuery {
        tokens: (None, Some(u64::MAX)),
        offset: usize::MAX,
        ..all()
    };
    assert_eq!(requests(&page(store, &extreme).await), Some(4));
    store.remove(&[row(1).id, row(3).id]).await.expect("it removes");
    assert_eq!(everything(store).await.requests(), 2, "and they can be taken out again");
}
