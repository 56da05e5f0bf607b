//! What other dialects' clients say that the vocabulary has no word for: what has a counterpart is said, the rest reported.

use gateway_types::DialectName;
use gateway_types::chat::Request;
use gateway_types::loss::Loss;
use serde_json::value::RawValue;

use super::keys;
use super::offer::Offer;
use super::tree::{Json, Object};
use crate::target::{Site, Target};

/// Says what can be said of the request's extras.
pub(super) fn map<'a>(
    request: &'a Request,
    target: &Target,
    body: &mut Object<'a>,
    generation: &mut Object<'a>,
    offer: &mut Offer<'a>,
    losses: &mut Vec<Loss>,
) {
    let in_cloud = matches!(target.site, Site::Vertex { .. });
    for (key, value) in &request.extras.0 {
        let text: Option<&str> = serde_json::from_str(value.get()).ok();
        let mapped = |to: &str| Loss::mapped(key.as_str(), to);
        match key.as_str() {
            "logprobs" if value.get() == "true" => generation.put("responseLogprobs", true),
            "logprobs" if value.get() == "false" => {}
            "top_logprobs" => generation.put("logprobs", &**value),
            "modalities" => {
                generation.maybe("responseModalities", modalities(value));
                losses.push(mapped("generationConfig.responseModalities"));
            }
            "service_tier" => match tier(text) {
                Some(tier) => {
                    body.maybe("serviceTier", tier);
                    losses.push(mapped("serviceTier"));
                }
                None => losses.push(Loss::dropped(key.as_str(), "no such tier")),
            },
            "store" if request.dialect == DialectName::OpenAi && !in_cloud => {
                body.put("store", &**value);
                losses.push(mapped("store"));
            }
            "metadata" if in_cloud && are_labels(value) => {
                body.put("labels", &**value);
                losses.push(mapped("labels"));
            }
            "safety_settings" | "safetySettings" => body.put("safetySettings", &**value),
            "web_search_options" => {
                offer.search();
                losses.push(Loss::emulated(key.as_str(), "Google's own tool `googleSearch`"));
            }
            // Google's own way to say more through OpenAI's SDKs.
            "google" => google(value, "google", body, generation, losses),
            "extra_body" => {
                let inner = keys::members(value).ok().and_then(|mut members| members.take("google"));
                match inner {
                    Some(inner) => google(inner, "extra_body.google", body, generation, losses),
                    None => losses.push(Loss::dropped(key.as_str(), "no counterpart")),
                }
            }
            _ if value.get() == "null" => {}
            _ => losses.push(Loss::dropped(key.as_str(), "no counterpart")),
        }
    }
}

fn google<'a>(raw: &'a RawValue, at: &str, body: &mut Object<'a>, generation: &mut Object<'a>, losses: &mut Vec<Loss>) {
    let Ok(members) = keys::members(raw) else {
        losses.push(Loss::dropped(at, "must be an object"));
        return;
    };
    for (key, value) in members.pairs() {
        match key {
            "cachedContent" => body.put("cachedContent", value),
            "safetySettings" => body.put("safetySettings", value),
            "thinkingConfig" => generation.put("thinkingConfig", value),
            "responseModalities" | "speechConfig" | "imageConfig" | "mediaResolution" => {
                generation.put(key.to_owned(), value);
            }
            other => losses.push(Loss::dropped(format!("{at}.{other}"), "no counterpart")),
        }
    }
}

/// `text`, `audio`, `image` in capitals.
fn modalities<'a>(raw: &RawValue) -> Option<Json<'a>> {
    let words: Vec<String> = serde_json::from_str(raw.get()).ok()?;
    Some(
        words
            .into_iter()
            .map(|word| Json::from(word.to_ascii_uppercase()))
            .collect(),
    )
}

/// A class of service: none where it is the usual one.
fn tier(word: Option<&str>) -> Option<Option<&'static str>> {
    Some(match word? {
        "auto" => None,
        "default" | "standard" | "standard_only" => Some("standard"),
        "flex" => Some("flex"),
        "priority" => Some("priority"),
        _ => return None,
    })
}

/// Whether all of it fits the rules for labels ("Requirements for labels" in Google Cloud's documentation).
fn are_labels(raw: &RawValue) -> bool {
    let Ok(pairs) = serde_json::from_str::<std::collections::BTreeMap<String, String>>(raw.get()) else {
        return false;
    };
    let fits = |text: &str| {
        let fine = |c: char| c.is_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        text.chars().count() <= 63 && text.chars().all(fine)
    };
    let key = |text: &str| text.starts_with(char::is_lowercase) && fits(text);
    pairs.len() <= 64 && pairs.iter().all(|(name, value)| key(name) && fits(value))
}
