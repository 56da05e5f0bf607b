//! Answers and lines of them as they are written.

use gateway_types::Usage;

use super::decode::Shape;
use crate::framing::lines;
use crate::json::Out;

/// What every line says: its form, its model, its time.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) shape: Shape,
    pub(super) model: String,
    /// As RFC 3339 has it.
    pub(super) created_at: String,
}

impl Head {
    /// Writes an answer, or a line of one. `said` writes what stands in a message beside its text.
    pub(super) fn write(
        &self,
        out: &mut Out<'_>,
        text: &str,
        said: impl FnOnce(&mut Out<'_>),
        rest: impl FnOnce(&mut Out<'_>),
    ) {
        out.member("model", &self.model);
        out.member("created_at", &self.created_at);
        if self.shape == Shape::Generate {
            out.member("response", text);
            said(out);
        } else {
            out.inner("message", |out| {
                out.member("role", "assistant");
                out.member("content", text);
                said(out);
            });
        }
        rest(out);
    }

    /// Writes a line that is not the last.
    pub(super) fn line(
        &self,
        to: &mut Vec<u8>,
        text: &str,
        said: impl FnOnce(&mut Out<'_>),
        rest: impl FnOnce(&mut Out<'_>),
    ) {
        let from = to.len();
        Out::object(to, |out| {
            self.write(out, text, said, |out| {
                out.member("done", false);
                rest(out);
            });
        });
        // Arguments come as a model wrote them, on many lines perhaps.
        lines::on_one(&mut to[from..]);
        to.push(b'\n');
    }

    /// Writes the last line.
    pub(super) fn last(&self, to: &mut Vec<u8>, reason: &str, usage: Option<&Usage>) {
        Out::object(to, |out| self.write(out, "", |_| {}, |out| done(out, reason, usage)));
        to.push(b'\n');
    }
}

/// How an answer ended, and what it used. How long it took is not known here; where it is nothing, the server leaves it out too.
pub(super) fn done(out: &mut Out<'_>, reason: &str, usage: Option<&Usage>) {
    out.member("done", true);
    out.member("done_reason", reason);
    if let Some(usage) = usage {
        out.member("prompt_eval_count", usage.input_total());
        out.member("eval_count", usage.output_total());
    }
}
