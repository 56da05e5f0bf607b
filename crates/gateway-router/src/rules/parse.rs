//! From tokens to a tree. The grammar is CEL's, without bytes, unsigned numbers, maps and messages made in place.

use std::ops::Range;

use super::fault::Fault;
use super::token::{Token, tokens};

/// How long an expression may be, in bytes.
pub(super) const MAX_LENGTH: usize = 4096;
/// How deep it may be nested.
const MAX_DEPTH: usize = 48;

/// A part of a condition.
#[derive(Debug)]
pub(super) struct Expr {
    pub(super) kind: Kind,
    pub(super) place: Range<usize>,
    /// How many levels it has, its own included.
    depth: usize,
}

#[derive(Debug)]
pub(super) enum Kind {
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(String),
    List(Vec<Expr>),
    Name(String),
    /// `map.field`
    Field(Box<Expr>, String),
    /// `map["key"]`, `list[0]`
    Index(Box<Expr>, Box<Expr>),
    /// `function(…)`, `of.method(…)`
    Call {
        of: Option<Box<Expr>>,
        name: String,
        args: Vec<Expr>,
    },
    Not(Box<Expr>),
    Minus(Box<Expr>),
    /// Two or more, all joined by `&&`.
    All(Vec<Expr>),
    /// Two or more, all joined by `||`.
    Any(Vec<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// Reads an expression to its end.
pub(super) fn parse(source: &str) -> Result<Expr, Fault> {
    if source.len() > MAX_LENGTH {
        let message = format!(
            "the expression has {} bytes; at the most {MAX_LENGTH} are read",
            source.len()
        );
        return Err(Fault::new(MAX_LENGTH..source.len(), message));
    }
    let mut parser = Parser {
        tokens: tokens(source)?,
        at: 0,
        depth: 0,
    };
    let expr = parser.expr()?;
    match parser.peek() {
        Token::End => Ok(expr),
        Token::Name(word) if word == "and" || word == "or" => {
            let sign = if word == "and" { "&&" } else { "||" };
            let fault = parser.fault(format!("`{word}` is no operator; write `{sign}`"));
            Err(fault.instead(Some(sign)))
        }
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
}

/// How tightly an operator of two sides binds.
fn binding(token: &Token) -> Option<(u8, &'static str)> {
    match token {
        Token::Sign(sign @ ("==" | "!=" | "<" | "<=" | ">" | ">=")) => Some((1, sign)),
        Token::Name(word) if word == "in" => Some((1, "in")),
        Token::Sign(sign @ ("+" | "-")) => Some((2, sign)),
        Token::Sign(sign @ ("*" | "/" | "%")) => Some((3, sign)),
        _ => None,
    }
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn place(&self) -> Range<usize> {
        self.tokens[self.at].1.clone()
    }

    /// Steps to the next token, and stays at the end.
    fn step(&mut self) -> Range<usize> {
        let place = self.place();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        place
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(found) if *found == sign);
        if found {
            self.step();
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<Range<usize>, Fault> {
        let place = self.place();
        if self.takes(sign) {
            Ok(place)
        } else {
            Err(self.unexpected(&format!("`{sign}`")))
        }
    }

    fn fault(&self, message: String) -> Fault {
        Fault::new(self.place(), message)
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        let found = match self.peek() {
            Token::End => "the expression ends".to_owned(),
            Token::Name(name) => format!("`{name}` stands"),
            Token::Text(_) => "a text stands".to_owned(),
            Token::Int(_) | Token::Double(_) => "a number stands".to_owned(),
            Token::Sign(sign) => format!("`{sign}` stands"),
        };
        self.fault(format!("{found} where {wanted} is wanted"))
    }

    fn too_deep(place: Range<usize>) -> Fault {
        Fault::new(
            place,
            format!("the expression is nested deeper than {MAX_DEPTH} levels"),
        )
    }

    /// Goes one level down, if there is one left.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Self::too_deep(self.place()));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn node(kind: Kind, place: Range<usize>) -> Result<Expr, Fault> {
        let deepest = |exprs: &[Expr]| exprs.iter().map(|expr| expr.depth).max().unwrap_or(0);
        let below = match &kind {
            Kind::Bool(_) | Kind::Int(_) | Kind::Double(_) | Kind::Text(_) | Kind::Name(_) => 0,
            Kind::List(exprs) | Kind::All(exprs) | Kind::Any(exprs) => deepest(exprs),
            Kind::Field(of, _) | Kind::Not(of) | Kind::Minus(of) => of.depth,
            Kind::Index(a, b) | Kind::Binary(_, a, b) => a.depth.max(b.depth),
            Kind::Call { of, args, .. } => of.as_ref().map_or(0, |of| of.depth).max(deepest(args)),
            Kind::If(a, b, c) => a.depth.max(b.depth).max(c.depth),
        };
        if below == MAX_DEPTH {
            return Err(Self::too_deep(place));
        }
        let depth = below + 1;
        Ok(Expr { kind, place, depth })
    }

    fn expr(&mut self) -> Result<Expr, Fault> {
        self.deeper(|this| {
            let condition = this.any()?;
            if !this.takes("?") {
                return Ok(condition);
            }
            let yes = this.any()?;
            this.expect(":")?;
            let no = this.expr()?;
            let place = condition.place.start..no.place.end;
            Self::node(Kind::If(condition.into(), yes.into(), no.into()), place)
        })
    }

    fn any(&mut self) -> Result<Expr, Fault> {
        self.joined("||", Self::all, Kind::Any)
    }

    fn all(&mut self) -> Result<Expr, Fault> {
        self.joined("&&", |this| this.binary(1), Kind::All)
    }

    /// A chain of one operator, however long it is, is one level.
    fn joined(
        &mut self,
        sign: &str,
        read: impl Fn(&mut Self) -> Result<Expr, Fault>,
        kind: fn(Vec<Expr>) -> Kind,
    ) -> Result<Expr, Fault> {
        let first = read(self)?;
        let mut all = vec![first];
        while self.takes(sign) {
            all.push(read(self)?);
        }
        match all.len() {
            1 => Ok(all.remove(0)),
            count => {
                let place = all[0].place.start..all[count - 1].place.end;
                Self::node(kind(all), place)
            }
        }
    }

    fn binary(&mut self, least: u8) -> Result<Expr, Fault> {
        let mut left = self.unary()?;
        while let Some((strength, sign)) = binding(self.peek()).filter(|(strength, _)| *strength >= least) {
            self.step();
            let right = self.binary(strength + 1)?;
            let place = left.place.start..right.place.end;
            left = Self::node(Kind::Binary(sign, left.into(), right.into()), place)?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, Fault> {
        let start = self.place().start;
        if self.takes("!") {
            let of = self.deeper(Self::unary)?;
            let place = start..of.place.end;
            return Self::node(Kind::Not(of.into()), place);
        }
        if self.takes("-") {
            let of = self.deeper(Self::unary)?;
            let place = start..of.place.end;
            return match of.kind {
                Kind::Int(number) => Self::node(Kind::Int(-number), place),
                Kind::Double(number) => Self::node(Kind::Double(-number), place),
                _ => Self::node(Kind::Minus(of.into()), place),
            };
        }
        self.member()
    }

    /// Something, and what is taken out of it.
    fn member(&mut self) -> Result<Expr, Fault> {
        let mut of = self.primary()?;
        loop {
            let start = of.place.start;
            if self.takes("[") {
                let key = self.expr()?;
                let end = self.expect("]")?.end;
                of = Self::node(Kind::Index(of.into(), key.into()), start..end)?;
            } else if self.takes(".") {
                let Token::Name(name) = self.peek().clone() else {
                    return Err(self.unexpected("the name of a field or method"));
                };
                let end = self.step().end;
                of = if self.takes("(") {
                    let (args, end) = self.list(")")?;
                    let of = Some(of.into());
                    Self::node(Kind::Call { of, name, args }, start..end)?
                } else {
                    Self::node(Kind::Field(of.into(), name), start..end)?
                };
            } else {
                return Ok(of);
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, Fault> {
        let start = self.place().start;
        let kind = match self.peek().clone() {
            Token::Text(text) => Kind::Text(text),
            Token::Int(number) => Kind::Int(number),
            Token::Double(number) => Kind::Double(number),
            Token::Name(word) if word == "true" || word == "false" => Kind::Bool(word == "true"),
            Token::Name(word) if word == "in" => return Err(self.unexpected("a value")),
            Token::Name(word) if word == "not" => return Err(self.fault("`not` is no operator; write `!`".to_owned())),
            Token::Name(name) => {
                let place = self.step();
                if !self.takes("(") {
                    return Self::node(Kind::Name(name), place);
                }
                let (args, end) = self.list(")")?;
                return Self::node(Kind::Call { of: None, name, args }, start..end);
            }
            Token::Sign("(") => {
                self.step();
                let inner = self.expr()?;
                let end = self.expect(")")?.end;
                // What it is part of begins and ends with its brackets.
                return Ok(Expr {
                    place: start..end,
                    ..inner
                });
            }
            Token::Sign("[") => {
                self.step();
                let (items, end) = self.list("]")?;
                return Self::node(Kind::List(items), start..end);
            }
            Token::Sign("{") => {
                return Err(self.fault("maps are not made here; list what is wanted: [\"a\", \"b\"]".to_owned()));
            }
            _ => return Err(self.unexpected("a value")),
        };
        let place = self.step();
        Self::node(kind, place)
    }

    /// Expressions up to a closing bracket, and where that ends.
    fn list(&mut self, end: &str) -> Result<(Vec<Expr>, usize), Fault> {
        let mut items = Vec::new();
        loop {
            let place = self.place();
            if self.takes(end) {
                return Ok((items, place.end));
            }
            items.push(self.expr()?);
            let place = self.place();
            if self.takes(end) {
                return Ok((items, place.end));
            }
            if !self.takes(",") {
                return Err(self.unexpected(&format!("`,` or `{end}`")));
            }
        }
    }
}
