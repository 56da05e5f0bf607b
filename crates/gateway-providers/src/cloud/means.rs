//! What fetching credentials leans on, passed in: this crate reads no clock, no environment and no file.

use std::fmt;
use std::io;

use gateway_types::Clock;

use crate::transport::{Egress, Transport};

/// The port to where the process runs: clouds leave variables and files there for those who come to ask.
pub trait Surroundings: Send + Sync {
    /// The environment variable of that name, if it is set and may be read.
    fn variable(&self, name: &str) -> Option<String>;

    /// The whole of a small file.
    fn read(&self, path: &str) -> io::Result<String>;
}

/// With what credentials are fetched.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// Through which the requests leave. They are timed with tokio's timers.
    pub transport: &'a dyn Transport,
    /// The way out to token endpoints. Metadata services of clouds are asked straight, whatever it says.
    pub egress: &'a Egress,
    /// Variables and files.
    pub surroundings: &'a dyn Surroundings,
    /// The time.
    pub clock: &'a dyn Clock,
}

impl Means<'_> {
    /// The variable of that name, where it holds anything.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        variable(self.surroundings, name)
    }
}

/// The variable of that name, where it holds anything.
pub(super) fn variable(surroundings: &dyn Surroundings, name: &str) -> Option<String> {
    surroundings
        .variable(name)
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

impl fmt::Debug for Means<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Means").finish_non_exhaustive()
    }
}
