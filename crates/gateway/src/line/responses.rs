//! Responses that clients come back for. One that its provider keeps leads the next turn to that provider; one whose provider
//! speaks another dialect is kept here: it is continued, shown and taken away here.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_providers::responses::{continue_from, finished, input_items, item_id, keeping, references, resolve};
use gateway_types::{Call, DialectName, Error, ErrorKind, ModelName, Operation};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::attempt::Answer;
use super::errand::{Errand, here};
use super::{Aim, Turn};
use crate::control::Shared;
use crate::kept::{Record, Thing};

/// Keeps a response, once it has come.
#[derive(Debug)]
pub(super) struct Keeper {
    shared: Arc<Shared>,
    /// Who may come back for it, and who answered.
    record: Record,
    /// What it answers, earlier turns included.
    input: Vec<Box<RawValue>>,
}

impl Keeper {
    /// Keeps it: where the provider has it, only the way there.
    pub(super) fn keep(self, document: &[u8]) {
        let (mut record, Ok(response)) = (self.record, finished(document)) else {
            return;
        };
        if response.id.is_empty() {
            return;
        }
        if record.here {
            let read: Result<Value, _> = serde_json::from_slice(document);
            record.about = json!({ "response": read.unwrap_or_default(), "input": self.input });
        }
        self.shared.kept.keep(Thing::Response, &response.id, record);
    }
}

/// Whether a call may go on from an earlier response, or another from its own.
pub(super) fn may_go_on(call: &Call) -> bool {
    call.dialect == DialectName::Responses && call.operation == Operation::Responses
}

impl Turn {
    /// Takes up an earlier response, where the call goes on from one; and says what is to be done with its own.
    pub(super) async fn resume(&mut self, call: Call) -> Result<(Call, Option<Keeper>), Error> {
        let says = keeping(&call)?;
        self.in_background = says.background;
        let call = match &says.previous {
            Some(previous) => self.continued(call, previous).await?,
            None => call,
        };
        if !says.store {
            return Ok((call, None));
        }
        let keeper = Keeper {
            shared: Arc::clone(&self.line.shared),
            record: Record::new(&self.principal, "".into(), "".into(), ModelName::from("")),
            input: input_items(&call)?,
        };
        Ok((call, Some(keeper)))
    }

    async fn continued(&mut self, call: Call, previous: &str) -> Result<Call, Error> {
        let found = self
            .line
            .shared
            .kept
            .find(Thing::Response, previous, &self.principal)
            .await;
        let record = found.map_err(|mut error| {
            error.param = Some("previous_response_id".to_owned());
            error
        })?;
        if !record.here {
            self.arrival.aim.get_or_insert_with(|| Aim {
                provider: record.provider.clone(),
                key: Some(record.key.clone()),
                forward: None,
                passthrough: false,
            });
            return Ok(call);
        }
        let earlier = said(&record.about)?;
        let call = continue_from(&call, &earlier)?;
        if references(&call)?.is_empty() {
            return Ok(call);
        }
        let named = earlier.into_iter().filter_map(|item| Some((item_id(&item)?, item)));
        resolve(&call, &named.collect::<BTreeMap<_, _>>())
    }

    /// Has an answer kept that its client may come back for.
    pub(super) fn kept(&self, mut answer: Answer, keeper: Option<Keeper>) -> Answer {
        let (Some(mut keeper), Some((provider, key, model))) = (keeper, self.answerer()) else {
            return answer;
        };
        let passes = match &answer {
            Answer::Whole(done) => done.passes,
            Answer::Stream(flow) => flow.passes,
        };
        if !passes && !self.snapshot.client.keep_responses {
            return answer;
        }
        keeper.record = Record::new(&self.principal, provider, key, model);
        keeper.record.here = !passes;
        match &mut answer {
            Answer::Whole(done) => keeper.keep(&done.body),
            Answer::Stream(flow) => flow.keeper = Some(keeper),
        }
        answer
    }

    /// An errand about a response that is kept here.
    pub(super) async fn at_home(&mut self, errand: Errand, id: &str, record: &Record) -> Result<Answer, Error> {
        match errand {
            Errand::Get => Ok(here(record.about["response"].to_string())),
            Errand::InputItems => Ok(here(newest_first(&record.about["input"]).to_string())),
            Errand::Delete => {
                self.line.shared.kept.forget(Thing::Response, id).await?;
                let gone = json!({ "id": id, "object": "response", "deleted": true });
                Ok(here(gone.to_string()))
            }
            _ => {
                let message = format!("response `{id}` is over: only one that runs in the background can be cancelled");
                Err(Error::new(ErrorKind::Invalid, message))
            }
        }
    }
}

/// What was said up to the end of a response that is kept here.
fn said(about: &Value) -> Result<Vec<Box<RawValue>>, Error> {
    let unreadable =
        |why: serde_json::Error| Error::new(ErrorKind::Internal, format!("a kept response cannot be read: {why}"));
    let mut items: Vec<Box<RawValue>> = serde_json::from_str(&about["input"].to_string()).map_err(unreadable)?;
    items.extend(finished(about["response"].to_string().as_bytes())?.items);
    Ok(items)
}

/// The page that lists what a response answered, the newest first.
fn newest_first(items: &Value) -> Value {
    let items: Vec<&Value> = items.as_array().into_iter().flatten().rev().collect();
    let id = |item: Option<&&Value>| item.map_or(Value::Null, |item| item["id"].clone());
    json!({
        "object": "list",
        "data": items,
        "first_id": id(items.first()),
        "last_id": id(items.last()),
        "has_more": false,
    })
}
