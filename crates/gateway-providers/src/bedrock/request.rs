//! A chat request, said as `POST /model/{id}/converse`.

use gateway_types::chat::{Extras, Format, Request, Sampling};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error};
use serde_json::value::RawValue;

use super::model::Model;
use super::read::ADDITIONAL;
use super::settings::{Extra, form, sample, stops};
use super::talk::{Conversation, converse};
use super::think::{self, Fields, Setting};
use super::tools::{self, Tools};
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
        out.inner("input", |out| {
            out.inner("converse", |out| said.conversation(request, out))
        });
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
    fields
        .iter()
        .for_each(|(_, raw)| super::additional::read(raw, &mut known));
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
            out.inner(ADDITIONAL, |out| {
                self.fields.0.iter().for_each(|(key, raw)| out.member(key, raw))
            });
        }
    }

    fn settings(&self, request: &Request, out: &mut Out<'_>) {
        self.inference(&Kept::of(request, "inferenceConfig"), out);
        self.output(&Kept::of(request, "outputConfig"), out);
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

    fn inference(&self, kept: &Kept<'_>, out: &mut Out<'_>) {
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

    fn output(&self, kept: &Kept<'_>, out: &mut Out<'_>) {
        let schema = match self.format {
            Some(Format::Schema {
                name,
                description,
                schema,
                ..
            }) => Some((name, description, schema)),
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
    kept.iter()
        .filter(move |_| own)
        .map(|(key, raw)| (key.as_str(), &**raw))
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
