//! Requests of other dialects, said to models on Bedrock; and what of this dialect's requests others get to see.

use gateway_providers::bedrock::Bedrock;
use gateway_providers::lane::Cap;
use gateway_providers::{ClientDialect, ProviderDialect, prepare};
use gateway_types::chat::{
    CacheMark, Extras, Format, Message, Opaque, Part, Reasoning, Request, Role, Source, Tool, ToolChoice, ToolKind,
    ToolResult, ToolUse, Verbatim,
};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Operation};
use http::HeaderMap;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::golden::call;
use crate::{STAMP, target};

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const NEWER: &str = "us.anthropic.claude-opus-4-7";
const NOVA: &str = "amazon.nova-lite-v1:0";
const LLAMA: &str = "meta.llama3-3-70b-instruct-v1:0";

fn raw(value: Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(&value).unwrap()
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        name: None,
        parts,
        extras: Extras::default(),
    }
}

fn asks(parts: Vec<Part>) -> Request {
    Request {
        messages: vec![message(Role::User, parts)],
        ..Request::new(DialectName::OpenAi)
    }
}

fn hello() -> Request {
    asks(vec![Part::text("hi")])
}

fn said(request: &Request, model: &str) -> (Value, Vec<Loss>) {
    capped(request, model, Cap::Client)
}

fn capped(request: &Request, model: &str, cap: Cap) -> (Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let wire = Bedrock.request(request, &target(model), cap, &mut losses).unwrap();
    (serde_json::from_slice(&wire.body.concat()).unwrap(), losses)
}

fn fields(losses: &[Loss]) -> Vec<&str> {
    losses.iter().map(|loss| loss.field.as_str()).collect()
}

fn function(name: &str) -> Tool {
    Tool {
        name: name.into(),
        description: Some("does it".into()),
        kind: ToolKind::Function {
            parameters: Some(raw(json!({"properties": {}}))),
            strict: None,
        },
        cache: None,
    }
}

#[test]
fn the_plainest_request_is_said_plainly() {
    let (body, losses) = said(&hello(), CLAUDE);
    assert_eq!(
        (body, losses),
        (
            json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}),
            vec![]
        )
    );
    let mut losses = Vec::new();
    let streamed = Request {
        stream: true,
        ..hello()
    };
    let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-6";
    let wire = Bedrock
        .request(&streamed, &target(arn), Cap::Client, &mut losses)
        .unwrap();
    let segment = "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.claude-sonnet-4-6";
    assert_eq!(wire.uri.path(), format!("/model/{segment}/converse-stream"));
    assert_eq!(wire.headers["accept"], "application/vnd.amazon.eventstream");
}

#[test]
fn sampling_and_caps_go_where_the_model_takes_them() {
    let mut request = hello();
    request.max_output = Some(100);
    request.stop = vec!["END".into(), " ".into()];
    request.sampling.temperature = Some(1.5);
    request.sampling.top_p = Some(0.5);
    request.sampling.top_k = Some(5);
    request.sampling.seed = Some(1);
    let (body, losses) = capped(&request, NOVA, Cap::AtMost(50));
    assert_eq!(
        body["inferenceConfig"],
        json!({"maxTokens": 50, "temperature": 1.0, "topP": 0.5, "stopSequences": ["END"]})
    );
    assert_eq!(
        body["additionalModelRequestFields"],
        json!({"inferenceConfig": {"topK": 5}})
    );
    assert_eq!(body["additionalModelResponseFieldPaths"], json!(["/stop_sequence"]));
    assert_eq!(fields(&losses), ["seed", "temperature", "stop"]);
    let (body, losses) = said(&request, CLAUDE);
    assert_eq!(body["additionalModelRequestFields"], json!({"top_k": 5}));
    assert!(fields(&losses).contains(&"top_p"), "{losses:?}");
    let (body, losses) = said(&request, NEWER);
    assert_eq!(
        body["inferenceConfig"],
        json!({"maxTokens": 100, "stopSequences": ["END"]})
    );
    assert!(
        ["temperature", "top_p", "top_k"]
            .iter()
            .all(|field| fields(&losses).contains(field))
    );
    let (body, losses) = said(&request, LLAMA);
    assert!(body["additionalModelRequestFields"].is_null() && fields(&losses).contains(&"top_k"));
    request.sampling.choices = Some(2);
    let error = Bedrock
        .request(&request, &target(NOVA), Cap::Client, &mut vec![])
        .unwrap_err();
    assert_eq!(error.param.as_deref(), Some("n"));
}

#[test]
fn each_maker_is_asked_to_think_in_its_own_way() {
    let effort = |word: &str| Request {
        effort: Some(word.into()),
        max_output: Some(10_000),
        ..hello()
    };
    let budget = |tokens| Request {
        thinking_budget: Some(tokens),
        max_output: Some(10_000),
        ..hello()
    };
    for (request, model, expected) in [
        (
            budget(2000),
            CLAUDE,
            json!({"thinking": {"type": "enabled", "budget_tokens": 2000}}),
        ),
        (
            effort("high"),
            CLAUDE,
            json!({"thinking": {"type": "enabled", "budget_tokens": 8000}}),
        ),
        (effort("none"), CLAUDE, Value::Null),
        (
            effort("xhigh"),
            NEWER,
            json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "xhigh"}}),
        ),
        (budget(2000), NEWER, json!({"thinking": {"type": "adaptive"}})),
        (
            effort("low"),
            "us.amazon.nova-2-lite-v1:0",
            json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}}),
        ),
        (
            effort("high"),
            "us.amazon.nova-2-lite-v1:0",
            json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "medium"}}),
        ),
        (
            effort("minimal"),
            "openai.gpt-oss-20b-1:0",
            json!({"reasoning_effort": "low"}),
        ),
        (
            effort("none"),
            "openai.gpt-6-sol",
            json!({"reasoning": {"effort": "none"}}),
        ),
        (
            effort("medium"),
            "qwen.qwen3-32b-v1:0",
            json!({"reasoning_config": "high"}),
        ),
        (effort("low"), "deepseek.v3.2", json!({"reasoning_effort": "high"})),
        (effort("high"), "deepseek.r1-v1:0", Value::Null),
        (effort("high"), LLAMA, Value::Null),
    ] {
        let (body, losses) = said(&request, model);
        assert_eq!(
            body["additionalModelRequestFields"], expected,
            "{model} {:?}",
            request.effort
        );
        let silent = expected == Value::Null && request.effort.as_deref() != Some("none");
        assert!(
            !silent || fields(&losses).contains(&"reasoning_effort"),
            "{model}: {losses:?}"
        );
    }
    let uncapped = Request {
        effort: Some("high".into()),
        ..hello()
    };
    let (body, _) = said(&uncapped, "us.amazon.nova-2-lite-v1:0");
    assert_eq!(
        body["additionalModelRequestFields"]["reasoningConfig"]["maxReasoningEffort"],
        "high"
    );
    let forced = Request {
        tool_choice: Some(ToolChoice::Required),
        tools: vec![function("f")],
        ..budget(2000)
    };
    let (body, losses) = said(&forced, CLAUDE);
    assert!(body["additionalModelRequestFields"].is_null() && fields(&losses).contains(&"thinking_budget"));
    let shown = Request {
        show_thinking: Some(true),
        ..effort("low")
    };
    assert_eq!(
        said(&shown, NEWER).0["additionalModelRequestFields"]["thinking"]["display"],
        "summarized"
    );
}

#[test]
fn while_it_thinks_claude_samples_in_its_own_way() {
    let mut request = Request {
        thinking_budget: Some(2000),
        max_output: Some(9000),
        ..hello()
    };
    request.sampling.temperature = Some(0.5);
    request.sampling.top_k = Some(3);
    let (body, losses) = said(&request, CLAUDE);
    assert_eq!(body["inferenceConfig"], json!({"maxTokens": 9000}));
    assert_eq!(fields(&losses), ["temperature", "top_k"]);
}

#[test]
fn tools_and_their_choice_are_said_as_far_as_a_model_knows_them() {
    let mut request = Request {
        tools: vec![function("f")],
        tool_choice: Some(ToolChoice::Tool("f".into())),
        ..hello()
    };
    request.tools[0].cache = Some(CacheMark { ttl: Some("1h".into()) });
    request.parallel_tools = Some(false);
    let (body, losses) = said(&request, CLAUDE);
    let spec =
        json!({"name": "f", "description": "does it", "inputSchema": {"json": {"type": "object", "properties": {}}}});
    let tools = json!([{ "toolSpec": spec }, {"cachePoint": {"type": "default", "ttl": "1h"}}]);
    assert_eq!(
        body["toolConfig"],
        json!({"tools": tools, "toolChoice": {"tool": {"name": "f"}}})
    );
    assert_eq!(
        body["additionalModelRequestFields"],
        json!({"tool_choice": {"disable_parallel_tool_use": true}})
    );
    assert_eq!(losses, []);
    let (body, losses) = said(&request, LLAMA);
    assert_eq!(body["toolConfig"], json!({"tools": [{ "toolSpec": spec }]}));
    assert_eq!(
        fields(&losses),
        ["tools[0].cache_control", "tool_choice", "parallel_tool_calls"]
    );
    request.tool_choice = Some(ToolChoice::OneOf {
        names: vec!["g".into()],
        required: true,
    });
    request.tools.push(function("g"));
    let (body, _) = said(&request, NOVA);
    assert_eq!(body["toolConfig"]["tools"].as_array().unwrap().len(), 1);
    assert_eq!(body["toolConfig"]["toolChoice"], json!({"any": {}}));
    request.tool_choice = Some(ToolChoice::None);
    assert!(said(&request, NOVA).0["toolConfig"].is_null());
    request.tools = vec![function("not.allowed")];
    request.tool_choice = None;
    let error = Bedrock
        .request(&request, &target(NOVA), Cap::Client, &mut vec![])
        .unwrap_err();
    assert_eq!(error.param.as_deref(), Some("tools[0].function.name"));
}

#[test]
fn calls_in_the_conversation_want_their_tools() {
    let called = ToolUse {
        id: "call/1".into(),
        name: "f".into(),
        arguments: "{\"a\":1}".into(),
        ..ToolUse::default()
    };
    let result = ToolResult {
        id: "call/1".into(),
        parts: vec![Part::text("1")],
        failed: true,
        ..ToolResult::default()
    };
    let mut request = hello();
    request
        .messages
        .push(message(Role::Assistant, vec![Part::text(" "), Part::ToolUse(called)]));
    request
        .messages
        .push(message(Role::User, vec![Part::text("so?"), Part::ToolResult(result)]));
    request.tool_choice = Some(ToolChoice::None);
    let (body, losses) = said(&request, CLAUDE);
    let id = body["messages"][1]["content"][0]["toolUse"]["toolUseId"]
        .as_str()
        .unwrap();
    assert!(id.starts_with("call_1_") && id.len() <= 64, "{id}");
    let answered = json!([
        {"toolResult": {"toolUseId": id, "content": [{"text": "1"}], "status": "error"}},
        {"text": "so?"},
    ]);
    assert_eq!(body["messages"][2]["content"], answered);
    assert_eq!(body["toolConfig"]["tools"][0]["toolSpec"]["name"], "f");
    assert_eq!(
        body["additionalModelRequestFields"],
        json!({"tool_choice": {"type": "none"}})
    );
    let told = fields(&losses);
    assert!(
        told.contains(&"messages[1].content[0]") && told.contains(&"tools"),
        "{losses:?}"
    );
}

#[test]
fn results_stand_apart_from_what_a_model_does_not_take_beside_them() {
    let result = || {
        Part::ToolResult(ToolResult {
            id: "t".into(),
            parts: vec![Part::text("1")],
            ..ToolResult::default()
        })
    };
    let called = Part::ToolUse(ToolUse {
        id: "t".into(),
        name: "f".into(),
        arguments: "{}".into(),
        ..ToolUse::default()
    });
    let document = Part::Document {
        source: Source::Text("plain".into()),
        name: None,
        cache: None,
        extras: Extras::default(),
    };
    let roles = |beside: Part, model: &str| {
        let mut request = hello();
        request.messages.push(message(Role::Assistant, vec![called.clone()]));
        request.messages.push(message(Role::User, vec![result(), beside]));
        let (body, losses) = said(&request, model);
        let turns = body["messages"].as_array().unwrap().len();
        (turns, losses.iter().any(|loss| loss.field == "messages"))
    };
    assert_eq!(roles(Part::text("so?"), CLAUDE), (3, false));
    assert_eq!(roles(Part::text("so?"), LLAMA), (5, true));
    assert_eq!(roles(document.clone(), CLAUDE), (5, true));
    assert_eq!(roles(document, NOVA).0, 3);
}

#[test]
fn tokens_are_counted_by_the_model_behind_a_profile() {
    let mut losses = Vec::new();
    let request = Request {
        tools: vec![function("f")],
        max_output: Some(5),
        ..hello()
    };
    let wire = Bedrock.count(&request, &target(CLAUDE), &mut losses).unwrap();
    assert_eq!(
        wire.uri.path(),
        "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/count-tokens"
    );
    let body: Value = serde_json::from_slice(&wire.body.concat()).unwrap();
    let members: Vec<&String> = body["input"]["converse"].as_object().unwrap().keys().collect();
    assert_eq!(members, ["messages", "toolConfig"]);
}

#[test]
fn turns_alternate_and_a_user_opens() {
    let system = |text: &str| message(Role::System, vec![Part::text(text)]);
    let request = Request {
        messages: vec![
            system("be kind"),
            message(Role::Assistant, vec![Part::text("welcome")]),
            message(Role::User, vec![Part::text("a")]),
            system("be brief"),
            message(Role::User, vec![Part::text("b")]),
            message(Role::Assistant, vec![Part::text("I think \n")]),
        ],
        ..Request::new(DialectName::OpenAi)
    };
    let (body, losses) = said(&request, LLAMA);
    assert_eq!(body["system"], json!([{"text": "be kind"}, {"text": "be brief"}]));
    let roles: Vec<&str> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| turn["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant"]);
    assert_eq!(body["messages"][2]["content"], json!([{"text": "a"}, {"text": "b"}]));
    assert_eq!(body["messages"][3]["content"], json!([{"text": "I think"}]));
    assert_eq!(fields(&losses), ["messages[3]", "messages"]);
    let alone = Request {
        messages: vec![system("only me")],
        ..Request::new(DialectName::OpenAi)
    };
    assert_eq!(
        said(&alone, NOVA).0,
        json!({"messages": [{"role": "user", "content": [{"text": "only me"}]}]})
    );
    let nobody = Request::new(DialectName::OpenAi);
    assert!(
        Bedrock
            .request(&nobody, &target(NOVA), Cap::Client, &mut vec![])
            .is_err()
    );
}

#[test]
fn media_are_said_in_the_formats_that_are_known() {
    let inline = |media_type: &str| Source::Inline {
        media_type: media_type.into(),
        data: "QUJD".into(),
    };
    let document = |source, name: Option<&str>| Part::Document {
        source,
        name: name.map(Into::into),
        cache: None,
        extras: Extras(vec![("citations".into(), raw(json!({"enabled": true})))]),
    };
    let image = |source| Part::Image {
        source,
        detail: Some("high".into()),
        cache: None,
    };
    let request = asks(vec![
        image(inline("image/jpg")),
        image(Source::Url("https://a/b.png".into())),
        Part::Image {
            source: Source::Url("s3://bucket/b.png".into()),
            detail: None,
            cache: None,
        },
        Part::Video {
            source: inline("video/quicktime"),
            cache: None,
        },
        Part::Audio {
            source: inline("audio/midi"),
            transcript: None,
        },
        document(inline("application/pdf"), Some("My report.v2.pdf")),
        document(Source::Text("plain".into()), None),
    ]);
    let (body, losses) = said(&request, CLAUDE);
    let cited = json!({"enabled": true});
    let expected = json!([
        {"image": {"format": "jpeg", "source": {"bytes": "QUJD"}}},
        {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://bucket/b.png"}}}},
        {"video": {"format": "mov", "source": {"bytes": "QUJD"}}},
        {"text": "(A document.)"},
        {"document": {"format": "pdf", "name": "My report v2", "source": {"bytes": "QUJD"}, "citations": cited}},
        {"document": {"format": "txt", "name": "Document 2", "source": {"bytes": "cGxhaW4="}, "citations": cited}},
    ]);
    assert_eq!(body["messages"][0]["content"], expected);
    let told = [
        "messages[0].content[0].detail",
        "messages[0].content[1].detail",
        "messages[0].content[1]",
        "messages[0].content[4]",
        "messages[0].content[5].name",
        "messages",
    ];
    assert_eq!(fields(&losses), told);
    assert!(fields(&said(&request, NOVA).1).contains(&"messages[0].content[6].citations"));
}

#[test]
fn marks_are_said_where_a_model_has_a_cache() {
    let marked = |ttl: Option<&str>| Part::Text {
        text: "long".into(),
        cache: Some(CacheMark {
            ttl: ttl.map(Into::into),
        }),
        citations: vec![],
        signature: None,
    };
    let point = |body: &Value| body["messages"][0]["content"][1]["cachePoint"].clone();
    assert_eq!(
        point(&said(&asks(vec![marked(Some("1h"))]), CLAUDE).0),
        json!({"type": "default", "ttl": "1h"})
    );
    let (body, losses) = said(&asks(vec![marked(Some("1h"))]), NOVA);
    assert_eq!((point(&body), losses.len()), (json!({"type": "default"}), 1));
    let (body, losses) = said(&asks(vec![marked(None)]), LLAMA);
    assert_eq!((point(&body), losses.len()), (Value::Null, 1));
}

#[test]
fn a_schema_is_enforced_where_it_can_be_and_asked_for_elsewhere() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false});
    let format = Format::Schema {
        name: "answer".into(),
        description: None,
        schema: raw(schema.clone()),
        strict: Some(true),
    };
    let request = Request {
        format: Some(format),
        ..hello()
    };
    let (body, losses) = said(&request, CLAUDE);
    let given = &body["outputConfig"]["textFormat"]["structure"]["jsonSchema"];
    assert_eq!(given["name"], "answer");
    assert_eq!(
        serde_json::from_str::<Value>(given["schema"].as_str().unwrap()).unwrap(),
        schema
    );
    assert_eq!(losses, []);
    let (body, losses) = said(&request, NOVA);
    assert!(
        body["outputConfig"].is_null()
            && body["system"][0]["text"]
                .as_str()
                .unwrap()
                .contains("additionalProperties")
    );
    assert_eq!(fields(&losses), ["response_format"]);
}

#[test]
fn thinking_goes_back_to_its_maker_alone() {
    let opaque = |dialect, model: &str| Opaque {
        dialect,
        maker: Some(("bedrock".into(), model.into())),
        value: "sig".into(),
    };
    let thought = |signature| {
        Part::Reasoning(Reasoning {
            text: "hm".into(),
            signature,
            encrypted: None,
        })
    };
    let back = |part: Part| {
        let mut request = hello();
        request
            .messages
            .push(message(Role::Assistant, vec![part, Part::text("a")]));
        request.messages.push(message(Role::User, vec![Part::text("b")]));
        let (body, losses) = said(&request, CLAUDE);
        (body["messages"][1]["content"].as_array().unwrap().len(), losses.len())
    };
    assert_eq!(back(thought(Some(opaque(DialectName::Bedrock, CLAUDE)))), (2, 0));
    assert_eq!(back(thought(Some(opaque(DialectName::Bedrock, NOVA)))), (1, 1));
    assert_eq!(back(thought(Some(opaque(DialectName::Anthropic, CLAUDE)))), (1, 1));
    assert_eq!(back(thought(None)), (1, 1));
}

#[test]
fn tools_of_claudes_own_go_as_anthropic_says_them() {
    let bash = raw(json!({"type": "bash_20250124", "name": "bash"}));
    let search = raw(json!({"type": "web_search_20250305", "name": "web_search"}));
    let other = |json: &RawValue| Tool {
        name: "x".into(),
        description: None,
        kind: ToolKind::Other(Verbatim {
            dialect: DialectName::Anthropic,
            json: json.to_owned(),
        }),
        cache: None,
    };
    let request = Request {
        tools: vec![other(&bash), other(&search)],
        ..hello()
    };
    let (body, losses) = said(&request, CLAUDE);
    let own =
        json!({"anthropic_beta": ["computer-use-2025-01-24"], "tools": [{"type": "bash_20250124", "name": "bash"}]});
    assert_eq!(
        (&body["additionalModelRequestFields"], &body["toolConfig"]),
        (&own, &Value::Null)
    );
    assert_eq!(fields(&losses), ["tools[1]"]);
}

#[test]
fn a_few_extras_of_others_have_a_counterpart() {
    let mut request = hello();
    request.user = Some("ann".into());
    request.extras = Extras(vec![
        ("metadata".into(), raw(json!({"team": "a-1"}))),
        ("service_tier".into(), raw(json!("priority"))),
        ("store".into(), raw(json!(false))),
        ("logit_bias".into(), raw(json!({}))),
    ]);
    let (body, losses) = said(&request, NOVA);
    assert_eq!(
        (&body["requestMetadata"], &body["serviceTier"]),
        (&json!({"team": "a-1"}), &json!({"type": "priority"}))
    );
    assert_eq!(fields(&losses), ["user", "metadata", "service_tier", "logit_bias"]);
}

/// What another dialect's provider is told of a request of this one, and what the report says.
fn abroad(body: Value, provider: &str) -> (Value, Vec<String>) {
    let call = call(Operation::Chat, false, &body.to_string());
    let kind = gateway_providers::kind(provider).unwrap();
    let base = gateway_providers::BaseUrl::parse("http://localhost:1").unwrap();
    let target = gateway_providers::Target::plain(provider, kind, base, "m", gateway_providers::Access::None);
    let prepared = prepare(&call, &target, Cap::Client, &HeaderMap::new(), STAMP).unwrap();
    let losses = prepared.losses.into_iter().map(|loss| loss.field).collect();
    (serde_json::from_slice(&prepared.wire.body.concat()).unwrap(), losses)
}

#[test]
fn spellings_of_this_dialect_are_no_loss_elsewhere() {
    let body = json!({
        "system": [], "inferenceConfig": {},
        "messages": [
            {"role": "user", "content": [{"text": "a"}]},
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t", "name": "f", "input": {}}}]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": "t", "content": [{"json": {"b": 1}}], "status": "success"}}]},
        ],
        "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 2048}},
    });
    let (said, losses) = abroad(body, "anthropic");
    assert_eq!(
        losses.iter().filter(|field| !field.starts_with("thinking")).count(),
        0,
        "{losses:?}"
    );
    assert_eq!(said["messages"][2]["content"][0]["content"], json!("{\"b\":1}"));
}

#[test]
fn what_only_bedrock_does_is_reported_elsewhere() {
    let body = json!({
        "messages": [{"role": "user", "content": [{"guardContent": {"text": {"text": "guarded", "qualifiers": ["query"]}}}]}],
        "guardrailConfig": {"guardrailIdentifier": "g", "guardrailVersion": "1"},
        "additionalModelRequestFields": {"anthropic_beta": ["x"], "top_k": 4},
    });
    let (said, losses) = abroad(body, "openai");
    assert!(said["messages"].to_string().contains("guarded"));
    for field in ["guardContent", "guardrailConfig", "additionalModelRequestFields"] {
        assert!(losses.iter().any(|loss| loss.contains(field)), "{field}: {losses:?}");
    }
}

#[test]
fn a_wrong_request_names_its_field() {
    for (body, param) in [
        (
            json!({"messages": [{"role": "king", "content": []}]}),
            "messages[0].role",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"text": 5}]}]}),
            "messages[0].content[0].text",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"text": "a", "image": {}}]}]}),
            "messages[0].content[0]",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"image": {"format": "png"}}]}]}),
            "messages[0].content[0].image.source",
        ),
        (json!({"messages": [{"role": "user"}]}), "messages[0].content"),
        (json!({"system": "be kind"}), "system"),
        (
            json!({"toolConfig": {"tools": [{"toolSpec": {}}]}}),
            "toolConfig.tools[0].toolSpec.name",
        ),
        (
            json!({"inferenceConfig": {"temperature": "hot"}}),
            "inferenceConfig.temperature",
        ),
    ] {
        let error = Bedrock
            .read(&call(Operation::Chat, false, &body.to_string()))
            .unwrap_err();
        assert_eq!((error.status(), error.param.as_deref()), (400, Some(param)), "{error}");
    }
    let own = json!({"input": {"invokeModel": {"body": "e30="}}}).to_string();
    let error = Bedrock.read(&call(Operation::CountTokens, false, &own)).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("input.converse"));
}
