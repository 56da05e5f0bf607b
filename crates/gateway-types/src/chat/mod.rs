//! The chat vocabulary: what stands between any two dialects. Richer than each of them, so that a translation knows
//! what it loses.

mod assemble;
mod event;
mod message;
mod opaque;
mod request;
mod response;

pub use assemble::Assembly;
pub use event::{Event, PartStart};
pub use message::{CacheMark, Citation, Extras, Message, Part, Reasoning, Role, Source, ToolResult, ToolUse};
pub use opaque::{Opaque, Verbatim};
pub use request::{Format, Request, Sampling, Tool, ToolChoice, ToolKind};
pub use response::{Choice, Finish, Response};
