//! The shared files of AWS's tools (`~/.aws/config`, `~/.aws/credentials`), and what a profile in them asks for.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use gateway_types::{Error, Secret};

use super::super::fetch::refused;
use super::super::means::variable;
use super::super::{AwsKeys, Surroundings};
use super::{FILE_LIFE, Origin, Recipe, Role};

type Settings = BTreeMap<String, String>;

/// The profiles of both files; keys in the credentials file count more.
#[derive(Debug)]
pub(super) struct Profiles {
    by_name: BTreeMap<String, Settings>,
    /// The profile in use, and whether somebody asked for it by name.
    chosen: (String, bool),
}

/// What would need a program, a browser or a person.
const NOT_DONE: [&str; 4] = ["credential_process", "sso_session", "sso_start_url", "mfa_serial"];

impl Profiles {
    /// Reads the files that there are.
    pub(super) fn read(surroundings: &dyn Surroundings) -> Result<Self, Error> {
        let mut by_name = BTreeMap::new();
        for (name, usual, prefixed) in [
            ("AWS_CONFIG_FILE", "config", true),
            ("AWS_SHARED_CREDENTIALS_FILE", "credentials", false),
        ] {
            let given = variable(surroundings, name);
            let home = || variable(surroundings, "HOME").or_else(|| variable(surroundings, "USERPROFILE"));
            let Some(path) = given.clone().or_else(|| Some(format!("{}/.aws/{usual}", home()?))) else {
                continue;
            };
            match surroundings.read(&path) {
                Ok(text) => parse(&text, prefixed, &mut by_name),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                // A home that may not be looked into has nothing for us.
                Err(_) if given.is_none() => {}
                Err(error) => return Err(refused(format!("the file of {name}, `{path}`: {error}"))),
            }
        }
        let asked = variable(surroundings, "AWS_PROFILE").or_else(|| variable(surroundings, "AWS_DEFAULT_PROFILE"));
        let chosen = asked.map_or_else(|| ("default".to_owned(), false), |name| (name, true));
        Ok(Self { by_name, chosen })
    }

    /// The region of the profile in use.
    pub(super) fn region(&self) -> Option<String> {
        self.by_name.get(&self.chosen.0)?.get("region").cloned()
    }

    /// What the profile in use asks for; nothing where it says nothing of credentials and nobody named it.
    pub(super) fn recipe(&self, surroundings: &dyn Surroundings) -> Result<Option<Recipe>, Error> {
        let (name, asked) = &self.chosen;
        match self.follow(name, surroundings, &mut Vec::new())? {
            None if *asked => Err(refused(format!(
                "the AWS profile `{name}` is in no file, or has no credentials"
            ))),
            found => Ok(found),
        }
    }

    fn follow<'a>(
        &'a self,
        name: &'a str,
        surroundings: &dyn Surroundings,
        seen: &mut Vec<&'a str>,
    ) -> Result<Option<Recipe>, Error> {
        let Some(profile) = self.by_name.get(name) else {
            return Ok(None);
        };
        let again = seen.contains(&name);
        if again && seen.last() != Some(&name) {
            return Err(refused(format!(
                "the AWS profiles of `{name}` name each other in a circle"
            )));
        }
        seen.push(name);
        if let Some(key) = NOT_DONE.iter().find(|key| profile.contains_key(**key)) {
            return Err(refused(format!(
                "the AWS profile `{name}` has `{key}`, which the gateway does not do"
            )));
        }
        // A profile that is its own source means its keys.
        match profile.get("role_arn").filter(|_| !again) {
            Some(arn) => self.role(name, profile, arn, surroundings, seen).map(Some),
            None => own_keys(name, profile),
        }
    }

    fn role<'a>(
        &'a self,
        name: &'a str,
        profile: &'a Settings,
        arn: &str,
        surroundings: &dyn Surroundings,
        seen: &mut Vec<&'a str>,
    ) -> Result<Recipe, Error> {
        let role = Role {
            arn: arn.to_owned(),
            external_id: profile.get("external_id").cloned(),
            session_name: profile.get("role_session_name").cloned(),
        };
        if let Some(file) = profile.get("web_identity_token_file") {
            let file = file.clone();
            return Ok(Recipe::of(Origin::WebIdentity { role, file }));
        }
        let of = |what: &str| format!("`{what}` of the AWS profile `{name}`");
        let mut recipe = match (
            profile.get("source_profile"),
            profile.get("credential_source").map(String::as_str),
        ) {
            (Some(source), _) => self.follow(source, surroundings, seen)?.ok_or_else(|| {
                refused(format!(
                    "{} names one without credentials: `{source}`",
                    of("source_profile")
                ))
            })?,
            (None, Some("Environment")) => {
                let keys = super::from_variables(surroundings)?
                    .ok_or_else(|| refused(format!("{}: AWS_ACCESS_KEY_ID is not set", of("credential_source"))))?;
                Recipe::of(Origin::Keys(keys, None))
            }
            (None, Some("EcsContainer")) => Recipe::of(Origin::Container),
            (None, Some("Ec2InstanceMetadata")) => Recipe::of(Origin::Instance),
            (None, Some(_)) => {
                let message = format!(
                    "{} must be Environment, EcsContainer or Ec2InstanceMetadata",
                    of("credential_source")
                );
                return Err(refused(message));
            }
            (None, None) => {
                return Err(refused(format!(
                    "{} needs `source_profile`, `credential_source` or `web_identity_token_file` beside it",
                    of("role_arn")
                )));
            }
        };
        recipe.roles.push(role);
        Ok(recipe)
    }
}

fn own_keys(name: &str, profile: &Settings) -> Result<Option<Recipe>, Error> {
    let Some(id) = profile.get("aws_access_key_id") else {
        return Ok(None);
    };
    let secret = profile.get("aws_secret_access_key").ok_or_else(|| {
        refused(format!(
            "the AWS profile `{name}` has aws_access_key_id and no aws_secret_access_key"
        ))
    })?;
    let keys = AwsKeys {
        access_key_id: id.clone(),
        secret_access_key: Secret::new(secret.as_str()),
        session_token: profile
            .get("aws_session_token")
            .map(|token| Secret::new(token.as_str())),
    };
    Ok(Some(Recipe::of(Origin::Keys(keys, Some(FILE_LIFE)))))
}

/// Sections and their pairs. In the config file, sections are called `profile x` except `default`; others there are no
/// profiles. Indented lines belong to nested settings, which hold no credentials.
fn parse(text: &str, prefixed: bool, profiles: &mut BTreeMap<String, Settings>) {
    let mut section: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[') {
            let name = name.split(']').next().unwrap_or(name).trim();
            section = match name.strip_prefix("profile ") {
                Some(name) if prefixed => Some(name.trim().trim_matches(['"', '\'']).to_owned()),
                _ if prefixed && name != "default" => None,
                _ => Some(name.to_owned()),
            };
            continue;
        }
        let nested = line.starts_with([' ', '\t']);
        if let (Some(section), false, Some((key, value))) = (&section, nested, trimmed.split_once('=')) {
            let value = value.split(" #").next().unwrap_or(value).trim();
            let settings = profiles.entry(section.clone()).or_default();
            settings.insert(key.trim().to_ascii_lowercase(), value.to_owned());
        }
    }
}
