//! The events of a stream, as bytes.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use super::show::{EMPTY, Shown};
use crate::json::Out;

/// The beginning of a tool's call, its input to come.
pub(super) fn call<'a>(id: &'a str, name: &'a str) -> Shown<'a> {
    let empty = serde_json::from_str(EMPTY).unwrap_or(RawValue::NULL);
    Shown::ToolUse {
        id: id.into(),
        name,
        input: Cow::Borrowed(empty),
        caller: None,
        toolset_name: None,
    }
}

/// More of a block.
pub(super) fn delta(index: u32, kind: &str, key: &str, value: impl Serialize, to: &mut Vec<u8>) {
    frame("content_block_delta", to, |out| {
        out.member("index", index);
        out.inner("delta", |out| {
            out.member("type", kind);
            out.member(key, value);
        });
    });
}

/// More of a tool's input.
pub(super) fn input_delta(index: u32, text: &str, to: &mut Vec<u8>) {
    delta(index, "input_json_delta", "partial_json", text, to);
}

/// The signature of thinking.
pub(super) fn signature_delta(index: u32, signature: &str, to: &mut Vec<u8>) {
    delta(index, "signature_delta", "signature", signature, to);
}

/// The end of a block.
pub(super) fn stop(index: u32, to: &mut Vec<u8>) {
    frame("content_block_stop", to, |out| out.member("index", index));
}

/// An event of that name.
pub(super) fn frame(name: &str, to: &mut Vec<u8>, members: impl FnOnce(&mut Out<'_>)) {
    to.extend_from_slice(b"event: ");
    to.extend_from_slice(name.as_bytes());
    to.extend_from_slice(b"\ndata: ");
    let start = to.len();
    Out::object(to, |out| {
        out.member("type", name);
        members(out);
    });
    // JSON from elsewhere may stand on several lines, which would end the frame in its middle; in texts they are escaped.
    for byte in to.iter_mut().skip(start).filter(|byte| matches!(byte, b'\n' | b'\r')) {
        *byte = b' ';
    }
    to.extend_from_slice(b"\n\n");
}
