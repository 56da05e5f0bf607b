//! How the chat of one vendor differs from OpenAI's book, for requests that another dialect's client made: what goes by
//! other names, what is refused, where thinking stands. A client of the dialect itself says what it says.

/// What a vendor's chat wants otherwise. The sources are the vendors' own API references and SDKs.
#[derive(Debug)]
pub struct Words {
    /// Where the thinking of earlier turns goes.
    pub thoughts: Thoughts,
    /// How it is told how hard to think.
    pub effort: Effort,
    /// The efforts that it knows; the nearest is said.
    pub efforts: &'static [&'static str],
    /// Members that it refuses with an error; `messages.name` is the name of a speaker.
    pub refused: &'static [&'static str],
    /// Members that models which think refuse.
    pub refused_thinking: &'static [&'static str],
    /// How many texts may end an answer.
    pub stops: usize,
    /// Members that it has other names for.
    pub renamed: &'static [(&'static str, &'static str)],
    /// What ids of tool calls may look like.
    pub ids: Ids,
    /// How the end of a prefix worth caching is marked.
    pub marks: Marks,
    /// Whether an answer can be held to a schema, not only to JSON.
    pub schemas: bool,
    /// Whether a choice among some of the tools can be said.
    pub allowed_tools: bool,
    /// Its words for what vectors are for, searching and being searched; none where it does not ask.
    pub tasks: Option<(&'static str, &'static str)>,
    /// What it takes of OpenAI's own members that say nothing about the answer.
    pub account: Account,
}

/// Where the thinking of earlier turns goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thoughts {
    /// Nowhere: the API keeps thinking to itself.
    Nowhere,
    /// Into the member of that name.
    Member(&'static str),
    /// Into `reasoning_details`, with what proves it, and `reasoning` (OpenRouter).
    Details,
    /// Into the content, as pieces of a kind of their own (Mistral).
    Pieces,
}

/// How a server is told how hard to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// By `reasoning_effort`, which models that do not think ignore.
    Any,
    /// By `reasoning_effort`, for models whose names begin so; others refuse it.
    Only(&'static [&'static str]),
    /// By `reasoning_effort`, except for models whose names begin so, which do not think and refuse it.
    Except(&'static [&'static str]),
    /// By `thinking`, on or off, and `reasoning_effort` beside it.
    Switch,
    /// By `thinking`, on or off.
    OnlySwitch,
    /// By `reasoning`, with an effort or a number of tokens (OpenRouter).
    Router,
}

/// What ids of tool calls may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// Anything.
    Any,
    /// Up to so many characters.
    UpTo(usize),
    /// So many letters and digits.
    Exactly(usize),
}

/// How the end of a prefix worth caching is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// Not at all: prefixes are cached without.
    None,
    /// As Anthropic marks it: `cache_control`.
    CacheControl,
    /// As OpenAI marks it: `prompt_cache_breakpoint`. Older models refuse it, so only a client of the dialect is heard.
    Breakpoint,
}

/// What a server takes of `metadata`, `store`, `service_tier` and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// All of them.
    All,
    /// None; `user` at the most.
    None,
}

/// OpenAI-compatible servers in general: they ignore what they do not know.
pub(crate) const BOOK: Words = Words {
    thoughts: Thoughts::Member("reasoning_content"),
    effort: Effort::Any,
    efforts: &["low", "medium", "high"],
    refused: &[],
    refused_thinking: &[],
    stops: usize::MAX,
    renamed: &[],
    ids: Ids::Any,
    marks: Marks::None,
    schemas: true,
    allowed_tools: false,
    tasks: None,
    account: Account::None,
};

/// OpenAI itself, and Azure.
pub(crate) const OPENAI: Words = Words {
    thoughts: Thoughts::Nowhere,
    effort: Effort::Except(&["gpt-3.5", "gpt-4", "gpt-5-chat", "chatgpt-"]),
    efforts: &["none", "minimal", "low", "medium", "high", "xhigh"],
    refused: &["top_k", "video_url"],
    refused_thinking: &[
        "temperature",
        "top_p",
        "presence_penalty",
        "frequency_penalty",
        "logprobs",
        "top_logprobs",
        "stop",
    ],
    stops: 4,
    ids: Ids::UpTo(40),
    marks: Marks::Breakpoint,
    allowed_tools: true,
    account: Account::All,
    ..BOOK
};

impl Words {
    /// Whether a model of that name thinks, as far as its name tells.
    pub(crate) fn thinks(&self, model: &str) -> bool {
        let among = |beginnings: &[&str]| beginnings.iter().any(|beginning| model.starts_with(beginning));
        match self.effort {
            Effort::Only(beginnings) => among(beginnings),
            Effort::Except(beginnings) => !among(beginnings),
            _ => true,
        }
    }

    /// Its name for a member, or none where it refuses it from a model that thinks or not.
    pub(crate) fn name<'a>(&'a self, member: &'a str, thinking: bool) -> Option<&'a str> {
        let refused = self.refused.contains(&member) || (thinking && self.refused_thinking.contains(&member));
        let renamed = self.renamed.iter().find(|(book, _)| *book == member);
        (!refused).then(|| renamed.map_or(member, |(_, own)| own))
    }
}

/// All efforts that anybody knows, from none to all.
const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

impl Words {
    /// Its word for an effort: that very word, or the nearest that it knows. To switch thinking off has no near.
    pub(crate) fn effort(&self, asked: &str) -> Option<&'static str> {
        let place = |word: &str| EFFORTS.iter().position(|known| *known == word);
        let wanted = place(asked)?;
        let known = self
            .efforts
            .iter()
            .filter(|word| (**word == "none") == (asked == "none"));
        // Between two, the higher.
        known
            .copied()
            .min_by_key(|word| place(word).map_or(usize::MAX, |at| 2 * at.abs_diff(wanted) + usize::from(at < wanted)))
    }
}

impl Ids {
    /// An id that may be said. The same id always becomes the same, so that calls and results still meet.
    pub(crate) fn fit(self, id: &str) -> std::borrow::Cow<'_, str> {
        let fits = match self {
            Self::Any => true,
            Self::UpTo(most) => id.chars().count() <= most,
            Self::Exactly(length) => id.len() == length && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        };
        match (fits, self) {
            (true, _) | (_, Self::Any) => id.into(),
            (_, Self::UpTo(most)) => {
                let kept: String = id.chars().take(most.saturating_sub(10)).collect();
                format!("{kept}-{}", digest(id, 9)).into()
            }
            (_, Self::Exactly(length)) => digest(id, length).into(),
        }
    }
}

/// Letters and digits that stand for a text: what SHA-256 makes of it, so that nobody finds two texts with the same.
fn digest(text: &str, length: usize) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    hash.as_ref().iter().map(letter).take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_to_fit_and_always_the_same() {
        for id in ["Caf7Pyrd8", "call_0", ""] {
            let fitted = Ids::Exactly(9).fit(id);
            assert!(
                fitted.len() == 9 && fitted.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{fitted}"
            );
            assert_eq!(Ids::Exactly(9).fit(&fitted), fitted);
        }
        assert_eq!(Ids::Exactly(9).fit("Caf7Pyrd8"), "Caf7Pyrd8");
        assert_ne!(Ids::Exactly(9).fit("call_0"), Ids::Exactly(9).fit("call_1"));
        let long = "é".repeat(41);
        assert_eq!(Ids::UpTo(40).fit(&long).chars().count(), 40);
        assert_ne!(Ids::UpTo(40).fit(&long), Ids::UpTo(40).fit(&format!("{long}a")));
        assert_eq!(Ids::UpTo(40).fit("call_1"), "call_1");
    }

    #[test]
    fn models_that_do_not_think_are_known_by_name() {
        assert!(OPENAI.thinks("o3") && OPENAI.thinks("gpt-5-mini") && OPENAI.thinks("gpt-6"));
        assert!(!OPENAI.thinks("gpt-4o") && !OPENAI.thinks("gpt-5-chat-latest"));
        assert_eq!(OPENAI.name("temperature", true), None);
        assert_eq!(OPENAI.name("temperature", false), Some("temperature"));
        assert_eq!(OPENAI.name("top_k", false), None);
    }

    #[test]
    fn an_effort_is_said_in_the_nearest_word() {
        for (efforts, asked, said) in [
            (BOOK.efforts, "high", Some("high")),
            (BOOK.efforts, "max", Some("high")),
            (BOOK.efforts, "minimal", Some("low")),
            (BOOK.efforts, "none", None),
            (&["none", "high"], "low", Some("high")),
            (&["none", "high"], "none", Some("none")),
            (&["low", "high"], "medium", Some("high")),
            (BOOK.efforts, "hard", None),
        ] {
            assert_eq!(Words { efforts, ..BOOK }.effort(asked), said, "{asked}");
        }
    }
}
