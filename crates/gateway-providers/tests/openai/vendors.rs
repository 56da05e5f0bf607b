//! Requests from another dialect, in the words that each vendor has for them; what it has none for is reported.

use bytes::Bytes;
use gateway_providers::lane::Cap;
use gateway_providers::openai::OpenAi;
use gateway_providers::{ProviderDialect, seal};
use gateway_types::DialectName;
use gateway_types::chat::{
    CacheMark, Citation, Extras, Format, Message, Opaque, Part, Reasoning, Request, Role, Source, Tool, ToolChoice,
    ToolKind, ToolResult, ToolUse, Verbatim,
};
use gateway_types::loss::{Fate, Loss};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::{at, fields, json};

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.into()).unwrap()
}

fn asked(messages: Vec<Message>) -> Request {
    Request {
        messages,
        ..Request::new(DialectName::Anthropic)
    }
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        name: None,
        parts,
        extras: Extras::default(),
    }
}

fn said_by(request: &Request, kind: &str, model: &str, cap: Cap) -> (Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let wire = OpenAi.request(request, &at(kind, model), cap, &mut losses).unwrap();
    (json(&wire.body.concat()), losses)
}

fn said(request: &Request, kind: &str) -> (Value, Vec<Loss>) {
    said_by(request, kind, "served", Cap::Client)
}

fn inline(media_type: &str) -> Source {
    Source::Inline {
        media_type: media_type.into(),
        data: Bytes::from("QUJD"),
    }
}

fn result(id: &str, parts: Vec<Part>) -> Part {
    Part::ToolResult(ToolResult {
        id: id.into(),
        parts,
        failed: true,
        ..ToolResult::default()
    })
}

#[test]
fn results_of_tools_become_messages_before_what_the_user_adds() {
    let user = vec![
        result("a", vec![Part::text("1")]),
        Part::text("and now?"),
        result("b", vec![Part::text("2")]),
    ];
    let (body, losses) = said(&asked(vec![message(Role::User, user)]), "vllm");
    let expected = json!([
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
        {"role": "user", "content": "and now?"},
    ]);
    assert_eq!(body["messages"], expected);
    assert_eq!(
        fields(&losses),
        ["messages[0].content[0].is_error", "messages[0].content[2].is_error"]
    );
}

#[test]
fn a_picture_that_a_tool_returns_is_brought_by_the_user() {
    let picture = Part::Image {
        source: inline("image/png"),
        detail: None,
        cache: None,
    };
    let user = vec![
        result("a", vec![Part::text("see"), picture]),
        result("b", vec![Part::text("2")]),
    ];
    let (body, losses) = said(&asked(vec![message(Role::User, user)]), "openai");
    let roles: Vec<&str> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["tool", "tool", "user"]);
    assert_eq!(body["messages"][0]["content"], "see");
    let brought = &body["messages"][2]["content"];
    assert_eq!(brought[1]["image_url"]["url"], "data:image/png;base64,QUJD");
    assert!(
        losses
            .iter()
            .any(|loss| loss.fate == Fate::Emulated && loss.field == "messages[0].content[0]")
    );
}

#[test]
fn media_go_as_this_dialect_has_them() {
    let document = |source: Source, name: Option<&str>| Part::Document {
        source,
        name: name.map(Into::into),
        cache: None,
        extras: Extras::default(),
    };
    let parts = vec![
        Part::Image {
            source: inline("image/png"),
            detail: Some("low".into()),
            cache: None,
        },
        Part::Audio {
            source: inline("audio/mpeg"),
            transcript: None,
        },
        document(inline("application/pdf"), Some("a.pdf")),
        document(Source::Text("plain".into()), None),
        document(Source::Url("https://a/b.pdf".into()), None),
        document(Source::File("file_011".into()), None),
        Part::Video {
            source: Source::Url("https://a/b.mp4".into()),
            cache: None,
        },
    ];
    let (body, losses) = said(&asked(vec![message(Role::User, parts)]), "openai");
    let expected = json!([
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD", "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "mp3"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"}},
        {"type": "text", "text": "plain"},
    ]);
    assert_eq!(body["messages"][0]["content"], expected);
    assert_eq!(
        fields(&losses),
        [
            "messages[0].content[4]",
            "messages[0].content[5]",
            "messages[0].content[6]"
        ]
    );
}

#[test]
fn the_cap_goes_by_the_word_that_the_vendor_knows() {
    let request = Request {
        max_output: Some(100),
        stream: true,
        ..asked(Vec::new())
    };
    let capped = |request: &Request, kind, cap| said_by(request, kind, "served", cap).0;
    assert_eq!(capped(&request, "openai", Cap::AtMost(50))["max_completion_tokens"], 50);
    assert_eq!(capped(&request, "vllm", Cap::AtMost(500))["max_tokens"], 100);
    let open = asked(Vec::new());
    assert_eq!(capped(&open, "vllm", Cap::AtMost(7))["max_tokens"], 7);
    assert!(capped(&open, "vllm", Cap::Client).get("max_tokens").is_none());
    assert_eq!(
        capped(&request, "vllm", Cap::Client)["stream_options"]["include_usage"],
        true
    );
    assert!(capped(&request, "mistral", Cap::Client).get("stream_options").is_none());
}

#[test]
fn what_cannot_be_said_is_reported() {
    let marked = Part::Text {
        text: "a".into(),
        cache: Some(CacheMark { ttl: None }),
        citations: Vec::new(),
        signature: None,
    };
    let own = |json: &str| Verbatim {
        dialect: DialectName::Anthropic,
        json: raw(json),
    };
    let cited = Part::Text {
        text: "b".into(),
        cache: None,
        citations: vec![Citation {
            url: None,
            title: None,
            quote: None,
            range: None,
            verbatim: own("{}"),
        }],
        signature: None,
    };
    let request = Request {
        tools: vec![Tool {
            name: "web_search".into(),
            description: None,
            kind: ToolKind::Other(own(r#"{"type":"web_search_20250305","name":"web_search"}"#)),
            cache: None,
        }],
        tool_choice: Some(ToolChoice::Required),
        extras: Extras(vec![("container".into(), raw("\"c\""))]),
        stop: ["1", "2", "3", "4", "5"].map(Into::into).to_vec(),
        sampling: gateway_types::chat::Sampling {
            top_k: Some(5),
            temperature: Some(0.5),
            ..Default::default()
        },
        ..asked(vec![
            message(Role::System, vec![marked]),
            message(Role::Assistant, vec![cited, Part::Other(own("{}"))]),
        ])
    };
    let (body, losses) = said_by(&request, "openai", "gpt-4o", Cap::Client);
    for unsaid in ["tools", "tool_choice", "top_k", "container"] {
        assert!(body.get(unsaid).is_none(), "{unsaid}");
    }
    assert_eq!(
        (body["stop"].as_array().unwrap().len(), body["temperature"].as_f64()),
        (4, Some(0.5))
    );
    let expected = [
        "container",
        "messages[0].content[0].cache_control",
        "messages[1].content[0].citations",
        "messages[1].content[1]",
        "stop",
        "tool_choice",
        "tools[0]",
        "top_k",
    ];
    assert_eq!(fields(&losses), expected);
    // Where prefixes are cached by themselves, a mark that is not said costs nothing.
    assert!(
        losses
            .iter()
            .all(|loss| loss.field.ends_with("cache_control") == (loss.fate == Fate::Mapped))
    );
}

#[test]
fn models_that_think_are_spared_what_they_refuse() {
    let request = Request {
        effort: Some("high".into()),
        sampling: gateway_types::chat::Sampling {
            temperature: Some(0.2),
            top_p: Some(1.0),
            ..Default::default()
        },
        ..asked(Vec::new())
    };
    let (body, losses) = said_by(&request, "openai", "o3", Cap::Client);
    assert_eq!(
        (body["reasoning_effort"].as_str(), body.get("temperature")),
        (Some("high"), None)
    );
    assert_eq!(fields(&losses), ["temperature"]);
    let (body, losses) = said_by(&request, "openai", "gpt-4o", Cap::Client);
    assert_eq!(
        (body.get("reasoning_effort"), body["temperature"].as_f64()),
        (None, Some(0.2))
    );
    assert_eq!(fields(&losses), ["reasoning_effort"]);
}

#[test]
fn thinking_is_asked_for_in_each_vendors_words() {
    let effort = |word: &str| Request {
        effort: Some(word.into()),
        ..asked(Vec::new())
    };
    let budget = Request {
        thinking_budget: Some(16_000),
        max_output: Some(20_000),
        show_thinking: Some(false),
        ..asked(Vec::new())
    };
    let of = |request: &Request, kind: &str, model: &str| said_by(request, kind, model, Cap::Client).0;
    assert_eq!(of(&effort("medium"), "deepseek", "m")["thinking"]["type"], "enabled");
    assert_eq!(of(&effort("medium"), "deepseek", "m")["reasoning_effort"], "high");
    assert_eq!(of(&effort("none"), "deepseek", "m")["thinking"]["type"], "disabled");
    assert_eq!(of(&effort("low"), "moonshot", "m")["thinking"]["type"], "enabled");
    assert_eq!(
        of(&effort("low"), "openrouter", "m")["reasoning"],
        json!({"effort": "low"})
    );
    assert_eq!(
        of(&budget, "openrouter", "m")["reasoning"],
        json!({"max_tokens": 16_000, "exclude": true})
    );
    assert_eq!(of(&budget, "openai", "o3")["reasoning_effort"], "high");
    assert_eq!(
        of(&effort("minimal"), "groq", "openai/gpt-oss-120b")["reasoning_effort"],
        "low"
    );
    assert!(
        of(&effort("low"), "groq", "llama-3.3-70b")
            .get("reasoning_effort")
            .is_none()
    );
    assert_eq!(
        of(&effort("low"), "mistral", "magistral-medium")["reasoning_effort"],
        "high"
    );
    assert_eq!(of(&effort("low"), "xai", "grok-3-mini")["reasoning_effort"], "low");
    assert!(of(&effort("low"), "xai", "grok-4").get("reasoning_effort").is_none());
    let (_, losses) = said(&budget, "vllm");
    assert_eq!(fields(&losses), ["show_thinking", "thinking_budget"]);
}

/// An assistant that thought, called a tool, and is asked on.
fn thought(signature: Option<Opaque>) -> Request {
    let reasoning = Part::Reasoning(Reasoning {
        text: "hm".into(),
        signature,
        encrypted: None,
    });
    let call = Part::ToolUse(ToolUse {
        id: "toolu_01A09q90qw90lq917835lq9abcdefghijklmnop".into(),
        name: "w".into(),
        arguments: "{}".into(),
        ..ToolUse::default()
    });
    let answer = result("toolu_01A09q90qw90lq917835lq9abcdefghijklmnop", vec![Part::text("ok")]);
    asked(vec![
        message(Role::Assistant, vec![reasoning, Part::text("so"), call]),
        message(Role::User, vec![answer]),
    ])
}

#[test]
fn thinking_goes_back_where_the_vendor_wants_it() {
    let turn = |kind: &str| said(&thought(None), kind).0["messages"][0].clone();
    assert_eq!(turn("deepseek")["reasoning_content"], "hm");
    assert_eq!(turn("groq")["reasoning"], "hm");
    assert_eq!(turn("openrouter")["reasoning"], "hm");
    let pieces =
        json!([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "so"}]);
    assert_eq!(turn("mistral")["content"], pieces);
    let own = turn("openai");
    assert!(own.get("reasoning_content").is_none() && own.get("reasoning").is_none());
    assert!(fields(&said(&thought(None), "openai").1).contains(&"messages[0].content[0]"));
}

#[test]
fn a_proof_goes_to_its_maker_and_to_nobody_else() {
    let there = at("openrouter", "served");
    let made = seal::open(&seal::seal(&Opaque {
        dialect: DialectName::OpenAi,
        maker: Some((there.provider.clone(), there.model.clone())),
        value: r#"{"type":"reasoning.text","signature":"s","format":"anthropic-claude-v1","index":0}"#.into(),
    }));
    let (body, losses) = said(&thought(made.clone()), "openrouter");
    let expected = json!([{"type": "reasoning.text", "text": "hm", "signature": "s", "format": "anthropic-claude-v1", "index": 0}]);
    assert_eq!(body["messages"][0]["reasoning_details"], expected);
    assert_eq!(fields(&losses), ["messages[1].content[0].is_error"]);

    let (body, losses) = said_by(&thought(made), "openrouter", "another", Cap::Client);
    assert!(body["messages"][0].get("reasoning_details").is_none());
    assert_eq!(body["messages"][0]["reasoning"], "hm");
    assert!(fields(&losses).contains(&"messages[0].content[0]"));
}

#[test]
fn ids_of_calls_are_made_to_fit() {
    for (kind, length, plain) in [("mistral", 9, true), ("openai", 40, false)] {
        let (body, _) = said(&thought(None), kind);
        let call = body["messages"][0]["tool_calls"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(call.len(), length, "{kind}");
        assert_eq!(call.bytes().all(|byte| byte.is_ascii_alphanumeric()), plain, "{kind}");
        assert_eq!(body["messages"][1]["tool_call_id"], call, "{kind}");
    }
    let (body, _) = said(&thought(None), "vllm");
    assert!(
        body["messages"][0]["tool_calls"][0]["id"]
            .as_str()
            .unwrap()
            .starts_with("toolu_")
    );
}

#[test]
fn a_schema_is_told_in_words_where_it_cannot_be_enforced() {
    let request = Request {
        format: Some(Format::Schema {
            name: "s".into(),
            description: None,
            schema: raw(r#"{"type":"object"}"#),
            strict: Some(true),
        }),
        ..asked(vec![message(Role::User, vec![Part::text("hi")])])
    };
    let (body, losses) = said(&request, "deepseek");
    assert_eq!(body["response_format"], json!({"type": "json_object"}));
    assert!(
        body["messages"][0]["content"]
            .as_str()
            .unwrap()
            .ends_with(r#"{"type":"object"}"#)
    );
    assert_eq!(
        (losses[0].field.as_str(), losses[0].fate),
        ("response_format", Fate::Emulated)
    );
    let (body, losses) = said(&request, "vllm");
    assert_eq!(body["response_format"]["json_schema"]["strict"], true);
    assert!(losses.is_empty());
}

#[test]
fn fields_of_other_dialects_go_where_they_have_a_counterpart() {
    let request = Request {
        user: Some("ann".into()),
        extras: Extras(vec![
            ("metadata".into(), raw(r#"{"a":"b"}"#)),
            ("store".into(), raw("false")),
            ("top_logprobs".into(), raw("3")),
            ("text.verbosity".into(), raw("\"low\"")),
            ("include".into(), raw("[]")),
        ]),
        sampling: gateway_types::chat::Sampling {
            seed: Some(4),
            ..Default::default()
        },
        ..Request::new(DialectName::Responses)
    };
    let (body, losses) = said_by(&request, "openai", "gpt-4o", Cap::Client);
    let expected = json!({"model": "gpt-4o", "messages": [], "seed": 4, "user": "ann", "metadata": {"a": "b"}, "store": false,
        "logprobs": true, "top_logprobs": 3, "verbosity": "low"});
    assert_eq!((body, fields(&losses)), (expected, vec!["include"]));
    let (body, losses) = said(&request, "mistral");
    assert_eq!(
        (body["random_seed"].as_u64(), body.get("user"), body.get("store")),
        (Some(4), None, None)
    );
    assert_eq!(fields(&losses), ["include", "metadata", "text.verbosity", "user"]);
}

#[test]
fn marks_are_said_to_who_obeys_them() {
    let marked = Part::Text {
        text: "long".into(),
        cache: Some(CacheMark { ttl: Some("1h".into()) }),
        citations: Vec::new(),
        signature: None,
    };
    let (body, losses) = said(&asked(vec![message(Role::System, vec![marked])]), "openrouter");
    let expected = json!([{"type": "text", "text": "long", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]);
    assert_eq!(body["messages"][0]["content"], expected);
    assert!(losses.is_empty());
}
