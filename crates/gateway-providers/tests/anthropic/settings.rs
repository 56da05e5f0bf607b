//! Settings of requests in the words of each generation of models: thinking, sampling, forms of answers.

use gateway_providers::ProviderDialect;
use gateway_providers::anthropic::Anthropic;
use gateway_providers::lane::Cap;
use gateway_types::ErrorKind;
use gateway_types::chat::{Extras, Format, Request, Role, ToolChoice};
use gateway_types::loss::Fate;
use http::Method;
use serde_json::{Value, json};

use crate::requests::{ADAPTIVE, BUDGETED, OLD, answers, asks, calls, check, hello, message, raw, say, says, tool};
use crate::target;

#[test]
fn effort_is_said_as_each_generation_hears_it() {
    let request = |effort: &str, max: u64| Request {
        effort: Some(effort.into()),
        max_output: Some(max),
        ..hello()
    };
    let effort = [("reasoning_effort", Fate::Emulated)];
    let budget = |tokens: u64| json!({"thinking": {"type": "enabled", "budget_tokens": tokens}, "output_config": null});
    check(&request("low", 10_000), BUDGETED, budget(2000), &effort);
    check(&request("medium", 10_000), BUDGETED, budget(5000), &effort);
    check(&request("high", 10_000), BUDGETED, budget(8000), &effort);
    check(&request("low", 1025), BUDGETED, budget(1024), &effort);
    check(&request("high", 64_000), BUDGETED, budget(32_000), &effort);
    let dropped = [("reasoning_effort", Fate::Dropped)];
    check(&request("high", 1024), BUDGETED, json!({"thinking": null}), &dropped);
    check(
        &request("high", 10_000),
        OLD,
        json!({"thinking": null, "output_config": null}),
        &dropped,
    );
    check(&request("none", 10_000), BUDGETED, json!({"thinking": null}), &[]);
    let adaptive = |effort: &str| json!({"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": effort}});
    check(
        &request("high", 100),
        ADAPTIVE,
        adaptive("high"),
        &[("reasoning_effort", Fate::Mapped)],
    );
    check(
        &request("xhigh", 100),
        ADAPTIVE,
        adaptive("xhigh"),
        &[("reasoning_effort", Fate::Mapped)],
    );
    check(&request("minimal", 100), ADAPTIVE, adaptive("low"), &effort);
    check(&request("xhigh", 100), "claude-opus-4-6", adaptive("high"), &effort);
}

#[test]
fn thinking_in_the_vendors_own_words_is_taken_at_its_word() {
    let request = |thinking: Value, effort: Option<&str>| {
        let mut request = Request {
            effort: effort.map(str::to_owned),
            ..hello()
        };
        request.sampling.temperature = Some(0.5);
        request.extras = Extras(vec![("thinking".into(), raw(thinking))]);
        request
    };
    let off = json!({"type": "disabled"});
    check(
        &request(off.clone(), None),
        BUDGETED,
        json!({"thinking": off, "temperature": 0.5}),
        &[],
    );
    let on = json!({"type": "adaptive"});
    let expected = json!({"thinking": on, "output_config": {"effort": "low"}, "temperature": null});
    check(
        &request(on, Some("low")),
        "claude-opus-4-6",
        expected,
        &[("temperature", Fate::Dropped)],
    );
}

#[test]
fn empty_messages_are_left_out_and_the_end_user_is_named_in_either_word() {
    let mut request = asks(vec![
        says(Role::User, "?"),
        says(Role::Assistant, ""),
        says(Role::User, "!"),
    ]);
    request.extras = Extras(vec![("safety_identifier".into(), raw(json!("u-2")))]);
    let expected = json!({
        "messages": [{"role": "user", "content": [{"type": "text", "text": "?"}, {"type": "text", "text": "!"}]}],
        "metadata": {"user_id": "u-2"},
    });
    check(
        &request,
        OLD,
        expected,
        &[("messages[1]", Fate::Dropped), ("safety_identifier", Fate::Mapped)],
    );
}

#[test]
fn thinking_in_another_vendors_words_is_an_effort() {
    let request = |thinking: Value| Request {
        max_output: Some(10_000),
        extras: Extras(vec![("thinking".into(), raw(thinking))]),
        ..hello()
    };
    let medium = json!({"thinking": {"type": "enabled", "budget_tokens": 5000}});
    let emulated = [("thinking", Fate::Emulated)];
    check(&request(json!({"type": "enabled"})), BUDGETED, medium, &emulated);
    let odd = request(json!({"clear_thinking": false}));
    check(
        &odd,
        BUDGETED,
        json!({"thinking": null}),
        &[("thinking", Fate::Dropped)],
    );
}

#[test]
fn a_budget_stays_under_the_cap() {
    let request = |budget: u64| Request {
        thinking_budget: Some(budget),
        max_output: Some(4000),
        ..hello()
    };
    let said = |tokens: u64| json!({"thinking": {"type": "enabled", "budget_tokens": tokens}});
    check(&request(2000), BUDGETED, said(2000), &[]);
    check(
        &request(9000),
        BUDGETED,
        said(3999),
        &[("thinking_budget", Fate::Emulated)],
    );
    check(
        &request(10),
        BUDGETED,
        said(1024),
        &[("thinking_budget", Fate::Emulated)],
    );
    let adaptive = json!({"thinking": {"type": "adaptive", "display": "summarized"}});
    check(
        &request(2000),
        ADAPTIVE,
        adaptive,
        &[("thinking_budget", Fate::Emulated)],
    );
}

#[test]
fn thinking_gives_way_where_the_vendor_would_refuse_it() {
    let base = || Request {
        effort: Some("high".into()),
        tools: vec![tool("weather", None, None)],
        ..hello()
    };
    let off = json!({"thinking": null});
    let dropped = [("reasoning_effort", Fate::Dropped)];
    check(
        &Request {
            tool_choice: Some(ToolChoice::Required),
            ..base()
        },
        BUDGETED,
        off.clone(),
        &dropped,
    );
    let resumed = Request {
        messages: vec![
            says(Role::User, "?"),
            message(Role::Assistant, vec![calls("a", "{}")]),
            message(Role::User, vec![answers("a", "x")]),
        ],
        ..base()
    };
    check(&resumed, BUDGETED, off, &dropped);
    let forced = Request {
        tool_choice: Some(ToolChoice::Required),
        ..base()
    };
    let expected = json!({"thinking": null, "output_config": {"effort": "high"}});
    check(&forced, ADAPTIVE, expected, &[("reasoning_effort", Fate::Mapped)]);
}

#[test]
fn sampling_is_said_as_far_as_the_model_lets_itself_be_told() {
    let mut request = hello();
    request.sampling.temperature = Some(1.5);
    request.sampling.top_p = Some(0.5);
    request.sampling.top_k = Some(5);
    let expected = json!({"temperature": 1.0, "top_p": 0.5, "top_k": 5});
    check(&request, OLD, expected, &[("temperature", Fate::Emulated)]);
    let expected = json!({"temperature": 1.0, "top_p": null, "top_k": 5});
    check(
        &request,
        BUDGETED,
        expected,
        &[("temperature", Fate::Emulated), ("top_p", Fate::Dropped)],
    );
    let gone = json!({"temperature": null, "top_p": null, "top_k": null});
    let dropped = [
        ("temperature", Fate::Dropped),
        ("top_p", Fate::Dropped),
        ("top_k", Fate::Dropped),
    ];
    check(&request, ADAPTIVE, gone.clone(), &dropped);
    request.thinking_budget = Some(2000);
    check(&request, BUDGETED, gone, &dropped);
}

#[test]
fn schemas_are_enforced_where_they_can_be_and_asked_for_elsewhere() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false});
    let format = Format::Schema {
        name: "x".into(),
        description: None,
        schema: raw(schema.clone()),
        strict: Some(true),
    };
    let request = Request {
        format: Some(format),
        ..hello()
    };
    let enforced = json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}, "system": null});
    check(&request, BUDGETED, enforced, &[]);
    let (body, losses) = say(&request, OLD, Cap::Client).unwrap();
    assert!(body["system"].as_str().unwrap().contains(r#""required":["a"]"#) && body.get("output_config").is_none());
    assert_eq!(
        (losses[0].field.as_str(), losses[0].fate),
        ("response_format", Fate::Emulated)
    );
    let request = Request {
        format: Some(Format::Json),
        ..asks(vec![says(Role::System, "S."), says(Role::User, "?")])
    };
    let (body, losses) = say(&request, BUDGETED, Cap::Client).unwrap();
    assert!(
        body["system"]
            .as_str()
            .unwrap()
            .starts_with("S.\n\nAnswer with one JSON object")
    );
    assert_eq!(losses.len(), 1);
}

#[test]
fn what_has_no_counterpart_is_named() {
    let mut request = hello();
    request.messages[0].name = Some("ada".into());
    request.sampling.frequency_penalty = Some(0.5);
    request.sampling.presence_penalty = Some(0.0);
    request.sampling.seed = Some(7);
    request.stop = vec!["END".into(), "\n".into()];
    request.user = Some("u-1".into());
    request.stream = true;
    request.extras = Extras(vec![
        ("logprobs".into(), raw(json!(true))),
        ("logit_bias".into(), raw(json!({}))),
        ("stream_options".into(), raw(json!({"include_usage": true}))),
        ("service_tier".into(), raw(json!("default"))),
        ("store".into(), raw(Value::Null)),
    ]);
    let expected = json!({
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u-1"},
        "stream": true,
        "service_tier": "standard_only",
        "logprobs": null,
    });
    let lost = [
        ("messages[0].name", Fate::Dropped),
        ("frequency_penalty", Fate::Dropped),
        ("seed", Fate::Dropped),
        ("logprobs", Fate::Dropped),
        ("logit_bias", Fate::Dropped),
        ("service_tier", Fate::Mapped),
        ("stop", Fate::Dropped),
    ];
    check(&request, OLD, expected, &lost);
}

#[test]
fn several_answers_are_refused_by_name() {
    let mut request = hello();
    request.sampling.choices = Some(2);
    let error = say(&request, OLD, Cap::Client).unwrap_err();
    assert_eq!((error.kind, error.param.as_deref()), (ErrorKind::Invalid, Some("n")));
    request.sampling.choices = Some(1);
    assert!(say(&request, OLD, Cap::Client).is_ok());
}

#[test]
fn the_list_of_models_is_asked_for_in_large_pages() {
    let wire = Anthropic.list_models(&target("")).unwrap();
    assert_eq!(
        (wire.method, wire.uri.to_string().as_str()),
        (Method::GET, "https://api.anthropic.com/v1/models?limit=1000")
    );
    assert_eq!(wire.headers["anthropic-version"], "2023-06-01");
    assert!(wire.body.is_empty() && !wire.headers.contains_key("content-type"));
}
