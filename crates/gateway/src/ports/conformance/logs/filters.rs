//! Filters choose the rows that they say, and totals are over these.

use gateway_types::{ErrorKind, Operation, Wall};

use super::*;

pub(super) async fn check<F, Made>(make: &F)
where
    F: Fn() -> Made,
    Made: Future<Output = Arc<dyn LogStore>>,
{
    filters_choose_rows(&*make().await).await;
    what_went_wrong_and_where_chooses_rows(&*make().await).await;
    time_chooses_rows_and_totals(&*make().await).await;
    text_is_found_as_it_stands(&*make().await).await;
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
    assert_eq!(nobody, nothing());
    let nowhere = page(
        store,
        &LogQuery {
            latency_ms: (Some(f64::NAN), None),
            ..all()
        },
    )
    .await;
    assert_eq!(nowhere, nothing(), "nothing is at least what is no number");
}

async fn what_went_wrong_and_where_chooses_rows(store: &dyn LogStore) {
    let rows = rows(200);
    append(store, &rows).await;
    let query = LogQuery::default;
    let blocked = LogQuery {
        errors: vec!["model_blocked".to_owned(), "no_such".to_owned()],
        ..query()
    };
    chooses(store, &rows, blocked, |row| row.error.is_some()).await;
    let failed = LogQuery {
        statuses: vec![Status::Error],
        ..query()
    };
    chooses(store, &rows, failed, |row| row.status == Status::Error).await;
    let own = LogQuery {
        hosting: vec![Hosting::SelfHosted],
        ..query()
    };
    chooses(store, &rows, own, |row| row.hosting == Some(Hosting::SelfHosted)).await;
    let anywhere = LogQuery {
        hosting: Hosting::ALL.to_vec(),
        ..query()
    };
    chooses(store, &rows, anywhere, |row| row.hosting.is_some()).await;
    let unpriced = LogQuery {
        unpriced: true,
        ..query()
    };
    chooses(store, &rows, unpriced, |row| row.unpriced).await;
    let named = LogQuery {
        ids: vec![rows[7].id, rows[90].id, row(9_999).id, rows[7].id],
        ..query()
    };
    chooses(store, &rows, named, |row| [rows[7].id, rows[90].id].contains(&row.id)).await;
    let several = LogQuery {
        models: vec!["fast".to_owned(), "gpt-4o-mini".to_owned()],
        virtual_keys: vec!["vk-dev".to_owned(), "vk-unified".to_owned()],
        ..query()
    };
    chooses(store, &rows, several, |row| {
        let named = [&row.model, &row.asked].into_iter().flatten();
        let mut named = named.filter(|name| **name == "fast" || **name == "gpt-4o-mini");
        row.virtual_key.is_some() && named.next().is_some()
    })
    .await;
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
        assert_eq!(found.totals, Some(sum(expected)), "{query:?}");
    }
    let backwards = LogQuery {
        since: Some(rows[9].at),
        until: Some(rows[3].at),
        ..all()
    };
    assert_eq!(
        page(store, &backwards).await,
        nothing(),
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
    let tagged = LogRow {
        tags: Arc::new([("Purpose".to_owned(), "a hay\"stack".to_owned())].into()),
        ..row(6)
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
        tagged,
    ];
    append(store, &rows).await;
    let cases: [(&str, &[usize]); 16] = [
        ("purpose", &[6]),
        ("Y\"STACK", &[6]),
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
        assert_eq!(found.totals, Some(sum(&expected)), "{text}");
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
