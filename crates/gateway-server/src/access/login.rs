//! Letting people in by name and password.

use std::net::IpAddr;
use std::time::Duration;

use gateway::control::{Refused, Visitor};
use gateway_types::Secret;
use http::StatusCode;
use serde_json::json;

use super::{Origin, unauthorised};
use crate::respond::ApiError;
use crate::state::Edge;

/// The longest name that anybody can have.
const LONGEST_NAME: usize = 100;

/// Lets somebody in by their password, more slowly the more wrong ones there were. Wrong ones are in the audit log.
pub(crate) async fn check_password(
    edge: &Edge,
    address: IpAddr,
    username: &str,
    password: Secret,
) -> Result<Visitor, ApiError> {
    if username.len() > LONGEST_NAME {
        return Err(wrong());
    }
    let tried = edge
        .throttle
        .begin(username, address, edge.now().tick)
        .map_err(too_often)?;
    match edge.gateway.control().check_password(username, password).await {
        Ok(visitor) => {
            edge.throttle.right(&tried);
            Ok(visitor)
        }
        Err(Refused::Busy) => {
            edge.throttle.undone(&tried);
            let message = "too many passwords are being checked; try again in a moment";
            Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, message))
        }
        Err(Refused::Wrong) => {
            note_failure(edge, username, address).await?;
            Err(wrong())
        }
    }
}

/// Refuses what a page of another origin sends. What no browser sent has no mark of that, and may pass.
pub(crate) fn check_same_page(origin: Origin<'_>) -> Result<(), ApiError> {
    if origin.is_own_page() != Some(false) {
        return Ok(());
    }
    let message = "pages of other origins cannot log in here, or change things with a user's password";
    Err(ApiError::new(StatusCode::FORBIDDEN, message))
}

/// Writes a failed login down. The name only where it is a user's: people type passwords into the wrong field.
async fn note_failure(edge: &Edge, username: &str, address: IpAddr) -> Result<(), ApiError> {
    let Some(omitted) = edge.throttle.tell(edge.now().tick) else {
        return Ok(());
    };
    let control = edge.gateway.control();
    let known = control.is_user(username);
    let target = if known {
        format!("user/{username}")
    } else {
        String::from("user")
    };
    let details =
        json!({ "address": address.to_canonical().to_string(), "known_user": known, "omitted_before": omitted });
    Ok(control.audit("nobody", "session.refused", &target, details).await?)
}

fn wrong() -> ApiError {
    unauthorised("there is no such user, or the password is not theirs")
}

fn too_often(wait: Duration) -> ApiError {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let message = format!("too many wrong passwords for this user or from this address; try again in {seconds} s");
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, message).after(Duration::from_secs(seconds.max(1)))
}
