//! The translators of the gateway: dialects, provider kinds, framing, and the transport port.
//!
//! - **Owns**: every field, header, path, event and code of a vendor; how a call becomes bytes for one, and back.
//! - **Does not know**: which provider is chosen, who pays, what is stored; it reads no clock and no environment.
//! - **Ports it asks for**: [`transport::Transport`], to send what was prepared (a hyper one behind feature `client`).
//! - **Read first**: [`lane`], then [`dialect`], then `openai/` and `anthropic/`.

pub mod anthropic;
#[cfg(feature = "client")]
pub mod client;
pub mod cloud;
pub mod dialect;
pub mod framing;
pub mod kind;
pub mod lane;
pub mod openai;
mod profiles;
pub mod target;
pub mod transport;

pub use dialect::{ClientDialect, EventReader, EventWriter, ProviderDialect, client_dialect, provider_dialect};
pub use kind::{Kind, base_kind, kind, kinds};
pub use lane::{Close, Observed, Prepared, Relay, Whole, prepare};
pub use target::{BaseUrl, Target};
pub use transport::{Egress, Transport, TransportError, WireBody, WireRequest, WireResponse};
