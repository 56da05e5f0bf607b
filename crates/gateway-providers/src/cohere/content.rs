//! Content of messages as it is written.

use gateway_types::chat::Extras;
use serde_json::value::RawValue;

use super::documents;
use crate::json::Out;

/// A piece of content as it is written.
pub(super) enum Said<'a> {
    Text(&'a str),
    Thinking(&'a str),
    Image(String, Option<&'a str>),
    Document(&'a str, Option<&'a str>, &'a Extras),
    Own(&'a RawValue),
}

/// Content as one text where it is one, else as an array of pieces.
pub(super) fn content(said: &[Said<'_>], out: &mut Out<'_>, own: bool) {
    match said {
        [] => out.member("content", ""),
        [Said::Text(text)] => out.member("content", text),
        many => out.array("content", |out| many.iter().for_each(|piece| write(piece, out, own))),
    }
}

fn write(piece: &Said<'_>, out: &mut Out<'_>, own: bool) {
    if let Said::Own(raw) = piece {
        out.item(raw);
        return;
    }
    out.item_object(|out| match piece {
        Said::Text(text) => {
            out.member("type", "text");
            out.member("text", text);
        }
        Said::Thinking(text) => {
            out.member("type", "thinking");
            out.member("thinking", text);
        }
        Said::Image(url, detail) => {
            out.member("type", "image_url");
            out.inner("image_url", |out| {
                out.member("url", url);
                out.maybe("detail", *detail);
            });
        }
        Said::Document(text, name, extras) => {
            out.member("type", "document");
            let kept: &[_] = if own { &extras.0 } else { &[] };
            out.inner("document", |out| documents::members(text, *name, kept, out));
        }
        Said::Own(_) => {}
    });
}
