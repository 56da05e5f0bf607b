//! Thinking: its text under the names that vendors have for it, and `reasoning_details` (OpenRouter's), which hold what must
//! come back with the next turn for the provider to take it as its own.

use gateway_types::DialectName;
use gateway_types::chat::{Opaque, Reasoning};
use serde_json::value::RawValue;

use crate::json::{Members, Out, parse};
use crate::seal;

/// The members of a piece of `reasoning_details` that hold its text.
const TEXTS: [&str; 2] = ["text", "summary"];

/// What proves a piece is all of it but its text, in the vendor's words: a signature alone, without its format and place, is
/// refused by those who want it back.
pub(super) type MakeOpaque<'a> = &'a dyn Fn(String) -> Opaque;

/// A proof that a client brings back.
pub(super) fn brought(text: String) -> Opaque {
    seal::brought(text, DialectName::OpenAi)
}

/// What is known of thinking: its details, and its text where they do not hold it.
pub(super) fn thoughts(details: Option<&RawValue>, text: String, opaque: MakeOpaque<'_>) -> Vec<Reasoning> {
    let mut found = details.map(|raw| details_of(raw, opaque)).unwrap_or_default();
    if text.is_empty() || found.iter().any(|thought| !thought.text.is_empty()) {
        return found;
    }
    match found.iter_mut().find(|thought| thought.encrypted.is_none()) {
        Some(thought) => thought.text = text,
        None => found.insert(
            0,
            Reasoning {
                text,
                ..Reasoning::default()
            },
        ),
    }
    found
}

/// The id of the piece of `reasoning_details` that is no thinking but what is signed of the answer's own text.
const OF_TEXT: &str = "content";

/// Says what is signed of the answer's own text, which has no other place here.
pub(super) fn write_text_signature(signature: &Opaque, out: &mut Out<'_>) {
    out.member("type", "reasoning.encrypted");
    out.member("id", OF_TEXT);
    out.member("data", seal::seal(signature));
}

/// What was signed of the answer's own text, as a client brings it back.
pub(super) fn text_signature(details: Option<&RawValue>) -> Option<Opaque> {
    let items: Vec<&RawValue> = parse(details?).ok()?;
    let mut details = items.into_iter().filter_map(Detail::read);
    let detail = details.find(Detail::is_of_text)?;
    Some(detail.proof(&brought))
}

/// The pieces of `reasoning_details`; one without a text of its own belongs to the text before it.
fn details_of(raw: &RawValue, opaque: MakeOpaque<'_>) -> Vec<Reasoning> {
    let items: Vec<&RawValue> = parse(raw).unwrap_or_default();
    let mut found: Vec<Reasoning> = Vec::new();
    let mut last: Option<Detail> = None;
    let details = items.into_iter().filter_map(Detail::read);
    for detail in details.filter(|detail| !detail.is_of_text()) {
        match &mut last {
            Some(open) if open.goes_on(&detail) => open.add(detail),
            _ => found.extend(last.replace(detail).map(|whole| whole.finish(opaque))),
        }
    }
    found.extend(last.map(|whole| whole.finish(opaque)));
    found
}

/// A piece of `reasoning_details`, whole or more of one.
#[derive(Debug)]
pub(super) struct Detail {
    pub(super) text: String,
    kind: String,
    index: Option<u64>,
    /// Its members but for the text, as they came.
    rest: Vec<(String, Box<RawValue>)>,
}

impl Detail {
    pub(super) fn read(raw: &RawValue) -> Option<Self> {
        let mut members = Members::of(raw).ok()?;
        let kind: String = members.read("type").ok()??;
        let index = members.read::<u64>("index").ok().flatten();
        let mut text = |key| members.read::<String>(key).ok().flatten();
        let text = TEXTS.into_iter().find_map(&mut text).unwrap_or_default();
        let is_rest = |(key, raw): &(&str, &RawValue)| !TEXTS.contains(key) && raw.get() != "null";
        let all = Members::of(raw).ok()?;
        let rest = all.pairs().filter(is_rest);
        let rest = rest.map(|(key, raw)| (key.to_owned(), raw.to_owned())).collect();
        Some(Self {
            text,
            kind,
            index,
            rest,
        })
    }

    /// Whether that is more of the same piece: vendors number them, or say nothing but the signature the second time.
    pub(super) fn goes_on(&self, more: &Self) -> bool {
        let same = self.kind == more.kind && self.kind != "reasoning.encrypted";
        same && self.index == more.index && (more.text.is_empty() || !self.is_signed())
    }

    /// Takes more of the same piece.
    pub(super) fn add(&mut self, more: Self) {
        self.text.push_str(&more.text);
        for (key, raw) in more.rest {
            match self.rest.iter_mut().find(|(known, _)| *known == key) {
                // An empty signature takes nothing back.
                Some((_, had)) if raw.get() != "\"\"" => *had = raw,
                Some(_) => {}
                None => self.rest.push((key, raw)),
            }
        }
    }

    fn is_signed(&self) -> bool {
        let given = |(key, raw): &(String, Box<RawValue>)| key == "signature" && raw.get().len() > 2;
        self.rest.iter().any(given)
    }

    fn is_of_text(&self) -> bool {
        let named = |(key, raw): &(String, Box<RawValue>)| key == "id" && raw.get().trim_matches('"') == OF_TEXT;
        self.is_encrypted() && self.rest.iter().any(named)
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.kind == "reasoning.encrypted"
    }

    /// What proves it: a seal where it holds one, else all of it but its text.
    pub(super) fn proof(&self, opaque: MakeOpaque<'_>) -> Opaque {
        let sealed = |(key, raw): &(String, Box<RawValue>)| {
            let text = matches!(key.as_str(), "signature" | "data").then(|| parse::<String>(raw).ok());
            text.flatten().and_then(|text| seal::open(&text))
        };
        self.rest.iter().find_map(sealed).unwrap_or_else(|| {
            let mut json = Vec::new();
            Out::object(&mut json, |out| {
                for (key, raw) in &self.rest {
                    out.member(key, raw);
                }
            });
            opaque(String::from_utf8(json).unwrap_or_default())
        })
    }

    fn finish(self, opaque: MakeOpaque<'_>) -> Reasoning {
        let proof = Some(self.proof(opaque));
        match self.is_encrypted() {
            true => Reasoning {
                encrypted: proof,
                ..Reasoning::default()
            },
            false => Reasoning {
                text: self.text,
                signature: proof,
                encrypted: None,
            },
        }
    }
}

/// Says one piece of `reasoning_details`. What this dialect's own providers made goes as they made it, what others made as a
/// seal.
pub(super) fn write_detail(index: u32, text: Option<&str>, proof: Option<&Opaque>, encrypted: bool, out: &mut Out<'_>) {
    let own = proof.filter(|proof| proof.dialect == DialectName::OpenAi);
    let raw = own.and_then(|proof| serde_json::from_str::<&RawValue>(&proof.value).ok());
    let members = raw.and_then(|raw| Members::of(raw).ok());
    if let Some(members) = members {
        let mut summary = false;
        for (key, raw) in members.pairs() {
            summary |= key == "type" && raw.get() == "\"reasoning.summary\"";
            out.member(key, raw);
        }
        out.maybe(if summary { "summary" } else { "text" }, text.filter(|_| !encrypted));
        return;
    }
    let sealed = proof.map(seal::seal);
    match encrypted {
        true => {
            out.member("type", "reasoning.encrypted");
            out.maybe("data", sealed);
        }
        false => {
            out.member("type", "reasoning.text");
            out.maybe("text", text);
            out.maybe("signature", sealed);
        }
    }
    out.member("index", index);
}

/// Mistral's thinking: text, or an array of texts.
pub(super) fn piece_text(raw: &RawValue) -> String {
    let texts = |pieces: Vec<Members<'_>>| {
        let text = |mut piece: Members<'_>| piece.read::<String>("text").ok().flatten();
        pieces.into_iter().filter_map(text).collect::<String>()
    };
    parse::<String>(raw).unwrap_or_else(|_| parse(raw).map(texts).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(details: &str, text: &str) -> Vec<Reasoning> {
        let raw = RawValue::from_string(details.to_owned()).unwrap();
        thoughts(Some(&raw), text.to_owned(), &brought)
    }

    fn said(thought: &Reasoning) -> serde_json::Value {
        let mut json = Vec::new();
        let proof = thought.encrypted.as_ref().or(thought.signature.as_ref());
        Out::object(&mut json, |out| {
            write_detail(0, Some(&thought.text), proof, thought.encrypted.is_some(), out);
        });
        serde_json::from_slice(&json).unwrap()
    }

    #[test]
    fn details_come_back_as_they_were() {
        let details = r#"[{"type":"reasoning.summary","summary":"in short","format":"openai-responses-v1","index":0},
            {"type":"reasoning.text","text":"hm","signature":"s","format":"anthropic-claude-v1","index":1},
            {"type":"reasoning.encrypted","data":"x","id":"rs_1","format":"openai-responses-v1","index":0}]"#;
        let found = read(details, "in shorthm");
        let texts: Vec<&str> = found.iter().map(|thought| thought.text.as_str()).collect();
        assert_eq!(texts, ["in short", "hm", ""]);
        let expected: Vec<serde_json::Value> = serde_json::from_str(details).unwrap();
        assert_eq!(found.iter().map(said).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_signature_that_comes_alone_belongs_to_the_text_before_it() {
        let found = read(
            r#"[{"type":"reasoning.text","text":"hm","index":0},{"type":"reasoning.text","signature":"s","index":0}]"#,
            "",
        );
        assert_eq!(found.len(), 1);
        let expected = serde_json::json!({"type": "reasoning.text", "text": "hm", "signature": "s", "index": 0});
        assert_eq!(said(&found[0]), expected);
        let plain = read("[]", "only text");
        assert_eq!((plain[0].text.as_str(), &plain[0].signature), ("only text", &None));
    }

    #[test]
    fn a_foreign_signature_goes_out_sealed_and_comes_back_as_it_was() {
        let foreign = Opaque {
            dialect: DialectName::Anthropic,
            maker: Some(("anthropic".into(), "claude".into())),
            value: String::from("c2ln"),
        };
        for encrypted in [false, true] {
            let mut json = Vec::new();
            Out::object(&mut json, |out| {
                write_detail(3, Some("hm"), Some(&foreign), encrypted, out)
            });
            let found = read(&format!("[{}]", String::from_utf8(json).unwrap()), "");
            let back = if encrypted {
                &found[0].encrypted
            } else {
                &found[0].signature
            };
            assert_eq!(back.as_ref(), Some(&foreign));
        }
    }
}
