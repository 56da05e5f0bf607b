//! Freeform tools (whose input is text) at providers that know only functions: a function with one text argument stands for
//! one. Providers' sides say it so; clients' sides, which see in the call which tools were freeform, undo it.

use gateway_types::json::{Cursor, Kind, ScanError, quote};
use serde_json::value::RawValue;

/// The one argument.
const ARGUMENT: &str = "input";

/// The schema of a function that stands for a freeform tool.
pub(crate) fn parameters() -> Box<RawValue> {
    let schema = r#"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}"#;
    RawValue::from_string(schema.to_owned()).expect("it is JSON")
}

/// The description of a function that stands for a freeform tool: its own, and the grammar that nobody holds the model to.
/// The grammar comes as OpenAI has it: `{"type":"grammar","grammar":{"syntax","definition"}}`, or flat as in Responses.
pub(crate) fn description(description: Option<&str>, format: Option<&RawValue>) -> Option<String> {
    let grammar = format.and_then(grammar);
    let Some((syntax, definition)) = grammar else {
        return description.map(str::to_owned);
    };
    let rule = format!("The text in `{ARGUMENT}` must follow this {syntax} grammar:\n{definition}");
    Some(match description {
        Some(description) => format!("{description}\n\n{rule}"),
        None => rule,
    })
}

fn grammar(format: &RawValue) -> Option<(String, String)> {
    let (mut syntax, mut definition) = (None, None);
    let read = |at: &mut Cursor<'_>, syntax: &mut Option<String>, definition: &mut Option<String>| {
        at.object(|key, at| {
            match &*key {
                "syntax" => *syntax = Some(at.text()?.into_owned()),
                "definition" => *definition = Some(at.text()?.into_owned()),
                _ => {}
            }
            Ok::<_, ScanError>(())
        })
    };
    Cursor::new(format.get())
        .object(|key, at| match (&*key, at.kind()) {
            ("grammar", Some(Kind::Object)) => read(at, &mut syntax, &mut definition),
            ("syntax", _) => at.text().map(|text| syntax = Some(text.into_owned())),
            ("definition", _) => at.text().map(|text| definition = Some(text.into_owned())),
            _ => Ok(()),
        })
        .ok()?;
    Some((syntax?, definition?))
}

/// The input of a freeform tool as the arguments of the function.
pub(crate) fn wrap(input: &str) -> String {
    let mut out = format!("{{\"{ARGUMENT}\":").into_bytes();
    quote(input, &mut out);
    out.push(b'}');
    // What is quoted is as much UTF-8 as it was.
    String::from_utf8(out).unwrap_or_default()
}

/// The input in the arguments of the function; whatever else a model wrote as it is.
pub(crate) fn unwrap(arguments: &str) -> String {
    let mut unwrapping = Unwrapping::default();
    let mut input = unwrapping.feed(arguments);
    input.push_str(&unwrapping.end());
    input
}

/// [`unwrap`] for arguments that come in pieces.
#[derive(Debug, Default)]
pub(crate) struct Unwrapping {
    stands: Stands,
    /// What has come and is not said yet: the beginning, or the beginning of an escape.
    held: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stands {
    /// Before the first quote of the input.
    #[default]
    Before,
    /// In the input.
    Within,
    /// Behind it.
    Behind,
    /// The arguments have another form; they go as they come.
    Plain,
}

/// What the arguments begin with, white space apart.
const BEGINNING: &str = "{\"input\":\"";
/// No beginning has so much white space.
const HELD: usize = 256;

impl Unwrapping {
    /// Takes more of the arguments, gives more of the input.
    pub(crate) fn feed(&mut self, piece: &str) -> String {
        match self.stands {
            Stands::Plain => piece.to_owned(),
            Stands::Behind => String::new(),
            Stands::Within => {
                self.held.push_str(piece);
                self.within()
            }
            Stands::Before => {
                self.held.push_str(piece);
                self.before()
            }
        }
    }

    /// What is left once the arguments are over.
    pub(crate) fn end(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    fn before(&mut self) -> String {
        let mut wanted = BEGINNING.chars().peekable();
        let mut behind = None;
        for (at, character) in self.held.char_indices() {
            let Some(next) = wanted.peek() else {
                behind = Some(at);
                break;
            };
            // White space may stand between the tokens; none of it is wanted within the key.
            let between = matches!(next, '{' | ':') || (*next == '"' && !self.held[..at].ends_with("input"));
            match character {
                _ if character == *next => drop(wanted.next()),
                ' ' | '\n' | '\r' | '\t' if between => {}
                _ => return self.give_up(),
            }
        }
        if wanted.peek().is_some() {
            return match self.held.len() > HELD {
                true => self.give_up(),
                false => String::new(),
            };
        }
        let rest = behind.map_or_else(String::new, |at| self.held.split_off(at));
        self.held = rest;
        self.stands = Stands::Within;
        self.within()
    }

    fn give_up(&mut self) -> String {
        self.stands = Stands::Plain;
        self.end()
    }

    /// Says what is held of the input, up to an escape that is not whole.
    fn within(&mut self) -> String {
        let mut rest = &self.held[..];
        let mut out = String::new();
        while let Some(special) = memchr::memchr2(b'"', b'\\', rest.as_bytes()) {
            out.push_str(&rest[..special]);
            rest = &rest[special..];
            if rest.starts_with('"') {
                self.stands = Stands::Behind;
                self.held.clear();
                return out;
            }
            let Some(length) = escape_length(rest) else {
                // The rest of it is to come.
                self.held = rest.to_owned();
                return out;
            };
            let (escape, after) = rest.split_at(length);
            match Cursor::new(&format!("\"{escape}\"")).text() {
                Ok(text) => out.push_str(&text),
                Err(_) => out.push(char::REPLACEMENT_CHARACTER),
            }
            rest = after;
        }
        out.push_str(rest);
        self.held.clear();
        out
    }
}

/// How long the escape at the beginning is, a surrogate pair being one; none where it is not whole yet.
fn escape_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if *bytes.get(1)? != b'u' {
        // The character behind the backslash, whatever its length.
        return text.get(1..)?.chars().next().map(|character| 1 + character.len_utf8());
    }
    let digits = bytes.get(2..6)?;
    let is_high = matches!(digits, [b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', _, _]);
    if !digits.is_ascii() {
        return Some(2);
    }
    if !is_high {
        return Some(6);
    }
    match (bytes.get(6), bytes.get(7)) {
        (None, _) | (Some(b'\\'), None) => None,
        (Some(b'\\'), Some(b'u')) => bytes.get(8..12).map(|low| if low.is_ascii() { 12 } else { 6 }),
        _ => Some(6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrapped_comes_back_however_it_is_cut() {
        for input in [
            "",
            "plain",
            "*** Begin Patch\n+\"a\\b\"\t\u{1}\u{7f}é日🦀\n",
            "{\"input\":\"x\"}",
        ] {
            let wrapped = wrap(input);
            assert_eq!(unwrap(&wrapped), input);
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&wrapped).unwrap(),
                serde_json::json!({"input": input})
            );
            let mut unwrapping = Unwrapping::default();
            let mut pieces: String = wrapped
                .chars()
                .map(|c| unwrapping.feed(c.encode_utf8(&mut [0; 4])))
                .collect();
            pieces.push_str(&unwrapping.end());
            assert_eq!(pieces, input);
        }
        let spaced = "{ \"input\" :\n \"\\u00e9\\ud83e\\udd80\\/\" } ";
        assert_eq!(unwrap(spaced), "é🦀/");
        let mut unwrapping = Unwrapping::default();
        let cut: String = spaced.chars().map(|c| unwrapping.feed(&c.to_string())).collect();
        assert_eq!(cut, "é🦀/");
    }

    #[test]
    fn what_has_another_form_goes_as_it_is() {
        for other in [
            "",
            "{}",
            "ls -l",
            "{\"command\":\"x\"}",
            "{\"input\":5}",
            "[\"input\"]",
            "{\"in",
        ] {
            assert_eq!(unwrap(other), other);
        }
        assert_eq!(unwrap("{\"input\":\"cut o"), "cut o");
        assert_eq!(unwrap("{\"input\":\"\\ud800x\""), "\u{fffd}x");
        let long = format!("{{{}", " ".repeat(10_000));
        assert_eq!(unwrap(&long), long);
    }

    #[test]
    fn a_grammar_is_told_where_it_cannot_be_kept() {
        let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
        for format in [
            r#"{"type":"grammar","grammar":{"syntax":"lark","definition":"start: \"a\""}}"#,
            r#"{"type":"grammar","syntax":"lark","definition":"start: \"a\""}"#,
        ] {
            let told = description(Some("Runs it."), Some(&raw(format))).unwrap();
            assert!(
                told.starts_with("Runs it.\n") && told.ends_with("lark grammar:\nstart: \"a\""),
                "{told}"
            );
        }
        assert_eq!(description(None, Some(&raw(r#"{"type":"text"}"#))), None);
        assert_eq!(description(Some("a"), None).as_deref(), Some("a"));
    }
}
