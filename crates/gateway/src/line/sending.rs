//! One attempt under way: it is sent, what comes back is read up to its first content, and it ends as an answer or as a
//! failure; or its client leaves meanwhile.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gateway_governance::governor::{Admission, Hold};
use gateway_providers::lane::request_id;
use gateway_providers::{Prepared, Relay, Target, TransportError, Whole, WireBody, WireRequest, WireResponse};
use gateway_router::{Attempt, Outcome};
use gateway_types::{Call, Now};
use http::HeaderValue;
use http_body_util::BodyExt as _;

use super::Turn;
use super::attempt::{Answer, Done};
use super::exchange::{Begun, Ended};
use super::failure::{Failure, no_answer};
use super::metering::{estimated, metered};
use super::place::Place;
use super::tail::Flow;

/// The most that a whole answer may have. Larger ones are streamed by every vendor that has them.
const WHOLE_LIMIT: usize = 256 * 1024 * 1024;
/// The most of an error answer that is read.
const ERROR_LIMIT: usize = 1024 * 1024;
/// How long an error answer's body may take.
const ERROR_WAIT: Duration = Duration::from_secs(10);

/// One attempt, ready to be sent.
pub(super) struct Try<'a> {
    pub(super) turn: &'a mut Turn,
    pub(super) call: &'a Call,
    pub(super) place: Place<'a>,
    pub(super) prepared: Prepared,
    pub(super) begun: Begun,
    /// There until the attempt has ended.
    pub(super) stake: Option<Stake>,
}

/// What depends on how an attempt ends.
pub(super) struct Stake {
    pub(super) attempt: Attempt,
    pub(super) hold: Hold,
    pub(super) admission: Admission,
}

impl Try<'_> {
    /// Sends it and reads what comes back, up to the first content of a stream.
    pub(super) async fn make(&mut self, target: &Target) -> Result<Answer, (Failure, Admission)> {
        if let Some(stake) = &mut self.stake {
            stake.hold.sent(&self.place.key.id);
        }
        self.turn.under_way.sent(true);
        let result = self.exchange_bytes(target).await;
        self.turn.under_way.sent(false);
        let stake = self
            .stake
            .take()
            .expect("only this line and the end of the attempt take it");
        match result {
            Ok(came) => Ok(self.answered(came, stake)),
            Err(failure) => {
                let admission = self.failed(&failure, stake);
                Err((failure, admission))
            }
        }
    }

    /// Writes down that it answered. What came whole is settled here; what is a stream, by its tail.
    fn answered(&mut self, came: Came, stake: Stake) -> Answer {
        let Stake {
            mut attempt,
            hold,
            admission,
        } = stake;
        let now = self.turn.now();
        attempt.first_byte(now);
        let ended = Ended {
            at: now,
            outcome: &Outcome::Success,
            http_status: Some(came.status().as_u16()),
            message: None,
        };
        let exchange = &mut self.turn.exchange;
        exchange.attempted(self.begun, attempt.choice(), &ended);
        exchange.answered_by(attempt.choice(), self.place.upstream.hosting);
        exchange.translated(std::mem::take(&mut self.prepared.losses), hold.cap());
        let passes = self.prepared.passes();
        match came {
            Came::Whole {
                status,
                whole,
                request_id,
            } => {
                let whole = *whole;
                exchange.lost(&whole.observed.losses);
                hold.settle(metered(&whole.observed, self.call.input_estimate, false));
                exchange.limited(admission.rate_limits(now));
                attempt.finish(Outcome::Success, now);
                Answer::Whole(Box::new(Done {
                    status,
                    body: whole.body,
                    content_type: whole.content_type,
                    request_id,
                    passes,
                    settled: admission.finish(now),
                }))
            }
            Came::Stream {
                status,
                head,
                relay,
                first,
                upstream,
            } => {
                exchange.limited(admission.rate_limits(now));
                Answer::Stream(Box::new(Flow {
                    status,
                    content_type: head.content_type,
                    request_id: head.request_id,
                    passes,
                    keeper: None,
                    relay,
                    first,
                    upstream,
                    attempt,
                    hold,
                    admission,
                    input_estimate: self.call.input_estimate,
                    idle: self.place.upstream.idle_timeout,
                    patience: self.turn.patience(),
                }))
            }
        }
    }

    /// Writes down that it failed, and charges what it used, or may have used.
    fn failed(&mut self, failure: &Failure, stake: Stake) -> Admission {
        let Stake {
            attempt,
            hold,
            admission,
        } = stake;
        let now = self.turn.now();
        let ended = Ended {
            at: now,
            outcome: &failure.outcome,
            http_status: failure.error.status.filter(|_| failure.answered),
            message: Some(&failure.error.message),
        };
        let exchange = &mut self.turn.exchange;
        exchange.attempted(self.begun, attempt.choice(), &ended);
        let unseen = || failure.may_be_billed().then(|| estimated(self.call.input_estimate));
        match failure.used.or_else(unseen) {
            Some(metered) => drop(hold.settle(metered)),
            None => hold.release(),
        }
        exchange.limited(admission.rate_limits(now));
        if failure.answered {
            exchange.answered_by(attempt.choice(), self.place.upstream.hosting);
        }
        if failure.outcome == Outcome::ModelMissing {
            self.turn.line.shared.wishes.look_again(&self.place.upstream.name);
        }
        attempt.finish(failure.outcome.clone(), now);
        admission
    }

    async fn exchange_bytes(&mut self, target: &Target) -> Result<Came, Failure> {
        let wire = &mut self.prepared.wire;
        let wire = WireRequest {
            method: wire.method.clone(),
            uri: wire.uri.clone(),
            headers: std::mem::take(&mut wire.headers),
            body: std::mem::take(&mut wire.body),
        };
        let sending = self.turn.line.transport.send(wire, &self.place.upstream.egress);
        let response = match tokio::time::timeout(self.place.upstream.head_timeout, sending).await {
            Err(_) => return Err(Failure::timed_out(self.place.upstream.head_timeout)),
            Ok(Err(error)) => return Err(Failure::transport(&error)),
            Ok(Ok(response)) => response,
        };
        let now = self.turn.now();
        self.begun.head(now);
        if !response.status.is_success() {
            return Err(self.error_answer(response).await);
        }
        match self.prepared.is_stream(self.call, &response.headers) {
            true => self.stream(response, target, now).await,
            false if self.call.stream => Err(self.not_a_stream(response, target, now).await),
            false => self.whole(response, target, now).await,
        }
    }

    async fn error_answer(&self, response: WireResponse) -> Failure {
        let WireResponse { status, headers, body } = response;
        if !status.is_client_error() && !status.is_server_error() {
            return Failure::answer(no_answer(status, &headers));
        }
        // A body that breaks off or takes too long leaves the status to speak for itself.
        let reading = tokio::time::timeout(ERROR_WAIT, read(body, ERROR_LIMIT));
        let body = reading.await.ok().and_then(Result::ok).unwrap_or_default();
        Failure::answer(self.prepared.error(status.as_u16(), &headers, body))
    }

    /// A whole body where a stream was asked for: some servers answer errors so, with status 200.
    async fn not_a_stream(&self, response: WireResponse, target: &Target, now: Now) -> Failure {
        let reading = tokio::time::timeout(ERROR_WAIT, read(response.body, ERROR_LIMIT));
        let body = reading.await.ok().and_then(Result::ok).unwrap_or_default();
        // It may be a whole answer, generated and billed.
        let stamp = self.turn.stamp(now);
        let whole = self
            .prepared
            .whole(self.call, target, &response.headers, body.clone(), stamp);
        let observed = whole.unwrap_or_default().observed;
        let mut error = self.prepared.error(502, &response.headers, body);
        error.message = format!(
            "the upstream answered a stream request with a whole body: {}",
            error.message
        );
        Failure::answer(error).having_used(&observed, self.call)
    }

    async fn whole(&self, response: WireResponse, target: &Target, now: Now) -> Result<Came, Failure> {
        let reading = read(response.body, WHOLE_LIMIT);
        let limit = self.place.upstream.head_timeout;
        let body = match tokio::time::timeout(limit, reading).await {
            Err(_) => return Err(Failure::timed_out(limit)),
            Ok(Err(error)) => return Err(Failure::transport(&error)),
            Ok(Ok(body)) => body,
        };
        let headers = &response.headers;
        let whole = self
            .prepared
            .whole(self.call, target, headers, body, self.turn.stamp(now))
            .map_err(Failure::answer)?;
        Ok(Came::Whole {
            status: response.status,
            request_id: request_id(headers).cloned(),
            whole: Box::new(whole),
        })
    }

    /// Reads until the first content, so that whatever breaks before it costs the client nothing but time.
    async fn stream(&self, response: WireResponse, target: &Target, now: Now) -> Result<Came, Failure> {
        let head = StreamHead {
            content_type: self.prepared.stream_type(self.call, &response.headers),
            request_id: request_id(&response.headers).cloned(),
        };
        let mut relay = self.prepared.relay(self.call, target, self.turn.stamp(now));
        let mut upstream = response.body;
        let mut first = Vec::new();
        let idle = self.place.upstream.idle_timeout;
        while first.is_empty() && !relay.observed().done {
            let failed = match tokio::time::timeout(idle, upstream.frame()).await {
                Err(_) => Failure::timed_out(idle),
                Ok(Some(Err(error))) => Failure::transport(&error),
                Ok(Some(Ok(frame))) => match frame.into_data().map(|bytes| relay.feed(bytes, &mut first)) {
                    Ok(Err(error)) => Failure::answer(error),
                    // Trailers say nothing that a dialect knows.
                    Ok(Ok(())) | Err(_) => continue,
                },
                Ok(None) => match relay.finish(&mut first) {
                    Ok(()) => break,
                    Err(error) => Failure {
                        outcome: Outcome::Broke,
                        ..Failure::answer(error)
                    },
                },
            };
            return Err(failed.having_used(relay.observed(), self.call));
        }
        Ok(Came::Stream {
            status: response.status,
            head,
            relay,
            first,
            upstream,
        })
    }
}

/// What came back from an upstream that answered.
enum Came {
    Whole {
        status: http::StatusCode,
        request_id: Option<HeaderValue>,
        whole: Box<Whole>,
    },
    Stream {
        status: http::StatusCode,
        head: StreamHead,
        relay: Box<dyn Relay>,
        first: Vec<Bytes>,
        upstream: WireBody,
    },
}

/// What the head of a stream has for the client.
struct StreamHead {
    content_type: HeaderValue,
    request_id: Option<HeaderValue>,
}

impl Came {
    fn status(&self) -> http::StatusCode {
        match self {
            Self::Whole { status, .. } | Self::Stream { status, .. } => *status,
        }
    }
}

impl Drop for Try<'_> {
    /// The client left while the upstream was at work. What that may bill is in the log as it is in the ledger.
    fn drop(&mut self) {
        let Some(Stake {
            attempt,
            hold,
            admission,
        }) = self.stake.take()
        else {
            return;
        };
        let now = self.turn.now();
        self.turn.exchange.abandoned(self.begun, attempt.choice(), now);
        drop(hold);
        self.turn.exchange.settled(&admission.finish(now));
    }
}

async fn read(mut body: WireBody, limit: usize) -> Result<Bytes, TransportError> {
    let mut first: Option<Bytes> = None;
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let so_far = joined.len() + first.as_ref().map_or(0, Bytes::len);
        if so_far + data.len() > limit {
            return Err(TransportError::Broken(format!(
                "the answer is longer than {limit} bytes"
            )));
        }
        match first.take() {
            None if joined.is_empty() => first = Some(data),
            None => joined.extend_from_slice(&data),
            Some(one) => {
                joined.extend_from_slice(&one);
                joined.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| joined.freeze()))
}
