//! What models of other dialects answer, written for a Gemini client.

use bytes::Bytes;
use gateway_providers::ClientDialect;
use gateway_providers::gemini::Gemini;
use gateway_types::chat::{
    Choice, Citation, Event, Extras, Finish, Opaque, Part, PartStart, Reasoning, Response, Source, ToolUse, Verbatim,
};
use gateway_types::{DialectName, StreamForm, Usage};
use serde_json::{Value, json};

use crate::{chat, chunks, fields, stamp, written};

fn foreign(value: &str) -> Opaque {
    Opaque {
        dialect: DialectName::Anthropic,
        maker: Some(("anthropic".into(), "claude".into())),
        value: value.into(),
    }
}

fn citation(url: &str, range: Option<(u64, u64)>) -> Citation {
    Citation {
        url: Some(url.into()),
        title: Some("T".into()),
        quote: None,
        range,
        verbatim: Verbatim {
            dialect: DialectName::OpenAi,
            json: serde_json::from_str("{}").unwrap(),
        },
    }
}

fn everything() -> Response {
    let parts = vec![
        Part::Reasoning(Reasoning {
            text: "hm".into(),
            signature: Some(foreign("sig")),
            encrypted: None,
        }),
        Part::Reasoning(Reasoning {
            encrypted: Some(foreign("enc")),
            ..Reasoning::default()
        }),
        Part::Text {
            text: "Né à Paris".into(),
            cache: None,
            citations: vec![citation("https://a", Some((5, 10))), citation("https://b", None)],
            signature: None,
        },
        Part::Image {
            source: Source::Inline {
                media_type: "image/png".into(),
                data: Bytes::from("QUJD"),
            },
            detail: None,
            cache: None,
        },
        Part::Refusal("no".into()),
        Part::ToolUse(ToolUse {
            id: "t".into(),
            name: "f".into(),
            arguments: r#"{"b": 1.0, "a": 2}"#.into(),
            ..ToolUse::default()
        }),
        Part::ToolUse(ToolUse {
            id: "u".into(),
            name: "g".into(),
            arguments: "ls".into(),
            freeform: true,
            ..ToolUse::default()
        }),
        Part::ToolUse(ToolUse {
            id: "v".into(),
            name: "h".into(),
            arguments: "oops".into(),
            ..ToolUse::default()
        }),
        Part::Other(Verbatim {
            dialect: DialectName::Anthropic,
            json: serde_json::from_str(r#"{"type":"x"}"#).unwrap(),
        }),
    ];
    let logprobs = json!({"content": [{"token": "N", "logprob": -0.5, "top_logprobs": []}]});
    Response {
        id: "r".into(),
        model: "claude".into(),
        created: Some(1_700_000_000),
        choices: vec![Choice {
            parts,
            finish: Some(Finish::Tools),
            logprobs: Some(serde_json::from_str(&logprobs.to_string()).unwrap()),
        }],
        usage: Some(Usage {
            input: 1,
            cache_read: 2,
            cache_write: 4,
            output: 8,
            reasoning: 16,
            ..Usage::default()
        }),
        extras: Extras(vec![(
            "system_fingerprint".into(),
            serde_json::from_str("\"fp\"").unwrap(),
        )]),
    }
}

#[test]
fn every_part_has_its_place_or_is_reported() {
    let mut losses = Vec::new();
    let body = Gemini.write(&everything(), &chat(r#"{"contents":[]}"#), stamp(), &mut losses);
    let body: Value = serde_json::from_slice(&body).unwrap();
    let candidate = &body["candidates"][0];
    let parts = candidate["content"]["parts"].as_array().unwrap();
    assert_eq!((&parts[0]["text"], &parts[0]["thought"]), (&json!("hm"), &json!(true)));
    assert!(parts[0]["thoughtSignature"].as_str().unwrap().starts_with("gw1+"));
    assert!(parts[1].get("text").is_none() && parts[1]["thought"] == true);
    assert_eq!(
        parts[2..],
        [
            json!({"text": "Né à Paris"}),
            json!({"inlineData": {"mimeType": "image/png", "data": "QUJD"}}),
            json!({"text": "no"}),
            json!({"functionCall": {"id": "t", "name": "f", "args": {"b": 1.0, "a": 2}}}),
            json!({"functionCall": {"id": "u", "name": "g", "args": {"input": "ls"}}}),
            json!({"functionCall": {"id": "v", "name": "h", "args": {"arguments": "oops"}}}),
        ]
    );
    let support = json!({"segment": {"partIndex": 2, "startIndex": 7, "endIndex": 12, "text": "Paris"}, "groundingChunkIndices": [0]});
    assert_eq!(candidate["groundingMetadata"]["groundingSupports"], json!([support]));
    assert_eq!(
        candidate["groundingMetadata"]["groundingChunks"][1],
        json!({"web": {"uri": "https://b", "title": "T"}})
    );
    assert_eq!(
        candidate["logprobsResult"]["chosenCandidates"][0],
        json!({"token": "N", "logProbability": -0.5})
    );
    assert_eq!(candidate["finishReason"], "STOP");
    assert_eq!(
        (&body["responseId"], &body["modelVersion"]),
        (&json!("r"), &json!("claude"))
    );
    assert_eq!(body["createTime"], "2023-11-14T22:13:20Z");
    let used = json!({"promptTokenCount": 7, "candidatesTokenCount": 8, "totalTokenCount": 31, "cachedContentTokenCount": 2, "thoughtsTokenCount": 16});
    assert_eq!(body["usageMetadata"], used);
    assert_eq!(
        fields(&losses),
        [
            "choices[0].content[4]",
            "choices[0].content[7].arguments",
            "choices[0].content[8]",
            "system_fingerprint",
            "usage.cache_write"
        ]
    );
}

/// The events of a stream that says what [`everything`] does, as far as streams do.
fn events() -> Vec<Event> {
    let (choice, mut events) = (0, Vec::new());
    events.push(Event::Start {
        id: "r".into(),
        model: "claude".into(),
        created: None,
    });
    let start = |part, start| Event::PartStart { choice, part, start };
    let delta = |part, text: &str| Event::Delta {
        choice,
        part,
        text: text.into(),
    };
    let end = |part| Event::PartEnd { choice, part };
    events.extend([start(0, PartStart::Reasoning), delta(0, "h"), delta(0, "m")]);
    events.extend([
        Event::Signature {
            choice,
            part: 0,
            signature: foreign("sig"),
        },
        end(0),
    ]);
    events.extend([start(1, PartStart::Encrypted(foreign("enc"))), end(1)]);
    events.extend([
        start(2, PartStart::Text),
        delta(2, "Né à "),
        delta(2, ""),
        delta(2, "Paris"),
    ]);
    events.extend([
        Event::Citation {
            choice,
            part: 2,
            citation: citation("https://a", Some((5, 10))),
        },
        end(2),
    ]);
    let tool = PartStart::ToolUse {
        id: "t".into(),
        name: "f".into(),
        freeform: false,
    };
    events.extend([start(3, tool), delta(3, "{\n \"a\":"), delta(3, "1\r\n\r\n}")]);
    events.extend([
        Event::Signature {
            choice,
            part: 3,
            signature: foreign("call"),
        },
        end(3),
    ]);
    events.push(Event::Finish {
        choice,
        finish: Finish::Length,
    });
    events.push(Event::Usage(Usage {
        input: 3,
        output: 4,
        ..Usage::default()
    }));
    events.push(Event::End);
    events
}

#[test]
fn a_stream_says_text_as_it_comes_and_calls_when_they_are_whole() {
    for form in [StreamForm::Usual, StreamForm::Array] {
        let (stream, losses) = written(&events(), form);
        assert!(losses.is_empty(), "{losses:?}");
        let chunks = chunks(&stream);
        let parts: Vec<&Value> = chunks
            .iter()
            .map(|chunk| &chunk["candidates"][0]["content"]["parts"][0])
            .collect();
        let texts: Vec<Option<&str>> = parts.iter().map(|part| part["text"].as_str()).collect();
        assert_eq!(
            texts,
            [
                Some("h"),
                Some("m"),
                Some(""),
                None,
                Some("Né à "),
                Some("Paris"),
                None,
                Some("")
            ]
        );
        assert_eq!(
            parts[6]["functionCall"],
            json!({"id": "t", "name": "f", "args": {"a": 1}})
        );
        for signed in [2, 3, 6] {
            assert!(
                parts[signed]["thoughtSignature"].as_str().unwrap().starts_with("gw1+"),
                "{signed}"
            );
        }
        let last = &chunks[7];
        assert_eq!(last["candidates"][0]["finishReason"], "MAX_TOKENS");
        assert_eq!(last["usageMetadata"]["totalTokenCount"], 7);
        let support = &last["candidates"][0]["groundingMetadata"]["groundingSupports"][0];
        assert_eq!(
            support["segment"],
            json!({"partIndex": 2, "startIndex": 7, "endIndex": 12, "text": "Paris"})
        );
        assert!(
            chunks
                .iter()
                .all(|chunk| chunk["modelVersion"] == "claude" && chunk["responseId"] == "r")
        );
    }
}

#[test]
fn an_error_ends_a_stream_so_that_sdks_raise_it() {
    let error = gateway_types::Error::new(gateway_types::ErrorKind::UpstreamOverloaded, "busy");
    let begun: Vec<Event> = events()
        .into_iter()
        .take(3)
        .chain([Event::Error(error), Event::End])
        .collect();
    let (stream, _) = written(&begun, StreamForm::Usual);
    let text = String::from_utf8(stream).unwrap();
    let (_, ending) = text.split_once("{\"error\"").unwrap();
    let (bare, event) = ending.trim_end().split_once("\r\n\r\ndata: {\"error\"").unwrap();
    assert_eq!(bare, event);
    assert!(
        bare.starts_with(r#":{"code":503,"message":"busy","status":"UNAVAILABLE""#),
        "{bare}"
    );
    let (stream, _) = written(&begun, StreamForm::Array);
    let chunks: Vec<Value> = serde_json::from_slice(&stream).unwrap();
    assert_eq!(chunks.last().unwrap()["error"]["code"], 503);
}

#[test]
fn the_list_of_models_is_googles() {
    let listed = gateway_providers::dialect::Listed {
        id: "gpt-4o".into(),
        provider: "openai".into(),
    };
    let list: Value = serde_json::from_slice(&Gemini.write_models(std::slice::from_ref(&listed), 0)).unwrap();
    assert_eq!(list["models"][0]["name"], "models/gpt-4o");
    let one: Value = serde_json::from_slice(&Gemini.write_model(&listed, 0)).unwrap();
    assert_eq!(one, list["models"][0]);
}
