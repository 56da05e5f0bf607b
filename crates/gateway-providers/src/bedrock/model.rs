//! What a model on Bedrock accepts, read off its id. Converse is one API, but refuses what a model does not know, so a
//! translation must know for which it writes.

use super::wire::Block;
use crate::anthropic::{Abilities, Thinking, abilities};

/// Whose model it is, as far as that decides what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// Anthropic's Claude.
    Claude,
    /// Amazon's Nova of the first generation.
    Nova,
    /// Amazon's Nova that can think.
    Nova2,
    /// Amazon's Titan.
    Titan,
    /// OpenAI's open models.
    GptOss,
    /// OpenAI's others, and xAI's: they take their thinking in the words of Responses.
    Gpt,
    /// Alibaba's Qwen.
    Qwen,
    /// DeepSeek, Z.AI: thinking is on or off.
    Switched,
    /// Cohere.
    Cohere,
    /// Meta's Llama.
    Llama,
    /// Mistral.
    Mistral,
    /// AI21's Jurassic, which came before Jamba.
    Jurassic,
    /// One that is known to have no words of its own.
    Other,
    /// One behind an id that does not say: a profile, a router, something imported.
    Unknown,
}

/// A model by its id.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model<'a> {
    /// The id without what only routes: `anthropic.claude-haiku-4-5-20251001-v1:0`.
    pub(super) bare: &'a str,
    /// Whose it is.
    pub(super) maker: Maker,
}

/// The prefixes of profiles that spread over the regions of a geography.
const PLACES: [&str; 12] = [
    "us", "us-gov", "eu", "apac", "ap", "jp", "au", "ca", "sa", "me", "il", "global",
];

impl<'a> Model<'a> {
    /// The model of an id, a profile's id, or the ARN of either.
    pub(super) fn of(id: &'a str) -> Self {
        let named = id
            .rsplit_once('/')
            .filter(|_| id.starts_with("arn:"))
            .map_or(id, |(_, name)| name);
        let bare = match named.split_once('.') {
            Some((place, rest)) if PLACES.contains(&place) => rest,
            _ => named,
        };
        Self {
            bare,
            maker: maker(bare),
        }
    }

    /// What Claude of that generation accepts; none for other makers.
    pub(super) fn claude(&self) -> Option<Abilities> {
        (self.maker == Maker::Claude).then(|| abilities(self.bare))
    }

    /// Whether a schema of the answer is enforced ("Structured outputs", Amazon Bedrock User Guide).
    pub(super) fn enforces_schemas(&self) -> bool {
        const BEGINNINGS: [&str; 11] = [
            "qwen.qwen3",
            "google.gemma-3-12b",
            "google.gemma-3-27b",
            "mistral.magistral-small",
            "mistral.ministral-3",
            "mistral.mistral-large-3",
            "mistral.voxtral",
            "zai.",
            "moonshot",
            "minimax.minimax-m2",
            "nvidia.nemotron-nano",
        ];
        match self.claude() {
            Some(able) => able.schemas,
            None => BEGINNINGS.iter().any(|beginning| self.bare.starts_with(beginning)),
        }
    }

    /// Whether it can be made to use a tool (`toolChoice.any`, `toolChoice.tool`).
    pub(super) fn can_be_forced(&self) -> bool {
        let other = ["zai.", "moonshot", "mistral.mistral-large", "xai."];
        matches!(self.maker, Maker::Claude | Maker::Nova | Maker::Nova2 | Maker::Unknown)
            || other.iter().any(|beginning| self.bare.starts_with(beginning))
    }

    /// Whether prefixes of a conversation are cached where marked. A mark on a model without a cache is an error.
    pub(super) fn caches(&self) -> bool {
        match self.maker {
            Maker::Claude => {
                const FIRST: [&str; 2] = ["claude-3-5-haiku", "claude-3-5-sonnet-20241022"];
                self.claude().is_some_and(|able| able.thinking != Thinking::Never)
                    || FIRST.iter().any(|name| self.bare.contains(name))
            }
            Maker::Nova | Maker::Nova2 | Maker::Unknown => true,
            _ => false,
        }
    }

    /// Whether the list of tools can be marked, too.
    pub(super) fn caches_tools(&self) -> bool {
        self.caches() && !matches!(self.maker, Maker::Nova | Maker::Nova2)
    }

    /// Whether a mark may ask for an hour.
    pub(super) fn caches_for_an_hour(&self) -> bool {
        self.maker == Maker::Unknown || self.claude().is_some_and(|able| able.schemas)
    }

    /// Whether a tool's result may stand in one turn with that. Claude wants documents and films apart from it; some others
    /// want it alone.
    pub(super) fn takes_beside_results(&self, block: &Block<'_>) -> bool {
        match self.maker {
            Maker::Claude => !matches!(block, Block::Document(_) | Block::Video(_)),
            Maker::Llama | Maker::Mistral => false,
            _ => !self.bare.starts_with("writer."),
        }
    }

    /// Whether temperature and its like are accepted.
    pub(super) fn can_be_sampled(&self) -> bool {
        self.maker != Maker::Gpt && self.claude().is_none_or(|able| able.sampling)
    }
}

fn maker(bare: &str) -> Maker {
    let (vendor, name) = bare.split_once('.').unwrap_or(("", bare));
    match vendor {
        "anthropic" => Maker::Claude,
        "amazon" if name.starts_with("nova-2") => Maker::Nova2,
        "amazon" if name.starts_with("nova") => Maker::Nova,
        "amazon" if name.starts_with("titan") => Maker::Titan,
        "openai" if name.starts_with("gpt-oss") => Maker::GptOss,
        "openai" | "xai" => Maker::Gpt,
        "qwen" => Maker::Qwen,
        "deepseek" | "zai" => Maker::Switched,
        "cohere" => Maker::Cohere,
        "meta" => Maker::Llama,
        "mistral" => Maker::Mistral,
        "ai21" if name.starts_with("j2") => Maker::Jurassic,
        "" => Maker::Unknown,
        _ => Maker::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_known_behind_every_spelling_of_its_id() {
        for (id, bare, maker) in [
            ("anthropic.claude-v2:1", "anthropic.claude-v2:1", Maker::Claude),
            (
                "us.anthropic.claude-opus-4-6-v1",
                "anthropic.claude-opus-4-6-v1",
                Maker::Claude,
            ),
            (
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.claude-sonnet-4-6",
                "anthropic.claude-sonnet-4-6",
                Maker::Claude,
            ),
            (
                "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0",
                "amazon.nova-pro-v1:0",
                Maker::Nova,
            ),
            ("us.amazon.nova-2-lite-v1:0", "amazon.nova-2-lite-v1:0", Maker::Nova2),
            ("openai.gpt-oss-120b-1:0", "openai.gpt-oss-120b-1:0", Maker::GptOss),
            (
                "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc",
                "abc",
                Maker::Unknown,
            ),
            ("google.gemma-3-27b-it", "google.gemma-3-27b-it", Maker::Other),
        ] {
            let model = Model::of(id);
            assert_eq!((model.bare, model.maker), (bare, maker), "{id}");
        }
    }

    #[test]
    fn what_a_model_does_not_know_is_not_written_for_it() {
        let model = Model::of;
        assert!(model("us.anthropic.claude-haiku-4-5-20251001-v1:0").caches_for_an_hour());
        assert!(model("anthropic.claude-3-5-haiku-20241022-v1:0").caches());
        assert!(!model("anthropic.claude-3-5-sonnet-20240620-v1:0").caches());
        assert!(model("amazon.nova-lite-v1:0").caches() && !model("amazon.nova-lite-v1:0").caches_tools());
        assert!(
            !model("meta.llama3-8b-instruct-v1:0").caches() && !model("meta.llama3-8b-instruct-v1:0").can_be_forced()
        );
        assert!(model("qwen.qwen3-32b-v1:0").enforces_schemas() && !model("amazon.nova-lite-v1:0").enforces_schemas());
        assert!(!model("us.anthropic.claude-opus-4-7").can_be_sampled());
    }
}
