//! Lines: an incremental splitter of newline-delimited JSON that keeps every line's bytes as they came.
//!
//! A line ends in `\n`; white space around it says nothing. One that lies within one chunk is a slice of it; only one that
//! is cut by a chunk's end is copied.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::sse::{FRAME_LIMIT, FrameTooLong};

/// Puts JSON on one line. A line's end within it would end the frame that it is in; between the tokens it is white space, and
/// within a text it is escaped.
pub(crate) fn on_one(json: &mut [u8]) {
    let mut from = 0;
    while let Some(at) = memchr::memchr2(b'\n', b'\r', &json[from..]) {
        json[from + at] = b' ';
        from += at + 1;
    }
}

/// One line: its bytes as they came, the line feed at its end included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The bytes.
    pub bytes: Bytes,
    /// Where they stand in the chunk last pushed, unless a chunk's end cut them: neighbours can be passed on in one piece.
    pub span: Option<Range<usize>>,
}

impl Line {
    /// What the line says, without the white space around it; empty where it says nothing.
    pub fn text(&self) -> &[u8] {
        self.bytes.trim_ascii()
    }
}

/// Cuts a stream into lines: push a chunk, then take lines until there is none.
#[derive(Debug)]
pub struct Splitter {
    /// The part of the last chunk that has not been looked at.
    chunk: Bytes,
    /// How much of the last chunk has been taken.
    taken: usize,
    /// The beginning of a line whose end has not come.
    carry: BytesMut,
    limit: usize,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::with_limit(FRAME_LIMIT)
    }
}

impl Splitter {
    /// A splitter that refuses lines of more than `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            chunk: Bytes::new(),
            taken: 0,
            carry: BytesMut::new(),
            limit,
        }
    }

    /// Adds the next bytes. What is left of the chunk before is kept, but lines are best taken first.
    pub fn push(&mut self, chunk: Bytes) {
        self.carry.extend_from_slice(&self.chunk);
        self.chunk = chunk;
        self.taken = 0;
    }

    /// The next whole line, if its end has come.
    pub fn next_line(&mut self) -> Result<Option<Line>, FrameTooLong> {
        // What a push left unread may hold whole lines.
        if let Some(end) = memchr::memchr(b'\n', &self.carry) {
            let bytes = self.carry.split_to(end + 1).freeze();
            return self.fitting(Line { bytes, span: None }).map(Some);
        }
        let Some(end) = memchr::memchr(b'\n', &self.chunk) else {
            self.carry.extend_from_slice(&self.chunk);
            self.chunk = Bytes::new();
            return match self.carry.len() > self.limit {
                true => Err(FrameTooLong(self.limit)),
                false => Ok(None),
            };
        };
        let tail = self.chunk.split_to(end + 1);
        let span = self.taken..self.taken + end + 1;
        self.taken = span.end;
        if self.carry.is_empty() {
            let line = Line {
                bytes: tail,
                span: Some(span),
            };
            return self.fitting(line).map(Some);
        }
        self.carry.extend_from_slice(&tail);
        let bytes = self.carry.split().freeze();
        self.fitting(Line { bytes, span: None }).map(Some)
    }

    /// The bytes are over: what came after the last line's end, if anything. Some servers leave out the last line feed,
    /// others broke off; only what stands in it can tell.
    pub fn rest(&mut self) -> Option<Line> {
        self.carry.extend_from_slice(&self.chunk);
        self.chunk = Bytes::new();
        let bytes = self.carry.split().freeze();
        (!bytes.is_empty()).then_some(Line { bytes, span: None })
    }

    fn fitting(&self, line: Line) -> Result<Line, FrameTooLong> {
        match line.bytes.len() > self.limit {
            true => Err(FrameTooLong(self.limit)),
            false => Ok(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(pieces: &[&[u8]]) -> (Vec<Bytes>, Option<Bytes>) {
        let mut splitter = Splitter::default();
        let mut lines = Vec::new();
        for piece in pieces {
            splitter.push(Bytes::copy_from_slice(piece));
            while let Some(line) = splitter.next_line().unwrap() {
                lines.push(line.bytes);
            }
        }
        (lines, splitter.rest().map(|line| line.bytes))
    }

    #[test]
    fn lines_keep_their_bytes_and_the_last_may_lack_its_end() {
        let (lines, rest) = split(&[b"{\"a\":1}\r\n\n{\"b\"", b":2}\n{\"c\":3}"]);
        assert_eq!(lines, [&b"{\"a\":1}\r\n"[..], b"\n", b"{\"b\":2}\n"]);
        assert_eq!(rest.unwrap(), &b"{\"c\":3}"[..]);
        let line = Line {
            bytes: Bytes::from_static(b" {}\r\n"),
            span: None,
        };
        assert_eq!(line.text(), b"{}");
    }

    #[test]
    fn json_is_put_on_one_line_and_says_the_same() {
        let mut json = b"{\r\n \"a\":\n\"\\n\"\n}".to_vec();
        on_one(&mut json);
        assert_eq!(json, b"{   \"a\": \"\\n\" }");
    }

    #[test]
    fn lines_within_one_chunk_are_slices_of_it() {
        let chunk = Bytes::from_static(b"{}\n[]\n");
        let mut splitter = Splitter::default();
        splitter.push(chunk.clone());
        let first = splitter.next_line().unwrap().unwrap();
        let second = splitter.next_line().unwrap().unwrap();
        assert_eq!((first.span, second.span), (Some(0..3), Some(3..6)));
        assert_eq!(second.bytes.as_ptr(), chunk[3..].as_ptr());
    }

    #[test]
    fn a_chunk_pushed_before_the_last_was_read_comes_after_it() {
        let mut splitter = Splitter::default();
        splitter.push(Bytes::from_static(b"a\nb"));
        splitter.push(Bytes::from_static(b"c\n"));
        assert_eq!(splitter.next_line().unwrap().unwrap().bytes, &b"a\n"[..]);
        assert_eq!(splitter.next_line().unwrap().unwrap().bytes, &b"bc\n"[..]);
        assert_eq!(splitter.next_line(), Ok(None));
    }

    #[test]
    fn a_line_over_the_limit_is_an_error_in_one_piece_or_in_many() {
        let mut splitter = Splitter::with_limit(4);
        splitter.push(Bytes::from_static(b"abcdef\n"));
        assert_eq!(splitter.next_line(), Err(FrameTooLong(4)));
        let mut splitter = Splitter::with_limit(4);
        splitter.push(Bytes::from_static(b"abc"));
        assert_eq!(splitter.next_line(), Ok(None));
        splitter.push(Bytes::from_static(b"def"));
        assert_eq!(splitter.next_line(), Err(FrameTooLong(4)));
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same_lines(
            text in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'a')], 0..60),
            cuts in proptest::collection::vec(0usize..60, 0..8),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).chain([0, text.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            let (lines, rest) = split(&pieces);
            prop_assert_eq!(split(&[&text]), (lines.clone(), rest.clone()));
            let joined: Vec<u8> = lines.iter().flat_map(|line| line.to_vec()).chain(rest.unwrap_or_default()).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
