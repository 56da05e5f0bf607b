//! Who may use the management API: users who log in, and API tokens for programs.
//!
//! A user's password and a token's value are kept as hashes and shown to nobody; a value that is made here is told once.

mod password;
mod sessions;
mod tokens;

use gateway_types::{Secret, Wall};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use password::{HashError, hash as hash_password};
pub use sessions::Session;
pub(super) use tokens::hash_values;
pub use tokens::{Presented, TokenSaved};

use self::password::Hashing;
use super::documents::Document;
use super::foreign::{Foreign, PERSON};
use super::plain::Section;
use super::state::{Docs, State};
use super::{Control, ControlError, Message, One, Shared, read};
use crate::settings::{ApiToken, PARTS, Role, User};

/// What the control plane remembers of people besides their documents.
#[derive(Debug, Default)]
pub(super) struct People {
    hashing: Hashing,
    /// Held while sessions are written, so that one that was ended does not come back.
    sessions: tokio::sync::Mutex<()>,
    /// Whether the host has an admin token of its own.
    host_token: bool,
}

impl People {
    pub(super) fn new(host_token: bool) -> Self {
        Self {
            host_token,
            ..Self::default()
        }
    }
}

/// Somebody who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// As revisions and the audit log name them: `user:alice`, `token:ci`.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The parts of the management API that are open to them; none: all that the role may.
    pub scopes: Vec<String>,
}

impl Visitor {
    fn user(user: &User) -> Self {
        Self {
            name: format!("user:{}", user.username),
            role: user.role,
            scopes: Vec::new(),
        }
    }
}

/// A user as answers show them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub struct ShownUser {
    /// What they log in as.
    pub username: String,
    /// What they may do.
    pub role: Role,
    /// Where the user is from: `api`, or `file` and its path.
    pub origin: String,
}

/// An API token as answers show it: without its value.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApiToken")]
pub struct ShownToken {
    /// Its id.
    pub id: String,
    /// A name to show.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The parts of the API that are open to it; none: all that the role may.
    pub scopes: Vec<String>,
    /// When it stops working, in RFC 3339.
    pub expires_at: Option<String>,
    /// Whether that time has come.
    pub expired: bool,
    /// Where it is from: `api`, or `file` and its path.
    pub origin: String,
}

/// Why nobody was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such user, or it is not their password.
    Wrong,
    /// Too many passwords are being checked.
    Busy,
}

impl Control {
    /// Whether there are users, who could log in.
    pub fn has_users(&self) -> bool {
        let state = self.shared.state.load();
        state.every::<User>().next().is_some()
    }

    /// Whether there are users or API tokens.
    pub fn has_people(&self) -> bool {
        let state = self.shared.state.load();
        state.every::<User>().next().is_some() || state.every::<ApiToken>().next().is_some()
    }

    /// Lets somebody in by their password. Takes as long for a user that there is not.
    pub async fn check_password(&self, username: &str, password: Secret) -> Result<Visitor, Refused> {
        let user = self.shared.user(username);
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let right = self.shared.people.hashing.verify(hash, password).await;
        match (right, user) {
            (Ok(true), Some(user)) => Ok(Visitor::user(&user)),
            (Ok(_), _) => Err(Refused::Wrong),
            (Err(password::Busy), _) => Err(Refused::Busy),
        }
    }

    /// Whether there is a user of that name: for the audit log, which must not keep what somebody typed in the wrong field.
    pub fn is_user(&self, username: &str) -> bool {
        self.shared.user(username).is_some()
    }

    /// `POST /api/users` (no name) and `PUT /api/users/{name}`: `{username, role, password}`. A new password or role ends
    /// the user's sessions.
    pub async fn save_user(&self, name: Option<&str>, body: Value, author: &str) -> Result<One<User>, ControlError> {
        let mut fields = read::object(body, "")?;
        let said = fields.remove("password").filter(|password| !password.is_null());
        if let Some(said) = said {
            let text = said.as_str().map(Secret::new);
            let text = text.ok_or_else(|| ControlError::Invalid("`password` must be a string".to_owned()))?;
            let hash = self.shared.people.hashing.hash(text).await;
            let hash = hash.map_err(|error| match error {
                HashError::Length => ControlError::Invalid(format!("`password`: {error}")),
                HashError::Busy | HashError::Failed(_) => ControlError::Store(error.to_string()),
            })?;
            fields.insert("password_hash".to_owned(), json!(hash));
        } else if name.is_none_or(|name| self.shared.user(name).is_none()) && !fields.contains_key("password_hash") {
            return Err(ControlError::Invalid(
                "`password` is missing: a new user needs one of at least 12 characters".to_owned(),
            ));
        }
        let touched = fields.contains_key("password_hash") || fields.contains_key("role");
        let answer = self
            .documents::<User>()
            .save(name, Value::Object(fields), author)
            .await?;
        if touched {
            self.shared.end_sessions_of(&answer.shown.username).await?;
        }
        Ok(answer)
    }

    /// `DELETE /api/users/{name}`. Their sessions end.
    pub async fn delete_user(&self, name: &str, author: &str) -> Result<Message, ControlError> {
        let answer = self.documents::<User>().delete(name, author).await?;
        self.shared.end_sessions_of(name).await?;
        Ok(answer)
    }
}

impl Document for User {
    const ONE: &'static str = "user";
    const MANY: &'static str = "users";
    const KEY: &'static str = "username";
    const NUMBERED: bool = false;
    const FILTERS: &'static [&'static str] = &["role"];
    type View = ShownUser;
    const FOREIGN: &'static Foreign = &PERSON;

    fn shown(&self, _: &Shared, origin: String) -> ShownUser {
        ShownUser {
            username: self.username.clone(),
            role: self.role,
            origin,
        }
    }

    fn searched(&self) -> Vec<&str> {
        vec![&self.username]
    }

    fn check_left(shared: &Shared, store: &Docs) -> Result<(), ControlError> {
        shared.check_way_in(store)
    }
}

impl Document for ApiToken {
    const ONE: &'static str = "token";
    const MANY: &'static str = "tokens";
    const FILTERS: &'static [&'static str] = &["role"];
    const NAMED: bool = true;
    type View = ShownToken;
    const FOREIGN: &'static Foreign = &PERSON;

    fn shown(&self, shared: &Shared, origin: String) -> ShownToken {
        ShownToken {
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
            scopes: self.scopes.clone(),
            expires_at: self.expires_at.clone(),
            expired: self.is_over(shared.clock.now().wall),
            origin,
        }
    }

    fn searched(&self) -> Vec<&str> {
        vec![&self.id, &self.name]
    }

    fn check_left(shared: &Shared, store: &Docs) -> Result<(), ControlError> {
        shared.check_way_in(store)
    }
}

impl Shared {
    fn user(&self, username: &str) -> Option<User> {
        self.state.load().one::<User>(username).cloned()
    }

    /// Refuses to leave users and tokens of whom none could come in to manage the gateway, now and later.
    pub(super) fn check_way_in(&self, store: &Docs) -> Result<(), ControlError> {
        let state = self.state.load();
        let in_file = state.file.as_ref().and_then(|(_, docs)| docs.admin.as_ref());
        let admin = in_file.or(store.admin.as_ref());
        if self.people.host_token || admin.is_some_and(|admin| admin.token.is_some()) {
            return Ok(());
        }
        let file = state.file.as_ref().map(|(_, docs)| &docs.plain);
        let all = || file.into_iter().chain([&store.plain]);
        let admin = |user: &User| user.role == Role::Admin;
        let lasting =
            |token: &ApiToken| token.role == Role::Admin && token.scopes.is_empty() && token.expires_at.is_none();
        let way = all().any(|docs| User::all(docs).values().any(admin) || ApiToken::all(docs).values().any(lasting));
        if way {
            return Ok(());
        }
        Err(ControlError::Conflict(
            "this would leave nobody who can manage the gateway: there is no admin token, and there would be no user with \
             the role `admin` and no API token with that role, all scopes and no expiry. Make one first, or start the \
             gateway with --admin-token"
                .to_owned(),
        ))
    }
}

/// Checks what types cannot say of users and tokens.
pub(super) fn check(state: &State) -> Result<(), ControlError> {
    for user in state.every::<User>() {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
        let name = &user.username;
        if name.is_empty() || name.len() > 100 || !name.chars().all(legal) {
            return Err(fault::<User>(
                state,
                name,
                "`username`: use up to 100 letters, digits and `-_.@`",
            ));
        }
        password::check(&user.password_hash).map_err(|error| fault::<User>(state, name, &error))?;
    }
    let mut values = std::collections::BTreeSet::new();
    for token in state.every::<ApiToken>() {
        let wrong = |error: &str| fault::<ApiToken>(state, &token.id, error);
        if token.value_hash.is_empty() {
            return Err(wrong("`value` is missing"));
        }
        if !values.insert(&token.value_hash) {
            return Err(wrong("`value` is that of another token"));
        }
        if let Some(scope) = token.scopes.iter().find(|scope| !PARTS.contains(&scope.as_str())) {
            return Err(wrong(&format!("`scopes`: `{scope}` is none of {}", PARTS.join(", "))));
        }
        if token
            .expires_at
            .as_deref()
            .is_some_and(|at| Wall::parse_rfc3339(at).is_none())
        {
            return Err(wrong(
                "`expires_at` must be an RFC 3339 time such as 2027-01-31T12:00:00Z",
            ));
        }
    }
    Ok(())
}

/// What is wrong with a document, and where a file has it.
fn fault<T: Section>(state: &State, key: &str, error: &str) -> ControlError {
    let places = state.file.as_ref().map(|(_, docs)| &docs.places);
    let place = places.and_then(|places| places.get(&(T::LIST, key.to_owned())));
    ControlError::Invalid(match place {
        Some(index) => format!("`{}[{index}]` ({key}): {error}", T::LIST),
        None => error.to_owned(),
    })
}

fn no_user(username: &str) -> ControlError {
    ControlError::NotFound(format!("there is no user `{username}`"))
}

/// A value of 256 random bits that nobody can guess.
fn random(prefix: &str) -> Result<String, ControlError> {
    use base64::Engine as _;
    let mut bytes = [0_u8; 32];
    let given = getrandom::fill(&mut bytes);
    given.map_err(|_| ControlError::Store("the system gives no randomness".to_owned()))?;
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    Ok(format!("{prefix}{text}"))
}

/// Takes a text out of a body's fields.
fn take_text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, ControlError> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ControlError::Invalid(format!("`{name}` must be a string"))),
    }
}
