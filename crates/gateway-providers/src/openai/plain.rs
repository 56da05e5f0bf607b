//! A whole answer of the plain kind, read in one pass: texts, why they ended, what was used. Whatever else an answer may
//! hold is left to [`Answer`](super::wire::Answer), which knows all of it.

use gateway_types::json::{Cursor, Kind, ScanError};

use super::usage::{Count, WireUsage};
use crate::json::literal_len;
use crate::lane::Observed;

/// What is to be known of a plain answer; none where only the full reader can tell.
pub(super) fn observed(body: &[u8]) -> Option<Observed> {
    let mut at = Cursor::new(std::str::from_utf8(body).ok()?);
    let mut seen = Observed {
        done: true,
        ..Observed::default()
    };
    let mut chosen = false;
    at.object(|key, at| match &*key {
        "choices" => {
            chosen = true;
            at.array(|_, at| choice(at, &mut seen))
        }
        "model" => word(at, &mut seen.model),
        "usage" => {
            seen.usage = usage(at)?.map(|usage| usage.classes());
            Ok(())
        }
        "error" => nothing(at),
        _ => Ok(()),
    })
    .and_then(|()| Ok(at.end()?))
    .ok()?;
    seen.content = seen.output_bytes > 0;
    chosen.then_some(seen)
}

/// Something that is not of the plain kind, or not well-formed.
struct Other;

impl From<ScanError> for Other {
    fn from(_: ScanError) -> Self {
        Self
    }
}

fn choice(at: &mut Cursor<'_>, seen: &mut Observed) -> Result<(), Other> {
    let mut finish = None;
    at.object(|key, at| match &*key {
        "message" => message(at, &mut seen.output_bytes),
        "finish_reason" => word(at, &mut finish),
        "delta" | "text" => nothing(at),
        _ => Ok(()),
    })?;
    seen.finish = seen.finish.take().or(finish);
    Ok(())
}

fn message(at: &mut Cursor<'_>, output_bytes: &mut u64) -> Result<(), Other> {
    at.object(|key, at| match &*key {
        "content" | "refusal" if at.kind() == Some(Kind::String) => {
            *output_bytes += literal_len(at.raw()?.as_bytes());
            Ok(())
        }
        "content" | "refusal" | "reasoning_content" | "reasoning" | "tool_calls" | "function_call" | "audio"
        | "images" => nothing(at),
        _ => Ok(()),
    })
}

/// What was used, where that is told in whole numbers; else the full reader of usages is asked.
fn usage(at: &mut Cursor<'_>) -> Result<Option<WireUsage>, Other> {
    let start = at.clone();
    let mut usage = WireUsage::default();
    let counted = at.object(|name, at| match &*name {
        "prompt_tokens_details" => counts(at, &mut usage, WireUsage::count_of_prompt),
        "completion_tokens_details" => counts(at, &mut usage, WireUsage::count_of_completion),
        // Other words for these, and what is said in other units.
        "input_tokens_details"
        | "input_token_details"
        | "output_tokens_details"
        | "output_token_details"
        | "seconds"
        | "cost"
        | "cost_in_usd_ticks"
        | "is_byok" => nothing(at),
        name => usage.count(name).map_or(Ok(()), |place| count(at, place)),
    });
    if counted.is_ok() {
        return Ok(Some(usage));
    }
    *at = start;
    Ok(serde_json::from_str::<Option<WireUsage>>(at.raw()?).ok().flatten())
}

fn counts(
    at: &mut Cursor<'_>,
    usage: &mut WireUsage,
    place: for<'u> fn(&'u mut WireUsage, &str) -> Option<&'u mut Count>,
) -> Result<(), Other> {
    at.object(|name, at| place(usage, &name).map_or(Ok(()), |place| count(at, place)))
}

fn count(at: &mut Cursor<'_>, place: &mut Count) -> Result<(), Other> {
    *place = Count::of(at.raw()?.parse().map_err(|_| Other)?);
    Ok(())
}

/// A string; a value of another kind is as none.
fn word(at: &mut Cursor<'_>, into: &mut Option<String>) -> Result<(), Other> {
    if at.kind() == Some(Kind::String) {
        *into = Some(at.text()?.into_owned());
    }
    Ok(())
}

/// A member that says nothing.
fn nothing(at: &mut Cursor<'_>) -> Result<(), Other> {
    match at.raw()? {
        "null" => Ok(()),
        _ => Err(Other),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::super::observe::read;
    use super::*;

    /// What was seen, as far as it can differ.
    fn facts(seen: &Observed) -> String {
        format!("{seen:?}")
    }

    fn same(body: &str) -> bool {
        let plain = observed(body.as_bytes());
        if let Some(plain) = &plain {
            let full = read(&Bytes::from(body.to_owned())).unwrap_or_else(|error| panic!("{body}: {error}"));
            assert_eq!(facts(plain), facts(&full), "{body}");
        }
        plain.is_some()
    }

    #[test]
    fn plain_answers_are_seen_as_the_full_reader_sees_them() {
        for body in [
            r#"{"id":"1","object":"chat.completion","created":1,"model":"m\u0031","choices":[{"index":0,"message":{"role":"assistant","content":"gr\u00fcn","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":9,"prompt_tokens_details":{"cached_tokens":1}},"x":{"y":[1e999]}}"#,
            r#" {"choices":[{"message":{"content":null,"refusal":"no"}},{"message":{"content":"b"},"finish_reason":"length"}],"usage":null,"error":null} "#,
            r#"{"choices":[],"model":5,"usage":"none"}"#,
            r#"{"choices":[{"finish_reason":7,"delta":null}],"usage":{"prompt_tokens":-1,"x":{"y":null}}}"#,
            r#"{"choices":[],"usage":{"cost":0.25,"is_byok":false,"cost_in_usd_ticks":null}}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":30,"cached_tokens":3,"prompt_tokens_details":null,"total_tokens":1.5}}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":30,"completion_tokens":20,"total_tokens":50,"prompt_tokens_details":{"cached_tokens":7,"audio_tokens":2,"text_tokens":"?"},"completion_tokens_details":{"reasoning_tokens":4,"image_tokens":null},"input_tokens_details":{"cached_tokens":9}}}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":30,"prompt_tokens":31,"x":{"prompt_tokens":4}}}"#,
        ] {
            assert!(same(body), "{body}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_full_reader() {
        for body in [
            "",
            "{}",
            "[]",
            r#"{"choices":[]"#,
            r#"{"choices":[]}}"#,
            r#"{"choices":[],"choices":[]}"#,
            r#"{"choices":null}"#,
            r#"{"choices":{}}"#,
            r#"{"choices":[[]]}"#,
            r#"{"choices":[],"error":{"message":"x"}}"#,
            r#"{"choices":[{"text":"x"}]}"#,
            r#"{"choices":[{"delta":{},"message":{"content":"x"}}]}"#,
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"x"}]}}]}"#,
            r#"{"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]}"#,
            r#"{"choices":[{"message":{"reasoning":"x"}}]}"#,
            r#"{"choices":[],"model":"\ud800"}"#,
        ] {
            assert!(observed(body.as_bytes()).is_none(), "{body}");
        }
        assert!(observed(b"{\"choices\":[],\"x\":\"\xff\"}").is_none());
    }

    #[derive(serde::Deserialize)]
    struct Recording {
        response: Recorded,
    }

    #[derive(serde::Deserialize)]
    struct Recorded {
        body_json: Option<Box<serde_json::value::RawValue>>,
    }

    /// Whatever was recorded of anybody, and many of them are plain.
    #[test]
    fn recorded_answers_are_seen_as_the_full_reader_sees_them() {
        let folder = std::env::var_os("GATEWAY_RECORDINGS").map_or_else(
            || std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings"),
            std::path::PathBuf::from,
        );
        let Ok(providers) = std::fs::read_dir(&folder) else {
            return;
        };
        let folders = providers
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir());
        let plain = folders
            .flat_map(|folder| std::fs::read_dir(folder).unwrap())
            .filter_map(|file| serde_json::from_slice::<Recording>(&std::fs::read(file.unwrap().path()).unwrap()).ok())
            .filter_map(|recording| recording.response.body_json)
            .filter(|json| same(json.get()))
            .count();
        assert!(plain > 10, "{plain}");
    }

    /// A value of an answer, of the kinds that vendors have and of some that none has.
    fn value() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "null",
            "\"x\"",
            "\"\"",
            "\"\\n\\u00e9\"",
            "\"\\ud800\"",
            "5",
            "-1",
            "2.5",
            "true",
            "[]",
            "{}",
            "[1]",
            "{\"content\":\"a\"}",
            "{\"content\":null,\"refusal\":\"b\"}",
            "{\"tool_calls\":[]}",
            "{\"prompt_tokens\":3,\"total_tokens\":5}",
            "{\"cost\":{\"total_cost\":1}}",
            "1e999",
            "nul",
        ])
    }

    proptest! {
        #[test]
        fn no_answer_is_seen_otherwise_than_in_full(
            top in prop::collection::vec((prop::sample::select(vec!["id", "model", "usage", "error", "x"]), value()), 0..4),
            inner in prop::collection::vec(
                (prop::sample::select(vec!["message", "message", "finish_reason", "delta", "text", "index", "x"]), value()), 0..4),
        ) {
            let members = |pairs: &[(&str, &str)]| {
                pairs.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect::<Vec<_>>().join(",")
            };
            let mut body = format!("{{\"choices\":[{{{}}}]", members(&inner));
            if !top.is_empty() {
                body.push(',');
                body.push_str(&members(&top));
            }
            body.push('}');
            same(&body);
        }
    }
}
