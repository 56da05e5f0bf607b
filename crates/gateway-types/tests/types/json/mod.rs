//! Scan and splice: tables first, then anything at all, held against `serde_json`.

mod cursor;
mod differential;
mod oracle;
mod scan;
mod splice;
