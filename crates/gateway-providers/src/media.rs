//! Media in a body: `data:` addresses, and what bytes are that do not say it.

use bytes::Bytes;
use gateway_types::chat::{Part, Source};

/// An address, or what a `data:` address holds.
pub(crate) fn source(url: String) -> Source {
    match url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
        Some((media_type, data)) => Source::Inline {
            // Parameters of the media type (`;charset=…`) say nothing about a picture.
            media_type: media_type.split(';').next().unwrap_or(media_type).to_owned(),
            data: Bytes::copy_from_slice(data.as_bytes()),
        },
        None => Source::Url(url),
    }
}

/// A source as an address, where it can be one.
pub(crate) fn address(source: &Source) -> Option<String> {
    match source {
        Source::Url(url) => Some(url.clone()),
        Source::Inline { media_type, data } => {
            Some(format!("data:{media_type};base64,{}", String::from_utf8_lossy(data)))
        }
        Source::File(_) | Source::Text(_) => None,
    }
}

/// The base64 of a picture that is in the request itself.
pub(crate) fn inline_picture(part: &Part) -> Option<String> {
    match part {
        Part::Image {
            source: Source::Inline { data, .. },
            ..
        } => Some(String::from_utf8_lossy(data).into_owned()),
        _ => None,
    }
}

/// A picture of which only the base64 is given: what it is stands in its first bytes.
pub(crate) fn picture(data: String) -> Source {
    const BEGINNINGS: [(&str, &str); 4] = [
        ("iVBORw0KGgo", "image/png"),
        ("R0lGOD", "image/gif"),
        ("UklGR", "image/webp"),
        ("Qk", "image/bmp"),
    ];
    let known = BEGINNINGS.iter().find(|(beginning, _)| data.starts_with(beginning));
    Source::Inline {
        media_type: known.map_or("image/jpeg", |(_, media_type)| media_type).to_owned(),
        data: Bytes::from(data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_address_is_what_it_holds_and_back() {
        let url = "data:image/png;base64,QUJD";
        let inline = source(url.into());
        assert!(matches!(&inline, Source::Inline { media_type, data } if media_type == "image/png" && data == "QUJD"));
        assert_eq!(address(&inline).as_deref(), Some(url));
        assert_eq!(source("https://a/b.png".into()), Source::Url("https://a/b.png".into()));
        assert_eq!(address(&Source::File("f".into())), None);
    }

    #[test]
    fn pictures_are_known_by_their_first_bytes() {
        for (data, expected) in [
            ("iVBORw0KGgoAAA", "image/png"),
            ("/9j/4AAQ", "image/jpeg"),
            ("R0lGODlh", "image/gif"),
        ] {
            assert!(matches!(picture(data.into()), Source::Inline { media_type, .. } if media_type == expected));
        }
    }
}
