//! Requests: recorded ones are said again as they were, and read as what they mean.

use gateway_providers::gemini::Gemini;
use gateway_providers::lane::Cap;
use gateway_providers::{ClientDialect, ProviderDialect, Target};
use gateway_types::chat::{Format, Part, Request, Role, Source, ToolChoice, ToolKind};
use gateway_types::{DialectName, Operation, StreamForm};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::golden::{form, model, turns};
use crate::{call, chat, fields, sent, target};

/// The same JSON in one spelling: keys that are Google's own in camel case, lists in the place of single items, bytes in the
/// usual alphabet.
fn spelled(value: &Value, key: &str) -> Value {
    match value {
        Value::Object(members)
            if ["args", "response", "labels", "properties", "$defs", "executableCode"].contains(&key) =>
        {
            Value::Object(members.clone())
        }
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| {
                let key = camel(key);
                let value = spelled(value, &key);
                (key, value)
            });
            Value::Object(members.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| spelled(item, key)).collect()),
        Value::String(text) if key == "data" => {
            Value::from(text.replace('-', "+").replace('_', "/").trim_end_matches('='))
        }
        other => other.clone(),
    }
}

fn camel(key: &str) -> String {
    let mut words = key.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut out, word| {
        let mut letters = word.chars();
        out.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        out.push_str(letters.as_str());
        out
    })
}

/// What a recorded request asks, read.
fn read(body: &bytes::Bytes, stream: Option<StreamForm>) -> Request {
    Gemini.read(&call(Operation::Chat, stream, body.clone())).unwrap()
}

#[test]
fn recorded_requests_pass_with_their_own_bytes() {
    for recording in turns() {
        let Some(body) = recording.asked() else { continue };
        let stream = recording.stream.then(|| form(&recording));
        let call = call(Operation::Chat, stream, body.clone());
        let same = Target {
            model: call.model.clone(),
            ..target("m")
        };
        let wire = Gemini.pass(&call, &same, Cap::Client, &HeaderMap::new()).unwrap();
        let sent = wire.body.concat();
        match serde_json::from_slice::<Value>(&body).unwrap().get("model") {
            None => assert_eq!(sent, body, "{}", recording.id),
            // The model is a declared span.
            Some(_) => assert_eq!(
                sent.len(),
                body.len() - "gemini-2.0-flash".len() + 1,
                "{}",
                recording.id
            ),
        }
        let as_events = wire.uri.query() == Some("alt=sse");
        assert_eq!(as_events, stream == Some(StreamForm::Usual), "{}", recording.id);
    }
}

#[test]
fn recorded_requests_are_said_again_as_they_were() {
    let mut checked = 0;
    for recording in turns() {
        let (Some(body), true) = (recording.asked(), recording.succeeded()) else {
            continue;
        };
        let request = read(&body, recording.stream.then_some(StreamForm::Usual));
        assert_eq!(
            (request.dialect, request.stream),
            (DialectName::Gemini, recording.stream)
        );
        let (sent, losses) = sent(&request, &target(model(&recording)));
        let mut given: Value = serde_json::from_slice(&body).unwrap();
        // The path names it.
        given.as_object_mut().unwrap().remove("model");
        assert_eq!(spelled(&sent, ""), spelled(&given, ""), "{}", recording.id);
        assert!(losses.is_empty(), "{}: {losses:?}", recording.id);
        checked += 1;
    }
    println!("{checked} requests");
}

#[test]
fn recorded_requests_mean_the_same_when_nothing_of_their_spelling_is_left() {
    for recording in turns() {
        let (Some(body), true) = (recording.asked(), recording.succeeded()) else {
            continue;
        };
        let mut request = read(&body, None);
        Gemini.go_abroad(&mut request);
        // As a client of another dialect would have said it.
        request.dialect = DialectName::OpenAi;
        let (sent, _) = sent(&request, &target("gemini-3-pro-preview"));
        let given: Value = serde_json::from_slice(&body).unwrap();
        let (given, sent) = (spelled(&given, ""), spelled(&sent, ""));
        assert_eq!(text(&sent), text(&given), "{}", recording.id);
        assert_eq!(names(&sent), names(&given), "{}", recording.id);
        for key in ["temperature", "maxOutputTokens", "topP", "stopSequences"] {
            assert_eq!(
                sent["generationConfig"][key], given["generationConfig"][key],
                "{}: {key}",
                recording.id
            );
        }
    }
}

/// All texts of the contents in one.
fn text(body: &Value) -> String {
    let contents = body["contents"].as_array().into_iter().flatten();
    let parts = contents.flat_map(|content| content["parts"].as_array().into_iter().flatten());
    parts
        .filter(|part| part["thought"] != true)
        .filter_map(|part| part["text"].as_str())
        .collect()
}

/// The names of functions that are declared, called and answered.
fn names(body: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let declared = list(&body["tools"])
        .into_iter()
        .flat_map(|tool| list(&tool["functionDeclarations"]));
    let parts: Vec<Value> = list(&body["contents"])
        .into_iter()
        .flat_map(|content| list(&content["parts"]))
        .collect();
    let called = parts
        .iter()
        .flat_map(|part| ["functionCall", "functionResponse"].map(|key| part[key]["name"].clone()));
    let all = declared.map(|function| function["name"].clone()).chain(called);
    all.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

#[test]
fn a_cap_is_lowered_in_a_request_that_is_said_again() {
    let request = read(&r#"{"contents":[{"parts":[{"text":"a"}]}],"generation_config":{"max_output_tokens":90,"speechConfig":{"x":1.50}}}"#.into(), None);
    let mut losses = Vec::new();
    let wire = Gemini
        .request(&request, &target("m"), Cap::AtMost(40), &mut losses)
        .unwrap();
    let sent: Value = serde_json::from_slice(&wire.body.concat()).unwrap();
    assert_eq!(
        sent["generationConfig"],
        json!({"maxOutputTokens": 40, "speechConfig": {"x": 1.5}})
    );
}

const EVERYTHING: &str = r#"{
    "system_instruction": {"parts": [{"text": "be brief"}]},
    "contents": [
        {"role": "user", "parts": [
            {"text": "look"},
            {"inline_data": {"mime_type": "image/png", "data": "_-8="}},
            {"fileData": {"fileUri": "https://a/b.mp4", "mimeType": "video/mp4"}, "videoMetadata": {"fps": 2}},
            {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/x", "mimeType": "application/pdf"}}
        ]},
        {"role": "model", "parts": [
            {"text": "hm", "thought": true},
            {"functionCall": {"name": "f", "args": {"a": 1}}, "thoughtSignature": "c2ln"},
            {"functionCall": {"name": "f", "args": {"a": 2}}}
        ]},
        {"role": "user", "parts": [
            {"functionResponse": {"name": "f", "response": {"output": "one"}}},
            {"functionResponse": {"name": "f", "response": {"error": "two"}}}
        ]}
    ],
    "tools": [
        {"functionDeclarations": [
            {"name": "f", "description": "does", "parameters": {"type": "OBJECT", "properties": {"a": {"type": "INTEGER", "nullable": true}}}},
            {"name": "g", "parametersJsonSchema": {"type": "object"}, "behavior": "BLOCKING"}
        ]},
        {"googleSearch": {}}
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f", "g"]}},
    "generationConfig": {
        "temperature": 0.5, "topP": 0.9, "topK": 40.0, "candidateCount": 2, "maxOutputTokens": "100", "stopSequences": ["x"],
        "seed": 7, "presencePenalty": 0.1, "frequencyPenalty": 0.2,
        "responseMimeType": "application/json", "responseSchema": {"type": "STRING"}, "responseModalities": ["TEXT"],
        "thinkingConfig": {"thinkingLevel": "LOW", "includeThoughts": true}, "speechConfig": {"languageCode": "de"}
    },
    "safetySettings": [{"category": 10, "threshold": 3}],
    "cachedContent": "cachedContents/1"
}"#;

#[test]
fn every_member_is_read_as_what_it_means() {
    let mut request = read(&EVERYTHING.into(), None);
    Gemini.go_abroad(&mut request);
    let roles: Vec<Role> = request.messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::System, Role::User, Role::Assistant, Role::User]);
    let [
        Part::Text { .. },
        Part::Image {
            source: Source::Inline { data, .. },
            ..
        },
        Part::Video {
            source: Source::Url(_), ..
        },
        Part::Document {
            source: Source::File(_),
            ..
        },
    ] = &request.messages[1].parts[..]
    else {
        panic!("{:?}", request.messages[1])
    };
    assert_eq!(data, "/+8=");
    let [Part::Reasoning(thought), Part::ToolUse(first), Part::ToolUse(second)] = &request.messages[2].parts[..] else {
        panic!("{:?}", request.messages[2])
    };
    assert_eq!((thought.text.as_str(), first.arguments.as_str()), ("hm", r#"{"a": 1}"#));
    assert_eq!(first.signature.as_ref().unwrap().value, "c2ln");
    let [Part::ToolResult(one), Part::ToolResult(two)] = &request.messages[3].parts[..] else {
        panic!("{:?}", request.messages[3])
    };
    assert_eq!(
        ((&one.id, one.failed), (&two.id, two.failed)),
        ((&first.id, false), (&second.id, true))
    );

    let ToolKind::Function {
        parameters: Some(parameters),
        ..
    } = &request.tools[0].kind
    else {
        panic!()
    };
    assert_eq!(
        parameters.get(),
        r#"{"type":"object","properties":{"a":{"type":["integer","null"]}}}"#
    );
    assert!(matches!(&request.tools[2].kind, ToolKind::Other(own) if own.json.get() == r#"{"googleSearch":{}}"#));
    let names = vec!["f".to_owned(), "g".to_owned()];
    assert_eq!(request.tool_choice, Some(ToolChoice::OneOf { names, required: true }));
    assert_eq!(
        (request.max_output, request.effort.as_deref(), request.show_thinking),
        (Some(100), Some("low"), Some(true))
    );
    assert_eq!(
        (request.sampling.top_k, request.sampling.choices, request.sampling.seed),
        (Some(40), Some(2), Some(7))
    );
    assert!(matches!(&request.format, Some(Format::Schema { schema, .. }) if schema.get() == r#"{"type":"string"}"#));
    let kept: Vec<&str> = request.extras.0.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        kept,
        [
            "tools[1].behavior",
            "generationConfig.speechConfig",
            "safetySettings",
            "cachedContent"
        ]
    );
    assert_eq!(request.messages[1].extras.0[0].0, "parts[2].videoMetadata");
}

#[test]
fn modes_of_calling_have_their_words() {
    for (config, expected) in [
        (r#"{"mode":"AUTO"}"#, Some(ToolChoice::Auto)),
        (r#"{"mode":"none"}"#, Some(ToolChoice::None)),
        (r#"{"mode":"ANY"}"#, Some(ToolChoice::Required)),
        (
            r#"{"mode":"ANY","allowedFunctionNames":["f"]}"#,
            Some(ToolChoice::Tool("f".into())),
        ),
        (r#"{"mode":"VALIDATED"}"#, Some(ToolChoice::Auto)),
        (
            r#"{"mode":"VALIDATED","allowed_function_names":["f"]}"#,
            Some(ToolChoice::OneOf {
                names: vec!["f".into()],
                required: false,
            }),
        ),
        ("{}", None),
    ] {
        let body = format!(r#"{{"contents":[],"toolConfig":{{"functionCallingConfig":{config}}}}}"#);
        let request = Gemini.read(&chat(body)).unwrap();
        assert_eq!(request.tool_choice, expected, "{config}");
        let held = request
            .extras
            .0
            .iter()
            .any(|(key, _)| key == "toolConfig.functionCallingConfig.mode");
        assert_eq!(held, config.contains("VALIDATED"), "{config}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    for (body, param) in [
        (r#"{"contents":[{"role":"tool","parts":[]}]}"#, "contents[0].role"),
        (
            r#"{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png"}}]}]}"#,
            "contents[0].parts[0].inlineData.data",
        ),
        (r#"{"contents":[{"parts":[{"text":5}]}]}"#, "contents[0].parts[0].text"),
        (
            r#"{"contents":[{"parts":[{"text":"a","text":"b"}]}]}"#,
            "contents[0].parts[0].text",
        ),
        (
            r#"{"contents":[],"tools":[{"functionDeclarations":[{}]}]}"#,
            "tools[0].functionDeclarations[0].name",
        ),
        (
            r#"{"contents":[],"generationConfig":{"temperature":"hot"}}"#,
            "generationConfig.temperature",
        ),
        (r#"{"contents":[],"systemInstruction":"be brief"}"#, "systemInstruction"),
    ] {
        let error = Gemini.read(&chat(body)).unwrap_err();
        assert_eq!(
            (error.status(), error.param.as_deref()),
            (400, Some(param)),
            "{body}: {error}"
        );
    }
}

#[test]
fn a_single_item_stands_for_a_list() {
    let body = r#"{"contents":{"role":"user","parts":{"text":"hi"}},"tools":{"functionDeclarations":{"name":"f"}}}"#;
    let request = Gemini.read(&chat(body)).unwrap();
    assert_eq!(
        (
            request.messages.len(),
            request.messages[0].parts.len(),
            request.tools.len()
        ),
        (1, 1, 1)
    );
}

#[test]
fn a_question_how_long_a_request_is_has_all_of_it_inside() {
    let body = format!(r#"{{"generateContentRequest":{EVERYTHING}}}"#);
    let call = call(Operation::CountTokens, None, body);
    let request = Gemini.read(&call).unwrap();
    assert_eq!((request.messages.len(), request.tools.len()), (4, 3));
    let mut losses = Vec::new();
    let wire = Gemini.count(&request, &target("gemini-2.5-pro"), &mut losses).unwrap();
    assert!(wire.uri.path().ends_with("/v1beta/models/gemini-2.5-pro:countTokens"));
    let sent: Value = serde_json::from_slice(&wire.body.concat()).unwrap();
    assert_eq!(sent["generateContentRequest"]["model"], "models/gemini-2.5-pro");
    assert_eq!(
        sent["generateContentRequest"]["tools"][0]["functionDeclarations"][0]["name"],
        "f"
    );
    let wire = Gemini
        .count(&request, &crate::in_cloud("gemini-2.5-pro"), &mut losses)
        .unwrap();
    assert!(
        wire.uri
            .path()
            .ends_with("/publishers/google/models/gemini-2.5-pro:countTokens"),
        "{}",
        wire.uri
    );
    let sent: Value = serde_json::from_slice(&wire.body.concat()).unwrap();
    let mut keys: Vec<&String> = sent.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["contents", "generationConfig", "systemInstruction", "tools"]);
    assert_eq!(fields(&losses), Vec::<&str>::new());
    assert_eq!(Gemini.write_count(5, &call).unwrap(), r#"{"totalTokens":5}"#);
}
