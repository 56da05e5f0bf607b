//! Versions of dependencies stand in one place: `[workspace.dependencies]`.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

pub(super) fn findings(root: &Path, files: &[PathBuf]) -> Vec<String> {
    files
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| name == "Cargo.toml") && path.components().count() > 1)
        .flat_map(|path| match std::fs::read_to_string(root.join(path)) {
            Ok(text) => judge(&text)
                .into_iter()
                .map(|finding| format!("{}: {finding}", path.display()))
                .collect(),
            Err(why) => vec![format!("{}: {why}", path.display())],
        })
        .collect()
}

fn judge(manifest: &str) -> Vec<String> {
    let manifest: Table = match manifest.parse() {
        Ok(manifest) => manifest,
        Err(why) => return vec![why.to_string()],
    };
    // A workspace of its own, such as the fuzz targets, cannot take its versions from this one; a lock file pins them.
    if manifest.contains_key("workspace") {
        return Vec::new();
    }
    let targets = manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(|targets| targets.values());
    targets
        .filter_map(Value::as_table)
        .chain([&manifest])
        .flat_map(|table| ["dependencies", "dev-dependencies", "build-dependencies"].map(|kind| table.get(kind)))
        .flatten()
        .filter_map(Value::as_table)
        .flatten()
        .filter(|(_, value)| value.get("workspace").and_then(Value::as_bool) != Some(true))
        .map(|(name, _)| format!("{name}: write `{name}.workspace = true` and its version in the root's Cargo.toml"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(manifest: &str, findings: usize) {
        assert_eq!(judge(manifest).len(), findings, "{manifest}");
    }

    #[test]
    fn a_version_of_ones_own_is_found() {
        check("[dependencies]\nserde.workspace = true\n", 0);
        check("[dependencies]\nserde = { workspace = true, features = [] }\n", 0);
        check("[dependencies]\nserde = \"1\"\n", 1);
        check("[workspace]\n[dependencies]\nserde = \"1\"\n", 0);
        check("[dev-dependencies]\nserde = { version = \"1\" }\n", 1);
        check("[target.'cfg(unix)'.dependencies]\nserde = \"1\"\n", 1);
    }
}
