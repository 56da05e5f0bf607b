//! One JSON array sent element by element: an incremental splitter that keeps every element's bytes as they came, with
//! the bracket, comma and white space before it.
//!
//! Elements are objects. A piece that lies within one chunk is a slice of it; only one that is cut by a chunk's end is
//! copied.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

pub use super::sse::FRAME_LIMIT;

/// Why the bytes are no array of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnArray {
    /// An element passed the limit.
    #[error("an element of the array is longer than {0} bytes")]
    TooLong(usize),
    /// Something stands where it must not.
    #[error("the bytes are no JSON array of objects")]
    Syntax,
}

/// A run of bytes that ends with an element, or with the array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The bytes as they came, from the end of the piece before.
    pub bytes: Bytes,
    /// Where the element stands in them; none for the end of the array and what comes after it.
    pub element: Option<Range<usize>>,
    /// Where they stand in the chunk last pushed, unless a chunk's end cut them.
    pub span: Option<Range<usize>>,
}

impl Piece {
    /// The element alone.
    pub fn json(&self) -> Option<&[u8]> {
        self.bytes.get(self.element.clone()?)
    }
}

/// Cuts an array into elements: push a chunk, then take pieces until there is none.
#[derive(Debug)]
pub struct Splitter {
    /// The part of the last chunk that has not been looked at.
    chunk: Bytes,
    /// How much of the last chunk has been taken.
    taken: usize,
    /// The beginning of a piece whose end has not come.
    carry: BytesMut,
    at: At,
    /// Where the element began, from the beginning of the piece.
    began: usize,
    limit: usize,
}

/// Where in the grammar the last byte looked at stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Before the bracket.
    Start,
    /// After the bracket.
    First,
    /// After a comma.
    Next,
    /// After an element.
    Between,
    /// Within an element, so many brackets deep.
    Inside(u32),
    /// Within a string of an element.
    Text(u32),
    /// After a backslash in a string.
    Escape(u32),
    /// After the array.
    Over,
}

/// How the search for the end of a piece ended.
enum Found {
    /// An element ends there, or the array.
    End { at: usize, array: bool },
    /// The chunk is used up.
    More,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::with_limit(FRAME_LIMIT)
    }
}

impl Splitter {
    /// A splitter that refuses pieces of more than `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            chunk: Bytes::new(),
            taken: 0,
            carry: BytesMut::new(),
            at: At::Start,
            began: 0,
            limit,
        }
    }

    /// Adds the next bytes. What is left of the chunk before is kept, but pieces are best taken first.
    pub fn push(&mut self, chunk: Bytes) {
        self.taken = 0;
        if self.chunk.is_empty() {
            self.chunk = chunk;
            return;
        }
        let mut both = BytesMut::with_capacity(self.chunk.len() + chunk.len());
        both.extend_from_slice(&self.chunk);
        both.extend_from_slice(&chunk);
        self.chunk = both.freeze();
    }

    /// The next piece, if its end has come.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, NotAnArray> {
        let before = self.carry.len();
        let (end, array) = match self.find_end(before)? {
            Found::End { at, array } => (at, array),
            // White space behind the array waits for nothing.
            Found::More if self.at == At::Over && !self.chunk.is_empty() => (self.chunk.len(), true),
            Found::More => {
                self.carry.extend_from_slice(&self.chunk);
                self.chunk = Bytes::new();
                self.within_limit(self.carry.len())?;
                return Ok(None);
            }
        };
        let tail = self.chunk.split_to(end);
        let span = self.taken..self.taken + end;
        self.taken = span.end;
        let (bytes, span) = match before {
            0 => (tail, Some(span)),
            _ => {
                self.carry.extend_from_slice(&tail);
                (self.carry.split().freeze(), None)
            }
        };
        self.within_limit(bytes.len())?;
        let element = (!array).then(|| self.began..bytes.len());
        Ok(Some(Piece { bytes, element, span }))
    }

    /// Whether the array has ended.
    pub fn is_over(&self) -> bool {
        self.at == At::Over
    }

    /// The bytes are over: what came after the last piece's end, if anything.
    pub fn rest(&mut self) -> Option<Bytes> {
        self.carry.extend_from_slice(&self.chunk);
        self.chunk = Bytes::new();
        let rest = self.carry.split().freeze();
        (!rest.is_empty()).then_some(rest)
    }

    fn within_limit(&self, len: usize) -> Result<(), NotAnArray> {
        if len > self.limit {
            return Err(NotAnArray::TooLong(self.limit));
        }
        Ok(())
    }

    /// Looks at the chunk up to the end of a piece; `before` bytes of the piece are carried.
    fn find_end(&mut self, before: usize) -> Result<Found, NotAnArray> {
        let mut i = 0;
        while let Some(&byte) = self.chunk.get(i) {
            i += 1;
            self.at = match (self.at, byte) {
                (At::Text(depth), _) => match text_end(byte, &self.chunk, &mut i) {
                    Some(b'"') => At::Inside(depth),
                    Some(_) => At::Escape(depth),
                    None => At::Text(depth),
                },
                (At::Escape(depth), _) => At::Text(depth),
                (At::Inside(depth), b'"') => At::Text(depth),
                (At::Inside(depth), b'{' | b'[') => At::Inside(depth.saturating_add(1)),
                (At::Inside(1), b'}' | b']') => {
                    self.at = At::Between;
                    return Ok(Found::End { at: i, array: false });
                }
                (At::Inside(depth), b'}' | b']') => At::Inside(depth - 1),
                (At::Inside(depth), _) => At::Inside(depth),
                (at, b' ' | b'\t' | b'\r' | b'\n') => at,
                (At::Start, b'[') => At::First,
                (At::First | At::Next, b'{') => {
                    self.began = before + i - 1;
                    At::Inside(1)
                }
                (At::Between, b',') => At::Next,
                (At::First | At::Between, b']') => {
                    self.at = At::Over;
                    return Ok(Found::End { at: i, array: true });
                }
                _ => return Err(NotAnArray::Syntax),
            };
        }
        Ok(Found::More)
    }
}

/// Steps through a string, whose byte before `i` is `byte`, to its quote or to a backslash.
fn text_end(byte: u8, chunk: &[u8], i: &mut usize) -> Option<u8> {
    if matches!(byte, b'"' | b'\\') {
        return Some(byte);
    }
    let rest = chunk.get(*i..).unwrap_or_default();
    let Some(n) = memchr::memchr2(b'"', b'\\', rest) else {
        *i = chunk.len();
        return None;
    };
    *i += n + 1;
    rest.get(n).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Cut = (Vec<(Bytes, Option<Bytes>)>, Option<Bytes>, bool);

    fn split(pieces: &[&[u8]]) -> Result<Cut, NotAnArray> {
        let mut splitter = Splitter::default();
        let mut found = Vec::new();
        for piece in pieces {
            splitter.push(Bytes::copy_from_slice(piece));
            while let Some(piece) = splitter.next_piece()? {
                let element = piece.json().map(Bytes::copy_from_slice);
                found.push((piece.bytes, element));
            }
        }
        let over = splitter.is_over();
        Ok((found, splitter.rest(), over))
    }

    #[test]
    fn elements_are_found_with_what_stands_before_them() {
        let (found, rest, over) = split(&[b"[{\"a\": [\"]}\", {}]}\r\n,\r\n{\"b\":\"\\\"{\"} ] \n"]).unwrap();
        let bytes: Vec<&[u8]> = found.iter().map(|(bytes, _)| &bytes[..]).collect();
        assert_eq!(
            bytes,
            [
                &b"[{\"a\": [\"]}\", {}]}"[..],
                b"\r\n,\r\n{\"b\":\"\\\"{\"}",
                b" ]",
                b" \n"
            ]
        );
        let elements: Vec<Option<&[u8]>> = found.iter().map(|(_, element)| element.as_deref()).collect();
        assert_eq!(
            elements,
            [
                Some(&b"{\"a\": [\"]}\", {}]}"[..]),
                Some(b"{\"b\":\"\\\"{\"}"),
                None,
                None
            ]
        );
        assert_eq!((rest, over), (None, true));
    }

    #[test]
    fn an_empty_array_ends_and_a_cut_one_does_not() {
        assert!(split(&[b" [ ]"]).unwrap().2);
        for cut in [&b"["[..], b"[{}", b"[{},", b"[{\"a\":\"", b""] {
            assert!(!split(&[cut]).unwrap().2, "{}", String::from_utf8_lossy(cut));
        }
    }

    #[test]
    fn what_is_no_array_of_objects_is_refused() {
        for text in [&b"{}"[..], b"[1]", b"[{}{}]", b"[,", b"[{},]", b"[]]", b"x"] {
            assert_eq!(
                split(&[text]).unwrap_err(),
                NotAnArray::Syntax,
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }

    #[test]
    fn an_element_over_the_limit_is_an_error_in_one_piece_or_in_many() {
        for pieces in [&[&b"[{\"a\":12345}"[..]][..], &[b"[{\"a\"", b":12345"]] {
            let mut splitter = Splitter::with_limit(8);
            let error = pieces.iter().find_map(|piece| {
                splitter.push(Bytes::copy_from_slice(piece));
                splitter.next_piece().err()
            });
            assert_eq!(error, Some(NotAnArray::TooLong(8)));
        }
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same_elements(
            texts in proptest::collection::vec("[a\"\\\\{}\\[\\], é]{0,8}", 0..4),
            cuts in proptest::collection::vec(0usize..120, 0..8),
        ) {
            let array: Vec<_> = texts.iter().map(|text| serde_json::json!({"t": text, "n": [{}]})).collect();
            let text = serde_json::to_vec_pretty(&array).unwrap();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).chain([0, text.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            let (found, rest, over) = split(&pieces).unwrap();
            prop_assert!(over);
            let elements: Vec<serde_json::Value> = found.iter()
                .filter_map(|(_, element)| element.as_ref())
                .map(|element| serde_json::from_slice(element).unwrap())
                .collect();
            prop_assert_eq!(elements, array);
            let joined: Vec<u8> = found.iter().flat_map(|(bytes, _)| bytes.to_vec()).chain(rest.unwrap_or_default()).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
