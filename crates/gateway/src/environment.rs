//! The port through which `env.NAME` values are read.

use std::fmt;

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
