//! The shapes that are written, in requests and in answers ("ContentBlock" and "Tool", Amazon Bedrock API Reference). A union
//! of AWS is an object with one member, which is how serde says an enum.

use std::borrow::Cow;

use gateway_types::chat::CacheMark;
use serde::Serialize;
use serde_json::value::RawValue;

/// A piece of a message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Block<'a> {
    Text(Cow<'a, str>),
    Image(Media<'a>),
    Video(Media<'a>),
    Audio(Media<'a>),
    Document(Document<'a>),
    ToolUse(ToolUse<'a>),
    ToolResult(ToolResult<'a>),
    ReasoningContent(Thought<'a>),
    CachePoint(CachePoint<'a>),
    CitationsContent(Cited<'a>),
    SearchResult(&'a RawValue),
    /// One as it came.
    #[serde(untagged)]
    Own(&'a RawValue),
}

/// A picture, a film, sound.
#[derive(Debug, Serialize)]
pub(super) struct Media<'a> {
    pub(super) format: &'a str,
    pub(super) source: Place<'a>,
}

/// Where media are. Bytes are base64.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Place<'a> {
    Bytes(Cow<'a, str>),
    Text(&'a str),
    S3Location { uri: &'a str },
}

#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<&'a str>,
    pub(super) name: Cow<'a, str>,
    pub(super) source: Place<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) citations: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context: Option<&'a RawValue>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolUse<'a> {
    pub(super) tool_use_id: Cow<'a, str>,
    pub(super) name: Cow<'a, str>,
    pub(super) input: Cow<'a, RawValue>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolResult<'a> {
    pub(super) tool_use_id: Cow<'a, str>,
    pub(super) content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<Cow<'a, RawValue>>,
}

/// What a tool answered.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Blocks(Vec<Block<'a>>),
    Own(&'a RawValue),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Thought<'a> {
    ReasoningText {
        text: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        signature: Option<Cow<'a, str>>,
    },
    RedactedContent(Cow<'a, str>),
}

/// A mark that the prefix up to here is cached.
#[derive(Debug, Serialize)]
pub(super) struct CachePoint<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ttl: Option<&'a str>,
}

impl<'a> CachePoint<'a> {
    pub(super) fn of(mark: &'a CacheMark) -> Self {
        Self {
            kind: "default",
            ttl: mark.ttl.as_deref(),
        }
    }
}

/// Text and what it cites.
#[derive(Debug, Serialize)]
pub(super) struct Cited<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) content: Vec<Words<'a>>,
    pub(super) citations: Vec<Cow<'a, RawValue>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Words<'a> {
    Text(&'a str),
}

/// A tool, or a mark among tools.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Tool<'a> {
    ToolSpec(ToolSpec<'a>),
    CachePoint(CachePoint<'a>),
    #[serde(untagged)]
    Own(&'a RawValue),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolSpec<'a> {
    pub(super) name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Cow<'a, str>>,
    pub(super) input_schema: InputSchema<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) strict: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum InputSchema<'a> {
    Json(Cow<'a, RawValue>),
}

/// Whether and which tool must be used.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Choice<'a> {
    Auto {},
    Any {},
    Tool { name: &'a str },
}
