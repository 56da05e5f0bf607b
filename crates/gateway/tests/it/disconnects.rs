//! Clients that leave: at every point of an answer, under both policies. Whatever the provider reported is what is
//! charged, else what the estimator counts of what was streamed; nothing stays held; ledger, log and budget agree.

use bytes::Bytes;
use futures_util::future::poll_immediate;
use gateway::ports::logs::{LogRow, Status};
use gateway_governance::ledger::Ledger as _;
use gateway_providers::TransportError;
use gateway_types::{Basis, NanoUsd};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc;

use crate::support::{Act, DONE, World, chat, delta, hello, streamed, usage};

const HOST: &str = "api.openai.com";
const MODEL: &str = "openai/gpt-4o-mini";
/// Nano-dollars per token of that model.
const INPUT: u64 = 150;
const OUTPUT: u64 = 600;

type Pieces = mpsc::UnboundedSender<Result<Bytes, TransportError>>;

/// What a provider streams, piece by piece, and the text in each.
fn stream(reports: bool) -> Vec<(Bytes, &'static str)> {
    let role = Bytes::from_static(
        b"data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n",
    );
    let texts = ["Money", " that", " is", " exact: every", " token", " counts", "."];
    let mut pieces = vec![(role, "")];
    pieces.extend(texts.map(|text| (delta(text, None), text)));
    pieces.push((delta("", Some("stop")), ""));
    if reports {
        pieces.push((usage(40, 300), ""));
    }
    pieces.push((DONE, ""));
    pieces
}

async fn world(policy: Value) -> World {
    let world = World::new().await;
    let key = json!({
        "on_disconnect": policy,
        "rate_limit": {"max_in_flight": 1},
        "budget": {"max_limit": 1, "reset_duration": "1d"},
    });
    world.virtual_key("vk", key).await;
    world
}

/// An upstream whose pieces the test sends.
fn live(world: &World) -> Pieces {
    let (sender, pieces) = mpsc::unbounded_channel();
    world.upstreams.script(HOST, [Act::Live(pieces)]);
    sender
}

/// Lets everything else run until that many requests are over.
async fn settled(world: &World, rows: usize) -> Arc<LogRow> {
    while world.rows.count() < rows {
        tokio::task::yield_now().await;
    }
    world.rows.last()
}

/// Sends `sent` pieces, lets the client read all that comes of them, and has it leave; then the upstream goes on.
async fn leave_after(world: &World, pieces: &[(Bytes, &str)], sent: usize) -> Arc<LogRow> {
    let rows = world.rows.count();
    let sender = live(world);
    for (bytes, _) in &pieces[..sent] {
        sender.send(Ok(bytes.clone())).unwrap();
    }
    let mut asking = Box::pin(world.ask(Some("vk"), streamed(MODEL)));
    let mut reply = None;
    let asked = world.upstreams.calls_to(HOST);
    while reply.is_none() && world.upstreams.calls_to(HOST) == asked {
        reply = poll_immediate(&mut asking).await;
        tokio::task::yield_now().await;
    }
    if reply.is_none() {
        reply = poll_immediate(&mut asking).await;
    }
    drop(asking);
    if let Some(mut reply) = reply {
        while let Some(Some(_)) = poll_immediate(reply.body.frame()).await {}
    }
    for (bytes, _) in &pieces[sent..] {
        sender.send(Ok(bytes.clone())).ok();
    }
    drop(sender);
    settled(world, rows + 1).await
}

fn bytes_in(pieces: &[(Bytes, &str)]) -> u64 {
    pieces.iter().map(|(_, text)| text.len() as u64).sum()
}

/// The books of all calls so far: what the ledger, the log and the budget say was spent, and what is held.
async fn books(world: &World) -> (NanoUsd, NanoUsd, f64) {
    let entries = world.ledger.entries(1000).await.unwrap();
    let ledger = entries.iter().map(|entry| entry.total).sum();
    let log = world.rows.0.lock().unwrap().iter().map(|row| row.cost).sum();
    let key = world.key("vk");
    assert_eq!(key["budget"]["held"], json!(0.0), "nothing stays held");
    assert_eq!(key["rate_limit"]["current_in_flight"], json!(0));
    (ledger, log, key["budget"]["current_usage"].as_f64().unwrap())
}

#[tokio::test]
async fn whoever_leaves_at_any_point_is_charged_exactly() {
    let input = (streamed(MODEL).to_string().len() as u64).div_ceil(4);
    for finish in [false, true] {
        for reports in [false, true] {
            let policy = if finish {
                json!({"finish": {"most_tokens": 10_000}})
            } else {
                json!("cancel")
            };
            let world = world(policy).await;
            let pieces = stream(reports);
            let report_at = pieces.len() - 1;
            let mut total = 0;
            for sent in 0..=pieces.len() {
                let row = leave_after(&world, &pieces, sent).await;
                let read = if finish { pieces.len() } else { sent };
                let counted = bytes_in(&pieces[..read]).div_ceil(4);
                let (basis, cost) = match () {
                    () if reports && read >= report_at => (Basis::Reported, 40 * INPUT + 300 * OUTPUT),
                    // Before there is content nothing has been counted.
                    () if read < 2 => (Basis::Estimated, input * INPUT),
                    () => (Basis::Counted, input * INPUT + counted * OUTPUT),
                };
                let case = format!("finish: {finish}, reports: {reports}, left after {sent}");
                let metered = row.metered.unwrap_or_else(|| panic!("nothing was charged; {case}"));
                assert_eq!((metered.basis, row.cost.0.unsigned_abs()), (basis, cost), "{case}");
                let over = sent == pieces.len();
                let status = if over { Status::Success } else { Status::Cancelled };
                assert_eq!(row.status, status, "{case}");
                total += cost;
            }
            let total = NanoUsd(i64::try_from(total).unwrap());
            // The ledger's writer is behind by a moment.
            while world.ledger.entries(1000).await.unwrap().len() <= pieces.len() {
                tokio::task::yield_now().await;
            }
            let (ledger, log, budget) = books(&world).await;
            assert_eq!((ledger, log), (total, total), "finish: {finish}, reports: {reports}");
            assert!((budget - total.0 as f64 / 1e9).abs() < 1e-12);
        }
    }
}

#[tokio::test]
async fn no_more_is_waited_for_than_the_policy_says() {
    let world = world(json!({"finish": {"most_tokens": 10}})).await;
    let sender = live(&world);
    sender.send(Ok(delta("12345678", None))).unwrap();
    let mut reply = world.ask(Some("vk"), streamed(MODEL)).await;
    reply.body.frame().await.unwrap().unwrap();
    drop(reply);
    let mut sent = 8;
    while !sender.is_closed() {
        if sender.send(Ok(delta("1234", None))).is_ok() {
            sent += 4;
        }
        assert!(sent < 400, "the upstream is let go in time");
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    let row = settled(&world, 1).await;
    let metered = row.metered.unwrap();
    assert_eq!((metered.basis, metered.usage.output), (Basis::Counted, 2 + 10 + 1));
    assert_eq!(row.status, Status::Cancelled);
    books(&world).await;
}

#[tokio::test]
async fn an_upstream_that_breaks_off_ends_what_is_finished() {
    let world = world(json!({"finish": {"most_tokens": 1000}})).await;
    let sender = live(&world);
    sender.send(Ok(delta("12345678", None))).unwrap();
    drop(world.ask(Some("vk"), streamed(MODEL)).await);
    sender.send(Ok(delta("1234", None))).unwrap();
    sender.send(Err(TransportError::Broken("reset".to_owned()))).unwrap();
    let row = settled(&world, 1).await;
    assert_eq!(row.metered.map(|metered| metered.usage.output), Some(3));
    assert_eq!(row.status, Status::Cancelled);
    books(&world).await;
}

#[tokio::test]
async fn what_is_being_finished_is_settled_when_the_gateway_stops() {
    let world = world(json!({"finish": {"most_tokens": 1000}})).await;
    let sender = live(&world);
    sender.send(Ok(delta("12345678", None))).unwrap();
    drop(world.ask(Some("vk"), streamed(MODEL)).await);
    assert_eq!(world.rows.count(), 0, "it goes on without its client");
    world.gateway.close().await;
    let row = world.rows.last();
    assert_eq!(row.metered.map(|metered| metered.usage.output), Some(2));
    assert!(sender.is_closed());
    let entries = world.ledger.entries(10).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.total).sum::<NanoUsd>(), row.cost);
}

#[tokio::test]
async fn an_answer_in_one_piece_is_finished_too_and_nothing_more_is_begun() {
    let world = world(json!({"finish": {"most_tokens": 1000}})).await;
    for (answers, cost) in [(true, 40 * INPUT + 300 * OUTPUT), (false, 0)] {
        let (rows, asked) = (world.rows.count(), world.upstreams.calls_to(HOST));
        let sender = live(&world);
        let body = json!({
            "model": MODEL, "messages": [{"role": "user", "content": "hi"}], "fallbacks": ["openai/m"],
        });
        let mut asking = Box::pin(world.ask(Some("vk"), body));
        while world.upstreams.calls_to(HOST) == asked {
            assert!(poll_immediate(&mut asking).await.is_none());
            tokio::task::yield_now().await;
        }
        drop(asking);
        if answers {
            sender.send(Ok(chat("hello", 40, 300))).unwrap();
        } else {
            sender.send(Ok(Bytes::from_static(b"{\"nonsense\""))).unwrap();
        }
        drop(sender);
        let row = settled(&world, rows + 1).await;
        assert_eq!((row.status, row.cost.0.unsigned_abs()), (Status::Cancelled, cost));
        assert_eq!(world.upstreams.calls_to(HOST), asked + 1, "nobody waits for a fallback");
        books(&world).await;
    }
}

#[tokio::test]
async fn a_key_decides_over_the_client_section() {
    let world = World::new().await;
    let budget = json!({"max_limit": 1, "reset_duration": "1d"});
    let control = world.gateway.control();
    let config = json!({"client_config": {"on_disconnect": {"finish": {"most_tokens": 100}}}});
    control.save_config(config, "test").await.unwrap();
    world.virtual_key("vk", json!({"budget": budget})).await;
    world
        .virtual_key("vk-cancel", json!({"budget": budget, "on_disconnect": "cancel"}))
        .await;
    for (key, finishes) in [("vk", true), ("vk-cancel", false)] {
        let sender = live(&world);
        sender.send(Ok(delta("12345678", None))).unwrap();
        drop(world.ask(Some(key), streamed(MODEL)).await);
        assert_eq!(sender.is_closed(), !finishes, "{key}");
    }
    assert_eq!(world.chat(None, hello("openai/m")).await.0, 200);
    world.gateway.close().await;
}
