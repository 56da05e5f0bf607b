//! Streams that begin small and are topped up: they wait for others, and end as `length` where nothing pays for more.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::poll_immediate;
use gateway::Reply;
use gateway::ports::logs::{LogRow, Status};
use gateway_governance::ledger::Ledger as _;
use gateway_providers::TransportError;
use gateway_types::{Basis, DialectName, ErrorKind, NanoUsd, Operation};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{Act, DONE, World, delta, streamed, usage};

const HOST: &str = "api.openai.com";
const MODEL: &str = "openai/gpt-4o-mini";
/// Pays for some 1600 tokens of output, and so for three streams that have just begun.
const LIMIT: f64 = 0.001;

type Pieces = mpsc::UnboundedSender<Result<Bytes, TransportError>>;

async fn world() -> World {
    let world = World::new().await;
    let budget = json!({"max_limit": LIMIT, "reset_duration": "1d"});
    world.virtual_key("vk", json!({"budget": budget})).await;
    world
}

/// A stream whose first words have come.
async fn begun(world: &World, dialect: DialectName, body: Value) -> (Reply, Pieces) {
    let (sender, pieces) = mpsc::unbounded_channel();
    world.upstreams.script(HOST, [Act::Live(pieces)]);
    sender.send(Ok(delta("first", None))).unwrap();
    let mut arrival = world.arrival(Some("vk"), Operation::Chat);
    arrival.dialect = dialect;
    let turn = world.line.open(arrival).expect("the key may call");
    let reply = turn.run(Bytes::from(body.to_string())).await;
    assert_eq!(reply.status, 200);
    (reply, sender)
}

async fn rest(reply: Reply) -> String {
    let bytes = reply.body.collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn row_of(world: &World, id: &str) -> Arc<LogRow> {
    let rows = world.rows.0.lock().unwrap();
    Arc::clone(rows.iter().find(|row| row.id.to_string() == id).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_nothing_pays_for_any_more_ends_as_length() {
    let anthropic = json!({
        "model": MODEL, "stream": true, "max_tokens": 1500, "messages": [{"role": "user", "content": "hi"}],
    });
    let cases = [
        (
            DialectName::OpenAi,
            streamed(MODEL),
            "\"finish_reason\":\"length\"",
            "data: [DONE]",
        ),
        (
            DialectName::Anthropic,
            anthropic,
            "\"stop_reason\":\"max_tokens\"",
            "\"type\":\"message_stop\"}",
        ),
    ];
    for (dialect, body, reason, last) in cases {
        let world = world().await;
        let (other, _open) = begun(&world, DialectName::OpenAi, streamed(MODEL)).await;
        let (reply, sender) = begun(&world, dialect, body).await;
        for _ in 0..40 {
            sender.send(Ok(delta(&"Z".repeat(100), None))).unwrap();
        }
        let id = reply.headers["x-gateway-request-id"].to_str().unwrap().to_owned();
        let seen = rest(reply).await;
        assert!(
            seen.contains(reason) && seen.trim_end().ends_with(last),
            "{dialect:?}: {seen}"
        );
        assert!(sender.is_closed(), "the upstream is let go");
        let row = row_of(&world, &id);
        assert_eq!(row.status, Status::Success, "the client has an answer");
        assert_eq!(
            row.error.as_ref().map(|error| error.kind),
            Some(ErrorKind::BudgetExceeded)
        );
        let output = row.metered.map(|metered| (metered.basis, metered.usage.output));
        let passed = seen.matches('Z').count() as u64 + 5;
        assert!(passed < 4000, "it was cut");
        assert_eq!(output, Some((Basis::Counted, passed.div_ceil(4))));
        drop(other);
        world.gateway.close().await;
        let entries = world.ledger.entries(10).await.unwrap();
        assert!(
            entries
                .iter()
                .flat_map(|entry| &entry.legs)
                .all(|leg| leg.overrun == NanoUsd::ZERO)
        );
        assert!(entries.iter().map(|entry| entry.total.0).sum::<i64>() <= 1_000_000);
    }
}

#[tokio::test]
async fn a_stream_waits_for_what_another_call_gives_back() {
    let world = world().await;
    let (other, others) = begun(&world, DialectName::OpenAi, streamed(MODEL)).await;
    let (mut reply, sender) = begun(&world, DialectName::OpenAi, streamed(MODEL)).await;
    for _ in 0..12 {
        sender.send(Ok(delta(&"Z".repeat(100), None))).unwrap();
    }
    let mut seen = String::new();
    while let Some(Some(frame)) = poll_immediate(reply.body.frame()).await {
        seen.push_str(std::str::from_utf8(frame.unwrap().data_ref().unwrap()).unwrap());
    }
    assert!(seen.matches('Z').count() < 1200, "what is not covered is not read");
    assert!(!seen.contains("length"), "it has not ended either");
    for piece in [delta("", Some("stop")), usage(10, 2), DONE] {
        others.send(Ok(piece)).unwrap();
    }
    rest(other).await;
    for piece in [delta("", Some("stop")), usage(10, 400), DONE] {
        sender.send(Ok(piece)).unwrap();
    }
    seen.push_str(&rest(reply).await);
    assert_eq!(seen.matches('Z').count(), 1200);
    assert!(seen.contains("\"finish_reason\":\"stop\"") && seen.trim_end().ends_with("data: [DONE]"));
    let row = world.rows.last();
    assert_eq!(
        row.metered.map(|metered| (metered.basis, metered.usage.output)),
        Some((Basis::Reported, 400))
    );
    assert!(row.error.is_none());
}

#[tokio::test]
async fn what_thinks_in_secret_holds_its_cap_from_the_beginning() {
    let held = async |body: Value| {
        let world = World::new().await;
        let budget = json!({"max_limit": 1, "reset_duration": "1d"});
        world.virtual_key("vk", json!({"budget": budget})).await;
        let (_reply, _sender) = begun(&world, DialectName::OpenAi, body).await;
        world.key("vk")["budget"]["held"].as_f64().unwrap()
    };
    let mut open = streamed("openai/gpt-4o-mini");
    open["max_tokens"] = 10_000.into();
    assert!(held(open).await < 0.001, "some hundred tokens of ten thousand");
    let mut hidden = streamed("openai/o4-mini");
    hidden["max_completion_tokens"] = 10_000.into();
    assert!(
        held(hidden).await >= 0.044,
        "all ten thousand at 4.40 dollars a million"
    );
}
