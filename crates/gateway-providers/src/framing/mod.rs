//! Framing: how a stream of bytes is cut into messages.
