//! API tokens: a random value for a program, known by its keyed hash.

use gateway_governance::credential::{KeyHash, KeyHasher};
use gateway_types::{Secret, Wall};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Visitor, random, take_text};
use crate::control::{Control, ControlError, One, read, upstream};
use crate::settings::{ApiToken, KeyValue};

/// The fewest characters of a value that somebody chose.
const SHORTEST: usize = 32;

/// What a presented value turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented {
    /// No API token.
    Unknown,
    /// One that stopped working at that time.
    Expired(String),
    /// One that works.
    Token(Visitor),
}

/// A token that was saved, and its value where the gateway made one.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TokenSaved {
    /// The token.
    #[serde(flatten)]
    pub saved: One<ApiToken>,
    /// What to present: told this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl ApiToken {
    pub(super) fn is_over(&self, now: Wall) -> bool {
        let until = self.expires_at.as_deref().and_then(Wall::parse_rfc3339);
        until.is_some_and(|until| now >= until)
    }
}

impl Control {
    /// What a value is that somebody presents. Compared by its hash, without telling by the time how much agrees.
    pub fn api_token(&self, value: &str) -> Presented {
        let presented = self.shared.hasher.hash(value);
        let same = |token: &&ApiToken| {
            let known = token.value_hash.parse::<KeyHash>();
            known.is_ok_and(|known| known.same(&presented))
        };
        let state = self.shared.state.load();
        let Some(token) = state.every::<ApiToken>().find(same) else {
            return Presented::Unknown;
        };
        match &token.expires_at {
            Some(at) if token.is_over(self.shared.clock.now().wall) => Presented::Expired(at.clone()),
            _ => Presented::Token(Visitor {
                name: format!("token:{}", token.id),
                role: token.role,
                scopes: token.scopes.clone(),
            }),
        }
    }

    /// `POST /api/tokens` (no id) and `PUT /api/tokens/{id}`: `{id, name, role, scopes, expires_at, value}`. Where a new token
    /// is given no value, one is made and told in the answer, this once.
    pub async fn save_token(&self, id: Option<&str>, body: Value, author: &str) -> Result<TokenSaved, ControlError> {
        let mut fields = read::object(body, "")?;
        let chosen = take_text(&mut fields, "value")?;
        if fields.contains_key("value_hash") {
            return Err(ControlError::Invalid(
                "`value_hash` is filled in by the gateway; send a `value`, or none".to_owned(),
            ));
        }
        let known = id.is_some_and(|id| self.shared.state.load().one::<ApiToken>(id).is_some());
        let (hash, made) = match chosen {
            Some(chosen) => {
                let resolve = |value: &KeyValue| {
                    let unset = |name| format!("the environment variable {name} is not set, or may not be read");
                    upstream::resolve(value, &*self.shared.environment).map_err(unset)
                };
                (
                    Some(hashed(&KeyValue::new(chosen), &self.shared.hasher, resolve)?),
                    None,
                )
            }
            None if known => (None, None),
            None => {
                let value = random("gwt_")?;
                (Some(self.shared.hasher.hash(&value).to_string()), Some(value))
            }
        };
        fields.extend(hash.map(|hash| ("value_hash".to_owned(), json!(hash))));
        let saved = self
            .documents::<ApiToken>()
            .save(id, Value::Object(fields), author)
            .await?;
        Ok(TokenSaved { saved, value: made })
    }

    /// `POST /api/tokens/{id}/rotate`: another value, told this once. The old one stops working.
    pub async fn rotate_token(&self, id: &str, author: &str) -> Result<TokenSaved, ControlError> {
        let documents = self.documents::<ApiToken>();
        documents.show(id)?;
        let value = random("gwt_")?;
        let fields = json!({ "value_hash": self.shared.hasher.hash(&value).to_string() });
        let saved = documents.save(Some(id), fields, author).await?;
        Ok(TokenSaved {
            saved,
            value: Some(value),
        })
    }
}

/// Puts hashes in the place of the values that a document's tokens say.
pub(in crate::control) fn hash_values(
    tokens: &mut [ApiToken],
    hasher: &KeyHasher,
    resolve: impl Fn(&KeyValue) -> Result<Option<Secret>, ControlError>,
) -> Result<(), ControlError> {
    for (index, token) in tokens.iter_mut().enumerate() {
        let Some(value) = token.value.take() else { continue };
        token.value_hash = hashed(&value, hasher, &resolve)
            .map_err(|error| ControlError::Invalid(format!("`admin.tokens[{index}]`: {error}")))?;
    }
    Ok(())
}

fn hashed<E: std::fmt::Display>(
    value: &KeyValue,
    hasher: &KeyHasher,
    resolve: impl Fn(&KeyValue) -> Result<Option<Secret>, E>,
) -> Result<String, ControlError> {
    let wrong = |why: &dyn std::fmt::Display| ControlError::Invalid(format!("`value`: {why}"));
    let resolved = resolve(value).map_err(|why| wrong(&why))?;
    let text = resolved.as_ref().map_or("", |value| value.expose());
    // A check of a file need not have its variables.
    let unread = value.variable().is_some() && text == value.as_written().expose();
    if text.chars().count() < SHORTEST && !unread {
        return Err(wrong(&format!(
            "a token has at least {SHORTEST} characters; leave it out to have one made"
        )));
    }
    Ok(hasher.hash(text).to_string())
}
