//! Logging in and out, and who one is. These paths ask for themselves: whoever logs in is nobody yet.

use std::sync::Arc;
use std::time::Duration;

use gateway::settings::Role;
use gateway_types::Secret;
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::doc::Doc;
use super::{Call, Outcome, Route, answered, route, typed};
use crate::access::{self, By, SESSION};
use crate::respond::ApiError;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/session", Public, now show, Doc::of("Who calls, and what they may do").gives::<Session>()),
    route!(GET "/api/session/is-auth-enabled", Public, now is_auth_enabled,
        Doc::of("What a login page has to know beforehand").gives::<Guarded>()),
    route!(POST "/api/session/login", Public, later login,
        Doc::of("Logs a user in: the answer sets the session's cookie").takes::<Login>().gives::<LoggedIn>()),
    route!(POST "/api/session/logout", Public, later logout, Doc::of("Ends the session").gives::<Said>()),
    route!(POST "/api/session/password", Public, later change_password,
        Doc::of("Changes one's own password; all sessions of the user end").takes::<ChangePassword>()),
];

/// Who calls.
#[derive(Serialize, JsonSchema)]
struct Session {
    /// As changes are signed: `admin`, `loopback`, `user:alice`, `token:ci`.
    author: String,
    role: Role,
    /// The parts of the API that are open; none: all that the role may.
    scopes: Vec<String>,
    by: By,
}

/// What a login page has to know.
#[derive(Serialize, JsonSchema)]
struct Guarded {
    /// Whether one has to say who one is.
    is_auth_enabled: bool,
    /// Whether this call said it.
    has_valid_token: bool,
    /// Whether there are users to log in as.
    has_users: bool,
}

/// A name and a password.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct Login {
    username: String,
    password: String,
}

/// That it worked.
#[derive(Serialize, JsonSchema)]
struct LoggedIn {
    message: &'static str,
    username: String,
    role: Role,
    /// When the session ends at the latest, in RFC 3339.
    expires_at: String,
}

/// A sentence.
#[derive(Serialize, JsonSchema)]
struct Said {
    message: &'static str,
}

/// The password that is, and the one that is to be.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct ChangePassword {
    password: String,
    /// At least 12 characters.
    new_password: String,
}

/// Who calls, and what they may do.
fn show(_: &Edge, call: &Call) -> Outcome {
    let who = call.who()?;
    typed(&Session {
        author: who.author.as_str().to_owned(),
        role: who.role,
        scopes: who.scopes.clone(),
        by: who.by,
    })
}

/// What a login page has to know beforehand.
fn is_auth_enabled(edge: &Edge, call: &Call) -> Outcome {
    typed(&Guarded {
        is_auth_enabled: access::is_guarded(edge),
        has_valid_token: call.who().is_ok(),
        has_users: edge.gateway.control().has_users(),
    })
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
    let answer = LoggedIn {
        message: "Login successful",
        username: username.to_owned(),
        role: visitor.role,
        expires_at: session.expires.rfc3339(),
    };
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
    with_cookie(
        &call,
        &Said {
            message: "Logout successful",
        },
        "",
        Duration::ZERO,
    )
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
fn with_cookie(call: &Call, answer: &impl Serialize, value: &str, lasts: Duration) -> Outcome {
    let secure = if call.was_encrypted() { "; Secure" } else { "" };
    let age = lasts.as_secs();
    let cookie = format!("{SESSION}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    let mut response = typed(answer)?;
    let cookie = HeaderValue::try_from(cookie).map_err(|_| ApiError::invalid("the cookie cannot be written"))?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
