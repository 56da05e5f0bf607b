//! Routing rules: checked against what they may speak of, put in order by whose calls they are for, and kept through the
//! management API.

mod check;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use gateway_governance::directory::{Fault, VirtualKey};
use gateway_router::rules::{Condition, Rule, Rules, Target};

use super::Shared;
use super::answers::Plainly;
use super::documents::Document;
use super::foreign::{Foreign, ROUTING_RULE};
use super::state::Docs;
use crate::line::rules::facts;
use crate::settings::{RoutingRule, RuleScope};

pub use check::{Check, Checked, ConditionFault, ConditionName, ConditionSchema, ConditionVerdict};

/// How far from 1 the weights of a rule may sum to.
const TOLERANCE: f64 = 1e-6;

/// All rules that are in force, by whose calls they are for.
#[derive(Debug, Default)]
pub(crate) struct RuleBook {
    said: Vec<RoutingRule>,
    global: Rules,
    scoped: HashMap<RuleScope, HashMap<String, Rules>>,
}

impl RuleBook {
    /// Checks all rules and puts them in order. What is said as `before` stays as it is.
    pub(super) fn compile(docs: &Docs, before: &Arc<Self>) -> Result<Arc<Self>, Vec<Fault>> {
        let said: Vec<RoutingRule> = docs.plain.routing_rules.values().cloned().collect();
        let mut faults = Faults::default();
        faults.check_scopes(&said, docs);
        if faults.0.is_empty() && said == before.said {
            return Ok(Arc::clone(before));
        }
        let mut sorted: HashMap<(RuleScope, String), Vec<Rule>> = HashMap::new();
        for (index, rule) in said.iter().enumerate() {
            let compiled = faults.check(index, rule);
            if let Some(compiled) = compiled.filter(|_| rule.enabled) {
                let scope = (rule.scope, rule.scope_id.clone().unwrap_or_default());
                sorted.entry(scope).or_default().push(compiled);
            }
        }
        if !faults.0.is_empty() {
            return Err(faults.0);
        }
        let mut book = Self {
            said,
            ..Self::default()
        };
        for ((scope, id), rules) in sorted {
            let rules = Rules::new(rules);
            match scope {
                RuleScope::Global => book.global = rules,
                _ => drop(book.scoped.entry(scope).or_default().insert(id, rules)),
            }
        }
        Ok(Arc::new(book))
    }

    /// The rules for calls of that key, or of nobody: the key's own, its team's, its customer's, the global ones.
    pub(crate) fn of<'b>(&'b self, key: Option<&'b VirtualKey>) -> impl Iterator<Item = (RuleScope, &'b Rules)> {
        let owners = [
            (RuleScope::VirtualKey, key.map(|key| key.id.as_str())),
            (RuleScope::Team, key.and_then(|key| Some(key.team.as_ref()?.as_str()))),
            (
                RuleScope::Customer,
                key.and_then(|key| Some(key.customer.as_ref()?.as_str())),
            ),
        ];
        let scoped = owners
            .into_iter()
            .filter_map(|(scope, id)| Some((scope, self.scoped.get(&scope)?.get(id?)?)));
        let global = Some((RuleScope::Global, &self.global)).filter(|(_, rules)| !rules.is_empty());
        scoped.chain(global)
    }
}

/// What is wrong with rules. Paths begin with `routing_rules[n]`.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, index: usize, field: &str, message: impl Into<String>) {
        self.0.push((format!("routing_rules[{index}].{field}"), message.into()));
    }

    /// Whose calls rules are for: that is there, and no two of its rules have a name in common.
    fn check_scopes(&mut self, rules: &[RoutingRule], docs: &Docs) {
        let mut names = BTreeSet::new();
        for (index, rule) in rules.iter().enumerate() {
            let words = rule.scope.words();
            match (&rule.scope_id, rule.scope) {
                (None, RuleScope::Global) => {}
                (Some(_), RuleScope::Global) => {
                    self.add(
                        index,
                        "scope_id",
                        "a global rule is for everybody: leave it out, or name a `scope`",
                    );
                }
                (None, _) => self.add(index, "scope_id", format!("it is missing: the id of the {words}")),
                (Some(id), scope) if !exists(docs, scope, id) => {
                    self.add(index, "scope_id", format!("there is no {words} `{id}`"));
                }
                _ => {}
            }
            if !names.insert((rule.scope, &rule.scope_id, &rule.name)) {
                let message = format!("another rule of the same scope is called `{}`", rule.name);
                self.add(index, "name", message);
            }
        }
    }

    fn check(&mut self, index: usize, rule: &RoutingRule) -> Option<Rule> {
        let before = self.0.len();
        if rule.name.trim().is_empty() {
            self.add(index, "name", "it is empty: a name to show");
        }
        self.check_targets(index, rule);
        for (number, fallback) in rule.fallbacks.iter().enumerate() {
            let place = fallback.place();
            let empty = |name: Option<&str>| name.is_some_and(|name| name.trim().is_empty());
            let provider = place.provider.as_ref().map(|provider| provider.as_str());
            if empty(provider) || empty(place.model.as_ref().map(|model| model.as_str())) {
                let message = "it names nothing: write `provider/model`, `provider/` or a model";
                self.add(index, &format!("fallbacks[{number}]"), message);
            }
        }
        let condition = match Condition::compile(&rule.cel_expression, facts::schema()) {
            Ok(condition) => condition,
            Err(faults) => {
                for fault in faults {
                    let (line, column) = fault.line_and_column(&rule.cel_expression);
                    self.add(
                        index,
                        "cel_expression",
                        format!("line {line}, column {column}: {fault}"),
                    );
                }
                return None;
            }
        };
        (self.0.len() == before).then(|| Rule {
            id: rule.id.clone(),
            name: rule.name.clone(),
            priority: rule.priority,
            condition,
            targets: rule
                .targets
                .iter()
                .map(|target| Target {
                    place: target.place(),
                    weight: target.weight,
                })
                .collect(),
            fallbacks: rule.fallbacks.iter().map(|fallback| fallback.place()).collect(),
        })
    }

    fn check_targets(&mut self, index: usize, rule: &RoutingRule) {
        if rule.targets.is_empty() {
            let message =
                "there are none: name at least one, such as {\"provider\": \"openai\", \"model\": \"gpt-4o\"}";
            return self.add(index, "targets", message);
        }
        let mut seen = BTreeSet::new();
        for (number, target) in rule.targets.iter().enumerate() {
            let place = target.place();
            let empty = |name: Option<&str>| name.is_some_and(|name| name.trim().is_empty());
            for (field, name) in [
                ("provider", place.provider.as_ref().map(|provider| provider.as_str())),
                ("model", place.model.as_ref().map(|model| model.as_str())),
                ("key_id", place.key.as_ref().map(|key| key.as_str())),
            ] {
                if empty(name) {
                    let message = "it is empty; leave it out, and it stays as it was asked for";
                    self.add(index, &format!("targets[{number}].{field}"), message);
                }
            }
            if place.key.is_some() && place.provider.is_none() {
                let message = "a key is a provider's: name the `provider` too";
                self.add(index, &format!("targets[{number}].key_id"), message);
            }
            if !(target.weight > 0.0 && target.weight.is_finite()) {
                let message = format!(
                    "it is {}, and must be above 0; take out what nothing is to go to",
                    target.weight
                );
                self.add(index, &format!("targets[{number}].weight"), message);
            }
            if !seen.insert(place) {
                self.add(
                    index,
                    &format!("targets[{number}]"),
                    "an earlier target is the same: add its weight to that",
                );
            }
        }
        let sum: f64 = rule.targets.iter().map(|target| target.weight).sum();
        if (sum - 1.0).abs() > TOLERANCE {
            self.add(
                index,
                "targets",
                format!("their weights sum to {sum}, and must sum to 1"),
            );
        }
    }
}

/// Whether there is whose calls a rule is for.
fn exists(docs: &Docs, scope: RuleScope, id: &str) -> bool {
    match scope {
        RuleScope::VirtualKey => docs.virtual_keys.keys().any(|key| key.as_str() == id),
        RuleScope::Team => docs.plain.teams.contains_key(id),
        RuleScope::Customer => docs.plain.customers.contains_key(id),
        RuleScope::Global => true,
    }
}

impl Document for RoutingRule {
    const ONE: &'static str = "rule";
    const MANY: &'static str = "rules";
    const FILTERS: &'static [&'static str] = &["scope", "scope_id"];
    const NAMED: bool = true;
    type View = Plainly<Self>;
    const FOREIGN: &'static Foreign = &ROUTING_RULE;

    fn shown(&self, shared: &Shared, origin: String) -> Plainly<Self> {
        Plainly {
            said: self.clone(),
            origin,
            warnings: dangling(self, shared),
        }
    }

    fn searched(&self) -> Vec<&str> {
        vec![&self.id, &self.name]
    }
}

/// Warnings about targets whose provider, or key of it, is not there (yet).
fn dangling(rule: &RoutingRule, shared: &Shared) -> Vec<String> {
    let snapshot = shared.snapshot.load();
    let targets = rule.targets.iter().map(|target| target.place()).enumerate();
    let targets = targets.map(|(number, place)| (format!("targets[{number}]"), place));
    let fallbacks = rule.fallbacks.iter().map(|fallback| fallback.place()).enumerate();
    let fallbacks = fallbacks.map(|(number, place)| (format!("fallbacks[{number}]"), place));
    let mut warnings = Vec::new();
    for (at, place) in targets.chain(fallbacks) {
        let Some(provider) = place.provider else { continue };
        match (snapshot.upstreams.get(&provider), place.key) {
            (None, _) => warnings.push(format!("`{at}`: there is no provider `{provider}` yet")),
            (Some(upstream), Some(id)) if !upstream.keys.iter().any(|key| key.is_called(&id)) => {
                warnings.push(format!("`{at}`: provider `{provider}` has no key `{id}` yet"));
            }
            _ => {}
        }
    }
    warnings
}
