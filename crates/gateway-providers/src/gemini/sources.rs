//! Where an answer has its facts from: `groundingMetadata` and `citationMetadata` as citations, and back. Places in a text
//! are counted there in bytes of UTF-8, here in characters.

use gateway_types::DialectName;
use gateway_types::chat::{Citation, Verbatim};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::tree::{Json, Object};

/// A text of the answer: which piece it is, in the answer as read and in the answer as it came, and what it says.
pub(super) struct Cited<'a> {
    pub(super) part: usize,
    pub(super) piece: usize,
    pub(super) text: &'a str,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Grounding<'a> {
    #[serde(borrow)]
    grounding_chunks: Vec<&'a RawValue>,
    grounding_supports: Vec<Support>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Support {
    segment: Segment,
    grounding_chunk_indices: Vec<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Segment {
    part_index: Option<usize>,
    start_index: usize,
    end_index: usize,
    text: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Chunk {
    web: Option<Place>,
    retrieved_context: Option<Place>,
    maps: Option<Place>,
    image: Option<Place>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Place {
    #[serde(alias = "sourceUri")]
    uri: Option<String>,
    title: Option<String>,
    text: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Recited<'a> {
    #[serde(borrow, alias = "citations")]
    citation_sources: Vec<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Source {
    start_index: usize,
    end_index: usize,
    uri: Option<String>,
    title: Option<String>,
}

/// The citations in `groundingMetadata`: the part that cites, and what it cites. What no text cites is cited by the last.
pub(super) fn grounded(raw: &RawValue, texts: &[Cited<'_>]) -> Vec<(usize, Citation)> {
    let grounding: Grounding<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
    let Some(last) = texts.last() else { return Vec::new() };
    let mut cited = vec![false; grounding.grounding_chunks.len()];
    let mut citations = Vec::new();
    for support in &grounding.grounding_supports {
        let (part, range) = support.segment.place(texts).unwrap_or((last.part, None));
        for &at in &support.grounding_chunk_indices {
            let Some(chunk) = grounding.grounding_chunks.get(at) else {
                continue;
            };
            cited[at] = true;
            citations.push((part, citation(chunk, range)));
        }
    }
    let uncited = grounding.grounding_chunks.iter().zip(cited).filter(|(_, cited)| !cited);
    citations.extend(uncited.map(|(chunk, _)| (last.part, citation(chunk, None))));
    citations
}

/// The citations in `citationMetadata`: passages that the model repeats.
pub(super) fn recited(raw: &RawValue, texts: &[Cited<'_>]) -> Vec<(usize, Citation)> {
    let recited: Recited<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
    let Some(first) = texts.first() else { return Vec::new() };
    let sources = recited.citation_sources.into_iter();
    sources
        .map(|raw| {
            let source: Source = serde_json::from_str(raw.get()).unwrap_or_default();
            let citation = Citation {
                url: source.uri,
                title: source.title,
                quote: None,
                range: characters(first.text, source.start_index, source.end_index),
                verbatim: own(raw),
            };
            (first.part, citation)
        })
        .collect()
}

fn own(raw: &RawValue) -> Verbatim {
    Verbatim {
        dialect: DialectName::Gemini,
        json: raw.to_owned(),
    }
}

fn citation(raw: &RawValue, range: Option<(u64, u64)>) -> Citation {
    let chunk: Chunk = serde_json::from_str(raw.get()).unwrap_or_default();
    let place = chunk
        .web
        .or(chunk.retrieved_context)
        .or(chunk.maps)
        .or(chunk.image)
        .unwrap_or_default();
    Citation {
        url: place.uri,
        title: place.title,
        quote: place.text,
        range,
        verbatim: own(raw),
    }
}

impl Segment {
    /// The part in which it stands, and where. Without a number it is counted through one text, or through all of them;
    /// what it says tells.
    fn place(&self, texts: &[Cited<'_>]) -> Option<(usize, Option<(u64, u64)>)> {
        if let Some(piece) = self.part_index {
            let text = texts.iter().find(|text| text.piece == piece)?;
            return Some((text.part, characters(text.text, self.start_index, self.end_index)));
        }
        let says = |text: &Cited<'_>, start: usize, end: usize| match &self.text {
            Some(said) => text.text.get(start..end) == Some(said),
            None => end <= text.text.len(),
        };
        if let Some(text) = texts.iter().find(|text| says(text, self.start_index, self.end_index)) {
            return Some((text.part, characters(text.text, self.start_index, self.end_index)));
        }
        let mut before = 0;
        for text in texts {
            let (start, end) = (
                self.start_index.checked_sub(before)?,
                self.end_index.checked_sub(before)?,
            );
            if says(text, start, end) {
                return Some((text.part, characters(text.text, start, end)));
            }
            before += text.text.len();
        }
        None
    }
}

fn characters(text: &str, start: usize, end: usize) -> Option<(u64, u64)> {
    let before = text.get(..start)?.chars().count() as u64;
    Some((before, before + text.get(start..end)?.chars().count() as u64))
}

fn bytes(text: &str, (start, end): (u64, u64)) -> Option<(usize, usize)> {
    let place = |at: u64| {
        text.char_indices()
            .map(|(byte, _)| byte)
            .chain([text.len()])
            .nth(usize::try_from(at).ok()?)
    };
    Some((place(start)?, place(end)?))
}

/// Citations on their way to a client, gathered over the pieces of one answer.
#[derive(Debug, Default)]
pub(super) struct Sources {
    chunks: Vec<Box<RawValue>>,
    supports: Vec<Cites>,
    recited: Vec<Box<RawValue>>,
}

/// A stretch of a text, and what it cites.
#[derive(Debug)]
struct Cites {
    piece: usize,
    start: usize,
    end: usize,
    text: String,
    chunks: Vec<usize>,
}

impl Sources {
    /// Adds a citation of the piece with that number, whose text is that.
    pub(super) fn add(&mut self, piece: usize, text: &str, citation: &Citation) {
        let own = citation.verbatim.dialect == DialectName::Gemini;
        if own && !is_chunk(&citation.verbatim.json) {
            self.recited.push(citation.verbatim.json.clone());
            return;
        }
        let chunk = match own {
            true => citation.verbatim.json.clone(),
            false => said(citation),
        };
        let known = self.chunks.iter().position(|known| known.get() == chunk.get());
        let at = known.unwrap_or_else(|| {
            self.chunks.push(chunk);
            self.chunks.len() - 1
        });
        let Some((start, end)) = citation.range.and_then(|range| bytes(text, range)) else {
            return;
        };
        let same = |cites: &&mut Cites| (cites.piece, cites.start, cites.end) == (piece, start, end);
        match self.supports.iter_mut().find(same) {
            Some(cites) if cites.chunks.contains(&at) => {}
            Some(cites) => cites.chunks.push(at),
            None => self.supports.push(Cites {
                piece,
                start,
                end,
                text: text.get(start..end).unwrap_or_default().to_owned(),
                chunks: vec![at],
            }),
        }
    }

    /// `groundingMetadata` and `citationMetadata`, as far as there is anything to say.
    pub(super) fn write<'a>(&'a self, candidate: &mut Object<'a>) {
        if !self.recited.is_empty() {
            let sources: Json<'a> = self.recited.iter().map(Json::from).collect();
            candidate.put("citationMetadata", Object::of("citationSources", sources));
        }
        if self.chunks.is_empty() {
            return;
        }
        let chunks: Json<'a> = self.chunks.iter().map(Json::from).collect();
        let mut grounding = Object::of("groundingChunks", chunks);
        if !self.supports.is_empty() {
            grounding.put(
                "groundingSupports",
                self.supports.iter().map(support).collect::<Json<'a>>(),
            );
        }
        candidate.put("groundingMetadata", grounding);
    }
}

fn support(cites: &Cites) -> Json<'_> {
    let mut segment = Object::new();
    segment.maybe("partIndex", (cites.piece > 0).then_some(cites.piece as u64));
    segment.put("startIndex", cites.start as u64);
    segment.put("endIndex", cites.end as u64);
    segment.put("text", &cites.text);
    let chunks: Json<'_> = cites.chunks.iter().map(|at| Json::from(*at as u64)).collect();
    Object::of("segment", segment)
        .with("groundingChunkIndices", chunks)
        .into()
}

fn is_chunk(raw: &RawValue) -> bool {
    let chunk: Chunk = serde_json::from_str(raw.get()).unwrap_or_default();
    [chunk.web, chunk.retrieved_context, chunk.maps, chunk.image]
        .iter()
        .any(Option::is_some)
}

/// A source of another vendor's as a place of the web, or as a text that was found.
fn said(citation: &Citation) -> Box<RawValue> {
    let mut place = Object::new();
    place.maybe("uri", citation.url.as_ref());
    place.maybe("title", citation.title.as_ref());
    let is_web = citation.url.is_some();
    if !is_web {
        place.maybe("text", citation.quote.as_ref());
    }
    Object::of(if is_web { "web" } else { "retrievedContext" }, place).to_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn places_in_bytes_become_places_in_characters_and_back() {
        let text = "Né à Paris. Oui.";
        let metadata = raw(
            r#"{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"retrievedContext":{"text":"found"}},{"web":{"uri":"https://c"}}],
                "groundingSupports":[{"segment":{"startIndex":4,"endIndex":13,"text":"à Paris."},"groundingChunkIndices":[0,1,9]}]}"#,
        );
        let texts = [Cited {
            part: 3,
            piece: 0,
            text,
        }];
        let found = grounded(&metadata, &texts);
        let seen: Vec<_> = found
            .iter()
            .map(|(part, one)| (*part, one.url.as_deref(), one.quote.as_deref(), one.range))
            .collect();
        assert_eq!(
            seen,
            [
                (3, Some("https://a"), None, Some((3, 11))),
                (3, None, Some("found"), Some((3, 11))),
                (3, Some("https://c"), None, None),
            ]
        );
        let mut sources = Sources::default();
        for (_, citation) in &found {
            sources.add(0, text, citation);
        }
        let mut candidate = Object::new();
        sources.write(&mut candidate);
        let written = String::from_utf8(candidate.to_bytes()).unwrap();
        assert_eq!(
            written,
            r#"{"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"retrievedContext":{"text":"found"}},{"web":{"uri":"https://c"}}],"groundingSupports":[{"segment":{"startIndex":4,"endIndex":13,"text":"à Paris."},"groundingChunkIndices":[0,1]}]}}"#
        );
    }

    #[test]
    fn a_place_is_found_through_several_texts() {
        let texts = [
            Cited {
                part: 0,
                piece: 1,
                text: "one ",
            },
            Cited {
                part: 2,
                piece: 3,
                text: "two",
            },
        ];
        let segment = |part_index, start_index, end_index, text: &str| Segment {
            part_index,
            start_index,
            end_index,
            text: Some(text.to_owned()),
        };
        assert_eq!(segment(None, 4, 7, "two").place(&texts), Some((2, Some((0, 3)))));
        assert_eq!(segment(Some(3), 0, 2, "tw").place(&texts), Some((2, Some((0, 2)))));
        assert_eq!(segment(None, 0, 3, "one").place(&texts), Some((0, Some((0, 3)))));
        assert_eq!(segment(None, 0, 3, "six").place(&texts), None);
    }
}
