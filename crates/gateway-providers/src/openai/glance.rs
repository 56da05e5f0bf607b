//! A look at a chunk without parsing it: most chunks of a stream are a few bytes of text in a wrapper that does not
//! change, and all that is wanted of them is how many.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::json::literal_len;

/// What a stream's chunks look like.
#[derive(Debug, Default)]
pub(super) struct Glance {
    /// The last plain chunk without the literal of its text, which stood at `text`.
    last: Vec<u8>,
    text: usize,
}

/// A chunk longer than that is not kept to compare others with.
const KEPT: usize = 4096;

impl Glance {
    /// How many bytes of output a chunk holds, if it is one of the plain kind: one choice whose delta holds texts, nothing
    /// about usage, no finish, no error. `None` means that only parsing can tell.
    pub(super) fn at(&mut self, data: &[u8]) -> Option<u64> {
        if let Some(bytes) = self.again(data) {
            return Some(bytes);
        }
        let seen = glance(data)?;
        self.last.clear();
        // The text alone makes the chunk's bytes, so that it does in chunks that are the same but for it.
        if let Some(text) = seen.text.filter(|text| literal_len(&data[text.clone()]) == seen.bytes)
            && data.len() <= KEPT
        {
            self.text = text.start;
            self.last.extend_from_slice(&data[..text.start]);
            self.last.extend_from_slice(&data[text.end..]);
        }
        Some(seen.bytes)
    }

    /// The same for a chunk that is as the last one but for its text.
    fn again(&self, data: &[u8]) -> Option<u64> {
        let (before, after) = self.last.split_at_checked(self.text)?;
        let literal = data.strip_prefix(before)?.strip_suffix(after)?;
        let inner = literal.strip_prefix(b"\"").filter(|_| !after.is_empty())?;
        (string_end(inner)? == inner.len()).then(|| literal_len(literal))
    }
}

/// What is seen of a plain chunk.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    bytes: u64,
    /// Where the literal of its text stands.
    text: Option<Range<usize>>,
}

fn glance(data: &[u8]) -> Option<Seen> {
    static USAGE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("\"usage\""));
    static FINISH: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("\"finish_reason\""));
    static ERROR: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("\"error\""));
    static DELTA: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("\"delta\""));

    if !(data.starts_with(b"{") && data.ends_with(b"}")) {
        return None;
    }
    // A quote within a string is escaped, so that what is found is a key, or the whole of a string that says the same.
    if ![&USAGE, &FINISH, &ERROR]
        .into_iter()
        .all(|finder| null_everywhere(data, finder))
    {
        return None;
    }
    let mut deltas = DELTA.find_iter(data);
    let (at, None) = (deltas.next()?, deltas.next()) else {
        return None;
    };
    let mut delta = Cursor(data.get(at + b"\"delta\"".len()..)?);
    delta.expect(b':')?;
    delta.expect(b'{')?;
    delta.texts(data.len())
}

fn null_everywhere(data: &[u8], key: &Finder<'_>) -> bool {
    key.find_iter(data).all(|at| {
        let mut after = Cursor(data.get(at + key.needle().len()..).unwrap_or_default());
        after.expect(b':').is_some() && after.literal(b"null").is_some()
    })
}

/// How long the rest of a string is after its opening quote, its closing one included.
fn string_end(rest: &[u8]) -> Option<usize> {
    let mut end = 0;
    loop {
        end += memchr::memchr2(b'"', b'\\', rest.get(end..)?)?;
        if rest[end] == b'"' {
            return Some(end + 1);
        }
        end += 2;
    }
}

/// What is left to look at.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn peek(&mut self) -> Option<u8> {
        let spaces = self.0.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.0 = self.0.get(spaces..)?;
        self.0.first().copied()
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then_some(())?;
        self.0 = self.0.get(1..)?;
        Some(())
    }

    fn literal(&mut self, wanted: &[u8]) -> Option<()> {
        self.peek()?;
        self.0 = self.0.strip_prefix(wanted)?;
        Some(())
    }

    /// A string literal, quotes included.
    fn string(&mut self) -> Option<&'a [u8]> {
        if self.peek()? != b'"' {
            return None;
        }
        let end = 1 + string_end(self.0.get(1..)?)?;
        let (string, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(string)
    }

    /// The texts in a delta, whose members must all be texts or `null`. `whole` is how long the chunk is.
    fn texts(&mut self, whole: usize) -> Option<Seen> {
        let (mut bytes, mut thinking, mut other_thinking, mut place) = (0, None, None, None);
        if self.peek()? == b'}' {
            return Some(Seen { bytes: 0, text: None });
        }
        loop {
            let key = self.string()?;
            self.expect(b':')?;
            if self.peek()? == b'"' {
                let text = self.string()?;
                let end = whole - self.0.len();
                match key {
                    b"\"content\"" => {
                        bytes += literal_len(text);
                        place = Some(end - text.len()..end);
                    }
                    b"\"refusal\"" => bytes += literal_len(text),
                    // Some vendors say the same thinking under both names.
                    b"\"reasoning_content\"" => thinking = Some(literal_len(text)),
                    b"\"reasoning\"" => other_thinking = Some(literal_len(text)),
                    _ => {}
                }
            } else {
                self.literal(b"null")?;
            }
            match self.peek()? {
                b',' => self.expect(b',')?,
                b'}' => {
                    let bytes = bytes + thinking.or(other_thinking).unwrap_or(0);
                    return Some(Seen { bytes, text: place });
                }
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_chunks_are_counted_and_all_others_left_to_the_parser() {
        for (chunk, bytes) in [
            (
                r#"{"id":"1","choices":[{"index":0,"delta":{"content":"abc"},"finish_reason":null}],"usage":null}"#,
                Some(3),
            ),
            (
                r#"{ "choices": [ { "delta": { "role": "assistant", "content": "gr\u00fcn" } } ] }"#,
                Some(5),
            ),
            (
                r#"{"choices":[{"delta":{"reasoning":"ab","reasoning_content":"ab","content":null}}]}"#,
                Some(2),
            ),
            (r#"{"choices":[{"delta":{},"finish_reason":null}]}"#, Some(0)),
            (r#"{"choices":[{"delta":{"content":"say \"usage\": 5"}}]}"#, Some(14)),
            (
                r#"{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}"#,
                None,
            ),
            (
                r#"{"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":1}}"#,
                None,
            ),
            (r#"{"error":{"message":"x"}}"#, None),
            (r#"{"choices":[{"delta":{"tool_calls":[]}}]}"#, None),
            (
                r#"{"choices":[{"delta":{"content":"x"}},{"delta":{"content":"y"}}]}"#,
                None,
            ),
            (r#"{"choices":[{"delta":{"content":"delta"}}]}"#, Some(5)),
            (r#"{"choices":[{"delta":{"content":"x"}}]"#, None),
            (r#"{"choices":[{"text":"x"}]}"#, None),
            ("[DONE]", None),
            ("{}", None),
        ] {
            let expected = if chunk.contains(r#""content":"delta""#) {
                None
            } else {
                bytes
            };
            assert_eq!(glance(chunk.as_bytes()).map(|seen| seen.bytes), expected, "{chunk}");
        }
    }

    #[test]
    fn a_chunk_is_counted_alike_whatever_came_before_it() {
        let chunks = [
            r#"{"id":"1","choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
            r#"{"id":"1","choices":[{"delta":{"content":"abc"},"finish_reason":null}]}"#,
            r#"{"id":"1","choices":[{"delta":{"content":"gr\u00fcn \"x\""},"finish_reason":null}]}"#,
            r#"{"id":"1","choices":[{"delta":{"content":null},"finish_reason":null}]}"#,
            r#"{"id":"1","choices":[{"delta":{"content":"a","b":"c"},"finish_reason":null}]}"#,
            r#"{"id":"1","choices":[{"delta":{"content":"a"},"finish_reason":"stop"},{"delta":{"content":"a"},"finish_reason":null}]}"#,
            r#"{"id":"1","choices":[{"delta":{"content":"abc"},"finish_reason":"stop"}]}"#,
            r#"{"id":"1","choices":[{"delta":{"reasoning":"ab","content":""},"finish_reason":null}]}"#,
            r#"{"id":"1","choices":[{"delta":{"reasoning":"ab","content":"cd"},"finish_reason":null}]}"#,
            r#"{"id":"1","choices":[{"delta":{"content":"ab\"},"finish_reason":null}]}"#,
        ];
        for before in chunks {
            for chunk in chunks {
                let mut seen = Glance::default();
                seen.at(before.as_bytes());
                let alone = Glance::default().at(chunk.as_bytes());
                assert_eq!(seen.at(chunk.as_bytes()), alone, "{chunk} after {before}");
            }
        }
    }
}
