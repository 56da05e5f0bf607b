//! Request bodies: what chat clients send, in sizes from a question to a prompt of 100,000 tokens.

use std::fmt::Write;

use serde_json::json;

/// What fills a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filling {
    /// Sentences: an escape every few hundred bytes.
    Prose,
    /// A picture as base64: no escape at all.
    Image,
    /// Source code: an escape every few bytes.
    Code,
}

/// A chat request of about that many bytes.
pub(crate) fn chat(model: &str, filling: Filling, bytes: usize, stream: bool) -> Vec<u8> {
    let room = bytes.saturating_sub(250).max(20);
    let content = match filling {
        Filling::Prose => json!(prose(room)),
        Filling::Code => json!(code(room)),
        Filling::Image => json!([
            { "type": "text", "text": "What is in this picture?" },
            { "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{}", base64(room)) } },
        ]),
    };
    let mut body = json!({
        "model": model,
        "temperature": 0.2,
        "max_tokens": 512,
        "messages": [
            { "role": "system", "content": "You are a helpful assistant who answers in one sentence." },
            { "role": "user", "content": content },
        ],
    });
    if stream {
        body["stream"] = json!(true);
        body["stream_options"] = json!({ "include_usage": true });
    }
    body.to_string().into_bytes()
}

/// Words in an order of their own, so that no two kilobytes are alike.
fn prose(room: usize) -> String {
    const WORDS: [&str; 24] = [
        "the", "harbour", "was", "quiet", "before", "dawn", "and", "boats", "lay", "still", "under", "a", "grey",
        "sky", "while", "somebody", "counted", "crates", "of", "oranges", "for", "market", "in", "silence",
    ];
    let mut dice = Dice(7);
    let mut text = String::with_capacity(room + 16);
    while text.len() < room {
        let sentence = 8 + dice.below(9);
        for _ in 0..sentence {
            let word = WORDS.get(dice.below(WORDS.len())).copied().unwrap_or_default();
            text.push_str(word);
            text.push(' ');
        }
        text.pop();
        text.push_str(if dice.below(6) == 0 { ".\n\n" } else { ". " });
    }
    text.truncate(room);
    text
}

/// Indented lines with quotes and tabs.
fn code(room: usize) -> String {
    let mut dice = Dice(11);
    let mut text = String::with_capacity(room + 80);
    while text.len() < room {
        let depth = 1 + dice.below(4);
        let tabs = "\t".repeat(depth);
        let number = dice.below(10_000);
        let _ = writeln!(
            text,
            "{tabs}if (map[\"k{number}\"] != '\\0') {{ log(\"seen {number}\\n\"); }}"
        );
    }
    text.truncate(room);
    text
}

fn base64(room: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut dice = Dice(13);
    let letter = |_| char::from(LETTERS.get(dice.below(64)).copied().unwrap_or(b'A'));
    (0..room / 4 * 4).map(letter).collect()
}

/// A linear congruential generator (Knuth's MMIX constants): the same bodies in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_about_as_long_as_asked_for_and_are_json() {
        for filling in [Filling::Prose, Filling::Image, Filling::Code] {
            for bytes in [1_000, 10_000, 100_000] {
                let body = chat("m", filling, bytes, false);
                assert!(
                    body.len() >= bytes * 9 / 10 && body.len() < bytes * 3 / 2,
                    "{filling:?} {bytes}: {}",
                    body.len()
                );
                serde_json::from_slice::<serde_json::Value>(&body).unwrap();
            }
        }
    }
}
