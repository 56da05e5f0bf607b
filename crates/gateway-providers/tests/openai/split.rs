//! However the bytes of a stream are cut, the client gets the same and the same is seen.

use gateway_providers::lane::Cap;
use gateway_providers::openai::OpenAi;
use gateway_providers::{Observed, ProviderDialect, Relay, kind, prepare};
use http::HeaderMap;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::cases::{names, own};
use crate::{STAMP, asked, feed, recordings, streamed, target};

/// Our own streams, and a few recorded ones of moderate size.
fn streams() -> &'static [Vec<u8>] {
    static STREAMS: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(|| {
        let recorded = recordings("chat")
            .into_iter()
            .filter(|recording| recording.response.body_format == "sse");
        let recorded = recorded
            .filter_map(|recording| recording.response.body_text)
            .filter(|text| text.len() < 20_000);
        names()
            .iter()
            .map(|name| own(name))
            .chain(recorded)
            .map(String::into_bytes)
            .collect()
    });
    &STREAMS
}

/// The pieces between the cuts; one byte at a time where there are none.
fn cut<'a>(stream: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    if cuts.is_empty() {
        return stream.chunks(1).collect();
    }
    let mut places: Vec<usize> = cuts
        .iter()
        .map(|cut| cut.index(stream.len() + 1))
        .chain([0, stream.len()])
        .collect();
    places.sort_unstable();
    places.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect()
}

/// The client's bytes, what was seen, and whether it ended well.
fn passed(mut relay: Box<dyn Relay>, pieces: &[&[u8]]) -> (Vec<u8>, Observed, Option<String>) {
    let mut out = Vec::new();
    let end = feed(&mut *relay, pieces, &mut out);
    (
        out.concat(),
        relay.observed().clone(),
        end.err().map(|error| error.message),
    )
}

fn read(pieces: &[&[u8]]) -> String {
    let mut events = Vec::new();
    let mut reader = OpenAi.reader(&target(asked(), "m"), STAMP);
    let mut end = Ok(());
    for piece in pieces {
        end = end.and_then(|()| reader.feed(piece, &mut events));
    }
    let end = end
        .and_then(|()| reader.finish(&mut events))
        .err()
        .map(|error| error.message);
    format!("{events:?} {end:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_relay_does_not_see_the_cuts(which: Index, cuts: Vec<Index>, wants_usage: bool) {
        let stream = which.get(streams());
        let relay = || OpenAi.relay(&streamed(wants_usage), &target(asked(), "m"));
        prop_assert_eq!(passed(relay(), &cut(stream, &cuts)), passed(relay(), &[stream]));
    }

    #[test]
    fn a_reader_does_not_see_the_cuts(which: Index, cuts: Vec<Index>) {
        let stream = which.get(streams());
        prop_assert_eq!(read(&cut(stream, &cuts)), read(&[stream]));
    }

    #[test]
    fn a_translation_does_not_see_the_cuts(which: Index, cuts: Vec<Index>, wants_usage: bool) {
        let Some((call, stream)) = translated(&which, wants_usage) else { return Ok(()) };
        let there = target(kind("anthropic").unwrap(), "claude");
        let prepared = prepare(&call, &there, Cap::Client, &HeaderMap::new(), STAMP).unwrap();
        let relay = || prepared.relay(&call, &there, STAMP);
        prop_assert_eq!(passed(relay(), &cut(&stream, &cuts)), passed(relay(), &[&stream[..]]));
    }

    #[test]
    fn no_bytes_make_a_relay_or_a_reader_panic(which: Index, at: Index, with: Vec<u8>, cuts: Vec<Index>) {
        let mut stream = which.get(streams()).clone();
        let at = at.index(stream.len() + 1);
        stream.splice(at..(at + with.len()).min(stream.len()), with);
        let pieces = cut(&stream, &cuts);
        passed(OpenAi.relay(&streamed(false), &target(asked(), "m")), &pieces);
        read(&pieces);
        let _ = OpenAi.response(&stream, &target(asked(), "m"), STAMP);
    }
}

/// A call to Claude in this dialect, and a stream that may answer it.
fn translated(which: &Index, wants_usage: bool) -> Option<(gateway_types::Call, Vec<u8>)> {
    static STREAMS: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(|| {
        let folder = format!("{}/testdata/anthropic/streams", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "sse"))
            .map(|path| std::fs::read(path).unwrap())
            .collect()
    });
    let body = format!(
        r#"{{"model":"claude","messages":[{{"role":"user","content":"hi"}}],"stream":true,"stream_options":{{"include_usage":{wants_usage}}}}}"#
    );
    let call = crate::chat(body);
    (!STREAMS.is_empty()).then(|| (call, which.get(&STREAMS[..]).clone()))
}
