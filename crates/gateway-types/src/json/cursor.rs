//! Reading front to back, each byte once: for those who know what they look for.

use std::borrow::Cow;
use std::collections::HashSet;

use smallvec::SmallVec;

use super::scan::{ScanError, Scanner};

/// After so many members of one object, a second key of a name is looked for in a set.
const FEW: usize = 16;

/// A place in a JSON text. Who reads asks for what they expect there; what they do not ask for is stepped over.
///
/// ```
/// use gateway_types::json::{Cursor, ScanError};
///
/// let mut names = Vec::new();
/// Cursor::new(r#"{"n": [1, 2], "names": ["a", "b\n"], "more": {"x": null}}"#).object(|key, at| match &*key {
///     "names" => at.array(|_, at| Ok::<_, ScanError>(names.push(at.text()?))),
///     _ => Ok(()),
/// })?;
/// assert_eq!(names, ["a", "b\n"]);
/// # Ok::<(), ScanError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
}

/// What kind of value stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Kind {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

impl<'a> Cursor<'a> {
    /// The beginning of a text.
    pub fn new(text: &'a str) -> Self {
        let mut scanner = Scanner::new(text.as_bytes());
        scanner.space();
        Self { text, scanner }
    }

    /// What stands here; none where no value can begin so.
    pub fn kind(&self) -> Option<Kind> {
        Some(match self.scanner.peek()? {
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b'"' => Kind::String,
            b'-' | b'0'..=b'9' => Kind::Number,
            b't' | b'f' => Kind::Bool,
            b'n' => Kind::Null,
            _ => return None,
        })
    }

    /// Steps over the value that stands here and gives its spelling.
    pub fn raw(&mut self) -> Result<&'a str, ScanError> {
        let start = self.scanner.at;
        self.scanner.value()?;
        Ok(&self.text[start..self.scanner.at])
    }

    /// Reads the string that stands here.
    pub fn text(&mut self) -> Result<Cow<'a, str>, ScanError> {
        let start = self.scanner.at;
        let plain = self.scanner.string()?;
        let inner = &self.text[start + 1..self.scanner.at - 1];
        match plain {
            true => Ok(Cow::Borrowed(inner)),
            false => unescape(inner, start + 1).map(Cow::Owned),
        }
    }

    /// Reads the object that stands here: `member` is given each key and the cursor at its value. A key that is given twice
    /// is an error.
    pub fn object<E: From<ScanError>>(
        &mut self,
        mut member: impl FnMut(Cow<'a, str>, &mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.enter(Kind::Object)?;
        let mut seen = Seen::default();
        let mut first = true;
        while self.another(b'}', std::mem::take(&mut first))? {
            let key = self.text()?;
            self.scanner.colon()?;
            if seen.again(key.clone()) {
                return Err(ScanError::Duplicate(key.into_owned()).into());
            }
            self.inside(|at| member(key, at))?;
        }
        Ok(())
    }

    /// Reads the array that stands here: `item` is given each number, from 0, and the cursor at the item.
    pub fn array<E: From<ScanError>>(
        &mut self,
        mut item: impl FnMut(usize, &mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.enter(Kind::Array)?;
        let mut number = 0;
        while self.another(b']', number == 0)? {
            self.inside(|at| item(number, at))?;
            number += 1;
        }
        Ok(())
    }

    /// Nothing but white space is left.
    pub fn end(&mut self) -> Result<(), ScanError> {
        self.scanner.end()
    }

    fn enter(&mut self, kind: Kind) -> Result<(), ScanError> {
        if self.kind() != Some(kind) {
            return Err(self.scanner.syntax());
        }
        self.scanner.open(kind == Kind::Object)
    }

    /// Whether another item follows; else the closing bracket is stepped over.
    fn another(&mut self, end: u8, first: bool) -> Result<bool, ScanError> {
        self.scanner.space();
        match self.scanner.peek() {
            Some(byte) if byte == end => {
                self.scanner.close();
                Ok(false)
            }
            Some(b',') if !first => {
                self.scanner.at += 1;
                self.scanner.space();
                match self.scanner.peek() {
                    // A comma with nothing behind it.
                    Some(byte) if byte == end => Err(self.scanner.syntax()),
                    _ => Ok(true),
                }
            }
            _ if first => Ok(true),
            _ => Err(self.scanner.syntax()),
        }
    }

    /// Lets somebody read a value, and steps over it if they did not.
    fn inside<E: From<ScanError>>(&mut self, read: impl FnOnce(&mut Self) -> Result<(), E>) -> Result<(), E> {
        let start = self.scanner.at;
        read(self)?;
        if self.scanner.at == start {
            self.scanner.value()?;
        }
        Ok(())
    }
}

/// The keys of one object so far.
#[derive(Default)]
struct Seen<'a> {
    few: SmallVec<[Cow<'a, str>; FEW]>,
    many: HashSet<Cow<'a, str>>,
}

impl<'a> Seen<'a> {
    fn again(&mut self, key: Cow<'a, str>) -> bool {
        if self.few.contains(&key) {
            return true;
        }
        if self.few.len() < FEW {
            self.few.push(key);
            return false;
        }
        !self.many.insert(key)
    }
}

/// What an escaped string stands for. `at` is where it begins, for the error.
fn unescape(mut rest: &str, at: usize) -> Result<String, ScanError> {
    let length = rest.len();
    let mut out = String::with_capacity(length);
    while let Some(escape) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..escape]);
        rest = &rest[escape..];
        let (character, taken) = escaped(rest).ok_or(ScanError::Syntax(at + length - rest.len()))?;
        out.push(character);
        rest = &rest[taken..];
    }
    out.push_str(rest);
    Ok(out)
}

/// The character that an escape at the beginning of `text` stands for, and the escape's length. Half a surrogate pair
/// stands for none.
fn escaped(text: &str) -> Option<(char, usize)> {
    let short = |character| Some((character, 2));
    match text.as_bytes().get(1)? {
        b'n' => short('\n'),
        b't' => short('\t'),
        b'r' => short('\r'),
        b'b' => short('\u{8}'),
        b'f' => short('\u{c}'),
        b'u' => {
            let unit = |at: usize| u32::from_str_radix(text.get(at..at + 4)?, 16).ok();
            let high = unit(2)?;
            if !(0xD800..0xDC00).contains(&high) {
                return char::from_u32(high).map(|character| (character, 6));
            }
            let low = unit(8).filter(|low| text.get(6..8) == Some("\\u") && (0xDC00..0xE000).contains(low))?;
            let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            char::from_u32(code).map(|character| (character, 12))
        }
        byte => short(char::from(*byte)),
    }
}
