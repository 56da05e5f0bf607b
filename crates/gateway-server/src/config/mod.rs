//! Configuration files: read as JSON, YAML or TOML, watched, and taken up whole or not at all.

pub(crate) mod catalogue;
mod load;
mod watch;

pub(crate) use load::LoadError;
pub(crate) use load::load;
pub(crate) use watch::{Watched, watch};
