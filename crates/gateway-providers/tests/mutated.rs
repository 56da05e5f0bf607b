//! Every decoder on seeds and on seeds that were mutated, for a few seconds each: the targets of `fuzz/` as plain tests.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says why it fails or has little to do"
)]

use std::time::{Duration, Instant};

#[path = "shared/recorded.rs"]
mod recorded;
#[path = "../fuzz/src/lib.rs"]
#[allow(unreachable_pub, clippy::expect_used, reason = "there it is a crate of its own")]
mod targets;

use gateway_types::DialectName;

/// How long each target runs on mutated seeds.
const SPAN: Duration = Duration::from_secs(3);
/// Seeds are cut to this: what breaks a decoder stands in little.
const LARGEST: usize = 16 * 1024;

/// Numbers that look random and are the same in every run (xorshift64*, Vigna 2016).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        usize::try_from(high).unwrap() % sides.max(1)
    }

    /// Changes a few places: a byte, a run repeated, taken out, or put in from elsewhere.
    fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        const WORDS: [&[u8]; 10] = [
            b"null",
            b"\"\"",
            b"{}",
            b"[]",
            b"-1",
            b"1e999",
            b"\\u0000",
            b"\n\n",
            b"\xff",
            b"\"type\":\"x\"",
        ];
        let mut data = seed.to_vec();
        for _ in 0..=self.roll(4) {
            let at = self.roll(data.len() + 1);
            let to = (at + self.roll(24)).min(data.len());
            match self.roll(5) {
                0 if at < data.len() => data[at] = u8::try_from(self.roll(256)).unwrap(),
                1 => drop(data.drain(at..to)),
                2 => {
                    let run = data[at..to].to_vec();
                    data.splice(at..at, run);
                }
                3 => {
                    let word = WORDS[self.roll(WORDS.len())];
                    data.splice(at..to, word.iter().copied());
                }
                _ => data.truncate(self.roll(data.len() + 1)),
            }
        }
        data
    }
}

fn number(dialect: DialectName) -> u8 {
    let place = DialectName::ALL.into_iter().position(|of| of == dialect);
    u8::try_from(place.unwrap()).unwrap()
}

fn dialect_of(endpoint: &str) -> DialectName {
    match endpoint {
        "responses" | "responses-input-tokens" => DialectName::Responses,
        "messages" | "anthropic-messages" | "count-tokens" => DialectName::Anthropic,
        "generateContent" | "countTokens" | "embedContent" | "batchEmbedContents" => DialectName::Gemini,
        "converse" | "invoke" => DialectName::Bedrock,
        "v2-chat" | "v2-embed" | "v2-rerank" => DialectName::Cohere,
        "api-chat" | "api-generate" | "api-embed" => DialectName::Ollama,
        _ => DialectName::OpenAi,
    }
}

/// Bytes of real traffic, and the little that is there without it, each with the two bytes that choose in front.
fn seeds(stream: bool, pick: impl Fn(&recorded::Recording) -> Option<bytes::Bytes>) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for dialect in DialectName::ALL {
        for text in [
            "{}",
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
            "data: {}\n\n",
        ] {
            seeds.push([&[number(dialect), 3][..], text.as_bytes()].concat());
        }
    }
    for recording in recorded::recordings(|recording| recording.stream == stream) {
        let Some(mut bytes) = pick(&recording) else { continue };
        bytes.truncate(LARGEST);
        seeds.push([&[number(dialect_of(&recording.endpoint)), 5][..], &bytes[..]].concat());
    }
    seeds
}

fn run(name: &str, seeds: &[Vec<u8>], target: impl Fn(&[u8])) {
    seeds.iter().for_each(|seed| target(seed));
    let (mut dice, mut runs, begun) = (Dice(0x9e37_79b9_7f4a_7c15), 0_u64, Instant::now());
    while begun.elapsed() < SPAN {
        let seed = &seeds[dice.roll(seeds.len())];
        target(&dice.mutate(seed));
        runs += 1;
    }
    println!("{name}: {} seeds, {runs} mutations", seeds.len());
}

#[test]
fn requests() {
    run("request", &seeds(false, recorded::Recording::asked), targets::request);
}

#[test]
fn responses() {
    run(
        "response",
        &seeds(false, |recording| Some(recording.answered())),
        targets::response,
    );
}

#[test]
fn streams() {
    run(
        "stream",
        &seeds(true, |recording| Some(recording.answered())),
        targets::stream,
    );
}

#[test]
fn scanned() {
    run("scan", &seeds(false, recorded::Recording::asked), targets::scan);
}
