//! The frames of a stream, written.

use gateway_types::Usage;
use serde::Serialize;
use serde_json::value::RawValue;

use super::usage;
use crate::framing::eventstream::write_event;
use crate::json::{self, Members, Out};

pub(super) fn event(name: &'static str, to: &mut Vec<u8>, members: impl FnOnce(&mut Out<'_>)) {
    let mut payload = Vec::new();
    Out::object(&mut payload, members);
    write_event(name, payload, to);
}

pub(super) fn block_start(index: u32, to: &mut Vec<u8>, start: impl FnOnce(&mut Out<'_>)) {
    event("contentBlockStart", to, |out| {
        out.inner("start", start);
        out.member("contentBlockIndex", index);
    });
}

pub(super) fn start_call(index: u32, id: &str, name: &str, to: &mut Vec<u8>) {
    block_start(index, to, |out| {
        out.inner("toolUse", |out| {
            out.member("toolUseId", id);
            out.member("name", name);
        });
    });
}

pub(super) fn delta(index: u32, key: &str, value: impl Serialize, to: &mut Vec<u8>) {
    event("contentBlockDelta", to, |out| {
        out.inner("delta", |out| out.member(key, value));
        out.member("contentBlockIndex", index);
    });
}

pub(super) fn thought(index: u32, key: &str, text: &str, to: &mut Vec<u8>) {
    event("contentBlockDelta", to, |out| {
        out.inner("delta", |out| {
            out.inner("reasoningContent", |out| out.member(key, text))
        });
        out.member("contentBlockIndex", index);
    });
}

pub(super) fn input(index: u32, text: &str, to: &mut Vec<u8>) {
    event("contentBlockDelta", to, |out| {
        out.inner("delta", |out| out.inner("toolUse", |out| out.member("input", text)));
        out.member("contentBlockIndex", index);
    });
}

pub(super) fn stop(index: Option<u32>, to: &mut Vec<u8>) {
    if let Some(index) = index {
        event("contentBlockStop", to, |out| out.member("contentBlockIndex", index));
    }
}

/// The last frame: what was used. How long it took is not ours to know here, and must be said.
pub(super) fn metadata(used: &Usage, to: &mut Vec<u8>) {
    event("metadata", to, |out| {
        usage::write(used, out);
        out.inner("metrics", |out| out.member("latencyMs", 0));
    });
}

/// The frame that ends a message as if it had met its cap, and where none has begun, the one that begins it.
pub(super) fn cut(begun: bool, to: &mut Vec<u8>) {
    if !begun {
        event("messageStart", to, |out| out.member("role", "assistant"));
    }
    event("messageStop", to, |out| out.member("stopReason", "max_tokens"));
}

/// A picture's bytes, as base64.
pub(super) fn picture(index: u32, data: &str, to: &mut Vec<u8>) {
    event("contentBlockDelta", to, |out| {
        out.inner("delta", |out| {
            out.inner("image", |out| out.inner("source", |out| out.member("bytes", data)))
        });
        out.member("contentBlockIndex", index);
    });
}

/// A tool that the provider runs, or its answer, in the pieces of a stream. Not so for anything else.
pub(super) fn own(index: u32, raw: &RawValue, to: &mut Vec<u8>) -> bool {
    let Ok(mut outer) = Members::of(raw) else { return false };
    let (kind, last) = match (outer.object("toolUse"), outer.object("toolResult")) {
        (Ok(Some(call)), _) => (("toolUse", "input"), call),
        (_, Ok(Some(result))) => (("toolResult", "content"), result),
        _ => return false,
    };
    let mut inner = last;
    let value = inner.take(kind.1);
    block_start(index, to, |out| {
        out.inner(kind.0, |out| {
            inner.pairs().for_each(|(key, value)| out.member(key, value))
        });
    });
    match (kind.0, value) {
        ("toolUse", Some(value)) => input(index, value.get(), to),
        (_, Some(value)) => delta(index, "toolResult", value, to),
        (_, None) => {}
    }
    true
}

/// What stands around the text of a freeform tool's input.
pub(super) fn wrapping() -> (&'static str, &'static str) {
    ("{\"input\":\"", "\"}")
}

/// A piece of text as it stands between quotes.
pub(super) fn quoted(text: &str) -> String {
    let whole = json::to_vec(text).unwrap_or_default();
    let inner = whole.get(1..whole.len().saturating_sub(1)).unwrap_or_default();
    String::from_utf8_lossy(inner).into_owned()
}
