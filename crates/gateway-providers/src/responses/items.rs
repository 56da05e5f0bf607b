//! A client's input items in the chat vocabulary. Items are smaller than messages: what a model made in one go is one message
//! there, and so are the answers of tools that follow it.

use std::collections::BTreeMap;

use gateway_types::DialectName;
use gateway_types::chat::{Extras, Message, Part, Reasoning, Role, Tool, ToolResult, ToolUse, Verbatim};
use serde_json::value::RawValue;

use super::content::content;
use super::read::Notes;
use super::sealed::Carried;
use super::tools::{flat, tools};
use crate::json::{Fault, Members, parse};
use crate::seal;

/// Input being read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) messages: Vec<Message>,
    /// Tools that came with items.
    pub(super) tools: Vec<Tool>,
    pub(super) notes: Notes,
    /// The names of the tools that were called, by the ids of the calls.
    calls: BTreeMap<String, String>,
}

/// Members of items that say nothing to others: names for what stands right here.
const SILENT: [&str; 4] = ["id", "status", "type", "created_by"];

impl Reading {
    /// Reads `input` or `instructions`: a text of that role, or an array of items.
    pub(super) fn input(&mut self, key: &str, raw: &RawValue, role: Role) -> Result<(), Fault> {
        if let Ok(text) = parse::<String>(raw) {
            self.message(role, vec![Part::text(text)]);
            return Ok(());
        }
        let wrong = |_| Fault::new(key, "must be a string or an array of items");
        let items: Vec<&RawValue> = parse(raw).map_err(wrong)?;
        for (i, item) in items.into_iter().enumerate() {
            let at = format!("{key}[{i}]");
            self.item(item, &at).map_err(|fault| fault.under(&at))?;
        }
        Ok(())
    }

    fn item(&mut self, raw: &RawValue, at: &str) -> Result<(), Fault> {
        let mut members = Members::of(raw)?;
        let kind: Option<String> = members.read("type")?;
        match kind.as_deref() {
            Some("message") => self.said(&mut members, at)?,
            None if has(&members, "role") => self.said(&mut members, at)?,
            Some("reasoning") => self.thought(&mut members)?,
            Some("function_call") => self.called(&mut members, "arguments", at)?,
            Some("custom_tool_call") => self.called(&mut members, "input", at)?,
            Some("function_call_output" | "custom_tool_call_output") if has(&members, "call_id") => {
                self.answered(&mut members, at)?;
            }
            other => return self.own(other, members, raw, at),
        }
        for silent in SILENT {
            members.take(silent);
        }
        self.notes.leftover(at, members.rest());
        Ok(())
    }

    fn said(&mut self, members: &mut Members<'_>, at: &str) -> Result<(), Fault> {
        let role: String = members.need("role")?;
        let parts = content(members, "content", at, &mut self.notes)?;
        match role.as_str() {
            "user" => self.message(Role::User, parts),
            "system" | "developer" => self.message(Role::System, parts),
            "assistant" => self.assistant().extend(parts),
            _ => return Err(Fault::new("role", "must be user, assistant, system or developer")),
        }
        Ok(())
    }

    fn thought(&mut self, members: &mut Members<'_>) -> Result<(), Fault> {
        let raw = joined(members, "content")?;
        let summary = joined(members, "summary")?;
        let text = if raw.is_empty() { summary } else { raw };
        let content: Option<String> = members.read("encrypted_content")?;
        let (signature, encrypted) = match content.as_deref().map(Carried::read) {
            Some(Carried::Text(opaque)) => {
                let texts = self.assistant().iter_mut().rev();
                let mut open = texts.filter_map(|part| match part {
                    Part::Text { signature, .. } if signature.is_none() => Some(signature),
                    _ => None,
                });
                if let Some(place) = open.next() {
                    *place = Some(opaque);
                }
                return Ok(());
            }
            Some(Carried::Signature(opaque)) => (Some(opaque), None),
            Some(Carried::Encrypted(opaque)) => (None, Some(opaque)),
            None => (None, None),
        };
        if !text.is_empty() || signature.is_some() || encrypted.is_some() {
            self.assistant().push(Part::Reasoning(Reasoning {
                text,
                signature,
                encrypted,
            }));
        }
        Ok(())
    }

    fn called(&mut self, members: &mut Members<'_>, key: &str, at: &str) -> Result<(), Fault> {
        let id: String = members.need("call_id")?;
        let (bare, signature) = seal::from_id(&id);
        let space: Option<String> = members.read("namespace")?;
        let name = flat(space.as_deref(), &members.need::<String>("name")?);
        self.calls.insert(bare.to_owned(), name.clone());
        // That the model called it, and no program of the model's, goes without saying.
        if members
            .pairs()
            .any(|(key, raw)| key == "caller" && !raw.get().contains("\"direct\""))
        {
            self.notes.leftover(at, one("caller", members.take("caller")));
        }
        members.take("caller");
        let tool = ToolUse {
            id: bare.to_owned(),
            name,
            arguments: members.read(key)?.unwrap_or_default(),
            freeform: key == "input",
            signature,
            cache: None,
            extras: Extras::default(),
        };
        self.assistant().push(Part::ToolUse(tool));
        Ok(())
    }

    fn answered(&mut self, members: &mut Members<'_>, at: &str) -> Result<(), Fault> {
        let id: String = members.need("call_id")?;
        let id = seal::from_id(&id).0.to_owned();
        for known in ["name", "namespace", "caller"] {
            members.take(known);
        }
        let result = Part::ToolResult(ToolResult {
            name: self.calls.get(&id).cloned(),
            id,
            parts: content(members, "output", at, &mut self.notes)?,
            failed: false,
            cache: None,
        });
        match self.messages.last_mut() {
            Some(last) if last.role == Role::User && last.parts.iter().all(is_result) && !last.parts.is_empty() => {
                last.parts.push(result);
            }
            _ => self.message(Role::User, vec![result]),
        }
        Ok(())
    }

    /// An item that only this API has. The tools that it may bring are tools like others.
    fn own(&mut self, kind: Option<&str>, mut members: Members<'_>, raw: &RawValue, at: &str) -> Result<(), Fault> {
        let kind = kind.unwrap_or("item_reference");
        if matches!(kind, "additional_tools" | "tool_search_output")
            && let Some(given) = members.take("tools")
        {
            let path = format!("{at}.tools");
            let given = tools(given, &path, &mut self.notes).map_err(|fault| fault.under("tools"))?;
            self.tools.extend(given);
        }
        let part = Part::Other(Verbatim {
            dialect: DialectName::Responses,
            json: raw.to_owned(),
        });
        if kind.ends_with("_output") || matches!(kind, "item_reference" | "mcp_approval_response" | "additional_tools")
        {
            self.message(Role::User, vec![part]);
        } else {
            self.assistant().push(part);
        }
        Ok(())
    }

    fn message(&mut self, role: Role, parts: Vec<Part>) {
        self.messages.push(Message {
            role,
            name: None,
            parts,
            extras: Extras::default(),
        });
    }

    /// What the model is saying.
    fn assistant(&mut self) -> &mut Vec<Part> {
        if self.messages.last().is_none_or(|last| last.role != Role::Assistant) {
            self.message(Role::Assistant, Vec::new());
        }
        let at = self.messages.len() - 1;
        &mut self.messages[at].parts
    }
}

fn has(members: &Members<'_>, key: &str) -> bool {
    members.pairs().any(|(name, raw)| name == key && raw.get() != "null")
}

const fn is_result(part: &Part) -> bool {
    matches!(part, Part::ToolResult(_))
}

fn one(key: &str, raw: Option<&RawValue>) -> Extras {
    Extras(raw.map(|raw| (key.to_owned(), raw.to_owned())).into_iter().collect())
}

/// The texts of an array of pieces of thinking.
fn joined(members: &mut Members<'_>, key: &str) -> Result<String, Fault> {
    let pieces: Vec<Members<'_>> = members.read(key)?.unwrap_or_default();
    let text = |mut piece: Members<'_>| piece.read::<String>("text").ok().flatten();
    let texts: Vec<String> = pieces
        .into_iter()
        .filter_map(text)
        .filter(|text| !text.is_empty())
        .collect();
    Ok(texts.join("\n\n"))
}
