//! The client section through the management API.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{CatalogueView, Control, ControlError, read};
use crate::settings::Client;

/// The client section, where it is from, and what is wrong with the files if anything is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Config")]
pub struct ConfigView {
    /// How requests are taken, for all callers.
    pub client_config: Client,
    /// Where the section is from: `api`, or `file` and its path, which alone can change it then.
    pub origin: String,
    /// The revision of the settings.
    pub revision: u64,
    /// The configuration file, where there is one.
    pub config_file: Option<String>,
    /// Why what that file holds now was not taken.
    pub config_file_error: Option<String>,
    /// Where prices are from.
    pub catalogue: CatalogueView,
    /// Always true: the gateway does not run without its store.
    pub is_db_connected: bool,
    /// Always true, for the same reason.
    pub is_logs_connected: bool,
}

/// The client section after a change.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ConfigSaved {
    /// As it is now.
    #[serde(flatten)]
    pub config: ConfigView,
    /// What was done.
    pub message: String,
    /// What was sent and does not act, or not yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Control {
    /// `GET /api/config`: the client section, where it is from, the revision, and what is wrong with the file if
    /// anything is.
    pub fn config(&self) -> ConfigView {
        let state = self.shared.state.load();
        ConfigView {
            client_config: state.effective().client.unwrap_or_default(),
            origin: state.origin_of_client().to_string(),
            revision: state.revision.0,
            config_file: state.file.as_ref().map(|(path, _)| path.display().to_string()),
            config_file_error: self.file_error(),
            catalogue: self.catalogue(),
            is_db_connected: true,
            is_logs_connected: true,
        }
    }

    /// `PUT /api/config`: `{client_config: {…}}`; what is not said stays.
    pub async fn save_config(&self, body: Value, author: &str) -> Result<ConfigSaved, ControlError> {
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
        Ok(ConfigSaved {
            config: self.config(),
            message: "configuration updated".to_owned(),
            warnings,
        })
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
