//! A request in one call, on a real runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway_router::{Attempt, Choice, Cursor, Driven, End, Host, Outcome, Query, RetryPolicy, Router, RunError};
use gateway_types::{Clock, ManualClock, Now};

use crate::candidates;

/// A host whose sleeps take no time but move its clock. Timeouts end only on one that is impatient.
#[derive(Default)]
struct Stage {
    clock: Arc<ManualClock>,
    slept: Arc<Mutex<Vec<Duration>>>,
    impatient: bool,
}

const TIMEOUT: Duration = Duration::from_secs(300);

impl Host for Stage {
    fn now(&self) -> Now {
        self.clock.now()
    }

    fn seed(&self) -> u64 {
        7
    }

    fn sleep(&self, span: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (clock, slept, ends) = (self.clock.clone(), self.slept.clone(), self.impatient || span < TIMEOUT);
        Box::pin(async move {
            if !ends {
                std::future::pending::<()>().await;
            }
            clock.advance(span);
            slept.lock().unwrap().push(span);
        })
    }
}

/// An error that cannot be cloned, as those of clients cannot.
#[derive(Debug, thiserror::Error)]
#[error("status {0}")]
struct Status(u16);

impl From<&Status> for Outcome {
    fn from(status: &Status) -> Self {
        match status.0 {
            400 => Self::Rejected,
            429 => Self::RateLimited { retry_after: None },
            _ => Self::Failed,
        }
    }
}

fn query() -> Query {
    let mut all = candidates(&["a/m", "b/m"]);
    for (n, candidate) in all.iter_mut().enumerate() {
        (candidate.weight, candidate.order) = (0.0, n as u32);
    }
    Query::new("m", all)
}

async fn only_b(choice: Choice) -> Result<String, Status> {
    // A real client awaits here; other tasks run meanwhile.
    tokio::task::yield_now().await;
    if choice.deployment().provider == "b" {
        Ok(format!("b at attempt {}", choice.ordinal()))
    } else {
        Err(Status(503))
    }
}

/// What a compiler must accept: everything moves between threads.
#[test]
fn everything_can_be_sent() {
    fn sent<T: Send + 'static>() {}
    sent::<Attempt>();
    sent::<Choice>();
    sent::<Cursor>();
    sent::<Driven>();
    sent::<RunError<Status>>();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_forms_can_be_spawned() {
    let router = Router::default().driven_by(Stage::default());

    let by_name = tokio::spawn({
        let router = router.clone();
        async move { router.run(query(), only_b).await }
    });
    let client = Arc::new(String::from("b"));
    let by_closure = tokio::spawn({
        let router = router.clone();
        async move {
            let call = |choice: Choice| {
                let client = client.clone();
                async move {
                    tokio::task::yield_now().await;
                    if choice.deployment().provider == client.as_str() {
                        Ok(choice.ordinal())
                    } else {
                        Err(Status(500))
                    }
                }
            };
            router.run(query(), call).await
        }
    });
    let by_cursor = tokio::spawn({
        let router = router.router().clone();
        async move {
            let mut cursor = router.begin(query(), Now::default(), 1).unwrap();
            while let Some(attempt) = cursor.next(Now::default()) {
                match only_b(attempt.choice().clone()).await {
                    Ok(answer) => {
                        attempt.finish(Outcome::Success, Now::default());
                        return Some(answer);
                    }
                    Err(status) => attempt.finish(Outcome::from(&status), Now::default()),
                }
            }
            None
        }
    });

    assert!(by_name.await.unwrap().unwrap().starts_with("b at attempt"));
    assert!(by_closure.await.unwrap().is_ok());
    assert!(by_cursor.await.unwrap().is_some());
    let health = router.router().health(Now::default());
    assert!(health.iter().all(|known| known.standing.in_flight == 0));
}

#[tokio::test]
async fn the_last_error_comes_back_whole() {
    let router = Router::default().driven_by(Stage::default());
    let error = router
        .run(query(), |_| async { Err::<(), _>(Status(503)) })
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            RunError::Failed {
                error: Status(503),
                attempts: 2,
                end: End::NoneLeft
            }
        ),
        "{error:?}"
    );
    let error = router
        .run(query(), |_| async { Err::<(), _>(Status(400)) })
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "attempt 1 failed, and the upstream rejected the request"
    );
    let error = router
        .run(Query::new("m", vec![]), |_| async { Err::<(), _>(Status(0)) })
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "nobody serves model `m`");
}

#[tokio::test]
async fn a_call_that_hangs_is_dropped_and_the_next_candidate_answers() {
    let stage = Stage {
        impatient: true,
        ..Stage::default()
    };
    let slept = stage.slept.clone();
    let router = Router::default().driven_by(stage);
    let call = |choice: Choice| async move {
        if choice.deployment().provider == "a" {
            std::future::pending::<()>().await;
        }
        Ok::<_, Status>(choice.ordinal())
    };
    assert_eq!(router.run(query(), call).await.unwrap(), 2);
    assert_eq!(*slept.lock().unwrap(), [TIMEOUT]);

    let hung = router
        .run(query(), |_| std::future::pending::<Result<(), Status>>())
        .await
        .unwrap_err();
    assert!(matches!(hung, RunError::NoAnswer { .. }), "{hung:?}");
}

#[tokio::test]
async fn waits_between_retries_are_the_hosts() {
    let stage = Stage::default();
    let slept = stage.slept.clone();
    let mut query = query();
    query.groups[0].candidates[0].retry = RetryPolicy {
        max_retries: 1,
        ..RetryPolicy::default()
    };
    let router = Router::default().driven_by(stage);
    assert_eq!(router.run(query, only_b).await.unwrap(), "b at attempt 3");
    let slept: Vec<_> = slept.lock().unwrap().iter().map(Duration::as_millis).collect();
    assert!(matches!(slept[..], [250..=500]), "{slept:?}");
}

#[tokio::test]
async fn a_caller_that_leaves_takes_its_attempt_along() {
    let router = Router::default().driven_by(Stage::default());
    let in_flight = || {
        router
            .router()
            .health(Now::default())
            .iter()
            .map(|known| known.standing.in_flight)
            .sum::<u32>()
    };
    let entered = tokio::sync::Notify::new();
    let call = |_| {
        entered.notify_one();
        std::future::pending::<Result<(), Status>>()
    };
    let mut run = Box::pin(router.run(query(), call));
    tokio::select! {
        biased;
        _ = &mut run => unreachable!("the call never ends"),
        () = entered.notified() => assert_eq!(in_flight(), 1),
    }
    drop(run);
    assert_eq!(in_flight(), 0);
}
