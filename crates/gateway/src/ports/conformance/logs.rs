use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_types::loss::Loss;
use gateway_types::{Basis, ErrorKind, Metered, NanoUsd, Operation, RequestId, Usage, Wall};
use serde_json::json;
use uuid::Uuid;

use crate::ports::logs::{
    Grain, Json, LOG_VERSION, LogAttempt, LogError, LogPage, LogQuery, LogRow, LogRule, LogStore, Rollup, Sort, Status,
    Totals,
};

/// Checks all that [`LogStore`] promises.
pub async fn logs<F, Made>(make: F)
where
    F: Fn() -> Made,
    Made: Future<Output = Arc<dyn LogStore>>,
{
    what_is_written_is_read(&*make().await).await;
    a_row_is_written_once(&*make().await).await;
    pages_are_in_order_and_whole(&*make().await).await;
    filters_choose_rows(&*make().await).await;
    time_chooses_rows_and_totals(&*make().await).await;
    text_is_found_as_it_stands(&*make().await).await;
    rollups_sum_the_rows(&*make().await).await;
    minutes_are_kept_for_two_days(&*make().await).await;
    what_is_removed_counts_no_more(&*make().await).await;
    what_is_old_goes(&*make().await).await;
    absurd_figures_break_nothing(&*make().await).await;
}

/// Where the rows of [`row`] begin: not on the hour.
const START: i64 = 1_700_000_123_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A row of its own for each number: rows are 37 seconds apart, and all else varies at different paces.
pub fn row(n: u64) -> LogRow {
    let at = Wall::from_millis(START + 37_000 * n as i64);
    let names = |names: &[&'static str], pace: u64| names[(n / pace) as usize % names.len()];
    let provider = names(&["openai", "vllm-local", "anthropic", ""], 1);
    let refused = provider.is_empty();
    let model = names(&["gpt-4o-mini", "llama-3:8b", "claude-3-5-haiku"], 2);
    let asked = names(&["auto", "gpt-4o-mini", "fast"], 3);
    let status = if refused {
        Status::Error
    } else {
        [Status::Success, Status::Success, Status::Cancelled][n as usize % 3]
    };
    let usage = Usage {
        input: n * 7919 % 1000,
        cache_read: n % 5,
        output: n * 104_729 % 400,
        ..Usage::default()
    };
    LogRow {
        v: LOG_VERSION,
        id: RequestId::from(Uuid::from_u128(
            (at.millis() as u128) << 80 | 7 << 76 | 2 << 62 | u128::from(n),
        )),
        at,
        operation: (!n.is_multiple_of(11))
            .then_some([Operation::Chat, Operation::Completions, Operation::Embeddings][n as usize % 3]),
        asked: (!n.is_multiple_of(13)).then(|| asked.into()),
        provider: (!refused).then(|| provider.into()),
        key: (!refused).then(|| names(&["key-1", "key-2"], 5).into()),
        model: (!refused).then(|| model.into()),
        virtual_key: (!n.is_multiple_of(7)).then(|| names(&["vk-dev", "vk-unified"], 2).into()),
        team: n.is_multiple_of(3).then(|| names(&["red", "blue"], 3).into()),
        customer: n.is_multiple_of(5).then(|| names(&["acme", "bolt"], 5).into()),
        tags: Arc::new(if n.is_multiple_of(4) {
            [
                ("env".to_owned(), names(&["prod", "dev"], 4).to_owned()),
                ("a.b\"c".to_owned(), n.to_string()),
            ]
            .into()
        } else {
            BTreeMap::new()
        }),
        stream: n.is_multiple_of(2),
        status,
        http_status: if refused { 403 } else { 200 },
        error: refused.then(|| LogError {
            kind: ErrorKind::ModelBlocked,
            message: format!("no entry for number {n}"),
        }),
        latency_us: n * 15_485_863 % 2_000_000,
        ttft_us: n.is_multiple_of(2).then_some(n),
        upstream_us: n % 1000,
        metered: (!refused).then_some(Metered {
            usage,
            basis: Basis::Reported,
            cost: None,
        }),
        cost: NanoUsd((n * 32_452_843 % 9_000) as i64),
        unpriced: false,
        rule: (n % 4 == 1).then(|| LogRule {
            id: names(&["r-1", "r-2"], 6).to_owned(),
            name: "A rule".to_owned(),
        }),
        attempts: Vec::new(),
        plan: None,
        losses: Vec::new(),
        clamped: None,
        request_body: None,
        response_body: None,
    }
}

fn rows(count: u64) -> Vec<LogRow> {
    (0..count).map(row).collect()
}

async fn append(store: &dyn LogStore, rows: &[LogRow]) {
    store.append(rows).await.expect("a healthy store takes rows");
}

async fn page(store: &dyn LogStore, query: &LogQuery) -> LogPage {
    store.page(query).await.expect("a healthy store reads")
}

async fn rollups(store: &dyn LogStore, grain: Grain, since: i64, until: i64) -> Vec<Rollup> {
    let (since, until) = (Wall::from_millis(since), Wall::from_millis(until));
    store.rollups(grain, since, until).await.expect("a healthy store reads")
}

fn all() -> LogQuery {
    LogQuery {
        limit: usize::MAX,
        ..LogQuery::default()
    }
}

fn sum<'a>(rows: impl IntoIterator<Item = &'a LogRow>) -> Totals {
    rows.into_iter().fold(Totals::default(), |sum, row| {
        let usage = row.metered.map(|metered| metered.usage).unwrap_or_default();
        Totals {
            requests: sum.requests + 1,
            successes: sum.successes + u64::from(row.status == Status::Success),
            latency_us: sum.latency_us + row.latency_us,
            input_tokens: sum.input_tokens + usage.input_total(),
            output_tokens: sum.output_tokens + usage.output_total(),
            cost: sum.cost + row.cost,
        }
    })
}

fn sum_rollups(rollups: &[Rollup]) -> Totals {
    rollups
        .iter()
        .fold(Totals::default(), |sum, Rollup { totals, .. }| Totals {
            requests: sum.requests + totals.requests,
            successes: sum.successes + totals.successes,
            latency_us: sum.latency_us + totals.latency_us,
            input_tokens: sum.input_tokens + totals.input_tokens,
            output_tokens: sum.output_tokens + totals.output_tokens,
            cost: sum.cost + totals.cost,
        })
}

fn tokens(row: &LogRow) -> u64 {
    row.metered.map_or(0, |metered| metered.usage.total())
}

/// Checks that a query chooses the rows that `wanted` does, newest first, with their totals; and that it is a case at
/// all, which chooses some rows and not all.
async fn chooses(store: &dyn LogStore, rows: &[LogRow], query: LogQuery, wanted: impl Fn(&LogRow) -> bool) {
    let expected: Vec<LogRow> = rows.iter().rev().filter(|row| wanted(row)).cloned().collect();
    assert!(
        !expected.is_empty() && expected.len() < rows.len(),
        "no case: {query:?}"
    );
    let query = LogQuery {
        limit: usize::MAX,
        ..query
    };
    let found = page(store, &query).await;
    let ids = |rows: &[LogRow]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(&found.rows), ids(&expected), "{query:?}");
    assert_eq!(found.totals, sum(&expected), "{query:?}");
    let one = page(
        store,
        &LogQuery {
            limit: 1,
            offset: 1,
            ..query.clone()
        },
    )
    .await;
    assert_eq!(ids(&one.rows), ids(expected.get(1..2).unwrap_or_default()), "{query:?}");
    assert_eq!(
        one.totals, found.totals,
        "totals are over all that match, not over the page: {query:?}"
    );
}

async fn what_is_written_is_read(store: &dyn LogStore) {
    let attempt = LogAttempt {
        provider: "openai".into(),
        key: "key-1".into(),
        model: "gpt-4o-mini".into(),
        reason: String::from("first"),
        outcome: String::from("failed"),
        http_status: Some(503),
        message: Some(String::from("overloaded")),
        started_us: 7,
        took_us: 8,
    };
    let full = LogRow {
        ttft_us: Some(9),
        unpriced: true,
        attempts: vec![attempt],
        plan: Json::of(&json!({"seed": 4, "candidates": [{"score": 0.5}]})),
        losses: vec![Loss::dropped("logprobs", "the other side has none")],
        clamped: Some(64),
        request_body: Some(String::from("{\"q\": \"hä?\"}")),
        response_body: Some(String::new()),
        ..row(1)
    };
    assert_eq!(store.any().await, Ok(false));
    assert_eq!(store.row(full.id).await, Ok(None));
    append(store, std::slice::from_ref(&full)).await;
    assert_eq!(store.any().await, Ok(true));
    assert_eq!(store.row(full.id).await, Ok(Some(full.clone())));
    assert_eq!(page(store, &all()).await.rows, [full]);
    assert_eq!(store.row(row(2).id).await, Ok(None));
}

async fn a_row_is_written_once(store: &dyn LogStore) {
    let first = row(1);
    append(store, &[first.clone(), first.clone()]).await;
    append(
        store,
        &[
            LogRow {
                cost: NanoUsd(1),
                ..first.clone()
            },
            row(2),
        ],
    )
    .await;
    let found = page(store, &all()).await;
    assert_eq!(found.rows, [row(2), first.clone()], "what is there stays as it is");
    assert_eq!(found.totals, sum(&[first, row(2)]));
    let hours = rollups(store, Grain::Hour, 0, i64::MAX).await;
    assert_eq!(sum_rollups(&hours), found.totals, "it is counted once as well");
    append(store, &[]).await;
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
                assert_eq!(page.totals, sum(&rows));
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
        (none.rows.len(), none.totals.requests),
        (0, 150),
        "a limit of 0 asks for the totals alone"
    );
}

async fn parties_and_tags_choose_rows(store: &dyn LogStore, rows: &[LogRow]) {
    let some = |name: &str| vec![name.to_owned()];
    let teams = LogQuery {
        teams: some("red"),
        ..LogQuery::default()
    };
    chooses(store, rows, teams, |row| {
        row.team.as_ref().is_some_and(|team| *team == "red")
    })
    .await;
    let customers = LogQuery {
        customers: some("bolt"),
        ..LogQuery::default()
    };
    chooses(store, rows, customers, |row| {
        row.customer.as_ref().is_some_and(|customer| *customer == "bolt")
    })
    .await;
    let routed = LogQuery {
        rules: some("r-2"),
        ..LogQuery::default()
    };
    chooses(store, rows, routed, |row| {
        row.rule.as_ref().is_some_and(|rule| rule.id == "r-2")
    })
    .await;
    let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let tagged = LogQuery {
        tags: vec![tag("env", "prod")],
        ..LogQuery::default()
    };
    chooses(store, rows, tagged, |row| {
        row.tags.get("env").is_some_and(|env| env == "prod")
    })
    .await;
    let both = LogQuery {
        tags: vec![tag("a.b\"c", "8"), tag("env", "prod")],
        ..LogQuery::default()
    };
    chooses(store, rows, both, |row| {
        row.tags.get("env").is_some_and(|env| env == "prod") && row.tags.get("a.b\"c").is_some_and(|n| n == "8")
    })
    .await;
}

async fn filters_choose_rows(store: &dyn LogStore) {
    let rows = rows(200);
    append(store, &rows).await;
    let some = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let query = LogQuery::default;
    chooses(
        store,
        &rows,
        LogQuery {
            providers: some(&["openai"]),
            ..query()
        },
        |row| row.provider.as_ref().is_some_and(|name| *name == "openai"),
    )
    .await;
    chooses(
        store,
        &rows,
        LogQuery {
            providers: some(&["openai", "vllm-local", "nobody"]),
            ..query()
        },
        |row| row.provider.as_ref().is_some_and(|name| *name != "anthropic"),
    )
    .await;
    chooses(
        store,
        &rows,
        LogQuery {
            models: some(&["gpt-4o-mini"]),
            ..query()
        },
        |row| {
            [&row.model, &row.asked]
                .into_iter()
                .flatten()
                .any(|name| *name == "gpt-4o-mini")
        },
    )
    .await;
    chooses(
        store,
        &rows,
        LogQuery {
            virtual_keys: some(&["vk-dev"]),
            ..query()
        },
        |row| row.virtual_key.as_ref().is_some_and(|key| *key == "vk-dev"),
    )
    .await;
    chooses(
        store,
        &rows,
        LogQuery {
            keys: some(&["key-2"]),
            ..query()
        },
        |row| row.key.as_ref().is_some_and(|key| *key == "key-2"),
    )
    .await;
    parties_and_tags_choose_rows(store, &rows).await;
    chooses(
        store,
        &rows,
        LogQuery {
            statuses: vec![Status::Error, Status::Cancelled],
            ..query()
        },
        |row| row.status != Status::Success,
    )
    .await;
    chooses(
        store,
        &rows,
        LogQuery {
            operations: some(&["text_completion"]),
            ..query()
        },
        |row| row.operation == Some(Operation::Completions),
    )
    .await;
    let bound = rows[3].latency_us;
    let bound_ms = bound as f64 / 1000.0;
    chooses(
        store,
        &rows,
        LogQuery {
            latency_ms: (Some(bound_ms), None),
            ..query()
        },
        |row| row.latency_us >= bound,
    )
    .await;
    chooses(
        store,
        &rows,
        LogQuery {
            latency_ms: (None, Some(bound_ms)),
            ..query()
        },
        |row| row.latency_us <= bound,
    )
    .await;
    chooses(
        store,
        &rows,
        LogQuery {
            tokens: (Some(100), Some(500)),
            ..query()
        },
        |row| (100..=500).contains(&tokens(row)),
    )
    .await;
    chooses(
        store,
        &rows,
        LogQuery {
            cost: (Some(2_000), Some(5_000)),
            ..query()
        },
        |row| (2_000..=5_000).contains(&row.cost.0),
    )
    .await;
    let many = LogQuery {
        providers: some(&["openai"]),
        statuses: vec![Status::Success],
        tokens: (Some(1), None),
        ..query()
    };
    chooses(store, &rows, many, |row| {
        row.provider.as_ref().is_some_and(|name| *name == "openai") && row.status == Status::Success && tokens(row) > 0
    })
    .await;
    let nobody = page(
        store,
        &LogQuery {
            providers: some(&["nobody"]),
            ..all()
        },
    )
    .await;
    assert_eq!(nobody, LogPage::default());
    let nowhere = page(
        store,
        &LogQuery {
            latency_ms: (Some(f64::NAN), None),
            ..all()
        },
    )
    .await;
    assert_eq!(nowhere, LogPage::default(), "nothing is at least what is no number");
}

async fn time_chooses_rows_and_totals(store: &dyn LogStore) {
    // Three and a half hours.
    let rows = rows(340);
    append(store, &rows).await;
    let hour = (START / HOUR + 1) * HOUR;
    let times = [
        (Some(hour), None),
        (None, Some(hour)),
        (Some(hour), Some(hour + HOUR)),
        (Some(hour), Some(hour + 2 * HOUR)),
        (Some(hour + 1), Some(hour + 2 * HOUR + 1)),
        (Some(hour - 5 * MINUTE), Some(hour + HOUR + 5 * MINUTE)),
        (Some(hour + MINUTE), Some(hour + 2 * MINUTE)),
        (Some(hour - MINUTE), Some(hour + MINUTE)),
        (Some(rows[9].at.millis()), Some(rows[11].at.millis())),
    ];
    for (since, until) in times {
        let within = |row: &LogRow| {
            since.is_none_or(|since| row.at.millis() >= since) && until.is_none_or(|until| row.at.millis() < until)
        };
        let (since, until) = (since.map(Wall::from_millis), until.map(Wall::from_millis));
        let query = LogQuery {
            since,
            until,
            ..LogQuery::default()
        };
        chooses(store, &rows, query.clone(), within).await;
        let narrow = LogQuery {
            virtual_keys: vec![String::from("vk-dev")],
            providers: vec![String::from("openai")],
            ..query.clone()
        };
        let found = page(store, &LogQuery { limit: 9, ..narrow }).await;
        let expected = rows.iter().filter(|row| {
            let openai = row.provider.as_ref().is_some_and(|name| *name == "openai");
            within(row) && openai && row.virtual_key.as_ref().is_some_and(|key| *key == "vk-dev")
        });
        assert_eq!(found.totals, sum(expected), "{query:?}");
    }
    let backwards = LogQuery {
        since: Some(rows[9].at),
        until: Some(rows[3].at),
        ..all()
    };
    assert_eq!(
        page(store, &backwards).await,
        LogPage::default(),
        "a time that ends before it begins holds nothing"
    );
}

async fn text_is_found_as_it_stands(store: &dyn LogStore) {
    let error = LogError {
        kind: ErrorKind::Invalid,
        message: String::from("Field `a_b` is 100% wrong\\odd, isn't it"),
    };
    let plain = LogRow {
        model: Some("axb".into()),
        asked: Some("100 wrong".into()),
        error: None,
        ..row(0)
    };
    let rows = [
        plain.clone(),
        LogRow {
            error: Some(error),
            ..row(1)
        },
        LogRow {
            request_body: Some(String::from("Tell me about Zürich\n\"now\"")),
            ..row(2)
        },
        LogRow {
            response_body: Some(String::from("{\"zurich\":1}")),
            ..row(3)
        },
        LogRow {
            asked: Some("needle".into()),
            ..row(4)
        },
        LogRow {
            model: Some("Needle-2".into()),
            ..row(5)
        },
    ];
    append(store, &rows).await;
    let cases: [(&str, &[usize]); 14] = [
        ("axb", &[0]),
        ("a_b", &[1]),
        ("A_B", &[1]),
        ("100%", &[1]),
        ("0% w", &[1]),
        ("\\", &[1]),
        ("isn't", &[1]),
        ("Zürich", &[2]),
        ("\n\"now\"", &[2]),
        ("ZURICH", &[3]),
        ("{\"z", &[3]),
        ("needle", &[5, 4]),
        ("latency", &[]),
        ("%", &[1]),
    ];
    for (text, expected) in cases {
        let found = page(
            store,
            &LogQuery {
                text: Some(text.to_owned()),
                ..all()
            },
        )
        .await;
        let expected: Vec<_> = expected.iter().map(|n| rows[*n].clone()).collect();
        assert_eq!(found.rows, expected, "{text}");
        assert_eq!(found.totals, sum(&expected), "{text}");
    }
    let found = page(
        store,
        &LogQuery {
            text: Some(String::new()),
            ..all()
        },
    )
    .await;
    assert_eq!(found.rows.len(), rows.len(), "no text asks for nothing");
}

async fn rollups_sum_the_rows(store: &dyn LogStore) {
    let rows = rows(300);
    for some in rows.chunks(70) {
        append(store, some).await;
    }
    for (grain, length) in [(Grain::Minute, MINUTE), (Grain::Hour, HOUR)] {
        let slots = rollups(store, grain, 0, i64::MAX).await;
        assert_eq!(sum_rollups(&slots), sum(&rows), "{grain:?}");
        assert!(slots.is_sorted_by_key(|slot| slot.at), "oldest first");
        for slot in &slots {
            let at = slot.at.millis();
            assert_eq!(at % length, 0, "slots begin on the {grain:?}");
            let of_slot = rows.iter().filter(|row| {
                (at..at + length).contains(&row.at.millis())
                    && (&row.provider, &row.model, &row.virtual_key) == (&slot.provider, &slot.model, &slot.virtual_key)
            });
            assert_eq!(slot.totals, sum(of_slot), "{slot:?}");
        }
        let middle = slots[slots.len() / 2].at.millis();
        let (before, from) = (
            rollups(store, grain, 0, middle).await,
            rollups(store, grain, middle, i64::MAX).await,
        );
        assert_eq!(
            from.first().map(|slot| slot.at.millis()),
            Some(middle),
            "a slot is in the time that it begins in"
        );
        assert_eq!([before, from].concat(), slots);
    }
}

async fn minutes_are_kept_for_two_days(store: &dyn LogStore) {
    let now = (START / MINUTE) * MINUTE + 2 * DAY + MINUTE;
    let came = |n, at| LogRow {
        at: Wall::from_millis(at),
        ..row(n)
    };
    // The minutes that are past their time are far apart, so that a store may take them away one after the other.
    let oldest = came(0, now - 2 * DAY - 5 * HOUR);
    let old = came(1, now - 2 * DAY - 1);
    let edge = came(2, now - 2 * DAY);
    let new = came(3, now);
    append(store, &[oldest.clone(), old.clone(), edge.clone()]).await;
    append(store, std::slice::from_ref(&new)).await;
    let minutes = rollups(store, Grain::Minute, 0, i64::MAX).await;
    assert_eq!(sum_rollups(&minutes), sum([&edge, &new]));
    let hours = rollups(store, Grain::Hour, 0, i64::MAX).await;
    assert_eq!(sum_rollups(&hours), sum([&oldest, &old, &edge, &new]));
    assert_eq!(page(store, &all()).await.totals, sum_rollups(&hours));

    append(store, &[came(4, old.at.millis())]).await;
    let minutes = rollups(store, Grain::Minute, 0, i64::MAX).await;
    assert_eq!(
        sum_rollups(&minutes),
        sum([&edge, &new]),
        "a row that comes late does not bring a minute back"
    );
    assert_eq!(store.remove(&[old.id]).await, Ok(1));
    assert_eq!(page(store, &all()).await.totals.requests, 4);
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
    assert_eq!((found.rows.len(), found.totals), (35, sum(left)));
    for grain in [Grain::Minute, Grain::Hour] {
        let slots = rollups(store, grain, 0, i64::MAX).await;
        assert_eq!(sum_rollups(&slots), sum(left));
        assert!(slots.iter().all(|slot| slot.totals.requests > 0), "an empty slot goes");
    }
    store
        .remove(&left.iter().map(|row| row.id).collect::<Vec<_>>())
        .await
        .expect("it removes");
    assert_eq!(store.any().await, Ok(false));
}

async fn what_is_old_goes(store: &dyn LogStore) {
    let rows = rows(1200);
    append(store, &rows).await;
    let (old, young) = rows.split_at(1100);
    assert_eq!(store.prune(young[0].at).await, Ok(1100));
    assert_eq!(store.prune(young[0].at).await, Ok(0));
    let found = page(store, &all()).await;
    assert_eq!((found.rows.last(), found.totals), (young.first(), sum(young)));
    assert_eq!(store.row(old[0].id).await, Ok(None));
    for grain in [Grain::Minute, Grain::Hour] {
        assert_eq!(sum_rollups(&rollups(store, grain, 0, i64::MAX).await), sum(young));
    }
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
    let by_rollups = page(store, &all()).await;
    assert_eq!((by_rollups.rows.len(), by_rollups.totals.requests), (4, 4));
    let by_rows = page(
        store,
        &LogQuery {
            cost: (Some(1), None),
            ..all()
        },
    )
    .await;
    assert_eq!((by_rows.rows.len(), by_rows.totals.requests), (4, 4));
    assert_eq!(by_rows.totals.cost, NanoUsd(i64::MAX));
    assert_eq!(
        rollups(store, Grain::Hour, 0, i64::MAX)
            .await
            .iter()
            .map(|slot| slot.totals.requests)
            .sum::<u64>(),
        4
    );
    let extreme = LogQuery {
        since: Some(Wall::from_millis(i64::MIN)),
        until: Some(Wall::from_millis(i64::MAX)),
        ..all()
    };
    assert_eq!(page(store, &extreme).await.totals.requests, 4);
    let extreme = LogQuery {
        tokens: (None, Some(u64::MAX)),
        offset: usize::MAX,
        ..all()
    };
    assert_eq!(page(store, &extreme).await.totals.requests, 4);
}
