//! The scanner: one pass over a body, no allocation per member, no tree.

use std::ops::Range;

use smallvec::SmallVec;

use super::string::string_end;

/// How deep arrays and objects may be nested, the outermost included: what `serde_json` takes into a value.
const MAX_DEPTH: usize = 127;

/// Where one wanted member stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Which of the wanted keys it is: an index into the list given to [`scan`].
    pub key: usize,
    /// From the opening quote of the key to the end of the value.
    pub span: Range<usize>,
    /// The value alone.
    pub value: Range<usize>,
}

/// The map of one JSON object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// The wanted members, in the order they stand.
    pub members: SmallVec<[Member; 12]>,
    /// From `{` to `}` inclusive.
    pub span: Range<usize>,
    /// Whether the object has no member at all, wanted or not.
    pub empty: bool,
}

impl Object {
    /// The member with that index in the wanted list.
    pub fn find(&self, key: usize) -> Option<&Member> {
        self.members.iter().find(|member| member.key == key)
    }
}

/// Where in the input something stands: a byte offset.
pub type Spot = usize;

/// Why a body is not one the fast lane takes. Parsers disagree about the last three, and allow-lists must not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum ScanError {
    #[error("the body is not valid UTF-8 at byte {0}")]
    Utf8(Spot),
    #[error("the body is not valid JSON at byte {0}")]
    Syntax(Spot),
    #[error("the body must be a JSON object")]
    NotAnObject,
    #[error("the body has more after its end, at byte {0}")]
    Trailing(Spot),
    #[error("the body is nested deeper than {0} levels")]
    TooDeep(usize),
    #[error("the field `{0}` is given twice")]
    Duplicate(String),
    #[error("a top-level field name is written with an escape, at byte {0}; write it plainly")]
    EscapedKey(Spot),
}

/// Finds the members of the top-level object whose keys are `wanted`, checking the whole input on the way.
///
/// A duplicate of a wanted key and an escape in any top-level key are errors. Structure (brackets, commas, literals,
/// numbers, strings with their escapes), UTF-8 and depth (127) are checked for the whole input; what a string or
/// number means is left to whoever needs it: a lone surrogate (`"\ud800"`) and a number beyond every float (`1e999`)
/// pass, as they do through `serde_json`'s `RawValue`. With several faults the error is one of them.
///
/// Every offset counts from the start of `input`. To look into a member, scan its value's bytes; the offsets found
/// are then relative to the start of that value.
///
/// ```
/// use gateway_types::json::scan;
///
/// let body = br#"{"model": "gpt-4o", "stream_options": {"include_usage": true}}"#;
/// let object = scan(body, &["model", "stream_options"])?;
/// let options = object.find(1).expect("the body has it").value.clone();
/// let inner = scan(&body[options.clone()], &["include_usage"])?;
/// let value = inner.find(0).expect("the options have it").value.clone();
/// assert_eq!(&body[options][value], b"true");
/// # Ok::<(), gateway_types::json::ScanError>(())
/// ```
pub fn scan(input: &[u8], wanted: &[&str]) -> Result<Object, ScanError> {
    let mut scanner = Scanner::new(input);
    scanner.space();
    let object = if scanner.peek() == Some(b'{') {
        Ok(scanner.object(wanted)?)
    } else {
        scanner.value()?;
        Err(ScanError::NotAnObject)
    };
    scanner.end()?;
    // What is ASCII is UTF-8, and most bodies are.
    if !scanner.ascii {
        utf8(input)?;
    }
    object
}

/// That the input is text. Where it is not, the slower of two readers says at which byte.
fn utf8(input: &[u8]) -> Result<(), ScanError> {
    if simdutf8::basic::from_utf8(input).is_ok() {
        return Ok(());
    }
    let read = std::str::from_utf8(input);
    read.map(drop).map_err(|error| ScanError::Utf8(error.valid_up_to()))
}

#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    input: &'a [u8],
    pub(super) at: usize,
    depth: usize,
    /// What is open, innermost lowest: 1 is an object, 0 an array. [`MAX_DEPTH`] bits are enough.
    objects: u128,
    /// Whether nothing but ASCII was met so far. Outside strings there can be nothing else.
    ascii: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        Self {
            input,
            at: 0,
            depth: 0,
            objects: 0,
            ascii: true,
        }
    }

    /// The top-level object, standing at its `{`.
    fn object(&mut self, wanted: &[&str]) -> Result<Object, ScanError> {
        let start = self.at;
        let mut members = SmallVec::new();
        self.open(true)?;
        self.space();
        let empty = self.peek() == Some(b'}');
        if !empty {
            self.members(wanted, &mut members)?;
        }
        self.close();
        Ok(Object {
            members,
            span: start..self.at,
            empty,
        })
    }

    /// The top-level members up to the closing brace.
    fn members(&mut self, wanted: &[&str], members: &mut SmallVec<[Member; 12]>) -> Result<(), ScanError> {
        loop {
            self.member(wanted, members)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => return Ok(()),
                _ => return Err(self.syntax()),
            }
            self.space();
        }
    }

    /// A top-level member, noted if it is wanted.
    fn member(&mut self, wanted: &[&str], members: &mut SmallVec<[Member; 12]>) -> Result<(), ScanError> {
        let start = self.at;
        if !self.string()? {
            return Err(ScanError::EscapedKey(start));
        }
        let name = &self.input[start + 1..self.at - 1];
        self.colon()?;
        let value = self.at;
        self.value()?;
        let Some(key) = wanted.iter().position(|key| key.as_bytes() == name) else {
            return Ok(());
        };
        if members.iter().any(|member| member.key == key) {
            return Err(ScanError::Duplicate(wanted[key].to_owned()));
        }
        members.push(Member {
            key,
            span: start..self.at,
            value: value..self.at,
        });
        Ok(())
    }

    /// Any value, standing at its first byte. Does not recurse: what is open is kept in bits.
    pub(super) fn value(&mut self) -> Result<(), ScanError> {
        let outside = self.depth;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.string()?;
                }
                Some(b'{') => {
                    self.open(true)?;
                    self.space();
                    if self.peek() != Some(b'}') {
                        self.key()?;
                        continue;
                    }
                    self.close();
                }
                Some(b'[') => {
                    self.open(false)?;
                    self.space();
                    if self.peek() != Some(b']') {
                        continue;
                    }
                    self.close();
                }
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.literal(b"true")?,
                Some(b'f') => self.literal(b"false")?,
                Some(b'n') => self.literal(b"null")?,
                _ => return Err(self.syntax()),
            }
            if self.close_all(outside)? {
                return Ok(());
            }
        }
    }

    /// After a value: closes what ends here and says whether all that was opened since `outside` is closed; if not,
    /// another value follows.
    #[inline]
    fn close_all(&mut self, outside: usize) -> Result<bool, ScanError> {
        while self.depth > outside {
            self.space();
            match (self.peek(), self.in_object()) {
                (Some(b','), in_object) => {
                    self.at += 1;
                    self.space();
                    if in_object {
                        self.key()?;
                    }
                    return Ok(false);
                }
                (Some(b'}'), true) | (Some(b']'), false) => self.close(),
                _ => return Err(self.syntax()),
            }
        }
        Ok(true)
    }

    /// Steps over an opening bracket.
    pub(super) fn open(&mut self, object: bool) -> Result<(), ScanError> {
        if self.depth == MAX_DEPTH {
            return Err(ScanError::TooDeep(MAX_DEPTH));
        }
        self.depth += 1;
        self.objects = (self.objects << 1) | u128::from(object);
        self.at += 1;
        Ok(())
    }

    /// Steps over a closing bracket.
    pub(super) fn close(&mut self) {
        self.depth -= 1;
        self.objects >>= 1;
        self.at += 1;
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    /// A nested key with its colon, up to the first byte of the value.
    #[inline]
    fn key(&mut self) -> Result<(), ScanError> {
        self.string()?;
        self.colon()
    }

    #[inline]
    pub(super) fn colon(&mut self) -> Result<(), ScanError> {
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.syntax());
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    /// A string, from quote to quote. Whether it is plain: nothing in it is escaped.
    #[inline]
    pub(super) fn string(&mut self) -> Result<bool, ScanError> {
        if self.peek() != Some(b'"') {
            return Err(self.syntax());
        }
        let (end, plain) = string_end(self.input, self.at + 1, &mut self.ascii).map_err(ScanError::Syntax)?;
        self.at = end;
        Ok(plain)
    }

    /// A number; what may follow it is for the caller to say.
    fn number(&mut self) -> Result<(), ScanError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), ScanError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(self.syntax()) } else { Ok(()) }
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), ScanError> {
        for &byte in word {
            if self.peek() != Some(byte) {
                return Err(self.syntax());
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Nothing but white space up to the end.
    pub(super) fn end(&mut self) -> Result<(), ScanError> {
        self.space();
        if self.at == self.input.len() {
            Ok(())
        } else {
            Err(ScanError::Trailing(self.at))
        }
    }

    #[inline]
    pub(super) fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    #[cold]
    pub(super) fn syntax(&self) -> ScanError {
        ScanError::Syntax(self.at)
    }
}
