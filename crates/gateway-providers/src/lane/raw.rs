//! Bytes of no dialect on their way through: sound, files, whatever a provider's own API has.

use bytes::Bytes;
use gateway_types::Error;
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
