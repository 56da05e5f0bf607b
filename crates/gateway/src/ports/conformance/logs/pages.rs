//! Pages are in order, whole, and can be gone through both ways.

use super::*;
use crate::ports::logs::Side;

pub(super) async fn check<F, Made>(make: &F)
where
    F: Fn() -> Made,
    Made: Future<Output = Arc<dyn LogStore>>,
{
    pages_are_in_order_and_whole(&*make().await).await;
    pages_are_gone_through_both_ways(&*make().await).await;
    a_page_stays_where_it_is_when_rows_come(&*make().await).await;
}

async fn pages_are_in_order_and_whole(store: &dyn LogStore) {
    let rows = rows(150);
    // Not in the order of time, and with rows that are equal in what they are sorted by.
    let (late, early): (Vec<LogRow>, Vec<LogRow>) = rows.iter().cloned().partition(|row| row.latency_us % 2 == 0);
    append(store, &early).await;
    append(store, &late).await;
    for sort in [Sort::Timestamp, Sort::Latency, Sort::Tokens, Sort::Cost] {
        for ascending in [true, false] {
            let mut expected = rows.clone();
            expected.sort_by_key(|row| match sort {
                Sort::Timestamp => (row.at.millis(), row.id),
                Sort::Latency => (row.latency_us as i64, row.id),
                Sort::Tokens => (tokens(row) as i64, row.id),
                Sort::Cost => (row.cost.0, row.id),
            });
            if !ascending {
                expected.reverse();
            }
            let mut found = Vec::new();
            for offset in (0..).step_by(40) {
                let page = page(
                    store,
                    &LogQuery {
                        sort,
                        ascending,
                        limit: 40,
                        offset,
                        ..LogQuery::default()
                    },
                )
                .await;
                assert_eq!(page.totals, Some(sum(&rows)));
                if page.rows.is_empty() {
                    break;
                }
                found.extend(page.rows);
            }
            assert_eq!(found, expected, "by {sort:?}, ascending: {ascending}");
        }
    }
    let none = page(store, &LogQuery::default()).await;
    assert_eq!(
        (none.rows.len(), none.totals.map_or(0, |totals| totals.requests)),
        (0, 150),
        "a limit of 0 asks for the totals alone"
    );
}

async fn pages_are_gone_through_both_ways(store: &dyn LogStore) {
    let rows = rows(130);
    append(store, &rows).await;
    for sort in [Sort::Timestamp, Sort::Latency, Sort::Tokens, Sort::Cost] {
        for ascending in [true, false] {
            let query = |from, limit| LogQuery {
                sort,
                ascending,
                from,
                limit,
                virtual_keys: vec!["vk-dev".to_owned()],
                ..LogQuery::default()
            };
            let expected = page(store, &query(None, usize::MAX)).await.rows;
            assert!(expected.len() > 40, "no case");
            let mut pages = vec![page(store, &query(None, 15)).await];
            assert_eq!(pages[0].previous, None, "the first page is the first");
            while let Some(next) = pages.last().and_then(|page| page.next) {
                pages.push(page(store, &query(Some(next), 15)).await);
            }
            let found: Vec<LogRow> = pages.iter().flat_map(|page| page.rows.clone()).collect();
            assert_eq!(found, expected, "onwards by {sort:?}, ascending: {ascending}");
            for pair in pages.windows(2) {
                let back = page(store, &query(pair[1].previous, 15)).await;
                assert_eq!(back.rows, pair[0].rows, "back by {sort:?}, ascending: {ascending}");
                assert_eq!(back.next, pair[0].next);
                assert_eq!(back.totals, pair[0].totals, "totals are over all, wherever the page is");
            }
            let first = page(store, &query(pages[1].previous, 15)).await;
            assert_eq!(first.previous, None, "and there it ends");
        }
    }
}

async fn a_page_stays_where_it_is_when_rows_come(store: &dyn LogStore) {
    let rows = rows(60);
    let (early, late) = rows.split_at(40);
    append(store, early).await;
    let query = |from| LogQuery {
        from,
        limit: 10,
        ..LogQuery::default()
    };
    let first = page(store, &query(None)).await;
    let second = page(store, &query(first.next)).await;
    append(store, late).await;
    store.remove(&[first.rows[9].id]).await.expect("it removes");
    assert_eq!(
        page(store, &query(first.next)).await.rows,
        second.rows,
        "also when the row before it is gone"
    );
    let newer = page(
        store,
        &query(first.rows.first().map(|_| Side::Before(place(&first.rows[0])))),
    )
    .await;
    let expected: Vec<LogRow> = late[..10].iter().rev().cloned().collect();
    assert_eq!(newer.rows, expected, "what came next after it");
    assert!(newer.previous.is_some() && newer.next.is_some());
}

fn place(row: &LogRow) -> crate::ports::logs::Position {
    crate::ports::logs::Position {
        value: row.at.millis(),
        id: row.id,
    }
}
