//! What was said in a turn whose bodies were kept, whatever dialect it was said in.

use bytes::Bytes;
use gateway::ports::logs::LogRow;
use gateway::ports::logs::content::{is_cut, kept};
use gateway_providers::recall::{self, Turn};
use gateway_types::DialectName;
use gateway_types::chat::{self, Finish, Part, Role, Source};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A turn of a conversation. What cannot be read is left to the raw bodies.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Conversation {
    /// What the client sent, system messages included where they stood; none where it cannot be read.
    pub(crate) messages: Option<Vec<ChatMessage>>,
    /// What it got, a stream put together; none where it cannot be read.
    pub(crate) answers: Option<Vec<ChatAnswer>>,
    /// The tools that the model might use.
    pub(crate) tools: Vec<ChatTool>,
    /// Whether the request was longer than what is kept.
    pub(crate) request_cut: bool,
    /// Whether the answer was longer than what is kept.
    pub(crate) response_cut: bool,
}

/// A message.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ChatMessage {
    pub(crate) role: ChatRole,
    /// The speaker's name, where it has one.
    name: Option<String>,
    pub(crate) parts: Vec<ChatPart>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChatRole {
    /// The operator of the application.
    System,
    /// The end user, and tool results.
    User,
    /// The model.
    Assistant,
}

/// An answer; there are several where more were asked for.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ChatAnswer {
    pub(crate) parts: Vec<ChatPart>,
    /// Why it ended: `stop`, `length`, `tools`, `filtered`, `refusal`, `pause`, or the provider's word.
    finish: Option<String>,
}

/// A tool that the model might use.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ChatTool {
    name: String,
    description: Option<String>,
}

/// A piece of a message.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ChatPart {
    /// Text.
    Text {
        text: String,
        /// Sources that it cites.
        citations: Vec<ChatCitation>,
    },
    /// A picture.
    Image { media: ChatMedia },
    /// Sound.
    Audio {
        media: ChatMedia,
        transcript: Option<String>,
    },
    /// A film.
    Video { media: ChatMedia },
    /// A document.
    Document { media: ChatMedia, name: Option<String> },
    /// The model asks for a tool.
    ToolCall {
        id: String,
        name: String,
        /// As the model wrote them: JSON for functions, any text for freeform tools.
        arguments: String,
    },
    /// What a tool answered.
    ToolResult {
        id: String,
        name: Option<String>,
        parts: Vec<Self>,
        failed: bool,
    },
    /// The model's thinking.
    Reasoning {
        text: String,
        /// Whether there is more of it that only the provider can read.
        encrypted: bool,
    },
    /// The model declines.
    Refusal { text: String },
    /// A piece that only one dialect knows.
    Other { dialect: DialectName, json: Value },
}

/// A source that a text cites.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ChatCitation {
    url: Option<String>,
    title: Option<String>,
    quote: Option<String>,
}

/// Media, by reference: what was sent inline is told by its type and size, and not repeated.
#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct ChatMedia {
    media_type: Option<String>,
    /// How large it is, in bytes, where it was sent inline.
    bytes: Option<u64>,
    /// Its address, where it has one.
    url: Option<String>,
    /// Its id at the provider, where it is kept there.
    file: Option<String>,
    /// Its text, where it is plain text.
    text: Option<String>,
}

impl Conversation {
    /// The turn of a row; none where nothing of it was kept, or it is no turn that can be read.
    pub(crate) fn of(row: &LogRow) -> Option<Self> {
        let turn = Turn {
            dialect: row.dialect?,
            operation: row.operation?,
            model: row.asked.as_ref()?.as_str(),
            stream: row.stream,
        };
        let sent = row.request_body.as_deref().map(kept);
        let got = row.response_body.as_deref().map(kept);
        let request = sent.as_deref().and_then(|body| turn.request(body));
        let answered = row.http_status < 400;
        let response = got.as_deref().filter(|_| answered).and_then(|body| turn.response(body));
        if request.is_none() && response.is_none() {
            return None;
        }
        let (messages, tools) = request.map(|request| (request.messages, request.tools)).unzip();
        Some(Self {
            messages: messages.map(|messages| messages.into_iter().map(ChatMessage::from).collect()),
            answers: response.map(|response| response.choices.into_iter().map(ChatAnswer::from).collect()),
            tools: tools.unwrap_or_default().into_iter().map(ChatTool::from).collect(),
            request_cut: sent.is_some_and(|body| is_cut(&body)),
            response_cut: got.is_some_and(|body| is_cut(&body)),
        })
    }
}

/// A body as a person can read it: text as it came, a stream of AWS events line by line.
pub(crate) fn readable(content: &str) -> String {
    let bytes = kept(content);
    match std::str::from_utf8(&bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => recall::event_stream_text(&bytes).unwrap_or_else(|| content.to_owned()),
    }
}

impl From<chat::Message> for ChatMessage {
    fn from(message: chat::Message) -> Self {
        Self {
            role: match message.role {
                Role::System => ChatRole::System,
                Role::User => ChatRole::User,
                Role::Assistant => ChatRole::Assistant,
            },
            name: message.name,
            parts: message.parts.into_iter().map(ChatPart::from).collect(),
        }
    }
}

impl From<chat::Choice> for ChatAnswer {
    fn from(choice: chat::Choice) -> Self {
        Self {
            parts: choice.parts.into_iter().map(ChatPart::from).collect(),
            finish: choice.finish.map(|finish| match finish {
                Finish::Stop | Finish::StopSequence(_) => "stop".to_owned(),
                Finish::Length => "length".to_owned(),
                Finish::Tools => "tools".to_owned(),
                Finish::Filtered => "filtered".to_owned(),
                Finish::Refusal => "refusal".to_owned(),
                Finish::Pause => "pause".to_owned(),
                Finish::Other(word) => word,
            }),
        }
    }
}

impl From<chat::Tool> for ChatTool {
    fn from(tool: chat::Tool) -> Self {
        Self {
            name: tool.name,
            description: tool.description,
        }
    }
}

impl From<Part> for ChatPart {
    fn from(part: Part) -> Self {
        match part {
            Part::Text { text, citations, .. } => Self::Text {
                text,
                citations: citations.into_iter().map(ChatCitation::from).collect(),
            },
            Part::Image { source, .. } => Self::Image { media: source.into() },
            Part::Audio { source, transcript } => Self::Audio {
                media: source.into(),
                transcript,
            },
            Part::Video { source, .. } => Self::Video { media: source.into() },
            Part::Document { source, name, .. } => Self::Document {
                media: source.into(),
                name,
            },
            Part::ToolUse(tool) => Self::ToolCall {
                id: tool.id,
                name: tool.name,
                arguments: tool.arguments,
            },
            Part::ToolResult(result) => Self::ToolResult {
                id: result.id,
                name: result.name,
                parts: result.parts.into_iter().map(Self::from).collect(),
                failed: result.failed,
            },
            Part::Reasoning(reasoning) => Self::Reasoning {
                text: reasoning.text,
                encrypted: reasoning.encrypted.is_some(),
            },
            Part::Refusal(text) => Self::Refusal { text },
            Part::Other(verbatim) => Self::Other {
                dialect: verbatim.dialect,
                json: serde_json::from_str(verbatim.json.get()).unwrap_or_default(),
            },
        }
    }
}

impl From<chat::Citation> for ChatCitation {
    fn from(citation: chat::Citation) -> Self {
        Self {
            url: citation.url,
            title: citation.title,
            quote: citation.quote,
        }
    }
}

impl From<Source> for ChatMedia {
    fn from(source: Source) -> Self {
        match source {
            Source::Inline { media_type, data } => Self {
                media_type: Some(media_type),
                bytes: Some(decoded(&data)),
                ..Self::default()
            },
            Source::Url(url) => Self {
                url: Some(url),
                ..Self::default()
            },
            Source::File(file) => Self {
                file: Some(file),
                ..Self::default()
            },
            Source::Text(text) => Self {
                text: Some(text),
                ..Self::default()
            },
        }
    }
}

/// How many bytes base64 stands for.
fn decoded(base64: &Bytes) -> u64 {
    let padding = base64.iter().rev().take_while(|byte| **byte == b'=').count();
    ((base64.len() - padding) * 3 / 4) as u64
}

#[cfg(test)]
mod tests;
