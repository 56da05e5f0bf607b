//! What the scanner takes, what it refuses and where it says that things stand.

use gateway_types::json::{ScanError, scan};

use super::oracle::agree;

/// The values found, as text, in the order they stand.
fn found<'b>(body: &'b str, wanted: &[&str]) -> Vec<(usize, &'b str)> {
    let object = scan(body.as_bytes(), wanted).unwrap();
    assert!(body[object.span.clone()].starts_with('{') && body[object.span.clone()].ends_with('}'));
    object
        .members
        .iter()
        .map(|member| (member.key, &body[member.value.clone()]))
        .collect()
}

fn refusal(body: impl AsRef<[u8]>) -> ScanError {
    let body = body.as_ref();
    scan(body, &["a", "b"]).expect_err(&String::from_utf8_lossy(body))
}

#[test]
fn finds_the_wanted_members_in_the_order_they_stand() {
    assert_eq!(
        found(r#"{"b":1,"x":[2],"a":"c"}"#, &["a", "b"]),
        [(1, "1"), (0, r#""c""#)]
    );
    assert_eq!(
        found(" \r\n{ \"a\"\t: {\"b\": [ ] } , \"z\":0 }\n", &["a", "b"]),
        [(0, r#"{"b": [ ] }"#)]
    );
    assert_eq!(found(r#"{"x":{"a":1},"y":[{"a":2}],"z":"\"a\":3"}"#, &["a"]), []);
    assert_eq!(
        found(r#"{"":1,"ключ":"значение"}"#, &["", "ключ"]),
        [(0, "1"), (1, r#""значение""#)]
    );
    assert_eq!(found(r#"{"a":-0.5e+10}"#, &["a"]), [(0, "-0.5e+10")]);
}

#[test]
fn a_member_spans_from_its_key_to_its_value_and_the_object_from_brace_to_brace() {
    let body = r#"  {"x":0, "a" : true } "#;
    let object = scan(body.as_bytes(), &["a"]).unwrap();
    assert_eq!(&body[object.members[0].span.clone()], r#""a" : true"#);
    assert_eq!(&body[object.span.clone()], r#"{"x":0, "a" : true }"#);
    assert_eq!(object.find(0), Some(&object.members[0]));
    assert_eq!(object.find(1), None);
}

#[test]
fn tells_an_object_without_members_from_one_without_wanted_ones() {
    assert!(scan(b"{}", &[]).unwrap().empty);
    assert!(scan(b" { \n } ", &["a"]).unwrap().empty);
    assert!(!scan(br#"{"x":{}}"#, &["a"]).unwrap().empty);
}

#[test]
fn refuses_what_is_not_json_and_says_where() {
    let cases: &[(&str, usize)] = &[
        ("", 0),
        ("   ", 3),
        ("{", 1),
        (r#"{"a""#, 4),
        (r#"{"a":"#, 5),
        (r#"{"a":}"#, 5),
        (r#"{"a":1"#, 6),
        (r#"{"a":1,}"#, 7),
        (r#"{,"a":1}"#, 1),
        (r#"{"a":1,,"b":2}"#, 7),
        (r#"{"a":1 "b":2}"#, 7),
        (r#"{"a" 1}"#, 5),
        (r#"{"a"::1}"#, 5),
        (r#"{a:1}"#, 1),
        (r#"{'a':1}"#, 1),
        (r#"{1:1}"#, 1),
        (r#"{"a":[1,]}"#, 8),
        (r#"{"a":[,1]}"#, 6),
        (r#"{"a":[1 2]}"#, 8),
        (r#"{"a":[1:2]}"#, 7),
        (r#"{"a":[1}}"#, 7),
        (r#"{"a":{"b":1]}"#, 11),
        (r#"{"a":{"b":1,}}"#, 12),
        (r#"{"a":{"b"}}"#, 9),
        (r#"{"a":{1}}"#, 6),
        (r#"{"a":tru}"#, 8),
        (r#"{"a":True}"#, 5),
        (r#"{"a":nul}"#, 8),
        (r#"{"a":falsey}"#, 10),
        (r#"{"a":NaN}"#, 5),
        (r#"{"a":01}"#, 6),
        (r#"{"a":+1}"#, 5),
        (r#"{"a":-}"#, 6),
        (r#"{"a":.5}"#, 5),
        (r#"{"a":1.}"#, 7),
        (r#"{"a":1.e3}"#, 7),
        (r#"{"a":1e}"#, 7),
        (r#"{"a":1e+}"#, 8),
        (r#"{"a":0x1}"#, 6),
        (r#"{"a":"x}"#, 8),
        (r#"{"a":"\x"}"#, 7),
        (r#"{"a":"\u12g4"}"#, 10),
        (r#"{"a":"\u12"}"#, 10),
        (r#"{"a":"\u123"}"#, 11),
        (r#"{"a":"\"#, 7),
        ("{\"a\":\"tab\there\"}", 9),
        ("{\"a\":\"nul\0\"}", 9),
        ("{\"a\n\":1}", 3),
        ("{\"a\":\"eight by\nte\"}", 14),
        ("{\"a\":1 /* c */}", 7),
        ("{\"a\":\u{a0}1}", 5),
        ("\u{feff}{}", 0),
        ("{\"a\":1\x0c}", 6),
    ];
    for &(body, at) in cases {
        assert_eq!(refusal(body), ScanError::Syntax(at), "{body}");
    }
}

#[test]
fn refuses_json_that_is_not_an_object() {
    for body in ["[]", "[{}]", "1", "-2.5e3", "\"a\"", "null", "true", " false "] {
        assert_eq!(refusal(body), ScanError::NotAnObject, "{body}");
    }
}

#[test]
fn refuses_anything_after_the_end() {
    assert_eq!(refusal("{} x"), ScanError::Trailing(3));
    assert_eq!(refusal("{}{}"), ScanError::Trailing(2));
    assert_eq!(refusal("{}\0"), ScanError::Trailing(2));
    assert_eq!(refusal("{}}"), ScanError::Trailing(2));
}

#[test]
fn refuses_what_is_not_utf8_wherever_it_stands() {
    assert_eq!(refusal(b"{\"x\":\"\xff\"}"), ScanError::Utf8(6));
    assert_eq!(refusal(b"{\"x\":\"\xc0\xaf\"}"), ScanError::Utf8(6));
    assert_eq!(refusal(b"{\"x\":\"\xed\xa0\x80\"}"), ScanError::Utf8(6));
    assert_eq!(refusal(b"{\"x\":\"\xe2\x82\"}"), ScanError::Utf8(6));
}

#[test]
fn refuses_what_is_not_utf8_at_every_place_of_strings_of_every_length() {
    for length in (0..24).chain([60, 63, 64, 65, 70, 127, 128, 129, 130, 200, 257]) {
        for around in ["", "\\n", "é"] {
            for at in 0..=length {
                let fill = |many: usize| "x".repeat(many);
                let mut body = format!("{{\"k\":[\"{around}{}", fill(at)).into_bytes();
                let spot = body.len();
                body.push(0xff);
                body.extend(format!("{}{around}\"],\"l\":\"{}\"}}", fill(length - at), fill(80)).bytes());
                assert_eq!(refusal(&body), ScanError::Utf8(spot), "{length} {around} {at}");
                // The same as a key.
                let mut body = format!("{{\"k\":{{\"{}", fill(at)).into_bytes();
                let spot = body.len();
                body.push(0xff);
                body.extend(format!("{}\":1}}}}", fill(length - at)).bytes());
                assert_eq!(refusal(&body), ScanError::Utf8(spot), "{length} {at}");
            }
        }
    }
}

#[test]
fn refuses_a_wanted_field_given_twice_and_a_field_name_with_an_escape() {
    assert_eq!(refusal(r#"{"a":1,"x":2,"a":1}"#), ScanError::Duplicate("a".to_owned()));
    assert_eq!(refusal(r#"{"a":1,"\u0061":2}"#), ScanError::EscapedKey(7));
    assert_eq!(refusal(r#"{"mod\u0065l":2}"#), ScanError::EscapedKey(1));
    assert_eq!(refusal(r#"{"x\n":2}"#), ScanError::EscapedKey(1));
    // What nobody asks for may stand twice, and escapes below the top are the upstream's business.
    assert_eq!(found(r#"{"x":1,"x":2,"y":{"\u0061":1,"a":1,"a":2}}"#, &["a"]), []);
}

#[test]
fn takes_127_levels_and_no_more() {
    let nested = |open: &str, close: &str, levels: usize| {
        format!(r#"{{"a":{}{}}}"#, open.repeat(levels - 1), close.repeat(levels - 1))
    };
    assert_eq!(found(&nested("[", "]", 127), &["a"]).len(), 1);
    assert_eq!(refusal(nested("[", "]", 128)), ScanError::TooDeep(127));
    assert_eq!(
        refusal(nested(r#"{"a":"#, "0}", 128).replace("}0", "}")),
        ScanError::TooDeep(127)
    );
    assert_eq!(refusal("[".repeat(1 << 20)), ScanError::TooDeep(127));
    // Side by side is not deep.
    assert_eq!(
        found(&format!(r#"{{"a":[[]{}]}}"#, ",[{}]".repeat(500)), &["a"]).len(),
        1
    );
}

#[test]
fn long_strings_are_looked_through_to_the_last_byte() {
    for length in (0..40).chain(240..300).chain([511, 512, 513, 4096, 70_000]) {
        let text = "x".repeat(length);
        let body = format!(r#"{{"x":"{text}","a":"{text}\n{text}"}}"#);
        assert_eq!(found(&body, &["a"]), [(0, &*format!(r#""{text}\n{text}""#))]);
        for (bad, ahead) in [("\n", 0), ("\x1f", 0), ("\0", 0), ("\\x", 1)] {
            let body = format!(r#"{{"a":"{text}{bad}{text}"}}"#);
            assert_eq!(
                refusal(&body),
                ScanError::Syntax(6 + length + ahead),
                "{length} before {bad:?}"
            );
        }
        let body = format!(r#"{{"a":"{text}"#);
        assert_eq!(refusal(&body), ScanError::Syntax(body.len()));
    }
}

#[test]
fn every_byte_is_as_special_in_a_word_as_it_is_alone() {
    for byte in 0..=0x7f_u8 {
        for at in 0..16 {
            let mut text = [b'~'; 16];
            text[at] = byte;
            let body = [br#"{"a":""#, &text[..], br#""}"#].concat();
            let expected = serde_json::from_slice::<&serde_json::value::RawValue>(&body).is_ok();
            assert_eq!(scan(&body, &["a"]).is_ok(), expected, "{byte:#x} at {at}");
        }
    }
}

#[test]
fn the_refusals_say_what_is_wrong() {
    assert_eq!(refusal("{").to_string(), "the body is not valid JSON at byte 1");
    assert_eq!(refusal("[]").to_string(), "the body must be a JSON object");
    assert_eq!(refusal(r#"{"b":1,"b":1}"#).to_string(), "the field `b` is given twice");
}

#[test]
fn an_escape_is_one_wherever_it_falls_in_a_long_string() {
    const PIECES: [&str; 9] = [
        r#"\""#, r"\\", r#"\\\""#, r"\u00e9", r"\n\n\n", r"\x", r"\u00g0", "\u{1}", r#"\\""#,
    ];
    for before in 0..200 {
        for piece in PIECES {
            for behind in [0, 1, 70] {
                let (before, behind) = ("=".repeat(before), "=".repeat(behind));
                agree(format!("{{\"n\":\"{before}{piece}{behind}\"}}").as_bytes());
            }
        }
    }
}
