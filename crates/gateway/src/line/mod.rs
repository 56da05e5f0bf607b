//! One request from end to end, in one straight line.
//!
//! [`Line::open`] authenticates, then [`Turn::run`] goes through the stages in order: decode, authorise, admit, plan,
//! and per attempt hold, translate, send, translate back. What follows the first byte happens in the reply's body
//! ([`reply`]), because a client that hangs up drops the future. Proofs (`Principal`, `Grant`, `Admission`, `Hold`) make
//! the order hard to get wrong; the [`exchange`] is the notebook that logs and metrics read at the end.

mod attempt;
pub(crate) mod batch;
mod batch_input;
mod decided;
mod errand;
mod exchange;
pub mod explain;
mod failure;
pub(crate) mod finish;
mod forward;
mod grants;
mod head;
mod headers;
mod metering;
mod models;
pub(crate) mod place;
mod reply;
mod responses;
pub(crate) mod rules;
mod sending;
mod tags;
mod tail;
mod visible;

use std::sync::Arc;

use bytes::Bytes;
use gateway_governance::directory::{Principal, Rules, authenticate};
use gateway_governance::entry::Tags;
use gateway_governance::governor;
use gateway_providers::lane::Forward;
use gateway_providers::{Stamp, Transport, client_dialect, ollama};
use gateway_router::{Cursor, Strategy};
use gateway_types::loss::Loss;
use gateway_types::{
    Asked, Call, DialectName, Error, ErrorKind, KeyId, NanoUsd, Now, Operation, ProviderName, RequestId, VirtualKeyId,
};
use http::HeaderMap;

use crate::control::Shared;
use crate::control::memo::Granted;
use crate::control::snapshot::Snapshot;
use crate::record::Recorder;
use attempt::{Answer, Done};
use exchange::Exchange;
use finish::{Finisher, Lasting, Patience, UnderWay};

pub use decided::{Decided, NotAllowed};
pub use errand::Errand;
pub use reply::{Reply, ReplyBody};
pub use rules::{Matched, Routing, Undecided};

/// What a server knows of a request when its head has come.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its id, made by the server.
    pub id: RequestId,
    /// When its first byte came.
    pub received: Now,
    /// The shape that the path stands for.
    pub dialect: DialectName,
    /// What the path asks for.
    pub asked: Asked,
    /// The provider that it must go to, where it chooses one rather than a model.
    pub aim: Option<Aim>,
    /// Whose call it is.
    pub caller: Caller,
    /// Its headers. The presented credential is read from them and never sent on.
    pub headers: HeaderMap,
}

/// Whose call it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// That of whoever its headers say.
    #[default]
    Presented,
    /// That of a virtual key, made by somebody who manages the gateway and has no value of it. The key's limits hold and it
    /// is charged.
    Key(VirtualKeyId),
    /// That of nobody in particular, made by somebody who manages the gateway: only the limits of models and providers hold,
    /// and it is in the ledger without a key.
    Operator,
}

/// The provider that a request must go to.
#[derive(Clone, Debug)]
pub struct Aim {
    /// The provider.
    pub provider: ProviderName,
    /// The one of its keys that will do: what was made with a key is found with it.
    pub key: Option<KeyId>,
    /// What goes there as it is, where it is not a call that the gateway reads.
    pub forward: Option<Forward>,
    /// Whether it came by a passthrough prefix, which a virtual key must allow.
    pub passthrough: bool,
}

/// A data plane: takes requests one after the other or side by side. One per worker, cheap to clone.
#[derive(Clone, Debug)]
pub struct Line(Arc<Plane>);

/// What a line works with.
#[derive(Debug)]
struct Plane {
    shared: Arc<Shared>,
    transport: Arc<dyn Transport>,
    recorders: Recorders,
    finisher: Finisher,
}

/// Who hears of requests.
#[derive(Clone, Debug)]
pub(crate) struct Recorders {
    /// While request logs are kept: everyone, the journal first.
    pub(crate) logged: Arc<[Arc<dyn Recorder>]>,
    /// While they are not: everyone else.
    pub(crate) unlogged: Arc<[Arc<dyn Recorder>]>,
}

/// A request that may come in: its caller is known, its body is not read yet.
#[derive(Debug)]
pub struct Turn {
    line: Arc<Plane>,
    /// The one state of the settings that this request sees.
    snapshot: Arc<Snapshot>,
    principal: Principal,
    arrival: Arrival,
    exchange: Box<Exchange>,
    /// Whether the answer comes before the work is done, so that what it costs is not in it.
    in_background: bool,
    /// What its caller, its request and its virtual key say of it.
    tags: Tags,
    /// Whether an upstream is at work on it.
    under_way: UnderWay,
}

impl Line {
    pub(crate) fn new(
        shared: Arc<Shared>,
        transport: Arc<dyn Transport>,
        recorders: Recorders,
        finisher: Finisher,
    ) -> Self {
        Self(Arc::new(Plane {
            shared,
            transport,
            recorders,
            finisher,
        }))
    }

    /// Opens an exchange and authenticates its caller. A refusal is an answer already.
    pub fn open(&self, arrival: Arrival) -> Result<Box<Turn>, Box<Reply>> {
        let dialect = arrival.dialect;
        let snapshot = self.0.shared.snapshot.load_full();
        let recorders = if snapshot.client.logging {
            &self.0.recorders.logged
        } else {
            &self.0.recorders.unlogged
        };
        self.enter(snapshot, arrival, Arc::clone(recorders))
            .map_err(|refused| Box::new(Reply::refusal(refused.exchange, dialect, &refused.error)))
    }

    /// From here on the request sees this snapshot and no other.
    fn enter(
        &self,
        snapshot: Arc<Snapshot>,
        arrival: Arrival,
        recorders: Arc<[Arc<dyn Recorder>]>,
    ) -> Result<Box<Turn>, Box<Refused>> {
        let mut exchange = Exchange::open(&arrival, Arc::clone(&self.0.shared.clock), recorders);
        let principal = match self.principal(&snapshot, &arrival) {
            Ok(principal) => principal,
            Err(error) => return Err(Box::new(Refused { exchange, error })),
        };
        exchange.caller(&principal);
        if let Err(error) = complete(&snapshot, &principal, &arrival) {
            return Err(Box::new(Refused { exchange, error }));
        }
        Ok(Box::new(Turn {
            line: Arc::clone(&self.0),
            snapshot,
            principal,
            arrival,
            exchange,
            in_background: false,
            tags: tags::none(),
            under_way: UnderWay::default(),
        }))
    }

    fn principal(&self, snapshot: &Snapshot, arrival: &Arrival) -> Result<Principal, Error> {
        let directory = &snapshot.directory;
        match &arrival.caller {
            Caller::Presented => {
                let presented = headers::credential(&arrival.headers);
                let enforced = snapshot.client.enforced;
                authenticate(
                    directory,
                    &self.0.shared.hasher,
                    presented,
                    Rules { enforced },
                    arrival.received,
                )
            }
            Caller::Key(id) => directory.as_presented(id, arrival.received),
            Caller::Operator => Ok(directory.anonymous()),
        }
    }
}

/// That a call has the headers that the operator asks for. Lists of models are for whoever looks around, and who manages the
/// gateway does not have to say what callers have to.
fn complete(snapshot: &Snapshot, principal: &Principal, arrival: &Arrival) -> Result<(), Error> {
    if arrival.asked.operation == Operation::Models || arrival.caller != Caller::Presented {
        return Ok(());
    }
    let of_key = principal.key().map(|key| &key.required_headers[..]).unwrap_or_default();
    let names = snapshot.client.required_headers.iter().chain(of_key);
    headers::required(&arrival.headers, names.map(String::as_str))
}

/// A caller that may not come in.
#[derive(Debug)]
struct Refused {
    exchange: Box<Exchange>,
    error: Error,
}

impl Turn {
    /// The most bytes that the body may have.
    pub fn body_limit(&self) -> usize {
        self.snapshot.client.body_limit
    }

    /// Answers with an error, in the dialect of the path: the body was too large, came too slowly, broke off.
    pub fn refuse(self: Box<Self>, error: &Error) -> Reply {
        Reply::refusal(self.exchange, self.arrival.dialect, error)
    }

    /// The rest of the line. For [`Operation::Models`] the body is empty.
    pub async fn run(mut self: Box<Self>, body: Bytes) -> Reply {
        if self.arrival.asked.operation == Operation::Models {
            let body = models::list(
                &self.snapshot,
                &self.principal,
                self.arrival.dialect,
                self.arrival.received,
            );
            return Reply::json(self.exchange, self.arrival.dialect, body);
        }
        match self.patience() {
            None => self.reply(body).await,
            Some(patience) => {
                let work = |under_way| {
                    self.under_way = under_way;
                    self.reply(body)
                };
                Lasting::new(patience, work).await
            }
        }
    }

    async fn reply(mut self: Box<Self>, body: Bytes) -> Reply {
        // In a box once, rather than moved each time that somebody awaits whoever awaits it.
        let done = Box::pin(self.answer(body)).await;
        self.answered(done)
    }

    /// What is to be done should the client leave, where that is more than to end the call.
    fn patience(&self) -> Option<Patience> {
        let of_key = self.principal.key().and_then(|key| key.on_disconnect);
        let policy = of_key.unwrap_or(self.snapshot.client.on_disconnect);
        self.line.finisher.patience(policy)
    }

    fn answered(self: Box<Self>, done: Result<Answer, Error>) -> Reply {
        match done {
            Ok(Answer::Whole(whole)) => Reply::whole(self.exchange, self.arrival.dialect, *whole),
            Ok(Answer::Stream(flow)) => Reply::stream(self.exchange, self.arrival.dialect, *flow),
            Err(error) => self.refuse(&error),
        }
    }

    /// One model, as `GET /v1/models/{model}` shows it.
    pub fn model(self: Box<Self>, name: &str) -> Reply {
        match models::one(
            &self.snapshot,
            &self.principal,
            name,
            self.arrival.dialect,
            self.arrival.received,
        ) {
            Ok(body) => Reply::json(self.exchange, self.arrival.dialect, body),
            Err(error) => self.refuse(&error),
        }
    }

    /// One model, as `POST /api/show` of Ollama shows it.
    pub fn show(self: Box<Self>, name: &str) -> Reply {
        match models::show(&self.snapshot, &self.principal, name, self.arrival.received) {
            Ok(body) => Reply::json(self.exchange, self.arrival.dialect, body),
            Err(error) => self.refuse(&error),
        }
    }

    /// The line itself.
    async fn answer(&mut self, body: Bytes) -> Result<Answer, Error> {
        let ceiling = headers::max_cost(&self.arrival.headers)?;
        let call = self.decode(body)?;
        self.tag(&call);
        let (call, keeper) = match responses::may_go_on(&call) {
            true => Box::pin(self.resume(call)).await?,
            false => (call, None),
        };
        let grants = grants::authorise(self, &call)?;
        let now = self.now();
        if let Some(body) = ollama::facts::loaded(&call, self.stamp(now)) {
            return Ok(errand::here(body));
        }
        let admission = self.admit(&call, ceiling, now).await?;
        let cursor = match self.plan(&call, &grants) {
            Ok(cursor) => cursor,
            Err(error) if counts_here(&call, &error) => return self.count(&call, admission),
            Err(error) => {
                self.exchange.limited(admission.refuse());
                return Err(error);
            }
        };
        let answer = attempt::drive(self, &call, &grants, cursor, admission).await?;
        Ok(self.kept(answer, keeper))
    }

    /// Tells how long an input is where nobody can be asked who knows: by the rule that estimates all inputs.
    fn count(&mut self, call: &Call, admission: governor::Admission) -> Result<Answer, Error> {
        let now = self.now();
        self.exchange.limited(admission.rate_limits(now));
        let body = client_dialect(call.dialect).write_count(call.input_estimate, call)?;
        self.exchange.translated(
            vec![Loss::emulated("input_tokens", "estimated from the length of the input")],
            None,
        );
        Ok(Answer::Whole(Box::new(Done {
            status: http::StatusCode::OK,
            body,
            content_type: None,
            request_id: None,
            passes: false,
            settled: admission.finish(now),
        })))
    }

    fn decode(&mut self, body: Bytes) -> Result<Call, Error> {
        if let Some(forward) = self.arrival.aim.as_ref().and_then(|aim| aim.forward.as_ref()) {
            let call = forward::call(&self.arrival, forward, body);
            self.exchange.called(&call, None);
            return Ok(call);
        }
        let capture = self.snapshot.client.capture.then(|| body.clone());
        let call = client_dialect(self.arrival.dialect).decode(&self.arrival.asked, body)?;
        self.exchange.called(&call, capture.as_ref());
        Ok(call)
    }

    fn tag(&mut self, call: &Call) {
        let (tags, dropped) = tags::of(self.principal.key().map(|key| &**key), &self.arrival.headers, call);
        self.exchange.tagged(&tags, dropped);
        self.tags = tags;
    }

    async fn admit(&self, call: &Call, ceiling: Option<NanoUsd>, now: Now) -> Result<governor::Admission, Error> {
        let turn = governor::Turn {
            request: self.arrival.id,
            operation: call.operation,
            input_estimate: call.input_estimate,
            tags: Arc::clone(&self.tags),
            ceiling,
        };
        self.line.shared.governor.admit(&self.principal, turn, now).await
    }

    fn plan(&mut self, call: &Call, grants: &[Arc<Granted>]) -> Result<Cursor, Error> {
        let now = self.now();
        let query = place::query(self, call, grants, now.wall)?;
        let router = &self.line.shared.router;
        let cursor = router
            .begin(query, now, self.seed())
            .map_err(|error| Error::new(ErrorKind::ModelNotFound, error.to_string()))?;
        self.exchange.planned(&cursor, grants);
        Ok(cursor)
    }

    /// What the plan's lots are drawn from: the request's id, half of which is random, so that the log has it too.
    fn seed(&self) -> u64 {
        self.arrival.id.uuid().as_u64_pair().1
    }

    fn now(&self) -> Now {
        self.line.shared.clock.now()
    }

    /// The time, and the request's own number, for what a translation has to make up.
    fn stamp(&self, now: Now) -> Stamp {
        Stamp {
            at: now.wall,
            seed: self.arrival.id.uuid().as_u128(),
        }
    }

    /// Whether a field that the provider's dialect cannot say is to be refused rather than left out.
    fn is_strict(&self) -> bool {
        let key = self.principal.key();
        headers::strict(&self.arrival.headers).unwrap_or_else(|| key.is_some_and(|key| key.strict))
    }
}

/// Whether it is only asked how long an input is, and no provider counts.
fn counts_here(call: &Call, error: &Error) -> bool {
    call.operation == Operation::CountTokens && error.kind == ErrorKind::UnsupportedOperation
}

/// Whether a caller presents a credential of any kind, known or not; without one it is anonymous.
pub fn presents_credential(headers: &HeaderMap) -> bool {
    headers::credential(headers).is_some()
}

/// What a request presents of who calls, from the first of the places that has anything.
pub(crate) fn credential(headers: &HeaderMap) -> Option<&str> {
    headers::credential(headers)
}

/// The strategy of that name.
pub(crate) fn strategy(name: &str) -> Result<Strategy, String> {
    use serde::Deserialize as _;
    use serde::de::IntoDeserializer as _;
    let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
    Strategy::deserialize(word).map_err(|error| error.to_string())
}
