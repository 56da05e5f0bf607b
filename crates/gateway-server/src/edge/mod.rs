//! Sockets and workers: one current-thread runtime per core, each with its own listeners and its own line.
//!
//! In order: [`listen`] binds, [`worker`] accepts and hands over, [`tls`] shakes hands where there is a certificate,
//! [`connection`] speaks HTTP, [`pace`] watches over what clients do with their time.

pub(crate) mod connection;
pub(crate) mod listen;
pub(crate) mod pace;
pub(crate) mod tls;
pub(crate) mod worker;

pub(crate) use pace::Busy;

/// Where the process is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Requests are taken.
    Running,
    /// No new ones; those in flight finish.
    Draining,
    /// What is left is cut.
    Cut,
}
