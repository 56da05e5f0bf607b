//! What all kinds of documents have in common: a list, and each of them shown, made, changed and deleted by its key.

mod change;

use std::sync::Arc;

use gateway::control::{Document, Wanted};
use schemars::JsonSchema;

use super::{Call, Outcome, answered, typed};
use crate::respond::ApiError;
use crate::state::Edge;

pub(super) use change::Change;

/// Which documents of a list are wanted.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
pub(super) struct ListQuery {
    /// The most that are answered: 1 to 1000; 25 unless given.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// How many are skipped before.
    offset: Option<u32>,
    /// A text that a name or an id must hold, in any case.
    search: Option<String>,
}

/// Which documents a call asks for: `limit`, `offset`, `search`, and the fields that may be asked for by their value.
pub(super) fn wanted<'a>(call: &'a Call, fields: &[&'static str]) -> Result<Wanted<'a>, ApiError> {
    let equal = fields
        .iter()
        .filter_map(|field| call.query.text(field).map(|value| (*field, value)));
    Ok(Wanted {
        limit: call.query.within("limit", 1, 1000, 25)?,
        offset: call.query.within("offset", 0, usize::MAX, 0)?,
        search: call.query.text("search"),
        equal: equal.collect(),
    })
}

/// `GET` of the list.
pub(super) fn list<T: Document>(edge: &Edge, call: &Call) -> Outcome {
    let wanted = wanted(call, T::FILTERS)?;
    typed(&edge.gateway.control().documents::<T>().list(&wanted))
}

/// `GET` of one.
pub(super) fn show<T: Document>(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().documents::<T>().show(call.param("id")))
}

/// `POST`.
pub(super) async fn create<T: Document>(edge: Arc<Edge>, call: Call) -> Outcome {
    let documents = edge.gateway.control().documents::<T>();
    answered(documents.save(None, call.json()?, call.author.as_str()).await)
}

/// `PUT` of one.
pub(super) async fn upsert<T: Document>(edge: Arc<Edge>, call: Call) -> Outcome {
    let (id, author) = (call.param("id"), call.author.as_str());
    let documents = edge.gateway.control().documents::<T>();
    answered(documents.save(Some(id), call.json()?, author).await)
}

/// `DELETE` of one.
pub(super) async fn delete<T: Document>(edge: Arc<Edge>, call: Call) -> Outcome {
    let documents = edge.gateway.control().documents::<T>();
    answered(documents.delete(call.param("id"), call.author.as_str()).await)
}
