//! What a caller may use for a call, and where a routing rule sends it.

use std::sync::Arc;

use gateway_types::{Call, Error, ErrorKind, ModelName};

use super::{Turn, forward, rules};
use crate::control::memo::Granted;

/// What the caller may use: for the asked model, and for those of its own fallbacks that it may use at all. A model
/// that nobody serves is what fallbacks are for; one that the key does not allow is refused, whatever they are.
/// Where a routing rule fits, it says what is asked for.
pub(super) fn authorise(turn: &mut Turn, call: &Call) -> Result<Vec<Arc<Granted>>, Error> {
    if let Some(aim) = &turn.arrival.aim {
        return forward::authorise(turn, aim, call).map(|granted| vec![granted]);
    }
    if let Some(routing) = rules::route(turn, call) {
        let grants = routing.rule.as_ref().map(|rule| rule.grants(turn, call));
        turn.exchange.routed(routing);
        if let Some(grants) = grants {
            return grants;
        }
    }
    let allowed = |model: &ModelName| turn.snapshot.granted(&turn.principal, model);
    let fallbacks = || call.fallbacks.iter().filter_map(|model| allowed(model).ok());
    match allowed(&call.model) {
        Ok(granted) => Ok(std::iter::once(granted).chain(fallbacks()).collect()),
        Err(error) if error.kind == ErrorKind::ModelNotFound => {
            let grants: Vec<_> = fallbacks().collect();
            if grants.is_empty() { Err(error) } else { Ok(grants) }
        }
        Err(error) => Err(error),
    }
}
