//! Clients that send nonsense, too much, too slowly, or leave: told what is wrong, or cut, and nothing leaks.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::support::raw::Raw;
use crate::support::settings::{key_path, self_hosted};
use crate::support::shapes::{self, chat, chat_streamed};
use crate::support::{Answer, Gateway, Upstream, eventually};

/// A gateway that does not wait long for clients, with one provider, `mine`, that serves `m`.
async fn impatient() -> (Gateway, Upstream) {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::with()
        .args(&["--header-timeout", "1s", "--body-timeout", "1s", "--idle-timeout", "1s"])
        .start()
        .await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    (gateway, upstream)
}

/// A body that is refused with that status, by a message that holds these words, in OpenAI's shape; others are served.
async fn check_body(gateway: &Gateway, body: &[u8], status: u16, words: &[&str]) {
    let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
    let reply = gateway
        .call(Method::POST, shapes::CHAT)
        .bearer("any")
        .bytes(body)
        .send()
        .await;
    assert_eq!(reply.status, status, "{shown}: {}", reply.text());
    reply.code();
    for word in words {
        assert!(
            reply.message().contains(word),
            "{shown}: must say {word}: {}",
            reply.text()
        );
    }
    assert_eq!(
        gateway.ask("any", "mine/m").await.said(),
        "hello from here",
        "after {shown}"
    );
}

#[tokio::test]
async fn bodies_that_are_no_request_are_told_what_is_wrong() {
    let (gateway, upstream) = impatient().await;
    let deep = format!(
        r#"{{"model":"mine/m","messages":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let cases: &[(&[u8], &[&str])] = &[
        (b"", &["JSON"]),
        (b"{", &["JSON"]),
        (b"hello", &["JSON"]),
        (b"[]", &["object"]),
        (b"\"text\"", &["object"]),
        (b"null", &["object"]),
        (b"{}", &["model"]),
        (br#"{"messages":[]}"#, &["model"]),
        (br#"{"model":5,"messages":[]}"#, &["model"]),
        (br#"{"model":"","messages":[]}"#, &["model"]),
        (br#"{"model":"mine/m","model":"other","messages":[]}"#, &["model"]),
        (br#"{"model":"mine/m","mo\u0064el":"other","messages":[]}"#, &["escape"]),
        (br#"{"model":"mine/m","messages":[]} trailing"#, &["after its end"]),
        (
            b"{\"model\":\"mine/m\",\"messages\":[{\"role\":\"user\",\"content\":\"\xff\xfe\"}]}",
            &["UTF-8"],
        ),
        (br#"{"model":"mine/m","stream":"yes","messages":[]}"#, &["stream"]),
        (
            br#"{"model":"mine/m","fallbacks":{"a":1},"messages":[]}"#,
            &["fallbacks"],
        ),
        (br#"{"model":"mine/m","max_tokens":-5,"messages":[]}"#, &["max_tokens"]),
        (deep.as_bytes(), &["deep"]),
    ];
    for (body, words) in cases {
        let before = upstream.asked();
        check_body(&gateway, body, 400, words).await;
        assert_eq!(
            upstream.asked(),
            before + 1,
            "only the check that others are served went upstream"
        );
    }
}

#[tokio::test]
async fn errors_name_their_field() {
    let (gateway, _upstream) = impatient().await;
    let reply = gateway
        .call(Method::POST, shapes::CHAT)
        .text(r#"{"messages":[]}"#)
        .send()
        .await
        .is(400);
    assert_eq!(reply.json()["error"]["param"], "model");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_the_limit_is_a_setting() {
    let (gateway, upstream) = impatient().await;
    gateway
        .put(
            "/api/config",
            &json!({"client_config": {"max_request_body_size_mb": 1}}),
        )
        .await
        .is(200);
    let mut body = chat("mine/m");
    body["padding"] = "x".repeat(2 * 1024 * 1024).into();
    check_body(
        &gateway,
        body.to_string().as_bytes(),
        413,
        &["max_request_body_size_mb"],
    )
    .await;
    // The same without a length that tells it beforehand.
    let mut raw = Raw::connect(gateway.address).await;
    raw.say("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for _ in 0..40 {
        if !raw.say(&chunk).await {
            break;
        }
    }
    assert!(raw.head().await.starts_with("HTTP/1.1 413"));
    gateway
        .put(
            "/api/config",
            &json!({"client_config": {"max_request_body_size_mb": 5}}),
        )
        .await
        .is(200);
    gateway.ask_with("any", &body).await.is(200);
    assert_eq!(upstream.last_chat().json()["padding"], body["padding"]);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_in_the_dialect_of_the_path() {
    let (gateway, _upstream) = impatient().await;
    let reply = gateway.post("/v1/chat/nothing", &chat("mine/m")).await.is(404);
    assert_eq!(reply.code(), "route_not_found");
    let reply = gateway.get(shapes::CHAT).await.is(405);
    assert_eq!(
        (reply.code().as_str(), reply.header("allow")),
        ("method_not_allowed", Some("POST"))
    );
    let reply = gateway.get("/api/nothing").await.is(404);
    assert_eq!(
        (&reply.json()["status_code"], reply.message()),
        (&json!(404), "Route not found: /api/nothing".into())
    );
    gateway.call(Method::PATCH, "/api/providers").send().await.is(405);
    gateway.get("/nothing").await.is(404);
}

#[tokio::test]
async fn an_unknown_provider_is_told() {
    let (gateway, _upstream) = impatient().await;
    let reply = gateway.ask("any", "nobody/m").await.is(404);
    assert!(reply.message().contains("nobody/m"), "{}", reply.text());
    gateway.get("/api/providers/nobody").await.is(404);
    gateway.get("/api/providers/nobody/keys").await.is(404);
    let entry = json!({"provider_configs": [{"provider": "nobody"}]});
    let made = gateway.key("vk", &entry).await;
    assert!(
        made["warnings"].to_string().contains("nobody"),
        "a key may come before its provider: {made}"
    );
}

/// A settings call that is refused with 400 in the envelope of the reference, naming these.
async fn check_settings(gateway: &Gateway, method: Method, path: &str, body: &str, names: &[&str]) {
    let reply = gateway.call(method, path).text(body).send().await;
    assert_eq!(reply.status, 400, "{body}: {}", reply.text());
    assert_eq!(reply.json()["status_code"], 400);
    for name in names {
        assert!(
            reply.message().contains(name),
            "{body}: must name {name}: {}",
            reply.text()
        );
    }
}

#[tokio::test]
async fn wrong_settings_are_refused_by_name_and_leave_no_trace() {
    let (gateway, _upstream) = impatient().await;
    let vk = key_path("vk");
    for (path, body, names) in [
        (
            &*vk,
            r#"{"provider_configs":[{"provider":"mine","weight":-1}]}"#,
            &["provider_configs[0].weight"][..],
        ),
        (
            &vk,
            r#"{"provider_configs":[{"provider":"mine","wieght":1}]}"#,
            &["wieght"],
        ),
        (
            &vk,
            r#"{"budget":{"max_limit":1,"reset_duration":"5x"}}"#,
            &["reset_duration", "5x"],
        ),
        (
            &vk,
            r#"{"budget":{"max_limit":-1,"reset_duration":"1d"}}"#,
            &["max_limit"],
        ),
        (&vk, r#"{"budget":{"max_limit":1}}"#, &["reset_duration"]),
        (
            &vk,
            r#"{"budget":{"max_limit":"much","reset_duration":"1d"}}"#,
            &["max_limit"],
        ),
        (
            &vk,
            r#"{"rate_limit":{"request_max_limit":5}}"#,
            &["request_reset_duration"],
        ),
        (&vk, r#"{"no_such_field":1}"#, &["no_such_field"]),
        (&vk, r#"{"#, &["JSON"]),
        (&vk, r#"[]"#, &["object"]),
        (
            "/api/providers/mine",
            r#"{"network_config":{"base_url":"nowhere"}}"#,
            &["base_url"],
        ),
        (
            "/api/providers/mine",
            r#"{"network_config":{"base_url":"ftp://x"}}"#,
            &["base_url"],
        ),
        (
            "/api/providers/mine",
            r#"{"network_config":{"timeout":1}}"#,
            &["network_config.timeout"],
        ),
        (
            "/api/providers/mine",
            r#"{"keys":[{"name":"k","value":"v","weight":-2}]}"#,
            &["keys[0].weight"],
        ),
        (
            "/api/providers/new",
            r#"{"custom_provider_config":{"base_provider_type":"nonsense"}}"#,
            &["nonsense"],
        ),
        ("/api/providers/new", r#"{"keys":[]}"#, &["custom_provider_config"]),
    ] {
        check_settings(&gateway, Method::PUT, path, body, names).await;
    }
    check_settings(
        &gateway,
        Method::POST,
        "/api/providers",
        r#"{"keys":[]}"#,
        &["provider"],
    )
    .await;
    gateway.get(&vk).await.is(404);
    gateway.get("/api/providers/new").await.is(404);
    assert_eq!(gateway.ask("any", "mine/m").await.said(), "hello from here");
}

/// What a process holds open.
fn open_files(gateway: &Gateway) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", gateway.pid()))
        .expect("the gateway runs")
        .count()
}

/// Runs something that misuses the gateway, many times over, and sees that it holds no more afterwards than before, is
/// busy with nothing, and serves others.
async fn check_no_leak<F: Future<Output = ()>>(gateway: &Gateway, misuse: impl Fn() -> F) {
    gateway.ask("any", "mine/m").await.is(200);
    misuse().await; // What is made once and kept is no leak.
    let before = open_files(gateway);
    for _ in 0..10 {
        misuse().await;
    }
    let what = format!("from more than {before} open files back to them");
    eventually(&what, || async { (open_files(gateway) <= before + 2).then_some(()) }).await;
    eventually("nothing is under way", || async {
        (gateway.metric("bifrost_active_requests", &[]).await < 0.5).then_some(())
    })
    .await;
    gateway.ask("any", "mine/m").await.is(200);
}

#[tokio::test]
async fn a_client_that_stops_in_the_head_is_cut() {
    let (gateway, _upstream) = impatient().await;
    check_no_leak(&gateway, || async {
        let mut raw = Raw::connect(gateway.address).await;
        raw.say("POST /v1/chat/completions HTTP/1.1\r\nhost: loc").await;
        let said = raw.until_closed().await;
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn a_client_that_stops_in_the_body_is_told_and_cut() {
    let (gateway, _upstream) = impatient().await;
    check_no_leak(&gateway, || async {
        let mut raw = Raw::connect(gateway.address).await;
        raw.say("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 500\r\n\r\n{\"model\"")
            .await;
        let said = raw.until_closed().await;
        assert!(
            said.starts_with("HTTP/1.1 408") && said.contains("request_timeout"),
            "{said}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_client_that_drips_is_cut_and_others_do_not_wait_for_it() {
    let (gateway, _upstream) = impatient().await;
    let address = gateway.address;
    let dripping: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn(async move {
                let mut raw = Raw::connect(address).await;
                let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 500\r\n\r\n";
                let mut bytes = 0;
                raw.say(head).await;
                // A byte at a time, often enough never to be taken for silent.
                while raw.say("{").await && bytes < 200 {
                    bytes += 1;
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                (bytes, raw.until_closed().await)
            })
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(gateway.ask("any", "mine/m").await.said(), "hello from here");
    }
    for client in dripping {
        let (bytes, _said) = client.await.unwrap();
        assert!(bytes < 200, "a body of a byte at a time is not waited for");
    }
    eventually("nothing is under way", || async {
        (gateway.metric("bifrost_active_requests", &[]).await < 0.5).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_client_that_says_nothing_is_cut() {
    let (gateway, _upstream) = impatient().await;
    check_no_leak(&gateway, || async {
        assert_eq!(Raw::connect(gateway.address).await.until_closed().await, "");
    })
    .await;
}

#[tokio::test]
async fn a_client_that_speaks_no_http_is_cut() {
    let (gateway, _upstream) = impatient().await;
    check_no_leak(&gateway, || async {
        for nonsense in [
            &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
            b"hello\r\n\r\n",
            b"GET  HTTP/9.9\r\n\r\n",
        ] {
            let mut raw = Raw::connect(gateway.address).await;
            raw.say(nonsense).await;
            let said = raw.until_closed().await;
            assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let (gateway, _upstream) = impatient().await;
    check_no_leak(&gateway, || async {
        let mut raw = Raw::connect(gateway.address).await;
        raw.say("GET /v1/models HTTP/1.1\r\nhost: localhost\r\n").await;
        for index in 0..200 {
            if !raw.say(format!("x-{index}: {}\r\n", "y".repeat(1000))).await {
                break;
            }
        }
        raw.say("\r\n").await;
        let said = raw.until_closed().await;
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 431") || said.starts_with("HTTP/1.1 400"),
            "{said}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_client_that_leaves_before_its_answer_leaves_nothing_behind() {
    let (gateway, upstream) = impatient().await;
    check_no_leak(&gateway, || async {
        upstream.always(shapes::CHAT, Answer::hang());
        let call = tokio::spawn(gateway.chat("any", "mine/m").send());
        upstream.busy_with(1).await;
        call.abort();
        upstream.busy_with(0).await;
        upstream.heals();
    })
    .await;
}

#[tokio::test]
async fn a_client_that_leaves_in_a_stream_leaves_nothing_behind() {
    let (gateway, upstream) = impatient().await;
    check_no_leak(&gateway, || async {
        upstream.always(shapes::CHAT, Answer::stream_that_hangs("here"));
        let mut live = gateway
            .call(Method::POST, shapes::CHAT)
            .json(&chat_streamed("mine/m"))
            .open()
            .await;
        live.event().await.expect("the stream begins");
        drop(live);
        upstream.busy_with(0).await;
        upstream.heals();
    })
    .await;
}

#[tokio::test]
async fn two_requests_in_one_are_not_smuggled() {
    let (gateway, upstream) = impatient().await;
    let mut raw = Raw::connect(gateway.address).await;
    let body = chat("mine/m").to_string();
    raw.say(format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\ntransfer-encoding: chunked\r\n\r\n{body}",
        body.len()
    ))
    .await;
    let said = raw.until_closed().await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    assert_eq!(upstream.asked(), 0);
}
