//! From the text of a condition to its tokens.

use std::ops::Range;

use super::fault::Fault;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Text(String),
    Int(i64),
    Double(f64),
    /// An operator or a bracket, as it is written.
    Sign(&'static str),
    End,
}

/// Longer ones before those that they begin with.
const SIGNS: [&str; 24] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",", "(", ")", "[", "]",
    "{", "}",
];

/// Words that CEL keeps for itself.
const RESERVED: [&str; 18] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "var",
    "void",
    "while",
];

/// All tokens with their places, the end last.
pub(super) fn tokens(source: &str) -> Result<Vec<(Token, Range<usize>)>, Fault> {
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.space();
        let start = lexer.at;
        let token = lexer.token()?;
        let ended = token == Token::End;
        tokens.push((token, start..lexer.at));
        if ended {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn run(&mut self, of: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !of(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Passes over white space and comments.
    fn space(&mut self) {
        loop {
            self.run(char::is_whitespace);
            if !self.rest().starts_with("//") {
                return;
            }
            self.run(|c| c != '\n');
        }
    }

    fn token(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        let Some(first) = self.peek() else {
            return Ok(Token::End);
        };
        let after = self.rest()[first.len_utf8()..].chars().next();
        match first {
            '"' | '\'' => self.text(false),
            'r' | 'R' if matches!(after, Some('"' | '\'')) => {
                self.at += 1;
                self.text(true)
            }
            'b' | 'B' if matches!(after, Some('"' | '\'')) => Err(Fault::new(
                start..start + 1,
                "bytes are of no use here; leave out the prefix",
            )),
            '0'..='9' => self.number(),
            '.' if after.is_some_and(|c| c.is_ascii_digit()) => self.number(),
            '_' | 'a'..='z' | 'A'..='Z' => {
                let name = self.run(|c| c == '_' || c.is_ascii_alphanumeric());
                if RESERVED.contains(&name) {
                    return Err(Fault::new(start..self.at, format!("`{name}` is a reserved word")));
                }
                Ok(Token::Name(name.to_owned()))
            }
            _ => self.sign(first),
        }
    }

    fn sign(&mut self, first: char) -> Result<Token, Fault> {
        if let Some(sign) = SIGNS.iter().find(|sign| self.rest().starts_with(**sign)) {
            self.at += sign.len();
            return Ok(Token::Sign(sign));
        }
        let place = self.at..self.at + first.len_utf8();
        Err(match first {
            '=' => Fault::new(place, "`=` is no operator; compare with `==`").instead(Some("==")),
            '&' | '|' => {
                let twice = format!("{first}{first}");
                Fault::new(place, format!("`{first}` is no operator; write `{twice}`")).instead(Some(&twice))
            }
            _ => Fault::new(place, format!("`{first}` has no meaning here")),
        })
    }

    fn number(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        if self.rest().starts_with("0x") {
            self.at += 2;
            let digits = self.run(|c| c.is_ascii_hexdigit());
            let number = i64::from_str_radix(digits, 16);
            return number.map(Token::Int).map_err(|_| self.no_number(start));
        }
        self.run(|c| c.is_ascii_digit());
        let mut double = false;
        if self.rest().starts_with('.') && self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) {
            double = true;
            self.at += 1;
            self.run(|c| c.is_ascii_digit());
        }
        if self.rest().starts_with(['e', 'E']) {
            double = true;
            self.at += 1;
            if self.rest().starts_with(['+', '-']) {
                self.at += 1;
            }
            self.run(|c| c.is_ascii_digit());
        }
        let written = &self.source[start..self.at];
        if self.peek().is_some_and(|c| c == '_' || c.is_alphanumeric()) {
            self.run(|c| c == '_' || c.is_alphanumeric());
            return Err(self.no_number(start));
        }
        if double {
            let number = written.parse().ok().filter(|number: &f64| number.is_finite());
            return number.map(Token::Double).ok_or_else(|| self.no_number(start));
        }
        written.parse().map(Token::Int).map_err(|_| self.no_number(start))
    }

    fn no_number(&self, start: usize) -> Fault {
        let written = &self.source[start..self.at];
        Fault::new(
            start..self.at,
            format!("`{written}` is no number that fits; write `80`, `0.5` or `1e6`"),
        )
    }

    /// A text in single or double quotes, or in three of either.
    fn text(&mut self, raw: bool) -> Result<Token, Fault> {
        let start = self.at;
        let quote = if self.rest().starts_with('"') { "\"" } else { "'" };
        let triple = quote.repeat(3);
        let end = if self.rest().starts_with(&triple) {
            triple.as_str()
        } else {
            quote
        };
        self.at += end.len();
        let mut text = String::new();
        loop {
            if self.rest().starts_with(end) {
                self.at += end.len();
                return Ok(Token::Text(text));
            }
            match self.peek() {
                Some('\n') if end.len() == 1 => return Err(self.open_text(start, end)),
                None => return Err(self.open_text(start, end)),
                Some('\\') if !raw => text.push(self.escape()?),
                Some(c) => {
                    self.at += c.len_utf8();
                    text.push(c);
                }
            }
        }
    }

    fn open_text(&self, start: usize, end: &str) -> Fault {
        Fault::new(start..self.at, format!("the text has no end; close it with {end}"))
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        self.at += 1;
        let kind = self.peek();
        self.at += kind.map_or(0, char::len_utf8);
        let code = match kind {
            Some('a') => Some('\u{7}'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('v') => Some('\u{b}'),
            Some(same @ ('\\' | '?' | '"' | '\'' | '`')) => Some(same),
            Some('x' | 'X') => self.code(2),
            Some('u') => self.code(4),
            Some('U') => self.code(8),
            _ => None,
        };
        code.ok_or_else(|| {
            let written = &self.source[start..self.at];
            let help = "a backslash of a pattern is written twice, or the text with `r` in front: r\"\\d+\"";
            Fault::new(start..self.at, format!("`{written}` is no escape; {help}"))
        })
    }

    fn code(&mut self, digits: usize) -> Option<char> {
        let code = self.rest().get(..digits)?;
        let number = u32::from_str_radix(code, 16).ok()?;
        self.at += digits;
        char::from_u32(number)
    }
}
