//! The port through which `env.NAME` values are read, and where clouds leave credentials.

use std::fmt;
use std::io::Read as _;

use gateway_providers::cloud::Surroundings;

/// Named values from outside: the process's environment, or a map in tests and embeddings.
pub trait Environment: Send + Sync + fmt::Debug {
    /// The value of that name, if it is set and may be read.
    fn value(&self, name: &str) -> Option<String>;
}

/// An environment without anything in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Empty;

impl Environment for Empty {
    fn value(&self, _name: &str) -> Option<String> {
        None
    }
}

impl Environment for std::collections::HashMap<String, String> {
    fn value(&self, name: &str) -> Option<String> {
        self.get(name).cloned()
    }
}

/// The most of a file that is read: credentials and tokens are small.
const FILE_BYTES: u64 = 1024 * 1024;

/// What credentials of clouds are looked for in: the environment's variables, and the machine's files.
pub(crate) struct Machine<'a>(pub(crate) &'a dyn Environment);

impl Surroundings for Machine<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.0.value(name)
    }

    fn read(&self, path: &str) -> std::io::Result<String> {
        let mut text = String::new();
        std::fs::File::open(path)?.take(FILE_BYTES).read_to_string(&mut text)?;
        Ok(text)
    }
}
