//! A client's request in the chat vocabulary.
//!
//! What the vocabulary has words for is said in them; what it has none for is kept among the extras under its path
//! (`generationConfig.speechConfig`, `tools[2].behavior`). The tools and settings as they were spelled are kept there as
//! well, whole, for a provider of this very dialect; [`go_abroad`] leaves them out.

use gateway_types::chat::{Extras, Format, Request, Role, Sampling, Tool, ToolChoice, ToolKind, Verbatim};
use gateway_types::{Call, DialectName, Error, ErrorKind};
use serde_json::value::RawValue;

use super::contents::{self, Ids};
use super::{keys, schema};
use crate::json::{Fault, Members, parse};

/// The members that are kept as they were spelled.
pub(super) const SPELLED: [&str; 4] = ["systemInstruction", "tools", "toolConfig", "generationConfig"];

/// The typed view of a call.
pub(super) fn read(call: &Call) -> Result<Request, Error> {
    let raw: &RawValue = serde_json::from_slice(&call.body.bytes)
        .map_err(|error| Error::new(ErrorKind::Invalid, format!("the body is not JSON: {error}")))?;
    let mut request = request(raw).map_err(refused)?;
    request.stream = call.stream;
    Ok(request)
}

/// The error for a body that is not what it must be.
pub(super) fn refused(fault: Fault) -> Error {
    let message = format!("`{}`: {}", fault.path, fault.message);
    Error::invalid(fault.path, message)
}

/// Leaves out of a typed view what is only spelling.
pub(super) fn go_abroad(request: &mut Request) {
    request.extras.0.retain(|(key, _)| !SPELLED.contains(&key.as_str()));
    contents::go_abroad(&mut request.messages);
}

fn request(raw: &RawValue) -> Result<Request, Fault> {
    let mut top = keys::members(raw)?;
    // The question how long a request is has all of it inside.
    if let Some(inner) = top.take("generateContentRequest") {
        return request(inner).map_err(|fault| fault.under("generateContentRequest"));
    }
    for acted_on in ["model", "fallbacks"] {
        top.take(acted_on);
    }
    let mut request = Request::new(DialectName::Gemini);
    for key in SPELLED {
        let spelled = top.pairs().find(|(name, value)| *name == key && value.get() != "null");
        request
            .extras
            .0
            .extend(spelled.map(|(_, value)| (key.to_owned(), value.to_owned())));
    }
    let mut ids = Ids::default();
    if let Some(system) = top.take("systemInstruction") {
        let system = system_message(system, &mut ids).map_err(|fault| fault.under("systemInstruction"))?;
        request.messages.push(system);
    }
    request.messages.extend(contents::contents(&mut top, &mut ids)?);
    tools(&mut top, &mut request)?;
    if let Some(config) = keys::object(&mut top, "toolConfig")? {
        tool_config(config, &mut request).map_err(|fault| fault.under("toolConfig"))?;
    }
    if let Some(config) = keys::object(&mut top, "generationConfig")? {
        generation(config, &mut request).map_err(|fault| fault.under("generationConfig"))?;
    }
    keys::keep("", top, &mut request.extras);
    Ok(request)
}

fn system_message(raw: &RawValue, ids: &mut Ids) -> Result<gateway_types::chat::Message, Fault> {
    let mut message = contents::content(raw, Role::System, ids)?;
    // All of it is kept as it was spelled.
    message
        .extras
        .0
        .retain(|(key, _)| contents::place(key).is_none_or(|(_, rest)| !rest.is_empty()));
    Ok(message)
}

fn tools(top: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    for (at, raw) in keys::items(top, "tools")?.into_iter().enumerate() {
        let under = |fault: Fault| fault.under(format!("tools[{at}]"));
        let mut members = keys::members(raw).map_err(under)?;
        let functions = keys::items(&mut members, "functionDeclarations").map_err(under)?;
        for (i, raw) in functions.into_iter().enumerate() {
            let under = |fault: Fault| under(fault.under(format!("functionDeclarations[{i}]")));
            let path = format!("tools[{}]", request.tools.len());
            let tool = function(raw, &path, &mut request.extras).map_err(under)?;
            request.tools.push(tool);
        }
        for (name, value) in members.rest().0 {
            let json = super::tree::Object::of(&name, &value).to_raw();
            request.tools.push(Tool {
                name,
                description: None,
                kind: ToolKind::Other(Verbatim {
                    dialect: DialectName::Gemini,
                    json,
                }),
                cache: None,
            });
        }
    }
    Ok(())
}

fn function(raw: &RawValue, path: &str, extras: &mut Extras) -> Result<Tool, Fault> {
    let mut members = keys::members(raw)?;
    let own = members.take("parameters").map(schema::to_json).transpose();
    let own = own.map_err(|fault| fault.under("parameters"))?;
    let parameters = members.take("parametersJsonSchema").map(ToOwned::to_owned).or(own);
    let tool = Tool {
        name: members.need("name")?,
        description: members.read::<String>("description")?.filter(|text| !text.is_empty()),
        kind: ToolKind::Function {
            parameters,
            strict: None,
        },
        cache: None,
    };
    keys::keep(path, members, extras);
    Ok(tool)
}

fn tool_config(mut config: Members<'_>, request: &mut Request) -> Result<(), Fault> {
    const PATH: &str = "toolConfig.functionCallingConfig";
    if let Some(mut calling) = keys::object(&mut config, "functionCallingConfig")? {
        let names: Vec<String> = calling.read("allowedFunctionNames")?.unwrap_or_default();
        let mode = calling.take("mode");
        let word: Option<String> = mode.and_then(|mode| parse(mode).ok());
        request.tool_choice = match word.as_deref().map(str::to_ascii_uppercase).as_deref() {
            Some("NONE") => Some(ToolChoice::None),
            Some("ANY") => Some(match <[String; 1]>::try_from(names) {
                Ok([name]) => ToolChoice::Tool(name),
                Err(names) if names.is_empty() => ToolChoice::Required,
                Err(names) => ToolChoice::OneOf { names, required: true },
            }),
            Some("VALIDATED") => {
                // Arguments are held to their schemas: no word of the vocabulary.
                let kept = mode.map(|mode| (format!("{PATH}.mode"), mode.to_owned()));
                request.extras.0.extend(kept);
                Some(free(names))
            }
            Some(_) => Some(free(names)),
            None => None,
        };
        keys::keep(PATH, calling, &mut request.extras);
    }
    keys::keep("toolConfig", config, &mut request.extras);
    Ok(())
}

fn free(names: Vec<String>) -> ToolChoice {
    match names.is_empty() {
        true => ToolChoice::Auto,
        false => ToolChoice::OneOf { names, required: false },
    }
}

fn generation(mut config: Members<'_>, request: &mut Request) -> Result<(), Fault> {
    request.sampling = Sampling {
        temperature: config.read("temperature")?,
        top_p: config.read("topP")?,
        top_k: keys::count(&mut config, "topK")?,
        frequency_penalty: config.read("frequencyPenalty")?,
        presence_penalty: config.read("presencePenalty")?,
        seed: config.read("seed")?,
        choices: keys::count(&mut config, "candidateCount")?.map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
    };
    request.max_output = keys::count(&mut config, "maxOutputTokens")?;
    request.stop = config.read("stopSequences")?.unwrap_or_default();
    if let Some(thinking) = keys::object(&mut config, "thinkingConfig")? {
        self::thinking(thinking, request).map_err(|fault| fault.under("thinkingConfig"))?;
    }
    form(&mut config, request)?;
    // Text is what everybody answers in.
    if let Some(raw) = config.take("responseModalities") {
        let modalities: Vec<String> = parse(raw).unwrap_or_default();
        if !matches!(&modalities[..], [only] if only.eq_ignore_ascii_case("text")) {
            config.put_back("responseModalities", raw);
        }
    }
    keys::keep("generationConfig", config, &mut request.extras);
    Ok(())
}

fn thinking(mut config: Members<'_>, request: &mut Request) -> Result<(), Fault> {
    request.show_thinking = config.read("includeThoughts")?;
    request.effort = config
        .read::<String>("thinkingLevel")?
        .map(|level| level.to_ascii_lowercase());
    if let Some(raw) = config.take("thinkingBudget") {
        match keys::whole(raw.get()) {
            Some(budget) => request.thinking_budget = Some(budget),
            // -1 leaves it to the model, which others do unasked.
            None if raw.get() == "-1" => {}
            None => return Err(Fault::new("thinkingBudget", "must be a whole number, -1 or more")),
        }
    }
    keys::keep("generationConfig.thinkingConfig", config, &mut request.extras);
    Ok(())
}

/// The form of the answer, said in up to three members.
fn form(config: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let kind: Option<String> = config.read("responseMimeType")?;
    let own = config.take("responseSchema").map(schema::to_json).transpose();
    let own = own.map_err(|fault| fault.under("responseSchema"))?;
    let others = ["responseJsonSchema", "_responseJsonSchema"].map(|key| config.take(key));
    let schema = others.into_iter().flatten().next().map(ToOwned::to_owned).or(own);
    let schema = schema.map(|schema| Format::Schema {
        name: String::from("answer"),
        description: None,
        schema,
        strict: None,
    });
    request.format = match (kind.as_deref(), schema) {
        (None | Some("application/json"), Some(schema)) => Some(schema),
        (Some("application/json"), None) => Some(Format::Json),
        (Some("text/plain"), None) => Some(Format::Text),
        (None, None) => None,
        // One word of a list (`text/x.enum`), and whatever comes.
        (Some(other), schema) => {
            let kind = serde_json::value::to_raw_value(other).ok();
            let kept = kind.map(|kind| ("generationConfig.responseMimeType".to_owned(), kind));
            request.extras.0.extend(kept);
            if let Some(Format::Schema { schema, .. }) = schema {
                request
                    .extras
                    .0
                    .push(("generationConfig.responseSchema".to_owned(), schema));
            }
            None
        }
    };
    Ok(())
}
