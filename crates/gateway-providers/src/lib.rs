//! The translators of the gateway: dialects, provider kinds, framing, and the transport port.
//!
//! - **Owns**: every field, header, path, event and code of a vendor; how a call becomes bytes for one, and back.
//! - **Does not know**: which provider is chosen, who pays, what is stored; it reads no clock and no environment.
//! - **Ports it asks for**: [`transport::Transport`], to send what was prepared (a hyper one behind feature `client`).
//! - **Read first**: [`lane`], then [`dialect`], then `openai/` and `anthropic/`.

mod address;
pub mod anthropic;
pub mod bedrock;
mod charge;
#[cfg(feature = "client")]
pub mod client;
pub mod cloud;
pub mod cohere;
pub mod dialect;
pub mod elevenlabs;
mod facts;
pub mod framing;
mod freeform;
pub mod gemini;
mod json;
pub mod kind;
pub mod lane;
mod media;
pub mod ollama;
pub mod openai;
mod outgoing;
mod passing;
mod profiles;
pub mod recall;
pub mod responses;
pub mod seal;
pub mod stamp;
pub mod target;
pub mod transport;
pub mod units;

pub use cloud::Access;
pub use dialect::{ClientDialect, EventReader, EventWriter, ProviderDialect, client_dialect, provider_dialect};
pub use kind::{Kind, base_kind, kind, kinds};
pub use lane::{Close, Observed, Prepared, Relay, Whole, prepare};
pub use stamp::Stamp;
pub use target::{BaseUrl, Site, Target};
pub use transport::{Egress, Transport, TransportError, WireBody, WireRequest, WireResponse};
