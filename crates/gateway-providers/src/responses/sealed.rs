//! Signatures and ciphertexts in `encrypted_content`: the API's own as they are, those of other dialects as seals, with a word
//! behind them that tells what they were.

use gateway_types::DialectName;
use gateway_types::chat::Opaque;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::Out;
use crate::seal;

const SIGNATURE: &str = ".signature";
const TEXT: &str = ".text";

/// What stands in an `encrypted_content`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// What signs the thinking beside it.
    Signature(Opaque),
    /// Thinking that cannot be read.
    Encrypted(Opaque),
    /// What signs the text before it. No item of its own.
    Text(Opaque),
}

impl Carried {
    /// Understands what a client brings.
    pub(super) fn read(content: &str) -> Self {
        let brought = |text: &str| seal::brought(text.to_owned(), DialectName::Responses);
        if let Some(signature) = content.strip_suffix(SIGNATURE).and_then(seal::open) {
            return Self::Signature(signature);
        }
        if let Some(signature) = content.strip_suffix(TEXT).and_then(seal::open) {
            return Self::Text(signature);
        }
        Self::Encrypted(brought(content))
    }

    /// As it stands in an answer.
    pub(super) fn write(&self) -> String {
        match self {
            Self::Signature(opaque) => seal::seal(opaque) + SIGNATURE,
            Self::Encrypted(opaque) => seal::seal(opaque),
            Self::Text(opaque) => seal::seal(opaque) + TEXT,
        }
    }

    /// The value itself.
    pub(super) const fn opaque(&self) -> &Opaque {
        match self {
            Self::Signature(opaque) | Self::Encrypted(opaque) | Self::Text(opaque) => opaque,
        }
    }
}

/// A reasoning item's own ciphertext with the item's id, as it goes through other dialects: the API wants both back.
pub(super) fn with_id(id: Option<&str>, content: &str) -> String {
    let mut value = Vec::new();
    Out::object(&mut value, |out| {
        out.maybe("id", id);
        out.member("encrypted_content", content);
    });
    String::from_utf8(value).unwrap_or_default()
}

/// The id, where there is one, and the ciphertext.
pub(super) fn apart(value: &str) -> (Option<String>, String) {
    #[derive(Deserialize)]
    struct Both {
        id: Option<String>,
        encrypted_content: String,
    }
    // Ciphertexts are base64, which no JSON object is.
    match serde_json::from_str::<Both>(value) {
        Ok(both) => (both.id, both.encrypted_content),
        Err(_) => (None, value.to_owned()),
    }
}

/// Whether a piece of a body may hold a seal.
pub(super) fn may_be_in(raw: &RawValue) -> bool {
    seal::is_in(raw.get().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_comes_back_as_what_it_was() {
        let opaque = Opaque {
            dialect: DialectName::Anthropic,
            maker: Some(("a".into(), "claude".into())),
            value: String::from("EqQB/+="),
        };
        for carried in [
            Carried::Signature(opaque.clone()),
            Carried::Encrypted(opaque.clone()),
            Carried::Text(opaque),
        ] {
            assert_eq!(Carried::read(&carried.write()), carried);
        }
        let own = Carried::read("gAAAA.signature");
        assert_eq!(
            (own.opaque().dialect, &*own.opaque().value),
            (DialectName::Responses, "gAAAA.signature")
        );
        assert!(matches!(own, Carried::Encrypted(_)));
    }

    #[test]
    fn an_id_goes_with_its_ciphertext() {
        assert_eq!(
            apart(&with_id(Some("rs_1"), "gA\"=")),
            (Some("rs_1".into()), "gA\"=".into())
        );
        assert_eq!(apart(&with_id(None, "gA")), (None, "gA".into()));
        assert_eq!(apart("gAAAA"), (None, "gAAAA".into()));
    }
}
