//! The words of the gateway.
//!
//! - **Owns**: ids, model names, time as a value, money, usage, errors, the call, the chat vocabulary, JSON spans.
//! - **Does not know**: vendors, sockets, clocks, stores, settings, or how anything is chosen or paid for.
//! - **Ports it asks for**: none; [`time::Clock`] is the one it offers to everybody else.
//! - **Read first**: [`call`], then [`chat`].
//!
//! Words carry what is always true of them, and nothing that only one room needs: money adds up without a float, token
//! classes do not overlap, time comes in as a value.
//!
//! ```
//! use gateway_types::{NanoUsd, TokenClass, UnitPrice, Usage};
//!
//! let usage = Usage { input: 1_000, cache_read: 9_000, output: 500, ..Usage::default() };
//! let price = |class| match class {
//!     TokenClass::CacheRead => UnitPrice::per_million("0.075"),
//!     class if class.is_input() => UnitPrice::per_million("0.15"),
//!     _ => UnitPrice::per_million("0.60"),
//! };
//! let cost = TokenClass::ALL.into_iter().filter_map(|class| Some(price(class)?.times(usage.of(class)))).sum();
//! assert_eq!(gateway_types::PicoUsd::to_nano(cost), NanoUsd::from_decimal("0.001125").expect("a decimal number"));
//! ```

pub mod call;
pub mod chat;
pub mod embed;
pub mod error;
pub mod form;
pub mod id;
pub mod json;
pub mod loss;
pub mod money;
pub mod operation;
pub mod rerank;
pub mod secret;
pub mod span;
pub mod time;
pub mod units;
pub mod usage;

pub use call::{Asked, Call, Caps, StreamForm};
pub use error::{Error, ErrorKind, Limited, Origin};
pub use id::{
    CustomerId, EntryId, KeyId, ModelName, Org, ProviderName, QuotaId, RequestId, Revision, TeamId, VirtualKeyId,
};
pub use money::{NanoUsd, PicoUsd, UnitPrice};
pub use operation::{DialectName, Operation};
pub use secret::Secret;
pub use span::Span;
pub use time::{Clock, ManualClock, Now, Tick, Wall};
pub use units::{Billable, Measure, Units};
pub use usage::{Basis, Metered, TokenClass, Usage};
