//! A chat request, said as `generateContent`.

use gateway_types::chat::{Format, Request};
use gateway_types::json::Slices;
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error, Operation, StreamForm};
use http::HeaderMap;
use serde_json::value::RawValue;

use super::model::{Abilities, abilities};
use super::read::SPELLED;
use super::tree::{Json, Object};
use super::{extras, http as wire, offer, thinking, turns};
use crate::lane::Cap;
use crate::target::{Site, Target};
use crate::transport::WireRequest;

/// Where other dialects have the form of the answer.
const FORMAT: &str = "response_format";
/// So many texts may end an answer.
const STOPS: usize = 5;

/// Says the request, reporting what it could not say.
pub(super) fn say(request: &Request, target: &Target, cap: Cap, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let body = body(request, target, cap, losses)?;
    let form = request.stream.then_some(StreamForm::Usual);
    wire::post(
        target,
        Operation::Chat,
        form,
        &HeaderMap::new(),
        Slices::one(body.to_bytes().into()),
    )
}

/// The body.
pub(super) fn body<'a>(
    request: &'a Request,
    target: &'a Target,
    cap: Cap,
    losses: &mut Vec<Loss>,
) -> Result<Object<'a>, Error> {
    let able = abilities(target.family());
    let own = request.dialect == DialectName::Gemini;
    let in_cloud = matches!(target.site, Site::Vertex { .. });
    let mut said = turns::converse(request, target, able, losses)?;
    let mut body = Object::of("contents", said.contents());
    // What a client of this dialect said goes as it was spelled, so that nothing else of it can be lost.
    let mut unheard = Vec::new();
    let losses = if own { &mut unheard } else { losses };
    let mut offer = offer::tools(request, able, losses);
    let mut generation = generation(request, cap, losses);
    form(request, able, &mut said.system, &mut generation, losses);
    generation.filled("thinkingConfig", thinking::say(request, able, losses));
    if request.user.is_some() {
        losses.push(Loss::dropped("user", "end users are not named there"));
    }
    if !own {
        extras::map(request, target, &mut body, &mut generation, &mut offer, losses);
    }
    if !said.system.is_empty() {
        body.put("systemInstruction", Object::of("parts", Json::Array(said.system)));
    }
    body.filled("toolConfig", offer.config(request, in_cloud, losses));
    body.maybe("tools", offer.tools());
    body.filled("generationConfig", generation);
    if own {
        put_own(request, cap, &mut body);
    }
    Ok(body)
}

/// How to sample, and how much.
fn generation<'a>(request: &'a Request, cap: Cap, losses: &mut Vec<Loss>) -> Object<'a> {
    let sampling = &request.sampling;
    let mut config = Object::new();
    config.maybe("temperature", sampling.temperature);
    config.maybe("topP", sampling.top_p);
    config.maybe("topK", sampling.top_k);
    // One answer is what there is unasked.
    config.maybe("candidateCount", sampling.choices.filter(|choices| *choices != 1));
    config.maybe("maxOutputTokens", capped(request.max_output, cap));
    if !request.stop.is_empty() {
        if request.stop.len() > STOPS {
            losses.push(Loss::dropped(
                format!("stop[{STOPS}]"),
                format!("{STOPS} texts may end an answer there"),
            ));
        }
        config.put(
            "stopSequences",
            request.stop.iter().take(STOPS).map(Json::from).collect::<Json<'_>>(),
        );
    }
    if let Some(seed) = sampling.seed {
        let within = i32::try_from(seed).unwrap_or_else(|_| (seed & i64::from(i32::MAX)) as i32);
        if i64::from(within) != seed {
            losses.push(Loss::emulated("seed", format!("{within}: seeds have 32 bits there")));
        }
        config.put("seed", i64::from(within));
    }
    config.maybe("presencePenalty", sampling.presence_penalty);
    config.maybe("frequencyPenalty", sampling.frequency_penalty);
    config
}

fn capped(given: Option<u64>, cap: Cap) -> Option<u64> {
    match cap {
        Cap::Client => given,
        Cap::AtMost(most) => Some(given.unwrap_or(most).min(most).max(1)),
    }
}

/// The form of the answer: as fields, or as more system text where the model has no form beside functions.
fn form<'a>(
    request: &'a Request,
    able: Abilities,
    system: &mut Vec<Json<'a>>,
    config: &mut Object<'a>,
    losses: &mut Vec<Loss>,
) {
    const JSON: &str = "application/json";
    let own = request.dialect == DialectName::Gemini;
    let beside = !own && !request.tools.is_empty() && !able.mixes;
    if let Some(Format::Schema {
        description: Some(_), ..
    }) = &request.format
    {
        losses.push(Loss::dropped(
            format!("{FORMAT}.json_schema.description"),
            "describe it in the schema",
        ));
    }
    match &request.format {
        None => {}
        Some(Format::Text) if own => config.put("responseMimeType", "text/plain"),
        Some(Format::Text) => {}
        Some(_) if beside => {
            losses.push(Loss::emulated(
                FORMAT,
                "asked for in the system instruction, not enforced",
            ));
            let schema = match &request.format {
                Some(Format::Schema { schema, .. }) => format!(" It must match this JSON Schema: {}", schema.get()),
                _ => String::new(),
            };
            let text = format!(
                "When you give your final answer, give one JSON value and nothing else: no other words, no code fence.{schema}"
            );
            system.push(Object::of("text", text).into());
        }
        Some(Format::Json) => config.put("responseMimeType", JSON),
        Some(Format::Schema { schema, .. }) => {
            config.put("responseMimeType", JSON);
            config.put("responseJsonSchema", schema);
        }
    }
}

/// What a client of this dialect said besides, and what it said as it was spelled.
fn put_own<'a>(request: &'a Request, cap: Cap, body: &mut Object<'a>) {
    for (key, value) in &request.extras.0 {
        match key.as_str() {
            "generationConfig" => body.put(key.as_str(), with_cap(value, request.max_output, cap)),
            key if SPELLED.contains(&key) => body.put(key, value),
            // It stands in one of those as well.
            key if is_within_spelled(key) => {}
            key => body.push(key, value),
        }
    }
}

/// Whether it is the path of a member of what is kept as it was spelled.
fn is_within_spelled(key: &str) -> bool {
    SPELLED
        .iter()
        .any(|root| key.strip_prefix(root).is_some_and(|rest| rest.starts_with(['.', '['])))
}

/// The settings as they were spelled, but for the cap.
fn with_cap<'a>(config: &'a RawValue, given: Option<u64>, cap: Cap) -> Json<'a> {
    let capped = capped(given, cap);
    let members = super::keys::members(config);
    let (Ok(members), false) = (members, capped == given) else {
        return config.into();
    };
    let mut object = Object::new();
    for (key, value) in members.pairs() {
        object.push(key.to_owned(), value);
    }
    object.maybe("maxOutputTokens", capped);
    object.into()
}
