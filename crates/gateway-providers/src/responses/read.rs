//! A client's request in the chat vocabulary.

use gateway_types::chat::{Extras, Format, Request, Role, Sampling, ToolChoice};
use gateway_types::{Call, DialectName, Error, ErrorKind};
use serde_json::value::RawValue;

use super::decode::CONTINUED;
use super::items::Reading;
use super::tools;
use crate::json::{Fault, Members, parse};

/// Members that are said anew, or the gateway's own.
const ACTED_ON: [&str; 3] = ["model", "fallbacks", CONTINUED];

/// Members that the typed view holds, or that mean nothing behind another dialect: the gateway keeps responses itself, and what
/// is asked to be included is always given.
const UNDERSTOOD: [&str; 15] = [
    "stream",
    "max_output_tokens",
    "input",
    "instructions",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "text",
    "reasoning",
    "temperature",
    "top_p",
    "user",
    "include",
    "store",
    "stream_options",
];

/// What has no word in the vocabulary, by its path in the body.
#[derive(Debug, Default)]
pub(super) struct Notes(pub(super) Vec<(String, Box<RawValue>)>);

impl Notes {
    /// Notes members that nobody took.
    pub(super) fn leftover(&mut self, at: &str, rest: Extras) {
        let path = |(key, raw)| (format!("{at}.{key}"), raw);
        self.0.extend(rest.0.into_iter().map(path));
    }
}

/// The typed view of a call. Its extras hold the whole body, member by member, for a provider of this dialect; behind them,
/// under paths that are no members, what others cannot be told.
pub(super) fn read(call: &Call) -> Result<Request, Error> {
    let raw: &RawValue = serde_json::from_slice(&call.body.bytes)
        .map_err(|error| Error::new(ErrorKind::Invalid, format!("the body is not JSON: {error}")))?;
    let request = request(raw, call)
        .map_err(|fault| Error::invalid(fault.path.clone(), format!("`{}`: {}", fault.path, fault.message)))?;
    Ok(request)
}

/// Leaves in the extras only what a provider of another dialect might have a word for, or what is lost.
pub(super) fn go_abroad(request: &mut Request) {
    request.extras.0.retain(|(key, raw)| match (key.as_str(), raw.get()) {
        // What is said of each of them again, because it has no word, is under a path.
        (_, "null") | ("background", "false") | ("truncation", "\"disabled\"") => false,
        (key, _) => !UNDERSTOOD.contains(&key),
    });
}

fn request(raw: &RawValue, call: &Call) -> Result<Request, Fault> {
    let mut top = Members::of(raw)?;
    let whole = |(key, raw): (&str, &RawValue)| (!ACTED_ON.contains(&key)).then(|| (key.to_owned(), raw.to_owned()));
    let mut request = Request {
        extras: Extras(top.pairs().filter_map(whole).collect()),
        stream: call.stream,
        max_output: top.read("max_output_tokens")?,
        parallel_tools: top.read("parallel_tool_calls")?,
        sampling: Sampling {
            temperature: top.read("temperature")?,
            top_p: top.read("top_p")?,
            ..Sampling::default()
        },
        user: top.read("user")?,
        ..Request::new(DialectName::Responses)
    };
    let mut reading = Reading::default();
    for (key, role) in [("instructions", Role::System), ("input", Role::User)] {
        if let Some(raw) = top.take(key) {
            reading.input(key, raw, role)?;
        }
    }
    let Reading {
        messages,
        tools: brought,
        mut notes,
        ..
    } = reading;
    request.messages = messages;
    if let Some(raw) = top.take("tools") {
        request.tools = tools::tools(raw, "tools", &mut notes).map_err(|fault| fault.under("tools"))?;
    }
    for tool in brought {
        if request.tools.iter().all(|known| known.name != tool.name) {
            request.tools.push(tool);
        }
    }
    request.tool_choice = tool_choice(&mut top, &mut notes);
    request.format = text(&mut top, &mut notes)?;
    reasoning(&mut top, &mut request, &mut notes)?;
    include(&mut top, &mut notes);
    request.extras.0.append(&mut notes.0);
    Ok(request)
}

fn tool_choice(top: &mut Members<'_>, notes: &mut Notes) -> Option<ToolChoice> {
    let raw = top.take("tool_choice")?;
    let choice = tools::choice(raw);
    if choice.is_none() {
        notes.0.push((String::from("tool_choice.type"), raw.to_owned()));
    }
    choice
}

fn text(top: &mut Members<'_>, notes: &mut Notes) -> Result<Option<Format>, Fault> {
    let Some(mut text) = top.object("text")? else {
        return Ok(None);
    };
    let format = text.take("format");
    notes.leftover("text", text.rest());
    let Some(raw) = format else { return Ok(None) };
    let under = |fault: Fault| fault.under("text.format");
    let mut format = Members::of(raw).map_err(under)?;
    Ok(match format.need::<String>("type").map_err(under)?.as_str() {
        "text" => Some(Format::Text),
        "json_object" => Some(Format::Json),
        "json_schema" => Some(schema(format).map_err(under)?),
        _ => {
            notes.0.push((String::from("text.format"), raw.to_owned()));
            None
        }
    })
}

fn schema(mut format: Members<'_>) -> Result<Format, Fault> {
    let schema = format.take("schema");
    Ok(Format::Schema {
        name: format.need("name")?,
        description: format.read("description")?,
        schema: schema.ok_or_else(|| Fault::new("schema", "is missing"))?.to_owned(),
        strict: format.read("strict")?,
    })
}

fn reasoning(top: &mut Members<'_>, request: &mut Request, notes: &mut Notes) -> Result<(), Fault> {
    let Some(mut reasoning) = top.object("reasoning")? else {
        return Ok(());
    };
    let mut word = |key| reasoning.read::<String>(key).map_err(|fault| fault.under("reasoning"));
    request.effort = word("effort")?;
    let summary = word("summary")?.or(word("generate_summary")?);
    // How long a summary is to be, others do not ask.
    request.show_thinking = summary.map(|_| true);
    notes.leftover("reasoning", reasoning.rest());
    Ok(())
}

/// What is asked to be included, as far as it is not given anyway.
fn include(top: &mut Members<'_>, notes: &mut Notes) {
    const GIVEN: [&str; 2] = ["reasoning.encrypted_content", "message.input_image.image_url"];
    let asked = top.take("include").and_then(|raw| parse::<Vec<&RawValue>>(raw).ok());
    for (i, raw) in asked.into_iter().flatten().enumerate() {
        if parse::<String>(raw).is_ok_and(|word| GIVEN.contains(&word.as_str())) {
            continue;
        }
        notes.0.push((format!("include[{i}]"), raw.to_owned()));
    }
}
