//! Pieces of messages of other dialects, said as content.

use gateway_types::DialectName;
use gateway_types::chat::{Citation, Part, Source};
use gateway_types::loss::Loss;

use crate::json::Out;
use crate::media::address;

/// A piece of what the model has said.
pub(super) fn output(part: &Part, at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    match part {
        Part::Text { text, citations, .. } => out.item_object(|out| {
            out.member("type", "output_text");
            out.member("text", text);
            out.array("annotations", |out| {
                for (i, citation) in citations.iter().enumerate() {
                    if !annotation(citation, text, out) {
                        let note = "only addresses can be cited here";
                        losses.push(Loss::dropped(format!("{at}.citations[{i}]"), note));
                    }
                }
            });
        }),
        Part::Refusal(text) => out.item_object(|out| {
            out.member("type", "refusal");
            out.member("refusal", text);
        }),
        _ => losses.push(Loss::dropped(at, "a model's message holds only text here")),
    }
}

/// Writes a source that a text cites, if this API can say it. One of unknown range is cited by all of the text.
pub(super) fn annotation(citation: &Citation, text: &str, out: &mut Out<'_>) -> bool {
    if citation.verbatim.dialect == DialectName::Responses {
        out.item(&citation.verbatim.json);
        return true;
    }
    let Some(url) = &citation.url else { return false };
    let (start, end) = citation.range.unwrap_or_else(|| (0, text.chars().count() as u64));
    out.item_object(|out| {
        out.member("type", "url_citation");
        out.member("url", url);
        out.member("title", citation.title.as_deref().unwrap_or_default());
        out.member("start_index", start);
        out.member("end_index", end);
    });
    true
}

/// A piece of what is said to the model.
pub(super) fn input(part: &Part, at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let mut lost = |note: &str| losses.push(Loss::dropped(at, note));
    let mut piece = |kind: &str, write: &dyn Fn(&mut Out<'_>)| {
        out.item_object(|out| {
            out.member("type", kind);
            write(out);
        });
    };
    match part {
        Part::Text { text, .. } | Part::Refusal(text) => piece("input_text", &|out| out.member("text", text)),
        Part::Document {
            source: Source::Text(text),
            ..
        } => piece("input_text", &|out| out.member("text", text)),
        Part::Image { source, detail, .. } => match source {
            Source::Text(_) => lost("a picture is no text"),
            source => piece("input_image", &|out| {
                out.maybe("detail", detail.as_ref());
                match source {
                    Source::File(id) => out.member("file_id", id),
                    source => out.maybe("image_url", address(source)),
                }
            }),
        },
        Part::Document { source, name, .. } => piece("input_file", &|out| match source {
            Source::Inline { .. } => {
                out.member("filename", name.as_deref().unwrap_or("document.pdf"));
                out.maybe("file_data", address(source));
            }
            Source::File(id) => out.member("file_id", id),
            source => out.maybe("file_url", address(source)),
        }),
        Part::Audio {
            source: Source::Inline { media_type, data },
            ..
        } => piece("input_audio", &|out| {
            out.inner("input_audio", |out| {
                out.member("data", String::from_utf8_lossy(data));
                let format = media_type.strip_prefix("audio/").unwrap_or(media_type);
                out.member("format", if format == "mpeg" { "mp3" } else { format });
            });
        }),
        Part::Audio { .. } => lost("sound must be in the request here"),
        Part::Video { .. } => lost("this API takes no films"),
        Part::ToolUse(_) | Part::ToolResult(_) | Part::Reasoning(_) => lost("this is no piece of a message here"),
        Part::Other(_) => lost("another API's own part"),
    }
    if let Part::Document { extras, .. } = part {
        losses.extend(
            extras
                .0
                .iter()
                .map(|(key, _)| Loss::dropped(format!("{at}.{key}"), "this API has no such field")),
        );
    }
}
