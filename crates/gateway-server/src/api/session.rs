//! Logging in and out, and who one is. These paths ask for themselves: whoever logs in is nobody yet.

use std::sync::Arc;
use std::time::Duration;

use gateway_types::Secret;
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::{Call, Outcome, Route, answered, ok, route};
use crate::access::{self, By, SESSION};
use crate::respond::ApiError;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/session", Public, now show),
    route!(GET "/api/session/is-auth-enabled", Public, now is_auth_enabled),
    route!(POST "/api/session/login", Public, later login),
    route!(POST "/api/session/logout", Public, later logout),
    route!(POST "/api/session/password", Public, later change_password),
];

/// Who calls, and what they may do.
fn show(_: &Edge, call: &Call) -> Outcome {
    let who = call.who()?;
    ok(&json!({
        "author": who.author.as_str(),
        "role": who.role,
        "scopes": who.scopes,
        "by": match who.by {
            By::AdminToken => "admin_token",
            By::Loopback => "loopback",
            By::Session => "session",
            By::Password => "password",
            By::Token => "api_token",
        },
    }))
}

/// What a login page has to know beforehand.
fn is_auth_enabled(edge: &Edge, call: &Call) -> Outcome {
    ok(&json!({
        "is_auth_enabled": access::is_guarded(edge),
        "has_valid_token": call.who().is_ok(),
        "has_users": edge.gateway.control().has_users(),
    }))
}

async fn login(edge: Arc<Edge>, call: Call) -> Outcome {
    access::check_same_page(call.origin())?;
    let body = call.json()?;
    let (username, password) = (text(&body, "username")?, Secret::new(text(&body, "password")?));
    let control = edge.gateway.control();
    if !control.has_users() {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "there are no users to log in as; make one with POST /api/users",
        ));
    }
    let address = call.peer.ip();
    let visitor = access::check_password(&edge, address, username, password).await?;
    let session = control.open_session(username).await?;
    let details = json!({ "address": address.to_canonical().to_string() });
    let target = format!("user/{username}");
    control.audit(&visitor.name, "session.open", &target, details).await?;
    let answer = json!({
        "message": "Login successful",
        "username": username,
        "role": visitor.role,
        "expires_at": session.expires.rfc3339(),
    });
    let lasts = session.expires.since(edge.now().wall);
    with_cookie(&call, &answer, &session.value, lasts)
}

async fn logout(edge: Arc<Edge>, call: Call) -> Outcome {
    access::check_same_page(call.origin())?;
    let control = edge.gateway.control();
    if let Some(value) = access::session(&call.headers)
        && let Some(visitor) = control.session(value).await?
    {
        control.end_session(value).await?;
        let target = visitor.name.replacen(':', "/", 1);
        control
            .audit(&visitor.name, "session.close", &target, Value::Null)
            .await?;
    }
    with_cookie(&call, &json!({ "message": "Logout successful" }), "", Duration::ZERO)
}

/// A user's own password: the old one is asked for again, and all sessions end.
async fn change_password(edge: Arc<Edge>, call: Call) -> Outcome {
    let author = &call.who()?.author;
    let username = author.as_str().strip_prefix("user:").ok_or_else(|| {
        let message = format!("{} has no password; this is for users", author.as_str());
        ApiError::new(StatusCode::FORBIDDEN, message)
    })?;
    let body = call.json()?;
    let (old, new) = (Secret::new(text(&body, "password")?), text(&body, "new_password")?);
    access::check_password(&edge, call.peer.ip(), username, old).await?;
    let change = json!({ "password": new });
    answered(
        edge.gateway
            .control()
            .save_user(Some(username), change, author.as_str())
            .await,
    )
}

fn text<'b>(body: &'b Value, field: &str) -> Result<&'b str, ApiError> {
    let text = body[field].as_str().filter(|text| !text.is_empty());
    text.ok_or_else(|| ApiError::invalid(format!("`{field}` is missing: a text")))
}

/// An answer that sets the session's cookie. `Secure` where the caller's end of the way is encrypted: a gateway on plain
/// HTTP inside one's own network could not be logged in to otherwise.
fn with_cookie(call: &Call, answer: &Value, value: &str, lasts: Duration) -> Outcome {
    let secure = if call.origin().was_encrypted() { "; Secure" } else { "" };
    let age = lasts.as_secs();
    let cookie = format!("{SESSION}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    let mut response = ok(answer)?;
    let cookie = HeaderValue::try_from(cookie).map_err(|_| ApiError::invalid("the cookie cannot be written"))?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
