//! Documents of the plain sections through the management API: how they are listed, shown, saved and deleted is the same
//! for all; what differs between them is said by [`Document`].

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use gateway_governance::settings::VirtualKeySettings;
use gateway_types::EntryId;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::answers::{Framed, List, Message, One};
use super::faults::in_the_callers_words;
use super::foreign::Foreign;
use super::plain::Section;
use super::state::{Docs, State};
use super::{Control, ControlError, Shared, read};

/// How long a name to show may be, in characters.
const LONGEST_NAME: usize = 200;

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
    /// As answers show it.
    type View: Serialize + JsonSchema;
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

    /// As answers show it; `origin` is where it is from, in their words.
    #[doc(hidden)]
    fn shown(&self, shared: &Shared, origin: String) -> Self::View;

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

    /// The answer: the page of what was found.
    pub(super) fn page<'d, T: Framed, D>(&self, found: &'d [D], show: impl Fn(&'d D) -> T::View) -> List<T> {
        List {
            page: found.iter().skip(self.offset).take(self.limit).map(show).collect(),
            total_count: found.len(),
            limit: self.limit,
            offset: self.offset,
        }
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
    pub fn list(&self, wanted: &Wanted<'_>) -> List<T> {
        let state = self.shared.state.load();
        let found: Vec<_> = state
            .every::<T>()
            .filter(|one| wanted.finds(&one.searched()) && (wanted.equal.is_empty() || wanted.fits(&json!(one))))
            .collect();
        wanted.page(&found, |one| self.shown(one))
    }

    /// `GET` of one: `{team: …}`.
    pub fn show(&self, key: &str) -> Result<One<T>, ControlError> {
        let state = self.shared.state.load();
        let one = state.one::<T>(key).ok_or_else(|| missing::<T>(key))?;
        Ok(One::of(self.shown(one)))
    }

    /// `POST` (no key) and `PUT`, which makes the document if there is none.
    pub async fn save(&self, key: Option<&str>, body: Value, author: &str) -> Result<One<T>, ControlError> {
        let plural = body.get("budgets").is_some();
        let mut warnings = Vec::new();
        let mut fields = read::object(body, "")?;
        T::read(&mut fields, "", &mut warnings)?;
        if T::NAMED {
            check_name(&fields)?;
        }
        let only_new = key.is_none();
        let key = self.shared.identify(key, T::KEY, T::NUMBERED, &mut fields)?;
        let made = self
            .put(only_new, &key, fields, author)
            .await
            .map_err(|error| in_the_callers_words(error, &named::<T>(&key), plural))?;
        Ok(One {
            message: Some(done::<T>(if made { "created" } else { "updated" })),
            warnings,
            ..self.show(&key)?
        })
    }

    /// Puts fields that are in our form over those of the document. Tells whether there was none before.
    pub(super) async fn put(
        &self,
        only_new: bool,
        key: &str,
        fields: Map<String, Value>,
        author: &str,
    ) -> Result<bool, ControlError> {
        self.check_changeable(key)?;
        let mut made = false;
        self.shared
            .change(author, |store| {
                let before = T::all(&store.plain).get(key);
                made = before.is_none();
                if only_new && !made {
                    let named = named::<T>(key);
                    return Err(ControlError::Conflict(format!(
                        "{named} already exists; change it with PUT"
                    )));
                }
                let before = before.map(|one| json!(one)).and_then(|one| one.as_object().cloned());
                let mut merged = T::patch(before.unwrap_or_default(), fields);
                merged.insert(T::KEY.to_owned(), json!(key));
                if T::NAMED && !only_new {
                    merged.entry("name").or_insert_with(|| json!(key));
                }
                T::all_mut(&mut store.plain).insert(key.to_owned(), read::typed(Value::Object(merged), "")?);
                T::check_left(self.shared, store)
            })
            .await?;
        Ok(made)
    }

    /// `DELETE` of one. Refused while others refer to it: whom a limit held would be free of it in silence.
    pub async fn delete(&self, key: &str, author: &str) -> Result<Message, ControlError> {
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
        Ok(Message::new(done::<T>("deleted")))
    }

    fn check_changeable(&self, key: &str) -> Result<(), ControlError> {
        let state = self.shared.state.load();
        state.origin_of::<T>(key).check_changeable(&named::<T>(key))
    }

    fn shown(&self, one: &T) -> T::View {
        let origin = self.shared.state.load().origin_of::<T>(&one.key());
        one.shown(self.shared, origin.to_string())
    }
}

/// A name that is said must be one: a list of documents without names cannot be read.
pub(super) fn check_name(fields: &Map<String, Value>) -> Result<(), ControlError> {
    match fields.get("name").and_then(Value::as_str) {
        Some(name) if name.trim().is_empty() => Err(ControlError::Invalid(
            "`name` is empty; write a name to show, or leave it out".to_owned(),
        )),
        Some(name) if name.chars().count() > LONGEST_NAME => Err(ControlError::Invalid(format!(
            "`name` is too long; write at most {LONGEST_NAME} characters"
        ))),
        _ => Ok(()),
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

    /// All documents that hold, in the order of their keys.
    pub(super) fn every<'a, T: Section + 'a>(&'a self) -> impl Iterator<Item = &'a T> {
        let store = T::all(&self.store.plain);
        let file = self.file.as_ref().map(|(_, docs)| T::all(&docs.plain));
        both(file, store)
    }

    /// All virtual keys that hold, in the order of their ids.
    pub(super) fn virtual_keys(&self) -> impl Iterator<Item = &VirtualKeySettings> {
        let file = self.file.as_ref().map(|(_, docs)| &docs.virtual_keys);
        both(file, &self.store.virtual_keys).map(|key| &**key)
    }
}

/// What the file has, and what the store has that the file does not, in one order.
fn both<'a, K: Ord, V>(
    file: Option<&'a BTreeMap<K, V>>,
    store: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = &'a V> + use<'a, K, V> {
    let mut file = file.into_iter().flatten().peekable();
    let mut store = store.iter().peekable();
    let next = move || match (file.peek(), store.peek()) {
        (Some((in_file, _)), Some((in_store, _))) => match in_file.cmp(in_store) {
            Ordering::Less => file.next(),
            Ordering::Greater => store.next(),
            Ordering::Equal => {
                store.next();
                file.next()
            }
        },
        (Some(_), None) => file.next(),
        (None, _) => store.next(),
    };
    std::iter::from_fn(next).map(|(_, one)| one)
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
