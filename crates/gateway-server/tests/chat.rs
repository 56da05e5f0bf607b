//! Asking models: plain, streamed, with tools, towards an upstream of the same dialect and towards Anthropic.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, self_hosted};
use crate::support::shapes::{self, chat, chat_streamed, chat_with_tool, hello};
use crate::support::{Answer, Gate, Gateway, Live, Step, Upstream, eventually};

const CLAUDE: &str = "anthropic/claude-3-5-haiku-20241022";

/// A gateway with one provider, `mine`, that serves `m`.
async fn one() -> (Gateway, Upstream) {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    (gateway, upstream)
}

async fn with_anthropic() -> (Gateway, Upstream) {
    let upstream = Upstream::start("claude", &["claude-3-5-haiku-20241022"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("anthropic", &upstream)).await;
    (gateway, upstream)
}

async fn stream(gateway: &Gateway, body: &Value) -> Live {
    let live = gateway
        .call(Method::POST, shapes::CHAT)
        .bearer("any")
        .json(body)
        .open()
        .await;
    assert_eq!(live.status, 200);
    assert!(
        live.header("content-type")
            .is_some_and(|kind| kind.starts_with("text/event-stream"))
    );
    live
}

/// The chunks of a stream, without its end mark, which must be there.
fn chunks(events: &[String]) -> Vec<Value> {
    let (last, chunks) = events.split_last().expect("a stream has events");
    assert_eq!(last, "[DONE]");
    chunks
        .iter()
        .map(|chunk| serde_json::from_str(chunk).unwrap_or_else(|why| panic!("{why}: {chunk}")))
        .collect()
}

/// The text that a stream adds up to.
fn text(chunks: &[Value]) -> String {
    chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect()
}

#[tokio::test]
async fn every_openai_path_works_in_azures_forms() {
    let (gateway, upstream) = one().await;
    let plain = r#"{"model":"mine/m","messages":[]}"#;
    let unnamed = r#"{ "messages":[] , "n":1 }"#;
    for (path, body, sent) in [
        ("/openai/chat/completions", plain, r#"{"model":"m","messages":[]}"#),
        (
            "/openai/openai/chat/completions",
            plain,
            r#"{"model":"m","messages":[]}"#,
        ),
        (
            "/openai/openai/v1/chat/completions?api-version=preview",
            plain,
            r#"{"model":"m","messages":[]}"#,
        ),
        (
            "/openai/deployments/m/chat/completions?api-version=2024-10-21",
            unnamed,
            r#"{ "messages":[] , "n":1,"model":"m" }"#,
        ),
        (
            "/openai/openai/deployments/mine/m/chat/completions",
            r#"{"model":"else","messages":[]}"#,
            r#"{"model":"m","messages":[]}"#,
        ),
        (
            "/openai/deployments/mine%2Fm/chat/completions",
            unnamed,
            r#"{ "messages":[] , "n":1,"model":"m" }"#,
        ),
    ] {
        let call = gateway.call(Method::POST, path).header("api-key", "any").text(body);
        call.send().await.is(200);
        assert_eq!(upstream.last_chat().text(), sent, "{path}");
    }
    let refused = gateway.call(Method::POST, "/openai/deployments/m/chat/completions");
    let refused = refused.text("[]").send().await.is(400);
    assert!(refused.message().contains("object"), "{}", refused.text());
}

#[tokio::test]
async fn bodies_pass_byte_for_byte() {
    let (gateway, upstream) = one().await;
    let asked = r#"{ "zeta":1e2, "model":"mine/m","messages":[{"role":"user","content":"\u00e9 é \ud83d\ude00"}],  "unknown":{"b":1,"a":[1.50]}, "seed":12345678901234567890 }"#;
    let answer = r#"{"usage":{"prompt_tokens":1,"completion_tokens":2.0,"total_tokens":3},"id":"x", "choices":[{"index":0,"message":{"role":"assistant","content":"\u00e9"},"finish_reason":"stop"}],"extra":{"z":1,"a":1e-3}}"#;
    let bytes = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
        answer.len()
    );
    upstream.always(shapes::CHAT, Answer::steps(vec![Step::Send(bytes.into())]));
    let reply = gateway
        .call(Method::POST, shapes::CHAT)
        .bearer("any")
        .text(asked)
        .send()
        .await
        .is(200);
    assert_eq!(upstream.last_chat().text(), asked.replace("mine/m", "m"));
    assert_eq!(reply.text(), answer);
}

#[tokio::test]
async fn no_credential_of_the_client_goes_upstream() {
    let (gateway, upstream) = one().await;
    let names = ["x-api-key", "x-goog-api-key", "api-key", "x-bf-vk", "cookie"];
    let mut call = gateway.chat("client-secret-1", "mine/m");
    for name in names {
        call = call.header(name, "client-secret-2");
    }
    call.send().await.is(200);
    let sent = upstream.last_chat();
    assert_eq!(sent.header("authorization"), Some("Bearer dummy"));
    assert!(
        !sent.headers.iter().any(|(_, value)| value.contains("client-secret")),
        "{:?}",
        sent.headers
    );
}

#[tokio::test]
async fn a_stream_passes_event_by_event() {
    let (gateway, upstream) = one().await;
    let gate = Gate::closed();
    let mut steps = Vec::new();
    for event in shapes::chat_stream("here", &chat_streamed("m")) {
        steps.extend([Step::Wait(gate.clone()), Step::Send(event)]);
    }
    upstream.always(shapes::CHAT, Answer::stream(steps));
    // The first event says nothing yet; until there is content, another upstream could still answer.
    gate.pass(2);
    let mut live = stream(&gateway, &chat_streamed("mine/m")).await;
    let mut events = vec![live.event().await.unwrap(), live.event().await.unwrap()];
    for _ in 0..2 {
        gate.pass(1);
        events.push(live.event().await.expect("each event comes before the next is made"));
    }
    gate.open();
    events.extend(live.events().await);
    assert_eq!(text(&chunks(&events)), hello("here"));
}

#[tokio::test]
async fn a_stream_is_the_same_however_it_is_cut() {
    let (gateway, upstream) = one().await;
    let whole: Vec<u8> = shapes::chat_stream("hére €uro 😀", &chat_streamed("m")).concat();
    for size in [1, 2, 3, 7, 64, whole.len()] {
        let pieces = whole
            .chunks(size)
            .map(|piece| Step::Send(Bytes::copy_from_slice(piece)))
            .collect();
        upstream.once(shapes::CHAT, Answer::stream(pieces));
        let mut live = stream(&gateway, &chat_streamed("mine/m")).await;
        assert_eq!(
            text(&chunks(&live.events().await)),
            hello("hére €uro 😀"),
            "pieces of {size} bytes"
        );
    }
}

#[tokio::test]
async fn the_usage_that_the_gateway_asked_for_is_not_shown_to_a_client_that_did_not() {
    let (gateway, upstream) = one().await;
    let plain = chunks(&stream(&gateway, &chat_streamed("mine/m")).await.events().await);
    assert!(plain.iter().all(|chunk| chunk["usage"].is_null()), "{plain:?}");
    assert_eq!(
        upstream.last_chat().json()["stream_options"]["include_usage"],
        true,
        "the gateway meters streams"
    );
    let mut asked = chat_streamed("mine/m");
    asked["stream_options"] = json!({"include_usage": true});
    let with_usage = chunks(&stream(&gateway, &asked).await.events().await);
    assert_eq!(with_usage.last().unwrap()["usage"]["total_tokens"], 15);
    assert_eq!(plain.len() + 1, with_usage.len());
}

#[tokio::test]
async fn tools_pass_plain_and_streamed() {
    let (gateway, upstream) = one().await;
    let reply = gateway.ask_with("any", &chat_with_tool("mine/m")).await.is(200).json();
    assert_eq!(
        reply["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"],
        "{\"city\":\"Oslo\"}"
    );
    assert_eq!(upstream.last_chat().json()["tools"], chat_with_tool("m")["tools"]);
    check_streamed_tool(&gateway, "mine/m").await;
}

/// A streamed answer that is a call of the tool, whoever serves it.
async fn check_streamed_tool(gateway: &Gateway, model: &str) {
    let mut body = chat_with_tool(model);
    body["stream"] = true.into();
    let chunks = chunks(&stream(gateway, &body).await.events().await);
    let calls = || {
        chunks
            .iter()
            .filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"][0].as_object())
    };
    let first = calls().next().expect("a tool is called");
    assert!(first["id"].as_str().is_some_and(|id| !id.is_empty()));
    assert_eq!(first["function"]["name"], "weather");
    let arguments: String = calls()
        .filter_map(|call| call["function"]["arguments"].as_str())
        .collect();
    assert_eq!(
        serde_json::from_str::<Value>(&arguments).unwrap(),
        json!({"city": "Oslo"})
    );
    let finish: Vec<&str> = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["finish_reason"].as_str())
        .collect();
    assert_eq!(finish, ["tool_calls"]);
}

#[tokio::test]
async fn completions_and_embeddings_pass() {
    let (gateway, upstream) = one().await;
    let asked = json!({"model": "mine/m", "prompt": "Once"});
    let reply = gateway.post(shapes::COMPLETIONS, &asked).await.is(200).json();
    assert_eq!(reply["choices"][0]["text"], hello("here"));
    let mut live = gateway
        .call(Method::POST, shapes::COMPLETIONS)
        .json(&json!({"model": "mine/m", "prompt": "Once", "stream": true}))
        .open()
        .await;
    let streamed: String = chunks(&live.events().await)
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["text"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(streamed, hello("here"));
    let reply = gateway
        .post(shapes::EMBEDDINGS, &json!({"model": "mine/m", "input": "x"}))
        .await
        .is(200)
        .json();
    assert_eq!(reply["data"][0]["embedding"], json!([0.25, -0.5, 0.125]));
    assert_eq!(upstream.seen(shapes::EMBEDDINGS).len(), 1);
}

#[tokio::test]
async fn an_operation_that_the_provider_does_not_allow_is_refused() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("mine", &upstream);
    settings["custom_provider_config"]["allowed_requests"] = json!({"chat_completion": true});
    gateway.add(&settings).await;
    gateway.ask("any", "mine/m").await.is(200);
    let refused = gateway
        .post(shapes::EMBEDDINGS, &json!({"model": "mine/m", "input": "x"}))
        .await
        .is(400);
    assert_eq!(refused.code(), "unsupported_operation");
    let streamed = gateway.ask_with("any", &chat_streamed("mine/m")).await.is(400);
    assert_eq!(streamed.code(), "unsupported_operation");
    assert_eq!(upstream.asked(), 1);
}

#[tokio::test]
async fn a_turn_for_anthropic_is_translated_there_and_back() {
    let (gateway, upstream) = with_anthropic().await;
    let asked = json!({
        "model": CLAUDE, "temperature": 0.5, "stop": ["END"], "max_completion_tokens": 99,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello!"},
            {"role": "assistant", "content": "Hi."},
            {"role": "user", "content": [{"type": "text", "text": "Again!"}]},
        ],
    });
    let reply = gateway.ask_with("any", &asked).await.is(200).json();
    assert_eq!(reply["object"], "chat.completion");
    assert_eq!(reply["choices"][0]["message"]["content"], hello("claude"));
    assert_eq!(reply["choices"][0]["finish_reason"], "stop");
    for (count, value) in [("prompt_tokens", 10), ("completion_tokens", 5), ("total_tokens", 15)] {
        assert_eq!(reply["usage"][count], value, "{count}: {reply}");
    }

    let sent = upstream.seen(shapes::MESSAGES).pop().expect("a message came");
    assert!(sent.header("anthropic-version").is_some());
    let sent = sent.json();
    assert_eq!(sent["model"], "claude-3-5-haiku-20241022");
    assert!(sent["system"].to_string().contains("Be brief."));
    assert_eq!(
        (&sent["temperature"], &sent["stop_sequences"], &sent["max_tokens"]),
        (&json!(0.5), &json!(["END"]), &json!(99))
    );
    let roles: Vec<&str> = sent["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|m| m["role"].as_str())
        .collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
}

#[tokio::test]
async fn a_turn_for_anthropic_without_a_cap_gets_the_models_own() {
    let (gateway, upstream) = with_anthropic().await;
    gateway.ask_with("any", &chat(CLAUDE)).await.is(200);
    let sent = upstream.seen(shapes::MESSAGES).pop().expect("a message came").json();
    assert_eq!(sent["max_tokens"], 8192);
}

#[tokio::test]
async fn a_streamed_turn_for_anthropic_is_translated() {
    let (gateway, _upstream) = with_anthropic().await;
    let mut asked = chat_streamed(CLAUDE);
    asked["stream_options"] = json!({"include_usage": true});
    let chunks = chunks(&stream(&gateway, &asked).await.events().await);
    assert_eq!(text(&chunks), hello("claude"));
    assert!(chunks.iter().all(|chunk| chunk["object"] == "chat.completion.chunk"));
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(chunks.last().unwrap()["usage"]["completion_tokens"], 5);
}

#[tokio::test]
async fn tools_reach_anthropic_and_their_use_comes_back() {
    let (gateway, upstream) = with_anthropic().await;
    let mut asked = chat_with_tool(CLAUDE);
    asked["messages"] = json!([
        {"role": "user", "content": "Weather in Rome?"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "call_9", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Rome\"}"}}]},
        {"role": "tool", "tool_call_id": "call_9", "content": "sunny"},
        {"role": "user", "content": "And in Oslo?"},
    ]);
    let reply = gateway.ask_with("any", &asked).await.is(200).json();
    let call = &reply["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(
        (&call["id"], &call["function"]["name"]),
        (&json!("toolu_1"), &json!("weather"))
    );
    let arguments: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(arguments, json!({"city": "Oslo"}));
    assert_eq!(reply["choices"][0]["finish_reason"], "tool_calls");

    let sent = upstream.seen(shapes::MESSAGES).pop().expect("a message came").json();
    assert_eq!(sent["tools"][0]["name"], "weather");
    assert_eq!(sent["tools"][0]["input_schema"]["required"], json!(["city"]));
    let used = &sent["messages"][1]["content"][0];
    assert_eq!(
        (&used["type"], &used["id"], &used["input"]),
        (&json!("tool_use"), &json!("call_9"), &json!({"city": "Rome"}))
    );
    let result = &sent["messages"][2]["content"][0];
    assert_eq!(
        (&result["type"], &result["tool_use_id"]),
        (&json!("tool_result"), &json!("call_9"))
    );
    check_streamed_tool(&gateway, CLAUDE).await;
}

#[tokio::test]
async fn what_anthropic_does_not_have_is_told() {
    let (gateway, upstream) = with_anthropic().await;
    let reply = gateway
        .post(shapes::EMBEDDINGS, &json!({"model": CLAUDE, "input": "x"}))
        .await
        .is(400);
    assert_eq!(reply.code(), "unsupported_operation");
    assert_eq!(upstream.asked(), 0);
}

#[tokio::test]
async fn an_error_of_anthropic_reads_as_one_of_openai() {
    let (gateway, upstream) = with_anthropic().await;
    let error =
        json!({"type": "error", "error": {"type": "invalid_request_error", "message": "max_tokens: too large"}});
    upstream.always(shapes::MESSAGES, Answer::json(400, &error));
    let reply = gateway.ask_with("any", &chat(CLAUDE)).await.is(400);
    assert!(reply.message().contains("max_tokens: too large"), "{}", reply.text());
    reply.code();
}

#[tokio::test]
async fn an_upstream_error_in_no_known_shape_keeps_its_reason() {
    let (gateway, upstream) = one().await;
    upstream.always(
        shapes::CHAT,
        Answer::json(400, &json!({"detail": "the context is 8 tokens long"})),
    );
    let reply = gateway.ask("any", "mine/m").await.is(400);
    assert!(
        reply.text().contains("the context is 8 tokens long"),
        "{}",
        reply.text()
    );
}

#[tokio::test]
async fn the_root_of_the_api_says_that_it_is_there() {
    let gateway = Gateway::start().await;
    for path in ["/v1", "/openai", "/openai/v1"] {
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(
                gateway.call(method.clone(), path).send().await.status,
                200,
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn the_openai_prefix_works_with_and_without_v1() {
    let (gateway, _upstream) = one().await;
    for path in ["/openai/v1/chat/completions", "/openai/chat/completions"] {
        let reply = gateway
            .call(Method::POST, path)
            .bearer("any")
            .json(&chat("mine/m"))
            .send()
            .await;
        assert_eq!(reply.said(), hello("here"), "{path}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_call_upstream() {
    let (gateway, upstream) = one().await;
    upstream.always(shapes::CHAT, Answer::stream_that_hangs("here"));
    let mut live = stream(&gateway, &chat_streamed("mine/m")).await;
    live.event().await.expect("the stream begins");
    drop(live);
    eventually("the upstream sees the streaming client leave", || async {
        upstream.last_chat().left().then_some(())
    })
    .await;

    upstream.always(shapes::CHAT, Answer::hang());
    let call = tokio::spawn(gateway.chat("any", "mine/m").send());
    upstream.busy_with(1).await;
    call.abort();
    upstream.busy_with(0).await;
    assert!(upstream.last_chat().left());
}
