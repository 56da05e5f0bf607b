//! The checker: a parsed condition beside a schema becomes one that cannot go wrong, or a list of faults.

mod calls;
mod types;
mod words;

use std::ops::Range;

use super::eval::{Key, Math, Node, Order};
use super::fault::Fault;
use super::parse::{Expr, Kind};
use super::schema::{Scalar, Schema, Used, Uses};
use types::{Of, One, article};
use words::{nearest, quoted};

/// A checked part and its type; nothing where it has a fault, which is noted.
type Checked = Option<(Node, Of)>;

pub(super) struct Checker<'a> {
    schema: &'a Schema,
    /// What a macro calls the item it looks at, and its type.
    item: Option<(&'a str, One)>,
    faults: Vec<Fault>,
    uses: Uses,
}

impl<'a> Checker<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self {
            schema,
            item: None,
            faults: Vec::new(),
            uses: Uses::new(),
        }
    }

    /// What is wrong, and the names that are used.
    pub(super) fn finish(self) -> (Vec<Fault>, Uses) {
        (self.faults, self.uses)
    }

    /// The condition, if it is one.
    pub(super) fn truth(&mut self, expr: &'a Expr) -> Option<Node> {
        match self.check(expr)? {
            (node, Of::One(One::Bool)) => Some(node),
            (_, Of::One(One::Any)) => self.fault(&expr.place, "this may be of any type; compare it: `… == true`"),
            (_, of) => {
                let message = format!("this is {} {of}, and a condition is true or false", article(of));
                self.fault(&expr.place, message)
            }
        }
    }

    fn fault<T>(&mut self, place: &Range<usize>, message: impl Into<String>) -> Option<T> {
        self.faults.push(Fault::new(place.clone(), message));
        None
    }

    fn check(&mut self, expr: &'a Expr) -> Checked {
        let one = |scalar: Scalar, one| Some((Node::Value(scalar), Of::One(one)));
        match &expr.kind {
            Kind::Bool(truth) => one(Scalar::Bool(*truth), One::Bool),
            Kind::Int(number) => one(Scalar::Int(*number), One::Int),
            Kind::Double(number) => one(Scalar::Double(*number), One::Double),
            Kind::Text(text) => one(Scalar::String(text.clone()), One::Text),
            Kind::List(items) => self.list(items),
            Kind::Name(name) => self.name(name, None, &expr.place),
            Kind::Field(of, field) => self.field(of, field, &expr.place),
            Kind::Index(of, key) => self.index(of, key, &expr.place),
            Kind::Call { of, name, args } => self.call(of.as_deref(), name, args, &expr.place),
            Kind::Not(of) => Some((Node::Not(self.truth(of)?.into()), Of::One(One::Bool))),
            Kind::Minus(of) => match self.check(of)? {
                (node, of @ Of::One(One::Int | One::Double)) => Some((Node::Minus(node.into()), of)),
                (_, of) => self.fault(
                    &expr.place,
                    format!("`-` takes a number, and this is {} {of}", article(of)),
                ),
            },
            Kind::All(exprs) => Some((Node::All(self.truths(exprs)?), Of::One(One::Bool))),
            Kind::Any(exprs) => Some((Node::Any(self.truths(exprs)?), Of::One(One::Bool))),
            Kind::Binary(sign, a, b) => self.binary(sign, a, b, &expr.place),
            Kind::If(condition, yes, no) => self.branches(condition, yes, no, &expr.place),
        }
    }

    /// All of them are looked at, so that all faults are told at once.
    fn truths(&mut self, exprs: &'a [Expr]) -> Option<Vec<Node>> {
        let nodes: Vec<_> = exprs.iter().map(|expr| self.truth(expr)).collect();
        nodes.into_iter().collect()
    }

    fn single(&mut self, expr: &'a Expr, what: &str) -> Option<(Node, One)> {
        match self.check(expr)? {
            (node, Of::One(one)) => Some((node, one)),
            (_, of) => self.fault(
                &expr.place,
                format!("{what} takes a single value, and this is {} {of}", article(of)),
            ),
        }
    }

    /// A text, as far as can be known.
    fn text(&mut self, expr: &'a Expr, what: &str) -> Option<Node> {
        match self.check(expr)? {
            (node, Of::One(one)) if one.may_be(One::Text) => Some(node),
            (_, of) => self.fault(
                &expr.place,
                format!("{what} takes a string, and this is {} {of}", article(of)),
            ),
        }
    }

    fn list(&mut self, items: &'a [Expr]) -> Checked {
        let checked: Vec<_> = items.iter().map(|item| self.single(item, "a list")).collect();
        let checked: Vec<(Node, One)> = checked.into_iter().collect::<Option<_>>()?;
        let first = checked.first().map_or(One::Any, |(_, one)| *one);
        let of = if checked.iter().all(|(_, one)| *one == first) {
            first
        } else {
            One::Any
        };
        let (mut values, mut nodes) = (Vec::new(), Vec::new());
        for (node, _) in checked {
            match node {
                Node::Value(scalar) if nodes.is_empty() => values.push(scalar),
                node => {
                    nodes.extend(values.drain(..).map(Node::Value));
                    nodes.push(node);
                }
            }
        }
        let node = if nodes.is_empty() {
            Node::Values(values)
        } else {
            Node::List(nodes)
        };
        Some((node, Of::List(of)))
    }

    fn name(&mut self, name: &'a str, key: Option<&str>, place: &Range<usize>) -> Checked {
        if let Some((item, of)) = self.item
            && item == name
        {
            return Some((Node::Item, Of::One(of)));
        }
        if let Some((name, of)) = self.schema.find(name) {
            let of: Of = of.into();
            let fold = matches!(of, Of::Map { fold: true, .. });
            let key = key.map(|key| if fold { key.to_ascii_lowercase() } else { key.to_owned() });
            let used = self.uses.entry(name.to_owned()).or_default();
            match key {
                Some(key) => used.key(key),
                None => *used = Used::Whole,
            }
            return Some((Node::Fact(name.to_owned()), of));
        }
        let names: Vec<_> = self.schema.names().map(|(name, ..)| name).collect();
        let near = nearest(name, &names);
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", quoted(&names)),
        };
        let fault = Fault::new(place.clone(), format!("unknown name `{name}`; {help}"));
        self.faults.push(fault.instead(near));
        None
    }

    /// Something of which one key is looked at, as far as can be known.
    fn keyed(&mut self, of: &'a Expr, key: Option<&str>) -> Checked {
        match &of.kind {
            Kind::Name(name) => self.name(name, key, &of.place),
            _ => self.check(of),
        }
    }

    fn field(&mut self, of: &'a Expr, field: &'a str, place: &Range<usize>) -> Checked {
        match self.keyed(of, Some(field))? {
            (map, Of::Map { of, fold }) => {
                let key = fixed(field, fold);
                Some((Node::At(map.into(), key), Of::One(of)))
            }
            (_, of) => self.fault(
                place,
                format!("{} {of} has no field `{field}`; maps alone have", article(of)),
            ),
        }
    }

    fn index(&mut self, of: &'a Expr, key: &'a Expr, place: &Range<usize>) -> Checked {
        match (self.keyed(of, written(key))?, self.check(key)?) {
            ((map, Of::Map { of, fold }), (key, Of::One(One::Text | One::Any))) => {
                let key = Key { of: key.into(), fold };
                Some((Node::At(map.into(), key), Of::One(of)))
            }
            ((list, Of::List(of)), (index, Of::One(One::Int | One::Any))) => {
                Some((Node::Nth(list.into(), index.into()), Of::One(of)))
            }
            ((_, Of::Map { .. }), (_, of)) => {
                let message = format!("the key of a map is a string, and this is {} {of}", article(of));
                self.fault(&key.place, message)
            }
            ((_, Of::List(_)), (_, of)) => {
                let message = format!("the index of a list is an int, and this is {} {of}", article(of));
                self.fault(&key.place, message)
            }
            ((_, of), _) => self.fault(place, format!("{} {of} has no items; maps and lists have", article(of))),
        }
    }

    fn branches(&mut self, condition: &'a Expr, yes: &'a Expr, no: &'a Expr, place: &Range<usize>) -> Checked {
        let (condition, yes, no) = (self.truth(condition), self.check(yes), self.check(no));
        let (condition, (yes, of), (no, other)) = (condition?, yes?, no?);
        if of != other {
            let message = format!(
                "both sides of `:` are of one type, and these are {} {of} and {} {other}",
                article(of),
                article(other)
            );
            return self.fault(place, message);
        }
        Some((Node::If(condition.into(), yes.into(), no.into()), of))
    }

    fn binary(&mut self, sign: &str, a: &'a Expr, b: &'a Expr, place: &Range<usize>) -> Checked {
        if sign == "in" {
            return self.within(a, b, place);
        }
        let what = format!("`{sign}`");
        let (a, b) = (self.single(a, &what), self.single(b, &what));
        let ((a, left), (b, right)) = (a?, b?);
        let (a, b) = (Box::new(a), Box::new(b));
        let truth = |node| Some((node, Of::One(One::Bool)));
        let ordered = |one: One| one != One::Bool;
        let order = match sign {
            "==" if left.meets(right) => return truth(Node::Equal(a, b)),
            "!=" if left.meets(right) => return truth(Node::Not(Node::Equal(a, b).into())),
            "<" => Some(Order::Less),
            "<=" => Some(Order::LessOrEqual),
            ">" => Some(Order::More),
            ">=" => Some(Order::MoreOrEqual),
            _ => None,
        };
        if let Some(order) = order.filter(|_| left.meets(right) && ordered(left) && ordered(right)) {
            return truth(Node::Order(order, a, b));
        }
        let math = match sign {
            "+" => Some(Math::Add),
            "-" => Some(Math::Subtract),
            "*" => Some(Math::Multiply),
            "/" => Some(Math::Divide),
            "%" => Some(Math::Remainder),
            _ => None,
        };
        let takes = match sign {
            "+" => left.is_number() || left == One::Text,
            "%" => left == One::Int,
            _ => left.is_number(),
        };
        if let Some(math) = math.filter(|_| left == right && takes) {
            return Some((Node::Math(math, a, b), Of::One(left)));
        }
        let help = match (math.is_some(), left, right) {
            (_, One::Any, _) | (_, _, One::Any) => "; say which number it is: `int(…)`, `double(…)`",
            (true, One::Int, One::Double) | (true, One::Double, One::Int) => "; write `2.0` for `2`, or `double(…)`",
            (false, One::Text, number) | (false, number, One::Text) if number.is_number() => {
                "; write the number without quotes, or `double(…)` of the string"
            }
            _ => "",
        };
        self.fault(place, format!("`{sign}` does not take {left} and {right}{help}"))
    }

    fn within(&mut self, item: &'a Expr, of: &'a Expr, place: &Range<usize>) -> Checked {
        let (item, of) = (self.single(item, "`in`"), self.keyed(of, written(item)));
        let ((node, one), (list, of)) = (item?, of?);
        let truth = |node| Some((node, Of::One(One::Bool)));
        match of {
            Of::List(of) if one.meets(of) => truth(Node::In(node.into(), list.into())),
            Of::Map { fold, .. } if one.may_be(One::Text) => {
                let key = Key { of: node.into(), fold };
                truth(Node::Has(list.into(), key))
            }
            Of::One(_) => {
                let help = "a list or a map stands on its right side; for a part of a text write `….contains(\"…\")`";
                self.fault(place, format!("`in` does not look into {} {of}: {help}", article(of)))
            }
            Of::List(_) | Of::Map { .. } => self.fault(place, format!("a {one} is never in {} {of}", article(of))),
        }
    }
}

fn fixed(key: &str, fold: bool) -> Key {
    let key = if fold { key.to_ascii_lowercase() } else { key.to_owned() };
    Key {
        of: Box::new(Node::Value(Scalar::String(key))),
        fold: false,
    }
}

/// A text that stands in the expression.
fn written(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}
