//! Which of many rules have to be asked at all: one that is only for certain models, providers, keys is passed over for all
//! others without a look at it.

use std::collections::{BTreeMap, HashMap};

use smallvec::SmallVec;

use super::Rule;
use super::eval::Node;
use super::schema::{Fact, Facts, Scalar};

/// Places of rules, each list in the order in which they are asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Index {
    /// Rules that may fit whatever the call is.
    open: Vec<usize>,
    /// By the name that they look at first, those that a text of it lets through.
    guarded: BTreeMap<String, Guarded>,
}

/// Rules that compare one name with texts that are written out.
#[derive(Clone, Debug, Default, PartialEq)]
struct Guarded {
    by_text: HashMap<String, Vec<usize>>,
    all: Vec<usize>,
}

/// A name, and the texts of which it must be one for a condition to be true.
pub(super) struct Guard<'a> {
    name: &'a str,
    texts: Vec<&'a str>,
}

impl Index {
    pub(super) fn of(rules: &[Rule]) -> Self {
        let mut index = Self::default();
        for (at, rule) in rules.iter().enumerate() {
            let Some(Guard { name, mut texts }) = rule.condition.guard() else {
                index.open.push(at);
                continue;
            };
            let guarded = index.guarded.entry(name.to_owned()).or_default();
            guarded.all.push(at);
            texts.sort_unstable();
            texts.dedup();
            for text in texts {
                guarded.by_text.entry(text.to_owned()).or_default().push(at);
            }
        }
        index
    }

    /// The names that have to be known to choose.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.guarded.keys().map(String::as_str)
    }

    /// The rules that may fit a call of those facts, in the order in which they are asked.
    pub(super) fn choose<'s>(&'s self, facts: &Facts) -> impl Iterator<Item = usize> + use<'s> {
        let mut lists: SmallVec<[&[usize]; 4]> = SmallVec::with_capacity(1 + self.guarded.len());
        lists.push(&self.open[..]);
        for (name, guarded) in &self.guarded {
            lists.push(match facts.get(name) {
                Some(Fact::One(Scalar::String(text))) => guarded.by_text.get(text).map_or(&[][..], |rules| rules),
                // What is not known makes a rule undecided, which is told.
                _ => &guarded.all,
            });
        }
        std::iter::from_fn(move || {
            let some = lists.iter_mut().filter(|list| !list.is_empty());
            let next = some.min_by_key(|list| list[0])?;
            let (first, rest) = next.split_first()?;
            *next = rest;
            Some(*first)
        })
    }
}

/// What a condition demands before anything else. Where that is not so it is false, whatever is unknown of the rest.
pub(super) fn guard(node: &Node) -> Option<Guard<'_>> {
    let text = |scalar: &'_ Scalar| matches!(scalar, Scalar::String(_));
    match node {
        Node::All(nodes) => nodes.iter().find_map(guard),
        Node::Equal(a, b) => match (&**a, &**b) {
            (Node::Fact(name), Node::Value(Scalar::String(text)))
            | (Node::Value(Scalar::String(text)), Node::Fact(name)) => Some(Guard {
                name,
                texts: vec![text],
            }),
            _ => None,
        },
        Node::In(item, list) => match (&**item, &**list) {
            (Node::Fact(name), Node::Values(scalars)) if scalars.iter().all(text) => Some(Guard {
                name,
                texts: scalars.iter().filter_map(Scalar::text).collect(),
            }),
            _ => None,
        },
        _ => None,
    }
}

impl Scalar {
    fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}
