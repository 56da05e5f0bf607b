//! Calls that choose a provider rather than a model: files, batches, whatever else its own API has. They go there as they
//! are, by the same line as every other call; what is different about them stands here.

use std::sync::Arc;

use bytes::Bytes;
use gateway_governance::access::authorise_provider;
use gateway_governance::price::{PricedBy, Pricing, Quote};
use gateway_providers::lane::Forward;
use gateway_types::call::Body;
use gateway_types::json::Object;
use gateway_types::{Call, Caps, Error, ErrorKind, ModelName, Operation, StreamForm};
use http::Method;

use super::{Aim, Arrival, Turn};
use crate::control::memo::Granted;

/// A call of which nothing is read.
pub(super) fn call(arrival: &Arrival, forward: &Forward, bytes: Bytes) -> Call {
    let size = bytes.len() as u64;
    let content_type = forward.content_type.as_ref().and_then(|kind| kind.to_str().ok());
    Call {
        operation: arrival.asked.operation,
        dialect: arrival.dialect,
        model: ModelName::from(""),
        stream: false,
        form: StreamForm::Usual,
        caps: Caps::default(),
        choices: 1,
        fallbacks: Vec::new(),
        wants_usage: false,
        input_bound: size,
        input_estimate: size.div_ceil(4),
        body: Body {
            bytes,
            content_type: content_type.map(str::to_owned),
            members: Object::default(),
        },
    }
}

/// What the caller may use of the provider that the call must go to.
pub(super) fn authorise(turn: &Turn, aim: &Aim, call: &Call) -> Result<Arc<Granted>, Error> {
    if let Some(key) = turn.principal.key().filter(|key| aim.passthrough && !key.passthrough) {
        let message = format!(
            "virtual key {} may not use passthrough prefixes; set its `allow_passthrough`, or call the same path without the prefix",
            key.id
        );
        return Err(Error::new(ErrorKind::Forbidden, message));
    }
    let Some(forward) = &aim.forward else {
        // The model may be asked for with the provider's name in front already.
        let own = format!("{}/", aim.provider);
        let bare = call.model.as_str().strip_prefix(&own).unwrap_or(call.model.as_str());
        let whole = ModelName::from(format!("{own}{bare}"));
        let granted = turn.snapshot.granted(&turn.principal, &whole)?;
        let Some(key) = &aim.key else { return Ok(granted) };
        let mut grant = Granted::into_grant(granted);
        for allowed in &mut grant.allowed {
            allowed.key_ids = Some(Arc::from([key.clone()]));
        }
        return Ok(Arc::new(Granted::new(grant, &turn.snapshot)));
    };
    let grant = authorise_provider(&turn.principal, &aim.provider, aim.key.as_ref(), &*turn.snapshot)?;
    let unread = call.operation == Operation::Passthrough && !reads(&forward.method);
    if unread && turn.principal.minds_models(&aim.provider) {
        let message = format!(
            "`{}` passes through unread, so that its model can be checked neither against what the virtual key allows and blocks, nor against limits by model",
            forward.path
        );
        return Err(Error::new(ErrorKind::ModelBlocked, message));
    }
    Ok(Arc::new(Granted::new(grant, &turn.snapshot)))
}

/// What a call costs at a place with that price. One that is passed on unread costs nothing where it only reads or keeps; else
/// nobody knows, as of an answer that comes before its work is done.
pub(super) fn quote(turn: &Turn, usual: Quote) -> Quote {
    let unknown = Quote {
        pricing: Pricing::Unknown,
        by: PricedBy::Unknown,
    };
    let Some(forward) = turn.arrival.aim.as_ref().and_then(|aim| aim.forward.as_ref()) else {
        return match usual.pricing {
            Pricing::Known(_) if turn.in_background => unknown,
            _ => usual,
        };
    };
    match turn.arrival.asked.operation == Operation::Passthrough && !reads(&forward.method) {
        true => unknown,
        false => Pricing::Free.into(),
    }
}

/// Whether a method changes nothing that could be billed.
fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::DELETE)
}
