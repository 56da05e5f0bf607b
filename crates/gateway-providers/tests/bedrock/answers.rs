//! Whole answers of other dialects, as clients of this one get them.

use gateway_providers::ClientDialect;
use gateway_providers::bedrock::Bedrock;
use gateway_types::chat::{Choice, Extras, Finish, Opaque, Part, Reasoning, Response, Source, ToolUse, Verbatim};
use gateway_types::loss::{Fate, Loss};
use gateway_types::{DialectName, Operation, Usage};
use serde_json::{Value, json};

use crate::STAMP;
use crate::golden::call;

fn written(response: &Response) -> (Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let body = Bedrock.write(
        response,
        &call(Operation::Chat, false, r#"{"messages":[]}"#),
        STAMP,
        &mut losses,
    );
    (serde_json::from_slice(&body).unwrap(), losses)
}

fn answer(parts: Vec<Part>, finish: Finish) -> Response {
    Response {
        id: "x".into(),
        model: "m".into(),
        choices: vec![Choice {
            parts,
            finish: Some(finish),
            logprobs: None,
        }],
        usage: Some(Usage {
            input: 5,
            cache_read: 2,
            cache_write: 3,
            cache_write_hour: 4,
            output: 6,
            ..Usage::default()
        }),
        ..Response::default()
    }
}

fn signed(value: &str) -> Opaque {
    Opaque {
        dialect: DialectName::Anthropic,
        maker: Some(("anthropic".into(), "claude".into())),
        value: value.into(),
    }
}

#[test]
fn an_answer_has_all_that_the_service_model_requires() {
    let (body, losses) = written(&answer(vec![Part::text("hi")], Finish::Stop));
    let usage = json!({
        "inputTokens": 5, "outputTokens": 6, "totalTokens": 20, "cacheReadInputTokens": 2, "cacheWriteInputTokens": 7,
        "cacheDetails": [{"ttl": "1h", "inputTokens": 4}, {"ttl": "5m", "inputTokens": 3}],
    });
    let expected = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": "hi"}]}},
        "stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": 0},
    });
    assert_eq!((body, losses), (expected, vec![]));
    // Without a report it is estimated: clients insist on one.
    let unreported = Response {
        usage: None,
        ..answer(vec![Part::text("hello")], Finish::Length)
    };
    let (body, _) = written(&unreported);
    assert_eq!(
        (&body["usage"]["outputTokens"], &body["stopReason"]),
        (&json!(2), &json!("max_tokens"))
    );
}

#[test]
fn every_piece_has_a_block_or_is_reported() {
    let inline = |media_type: &str| Source::Inline {
        media_type: media_type.into(),
        data: "QUJD".into(),
    };
    let own = |dialect| {
        Part::Other(Verbatim {
            dialect,
            json: serde_json::from_str(r#"{"searchResult":{}}"#).unwrap(),
        })
    };
    let parts = vec![
        Part::Reasoning(Reasoning {
            text: "hm".into(),
            signature: None,
            encrypted: None,
        }),
        Part::Image {
            source: inline("image/png"),
            detail: None,
            cache: None,
        },
        Part::Audio {
            source: inline("audio/wav"),
            transcript: Some("said".into()),
        },
        Part::Audio {
            source: inline("audio/odd"),
            transcript: Some("said".into()),
        },
        Part::Image {
            source: Source::Url("https://a/b.png".into()),
            detail: None,
            cache: None,
        },
        own(DialectName::Bedrock),
        own(DialectName::Gemini),
        Part::ToolUse(ToolUse {
            id: "t".into(),
            name: "f".into(),
            arguments: "cut {".into(),
            ..ToolUse::default()
        }),
        Part::ToolUse(ToolUse {
            id: "u".into(),
            name: "g".into(),
            arguments: String::new(),
            ..ToolUse::default()
        }),
    ];
    let (body, losses) = written(&answer(parts, Finish::Tools));
    let expected = json!([
        {"reasoningContent": {"reasoningText": {"text": "hm"}}},
        {"image": {"format": "png", "source": {"bytes": "QUJD"}}},
        {"audio": {"format": "wav", "source": {"bytes": "QUJD"}}},
        {"text": "said"},
        {"searchResult": {}},
        {"toolUse": {"toolUseId": "t", "name": "f", "input": {"input": "cut {"}}},
        {"toolUse": {"toolUseId": "u", "name": "g", "input": {}}},
    ]);
    assert_eq!(body["output"]["message"]["content"], expected);
    let told: Vec<(&str, Fate)> = losses.iter().map(|loss| (loss.field.as_str(), loss.fate)).collect();
    let reported = [
        ("content[3]", Fate::Emulated),
        ("content[4]", Fate::Dropped),
        ("content[6]", Fate::Dropped),
        ("content[7].input", Fate::Emulated),
    ];
    assert_eq!(told, reported);
}

#[test]
fn what_is_signed_comes_back_as_it_was() {
    let parts = vec![
        Part::Reasoning(Reasoning {
            text: "a".into(),
            signature: Some(signed("s1")),
            encrypted: None,
        }),
        Part::Reasoning(Reasoning {
            text: String::new(),
            signature: None,
            encrypted: Some(signed("s2")),
        }),
        Part::Reasoning(Reasoning {
            text: "b".into(),
            signature: None,
            encrypted: Some(signed("s3")),
        }),
        Part::Text {
            text: String::new(),
            cache: None,
            citations: vec![],
            signature: Some(signed("s4")),
        },
        Part::ToolUse(ToolUse {
            id: "t".into(),
            name: "f".into(),
            arguments: "{}".into(),
            signature: Some(signed("s5")),
            ..ToolUse::default()
        }),
    ];
    let (body, losses) = written(&answer(parts.clone(), Finish::Tools));
    assert_eq!(losses, []);
    let result = json!({"toolResult": {"toolUseId": body["output"]["message"]["content"][4]["toolUse"]["toolUseId"], "content": []}});
    let again = json!({"messages": [body["output"]["message"], {"role": "user", "content": [result]}]}).to_string();
    let request = Bedrock.read(&call(Operation::Chat, false, &again)).unwrap();
    assert_eq!(format!("{:?}", request.messages[0].parts), format!("{parts:?}"));
    let [Part::ToolResult(result)] = &request.messages[1].parts[..] else {
        panic!("{:?}", request.messages[1])
    };
    assert_eq!(result.id, "t");
}

#[test]
fn more_than_the_dialect_has_is_reported() {
    let mut response = answer(vec![Part::text("a")], Finish::StopSequence(Some("END".into())));
    response.choices.push(Choice::default());
    response.choices[0].logprobs = Some(serde_json::from_str("[]").unwrap());
    response.extras = Extras(vec![(
        "system_fingerprint".into(),
        serde_json::from_str("\"fp\"").unwrap(),
    )]);
    let (body, losses) = written(&response);
    assert_eq!(body["additionalModelResponseFields"], json!({"stop_sequence": "END"}));
    let fields: Vec<&str> = losses.iter().map(|loss| loss.field.as_str()).collect();
    assert_eq!(fields, ["choices[1]", "logprobs", "system_fingerprint"]);
}
