//! The client section through the management API, and what has been changed when.

use gateway_types::Revision;
use serde_json::{Value, json};

use super::{Answer, Control, ControlError, read};
use crate::settings::Client;

impl Control {
    /// `GET /api/config`: the client section, where it is from, the revision, and what is wrong with the file if
    /// anything is.
    pub fn config(&self) -> Value {
        let state = self.shared.state.load();
        json!({
            "client_config": state.effective().client.unwrap_or_default(),
            "origin": state.origin_of_client().shown(),
            "revision": state.revision,
            "config_file": state.file.as_ref().map(|(path, _)| path.display().to_string()),
            "config_file_error": self.file_error(),
            "catalogue": self.catalogue(),
            "is_db_connected": true,
            "is_logs_connected": true,
        })
    }

    /// `PUT /api/config`: `{client_config: {…}}`; what is not said stays.
    pub async fn save_config(&self, body: Value, author: &str) -> Answer {
        let mut body = read::object(body, "")?;
        let section = body
            .remove("client_config")
            .ok_or_else(|| ControlError::Invalid("`client_config` is missing: the section to change".to_owned()))?;
        let mut warnings = Vec::new();
        for field in body.keys() {
            match field.as_str() {
                "framework_config" | "auth_config" => warnings.push(format!("`{field}` is known but not acted on")),
                "origin" | "revision" | "config_file" | "config_file_error" | "catalogue" | "is_db_connected"
                | "is_logs_connected" | "is_cache_connected" => {}
                other => {
                    return Err(ControlError::Invalid(format!(
                        "`{other}` is no field of the configuration"
                    )));
                }
            }
        }
        self.shared
            .state
            .load()
            .origin_of_client()
            .check_changeable("the client section")?;
        self.shared
            .change(author, |store| {
                let (client, noted) = read::client(&store.client.clone().unwrap_or_default(), section)?;
                warnings.extend(noted);
                store.client = Some(client);
                Ok(())
            })
            .await?;
        let mut shown = self.config();
        shown["message"] = json!("configuration updated");
        if !warnings.is_empty() {
            shown["warnings"] = json!(warnings);
        }
        Ok(shown)
    }

    /// `GET /api/config/revisions`: what was changed, newest first. Secrets in it are sealed, and not shown.
    pub async fn revisions(&self, before: Option<Revision>, limit: usize) -> Answer {
        let records = self
            .shared
            .settings
            .revisions(before, limit)
            .await
            .map_err(|error| ControlError::Store(error.to_string()))?;
        let shown: Vec<_> = records
            .iter()
            .map(|record| {
                json!({
                    "revision": record.revision,
                    "timestamp": record.at.rfc3339(),
                    "author": record.author,
                    "edits": record.edits.iter().map(|edit| {
                        let change = match (&edit.before, &edit.after) {
                            (None, _) => "created",
                            (_, None) => "deleted",
                            _ => "changed",
                        };
                        json!({ "section": edit.section, "name": edit.name, "change": change })
                    }).collect::<Vec<_>>(),
                })
            })
            .collect();
        Ok(json!({ "revisions": shown }))
    }
}

/// Checks what types cannot say of a client section.
pub(super) fn check_client(client: &Client) -> Result<(), ControlError> {
    let within = |field: &str, value: u32, range: std::ops::RangeInclusive<u32>| {
        if range.contains(&value) {
            return Ok(());
        }
        let (least, most) = (range.start(), range.end());
        Err(ControlError::Invalid(format!(
            "`client.{field}`: {value} is not from {least} to {most}"
        )))
    };
    within("max_request_body_size_mb", client.max_request_body_size_mb, 1..=2048)?;
    within("log_retention_days", client.log_retention_days, 1..=36_500)?;
    within("max_attempts", client.max_attempts, 1..=100)?;
    within(
        "request_timeout_in_seconds",
        client.request_timeout_in_seconds,
        1..=86_400,
    )?;
    for (index, name) in client.required_headers.iter().enumerate() {
        if http::HeaderName::try_from(name.as_str()).is_err() {
            return Err(ControlError::Invalid(format!(
                "`client.required_headers[{index}]`: `{name}` is no name of a header, as in x-cost-center"
            )));
        }
    }
    let prefix = &client.metrics_prefix;
    let legal = prefix.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if legal {
        return Ok(());
    }
    Err(ControlError::Invalid(format!(
        "`client.metrics_prefix`: `{prefix}` must begin with a letter and hold letters, digits and `_` only"
    )))
}
