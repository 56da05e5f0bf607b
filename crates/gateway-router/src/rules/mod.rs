//! Rules: where calls go that fit a condition.
//!
//! A [`Condition`] is a CEL expression over named [`Facts`]. The router does not know what the facts mean: a [`Schema`] says
//! which names there are and of which type, conditions are checked against it when they are made, and whoever asks fills
//! the facts in. [`Rules`] are the rules of one scope in their order, and [`decide`] asks several scopes, the nearest first:
//!
//! ```
//! use gateway_router::rules::{Condition, Fact, Facts, Place, Rule, Rules, Schema, Target, Type, decide};
//!
//! let schema = Schema::new()
//!     .name("model", Type::String, "the model as asked for")
//!     .name("headers", Type::HeaderMap, "the headers of the call")
//!     .name("budget_used", Type::Double, "percent of the budget that is spent");
//!
//! // What is wrong is told with its place, when the rule is made and not when it is needed.
//! let faults = Condition::compile("budget > 80", &schema).unwrap_err();
//! assert_eq!(faults[0].to_string(), "unknown name `budget`; did you mean `budget_used`?");
//! assert_eq!(faults[0].place, 0..6);
//!
//! let premium = Condition::compile(r#"headers["X-Tier"] == "premium" && budget_used < 80"#, &schema).expect("it is checked");
//! let rules = Rules::new(vec![Rule {
//!     id: "premium".into(),
//!     name: "Premium customers".into(),
//!     priority: 0,
//!     condition: premium,
//!     targets: vec![
//!         Target { place: Place::provider("openai"), weight: 0.7 },
//!         Target { place: Place::provider("azure"), weight: 0.3 },
//!     ],
//!     fallbacks: vec![],
//! }]);
//!
//! let facts = Facts::new()
//!     .with("headers", [("x-tier".to_owned(), "premium")].into_iter().collect::<Fact>())
//!     .with("budget_used", 12.5);
//! let decision = decide([&rules], &facts, 42);
//! let chosen = decision.chosen.expect("the rule fits");
//! assert_eq!(chosen.rule.id, "premium");
//! assert_eq!(chosen.place(), decide([&rules], &facts, 42).chosen.expect("it does again").place());
//!
//! // A call without the header does not fit, and the decision says why.
//! let decision = decide([&rules], &Facts::new().with("headers", Fact::Map(Default::default())).with("budget_used", 0.0), 42);
//! assert!(decision.chosen.is_none());
//! assert_eq!(decision.undecided[0].why.to_string(), "there is no `x-tier`");
//! ```

mod check;
mod condition;
mod eval;
mod fault;
mod index;
mod parse;
mod read;
mod schema;
mod token;
mod value;

#[cfg(test)]
mod tests;

use gateway_types::{KeyId, ModelName, ProviderName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

pub use condition::{Condition, Verdict};
pub use eval::Unknown;
pub use fault::Fault;
pub use read::Comparison;
pub use schema::{Fact, Facts, Scalar, Schema, Type, Used, Uses};

use crate::rng::{Rng, hash};
use index::Index;

/// How many undecided rules a decision tells.
const UNDECIDED_TOLD: usize = 16;

/// A condition, and where calls go that fit it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What it is called by.
    pub id: String,
    /// A name to show.
    pub name: String,
    /// Lower ones are asked first; of equal ones, the one with the lesser id.
    pub priority: i64,
    /// When it fits.
    pub condition: Condition,
    /// Where a call then goes: one of these, by weight.
    pub targets: Vec<Target>,
    /// What is tried afterwards, in this order.
    pub fallbacks: Vec<Place>,
}

/// A place, and how much of what fits goes there.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The place.
    pub place: Place,
    /// Its share.
    pub weight: f64,
}

/// A place that a call is sent to. What is not said stays as it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelName>,
    /// The provider's key.
    #[serde(skip_serializing_if = "Option::is_none", rename = "key_id")]
    pub key: Option<KeyId>,
}

impl Place {
    /// A provider, with the model as asked for.
    pub fn provider(name: impl Into<ProviderName>) -> Self {
        Self {
            provider: Some(name.into()),
            ..Self::default()
        }
    }

    /// A model, wherever it is served.
    pub fn model(name: impl Into<ModelName>) -> Self {
        Self {
            model: Some(name.into()),
            ..Self::default()
        }
    }
}

/// The rules of one scope, in the order in which they are asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    rules: Vec<Rule>,
    uses: Uses,
    index: Index,
}

impl Rules {
    /// Puts rules in order.
    pub fn new(mut rules: Vec<Rule>) -> Self {
        rules.sort_by(|a, b| (a.priority, &a.id).cmp(&(b.priority, &b.id)));
        let mut uses = Uses::new();
        for (name, used) in rules.iter().flat_map(|rule| rule.condition.uses()) {
            uses.entry(name.clone()).or_default().join(used);
        }
        let index = Index::of(&rules);
        Self { rules, uses, index }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// All of them, in the order in which they are asked.
    pub fn iter(&self) -> std::slice::Iter<'_, Rule> {
        self.rules.iter()
    }

    /// What any of them uses: all that has to be known to ask them.
    pub fn uses(&self) -> &Uses {
        &self.uses
    }

    /// Asks them as [`decide`] does. What has to be known is noted by `tell`, name by name, and only when a rule that has to
    /// be asked uses it.
    pub fn decide(&self, facts: &mut Facts, seed: u64, mut tell: impl FnMut(&mut Facts, &str, &Used)) -> Decision<'_> {
        let mut told: SmallVec<[&str; 8]> = SmallVec::new();
        let mut need = |facts: &mut Facts, name: &'_ str| {
            if let Some((name, used)) = self.uses.get_key_value(name).filter(|_| !told.contains(&name)) {
                told.push(name);
                tell(facts, name, used);
            }
        };
        self.index.names().for_each(|name| need(facts, name));
        let mut decision = Decision::default();
        for rule in self.index.choose(facts).filter_map(|at| self.rules.get(at)) {
            rule.condition.uses().keys().for_each(|name| need(facts, name));
            if decision.asks(rule, facts, seed) {
                break;
            }
        }
        decision
    }
}

impl<'r> IntoIterator for &'r Rules {
    type Item = &'r Rule;
    type IntoIter = std::slice::Iter<'r, Rule>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What rules make of a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision<'r> {
    /// The first rule that fits, if any does.
    pub chosen: Option<Chosen<'r>>,
    /// The first few rules that were asked before and could not be decided, in order.
    pub undecided: Vec<Undecided<'r>>,
}

/// A rule that fits, and the one of its targets that the lot fell on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// Which of its targets.
    pub target: usize,
}

impl<'r> Chosen<'r> {
    /// Where the call goes; as it was asked for, where the rule has no targets.
    pub fn place(&self) -> Option<&'r Place> {
        self.rule.targets.get(self.target).map(|target| &target.place)
    }
}

/// A rule that could not be decided, which counts as one that does not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Undecided<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// What it speaks of that the call has not.
    pub why: Unknown,
}

/// Asks the rules of several scopes, one scope after the other: the first rule that fits wins. Its target is drawn from the
/// seed, so that the same seed draws the same one.
pub fn decide<'r>(scopes: impl IntoIterator<Item = &'r Rules>, facts: &Facts, seed: u64) -> Decision<'r> {
    let mut decision = Decision::default();
    let rules_of = |scope: &'r Rules| scope.index.choose(facts).filter_map(|at| scope.rules.get(at));
    scopes
        .into_iter()
        .flat_map(rules_of)
        .any(|rule| decision.asks(rule, facts, seed));
    decision
}

impl<'r> Decision<'r> {
    /// Asks one more rule, and tells whether it decides.
    fn asks(&mut self, rule: &'r Rule, facts: &Facts, seed: u64) -> bool {
        match rule.condition.evaluate(facts) {
            Verdict::Fits => {
                let target = draw(rule, seed);
                self.chosen = Some(Chosen { rule, target });
            }
            Verdict::Undecided(why) if self.undecided.len() < UNDECIDED_TOLD => {
                self.undecided.push(Undecided { rule, why });
            }
            Verdict::Undecided(_) | Verdict::DoesNot => {}
        }
        self.chosen.is_some()
    }
}

/// The target that the lot falls on. The rule has a lot of its own: the plan draws from the same seed.
fn draw(rule: &Rule, seed: u64) -> usize {
    let weight = |target: &Target| target.weight.max(0.0);
    let total: f64 = rule.targets.iter().map(weight).sum();
    let mut lot = Rng::new(seed ^ hash(&["rule", &rule.id])).unit() * total;
    let falls = |target: &Target| {
        lot -= weight(target);
        lot < 0.0
    };
    rule.targets
        .iter()
        .position(falls)
        .unwrap_or_else(|| rule.targets.len().saturating_sub(1))
}
