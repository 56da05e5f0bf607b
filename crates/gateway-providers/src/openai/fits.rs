//! Whether a call can go to a provider of this dialect as it is, or has words that this provider does not know and that can
//! be said in others.

use gateway_types::chat::ToolChoice;
use gateway_types::json::Cursor;
use gateway_types::{Call, Operation};

use super::decode::{KEYS, RENAMED, TOOL_CHOICE};
use super::pass::text;
use super::tools;
use super::write::freeform_tools;
use crate::target::Target;

/// Whether it can go as it is.
pub(super) fn fits(call: &Call, target: &Target) -> bool {
    match call.operation {
        Operation::Chat => {
            let allowed = target.kind.words.allowed_tools || !chooses_among(call);
            allowed && !imitates(call, target)
        }
        // Voyage refuses `top_n` and `dimensions`, and has other names for them.
        Operation::Embeddings | Operation::Rerank => {
            let mut given = RENAMED.filter(|key| call.body.members.find(*key).is_some());
            given.all(|key| !target.kind.words.renamed.iter().any(|(book, _)| *book == KEYS[key]))
        }
        _ => true,
    }
}

/// Whether the call has freeform tools for which functions must stand.
pub(super) fn imitates(call: &Call, target: &Target) -> bool {
    !target.kind.custom_tools && !freeform_tools(call).is_empty()
}

/// Whether the call allows some of its tools and not others.
fn chooses_among(call: &Call) -> bool {
    let choice = text(call, TOOL_CHOICE).map(|given| tools::choice(&mut Cursor::new(given)));
    matches!(choice, Some(Ok(Ok(ToolChoice::OneOf { .. }))))
}
