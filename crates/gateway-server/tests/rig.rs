//! The upstream of these tests does as it is told: otherwise nothing that they say of the gateway would hold.

use std::net::SocketAddr;

use http::Method;

use crate::support::client::Call;
use crate::support::shapes::{self, chat, chat_streamed, hello};
use crate::support::{Answer, Gate, Step, Upstream, eventually};

fn ask(upstream: &Upstream) -> Call {
    let address = SocketAddr::from(([127, 0, 0, 1], upstream.port()));
    Call::new(address, Method::POST, shapes::CHAT)
}

#[tokio::test]
async fn a_healthy_upstream_answers_and_remembers() {
    let upstream = Upstream::start("here", &[]).await;
    let reply = ask(&upstream).bearer("key").json(&chat("m")).send().await;
    assert_eq!(reply.said(), hello("here"));
    assert_eq!(upstream.last_chat().header("authorization"), Some("Bearer key"));
    assert_eq!(upstream.last_chat().json(), chat("m"));
    let events = ask(&upstream).json(&chat_streamed("m")).open().await.events().await;
    assert_eq!((events.len(), events.last().map(String::as_str)), (6, Some("[DONE]")));
}

#[tokio::test]
async fn scripts_are_played_once_or_always() {
    let upstream = Upstream::start("here", &[]).await;
    upstream.once(shapes::CHAT, Answer::error(500));
    upstream.always(shapes::CHAT, Answer::error(503));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ask(&upstream).json(&chat("m")).send().await.status);
    }
    upstream.heals();
    statuses.push(ask(&upstream).json(&chat("m")).send().await.status);
    assert_eq!(statuses, [500, 503, 503, 200]);
}

#[tokio::test]
async fn an_answer_can_be_held_back_cut_off_and_never_come() {
    let mut upstream = Upstream::start("here", &[]).await;
    let gate = Gate::closed();
    upstream.once(shapes::CHAT, Answer::healthy("here").after(&gate));
    let held = tokio::spawn(ask(&upstream).json(&chat("m")).send());
    upstream.busy_with(1).await;
    gate.open();
    assert_eq!(held.await.unwrap().said(), hello("here"));

    upstream.once(shapes::CHAT, Answer::healthy("here").cut_at(160));
    assert!(!ask(&upstream).json(&chat("m")).try_sent().await);

    upstream.once(
        shapes::CHAT,
        Answer::stream(vec![Step::Send("data: 1\n\n".into()), Step::Hang]),
    );
    let mut live = ask(&upstream).json(&chat_streamed("m")).open().await;
    assert_eq!(live.event().await.as_deref(), Some("1"));
    assert!(!upstream.last_chat().left());
    drop(live);
    eventually("the upstream sees its client leave", || async {
        upstream.last_chat().left().then_some(())
    })
    .await;

    upstream.refuse().await;
    assert!(ask(&upstream).try_open().await.is_err());
}
