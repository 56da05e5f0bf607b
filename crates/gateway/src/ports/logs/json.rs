//! JSON that is written down when somebody wants to read it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// JSON as text, or what is to be written as such: a call hands over what it has decided, and whoever keeps or shows its
/// row writes it, once.
#[derive(Clone)]
pub struct Json(Arc<Said<dyn Say>>);

/// Something, and its text once it is written.
struct Said<T: ?Sized> {
    text: OnceLock<Box<RawValue>>,
    what: T,
}

/// What can be written as JSON.
trait Say: Send + Sync {
    /// Writes it; none where it cannot be said in JSON.
    fn say(&self) -> Option<Box<RawValue>>;
}

impl<T: Serialize + Send + Sync> Say for T {
    fn say(&self) -> Option<Box<RawValue>> {
        to_raw_value(self).ok()
    }
}

impl Json {
    /// Writes a value down; none where it cannot be said in JSON.
    pub fn of(value: &impl Serialize) -> Option<Self> {
        to_raw_value(value).ok().map(Self::from)
    }

    /// What is written down when it is wanted; `null` where it cannot be said in JSON.
    pub fn later(what: impl Serialize + Send + Sync + 'static) -> Self {
        Self(Arc::new(Said {
            text: OnceLock::new(),
            what,
        }))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.text().get()
    }

    fn text(&self) -> &RawValue {
        let write = || self.0.what.say().unwrap_or_else(|| RawValue::NULL.to_owned());
        self.0.text.get_or_init(write)
    }
}

impl From<Box<RawValue>> for Json {
    fn from(text: Box<RawValue>) -> Self {
        Self(Arc::new(Said {
            text: text.into(),
            what: (),
        }))
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.text().serialize(out)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(input).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use super::*;

    /// Says how often it was written.
    #[derive(Clone, Default)]
    struct Counting(Arc<AtomicU32>);

    impl Serialize for Counting {
        fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
            out.serialize_u32(self.0.fetch_add(1, Relaxed) + 1)
        }
    }

    #[test]
    fn it_is_written_when_it_is_read_and_once() {
        let counting = Counting::default();
        let json = Json::later(counting.clone());
        assert_eq!(counting.0.load(Relaxed), 0, "nobody has read it");
        let kept = json.clone();
        assert_eq!(serde_json::to_string(&json).unwrap(), "1");
        assert_eq!((json.as_str(), kept.as_str()), ("1", "1"));
    }

    #[test]
    fn it_reads_as_it_was_written() {
        let json: Json = serde_json::from_str(r#"{"b": 1, "a":2}"#).unwrap();
        assert_eq!(json.as_str(), r#"{"b": 1, "a":2}"#);
        let cannot_be_said = std::collections::HashMap::from([((), ())]);
        assert_eq!(Json::later(cannot_be_said).as_str(), "null");
    }
}
