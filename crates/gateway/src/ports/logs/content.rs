//! Bodies as they are kept: text as it is, anything else in base64 behind a mark, and no more than so much.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The most bytes of a body that are kept.
pub const CONTENT_LIMIT: usize = 256 * 1024;

/// What stands before bytes that are no text.
const MARK: &str = "data:application/octet-stream;base64,";

/// The longest end of a text that is left off because it is not a whole character.
const LONGEST_REST: usize = 3;

/// A body as it is kept.
pub fn keep(body: &[u8]) -> String {
    let body = &body[..body.len().min(CONTENT_LIMIT)];
    match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        // It was cut within a character.
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(&body[..error.valid_up_to()]).into_owned(),
        Err(_) => format!("{MARK}{}", STANDARD.encode(body)),
    }
}

/// The bytes that were kept.
pub fn kept(content: &str) -> Cow<'_, [u8]> {
    let bytes = content
        .strip_prefix(MARK)
        .and_then(|base64| STANDARD.decode(base64).ok());
    bytes.map_or(Cow::Borrowed(content.as_bytes()), Cow::Owned)
}

/// Whether there was more than is kept.
pub fn is_cut(kept: &[u8]) -> bool {
    kept.len() + LONGEST_REST >= CONTENT_LIMIT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_as_it_was() {
        let frame = [0, 0, 0, 16, 0xff, 0xfe, b'"', 0x80];
        for body in ["{\"a\":\"ä\"}".as_bytes(), &frame, b""] {
            let text = keep(body);
            assert_eq!(&*kept(&text), body);
            assert!(!is_cut(&kept(&text)));
        }
        assert_eq!(
            keep("héllo".as_bytes()),
            "héllo",
            "text stays text, so that it can be searched"
        );
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = format!("{}ä", "a".repeat(CONTENT_LIMIT - 1));
        let text = keep(long.as_bytes());
        assert_eq!(text.len(), CONTENT_LIMIT - 1);
        assert!(is_cut(&kept(&text)));
        let noise = vec![0xff; CONTENT_LIMIT + 1];
        assert_eq!(kept(&keep(&noise)).len(), CONTENT_LIMIT);
    }
}
