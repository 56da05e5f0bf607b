//! Routing rules on the line: they are asked once a call's caller and contents are known, and say where it is to go before
//! it is looked where it may go. What the caller's key does not allow stays out of reach, whatever a rule says.

pub(crate) mod facts;
pub(crate) mod told;

use std::sync::Arc;

use gateway_governance::access::{Allowed, Serves};
use gateway_governance::directory::Principal;
use gateway_router::rules::{Chosen, Facts, Place};
use gateway_types::{Call, Error, ErrorKind, KeyId, ModelName, ProviderName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Turn;
use crate::control::memo::Granted;
use crate::control::snapshot::Snapshot;
use crate::settings::RuleScope;

/// What rules made of a call, for its log row and for `explain`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Routing {
    /// The rule that fits, if one does.
    pub rule: Option<Matched>,
    /// Rules that were asked before and speak of something that the call has not.
    pub undecided: Vec<Undecided>,
    /// What the rules that were asked use of the call.
    pub facts: Facts,
}

/// A rule that fits, and where the call goes by it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MatchedRule")]
pub struct Matched {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose calls it is for.
    pub scope: RuleScope,
    /// Its condition.
    pub condition: String,
    /// The target that the lot fell on.
    pub target: Place,
    /// What is tried afterwards.
    pub fallbacks: Vec<Place>,
}

/// A rule that could not be decided.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UndecidedRule")]
pub struct Undecided {
    /// Its id.
    pub id: String,
    /// What it speaks of that the call has not.
    pub why: String,
}

/// What was asked for.
#[derive(Clone, Copy, Debug)]
struct Asked<'a> {
    /// The provider, where the model has its name in front.
    provider: Option<&'a str>,
    /// The model without it.
    model: &'a str,
}

/// Asks the rules that are for the caller. `None`: there are none at all.
pub(super) fn route(turn: &Turn, call: &Call) -> Option<Routing> {
    let key = turn.principal.key().map(AsRef::as_ref);
    let mut scopes = turn.snapshot.rules.of(key).peekable();
    scopes.peek()?;
    let telling = facts::Telling::of(turn, call);
    let mut routing = Routing {
        rule: None,
        undecided: Vec::new(),
        facts: Facts::new(),
    };
    for (scope, rules) in scopes {
        let decision = rules.decide(&mut routing.facts, turn.seed(), |facts, name, used| {
            telling.tell(facts, name, used);
        });
        routing
            .undecided
            .extend(decision.undecided.iter().map(|undecided| Undecided {
                id: undecided.rule.id.clone(),
                why: undecided.why.to_string(),
            }));
        if let Some(chosen) = decision.chosen {
            routing.rule = Some(Matched::new(scope, &chosen));
            break;
        }
    }
    Some(routing)
}

impl Matched {
    fn new(scope: RuleScope, chosen: &Chosen<'_>) -> Self {
        let rule = chosen.rule;
        Self {
            id: rule.id.clone(),
            name: rule.name.clone(),
            scope,
            condition: rule.condition.source().to_owned(),
            target: chosen.place().cloned().unwrap_or_default(),
            fallbacks: rule.fallbacks.clone(),
        }
    }

    /// What the caller may use of where the rule sends the call: the target first, then the rule's fallbacks, then the
    /// request's own. What the caller may not use drops out; if nothing is left, the target's refusal is the answer.
    pub(super) fn grants(&self, turn: &Turn, call: &Call) -> Result<Vec<Arc<Granted>>, Error> {
        let (principal, snapshot) = (&turn.principal, &*turn.snapshot);
        let asked = Asked::of(&call.model, principal, snapshot);
        let mut target = self.target.clone();
        // What a target does not say stays as it was asked; a fallback without a provider is served by whoever may.
        target.provider = target.provider.or_else(|| asked.provider.map(ProviderName::from));
        let first = asked.at(&target, principal, snapshot);
        let rest = self.fallbacks.iter().map(|place| asked.at(place, principal, snapshot));
        let own = call.fallbacks.iter().map(|model| snapshot.granted(principal, model));
        let mut refused = None;
        let mut grants = Vec::new();
        for grant in std::iter::once(first).chain(rest).chain(own) {
            match grant {
                Ok(grant) => grants.push(grant),
                Err(error) => drop(refused.get_or_insert(error)),
            }
        }
        match refused.filter(|_| grants.is_empty()) {
            Some(mut error) => {
                error.message = format!("{} (routing rule `{}` sends the call there)", error.message, self.id);
                Err(error)
            }
            None => Ok(grants),
        }
    }
}

impl<'a> Asked<'a> {
    fn of(whole: &'a ModelName, principal: &Principal, snapshot: &Snapshot) -> Self {
        let model = whole.as_str();
        let Some((provider, rest)) = model.split_once('/').filter(|(_, rest)| !rest.is_empty()) else {
            return Self { provider: None, model };
        };
        let selects = match snapshot.granted(principal, whole) {
            Ok(granted) => granted.pinned,
            Err(_) => snapshot.is_provider(provider),
        };
        match selects {
            true => Self {
                provider: Some(provider),
                model: rest,
            },
            false => Self { provider: None, model },
        }
    }

    /// What the caller may use of a place.
    fn at(&self, place: &Place, principal: &Principal, snapshot: &Snapshot) -> Result<Arc<Granted>, Error> {
        let as_asked = || ModelName::from(self.model);
        let model = place.model.clone().unwrap_or_else(as_asked);
        let granted = match &place.provider {
            Some(provider) => snapshot.granted_at(principal, provider, &model)?,
            None => snapshot.granted(principal, &model)?,
        };
        let Some(key) = &place.key else { return Ok(granted) };
        let mut grant = Granted::into_grant(granted);
        grant.allowed.retain_mut(|allowed| narrow(allowed, key, snapshot));
        if grant.allowed.is_empty() {
            let message = format!("{principal} may not use key `{key}`, or its provider has none of that name");
            return Err(Error::new(ErrorKind::ProviderBlocked, message));
        }
        Ok(Arc::new(Granted::new(grant, snapshot)))
    }
}

/// Leaves one key of a provider, if the caller may use it.
fn narrow(allowed: &mut Allowed, wanted: &KeyId, snapshot: &Snapshot) -> bool {
    let upstream = snapshot.upstreams.get(&allowed.provider);
    let key = upstream.and_then(|upstream| upstream.keys.iter().find(|key| key.is_called(wanted)));
    let Some(key) = key else { return false };
    let may = allowed
        .key_ids
        .as_deref()
        .is_none_or(|ids| ids.iter().any(|id| key.is_called(id)));
    allowed.key_ids = Some(Arc::from([key.id.clone()]));
    may
}
