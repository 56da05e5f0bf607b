//! Framing: how a stream of bytes is cut into messages, whatever the pieces it arrives in.

pub mod array;
pub mod eventstream;
pub mod lines;
pub mod sse;
