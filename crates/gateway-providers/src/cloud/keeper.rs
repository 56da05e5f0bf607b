//! Keeps one provider key's access: fetched once, refreshed before it ends, by one caller at a time.

use std::fmt;
use std::time::Duration;

use arc_swap::ArcSwap;
use gateway_types::{Error, ErrorKind, Now};
use tokio::sync::Mutex;

use super::source::Fetched;
use super::{Access, Means, Source};

/// A token is refreshed that long before it ends, or a tenth of its life where that is less.
const AHEAD: Duration = Duration::from_secs(300);
/// A token is not used any more that long before it ends, or a tenth of its life where that is less.
const MARGIN: Duration = Duration::from_secs(10);
/// How long a call waits for a token.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a call that has a token waits for the next one.
const REFRESH_PATIENCE: Duration = Duration::from_secs(3);
/// For how long a failure is remembered: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// A token that was fetched less long ago is not doubted: whatever the upstream has against it, another is no better.
const UNDOUBTED: Duration = Duration::from_secs(60);

/// Keeps the access of one provider key. Calls of all workers share it.
///
/// What is at hand is given without a lock. A token that is about to end is refreshed by one caller while the others
/// go on with it; where there is none, they wait for the one that fetches. A failure is remembered for a second, then
/// for longer, up to half a minute, so that a token endpoint in trouble is left alone. A caller that goes away while it
/// fetches leaves the work to the next.
pub struct Keeper {
    source: Source,
    state: ArcSwap<State>,
    /// Held by the one that fetches, who alone writes the state.
    turn: Mutex<()>,
}

#[derive(Clone, Debug, Default)]
struct State {
    held: Option<Held>,
    failure: Option<Failure>,
}

#[derive(Clone, Debug)]
struct Held {
    access: Access,
    since: Now,
    /// When it should be refreshed, and until when it can be used. None: never, and for ever.
    bounds: Option<(Now, Now)>,
}

#[derive(Clone, Debug)]
struct Failure {
    error: Error,
    /// When it may be tried again.
    until: Now,
    pause: Duration,
}

enum Look {
    Good(Access),
    Due(Access),
    Failed(Error),
    Missing,
}

impl Keeper {
    /// The keeper of that source. Nothing is fetched until somebody asks.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            state: ArcSwap::default(),
            turn: Mutex::new(()),
        }
    }

    /// Where it fetches from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What to present now. What needs no fetching is given without awaiting anything.
    ///
    /// The error is [`ErrorKind::UpstreamAuth`] where the source refused or nothing is set up, and
    /// [`ErrorKind::UpstreamFailed`] where it could not be reached; it says which source, and why.
    pub async fn access(&self, means: &Means<'_>) -> Result<Access, Error> {
        if let Source::Static(access) = &self.source {
            return Ok(access.clone());
        }
        match self.look(means) {
            Look::Good(access) => Ok(access),
            Look::Failed(error) => Err(error),
            // What fetches is large and seldom needed: no call carries it along.
            Look::Due(access) => Ok(Box::pin(self.refresh(means, access)).await),
            Look::Missing => Box::pin(self.wait(means)).await,
        }
    }

    /// The upstream refused what was presented: unless it is quite new, the next caller fetches another.
    pub fn doubt(&self, refused: &Access, now: Now) {
        // Whoever has the turn is fetching another already.
        let Ok(_turn) = self.turn.try_lock() else { return };
        let state = self.state.load_full();
        let doubted = |held: &Held| held.access == *refused && now.tick.since(held.since.tick) >= UNDOUBTED;
        if state.held.as_ref().is_some_and(doubted) {
            self.state.store(State::default().into());
        }
    }

    fn look(&self, means: &Means<'_>) -> Look {
        self.state.load().look(means.clock.now())
    }

    /// There is a token, and it is time for another: this caller fetches it, unless another does.
    async fn refresh(&self, means: &Means<'_>, had: Access) -> Access {
        let Ok(_turn) = self.turn.try_lock() else { return had };
        match self.look(means) {
            Look::Due(had) => self.fetch(means, REFRESH_PATIENCE).await.unwrap_or(had),
            Look::Good(access) => access,
            Look::Failed(_) | Look::Missing => had,
        }
    }

    /// There is no token: this caller fetches it, or waits for the one that does.
    async fn wait(&self, means: &Means<'_>) -> Result<Access, Error> {
        let _turn = self.turn.lock().await;
        match self.look(means) {
            Look::Good(access) | Look::Due(access) => Ok(access),
            Look::Failed(error) => Err(error),
            Look::Missing => self.fetch(means, PATIENCE).await,
        }
    }

    /// Fetches, and remembers how it went. Only for the one whose turn it is.
    async fn fetch(&self, means: &Means<'_>, patience: Duration) -> Result<Access, Error> {
        let began = means.clock.now();
        let fetched = match tokio::time::timeout(patience, self.source.fetch(means)).await {
            Ok(fetched) => fetched,
            Err(_) => {
                let message = format!("no credentials came within {} s", patience.as_secs());
                Err(Error::new(ErrorKind::UpstreamFailed, message))
            }
        };
        let before = self.state.load_full();
        match fetched {
            Ok(fetched) => {
                let held = Held::new(fetched, began);
                let access = held.access.clone();
                let state = State {
                    held: Some(held),
                    failure: None,
                };
                self.state.store(state.into());
                Ok(access)
            }
            Err(error) => {
                let failure = Failure::after(before.failure.as_ref(), error.clone(), means.clock.now());
                let state = State {
                    held: before.held.clone(),
                    failure: Some(failure),
                };
                self.state.store(state.into());
                Err(error)
            }
        }
    }
}

impl State {
    fn look(&self, now: Now) -> Look {
        let failure = self.failure.as_ref().filter(|failure| !reached(failure.until, now));
        if let Some(held) = &self.held {
            match held.bounds {
                None => return Look::Good(held.access.clone()),
                Some((due, _)) if !reached(due, now) => return Look::Good(held.access.clone()),
                Some((_, end)) if !reached(end, now) => {
                    let access = held.access.clone();
                    return match failure {
                        Some(_) => Look::Good(access),
                        None => Look::Due(access),
                    };
                }
                Some(_) => {}
            }
        }
        match failure {
            Some(failure) => Look::Failed(failure.error.clone().retry_after(failure.until.tick.since(now.tick))),
            None => Look::Missing,
        }
    }
}

/// Whether a moment has come, by either clock: one of them stands still while a machine sleeps, the other can be set.
fn reached(moment: Now, now: Now) -> bool {
    now.wall >= moment.wall || now.tick >= moment.tick
}

impl Held {
    fn new(fetched: Fetched, began: Now) -> Self {
        let bounds = fetched.life.map(|life| {
            let before_end = |span: Duration| began.plus(life.saturating_sub(span.min(life / 10)));
            (before_end(AHEAD), before_end(MARGIN))
        });
        Self {
            access: fetched.access,
            since: began,
            bounds,
        }
    }
}

impl Failure {
    fn after(earlier: Option<&Self>, error: Error, now: Now) -> Self {
        let (first, longest) = PAUSES;
        let pause = earlier.map_or(first, |earlier| (earlier.pause * 2).min(longest));
        Self {
            error,
            until: now.plus(pause),
            pause,
        }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
