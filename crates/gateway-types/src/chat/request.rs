//! A chat request.

use serde_json::value::RawValue;

use super::{CacheMark, Extras, Message, Verbatim};
use crate::operation::DialectName;

/// What a model is asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// The dialect it was asked in: whose words the extras are.
    pub dialect: DialectName,
    /// The conversation, system messages included where they stood.
    pub messages: Vec<Message>,
    /// Tools it may use.
    pub tools: Vec<Tool>,
    /// Whether and which tool it must use.
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may use several at once, where said.
    pub parallel_tools: Option<bool>,
    /// The form of the answer.
    pub format: Option<Format>,
    /// How to sample.
    pub sampling: Sampling,
    /// The most tokens to produce.
    pub max_output: Option<u64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// How hard to think, in words (`low`, `medium`, `high`), where said.
    pub effort: Option<String>,
    /// How many tokens thinking may take, where said.
    pub thinking_budget: Option<u64>,
    /// Whether thinking should be shown, as far as the provider shows it, where said.
    pub show_thinking: Option<bool>,
    /// The end user, as the application calls them.
    pub user: Option<String>,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// What else stood in the request, in the source dialect's words.
    pub extras: Extras,
}

impl Request {
    /// An empty request in the words of that dialect.
    pub fn new(dialect: DialectName) -> Self {
        Self {
            dialect,
            messages: Vec::new(),
            tools: Vec::new(),
            tool_choice: None,
            parallel_tools: None,
            format: None,
            sampling: Sampling::default(),
            max_output: None,
            stop: Vec::new(),
            effort: None,
            thinking_budget: None,
            show_thinking: None,
            user: None,
            stream: false,
            extras: Extras::default(),
        }
    }
}

/// How to sample.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "the field's own names")]
pub struct Sampling {
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    pub top_k: Option<u64>,
    pub frequency_penalty: Option<f64>,
    pub presence_penalty: Option<f64>,
    pub seed: Option<i64>,
    pub choices: Option<u32>,
}

/// A tool that the model may use.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What kind of tool it is.
    pub kind: ToolKind,
    /// Whether the prefix up to it should be cached.
    pub cache: Option<CacheMark>,
}

/// Kinds of tools.
#[derive(Clone, Debug)]
pub enum ToolKind {
    /// A function with a JSON Schema of its arguments.
    Function {
        /// The schema, verbatim.
        parameters: Option<Box<RawValue>>,
        /// Whether arguments must match it.
        strict: Option<bool>,
    },
    /// A freeform tool: its input is text, in a grammar where one is given (verbatim, in OpenAI's shape).
    Custom {
        /// The grammar.
        format: Option<Box<RawValue>>,
    },
    /// A tool of the provider's own.
    Other(Verbatim),
}

/// Whether tools are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// None.
    None,
    /// At least one.
    Required,
    /// This one.
    Tool(String),
    /// One of these.
    OneOf {
        /// Their names.
        names: Vec<String>,
        /// Whether one must be used.
        required: bool,
    },
}

/// The form of an answer.
#[derive(Clone, Debug)]
pub enum Format {
    /// Text.
    Text,
    /// Any JSON.
    Json,
    /// JSON of that schema.
    Schema {
        /// The schema's name.
        name: String,
        /// What it describes.
        description: Option<String>,
        /// The schema, verbatim.
        schema: Box<RawValue>,
        /// Whether the answer must match it.
        strict: Option<bool>,
    },
}
