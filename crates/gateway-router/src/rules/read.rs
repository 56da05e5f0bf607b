//! What is read off an expression for whoever writes it or wants to know what it made of a call.

use std::ops::Range;

use super::parse::{Expr, Kind, parse};
use super::schema::Scalar;

/// A name of the schema beside a value that is written out: `budget_used > 0.8`, `request_type in ["embedding"]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The name.
    pub name: String,
    /// The operator, as if the name stood on its left.
    pub sign: &'static str,
    /// The value.
    pub value: Scalar,
    /// Where the value stands: a range of bytes of the expression.
    pub place: Range<usize>,
}

/// The parts of an expression that must all be true.
pub(super) fn parts(source: &str) -> Vec<&str> {
    let whole = source.trim();
    if whole.is_empty() {
        return Vec::new();
    }
    match parse(source).map(|expr| expr.kind) {
        Ok(Kind::All(parts)) => parts.iter().filter_map(|part| source.get(part.place.clone())).collect(),
        _ => vec![whole],
    }
}

/// All comparisons of names with written values.
pub(super) fn comparisons(source: &str) -> Vec<Comparison> {
    let mut found = Vec::new();
    if let Ok(expr) = parse(source) {
        collect(&expr, &mut found);
    }
    found
}

fn collect(expr: &Expr, found: &mut Vec<Comparison>) {
    if let Kind::Binary(sign, a, b) = &expr.kind {
        match (&a.kind, &b.kind) {
            (Kind::Name(name), Kind::List(values)) => {
                found.extend(values.iter().filter_map(|value| comparison(name, sign, value)));
            }
            (Kind::Name(name), _) => found.extend(comparison(name, sign, b)),
            (_, Kind::Name(name)) => found.extend(comparison(name, mirrored(sign), a)),
            _ => {}
        }
    }
    for part in expr.kind.parts() {
        collect(part, found);
    }
}

fn comparison(name: &str, sign: &'static str, value: &Expr) -> Option<Comparison> {
    let scalar = match &value.kind {
        Kind::Bool(truth) => Scalar::Bool(*truth),
        Kind::Int(number) => Scalar::Int(*number),
        Kind::Double(number) => Scalar::Double(*number),
        Kind::Text(text) => Scalar::String(text.clone()),
        _ => return None,
    };
    Some(Comparison {
        name: name.to_owned(),
        sign,
        value: scalar,
        place: value.place.clone(),
    })
}

/// The operator with its sides exchanged.
fn mirrored(sign: &'static str) -> &'static str {
    match sign {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        same => same,
    }
}

impl Kind {
    /// What it is made of.
    fn parts(&self) -> Vec<&Expr> {
        match self {
            Self::Bool(_) | Self::Int(_) | Self::Double(_) | Self::Text(_) | Self::Name(_) => Vec::new(),
            Self::List(parts) | Self::All(parts) | Self::Any(parts) => parts.iter().collect(),
            Self::Field(of, _) | Self::Not(of) | Self::Minus(of) => vec![of],
            Self::Index(a, b) | Self::Binary(_, a, b) => vec![a, b],
            Self::Call { of, args, .. } => of.iter().map(AsRef::as_ref).chain(args).collect(),
            Self::If(condition, yes, no) => vec![condition, yes, no],
        }
    }
}
