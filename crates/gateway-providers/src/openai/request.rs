//! A chat request said in this dialect, in the words that the vendor has for it.

use gateway_types::chat::{Format, Request};
use gateway_types::json::Slices;
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error, Operation};
use http::HeaderMap;

use super::kept::Kept;
use super::words::{Account, Effort, Words};
use super::{offer, send, speak};
use crate::json::Out;
use crate::kind::StreamUsage;
use crate::lane::Cap;
use crate::target::Target;
use crate::transport::WireRequest;

/// Says a request.
pub(super) fn request(
    request: &Request,
    target: &Target,
    cap: Cap,
    losses: &mut Vec<Loss>,
) -> Result<WireRequest, Error> {
    let mut body = Vec::new();
    let words = target.kind.words;
    let mut saying = Saying {
        request,
        target,
        words,
        own: request.dialect == DialectName::OpenAi,
        thinking: words.thinks(target.model.as_str()) && request.effort.as_deref() != Some("none"),
        kept: Kept::of(&request.extras),
        losses,
    };
    Out::object(&mut body, |out| saying.top(cap, out));
    let body = Slices::one(body.into());
    send::post(target, Operation::Chat, request.stream, &HeaderMap::new(), body)
}

/// A request on its way into words.
pub(super) struct Saying<'a> {
    pub(super) request: &'a Request,
    pub(super) target: &'a Target,
    pub(super) words: &'static Words,
    /// Whether the client speaks this dialect too, so that what it has of its own is said as it was.
    pub(super) own: bool,
    /// Whether the model thinks, as far as its name and the request tell.
    thinking: bool,
    kept: Kept<'a>,
    pub(super) losses: &'a mut Vec<Loss>,
}

impl<'a> Saying<'a> {
    fn top(&mut self, cap: Cap, out: &mut Out<'_>) {
        let request = self.request;
        out.member("model", self.target.model.as_str());
        out.array("messages", |out| {
            if let (Some(Format::Schema { schema, .. }), false) = (&request.format, self.words.schemas) {
                self.note_schema(schema.get(), out);
            }
            for (i, message) in request.messages.iter().enumerate() {
                speak::message(self, message, &format!("messages[{i}]"), out);
            }
        });
        self.stream(out);
        let most = match cap {
            Cap::AtMost(most) => Some(request.max_output.map_or(most, |given| given.min(most))),
            Cap::Client => request.max_output,
        };
        out.maybe(self.target.kind.cap_member, most);
        offer::tools(self, out);
        self.format(out);
        self.sampling(out);
        self.effort(out);
        if let Some(user) = &request.user {
            self.member("user", user, out);
        }
        self.extras(out);
    }

    /// Loses something, for a reason.
    pub(super) fn lose(&mut self, field: impl Into<String>, note: impl Into<String>) {
        self.losses.push(Loss::dropped(field, note));
    }

    /// Says what is kept of this dialect under that path.
    pub(super) fn kept(&mut self, place: &str, out: &mut Out<'_>) {
        if self.own {
            self.kept.say(place, out);
        }
    }

    /// A member by the vendor's name for it, unless it refuses it.
    fn member(&mut self, key: &str, value: impl serde::Serialize, out: &mut Out<'_>) {
        match self.words.name(key, self.thinking) {
            Some(name) => out.member(name, value),
            None => self.lose(key, "this provider refuses it for this model"),
        }
    }

    fn stream(&mut self, out: &mut Out<'_>) {
        const OPTIONS: &str = "stream_options";
        let asks = self.target.kind.stream_usage == StreamUsage::Asked;
        if !self.request.stream {
            self.kept.take(OPTIONS);
            return;
        }
        out.member("stream", true);
        let rest = self.kept.take(OPTIONS).filter(|_| self.own);
        if asks || rest.is_some() {
            out.inner(OPTIONS, |out| {
                if asks {
                    out.member("include_usage", true);
                }
                for (key, raw) in rest
                    .and_then(|raw| crate::json::Members::of(raw).ok())
                    .iter()
                    .flat_map(|m| m.pairs())
                {
                    out.member(key, raw);
                }
            });
        }
    }

    fn sampling(&mut self, out: &mut Out<'_>) {
        let request = self.request;
        let sampling = &request.sampling;
        // The value that changes nothing is not missed where it cannot be said.
        let numbers = [
            ("temperature", sampling.temperature, 1.0),
            ("top_p", sampling.top_p, 1.0),
            ("frequency_penalty", sampling.frequency_penalty, 0.0),
            ("presence_penalty", sampling.presence_penalty, 0.0),
        ];
        for (key, value, usual) in numbers {
            let Some(value) = value else { continue };
            if value != usual || self.words.name(key, self.thinking).is_some() {
                self.member(key, value, out);
            }
        }
        if let Some(k) = sampling.top_k {
            self.member("top_k", k, out);
        }
        if let Some(seed) = sampling.seed {
            self.member("seed", seed, out);
        }
        if let Some(choices) = sampling.choices {
            self.member("n", choices, out);
        }
        let (said, more) = request.stop.split_at(request.stop.len().min(self.words.stops));
        if !more.is_empty() {
            self.lose(
                "stop",
                format!("this provider takes {} of them at the most", said.len()),
            );
        }
        if !said.is_empty() {
            self.member("stop", said, out);
        }
    }

    /// How hard to think, in the words that the vendor has for it.
    fn effort(&mut self, out: &mut Out<'_>) {
        let request = self.request;
        let asked = match (&request.effort, request.thinking_budget) {
            (None, None) => return self.hide(out),
            (Some(effort), _) => effort.clone(),
            (None, Some(budget)) => effort_of(budget, request.max_output).to_owned(),
        };
        let by_tokens = request.effort.is_none() && self.words.effort != Effort::Router;
        if by_tokens {
            let note = format!("said as an effort: {asked}");
            self.losses.push(Loss::emulated("thinking_budget", note));
        }
        // A client of the dialect knows the vendor's words.
        let known = if self.own {
            Some(asked.as_str())
        } else {
            self.words.effort(&asked)
        };
        match self.words.effort {
            Effort::Any | Effort::Only(_) | Effort::Except(_) => {
                if !self.own && !self.words.thinks(self.target.model.as_str()) {
                    if asked != "none" {
                        self.lose(
                            "reasoning_effort",
                            "this model does not think, or not harder than it does",
                        );
                    }
                } else if let Some(known) = known {
                    self.member("reasoning_effort", known, out);
                } else {
                    self.lose("reasoning_effort", format!("this provider has no word for {asked}"));
                }
            }
            Effort::Switch | Effort::OnlySwitch => {
                let on = asked != "none";
                out.inner("thinking", |out| {
                    out.member("type", if on { "enabled" } else { "disabled" })
                });
                if self.words.effort == Effort::Switch && on {
                    out.maybe("reasoning_effort", known);
                } else if on {
                    self.losses
                        .push(Loss::emulated("reasoning_effort", "this provider thinks or does not"));
                }
            }
            Effort::Router => return self.router(out),
        }
        self.hide(out);
    }

    fn router(&mut self, out: &mut Out<'_>) {
        let request = self.request;
        let rest = self.kept.take("reasoning").filter(|_| self.own);
        out.inner("reasoning", |out| {
            match request.thinking_budget {
                Some(budget) => out.member("max_tokens", budget),
                None => out.maybe("effort", request.effort.as_ref()),
            }
            if request.show_thinking == Some(false) {
                out.member("exclude", true);
            }
            for (key, raw) in rest
                .and_then(|raw| crate::json::Members::of(raw).ok())
                .iter()
                .flat_map(|m| m.pairs())
            {
                out.member(key, raw);
            }
        });
    }

    /// That thinking is not to be shown, where that can be said.
    fn hide(&mut self, out: &mut Out<'_>) {
        if self.request.show_thinking != Some(false) {
            return;
        }
        match self.words.effort {
            Effort::Router => out.inner("reasoning", |out| out.member("exclude", true)),
            _ => self.lose(
                "show_thinking",
                "this provider shows its thinking or does not, as it likes",
            ),
        }
    }

    /// The schema told where the answer cannot be held to it.
    fn note_schema(&mut self, schema: &str, out: &mut Out<'_>) {
        self.losses.push(Loss::emulated(
            "response_format",
            "this provider holds answers to JSON, not to a schema, which is told in words",
        ));
        out.item_object(|out| {
            out.member("role", "system");
            let text = format!("Answer with JSON, and nothing else, that matches this JSON Schema:\n{schema}");
            out.member("content", text);
        });
    }

    fn format(&mut self, out: &mut Out<'_>) {
        let Some(format) = &self.request.format else { return };
        let schemas = self.words.schemas;
        out.inner("response_format", |out| match format {
            Format::Text => out.member("type", "text"),
            Format::Schema {
                name,
                description,
                schema,
                strict,
            } if schemas => {
                out.member("type", "json_schema");
                out.inner("json_schema", |out| {
                    out.member("name", name);
                    out.maybe("description", description.as_ref());
                    out.member("schema", schema);
                    out.maybe("strict", *strict);
                });
            }
            Format::Json | Format::Schema { .. } => out.member("type", "json_object"),
        });
    }

    /// What else stood in the request: said as it was in the same dialect; of another, what has a counterpart.
    fn extras(&mut self, out: &mut Out<'_>) {
        if self.own {
            self.kept.say("", out);
            let unsaid: Vec<String> = self.kept.unsaid().map(|(key, _)| key.to_owned()).collect();
            for key in unsaid {
                self.lose(key, "another part of the request says it in other words");
            }
            return;
        }
        let all = self.words.account == Account::All;
        let foreign: Vec<_> = self.kept.unsaid().collect();
        for (key, raw) in foreign {
            match counterpart(self.request.dialect, key, raw.get(), all) {
                Some(members) => {
                    for (key, value) in members {
                        let raw: Result<&serde_json::value::RawValue, _> = serde_json::from_str(value);
                        if let Ok(raw) = raw {
                            self.member(key, raw, out);
                        }
                    }
                }
                None => self.lose(key, "this API has no such field"),
            }
        }
    }
}

/// What a member of another dialect is here; nothing where it has no counterpart. `all` is whether the provider is one that
/// knows OpenAI's own account of a request.
fn counterpart<'a>(from: DialectName, key: &'a str, value: &'a str, all: bool) -> Option<Vec<(&'a str, &'a str)>> {
    const OPENAI: [&str; 8] = [
        "metadata",
        "store",
        "service_tier",
        "prompt_cache_key",
        "prompt_cache_retention",
        "prompt_cache_options",
        "safety_identifier",
        "moderation",
    ];
    match (from, key) {
        (DialectName::Responses, "text.verbosity") if all => Some(vec![("verbosity", value)]),
        (DialectName::Responses, "top_logprobs") => Some(vec![("logprobs", "true"), ("top_logprobs", value)]),
        (DialectName::Ollama, "logprobs" | "top_logprobs") | (DialectName::Cohere, "logprobs") => {
            Some(vec![(key, value)])
        }
        (DialectName::Anthropic, "service_tier") if all => Some(vec![(
            key,
            if value == "\"standard_only\"" {
                "\"default\""
            } else {
                "\"auto\""
            },
        )]),
        (DialectName::Responses, _) if all && OPENAI.contains(&key) => Some(vec![(key, value)]),
        // What is so without being said.
        (_, "store") if value == "false" => Some(Vec::new()),
        (_, "service_tier") if matches!(value, "\"auto\"" | "\"default\"") => Some(Vec::new()),
        _ => None,
    }
}

/// A number of tokens for thinking as an effort: by its share of the whole answer, as OpenRouter has it the other way round.
pub(crate) fn effort_of(budget: u64, whole: Option<u64>) -> &'static str {
    let whole = whole.filter(|whole| *whole > 0).unwrap_or(20_000);
    match budget.saturating_mul(100) / whole {
        65.. => "high",
        35..65 => "medium",
        _ => "low",
    }
}
