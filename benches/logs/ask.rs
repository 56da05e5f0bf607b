//! What the dashboard asks the store for.

use std::sync::Arc;
use std::time::Instant;

use gateway::ports::logs::{Dimension, Hosting, LogQuery, LogStore, Rank, Slice, Sort, Status};
use gateway_types::Wall;
use tokio::runtime::Runtime;

use crate::{DAY_MS, report};

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
/// The median of so many is told.
const TIMES: usize = 7;

/// Ranges of time, and how long a slot of their charts is.
const RANGES: [(&str, i64, i64); 5] = [
    ("1 h", HOUR_MS, MINUTE_MS),
    ("24 h", DAY_MS, 10 * MINUTE_MS),
    ("7 d", 7 * DAY_MS, HOUR_MS),
    ("30 d", 30 * DAY_MS, 6 * HOUR_MS),
    ("90 d", 90 * DAY_MS, DAY_MS),
];

pub(crate) fn everything(runtime: &Runtime, logs: &Arc<dyn LogStore>, now: Wall) {
    for (name, length, slot_ms) in RANGES {
        time(&format!("figures of an overview, {name}"), || {
            runtime.block_on(overview(logs, now, length, slot_ms, None));
        });
        time(&format!("figures of an overview of one key, {name}"), || {
            runtime.block_on(overview(logs, now, length, slot_ms, Some("vk-0100")));
        });
        time(&format!("histogram, {name}"), || {
            let of = slice(Dimension::Everything, now, length, slot_ms);
            runtime.block_on(logs.series(&of, slot_ms)).expect("the store reads");
        });
    }
    time("names to filter by", || {
        for dimension in [
            Dimension::Provider,
            Dimension::Model,
            Dimension::VirtualKey,
            Dimension::Team,
        ] {
            let since = Wall::from_millis(now.millis() - 30 * DAY_MS);
            runtime
                .block_on(logs.values(dimension, since))
                .expect("the store reads");
        }
    });
    for (name, query) in pages(now) {
        let (mut rows, mut more) = (0, false);
        time(&format!("page: {name}"), || {
            let page = runtime.block_on(logs.page(&query)).expect("the store reads");
            (rows, more) = (page.rows.len(), page.searched_until.is_some());
        });
        if more {
            report("", &format!("({rows} rows, and where to go on)"));
        }
    }
    let stats = |query: LogQuery| LogQuery { totals: true, ..query };
    let named = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    for (name, query) in [
        ("everything", stats(LogQuery::default())),
        (
            "one team, 30 d",
            stats(LogQuery {
                teams: named(&["team-03"]),
                since: Some(Wall::from_millis(now.millis() - 30 * DAY_MS)),
                ..LogQuery::default()
            }),
        ),
    ] {
        time(&format!("stats: {name}"), || {
            runtime.block_on(logs.page(&query)).expect("the store reads");
        });
    }
}

fn slice(dimension: Dimension, now: Wall, length: i64, slot_ms: i64) -> Slice {
    let until = (now.millis() / slot_ms + 1) * slot_ms;
    Slice {
        dimension,
        values: Vec::new(),
        since: Wall::from_millis(until - length),
        until: Wall::from_millis(until),
    }
}

/// As `GET /api/overview` does.
async fn overview(logs: &Arc<dyn LogStore>, now: Wall, length: i64, slot_ms: i64, key: Option<&str>) {
    let of = |dimension| slice(dimension, now, length, slot_ms);
    let chosen = match key {
        None => of(Dimension::Everything),
        Some(key) => Slice {
            values: vec![key.to_owned()],
            ..of(Dimension::VirtualKey)
        },
    };
    let before = Slice {
        since: Wall::from_millis(chosen.since.millis() - length),
        until: chosen.since,
        ..chosen.clone()
    };
    logs.series(&chosen, slot_ms).await.expect("the store reads");
    logs.shares(&before, Rank::Requests, usize::MAX)
        .await
        .expect("the store reads");
    logs.shares(&of(Dimension::ModelOfProvider), Rank::Requests, 1000)
        .await
        .expect("the store reads");
    if key.is_some() {
        return;
    }
    logs.series(&of(Dimension::Hosting), slot_ms)
        .await
        .expect("the store reads");
    for dimension in [
        Dimension::Provider,
        Dimension::Model,
        Dimension::VirtualKey,
        Dimension::Team,
        Dimension::Customer,
    ] {
        logs.shares(&of(dimension), Rank::Requests, 100)
            .await
            .expect("the store reads");
    }
}

fn pages(now: Wall) -> Vec<(&'static str, LogQuery)> {
    let named = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let query = || LogQuery {
        limit: 50,
        ..LogQuery::default()
    };
    let day = Some(Wall::from_millis(now.millis() - DAY_MS));
    let mut queries = vec![
        ("newest", query()),
        (
            "oldest",
            LogQuery {
                ascending: true,
                ..query()
            },
        ),
        (
            "offset 10,000",
            LogQuery {
                offset: 10_000,
                ..query()
            },
        ),
        (
            "a provider",
            LogQuery {
                providers: named(&["gemini"]),
                ..query()
            },
        ),
        (
            "a model",
            LogQuery {
                models: named(&["model-11"]),
                ..query()
            },
        ),
        (
            "a model that was asked for",
            LogQuery {
                models: named(&["auto"]),
                ..query()
            },
        ),
        (
            "a key",
            LogQuery {
                virtual_keys: named(&["vk-0900"]),
                ..query()
            },
        ),
        (
            "three keys",
            LogQuery {
                virtual_keys: named(&["vk-0900", "vk-0901", "vk-0902"]),
                ..query()
            },
        ),
        (
            "a key that is nobody's",
            LogQuery {
                virtual_keys: named(&["vk-none"]),
                ..query()
            },
        ),
        (
            "a team",
            LogQuery {
                teams: named(&["team-03"]),
                ..query()
            },
        ),
        (
            "errors",
            LogQuery {
                statuses: vec![Status::Error],
                ..query()
            },
        ),
        (
            "a kind of error",
            LogQuery {
                errors: named(&["model_blocked"]),
                ..query()
            },
        ),
        (
            "self-hosted",
            LogQuery {
                hosting: vec![Hosting::SelfHosted],
                ..query()
            },
        ),
        (
            "a tag",
            LogQuery {
                tags: vec![("env".to_owned(), "prod".to_owned())],
                ..query()
            },
        ),
        (
            "a tag that is nowhere",
            LogQuery {
                tags: vec![("env".to_owned(), "moon".to_owned())],
                ..query()
            },
        ),
        (
            "text",
            LogQuery {
                text: Some("no worker".to_owned()),
                ..query()
            },
        ),
        (
            "text that is nowhere",
            LogQuery {
                text: Some("needle".to_owned()),
                ..query()
            },
        ),
        (
            "over 5 s",
            LogQuery {
                latency_ms: (Some(5_000.0), None),
                ..query()
            },
        ),
    ];
    for (name, sort) in [
        ("slowest", Sort::Latency),
        ("dearest", Sort::Cost),
        ("longest", Sort::Tokens),
    ] {
        queries.push((name, LogQuery { sort, ..query() }));
    }
    queries.push((
        "slowest of a day",
        LogQuery {
            sort: Sort::Latency,
            since: day,
            ..query()
        },
    ));
    queries
}

fn time(what: &str, mut ask: impl FnMut()) {
    let mut times: Vec<f64> = (0..TIMES)
        .map(|_| {
            let begun = Instant::now();
            ask();
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let first = times[0];
    times.sort_by(f64::total_cmp);
    report(
        what,
        &format!("{:7.2} ms (the first time {first:.2})", times[TIMES / 2]),
    );
}
