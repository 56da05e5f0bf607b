//! Documents that can be cited: Cohere's objects of named texts, as documents of the chat vocabulary and back.

use gateway_types::chat::{Extras, Part, Source};
use serde_json::value::RawValue;

use crate::json::{Fault, Members, Out, parse};

/// Reads a document: a text, or an object with its `data` and perhaps an `id`.
///
/// What is said of it beside a text and a title is kept in its extras, under `id` and `data`.
pub(super) fn read(raw: &RawValue) -> Result<Part, Fault> {
    if let Ok(text) = parse::<String>(raw) {
        return Ok(document(text, None, Extras::default()));
    }
    let mut members = Members::of(raw).map_err(|_| Fault::new("", "must be a string or an object with `data`"))?;
    let data = members.take("data").ok_or_else(|| Fault::new("data", "is missing"))?;
    let (text, title, exact) = flat(data).map_err(|fault| fault.under("data"))?;
    let mut extras = members.rest();
    // Without a title or an id, the object could not be told from a plain text.
    if !exact || (title.is_none() && extras.0.is_empty()) {
        extras.0.push((String::from("data"), data.to_owned()));
    }
    Ok(document(text, title, extras))
}

fn document(text: String, name: Option<String>, extras: Extras) -> Part {
    Part::Document {
        source: Source::Text(text),
        name,
        cache: None,
        extras,
    }
}

/// The text and the title of `data`, and whether that is all that it holds.
///
/// The vendor's guide to tools sends results as JSON in a string, whatever its reference says of an object.
fn flat(data: &RawValue) -> Result<(String, Option<String>, bool), Fault> {
    if let Ok(text) = parse::<String>(data) {
        return Ok((text, None, false));
    }
    let mut members = Members::of(data).map_err(|_| Fault::new("", "must be an object or a string"))?;
    let title = members.read::<String>("title").ok().flatten();
    let text = members.read::<String>("text").ok().flatten();
    let rest = members.rest();
    if let (Some(text), true) = (text, rest.0.is_empty()) {
        return Ok((text, title, true));
    }
    // Every name and every value is shown to the model, the vendor says; so is a text made of them.
    let lines = Members::of(data)?.rest().0;
    let line = |(key, raw): &(String, Box<RawValue>)| {
        let value = parse::<String>(raw).unwrap_or_else(|_| raw.get().to_owned());
        format!("{key}: {value}")
    };
    Ok((lines.iter().map(line).collect::<Vec<_>>().join("\n"), title, false))
}

/// Writes a document's text as a member of what is open: a plain string where nothing else is known of it.
pub(super) fn write(text: &str, name: Option<&str>, extras: &Extras, own: bool, out: &mut Out<'_>) {
    let kept: &[(String, Box<RawValue>)] = if own { &extras.0 } else { &[] };
    if name.is_none() && kept.is_empty() {
        out.item(text);
        return;
    }
    out.item_object(|out| members(text, name, kept, out));
}

/// Writes the members of a document.
pub(super) fn members(text: &str, name: Option<&str>, kept: &[(String, Box<RawValue>)], out: &mut Out<'_>) {
    for (key, raw) in kept {
        out.member(key, raw);
    }
    if kept.iter().any(|(key, _)| key == "data") {
        return;
    }
    out.inner("data", |out| {
        out.member("text", text);
        out.maybe("title", name);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(json: &str) -> String {
        let raw: Box<RawValue> = serde_json::from_str(json).unwrap();
        let Part::Document {
            source: Source::Text(text),
            name,
            extras,
            ..
        } = read(&raw).unwrap()
        else {
            panic!("a document")
        };
        let mut list = Vec::new();
        Out::object(&mut list, |out| {
            out.array("d", |out| write(&text, name.as_deref(), &extras, true, out))
        });
        let list: serde_json::Value = serde_json::from_slice(&list).unwrap();
        list["d"][0].to_string()
    }

    #[test]
    fn a_document_comes_back_as_it_was() {
        for json in [
            r#""plain""#,
            r#"{"data":{"text":"t"}}"#,
            r#"{"data":{"text":"t","title":"T"}}"#,
            r#"{"data":{"text":"t","title":"T"},"id":"doc:0"}"#,
            r#"{"data":{"snippet":"s","title":"T","url":"https://a/b"},"id":"doc:0"}"#,
            r#"{"data":{"text":5},"more":[1]}"#,
            r#"{"data":"{\"n\":5}","id":"7"}"#,
            r#"{"data":"t"}"#,
        ] {
            assert_eq!(again(json), json);
        }
    }

    #[test]
    fn what_it_says_is_text_for_others() {
        let raw: Box<RawValue> = serde_json::from_str(r#"{"data":{"title":"T","snippet":"s","n":5}}"#).unwrap();
        let Part::Document { source, name, .. } = read(&raw).unwrap() else {
            panic!("a document")
        };
        assert_eq!(source, Source::Text("title: T\nsnippet: s\nn: 5".into()));
        assert_eq!(name.as_deref(), Some("T"));
        let guide: Box<RawValue> = serde_json::from_str(r#"{"data":"{\"n\":5}"}"#).unwrap();
        let Part::Document { source, .. } = read(&guide).unwrap() else {
            panic!("a document")
        };
        assert_eq!(source, Source::Text(r#"{"n":5}"#.into()));
        let odd: Box<RawValue> = serde_json::from_str(r#"{"data":5}"#).unwrap();
        assert_eq!(read(&odd).unwrap_err().path, "data");
    }
}
