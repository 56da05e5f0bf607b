//! Who may use the management API, the dashboard and `/metrics`, and who may call without a credential.
//!
//! Where there is no admin token, no user and no API token, one rule holds: loopback by peer address, `Host` and `Origin`
//! together. The peer alone would let any web page in that resolves its own name to 127.0.0.1; `Host` alone can be written
//! by anybody. As soon as one of them is there, everybody has to say who they are, whoever is at this machine included.

mod login;
mod origin;
mod presented;
mod throttle;
mod who;

use gateway_types::Secret;
use http::{Method, StatusCode};

pub(crate) use login::{check_password, check_same_page};
pub(crate) use origin::{Origin, is_loopback, local_origin};
pub(crate) use presented::{SESSION, session};
pub(crate) use throttle::Throttle;
#[cfg(test)]
pub(crate) use who::somebody;
pub(crate) use who::{Author, By, Who};

use crate::respond::ApiError;
use crate::state::Edge;

/// The tokens in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens {
    /// Opens everything.
    pub(crate) admin: Option<Secret>,
    /// Opens `/metrics`.
    pub(crate) scrape: Option<Secret>,
}

/// Whether there is anybody who could say who they are: an admin token, a user or an API token. Without them the loopback
/// rule holds.
pub(crate) fn is_guarded(edge: &Edge) -> bool {
    edge.tokens().admin.is_some() || edge.gateway.control().has_people()
}

/// Who makes a management call.
pub(crate) async fn identify(edge: &Edge, origin: Origin<'_>, method: &Method) -> Result<Who, ApiError> {
    let (control, headers) = (edge.gateway.control(), origin.headers);
    if edge
        .tokens()
        .admin
        .is_some_and(|token| presented::presents(headers, &token))
    {
        return Ok(Who::admin());
    }
    if !is_guarded(edge) {
        return Who::at_this_machine(origin);
    }
    let unsafe_method = !matches!(*method, Method::GET | Method::HEAD);
    if let Some(value) = presented::bearer(headers) {
        match control.api_token(value) {
            gateway::control::Presented::Token(visitor) => return Ok(Who::visitor(visitor, By::Token)),
            gateway::control::Presented::Expired(at) => {
                return Err(unauthorised(format!(
                    "this API token expired at {at}; make another, or PUT a later `expires_at`"
                )));
            }
            // It may be a virtual key beside a session's cookie.
            gateway::control::Presented::Unknown => {}
        }
    }
    if let Some((username, password)) = presented::basic(headers) {
        // A browser sends these by itself too, once it was told them.
        if unsafe_method {
            check_same_page(origin)?;
        }
        let visitor = check_password(edge, origin.peer.ip(), &username, password).await?;
        return Ok(Who::visitor(visitor, By::Password));
    }
    if let Some(value) = session(headers)
        && let Some(visitor) = control.session(value).await?
    {
        if unsafe_method && origin.is_own_page() != Some(true) {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "a session changes things from the gateway's own pages only: the browser's `Sec-Fetch-Site` must be \
                 `same-origin`, or `Origin` name the host that `Host` names; programs use API tokens",
            ));
        }
        return Ok(Who::visitor(visitor, By::Session));
    }
    Err(unauthorised(
        "the management API asks who you are: send the admin token or an API token as `Authorization: Bearer <token>`, a \
         user's name and password as Basic, or log in with POST /api/session/login. Since one of them exists, being at this \
         machine is not enough",
    ))
}

/// Whether `/metrics` may be read.
pub(crate) async fn admit_scrape(edge: &Edge, origin: Origin<'_>) -> Result<(), ApiError> {
    let scrape = edge.tokens().scrape;
    if scrape.is_some_and(|token| presented::presents(origin.headers, &token)) {
        return Ok(());
    }
    let who = identify(edge, origin, &Method::GET).await.map_err(|mut error| {
        error.message = error.message.replace("the management API", "/metrics").replace(
            "start the gateway with `--admin-token TOKEN`",
            "start the gateway with `--scrape-token TOKEN` or `--admin-token TOKEN`",
        );
        error
    })?;
    who.may_see("metrics")
}

/// Whether the dashboard's files may be loaded: where there are credentials they ask for them themselves.
pub(crate) fn admit_page(edge: &Edge, origin: Origin<'_>) -> Result<(), ApiError> {
    if is_guarded(edge) {
        return Ok(());
    }
    Who::at_this_machine(origin).map(drop)
}

fn unauthorised(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, message)
}
