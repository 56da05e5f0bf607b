//! What is wrong with the settings as a whole, with the place as whoever wrote them knows it: a path of the file, or a field of
//! the document that was sent.

use gateway_governance::directory::Fault;

use super::ControlError;
use super::plain::Section;
use super::state::{Docs, State};
use crate::settings::RoutingRule;
use gateway_governance::settings::{CustomerSettings, ModelConfig, ProviderLimits, TeamSettings};

/// The lists that governance looks through, each in the order of `docs`, under the names that its faults have for them.
fn document(docs: &Docs, list: &str, index: usize) -> Option<(&'static str, &'static str, String)> {
    fn nth<T: Section>(docs: &Docs, index: usize) -> Option<(&'static str, &'static str, String)> {
        let key = T::all(&docs.plain).keys().nth(index)?;
        Some((T::LIST, T::WORDS, key.clone()))
    }
    match list {
        "virtual_keys" => {
            let id = docs.virtual_keys.keys().nth(index)?;
            Some(("governance.virtual_keys", "virtual key", id.to_string()))
        }
        "teams" => nth::<TeamSettings>(docs, index),
        "customers" => nth::<CustomerSettings>(docs, index),
        "model_configs" => nth::<ModelConfig>(docs, index),
        "providers" => nth::<ProviderLimits>(docs, index),
        "routing_rules" => nth::<RoutingRule>(docs, index),
        _ => None,
    }
}

/// Governance's findings about `docs`, the state's effective ones, in one sentence.
pub(super) fn told(faults: &[Fault], state: &State, docs: &Docs) -> ControlError {
    let all: Vec<_> = faults
        .iter()
        .map(|(path, error)| format!("{}: {error}", place(path, state, docs)))
        .collect();
    ControlError::Invalid(all.join("; "))
}

fn place(path: &str, state: &State, docs: &Docs) -> String {
    let parts = || {
        let (list, rest) = path.split_once('[')?;
        let (index, field) = rest.split_once("].")?;
        let (list, words, key) = document(docs, list, index.parse().ok()?)?;
        let file = state
            .file
            .as_ref()
            .and_then(|(_, file)| file.places.get(&(list, key.clone())));
        Some(match file {
            Some(index) => format!("`{list}[{index}].{field}`"),
            None => format!("`{field}` of {words} `{key}`"),
        })
    };
    parts().unwrap_or_else(|| format!("`{path}`"))
}

/// A complaint with the path as the caller wrote the body: the document that was sent needs no name, and a single `budget` is no
/// `budgets[0]`.
pub(super) fn in_the_callers_words(error: ControlError, named: &str, plural: bool) -> ControlError {
    let ControlError::Invalid(message) = error else {
        return error;
    };
    let message = message.replace(&format!("` of {named}: "), "`: ");
    ControlError::Invalid(match plural {
        true => message,
        false => message.replace("budgets[0]", "budget"),
    })
}
