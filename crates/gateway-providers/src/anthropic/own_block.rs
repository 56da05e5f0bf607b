//! A block without a word of ours, put together from the pieces in which a stream brings it.

use bytes::Bytes;
use gateway_types::DialectName;
use gateway_types::chat::Verbatim;
use serde_json::value::RawValue;

use super::kept::put;
use crate::json::Members;

/// How much a block may grow; what passes it is left out.
const MOST: usize = 1024 * 1024;

/// The block so far.
#[derive(Debug)]
pub(super) struct OwnBlock {
    json: Box<RawValue>,
    /// The input of a server tool, as it comes.
    input: String,
}

impl OwnBlock {
    /// A block as it begins.
    pub(super) fn new(json: Box<RawValue>) -> Self {
        let input = String::new();
        Self { json, input }
    }

    /// More of its input.
    pub(super) fn input(&mut self, text: &str) {
        if self.input.len() + text.len() <= MOST {
            self.input.push_str(text);
        }
    }

    /// Members that a delta brings, such as the summary of a compaction.
    pub(super) fn members(&mut self, delta: &RawValue) {
        let Ok(mut members) = Members::of(delta) else { return };
        members.take("type");
        let brought = members.rest().0;
        let brought = brought.iter().map(|(key, value)| (key.as_str(), &**value));
        if let Some(json) = self.with(brought).filter(|json| json.get().len() <= MOST) {
            self.json = json;
        }
    }

    fn with<'a>(&self, members: impl Iterator<Item = (&'a str, &'a RawValue)>) -> Option<Box<RawValue>> {
        let object = Bytes::copy_from_slice(self.json.get().as_bytes());
        RawValue::from_string(String::from_utf8(put(&object, members)?.to_vec()).ok()?).ok()
    }

    /// The block as it is.
    pub(super) fn whole(self) -> Verbatim {
        let input: Option<&RawValue> = serde_json::from_str(&self.input).ok();
        let json = input.and_then(|input| self.with(std::iter::once(("input", input))));
        Verbatim {
            dialect: DialectName::Anthropic,
            json: json.unwrap_or(self.json),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_comes_in_pieces_is_one_block() {
        let mut search = OwnBlock::new(raw(
            r#"{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}"#,
        ));
        for piece in ["", "{\"query\":", " \"x\"}"] {
            search.input(piece);
        }
        let expected = r#"{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query": "x"}}"#;
        assert_eq!(search.whole().json.get(), expected);

        let mut summary = OwnBlock::new(raw(r#"{"type":"compaction","content":null}"#));
        summary.members(&raw(r#"{"type":"compaction_delta","content":"so far"}"#));
        assert_eq!(
            summary.whole().json.get(),
            r#"{"type":"compaction","content":"so far"}"#
        );
    }

    #[test]
    fn a_broken_input_is_left_out() {
        let mut search = OwnBlock::new(raw(r#"{"type":"server_tool_use","input":{}}"#));
        search.input("{\"query");
        assert_eq!(search.whole().json.get(), r#"{"type":"server_tool_use","input":{}}"#);
    }
}
