//! The settings as a document that can be carried elsewhere: written without secrets, and read back.
//!
//! Where a secret stands that is not a variable's, the document names a variable of its own, `env.EXPORTED_…`. Whoever reads
//! the document either has that variable set, or already has the secret in the same place.

mod import;

use std::collections::{BTreeMap, BTreeSet};

use gateway_governance::settings::VirtualKeySettings;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::merging::holds_secret;
use super::state::{Docs, State};
use super::{Control, ControlError};
use crate::settings::{ApiToken, Governance, KeyValue, Provider, SECRETS, SETTINGS_FORMAT};

/// What the names of variables begin with that stand for secrets in an exported document.
const PREFIX: &str = "EXPORTED_";

/// The settings as a configuration file would have them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Exported {
    /// The document, which `--config`, `--config-seed` and `POST /api/config/import` take.
    #[schemars(with = "Map<String, Value>")]
    pub document: Value,
    /// The secrets that the document has no variable for, and what stands in their places.
    pub needed: Vec<Needed>,
    /// What the document leaves out.
    pub left_out: Vec<String>,
}

/// A secret that has to be given again where the document is used.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "NeededSecret")]
pub struct Needed {
    /// Where it stands in the document.
    pub path: String,
    /// The variable that must hold it there.
    pub variable: String,
}

impl Control {
    /// `GET /api/config/export`: everything that is set by the API and in a file. No secret is in it.
    pub async fn export(&self, author: &str) -> Result<Exported, ControlError> {
        let exported = Writer::default().write(&set(&self.shared.state.load()));
        self.audit(author, "config.export", "config", Value::Null).await?;
        Ok(exported)
    }
}

/// What is set by the API and in a file: what the environment alone says is found there again.
fn set(state: &State) -> Docs {
    let without_environment = State {
        environment: BTreeMap::new(),
        ..State::clone(state)
    };
    without_environment.effective()
}

/// Writes a document and notes what is not in it.
#[derive(Default)]
struct Writer {
    used: BTreeSet<String>,
    needed: Vec<Needed>,
    left_out: Vec<String>,
}

impl Writer {
    fn write(mut self, docs: &Docs) -> Exported {
        let mut document = Map::from_iter([("format".to_owned(), json!(SETTINGS_FORMAT))]);
        if let Some(client) = &docs.client {
            document.insert("client".to_owned(), json!(client));
        }
        let providers: Map<String, Value> = docs
            .providers
            .iter()
            .map(|(name, provider)| (name.to_string(), self.provider(name.as_str(), provider)))
            .collect();
        let sections = [
            ("providers", providers),
            ("governance", self.governance(docs)),
            ("admin", self.admin(docs)),
        ];
        for (name, section) in sections.into_iter().filter(|(_, section)| !section.is_empty()) {
            document.insert(name.to_owned(), Value::Object(section));
        }
        Exported {
            document: Value::Object(document),
            needed: self.needed,
            left_out: self.left_out,
        }
    }

    fn provider(&mut self, name: &str, provider: &Provider) -> Value {
        let mut body = json!(provider);
        for (index, key) in provider.keys.iter().enumerate() {
            for path in SECRETS {
                let Some(secret) = key.secret(path) else { continue };
                let field = path.join(".");
                let shown = self.secret(
                    secret,
                    &[name, &key.name, &field],
                    format!("providers.{name}.keys[{index}].{field}"),
                );
                let place = path
                    .iter()
                    .fold(&mut body["keys"][index], |place, field| &mut place[*field]);
                *place = shown;
            }
        }
        if let Some(password) = provider.proxy_config.as_ref().and_then(|proxy| proxy.password.as_ref()) {
            let path = format!("providers.{name}.proxy_config.password");
            body["proxy_config"]["password"] = self.secret(password, &[name, "proxy_password"], path);
        }
        if let Some(Value::Object(headers)) = body.pointer_mut("/network_config/extra_headers") {
            headers.retain(|header, _| {
                let secret = holds_secret(header);
                if secret {
                    self.left_out.push(format!(
                        "`providers.{name}.network_config.extra_headers.{header}`, which may be a credential"
                    ));
                }
                !secret
            });
        }
        body
    }

    fn governance(&mut self, docs: &Docs) -> Map<String, Value> {
        let plain = &docs.plain;
        let governance = Governance {
            virtual_keys: docs
                .virtual_keys
                .values()
                .map(|key| VirtualKeySettings::clone(key))
                .collect(),
            teams: plain.teams.values().cloned().collect(),
            customers: plain.customers.values().cloned().collect(),
            model_configs: plain.model_configs.values().cloned().collect(),
            providers: plain.provider_limits.values().cloned().collect(),
            routing_rules: plain.routing_rules.values().cloned().collect(),
            pricing_overrides: plain.pricing_overrides.values().cloned().collect(),
        };
        let mut fields = fields_of(json!(governance));
        let keys = fields.get_mut("virtual_keys").and_then(Value::as_array_mut);
        for (index, key) in keys.into_iter().flatten().filter_map(Value::as_object_mut).enumerate() {
            for filled_in in ["value_hash", "value_hint", "guessable", "previous"] {
                key.remove(filled_in);
            }
            let id = key.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            let path = format!("governance.virtual_keys[{index}].value");
            key.insert("value".to_owned(), self.need(&["virtual_key", &id], path));
        }
        without_empty_lists(fields)
    }

    fn admin(&mut self, docs: &Docs) -> Map<String, Value> {
        let mut fields = Map::new();
        let section = docs.admin.as_ref();
        let secrets = [
            ("token", section.and_then(|admin| admin.token.as_ref())),
            ("scrape_token", section.and_then(|admin| admin.scrape_token.as_ref())),
        ];
        for (field, secret) in secrets {
            if let Some(secret) = secret {
                let shown = self.secret(secret, &["admin", field], format!("admin.{field}"));
                fields.insert(field.to_owned(), shown);
            }
        }
        let tokens = docs.plain.tokens.values().enumerate();
        let tokens: Vec<Value> = tokens.map(|(index, token)| self.token(index, token)).collect();
        fields.insert("tokens".to_owned(), json!(tokens));
        let users = docs.plain.users.keys();
        self.left_out
            .extend(users.map(|name| format!("user `{name}`, whose password nobody knows but they")));
        without_empty_lists(fields)
    }

    fn token(&mut self, index: usize, token: &ApiToken) -> Value {
        let mut fields = fields_of(json!(token));
        fields.remove("value_hash");
        let path = format!("admin.tokens[{index}].value");
        fields.insert("value".to_owned(), self.need(&["api_token", &token.id], path));
        Value::Object(fields)
    }

    /// A secret as the document has it: the variable that it is, or one that stands for it.
    fn secret(&mut self, secret: &KeyValue, words: &[&str], path: String) -> Value {
        let written = secret.as_written().expose();
        if secret.variable().is_some() || written.is_empty() {
            return json!(written);
        }
        self.need(words, path)
    }

    fn need(&mut self, words: &[&str], path: String) -> Value {
        let plain: String = words
            .join("_")
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_uppercase()
                } else {
                    '_'
                }
            })
            .collect();
        let first = format!("{PREFIX}{plain}");
        let others = (2..).map(|number| format!("{first}_{number}"));
        let mut names = std::iter::once(first.clone()).chain(others);
        let variable = names.find(|name| self.used.insert(name.clone())).unwrap_or(first);
        let written = json!(format!("env.{variable}"));
        self.needed.push(Needed { path, variable });
        written
    }
}

fn fields_of(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn without_empty_lists(mut fields: Map<String, Value>) -> Map<String, Value> {
    fields.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
    fields
}
