//! Running the gateway: flags, configuration files, health, explain, shutdown, access.

use std::net::{SocketAddr, TcpListener};

use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::gateway::run;
use crate::support::settings::{key_path, self_hosted};
use crate::support::shapes::{self, chat, chat_streamed};
use crate::support::{Answer, Gate, Gateway, Step, Upstream, client::Call, eventually};

/// Runs the binary to its end in an empty folder.
fn ran(args: &[&str]) -> (bool, String) {
    let home = TempDir::new().unwrap();
    let (status, out, err) = run(home.path(), args);
    (status.success(), format!("{out}{err}"))
}

#[test]
fn help_names_every_flag_and_its_variable() {
    let (good, help) = ran(&["--help"]);
    assert!(good);
    for flag in [
        "--host",
        "--port",
        "--data-dir",
        "--config",
        "--log-level",
        "--admin-token",
        "--env-allow",
    ] {
        let variable = format!(
            "GATEWAY_{}",
            flag.trim_start_matches("--").replace('-', "_").to_uppercase()
        );
        assert!(
            help.contains(flag) && help.contains(&variable),
            "{flag} and {variable}:\n{help}"
        );
    }
    assert!(help.contains("check"), "{help}");
    assert!(ran(&["--version"]).0);
}

#[test]
fn a_wrong_flag_is_told_with_the_right_one() {
    let (good, said) = ran(&["--prot", "1"]);
    assert!(!good && said.contains("--port"), "{said}");
}

#[tokio::test]
async fn variables_stand_for_flags() {
    let free = TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let gateway = Gateway::with()
        .without_port()
        .env("GATEWAY_PORT", &free.to_string())
        .start()
        .await;
    assert_eq!(gateway.address.port(), free);
    gateway.get("/health").await.is(200);
}

#[tokio::test]
async fn a_few_lines_say_where_everything_is() {
    let gateway = Gateway::start().await;
    let (address, data) = (format!("http://{}", gateway.address), gateway.file("data"));
    let data = data.to_str().unwrap();
    for words in [
        format!("API        {address}/v1\n"),
        format!("Dashboard  {address}/\n"),
        format!("Data       {data}\n"),
    ] {
        let what = format!("{words:?} is printed:\n{}", gateway.printed());
        eventually(&what, || async { gateway.printed().contains(&words).then_some(()) }).await;
    }
}

#[test]
fn a_taken_port_is_told_with_the_flag_that_changes_it() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let home = TempDir::new().unwrap();
    let data = home.path().join("data");
    let (good, said) = ran(&["--port", &port, "--data-dir", data.to_str().unwrap()]);
    assert!(!good && said.contains(&port) && said.contains("--port"), "{said}");
}

#[tokio::test]
async fn two_gateways_do_not_share_a_data_folder() {
    let gateway = Gateway::start().await;
    let data = gateway.file("data");
    let (good, said) = ran(&["--port", "0", "--data-dir", data.to_str().unwrap()]);
    assert!(!good && said.contains(data.to_str().unwrap()), "{said}");
    gateway.get("/health").await.is(200);
}

#[tokio::test]
async fn localhost_is_served_on_both_of_its_addresses() {
    if TcpListener::bind(("::1", 0)).is_err() {
        return; // A machine without IPv6 has nothing to serve there.
    }
    let gateway = Gateway::start().await;
    let six = SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, gateway.address.port()));
    Call::new(six, Method::GET, "/health").send().await.is(200);
    Call::new(six, Method::GET, "/api/providers").send().await.is(200);
}

#[tokio::test]
async fn health_is_told_to_whoever_asks() {
    let gateway = Gateway::start().await;
    assert_eq!(gateway.get("/health").await.is(200).json()["status"], "ok");
    gateway.get("/livez").await.is(200);
    gateway.get("/readyz").await.is(200);
}

/// One document in three formats.
fn documents(upstream: &Upstream) -> [(&'static str, String); 3] {
    let provider = self_hosted("mine", upstream);
    let document = json!({
        "client": {"max_request_body_size_mb": 5},
        "providers": {"mine": {"keys": provider["keys"], "network_config": provider["network_config"],
            "custom_provider_config": provider["custom_provider_config"]}},
        "governance": {"virtual_keys": [{"id": "vk-file", "provider_configs": [{"provider": "mine"}]}]},
    });
    let url = upstream.url();
    let yaml = format!(
        "client:\n  max_request_body_size_mb: 5\nproviders:\n  mine:\n    keys:\n      - name: k\n        value: dummy\n    \
         network_config:\n      base_url: {url}\n    custom_provider_config:\n      base_provider_type: openai\n\
         governance:\n  virtual_keys:\n    - id: vk-file\n      provider_configs:\n        - provider: mine\n"
    );
    let toml = format!(
        "[client]\nmax_request_body_size_mb = 5\n\n[providers.mine]\nkeys = [{{ name = \"k\", value = \"dummy\" }}]\n\
         network_config = {{ base_url = \"{url}\" }}\ncustom_provider_config = {{ base_provider_type = \"openai\" }}\n\n\
         [[governance.virtual_keys]]\nid = \"vk-file\"\nprovider_configs = [{{ provider = \"mine\" }}]\n"
    );
    [
        ("gateway.json", document.to_string()),
        ("gateway.yaml", yaml),
        ("gateway.toml", toml),
    ]
}

#[tokio::test]
async fn a_file_sets_up_what_the_api_would_in_any_of_three_formats() {
    let upstream = Upstream::start("here", &["m"]).await;
    for (name, text) in documents(&upstream) {
        let home = TempDir::new().unwrap();
        std::fs::write(home.path().join(name), &text).unwrap();
        let (status, out, err) = run(home.path(), &["check", name]);
        assert!(status.success(), "{name}: {out}{err}");
        let gateway = Gateway::with().config(name, &text).start().await;
        assert_eq!(gateway.ask("vk-file", "m").await.said(), "hello from here", "{name}");
        assert_eq!(gateway.ask("wrong", "m").await.status, 401, "{name}");
    }
}

#[test]
fn check_names_the_field_that_is_wrong() {
    let home = TempDir::new().unwrap();
    let budget = |duration: &str| json!({"governance": {"virtual_keys": [{"id": "vk", "budget": {"max_limit": 1, "reset_duration": duration}}]}});
    let entry = json!({"provider": "mine", "weight": -1});
    for (name, text, says) in [
        (
            "a.json",
            r#"{"providres": {}}"#.to_owned(),
            vec!["providres", "providers"],
        ),
        (
            "b.json",
            r#"{"client": {"max_attempts": "many"}}"#.to_owned(),
            vec!["client.max_attempts"],
        ),
        ("c.json", "{".to_owned(), vec!["line"]),
        ("d.yaml", "client: [".to_owned(), vec!["line"]),
        ("e.toml", "client = ".to_owned(), vec!["line"]),
        ("f.json", budget("5x").to_string(), vec!["reset_duration", "5x"]),
        (
            "g.json",
            json!({"governance": {"virtual_keys": [{"id": "vk", "provider_configs": [entry]}]}}).to_string(),
            vec!["weight"],
        ),
    ] {
        std::fs::write(home.path().join(name), &text).unwrap();
        let (status, out, err) = run(home.path(), &["check", name]);
        let said = format!("{out}{err}");
        assert!(!status.success(), "{name} passed: {text}");
        for word in says.into_iter().chain([name]) {
            assert!(said.contains(word), "{name}: must say {word}: {said}");
        }
    }
    assert!(!run(home.path(), &["check", "missing.json"]).0.success());
}

#[test]
fn a_gateway_does_not_start_on_a_file_that_is_wrong() {
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("bad.json"), r#"{"client": {"max_attempts": "many"}}"#).unwrap();
    let (status, out, err) = run(
        home.path(),
        &["--port", "0", "--data-dir", "data", "--config", "bad.json"],
    );
    assert!(
        !status.success() && format!("{out}{err}").contains("client.max_attempts"),
        "{out}{err}"
    );
}

#[tokio::test]
async fn a_changed_file_is_taken_up_and_a_wrong_one_kept_out() {
    let (first, second) = (
        Upstream::start("first", &["m"]).await,
        Upstream::start("second", &["m"]).await,
    );
    let [(name, text), ..] = documents(&first);
    let gateway = Gateway::with().config(name, &text).start().await;
    assert_eq!(gateway.ask("vk-file", "m").await.said(), "hello from first");

    std::fs::write(gateway.file(name), "{\"providers\": {\"mine\": {\"keys\": 5}}}").unwrap();
    eventually("the error of the file is shown", || async {
        gateway.printed().contains("providers.mine.keys").then_some(())
    })
    .await;
    let shown = gateway.get("/api/config").await.is(200).text();
    assert!(
        shown.contains("providers.mine.keys"),
        "the API shows the error as well: {shown}"
    );
    assert_eq!(
        gateway.ask("vk-file", "m").await.said(),
        "hello from first",
        "the old settings are kept"
    );

    std::fs::write(gateway.file(name), text.replace(&first.url(), &second.url())).unwrap();
    eventually("the changed file is taken up", || async {
        (gateway.ask("vk-file", "m").await.said() == "hello from second").then_some(())
    })
    .await;
    let shown = gateway.get("/api/config").await.is(200).text();
    assert!(!shown.contains("providers.mine.keys"), "the error is gone: {shown}");
}

#[tokio::test]
async fn a_file_that_is_lost_takes_nothing_with_it() {
    let upstream = Upstream::start("here", &["m"]).await;
    let [(name, text), ..] = documents(&upstream);
    let gateway = Gateway::with().config(name, &text).start().await;
    std::fs::remove_file(gateway.file(name)).unwrap();
    eventually("the loss is shown", || async {
        gateway.printed().contains("the file is gone").then_some(())
    })
    .await;
    assert_eq!(gateway.ask("vk-file", "m").await.said(), "hello from here");
    let error = || async { gateway.get("/api/config").await.is(200).json()["config_file_error"].take() };
    assert!(error().await.is_string());

    std::fs::write(gateway.file(name), &text).unwrap();
    eventually("the file is back", || async { error().await.is_null().then_some(()) }).await;
}

#[tokio::test]
async fn what_a_file_declares_is_not_changed_by_the_api() {
    let upstream = Upstream::start("here", &["m"]).await;
    let [(name, text), ..] = documents(&upstream);
    let gateway = Gateway::with().config(name, &text).start().await;
    for (method, path, body) in [
        (
            Method::PUT,
            "/api/providers/mine".to_owned(),
            json!({"network_config": {"max_retries": 3}}),
        ),
        (Method::DELETE, "/api/providers/mine".to_owned(), Value::Null),
        (
            Method::POST,
            "/api/providers/mine/keys".to_owned(),
            json!({"name": "x", "value": "y"}),
        ),
        (Method::PUT, key_path("vk-file"), json!({"is_active": false})),
        (Method::DELETE, key_path("vk-file"), Value::Null),
    ] {
        let reply = gateway.call(method.clone(), &path).json(&body).send().await.is(409);
        assert!(reply.message().contains(name), "{method} {path}: {}", reply.text());
    }
    gateway.get("/api/providers/mine").await.is(200);
    // Everything else belongs to the store.
    gateway.add(&self_hosted("other", &upstream)).await;
    gateway
        .key("vk-other", &json!({"provider_configs": [{"provider": "other"}]}))
        .await;
    assert_eq!(gateway.ask("vk-other", "m").await.said(), "hello from here");
}

#[tokio::test]
async fn a_seed_is_imported_once_and_the_api_may_change_it() {
    let upstream = Upstream::start("here", &["m"]).await;
    let [(name, text), ..] = documents(&upstream);
    let start = Gateway::with().write(name, &text);
    let seed = start.file(name).to_str().unwrap().to_owned();
    let mut gateway = start.args(&["--config-seed", &seed]).start().await;
    assert_eq!(gateway.ask("vk-file", "m").await.said(), "hello from here");
    gateway.key("vk-file", &json!({"is_active": false})).await;
    gateway.stop().await;
    let gateway = gateway.again().args(&["--config-seed", &seed]).start().await;
    assert_eq!(
        gateway.ask("vk-file", "m").await.status,
        403,
        "what was changed since is not imported over"
    );
}

#[tokio::test]
async fn explain_tells_what_would_happen_and_sends_nothing() {
    let (a, b) = (Upstream::start("a", &["m"]).await, Upstream::start("b", &["m"]).await);
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("a", &a)).await;
    gateway.add(&self_hosted("b", &b)).await;
    gateway
        .key(
            "vk",
            &json!({
            "budget": {"max_limit": 1, "reset_duration": "1d"},
            "provider_configs": [{"provider": "a"}, {"provider": "b", "allowed_models": ["other"]}]}),
        )
        .await;
    let call = gateway.call(Method::POST, "/api/explain").header("x-bf-vk", "vk");
    let told = call.json(&chat("m")).send().await.is(200).json();
    let text = told.to_string();
    for word in ["\"a\"", "\"b\"", "price", "budget"] {
        assert!(text.contains(word), "{word}: {told:#}");
    }
    assert!(
        told["candidates"]
            .as_array()
            .is_some_and(|candidates| !candidates.is_empty()),
        "{told:#}"
    );
    assert_eq!(a.asked() + b.asked(), 0);
}

#[tokio::test]
async fn explain_tells_whose_limits_a_call_would_meet_each_once() {
    let (a, b) = (Upstream::start("a", &["m"]).await, Upstream::start("b", &["m"]).await);
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("a", &a)).await;
    gateway.add(&self_hosted("b", &b)).await;
    let limit = json!({"request_max_limit": 5, "request_reset_duration": "1h"});
    let config = json!({"model_name": "m", "rate_limit": limit});
    let made = gateway
        .call(Method::POST, "/api/governance/model-configs")
        .json(&config);
    made.send().await.is(200);
    gateway.key("vk", &json!({"rate_limit": limit})).await;
    for (key, owners) in [("vk", &["virtual key vk", "model m"][..]), ("", &["model m"])] {
        let call = gateway.call(Method::POST, "/api/explain");
        let call = if key.is_empty() {
            call
        } else {
            call.header("x-bf-vk", key)
        };
        let told = call.json(&chat("m")).send().await.is(200).json();
        let limits = told["limits"].as_array().into_iter().flatten();
        let whose: Vec<_> = limits
            .map(|limit| limit["owner"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(whose, owners, "{told:#}");
    }
}

#[tokio::test]
async fn a_stop_lets_streams_finish_and_takes_nothing_new() {
    let upstream = Upstream::start("here", &["m"]).await;
    let mut gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    let gate = Gate::closed();
    let steps = shapes::chat_stream("here", &chat_streamed("m"))
        .into_iter()
        .flat_map(|event| [Step::Wait(gate.clone()), Step::Send(event)])
        .collect();
    upstream.always(shapes::CHAT, Answer::stream(steps));
    gate.pass(2);
    let mut live = gateway
        .call(Method::POST, shapes::CHAT)
        .json(&chat_streamed("mine/m"))
        .open()
        .await;
    live.event().await.expect("the stream begins");
    gateway.terminate();
    eventually("nothing new is taken", || async {
        let call = gateway.call(Method::GET, "/readyz").try_open().await;
        call.map_or(true, |live| live.status == 503).then_some(())
    })
    .await;
    gate.open();
    let events = live.events().await;
    assert_eq!(
        events.last().map(String::as_str),
        Some("[DONE]"),
        "the stream under way is served to its end"
    );
    assert!(gateway.ended().await.success());
}

#[tokio::test]
async fn a_stop_does_not_wait_longer_than_it_may() {
    let upstream = Upstream::start("here", &["m"]).await;
    let mut gateway = Gateway::with().arg("--drain-timeout").arg("1s").start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    upstream.always(shapes::CHAT, Answer::hang());
    let call = tokio::spawn(gateway.chat("any", "mine/m").try_sent());
    upstream.busy_with(1).await;
    gateway.terminate();
    gateway.ended().await;
    call.await.unwrap();
}

#[tokio::test]
async fn without_a_token_management_is_for_this_machine_only() {
    let gateway = Gateway::start().await;
    let paths = [
        "/api/providers",
        "/api/logs",
        "/api/governance/virtual-keys",
        "/metrics",
        "/",
    ];
    for path in paths {
        gateway.get(path).await.is(200);
        for (name, value) in [
            ("host", "gateway.example"),
            ("origin", "https://evil.example"),
            ("x-forwarded-for", "203.0.113.9"),
        ] {
            let reply = gateway.call(Method::GET, path).header(name, value).send().await;
            assert_eq!(reply.status, 403, "{path} with {name}: {value}");
        }
    }
}

#[tokio::test]
async fn a_web_page_from_elsewhere_is_no_anonymous_caller() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    let call = || gateway.call(Method::POST, shapes::CHAT).json(&chat("mine/m"));
    call().send().await.is(200);
    for (name, value) in [("host", "rebound.example"), ("origin", "https://evil.example")] {
        let reply = call().header(name, value).send().await;
        assert!([401, 403].contains(&reply.status), "{name}: {value}: {}", reply.text());
    }
    gateway.key("vk", &json!({})).await;
    let page = || call().header("host", "rebound.example");
    for (name, value) in [("x-api-key", ""), ("authorization", "Bearer"), ("x-bf-vk", " ")] {
        let reply = page().header(name, value).send().await;
        assert_eq!(reply.status, 403, "an empty {name} is no credential: {}", reply.text());
    }
    assert_eq!(page().header("authorization", "Basic eDp5").send().await.status, 401);
    assert_eq!(upstream.asked(), 1);
    page().bearer("vk").send().await.is(200);
}

#[tokio::test]
async fn with_a_token_management_asks_for_it() {
    let gateway = Gateway::with().arg("--admin-token").arg("open-sesame").start().await;
    let call = |path: &str| gateway.call(Method::GET, path);
    for path in ["/api/providers", "/api/logs", "/metrics"] {
        assert_eq!(call(path).send().await.status, 401, "{path}");
        assert_eq!(call(path).bearer("wrong").send().await.status, 401, "{path}");
        assert_eq!(call(path).bearer("open-sesame").send().await.status, 200, "{path}");
        let from_afar = call(path)
            .bearer("open-sesame")
            .header("host", "gateway.example")
            .send()
            .await;
        assert_eq!(from_afar.status, 200, "{path}");
    }
    assert!(!gateway.printed().contains("open-sesame"), "a token is not printed");
}

#[tokio::test]
async fn beyond_loopback_virtual_keys_are_a_must() {
    let gateway = Gateway::with().arg("--host").arg("0.0.0.0").start().await;
    let reply = gateway
        .call(Method::POST, shapes::CHAT)
        .json(&chat("m"))
        .send()
        .await
        .is(401);
    assert_eq!(reply.code(), "virtual_key_required");
}

#[tokio::test]
async fn the_dashboard_is_there_at_each_of_its_addresses() {
    let gateway = Gateway::start().await;
    for address in ["/", "/ui", "/ui/logs/req-1?status=error"] {
        let page = gateway.get(address).await.is(200);
        assert!(
            page.header("content-type")
                .is_some_and(|kind| kind.starts_with("text/html")),
            "{address}"
        );
        assert!(
            page.header("content-security-policy")
                .is_some_and(|policy| policy.contains("'nonce-") && !policy.contains("unsafe")),
            "{address}"
        );
        assert!(
            !page.text().contains("http://") && !page.text().contains("https://"),
            "nothing is loaded from elsewhere: {address}"
        );
    }
    gateway.call(Method::HEAD, "/ui/keys").send().await.is(200);
    gateway.get("/ui/assets/of-another-version.js").await.is(404);
}

#[tokio::test]
async fn logs_can_be_lines_of_json() {
    let gateway = Gateway::with()
        .env("GATEWAY_LOG_STYLE", "json")
        .env("GATEWAY_LOG_LEVEL", "debug")
        .start()
        .await;
    gateway.get("/health").await.is(200);
    let printed = gateway.printed();
    assert!(
        printed
            .lines()
            .any(|line| serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object())),
        "{printed}"
    );
}
