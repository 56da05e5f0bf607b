//! What the vendors say.

use bytes::Bytes;

/// What a whole answer says.
pub(crate) const WORDS: &str = "The harbour was quiet before dawn, and somebody counted crates of oranges for the market in silence while the boats lay still.";
/// What each chunk of a stream says.
pub(crate) const WORD: &str = " harbour";

/// Whose words they are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Vendor {
    OpenAi,
    Anthropic,
}

impl Vendor {
    pub(crate) fn whole(self) -> Bytes {
        Bytes::from_static(match self {
            Self::OpenAi => {
                br#"{"id":"chatcmpl-1","object":"chat.completion","created":1760000000,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"The harbour was quiet before dawn, and somebody counted crates of oranges for the market in silence while the boats lay still.","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":210,"completion_tokens":27,"total_tokens":237,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_1"}"#
            }
            Self::Anthropic => {
                br#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-3-5-haiku-20241022","content":[{"type":"text","text":"The harbour was quiet before dawn, and somebody counted crates of oranges for the market in silence while the boats lay still."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":210,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":27}}"#
            }
        })
    }

    pub(super) fn start(self) -> Bytes {
        Bytes::from_static(match self {
            Self::OpenAi => b"data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"The\"},\"finish_reason\":null}],\"usage\":null}\n\n",
            Self::Anthropic => b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-3-5-haiku-20241022\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":210,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        })
    }

    pub(super) fn chunk(self) -> Bytes {
        Bytes::from_static(match self {
            Self::OpenAi => b"data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" harbour\"},\"finish_reason\":null}],\"usage\":null}\n\n",
            Self::Anthropic => b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" harbour\"}}\n\n",
        })
    }

    pub(super) fn end(self) -> Bytes {
        Bytes::from_static(match self {
            Self::OpenAi => b"data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\ndata: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"choices\":[],\"usage\":{\"prompt_tokens\":210,\"completion_tokens\":1000,\"total_tokens\":1210}}\n\ndata: [DONE]\n\n",
            Self::Anthropic => b"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":1000}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        })
    }
}

/// The models that both have.
pub(super) fn models() -> Bytes {
    Bytes::from_static(
        br#"{"object":"list","data":[{"id":"gpt-4o-mini","object":"model","created":1760000000,"owned_by":"bench"},{"id":"claude-3-5-haiku-20241022","object":"model","created":1760000000,"owned_by":"bench"}]}"#,
    )
}
