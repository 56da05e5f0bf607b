//! The words of the gateway.
//!
//! - **Owns**: ids, model names, time as a value, money, usage, errors, the call, the chat vocabulary, JSON spans.
//! - **Does not know**: vendors, sockets, clocks, stores, settings, or how anything is chosen or paid for.
//! - **Ports it asks for**: none; [`time::Clock`] is the one it offers to everybody else.
//! - **Read first**: [`call`], then [`chat`].

pub mod call;
pub mod chat;
pub mod error;
pub mod id;
pub mod json;
pub mod loss;
pub mod money;
pub mod operation;
pub mod secret;
pub mod span;
pub mod time;
pub mod usage;

pub use call::{Call, Caps};
pub use error::{Error, ErrorKind, Origin};
pub use id::{EntryId, KeyId, ModelName, Org, ProviderName, QuotaId, RequestId, Revision, VirtualKeyId};
pub use money::{NanoUsd, PicoUsd, UnitPrice};
pub use operation::{DialectName, Operation};
pub use secret::Secret;
pub use span::Span;
pub use time::{Clock, ManualClock, Now, Tick, Wall};
pub use usage::{Basis, Metered, TokenClass, Usage};
