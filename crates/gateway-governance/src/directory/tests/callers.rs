//! Who comes in, and who does not.

use std::time::Duration;

use super::*;

/// Who comes in, in one word, or the error's code.
fn who(directory: &Directory, presented: Option<&str>, enforced: bool) -> String {
    match authenticate(directory, &hasher(), presented, Rules { enforced }, now()) {
        Ok(principal) => principal
            .key()
            .map_or_else(|| "anonymous".into(), |key| key.id.to_string()),
        Err(error) => format!("{} {}", error.status(), error.kind.code()),
    }
}

#[test]
fn a_value_is_a_credential_and_an_id_is_none() {
    let directory = directory(
        &[
            json!({"id": "vk-dev", "value": "sk-bf-secret"}),
            json!({"id": "vk-unified"}),
        ],
        &[],
    );
    for enforced in [false, true] {
        assert_eq!(who(&directory, Some("sk-bf-secret"), enforced), "vk-dev");
        assert_eq!(who(&directory, Some("vk-unified"), enforced), "vk-unified");
        for wrong in ["vk-dev", "sk-bf-secre", "SK-BF-SECRET", "", " sk-bf-secret"] {
            assert_eq!(
                who(&directory, Some(wrong), enforced),
                "401 virtual_key_not_found",
                "{wrong}"
            );
        }
    }
    assert_eq!(who(&directory, None, true), "401 virtual_key_required");
    assert_eq!(who(&directory, None, false), "anonymous");
}

#[test]
fn keys_that_are_off_are_refused_and_never_anonymous() {
    let directory = directory(
        &[
            json!({"id": "off", "is_active": false}),
            json!({"id": "old", "expires_at": "2025-06-01T12:00:00Z"}),
            json!({"id": "young", "expires_at": "2025-06-01T14:00:00.001+02:00"}),
        ],
        &["gone", "young"],
    );
    for blocked in ["off", "old", "gone"] {
        assert_eq!(
            who(&directory, Some(blocked), false),
            "403 virtual_key_blocked",
            "{blocked}"
        );
    }
    // It was deleted once, and made again.
    assert_eq!(who(&directory, Some("young"), false), "young");
    let later = now().plus(Duration::from_millis(1));
    let rules = Rules { enforced: false };
    assert!(
        authenticate(&directory, &hasher(), Some("young"), rules, later).is_err(),
        "it expires in time"
    );
}

#[test]
fn a_value_that_was_replaced_works_until_its_time_and_is_refused_afterwards() {
    let hash = |value: &str| hasher().hash(value).to_string();
    let until = "2025-06-01T12:00:01Z";
    let key = json!({"id": "k", "value": "new", "previous": [
        {"value_hash": hash("older"), "until": "2025-05-31T00:00:00Z"},
        {"value_hash": hash("old"), "until": until},
        // It was given back its first value.
        {"value_hash": hash("new"), "until": "2025-05-30T00:00:00Z"},
    ]});
    let directory = directory(&[key], &[]);
    let at = |value: &str, millis: u64| {
        let now = now().plus(Duration::from_millis(millis));
        match authenticate(&directory, &hasher(), Some(value), Rules { enforced: false }, now) {
            Ok(principal) => principal.key().unwrap().id.to_string(),
            Err(error) => format!("{} {}", error.status(), error.message),
        }
    };
    assert_eq!((at("new", 0), at("old", 999)), ("k".into(), "k".into()));
    for refused in [at("old", 1000), at("older", 0)] {
        assert!(refused.starts_with("403 this value was replaced"), "{refused}");
    }
    assert_eq!(at("ol", 0), "401 the credential is no virtual key of this gateway");
}

#[test]
fn before_the_first_key_whatever_an_sdk_sends_is_nothing() {
    let empty = directory(&[], &[]);
    assert_eq!(who(&empty, Some("sk-anything"), false), "anonymous");
    assert_eq!(who(&empty, Some("sk-anything"), true), "401 virtual_key_required");
    let all_deleted = directory(&[], &["gone"]);
    assert_eq!(
        who(&all_deleted, Some("sk-anything"), false),
        "401 virtual_key_not_found"
    );
    assert_eq!(who(&all_deleted, Some("gone"), false), "403 virtual_key_blocked");
}

#[test]
fn partitions_of_callers_differ() {
    let directory = directory(&[json!({"id": "anonymous"}), json!({"id": "b"})], &[]);
    let partition = |presented| {
        let rules = Rules { enforced: false };
        authenticate(&directory, &hasher(), presented, rules, now())
            .unwrap()
            .partition()
            .to_owned()
    };
    let partitions = HashSet::from([partition(None), partition(Some("anonymous")), partition(Some("b"))]);
    assert_eq!(partitions.len(), 3);
}

#[test]
fn a_key_that_is_off_may_still_ask_about_itself() {
    let directory = directory(
        &[
            json!({"id": "off", "is_active": false}),
            json!({"id": "old", "expires_at": "2025-06-01T12:00:00Z"}),
        ],
        &["gone"],
    );
    let asks = |presented| match recognise(&directory, &hasher(), presented, now()) {
        Ok(key) => key.id.to_string(),
        Err(error) => format!("{} {}", error.status(), error.kind.code()),
    };
    assert_eq!(asks(Some("off")), "off");
    assert_eq!(asks(Some("old")), "403 virtual_key_blocked");
    assert_eq!(asks(Some("gone")), "403 virtual_key_blocked");
    assert_eq!(asks(Some("never")), "401 virtual_key_not_found");
    assert_eq!(asks(None), "401 virtual_key_required");
}
