//! A look at a chunk without parsing it: most chunks of a stream are a few bytes of text in a wrapper that does not
//! change, and all that is wanted of them is how many.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::json::literal_len;

/// How many bytes of output a chunk holds, if it is one of the plain kind: one choice whose delta holds texts, nothing
/// about usage, no finish, no error. `None` means that only parsing can tell.
pub(super) fn glance(data: &[u8]) -> Option<u64> {
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
    delta.texts()
}

fn null_everywhere(data: &[u8], key: &Finder<'_>) -> bool {
    key.find_iter(data).all(|at| {
        let mut after = Cursor(data.get(at + key.needle().len()..).unwrap_or_default());
        after.expect(b':').is_some() && after.literal(b"null").is_some()
    })
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
        let mut end = 1;
        loop {
            end += memchr::memchr2(b'"', b'\\', self.0.get(end..)?)?;
            if self.0.get(end) == Some(&b'"') {
                let (string, rest) = self.0.split_at(end + 1);
                self.0 = rest;
                return Some(string);
            }
            end += 2;
        }
    }

    /// The bytes of the texts in a delta, whose members must all be texts or `null`.
    fn texts(&mut self) -> Option<u64> {
        let (mut bytes, mut thinking, mut other_thinking) = (0, None, None);
        if self.peek()? == b'}' {
            return Some(0);
        }
        loop {
            let key = self.string()?;
            self.expect(b':')?;
            if self.peek()? == b'"' {
                let text = self.string()?;
                match key {
                    b"\"content\"" | b"\"refusal\"" => bytes += literal_len(text),
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
                b'}' => return Some(bytes + thinking.or(other_thinking).unwrap_or(0)),
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
            assert_eq!(glance(chunk.as_bytes()), expected, "{chunk}");
        }
    }
}
