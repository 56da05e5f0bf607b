//! A stream on its way to a client of the same dialect: every byte as it came, and the dialect's watcher beside it.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use gateway_types::{Error, ErrorKind};
use smallvec::{SmallVec, smallvec};

use crate::framing::{eventstream, lines, sse};
use crate::lane::{Close, Observed, Relay};

/// The last word of streams that follow OpenAI's.
pub(crate) const DONE: &[u8] = b"[DONE]";

/// How a dialect's streams are cut, and what is to be known of a frame.
pub(crate) trait Watch: Send {
    /// What cuts its streams.
    type Frames: Frames;

    /// How many bytes are held back at the most while no content comes.
    const HELD: usize = 64 * 1024;

    /// Looks at what one frame holds and notes it. Gives the error that the provider reports in it, if it does; fails if
    /// the frame is none of the dialect.
    fn look(&mut self, data: &[u8], seen: &mut Observed) -> Result<Option<Error>, Error>;

    /// Whether the answer has ended, though the stream has not said that it is over: where the bytes end then, they do not
    /// break off.
    fn has_ended(&self) -> bool {
        false
    }

    /// What a stream lacks whose answer has ended without the stream saying that it is over.
    fn last_word(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// The frames that end the stream as if the answer had met its cap, from wherever it stands, and the word for that.
    fn cut_short(&mut self) -> (Vec<u8>, &'static str);

    /// The frames that end the stream with an error.
    fn fail(&mut self, error: &Error) -> Vec<u8>;
}

/// A splitter of streams.
pub(crate) trait Frames: Default + Send {
    /// What a last frame lacks that came without its end.
    const END: &'static [u8];

    /// Adds the next bytes.
    fn push(&mut self, bytes: Bytes);

    /// The next whole frame.
    fn next(&mut self) -> Result<Option<Frame>, Error>;

    /// What is left when the bytes are over.
    fn rest(&mut self) -> Option<Frame>;
}

/// A frame: its bytes, where they stand in the last chunk, and what they hold.
#[derive(Debug)]
pub(crate) struct Frame {
    bytes: Bytes,
    span: Option<Range<usize>>,
    data: Bytes,
}

impl Frame {
    pub(crate) fn new(bytes: Bytes, span: Option<Range<usize>>, data: Bytes) -> Self {
        Self { bytes, span, data }
    }

    /// What it holds; nothing where it is a comment or the like.
    pub(crate) fn data(&self) -> &[u8] {
        &self.data
    }
}

impl Frames for sse::Splitter {
    const END: &'static [u8] = b"\n\n";

    fn push(&mut self, bytes: Bytes) {
        Self::push(self, bytes);
    }

    fn next(&mut self) -> Result<Option<Frame>, Error> {
        Ok(self.next_frame().map_err(too_long)?.map(of_event))
    }

    fn rest(&mut self) -> Option<Frame> {
        Self::rest(self).map(of_event)
    }
}

impl Frames for lines::Splitter {
    const END: &'static [u8] = b"\n";

    fn push(&mut self, bytes: Bytes) {
        Self::push(self, bytes);
    }

    fn next(&mut self) -> Result<Option<Frame>, Error> {
        Ok(self.next_line().map_err(too_long)?.map(of_line))
    }

    fn rest(&mut self) -> Option<Frame> {
        Self::rest(self).map(of_line)
    }
}

/// What cuts the frames does not read them: the watcher does, from their first byte to their last.
impl Frames for eventstream::Splitter {
    const END: &'static [u8] = b"";

    fn push(&mut self, bytes: Bytes) {
        Self::push(self, bytes);
    }

    fn next(&mut self) -> Result<Option<Frame>, Error> {
        let next = self
            .next_frame()
            .map_err(|error| Error::new(ErrorKind::UpstreamFailed, error.to_string()))?;
        Ok(next.map(|frame| Frame {
            data: frame.bytes.clone(),
            bytes: frame.bytes,
            span: frame.span,
        }))
    }

    fn rest(&mut self) -> Option<Frame> {
        None
    }
}

fn of_event(frame: sse::Frame) -> Frame {
    let data = frame.data().map_or_else(Bytes::new, |data| match data {
        std::borrow::Cow::Borrowed(part) => frame.bytes.slice_ref(part),
        std::borrow::Cow::Owned(joined) => Bytes::from(joined),
    });
    Frame {
        data,
        bytes: frame.bytes,
        span: frame.span,
    }
}

fn of_line(line: lines::Line) -> Frame {
    Frame {
        data: line.bytes.slice_ref(line.text()),
        bytes: line.bytes,
        span: line.span,
    }
}

fn too_long(error: sse::FrameTooLong) -> Error {
    Error::new(ErrorKind::UpstreamFailed, error.to_string())
}

fn broke_off() -> Error {
    Error::new(
        ErrorKind::UpstreamFailed,
        "the provider's stream broke off before its end",
    )
}

/// Passes a stream on.
///
/// What comes before the first content is held back, so that an error there can still be made good by another attempt
/// without the client having seen two beginnings.
#[derive(Debug)]
pub(crate) struct Passing<W: Watch> {
    frames: W::Frames,
    watch: W,
    observed: Observed,
    /// Whether an error has been returned: what comes after it cannot be cut into frames any more.
    broken: bool,
    held: Vec<Bytes>,
    held_bytes: usize,
}

impl<W: Watch> Passing<W> {
    pub(crate) fn new(watch: W) -> Self {
        Self {
            frames: W::Frames::default(),
            watch,
            observed: Observed::default(),
            broken: false,
            held: Vec::new(),
            held_bytes: 0,
        }
    }

    /// Looks at a frame that is to pass.
    fn look(&mut self, data: &[u8]) -> Result<(), Error> {
        // What follows a reported error is not the answer any more.
        if data.is_empty() || self.observed.failed {
            return Ok(());
        }
        match self.watch.look(data, &mut self.observed)? {
            Some(error) if !self.observed.content => Err(error),
            Some(_) => {
                self.observed.failed = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn committed(&self) -> bool {
        let seen = &self.observed;
        seen.content || seen.done || seen.failed || seen.finish.is_some() || self.held_bytes > W::HELD
    }

    fn release(&mut self, pieces: Pieces, out: &mut Vec<Bytes>) {
        if self.committed() {
            out.append(&mut self.held);
            out.extend(pieces);
        } else {
            self.held_bytes += pieces.iter().map(Bytes::len).sum::<usize>();
            self.held.extend(pieces);
        }
    }

    fn frames(&mut self, chunk: &Bytes, run: &mut Run<'_>) -> Result<(), Error> {
        self.frames.push(chunk.clone());
        while let Some(frame) = self.frames.next()? {
            self.look(&frame.data)?;
            run.add(frame.span, frame.bytes);
        }
        Ok(())
    }

    /// The last frame, if it is whole but for its end. What a broken connection left of one is dropped.
    fn last(&mut self, out: &mut Vec<Bytes>) -> Result<(), Error> {
        let Some(frame) = self.frames.rest() else { return Ok(()) };
        if frame.data != DONE && serde_json::from_slice::<serde::de::IgnoredAny>(&frame.data).is_err() {
            return Ok(());
        }
        self.look(&frame.data)?;
        let mut whole = BytesMut::from(&frame.bytes[..]);
        whole.extend_from_slice(W::Frames::END);
        self.release(smallvec![whole.freeze()], out);
        Ok(())
    }
}

impl<W: Watch> Relay for Passing<W> {
    fn feed(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) -> Result<(), Error> {
        if self.broken {
            return Err(broke_off());
        }
        let mut run = Run::of(&bytes);
        let result = self.frames(&bytes, &mut run);
        self.broken = result.is_err();
        let pieces = run.finish();
        self.release(pieces, out);
        result
    }

    fn finish(&mut self, out: &mut Vec<Bytes>) -> Result<(), Error> {
        self.last(out)?;
        if self.observed.done || self.observed.failed {
            return Ok(());
        }
        if self.watch.has_ended() {
            self.observed.done = true;
            let last_word = self.watch.last_word();
            if !last_word.is_empty() {
                self.release(smallvec![Bytes::from(last_word)], out);
            }
            return Ok(());
        }
        Err(broke_off())
    }

    fn close(&mut self, how: &Close, out: &mut Vec<Bytes>) {
        if self.observed.done || self.observed.failed {
            return;
        }
        out.append(&mut self.held);
        match how {
            Close::Length => {
                let (frames, word) = self.watch.cut_short();
                out.push(Bytes::from(frames));
                self.observed.finish.get_or_insert_with(|| word.to_owned());
                self.observed.done = true;
            }
            Close::Error(error) => {
                out.push(Bytes::from(self.watch.fail(error)));
                self.observed.failed = true;
            }
        }
    }

    fn observed(&self) -> &Observed {
        &self.observed
    }
}

/// Frames that pass, neighbours within one chunk as one slice of it.
pub(crate) struct Run<'a> {
    chunk: &'a Bytes,
    open: Range<usize>,
    done: Pieces,
}

/// What passes of one chunk: nearly always all of it.
pub(crate) type Pieces = SmallVec<[Bytes; 2]>;

impl<'a> Run<'a> {
    pub(crate) fn of(chunk: &'a Bytes) -> Self {
        Self {
            chunk,
            open: 0..0,
            done: Pieces::new(),
        }
    }

    /// Adds a frame: its place in the chunk, or, where it began before that, its bytes.
    pub(crate) fn add(&mut self, span: Option<Range<usize>>, bytes: Bytes) {
        match span {
            Some(span) if span.start == self.open.end && !self.open.is_empty() => self.open.end = span.end,
            Some(span) => {
                self.cut();
                self.open = span;
            }
            None => {
                self.cut();
                self.done.push(bytes);
            }
        }
    }

    fn cut(&mut self) {
        if !self.open.is_empty() {
            self.done.push(self.chunk.slice(self.open.clone()));
        }
        self.open = 0..0;
    }

    pub(crate) fn finish(mut self) -> Pieces {
        self.cut();
        self.done
    }
}
