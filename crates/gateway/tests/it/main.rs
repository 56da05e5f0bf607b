//! The gateway as an embedder sees it: no socket, an upstream in memory.

#![expect(clippy::unwrap_used, reason = "tests")]

mod clouds;
mod control;
mod disconnects;
mod elastic;
mod fresh;
mod line;
mod support;
mod told;
