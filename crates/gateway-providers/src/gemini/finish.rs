//! Why an answer ended, in both words ("FinishReason" and "BlockReason" in Google's "Gemini API reference").

use gateway_types::chat::Finish;
use gateway_types::loss::Loss;

use super::usage::Word;

/// The API's list of reasons, in its order.
const REASONS: [&str; 18] = [
    "",
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "OTHER",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "IMAGE_SAFETY",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_OTHER",
    "NO_IMAGE",
    "IMAGE_RECITATION",
];

/// The API's list of reasons to refuse a prompt.
const BLOCKS: [&str; 6] = ["", "SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"];

/// The reason as a word; none where it says nothing.
pub(super) fn word(reason: &Word) -> Option<&str> {
    Some(reason.among(&REASONS)).filter(|word| !word.is_empty() && *word != "FINISH_REASON_UNSPECIFIED")
}

/// The reason for which a prompt was refused, as a word.
pub(super) fn block(reason: &Word) -> &str {
    match reason.among(&BLOCKS) {
        "" | "BLOCKED_REASON_UNSPECIFIED" => "OTHER",
        word => word,
    }
}

/// Why an answer ended. `calls` is whether it asks for functions, which the API has no word for.
pub(super) fn read(word: &str, calls: bool) -> Finish {
    match word {
        "STOP" if calls => Finish::Tools,
        "STOP" => Finish::Stop,
        "MAX_TOKENS" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR" => Finish::Filtered,
        other => Finish::Other(other.to_owned()),
    }
}

/// The API's word for why an answer ended.
pub(super) fn said(finish: &Finish) -> &str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::Tools | Finish::Pause => "STOP",
        Finish::Length => "MAX_TOKENS",
        Finish::Filtered | Finish::Refusal => "SAFETY",
        // SDKs know the words of the list and no others.
        Finish::Other(word) if REASONS.contains(&word.as_str()) && !word.is_empty() => word,
        Finish::Other(_) => "OTHER",
    }
}

/// Reports what the API's word does not say. `calls` is whether the answer asks for functions.
pub(super) fn note(finish: &Finish, calls: bool, at: &str, losses: &mut Vec<Loss>) {
    let again = read(said(finish), calls);
    if again != *finish {
        losses.push(Loss::mapped(
            format!("{at}.finish_reason"),
            format!("`{}`", said(finish)),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_come_as_words_and_as_places() {
        assert_eq!(word(&Word::Place(2)), Some("MAX_TOKENS"));
        assert_eq!(word(&Word::Text("STOP".into())), Some("STOP"));
        assert_eq!(word(&Word::Place(0)), None);
        assert_eq!(word(&Word::Place(999)), None);
        assert_eq!(
            (block(&Word::Place(4)), block(&Word::Place(0))),
            ("PROHIBITED_CONTENT", "OTHER")
        );
    }

    #[test]
    fn reasons_survive_a_round_trip_or_mean_the_same() {
        for reason in &REASONS[1..] {
            let finish = read(reason, false);
            assert_eq!(read(said(&finish), false), finish, "{reason}");
        }
        assert_eq!(read("STOP", true), Finish::Tools);
        assert_eq!(said(&Finish::Other("weird".into())), "OTHER");
    }
}
