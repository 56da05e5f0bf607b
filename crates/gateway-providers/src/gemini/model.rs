//! What a Gemini model accepts, read off its name: the API refuses fields that a generation does not know.

/// How a model is asked to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// It does not.
    Never,
    /// `thinkingBudget`, within these bounds; whether it can be told not to think at all.
    Budget {
        /// The least, besides none at all.
        least: u64,
        /// The most.
        most: u64,
        /// Whether 0 is taken.
        off: bool,
    },
    /// `thinkingLevel`, from this one up; a budget within the same bounds is taken as well.
    Level {
        /// Whether `MINIMAL` is known.
        minimal: bool,
        /// Whether `MEDIUM` is known.
        medium: bool,
        /// The most of a budget.
        most: u64,
    },
}

/// What a model accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Abilities {
    /// How it is asked to think.
    pub(super) thinking: Thinking,
    /// Whether a function call must come back with its signature.
    pub(super) signed_calls: bool,
    /// Whether results of tools may hold pictures and documents.
    pub(super) rich_results: bool,
    /// Whether a form of the answer, and tools of Google's own, go together with functions.
    pub(super) mixes: bool,
    /// Whether arguments can be held to their schema.
    pub(super) validates: bool,
}

/// The most that Flash models take as a budget, and Pro models (Google, "Gemini thinking").
const FLASH: u64 = 24_576;
const PRO: u64 = 32_768;

/// The abilities of a model. A Gemini without a number (`gemini-flash-latest`) is the newest; one that is no Gemini is
/// written to in the words that the API has had longest.
pub(super) fn abilities(name: &str) -> Abilities {
    let is = |word: &str| name.split(['-', '/', '.', '@', ':']).any(|piece| piece == word);
    let Some(version) = version(name) else {
        return Abilities {
            thinking: Thinking::Budget {
                least: 1,
                most: FLASH,
                off: true,
            },
            signed_calls: false,
            rich_results: false,
            mixes: false,
            validates: false,
        };
    };
    let most = if is("pro") { PRO } else { FLASH };
    let thinking = match version {
        _ if is("image") && version < (3, 0) => Thinking::Never,
        (3.., _) => Thinking::Level {
            minimal: !is("pro"),
            medium: !is("pro") || version > (3, 0),
            most,
        },
        (2, 5..) => Thinking::Budget {
            least: if is("lite") {
                512
            } else if is("pro") {
                128
            } else {
                1
            },
            most,
            off: !is("pro"),
        },
        _ => Thinking::Never,
    };
    let third = version >= (3, 0);
    Abilities {
        thinking,
        signed_calls: third,
        rich_results: third,
        mixes: third,
        validates: version >= (2, 5),
    }
}

/// `gemini-2.5-pro` is (2, 5), `gemini-3-flash-preview` is (3, 0), `gemini-flash-latest` is newer than all.
fn version(name: &str) -> Option<(u32, u32)> {
    let (_, rest) = name.split_once("gemini-")?;
    let digits = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        (text[..end].parse::<u32>().ok(), end)
    };
    let (major, end) = digits(rest);
    let Some(major) = major else {
        return Some((u32::MAX, 0));
    };
    let minor = rest.get(end..).and_then(|rest| rest.strip_prefix('.'));
    Some((major, minor.and_then(|minor| digits(minor).0).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_every_kind_of_name() {
        for (name, expected) in [
            ("gemini-2.5-pro", Some((2, 5))),
            ("models/gemini-2.0-flash-001", Some((2, 0))),
            ("gemini-3-flash-preview", Some((3, 0))),
            ("gemini-3.1-pro-preview-customtools", Some((3, 1))),
            ("google/gemini-1.5-pro", Some((1, 5))),
            ("gemini-flash-latest", Some((u32::MAX, 0))),
            ("gemma-3-27b-it", None),
            ("my-model", None),
        ] {
            assert_eq!(version(name), expected, "{name}");
        }
    }

    #[test]
    fn generations_think_differently() {
        assert_eq!(abilities("gemini-2.0-flash").thinking, Thinking::Never);
        assert_eq!(abilities("gemini-2.5-flash-image").thinking, Thinking::Never);
        let pro = Thinking::Budget {
            least: 128,
            most: PRO,
            off: false,
        };
        assert_eq!(abilities("gemini-2.5-pro").thinking, pro);
        let first = Thinking::Level {
            minimal: false,
            medium: false,
            most: PRO,
        };
        assert_eq!(abilities("gemini-3-pro-preview").thinking, first);
        assert!(matches!(
            abilities("gemini-3.1-pro").thinking,
            Thinking::Level { medium: true, .. }
        ));
        assert!(abilities("gemini-flash-latest").signed_calls && !abilities("gemini-2.5-flash").signed_calls);
    }
}
