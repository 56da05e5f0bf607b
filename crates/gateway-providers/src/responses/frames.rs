//! Events as frames of a stream, numbered.

use crate::json::Out;

/// Frames on their way out.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// The number of the next one.
    pub(super) next: u64,
    /// Whether nothing is to be written: of a whole answer, only its end is wanted.
    pub(super) quiet: bool,
}

impl Frames {
    /// Writes an event.
    pub(super) fn write(&mut self, kind: &str, to: &mut Vec<u8>, members: impl FnOnce(&mut Out<'_>)) {
        if self.quiet {
            return;
        }
        begin(kind, to);
        Out::object(to, |out| {
            out.member("type", kind);
            out.member("sequence_number", self.number());
            members(out);
        });
        to.extend_from_slice(b"\n\n");
    }

    /// Writes an event about the response as a whole.
    pub(super) fn response(&mut self, kind: &str, response: &[u8], to: &mut Vec<u8>) {
        if self.quiet {
            return;
        }
        begin(kind, to);
        let number = self.number();
        to.extend_from_slice(format!(r#"{{"type":"{kind}","sequence_number":{number},"response":"#).as_bytes());
        to.extend_from_slice(response);
        to.extend_from_slice(b"}\n\n");
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }
}

fn begin(kind: &str, to: &mut Vec<u8>) {
    to.extend_from_slice(b"event: ");
    to.extend_from_slice(kind.as_bytes());
    to.extend_from_slice(b"\ndata: ");
}
