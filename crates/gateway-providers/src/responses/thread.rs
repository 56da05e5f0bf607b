//! Going on from an earlier response, for whoever keeps responses in a provider's place: behind a provider that speaks another
//! dialect, `previous_response_id`, `store` and references to items mean nothing, so the gateway holds what was said and puts
//! it into the next request. Pure functions over a decoded call and a finished response; keeping is the caller's.
//!
//! Keep [`input_items`] of the call and, after them, the items of [`finished`]; give them, oldest first, to [`continue_from`].

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway_types::json::{Edit, splice};
use gateway_types::{Asked, Call, Error, ErrorKind};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use smallvec::SmallVec;

use super::decode::{CONTINUED, FLAG, INPUT, KEYS, decode};
use super::item::object;
use super::wire::Answer;
use crate::facts::{member, value, wrong};
use crate::json::Members;

/// What a call says of keeping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keeping {
    /// The response that it goes on from: `previous_response_id`.
    pub previous: Option<String>,
    /// Whether its answer is to be kept, to be gone on from or fetched: `store`, which is true unless it says otherwise.
    pub store: bool,
    /// Whether it does not wait for its answer: `background`.
    pub background: bool,
    /// The conversation that it is a turn of: `conversation`.
    pub conversation: Option<String>,
}

/// Reads what a call says of keeping. An error names the member that is not of its kind.
pub fn keeping(call: &Call) -> Result<Keeping, Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Conversation {
        Id(String),
        Object { id: String },
    }
    let conversation = read::<Conversation>(call, "conversation", "an id, or an object with an `id`")?;
    Ok(Keeping {
        previous: read(call, PREVIOUS, "the id of a response")?,
        store: read(call, "store", FLAG)?.unwrap_or(true),
        background: read(call, "background", FLAG)?.unwrap_or(false),
        conversation: conversation.map(|of| match of {
            Conversation::Id(id) | Conversation::Object { id } => id,
        }),
    })
}

const PREVIOUS: &str = "previous_response_id";

fn read<T: DeserializeOwned>(call: &Call, name: &str, wanted: &str) -> Result<Option<T>, Error> {
    let read = |value| serde_json::from_slice(value).map_err(|_| wrong(name, wanted));
    value(call, KEYS, name).map(read).transpose()
}

/// The items of a call's own input, to be kept with its answer. A text is the one message that it stands for.
pub fn input_items(call: &Call) -> Result<Vec<Box<RawValue>>, Error> {
    let Some(value) = value(call, KEYS, "input") else {
        return Ok(Vec::new());
    };
    if value.starts_with(b"\"") {
        let text: &RawValue = serde_json::from_slice(value).map_err(|_| wrong("input", INPUT))?;
        return Ok(vec![object(|out| {
            out.member("type", "message");
            out.member("role", "user");
            out.member("content", text);
        })]);
    }
    serde_json::from_slice(value).map_err(|_| wrong("input", INPUT))
}

/// The call with the items of earlier turns, oldest first, before its own input, and without `previous_response_id`: any
/// provider can answer it. Its answer names the earlier response all the same. Instructions of earlier turns are not carried
/// over, as the API has it.
pub fn continue_from(call: &Call, earlier: &[Box<RawValue>]) -> Result<Call, Error> {
    let own = input_items(call)?;
    let items: Vec<&RawValue> = earlier.iter().chain(&own).map(|item| &**item).collect();
    let previous = member(call, KEYS, PREVIOUS);
    let mut edits: SmallVec<[Edit; 3]> = SmallVec::new();
    if let Some(member) = previous {
        edits.push(Edit::Remove(member.span.clone()));
        let value = call.body.bytes.get(member.value.clone()).unwrap_or(b"null");
        let mut continued = format!("\"{CONTINUED}\":").into_bytes();
        continued.extend_from_slice(value);
        edits.push(Edit::Insert(Bytes::from(continued)));
    }
    edits.push(input(call, &items)?);
    edited(call, &edits)
}

/// The ids of kept items that a call's input refers to instead of holding them.
pub fn references(call: &Call) -> Result<Vec<String>, Error> {
    let items = input_items(call)?;
    Ok(items.iter().filter_map(|item| reference(item)).collect())
}

/// The call with the items in place of the references to them. An error names the reference that leads nowhere.
pub fn resolve(call: &Call, kept: &BTreeMap<String, Box<RawValue>>) -> Result<Call, Error> {
    let own = input_items(call)?;
    let mut items: Vec<&RawValue> = Vec::with_capacity(own.len());
    for (i, item) in own.iter().enumerate() {
        items.push(match reference(item) {
            None => item,
            Some(id) => kept.get(&id).ok_or_else(|| {
                let message = format!("`input[{i}].id` must be the id of an item that is kept, not `{id}`");
                Error::invalid(format!("input[{i}].id"), message)
            })?,
        });
    }
    let edit = input(call, &items)?;
    edited(call, &[edit])
}

/// The id in an `item_reference`. Its type may be left out, where nothing else stands in it.
fn reference(item: &RawValue) -> Option<String> {
    let mut members = Members::of(item).ok()?;
    let kind: Option<String> = members.read("type").ok()?;
    let alone = || members.pairs().all(|(key, _)| key == "id");
    match kind.as_deref() {
        Some("item_reference") => {}
        None if alone() => {}
        _ => return None,
    }
    members.read("id").ok().flatten()
}

/// The edit that puts those items where the input stands.
fn input(call: &Call, items: &[&RawValue]) -> Result<Edit, Error> {
    let json = serde_json::to_vec(items).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    Ok(match member(call, KEYS, "input") {
        Some(member) => Edit::Replace(member.value.clone(), Bytes::from(json)),
        None => Edit::Insert(Bytes::from([b"\"input\":", &json[..]].concat())),
    })
}

fn edited(call: &Call, edits: &[Edit]) -> Result<Call, Error> {
    let body = splice(&call.body.bytes, &call.body.members, edits).concat();
    let asked = Asked {
        model: Some(call.model.as_str().to_owned()),
        ..Asked::plain(call.operation)
    };
    let edited = decode(&asked, body)?;
    Ok(Call {
        fallbacks: call.fallbacks.clone(),
        ..edited
    })
}

/// A finished response, as it is kept.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Its id, by which clients come back.
    pub id: String,
    /// The items of its output, in order: they stand in the input of a turn that goes on from it.
    pub items: Vec<Box<RawValue>>,
}

/// Reads a finished response: the body of a whole answer, or [`Observed::document`](crate::Observed) of a stream.
pub fn finished(document: &[u8]) -> Result<Finished, Error> {
    let answer = Answer::read(document)?;
    let items = answer.output.into_iter().flatten().map(ToOwned::to_owned).collect();
    Ok(Finished {
        id: answer.id.unwrap_or_default(),
        items,
    })
}

/// The id of an item, where it has one: what a reference names.
pub fn item_id(item: &RawValue) -> Option<String> {
    Members::of(item).ok()?.read("id").ok().flatten()
}
