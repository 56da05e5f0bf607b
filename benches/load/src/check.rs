//! Whether an answer is the right one: what the upstream said, in OpenAI's dialect, whole.

use serde_json::Value;

use crate::Failure;
use crate::upstream::{CHUNKS, WORD, WORDS};

/// The answer to a chat, whole or as a stream.
pub(crate) fn chat(body: &[u8], streams: bool) -> Result<(), Failure> {
    let text = std::str::from_utf8(body)?;
    let right = if streams { stream(text)? } else { whole(text)? };
    if right {
        return Ok(());
    }
    let cut = text.char_indices().nth(600).map_or(text.len(), |(at, _)| at);
    Err(format!("not the answer that the upstream gave: {}", &text[..cut]).into())
}

fn whole(text: &str) -> Result<bool, Failure> {
    let answer: Value = serde_json::from_str(text)?;
    let said = &answer["choices"][0];
    Ok(said["message"]["content"] == WORDS && said["finish_reason"] == "stop" && spent(&answer, 27))
}

/// Every word, the reason of the end, what was spent, and the mark of the end.
fn stream(text: &str) -> Result<bool, Failure> {
    let mut lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let marked = lines.pop() == Some("[DONE]");
    let (mut words, mut ended, mut usage) = (0, false, false);
    for line in lines {
        let chunk: Value = serde_json::from_str(line)?;
        let said = &chunk["choices"][0];
        words += usize::from(said["delta"]["content"] == WORD);
        ended |= said["finish_reason"] == "stop";
        usage |= spent(&chunk, 1_000);
    }
    Ok(marked && ended && usage && words == CHUNKS)
}

fn spent(answer: &Value, output: u64) -> bool {
    let usage = &answer["usage"];
    usage["prompt_tokens"] == 210 && usage["completion_tokens"] == output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_answer_passes_and_another_does_not() {
        let right = String::from_utf8(crate::upstream::openai_answer().to_vec()).unwrap();
        chat(right.as_bytes(), false).unwrap();
        chat(right.replace("harbour", "harbor").as_bytes(), false).unwrap_err();
        chat(right.replace(":210", ":211").as_bytes(), false).unwrap_err();
    }

    #[test]
    fn a_stream_that_lacks_a_word_or_its_end_is_wrong() {
        let word = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{WORD}\"}}}}]}}\n\n");
        let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
                   data: {\"choices\":[],\"usage\":{\"prompt_tokens\":210,\"completion_tokens\":1000}}\n\n";
        let right = format!("{}{end}data: [DONE]\n\n", word.repeat(CHUNKS));
        chat(right.as_bytes(), true).unwrap();
        chat(
            format!("{}{end}data: [DONE]\n\n", word.repeat(CHUNKS - 1)).as_bytes(),
            true,
        )
        .unwrap_err();
        chat(right.replace("data: [DONE]\n\n", "").as_bytes(), true).unwrap_err();
    }
}
