//! Documents of the plain sections through the management API: how they are listed, shown, saved and deleted is the same
//! for all; what differs between them is said by [`Document`].

use std::marker::PhantomData;

use gateway_types::EntryId;
use serde_json::{Map, Value, json};

use super::faults::in_the_callers_words;
use super::foreign::Foreign;
use super::plain::Section;
use super::state::{Docs, State};
use super::{Answer, Control, ControlError, Shared, message, read};

/// A kind of document that the management API lists, shows, saves and deletes.
pub trait Document: Section {
    /// The field of an answer that holds one: `team`.
    const ONE: &'static str;
    /// The field of an answer that holds many: `teams`.
    const MANY: &'static str;
    /// The field that it is called by.
    const KEY: &'static str = "id";
    /// Whether it is called by an id that the gateway makes where none is given.
    const NUMBERED: bool = true;
    /// Whether it has a `name` to show, for which its id stands where a `PUT` makes it without one.
    const NAMED: bool = false;
    /// The fields by whose value a list may be narrowed.
    const FILTERS: &'static [&'static str] = &[];
    #[doc(hidden)]
    const FOREIGN: &'static Foreign;

    /// Brings a body's fields into the form that is kept; what stays unknown is refused afterwards, with its path.
    #[doc(hidden)]
    fn read(fields: &mut Map<String, Value>, path: &str, warnings: &mut Vec<String>) -> Result<(), ControlError> {
        Self::FOREIGN.take_out(fields, path, warnings);
        Ok(())
    }

    /// Puts fields over earlier ones: what is not said stays, `{}` and null remove.
    #[doc(hidden)]
    fn patch(before: Map<String, Value>, fields: Map<String, Value>) -> Map<String, Value> {
        let mut merged = before;
        for (field, value) in fields {
            read::set(&mut merged, field, value);
        }
        merged
    }

    /// As answers show it.
    #[doc(hidden)]
    fn shown(&self, _: &Shared) -> Value {
        json!(self)
    }

    /// What a search looks through.
    #[doc(hidden)]
    fn searched(&self) -> Vec<&str>;

    /// Who refers to it, in words: it is not deleted under them.
    #[doc(hidden)]
    fn used_by(&self, _: &Docs) -> Vec<String> {
        Vec::new()
    }

    /// Whether the store may be left so.
    #[doc(hidden)]
    fn check_left(_: &Shared, _: &Docs) -> Result<(), ControlError> {
        Ok(())
    }
}

/// Which documents a list is to hold.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    /// The most of them.
    pub limit: usize,
    /// How many are skipped before.
    pub offset: usize,
    /// A text that a name or an id must hold.
    pub search: Option<&'a str>,
    /// Fields and what they must be.
    pub equal: Vec<(&'static str, &'a str)>,
}

impl Wanted<'_> {
    /// Whether any of those texts holds what is searched for.
    pub(super) fn finds(&self, texts: &[&str]) -> bool {
        let Some(wanted) = self.search.map(str::to_lowercase) else {
            return true;
        };
        texts.iter().any(|text| text.to_lowercase().contains(&wanted))
    }

    /// Whether a document's fields are what they must be.
    pub(super) fn fits(&self, document: &Value) -> bool {
        self.equal
            .iter()
            .all(|(field, value)| document.get(field).and_then(Value::as_str) == Some(value))
    }

    /// The answer: the page of what was found, in the reference's frame.
    pub(super) fn page<'d, D>(&self, many: &str, found: &'d [D], show: impl Fn(&'d D) -> Value) -> Value {
        let page: Vec<Value> = found.iter().skip(self.offset).take(self.limit).map(show).collect();
        let mut answer = json!({
            "count": page.len(),
            "total_count": found.len(),
            "limit": self.limit,
            "offset": self.offset,
        });
        answer[many] = Value::Array(page);
        answer
    }
}

/// The documents of one kind. Made by [`Control::documents`].
#[derive(Debug)]
pub struct Documents<'a, T> {
    shared: &'a Shared,
    kind: PhantomData<fn() -> T>,
}

impl Control {
    /// The documents of one kind, to be listed, shown, saved and deleted.
    pub fn documents<T: Document>(&self) -> Documents<'_, T> {
        Documents {
            shared: &self.shared,
            kind: PhantomData,
        }
    }
}

impl<T: Document> Documents<'_, T> {
    /// `GET` of the list.
    pub fn list(&self, wanted: &Wanted<'_>) -> Value {
        let docs = self.shared.state.load().effective();
        let found: Vec<_> = T::all(&docs.plain)
            .values()
            .filter(|one| wanted.finds(&one.searched()) && (wanted.equal.is_empty() || wanted.fits(&json!(one))))
            .collect();
        wanted.page(T::MANY, &found, |one| self.shown(one))
    }

    /// `GET` of one: `{team: …}`.
    pub fn show(&self, key: &str) -> Answer {
        let state = self.shared.state.load();
        let one = state.one::<T>(key).ok_or_else(|| missing::<T>(key))?;
        let mut answer = json!({});
        answer[T::ONE] = self.shown(one);
        Ok(answer)
    }

    /// `POST` (no key) and `PUT`, which makes the document if there is none.
    pub async fn save(&self, key: Option<&str>, body: Value, author: &str) -> Answer {
        let plural = body.get("budgets").is_some();
        let mut warnings = Vec::new();
        let mut fields = read::object(body, "")?;
        T::read(&mut fields, "", &mut warnings)?;
        let creating = key.is_none();
        let key = self.shared.identify(key, T::KEY, T::NUMBERED, &mut fields)?;
        self.put(creating, &key, fields, author)
            .await
            .map_err(|error| in_the_callers_words(error, &named::<T>(&key), plural))?;
        let mut answer = self.show(&key)?;
        answer["message"] = json!(done::<T>(if creating { "created" } else { "updated" }));
        if !warnings.is_empty() {
            answer["warnings"] = json!(warnings);
        }
        Ok(answer)
    }

    /// Puts fields that are in our form over those of the document.
    pub(super) async fn put(
        &self,
        creating: bool,
        key: &str,
        fields: Map<String, Value>,
        author: &str,
    ) -> Result<(), ControlError> {
        self.check_changeable(key)?;
        self.shared
            .change(author, |store| {
                let before = T::all(&store.plain).get(key);
                if creating && before.is_some() {
                    let named = named::<T>(key);
                    return Err(ControlError::Conflict(format!(
                        "{named} already exists; change it with PUT"
                    )));
                }
                let before = before.map(|one| json!(one)).and_then(|one| one.as_object().cloned());
                let mut merged = T::patch(before.unwrap_or_default(), fields);
                merged.insert(T::KEY.to_owned(), json!(key));
                if T::NAMED && !creating {
                    merged.entry("name").or_insert_with(|| json!(key));
                }
                T::all_mut(&mut store.plain).insert(key.to_owned(), read::typed(Value::Object(merged), "")?);
                T::check_left(self.shared, store)
            })
            .await
    }

    /// `DELETE` of one. Refused while others refer to it: whom a limit held would be free of it in silence.
    pub async fn delete(&self, key: &str, author: &str) -> Answer {
        self.check_changeable(key)?;
        let docs = self.shared.state.load().effective();
        if let Some(one) = T::all(&docs.plain).get(key) {
            let users = one.used_by(&docs);
            if !users.is_empty() {
                let (named, users) = (named::<T>(key), users.join(", "));
                return Err(ControlError::Conflict(format!(
                    "{named} is used by {users}: take them out of it first"
                )));
            }
        }
        self.shared
            .change(author, |store| {
                let gone = T::all_mut(&mut store.plain).remove(key);
                gone.map(drop).ok_or_else(|| missing::<T>(key))?;
                T::check_left(self.shared, store)
            })
            .await?;
        Ok(message(&done::<T>("deleted")))
    }

    fn check_changeable(&self, key: &str) -> Result<(), ControlError> {
        let state = self.shared.state.load();
        state.origin_of::<T>(key).check_changeable(&named::<T>(key))
    }

    fn shown(&self, one: &T) -> Value {
        let mut shown = one.shown(self.shared);
        shown["origin"] = self.shared.state.load().origin_of::<T>(&one.key()).shown();
        shown
    }
}

impl Shared {
    /// What a document is to be called: by the path, else by the body, else by an id made here.
    pub(super) fn identify(
        &self,
        path: Option<&str>,
        field: &str,
        made: bool,
        fields: &mut Map<String, Value>,
    ) -> Result<String, ControlError> {
        let said = match fields.remove(field) {
            None | Some(Value::Null) => None,
            Some(Value::String(said)) => Some(said),
            Some(_) => return Err(ControlError::Invalid(format!("`{field}` must be a string"))),
        };
        let key = match (path, said) {
            (Some(path), Some(said)) if path != said => {
                return Err(ControlError::Invalid(format!(
                    "`{field}` is `{said}`, but the path says `{path}`"
                )));
            }
            (Some(path), _) => path.to_owned(),
            (None, Some(said)) => said,
            (None, None) if made => EntryId::new(self.clock.now()).to_string(),
            (None, None) => return Err(ControlError::Invalid(format!("`{field}` is missing"))),
        };
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '@');
        if !key.is_empty() && key.len() <= 100 && key.chars().all(legal) {
            return Ok(key);
        }
        Err(ControlError::Invalid(format!(
            "`{field}`: `{key}` cannot be taken; use up to 100 letters, digits and `-_.:@`"
        )))
    }
}

impl State {
    /// A document that holds: the file's word first, then the store's.
    pub(super) fn one<T: Section>(&self, key: &str) -> Option<&T> {
        let file = self.file.as_ref().and_then(|(_, docs)| T::all(&docs.plain).get(key));
        file.or_else(|| T::all(&self.store.plain).get(key))
    }
}

fn named<T: Section>(key: &str) -> String {
    format!("{} `{key}`", T::WORDS)
}

fn missing<T: Section>(key: &str) -> ControlError {
    ControlError::NotFound(format!("there is no {}", named::<T>(key)))
}

/// `Team created successfully`.
fn done<T: Section>(what: &str) -> String {
    let mut words = T::WORDS.chars();
    let first = words.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(words).collect::<String>() + &format!(" {what} successfully")
}
