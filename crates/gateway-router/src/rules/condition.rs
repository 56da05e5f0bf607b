//! A condition: an expression that was checked against a schema.

use std::fmt;
use std::sync::Arc;

use super::check::Checker;
use super::eval::{self, Node, Unknown};
use super::fault::Fault;
use super::index::{self, Guard};
use super::parse;
use super::read::{self, Comparison};
use super::schema::{Facts, Schema, Uses};

/// A CEL expression that is true or false of [`Facts`], checked against a [`Schema`]. Cheap to clone.
///
/// It reads CEL's names, texts, numbers and lists; `&&`, `||`, `!`, `?:`, comparisons, arithmetic and `in`; fields and keys
/// of maps; `has`, `size`, `int`, `double`, `contains`, `startsWith`, `endsWith`, `matches`, `lowerAscii`, `upperAscii`; and
/// the macros `all`, `exists` and `exists_one`. What it reads means what CEL says, with one thing that CEL leaves to the
/// program: whole numbers and others may be compared. An empty expression is always true.
#[derive(Clone)]
pub struct Condition(Arc<Compiled>);

struct Compiled {
    source: String,
    node: Option<Node>,
    uses: Uses,
}

/// What a condition is of some facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// True.
    Fits,
    /// False.
    DoesNot,
    /// Neither, which counts as false: it speaks of something that this call has not.
    Undecided(Unknown),
}

impl Condition {
    /// Checks an expression: every name, type and call in it. Gives all faults that are found.
    pub fn compile(source: &str, schema: &Schema) -> Result<Self, Vec<Fault>> {
        let mut compiled = Compiled {
            source: source.to_owned(),
            node: None,
            uses: Uses::new(),
        };
        if !source.trim().is_empty() {
            let expr = parse::parse(source).map_err(|fault| vec![fault])?;
            let mut checker = Checker::new(schema);
            let node = checker.truth(&expr);
            let (mut faults, uses) = checker.finish();
            if !faults.is_empty() {
                faults.sort_by_key(|fault| fault.place.start);
                return Err(faults);
            }
            (compiled.node, compiled.uses) = (node, uses);
        }
        Ok(Self(Arc::new(compiled)))
    }

    /// The expression as it was written.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// What has to be known to decide it.
    pub fn uses(&self) -> &Uses {
        &self.0.uses
    }

    /// The parts that must all be true, each as it is written: one, unless it is several joined by `&&`.
    pub fn parts(&self) -> Vec<&str> {
        read::parts(self.source())
    }

    /// Where it compares a name of the schema with a value that is written out.
    pub fn comparisons(&self) -> Vec<Comparison> {
        read::comparisons(self.source())
    }

    /// What a call must be for it to be true, where it says that with a plain comparison.
    pub(super) fn guard(&self) -> Option<Guard<'_>> {
        self.0.node.as_ref().and_then(index::guard)
    }

    /// Whether it is true of those facts. Never panics, and takes time in proportion to the expression and the facts.
    pub fn evaluate(&self, facts: &Facts) -> Verdict {
        match self.0.node.as_ref().map(|node| eval::evaluate(node, facts)) {
            None | Some(Ok(true)) => Verdict::Fits,
            Some(Ok(false)) => Verdict::DoesNot,
            Some(Err(unknown)) => Verdict::Undecided(unknown),
        }
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Condition").field(&self.0.source).finish()
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source && self.0.uses == other.0.uses
    }
}
