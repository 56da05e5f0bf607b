//! What a caller may use for a call, and where a routing rule sends it.

use gateway_governance::access::{self, Grant};
use gateway_types::{Call, Error, ErrorKind, ModelName};

use super::{Turn, forward, rules};

/// What the caller may use: for the asked model, and for those of its own fallbacks that it may use at all. A model
/// that nobody serves is what fallbacks are for; one that the key does not allow is refused, whatever they are.
/// Where a routing rule fits, it says what is asked for.
pub(super) fn authorise(turn: &mut Turn, call: &Call) -> Result<Vec<Grant>, Error> {
    if let Some(aim) = &turn.arrival.aim {
        return forward::authorise(turn, aim, call).map(|grant| vec![grant]);
    }
    if let Some(routing) = rules::route(turn, call) {
        let grants = routing.rule.as_ref().map(|rule| rule.grants(turn, call));
        turn.exchange.routed(routing);
        if let Some(grants) = grants {
            return grants;
        }
    }
    let allowed = |model: &ModelName| access::authorise(&turn.principal, model.as_str(), &*turn.snapshot);
    let fallbacks = || call.fallbacks.iter().filter_map(|model| allowed(model).ok());
    match allowed(&call.model) {
        Ok(grant) => Ok(std::iter::once(grant).chain(fallbacks()).collect()),
        Err(error) if error.kind == ErrorKind::ModelNotFound => {
            let grants: Vec<Grant> = fallbacks().collect();
            if grants.is_empty() { Err(error) } else { Ok(grants) }
        }
        Err(error) => Err(error),
    }
}
