//! A client's messages in the chat vocabulary.

use gateway_types::DialectName;
use gateway_types::chat::{Message, Part, Reasoning, Role, ToolResult, ToolUse};
use serde_json::value::RawValue;

use crate::json::{Fault, Members, each, parse};
use crate::media;
use crate::seal;

/// What the ids begin with that calls and results get which have none: a result belongs to the first open call of its name.
const MADE: &str = "made_";

/// Whether an id was made here, so that it is not said to those who do without.
pub(super) fn is_made(id: &str) -> bool {
    id.starts_with(MADE)
}

/// Reads the messages of a conversation.
pub(super) fn messages(top: &mut Members<'_>) -> Result<Vec<Message>, Fault> {
    let mut calls = Calls::default();
    let items: Vec<&RawValue> = top.read("messages")?.unwrap_or_default();
    let mut messages = Vec::with_capacity(items.len());
    for (i, raw) in items.into_iter().enumerate() {
        messages.push(message(raw, i, &mut calls).map_err(|fault| fault.under(format!("messages[{i}]")))?);
    }
    Ok(messages)
}

/// The calls that no result has answered yet: ids and names.
#[derive(Debug, Default)]
struct Calls(Vec<(String, String)>);

impl Calls {
    /// The id of the call that a result answers.
    fn answered(&mut self, id: Option<&str>, name: Option<&str>, unknown: String) -> String {
        let named = |(open, called): &(String, String)| match (id, name) {
            (Some(id), _) => open == id,
            (None, Some(name)) => called == name,
            (None, None) => true,
        };
        let at = self
            .0
            .iter()
            .position(named)
            .or_else(|| (id.is_none() && !self.0.is_empty()).then_some(0));
        match at {
            Some(at) => self.0.remove(at).0,
            None => id.map_or(unknown, ToOwned::to_owned),
        }
    }
}

fn message(raw: &RawValue, at: usize, calls: &mut Calls) -> Result<Message, Fault> {
    let mut members = Members::of(raw)?;
    // The server does not mind capitals.
    let role = members.need::<String>("role")?.to_ascii_lowercase();
    let (role, parts) = match role.as_str() {
        "system" => (Role::System, said(&mut members)?),
        "user" => (Role::User, said(&mut members)?),
        "assistant" => (Role::Assistant, assistant(&mut members, at, calls)?),
        "tool" => (Role::User, vec![result(&mut members, at, calls)?]),
        _ => return Err(Fault::new("role", "must be system, user, assistant or tool")),
    };
    Ok(Message {
        role,
        name: None,
        parts,
        extras: members.rest(),
    })
}

/// Text and pictures.
fn said(members: &mut Members<'_>) -> Result<Vec<Part>, Fault> {
    let text: Option<String> = members.read("content")?;
    let mut parts: Vec<Part> = text
        .filter(|text| !text.is_empty())
        .map(Part::text)
        .into_iter()
        .collect();
    parts.extend(each(members, "images", |raw| parse(raw).map(picture))?);
    Ok(parts)
}

/// A picture: bare base64.
pub(super) fn picture(data: String) -> Part {
    let source = match data.starts_with("data:") {
        true => media::source(data),
        false => media::picture(data),
    };
    Part::Image {
        source,
        detail: None,
        cache: None,
    }
}

/// Thinking first, then what is said, then what is asked of tools: the order in which a model makes them.
fn assistant(members: &mut Members<'_>, at: usize, calls: &mut Calls) -> Result<Vec<Part>, Fault> {
    let mut parts = thinking(members)?;
    parts.extend(said(members)?);
    let uses = each(members, "tool_calls", tool_use)?;
    for (i, mut tool) in uses.into_iter().enumerate() {
        if tool.id.is_empty() {
            tool.id = format!("{MADE}{at}_{i}");
        }
        calls.0.push((tool.id.clone(), tool.name.clone()));
        parts.push(Part::ToolUse(tool));
    }
    Ok(parts)
}

/// The member in which thinking stands that another provider has signed, as the gateway wrote it: the API has no signatures.
pub(super) const DETAILS: &str = "thinking_details";

fn thinking(members: &mut Members<'_>) -> Result<Vec<Part>, Fault> {
    let text = members.read::<String>("thinking")?.unwrap_or_default();
    let mut details = each(members, DETAILS, detail)?;
    // What a stream told piece by piece has its text apart.
    if let [only] = &mut details[..]
        && only.text.is_empty()
        && only.encrypted.is_none()
    {
        only.text.clone_from(&text);
    }
    if details.is_empty() && !text.is_empty() {
        details.push(Reasoning {
            text,
            ..Reasoning::default()
        });
    }
    Ok(details.into_iter().map(Part::Reasoning).collect())
}

fn detail(raw: &RawValue) -> Result<Reasoning, Fault> {
    let mut members = Members::of(raw)?;
    let brought = |text: Option<String>| text.map(|text| seal::brought(text, DialectName::Ollama));
    Ok(Reasoning {
        text: members.read("thinking")?.unwrap_or_default(),
        signature: brought(members.read("signature")?),
        encrypted: brought(members.read("encrypted")?),
    })
}

fn tool_use(raw: &RawValue) -> Result<ToolUse, Fault> {
    let mut members = Members::of(raw)?;
    let id: String = members.read("id")?.unwrap_or_default();
    let function = members.object("function")?;
    let mut function = function.ok_or_else(|| Fault::new("function", "is missing"))?;
    let name = function.need("name").map_err(|fault| fault.under("function"))?;
    let arguments = function.take("arguments").map_or_else(|| String::from("{}"), arguments);
    members.take("type");
    let (bare, signature) = seal::from_id(&id);
    Ok(ToolUse {
        id: bare.to_owned(),
        name,
        arguments,
        signature,
        extras: members.rest(),
        ..ToolUse::default()
    })
}

/// Arguments are an object; some clients write it as text.
pub(super) fn arguments(raw: &RawValue) -> String {
    parse(raw).unwrap_or_else(|_| raw.get().to_owned())
}

fn result(members: &mut Members<'_>, at: usize, calls: &mut Calls) -> Result<Part, Fault> {
    let id: Option<String> = members.read("tool_call_id")?;
    let name: Option<String> = members.read("tool_name")?;
    let bare = id.as_deref().map(|id| seal::from_id(id).0);
    Ok(Part::ToolResult(ToolResult {
        id: calls.answered(bare, name.as_deref(), format!("{MADE}{at}")),
        name,
        parts: said(members)?,
        ..ToolResult::default()
    }))
}
