//! Tools and the choice among them, as a client gives them, and by which names other dialects know them.

use std::collections::{BTreeMap, BTreeSet};

use gateway_types::DialectName;
use gateway_types::chat::{Tool, ToolChoice, ToolKind, Verbatim};
use serde_json::value::RawValue;

use super::read::Notes;
use crate::json::{Fault, Members, Out, parse};

/// The longest name that every vendor takes for a function.
const NAME_LIMIT: usize = 64;

/// A tool's name where there are no namespaces.
pub(super) fn flat(space: Option<&str>, name: &str) -> String {
    match space {
        Some(space) if !space.is_empty() && space.len() + 2 + name.len() <= NAME_LIMIT => format!("{space}__{name}"),
        _ => name.to_owned(),
    }
}

/// Which names that a model calls mean more than a function: what the answer has to say of a call besides its name.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    custom: BTreeSet<String>,
    spaces: BTreeMap<String, (String, String)>,
}

/// What a called name means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Meant {
    /// The namespace, where the tool is in one.
    pub(super) space: Option<String>,
    /// The name there.
    pub(super) name: String,
    /// Whether the tool is a freeform one.
    pub(super) custom: bool,
}

impl Names {
    /// Takes in the tools of an array.
    pub(super) fn add(&mut self, tools: &RawValue) {
        for tool in parse::<Vec<&RawValue>>(tools).unwrap_or_default() {
            self.tool(tool, None);
        }
    }

    fn tool(&mut self, raw: &RawValue, space: Option<&str>) {
        let Ok(mut tool) = Members::of(raw) else { return };
        let mut word = |key| tool.read::<String>(key).ok().flatten();
        let (Some(kind), Some(name)) = (word("type"), word("name")) else {
            return;
        };
        if kind == "namespace" {
            for inner in tool.read::<Vec<&RawValue>>("tools").ok().flatten().unwrap_or_default() {
                self.tool(inner, Some(&name));
            }
            return;
        }
        let flat = flat(space, &name);
        if kind == "custom" {
            self.custom.insert(flat.clone());
        }
        if let Some(space) = space {
            self.spaces.insert(flat, (space.to_owned(), name));
        }
    }

    /// What a name means that a model called. Models leave namespaces out at times.
    pub(super) fn meant(&self, called: &str) -> Meant {
        let bare = || {
            let mut of_that_name = self.spaces.iter().filter(|(_, (_, name))| name == called);
            of_that_name.next().filter(|_| of_that_name.next().is_none())
        };
        let found = self.spaces.get_key_value(called).or_else(bare);
        let flat = found.map_or(called, |(flat, _)| flat);
        Meant {
            custom: self.custom.contains(flat),
            space: found.map(|(_, (space, _))| space.clone()),
            name: found.map_or_else(|| called.to_owned(), |(_, (_, name))| name.clone()),
        }
    }
}

/// Reads an array of tools; what has no word is noted under its path, which begins with `at`.
pub(super) fn tools(raw: &RawValue, at: &str, notes: &mut Notes) -> Result<Vec<Tool>, Fault> {
    let items: Vec<&RawValue> = parse(raw)?;
    let mut read = Vec::with_capacity(items.len());
    for (i, item) in items.into_iter().enumerate() {
        tool(item, None, &format!("{at}[{i}]"), notes, &mut read).map_err(|fault| fault.under(format!("[{i}]")))?;
    }
    Ok(read)
}

fn tool(raw: &RawValue, space: Option<&str>, at: &str, notes: &mut Notes, read: &mut Vec<Tool>) -> Result<(), Fault> {
    let mut members = Members::of(raw)?;
    let kind: String = members.need("type")?;
    let kind = match kind.as_str() {
        "function" => ToolKind::Function {
            parameters: members.take("parameters").map(ToOwned::to_owned),
            strict: members.read("strict")?,
        },
        "custom" => ToolKind::Custom {
            format: members.take("format").map(chat_format),
        },
        "namespace" => return namespace(members, at, notes, read),
        _ => {
            read.push(own(&kind, raw));
            return Ok(());
        }
    };
    let name: String = members.need("name")?;
    read.push(Tool {
        name: flat(space, &name),
        description: members.read("description")?,
        kind,
        cache: None,
    });
    notes.leftover(at, members.rest());
    Ok(())
}

/// Tools in a namespace are tools whose names begin with it.
fn namespace(mut members: Members<'_>, at: &str, notes: &mut Notes, read: &mut Vec<Tool>) -> Result<(), Fault> {
    let name: String = members.need("name")?;
    let inner: Vec<&RawValue> = members.need("tools")?;
    for (i, item) in inner.into_iter().enumerate() {
        let at = format!("{at}.tools[{i}]");
        tool(item, Some(&name), &at, notes, read).map_err(|fault| fault.under(format!("tools[{i}]")))?;
    }
    notes.leftover(at, members.rest());
    Ok(())
}

/// A tool of the provider's own, by the name that it has, or by its type.
fn own(kind: &str, raw: &RawValue) -> Tool {
    let mut members = Members::of(raw).ok();
    let mut word = |key| members.as_mut()?.read::<String>(key).ok().flatten();
    Tool {
        name: word("name")
            .or_else(|| word("server_label"))
            .unwrap_or_else(|| kind.to_owned()),
        description: None,
        kind: ToolKind::Other(Verbatim {
            dialect: DialectName::Responses,
            json: raw.to_owned(),
        }),
        cache: None,
    }
}

/// A grammar as the chat API has it: one level deeper.
fn chat_format(raw: &RawValue) -> Box<RawValue> {
    let Ok(mut members) = Members::of(raw) else {
        return raw.to_owned();
    };
    let (Some(definition), Some(syntax)) = (members.take("definition"), members.take("syntax")) else {
        return raw.to_owned();
    };
    object(raw, |out| {
        out.member("type", "grammar");
        out.inner("grammar", |out| {
            out.member("syntax", syntax);
            out.member("definition", definition);
        });
    })
}

/// A grammar as this API has it.
pub(super) fn own_format(raw: &RawValue) -> Box<RawValue> {
    let grammar = Members::of(raw).and_then(|mut members| members.object("grammar"));
    let Ok(Some(grammar)) = grammar else {
        return raw.to_owned();
    };
    object(raw, |out| {
        out.member("type", "grammar");
        for (key, value) in grammar.pairs() {
            out.member(key, value);
        }
    })
}

fn object(otherwise: &RawValue, members: impl FnOnce(&mut Out<'_>)) -> Box<RawValue> {
    let mut body = Vec::new();
    Out::object(&mut body, members);
    serde_json::from_slice(&body).unwrap_or_else(|_| otherwise.to_owned())
}

/// Reads the choice among tools; nothing where it is one that only this API has.
pub(super) fn choice(raw: &RawValue) -> Option<ToolChoice> {
    if let Ok(word) = parse::<String>(raw) {
        return match word.as_str() {
            "auto" => Some(ToolChoice::Auto),
            "none" => Some(ToolChoice::None),
            "required" => Some(ToolChoice::Required),
            _ => None,
        };
    }
    let mut members = Members::of(raw).ok()?;
    match members.read::<String>("type").ok()??.as_str() {
        "function" | "custom" => named(&mut members).map(ToolChoice::Tool),
        "allowed_tools" => {
            let required = members.read::<String>("mode").ok()?.as_deref() == Some("required");
            let tools: Vec<Members<'_>> = members.read("tools").ok()??;
            let names: Option<Vec<String>> = tools.into_iter().map(|mut tool| named(&mut tool)).collect();
            Some(ToolChoice::OneOf {
                names: names?,
                required,
            })
        }
        _ => None,
    }
}

fn named(members: &mut Members<'_>) -> Option<String> {
    let space: Option<String> = members.read("namespace").ok()?;
    let name: String = members.read("name").ok()??;
    Some(flat(space.as_deref(), &name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    const TOOLS: &str = r#"[
        {"type":"function","name":"f","strict":true,"parameters":{"b":1,"a":2},"defer_loading":true},
        {"type":"custom","name":"apply_patch","description":"d","format":{"type":"grammar","syntax":"lark","definition":"start: x"}},
        {"type":"namespace","name":"agents","description":"all","tools":[{"type":"function","name":"close"},{"type":"custom","name":"say"}]},
        {"type":"web_search","search_context_size":"low"},
        {"type":"mcp","server_label":"wiki"}]"#;

    #[test]
    fn tools_of_every_kind_are_read_and_what_has_no_word_is_noted() {
        let mut notes = Notes::default();
        let tools = tools(&raw(TOOLS), "tools", &mut notes).unwrap();
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(
            names,
            ["f", "apply_patch", "agents__close", "agents__say", "web_search", "wiki"]
        );
        let ToolKind::Function {
            parameters: Some(schema),
            strict: Some(true),
        } = &tools[0].kind
        else {
            panic!("{tools:?}")
        };
        assert_eq!(schema.get(), r#"{"b":1,"a":2}"#);
        let ToolKind::Custom { format: Some(format) } = &tools[1].kind else {
            panic!("{tools:?}")
        };
        assert_eq!(
            format.get(),
            r#"{"type":"grammar","grammar":{"syntax":"lark","definition":"start: x"}}"#
        );
        let back: serde_json::Value = serde_json::from_str(own_format(format).get()).unwrap();
        assert_eq!(
            back,
            serde_json::json!({"type": "grammar", "syntax": "lark", "definition": "start: x"})
        );
        let noted: Vec<&str> = notes.0.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(noted, ["tools[0].defer_loading", "tools[2].description"]);
    }

    #[test]
    fn a_called_name_is_given_back_as_the_client_knows_it() {
        let mut names = Names::default();
        names.add(&raw(TOOLS));
        let meant = |called: &str| {
            let meant = names.meant(called);
            (meant.space.unwrap_or_default(), meant.name, meant.custom)
        };
        let is = |space: &str, name: &str, custom| (space.to_owned(), name.to_owned(), custom);
        assert_eq!(meant("f"), is("", "f", false));
        assert_eq!(meant("apply_patch"), is("", "apply_patch", true));
        assert_eq!(meant("agents__close"), is("agents", "close", false));
        assert_eq!(meant("say"), is("agents", "say", true));
        assert_eq!(meant("unheard"), is("", "unheard", false));
    }

    #[test]
    fn a_choice_is_read_where_others_have_a_word_for_it() {
        let one_of = ToolChoice::OneOf {
            names: vec!["f".into(), "g".into()],
            required: true,
        };
        for (json, expected) in [
            (r#""auto""#, Some(ToolChoice::Auto)),
            (r#""none""#, Some(ToolChoice::None)),
            (r#""required""#, Some(ToolChoice::Required)),
            (r#"{"type":"function","name":"f"}"#, Some(ToolChoice::Tool("f".into()))),
            (r#"{"type":"custom","name":"f"}"#, Some(ToolChoice::Tool("f".into()))),
            (
                r#"{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},{"type":"custom","name":"g"}]}"#,
                Some(one_of),
            ),
            (r#"{"type":"web_search_preview"}"#, None),
            (
                r#"{"type":"allowed_tools","tools":[{"type":"mcp","server_label":"s"}]}"#,
                None,
            ),
        ] {
            assert_eq!(choice(&raw(json)), expected, "{json}");
        }
    }
}
