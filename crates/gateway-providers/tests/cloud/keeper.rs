//! Tokens are fetched once, refreshed before they end, by one caller at a time.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use gateway_providers::TransportError;
use gateway_providers::cloud::azure::AzureSource;
use gateway_providers::cloud::{Access, Keeper, Source};
use gateway_types::{ErrorKind, Secret};

use super::fake::{Reply, Seen, World, bearer};

fn source() -> Source {
    Source::Azure(AzureSource {
        tenant: Some("tenant".to_owned()),
        client_id: Some("client".to_owned()),
        client_secret: Some(Secret::new("hunter2hunter2")),
        scopes: Vec::new(),
    })
}

/// Tokens that are numbered and live for that many seconds.
fn numbered(life: u64) -> impl Fn(&Seen) -> Reply + Send + Sync {
    let count = AtomicUsize::new(0);
    move |_| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        Ok((
            200,
            format!(r#"{{"token_type":"Bearer","expires_in":{life},"access_token":"token-{number}"}}"#),
        ))
    }
}

fn at_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[test]
fn what_is_at_hand_is_given_at_once() {
    let world = World::silent();
    let keeper = Keeper::new(Source::Static(Access::Key(Secret::new("sk"))));
    let access = at_once(keeper.access(&world.means())).unwrap().unwrap();
    assert_eq!(access, Access::Key(Secret::new("sk")));
}

#[tokio::test]
async fn a_token_is_fetched_once_for_all_who_wait_for_it() {
    let world = Arc::new(World::new(numbered(3600)));
    let keeper = Arc::new(Keeper::new(source()));
    world.hold_back();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let (world, keeper) = (Arc::clone(&world), Arc::clone(&keeper));
            tokio::spawn(async move { keeper.access(&world.means()).await })
        })
        .collect();
    world.let_through();
    for caller in callers {
        assert_eq!(bearer(&caller.await.unwrap().unwrap()), "token-0");
    }
    assert_eq!(world.seen().len(), 1);
    assert_eq!(
        bearer(&at_once(keeper.access(&world.means())).unwrap().unwrap()),
        "token-0"
    );
}

#[tokio::test]
async fn a_token_about_to_end_is_refreshed_by_one_while_the_others_go_on_with_it() {
    let world = World::new(numbered(3600));
    let keeper = Keeper::new(source());
    let means = world.means();
    keeper.access(&means).await.unwrap();
    world.advance(3600 - 301);
    assert_eq!(bearer(&keeper.access(&means).await.unwrap()), "token-0");
    world.advance(1);
    world.hold_back();
    let mut first = pin!(keeper.access(&means));
    assert!(at_once(first.as_mut()).is_none(), "the first goes for another");
    assert_eq!(bearer(&at_once(keeper.access(&means)).unwrap().unwrap()), "token-0");
    world.let_through();
    assert_eq!(bearer(&first.await.unwrap()), "token-1");
    assert_eq!(bearer(&keeper.access(&means).await.unwrap()), "token-1");
    assert_eq!(world.seen().len(), 2);
}

#[tokio::test]
async fn a_token_of_a_short_life_is_not_refreshed_at_once() {
    let world = World::new(numbered(60));
    let keeper = Keeper::new(source());
    keeper.access(&world.means()).await.unwrap();
    world.advance(53);
    assert_eq!(bearer(&keeper.access(&world.means()).await.unwrap()), "token-0");
    world.advance(1);
    assert_eq!(bearer(&keeper.access(&world.means()).await.unwrap()), "token-1");
}

#[tokio::test]
async fn while_a_refresh_fails_the_old_token_is_used_until_it_ends() {
    let world = World::new(numbered(3600));
    let keeper = Keeper::new(source());
    keeper.access(&world.means()).await.unwrap();
    world.answer(|_| Err(TransportError::Unreachable("down".to_owned())));
    world.advance(3400);
    for _ in 0..10 {
        assert_eq!(bearer(&keeper.access(&world.means()).await.unwrap()), "token-0");
    }
    assert_eq!(world.seen().len(), 2, "the endpoint in trouble is asked once");
    world.advance(200);
    let error = keeper.access(&world.means()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamFailed);
    assert!(
        error.message.contains("Microsoft Entra") && error.message.contains("down"),
        "{error}"
    );
}

#[tokio::test]
async fn a_failure_is_remembered_longer_and_longer() {
    let world = World::silent();
    let keeper = Keeper::new(source());
    let mut asked = Vec::new();
    for second in 0..200 {
        let error = keeper.access(&world.means()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::UpstreamFailed);
        if world.seen().len() > asked.len() {
            asked.push(second);
        }
        world.advance(1);
    }
    assert_eq!(asked, [0, 1, 3, 7, 15, 31, 61, 91, 121, 151, 181]);
    world.advance(30);
    world.answer(numbered(3600));
    assert_eq!(bearer(&keeper.access(&world.means()).await.unwrap()), "token-0");
}

#[tokio::test]
async fn those_who_wait_for_one_who_fails_hear_why() {
    let world = World::silent();
    let keeper = Keeper::new(source());
    let means = world.means();
    world.hold_back();
    let mut first = pin!(keeper.access(&means));
    let mut second = pin!(keeper.access(&means));
    assert!(at_once(first.as_mut()).is_none() && at_once(second.as_mut()).is_none());
    world.let_through();
    let (first, second) = (first.await.unwrap_err(), second.await.unwrap_err());
    assert_eq!(first.message, second.message);
    assert!(second.retry_after.is_some());
    assert_eq!(world.seen().len(), 1);
}

#[tokio::test]
async fn who_goes_away_leaves_the_work_to_the_next() {
    let world = World::new(numbered(3600));
    let keeper = Keeper::new(source());
    let means = world.means();
    world.hold_back();
    let mut gone = Box::pin(keeper.access(&means));
    let mut next = pin!(keeper.access(&means));
    assert!(at_once(gone.as_mut()).is_none() && at_once(next.as_mut()).is_none());
    drop(gone);
    world.let_through();
    assert_eq!(bearer(&next.await.unwrap()), "token-0");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_says_nothing_is_given_up() {
    let world = World::new(numbered(3600));
    let keeper = Keeper::new(source());
    world.hold_back();
    let error = keeper.access(&world.means()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamFailed);
    assert!(error.message.contains("did not answer within 10 s"), "{error}");
}

#[tokio::test]
async fn a_token_that_the_upstream_refuses_is_fetched_again_but_not_all_the_time() {
    let world = World::new(numbered(3600));
    let keeper = Keeper::new(source());
    let token = keeper.access(&world.means()).await.unwrap();
    keeper.doubt(&token, world.means().clock.now());
    assert_eq!(bearer(&keeper.access(&world.means()).await.unwrap()), "token-0");
    world.advance(60);
    keeper.doubt(&Access::Bearer(Secret::new("another")), world.means().clock.now());
    assert_eq!(bearer(&keeper.access(&world.means()).await.unwrap()), "token-0");
    keeper.doubt(&token, world.means().clock.now());
    assert_eq!(bearer(&keeper.access(&world.means()).await.unwrap()), "token-1");
}

#[tokio::test]
async fn a_clock_that_is_set_back_lets_no_token_live_longer() {
    let world = World::new(numbered(3600));
    let keeper = Keeper::new(source());
    keeper.access(&world.means()).await.unwrap();
    world.advance(3600);
    world
        .clock
        .set_wall(gateway_types::Wall::from_millis(super::fake::START));
    assert_eq!(bearer(&keeper.access(&world.means()).await.unwrap()), "token-1");
}

#[tokio::test]
async fn no_error_and_no_print_shows_a_secret() {
    let world = World::new(|_| {
        let body = r#"{"error":"invalid_client","error_description":"the secret hunter2hunter2 is wrong"}"#;
        Ok((401, body.to_owned()))
    });
    let keeper = Keeper::new(source());
    let error = keeper.access(&world.means()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamAuth);
    let shown = format!("{error} {keeper:?} {:?}", keeper.source());
    assert!(
        shown.contains("invalid_client") && !shown.contains("hunter2"),
        "{shown}"
    );
}
