//! Turns a model price list into the catalogue that `gateway-governance` embeds: one model a line, and only what the
//! gateway acts on.

mod pictures;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use pictures::sized;

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
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    per: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pictures: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    batch: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    caps: Vec<String>,
}

/// The token classes that have a price of their own here. Video is counted with pictures.
const CLASSES: &[&str] = &[
    "in",
    "cache_read",
    "audio_cache_read",
    "cache_write",
    "cache_write_1h",
    "audio_in",
    "image_in",
    "out",
    "reasoning_out",
    "audio_out",
    "image_out",
];

fn convert(list: List) -> Result<String, serde_json::Error> {
    let (pictures, mut models): (Vec<_>, Vec<_>) = list.models.into_iter().partition(|model| sized(model).is_some());
    let pictures = pictures::by_model(&pictures);
    // Some models are listed by the sizes of their pictures alone.
    for (provider, model) in pictures.keys() {
        if !models
            .iter()
            .any(|known| known.provider == *provider && known.model == *model)
        {
            models.push(Model::of_pictures(provider, model));
        }
    }
    models.sort_by(|a, b| (&a.provider, &a.model).cmp(&(&b.provider, &b.model)));
    let mut text = format!("# {}\n", list.about);
    for model in models {
        let pictures = pictures.get(&(model.provider.clone(), model.model.clone()));
        let line = serde_json::to_string(&line(model, pictures))?;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
    }
    Ok(text)
}

fn line(model: Model, pictures: Option<&BTreeMap<String, String>>) -> Line {
    let per = units(&model);
    let uncounted = model.per.values().any(|price| is_something(price));
    let Model {
        provider,
        model,
        mode,
        context,
        max_output,
        mut price,
        mut above,
        mut variants,
        caps,
        ..
    } = model;
    let mut batch = variants.remove("batch").unwrap_or_default();
    let ours = |class: &str| CLASSES.contains(&class);
    price.retain(|class, _| ours(class));
    batch.retain(|class, _| ours(class));
    above
        .iter_mut()
        .for_each(|tier| tier.price.retain(|class, _| ours(class)));
    // What answers with tokens is billed by them.
    let pictures = pictures.filter(|_| !writes_tokens(&price)).cloned().unwrap_or_default();
    let per = match (per.is_empty(), pictures::dearest(&pictures)) {
        (true, Some(dearest)) => BTreeMap::from([("image", dearest)]),
        _ => per,
    };
    // A model that is billed by something else has zeros for its tokens; where nobody counts that, its price is not known.
    if uncounted && per.is_empty() && !price.values().any(|price| is_something(price)) {
        price.clear();
    }
    Line {
        provider,
        model,
        mode,
        context,
        max_output,
        price,
        above,
        per,
        pictures,
        batch,
        caps,
    }
}

impl Model {
    fn of_pictures(provider: &str, model: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            mode: Some("image_generation".to_owned()),
            context: None,
            max_output: None,
            price: BTreeMap::new(),
            above: Vec::new(),
            per: BTreeMap::new(),
            variants: BTreeMap::new(),
            caps: Vec::new(),
        }
    }
}

/// Whether the answer's tokens have a price.
fn writes_tokens(price: &BTreeMap<String, String>) -> bool {
    let costs = |class: &str| price.get(class).is_some_and(|price| is_something(price));
    costs("out") || costs("image_out") || costs("audio_out")
}

fn is_something(price: &str) -> bool {
    price.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}

/// The prices per unit that the gateway counts units for. What has a price for its tokens too is billed by these: vendors
/// publish one as an estimate of the other.
fn units(model: &Model) -> BTreeMap<&'static str, String> {
    let wanted: &[(&str, &[&'static str])] = match model.mode.as_deref() {
        Some("image_generation" | "image_edit") => &[("image", &["image_out", "image_in"])],
        Some("audio_speech") => &[("character", &["char_in"])],
        Some("audio_transcription") => &[("second", &["second_in"])],
        Some("rerank") => &[("search", &["query"])],
        Some("chat") => &[("request", &["request"])],
        _ => &[],
    };
    if writes_tokens(&model.price) && model.mode.as_deref() != Some("chat") {
        return BTreeMap::new();
    }
    let found = wanted.iter().filter_map(|(measure, names)| {
        let price = names
            .iter()
            .find_map(|name| model.per.get(*name).filter(|price| is_something(price)))?;
        Some((*measure, price.clone()))
    });
    found.collect()
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
            {"provider": "p", "model": "a"},
            {"provider": "p", "model": "hd/1024-x-1024/d", "mode": "image_generation",
             "per": {"pixel_in": "0.00000007629"}, "price": {"out": "0"}},
            {"provider": "p", "model": "1024-x-1024/d", "mode": "image_generation", "per": {"image_in": "0.04"}},
            {"provider": "p", "model": "low/1024-x-1024/t", "mode": "image_generation", "per": {"image_in": "0.01"}},
            {"provider": "p", "model": "t", "mode": "image_generation", "price": {"in": "5", "image_out": "40"}},
            {"provider": "p", "model": "u", "mode": "chat", "per": {"image_out": "0.04"}, "price": {"in": "0", "out": "0"}},
            {"provider": "p", "model": "v", "mode": "audio_speech", "per": {"char_in": "0.000015"}},
            {"provider": "p", "model": "w", "mode": "audio_transcription", "per": {"second_in": "0.0001"},
             "price": {"in": "2.5", "out": "10"}}]});
        let catalogue = convert(serde_json::from_value(list).unwrap()).unwrap();
        let expected = concat!(
            "# Facts.\n",
            r#"{"provider":"p","model":"a"}"#,
            "\n",
            r#"{"provider":"p","model":"b","mode":"chat","context":10,"max_output":5,"price":{"image_in":"9","in":"1","out":"2"},"#,
            r#""above":[{"tokens":8,"in":"2"}],"per":{"request":"0.005"},"batch":{"in":"0.5"},"#,
            r#""caps":["tools"]}"#,
            "\n",
            r#"{"provider":"p","model":"d","mode":"image_generation","per":{"image":"0.08"},"#,
            r#""pictures":{"1024x1024":"0.04","hd/1024x1024":"0.08"}}"#,
            "\n",
            r#"{"provider":"p","model":"t","mode":"image_generation","price":{"image_out":"40","in":"5"}}"#,
            "\n",
            r#"{"provider":"p","model":"u","mode":"chat"}"#,
            "\n",
            r#"{"provider":"p","model":"v","mode":"audio_speech","per":{"character":"0.000015"}}"#,
            "\n",
            r#"{"provider":"p","model":"w","mode":"audio_transcription","price":{"in":"2.5","out":"10"}}"#,
            "\n",
        );
        assert_eq!(catalogue, expected);
    }
}
