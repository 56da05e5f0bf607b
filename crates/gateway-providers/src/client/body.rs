//! Bodies, out and in.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use gateway_types::json::Slices;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use smallvec::SmallVec;
use tokio::sync::OwnedSemaphorePermit;

use super::chain;
use crate::transport::TransportError;

/// A request's body: its slices one after the other, without a copy, and its exact length.
#[derive(Debug)]
pub(super) struct Sliced {
    slices: smallvec::IntoIter<[Bytes; 7]>,
    left: u64,
}

impl Sliced {
    pub(super) fn new(Slices(slices): Slices) -> Self {
        let slices: SmallVec<[Bytes; 7]> = slices.into_iter().filter(|slice| !slice.is_empty()).collect();
        let left = slices.iter().map(|slice| slice.len() as u64).sum();
        Self {
            slices: slices.into_iter(),
            left,
        }
    }
}

impl Body for Sliced {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let next = this.slices.next();
        this.left -= next.as_ref().map_or(0, |slice| slice.len() as u64);
        Poll::Ready(next.map(|slice| Ok(Frame::data(slice))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// An answer's body, which holds the exchange's place among its host's connections until it is over or dropped.
#[derive(Debug)]
pub(super) struct Held {
    body: Incoming,
    permit: Option<OwnedSemaphorePermit>,
}

impl Held {
    pub(super) fn new(body: Incoming, permit: OwnedSemaphorePermit) -> Self {
        let permit = (!body.is_end_stream()).then_some(permit);
        Self { body, permit }
    }
}

impl Body for Held {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            this.permit = None;
        }
        Poll::Ready(frame.map(|frame| frame.map_err(|error| TransportError::Broken(chain(&error)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn slices_go_out_as_they_are_with_the_length_of_the_whole() {
        let slices = Slices(SmallVec::from_iter(["{\"a\":", "", "1}"].map(Bytes::from)));
        let mut body = Sliced::new(slices);
        assert_eq!(body.size_hint().exact(), Some(7));
        let mut seen = Vec::new();
        while let Some(frame) = body.frame().await {
            seen.push(frame.unwrap().into_data().unwrap());
        }
        assert_eq!(seen, ["{\"a\":", "1}"]);
        assert!(body.is_end_stream());
    }
}
