//! Names and ids. What an operator names keeps the operator's string; what we make is a UUIDv7.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Now;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(#[schemars(with = "String")] Arc<str>);

        impl $name {
            /// Wraps a string.
            pub fn new(name: impl Into<Arc<str>>) -> Self {
                Self(name.into())
            }

            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.into())
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self(name.into())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }
    )*};
}

names! {
    /// A configured upstream, as the operator called it.
    ProviderName;
    /// A model, as asked for by a client or as an upstream calls it.
    ModelName;
    /// One credential of a provider.
    KeyId;
    /// A virtual key: the id, never the value that clients present.
    VirtualKeyId;
    /// A team: virtual keys with budgets and limits of their own together.
    TeamId;
    /// A customer: teams and virtual keys with budgets and limits of their own together.
    CustomerId;
    /// One quota: a budget or a rate limit of one owner.
    QuotaId;
    /// The organisation that a record belongs to. `main` until there are several.
    Org;
}

impl Default for Org {
    fn default() -> Self {
        Self::new("main")
    }
}

macro_rules! made {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new UUIDv7 of that moment; ids sort by the millisecond they were made in.
            pub fn new(now: Now) -> Self {
                let ms = u64::try_from(now.wall.millis()).unwrap_or(0);
                let stamp = uuid::Timestamp::from_unix(
                    uuid::NoContext,
                    ms / 1000,
                    (ms % 1000) as u32 * 1_000_000,
                );
                Self(Uuid::new_v7(stamp))
            }

            /// The bare UUID.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

made! {
    /// One client request, and its log row.
    RequestId;
    /// One ledger entry.
    EntryId;
}

/// A numbered state of the settings; each change makes the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::Duration;

    use super::*;
    use crate::time::{Tick, Wall};

    fn at(millis: i64) -> Now {
        Now {
            wall: Wall::from_millis(millis),
            tick: Tick::default(),
        }
    }

    #[test]
    fn made_ids_sort_by_time_and_differ_within_a_moment() {
        let now = at(1_700_000_000_123);
        let (first, twin, later) = (
            RequestId::new(now),
            RequestId::new(now),
            RequestId::new(now.plus(Duration::from_millis(1))),
        );
        assert!(first != twin && first < later && twin < later);
        assert_eq!(first.uuid().get_version_num(), 7);
        assert_eq!(
            first.uuid().get_timestamp().map(|stamp| stamp.to_unix()),
            Some((1_700_000_000, 123_000_000))
        );
        assert_eq!(RequestId::from(first.uuid()), first);
        assert_eq!(serde_json::to_value(first).unwrap(), first.to_string());
    }

    #[test]
    fn a_wall_clock_before_the_epoch_still_makes_ids() {
        assert!(EntryId::new(at(-5)) < EntryId::new(at(1)));
        EntryId::new(at(i64::MAX));
    }

    #[test]
    fn names_are_found_by_their_text_and_written_as_it() {
        let served = HashMap::from([(ModelName::from("gpt-4o"), 1)]);
        assert_eq!(served.get("gpt-4o"), Some(&1));
        let name = ModelName::new("a/\"b\"");
        assert_eq!(serde_json::to_string(&name).unwrap(), r#""a/\"b\"""#);
        assert_eq!(format!("{name} {name:?}"), r#"a/"b" "a/\"b\"""#);
        assert_eq!(Org::default(), "main");
    }
}
