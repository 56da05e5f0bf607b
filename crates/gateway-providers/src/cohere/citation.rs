//! Citations: what stands beside an answer's text, and whose words it is from.

use gateway_types::DialectName;
use gateway_types::chat::{Citation, Part, Verbatim};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{Members, Out, parse};

/// What of a citation others have a word for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    start: Option<f64>,
    end: Option<f64>,
    content_index: Option<f64>,
    #[serde(borrow)]
    sources: Option<&'a RawValue>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// A citation, and the piece of content that cites, where it says so.
#[derive(Debug)]
pub(super) struct Cited {
    pub(super) citation: Citation,
    /// The piece's place among the answer's content.
    pub(super) content: Option<usize>,
    /// Whether the plan cites.
    pub(super) plan: bool,
}

/// Reads a citation; what is none is kept as it came.
pub(super) fn read(raw: &RawValue) -> Cited {
    let wire: Wire<'_> = parse(raw).unwrap_or_default();
    let source = wire.sources.map(source).unwrap_or_default();
    let place = |at: f64| (at >= 0.0).then_some(at as u64);
    Cited {
        content: wire
            .content_index
            .and_then(place)
            .and_then(|at| usize::try_from(at).ok()),
        plan: wire.kind.as_deref() == Some("PLAN"),
        citation: Citation {
            url: source.url,
            title: source.title,
            quote: source.text,
            range: wire.start.and_then(place).zip(wire.end.and_then(place)),
            verbatim: Verbatim {
                dialect: DialectName::Cohere,
                json: raw.to_owned(),
            },
        },
    }
}

#[derive(Debug, Default)]
struct Source {
    url: Option<String>,
    title: Option<String>,
    text: Option<String>,
}

/// The first source: a document, or what a tool answered. Both are objects of the application's own making.
fn source(raw: &RawValue) -> Source {
    let sources: Vec<Members<'_>> = parse(raw).unwrap_or_default();
    let Some(mut first) = sources.into_iter().next() else {
        return Source::default();
    };
    let id: Option<String> = first.read("id").ok().flatten();
    let inner = ["document", "tool_output"]
        .into_iter()
        .find_map(|key| first.object(key).ok().flatten());
    let Some(mut inner) = inner else {
        return Source {
            title: id,
            ..Source::default()
        };
    };
    let mut text = |keys: &[&str]| keys.iter().find_map(|key| inner.read::<String>(key).ok().flatten());
    Source {
        url: text(&["url"]),
        title: text(&["title"]).or(id),
        text: text(&["text", "snippet", "content"]),
    }
}

/// Puts citations to the texts that cite: the piece of content that they name, else the first text.
pub(super) fn attach(citations: &[Box<RawValue>], parts: &mut [Part]) {
    for cited in citations.iter().map(|raw| read(raw)) {
        let is_text = |part: &&mut Part| matches!(part, Part::Text { .. });
        let named = cited
            .content
            .filter(|at| matches!(parts.get(*at), Some(Part::Text { .. })));
        let place = match (cited.plan, named) {
            (true, _) => parts.iter_mut().rfind(is_text),
            (false, Some(at)) => parts.get_mut(at),
            (false, None) => parts.iter_mut().find(is_text),
        };
        if let Some(Part::Text { citations, .. }) = place {
            citations.push(cited.citation);
        }
    }
}

/// A text that cites, as it stands in the answer that is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// Its place among the answer's content.
    pub(super) content: usize,
    /// How many characters of that content come before it.
    pub(super) before: u64,
    /// The text, as far as it is known.
    pub(super) text: &'a str,
}

/// Writes a citation: as it came, if it is of this dialect; else in its shape.
pub(super) fn write(citation: &Citation, place: Place<'_>, out: &mut Vec<u8>) {
    if citation.verbatim.dialect == DialectName::Cohere {
        out.extend_from_slice(citation.verbatim.json.get().as_bytes());
        return;
    }
    // A source without a range stands behind the whole text.
    let whole = place.text.chars().count() as u64;
    let (start, end) = citation.range.unwrap_or((0, whole));
    let cited: String = place
        .text
        .chars()
        .skip(index(start))
        .take(index(end.saturating_sub(start)))
        .collect();
    let id = citation
        .url
        .as_deref()
        .or(citation.title.as_deref())
        .unwrap_or("source");
    Out::object(out, |out| {
        out.member("start", place.before.saturating_add(start));
        out.member("end", place.before.saturating_add(end));
        out.member("text", cited);
        out.array("sources", |out| {
            out.item_object(|out| {
                out.member("type", "document");
                out.member("id", id);
                out.inner("document", |out| {
                    out.member("id", id);
                    out.maybe("title", citation.title.as_ref());
                    out.maybe("url", citation.url.as_ref());
                    out.maybe("text", citation.quote.as_ref());
                });
            });
        });
        out.member("type", "TEXT_CONTENT");
        out.member("content_index", place.content);
    });
}

fn index(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        serde_json::from_str(json).unwrap()
    }

    fn written(citation: &Citation, place: Place<'_>) -> serde_json::Value {
        let mut out = Vec::new();
        write(citation, place, &mut out);
        serde_json::from_slice(&out).unwrap()
    }

    const OWN: &str = r#"{"start":0,"end":4,"text":"Ruby","sources":[{"type":"tool","id":"t:0","tool_output":{"content":"c","url":"https://a"}}],"type":"TEXT_CONTENT","content_index":2}"#;

    #[test]
    fn a_citation_finds_the_text_that_it_names() {
        let thinking = || Part::Reasoning(Default::default());
        let mut parts = vec![
            thinking(),
            Part::text("Ruby"),
            Part::text("Ruby is old"),
            Part::text("a plan"),
        ];
        let plan = raw(r#"{"start":2,"end":6,"text":"plan","type":"PLAN"}"#);
        attach(&[raw(OWN), plan, raw(r#"{"content_index":9}"#)], &mut parts);
        let of = |part: &Part| match part {
            Part::Text { citations, .. } => citations.len(),
            _ => 0,
        };
        assert_eq!(parts.iter().map(of).collect::<Vec<_>>(), [0, 1, 1, 1]);
        let Part::Text { citations, .. } = &parts[2] else {
            panic!("a text")
        };
        assert_eq!(citations[0].range, Some((0, 4)));
        assert_eq!(
            (citations[0].url.as_deref(), citations[0].quote.as_deref()),
            (Some("https://a"), Some("c"))
        );
        assert_eq!(citations[0].title.as_deref(), Some("t:0"));
    }

    #[test]
    fn own_citations_are_written_as_they_came_and_others_in_the_same_shape() {
        let place = Place {
            content: 2,
            before: 10,
            text: "größer ist es",
        };
        let own = read(&raw(OWN)).citation;
        assert_eq!(
            written(&own, place),
            serde_json::from_str::<serde_json::Value>(OWN).unwrap()
        );
        let other = Citation {
            url: Some("https://a/b".into()),
            title: None,
            quote: Some("q".into()),
            range: Some((0, 6)),
            verbatim: Verbatim {
                dialect: DialectName::OpenAi,
                json: raw("{}"),
            },
        };
        let said = written(&other, place);
        assert_eq!((said["start"].as_u64(), said["end"].as_u64()), (Some(10), Some(16)));
        assert_eq!(
            (said["text"].as_str(), said["content_index"].as_u64()),
            (Some("größer"), Some(2))
        );
        assert_eq!(said["sources"][0]["document"]["text"], "q");
        let whole = Citation { range: None, ..other };
        assert_eq!(written(&whole, place)["end"], 23);
    }
}
