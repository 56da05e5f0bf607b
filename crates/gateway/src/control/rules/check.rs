//! What an editor of conditions asks while somebody types: what is wrong and where, what is probably not meant, and what the
//! condition is of a sample call.

use std::ops::Range;

use gateway_router::rules::{Comparison, Condition, Facts, Fault, Scalar, Used, Verdict};
use gateway_types::Operation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{Control, ControlError, read};
use crate::control::upstream::request_type;
use crate::line::rules::facts;
use crate::line::rules::told::why_not;

/// The facts that are percentages.
const PERCENT: [&str; 3] = ["budget_used", "tokens_used", "request"];

/// A condition to look at.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConditionCheck")]
pub struct Check {
    /// The condition.
    pub cel_expression: String,
    /// What a sample call is like, by the names of the schema: whether the condition is true of it is told too.
    pub facts: Option<Facts>,
}

/// What is to be said of a condition.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConditionChecked")]
pub struct Checked {
    /// Whether a rule may have it.
    pub valid: bool,
    /// Why not.
    pub errors: Vec<ConditionFault>,
    /// What is allowed and probably not meant.
    pub warnings: Vec<ConditionFault>,
    /// The names that it looks at; a key of a map as `headers.x-tier`.
    pub uses: Vec<String>,
    /// What it is of the sample call; null where there is none, or the condition is wrong.
    pub verdict: Option<ConditionVerdict>,
}

/// Something about a part of a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConditionFault {
    /// What it is, and what would be right.
    pub message: String,
    /// Where it begins, in characters from 0.
    pub position: usize,
    /// Where it ends.
    pub end: usize,
    /// The line where it begins, from 1.
    pub line: usize,
    /// The column where it begins, from 1.
    pub column: usize,
    /// What is probably meant, to stand there instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
}

/// What a condition is of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConditionVerdict {
    /// Whether it is true; null where it speaks of something that the call has not, which counts as not.
    pub fits: Option<bool>,
    /// Why it is not.
    pub why: Option<String>,
}

/// What conditions may speak of.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ConditionSchema {
    /// Every name.
    pub names: Vec<ConditionName>,
}

/// A name that conditions may use.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ConditionName {
    /// The name.
    pub name: String,
    /// Its type, in CEL's words.
    #[serde(rename = "type")]
    pub of: String,
    /// What it is.
    pub description: String,
    /// All that it can be, where that is a short list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<&'static str>,
}

impl Control {
    /// `POST /api/governance/routing-rules/check`.
    pub fn check_condition(body: Value) -> Result<Checked, ControlError> {
        let Check { cel_expression, facts } = read::typed(Value::Object(read::object(body, "")?), "")?;
        let source = cel_expression.as_str();
        Ok(match Condition::compile(source, facts::schema()) {
            Ok(condition) => Checked {
                valid: true,
                errors: Vec::new(),
                warnings: warnings(&condition),
                uses: uses(&condition),
                verdict: facts.map(|facts| verdict(&condition, &facts)),
            },
            Err(faults) => Checked {
                valid: false,
                errors: faults.into_iter().map(|fault| shown(source, fault)).collect(),
                warnings: Vec::new(),
                uses: Vec::new(),
                verdict: None,
            },
        })
    }

    /// `GET /api/governance/routing-rules/schema`.
    pub fn condition_schema() -> ConditionSchema {
        let names = facts::schema().names().map(|(name, of, what)| ConditionName {
            name: name.to_owned(),
            of: of.to_string(),
            description: what.to_owned(),
            values: values(name),
        });
        ConditionSchema { names: names.collect() }
    }
}

fn verdict(condition: &Condition, facts: &Facts) -> ConditionVerdict {
    let (fits, why) = match condition.evaluate(facts) {
        Verdict::Fits => (Some(true), None),
        Verdict::DoesNot => (Some(false), Some(why_not(condition, facts))),
        Verdict::Undecided(why) => (None, Some(format!("{why}, which counts as not fitting"))),
    };
    ConditionVerdict { fits, why }
}

fn uses(condition: &Condition) -> Vec<String> {
    let each = |(name, used): (&String, &Used)| match used {
        Used::Whole => vec![name.clone()],
        Used::Keys(keys) => keys.iter().map(|key| format!("{name}.{key}")).collect(),
    };
    condition.uses().iter().flat_map(each).collect()
}

/// All that a name can be, where that is a short list.
fn values(name: &str) -> Vec<&'static str> {
    let mut words: Vec<&'static str> = match name {
        "operation" => Operation::ALL.map(Operation::as_str).to_vec(),
        "request_type" => Operation::ALL.map(|of| request_type(of, false).as_str()).to_vec(),
        _ => return Vec::new(),
    };
    let mut seen = std::collections::BTreeSet::new();
    words.retain(|word| seen.insert(*word));
    words
}

/// What is allowed and probably not meant.
fn warnings(condition: &Condition) -> Vec<ConditionFault> {
    let source = condition.source();
    let compared = condition.comparisons();
    let mut faults: Vec<Fault> = compared.iter().filter_map(unlikely).collect();
    faults.extend(never_seen(condition));
    faults.into_iter().map(|fault| shown(source, fault)).collect()
}

fn unlikely(compared: &Comparison) -> Option<Fault> {
    let Comparison { name, value, place, .. } = compared;
    let fault = |message: String, instead: Option<String>| {
        Some(Fault {
            place: place.clone(),
            message,
            instead,
        })
    };
    match (name.as_str(), value) {
        (name, Scalar::Double(part)) if PERCENT.contains(&name) && *part > 0.0 && *part < 1.0 => fault(
            format!("`{name}` is in percent, from 0 to 100: {part} is less than one percent"),
            Some(format!("{}", part * 100.0)),
        ),
        ("operation" | "request_type", Scalar::String(word)) => {
            let known = values(name);
            let near = known.iter().find(|known| known.starts_with(word.as_str()));
            (!known.contains(&word.as_str())).then_some(())?;
            fault(
                format!("`{name}` is never `{word}`; it is one of {}", known.join(", ")),
                near.map(|near| format!("{near:?}")),
            )
        }
        ("model", Scalar::String(word)) if word.is_empty() => {
            fault("`model` is never empty: a request must name one".to_owned(), None)
        }
        _ => None,
    }
}

/// Keys of maps that no call ever has.
fn never_seen(condition: &Condition) -> Vec<Fault> {
    let source = condition.source();
    let mut found = Vec::new();
    for (name, used) in condition.uses() {
        let Used::Keys(keys) = used else { continue };
        for key in keys {
            let message = match name.as_str() {
                "headers" if facts::CREDENTIALS.contains(&key.as_str()) => {
                    format!("no condition sees the header `{key}`: it can be a credential")
                }
                "params" if facts::CONTENTS.contains(&key.as_str()) || key == "messages" => {
                    format!("no condition sees `{key}`: it is what is said, not how to answer it")
                }
                _ => continue,
            };
            found.push(Fault {
                place: place_of(source, name, key),
                message,
                instead: None,
            });
        }
    }
    found
}

/// Where a key of a map is probably written.
fn place_of(source: &str, name: &str, key: &str) -> Range<usize> {
    let lower = source.to_ascii_lowercase();
    let after = lower.find(name).unwrap_or(0);
    let start = lower[after..].find(key).map_or(after, |at| after + at);
    let length = if lower[start..].starts_with(key) {
        key.len()
    } else {
        name.len()
    };
    start..(start + length).min(source.len())
}

fn shown(source: &str, fault: Fault) -> ConditionFault {
    let (line, column) = fault.line_and_column(source);
    let marked = source.get(fault.place.clone());
    let position = fault.position(source);
    ConditionFault {
        position,
        end: position + marked.map_or(0, |marked| marked.chars().count()),
        line,
        column,
        message: fault.message,
        instead: fault.instead,
    }
}
