//! Reading a request's body: bounded in size, in pauses and in slowness.

use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use gateway_types::{Error, ErrorKind};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, EXPECT};
use http_body_util::BodyExt;
use tokio::time::Instant;

use crate::limits;

/// How a body may come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// The most bytes.
    pub(crate) most: usize,
    /// What the limit is called, for the refusal.
    pub(crate) named: &'static str,
    /// The longest pause, and how long the body may be slower than [`limits::SLOWEST_BODY`].
    pub(crate) pause: Duration,
}

/// What a head says of its body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Framing {
    length: Option<u64>,
    coding: Option<String>,
    /// The client waits to be asked for the body, so that nothing of it comes after a refusal.
    waits: bool,
}

impl Framing {
    /// Of those headers.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let coding = headers
            .get(CONTENT_ENCODING)
            .map(|coding| String::from_utf8_lossy(coding.as_bytes()));
        Self {
            length: headers
                .get(CONTENT_LENGTH)
                .and_then(|length| length.to_str().ok()?.parse().ok()),
            coding: coding
                .filter(|coding| !coding.eq_ignore_ascii_case("identity"))
                .map(Into::into),
            waits: headers.contains_key(EXPECT),
        }
    }
}

/// Reads a body whole. What is left of a refused one is read away in the background, so that a client that is still
/// sending gets to see the refusal instead of a broken connection.
pub(crate) async fn read<B>(framing: &Framing, mut body: B, pace: Pace) -> Result<Bytes, Error>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::fmt::Display,
{
    let outcome = match refused_by_head(framing, pace) {
        Some(error) => Err(error),
        None => collect(&mut body, framing, pace).await,
    };
    if let Err(error) = &outcome
        && error.kind != ErrorKind::ClientTimeout
        && !framing.waits
    {
        tokio::spawn(linger(body));
    }
    outcome
}

fn refused_by_head(framing: &Framing, pace: Pace) -> Option<Error> {
    if let Some(coding) = &framing.coding {
        let mut error = Error::invalid(
            "content-encoding",
            format!("content-encoding `{coding}` is not taken; send the body without compression"),
        );
        error.status = Some(415);
        return Some(error);
    }
    framing
        .length
        .is_some_and(|length| length > pace.most as u64)
        .then(|| too_large(pace))
}

async fn collect<B>(body: &mut B, framing: &Framing, pace: Pace) -> Result<Bytes, Error>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let started = Instant::now();
    let mut whole = Whole::expecting(framing);
    loop {
        // What is there already needs no clock.
        let next = match body.frame().now_or_never() {
            Some(next) => next,
            None => {
                let earned = Duration::from_secs(whole.len() as u64 / limits::SLOWEST_BODY);
                let deadline = (started + pace.pause + earned).min(Instant::now() + pace.pause);
                let in_time = tokio::time::timeout_at(deadline, body.frame()).await;
                in_time.map_err(|_| too_slow(whole.len(), started, pace))?
            }
        };
        let Some(frame) = next else { return Ok(whole.done()) };
        let frame = frame.map_err(|error| {
            Error::new(
                ErrorKind::Invalid,
                format!("the request body broke off after {} bytes: {error}", whole.len()),
            )
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() > pace.most {
            return Err(too_large(pace));
        }
        whole.push(data);
    }
}

fn too_slow(came: usize, started: Instant, pace: Pace) -> Error {
    let message = format!(
        "the request body came too slowly: {came} bytes in {} s; send it without pauses of {} s and faster than {} bytes a second",
        started.elapsed().as_secs(),
        pace.pause.as_secs(),
        limits::SLOWEST_BODY,
    );
    Error::new(ErrorKind::ClientTimeout, message)
}

fn too_large(pace: Pace) -> Error {
    Error::new(
        ErrorKind::TooLarge,
        format!(
            "the request body is larger than the limit of {} bytes ({})",
            pace.most, pace.named
        ),
    )
}

/// Reads away and forgets, within bounds.
async fn linger<B>(mut body: B)
where
    B: http_body::Body<Data = Bytes> + Send + Unpin,
{
    let away = async {
        let mut read = 0_usize;
        while let Some(Ok(frame)) = Pin::new(&mut body).frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > limits::LINGER_BYTES {
                return;
            }
        }
    };
    // Past the time the body is dropped, and its connection closes.
    tokio::time::timeout(limits::LINGER, away).await.unwrap_or_default();
}

/// The bytes so far. A body that comes in one piece, as most do, is not copied.
enum Whole {
    Nothing(usize),
    One(Bytes),
    Many(BytesMut),
}

impl Whole {
    fn expecting(framing: &Framing) -> Self {
        // The claim of a client is no reason to set much memory aside.
        const MOST: usize = 1024 * 1024;
        Self::Nothing(framing.length.map_or(0, |length| {
            usize::try_from(length).map_or(MOST, |length| length.min(MOST))
        }))
    }

    fn len(&self) -> usize {
        match self {
            Self::Nothing(_) => 0,
            Self::One(bytes) => bytes.len(),
            Self::Many(bytes) => bytes.len(),
        }
    }

    fn push(&mut self, data: Bytes) {
        match self {
            Self::Nothing(expected) if data.len() >= *expected => *self = Self::One(data),
            Self::Nothing(expected) => {
                let mut many = BytesMut::with_capacity(*expected);
                many.extend_from_slice(&data);
                *self = Self::Many(many);
            }
            Self::One(first) => {
                let mut many = BytesMut::with_capacity((first.len() + data.len()) * 2);
                many.extend_from_slice(first);
                many.extend_from_slice(&data);
                *self = Self::Many(many);
            }
            Self::Many(many) => many.extend_from_slice(&data),
        }
    }

    fn done(self) -> Bytes {
        match self {
            Self::Nothing(_) => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Many(bytes) => bytes.freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http::HeaderValue;
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    const PACE: Pace = Pace {
        most: 10,
        named: "client setting `x`",
        pause: Duration::from_secs(15),
    };

    async fn read_chunks(headers: &HeaderMap, chunks: &[&'static str]) -> Result<Bytes, Error> {
        let frames: Vec<Result<Frame<Bytes>, Infallible>> = chunks
            .iter()
            .map(|chunk| Ok(Frame::data(Bytes::from_static(chunk.as_bytes()))))
            .collect();
        read(&Framing::of(headers), StreamBody::new(stream::iter(frames)), PACE).await
    }

    #[tokio::test]
    async fn a_body_is_whole_however_it_is_cut() {
        for chunks in [&["0123456789"][..], &["0", "123", "456789"], &[]] {
            let whole = read_chunks(&HeaderMap::new(), chunks).await.unwrap();
            assert_eq!(whole, chunks.concat().as_bytes());
        }
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_with_the_limits_name() {
        let mut claims = HeaderMap::new();
        claims.insert(CONTENT_LENGTH, HeaderValue::from_static("11"));
        for error in [
            read_chunks(&HeaderMap::new(), &["01234", "567890"]).await.unwrap_err(),
            read_chunks(&claims, &[]).await.unwrap_err(),
        ] {
            assert_eq!(error.status(), 413);
            assert!(
                error.message.contains("10 bytes") && error.message.contains('x'),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn a_compressed_body_is_refused_by_name() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let error = read_chunks(&headers, &["0"]).await.unwrap_err();
        assert_eq!(
            (error.status(), error.param.as_deref()),
            (415, Some("content-encoding"))
        );
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
        assert!(read_chunks(&headers, &["0"]).await.is_ok());
    }

    /// A byte each second, without end, on a clock that only waiting moves.
    #[tokio::test(start_paused = true)]
    async fn a_byte_a_second_is_cut_and_so_is_silence() {
        let trickle = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"x"))), ()))
        });
        let pace = Pace { most: 1 << 20, ..PACE };
        let error = read(&Framing::default(), StreamBody::new(Box::pin(trickle)), pace)
            .await
            .unwrap_err();
        assert_eq!((error.status(), error.kind), (408, ErrorKind::ClientTimeout));

        let silence = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        let error = read(&Framing::default(), silence, pace).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::ClientTimeout);
    }
}
