//! What each routing rule made of a call, in words.

use gateway_router::rules::{Condition, Fact, Facts, Place, Rule, Target, Used, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Matched, Routing, facts};
use crate::line::Turn;
use crate::settings::RuleScope;

/// A rule that is for the caller, and what it made of the call.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "AskedRule")]
pub struct RuleTold {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose calls it is for.
    pub scope: RuleScope,
    /// The virtual key, team or customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope_id: Option<String>,
    /// Lower ones are asked first.
    pub priority: i64,
    /// Its condition.
    pub condition: String,
    /// What became of it.
    pub verdict: RuleVerdict,
    /// Why, in a sentence; none for rules that were not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Where calls go that fit it.
    pub targets: Vec<TargetTold>,
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleVerdict {
    /// It fits, and decides.
    Fits,
    /// It does not fit.
    DoesNot,
    /// It speaks of something that the call has not, which counts as not fitting.
    Undecided,
    /// An earlier one decided.
    NotAsked,
}

/// One of a rule's targets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RuleTarget")]
pub struct TargetTold {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// Its part of the rule's calls, from 0 to 1.
    pub share: f64,
    /// Whether the lot falls on it.
    pub drawn: bool,
}

/// What the rules for a caller look at in a call, by the names of its headers, tags and parameters.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "RulesLookAt")]
pub struct LooksAt {
    /// Headers.
    pub headers: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Members of the request's body.
    pub params: Vec<String>,
}

/// All rules for the caller, in the order in which they are asked.
pub(in crate::line) fn told(turn: &Turn, routing: &Routing) -> Vec<RuleTold> {
    let key = turn.principal.key().map(AsRef::as_ref);
    let mut decided = false;
    let mut told = Vec::new();
    for (scope, rules) in turn.snapshot.rules.of(key) {
        for rule in rules {
            let (verdict, why) = if decided {
                (RuleVerdict::NotAsked, None)
            } else {
                let (verdict, why) = verdict(rule, &routing.facts);
                (verdict, Some(why))
            };
            let fits = verdict == RuleVerdict::Fits;
            decided |= fits;
            let drawn = routing.rule.as_ref().filter(|_| fits);
            let scope_id = key.and_then(|key| match scope {
                RuleScope::VirtualKey => Some(key.id.to_string()),
                RuleScope::Team => key.team.as_ref().map(ToString::to_string),
                RuleScope::Customer => key.customer.as_ref().map(ToString::to_string),
                RuleScope::Global => None,
            });
            told.push(RuleTold {
                id: rule.id.clone(),
                name: rule.name.clone(),
                scope,
                scope_id,
                priority: rule.priority,
                condition: rule.condition.source().to_owned(),
                verdict,
                why,
                targets: targets(&rule.targets, drawn),
            });
        }
    }
    told
}

/// What rules for the caller look at, whichever of them decides.
pub(in crate::line) fn looks_at(turn: &Turn) -> LooksAt {
    let key = turn.principal.key().map(AsRef::as_ref);
    let mut found = LooksAt::default();
    for (_, rules) in turn.snapshot.rules.of(key) {
        for (name, used) in rules.uses() {
            let names = match name.as_str() {
                "headers" => &mut found.headers,
                "tags" => &mut found.tags,
                "params" => &mut found.params,
                _ => continue,
            };
            if let Used::Keys(keys) = used {
                names.extend(keys.iter().cloned());
            }
        }
    }
    for names in [&mut found.headers, &mut found.tags, &mut found.params] {
        names.sort_unstable();
        names.dedup();
    }
    found
}

fn targets(targets: &[Target], matched: Option<&Matched>) -> Vec<TargetTold> {
    let sum: f64 = targets.iter().map(|target| target.weight.max(0.0)).sum();
    let told = |target: &Target| TargetTold {
        place: target.place.clone(),
        share: if sum > 0.0 { target.weight.max(0.0) / sum } else { 0.0 },
        drawn: matched.is_some_and(|matched| matched.target == target.place),
    };
    targets.iter().map(told).collect()
}

/// What a condition is of some facts, and why.
fn verdict(rule: &Rule, facts: &Facts) -> (RuleVerdict, String) {
    let condition = &rule.condition;
    match condition.evaluate(facts) {
        Verdict::Fits if condition.source().trim().is_empty() => {
            (RuleVerdict::Fits, "it has no condition, so it always fits".to_owned())
        }
        Verdict::Fits => (RuleVerdict::Fits, with_values("it is true", condition, facts)),
        Verdict::DoesNot => (RuleVerdict::DoesNot, why_not(condition, facts)),
        Verdict::Undecided(why) => (RuleVerdict::Undecided, format!("{why}, which counts as not fitting")),
    }
}

/// Why a condition is not true: the first of its parts that is not, and the values that this part looks at.
pub(crate) fn why_not(condition: &Condition, facts: &Facts) -> String {
    let part = condition.parts().into_iter().find_map(|part| {
        let part = Condition::compile(part, facts::schema()).ok()?;
        (part.evaluate(facts) == Verdict::DoesNot).then_some(part)
    });
    let condition = part.as_ref().unwrap_or(condition);
    with_values(&format!("`{}` is false", condition.source()), condition, facts)
}

fn with_values(said: &str, condition: &Condition, facts: &Facts) -> String {
    let values: Vec<String> = condition
        .uses()
        .iter()
        .flat_map(|(name, used)| values(name, used, facts))
        .collect();
    match values.is_empty() {
        true => said.to_owned(),
        false => format!("{said}: {}", values.join(", ")),
    }
}

/// What was found under a name, as far as it was looked at.
fn values(name: &str, used: &Used, facts: &Facts) -> Vec<String> {
    match (facts.get(name), used) {
        (Some(Fact::One(value)), _) => vec![format!("`{name}` is {value}")],
        (Some(Fact::Map(map)), Used::Keys(keys)) => keys
            .iter()
            .map(|key| match map.get(key) {
                Some(value) => format!("`{name}[{key:?}]` is {value}"),
                None => format!("there is no `{name}[{key:?}]`"),
            })
            .collect(),
        _ => Vec::new(),
    }
}
