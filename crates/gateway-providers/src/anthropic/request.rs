//! A chat request, said as `POST /v1/messages`.

use gateway_types::chat::Request;
use gateway_types::json::Slices;
use gateway_types::loss::Loss;
use gateway_types::{Error, ErrorKind};
use http::HeaderMap;

use super::messages::{Conversation, converse, turns};
use super::model::{Abilities, abilities};
use super::wire::{Body, Metadata, OutputConfig};
use super::{format, http as wire_http, thinking, tools};
use crate::lane::Cap;
use crate::target::Target;
use crate::transport::WireRequest;

/// The cap where neither the client nor the catalogue has one; the API insists on a cap.
pub(super) const CAP: u64 = 4096;

/// Says the request, reporting what it could not say.
pub(super) fn say(request: &Request, target: &Target, cap: Cap, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    if let Some(choices) = request.sampling.choices.filter(|choices| *choices > 1) {
        return Err(Error::invalid(
            "n",
            format!("this model gives one answer per request, not {choices}; set n to 1"),
        ));
    }
    let able = abilities(target.model.as_str());
    let max_tokens = cap_of(request, target, cap);
    let mut said = converse(&request.messages, target, losses)?;
    let format = format::form(request.format.as_ref(), able.schemas, &mut said.system, losses);
    let chosen = thinking::choose(request, able, max_tokens, said.resumes_without_thinking(), losses);
    let sampled = Sampled::of(request, able, chosen.on, losses);
    let tools = tools::tools(&request.tools, able.schemas, losses)?;
    let tool_choice = tools::choice(request, !tools.is_empty(), losses);
    let extra = Extra::of(request, losses);
    let betas: &[&str] = if said.files { &[wire_http::FILES] } else { &[] };
    let body = Body {
        model: target.model.as_str(),
        max_tokens,
        system: Conversation::system(said.system),
        messages: turns(said.turns),
        tools,
        tool_choice,
        stop_sequences: stops(request, losses),
        temperature: sampled.temperature,
        top_p: sampled.top_p,
        top_k: sampled.top_k,
        metadata: request
            .user
            .as_deref()
            .or(extra.user.as_deref())
            .map(|user_id| Metadata { user_id }),
        thinking: chosen.think,
        output_config: (chosen.effort.is_some() || format.is_some()).then_some(OutputConfig {
            effort: chosen.effort,
            format,
        }),
        service_tier: extra.service_tier,
        cache_control: extra.cache_control,
        stream: request.stream,
    };
    let bytes = serde_json::to_vec(&body).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    wire_http::post(target, request.stream, Slices::one(bytes.into()), &HeaderMap::new(), betas)
}

fn cap_of(request: &Request, target: &Target, cap: Cap) -> u64 {
    let wanted = request.max_output.or(target.max_output).unwrap_or(CAP);
    match cap {
        Cap::Client => wanted,
        Cap::AtMost(most) => wanted.min(most),
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
    user: Option<String>,
    service_tier: Option<&'static str>,
    cache_control: Option<&'a serde_json::value::RawValue>,
}

impl<'a> Extra<'a> {
    fn of(request: &'a Request, losses: &mut Vec<Loss>) -> Self {
        let mut extra = Self::default();
        for (key, value) in &request.extras.0 {
            match (key.as_str(), value.get()) {
                // Written where the thinking is chosen; and one that asks for the usage that always comes.
                ("thinking" | "stream_options", _) | (_, "null") => {}
                ("cache_control", _) => extra.cache_control = Some(value),
                ("safety_identifier", text) if request.user.is_none() => {
                    extra.user = serde_json::from_str(text).ok();
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
