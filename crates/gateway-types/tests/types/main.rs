//! What the words promise to the crates that use them, file by subject.

mod scan;
mod splice;
