//! Server-sent events: an incremental splitter that keeps every frame's bytes as they came.
//!
//! Lines may end in `\n`, `\r\n` or `\r`, mixed as the sender likes; a frame ends with an empty line. A frame that lies
//! within one chunk is a slice of it; only one that is cut by a chunk's end is copied.

use std::borrow::Cow;
use std::ops::Range;

use bytes::{Bytes, BytesMut};

/// The longest frame that is taken: inline images and audio come in one frame each.
pub const FRAME_LIMIT: usize = 16 * 1024 * 1024;

/// A frame passed the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than {0} bytes")]
pub struct FrameTooLong(pub usize);

/// One frame: its bytes as they came, the empty line at its end included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The bytes.
    pub bytes: Bytes,
    /// Where they stand in the chunk last pushed, unless a chunk's end cut them: neighbours can be passed on in one piece.
    pub span: Option<Range<usize>>,
}

/// Cuts a stream into frames: push a chunk, then take frames until there is none.
#[derive(Debug)]
pub struct Splitter {
    /// The part of the last chunk that has not been looked at.
    chunk: Bytes,
    /// How much of the last chunk has been taken.
    taken: usize,
    /// The beginning of a frame whose end has not come.
    carry: BytesMut,
    at: At,
    limit: usize,
}

/// Where in the grammar the last byte looked at stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// A line begins.
    LineStart,
    /// Within a line.
    Line,
    /// After a `\r` that ended a line; a `\n` would belong to it.
    Cr,
    /// After a `\r` that ended an empty line, and with it the frame; a `\n` would belong to it.
    LastCr,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::with_limit(FRAME_LIMIT)
    }
}

impl Splitter {
    /// A splitter that refuses frames of more than `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            chunk: Bytes::new(),
            taken: 0,
            carry: BytesMut::new(),
            at: At::LineStart,
            limit,
        }
    }

    /// Adds the next bytes. What is left of the chunk before is kept, but frames are best taken first.
    pub fn push(&mut self, chunk: Bytes) {
        if !self.chunk.is_empty() {
            let mut both = BytesMut::with_capacity(self.chunk.len() + chunk.len());
            both.extend_from_slice(&self.chunk);
            both.extend_from_slice(&chunk);
            self.chunk = both.freeze();
        } else {
            self.chunk = chunk;
        }
        self.taken = 0;
    }

    /// The next whole frame, if its end has come.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameTooLong> {
        let Some(end) = self.find_end() else {
            self.carry.extend_from_slice(&self.chunk);
            self.chunk = Bytes::new();
            return if self.carry.len() > self.limit {
                Err(FrameTooLong(self.limit))
            } else {
                Ok(None)
            };
        };
        let tail = self.chunk.split_to(end);
        let span = self.taken..self.taken + end;
        self.taken += end;
        let frame = if self.carry.is_empty() {
            Frame {
                bytes: tail,
                span: Some(span),
            }
        } else {
            self.carry.extend_from_slice(&tail);
            Frame {
                bytes: self.carry.split().freeze(),
                span: None,
            }
        };
        if frame.bytes.len() > self.limit {
            Err(FrameTooLong(self.limit))
        } else {
            Ok(Some(frame))
        }
    }

    /// The bytes are over: what came after the last frame's end, if anything. Some servers leave out the last empty
    /// line, others broke off; only what stands in it can tell.
    pub fn rest(&mut self) -> Option<Frame> {
        self.carry.extend_from_slice(&self.chunk);
        self.chunk = Bytes::new();
        self.at = At::LineStart;
        let bytes = self.carry.split().freeze();
        (!bytes.is_empty()).then_some(Frame { bytes, span: None })
    }

    /// The end of the frame within the chunk. A frame that ends in `\r` ends for certain with the byte after it.
    fn find_end(&mut self) -> Option<usize> {
        let mut i = 0;
        while let Some(&byte) = self.chunk.get(i) {
            match self.at {
                At::LastCr => {
                    self.at = At::LineStart;
                    return Some(if byte == b'\n' { i + 1 } else { i });
                }
                At::Cr => {
                    i += usize::from(byte == b'\n');
                    self.at = At::LineStart;
                }
                At::LineStart => match byte {
                    b'\n' => return Some(i + 1),
                    b'\r' => {
                        self.at = At::LastCr;
                        i += 1;
                    }
                    _ => self.at = At::Line,
                },
                At::Line => match memchr::memchr2(b'\n', b'\r', self.chunk.get(i..)?) {
                    Some(n) => {
                        self.at = if self.chunk.get(i + n) == Some(&b'\n') {
                            At::LineStart
                        } else {
                            At::Cr
                        };
                        i += n + 1;
                    }
                    None => return None,
                },
            }
        }
        None
    }
}

impl Frame {
    /// The name of the event, where the frame gives one.
    pub fn event(&self) -> Option<&[u8]> {
        self.fields()
            .filter(|(name, _)| *name == b"event")
            .map(|(_, value)| value)
            .last()
    }

    /// The data: the one `data` line, or several joined by `\n`. `None` for comments and the like.
    pub fn data(&self) -> Option<Cow<'_, [u8]>> {
        if let Some(only) = self.only_line() {
            return Some(Cow::Borrowed(only));
        }
        let mut lines = self
            .fields()
            .filter(|(name, _)| *name == b"data")
            .map(|(_, value)| value);
        let first = lines.next()?;
        let Some(second) = lines.next() else {
            return Some(Cow::Borrowed(first));
        };
        let mut joined = first.to_vec();
        for line in std::iter::once(second).chain(lines) {
            joined.push(b'\n');
            joined.extend_from_slice(line);
        }
        Some(Cow::Owned(joined))
    }

    /// The data of a frame that is one `data` line and nothing else, as nearly all are.
    fn only_line(&self) -> Option<&[u8]> {
        let value = self.bytes.strip_prefix(b"data:")?.strip_suffix(b"\n\n")?;
        let value = value.strip_prefix(b" ").unwrap_or(value);
        memchr::memchr2(b'\n', b'\r', value).is_none().then_some(value)
    }

    /// The fields, comments left out.
    fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let bytes = self.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.bytes);
        lines(bytes).filter(|line| !line.is_empty()).filter_map(|line| {
            let (name, value) = match memchr::memchr(b':', line) {
                Some(0) => return None,
                Some(colon) => line.split_at(colon),
                None => return Some((line, &[][..])),
            };
            let value = value.strip_prefix(b":").unwrap_or(value);
            Some((name, value.strip_prefix(b" ").unwrap_or(value)))
        })
    }
}

/// The lines of a frame. A line feed after a carriage return makes an empty one more, which says nothing.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut from = 0;
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes).chain([bytes.len()]);
    ends.map(move |end| &bytes[std::mem::replace(&mut from, end + 1)..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(pieces: &[&[u8]]) -> (Vec<Bytes>, Option<Bytes>) {
        let mut splitter = Splitter::default();
        let mut frames = Vec::new();
        for piece in pieces {
            splitter.push(Bytes::copy_from_slice(piece));
            while let Some(frame) = splitter.next_frame().unwrap() {
                frames.push(frame.bytes);
            }
        }
        (frames, splitter.rest().map(|frame| frame.bytes))
    }

    fn one(bytes: &'static [u8]) -> Frame {
        Frame {
            bytes: Bytes::from_static(bytes),
            span: None,
        }
    }

    #[test]
    fn every_line_ending_ends_a_frame_and_bytes_stay_as_they_came() {
        let (frames, rest) = split(&[b"data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\n\r\ndata: e\r\n\ndata: f"]);
        let expected: [&[u8]; 5] = [
            b"data: a\n\n",
            b"data: b\r\n\r\n",
            b"data: c\r\r",
            b"data: d\n\r\n",
            b"data: e\r\n\n",
        ];
        assert_eq!(frames, expected);
        assert_eq!(rest.unwrap(), &b"data: f"[..]);
    }

    #[test]
    fn a_line_feed_that_comes_late_belongs_to_its_carriage_return() {
        let (frames, rest) = split(&[b"data: a\r\n\r", b"\ndata: b\r\n\r", b"\n"]);
        assert_eq!(frames, [&b"data: a\r\n\r\n"[..], &b"data: b\r\n\r\n"[..]]);
        assert_eq!(rest, None);
    }

    #[test]
    fn frames_within_one_chunk_are_slices_of_it() {
        let chunk = Bytes::from_static(b"data: a\n\ndata: b\n\n");
        let mut splitter = Splitter::default();
        splitter.push(chunk.clone());
        let first = splitter.next_frame().unwrap().unwrap();
        let second = splitter.next_frame().unwrap().unwrap();
        assert_eq!((first.span, second.span), (Some(0..9), Some(9..18)));
        assert_eq!(first.bytes.as_ptr(), chunk.as_ptr());
        assert_eq!(second.bytes.as_ptr(), chunk[9..].as_ptr());
    }

    #[test]
    fn fields_are_read_as_the_standard_says() {
        assert_eq!(one(b"data: a\n\n").data().unwrap(), &b"a"[..]);
        assert_eq!(one(b"data:a\n\n").data().unwrap(), &b"a"[..]);
        assert_eq!(one(b"data:  a\n\n").data().unwrap(), &b" a"[..]);
        assert_eq!(one(b"data: a\r\ndata: b\ndata\n\n").data().unwrap(), &b"a\nb\n"[..]);
        assert_eq!(one(b": keep alive\n\n").data(), None);
        assert_eq!(one(b"\xEF\xBB\xBFdata: a\n\n").data().unwrap(), &b"a"[..]);
        assert_eq!(one(b"event: ping\ndata: {}\n\n").event().unwrap(), b"ping");
        assert_eq!(one(b"data: {}\n\n").event(), None);
    }

    #[test]
    fn a_frame_over_the_limit_is_an_error_in_one_piece_or_in_many() {
        let mut splitter = Splitter::with_limit(8);
        splitter.push(Bytes::from_static(b"data: abcdef\n\n"));
        assert_eq!(splitter.next_frame(), Err(FrameTooLong(8)));
        let mut splitter = Splitter::with_limit(8);
        splitter.push(Bytes::from_static(b"data: "));
        assert_eq!(splitter.next_frame(), Ok(None));
        splitter.push(Bytes::from_static(b"abcdef"));
        assert_eq!(splitter.next_frame(), Err(FrameTooLong(8)));
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same_frames(
            text in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'a'), Just(b':')], 0..60),
            cuts in proptest::collection::vec(0usize..60, 0..8),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).chain([0, text.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            let (frames, rest) = split(&pieces);
            prop_assert_eq!(split(&[&text]), (frames.clone(), rest.clone()));
            let joined: Vec<u8> = frames.iter().flat_map(|frame| frame.to_vec()).chain(rest.unwrap_or_default()).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
