//! Anything at all: JSON in odd but legal spellings, and bytes that once were JSON.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::oracle::{Deed, Script, WANTED, agree, edit};

fn space() -> impl Strategy<Value = String> {
    prop_oneof![3 => Just(String::new()), 1 => "[ \t\r\n]{1,3}"]
}

/// A string as it may be spelled: any character, every escape, surrogates alone and in pairs, long plain runs.
fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[^\"\\\\\\x00-\\x1f]{0,12}",
        1 => r#"\\["\\/bfnrt]"#,
        1 => r"\\u[0-9a-fA-F]{4}",
        1 => Just(r"\ud83d\ude00".to_owned()),
        1 => (0..600_usize).prop_map(|length| "=".repeat(length)),
    ];
    vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,10})?([eE][+-]?[0-9]{1,3})?",
        string(),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let element = (space(), inner.clone(), space()).prop_map(|(a, value, b)| a + &value + &b);
        let array = (space(), vec(element, 0..6)).prop_map(|(space, all)| {
            if all.is_empty() {
                format!("[{space}]")
            } else {
                format!("[{}]", all.join(","))
            }
        });
        prop_oneof![array, object(string(), inner)]
    })
}

fn object(
    key: impl Strategy<Value = String> + 'static,
    value: impl Strategy<Value = String> + 'static,
) -> impl Strategy<Value = String> {
    let member = (space(), key, space(), space(), value, space())
        .prop_map(|(a, key, b, c, value, d)| format!("{a}{key}{b}:{c}{value}{d}"));
    (space(), vec(member, 0..7)).prop_map(|(space, all)| {
        if all.is_empty() {
            format!("{{{space}}}")
        } else {
            format!("{{{}}}", all.join(","))
        }
    })
}

/// An object whose keys are mostly wanted ones: some twice, some escaped.
fn body() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        8 => proptest::sample::select(WANTED).prop_map(|key| format!("\"{key}\"")),
        4 => "\"[a-z]{0,3}\"",
        1 => string(),
    ];
    (space(), object(key, value()), space()).prop_map(|(a, object, b)| a + &object + &b)
}

fn script() -> impl Strategy<Value = Script> {
    let deed = || proptest::sample::select(vec![Deed::Keep, Deed::Replace, Deed::Remove]);
    ([deed(), deed(), deed(), deed()], 0..3_usize, any::<bool>()).prop_map(|(deeds, inserts, backwards)| Script {
        deeds,
        inserts,
        backwards,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_spellings_are_read_as_serde_json_reads_them(body in body(), script in script()) {
        if let Some(object) = agree(body.as_bytes()) {
            edit(body.as_bytes(), &object, &script);
        }
    }

    #[test]
    fn values_that_are_no_object_are_refused_and_wrapped_ones_taken(value in value()) {
        agree(value.as_bytes());
        let body = format!("{{\"model\":{value}}}");
        prop_assert!(agree(body.as_bytes()).is_some());
    }

    #[test]
    fn any_bytes_are_judged_as_serde_json_judges_them(bytes in vec(any::<u8>(), 0..64)) {
        agree(&bytes);
        agree(&[&b"{\"model\":\""[..], &bytes, b"\"}"].concat());
    }

    #[test]
    fn strings_full_of_escapes_are_judged_as_serde_json_judges_them(
        pieces in vec(prop_oneof![99 => select(ESCAPES), 1 => select(SPOILERS)], 0..200)
    ) {
        agree(format!("{{\"model\":\"{}\",\"n\":1}}", pieces.concat()).as_bytes());
    }

    #[test]
    fn rows_of_backslashes_end_where_they_end(before in 0..140_usize, row in 0..140_usize, after in 0..140_usize) {
        let text = ["x".repeat(before), "\\".repeat(row), "\"".to_owned(), "y".repeat(after)].concat();
        agree(format!("{{\"model\":\"{text}\"}}").as_bytes());
        agree(format!("{{\"model\":\"{text}").as_bytes());
    }

    #[test]
    fn the_tokens_of_json_in_any_order_are_judged_as_serde_json_judges_them(
        tokens in vec(select(TOKENS), 0..24)
    ) {
        agree(tokens.concat().as_bytes());
        agree(format!("{{{}}}", tokens.concat()).as_bytes());
    }
}

/// What strings of code are made of.
const ESCAPES: &[&str] = &[
    r"\\",
    r"\\",
    r"\n",
    r"\n",
    r"\t",
    r"\t",
    r#"\""#,
    r#"\""#,
    r"\/",
    r"\u00e9",
    "n",
    "t",
    "u",
    "code",
    "            ",
    "é",
];
/// What ends such a string, or spoils it.
const SPOILERS: &[&str] = &["\\", "\"", "\n", r"\u00", r"\x"];

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\"model\"",
    "\"n\":",
    "null",
    "true",
    "-",
    "0",
    "1",
    ".5",
    "e9",
    " ",
    "\n",
    "\"\\u0061\"",
    "\"\\ud800\"",
    "\u{1}",
    "é",
    "\u{feff}",
    "/",
    "[[[[",
    "]]]]",
    "{\"n\":{",
    "}}",
];

const BYTES: &[u8] = b"{}[],:\"\\ \n0e-.utf\x00\x1f\x7f\x80\xff";

const SEEDS: &[&str] = &[
    r#"{"model":"gpt-4o-mini","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Say \"hi\" in C:\\temp,\n\tor \u00e9 \ud83d\ude00."},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=="}}]}],"stream":true,"stream_options":{"include_usage":true},"temperature":0.70,"n":1}"#,
    "{\n  \"stream\" : false,\n  \"tools\" : [ { \"type\" : \"function\", \"function\" : { \"parameters\" : { } } } ],\n  \"seed\" : -1.5E+10,\n  \"model\" : \"é\"\n}\n",
    r#"{"é":[[],{},[[]],null,true,false,0,-0,1e5],"":"","n":{"model":{"model":[{"n":[1,2,3]}]}}}"#,
];

/// A plain loop over damaged bodies, the same ones in every run.
#[test]
fn damaged_bodies_are_judged_as_serde_json_judges_them() {
    let mut dice = Dice(0x5eed);
    let long = format!("{{\"model\":\"{}\",\"n\":[{}1]}}", "A".repeat(700), "[1],".repeat(60));
    let deep = format!("{{\"n\":{}{}}}", "[".repeat(126), "]".repeat(126));
    let seeds: Vec<&[u8]> = SEEDS
        .iter()
        .copied()
        .chain([&*long, &*deep])
        .map(str::as_bytes)
        .collect();
    let mut taken = 0;
    for _ in 0..40_000 {
        let mut body = seeds[dice.below(seeds.len())].to_vec();
        for _ in 0..=dice.below(3) {
            damage(&mut body, &seeds, &mut dice);
        }
        if let Some(object) = agree(&body) {
            taken += 1;
            let deeds = [(); WANTED.len()].map(|()| [Deed::Keep, Deed::Replace, Deed::Remove][dice.below(3)]);
            edit(
                &body,
                &object,
                &Script {
                    deeds,
                    inserts: dice.below(3),
                    backwards: dice.below(2) == 0,
                },
            );
        }
    }
    assert!(
        (2000..38_000).contains(&taken),
        "the damage is neither nothing nor everything: {taken} were taken"
    );
}

fn damage(body: &mut Vec<u8>, seeds: &[&[u8]], dice: &mut Dice) {
    let at = dice.below(body.len() + 1);
    let end = (at + dice.below(12)).min(body.len());
    match dice.below(7) {
        0 if at < body.len() => body[at] ^= 1 << dice.below(8),
        1 if at < body.len() => body[at] = BYTES[dice.below(BYTES.len())],
        2 => drop(body.drain(at..end)),
        3 => drop(body.splice(at..at, TOKENS[dice.below(TOKENS.len())].bytes())),
        4 => {
            let piece = body[at..end].to_vec();
            let to = dice.below(body.len() + 1);
            drop(body.splice(to..to, piece));
        }
        5 => {
            let other = seeds[dice.below(seeds.len())];
            body.truncate(at);
            body.extend_from_slice(&other[dice.below(other.len())..]);
        }
        _ => body.truncate(body.len() - dice.below(3).min(body.len())),
    }
}

/// A small generator of our own, so that every run sees the same damage.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit.max(1)
    }
}

/// The whole list of where the scanner and `serde_json`'s value part ways.
#[test]
fn differs_from_a_value_only_where_it_says() {
    let deep = |levels: usize| format!("{{\"n\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    let cases = [
        // (input, taken by the scanner, taken by a value)
        (r#"{"n":1,"n":2}"#.to_owned(), false, true),
        (r#"{"\u006e":1}"#.to_owned(), false, true),
        (r#"{"x\"":1}"#.to_owned(), false, true),
        ("[]".to_owned(), false, true),
        (r#"{"n":"\ud800"}"#.to_owned(), true, false),
        (r#"{"n":"\udc00\ud800"}"#.to_owned(), true, false),
        (r#"{"n":1e999}"#.to_owned(), true, false),
        (deep(127), true, true),
        (deep(128), false, false),
    ];
    for (input, taken, by_value) in cases {
        assert_eq!(agree(input.as_bytes()).is_some(), taken, "{input}");
        assert_eq!(serde_json::from_str::<Value>(&input).is_ok(), by_value, "{input}");
    }
}
