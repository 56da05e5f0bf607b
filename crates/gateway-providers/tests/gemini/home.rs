//! What clients of other dialects ask, said in Google's words.

use gateway_providers::{client_dialect, kind};
use gateway_types::loss::Fate;
use gateway_types::{Asked, DialectName, Operation};
use serde_json::{Value, json};

use crate::{fields, in_cloud, sent, target};

/// A chat completion's body as it goes to a model, and the losses.
fn openai(model: &str, body: Value) -> (Value, Vec<gateway_types::loss::Loss>) {
    said(DialectName::OpenAi, &target(model), body)
}

fn said(
    dialect: DialectName,
    target: &gateway_providers::Target,
    mut body: Value,
) -> (Value, Vec<gateway_types::loss::Loss>) {
    body["model"] = json!("m");
    let client = client_dialect(dialect);
    let call = client
        .decode(&Asked::plain(Operation::Chat), body.to_string().into())
        .unwrap();
    let mut request = client.read(&call).unwrap();
    client.go_abroad(&mut request);
    sent(&request, target)
}

fn asks(mut more: Value) -> Value {
    more["messages"] = json!([{"role": "user", "content": "hi"}]);
    more
}

#[test]
fn roles_are_put_together_as_the_api_wants_them() {
    let (sent, losses) = openai(
        "gemini-2.5-flash",
        json!({"messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "a"},
            {"role": "user", "content": "b"},
            {"role": "assistant", "content": "c", "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}},
                {"id": "2", "type": "function", "function": {"name": "g", "arguments": ""}}
            ]},
            {"role": "tool", "tool_call_id": "1", "content": "one"},
            {"role": "tool", "tool_call_id": "2", "content": "{\"two\":2}"},
            {"role": "user", "content": "and?"},
            {"role": "system", "content": "still brief"}
        ]}),
    );
    assert_eq!(
        sent["systemInstruction"],
        json!({"parts": [{"text": "be brief"}, {"text": "still brief"}]})
    );
    assert_eq!(
        sent["contents"],
        json!([
            {"role": "user", "parts": [{"text": "a"}, {"text": "b"}]},
            {"role": "model", "parts": [
                {"text": "c"},
                {"functionCall": {"id": "1", "name": "f", "args": {"x": 1}}},
                {"functionCall": {"id": "2", "name": "g", "args": {}}}
            ]},
            {"role": "user", "parts": [
                {"functionResponse": {"id": "1", "name": "f", "response": {"output": "one"}}},
                {"functionResponse": {"id": "2", "name": "g", "response": {"two": 2}}}
            ]},
            {"role": "user", "parts": [{"text": "and?"}]}
        ])
    );
    assert_eq!(fields(&losses), ["messages[7]"]);
}

#[test]
fn a_call_made_elsewhere_is_marked_where_the_model_would_look_for_its_signature() {
    let call = |id: &str| json!({"role": "assistant", "tool_calls": [{"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}}]});
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "x"});
    let body = json!({"messages": [
        {"role": "user", "content": "a"}, call("1"), result("1"), {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"}, call("2"), result("2"), call("3"), result("3")
    ]});
    let (sent, losses) = openai("gemini-3-flash-preview", body.clone());
    let marks: Vec<bool> = sent["contents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|content| content["parts"][0].get("thoughtSignature").is_some())
        .collect();
    // Only the turn that goes on is looked at.
    assert_eq!(marks, [false, false, false, false, false, true, false, true, false]);
    assert_eq!(
        sent["contents"][5]["parts"][0]["thoughtSignature"],
        "skip_thought_signature_validator"
    );
    assert_eq!(
        fields(&losses),
        ["messages[5].content[0].signature", "messages[7].content[0].signature"]
    );
    let (sent, losses) = openai("gemini-2.5-flash", body);
    assert!(losses.is_empty() && !sent.to_string().contains("thoughtSignature"));
}

#[test]
fn media_go_as_bytes_or_as_addresses() {
    let (sent, losses) = openai(
        "gemini-2.5-flash",
        json!({"messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
            {"type": "image_url", "image_url": {"url": "https://a/b.webp?x", "detail": "high"}},
            {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "wav"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"}}
        ]}]}),
    );
    assert_eq!(
        sent["contents"][0]["parts"],
        json!([
            {"inlineData": {"mimeType": "image/png", "data": "QUJD"}},
            {"fileData": {"fileUri": "https://a/b.webp?x", "mimeType": "image/webp"}},
            {"inlineData": {"mimeType": "audio/wav", "data": "QUJD"}},
            {"inlineData": {"mimeType": "application/pdf", "data": "QUJD"}}
        ])
    );
    assert_eq!(
        fields(&losses),
        ["messages[0].content[1].detail", "messages[0].content[3].name"]
    );
    let file = json!({"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "file-1"}}]}], "model": "m"});
    let client = client_dialect(DialectName::OpenAi);
    let call = client
        .decode(&Asked::plain(Operation::Chat), file.to_string().into())
        .unwrap();
    let request = client.read(&call).unwrap();
    let refused = gateway_providers::ProviderDialect::request(
        &gateway_providers::gemini::Gemini,
        &request,
        &target("m"),
        gateway_providers::lane::Cap::Client,
        &mut Vec::new(),
    );
    assert_eq!(refused.unwrap_err().param.as_deref(), Some("messages[0].content[0]"));
}

#[test]
fn results_with_pictures_go_within_or_beside() {
    let body = json!({"max_tokens": 9, "messages": [
        {"role": "user", "content": "look"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "shoot", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "is_error": true, "content": [
            {"type": "text", "text": "blurred"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"}}
        ]}, {"type": "text", "text": "again?"}]}
    ]});
    let picture = json!({"inlineData": {"mimeType": "image/png", "data": "QUJD"}});
    let (sent, _) = said(DialectName::Anthropic, &target("gemini-3-pro-preview"), body.clone());
    let response = json!({"id": "t", "name": "shoot", "response": {"error": "blurred"}, "parts": [picture]});
    assert_eq!(sent["contents"][2]["parts"], json!([{"functionResponse": response}]));
    assert_eq!(
        sent["contents"][3],
        json!({"role": "user", "parts": [{"text": "again?"}]})
    );
    let (sent, losses) = said(DialectName::Anthropic, &target("gemini-2.5-pro"), body);
    let response = json!({"id": "t", "name": "shoot", "response": {"error": "blurred"}});
    assert_eq!(
        sent["contents"][2]["parts"],
        json!([{"functionResponse": response}, picture])
    );
    assert!(losses.iter().any(|loss| loss.fate == Fate::Emulated), "{losses:?}");
}

#[test]
fn tools_keep_their_schemas_and_choices_their_meaning() {
    let schema = json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"n": {"type": "integer", "exclusiveMinimum": 0}}, "additionalProperties": false});
    let tools = json!([
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}},
        {"type": "function", "function": {"name": "g", "parameters": {}}}
    ]);
    for (choice, expected) in [
        (json!("auto"), json!({"mode": "AUTO"})),
        (json!("none"), json!({"mode": "NONE"})),
        (json!("required"), json!({"mode": "ANY"})),
        (
            json!({"type": "function", "function": {"name": "g"}}),
            json!({"mode": "ANY", "allowedFunctionNames": ["g"]}),
        ),
    ] {
        let (sent, losses) = openai(
            "gemini-2.5-flash",
            asks(json!({"tools": tools.clone(), "tool_choice": choice})),
        );
        assert_eq!(sent["toolConfig"]["functionCallingConfig"], expected);
        let functions = json!([{"name": "f", "description": "d", "parametersJsonSchema": schema}, {"name": "g"}]);
        assert_eq!(sent["tools"], json!([{"functionDeclarations": functions}]));
        assert!(losses.is_empty(), "{losses:?}");
    }
    let strict = json!([{"type": "function", "function": {"name": "f", "strict": true, "parameters": schema}}]);
    let (sent, losses) = openai(
        "gemini-2.5-flash",
        asks(json!({"tools": strict.clone(), "parallel_tool_calls": false})),
    );
    assert_eq!(sent["toolConfig"]["functionCallingConfig"]["mode"], "VALIDATED");
    assert_eq!(fields(&losses), ["parallel_tool_calls"]);
    let (_, losses) = openai("gemini-2.0-flash", asks(json!({"tools": strict})));
    assert_eq!(fields(&losses), ["tools[0].strict"]);
    let freeform = json!([{"type": "custom", "custom": {"name": "shell", "description": "runs"}}]);
    let (sent, losses) = openai("gemini-3-pro", asks(json!({"tools": freeform})));
    let function = &sent["tools"][0]["functionDeclarations"][0];
    assert_eq!(
        function["parametersJsonSchema"]["properties"]["input"]["type"],
        "string"
    );
    assert_eq!(fields(&losses), ["tools[0]"]);
}

#[test]
fn tools_of_vendors_have_their_counterparts() {
    let tools = json!([
        {"type": "web_search_20250305", "name": "web_search"},
        {"type": "computer_20250124", "name": "computer", "display_width_px": 1, "display_height_px": 1},
        {"name": "f", "input_schema": {"type": "object"}}
    ]);
    let body = json!({"max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], "tools": tools});
    let (sent, losses) = said(DialectName::Anthropic, &target("gemini-3-pro"), body.clone());
    assert_eq!(sent["tools"][0], json!({"googleSearch": {}}));
    assert_eq!(sent["toolConfig"]["includeServerSideToolInvocations"], true);
    assert_eq!(fields(&losses), ["tools[0]", "tools[1]"]);
    let (sent, _) = said(DialectName::Anthropic, &in_cloud("gemini-3-pro"), body.clone());
    assert!(sent.get("toolConfig").is_none());
    let (sent, losses) = said(DialectName::Anthropic, &target("gemini-2.5-pro"), body);
    assert_eq!(sent["tools"].as_array().unwrap().len(), 1);
    assert_eq!(losses[0].fate, Fate::Dropped);
}

#[test]
fn forms_of_the_answer_are_held_to_or_asked_for() {
    let schema =
        json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"type": "string"}}});
    let format = json!({"response_format": {"type": "json_schema", "json_schema": {"name": "s", "strict": true, "schema": schema}}});
    let (sent, losses) = openai("gemini-2.5-flash", asks(format.clone()));
    assert_eq!(
        sent["generationConfig"],
        json!({"responseMimeType": "application/json", "responseJsonSchema": schema})
    );
    assert!(losses.is_empty());
    let (sent, _) = openai(
        "gemini-2.5-flash",
        asks(json!({"response_format": {"type": "json_object"}})),
    );
    assert_eq!(
        sent["generationConfig"],
        json!({"responseMimeType": "application/json"})
    );
    let mut both = asks(format);
    both["tools"] = json!([{"type": "function", "function": {"name": "f"}}]);
    let (sent, losses) = openai("gemini-2.5-flash", both.clone());
    assert!(
        sent["systemInstruction"]["parts"][0]["text"]
            .as_str()
            .unwrap()
            .contains("$defs")
    );
    assert_eq!(fields(&losses), ["response_format"]);
    let (sent, losses) = openai("gemini-3-flash-preview", both);
    assert_eq!(sent["generationConfig"]["responseMimeType"], "application/json");
    assert!(losses.is_empty());
}

#[test]
fn what_has_a_counterpart_is_said_and_the_rest_reported() {
    let (sent, losses) = openai(
        "gemini-2.5-flash",
        asks(json!({
            "temperature": 0.5, "top_p": 0.9, "n": 2, "max_completion_tokens": 50, "stop": ["1", "2", "3", "4", "5", "6"],
            "seed": 5_000_000_000_i64, "presence_penalty": 0.1, "frequency_penalty": 0.2, "logprobs": true, "top_logprobs": 3,
            "modalities": ["text", "audio"], "service_tier": "flex", "store": true, "metadata": {"team": "a"},
            "user": "ann", "logit_bias": {"5": 1}, "web_search_options": {},
            "extra_body": {"google": {"cached_content": "cachedContents/1", "thinking_config": {"thinking_budget": 5}, "x": 1}}
        })),
    );
    assert_eq!(
        sent["generationConfig"],
        json!({
            "temperature": 0.5, "topP": 0.9, "candidateCount": 2, "maxOutputTokens": 50, "stopSequences": ["1", "2", "3", "4", "5"],
            "seed": 705_032_704, "presencePenalty": 0.1, "frequencyPenalty": 0.2, "responseLogprobs": true, "logprobs": 3,
            "responseModalities": ["TEXT", "AUDIO"], "thinkingConfig": {"thinking_budget": 5}
        })
    );
    assert_eq!((&sent["serviceTier"], &sent["store"]), (&json!("flex"), &json!(true)));
    assert_eq!(
        (&sent["cachedContent"], &sent["tools"]),
        (&json!("cachedContents/1"), &json!([{"googleSearch": {}}]))
    );
    let dropped = losses.iter().filter(|loss| loss.fate == Fate::Dropped);
    let dropped: std::collections::BTreeSet<&str> = dropped.map(|loss| loss.field.as_str()).collect();
    let expected = ["extra_body.google.x", "logit_bias", "metadata", "stop[5]", "user"];
    assert_eq!(dropped, std::collections::BTreeSet::from(expected));
    let (sent, _) = said(
        DialectName::OpenAi,
        &in_cloud("gemini-2.5-flash"),
        asks(json!({"metadata": {"team": "a"}})),
    );
    assert_eq!(sent["labels"], json!({"team": "a"}));
}

#[test]
fn only_the_operator_speaking_is_the_user_speaking() {
    let (sent, losses) = openai(
        "gemini-2.5-flash",
        json!({"messages": [{"role": "system", "content": "hi"}]}),
    );
    assert_eq!(sent["contents"], json!([{"role": "user", "parts": [{"text": "hi"}]}]));
    assert!(sent.get("systemInstruction").is_none());
    assert_eq!(fields(&losses), ["messages"]);
}

#[test]
fn the_profiles_say_what_google_does() {
    let gemini = kind("gemini").unwrap();
    for operation in [
        Operation::Chat,
        Operation::Responses,
        Operation::CountTokens,
        Operation::Embeddings,
        Operation::Models,
    ] {
        assert!(gemini.serves(operation), "{operation}");
    }
    assert!(kind("vertex").unwrap().serves(Operation::Embeddings));
}
