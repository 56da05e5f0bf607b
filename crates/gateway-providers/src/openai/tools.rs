//! Tools and the choice among them, as clients give them.

use gateway_types::DialectName;
use gateway_types::chat::{CacheMark, Extras, Tool, ToolChoice, ToolKind, Verbatim};
use gateway_types::json::{Cursor, Kind};
use serde_json::value::RawValue;

use crate::json::{Fault, Take};

/// Reads one tool. What no word covers is kept under the path where it stands.
pub(super) fn tool(place: &str, at: &mut Cursor<'_>, kept: &mut Extras) -> Result<Tool, Fault> {
    let raw = at.keep()?;
    let mut read = Parts::default();
    let mut rest = Extras::default();
    Cursor::new(raw.get()).members(|key, at| {
        match key {
            "type" => read.kind = Some(at.string()?),
            "name" => read.name = at.string().ok(),
            "function" => read.known = Some(function(&format!("{place}.function"), at, &mut rest)?),
            "custom" if at.kind() == Some(Kind::Object) => read.known = Some(custom(at)?),
            "cache_control" => read.cache = Some(mark(at)?),
            _ => rest.0.push((format!("{place}.{key}"), at.keep()?)),
        }
        Ok(())
    })?;
    if let Some(known) = read.known {
        kept.0.append(&mut rest.0);
        return Ok(Tool {
            cache: read.cache.or(known.cache),
            ..known
        });
    }
    let kind = read.kind.ok_or_else(|| Fault::new("type", "is missing"))?;
    if kind == "function" {
        return Err(Fault::new("function", "is missing"));
    }
    // A tool of the provider's own may have no name but its type.
    Ok(Tool {
        name: read.name.unwrap_or(kind),
        description: None,
        kind: ToolKind::Other(own(raw)),
        cache: None,
    })
}

#[derive(Default)]
struct Parts {
    kind: Option<String>,
    name: Option<String>,
    known: Option<Tool>,
    cache: Option<CacheMark>,
}

/// A piece that only this dialect knows.
pub(super) fn own(json: Box<RawValue>) -> Verbatim {
    Verbatim {
        dialect: DialectName::OpenAi,
        json,
    }
}

/// The mark of a part, a message or a tool: `cache_control`, or OpenAI's `prompt_cache_breakpoint`.
pub(super) fn mark(at: &mut Cursor<'_>) -> Result<CacheMark, Fault> {
    let mut ttl = None;
    at.members(|key, at| {
        if key == "ttl" {
            ttl = Some(at.string()?);
        }
        Ok(())
    })?;
    Ok(CacheMark { ttl })
}

/// Reads a function's definition.
pub(super) fn function(place: &str, at: &mut Cursor<'_>, kept: &mut Extras) -> Result<Tool, Fault> {
    let (mut name, mut description, mut parameters, mut strict, mut cache) = (None, None, None, None, None);
    at.members(|key, at| {
        match key {
            "name" => name = Some(at.string()?),
            "description" => description = Some(at.string()?),
            "parameters" => parameters = Some(at.keep()?),
            "strict" => strict = Some(at.read("true or false")?),
            "cache_control" => cache = Some(mark(at)?),
            _ => kept.0.push((format!("{place}.{key}"), at.keep()?)),
        }
        Ok(())
    })?;
    Ok(Tool {
        name: name.ok_or_else(|| Fault::new("name", "is missing"))?,
        description,
        kind: ToolKind::Function { parameters, strict },
        cache,
    })
}

/// Reads a freeform tool's definition.
fn custom(at: &mut Cursor<'_>) -> Result<Tool, Fault> {
    let (mut name, mut description, mut format) = (None, None, None);
    at.members(|key, at| {
        match key {
            "name" => name = Some(at.string()?),
            "description" => description = Some(at.string()?),
            "format" => format = Some(at.keep()?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(Tool {
        name: name.ok_or_else(|| Fault::new("name", "is missing"))?,
        description,
        kind: ToolKind::Custom { format },
        cache: None,
    })
}

/// `tool_choice`, or the older `function_call`; as it is spelt where nothing of it is known.
pub(super) fn choice(at: &mut Cursor<'_>) -> Result<Result<ToolChoice, Box<RawValue>>, Fault> {
    let raw = at.keep()?;
    let mut inside = Cursor::new(raw.get());
    let known = match inside.kind() {
        Some(Kind::String) => match inside.string()?.as_str() {
            "auto" => Some(ToolChoice::Auto),
            "none" => Some(ToolChoice::None),
            // `any` is what Mistral calls it.
            "required" | "any" => Some(ToolChoice::Required),
            _ => None,
        },
        Some(Kind::Object) => named(&mut inside)?,
        _ => return Err(Fault::new("", "must be a string or an object")),
    };
    Ok(known.ok_or(raw))
}

/// A choice that names tools: `{"type": "function", "function": {"name"}}`, where some leave the type out and older clients
/// the object around the name; `{"type": "allowed_tools", "allowed_tools": {"mode", "tools"}}`.
fn named(at: &mut Cursor<'_>) -> Result<Option<ToolChoice>, Fault> {
    let (mut name, mut allowed) = (None, None);
    at.members(|key, at| {
        match key {
            "name" => name = Some(at.string()?),
            "function" | "custom" => name = name_in(at)?,
            "allowed_tools" => allowed = Some(allowed_tools(at)?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(allowed.or_else(|| name.map(ToolChoice::Tool)))
}

fn allowed_tools(at: &mut Cursor<'_>) -> Result<ToolChoice, Fault> {
    let (mut names, mut required) = (Vec::new(), false);
    at.members(|key, at| {
        match key {
            "mode" => required = at.string()? == "required",
            "tools" => {
                let named = at.items(|at| named(at)?.ok_or_else(|| Fault::new("", "must name a tool")))?;
                names = named;
            }
            _ => {}
        }
        Ok(())
    })?;
    let name = |choice| match choice {
        ToolChoice::Tool(name) => Some(name),
        _ => None,
    };
    Ok(ToolChoice::OneOf {
        names: names.into_iter().filter_map(name).collect(),
        required,
    })
}

fn name_in(at: &mut Cursor<'_>) -> Result<Option<String>, Fault> {
    let mut name = None;
    at.members(|key, at| {
        if key == "name" {
            name = Some(at.string()?);
        }
        Ok(())
    })?;
    Ok(name)
}
