//! A file's text as a document, whatever language it is written in.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Why a file is no document.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It could not be read.
    #[error("{}: {}", .0.display(), .1)]
    Read(PathBuf, std::io::Error),
    /// Its name does not say what language it is in.
    #[error("{}: the name must end in .json, .yaml, .yml or .toml", .0.display())]
    Language(PathBuf),
    /// It is not what its name says.
    #[error("{}: {}", .0.display(), .1)]
    Syntax(PathBuf, String),
}

/// Reads a file.
pub(crate) fn load(path: &Path) -> Result<Value, LoadError> {
    let text = std::fs::read_to_string(path).map_err(|error| LoadError::Read(path.to_owned(), error))?;
    parse(path, &text)
}

/// Reads a text in the language that the file's name stands for. Errors name line and column.
pub(super) fn parse(path: &Path, text: &str) -> Result<Value, LoadError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let syntax = |error: String| LoadError::Syntax(path.to_owned(), error.trim_end().to_owned());
    let document = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => serde_json::from_str(text).map_err(|error| syntax(error.to_string())),
        Some("yaml" | "yml") => serde_saphyr::from_str(text).map_err(|error| syntax(error.to_string())),
        Some("toml") => toml::from_str(text).map_err(|error| syntax(error.to_string())),
        _ => Err(LoadError::Language(path.to_owned())),
    }?;
    // An empty YAML file is a null, and says nothing.
    Ok(if document == Value::Null {
        Value::Object(serde_json::Map::new())
    } else {
        document
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_document_in_three_languages() {
        let expected =
            json!({ "client": { "log_retention_days": 7 }, "providers": { "openai": { "keys": [{ "name": "a" }] } } });
        for (name, text) in [
            (
                "c.json",
                r#"{"client":{"log_retention_days":7},"providers":{"openai":{"keys":[{"name":"a"}]}}}"#,
            ),
            (
                "c.yaml",
                "client:\n  log_retention_days: 7\nproviders:\n  openai:\n    keys:\n      - name: a\n",
            ),
            (
                "c.toml",
                "[client]\nlog_retention_days = 7\n[[providers.openai.keys]]\nname = \"a\"\n",
            ),
        ] {
            assert_eq!(parse(Path::new(name), text).unwrap(), expected, "{name}");
        }
        assert_eq!(parse(Path::new("c.yml"), "").unwrap(), json!({}));
    }

    #[test]
    fn a_mistake_is_named_with_file_and_place() {
        for (name, text, place) in [
            ("c.json", "{\n  \"a\": }", "line 2 column 8"),
            ("c.yaml", "a: [1,\nb: 2\n", "line "),
            ("c.toml", "[a]\nb = \n", "line 2"),
            ("c.ini", "", ".yaml"),
        ] {
            let error = parse(Path::new(name), text).unwrap_err().to_string();
            assert!(error.starts_with(name) && error.contains(place), "{error}");
        }
        assert!(
            load(Path::new("no/such.json"))
                .unwrap_err()
                .to_string()
                .contains("no/such.json")
        );
    }
}
