//! Reading front to back gives what `serde_json` gives, or refuses what it refuses.

use gateway_types::json::{Cursor, Kind, ScanError, quote};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Everything that stands at a place, as a tree.
fn tree(at: &mut Cursor<'_>) -> Result<Value, ScanError> {
    Ok(match at.kind() {
        Some(Kind::Object) => {
            let mut members = Map::new();
            at.object(|key, at| {
                members.insert(key.into_owned(), tree(at)?);
                Ok::<_, ScanError>(())
            })?;
            Value::Object(members)
        }
        Some(Kind::Array) => {
            let mut items = Vec::new();
            at.array(|number, at| {
                assert_eq!(number, items.len());
                items.push(tree(at)?);
                Ok::<_, ScanError>(())
            })?;
            Value::Array(items)
        }
        Some(Kind::String) => Value::String(at.text()?.into_owned()),
        _ => serde_json::from_str(at.raw()?).unwrap_or(Value::Null),
    })
}

/// The tree of a whole text.
fn whole(text: &str) -> Option<Value> {
    // The end of a text is for whoever scanned it before: an array around it shows whether it is one value.
    let text = format!("[{text}]");
    if Cursor::new(&text).raw().ok()?.len() != text.len() {
        return None;
    }
    let value = tree(&mut Cursor::new(&text)).ok()?;
    match value {
        Value::Array(mut items) if items.len() == 1 => items.pop(),
        _ => None,
    }
}

#[test]
fn what_is_read_is_what_stands_there() {
    for text in [
        r#"{"a": 1, "b": [true, false, null, -1.5e3], "c": {"d": "e"}, "": []}"#,
        r#" [ ] "#,
        "[ [ ] , { } ]",
        r#""é\n\"\\\/\b\f\r\tA\u00e9\u65e5\ud83e\udd80""#,
        r#"{"a\u0062": "x"}"#,
    ] {
        assert_eq!(whole(text), serde_json::from_str(text).ok(), "{text}");
    }
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{,"a":1}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a":1]"#,
        r#"["\x"]"#,
        r#"["\ud800"]"#,
        r#"["\ud800\u0041"]"#,
        r#"["\udc00"]"#,
        "\"a\nb\"",
        "nul",
        "01",
        r#"{"a":1,"\u0061":2}"#,
    ] {
        assert_eq!(whole(text), None, "{text}");
    }
    let deep = "[".repeat(200);
    assert_eq!(whole(&deep), None);
}

#[test]
fn what_is_not_asked_for_is_stepped_over() {
    let mut found = Vec::new();
    let mut at = Cursor::new(r#"{"x": {"y": [1, "]"]}, "a": "1", "z": "\"}", "b": 2.50}"#);
    at.object(|key, at| {
        if matches!(&*key, "a" | "b") {
            found.push(at.raw()?);
        }
        Ok::<_, ScanError>(())
    })
    .unwrap();
    assert_eq!(found, ["\"1\"", "2.50"]);
}

#[test]
fn a_key_given_twice_is_refused_among_however_many() {
    for count in [1, 15, 16, 17, 500] {
        let members: Vec<String> = (0..count).map(|n| format!("\"k{n}\":0")).collect();
        let members = members.join(",");
        assert!(whole(&format!("{{{members}}}")).is_some(), "{count}");
        for again in ["k0", "k\\u0030", &format!("k{}", count - 1)] {
            let text = format!("{{{members},\"{again}\":1}}");
            let error = Cursor::new(&text).object(|_, _| Ok::<_, ScanError>(())).unwrap_err();
            assert!(matches!(error, ScanError::Duplicate(_)), "{count} {again}");
        }
    }
}

proptest! {
    #[test]
    fn a_text_is_quoted_so_that_it_comes_back(text: String, long in "[a-z\"\\\\\n\u{0}-\u{1f}é🦀]{0,300}") {
        for text in [text, long] {
            let mut out = Vec::new();
            quote(&text, &mut out);
            prop_assert_eq!(&out, &serde_json::to_vec(&text).unwrap());
            let literal = String::from_utf8(out).unwrap();
            prop_assert_eq!(Cursor::new(&literal).text().unwrap(), text);
        }
    }

    #[test]
    fn nothing_makes_it_panic(text: String, json in r#"[\[\]{}",:\\u0d8ea1 .-]{0,40}"#) {
        for text in [text, json] {
            let read = whole(&text);
            // What has a lone surrogate or a key twice, the other reader takes or refuses in its own way.
            if read.is_some() {
                prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
            }
        }
    }
}
