use std::sync::Arc;

use gateway_types::{Revision, Wall};
use serde_json::{Value, json};

use crate::ports::settings::{Change, CommitError, Document, Edit, SettingsStore, Stored};

/// Checks all that [`SettingsStore`] promises.
pub async fn settings<F, Made>(make: F)
where
    F: Fn() -> Made,
    Made: Future<Output = Arc<dyn SettingsStore>>,
{
    a_change_makes_a_revision(&*make().await).await;
    documents_come_in_order_and_can_change_and_go(&*make().await).await;
    a_change_from_an_old_revision_is_refused_whole(&*make().await).await;
    revisions_tell_what_changed(&*make().await).await;
    one_of_many_changes_at_once_wins(make().await).await;
}

fn edit(section: &str, name: &str, before: Option<Value>, after: Option<Value>) -> Edit {
    Edit {
        section: section.to_owned(),
        name: name.to_owned(),
        before,
        after,
    }
}

fn change(expected: u64, edits: Vec<Edit>) -> Change {
    Change {
        expected: Revision(expected),
        at: Wall::from_millis(1_700_000_000_000),
        author: String::from("ann"),
        edits,
    }
}

fn document(section: &str, name: &str, body: Value) -> Document {
    Document {
        section: section.to_owned(),
        name: name.to_owned(),
        body,
    }
}

async fn load(store: &dyn SettingsStore) -> Stored {
    store.load().await.expect("a healthy store loads")
}

async fn commit(store: &dyn SettingsStore, change: Change) -> Revision {
    store
        .commit(&change)
        .await
        .expect("a change from the latest revision is made")
}

async fn a_change_makes_a_revision(store: &dyn SettingsStore) {
    assert_eq!(load(store).await, Stored::default(), "an empty store is at revision 0");
    let body = json!({"v": 1, "keys": [{"weight": 0.5}], "name": "ü \" \\ \u{0}"});
    let made = commit(
        store,
        change(0, vec![edit("provider", "openai", None, Some(body.clone()))]),
    )
    .await;
    assert_eq!(made, Revision(1));
    let stored = load(store).await;
    assert_eq!(
        stored,
        Stored {
            revision: Revision(1),
            documents: vec![document("provider", "openai", body)]
        }
    );
    assert_eq!(
        commit(store, change(1, Vec::new())).await,
        Revision(2),
        "revisions are numbered without gaps"
    );
}

async fn documents_come_in_order_and_can_change_and_go(store: &dyn SettingsStore) {
    let new = |section, name| edit(section, name, None, Some(json!(1)));
    let edits = vec![
        new("virtual_key", "b"),
        new("provider", "z"),
        new("virtual_key", "a"),
        new("provider", "Z"),
    ];
    commit(store, change(0, edits)).await;
    let edits = vec![
        edit("virtual_key", "a", Some(json!(1)), Some(json!(2))),
        edit("virtual_key", "b", Some(json!(1)), None),
        edit("virtual_key", "nobody", None, None),
    ];
    commit(store, change(1, edits)).await;
    let expected = [
        document("provider", "Z", json!(1)),
        document("provider", "z", json!(1)),
        document("virtual_key", "a", json!(2)),
    ];
    assert_eq!(load(store).await.documents, expected);
}

async fn a_change_from_an_old_revision_is_refused_whole(store: &dyn SettingsStore) {
    commit(
        store,
        change(0, vec![edit("client", "client", None, Some(json!("first")))]),
    )
    .await;
    for wrong in [0, 2, u64::MAX] {
        let late = change(wrong, vec![edit("client", "client", None, Some(json!("late")))]);
        assert_eq!(store.commit(&late).await, Err(CommitError::Conflict(Revision(1))));
    }
    let stored = load(store).await;
    assert_eq!(
        (stored.revision, stored.documents),
        (Revision(1), vec![document("client", "client", json!("first"))])
    );
    assert_eq!(
        store.revisions(None, 10).await.expect("it reads").len(),
        1,
        "a refused change leaves no record"
    );
}

async fn revisions_tell_what_changed(store: &dyn SettingsStore) {
    let edits: Vec<_> = (0..5_i32)
        .map(|n| edit("client", "client", Some(json!(n)), Some(json!(n + 1))))
        .collect();
    for (n, edit) in (0..).zip(&edits) {
        commit(store, change(n, vec![edit.clone()])).await;
    }
    let all = store.revisions(None, 10).await.expect("it reads");
    assert_eq!(
        all.iter().map(|record| record.revision.0).collect::<Vec<_>>(),
        [5, 4, 3, 2, 1],
        "newest first"
    );
    assert_eq!((all[0].author.as_str(), all[0].at.millis()), ("ann", 1_700_000_000_000));
    assert_eq!(all[0].edits, [edits[4].clone()], "both states are kept");
    let some = store.revisions(Some(Revision(4)), 2).await.expect("it reads");
    assert_eq!(some, all[2..4], "from before the revision on");
    assert_eq!(store.revisions(Some(Revision(1)), 2).await.expect("it reads"), []);
    assert_eq!(store.revisions(None, 0).await.expect("it reads"), []);
}

async fn one_of_many_changes_at_once_wins(store: Arc<dyn SettingsStore>) {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..16 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            store
                .commit(&change(0, vec![edit("client", "client", None, Some(json!(n)))]))
                .await
                .is_ok()
        });
    }
    let won = tasks.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!((won, load(&*store).await.revision), (1, Revision(1)));
}
