//! No cutting of the bytes makes a difference, and no bytes make anything panic.

use std::sync::LazyLock;

use bytes::Bytes;
use gateway_providers::ProviderDialect;
use gateway_providers::responses::Responses;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{feed, stamp, streamed, target};

/// Streams short enough to be read a few hundred times.
fn streams() -> &'static [Bytes] {
    static STREAMS: LazyLock<Vec<Bytes>> = LazyLock::new(|| {
        let all = crate::golden::streams().into_iter();
        all.filter(|stream| stream.len() < 40_000).collect()
    });
    &STREAMS
}

fn cut<'a>(stream: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts
        .iter()
        .map(|cut| cut.index(stream.len() + 1))
        .chain([0, stream.len()])
        .collect();
    places.sort_unstable();
    places.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect()
}

fn passed(pieces: &[&[u8]]) -> String {
    let mut relay = Responses.relay(&streamed(), &target("openai"));
    let mut out = Vec::new();
    let end = feed(&mut *relay, pieces, &mut out).err().map(|error| error.message);
    format!("{:?} {:?} {end:?}", out.concat(), relay.observed())
}

fn read(pieces: &[&[u8]]) -> String {
    let mut events = Vec::new();
    let mut reader = Responses.reader(&target("openai"), stamp());
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
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_relay_does_not_see_the_cuts(which: Index, cuts: Vec<Index>) {
        let stream = which.get(streams());
        prop_assert_eq!(passed(&cut(stream, &cuts)), passed(&[stream]));
    }

    #[test]
    fn a_reader_does_not_see_the_cuts(which: Index, cuts: Vec<Index>) {
        let stream = which.get(streams());
        prop_assert_eq!(read(&cut(stream, &cuts)), read(&[stream]));
    }

    #[test]
    fn no_bytes_make_a_relay_or_a_reader_panic(which: Index, at: Index, with: Vec<u8>, cuts: Vec<Index>) {
        let mut stream = which.get(streams()).to_vec();
        let at = at.index(stream.len() + 1);
        let end = (at + with.len()).min(stream.len());
        stream.splice(at..end, with);
        let pieces = cut(&stream, &cuts);
        passed(&pieces);
        read(&pieces);
        let _ = Responses.response(&stream, &target("openai"), stamp());
    }
}
