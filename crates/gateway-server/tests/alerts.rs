//! Webhooks that are told when a budget runs low, over real sockets.

use serde_json::{Value, json};

use crate::support::settings::cloud;
use crate::support::shapes::{self, chat};
use crate::support::{Answer, Gateway, Upstream, eventually};

const HOOK: &str = "/hook";

/// A turn that costs 6.05 thousandths of a dollar.
async fn spend(gateway: &Gateway, openai: &Upstream, key: &str) {
    let mut answer = shapes::chat_answer("openai", &chat("gpt-4o"));
    answer["usage"] = json!({"prompt_tokens": 20, "completion_tokens": 600, "total_tokens": 620});
    openai.once(shapes::CHAT, Answer::json(200, &answer));
    let mut body = chat("openai/gpt-4o");
    body["max_tokens"] = 600.into();
    gateway.chat(key, "gpt-4o").json(&body).send().await.is(200);
}

fn with_alerts(url: &str) -> Value {
    json!({
        "budget": {"max_limit": 0.01, "reset_duration": "1d"},
        "alerts": {"webhook_url": url},
    })
}

#[tokio::test]
async fn a_webhook_is_told_once_that_a_budget_runs_low_and_again_where_it_failed() {
    let openai = Upstream::start("openai", &["gpt-4o"]).await;
    let hook = Upstream::start("hook", &[]).await;
    hook.once(HOOK, Answer::error(500));
    hook.always(HOOK, Answer::json(200, &json!({})));
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &openai)).await;
    gateway.key("vk", &with_alerts(&format!("{}{HOOK}", hook.url()))).await;
    spend(&gateway, &openai, "vk").await;
    let told = eventually("the webhook is told after a failure", || async {
        let seen = hook.seen(HOOK);
        (seen.len() == 2).then(|| seen[1].json())
    })
    .await;
    assert_eq!(hook.seen(HOOK)[0].json(), told, "the same message again");
    assert_eq!(
        (&told["type"], &told["threshold"], &told["limit"], &told["used"]),
        (&json!("budget.threshold"), &json!(50), &json!(0.01), &json!(0.00605)),
        "{told}"
    );
    assert!(
        told["owner"].as_str().is_some_and(|owner| owner.contains("vk")),
        "{told}"
    );
    for time in ["resets_at", "at"] {
        assert!(told[time].as_str().is_some_and(|time| time.ends_with('Z')), "{told}");
    }
    assert_eq!(hook.seen(HOOK)[0].header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn no_webhook_is_at_a_link_local_address() {
    let openai = Upstream::start("openai", &["gpt-4o"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &openai)).await;
    gateway.key("vk", &with_alerts("http://169.254.169.254/latest")).await;
    spend(&gateway, &openai, "vk").await;
    eventually("the log says why the webhook was not told", || async {
        let printed = gateway.printed();
        (printed.contains("webhook") && printed.contains("link-local")).then_some(())
    })
    .await;
}
