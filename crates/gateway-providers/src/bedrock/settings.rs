//! How to answer, said: sampling, the form of the answer, stop texts, and what stood in a request beside the vocabulary.

use std::borrow::Cow;
use std::collections::BTreeMap;

use gateway_types::chat::{Format, Request, Sampling};
use gateway_types::loss::Loss;
use serde::Deserialize;

use super::model::{Maker, Model};
use super::think::Fields;
use super::wire::Block;
use crate::anthropic::is_enforceable;
use crate::json::Out;

/// How to sample, as far as the model lets itself be told.
pub(super) fn sample(
    request: &Request,
    model: Model<'_>,
    thinks: bool,
    fields: &mut Fields,
    losses: &mut Vec<Loss>,
) -> Sampling {
    let mut asked = request.sampling.clone();
    for (field, given) in [
        (
            "frequency_penalty",
            asked.frequency_penalty.take().is_some_and(|penalty| penalty != 0.0),
        ),
        (
            "presence_penalty",
            asked.presence_penalty.take().is_some_and(|penalty| penalty != 0.0),
        ),
        ("seed", asked.seed.take().is_some()),
    ] {
        if given {
            losses.push(Loss::dropped(field, "no counterpart"));
        }
    }
    let mut lose = |field: &str, note: &str| losses.push(Loss::dropped(field, note));
    if !model.can_be_sampled() {
        let note = "this model takes no sampling settings";
        asked
            .temperature
            .take()
            .into_iter()
            .for_each(|_| lose("temperature", note));
        asked.top_p.take().into_iter().for_each(|_| lose("top_p", note));
        asked.top_k.take().into_iter().for_each(|_| lose("top_k", note));
    } else if thinks {
        let note = "fixed while the model thinks";
        asked
            .temperature
            .take()
            .filter(|heat| *heat != 1.0)
            .into_iter()
            .for_each(|_| lose("temperature", note));
        asked
            .top_p
            .take_if(|top_p| *top_p < 0.95)
            .into_iter()
            .for_each(|_| lose("top_p", note));
        asked.top_k.take().into_iter().for_each(|_| lose("top_k", note));
    }
    if let Some(hot) = asked.temperature.filter(|heat| *heat > 1.0) {
        losses.push(Loss::emulated(
            "temperature",
            format!("{hot} is lowered to 1, the most there"),
        ));
        asked.temperature = Some(1.0);
    }
    if asked.temperature.is_some() && model.claude().is_some_and(|able| !able.both) && asked.top_p.take().is_some() {
        losses.push(Loss::dropped(
            "top_p",
            "this model takes temperature or top_p, not both",
        ));
    }
    if let Some(top_k) = asked.top_k {
        model.top_k(top_k, fields, losses);
    }
    asked
}

impl Model<'_> {
    fn top_k(self, top_k: u64, fields: &mut Fields, losses: &mut Vec<Loss>) {
        match self.maker {
            Maker::Claude => fields.put("top_k", top_k),
            Maker::Nova | Maker::Nova2 => fields.put("inferenceConfig", serde_json::json!({ "topK": top_k })),
            _ => losses.push(Loss::dropped("top_k", "this model is not known to take it")),
        }
    }
}

/// The form of the answer: a schema where the model keeps to it, an instruction where it cannot.
pub(super) fn form<'a>(
    format: Option<&'a Format>,
    model: Model<'_>,
    system: &mut Vec<Block<'a>>,
    losses: &mut Vec<Loss>,
) -> Option<&'a Format> {
    const FIELD: &str = "response_format";
    let format = format?;
    let instruction = match format {
        Format::Text => return None,
        Format::Schema { schema, .. } if model.enforces_schemas() && is_enforceable(schema) => return Some(format),
        Format::Json => "Answer with one JSON object and nothing else: no other words, no code fence.".to_owned(),
        Format::Schema {
            schema, description, ..
        } => {
            let what = description
                .as_deref()
                .map(|what| format!(" ({what})"))
                .unwrap_or_default();
            format!(
                "Answer with one JSON value{what} and nothing else: no other words, no code fence. It must match this JSON Schema: {}",
                schema.get()
            )
        }
    };
    losses.push(Loss::emulated(FIELD, "asked for in the system prompt, not enforced"));
    system.push(Block::Text(Cow::Owned(instruction)));
    None
}

/// Stop texts of white space alone are refused.
pub(super) fn stops<'a>(request: &'a Request, losses: &mut Vec<Loss>) -> Vec<&'a str> {
    let texts = request.stop.iter().map(String::as_str);
    let (kept, blank): (Vec<&str>, Vec<&str>) = texts.partition(|stop| !stop.trim().is_empty());
    if !blank.is_empty() {
        losses.push(Loss::dropped(
            "stop",
            "stop texts of white space alone are refused there",
        ));
    }
    kept
}

/// What stood in a request of another dialect beside the vocabulary, and has a counterpart.
#[derive(Debug, Default)]
pub(super) struct Extra<'a> {
    metadata: Option<BTreeMap<Cow<'a, str>, Cow<'a, str>>>,
    tier: Option<&'static str>,
}

impl<'a> Extra<'a> {
    pub(super) fn of(request: &'a Request, losses: &mut Vec<Loss>) -> Self {
        let mut extra = Self::default();
        for (key, raw) in &request.extras.0 {
            match (key.as_str(), raw.get()) {
                // Said where the thinking is; and what asks for the usage that always comes.
                ("thinking" | "stream_options", _) | (_, "null") => {}
                ("store", "false") => {}
                ("metadata", text) => match Metadata::read(text) {
                    Some(metadata) => {
                        losses.push(Loss::mapped("metadata", "requestMetadata"));
                        extra.metadata = Some(metadata);
                    }
                    None => losses.push(Loss::dropped(
                        "metadata",
                        "at most 16 short texts of plain letters are taken there",
                    )),
                },
                ("service_tier", r#""auto""#) => {}
                ("service_tier", text) => match tier(text) {
                    Some(tier) => {
                        losses.push(Loss::mapped("service_tier", format!("serviceTier `{tier}`")));
                        extra.tier = Some(tier);
                    }
                    None => losses.push(Loss::dropped("service_tier", "no such tier there")),
                },
                _ => losses.push(Loss::dropped(key.as_str(), "no counterpart")),
            }
        }
        extra
    }

    pub(super) fn write(&self, out: &mut Out<'_>) {
        out.maybe("requestMetadata", self.metadata.as_ref());
        if let Some(tier) = self.tier {
            out.inner("serviceTier", |out| out.member("type", tier));
        }
    }
}

fn tier(text: &str) -> Option<&'static str> {
    match text {
        r#""default""# | r#""standard_only""# => Some("default"),
        r#""flex""# => Some("flex"),
        r#""priority""# => Some("priority"),
        _ => None,
    }
}

/// `requestMetadata`, of which the service model says what it may be.
#[derive(Deserialize)]
struct Metadata<'a>(#[serde(borrow)] BTreeMap<Cow<'a, str>, Cow<'a, str>>);

impl<'a> Metadata<'a> {
    fn read(text: &'a str) -> Option<BTreeMap<Cow<'a, str>, Cow<'a, str>>> {
        let Self(pairs) = serde_json::from_str(text).ok()?;
        let plain = |text: &str| {
            let fits = |letter: char| {
                letter.is_ascii_alphanumeric() || letter.is_ascii_whitespace() || ":_@$#=/+,-.".contains(letter)
            };
            text.len() <= 256 && text.chars().all(fits)
        };
        let fits = (1..=16).contains(&pairs.len())
            && pairs
                .iter()
                .all(|(key, value)| !key.is_empty() && plain(key) && plain(value));
        fits.then_some(pairs)
    }
}
