//! Errands: what is asked of responses, files and batches by their ids, and what makes them. An id leads back to the
//! provider, and to the very key of it, that has the thing; the request goes there as it is.

use std::sync::Arc;

use bytes::Bytes;
use gateway_providers::lane::Forward;
use gateway_types::{Error, ErrorKind, KeyId, ModelName, Operation, ProviderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::attempt::{Answer, Done};
use super::reply::Reply;
use super::{Aim, Turn};
use super::{batch, batch_input};
use crate::kept::{Record, Thing};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// A new one is made.
    Make,
    /// All that the caller has.
    List,
    /// One of them.
    Get,
    /// Take it away.
    Delete,
    /// What a file holds.
    Content,
    /// What a batch came to.
    Results,
    /// Stop it.
    Cancel,
    /// What a response answered.
    InputItems,
}

impl Errand {
    fn method(self) -> Method {
        match self {
            Self::Make | Self::Cancel => Method::POST,
            Self::Delete => Method::DELETE,
            _ => Method::GET,
        }
    }

    /// What stands after the id.
    const fn rest(self) -> &'static str {
        match self {
            Self::Content => "/content",
            Self::Results => "/results",
            Self::Cancel => "/cancel",
            Self::InputItems => "/input_items",
            Self::Make | Self::List | Self::Get | Self::Delete => "",
        }
    }
}

impl Turn {
    /// Runs an errand. `id` is there where the errand is about one thing; `query` is what of the request's query goes on.
    pub async fn errand(
        mut self: Box<Self>,
        errand: Errand,
        id: Option<&str>,
        query: Option<&str>,
        body: Bytes,
    ) -> Reply {
        let done = Box::pin(self.go(errand, id.unwrap_or_default(), query, body)).await;
        self.answered(done)
    }

    async fn go(&mut self, errand: Errand, id: &str, query: Option<&str>, body: Bytes) -> Result<Answer, Error> {
        let thing = thing(self.arrival.asked.operation)?;
        match errand {
            Errand::List => self.list(thing).await,
            Errand::Make => self.make(thing, query, body).await,
            _ => {
                let kept = &self.line.shared.kept;
                let record = kept.find(thing, id, &self.principal).await?;
                if record.here {
                    return self.at_home(errand, id, &record).await;
                }
                let rest = paths(id, errand, query);
                self.arrival.aim = Some(self.aim(&record.provider, Some(&record.key), errand, rest));
                let answer = self.answer(body).await?;
                let now = document(&answer);
                self.note(thing, errand, id, &record, now).await?;
                match errand {
                    Errand::Content | Errand::Results => self.paying(id, &record, answer).await,
                    _ => Ok(answer),
                }
            }
        }
    }

    /// Where an errand goes.
    fn aim(&self, provider: &ProviderName, key: Option<&KeyId>, errand: Errand, path: String) -> Aim {
        let content_type = self.arrival.headers.get(http::header::CONTENT_TYPE).cloned();
        Aim {
            provider: provider.clone(),
            key: key.cloned(),
            forward: Some(Forward {
                method: errand.method(),
                below: Some(self.arrival.asked.operation),
                path,
                content_type: content_type.filter(|_| errand == Errand::Make),
            }),
            passthrough: false,
        }
    }

    /// All that the caller has of a kind, as it was when last seen.
    async fn list(&mut self, thing: Thing) -> Result<Answer, Error> {
        let all = self.line.shared.kept.list(thing, &self.principal).await?;
        let data: Vec<&Value> = all
            .iter()
            .map(|(_, record)| &record.about)
            .filter(|about| about.is_object())
            .collect();
        let id = |item: Option<&&Value>| item.map_or(Value::Null, |item| item["id"].clone());
        let page = json!({
            "object": "list",
            "data": data,
            "first_id": id(data.first()),
            "last_id": id(data.last()),
            "has_more": false,
        });
        Ok(here(page.to_string()))
    }

    async fn make(&mut self, thing: Thing, query: Option<&str>, body: Bytes) -> Result<Answer, Error> {
        let input = (thing == Thing::Batch).then(|| batch_input::file(&body)).flatten();
        let (provider, key, parts) = match input {
            Some(file) => {
                let record = self.line.shared.kept.find(Thing::File, &file, &self.principal).await?;
                (record.provider.clone(), Some(record.key.clone()), record.parts.clone())
            }
            None => {
                let provider = self.destination()?;
                let items = self.items(thing, &body)?;
                let parts = batch::parts(items.into_iter(), &self.principal, &provider, &self.snapshot)?;
                (provider, None, parts)
            }
        };
        let held = match thing {
            Thing::Batch => {
                let (shared, snapshot) = (&self.line.shared, &self.snapshot);
                batch::hold(shared, snapshot, &self.principal, &provider, &parts).await?
            }
            _ => Vec::new(),
        };
        let path = query.map(|query| format!("?{query}")).unwrap_or_default();
        self.arrival.aim = Some(self.aim(&provider, key.as_ref(), Errand::Make, path));
        let answer = self.answer(body).await;
        let made = answer.as_ref().ok().and_then(document);
        let Some((made, (provider, key, model))) = made.zip(self.answerer()) else {
            batch::release(held);
            return answer;
        };
        if let Some(id) = made["id"].as_str() {
            self.line.shared.batches.keep(id, held);
            let mut record = Record::new(&self.principal, provider, key, model);
            record.parts = parts;
            record.about = made.clone();
            self.line.shared.kept.keep(thing, id, record);
        }
        answer
    }

    /// The calls that a new file, or a new batch, holds.
    fn items(&self, thing: Thing, body: &Bytes) -> Result<Vec<batch::Item>, Error> {
        let content_type = self.arrival.headers.get(http::header::CONTENT_TYPE);
        let content_type = content_type.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        match thing {
            Thing::File => batch_input::of_form(body, content_type),
            Thing::Batch => batch_input::of_batch(body),
            Thing::Response => Ok(Vec::new()),
        }
    }

    /// Lets results be paid for as they pass, where they are a batch's and have not been yet.
    async fn paying(&self, id: &str, record: &Record, answer: Answer) -> Result<Answer, Error> {
        let batch = record.about["batch"].as_str().unwrap_or(id);
        let kept = &self.line.shared.kept;
        let Ok(of_batch) = kept.find(Thing::Batch, batch, &self.principal).await else {
            return Ok(answer);
        };
        if of_batch.parts.is_empty() || of_batch.about["error_file_id"].as_str() == Some(id) {
            return Ok(answer);
        }
        let bill = batch::Bill {
            shared: Arc::clone(&self.line.shared),
            batch: batch.to_owned(),
            key: record.key.clone(),
            record: Record::clone(&of_batch),
        };
        let dialect = self.arrival.dialect;
        Ok(match answer {
            Answer::Whole(done) => {
                bill.pay_for(dialect, &done.body);
                Answer::Whole(done)
            }
            Answer::Stream(mut flow) => {
                flow.relay = Box::new(batch::Results::new(flow.relay, dialect, &flow.first, bill));
                Answer::Stream(flow)
            }
        })
    }

    /// What an answer, as far as it is a document, changes in what is known.
    async fn note(
        &self,
        thing: Thing,
        errand: Errand,
        id: &str,
        record: &Record,
        now: Option<Value>,
    ) -> Result<(), Error> {
        let kept = &self.line.shared.kept;
        match (errand, now) {
            (Errand::Delete, _) => kept.forget(thing, id).await,
            (Errand::Get | Errand::Cancel, Some(now)) if thing != Thing::Response => {
                for file in ["output_file_id", "error_file_id"] {
                    let Some(file) = now[file].as_str() else { continue };
                    let mut of_batch = record.clone();
                    of_batch.about = json!({ "id": file, "object": "file", "purpose": "batch_output", "batch": id });
                    kept.keep(Thing::File, file, of_batch);
                }
                let mut record = record.clone();
                if came_to_nothing(&now) {
                    record.parts.clear();
                    self.line.shared.batches.release(id);
                }
                record.about = now;
                kept.keep(thing, id, record);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The provider that makes a new one: the caller's choice, else the vendor of the dialect where the caller may use it,
    /// else the first of the caller's providers that can.
    fn destination(&self) -> Result<ProviderName, Error> {
        let (operation, dialect) = (self.arrival.asked.operation, self.arrival.dialect);
        let able = |name: &ProviderName| {
            let upstream = self.snapshot.upstreams.get(name)?;
            let can = upstream.takes(operation, false) && upstream.kind.dialects.contains(&dialect);
            can.then(|| name.clone())
        };
        if let Some(asked) = wanted(&self.arrival.headers) {
            return able(&asked).ok_or_else(|| {
                let message = format!("provider `{asked}` does not keep {operation} for this API");
                Error::invalid(PROVIDER, message)
            });
        }
        let vendor = ProviderName::from(dialect.as_str());
        let entries = self.principal.key().map(|key| &key.entries[..]).unwrap_or_default();
        let found = match entries {
            [] => able(&vendor).or_else(|| self.snapshot.upstreams.keys().find_map(able)),
            entries => {
                let mut names = entries.iter().map(|entry| &entry.provider);
                let may = names.clone().any(|name| *name == vendor);
                may.then(|| able(&vendor)).flatten().or_else(|| names.find_map(able))
            }
        };
        found.ok_or_else(|| {
            let message = format!("no provider that may be used here keeps {operation} for this API");
            Error::new(ErrorKind::UnsupportedOperation, message)
        })
    }

    /// The provider, the key and the model that answered.
    pub(super) fn answerer(&self) -> Option<(ProviderName, KeyId, ModelName)> {
        let row = self.exchange.row()?;
        Some((row.provider.clone()?, row.key.clone()?, row.model.clone()?))
    }
}

/// The header with which a caller chooses the provider that keeps something.
const PROVIDER: &str = "x-gateway-provider";

fn wanted(headers: &HeaderMap) -> Option<ProviderName> {
    headers
        .get(PROVIDER)
        .and_then(|name| name.to_str().ok())
        .map(ProviderName::from)
}

fn thing(operation: Operation) -> Result<Thing, Error> {
    match operation {
        Operation::Responses => Ok(Thing::Response),
        Operation::Files => Ok(Thing::File),
        Operation::Batches => Ok(Thing::Batch),
        other => {
            let message = format!("{other} leaves nothing to come back for");
            Err(Error::new(ErrorKind::UnsupportedOperation, message))
        }
    }
}

/// `/{id}/content?…`.
fn paths(id: &str, errand: Errand, query: Option<&str>) -> String {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("/{id}{}{query}", errand.rest())
}

/// Whether a batch has ended without a single answer, so that there is nothing to be paid.
fn came_to_nothing(batch: &Value) -> bool {
    let ended = ["failed", "expired", "cancelled"].contains(&batch["status"].as_str().unwrap_or_default());
    let answered = &batch["request_counts"]["succeeded"];
    (ended && batch["output_file_id"].is_null())
        || (batch["processing_status"] == "ended" && answered.as_u64() == Some(0))
}

/// The JSON object that an answer is.
fn document(answer: &Answer) -> Option<Value> {
    match answer {
        Answer::Whole(done) => serde_json::from_slice(&done.body).ok().filter(Value::is_object),
        Answer::Stream(_) => None,
    }
}

/// An answer of the gateway's own.
pub(super) fn here(body: impl Into<Bytes>) -> Answer {
    Answer::Whole(Box::new(Done {
        status: StatusCode::OK,
        body: body.into(),
        content_type: None,
        request_id: None::<HeaderValue>,
        passes: false,
        settled: gateway_governance::governor::Settled::default(),
    }))
}
