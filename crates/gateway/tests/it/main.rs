//! The gateway as an embedder sees it: no socket, an upstream in memory.

mod control;
mod line;
mod support;
