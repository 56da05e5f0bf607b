//! The day: the real gateway over the real stores, on a clock that leaps.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway::{Arrival, Caller, Gateway, Line, Options};
use gateway_store::Sqlite;
use gateway_types::{Org, RequestId, Wall};
use http_body_util::BodyExt as _;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::books::Timeless;
use crate::dice::Dice;
use crate::memory::Memory;
use crate::places::Places;
use crate::settings::{self, Change};
use crate::talk::Talk;
use crate::time::{RuntimeClock, held};
use crate::traffic::{self, Call};

/// What is to be lived through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) calls: usize,
    pub(crate) span: Duration,
    pub(crate) seed: u64,
    /// When it ends.
    pub(crate) end: Wall,
}

/// Fills the data folder. To be run on a paused runtime.
pub(crate) async fn live(plan: Plan, folder: &Path, places: &Places, talk: &Arc<Talk>) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let begins = Wall::from_millis(plan.end.millis() - i64::try_from(plan.span.as_millis())?);
    let stores = Sqlite::open(folder, &Org::default())?;
    let vendors = Arc::new(Memory {
        talk: Arc::clone(talk),
        places: places.clone(),
        seed: plan.seed,
        end: began + plan.span,
    });
    let builder = Gateway::builder(Arc::clone(&vendors) as _)
        .options(Options {
            secret: settings::secret(folder, plan.seed)?,
            ..Options::default()
        })
        .clock(Arc::new(RuntimeClock::beginning_at(begins)))
        .ledger(Arc::new(Timeless(stores.ledger())))
        .settings(stores.settings())
        .objects(stores.objects())
        .audit(stores.audit())
        .logs(stores.logs());
    let gateway = held(builder.start()).await?;
    let calls = plan.calls as f64;
    let (control, document) = (gateway.control().clone(), settings::document(places, calls));
    held(async move { control.seed(document, "platform").await }).await?;

    let changes = settings::changes(calls);
    let changing = tokio::spawn(change(gateway.clone(), changes, began + plan.span));
    let line = gateway.line(vendors);
    let mut ids = Dice::of(plan.seed, &[b"ids"]);
    let mut under_way = JoinSet::new();
    for call in traffic::calls(talk, plan.calls, plan.span, plan.seed) {
        sleep_until(began + call.at).await;
        let received = gateway.clock().now();
        let id = RequestId::from(
            uuid::Builder::from_unix_timestamp_millis(
                u64::try_from(received.wall.millis()).unwrap_or(0),
                &random(&mut ids),
            )
            .into_uuid(),
        );
        let (dialect, asked) = call.asked();
        let arrival = Arrival {
            id,
            received,
            dialect,
            asked,
            aim: None,
            caller: Caller::Presented,
            headers: call.headers.clone(),
        };
        under_way.spawn(make(line.clone(), arrival, call));
        while under_way.try_join_next().is_some() {}
    }
    while under_way.join_next().await.is_some() {}
    changing.await??;
    gateway.close().await;
    if gateway.dropped_rows() > 0 {
        return Err("the log could not keep up with the day".into());
    }
    drop((line, gateway));
    stores.close().await;
    Ok(())
}

/// The half of an id that is drawn, which decides what is drawn for the call.
fn random(dice: &mut Dice) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&dice.next().to_le_bytes());
    bytes[8..].copy_from_slice(&dice.next().to_le_bytes()[..2]);
    bytes
}

/// Makes a call as its client does: to the end, or for as long as it has patience.
async fn make(line: Line, arrival: Arrival, call: Call) {
    let body = Bytes::from(call.body.to_string());
    let whole = async {
        let reply = match line.open(arrival) {
            Ok(turn) => turn.run(body).await,
            Err(refusal) => *refusal,
        };
        let mut body = reply.body;
        while body.frame().await.is_some() {}
    };
    match call.patience {
        // Who has no more patience drops everything, as a closed connection does.
        Some(patience) => drop(timeout(patience, whole).await),
        None => whole.await,
    }
}

/// What people change over the day.
async fn change(gateway: Gateway, changes: Vec<Change>, end: Instant) -> Result<(), gateway::ControlError> {
    for change in changes {
        sleep_until(end - change.before_the_end).await;
        let control = gateway.control().clone();
        held(async move { change.make(&control).await }).await?;
    }
    Ok(())
}
