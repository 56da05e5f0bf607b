//! Turns a model price list into the catalogue that `gateway-governance` embeds: one model a line, and only what the
//! gateway acts on.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Reads the list at `source`, and writes the catalogue to `target`.
pub(crate) fn run(source: &Path, target: &Path) -> Result<(), String> {
    let told = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let text = fs::read_to_string(source).map_err(|why| told(source, &why))?;
    let list: List = serde_json::from_str(&text).map_err(|why| told(source, &why))?;
    let catalogue = convert(list).map_err(|why| told(source, &why))?;
    fs::write(target, catalogue).map_err(|why| told(target, &why))
}

#[derive(Deserialize)]
struct List {
    about: String,
    models: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    provider: String,
    model: String,
    mode: Option<String>,
    context: Option<u64>,
    max_output: Option<u64>,
    #[serde(default)]
    price: BTreeMap<String, String>,
    #[serde(default)]
    above: Vec<Tier>,
    #[serde(default)]
    per: BTreeMap<String, String>,
    #[serde(default)]
    variants: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    caps: Vec<String>,
}

#[derive(Deserialize, Serialize)]
struct Tier {
    tokens: u64,
    #[serde(flatten)]
    price: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Line {
    provider: String,
    model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output: Option<u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    price: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    above: Vec<Tier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_request: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    batch: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    caps: Vec<String>,
}

/// The token classes that have a price of their own here. Images and video among the prompt are counted as input.
const CLASSES: &[&str] = &[
    "in",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "audio_in",
    "out",
    "reasoning_out",
    "audio_out",
];

fn convert(list: List) -> Result<String, serde_json::Error> {
    let mut models = list.models;
    models.sort_by(|a, b| (&a.provider, &a.model).cmp(&(&b.provider, &b.model)));
    let mut text = format!("# {}\n", list.about);
    for model in models {
        let line = serde_json::to_string(&line(model))?;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
    }
    Ok(text)
}

fn line(model: Model) -> Line {
    let Model {
        provider,
        model,
        mode,
        context,
        max_output,
        mut price,
        mut above,
        mut per,
        mut variants,
        caps,
    } = model;
    let mut batch = variants.remove("batch").unwrap_or_default();
    let ours = |class: &str| CLASSES.contains(&class);
    price.retain(|class, _| ours(class));
    batch.retain(|class, _| ours(class));
    above
        .iter_mut()
        .for_each(|tier| tier.price.retain(|class, _| ours(class)));
    Line {
        provider,
        model,
        mode,
        context,
        max_output,
        price,
        above,
        per_request: per.remove("request"),
        batch,
        caps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_becomes_one_line_a_model_in_order() {
        let list = serde_json::json!({"about": "Facts.", "models": [
            {"provider": "p", "model": "b", "key": "p/b", "mode": "chat", "context": 10, "max_output": 5,
             "price": {"in": "1", "out": "2", "image_in": "9"}, "above": [{"tokens": 8, "in": "2", "video_in": "9"}],
             "per": {"request": "0.005", "query": "1"}, "caps": ["tools"], "variants": {"batch": {"in": "0.5"}}},
            {"provider": "p", "model": "a"}]});
        let catalogue = convert(serde_json::from_value(list).unwrap()).unwrap();
        let expected = concat!(
            "# Facts.\n",
            r#"{"provider":"p","model":"a"}"#,
            "\n",
            r#"{"provider":"p","model":"b","mode":"chat","context":10,"max_output":5,"price":{"in":"1","out":"2"},"#,
            r#""above":[{"tokens":8,"in":"2"}],"per_request":"0.005","batch":{"in":"0.5"},"#,
            r#""caps":["tools"]}"#,
            "\n",
        );
        assert_eq!(catalogue, expected);
    }
}
