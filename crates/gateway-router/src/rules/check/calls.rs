//! Functions, methods and macros: those that are total, and take time in proportion to what they look at.

use std::ops::Range;

use regex::RegexBuilder;

use super::super::eval::{Case, Node, Quantity, Test};
use super::super::parse::{Expr, Kind};
use super::types::{Of, One, article};
use super::words::quoted;
use super::{Checked, Checker, fixed};

/// How large a compiled pattern may be, in bytes, and what it may keep while it is matched.
const PATTERN_BYTES: usize = 256 * 1024;

impl<'a> Checker<'a> {
    pub(super) fn call(
        &mut self,
        of: Option<&'a Expr>,
        name: &'a str,
        args: &'a [Expr],
        place: &Range<usize>,
    ) -> Checked {
        let truth = |node| Some((node, Of::One(One::Bool)));
        match (of, name, args) {
            (None, "has", [of]) => self.has(of),
            (None, "size", [of]) | (Some(of), "size", []) => self.size(of),
            (None, "int" | "double", [of]) => self.number(name, of),
            (Some(of), "contains" | "startsWith" | "endsWith", [part]) => {
                let test = match name {
                    "contains" => Test::Contains,
                    "startsWith" => Test::Starts,
                    _ => Test::Ends,
                };
                let what = format!("`{name}`");
                let (of, part) = (self.text(of, &what), self.text(part, &what));
                truth(Node::Text(test, of?.into(), part?.into()))
            }
            (Some(of), "matches", [pattern]) | (None, "matches", [of, pattern]) => self.matches(of, pattern),
            (Some(of), "lowerAscii" | "upperAscii", []) => {
                let case = if name == "lowerAscii" { Case::Lower } else { Case::Upper };
                let of = self.text(of, &format!("`{name}`"))?;
                Some((Node::Case(case, of.into()), Of::One(One::Text)))
            }
            (Some(of), "all" | "exists" | "exists_one" | "existsOne", [item, test]) => {
                let quantity = match name {
                    "all" => Quantity::All,
                    "exists" => Quantity::Exists,
                    _ => Quantity::One,
                };
                self.each(quantity, of, item, test, place)
            }
            _ => self.no_call(of.is_some(), name, args.len(), place),
        }
    }

    fn no_call(&mut self, method: bool, name: &str, args: usize, place: &Range<usize>) -> Checked {
        const FUNCTIONS: [&str; 5] = [
            "has(map.field)",
            "size(x)",
            "int(x)",
            "double(x)",
            "matches(text, \"pattern\")",
        ];
        const METHODS: [&str; 10] = [
            "contains(text)",
            "startsWith(text)",
            "endsWith(text)",
            "matches(\"pattern\")",
            "lowerAscii()",
            "upperAscii()",
            "size()",
            "all(item, test)",
            "exists(item, test)",
            "exists_one(item, test)",
        ];
        let what = if method { "method" } else { "function" };
        let known = if method { &METHODS[..] } else { &FUNCTIONS[..] };
        let bare = |call: &&&str| call.split('(').next() == Some(name);
        if let Some(right) = known.iter().find(bare) {
            return self.fault(
                place,
                format!("`{name}` does not take {args} arguments; it is `{right}`"),
            );
        }
        let elsewhere = if method { &FUNCTIONS[..] } else { &METHODS[..] };
        if let Some(right) = elsewhere.iter().find(bare) {
            let right = if method {
                (*right).to_owned()
            } else {
                format!("x.{right}")
            };
            return self.fault(place, format!("`{name}` is no {what}; write `{right}`"));
        }
        self.fault(place, format!("unknown {what} `{name}`; there are {}", quoted(known)))
    }

    fn has(&mut self, expr: &'a Expr) -> Checked {
        let Kind::Field(of, field) = &expr.kind else {
            return self.fault(
                &expr.place,
                "`has` takes a field of a map: `has(tags.env)`, or write `\"env\" in tags`",
            );
        };
        match self.keyed(of, Some(field))? {
            (map, Of::Map { fold, .. }) => Some((Node::Has(map.into(), fixed(field, fold)), Of::One(One::Bool))),
            (_, of) => self.fault(
                &expr.place,
                format!("{} {of} has no fields; maps alone have", article(of)),
            ),
        }
    }

    fn size(&mut self, expr: &'a Expr) -> Checked {
        match self.check(expr)? {
            (node, Of::One(One::Text) | Of::List(_) | Of::Map { .. }) => {
                Some((Node::Size(node.into()), Of::One(One::Int)))
            }
            (_, of) => self.fault(
                &expr.place,
                format!("{} {of} has no size; strings, lists and maps have", article(of)),
            ),
        }
    }

    fn number(&mut self, name: &str, expr: &'a Expr) -> Checked {
        let what = format!("`{name}`");
        let (node, one) = self.single(expr, &what)?;
        if one == One::Bool {
            return self.fault(
                &expr.place,
                format!("{what} takes a number or a string, and this is a bool"),
            );
        }
        Some(match name {
            "int" => (Node::ToInt(node.into()), Of::One(One::Int)),
            _ => (Node::ToDouble(node.into()), Of::One(One::Double)),
        })
    }

    fn matches(&mut self, of: &'a Expr, pattern: &'a Expr) -> Checked {
        let of = self.text(of, "`matches`");
        let Kind::Text(text) = &pattern.kind else {
            return self.fault(
                &pattern.place,
                "the pattern of `matches` is a string that stands in the expression",
            );
        };
        let mut builder = RegexBuilder::new(text);
        match builder.size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES).build() {
            Ok(regex) => Some((Node::Matches(of?.into(), regex), Of::One(One::Bool))),
            Err(regex::Error::CompiledTooBig(_)) => self.fault(
                &pattern.place,
                format!("the pattern takes more than {PATTERN_BYTES} bytes when compiled"),
            ),
            Err(error) => {
                let error = error.to_string();
                let last = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
                self.fault(&pattern.place, format!("this is no pattern: {last}"))
            }
        }
    }

    fn each(
        &mut self,
        quantity: Quantity,
        of: &'a Expr,
        item: &'a Expr,
        test: &'a Expr,
        place: &Range<usize>,
    ) -> Checked {
        if self.item.is_some() {
            return self.fault(place, "a macro does not stand in another: it would take too long");
        }
        let Kind::Name(name) = &item.kind else {
            return self.fault(
                &item.place,
                "the first argument is a name for the item: `tags.exists(tag, tag == \"a\")`",
            );
        };
        let (over, one) = match self.check(of)? {
            (over, Of::List(one)) => (over, one),
            (over, Of::Map { .. }) => (over, One::Text),
            (_, of) => {
                return self.fault(place, format!("{} {of} has no items; lists and maps have", article(of)));
            }
        };
        self.item = Some((name, one));
        let test = self.truth(test);
        self.item = None;
        Some((Node::Each(quantity, over.into(), test?.into()), Of::One(One::Bool)))
    }
}
