//! What is to be known of a stream that passes to a client of the same dialect.

use gateway_types::{Call, Error};

use super::answer::{Line, see};
use super::decode::Shape;
use super::errors;
use super::wire::Head;
use crate::framing::lines::Splitter;
use crate::lane::Observed;
use crate::passing::Watch;

/// Where a passing stream stands: what every line says again.
#[derive(Debug)]
pub(super) struct Watcher {
    head: Head,
}

impl Watcher {
    pub(super) fn new(call: &Call) -> Self {
        Self {
            head: Head {
                shape: Shape::of(call),
                model: call.model.as_str().to_owned(),
                // Nobody has said a time before the first line; the epoch is none, and is one that can be read.
                created_at: String::from("1970-01-01T00:00:00Z"),
            },
        }
    }
}

impl Watch for Watcher {
    type Frames = Splitter;

    fn look(&mut self, data: &[u8], seen: &mut Observed) -> Result<Option<Error>, Error> {
        let mut line = Line::read(data)?;
        if let Some(error) = line.failed() {
            return Ok(Some(error));
        }
        see(&line.said(), seen);
        if line.done == Some(true) {
            seen.usage = line.usage();
            seen.finish = line.reason();
            seen.done = true;
        }
        if let Some(model) = line.model {
            seen.model = Some(model.clone());
            self.head.model = model;
        }
        if let Some(created_at) = line.created_at {
            self.head.created_at = created_at;
        }
        Ok(None)
    }

    fn cut_short(&mut self) -> (Vec<u8>, &'static str) {
        let mut line = Vec::new();
        self.head.last(&mut line, "length", None);
        (line, "length")
    }

    fn fail(&mut self, error: &Error) -> Vec<u8> {
        errors::line(error)
    }
}
