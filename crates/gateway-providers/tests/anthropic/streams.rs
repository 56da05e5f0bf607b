//! Streams of our own in `testdata/anthropic/streams`: what goes wrong, and what recordings lack. `BLESS=1` writes the
//! expected events anew, to be read before they are kept.

use std::fmt::Write as _;
use std::path::PathBuf;

use gateway_types::chat::{Event, Part, PartStart};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::assembled::read;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/anthropic/streams")
}

pub(crate) fn own() -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let mut all: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "sse"))
        .map(|path| {
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                std::fs::read(path).unwrap(),
            )
        })
        .collect();
    all.sort();
    assert!(!all.is_empty());
    all
}

/// Cuts a stream at those places, which must not change what is read or passed.
pub(crate) fn check_cuts(stream: &[u8], cuts: &[Index]) {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    places.extend([0, stream.len()]);
    places.sort_unstable();
    let pieces: Vec<&[u8]> = places.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
    let (whole, cut) = (read(&[stream]), read(&pieces));
    assert_eq!(format!("{whole:?}"), format!("{cut:?}"));
    let (whole, cut) = (crate::passing::pass(&[stream]), crate::passing::pass(&pieces));
    assert_eq!(format!("{whole:?}"), format!("{cut:?}"));
}

#[test]
fn own_streams_give_the_expected_events() {
    for (name, stream) in own() {
        let mut shown = String::new();
        for event in read(&[&stream]).unwrap() {
            show(&event, &mut shown);
        }
        let path = folder().join(format!("{name}.events"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &shown).unwrap();
        }
        assert_eq!(shown, std::fs::read_to_string(&path).unwrap_or_default(), "{name}");
    }
}

#[test]
fn a_cut_stream_does_not_end() {
    let own = own();
    let events = |name: &str| read(&[&own.iter().find(|(own, _)| own == name).unwrap().1]).unwrap();
    assert!(
        !events("cut")
            .iter()
            .any(|event| matches!(event, Event::End | Event::Finish { .. }))
    );
    assert!(matches!(events("no-message-stop").last(), Some(Event::End)));
}

#[test]
fn what_is_no_stream_is_an_error_and_no_panic() {
    assert!(read(&[b"data: {\n\n"]).is_err());
    assert!(read(&[b"data: {\"type\":\"content_block_start\",\"index\":0}\n\n"]).is_err());
    assert!(read(&[b"data: \xff\n\n"]).is_err());
    assert!(read(&[b"<html>\n\n"]).unwrap().is_empty());
    assert!(read(&[b"data: {\"type\":\"content_block_delta\",\"index\":7,\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"}}\n\n"]).unwrap().is_empty());
}

fn shown(start: &PartStart) -> String {
    match start {
        PartStart::Encrypted(data) => format!("Encrypted({:?})", data.value),
        PartStart::Whole(Part::Other(own)) => format!("Other {}", own.json),
        other => format!("{other:?}"),
    }
}

fn show(event: &Event, out: &mut String) {
    let line = match event {
        Event::Start { id, model, .. } => format!("start {id} {model}"),
        Event::PartStart { part, start, .. } => format!("part {part} {}", shown(start)),
        Event::Delta { part, text, .. } => format!("delta {part} {text:?}"),
        Event::Signature { part, signature, .. } => format!("signature {part} {:?}", signature.value),
        Event::Citation { part, citation, .. } => format!("citation {part} {}", citation.verbatim.json),
        Event::PartEnd { part, .. } => format!("part end {part}"),
        Event::Logprobs { .. } => "logprobs".to_owned(),
        Event::Usage(usage) => {
            let counts = serde_json::to_value(usage).unwrap();
            let counts = counts.as_object().unwrap().iter().filter(|(_, count)| **count != 0);
            format!(
                "usage {}",
                counts
                    .map(|(class, count)| format!("{class}={count}"))
                    .collect::<Vec<_>>()
                    .join(" ")
            )
        }
        Event::Finish { finish, .. } => format!("finish {finish:?}"),
        Event::Error(error) => format!("error {:?} {}", error.kind, error.message),
        Event::End => "end".to_owned(),
    };
    writeln!(out, "{line}").unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_cutting_gives_the_same_events(pick in any::<Index>(), cuts in prop::collection::vec(any::<Index>(), 0..40)) {
        let own = own();
        check_cuts(&pick.get(&own).1, &cuts);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in any::<Index>(), pick in any::<Index>()) {
        let own = own();
        let stream = &pick.get(&own).1;
        let at = at.index(stream.len());
        let damaged = [&stream[..at], &bytes, &stream[at..]].concat();
        let _ = read(&[&damaged]);
        let _ = crate::passing::pass(&[&damaged]);
    }
}
