//! What a Claude model accepts, read off its name. The API refuses fields that a generation does not know, so a
//! translation must know which generation it writes for.

/// How a model is asked to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thinking {
    /// It does not.
    Never,
    /// `thinking.budget_tokens`.
    Budget,
    /// `thinking.type: adaptive` with `output_config.effort`.
    Adaptive,
}

/// What a model accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Abilities {
    /// How it is asked to think.
    pub(crate) thinking: Thinking,
    /// Whether `xhigh` is one of its efforts.
    pub(crate) xhigh: bool,
    /// Whether `temperature`, `top_p` and `top_k` are accepted.
    pub(crate) sampling: bool,
    /// Whether `temperature` and `top_p` are accepted together.
    pub(crate) both: bool,
    /// Whether `output_config.format` and strict tools are accepted.
    pub(crate) schemas: bool,
    /// Whether the operator is heard between the turns, in a message of the role `system`.
    pub(crate) interjections: bool,
}

/// The abilities of a model. One that is no Claude is served by somebody's imitation of the API, so it is written to
/// in the words that the API has had longest; a Claude without a version is taken for a new one.
pub(crate) fn abilities(name: &str) -> Abilities {
    let Some((major, minor)) = version(name) else {
        return Abilities {
            thinking: Thinking::Budget,
            xhigh: false,
            sampling: true,
            both: true,
            schemas: false,
            interjections: false,
        };
    };
    let from = |since: (u32, u32)| (major, minor) >= since;
    let thinking = match () {
        () if from((4, 6)) => Thinking::Adaptive,
        () if from((3, 7)) => Thinking::Budget,
        () => Thinking::Never,
    };
    Abilities {
        thinking,
        xhigh: from((4, 7)),
        sampling: !from((4, 7)),
        both: !from((4, 1)),
        schemas: from((4, 5)),
        // Sonnet 5 takes them and does not heed them.
        interjections: from((5, 1)) || (from((4, 8)) && !name.contains("sonnet") && !name.contains("haiku")),
    }
}

/// `claude-3-5-haiku-20241022` is (3, 5), `claude-opus-4-1` is (4, 1), `claude-sonnet-4-20250514` is (4, 0).
fn version(name: &str) -> Option<(u32, u32)> {
    let (_, rest) = name.split_once("claude-")?;
    let mut numbers = rest
        .split(['-', '.', '@', ':'])
        .skip_while(|word| !is_number(word))
        .take_while(|word| is_number(word))
        .filter_map(|word| word.parse().ok());
    let Some(major) = numbers.next() else {
        return Some((u32::MAX, 0));
    };
    Some((major, numbers.next().unwrap_or(0)))
}

/// A version's part is one or two digits; a date is eight.
fn is_number(word: &str) -> bool {
    (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_old_and_new_names() {
        for (name, expected) in [
            ("claude-3-haiku-20240307", (3, 0)),
            ("claude-3-5-haiku-20241022", (3, 5)),
            ("claude-3-7-sonnet-latest", (3, 7)),
            ("claude-sonnet-4-20250514", (4, 0)),
            ("claude-opus-4-1-20250805", (4, 1)),
            ("anthropic.claude-opus-4-6-v1", (4, 6)),
            ("anthropic/claude-sonnet-4.5", (4, 5)),
            ("claude-opus-4-5@20251101", (4, 5)),
            ("claude-opus-5", (5, 0)),
        ] {
            assert_eq!(version(name), Some(expected), "{name}");
        }
        assert_eq!(version("glm-4.7"), None);
        assert!(version("claude-mythos-preview") > Some((5, 0)));
    }

    #[test]
    fn generations_think_differently() {
        assert_eq!(abilities("claude-3-5-haiku-20241022").thinking, Thinking::Never);
        assert_eq!(abilities("claude-haiku-4-5").thinking, Thinking::Budget);
        assert_eq!(abilities("claude-sonnet-4-6").thinking, Thinking::Adaptive);
        assert!(!abilities("claude-opus-4-7").sampling && abilities("claude-opus-4-6").sampling);
    }
}
