//! A checked condition, and what it makes of facts. Evaluation is total: each step takes bounded time, allocates no more than
//! the texts it joins, and ends in a value or in [`Unknown`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use regex::Regex;

use super::schema::{Fact, Facts, Scalar};
use super::value::Value;

/// A checked part of a condition.
#[derive(Debug)]
pub(super) enum Node {
    Value(Scalar),
    Values(Vec<Scalar>),
    List(Vec<Self>),
    Fact(String),
    /// What a macro looks at.
    Item,
    /// The value of a map at a key.
    At(Box<Self>, Key),
    /// The item of a list at an index.
    Nth(Box<Self>, Box<Self>),
    /// Whether a map has a key.
    Has(Box<Self>, Key),
    /// Whether a list has a value.
    In(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Minus(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
    If(Box<Self>, Box<Self>, Box<Self>),
    Equal(Box<Self>, Box<Self>),
    Order(Order, Box<Self>, Box<Self>),
    Math(Math, Box<Self>, Box<Self>),
    Size(Box<Self>),
    Text(Test, Box<Self>, Box<Self>),
    Matches(Box<Self>, Regex),
    Case(Case, Box<Self>),
    ToInt(Box<Self>),
    ToDouble(Box<Self>),
    Each(Quantity, Box<Self>, Box<Self>),
}

/// A key of a map: how it is found out, and whether the map's names are in lower case.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) of: Box<Node>,
    pub(super) fold: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Math {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    Contains,
    Starts,
    Ends,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Case {
    Lower,
    Upper,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Quantity {
    All,
    Exists,
    One,
}

/// Why a condition is neither true nor false of some facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// A map has no such key.
    NoKey(String),
    /// A list has no such item.
    NoItem(i64),
    /// Nothing is known under that name.
    NoFact(String),
    /// A value of a map is of another type than the condition takes it for.
    WrongType,
    /// A text, or a number, is no number of the type asked for.
    NoNumber,
    /// The result is larger than a number can be.
    Overflow,
    /// A division by zero.
    Zero,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey(key) => write!(f, "there is no `{key}`"),
            Self::NoItem(index) => write!(f, "there is no item {index}"),
            Self::NoFact(name) => write!(f, "nothing is known of `{name}`"),
            Self::WrongType => f.write_str("a value is of another type than the condition takes it for"),
            Self::NoNumber => f.write_str("a value is no number of the type asked for"),
            Self::Overflow => f.write_str("a number is too large"),
            Self::Zero => f.write_str("a division by zero"),
        }
    }
}

type Found<'a> = Result<Value<'a>, Unknown>;

/// What names stand for.
#[derive(Clone)]
struct Scope<'a> {
    facts: &'a Facts,
    item: Option<Value<'a>>,
}

/// Whether the condition is true of the facts.
pub(super) fn evaluate(node: &Node, facts: &Facts) -> Result<bool, Unknown> {
    Scope { facts, item: None }.truth(node)
}

impl<'a> Scope<'a> {
    fn truth(&self, node: &'a Node) -> Result<bool, Unknown> {
        match self.value(node)? {
            Value::Bool(truth) => Ok(truth),
            _ => Err(Unknown::WrongType),
        }
    }

    fn value(&self, node: &'a Node) -> Found<'a> {
        Ok(match node {
            Node::Value(scalar) => Value::of(scalar),
            Node::Values(scalars) => Value::Scalars(scalars),
            Node::List(nodes) => Value::List(nodes.iter().map(|node| self.value(node)).collect::<Result<_, _>>()?),
            Node::Fact(name) => match self.facts.get(name) {
                Some(Fact::One(scalar)) => Value::of(scalar),
                Some(Fact::Strings(texts)) => Value::Texts(texts),
                Some(Fact::Map(map)) => Value::Map(map),
                None => return Err(Unknown::NoFact(name.clone())),
            },
            Node::Item => self.item.clone().ok_or(Unknown::WrongType)?,
            Node::At(map, key) => {
                let (map, key) = self.keyed(map, key)?;
                Value::of(map.get(&*key).ok_or_else(|| Unknown::NoKey(key.into_owned()))?)
            }
            Node::Nth(list, index) => self.nth(list, index)?,
            Node::Has(map, key) => {
                let (map, key) = self.keyed(map, key)?;
                Value::Bool(map.contains_key(&*key))
            }
            Node::In(item, list) => {
                let item = self.value(item)?;
                Value::Bool(self.value(list)?.items()?.any(|one| one.equals(&item)))
            }
            Node::Not(of) => Value::Bool(!self.truth(of)?),
            Node::Minus(of) => match self.value(of)? {
                Value::Int(number) => Value::Int(number.checked_neg().ok_or(Unknown::Overflow)?),
                Value::Double(number) => Value::Double(-number),
                _ => return Err(Unknown::WrongType),
            },
            Node::All(nodes) => Value::Bool(settled(false, nodes.iter().map(|node| self.truth(node)))?),
            Node::Any(nodes) => Value::Bool(settled(true, nodes.iter().map(|node| self.truth(node)))?),
            Node::If(condition, yes, no) => self.value(if self.truth(condition)? { yes } else { no })?,
            Node::Equal(a, b) => Value::Bool(self.value(a)?.equals(&self.value(b)?)),
            Node::Order(order, a, b) => {
                let found = self.value(a)?.compare(&self.value(b)?)?;
                Value::Bool(order.fits(found))
            }
            Node::Math(math, a, b) => math.of(self.value(a)?, self.value(b)?)?,
            Node::Size(of) => Value::Int(self.value(of)?.size()?),
            Node::Text(test, of, part) => {
                let (of, part) = (self.text(of)?, self.text(part)?);
                Value::Bool(match test {
                    Test::Contains => of.contains(&*part),
                    Test::Starts => of.starts_with(&*part),
                    Test::Ends => of.ends_with(&*part),
                })
            }
            Node::Matches(of, pattern) => Value::Bool(pattern.is_match(&self.text(of)?)),
            Node::Case(Case::Lower, of) => Value::Text(self.text(of)?.to_ascii_lowercase().into()),
            Node::Case(Case::Upper, of) => Value::Text(self.text(of)?.to_ascii_uppercase().into()),
            Node::ToInt(of) => Value::Int(self.value(of)?.to_int()?),
            Node::ToDouble(of) => Value::Double(self.value(of)?.to_double()?),
            Node::Each(quantity, over, test) => Value::Bool(self.each(*quantity, over, test)?),
        })
    }

    fn text(&self, node: &'a Node) -> Result<Cow<'a, str>, Unknown> {
        match self.value(node)? {
            Value::Text(text) => Ok(text),
            _ => Err(Unknown::WrongType),
        }
    }

    fn keyed(&self, map: &'a Node, key: &'a Key) -> Result<(&'a BTreeMap<String, Scalar>, Cow<'a, str>), Unknown> {
        let Value::Map(map) = self.value(map)? else {
            return Err(Unknown::WrongType);
        };
        let mut text = self.text(&key.of)?;
        if key.fold && text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            text.to_mut().make_ascii_lowercase();
        }
        Ok((map, text))
    }

    fn nth(&self, list: &'a Node, index: &'a Node) -> Found<'a> {
        let (list, Value::Int(index)) = (self.value(list)?, self.value(index)?) else {
            return Err(Unknown::WrongType);
        };
        let place = usize::try_from(index).map_err(|_| Unknown::NoItem(index))?;
        list.items()?.nth(place).ok_or(Unknown::NoItem(index))
    }

    fn each(&self, quantity: Quantity, over: &'a Node, test: &'a Node) -> Result<bool, Unknown> {
        let over = self.value(over)?;
        let mut tests = over.items()?.map(|item| {
            let scope = Scope {
                facts: self.facts,
                item: Some(item),
            };
            scope.truth(test)
        });
        match quantity {
            Quantity::All => settled(false, tests),
            Quantity::Exists => settled(true, tests),
            Quantity::One => tests
                .try_fold(0, |count, fits| Ok(count + usize::from(fits?)))
                .map(|count| count == 1),
        }
    }
}

/// Whether one of them is `by`, which settles it whatever is unknown of the others: as in CEL, `unknown || true` is true.
fn settled(by: bool, tests: impl Iterator<Item = Result<bool, Unknown>>) -> Result<bool, Unknown> {
    let mut unknown = None;
    for test in tests {
        match test {
            Ok(truth) if truth == by => return Ok(by),
            Ok(_) => {}
            Err(why) => unknown = unknown.or(Some(why)),
        }
    }
    unknown.map_or(Ok(!by), Err)
}
