//! A client's messages in the chat vocabulary.

use gateway_types::DialectName;
use gateway_types::chat::{Extras, Message, Part, Reasoning, Role, ToolResult, ToolUse, Verbatim};
use serde_json::value::RawValue;

use super::{citation, documents};
use crate::json::{Fault, Members, each, parse};
use crate::media;
use crate::seal;

/// Reads one message.
pub(super) fn message(raw: &RawValue) -> Result<Message, Fault> {
    let mut members = Members::of(raw)?;
    let role: String = members.need("role")?;
    let (role, parts) = match role.as_str() {
        "system" | "developer" => (Role::System, content(&mut members)?),
        "user" => (Role::User, content(&mut members)?),
        "assistant" => (Role::Assistant, assistant(&mut members)?),
        "tool" => (Role::User, vec![result(&mut members)?]),
        _ => return Err(Fault::new("role", "must be system, user, assistant or tool")),
    };
    Ok(Message {
        role,
        name: None,
        parts,
        extras: members.rest(),
    })
}

/// Thinking and text, then the plan, then the calls: the order in which a model makes them. The plan is text that is shown
/// before the calls, which every other API has as such.
fn assistant(members: &mut Members<'_>) -> Result<Vec<Part>, Fault> {
    let mut parts = content(members)?;
    let plan: Option<String> = members.read("tool_plan")?;
    parts.extend(plan.filter(|plan| !plan.is_empty()).map(Part::text));
    citation::attach(&each(members, "citations", |raw| Ok(raw.to_owned()))?, &mut parts);
    parts.extend(each(members, "tool_calls", tool_use)?.into_iter().map(Part::ToolUse));
    Ok(parts)
}

fn tool_use(raw: &RawValue) -> Result<ToolUse, Fault> {
    let mut members = Members::of(raw)?;
    let id: String = members.need("id")?;
    let function = members.object("function")?;
    let mut function = function.ok_or_else(|| Fault::new("function", "is missing"))?;
    let name = function.need("name").map_err(|fault| fault.under("function"))?;
    let arguments: Option<String> = function.read("arguments").map_err(|fault| fault.under("function"))?;
    members.take("type");
    let (bare, signature) = seal::from_id(&id);
    Ok(ToolUse {
        id: bare.to_owned(),
        name,
        arguments: arguments.unwrap_or_default(),
        signature,
        extras: members.rest(),
        ..ToolUse::default()
    })
}

fn result(members: &mut Members<'_>) -> Result<Part, Fault> {
    let id: String = members.need("tool_call_id")?;
    Ok(Part::ToolResult(ToolResult {
        id: seal::from_id(&id).0.to_owned(),
        parts: content(members)?,
        ..ToolResult::default()
    }))
}

/// `content`: text, or an array of pieces.
fn content(members: &mut Members<'_>) -> Result<Vec<Part>, Fault> {
    let Some(raw) = members.take("content") else {
        return Ok(Vec::new());
    };
    if let Ok(text) = parse::<String>(raw) {
        return Ok(if text.is_empty() {
            Vec::new()
        } else {
            vec![Part::text(text)]
        });
    }
    let pieces: Vec<&RawValue> =
        parse(raw).map_err(|_| Fault::new("content", "must be a string or an array of content parts"))?;
    let read = |(i, raw)| piece(raw).map_err(|fault| fault.under(format!("content[{i}]")));
    let mut parts: Vec<Part> = pieces.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
    // Some clients put an empty text where a message has none; most other APIs refuse that.
    parts.retain(|part| !matches!(part, Part::Text { text, .. } if text.is_empty()));
    Ok(parts)
}

/// Reads a piece of content, of a request or of an answer.
pub(super) fn piece(raw: &RawValue) -> Result<Part, Fault> {
    let mut members = Members::of(raw)?;
    let kind: String = members.need("type")?;
    Ok(match kind.as_str() {
        "text" => Part::text(members.need::<String>("text")?),
        "thinking" => thinking(&mut members)?,
        "image_url" => image(&mut members)?,
        "document" => {
            let document = members.take("document");
            let document = document.ok_or_else(|| Fault::new("document", "is missing"))?;
            documents::read(document).map_err(|fault| fault.under("document"))?
        }
        _ => Part::Other(Verbatim {
            dialect: DialectName::Cohere,
            json: raw.to_owned(),
        }),
    })
}

/// Thinking. The API has no signatures; those of others stand in members beside it, as the gateway wrote them there.
fn thinking(members: &mut Members<'_>) -> Result<Part, Fault> {
    let brought = |text: Option<String>| text.map(|text| seal::brought(text, DialectName::Cohere));
    Ok(Part::Reasoning(Reasoning {
        text: members.read("thinking")?.unwrap_or_default(),
        signature: brought(members.read(SIGNATURE)?),
        encrypted: brought(members.read(ENCRYPTED)?),
    }))
}

/// The members beside a piece of thinking in which another provider's proof of it, or its ciphertext, is kept for the next turn.
pub(super) const SIGNATURE: &str = "signature";
pub(super) const ENCRYPTED: &str = "encrypted";

fn image(members: &mut Members<'_>) -> Result<Part, Fault> {
    let under = |fault: Fault| fault.under("image_url");
    let raw = members
        .take("image_url")
        .ok_or_else(|| Fault::new("image_url", "is missing"))?;
    // The older spelling is the address itself.
    if let Ok(url) = parse::<String>(raw) {
        return Ok(picture(url, None));
    }
    let mut image = Members::of(raw).map_err(under)?;
    let url = image.need("url").map_err(under)?;
    let detail = image.read("detail").map_err(under)?;
    Ok(picture(url, detail))
}

fn picture(url: String, detail: Option<String>) -> Part {
    Part::Image {
        source: media::source(url),
        detail,
        cache: None,
    }
}

/// Where the top-level `documents` stand in a conversation: before what the user asks last.
pub(super) fn place(documents: Vec<Part>, messages: &mut Vec<Message>) {
    if documents.is_empty() {
        return;
    }
    let asks = |message: &Message| {
        message.role == Role::User && !message.parts.iter().any(|part| matches!(part, Part::ToolResult(_)))
    };
    match messages.iter_mut().rfind(|message| asks(message)) {
        Some(message) => {
            message.parts.splice(0..0, documents);
        }
        None => messages.push(Message {
            role: Role::User,
            name: None,
            parts: documents,
            extras: Extras::default(),
        }),
    }
}
