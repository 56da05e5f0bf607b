//! What the words promise to the crates that use them, folder by subject.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod json;
