//! AWS event streams (`application/vnd.amazon.eventstream`): an incremental splitter that keeps every frame's bytes as
//! they came, and a writer.
//!
//! A frame is `total length · headers length · CRC of both · headers · payload · CRC of all`, numbers in network order
//! ("Amazon event stream encoding", AWS). Frames are cut here, by the length in their prelude, because the decoder of
//! `aws-smithy-eventstream` gives messages without their bytes and has no bound; what is in a frame, and its checksums,
//! that crate reads and writes. A frame that lies within one chunk is a slice of it.

use std::ops::Range;

use aws_smithy_eventstream::frame::{read_message_from, write_message_to};
use aws_smithy_types::event_stream::{Header, HeaderValue, Message as Smithy};
use bytes::{Buf, Bytes, BytesMut};

/// The longest frame that is taken: AWS's own limit for a message.
pub const FRAME_LIMIT: usize = 16 * 1024 * 1024;

/// Two lengths and their checksum.
const PRELUDE: usize = 12;
/// What a frame has around its headers and payload.
const AROUND: usize = PRELUDE + 4;

/// Bytes that are no frame of an event stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum NotAFrame {
    #[error("the checksum of a frame's lengths is wrong")]
    Prelude,
    #[error("a frame says that it is {0} bytes long, which none is")]
    Length(u32),
    #[error("a frame of the stream is longer than {0} bytes")]
    TooLong(usize),
    #[error("a frame cannot be read: {0}")]
    Message(String),
}

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// `event`.
    Event,
    /// `exception`: an error that the service's model knows.
    Exception,
    /// `error`: one that it does not know.
    Error,
}

/// One frame: its bytes as they came, lengths and checksums included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The bytes.
    pub bytes: Bytes,
    /// Where they stand in the chunk last pushed, unless a chunk's end cut them: neighbours can be passed on in one piece.
    pub span: Option<Range<usize>>,
}

/// What a frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// What it carries.
    pub kind: MessageType,
    /// The name of the event, exception or error.
    pub name: String,
    /// The payload; JSON, mostly.
    pub payload: &'a [u8],
    /// `:error-message`, where an error has no payload.
    pub error: Option<String>,
}

/// Cuts a stream into frames: push a chunk, then take frames until there is none.
#[derive(Debug)]
pub struct Splitter {
    /// The part of the last chunk that has not been taken.
    chunk: Bytes,
    /// How much of the last chunk has been taken.
    taken: usize,
    /// The beginning of a frame whose end has not come.
    carry: BytesMut,
    limit: usize,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::with_limit(FRAME_LIMIT)
    }
}

impl Splitter {
    /// A splitter that refuses frames of more than `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            chunk: Bytes::new(),
            taken: 0,
            carry: BytesMut::new(),
            limit,
        }
    }

    /// Adds the next bytes. What is left of the chunk before is kept, but frames are best taken first.
    pub fn push(&mut self, chunk: Bytes) {
        self.carry.extend_from_slice(&self.chunk);
        self.chunk = chunk;
        self.taken = 0;
    }

    /// The next whole frame, if its end has come. After an error there is none: where the next one begins is not known.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, NotAFrame> {
        let Some(prelude) = self.prelude() else {
            self.keep();
            return Ok(None);
        };
        let total = length(prelude, self.limit)?;
        if self.carry.len() + self.chunk.len() < total {
            self.keep();
            return Ok(None);
        }
        let (bytes, span) = self.take(total);
        Ok(Some(Frame { bytes, span }))
    }

    /// The bytes are over: whether they ended within a frame.
    pub fn is_within_frame(&self) -> bool {
        !self.carry.is_empty() || !self.chunk.is_empty()
    }

    fn prelude(&self) -> Option<[u8; PRELUDE]> {
        let mut all = (&self.carry[..]).chain(&self.chunk[..]);
        let mut prelude = [0; PRELUDE];
        (all.remaining() >= PRELUDE).then(|| {
            all.copy_to_slice(&mut prelude);
            prelude
        })
    }

    fn keep(&mut self) {
        self.carry.extend_from_slice(&self.chunk);
        self.taken += self.chunk.len();
        self.chunk = Bytes::new();
    }

    fn take(&mut self, total: usize) -> (Bytes, Option<Range<usize>>) {
        if self.carry.len() >= total {
            return (self.carry.split_to(total).freeze(), None);
        }
        let of_chunk = total - self.carry.len();
        let tail = self.chunk.split_to(of_chunk);
        let span = self.taken..self.taken + of_chunk;
        self.taken += of_chunk;
        if self.carry.is_empty() {
            return (tail, Some(span));
        }
        self.carry.extend_from_slice(&tail);
        (self.carry.split().freeze(), None)
    }
}

/// The length of a frame. Its checksum is checked before it is believed, so that a wrong one is not waited for.
fn length(prelude: [u8; PRELUDE], limit: usize) -> Result<usize, NotAFrame> {
    let mut numbers = &prelude[..];
    let (total, headers) = (numbers.get_u32(), numbers.get_u32());
    // What is no event stream at all (a page, JSON) is told by its length: letters make very long frames.
    if total as usize > limit {
        return Err(NotAFrame::TooLong(limit));
    }
    if crc32(&prelude[..8]) != numbers.get_u32() {
        return Err(NotAFrame::Prelude);
    }
    match (total as usize).checked_sub(AROUND) {
        Some(inside) if headers as usize <= inside => Ok(total as usize),
        _ => Err(NotAFrame::Length(total)),
    }
}

/// The CRC-32 of the eight bytes before it (that of zlib and Ethernet). The whole frame's is the crate's work.
fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xEDB8_8320;
    let of_byte = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (POLYNOMIAL & (crc & 1).wrapping_neg())
        })
    };
    !bytes.iter().fold(u32::MAX, of_byte)
}

impl<'a> Message<'a> {
    /// Reads a frame, checking it.
    pub fn read(frame: &'a [u8]) -> Result<Self, NotAFrame> {
        let mut rest = frame;
        let message = read_message_from(&mut rest).map_err(|error| NotAFrame::Message(error.to_string()))?;
        let header = |name: &str| {
            let found = message.headers().iter().find(|header| header.name().as_str() == name)?;
            Some(found.value().as_string().ok()?.as_str().to_owned())
        };
        let (kind, name) = match header(":message-type").as_deref() {
            Some("exception") => (MessageType::Exception, header(":exception-type")),
            Some("error") => (MessageType::Error, header(":error-code")),
            _ => (MessageType::Event, header(":event-type")),
        };
        let end = frame.len() - rest.len() - 4;
        Ok(Self {
            kind,
            name: name.unwrap_or_default(),
            error: header(":error-message"),
            payload: frame
                .get(end.saturating_sub(message.payload().len())..end)
                .unwrap_or_default(),
        })
    }
}

/// Writes an event with a JSON payload.
pub fn write_event(name: &'static str, payload: Vec<u8>, out: &mut Vec<u8>) {
    write(
        [
            (":event-type", name),
            (":content-type", JSON),
            (":message-type", "event"),
        ],
        payload,
        out,
    );
}

/// Writes an exception with a JSON payload.
pub fn write_exception(name: &'static str, payload: Vec<u8>, out: &mut Vec<u8>) {
    write(
        [
            (":exception-type", name),
            (":content-type", JSON),
            (":message-type", "exception"),
        ],
        payload,
        out,
    );
}

const JSON: &str = "application/json";

fn write(headers: [(&'static str, &'static str); 3], payload: Vec<u8>, out: &mut Vec<u8>) {
    let headers = headers.map(|(name, value)| Header::new(name, HeaderValue::String(value.into())));
    let message = Smithy::new_from_parts(headers.into(), payload);
    write_message_to(&message, out).expect("headers of a few letters fit, and no answer is 4 GB long");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stream() -> Vec<u8> {
        let mut out = Vec::new();
        write_event("messageStart", br#"{"role":"assistant"}"#.to_vec(), &mut out);
        write_event("contentBlockDelta", Vec::new(), &mut out);
        write_exception("throttlingException", br#"{"message":"slow down"}"#.to_vec(), &mut out);
        out
    }

    fn split(pieces: &[&[u8]]) -> Result<(Vec<Bytes>, bool), NotAFrame> {
        let mut splitter = Splitter::default();
        let mut frames = Vec::new();
        for piece in pieces {
            splitter.push(Bytes::copy_from_slice(piece));
            while let Some(frame) = splitter.next_frame()? {
                Message::read(&frame.bytes)?;
                frames.push(frame.bytes);
            }
        }
        Ok((frames, splitter.is_within_frame()))
    }

    #[test]
    fn what_is_written_is_read() {
        let (frames, within) = split(&[&stream()]).unwrap();
        let messages: Vec<Message<'_>> = frames.iter().map(|frame| Message::read(frame).unwrap()).collect();
        let read: Vec<(MessageType, &str, &[u8])> = messages
            .iter()
            .map(|message| (message.kind, message.name.as_str(), message.payload))
            .collect();
        let expected: [(MessageType, &str, &[u8]); 3] = [
            (MessageType::Event, "messageStart", br#"{"role":"assistant"}"#),
            (MessageType::Event, "contentBlockDelta", b""),
            (
                MessageType::Exception,
                "throttlingException",
                br#"{"message":"slow down"}"#,
            ),
        ];
        assert_eq!((read, within), (expected.to_vec(), false));
    }

    /// The message without headers of the test suite of AWS's C library.
    #[test]
    fn a_frame_of_the_vendors_own_is_read() {
        let frame = b"\x00\x00\x00\x1D\x00\x00\x00\x00\xfd\x52\x8c\x5a{'foo':'bar'}\xc3\x65\x39\x36";
        let (frames, _) = split(&[frame]).unwrap();
        assert_eq!(Message::read(&frames[0]).unwrap().payload, b"{'foo':'bar'}");
        assert_eq!(crc32(b"\x00\x00\x00\x1D\x00\x00\x00\x00"), 0xfd52_8c5a);
    }

    #[test]
    fn frames_within_one_chunk_are_slices_of_it() {
        let chunk = Bytes::from(stream());
        let mut splitter = Splitter::default();
        splitter.push(chunk.clone());
        let first = splitter.next_frame().unwrap().unwrap();
        let second = splitter.next_frame().unwrap().unwrap();
        let end = first.bytes.len();
        assert_eq!(
            (first.span, second.span),
            (Some(0..end), Some(end..end + second.bytes.len()))
        );
        assert_eq!(second.bytes.as_ptr(), chunk[end..].as_ptr());
    }

    #[test]
    fn a_byte_that_changed_on_the_way_is_noticed() {
        let good = stream();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            // What is whole before the change passes; a length that grew within the prelude fails there.
            assert!(split(&[&bad]).is_err(), "byte {at}");
        }
    }

    #[test]
    fn what_is_no_event_stream_is_refused_at_once() {
        assert_eq!(split(&[b"{\"message\":\"no\"}"]), Err(NotAFrame::TooLong(FRAME_LIMIT)));
        assert_eq!(split(&[b"<html></html>"]), Err(NotAFrame::TooLong(FRAME_LIMIT)));
        let mut splitter = Splitter::with_limit(40);
        splitter.push(Bytes::from(stream()));
        assert_eq!(splitter.next_frame(), Err(NotAFrame::TooLong(40)));
        let mut short = 15u32.to_be_bytes().to_vec();
        short.extend(0u32.to_be_bytes());
        short.extend(crc32(&short).to_be_bytes());
        assert_eq!(split(&[&short]), Err(NotAFrame::Length(15)));
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same_frames(cuts in proptest::collection::vec(0usize..400, 0..8), end in 0usize..400) {
            let whole = stream();
            let text = &whole[..end.min(whole.len())];
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).chain([0, text.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            let (frames, within) = split(&pieces).unwrap();
            prop_assert_eq!(split(&[text]).unwrap(), (frames.clone(), within));
            let joined: Vec<u8> = frames.iter().flat_map(|frame| frame.to_vec()).collect();
            prop_assert!(text.starts_with(&joined) && within == (joined.len() < text.len()));
        }

        #[test]
        fn noise_is_an_error_or_nothing(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok((frames, _)) = split(&[&noise]) {
                prop_assert!(frames.is_empty());
            }
        }
    }
}
