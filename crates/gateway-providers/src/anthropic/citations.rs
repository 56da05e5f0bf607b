//! Citations: as the API gives them, as clients bring them back, and as they are shown to clients.

use std::borrow::Cow;

use gateway_types::DialectName;
use gateway_types::chat::{Citation, Opaque, Verbatim};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::seal;

/// The members of all kinds of citations that have a word of ours.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    url: Option<String>,
    /// Of a search result: its address, where it has one.
    source: Option<String>,
    title: Option<String>,
    document_title: Option<String>,
    cited_text: Option<String>,
    /// Opaque to all but its maker, so the place for another dialect's citation.
    encrypted_index: Option<String>,
}

/// Reads a citation of this dialect.
pub(super) fn read(json: Box<RawValue>) -> Citation {
    let said: Said = serde_json::from_str(json.get()).unwrap_or_default();
    let verbatim = match said.encrypted_index.as_deref().and_then(seal::open).and_then(unsealed) {
        Some(foreign) => foreign,
        None => Verbatim {
            dialect: DialectName::Anthropic,
            json,
        },
    };
    let address = said
        .source
        .filter(|source| source.starts_with("http://") || source.starts_with("https://"));
    Citation {
        url: said.url.or(address),
        title: said.title.or(said.document_title),
        quote: said.cited_text.filter(|text| !text.is_empty()),
        range: None,
        verbatim,
    }
}

fn unsealed(opaque: Opaque) -> Option<Verbatim> {
    Some(Verbatim {
        dialect: opaque.dialect,
        json: RawValue::from_string(opaque.value).ok()?,
    })
}

/// A citation as a client of this dialect is shown it: verbatim where it is of this dialect; another as a web page, with what
/// it was sealed where only its maker looks. Nothing for one without an address, of which this dialect has no word.
pub(super) fn shown(citation: &Citation) -> Option<Cow<'_, RawValue>> {
    if citation.verbatim.dialect == DialectName::Anthropic {
        return Some(Cow::Borrowed(&*citation.verbatim.json));
    }
    #[derive(Serialize)]
    struct Page<'a> {
        #[serde(rename = "type")]
        kind: &'static str,
        url: &'a str,
        title: Option<&'a str>,
        cited_text: &'a str,
        encrypted_index: String,
    }
    let sealed = Opaque {
        dialect: citation.verbatim.dialect,
        maker: None,
        value: citation.verbatim.json.get().to_owned(),
    };
    let page = Page {
        kind: "web_search_result_location",
        url: citation.url.as_deref()?,
        title: citation.title.as_deref(),
        cited_text: citation.quote.as_deref().unwrap_or_default(),
        encrypted_index: seal::seal(&sealed),
    };
    serde_json::value::to_raw_value(&page).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_foreign_citation_comes_back_as_it_was() {
        let foreign = r#"{"type":"url_citation","url":"https://a","start_index":1,"end_index":5}"#;
        let citation = Citation {
            url: Some("https://a".into()),
            title: Some("A".into()),
            quote: None,
            range: Some((1, 5)),
            verbatim: Verbatim {
                dialect: DialectName::OpenAi,
                json: raw(foreign),
            },
        };
        let shown = shown(&citation).unwrap();
        let back = read(shown.into_owned());
        assert_eq!(
            (back.url.as_deref(), back.title.as_deref()),
            (Some("https://a"), Some("A"))
        );
        assert_eq!(
            (back.verbatim.dialect, back.verbatim.json.get()),
            (DialectName::OpenAi, foreign)
        );
    }

    #[test]
    fn an_own_citation_stays_as_it_is() {
        let own = r#"{"type":"char_location","cited_text":"x","document_index":0,"document_title":"T","start_char_index":0,"end_char_index":1}"#;
        let citation = read(raw(own));
        assert_eq!(
            (citation.title.as_deref(), citation.quote.as_deref()),
            (Some("T"), Some("x"))
        );
        assert_eq!(shown(&citation).unwrap().get(), own);
    }
}
