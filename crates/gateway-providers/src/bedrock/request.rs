//! A chat request, said as `POST /model/{id}/converse`.

use std::borrow::Cow;

use gateway_types::chat::{Extras, Format, Request, Sampling};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::model::Model;
use super::read::ADDITIONAL;
use super::say::{Conversation, converse};
use super::think::{self, Fields, Setting};
use super::tools::{self, Tools};
use super::wire::Block;
use crate::anthropic::is_enforceable;
use crate::json::Out;
use crate::lane::Cap;
use crate::target::Target;

/// What is asked, in the API's form.
#[derive(Debug)]
struct Said<'a> {
    talk: Conversation<'a>,
    tools: Tools<'a>,
    fields: Fields,
    cap: Option<u64>,
    sampled: Sampling,
    stop: Vec<&'a str>,
    format: Option<&'a Format>,
    effort: Option<&'a str>,
    extra: Extra<'a>,
}

/// The body of a turn.
pub(super) fn turn(request: &Request, target: &Target, cap: Cap, losses: &mut Vec<Loss>) -> Result<Vec<u8>, Error> {
    let said = say(request, target, cap, losses)?;
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        said.conversation(request, out);
        said.settings(request, out);
    });
    Ok(body)
}

/// The body of the question how many tokens a turn has.
pub(super) fn count(request: &Request, target: &Target, losses: &mut Vec<Loss>) -> Result<Vec<u8>, Error> {
    let said = say(request, target, Cap::Client, losses)?;
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.inner("input", |out| out.inner("converse", |out| said.conversation(request, out)));
    });
    Ok(body)
}

fn say<'a>(request: &'a Request, target: &'a Target, cap: Cap, losses: &mut Vec<Loss>) -> Result<Said<'a>, Error> {
    let talk = converse(&request.messages, request.dialect, target, losses)?;
    let model = Model::of(target.family());
    let cap = match (request.max_output, cap) {
        (wanted, Cap::Client) => wanted,
        (wanted, Cap::AtMost(most)) => Some(wanted.map_or(most, |wanted| wanted.min(most))),
    };
    if request.dialect == DialectName::Bedrock {
        return Ok(Said {
            tools: tools::repeat(request, model),
            fields: Fields::default(),
            cap,
            sampled: request.sampling.clone(),
            stop: request.stop.iter().map(String::as_str).collect(),
            format: request.format.as_ref(),
            effort: effort_of_its_own(request),
            extra: Extra::default(),
            talk,
        });
    }
    think::one_answer(request)?;
    let mut talk = talk;
    let mut fields = Fields::default();
    let tools = tools::say(request, &talk.called(), model, &mut fields, losses)?;
    let setting = Setting {
        model,
        cap,
        most: target.max_output,
        resumes: talk.resumes_without_thinking(),
    };
    let thinks = think::say(request, setting, &mut fields, losses);
    let sampled = sample(request, model, thinks, &mut fields, losses);
    let format = form(request.format.as_ref(), model, &mut talk.system, losses);
    let user = request.user.iter().map(|_| Loss::dropped("user", "no counterpart"));
    losses.extend(user);
    Ok(Said {
        stop: stops(request, losses),
        extra: Extra::of(request, losses),
        effort: None,
        talk,
        tools,
        fields,
        cap,
        sampled,
        format,
    })
}

/// The effort, where it was said in Converse's own field rather than in the model's.
fn effort_of_its_own(request: &Request) -> Option<&str> {
    let effort = request.effort.as_deref()?;
    let fields = request.extras.0.iter().find(|(key, _)| key == ADDITIONAL);
    let mut known = Request::new(DialectName::Bedrock);
    fields.iter().for_each(|(_, raw)| super::additional::read(raw, &mut known));
    known.effort.is_none().then_some(effort)
}

impl Said<'_> {
    /// What counts as input.
    fn conversation(&self, request: &Request, out: &mut Out<'_>) {
        out.member("messages", &self.talk.turns);
        match own_extras(request).find(|(key, _)| *key == "system") {
            _ if !self.talk.system.is_empty() => out.member("system", &self.talk.system),
            Some((key, empty)) => out.member(key, empty),
            None => {}
        }
        let kept = Kept::of(request, "toolConfig");
        if !self.tools.tools.is_empty() || kept.any() {
            out.inner("toolConfig", |out| {
                if !self.tools.tools.is_empty() {
                    out.member("tools", &self.tools.tools);
                }
                out.maybe("toolChoice", self.tools.choice.as_ref());
                // Whole tools are said in their places.
                kept.write(|key| !key.starts_with("tools["), out);
            });
        }
        if let Some((_, fields)) = own_extras(request).find(|(key, _)| *key == ADDITIONAL) {
            out.member(ADDITIONAL, fields);
        } else if !self.fields.0.is_empty() {
            out.inner(ADDITIONAL, |out| self.fields.0.iter().for_each(|(key, raw)| out.member(key, raw)));
        }
    }

    fn settings(&self, request: &Request, out: &mut Out<'_>) {
        self.inference(Kept::of(request, "inferenceConfig"), out);
        self.output(Kept::of(request, "outputConfig"), out);
        if !self.stop.is_empty() && request.dialect != DialectName::Bedrock {
            // Which of them it met stands nowhere else.
            out.member("additionalModelResponseFieldPaths", ["/stop_sequence"]);
        }
        self.extra.write(out);
        let known = ["system", "inferenceConfig", "toolConfig", "outputConfig", ADDITIONAL];
        for (key, raw) in own_extras(request) {
            if !known.contains(&key.split('.').next().unwrap_or(key)) {
                out.member(key, raw);
            }
        }
    }

    fn inference(&self, kept: Kept<'_>, out: &mut Out<'_>) {
        let Sampling { temperature, top_p, .. } = self.sampled;
        let says = self.cap.is_some() || temperature.is_some() || top_p.is_some() || !self.stop.is_empty();
        if !says && !kept.any() {
            return;
        }
        out.inner("inferenceConfig", |out| {
            out.maybe("maxTokens", self.cap);
            out.maybe("temperature", temperature);
            out.maybe("topP", top_p);
            if !self.stop.is_empty() {
                out.member("stopSequences", &self.stop);
            }
            kept.write(|_| true, out);
        });
    }

    fn output(&self, kept: Kept<'_>, out: &mut Out<'_>) {
        let schema = match self.format {
            Some(Format::Schema { name, description, schema, .. }) => Some((name, description, schema)),
            _ => None,
        };
        if schema.is_none() && self.effort.is_none() && !kept.any() {
            return;
        }
        out.inner("outputConfig", |out| {
            if let Some((name, description, schema)) = schema {
                out.inner("textFormat", |out| {
                    out.member("type", "json_schema");
                    out.inner("structure", |out| {
                        out.inner("jsonSchema", |out| {
                            out.member("schema", schema.get());
                            out.maybe("name", (!name.is_empty()).then_some(name));
                            out.maybe("description", description.as_ref());
                        });
                    });
                });
            }
            out.maybe("effort", self.effort);
            kept.write(|_| true, out);
        });
    }
}

/// What was kept of a request in this dialect.
fn own_extras(request: &Request) -> impl Iterator<Item = (&str, &RawValue)> {
    let Extras(kept) = &request.extras;
    let own = request.dialect == DialectName::Bedrock;
    kept.iter().filter(move |_| own).map(|(key, raw)| (key.as_str(), &**raw))
}

/// What was kept of one of its objects.
struct Kept<'a> {
    /// Whether it was there with nothing in it.
    empty: bool,
    members: Vec<(&'a str, &'a RawValue)>,
}

impl<'a> Kept<'a> {
    fn of(request: &'a Request, object: &str) -> Self {
        let member = |(key, raw): (&'a str, &'a RawValue)| Some((key.strip_prefix(object)?.strip_prefix('.')?, raw));
        Self {
            empty: own_extras(request).any(|(key, _)| key == object),
            members: own_extras(request).filter_map(member).collect(),
        }
    }

    fn any(&self) -> bool {
        self.empty || !self.members.is_empty()
    }

    fn write(&self, wanted: impl Fn(&str) -> bool, out: &mut Out<'_>) {
        for (key, raw) in self.members.iter().filter(|(key, _)| wanted(key)) {
            out.member(key, raw);
        }
    }
}

/// How to sample, as far as the model lets itself be told.
fn sample(request: &Request, model: Model<'_>, thinks: bool, fields: &mut Fields, losses: &mut Vec<Loss>) -> Sampling {
    let mut asked = request.sampling.clone();
    for (field, given) in [
        ("frequency_penalty", asked.frequency_penalty.take().is_some_and(|penalty| penalty != 0.0)),
        ("presence_penalty", asked.presence_penalty.take().is_some_and(|penalty| penalty != 0.0)),
        ("seed", asked.seed.take().is_some()),
    ] {
        if given {
            losses.push(Loss::dropped(field, "no counterpart"));
        }
    }
    let mut lose = |field: &str, note: &str| losses.push(Loss::dropped(field, note));
    if !model.can_be_sampled() {
        let note = "this model takes no sampling settings";
        asked.temperature.take().into_iter().for_each(|_| lose("temperature", note));
        asked.top_p.take().into_iter().for_each(|_| lose("top_p", note));
        asked.top_k.take().into_iter().for_each(|_| lose("top_k", note));
    } else if thinks {
        let note = "fixed while the model thinks";
        asked.temperature.take().filter(|heat| *heat != 1.0).into_iter().for_each(|_| lose("temperature", note));
        asked.top_p.take_if(|top_p| *top_p < 0.95).into_iter().for_each(|_| lose("top_p", note));
        asked.top_k.take().into_iter().for_each(|_| lose("top_k", note));
    }
    if let Some(hot) = asked.temperature.filter(|heat| *heat > 1.0) {
        losses.push(Loss::emulated("temperature", format!("{hot} is lowered to 1, the most there")));
        asked.temperature = Some(1.0);
    }
    if asked.temperature.is_some() && model.claude().is_some_and(|able| !able.both) && asked.top_p.take().is_some() {
        losses.push(Loss::dropped("top_p", "this model takes temperature or top_p, not both"));
    }
    if let Some(top_k) = asked.top_k {
        model.top_k(top_k, fields, losses);
    }
    asked
}

impl Model<'_> {
    fn top_k(self, top_k: u64, fields: &mut Fields, losses: &mut Vec<Loss>) {
        use super::model::Maker;
        match self.maker {
            Maker::Claude => fields.put("top_k", top_k),
            Maker::Nova | Maker::Nova2 => fields.put("inferenceConfig", serde_json::json!({ "topK": top_k })),
            _ => losses.push(Loss::dropped("top_k", "this model is not known to take it")),
        }
    }
}

/// The form of the answer: a schema where the model keeps to it, an instruction where it cannot.
fn form<'a>(
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
        Format::Schema { schema, description, .. } => {
            let what = description.as_deref().map(|what| format!(" ({what})")).unwrap_or_default();
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
fn stops<'a>(request: &'a Request, losses: &mut Vec<Loss>) -> Vec<&'a str> {
    let texts = request.stop.iter().map(String::as_str);
    let (kept, blank): (Vec<&str>, Vec<&str>) = texts.partition(|stop| !stop.trim().is_empty());
    if !blank.is_empty() {
        losses.push(Loss::dropped("stop", "stop texts of white space alone are refused there"));
    }
    kept
}

/// What stood in a request of another dialect beside the vocabulary, and has a counterpart.
#[derive(Debug, Default)]
struct Extra<'a> {
    metadata: Option<BTreeMap<Cow<'a, str>, Cow<'a, str>>>,
    tier: Option<&'static str>,
}

impl<'a> Extra<'a> {
    fn of(request: &'a Request, losses: &mut Vec<Loss>) -> Self {
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
                    None => losses.push(Loss::dropped("metadata", "at most 16 short texts of plain letters are taken there")),
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

    fn write(&self, out: &mut Out<'_>) {
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
            let fits = |letter: char| letter.is_ascii_alphanumeric() || letter.is_ascii_whitespace() || ":_@$#=/+,-.".contains(letter);
            text.len() <= 256 && text.chars().all(fits)
        };
        let fits = (1..=16).contains(&pairs.len())
            && pairs.iter().all(|(key, value)| !key.is_empty() && plain(key) && plain(value));
        fits.then_some(pairs)
    }
}
