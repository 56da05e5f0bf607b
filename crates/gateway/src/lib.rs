//! The line: the whole gateway without a socket, for embedding; control plane and snapshots.
//!
//! - **Owns**: what comes before what for one request; how a settings change becomes effective; the settings document.
//! - **Does not know**: sockets, files, environment variables, HTTP servers, SQL, HTML.
//! - **Ports it asks for**: [`ports`] (settings, objects, logs), [`record::Recorder`], [`environment::Environment`];
//!   governance's ledger, providers' transport and the clock come to it from its host as well.
//! - **Read first**: [`line`], then [`control`].

mod alerts;
pub mod builder;
pub mod clock;
pub mod control;
pub mod environment;
pub(crate) mod kept;
pub mod line;
pub mod ports;
pub mod record;
pub mod settings;

pub use builder::{Builder, Gateway, Options, StartError};
pub use control::{Control, ControlError};
pub use line::explain::{Explanation, Suppose};
pub use line::{Aim, Arrival, Caller, Decided, Errand, Line, Reply, ReplyBody, Turn, presents_credential};
