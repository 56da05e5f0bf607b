//! The books from outside: entries by filter and page, the whole as a file, whether they add up, and who did what.

use std::process::ExitStatus;

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, key_path};
use crate::support::{Gateway, Reply, Upstream, eventually, gateway};

/// A key that has had three answers, and another that has had one.
async fn house() -> (Gateway, Upstream) {
    let upstream = Upstream::start("here", &["gpt-4o-mini"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &upstream)).await;
    let budget = json!({"max_limit": 5, "reset_duration": "1d"});
    gateway.key("@vk", &json!({"budget": budget, "name": "one"})).await;
    gateway.key("other", &json!({"name": "two"})).await;
    for key in ["@vk", "@vk", "other", "@vk"] {
        gateway.ask(key, "gpt-4o-mini").await.is(200);
    }
    // Entries are written beside the answers.
    eventually("four entries", || async {
        (entries(&gateway, "").await.len() == 4).then_some(())
    })
    .await;
    (gateway, upstream)
}

async fn entries(gateway: &Gateway, query: &str) -> Vec<Value> {
    let page = gateway.get(&format!("/api/ledger?{query}")).await.is(200).json();
    page["entries"].as_array().unwrap().clone()
}

fn command(gateway: &Gateway, args: &[&str]) -> (ExitStatus, String, String) {
    let data = gateway.file("data").display().to_string();
    gateway::run(&gateway.file("."), &[args, &["--data-dir", &data]].concat())
}

#[tokio::test]
async fn entries_are_found_by_filter_and_page() {
    let (gateway, _upstream) = house().await;
    let all = entries(&gateway, "").await;
    let one = entries(&gateway, "virtual_key_id=%40vk").await;
    assert_eq!((all.len(), one.len()), (4, 3));
    assert!(entries(&gateway, "provider=nobody").await.is_empty());
    assert_eq!(entries(&gateway, "provider=openai&model=gpt-4o-mini").await.len(), 4);
    let request = all[1]["request_id"].as_str().unwrap();
    assert_eq!(
        entries(&gateway, &format!("request_id={request}")).await,
        [all[1].clone()]
    );
    assert!(entries(&gateway, "end_time=2020-01-01T00:00:00Z").await.is_empty());

    let first = gateway.get("/api/ledger?limit=3").await.is(200).json();
    let next = first["next"].as_u64().unwrap();
    let rest = gateway
        .get(&format!("/api/ledger?limit=3&after={next}"))
        .await
        .is(200)
        .json();
    assert_eq!((&rest["entries"], &rest["next"]), (&json!([all[3]]), &Value::Null));
    let oldest = entries(&gateway, "order=asc").await;
    assert!(oldest.iter().eq(all.iter().rev()));

    let leg = &all[0]["legs"][0];
    assert_eq!(all[0]["total_nano_usd"], leg["cost_nano_usd"]);
    let lines = leg["amounts"].as_array().unwrap().iter();
    let pico: i128 = lines
        .map(|line| line["amount_pico_usd"].as_str().unwrap().parse::<i128>().unwrap())
        .sum();
    assert_eq!(i128::from(leg["cost_nano_usd"].as_i64().unwrap()), pico / 1000);

    for (query, names) in [
        ("limit=0", "`limit`"),
        ("request_id=x", "`request_id`"),
        ("colour=red", "`colour`"),
        ("after=-1", "`after`"),
    ] {
        let refused = gateway.get(&format!("/api/ledger?{query}")).await.is(400);
        assert!(refused.text().contains(names), "{}", refused.text());
    }
}

#[tokio::test]
async fn the_ledger_is_exported_whole_and_no_spreadsheet_computes_it() {
    let (gateway, _upstream) = house().await;
    let csv = gateway.get("/api/ledger/export?format=csv").await.is(200);
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = csv.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5);
    assert!(
        lines[0].starts_with("entry_id,at,request_id,virtual_key_id,"),
        "{}",
        lines[0]
    );
    let columns: Vec<&str> = lines[1].split(',').collect();
    assert_eq!(columns[3], "'@vk", "a formula is none");
    assert_eq!(columns.len(), lines[0].split(',').count());

    let lined = gateway
        .get("/api/ledger/export?format=jsonl&virtual_key_id=other")
        .await
        .is(200)
        .text();
    let exported: Value = serde_json::from_str(lined.trim()).unwrap();
    let listed = &entries(&gateway, "virtual_key_id=other").await[0];
    assert_eq!(
        (&exported["id"], &exported["total"], &exported["virtual_key"]),
        (&listed["id"], &listed["total_nano_usd"], &json!("other"))
    );

    let (status, out, err) = command(&gateway, &["ledger", "export", "--format", "csv"]);
    assert!(status.success(), "{err}");
    assert_eq!(out, text, "beside a running gateway, and the same");
    let file = gateway.file("out.jsonl");
    let (status, _, err) = command(
        &gateway,
        &[
            "ledger",
            "export",
            "--key",
            "other",
            "--output",
            &file.display().to_string(),
        ],
    );
    assert!(status.success(), "{err}");
    assert_eq!(std::fs::read_to_string(file).unwrap(), lined);
    let (status, _, err) = command(&gateway, &["ledger", "export", "--from", "yesterday"]);
    assert!(!status.success() && err.contains("--from: `yesterday`"), "{err}");
}

fn is_ok(reply: &Reply) -> bool {
    reply.json()["ok"] == true
}

#[tokio::test]
async fn what_was_falsified_is_told_by_command_and_by_api() {
    let (mut gateway, _upstream) = house().await;
    assert!(is_ok(&gateway.post("/api/ledger/verify", &json!({})).await.is(200)));
    assert!(is_ok(&gateway.post("/api/audit-logs/verify", &json!({})).await.is(200)));
    let (status, out, _) = command(&gateway, &["ledger", "verify"]);
    assert!(status.success() && out.contains("4 entries"), "{out}");
    let (status, out, _) = command(&gateway, &["audit", "verify"]);
    assert!(status.success() && out.contains("0 faults"), "{out}");

    gateway.stop().await;
    let books = rusqlite::Connection::open(gateway.file("data/gateway.db")).unwrap();
    books
        .execute_batch(
            "UPDATE quota_windows SET settled = settled - 1;
             UPDATE audit_records SET actor = 'somebody else' WHERE seq = 1",
        )
        .unwrap();
    drop(books);
    let (status, out, err) = command(&gateway, &["ledger", "verify"]);
    assert_eq!(status.code(), Some(1), "{err}");
    assert!(out.contains("settled is booked as"), "{out}");
    let (status, out, _) = command(&gateway, &["audit", "verify"]);
    assert_eq!(status.code(), Some(1));
    assert!(out.contains("record 1"), "{out}");
    let gateway = gateway.again().start().await;
    let verified = gateway.post("/api/ledger/verify", &json!({})).await.is(200).json();
    assert_eq!(
        (&verified["ok"], &verified["differences"][0]["of"]),
        (&json!(false), &json!("settled"))
    );
}

#[tokio::test]
async fn what_a_crash_left_unaccounted_can_be_written_off() {
    let (mut gateway, _upstream) = house().await;
    gateway.kill();
    let gateway = gateway.again().start().await;
    let books = gateway.get("/api/ledger/windows").await.is(200).json();
    let window = books["windows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|window| window["unaccounted"].as_i64() > Some(0))
        .expect("the slice that was out")
        .clone();
    let quota = window["quota"].as_str().unwrap();
    assert!(is_ok(&gateway.post("/api/ledger/verify", &json!({})).await.is(200)));
    let (status, _, err) = command(&gateway, &["ledger", "write-off", quota]);
    assert!(!status.success() && err.contains("POST /api/ledger/write-off"), "{err}");
    let done = gateway
        .post(
            "/api/ledger/write-off",
            &json!({"quota": quota, "window": window["window"]}),
        )
        .await
        .is(200)
        .json();
    assert_eq!(done["written_off"], window["unaccounted"]);
    let after = gateway
        .get(&format!(
            "/api/ledger/windows?quota={}",
            quota.replace('/', "%2F").replace('=', "%3D")
        ))
        .await;
    assert_eq!(after.is(200).json()["windows"][0]["unaccounted"], 0);
    assert!(is_ok(&gateway.post("/api/ledger/verify", &json!({})).await.is(200)));
    let log = gateway
        .get("/api/audit-logs?action=ledger.write_off")
        .await
        .is(200)
        .json();
    assert_eq!(log["audit_logs"][0]["after"]["written_off"], window["unaccounted"]);
    gateway
        .post("/api/ledger/write-off", &json!({"quota": "nobody"}))
        .await
        .is(404);
    gateway
        .post("/api/ledger/write-off", &json!({"quota": quota, "window": 0}))
        .await
        .is(400);
}

#[tokio::test]
async fn every_change_is_in_the_audit_log_without_its_secrets() {
    let (gateway, _upstream) = house().await;
    gateway
        .put(&key_path("other"), &json!({"name": "renamed"}))
        .await
        .is(200);
    gateway
        .call(Method::GET, "/api/ledger/export?format=csv")
        .send()
        .await
        .is(200);
    let log = gateway
        .get("/api/audit-logs?target=virtual_key/other")
        .await
        .is(200)
        .json();
    let log = log["audit_logs"].as_array().unwrap();
    assert_eq!(
        (log[0]["action"].as_str(), log[1]["action"].as_str()),
        (Some("virtual_key.update"), Some("virtual_key.create"))
    );
    assert_eq!(
        (&log[0]["before"]["name"], &log[0]["after"]["name"]),
        (&json!("two"), &json!("renamed"))
    );
    assert!(log[0]["changed"].as_array().unwrap().contains(&json!("name")));
    let all = gateway.get("/api/audit-logs?limit=1000").await.is(200);
    assert!(!all.text().contains("sealed:v1"), "{}", all.text());
    let all = all.json();
    let all = all["audit_logs"].as_array().unwrap();
    assert!(all.iter().any(|record| record["action"] == "ledger.export"));
    assert!(all.iter().any(|record| record["action"] == "provider.create"));
    let page = gateway.get("/api/audit-logs?limit=1").await.is(200).json();
    let next = page["next"].as_u64().unwrap();
    let older = gateway
        .get(&format!("/api/audit-logs?limit=1&before={next}"))
        .await
        .is(200)
        .json();
    assert_eq!(older["audit_logs"][0], all[1]);
}
