//! What else clients of Ollama ask a server: which models there are, what one of them can do, which version it is.
//!
//! Pure bodies, for whoever answers `GET /api/tags`, `POST /api/show`, `GET /api/version` and `GET /api/ps`. The command line
//! and chat windows ask for all four before they send a turn; SDKs for none of them.

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use gateway_types::{Call, DialectName, Wall};

use super::decode::Shape;
use super::read::asks_nothing;
use super::wire::{Head, done};
use crate::json::Out;
use crate::stamp::Stamp;

/// The version of the API that is spoken here: the one in which token probabilities came. Some clients want a newer one than
/// the first with tools.
pub const VERSION: &str = "0.12.11";

/// `GET /api/version`.
pub fn version() -> Bytes {
    object(|out| out.member("version", VERSION))
}

/// `GET /api/tags`: the models of those names, as of `at`.
///
/// What is on no disk has no size; its digest is that of its name, since clients show one and tell models apart by it.
pub fn tags<'a>(names: impl IntoIterator<Item = &'a str>, at: Wall) -> Bytes {
    object(|out| {
        out.array("models", |out| {
            for name in names {
                out.item_object(|out| {
                    out.member("name", name);
                    out.member("model", name);
                    out.member("modified_at", at.rfc3339());
                    out.member("size", 0);
                    out.member("digest", hex(digest(&SHA256, name.as_bytes()).as_ref()));
                    out.inner("details", details);
                });
            }
        });
    })
}

/// `GET /api/ps`: no model is in the gateway's own memory.
pub fn running() -> Bytes {
    object(|out| out.array("models", |_| {}))
}

/// What is known of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The most tokens of a conversation, where known.
    pub context_length: Option<u64>,
    /// Whether it calls tools.
    pub tools: bool,
    /// Whether it looks at pictures.
    pub vision: bool,
    /// Whether it thinks before it answers.
    pub thinking: bool,
    /// Whether it makes vectors and nothing else.
    pub embedding: bool,
}

impl Shown {
    /// A model of which nothing is known: what can be asked for is said, since clients do not ask for what is not, and whether
    /// it can is for its provider to say. Thinking is not among it: clients ask for that unbidden.
    pub const PASSED_ON: Self = Self {
        context_length: None,
        tools: true,
        vision: true,
        thinking: false,
        embedding: false,
    };
}

/// `POST /api/show`: what is known of the model of that name, as of `at`.
pub fn show(name: &str, shown: Shown, at: Wall) -> Bytes {
    let able = [
        ("completion", !shown.embedding),
        ("embedding", shown.embedding),
        ("tools", shown.tools),
        ("vision", shown.vision),
        ("thinking", shown.thinking),
    ];
    object(|out| {
        out.member("modelfile", "");
        out.member("parameters", "");
        out.member("template", "");
        out.inner("details", details);
        out.inner("model_info", |out| {
            out.member("general.architecture", ARCHITECTURE);
            out.member("general.basename", name);
            out.maybe(&format!("{ARCHITECTURE}.context_length"), shown.context_length);
        });
        out.member(
            "capabilities",
            able.iter()
                .filter(|(_, able)| *able)
                .map(|(word, _)| *word)
                .collect::<Vec<_>>(),
        );
        out.member("modified_at", at.rfc3339());
    })
}

/// The word under which clients look for a model's figures.
const ARCHITECTURE: &str = "gateway";

/// The answer to a turn that asks for nothing but its model to be loaded or unloaded, as the command line does before the
/// first; none where something is asked, or in another dialect. The gateway has no model to load: it is always there.
pub fn loaded(call: &Call, stamp: Stamp) -> Option<Bytes> {
    // Where a body's members stand is known to its own dialect alone.
    if call.dialect != DialectName::Ollama || !asks_nothing(call) {
        return None;
    }
    let head = Head {
        shape: Shape::of(call),
        model: call.model.as_str().to_owned(),
        created_at: stamp.at.rfc3339(),
    };
    Some(object(|out| head.write(out, "", |_| {}, |out| done(out, "load", None))))
}

/// What a model file would say of itself.
fn details(out: &mut Out<'_>) {
    for key in ["parent_model", "format", "family"] {
        out.member(key, "");
    }
    out.array("families", |_| {});
    for key in ["parameter_size", "quantization_level"] {
        out.member(key, "");
    }
}

fn object(members: impl FnOnce(&mut Out<'_>)) -> Bytes {
    let mut body = Vec::new();
    Out::object(&mut body, members);
    Bytes::from(body)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_types::{Asked, Operation};
    use serde_json::Value;

    fn json(bytes: &Bytes) -> Value {
        serde_json::from_slice(bytes).unwrap()
    }

    #[test]
    fn models_are_listed_with_what_clients_show() {
        let list = json(&tags(["openai/gpt-4o", "a"], Wall::from_millis(0)));
        let first = &list["models"][0];
        assert_eq!(
            (first["name"].as_str(), first["model"].as_str()),
            (Some("openai/gpt-4o"), Some("openai/gpt-4o"))
        );
        assert_eq!(first["modified_at"], "1970-01-01T00:00:00.000Z");
        assert_eq!(first["digest"].as_str().map(str::len), Some(64));
        assert_ne!(first["digest"], list["models"][1]["digest"]);
        assert_eq!(json(&running())["models"], serde_json::json!([]));
        assert_eq!(json(&version())["version"], VERSION);
    }

    #[test]
    fn what_a_model_can_do_is_said_in_the_words_that_clients_look_for() {
        let shown = Shown {
            context_length: Some(128_000),
            tools: true,
            ..Shown::default()
        };
        let body = json(&show("m", shown, Wall::from_millis(0)));
        assert_eq!(body["capabilities"], serde_json::json!(["completion", "tools"]));
        let architecture = body["model_info"]["general.architecture"].as_str().unwrap();
        assert_eq!(body["model_info"][format!("{architecture}.context_length")], 128_000);
    }

    #[test]
    fn a_turn_that_asks_nothing_is_answered_at_once() {
        let stamp = Stamp {
            at: Wall::from_millis(0),
            seed: 1,
        };
        let call = |operation, body: &'static str| {
            super::super::decode::decode(&Asked::plain(operation), Bytes::from_static(body.as_bytes())).unwrap()
        };
        let chat = json(&loaded(&call(Operation::Chat, r#"{"model":"m","messages":[ ]}"#), stamp).unwrap());
        assert_eq!(
            (chat["done"].as_bool(), chat["done_reason"].as_str()),
            (Some(true), Some("load"))
        );
        assert_eq!(chat["message"]["content"], "");
        let generate = json(&loaded(&call(Operation::Completions, r#"{"model":"m"}"#), stamp).unwrap());
        assert_eq!(generate["response"], "");
        assert!(loaded(&call(Operation::Completions, r#"{"model":"m","prompt":"p"}"#), stamp).is_none());
        assert!(loaded(&call(Operation::Embeddings, r#"{"model":"m","input":""}"#), stamp).is_none());
    }

    #[test]
    fn nobody_elses_turn_is_taken_for_one_that_asks_nothing() {
        use gateway_types::DialectName as Dialect;
        let stamp = Stamp {
            at: Wall::from_millis(0),
            seed: 1,
        };
        let asked = |operation| Asked {
            model: Some("m".to_owned()),
            ..Asked::plain(operation)
        };
        let openai = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
        for (dialect, operation, body) in [
            (Dialect::OpenAi, Operation::Chat, openai),
            (Dialect::OpenAi, Operation::Chat, r#"{"model":"m","messages":[]}"#),
            (
                Dialect::OpenAi,
                Operation::Completions,
                r#"{"model":"m","prompt":"hi"}"#,
            ),
            (
                Dialect::Gemini,
                Operation::Chat,
                r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#,
            ),
            (
                Dialect::Bedrock,
                Operation::Chat,
                r#"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#,
            ),
        ] {
            let client = crate::client_dialect(dialect);
            let call = client
                .decode(&asked(operation), Bytes::from_static(body.as_bytes()))
                .unwrap();
            assert!(loaded(&call, stamp).is_none(), "{dialect} {body}");
        }
    }
}
