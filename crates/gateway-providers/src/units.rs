//! What a call asks for by other measures than tokens, as far as its own body says.

use gateway_types::json::scan;
use gateway_types::{Call, Measure, Operation, Units, form};
use serde::de::{DeserializeOwned, IgnoredAny};

/// What a call asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What is likely to be billed: it counts where the provider does not say what is.
    pub likely: Units,
    /// What can be billed at most.
    pub at_most: Units,
    /// The picture that is wanted, where one is.
    pub picture: Option<Picture>,
}

/// What can change the price of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// `standard`, `hd`, `low`, …; OpenAI's default where it is not said.
    pub quality: String,
    /// `1024x1792`; OpenAI's default where it is not said.
    pub size: String,
}

/// How many documents one search puts in order, as Cohere counts ("How Does Cohere's Pricing Work?"): longer ones count as
/// several, of at most so many tokens each, the query among them.
const DOCUMENTS: u64 = 100;
const DOCUMENT: u64 = 500;
/// The slowest that speech is coded, and what it usually has at least, in bytes a second: 6 and 32 kbit/s.
const SLOWEST: u64 = 750;
const USUAL: u64 = 4000;

/// What a call asks for. Nothing where it is billed by tokens alone.
pub fn asked(call: &Call) -> Asked {
    let exactly = |units: Units| Asked {
        likely: units,
        at_most: units,
        picture: None,
    };
    match call.operation {
        Operation::Speech => exactly(characters(call)),
        Operation::Rerank => searches(call),
        Operation::ImageGeneration | Operation::ImageEdit | Operation::ImageVariation => Asked {
            picture: Some(picture(call)),
            ..exactly(Units::of(Measure::Image, call.choices.max(1).into()))
        },
        Operation::Transcription | Operation::Translation => seconds(call),
        _ => Asked::default(),
    }
}

fn characters(call: &Call) -> Units {
    let text: Option<String> = member(call, "input");
    Units::of(Measure::Character, text.map_or(0, |text| text.chars().count() as u64))
}

fn searches(call: &Call) -> Asked {
    let documents: Option<Vec<IgnoredAny>> = member(call, "documents");
    let documents = documents.map_or(0, |documents| documents.len() as u64);
    let query: Option<String> = member(call, "query");
    let query = query.map_or(0, |query| query.len() as u64);
    // Each piece of a document has the query before it. No token is shorter than a byte.
    let room = DOCUMENT.saturating_sub(query).max(1);
    let pieces = documents.saturating_add(call.input_bound.saturating_sub(query) / room);
    let searches = |documents: u64| Units::of(Measure::Search, documents.div_ceil(DOCUMENTS).max(1));
    Asked {
        likely: searches(documents),
        at_most: searches(pieces),
        picture: None,
    }
}

fn picture(call: &Call) -> Picture {
    let said = |name: &str| member::<String>(call, name).filter(|said| !said.is_empty() && said != "auto");
    Picture {
        quality: said("quality").unwrap_or_else(|| "standard".to_owned()),
        size: said("size").unwrap_or_else(|| "1024x1024".to_owned()),
    }
}

/// How long sound is, only those know who decode it: its bytes bound it.
fn seconds(call: &Call) -> Asked {
    let bytes = call.body.bytes.len() as u64;
    let length = |each: u64| {
        Units::of(
            Measure::Second,
            bytes.saturating_mul(Measure::Second.parts()).div_ceil(each),
        )
    };
    Asked {
        likely: length(USUAL),
        at_most: length(SLOWEST),
        picture: None,
    }
}

/// A member of a call's body, or a part of its form. Nothing where it is of another kind: that is for its provider to say.
fn member<T: DeserializeOwned>(call: &Call, name: &str) -> Option<T> {
    let bytes = &call.body.bytes;
    if let Some(content_type) = &call.body.content_type {
        let parts = form::parts(bytes, content_type).ok()?;
        let part = parts.iter().find(|part| part.name == name)?;
        let text = std::str::from_utf8(bytes.get(part.value.clone())?).ok()?;
        return serde_json::from_value(text.trim().into()).ok();
    }
    let found = scan(bytes, &[name]).ok()?;
    serde_json::from_slice(bytes.get(found.find(0)?.value.clone())?).ok()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use gateway_types::{Asked as Path, DialectName};

    use super::*;
    use crate::client_dialect;

    fn call(operation: Operation, body: &str) -> Call {
        let dialect = client_dialect(DialectName::OpenAi);
        dialect
            .decode(&Path::plain(operation), Bytes::copy_from_slice(body.as_bytes()))
            .unwrap()
    }

    fn form(operation: Operation, parts: &str) -> Call {
        let asked = Path {
            content_type: Some("multipart/form-data; boundary=b".to_owned()),
            ..Path::plain(operation)
        };
        let body = parts.replace('\n', "\r\n");
        client_dialect(DialectName::OpenAi).decode(&asked, body.into()).unwrap()
    }

    #[test]
    fn speech_is_counted_in_characters_not_in_bytes_of_json() {
        let call = call(
            Operation::Speech,
            r#"{"model":"tts-1","input":"Gr\u00fc\u00dfe \ud83d\ude00","voice":"alloy"}"#,
        );
        let asked = asked(&call);
        assert_eq!(asked.likely, Units::of(Measure::Character, 7));
        assert_eq!(asked.at_most, asked.likely);
    }

    #[test]
    fn a_search_is_of_a_hundred_documents_and_long_ones_are_several() {
        let searches = |documents: Vec<String>| {
            let body = serde_json::json!({"model": "rerank-v3.5", "query": "q", "documents": documents});
            let asked = asked(&call(Operation::Rerank, &body.to_string()));
            (asked.likely.get(Measure::Search), asked.at_most.get(Measure::Search))
        };
        assert_eq!(searches(vec!["a".to_owned(); 100]), (1, 1));
        assert_eq!(searches(vec!["a".to_owned(); 101]), (2, 2));
        assert_eq!(
            searches(vec!["a".repeat(400); 100]),
            (1, 2),
            "they may be more than 500 tokens each"
        );
        let (likely, at_most) = searches(vec!["a".repeat(100_000)]);
        assert_eq!(likely, 1);
        assert!(at_most >= 2, "200 pieces at most: {at_most}");
    }

    #[test]
    fn pictures_are_told_by_number_quality_and_size() {
        let asked_for = |body: &str| {
            let asked = asked(&call(Operation::ImageGeneration, body));
            let picture = asked.picture.unwrap();
            (asked.at_most.get(Measure::Image), picture.quality, picture.size)
        };
        let said = asked_for(r#"{"model":"dall-e-3","prompt":"x","n":2,"size":"1024x1792","quality":"hd"}"#);
        assert_eq!(said, (2, "hd".to_owned(), "1024x1792".to_owned()));
        let unsaid = asked_for(r#"{"model":"dall-e-3","prompt":"x","quality":"auto"}"#);
        assert_eq!(unsaid, (1, "standard".to_owned(), "1024x1024".to_owned()));
        let edit = form(
            Operation::ImageEdit,
            "--b\nContent-Disposition: form-data; name=\"model\"\n\ndall-e-2\n--b\nContent-Disposition: form-data; name=\"size\"\n\n256x256\n\
             --b\nContent-Disposition: form-data; name=\"n\"\n\n3\n--b\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\n\nx\n--b--\n",
        );
        let edit = asked(&edit);
        assert_eq!(
            (edit.likely.get(Measure::Image), edit.picture.unwrap().size.as_str()),
            (3, "256x256")
        );
    }

    #[test]
    fn sound_is_no_longer_than_its_bytes_can_be() {
        let file = "x".repeat(40_000);
        let heard = form(
            Operation::Transcription,
            &format!(
                "--b\nContent-Disposition: form-data; name=\"model\"\n\nwhisper-1\n--b\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\n\n{file}\n--b--\n"
            ),
        );
        let asked = asked(&heard);
        let (likely, at_most) = (asked.likely.get(Measure::Second), asked.at_most.get(Measure::Second));
        assert!((10_000..11_000).contains(&likely), "{likely}");
        assert!((53_000..55_000).contains(&at_most), "{at_most}");
    }
}
