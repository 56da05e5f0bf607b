use std::sync::Arc;

use gateway_types::{Revision, Wall};
use serde_json::{Value, json};

use crate::ports::audit::{AuditEvent, AuditQuery, AuditRecord, AuditStore};
use crate::ports::settings::{Change, Edit, SettingsStore};

/// An audit log and the settings that write into it.
type Pair = (Arc<dyn AuditStore>, Arc<dyn SettingsStore>);

/// Checks all that [`AuditStore`] promises; `make` gives the log together with the settings of the same store.
pub async fn audit<F, Made>(make: F)
where
    F: Fn() -> Made,
    Made: Future<Output = Pair>,
{
    records_are_numbered_and_come_back_as_they_were(&*make().await.0).await;
    pages_go_on_where_they_ended(&*make().await.0).await;
    each_filter_takes_what_fits(&*make().await.0).await;
    a_change_of_the_settings_is_written_with_it(make().await).await;
    many_writers_make_one_chain(make().await).await;
}

const START: i64 = 1_700_000_000_000;

fn event(n: i64) -> AuditEvent {
    AuditEvent {
        at: Wall::from_millis(START + n),
        actor: ["ann", "bob"][n as usize % 2].into(),
        action: ["login", "ledger.write_off", "ledger.export"][n as usize % 3].into(),
        target: ["", "quota/a", "quota/b", "user/ann"][n as usize % 4].into(),
        before: None,
        after: (n % 2 == 0).then(|| json!({ "n": n, "text": "ü \" \\ \u{0}" })),
        revision: None,
    }
}

async fn fill(store: &dyn AuditStore, count: i64) {
    let events: Vec<AuditEvent> = (0..count).map(event).collect();
    store.append(&events).await.expect("a healthy store appends");
}

async fn page(store: &dyn AuditStore, query: &AuditQuery) -> Vec<AuditRecord> {
    store.page(query).await.expect("a healthy store reads").records
}

fn all() -> AuditQuery {
    AuditQuery {
        limit: 1000,
        ..AuditQuery::default()
    }
}

async fn is_sound(store: &dyn AuditStore, records: u64) {
    let verified = store.verify().await.expect("a healthy store reads");
    assert_eq!(
        (verified.records, verified.found, verified.faults),
        (records, 0, Vec::new())
    );
}

async fn records_are_numbered_and_come_back_as_they_were(store: &dyn AuditStore) {
    is_sound(store, 0).await;
    fill(store, 5).await;
    store.append(&[]).await.expect("nothing is written down as nothing");
    let records = page(store, &all()).await;
    let found: Vec<(u64, AuditEvent)> = records
        .iter()
        .map(|record| (record.seq, record.event.clone()))
        .collect();
    let expected: Vec<(u64, AuditEvent)> = (0..5).rev().map(|n| (n as u64 + 1, event(n))).collect();
    assert_eq!(found, expected, "newest first, numbered from 1");
    let verified = store.verify().await.expect("it reads");
    assert_eq!(
        verified.head, records[0].hash,
        "the head of the chain is the latest hash"
    );
    is_sound(store, 5).await;
}

async fn pages_go_on_where_they_ended(store: &dyn AuditStore) {
    fill(store, 7).await;
    let mut query = AuditQuery { limit: 3, ..all() };
    let mut found = Vec::new();
    loop {
        let page = store.page(&query).await.expect("it reads");
        found.extend(page.records.iter().map(|record| record.seq));
        match page.next {
            Some(next) => query.before = Some(next),
            None => break,
        }
    }
    assert_eq!(found, [7, 6, 5, 4, 3, 2, 1]);
}

async fn each_filter_takes_what_fits(store: &dyn AuditStore) {
    fill(store, 24).await;
    let wanted = |text: &str| Some(text.to_owned());
    let queries = [
        AuditQuery {
            actor: wanted("ann"),
            ..all()
        },
        AuditQuery {
            action: wanted("login"),
            ..all()
        },
        AuditQuery {
            action: wanted("ledger."),
            ..all()
        },
        AuditQuery {
            action: wanted("ledger.w*"),
            ..all()
        },
        AuditQuery {
            action: wanted("ledger"),
            ..all()
        },
        AuditQuery {
            target: wanted("quota/a"),
            ..all()
        },
        AuditQuery {
            target: wanted("quota/"),
            ..all()
        },
        AuditQuery {
            target: wanted("%"),
            ..all()
        },
        AuditQuery {
            from: Some(Wall::from_millis(START + 5)),
            until: Some(Wall::from_millis(START + 9)),
            ..all()
        },
        AuditQuery {
            actor: wanted("bob"),
            action: wanted("login"),
            target: wanted("user/*"),
            ..all()
        },
    ];
    for query in queries {
        let found: Vec<u64> = page(store, &query).await.iter().map(|record| record.seq).collect();
        let expected: Vec<u64> = (0..24)
            .rev()
            .filter(|n| query.takes(&event(*n)))
            .map(|n| n as u64 + 1)
            .collect();
        assert_eq!(found, expected, "{query:?}");
    }
    assert_eq!(
        page(
            store,
            &AuditQuery {
                action: wanted("ledger."),
                ..all()
            }
        )
        .await
        .len(),
        16
    );
}

fn change(expected: u64, edits: Vec<Edit>) -> Change {
    Change {
        expected: Revision(expected),
        at: Wall::from_millis(START),
        author: "ann".into(),
        edits,
    }
}

fn edit(section: &str, name: &str, before: Option<Value>, after: Option<Value>) -> Edit {
    Edit {
        section: section.into(),
        name: name.into(),
        before,
        after,
    }
}

async fn a_change_of_the_settings_is_written_with_it((audit, settings): Pair) {
    let edits = vec![
        edit("team", "t", None, Some(json!({ "name": "T" }))),
        edit("virtual_key", "vk", Some(json!({ "a": 1 })), Some(json!({ "a": 2 }))),
        edit("provider", "openai", Some(json!({})), None),
        edit("retired_key", "0123abcd", None, Some(json!({ "id": "vk" }))),
    ];
    let made = change(0, edits);
    settings.commit(&made).await.expect("it is made");
    let refused = change(0, made.edits.clone());
    settings
        .commit(&refused)
        .await
        .expect_err("the settings changed meanwhile");
    let records = page(&*audit, &all()).await;
    let said: Vec<(&str, &str)> = records
        .iter()
        .rev()
        .map(|record| (record.event.action.as_str(), record.event.target.as_str()))
        .collect();
    let expected = [
        ("team.create", "team/t"),
        ("virtual_key.update", "virtual_key/vk"),
        ("provider.delete", "provider/openai"),
        ("retired_key.create", "retired_key/vk"),
    ];
    assert_eq!(said, expected, "what is refused is not written down");
    let update = &records[2].event;
    assert_eq!(
        (&update.before, &update.after),
        (&Some(json!({ "a": 1 })), &Some(json!({ "a": 2 })))
    );
    assert_eq!((update.revision, update.actor.as_str()), (Some(Revision(1)), "ann"));
    is_sound(&*audit, 4).await;
}

async fn many_writers_make_one_chain((audit, settings): Pair) {
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let audit = Arc::clone(&audit);
        tasks.spawn(async move {
            for n in 0..10 {
                audit.append(&[event(task), event(n)]).await.expect("it appends");
            }
        });
    }
    let edits = |n: u64| vec![edit("team", "t", None, Some(json!({ "n": n })))];
    for n in 0..10 {
        settings
            .commit(&change(n, edits(n)))
            .await
            .expect("nobody else changes settings");
    }
    tasks.join_all().await;
    is_sound(&*audit, 8 * 20 + 10).await;
    let page = page(&*audit, &all()).await;
    assert!(page.iter().map(|record| record.seq).eq((1..=170).rev()));
}
