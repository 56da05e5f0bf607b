//! Bytes of no dialect on their way through: sound, files, whatever a provider's own API has.

use bytes::{Bytes, BytesMut};
use gateway_types::{Error, Units};
use http::HeaderMap;

use super::{Close, Observed, Relay, Whole, content_type, simple};

/// A whole body as it came.
pub(super) fn whole(headers: &HeaderMap, body: Bytes) -> Whole {
    Whole {
        body,
        content_type: content_type(headers),
        observed: simple("", None),
    }
}

/// A stream of bytes as they come. It has no way to say that it broke off: it ends.
#[derive(Debug, Default)]
pub(super) struct Raw {
    observed: Observed,
}

impl Raw {
    /// Such a stream of a call that asks for so much.
    pub(super) fn new(units: Units) -> Self {
        Self {
            observed: Observed {
                units,
                ..Observed::default()
            },
        }
    }
}

impl Relay for Raw {
    fn feed(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) -> Result<(), Error> {
        if !bytes.is_empty() {
            self.observed.content = true;
            out.push(bytes);
        }
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<Bytes>) -> Result<(), Error> {
        self.observed.done = true;
        Ok(())
    }

    fn close(&mut self, how: &Close, _: &mut Vec<Bytes>) {
        self.observed.failed |= matches!(how, Close::Error(_));
    }

    fn observed(&self) -> &Observed {
        &self.observed
    }
}

/// A stream of events, or of bare bytes: which, its beginning tells.
pub(super) struct Either {
    events: Box<dyn Relay>,
    bare: Raw,
    /// What has come before it could be told.
    beginning: BytesMut,
    told: Option<Told>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Events,
    Bare,
}

/// What lines of an event stream begin with.
const FIELDS: [&[u8]; 5] = [b"data", b"event", b"id", b"retry", b":"];

impl Either {
    pub(super) fn new(events: Box<dyn Relay>, bare: Raw) -> Self {
        Self {
            events,
            bare,
            beginning: BytesMut::new(),
            told: None,
        }
    }

    fn relay(&mut self) -> &mut dyn Relay {
        match self.told {
            Some(Told::Events) => &mut *self.events,
            Some(Told::Bare) | None => &mut self.bare,
        }
    }
}

/// No beginning of events has so much white space.
const BLANK: usize = 1024;

/// What a beginning tells; nothing while it may still be either.
fn told(beginning: &[u8]) -> Option<Told> {
    let text = beginning
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(beginning)
        .trim_ascii_start();
    match text {
        [] if beginning.len() > BLANK => Some(Told::Bare),
        [] => None,
        text if FIELDS.iter().any(|field| text.starts_with(field)) => Some(Told::Events),
        text if FIELDS.iter().any(|field| field.starts_with(text)) => None,
        _ => Some(Told::Bare),
    }
}

impl Relay for Either {
    fn feed(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) -> Result<(), Error> {
        if self.told.is_some() {
            return self.relay().feed(bytes, out);
        }
        self.beginning.extend_from_slice(&bytes);
        self.told = told(&self.beginning);
        match self.told {
            None => Ok(()),
            Some(_) => {
                let beginning = self.beginning.split().freeze();
                self.relay().feed(beginning, out)
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<Bytes>) -> Result<(), Error> {
        let beginning = self.beginning.split().freeze();
        self.relay().feed(beginning, out)?;
        self.relay().finish(out)
    }

    fn close(&mut self, how: &Close, out: &mut Vec<Bytes>) {
        self.relay().close(how, out);
    }

    fn observed(&self) -> &Observed {
        match self.told {
            Some(Told::Events) => self.events.observed(),
            Some(Told::Bare) | None => self.bare.observed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_and_sound_are_told_by_their_beginning() {
        for (beginning, events) in [
            ("data: {}", Some(true)),
            ("\n\nevent: x", Some(true)),
            (": hello", Some(true)),
            ("\u{feff}id: 1", Some(true)),
            ("da", None),
            ("", None),
            (" \n", None),
            ("ID3\u{4}", Some(false)),
            ("RIFF", Some(false)),
            ("dap", Some(false)),
        ] {
            assert_eq!(
                told(beginning.as_bytes()).map(|told| told == Told::Events),
                events,
                "{beginning:?}"
            );
        }
    }
}
