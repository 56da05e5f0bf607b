//! Edits of declared spans: the result is a list of slices, so what is not edited is not copied.

use std::ops::Range;

use bytes::Bytes;
use smallvec::SmallVec;

use super::Object;

/// A body as a list of slices, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slices(pub SmallVec<[Bytes; 7]>);

impl Slices {
    /// One slice.
    pub fn one(bytes: Bytes) -> Self {
        Self(SmallVec::from_iter([bytes]))
    }

    /// The length of the whole.
    pub fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    /// Whether there is not a byte in it.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Bytes::is_empty)
    }

    /// The whole in one piece; copies, once, unless there is one slice.
    pub fn concat(&self) -> Bytes {
        match &self.0[..] {
            [one] => one.clone(),
            many => {
                let mut whole = Vec::with_capacity(self.len());
                for slice in many {
                    whole.extend_from_slice(slice);
                }
                Bytes::from(whole)
            }
        }
    }

    fn push(&mut self, slice: Bytes) {
        if !slice.is_empty() {
            self.0.push(slice);
        }
    }
}

/// One change of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Puts other bytes where a value stands: [`Member::value`](super::Member::value).
    Replace(Range<usize>, Bytes),
    /// Takes a member out, with the comma that would be left over: [`Member::span`](super::Member::span).
    Remove(Range<usize>),
    /// Adds a member (`"key":value`) at the end of the object; the commas are seen to.
    Insert(Bytes),
}

/// Applies edits to the object in `body`; every byte outside them is the input's own.
///
/// `object` must come from [`scan`](super::scan) of this very `body`, and so must the spans. Edits come in any order;
/// several inserts stand in the order given. Two edits of the same place are a mistake of the caller's: debug builds
/// panic, others ignore the one that begins later.
///
/// ```
/// use bytes::Bytes;
/// use gateway_types::json::{Edit, scan, splice};
///
/// let body = Bytes::from_static(br#"{"model": "small", "fallbacks": [], "n": 1.0}"#);
/// let object = scan(&body, &["model", "fallbacks"])?;
/// let [model, fallbacks] = &object.members[..] else { panic!("the body has both") };
/// let edits = [
///     Edit::Replace(model.value.clone(), Bytes::from_static(br#""large""#)),
///     Edit::Remove(fallbacks.span.clone()),
///     Edit::Insert(Bytes::from_static(br#""max_tokens":9"#)),
/// ];
/// assert_eq!(splice(&body, &object, &edits).concat(), r#"{"model": "large", "n": 1.0,"max_tokens":9}"#);
/// # Ok::<(), gateway_types::json::ScanError>(())
/// ```
pub fn splice(body: &Bytes, object: &Object, edits: &[Edit]) -> Slices {
    let mut slices = Slices::default();
    let mut at = 0;
    let mut empty = object.empty;
    let mut places = places(object, edits).into_iter().peekable();
    while let Some((span, patch)) = places.next() {
        let cut = if patch.is_some() {
            span
        } else {
            let mut run = span;
            while let Some((next, _)) =
                places.next_if(|(next, patch)| patch.is_none() && body[run.end..next.start].trim_ascii() == b",")
            {
                run.end = next.end;
            }
            with_comma(body, run).unwrap_or_else(|all| {
                empty = true;
                all
            })
        };
        slices.push(body.slice(at..cut.start));
        slices.push(patch.cloned().unwrap_or_default());
        at = cut.end;
    }
    for member in edits.iter().filter_map(Edit::inserted) {
        // After the last member and before the white space that may follow it; a second insert finds itself there.
        let end = at.max(body[..object.span.end - 1].trim_ascii_end().len());
        slices.push(body.slice(at..end));
        at = end;
        if !empty {
            slices.push(Bytes::from_static(b","));
        }
        empty = false;
        slices.push(member.clone());
    }
    slices.push(body.slice(at..));
    slices
}

impl Edit {
    fn inserted(&self) -> Option<&Bytes> {
        if let Self::Insert(member) = self {
            Some(member)
        } else {
            None
        }
    }
}

type Place<'e> = (Range<usize>, Option<&'e Bytes>);

/// The spans to be replaced (with what) and removed, in order, without those that must not be.
fn places<'e>(object: &Object, edits: &'e [Edit]) -> SmallVec<[Place<'e>; 8]> {
    let mut places: SmallVec<[Place<'e>; 8]> = edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::Replace(span, patch) => Some((span.clone(), Some(patch))),
            Edit::Remove(span) => Some((span.clone(), None)),
            Edit::Insert(_) => None,
        })
        .collect();
    places.sort_by_key(|(span, _)| span.start);
    let mut at = object.span.start;
    places.retain(|(span, _)| {
        let fits = at <= span.start && span.start <= span.end && span.end < object.span.end;
        debug_assert!(
            fits,
            "the edit at {span:?} meets another or leaves the object at {:?}",
            object.span
        );
        if fits {
            at = span.end;
        }
        fits
    });
    places
}

/// A run of members and the one comma that goes with it: the one behind, with the white space up to the next member,
/// else the one before. The run alone as an error if there is neither, so that it is all the object has.
fn with_comma(body: &[u8], run: Range<usize>) -> Result<Range<usize>, Range<usize>> {
    let behind = &body[run.end..];
    if let Some(next) = behind.trim_ascii_start().strip_prefix(b",") {
        return Ok(run.start..body.len() - next.trim_ascii_start().len());
    }
    match body[..run.start].trim_ascii_end().strip_suffix(b",") {
        Some(before) => Ok(before.len()..run.end),
        None => Err(run),
    }
}
