//! Signatures and ciphertexts on their way through a client of another dialect, which has no place for them.
//!
//! A seal is text of `A-Z a-z 0-9 _ -` that names the dialect, the provider and the model that made the value, so that it fits
//! into ids and extension fields of any dialect, comes back with the next turn, and is given to its maker and to nobody else.
//! It is base64 as well, mark included and without padding, for places whose readers decode and encode what they are given.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway_types::chat::Opaque;
use gateway_types::loss::Loss;
use gateway_types::{DialectName, ModelName, ProviderName};
use serde::{Deserialize, Serialize};

use crate::target::Target;

/// What every seal begins with.
const MARK: &str = "gw1-";
/// The same in base64's usual alphabet.
const MARK_AS_BASE64: &str = "gw1+";
/// What stands between an id and the seal that it carries.
const JOINT: &str = "-gw1-";

#[derive(Serialize, Deserialize)]
struct Inside<'a>(
    DialectName,
    Option<(ProviderName, ModelName)>,
    std::borrow::Cow<'a, str>,
);

/// The value as a seal.
pub fn seal(opaque: &Opaque) -> String {
    let inside = Inside(opaque.dialect, opaque.maker.clone(), opaque.value.as_str().into());
    // Names and text always make JSON.
    let mut json = serde_json::to_vec(&inside).unwrap_or_default();
    // Whole groups of four letters, like the mark's, need no padding.
    json.resize(json.len().next_multiple_of(3), b' ');
    format!("{MARK}{}", URL_SAFE_NO_PAD.encode(json))
}

/// The value as a seal in base64's usual alphabet, for places whose readers know no other.
pub(crate) fn seal_as_base64(opaque: &Opaque) -> String {
    seal(opaque).replace('-', "+").replace('_', "/")
}

/// What a seal holds, in either alphabet; nothing where the text is none.
pub fn open(text: &str) -> Option<Opaque> {
    let sealed = match text.strip_prefix(MARK_AS_BASE64) {
        Some(sealed) => sealed.replace('+', "-").replace('/', "_").into(),
        None => std::borrow::Cow::Borrowed(text.strip_prefix(MARK)?),
    };
    let json = URL_SAFE_NO_PAD.decode(&*sealed).ok()?;
    let Inside(dialect, maker, value) = serde_json::from_slice(&json).ok()?;
    Some(Opaque {
        dialect,
        maker,
        value: value.into_owned(),
    })
}

/// A value that a client brings where its dialect has a place for one: a seal, or the dialect's own.
pub fn brought(text: String, dialect: DialectName) -> Opaque {
    open(&text).unwrap_or(Opaque {
        dialect,
        maker: None,
        value: text,
    })
}

/// An id that carries a value with it.
pub fn into_id(id: &str, opaque: &Opaque) -> String {
    format!("{id}-{}", seal(opaque))
}

/// An id, and the value that it carries.
pub fn from_id(id: &str) -> (&str, Option<Opaque>) {
    match id.split_once(JOINT) {
        Some((bare, _)) => (bare, open(&id[bare.len() + 1..])),
        None => (id, None),
    }
}

/// Whether a body holds a seal, so that it cannot be sent on as it is.
pub(crate) fn is_in(body: &[u8]) -> bool {
    memchr::memmem::find_iter(body, b"gw1").any(|at| matches!(body.get(at + 3), Some(b'-' | b'+')))
}

/// The value, if it may go to that target: it is in the words of the dialect spoken there, and its maker, where known, is the
/// very provider and model. Otherwise the loss is noted under `field`.
pub(crate) fn may_go<'a>(
    opaque: &'a Opaque,
    dialect: DialectName,
    target: &Target,
    field: &str,
    losses: &mut Vec<Loss>,
) -> Option<&'a str> {
    if opaque.dialect != dialect {
        let note = format!("signed by a model that speaks {}, unreadable to others", opaque.dialect);
        losses.push(Loss::dropped(field, note));
        return None;
    }
    match &opaque.maker {
        Some((provider, model)) if *provider != target.provider || *model != target.model => {
            losses.push(Loss::dropped(
                field,
                format!("signed by {provider}/{model}, unreadable to others"),
            ));
            None
        }
        _ => Some(&opaque.value),
    }
}

/// A value made by the target itself.
pub(crate) fn made(value: impl Into<String>, dialect: DialectName, target: &Target) -> Opaque {
    Opaque {
        dialect,
        maker: Some((target.provider.clone(), target.model.clone())),
        value: value.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature() -> Opaque {
        Opaque {
            dialect: DialectName::Gemini,
            maker: Some(("gemini".into(), "gemini-2.5-pro".into())),
            value: "CiQB+/=\u{e9}".to_owned(),
        }
    }

    #[test]
    fn a_seal_opens_to_what_was_sealed_and_fits_into_any_id() {
        let sealed = into_id("call_1", &signature());
        assert!(
            sealed.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)),
            "{sealed}"
        );
        assert_eq!(from_id(&sealed), ("call_1", Some(signature())));
        assert_eq!(open(&seal(&signature())), Some(signature()));
    }

    #[test]
    fn a_seal_survives_readers_that_take_it_for_base64() {
        use base64::engine::general_purpose::{STANDARD, URL_SAFE};
        for value in ["", "a", "ab", "abc", "\u{e9}>>>???"] {
            let opaque = Opaque {
                value: value.to_owned(),
                ..signature()
            };
            let usual = seal_as_base64(&opaque);
            let bytes = STANDARD.decode(&usual).unwrap();
            assert_eq!(STANDARD.encode(&bytes), usual);
            assert_eq!(open(&usual).as_ref(), Some(&opaque));
            assert_eq!(open(&URL_SAFE.encode(&bytes)).as_ref(), Some(&opaque));
            assert!(is_in(usual.as_bytes()) && is_in(seal(&opaque).as_bytes()) && !is_in(b"gw1"));
        }
    }

    #[test]
    fn what_is_no_seal_is_left_as_it_is() {
        assert_eq!(from_id("call_1"), ("call_1", None));
        for text in ["", "gw1-", "gw1-!", "gw1-AAAA", "EqQBCkYI"] {
            assert_eq!(open(text), None, "{text}");
            let own = brought(text.to_owned(), DialectName::Anthropic);
            assert_eq!(
                (own.dialect, own.maker, &*own.value),
                (DialectName::Anthropic, None, text)
            );
        }
    }
}
