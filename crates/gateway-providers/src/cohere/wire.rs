//! The frames of a stream as they are written.

use gateway_types::Error;

use crate::framing::lines;
use crate::json::Out;

/// Writes an event.
pub(super) fn event(to: &mut Vec<u8>, kind: &str, members: impl FnOnce(&mut Out<'_>)) {
    to.extend_from_slice(b"event: ");
    to.extend_from_slice(kind.as_bytes());
    to.extend_from_slice(b"\ndata: ");
    let from = to.len();
    Out::object(to, |out| {
        out.member("type", kind);
        members(out);
    });
    lines::on_one(&mut to[from..]);
    to.extend_from_slice(b"\n\n");
}

/// Writes an event about the piece of that number, with what its message says.
pub(super) fn about(to: &mut Vec<u8>, kind: &str, index: u32, message: impl FnOnce(&mut Out<'_>)) {
    event(to, kind, |out| {
        out.member("index", index);
        out.inner("delta", |out| out.inner("message", message));
    });
}

/// Writes an event that ends the piece of that number.
pub(super) fn end(to: &mut Vec<u8>, kind: &str, index: u32) {
    event(to, kind, |out| out.member("index", index));
}

/// Writes the beginning of a message.
pub(super) fn start(to: &mut Vec<u8>, id: &str) {
    event(to, "message-start", |out| {
        out.member("id", id);
        out.inner("delta", |out| {
            out.inner("message", |out| {
                out.member("role", "assistant");
                out.array("content", |_| {});
                out.member("tool_plan", "");
                out.array("tool_calls", |_| {});
                out.array("citations", |_| {});
            });
        });
    });
}

/// Writes the end of a message, and the last word of a stream.
pub(super) fn stop(to: &mut Vec<u8>, delta: impl FnOnce(&mut Out<'_>)) {
    event(to, "message-end", |out| out.inner("delta", delta));
    to.extend_from_slice(b"data: [DONE]\n\n");
}

/// Writes the end of a message that failed: the vendor's way to say so inside a stream.
pub(super) fn fail(to: &mut Vec<u8>, error: &Error) {
    stop(to, |out| {
        out.member("error", &error.message);
        out.member("finish_reason", "ERROR");
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;

    #[test]
    fn json_of_many_lines_is_one_frame() {
        let many = RawValue::from_string("{\n\"start\":\r\n0}".to_owned()).unwrap();
        let mut frame = Vec::new();
        about(&mut frame, "citation-start", 1, |out| out.member("citations", many));
        let expected = concat!(
            "event: citation-start\n",
            r#"data: {"type":"citation-start","index":1,"delta":{"message":{"citations":{ "start":  0}}}}"#,
            "\n\n",
        );
        assert_eq!(String::from_utf8(frame).unwrap(), expected);
    }
}
