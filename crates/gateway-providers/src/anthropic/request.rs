//! A chat request, said as `POST /v1/messages`; and the question how long one is, as `POST /v1/messages/count_tokens`.

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::Request;
use gateway_types::json::Slices;
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error, ErrorKind, Operation};
use http::HeaderMap;
use serde_json::value::RawValue;

use super::format::Schemas;
use super::kept::{Kept, put};
use super::messages::converse;
use super::model::{Abilities, abilities};
use super::wire::{Body, Metadata, OutputConfig};
use super::{betas, format, http as wire_http, thinking, tools};
use crate::json;
use crate::lane::Cap;
use crate::target::Target;
use crate::transport::WireRequest;

/// The cap where neither the client nor the catalogue has one; the API insists on a cap.
const CAP: u64 = 4096;

/// Says a turn, reporting what it could not say.
pub(super) fn say(request: &Request, target: &Target, most: Cap, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    if let Some(choices) = request.sampling.choices.filter(|choices| *choices > 1) {
        return Err(Error::invalid(
            "n",
            format!("this model gives one answer per request, not {choices}; set n to 1"),
        ));
    }
    let able = abilities(target.family());
    let max_tokens = cap(request.max_output, target, most);
    let mut said = Said::of(request, able, max_tokens, target, losses)?;
    let sampled = Sampled::of(request, able, said.thinks, losses);
    let extra = Extra::of(request, losses);
    let user = request.user.as_deref().map(Cow::Borrowed).or(extra.user);
    said.body = Body {
        max_tokens: Some(max_tokens),
        stop_sequences: stops(request, losses),
        temperature: sampled.temperature,
        top_p: sampled.top_p,
        top_k: sampled.top_k,
        metadata: user.map(|user_id| Metadata { user_id }),
        service_tier: extra.service_tier,
        cache_control: extra.cache_control,
        stream: request.stream,
        ..said.body
    };
    said.wire(target, Operation::Chat, request.stream, losses)
}

/// Asks how long a turn's input is: what is sampled from it afterwards does not matter.
pub(super) fn count(request: &Request, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let able = abilities(target.family());
    let max_tokens = cap(request.max_output, target, Cap::Client);
    let said = Said::of(request, able, max_tokens, target, losses)?;
    said.wire(target, Operation::CountTokens, false, losses)
}

/// The cap that is said where a client asked for that one, or for none.
pub(super) fn cap(asked: Option<u64>, target: &Target, most: Cap) -> u64 {
    let wanted = asked.or(target.max_output).unwrap_or(CAP);
    match most {
        Cap::Client => wanted,
        Cap::AtMost(most) => wanted.min(most),
    }
}

/// What is said of a turn whatever is asked of it: the input, and how to think.
#[derive(Debug)]
struct Said<'a> {
    body: Body<'a>,
    /// What has no word of ours, to be put back.
    kept: Kept<'a>,
    thinks: bool,
    betas: &'static [&'static str],
}

impl<'a> Said<'a> {
    fn of(
        request: &'a Request,
        able: Abilities,
        max_tokens: u64,
        target: &'a Target,
        losses: &mut Vec<Loss>,
    ) -> Result<Self, Error> {
        let own = request.dialect == DialectName::Anthropic;
        let schemas = match (own, able.schemas) {
            (true, _) => Schemas::Own,
            (false, true) => Schemas::Enforced,
            (false, false) => Schemas::Asked,
        };
        let mut kept = if own {
            Kept::of(&request.extras)
        } else {
            Kept::nothing()
        };
        let mut said = converse(&request.messages, request.dialect, able, target, losses)?;
        let format = format::form(request.format.as_ref(), schemas, &mut said.system, losses);
        let resumes = said.resumes_without_thinking(own);
        let chosen = match own {
            true => thinking::repeat(request, resumes, losses),
            false => thinking::choose(request, able, max_tokens, resumes, losses),
        };
        let tools = tools::tools(request, schemas, &mut kept, losses)?;
        let tool_choice = tools::choice(request, own, !tools.is_empty(), losses);
        Ok(Self {
            kept,
            thinks: chosen.on,
            betas: if said.files { &[betas::FILES] } else { &[] },
            body: Body {
                model: Some(target.model.as_str()),
                system: said.system(own),
                messages: said.turns(losses),
                tools,
                tool_choice,
                thinking: chosen.think,
                output_config: (chosen.effort.is_some() || format.is_some()).then_some(OutputConfig {
                    effort: chosen.effort,
                    format,
                }),
                ..Body::default()
            },
        })
    }

    fn wire(
        mut self,
        target: &Target,
        operation: Operation,
        stream: bool,
        losses: &mut Vec<Loss>,
    ) -> Result<WireRequest, Error> {
        if wire_http::path_names_model(target, operation) {
            self.body.model = None;
        }
        self.body.anthropic_version = wire_http::is_vertex(target).then_some(wire_http::ON_VERTEX);
        let bytes = json::to_vec(&self.body).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        let body = self.complete(Bytes::from(bytes), losses);
        let mut wire = wire_http::post(target, operation, stream, Slices::one(body))?;
        wire_http::head(target, &HeaderMap::new(), self.betas, &mut wire);
        Ok(wire)
    }

    /// The body with what has no word of ours.
    fn complete(&self, body: Bytes, losses: &mut Vec<Loss>) -> Bytes {
        if self.kept.is_empty() {
            return body;
        }
        put(&body, self.kept.rest()).unwrap_or_else(|| {
            for (path, _) in self.kept.rest() {
                losses.push(Loss::dropped(path, "cannot be put back where it stood"));
            }
            body
        })
    }
}

/// How to sample, as far as the model lets itself be told.
#[derive(Debug, Default)]
struct Sampled {
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_k: Option<u64>,
}

impl Sampled {
    fn of(request: &Request, able: Abilities, thinks: bool, losses: &mut Vec<Loss>) -> Self {
        let asked = &request.sampling;
        if request.dialect == DialectName::Anthropic {
            return Self {
                temperature: asked.temperature,
                top_p: asked.top_p,
                top_k: asked.top_k,
            };
        }
        for (field, given) in [
            (
                "frequency_penalty",
                asked.frequency_penalty.is_some_and(|penalty| penalty != 0.0),
            ),
            (
                "presence_penalty",
                asked.presence_penalty.is_some_and(|penalty| penalty != 0.0),
            ),
            ("seed", asked.seed.is_some()),
        ] {
            if given {
                losses.push(Loss::dropped(field, "no counterpart"));
            }
        }
        let mut said = Self {
            temperature: asked.temperature,
            top_p: asked.top_p,
            top_k: asked.top_k,
        };
        if !able.sampling {
            said.leave_out("this model takes no sampling settings", losses);
        } else if thinks {
            said.limit_to_thinking(losses);
        }
        if let Some(hot) = said.temperature.filter(|temperature| *temperature > 1.0) {
            losses.push(Loss::emulated(
                "temperature",
                format!("{hot} is lowered to 1, the most there"),
            ));
            said.temperature = Some(1.0);
        }
        if !able.both && said.temperature.is_some() && said.top_p.take().is_some() {
            losses.push(Loss::dropped(
                "top_p",
                "this model takes temperature or top_p, not both",
            ));
        }
        said
    }

    fn leave_out(&mut self, note: &str, losses: &mut Vec<Loss>) {
        for (field, given) in [
            ("temperature", self.temperature.take().is_some()),
            ("top_p", self.top_p.take().is_some()),
            ("top_k", self.top_k.take().is_some()),
        ] {
            if given {
                losses.push(Loss::dropped(field, note));
            }
        }
    }

    /// While it thinks, a model samples at temperature 1 and top_p from 0.95.
    fn limit_to_thinking(&mut self, losses: &mut Vec<Loss>) {
        let note = "fixed while the model thinks";
        if self.temperature.take().is_some_and(|temperature| temperature != 1.0) {
            losses.push(Loss::dropped("temperature", note));
        }
        if self.top_p.is_some_and(|top_p| top_p < 0.95) {
            self.top_p = None;
            losses.push(Loss::dropped("top_p", note));
        }
        if self.top_k.take().is_some() {
            losses.push(Loss::dropped("top_k", note));
        }
    }
}

/// The API refuses stop texts of white space alone.
fn stops<'a>(request: &'a Request, losses: &mut Vec<Loss>) -> Vec<&'a str> {
    if request.dialect == DialectName::Anthropic {
        return request.stop.iter().map(String::as_str).collect();
    }
    let (kept, blank): (Vec<&str>, Vec<&str>) = request
        .stop
        .iter()
        .map(String::as_str)
        .partition(|stop| !stop.trim().is_empty());
    if !blank.is_empty() {
        losses.push(Loss::dropped(
            "stop",
            "stop texts of white space alone are refused there",
        ));
    }
    kept
}

/// What stood in the request beside the vocabulary.
#[derive(Debug, Default)]
struct Extra<'a> {
    /// OpenAI's newer word for the end user.
    user: Option<Cow<'a, str>>,
    service_tier: Option<&'static str>,
    cache_control: Option<&'a RawValue>,
}

impl<'a> Extra<'a> {
    /// Of a request in this dialect all are put back as they were.
    fn of(request: &'a Request, losses: &mut Vec<Loss>) -> Self {
        let mut extra = Self::default();
        if request.dialect == DialectName::Anthropic {
            return extra;
        }
        for (key, value) in &request.extras.0 {
            match (key.as_str(), value.get()) {
                // Written where the thinking is chosen; and one that asks for the usage that always comes.
                ("thinking" | "stream_options", _) | (_, "null") => {}
                ("cache_control", _) => extra.cache_control = Some(value),
                ("safety_identifier", text) if request.user.is_none() => {
                    extra.user = serde_json::from_str::<String>(text).ok().map(Cow::Owned);
                    losses.push(Loss::mapped("safety_identifier", "metadata.user_id"));
                }
                ("service_tier", r#""auto""#) => extra.service_tier = Some("auto"),
                ("service_tier", r#""default""#) => {
                    extra.service_tier = Some("standard_only");
                    losses.push(Loss::mapped("service_tier", "`default` is `standard_only` there"));
                }
                _ => losses.push(Loss::dropped(key.as_str(), "no counterpart")),
            }
        }
        extra
    }
}
