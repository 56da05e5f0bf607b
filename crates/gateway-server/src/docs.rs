//! `docs/configuration.md`, made from the command line and the settings types, so that it cannot say anything else.

mod access;
mod providers;

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;

use clap::CommandFactory;
use gateway::settings::Settings;
use gateway_providers::cloud::{aws, azure, google};
use serde_json::Value;

use crate::cli::Cli;
pub(crate) use access::access;
pub(crate) use providers::providers;

const INTRO: &str = "\
# Configuration

This page is generated: `gateway-server docs configuration > docs/configuration.md`.

Everything works without configuration. What there is to set has two places: how the process runs is said on the command
line or in environment variables; what the gateway does is one document of settings, which the management API, the
dashboard and a configuration file share.

";

const SETTINGS: &str = "\
## The settings document

A configuration file (`--config FILE`) is this document in JSON, YAML or TOML, by the file's name. What it declares
belongs to it: the API shows it and refuses to change it, naming the file. Everything else belongs to the store and is
changed by the API. A changed file is taken up within two seconds, or at SIGHUP, whole or not at all: where it has a
mistake, or is lost, what was in force stays, and `/readyz` and `GET /api/config` say what is wrong. `gateway-server check FILE`
finds mistakes beforehand. `--config-seed FILE` imports a document into the store once instead.

```yaml
client:
  log_retention_days: 30
providers:
  openai:
    keys:
      - name: openai-key-1
        value: env.OPENAI_API_KEY
  vllm-local:
    keys:
      - name: vllm-key-1
        value: dummy
    network_config:
      base_url: http://vllm.internal:8000
    custom_provider_config:
      base_provider_type: openai
governance:
  virtual_keys:
    - id: vk-team
      value: env.VK_TEAM
      provider_configs:
        - provider: vllm-local
          weight: 0.9
        - provider: openai
          weight: 0.1
          allowed_models: [gpt-4o-mini]
      budgets:
        - max_limit: 100
          reset_duration: 1M
```

Fields that are not known are refused with their path.

";

/// What the gateway keeps in a document for itself, and an operator does not write.
const NOT_SAID: &str = "Filled in by the gateway";

/// The whole page.
pub(crate) fn configuration() -> String {
    let mut page = String::from(INTRO);
    command_line(&mut page);
    variables(&mut page);
    page.push_str(SETTINGS);
    document(&mut page, &schemars::schema_for!(Settings).to_value());
    page
}

fn command_line(page: &mut String) {
    page.push_str("## Command line\n\n| option | variable | default | what it does |\n| --- | --- | --- | --- |\n");
    for argument in Cli::command().get_arguments() {
        let (Some(long), Some(variable)) = (argument.get_long(), argument.get_env()) else {
            continue;
        };
        let value = argument
            .get_value_names()
            .and_then(<[_]>::first)
            .map_or("", |name| name.as_str());
        let defaults: Vec<String> = argument
            .get_default_values()
            .iter()
            .map(|value| format!("`{}`", value.display()))
            .collect();
        let choices: Vec<String> = argument
            .get_possible_values()
            .iter()
            .map(|choice| format!("`{}`", choice.get_name()))
            .collect();
        let mut help = argument
            .get_long_help()
            .or_else(|| argument.get_help())
            .map(ToString::to_string)
            .unwrap_or_default();
        help.push('.');
        if !choices.is_empty() {
            let _ = write!(help, " One of {}.", choices.join(", "));
        }
        let _ = writeln!(
            page,
            "| `--{long} {value}` | `{}` | {} | {} |",
            variable.display(),
            defaults.join(", "),
            cell(&help)
        );
    }
    page.push_str("\nCommands besides serving: `check FILE`, `docs configuration`, `docs providers`, `version`.\n\n");
}

fn variables(page: &mut String) {
    page.push_str("## Further variables\n\n| variable | what it does |\n| --- | --- |\n");
    let _ = writeln!(
        page,
        "| `{}` | The key that seals provider keys at rest and keys the hashes of virtual keys: 32 bytes in hex or base64. Without it the file `secret.key` in the data folder is used, which the first start makes; keep it with your backups. |",
        crate::secret::VARIABLE
    );
    let _ = writeln!(
        page,
        "| `{}` | Where self-hosted servers are looked for, as `ollama=http://127.0.0.1:11434,vllm=http://127.0.0.1:8000`; empty: nowhere. |",
        crate::offers::VARIABLE
    );
    for kind in gateway_providers::kinds() {
        if let Some(variable) = kind.env {
            // A resource of Azure has an address of its own.
            let with = match kind.name {
                "azure" => format!(", with `{}` beside it", azure::ENDPOINT),
                _ => String::new(),
            };
            let _ = writeln!(
                page,
                "| `{variable}` | Where it is set{with}, the provider `{}` exists at once. |",
                kind.name
            );
        }
    }
    let of_clouds = [
        ("bedrock", [aws::VARIABLES, &[]].concat()),
        ("vertex", [google::VARIABLES, google::REGIONS].concat()),
        ("azure", [azure::VARIABLES, &[azure::ENDPOINT]].concat()),
    ];
    for (provider, variables) in of_clouds {
        let _ = writeln!(
            page,
            "| `{}` | The cloud's own variables, read for keys of `{provider}` as far as these leave something unsaid; `--env-allow` holds for them too. |",
            variables.join("`, `")
        );
    }
    page.push('\n');
}

/// A section per object type, in the order in which they are met.
fn document(page: &mut String, schema: &Value) {
    let mut seen = BTreeSet::new();
    let mut waiting = VecDeque::from([(String::from("The document"), schema)]);
    while let Some((name, object)) = waiting.pop_front() {
        let Some(properties) = object["properties"].as_object() else {
            continue;
        };
        let _ = writeln!(page, "### {name}\n");
        if let Some(description) = object["description"].as_str() {
            let _ = writeln!(page, "{}\n", paragraph(description));
        }
        page.push_str("| field | type | default | what it does |\n| --- | --- | --- | --- |\n");
        let required: BTreeSet<&str> = object["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let ours = |property: &Value| property["description"].as_str().unwrap_or_default().contains(NOT_SAID);
        for (field, property) in properties.iter().filter(|(_, property)| !ours(property)) {
            let default = match property.get("default") {
                _ if required.contains(field.as_str()) => String::from("required"),
                Some(Value::Null) | None => String::new(),
                Some(Value::Object(_)) => String::new(),
                Some(default) => format!("`{default}`"),
            };
            let description = cell(property["description"].as_str().unwrap_or_default());
            let _ = writeln!(
                page,
                "| `{field}` | {} | {default} | {description} |",
                kind(schema, property)
            );
            for reference in references(property) {
                if seen.insert(reference) {
                    waiting.push_back((reference.to_owned(), &schema["$defs"][reference]));
                }
            }
        }
        page.push('\n');
    }
}

/// A property's type in words. Types with fields of their own are links.
fn kind(schema: &Value, property: &Value) -> String {
    if let Some(name) = reference(property) {
        let target = &schema["$defs"][name];
        if target["properties"].is_object() {
            return format!("[{name}](#{})", name.to_lowercase());
        }
        return kind(schema, target);
    }
    if let Some(choices) = choices(property) {
        return choices
            .iter()
            .map(|choice| format!("`{choice}`"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    if let Some(some) = property["anyOf"]
        .as_array()
        .and_then(|any| any.iter().find(|one| one["type"] != "null"))
    {
        return kind(schema, some);
    }
    let word = match &property["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).find(|word| *word != "null"),
        word => word.as_str(),
    };
    match word {
        Some("array") => format!("list of {}", kind(schema, &property["items"])),
        Some("object") => match property.get("additionalProperties").filter(|value| value.is_object()) {
            Some(value) => format!("map to {}", kind(schema, value)),
            None => String::from("object"),
        },
        Some(word) => word.to_owned(),
        None => String::from("any"),
    }
}

/// The words of a type that is one of a few.
fn choices(property: &Value) -> Option<Vec<&str>> {
    if let Some(words) = property["enum"].as_array() {
        return words.iter().filter(|word| !word.is_null()).map(Value::as_str).collect();
    }
    property["oneOf"]
        .as_array()?
        .iter()
        .map(|one| one["const"].as_str().or_else(|| one["enum"][0].as_str()))
        .collect()
}

fn reference(property: &Value) -> Option<&str> {
    property["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// Every type that a property leads to.
fn references(property: &Value) -> Vec<&str> {
    match property {
        Value::Object(members) => reference(property)
            .into_iter()
            .chain(members.values().flat_map(references))
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

fn paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cell(text: &str) -> String {
    paragraph(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_every_option_and_every_part_of_the_document() {
        let page = configuration();
        for expected in [
            "| `--port PORT` | `GATEWAY_PORT` | `8080` |",
            "GATEWAY_SECRET_KEY",
            "| `OPENAI_API_KEY` |",
            "| `providers` | map to [Provider](#provider) |",
            "### VirtualKeySettings",
            "| `reset_duration` | string | required |",
            "`none`, `http`, `socks5`, `environment`",
        ] {
            assert!(page.contains(expected), "no `{expected}` in\n{page}");
        }
    }

    #[test]
    fn the_example_of_the_page_is_a_valid_document() {
        let yaml = SETTINGS.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
        let document: Value = serde_saphyr::from_str(yaml).unwrap();
        gateway::Control::check(document).unwrap();
    }
}
