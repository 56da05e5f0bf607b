//! What clients write, in the vocabulary.

use bytes::Bytes;
use gateway_providers::ClientDialect;
use gateway_providers::openai::OpenAi;
use gateway_providers::seal;
use gateway_types::DialectName;
use gateway_types::chat::{CacheMark, Format, Message, Opaque, Part, Role, Source, ToolChoice, ToolKind};

use crate::{chat, read};

fn messages(messages: &str) -> Vec<Message> {
    read(&format!(r#""messages":[{messages}]"#)).messages
}

#[test]
fn roles_and_tools_become_turns() {
    let messages = messages(
        r#"{"role":"developer","content":"be brief"},
           {"role":"user","name":"ann","content":"weather?"},
           {"role":"assistant","content":"","tool_calls":[{"id":"call_1","type":"function","function":{"name":"w","arguments":"{\"a\":1}"}}]},
           {"role":"tool","tool_call_id":"call_1","name":"w","content":[{"type":"text","text":"rain"}]},
           {"role":"assistant","content":null,"function_call":{"name":"old","arguments":{"b":2}}},
           {"role":"function","name":"old","content":"done"}"#,
    );
    assert_eq!(messages.len(), 6);
    assert_eq!(
        (messages[0].role, messages[1].name.as_deref()),
        (Role::System, Some("ann"))
    );
    let Part::ToolUse(call) = &messages[2].parts[0] else {
        panic!("a call")
    };
    assert_eq!(
        (call.id.as_str(), call.name.as_str(), call.arguments.as_str()),
        ("call_1", "w", "{\"a\":1}")
    );
    let Part::ToolResult(result) = &messages[3].parts[0] else {
        panic!("a result")
    };
    assert_eq!((result.id.as_str(), result.name.as_deref()), ("call_1", Some("w")));
    assert!(matches!(&result.parts[..], [Part::Text { text, .. }] if text == "rain"));
    let Part::ToolUse(old) = &messages[4].parts[0] else {
        panic!("a call")
    };
    assert_eq!((old.id.as_str(), old.arguments.as_str()), ("old", "{\"b\":2}"));
    let Part::ToolResult(result) = &messages[5].parts[0] else {
        panic!("a result")
    };
    assert_eq!(result.id, "old");
}

#[test]
fn media_are_known_in_every_spelling() {
    let [message] = &messages(
        r#"{"role":"user","x":1,"content":[
            {"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD","detail":"low"},"cache_control":{"type":"ephemeral","ttl":"1h"}},
            {"image_url":"https://a/b.png","type":"image_url"},
            {"type":"input_audio","input_audio":{"data":"QUJD","format":"wav"}},
            {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QUJD"},"y":2},
            {"type":"file","file":{"file_id":"file-1"}},
            {"type":"video_url","video_url":{"url":"https://a/b.mp4"}},
            {"type":"text","text":"look","prompt_cache_breakpoint":{"mode":"explicit"}},
            {"type":"hologram","hologram":{}}]}"#,
    )[..] else {
        panic!("one message")
    };
    let inline = |media_type: &str| Source::Inline {
        media_type: media_type.into(),
        data: Bytes::from("QUJD"),
    };
    let [
        Part::Image {
            source: png,
            detail,
            cache,
        },
        Part::Image { source: url, .. },
        Part::Audio { source: wav, .. },
        Part::Document { source: pdf, name, .. },
        Part::Document { source: file, .. },
        Part::Video { source: film, .. },
        Part::Text { cache: broken, .. },
        Part::Other(hologram),
    ] = &message.parts[..]
    else {
        panic!("{message:?}")
    };
    assert_eq!(
        (png, wav, pdf),
        (&inline("image/png"), &inline("audio/wav"), &inline("application/pdf"))
    );
    assert_eq!((detail.as_deref(), name.as_deref()), (Some("low"), Some("a.pdf")));
    assert_eq!(cache, &Some(CacheMark { ttl: Some("1h".into()) }));
    assert_eq!(broken, &Some(CacheMark { ttl: None }));
    assert_eq!(
        (url, file),
        (&Source::Url("https://a/b.png".into()), &Source::File("file-1".into()))
    );
    assert_eq!(film, &Source::Url("https://a/b.mp4".into()));
    assert_eq!(hologram.json.get(), r#"{"type":"hologram","hologram":{}}"#);
    let kept: Vec<&str> = message.extras.0.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(kept, ["x", "content[3].y"]);
}

#[test]
fn the_rest_of_a_request_is_read_and_what_is_unknown_kept() {
    let request = read(
        r#""messages":[],"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},"fallbacks":["x"],
            "max_completion_tokens":5,"max_tokens":9,"stop":"end","temperature":0.5,"seed":-1,"n":2,"reasoning_effort":"low",
            "thinking":{"type":"enabled","budget_tokens":99},
            "tools":[{"type":"function","function":{"name":"f","parameters":{"b":1,"a":2},"late":true},"cache_control":{"type":"ephemeral"}},
                     {"type":"custom","custom":{"name":"patch","format":{"type":"text"}}},
                     {"type":"web_search"}],
            "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[
                {"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"patch"}}]}},
            "parallel_tool_calls":false,
            "response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"z":1,"y":2},"strict":true}},
            "logit_bias":{"5":1.0},"user":"ann""#,
    );
    assert_eq!(
        (request.max_output, request.stop.as_slice(), request.stream),
        (Some(5), &["end".to_owned()][..], true)
    );
    let sampling = &request.sampling;
    assert_eq!(
        (sampling.temperature, sampling.seed, sampling.choices),
        (Some(0.5), Some(-1), Some(2))
    );
    let thinking = (
        request.effort.as_deref(),
        request.thinking_budget,
        request.user.as_deref(),
    );
    assert_eq!(thinking, (Some("low"), Some(99), Some("ann")));
    let chosen = ToolChoice::OneOf {
        names: vec!["f".into(), "patch".into()],
        required: true,
    };
    assert_eq!(
        (request.tool_choice, request.parallel_tools),
        (Some(chosen), Some(false))
    );
    assert!(
        matches!(&request.tools[0].kind, ToolKind::Function { parameters: Some(given), .. } if given.get() == r#"{"b":1,"a":2}"#)
    );
    assert!(request.tools[0].cache.is_some());
    assert!(matches!(&request.tools[1].kind, ToolKind::Custom { format: Some(_) }));
    assert!(matches!(&request.tools[2].kind, ToolKind::Other(_)) && request.tools[2].name == "web_search");
    assert!(matches!(&request.format, Some(Format::Schema { schema, .. }) if schema.get() == r#"{"z":1,"y":2}"#));
    let kept: Vec<(&str, &str)> = request
        .extras
        .0
        .iter()
        .map(|(key, raw)| (key.as_str(), raw.get()))
        .collect();
    let expected = [
        ("stream_options", r#"{"include_obfuscation":false}"#),
        ("tools[0].function.late", "true"),
        ("logit_bias", r#"{"5":1.0}"#),
    ];
    assert_eq!(kept, expected);
}

#[test]
fn thinking_is_asked_for_in_every_vendors_way() {
    let asked = |members: &str| {
        let request = read(&format!(r#""messages":[],{members}"#));
        (
            request.effort,
            request.thinking_budget,
            request.show_thinking,
            request.extras.0.len(),
        )
    };
    let effort = |word: &str| Some(word.to_owned());
    assert_eq!(
        asked(r#""reasoning":{"effort":"high","exclude":true}"#),
        (effort("high"), None, Some(false), 0)
    );
    assert_eq!(asked(r#""reasoning":{"max_tokens":2000}"#), (None, Some(2000), None, 0));
    assert_eq!(
        asked(r#""reasoning":{"enabled":true}"#),
        (effort("medium"), None, None, 0)
    );
    assert_eq!(
        asked(r#""reasoning":{"enabled":false}"#),
        (effort("none"), None, None, 0)
    );
    assert_eq!(
        asked(r#""thinking":{"type":"disabled"}"#),
        (effort("none"), None, None, 0)
    );
    assert_eq!(asked(r#""thinking":{"type":"enabled"}"#), (None, None, None, 1));
    assert_eq!(asked(r#""thinking":null"#), (None, None, None, 0));
}

#[test]
fn what_another_dialects_model_signed_comes_back_out_of_ids_and_details() {
    let signed = |value: &str| Opaque {
        dialect: DialectName::Gemini,
        maker: Some(("gemini".into(), "gemini-3-pro".into())),
        value: value.into(),
    };
    let (call, text) = (signed("of the call"), signed("of the text"));
    let id = seal::into_id("call_1", &call);
    let sealed = seal::seal(&text);
    let messages = messages(&format!(
        r#"{{"role":"assistant","content":"so","tool_calls":[{{"id":"{id}","type":"function","function":{{"name":"f","arguments":"{{}}"}}}}],
             "reasoning_details":[{{"type":"reasoning.encrypted","id":"content","data":"{sealed}"}}]}},
           {{"role":"tool","tool_call_id":"{id}","content":"x"}}"#
    ));
    let [Part::Text { signature, .. }, Part::ToolUse(tool)] = &messages[0].parts[..] else {
        panic!("{messages:?}")
    };
    assert_eq!((signature, &tool.signature), (&Some(text), &Some(call)));
    let Part::ToolResult(result) = &messages[1].parts[0] else {
        panic!("a result")
    };
    assert_eq!((tool.id.as_str(), result.id.as_str()), ("call_1", "call_1"));
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    for (body, param) in [
        (
            r#""messages":[{"role":"user","content":"a"},{"role":"king","content":"b"}]"#,
            "messages[1].role",
        ),
        (r#""messages":[{"content":"a"}]"#, "messages[0].role"),
        (
            r#""messages":[{"role":"tool","content":"a"}]"#,
            "messages[0].tool_call_id",
        ),
        (
            r#""messages":[{"role":"user","content":[{"type":"text"}]}]"#,
            "messages[0].content[0].text",
        ),
        (
            r#""messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]"#,
            "messages[0].content[0].image_url.url",
        ),
        (r#""messages":[{"role":"user","content":5}]"#, "messages[0].content"),
        (
            r#""messages":[{"role":"user","tool_calls":[{"id":"a","function":{"name":"f"}}]}]"#,
            "messages[0]",
        ),
        (
            r#""messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f"}}]}]"#,
            "messages[0].tool_calls[0].id",
        ),
        (r#""messages":[],"tools":[{"type":"function"}]"#, "tools[0].function"),
        (
            r#""messages":[],"tools":[{"type":"custom","custom":{}}]"#,
            "tools[0].custom.name",
        ),
        (r#""messages":[],"temperature":"hot""#, "temperature"),
        (
            r#""messages":[],"response_format":{"type":"json_schema"}"#,
            "response_format.json_schema",
        ),
        (r#""messages":[],"user":"a","user":"b""#, "user"),
        (
            r#""messages":[],"tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[{}]}}"#,
            "tool_choice.allowed_tools.tools[0]",
        ),
    ] {
        let error = OpenAi.read(&chat(format!(r#"{{"model":"m",{body}}}"#))).unwrap_err();
        assert_eq!((error.status(), error.param.as_deref()), (400, Some(param)), "{error}");
    }
}
