//! Sources that a text cites: OpenAI's `annotations`, and what Perplexity says beside the answer.

use gateway_types::DialectName;
use gateway_types::chat::Citation;
use gateway_types::loss::Loss;
use serde_json::value::RawValue;

use super::tools::own;
use crate::json::{Members, Out, parse};

/// `annotations`.
pub(super) fn annotations(raw: &RawValue) -> Vec<Citation> {
    let items: Vec<&RawValue> = parse(raw).unwrap_or_default();
    items.into_iter().map(annotation).collect()
}

fn annotation(raw: &RawValue) -> Citation {
    let mut citation = bare(raw);
    let Ok(mut members) = Members::of(raw) else {
        return citation;
    };
    if let Some(mut cited) = members.object("url_citation").ok().flatten() {
        let mut word = |key| cited.read::<String>(key).ok().flatten().filter(|text| !text.is_empty());
        (citation.url, citation.title) = (word("url"), word("title"));
        citation.quote = word("content");
        let mut place = |key| cited.read::<u64>(key).ok().flatten();
        citation.range = place("start_index").zip(place("end_index"));
        // OpenRouter says 0 and 0 where it does not know.
        citation.range = citation.range.filter(|(start, end)| start < end);
    } else if let Some(mut file) = members.object("file").ok().flatten() {
        citation.title = file.read("name").ok().flatten();
    }
    citation
}

/// `search_results`, or where there are none the bare addresses of `citations`.
pub(super) fn beside(results: Option<&RawValue>, addresses: Option<&RawValue>) -> Vec<Citation> {
    let results = items(results);
    if !results.is_empty() {
        return results.into_iter().map(result).collect();
    }
    let address = |raw: &RawValue| Citation {
        url: parse(raw).ok(),
        ..bare(raw)
    };
    items(addresses).into_iter().map(address).collect()
}

fn items(raw: Option<&RawValue>) -> Vec<&RawValue> {
    raw.and_then(|raw| parse(raw).ok()).unwrap_or_default()
}

fn result(raw: &RawValue) -> Citation {
    let mut citation = bare(raw);
    if let Ok(mut members) = Members::of(raw) {
        let mut word = |key| members.read::<String>(key).ok().flatten();
        (citation.url, citation.title, citation.quote) = (word("url"), word("title"), word("snippet"));
    }
    citation
}

fn bare(raw: &RawValue) -> Citation {
    Citation {
        url: None,
        title: None,
        quote: None,
        range: None,
        verbatim: own(raw.to_owned()),
    }
}

/// A citation on its way to a client, and the part of the whole text that cites it.
pub(super) struct Placed<'a> {
    pub(super) citation: &'a Citation,
    /// In characters from the beginning of all that the answer says.
    pub(super) range: (u64, u64),
}

/// `annotations` as OpenAI has them; what has no address cannot be said.
pub(super) fn write(placed: &[Placed<'_>], at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let said = |placed: &&Placed<'_>| verbatim(placed).is_some() || placed.citation.url.is_some();
    let lost = placed.len() - placed.iter().filter(said).count();
    if lost > 0 {
        losses.push(Loss::dropped(
            format!("{at}.annotations"),
            format!("{lost} of the sources have no address, and this API cites only what has one"),
        ));
    }
    if lost == placed.len() {
        return;
    }
    out.array("annotations", |out| {
        for placed in placed.iter().filter(said) {
            match verbatim(placed) {
                Some(raw) => out.item(raw),
                None => out.item_object(|out| url_citation(placed, out)),
            }
        }
    });
}

/// An annotation of this dialect, as it came. Perplexity's sources are none: they have no type.
fn verbatim<'a>(placed: &Placed<'a>) -> Option<&'a RawValue> {
    let verbatim = &placed.citation.verbatim;
    let typed = || Members::of(&verbatim.json).ok()?.take("type").map(|_| &*verbatim.json);
    (verbatim.dialect == DialectName::OpenAi).then(typed).flatten()
}

fn url_citation(placed: &Placed<'_>, out: &mut Out<'_>) {
    let Citation { url, title, .. } = placed.citation;
    out.member("type", "url_citation");
    out.inner("url_citation", |out| {
        out.member("url", url);
        out.member("title", title.as_deref().or(url.as_deref()).unwrap_or_default());
        out.member("start_index", placed.range.0);
        out.member("end_index", placed.range.1);
    });
}
