//! What edits do to a body, and what they leave alone.

use bytes::Bytes;
use gateway_types::json::{Edit, Object, Slices, scan, splice};

const KEYS: &[&str] = &["a", "b", "c", "d"];

/// What to do, in short: `-a` removes, `a=1` replaces, `+"x":1` inserts.
fn edits(object: &Object, script: &[&str]) -> Vec<Edit> {
    let member = |key: &str| {
        object
            .find(KEYS.iter().position(|known| *known == key).unwrap())
            .unwrap()
    };
    let edit = |word: &&str| match (word.split_at(1), word.split_once('=')) {
        (("-", key), _) => Edit::Remove(member(key).span.clone()),
        (("+", text), _) => Edit::Insert(Bytes::copy_from_slice(text.as_bytes())),
        (_, Some((key, text))) => Edit::Replace(member(key).value.clone(), Bytes::copy_from_slice(text.as_bytes())),
        _ => panic!("{word}"),
    };
    script.iter().map(edit).collect()
}

fn edited(body: &str, script: &[&str]) -> Slices {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let object = scan(&body, KEYS).unwrap();
    splice(&body, &object, &edits(&object, script))
}

#[track_caller]
fn check(body: &str, script: &[&str], expected: &str) {
    assert_eq!(edited(body, script).concat(), expected, "{script:?} of {body}");
    let reversed: Vec<&str> = script.iter().rev().copied().collect();
    if script.iter().filter(|word| word.starts_with('+')).count() < 2 {
        assert_eq!(edited(body, &reversed).concat(), expected, "{reversed:?} of {body}");
    }
}

#[test]
fn replaces_values_and_keeps_all_else() {
    check(
        r#"{"a":1,"x":1.0e0, "b":[2]}"#,
        &["b=null", "a=\"one\""],
        r#"{"a":"one","x":1.0e0, "b":null}"#,
    );
    check(" {\"a\" :\t1 }\n", &["a=2"], " {\"a\" :\t2 }\n");
    check(r#"{"a":1}"#, &["a="], r#"{"a":}"#);
    check(r#"{"a":1}"#, &[], r#"{"a":1}"#);
}

#[test]
fn removes_a_member_with_the_one_comma_left_over() {
    let body = r#"{"a":1,"b":2,"c":3}"#;
    check(body, &["-a"], r#"{"b":2,"c":3}"#);
    check(body, &["-b"], r#"{"a":1,"c":3}"#);
    check(body, &["-c"], r#"{"a":1,"b":2}"#);
    check(body, &["-a", "-b"], r#"{"c":3}"#);
    check(body, &["-b", "-c"], r#"{"a":1}"#);
    check(body, &["-a", "-c"], r#"{"b":2}"#);
    check(body, &["-a", "-b", "-c"], "{}");
    check(r#"{"x":0,"a":1,"b":2,"y":0}"#, &["-a", "-b"], r#"{"x":0,"y":0}"#);
    check(r#"{"a":1}"#, &["-a"], "{}");
    check(r#"{ "a":1 }"#, &["-a"], "{  }");
    check(r#"{"a":",","b":"},{"}"#, &["-a"], r#"{"b":"},{"}"#);
}

#[test]
fn removal_keeps_the_layout_of_the_rest() {
    let body = "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}";
    check(body, &["-a"], "{\n  \"b\": 2,\n  \"c\": 3\n}");
    check(body, &["-b"], "{\n  \"a\": 1,\n  \"c\": 3\n}");
    check(body, &["-c"], "{\n  \"a\": 1,\n  \"b\": 2\n}");
    check(r#"{"a":1 , "b":2 , "c":3}"#, &["-b"], r#"{"a":1 , "c":3}"#);
    check(r#"{"a":1 , "b":2 , "c":3 }"#, &["-c"], r#"{"a":1 , "b":2  }"#);
}

#[test]
fn inserts_at_the_end_with_a_comma_only_where_one_is_due() {
    check("{}", &[r#"+"n":1"#], r#"{"n":1}"#);
    check("{ }", &[r#"+"n":1"#], r#"{"n":1 }"#);
    check(r#"{"x":0}"#, &[r#"+"n":1"#], r#"{"x":0,"n":1}"#);
    check("{\n  \"x\": 0\n}\n", &[r#"+"n":1"#], "{\n  \"x\": 0,\"n\":1\n}\n");
    check("{}", &[r#"+"n":1"#, r#"+"m":2"#], r#"{"n":1,"m":2}"#);
    check(r#"{"x":0}"#, &[r#"+"n":1"#, r#"+"m":2"#], r#"{"x":0,"n":1,"m":2}"#);
}

#[test]
fn edits_of_every_sort_go_together() {
    check(r#"{"a":1}"#, &["-a", r#"+"n":1"#], r#"{"n":1}"#);
    check(r#"{"a":1,"b":2}"#, &["-a", "-b", r#"+"n":1"#], r#"{"n":1}"#);
    check(r#"{"a":1,"b":2}"#, &["-b", r#"+"n":1"#], r#"{"a":1,"n":1}"#);
    check(
        r#"{"a":1,"b":2,"c":3}"#,
        &["-a", "b=5", "-c", r#"+"n":1"#],
        r#"{"b":5,"n":1}"#,
    );
    check(
        r#"{"a":1,"b":2,"c":3,"d":4}"#,
        &["-b", "c=x", "a=y", "-d"],
        r#"{"a":y,"c":x}"#,
    );
    check(r#"{ "a":1, "b":2 }"#, &["-a", "-b", r#"+"n":1"#], r#"{ "n":1 }"#);
}

#[test]
fn what_is_not_edited_is_not_copied() {
    let body = Bytes::from(format!(r#"{{"a":"small","x":"{}"}}"#, "x".repeat(10_000)));
    let object = scan(&body, KEYS).unwrap();
    let shares = |slice: &Bytes| body.as_ptr_range().contains(&slice.as_ptr());

    let untouched = splice(&body, &object, &[]);
    assert!(untouched.0.len() == 1 && shares(&untouched.0[0]));
    assert_eq!(untouched.concat().as_ptr(), body.as_ptr());

    let patch = Bytes::from_static(br#""large""#);
    let replaced = splice(
        &body,
        &object,
        &[Edit::Replace(object.members[0].value.clone(), patch.clone())],
    );
    let [before, middle, after] = &replaced.0[..] else {
        panic!("{replaced:?}")
    };
    assert!(shares(before) && shares(after));
    assert_eq!(middle.as_ptr(), patch.as_ptr());
}

#[test]
fn slices_know_their_length_and_are_never_empty_pieces() {
    let slices = edited(r#"{"a":1,"b":2}"#, &["-a", "b=", r#"+"n":1"#]);
    assert_eq!(slices.len(), slices.concat().len());
    assert!(slices.0.iter().all(|slice| !slice.is_empty()));
    assert!(Slices::default().is_empty() && Slices::default().concat().is_empty());
    assert!(Slices::one(Bytes::new()).is_empty());
    assert_eq!(Slices::one(Bytes::from_static(b"{}")).concat(), "{}");
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "meets another"))]
fn of_two_edits_of_one_place_the_later_is_ignored() {
    let body = Bytes::from_static(br#"{"a":1,"b":2}"#);
    let object = scan(&body, KEYS).unwrap();
    assert_eq!(
        splice(&body, &object, &edits(&object, &["a=5", "-a", "b=6"])).concat(),
        r#"{"b":6}"#
    );
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "leaves the object"))]
fn an_edit_outside_the_object_is_ignored() {
    let body = Bytes::from_static(br#"{"a":1}   "#);
    let object = scan(&body, KEYS).unwrap();
    assert_eq!(
        splice(&body, &object, &[Edit::Replace(8..9, Bytes::from_static(b"x"))]).concat(),
        body
    );
}
