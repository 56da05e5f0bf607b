//! Bodies, out and in.

use std::convert::Infallible;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use gateway_types::json::Slices;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::chain;
use super::host::Lease;
use crate::transport::TransportError;

/// A request's body: its slices one after the other, without a copy, and its exact length.
#[derive(Debug)]
pub(super) struct Sliced {
    /// On the heap: a request is moved a dozen times until its body is written.
    slices: Box<Slices>,
    next: usize,
    left: u64,
}

impl Sliced {
    pub(super) fn new(slices: Slices) -> Self {
        let left = slices.0.iter().map(|slice| slice.len() as u64).sum();
        Self {
            slices: Box::new(slices),
            next: 0,
            left,
        }
    }
}

impl Body for Sliced {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        while let Some(slice) = this.slices.0.get_mut(this.next) {
            this.next += 1;
            if !slice.is_empty() {
                this.left -= slice.len() as u64;
                return Poll::Ready(Some(Ok(Frame::data(mem::take(slice)))));
            }
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// An answer's body, which holds its place on a connection until that is no longer needed: the body is over, or the rest
/// of it is here already. Dropped before, it ends the exchange.
pub(super) struct Answer {
    body: Incoming,
    lease: Option<Lease>,
}

impl Answer {
    pub(super) fn new(body: Incoming, lease: Lease) -> Self {
        let mut answer = Self {
            body,
            lease: Some(lease),
        };
        answer.let_go();
        answer
    }

    fn let_go(&mut self) {
        if self.lease.as_ref().is_some_and(|lease| lease.is_over(&self.body)) {
            self.lease = None;
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let this = self.get_mut();
        let frame = ready!(match &mut this.lease {
            Some(lease) => lease.poll_frame(cx, &mut this.body),
            None => Pin::new(&mut this.body).poll_frame(cx),
        });
        match frame {
            Some(Ok(_)) => this.let_go(),
            _ => this.lease = None,
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
        let slices = Slices(["{\"a\":", "", "1}", ""].map(Bytes::from).into_iter().collect());
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
