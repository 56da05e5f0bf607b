//! Who may use the management API: every path by every kind of caller, logging in and out, and the way in that always
//! stays.

use http::Method;
use serde_json::{Value, json};

use crate::support::client::Call;
use crate::support::gateway::run;
use crate::support::{Gateway, Reply};

const PASSWORD: &str = "correct horse battery";

/// A path of the management API, as `gateway-server docs access` prints it from the server's own tables.
struct Path {
    method: Method,
    path: String,
    needs: String,
    scope: String,
}

fn paths() -> Vec<Path> {
    let home = tempfile::tempdir().unwrap();
    let (status, page, problems) = run(home.path(), &["docs", "access"]);
    assert!(status.success(), "{problems}");
    let rows = page.lines().filter(|line| line.contains("| `/api"));
    let paths: Vec<Path> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            Path {
                method: cells[1].parse().unwrap(),
                path: cells[2].trim_matches('`').to_owned(),
                needs: cells[3].to_owned(),
                scope: cells[4].to_owned(),
            }
        })
        .collect();
    assert!(paths.len() > 50, "{page}");
    paths
}

/// The path with something in it that is not there.
fn filled(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|part| if part.starts_with('{') { "none" } else { part });
    segments.collect::<Vec<_>>().join("/")
}

/// Somebody who calls.
enum Caller {
    Nobody,
    Bearer(String),
    Cookie(String),
}

impl Caller {
    async fn status(&self, gateway: &Gateway, method: &Method, path: &str) -> u16 {
        let call = gateway.call(method.clone(), path).json(&json!({}));
        // The head alone: some answers go on for as long as somebody reads.
        self.dress(call).open().await.status
    }

    fn dress(&self, call: Call) -> Call {
        match self {
            Self::Nobody => call,
            Self::Bearer(token) => call.bearer(token),
            Self::Cookie(session) => call
                .header("cookie", &format!("token={session}"))
                .header("sec-fetch-site", "same-origin"),
        }
    }
}

fn basic(call: Call, user: &str, password: &str) -> Call {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    call.header("authorization", &format!("Basic {text}"))
}

/// A gateway with the user `alice`, an admin, and her session.
async fn with_alice() -> (Gateway, Caller) {
    let gateway = Gateway::start().await;
    let alice = json!({"username": "alice", "role": "admin", "password": PASSWORD});
    gateway.post("/api/users", &alice).await.is(200);
    let session = log_in(&gateway, "alice", PASSWORD).await;
    (gateway, session)
}

async fn try_log_in(gateway: &Gateway, user: &str, password: &str) -> Reply {
    let body = json!({"username": user, "password": password});
    gateway.post("/api/session/login", &body).await
}

async fn log_in(gateway: &Gateway, user: &str, password: &str) -> Caller {
    let reply = try_log_in(gateway, user, password).await.is(200);
    let cookie = reply.header("set-cookie").unwrap().to_owned();
    let value = cookie
        .strip_prefix("token=")
        .and_then(|rest| rest.split(';').next())
        .unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert!(!reply.text().contains(value), "the session is the cookie's alone");
    Caller::Cookie(value.to_owned())
}

async fn send(gateway: &Gateway, caller: &Caller, method: Method, path: &str, body: &Value) -> Reply {
    caller.dress(gateway.call(method, path)).json(body).send().await
}

async fn token(gateway: &Gateway, caller: &Caller, body: &Value) -> Caller {
    let made = send(gateway, caller, Method::POST, "/api/tokens", body)
        .await
        .is(200)
        .json();
    assert!(made["token"].get("value_hash").is_none(), "{made}");
    Caller::Bearer(
        made["value"]
            .as_str()
            .expect("a value that was made is told")
            .to_owned(),
    )
}

#[tokio::test]
async fn every_path_opens_to_those_it_is_for_and_to_nobody_else() {
    let (gateway, alice) = with_alice().await;
    for (name, role) in [("olga", "operator"), ("victor", "viewer")] {
        let body = json!({"username": name, "role": role, "password": PASSWORD});
        send(&gateway, &alice, Method::POST, "/api/users", &body).await.is(200);
    }
    let olga = log_in(&gateway, "olga", PASSWORD).await;
    let victor = log_in(&gateway, "victor", PASSWORD).await;
    let scopes = ["governance", "logs", "config"];
    let scoped = json!({"id": "some", "role": "admin", "scopes": scopes});
    let scoped = token(&gateway, &alice, &scoped).await;
    let whole = token(&gateway, &alice, &json!({"role": "operator"})).await;
    let over = json!({"role": "admin", "expires_at": "2020-01-01T00:00:00Z"});
    let over = token(&gateway, &alice, &over).await;
    let wrong = Caller::Bearer(format!("gwt_{}", "A".repeat(43)));
    let stolen = Caller::Cookie("gws_nothing".to_owned());

    let roles = ["viewer", "operator", "admin"];
    let rank = |role: &str| roles.iter().position(|known| *known == role).unwrap();
    let mut public = Vec::new();
    for Path {
        method,
        path,
        needs,
        scope,
    } in paths()
    {
        if needs == "public" {
            public.push(path);
            continue;
        }
        let at_least = |role: &str| if rank(role) >= rank(&needs) { None } else { Some(403) };
        let in_scope = if scopes.contains(&scope.as_str()) {
            None
        } else {
            Some(403)
        };
        for (who, caller, refused) in [
            ("nobody", &Caller::Nobody, Some(401)),
            ("a wrong token", &wrong, Some(401)),
            ("a token that is over", &over, Some(401)),
            ("a session that is none", &stolen, Some(401)),
            ("a viewer", &victor, at_least("viewer")),
            ("an operator", &olga, at_least("operator")),
            ("an operator's token", &whole, at_least("operator")),
            ("a token with scopes", &scoped, in_scope),
            ("an admin", &alice, None),
        ] {
            let status = caller.status(&gateway, &method, &filled(&path)).await;
            match refused {
                Some(refused) => assert_eq!(status, refused, "{who}: {method} {path}"),
                None => assert!(!matches!(status, 401 | 403), "{who}: {method} {path}: {status}"),
            }
        }
    }
    let own = [
        "/api/openapi.json",
        "/api/session",
        "/api/session/is-auth-enabled",
        "/api/session/login",
        "/api/session/logout",
    ];
    let open = |path: &String| {
        own.contains(&path.as_str())
            || [
                "/api/session/password",
                "/api/governance/virtual-keys/quota",
                "/api/openapi.json",
            ]
            .contains(&path.as_str())
    };
    assert!(public.iter().all(open), "paths that ask for themselves: {public:?}");
    for (caller, nothing, other) in [(&Caller::Nobody, 401, 401), (&victor, 404, 405)] {
        for path in ["/api/nothing", "/api", "/api/", "/api/providers/a/b/c/d"] {
            assert_eq!(caller.status(&gateway, &Method::GET, path).await, nothing, "{path}");
        }
        assert_eq!(caller.status(&gateway, &Method::PATCH, "/api/providers").await, other);
    }
}

#[tokio::test]
async fn being_at_this_machine_is_enough_until_somebody_can_say_who_they_are() {
    let gateway = Gateway::start().await;
    let loopback = gateway.get("/api/session").await.is(200).json();
    assert_eq!(
        (&loopback["author"], &loopback["role"]),
        (&json!("loopback"), &json!("admin"))
    );
    let enabled = |reply: Reply| reply.is(200).json()["is_auth_enabled"].clone();
    assert_eq!(enabled(gateway.get("/api/session/is-auth-enabled").await), false);
    try_log_in(&gateway, "alice", PASSWORD).await.is(403);

    // Who comes first must be somebody who can let the others in.
    for (path, body) in [
        (
            "/api/users",
            json!({"username": "victor", "role": "viewer", "password": PASSWORD}),
        ),
        ("/api/tokens", json!({"role": "operator"})),
        ("/api/tokens", json!({"role": "admin", "scopes": ["logs"]})),
        (
            "/api/tokens",
            json!({"role": "admin", "expires_at": "2999-01-01T00:00:00Z"}),
        ),
    ] {
        let why = gateway.post(path, &body).await.is(409).message();
        assert!(why.contains("nobody who can manage"), "{why}");
    }
    gateway.get("/api/users").await.is(200);

    let root = token(&gateway, &Caller::Nobody, &json!({"id": "root", "role": "admin"})).await;
    let why = gateway.get("/api/users").await.is(401).message();
    assert!(why.contains("this machine is not enough"), "{why}");
    assert_eq!(enabled(gateway.get("/api/session/is-auth-enabled").await), true);
    // The page opens, and asks.
    gateway.get("/").await.is(200);
    gateway.get("/metrics").await.is(401);
    let viewer = token(&gateway, &root, &json!({"role": "viewer"})).await;
    assert_eq!(viewer.status(&gateway, &Method::GET, "/metrics").await, 200);
    let logs = token(&gateway, &root, &json!({"role": "admin", "scopes": ["logs"]})).await;
    assert_eq!(logs.status(&gateway, &Method::GET, "/metrics").await, 403);

    // The last way in stays, until there is another.
    for (method, body) in [(Method::DELETE, json!({})), (Method::PUT, json!({"role": "viewer"}))] {
        send(&gateway, &root, method, "/api/tokens/root", &body).await.is(409);
    }
    let alice = json!({"username": "alice", "role": "admin", "password": PASSWORD});
    send(&gateway, &root, Method::POST, "/api/users", &alice).await.is(200);
    send(&gateway, &root, Method::DELETE, "/api/tokens/root", &json!({}))
        .await
        .is(200);
    assert_eq!(root.status(&gateway, &Method::GET, "/api/users").await, 401);
    let alice = log_in(&gateway, "alice", PASSWORD).await;
    send(&gateway, &alice, Method::DELETE, "/api/users/alice", &json!({}))
        .await
        .is(409);
    send(
        &gateway,
        &alice,
        Method::PUT,
        "/api/users/alice",
        &json!({"role": "operator"}),
    )
    .await
    .is(409);
}

#[tokio::test]
async fn with_an_admin_token_everybody_else_can_be_removed() {
    let gateway = Gateway::with().arg("--admin-token").arg("open sesame").start().await;
    let root = Caller::Bearer("open sesame".to_owned());
    let victor = json!({"username": "victor", "role": "viewer", "password": PASSWORD});
    send(&gateway, &root, Method::POST, "/api/users", &victor).await.is(200);
    let shown = send(&gateway, &root, Method::GET, "/api/session", &json!({}))
        .await
        .json();
    assert_eq!(shown["author"], "admin");
    send(&gateway, &root, Method::DELETE, "/api/users/victor", &json!({}))
        .await
        .is(200);
    gateway.get("/api/users").await.is(401);
}

#[tokio::test]
async fn a_session_outlives_a_restart_and_ends_with_what_it_began_with() {
    let (mut gateway, alice) = with_alice().await;
    let who = |reply: Reply| reply.is(200).json()["author"].clone();
    assert_eq!(
        who(send(&gateway, &alice, Method::GET, "/api/session", &json!({})).await),
        "user:alice"
    );
    gateway.stop().await;
    let gateway = gateway.again().start().await;
    assert_eq!(
        who(send(&gateway, &alice, Method::GET, "/api/session", &json!({})).await),
        "user:alice"
    );

    // Logging out ends that one; the browser is told to forget it.
    let other = log_in(&gateway, "alice", PASSWORD).await;
    let left = send(&gateway, &other, Method::POST, "/api/session/logout", &json!({}))
        .await
        .is(200);
    assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(other.status(&gateway, &Method::GET, "/api/session").await, 401);
    assert_eq!(alice.status(&gateway, &Method::GET, "/api/session").await, 200);

    // Another role, another password, and the end of the user.
    let bob = json!({"username": "bob", "role": "admin", "password": PASSWORD});
    send(&gateway, &alice, Method::POST, "/api/users", &bob).await.is(200);
    for change in [json!({"role": "viewer"}), json!({"password": "another battery staple"})] {
        let bob = log_in(&gateway, "bob", PASSWORD).await;
        send(&gateway, &alice, Method::PUT, "/api/users/bob", &change)
            .await
            .is(200);
        assert_eq!(
            bob.status(&gateway, &Method::GET, "/api/session").await,
            401,
            "{change}"
        );
    }
    try_log_in(&gateway, "bob", PASSWORD).await.is(401);
    let bob = log_in(&gateway, "bob", "another battery staple").await;
    let own = json!({"password": "another battery staple", "new_password": PASSWORD});
    send(&gateway, &bob, Method::POST, "/api/session/password", &own)
        .await
        .is(200);
    assert_eq!(bob.status(&gateway, &Method::GET, "/api/session").await, 401);
    let bob = log_in(&gateway, "bob", PASSWORD).await;
    send(&gateway, &alice, Method::DELETE, "/api/users/bob", &json!({}))
        .await
        .is(200);
    assert_eq!(bob.status(&gateway, &Method::GET, "/api/session").await, 401);

    // What was done bears the name of who did it.
    let revisions = send(&gateway, &alice, Method::GET, "/api/config/revisions", &json!({}))
        .await
        .json();
    let authors: Vec<&str> = revisions["revisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["author"].as_str().unwrap())
        .collect();
    assert_eq!(authors.first(), Some(&"user:alice"));
    assert!(authors.contains(&"user:bob"), "{authors:?}");
    assert_eq!(authors.last(), Some(&"loopback"));
}

#[tokio::test]
async fn a_session_changes_nothing_from_another_page() {
    let (gateway, alice) = with_alice().await;
    let Caller::Cookie(session) = alice else { unreachable!() };
    let save = |marks: &[(&str, &str)]| {
        let call = gateway
            .call(Method::PUT, "/api/config")
            .header("cookie", &format!("a=b; token={session}"));
        let call = marks.iter().fold(call, |call, (name, value)| call.header(name, value));
        call.json(&json!({"client_config": {}})).send()
    };
    let own = format!("http://{}", gateway.address);
    for (marks, status) in [
        (&[][..], 403),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "http://127.0.0.1:1")], 403),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", &own)], 403),
        (&[("origin", own.as_str())], 200),
        (&[("sec-fetch-site", "same-origin")], 200),
    ] {
        assert_eq!(save(marks).await.status, status, "{marks:?}");
    }
    let body = json!({"username": "alice", "password": PASSWORD});
    let foreign = gateway
        .call(Method::POST, "/api/session/login")
        .header("origin", "https://evil.example");
    foreign.json(&body).send().await.is(403);
    let proxied = gateway
        .call(Method::POST, "/api/session/login")
        .header("x-forwarded-proto", "https");
    let proxied = proxied.json(&body).send().await.is(200);
    assert!(proxied.header("set-cookie").unwrap().ends_with("; Secure"));
}

#[tokio::test]
async fn wrong_passwords_take_ever_longer_and_say_nothing_of_who_there_is() {
    let (gateway, alice) = with_alice().await;
    let mut said = Vec::new();
    for name in ["alice", "alice", "alice", "alice", "alice", "mallory"] {
        let call = gateway.call(Method::GET, "/api/session");
        said.push(basic(call, name, "not the password").send().await.is(401).message());
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    let held = try_log_in(&gateway, "alice", PASSWORD).await;
    let wait: u64 = held.is(429).header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let mut body = json!({"username": "alice"});
    let why = gateway.post("/api/session/login", &body).await.is(400).message();
    assert!(why.contains("`password`"), "{why}");
    body["password"] = json!(["x"]);
    gateway.post("/api/session/login", &body).await.is(400);

    // The audit log knows of it, and not what somebody may have typed in the wrong field.
    let logs = send(
        &gateway,
        &alice,
        Method::GET,
        "/api/audit-logs?action=session.",
        &json!({}),
    )
    .await
    .is(200)
    .json();
    let logs = logs["audit_logs"].as_array().unwrap();
    let found = logs
        .iter()
        .map(|log| (log["actor"].as_str().unwrap(), log["target"].as_str().unwrap()));
    let found: Vec<_> = found.collect();
    let mut expected = vec![("nobody", "user")];
    expected.extend([("nobody", "user/alice"); 5]);
    expected.push(("user:alice", "user/alice"));
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_file_declares_users_by_hash_and_tokens_by_variable() {
    let home = tempfile::tempdir().unwrap();
    let hash = hashed(home.path(), PASSWORD);
    let file = json!({"admin": {
        "users": [{"username": "alice", "role": "admin", "password_hash": hash}],
        "tokens": [{"id": "ci", "role": "viewer", "value": "env.CI_TOKEN"}],
    }});
    let value = "a-token-that-somebody-chose-0123456789";
    let start = Gateway::with().env("CI_TOKEN", value);
    let gateway = start.config("gateway.json", &file.to_string()).start().await;
    let ci = Caller::Bearer(value.to_owned());
    let shown = send(&gateway, &ci, Method::GET, "/api/session", &json!({}))
        .await
        .is(200)
        .json();
    assert_eq!(
        (&shown["author"], &shown["role"]),
        (&json!("token:ci"), &json!("viewer"))
    );
    let alice = log_in(&gateway, "alice", PASSWORD).await;
    for (path, body) in [
        ("/api/users/alice", json!({"role": "viewer"})),
        ("/api/tokens/ci", json!({"role": "admin"})),
    ] {
        let why = send(&gateway, &alice, Method::PUT, path, &body).await.is(409).message();
        assert!(why.contains("gateway.json"), "{why}");
    }
    let basic = basic(gateway.call(Method::GET, "/api/tokens"), "alice", PASSWORD);
    let listed = basic.send().await.is(200).json();
    assert_eq!(listed["tokens"][0]["id"], "ci");

    // What is wrong is named by its place.
    for (users, tokens, expected) in [
        (
            json!([{"username": "a b", "role": "admin", "password_hash": hash}]),
            json!([]),
            "admin.users[0]",
        ),
        (
            json!([{"username": "a", "role": "admin", "password_hash": "secret"}]),
            json!([]),
            "Argon2id",
        ),
        (
            json!([{"username": "a", "role": "boss", "password_hash": hash}]),
            json!([]),
            "admin.users[0].role",
        ),
        (
            json!([]),
            json!([{"id": "t", "role": "admin", "value": "short"}]),
            "32 characters",
        ),
        (json!([]), json!([{"id": "t", "role": "admin"}]), "`value` is missing"),
        (
            json!([]),
            json!([{"id": "t", "role": "admin", "value": value, "scopes": ["log"]}]),
            "`log` is none of",
        ),
        (
            json!([]),
            json!([{"id": "t", "role": "admin", "value": value, "expires_at": "soon"}]),
            "RFC 3339",
        ),
    ] {
        let file = home.path().join("wrong.json");
        std::fs::write(&file, json!({"admin": {"users": users, "tokens": tokens}}).to_string()).unwrap();
        let (status, _, problems) = run(home.path(), &["check", file.to_str().unwrap()]);
        assert!(
            !status.success() && problems.contains(expected),
            "{expected}: {problems}"
        );
    }
}

/// What `gateway-server hash-password` makes of a password.
fn hashed(home: &std::path::Path, password: &str) -> String {
    use std::io::Write as _;
    let mut command = crate::support::gateway::clean(home);
    command
        .arg("hash-password")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
