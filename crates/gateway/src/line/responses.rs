//! Responses that the gateway itself keeps, because the model's provider speaks another dialect: they are continued, shown
//! and taken away here.

use gateway_types::{Error, ErrorKind};
use serde_json::{Value, json};

use super::Turn;
use super::attempt::Answer;
use super::errand::{Errand, here};
use crate::kept::{Record, Thing};

impl Turn {
    /// An errand about a response that is kept here.
    pub(super) async fn at_home(&mut self, errand: Errand, id: &str, record: &Record) -> Result<Answer, Error> {
        match errand {
            Errand::Get => Ok(here(&record.about["response"])),
            Errand::InputItems => Ok(here(&input_items(&record.about["input"]))),
            Errand::Delete => {
                self.line.shared.kept.forget(Thing::Response, id).await?;
                Ok(here(&json!({ "id": id, "object": "response", "deleted": true })))
            }
            _ => {
                let message = format!("response `{id}` is over: only one that runs in the background can be cancelled");
                Err(Error::new(ErrorKind::Invalid, message))
            }
        }
    }
}

/// The page that lists what a response answered, the newest first.
fn input_items(items: &Value) -> Value {
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
