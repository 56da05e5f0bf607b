//! Sound, pictures, sources and probabilities of answers: read from vendors, written for clients, whole and streamed.

use bytes::Bytes;
use gateway_providers::openai::OpenAi;
use gateway_providers::{ClientDialect, ProviderDialect};
use gateway_types::DialectName;
use gateway_types::chat::{
    Choice, Citation, Event, Finish, Opaque, Part, PartStart, Response, Source, ToolUse, Verbatim,
};
use gateway_types::loss::Loss;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::answer::chunks;
use crate::{STAMP, asked, at, chat, fields, json, streamed, target};

fn response(message: Value) -> Response {
    let body = json!({"id": "x", "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]});
    OpenAi
        .response(body.to_string().as_bytes(), &at("openrouter", "m"), STAMP)
        .unwrap()
}

fn written(parts: Vec<Part>) -> (Value, Vec<Loss>) {
    let response = Response {
        id: "x".into(),
        model: "m".into(),
        choices: vec![Choice {
            parts,
            finish: Some(Finish::Stop),
            logprobs: None,
        }],
        ..Response::default()
    };
    let mut losses = Vec::new();
    let body = OpenAi.write(&response, &streamed(true), STAMP, &mut losses);
    (json(&body)["choices"][0]["message"].clone(), losses)
}

fn events(stream: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut reader = OpenAi.reader(&target(asked(), "m"), STAMP);
    reader.feed(stream.as_bytes(), &mut events).unwrap();
    reader.finish(&mut events).unwrap();
    events
}

fn stream(deltas: &[Value]) -> String {
    let chunk = |delta: &Value, finish: Value| {
        format!(
            "data: {}\n\n",
            json!({"id": "x", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
        )
    };
    let all: String = deltas.iter().map(|delta| chunk(delta, Value::Null)).collect();
    format!("{all}{}data: [DONE]\n\n", chunk(&json!({}), "stop".into()))
}

fn spoken(events: &[Event]) -> (Value, Vec<Loss>) {
    let mut writer = OpenAi.writer(&streamed(true), STAMP);
    let (mut out, mut losses) = (Vec::new(), Vec::new());
    for event in events {
        writer.write(event, &mut out, &mut losses);
    }
    let chunks = chunks(std::str::from_utf8(&out).unwrap());
    (
        chunks.into_iter().map(|chunk| chunk["choices"][0].clone()).collect(),
        losses,
    )
}

#[test]
fn sound_is_heard_whole_and_in_pieces_and_said_again() {
    let whole = response(
        json!({"role": "assistant", "content": null, "audio": {"id": "a", "data": "T2dnUw==", "transcript": "beep", "expires_at": 1}}),
    );
    let [Part::Audio { source, transcript }] = &whole.choices[0].parts[..] else {
        panic!("{whole:?}")
    };
    let ogg = Source::Inline {
        media_type: "audio/ogg".into(),
        data: Bytes::from("T2dnUw=="),
    };
    assert_eq!((source, transcript.as_deref()), (&ogg, Some("beep")));
    let (message, losses) = written(whole.choices[0].parts.clone());
    let audio = &message["audio"];
    assert_eq!(
        (audio["data"].as_str(), audio["transcript"].as_str()),
        (Some("T2dnUw=="), Some("beep"))
    );
    assert!(audio["id"].is_string() && audio["expires_at"].is_i64() && losses.is_empty());

    // Each piece is coded by itself.
    let streamed = stream(&[
        json!({"role": "assistant", "audio": {"id": "a", "transcript": "be"}}),
        json!({"audio": {"data": "T2dn"}}),
        json!({"audio": {"data": "Uw=="}}),
        json!({"audio": {"transcript": "ep", "expires_at": 1}}),
    ]);
    let events = events(&streamed);
    let whole = events.iter().find_map(|event| match event {
        Event::PartStart {
            start: PartStart::Whole(Part::Audio { source, transcript }),
            ..
        } => Some((source.clone(), transcript.clone())),
        _ => None,
    });
    assert_eq!(whole, Some((ogg, Some("beep".into()))));
    let (choices, losses) = spoken(&events);
    let said = choices
        .as_array()
        .unwrap()
        .iter()
        .find(|choice| choice["delta"]["audio"].is_object())
        .unwrap();
    assert_eq!(said["delta"]["audio"]["data"], "T2dnUw==");
    assert!(losses.is_empty());
}

#[test]
fn sound_without_end_or_sense_is_the_providers_fault() {
    let mut reader = OpenAi.reader(&target(asked(), "m"), STAMP);
    let broken = stream(&[json!({"audio": {"data": "!!"}})]);
    reader.feed(broken.as_bytes(), &mut Vec::new()).unwrap_err();
    let megabyte = stream(&[json!({"audio": {"data": "A".repeat(1024 * 1024)}})]);
    let frame = megabyte.split_inclusive("\n\n").next().unwrap();
    let mut reader = OpenAi.reader(&target(asked(), "m"), STAMP);
    let refused = (0..100).find_map(|_| reader.feed(frame.as_bytes(), &mut Vec::new()).err());
    assert!(refused.unwrap().message.contains("bytes of sound"));
}

#[test]
fn pictures_of_models_are_seen_and_shown() {
    let image = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}});
    let whole = response(json!({"role": "assistant", "content": "here", "images": [image]}));
    assert!(matches!(
        &whole.choices[0].parts[1],
        Part::Image {
            source: Source::Inline { .. },
            ..
        }
    ));
    let (message, _) = written(whole.choices[0].parts.clone());
    assert_eq!(message["images"], json!([image]));

    let events = events(&stream(&[json!({"content": "here"}), json!({"images": [image]})]));
    let (choices, _) = spoken(&events);
    let shown = choices
        .as_array()
        .unwrap()
        .iter()
        .any(|choice| choice["delta"]["images"] == json!([image]));
    assert!(shown, "{choices}");
}

#[test]
fn sources_are_cited_with_their_place() {
    let annotation = json!({"type": "url_citation", "url_citation": {"url": "https://a", "title": "A", "content": "q", "start_index": 2, "end_index": 5}});
    let whole = response(json!({"role": "assistant", "content": "abcdef", "annotations": [annotation]}));
    let Part::Text { citations, .. } = &whole.choices[0].parts[0] else {
        panic!("{whole:?}")
    };
    let cited = &citations[0];
    assert_eq!(
        (cited.url.as_deref(), cited.title.as_deref(), cited.quote.as_deref()),
        (Some("https://a"), Some("A"), Some("q"))
    );
    assert_eq!(cited.range, Some((2, 5)));
    let (message, losses) = written(whole.choices[0].parts.clone());
    assert_eq!((&message["annotations"], losses.len()), (&json!([annotation]), 0));
}

/// A citation of another dialect.
fn foreign(url: Option<&str>, range: Option<(u64, u64)>) -> Citation {
    Citation {
        url: url.map(Into::into),
        title: None,
        quote: Some("q".into()),
        range,
        verbatim: Verbatim {
            dialect: DialectName::Anthropic,
            json: RawValue::from_string("{}".into()).unwrap(),
        },
    }
}

#[test]
fn citations_of_others_become_annotations_of_the_whole_text() {
    let cited = |text: &str, citations: Vec<Citation>| Part::Text {
        text: text.into(),
        cache: None,
        citations,
        signature: None,
    };
    let parts = vec![
        Part::text("äöü"),
        cited(
            "defg",
            vec![
                foreign(Some("https://a"), None),
                foreign(Some("https://b"), Some((1, 2))),
                foreign(None, None),
            ],
        ),
    ];
    let (message, losses) = written(parts);
    let place = |n: usize| {
        let citation = &message["annotations"][n]["url_citation"];
        (
            citation["url"].as_str(),
            citation["start_index"].as_u64(),
            citation["end_index"].as_u64(),
        )
    };
    assert_eq!(place(0), (Some("https://a"), Some(3), Some(7)));
    assert_eq!(place(1), (Some("https://b"), Some(4), Some(5)));
    assert_eq!(fields(&losses), ["choices[0].message.annotations"]);

    let text = |part: u32, text: &str| Event::Delta {
        choice: 0,
        part,
        text: text.into(),
    };
    let start = |part| Event::PartStart {
        choice: 0,
        part,
        start: PartStart::Text,
    };
    let events = [
        start(0),
        text(0, "äöü"),
        Event::PartEnd { choice: 0, part: 0 },
        start(1),
        Event::Citation {
            choice: 0,
            part: 1,
            citation: foreign(Some("https://a"), None),
        },
        text(1, "defg"),
        Event::PartEnd { choice: 0, part: 1 },
    ];
    let (choices, _) = spoken(&events);
    let last = choices.as_array().unwrap().last().unwrap()["delta"]["annotations"][0]["url_citation"].clone();
    assert_eq!(
        (last["start_index"].as_u64(), last["end_index"].as_u64()),
        (Some(3), Some(7))
    );
}

#[test]
fn perplexitys_sources_are_cited_once() {
    let chunk = |delta: Value, finish: Value| {
        let source = json!([{"title": "A", "url": "https://a", "snippet": "s", "date": null}]);
        json!({"id": "x", "model": "sonar", "citations": ["https://a"], "search_results": source,
            "choices": [{"index": 0, "delta": delta, "message": {"role": "assistant", "content": "all"}, "finish_reason": finish}]})
    };
    let stream = format!(
        "data: {}\n\ndata: {}\n\n",
        chunk(json!({"content": "Yes[1]"}), Value::Null),
        chunk(json!({"content": "."}), "stop".into())
    );
    let cited: Vec<Citation> = events(&stream)
        .into_iter()
        .filter_map(|event| match event {
            Event::Citation { citation, .. } => Some(citation),
            _ => None,
        })
        .collect();
    assert_eq!(cited.len(), 1);
    assert_eq!(
        (cited[0].url.as_deref(), cited[0].quote.as_deref()),
        (Some("https://a"), Some("s"))
    );
    let bare = json!({"id": "x", "model": "sonar", "citations": ["https://a", "https://b"],
        "choices": [{"index": 0, "message": {"content": "Yes"}, "finish_reason": "stop"}]});
    let whole = OpenAi
        .response(bare.to_string().as_bytes(), &at("perplexity", "sonar"), STAMP)
        .unwrap();
    let (message, losses) = written(whole.choices[0].parts.clone());
    assert_eq!(message["annotations"][1]["url_citation"]["url"], "https://b");
    assert!(losses.is_empty());
}

#[test]
fn probabilities_come_along() {
    let logprobs =
        json!({"content": [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}], "refusal": null});
    let chunk = json!({"id": "x", "model": "m", "choices": [{"index": 0, "delta": {"content": "a"}, "logprobs": logprobs, "finish_reason": null}]});
    let events = events(&format!("data: {chunk}\n\n"));
    let (choices, losses) = spoken(&events);
    assert!(
        choices
            .as_array()
            .unwrap()
            .iter()
            .any(|choice| choice["logprobs"] == logprobs),
        "{choices}"
    );
    assert!(losses.is_empty());
}

#[test]
fn what_only_the_vendor_has_is_kept_for_clients_of_the_dialect() {
    let whole = response(json!({"role": "assistant", "content": "a", "executed_tools": [{"index": 0}], "empty": null}));
    let Part::Other(own) = &whole.choices[0].parts[1] else {
        panic!("{whole:?}")
    };
    assert_eq!(
        (own.dialect, own.json.get()),
        (DialectName::OpenAi, r#"{"executed_tools":[{"index":0}]}"#)
    );
    let (message, losses) = written(whole.choices[0].parts.clone());
    assert_eq!((&message["executed_tools"], losses.len()), (&json!([{"index": 0}]), 0));
    let events = events(&stream(&[
        json!({"content": "a", "provider_metadata": 1}),
        json!({"provider_metadata": 2}),
    ]));
    let (choices, _) = spoken(&events);
    let said: Vec<&Value> = choices
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| &choice["delta"]["provider_metadata"])
        .filter(|raw| !raw.is_null())
        .collect();
    assert_eq!(said, [&json!(2)], "the last of a name counts");
}

#[test]
fn what_signs_a_call_travels_in_its_id_and_comes_back_to_its_maker() {
    let signature = Opaque {
        dialect: DialectName::Gemini,
        maker: Some(("gemini".into(), "gemini-3-pro".into())),
        value: "thought".into(),
    };
    let use_of = |signature: Option<Opaque>| {
        Part::ToolUse(ToolUse {
            id: "call_1".into(),
            name: "f".into(),
            arguments: "{}".into(),
            signature,
            ..ToolUse::default()
        })
    };
    let (message, _) = written(vec![use_of(Some(signature.clone()))]);
    let id = message["tool_calls"][0]["id"].as_str().unwrap().to_owned();
    let back = chat(
        json!({"model": "m", "messages": [{"role": "assistant", "tool_calls": message["tool_calls"]}]}).to_string(),
    );
    let request = OpenAi.read(&back).unwrap();
    let Part::ToolUse(tool) = &request.messages[0].parts[0] else {
        panic!("a call")
    };
    assert_eq!(
        (tool.id.as_str(), tool.signature.as_ref()),
        ("call_1", Some(&signature))
    );

    // Streamed, the signature comes behind the arguments at the latest.
    for late in [false, true] {
        let signed = Event::Signature {
            choice: 0,
            part: 0,
            signature: signature.clone(),
        };
        let delta = Event::Delta {
            choice: 0,
            part: 0,
            text: "{}".into(),
        };
        let start = Event::PartStart {
            choice: 0,
            part: 0,
            start: PartStart::ToolUse {
                id: "call_1".into(),
                name: "f".into(),
                freeform: false,
            },
        };
        let (first, second) = if late { (delta, signed) } else { (signed, delta) };
        let (choices, losses) = spoken(&[start, first, second, Event::PartEnd { choice: 0, part: 0 }]);
        let calls: Vec<&Value> = choices
            .as_array()
            .unwrap()
            .iter()
            .map(|choice| &choice["delta"]["tool_calls"][0])
            .filter(|call| !call.is_null())
            .collect();
        assert_eq!(calls[0]["id"], id.as_str(), "{late}");
        let arguments: String = calls
            .iter()
            .filter_map(|call| call["function"]["arguments"].as_str())
            .collect();
        assert_eq!((arguments.as_str(), losses.len()), ("{}", 0), "{late}");
    }

    // What Google's models sign when they are asked in this dialect has a place of its own.
    let own = response(
        json!({"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"},
        "extra_content": {"google": {"thought_signature": "s"}}}]}),
    );
    let (message, _) = written(own.choices[0].parts.clone());
    assert_eq!(
        message["tool_calls"][0]["extra_content"]["google"]["thought_signature"],
        "s"
    );
    assert_eq!(message["tool_calls"][0]["id"], "c");
}

#[test]
fn the_text_of_others_keeps_what_they_signed_of_it() {
    let signature = Opaque {
        dialect: DialectName::Gemini,
        maker: Some(("gemini".into(), "gemini-3-pro".into())),
        value: "of the text".into(),
    };
    let signed = Part::Text {
        text: "so".into(),
        cache: None,
        citations: Vec::new(),
        signature: Some(signature.clone()),
    };
    let (message, losses) = written(vec![signed]);
    let back = chat(json!({"model": "m", "messages": [message]}).to_string());
    let request = OpenAi.read(&back).unwrap();
    let [Part::Text { signature: found, .. }] = &request.messages[0].parts[..] else {
        panic!("{request:?}")
    };
    assert_eq!((found.as_ref(), losses.len()), (Some(&signature), 0));
}
