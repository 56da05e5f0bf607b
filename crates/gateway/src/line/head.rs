//! The head of an answer as it is written: figures, names and what limits leave, one after the other.

use std::time::Duration;

use bytes::BytesMut;
use gateway_governance::governor::RateLimits;
use gateway_governance::quota::Remaining;
use gateway_types::{DialectName, NanoUsd, RequestId, Wall};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use super::headers::COST;

/// How many headers an answer has room for.
const HEADERS: usize = 18;
/// How many bytes their values have room for; longer ones move.
const VALUES: usize = 256;

/// The headers of an answer under way. Their values are written one after the other into one buffer that they share.
pub(super) struct Head {
    headers: HeaderMap,
    text: BytesMut,
}

impl Head {
    /// One with room for what an answer usually says.
    pub(super) fn new() -> Self {
        Self {
            headers: HeaderMap::with_capacity(HEADERS),
            text: BytesMut::with_capacity(VALUES),
        }
    }

    pub(super) fn done(self) -> HeaderMap {
        self.headers
    }

    /// A name as a value; nothing where it cannot be one.
    pub(super) fn text(&mut self, name: HeaderName, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
        self.put(name);
    }

    pub(super) fn number(&mut self, name: HeaderName, number: u64) {
        digits(&mut self.text, number, 1);
        self.put(name);
    }

    pub(super) fn id(&mut self, name: HeaderName, id: RequestId) {
        let mut text = uuid::Uuid::encode_buffer();
        let text = id.uuid().hyphenated().encode_lower(&mut text);
        self.text(name, text);
    }

    /// Microseconds as milliseconds.
    pub(super) fn millis(&mut self, name: HeaderName, micros: u64) {
        digits(&mut self.text, micros / 1000, 1);
        self.text.extend_from_slice(b".");
        digits(&mut self.text, micros % 1000, 3);
        self.put(name);
    }

    /// In dollars, without zeros at the end.
    pub(super) fn cost(&mut self, cost: NanoUsd) {
        const ONE: u64 = 1_000_000_000;
        let nanos = cost.0.unsigned_abs();
        if cost.0 < 0 {
            self.text.extend_from_slice(b"-");
        }
        digits(&mut self.text, nanos / ONE, 1);
        if !nanos.is_multiple_of(ONE) {
            self.text.extend_from_slice(b".");
            digits(&mut self.text, nanos % ONE, 9);
            let zeros = self.text.iter().rev().take_while(|digit| **digit == b'0').count();
            self.text.truncate(self.text.len() - zeros);
        }
        self.put(COST);
    }

    /// What rate limits leave, for clients that pace themselves: in OpenAI's words, and in Anthropic's for its clients.
    pub(super) fn rate_limits(&mut self, limits: &RateLimits, dialect: DialectName, now: Wall) {
        for (words, left) in [(&REQUESTS, limits.requests), (&TOKENS, limits.tokens)] {
            let Some(left) = left else { continue };
            self.left(&words.openai, left);
            spelled(&mut self.text, left.resets_in);
            self.put(words.openai[2].clone());
            if dialect == DialectName::Anthropic {
                self.left(&words.anthropic, left);
                self.text(words.anthropic[2].clone(), &now.plus(left.resets_in).rfc3339());
            }
        }
    }

    fn left(&mut self, [limit, remaining, _]: &[HeaderName; 3], left: Remaining) {
        if left.limit < 0 {
            self.text.extend_from_slice(b"-");
        }
        self.number(limit.clone(), left.limit.unsigned_abs());
        self.number(remaining.clone(), left.remaining.max(0).unsigned_abs());
    }

    /// Puts what was written last.
    fn put(&mut self, name: HeaderName) {
        if let Ok(value) = HeaderValue::from_maybe_shared(self.text.split().freeze()) {
            self.headers.insert(name, value);
        }
    }
}

/// Writes a number, with zeros before it where it has fewer digits.
fn digits(text: &mut BytesMut, mut number: u64, least: usize) {
    let mut written = [b'0'; 20];
    let mut first = written.len();
    while number > 0 || written.len() - first < least {
        first -= 1;
        written[first] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    text.extend_from_slice(&written[first..]);
}

/// A span as OpenAI spells it: `12ms`, `1s`, `6m0s`, `1h0m0s`; rounded up.
fn spelled(text: &mut BytesMut, span: Duration) {
    let millis = u64::try_from(span.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
    let mut part = |number: u64, unit: &[u8]| {
        digits(text, number, 1);
        text.extend_from_slice(unit);
    };
    if (1..1000).contains(&millis) {
        return part(millis, b"ms");
    }
    let seconds = millis.div_ceil(1000);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    if hours > 0 {
        part(hours, b"h");
    }
    if hours > 0 || minutes > 0 {
        part(minutes, b"m");
    }
    part(seconds % 60, b"s");
}

/// One kind of rate limit in the words of OpenAI and of Anthropic: limit, what remains, when all of it is back.
struct LimitWords {
    openai: [HeaderName; 3],
    anthropic: [HeaderName; 3],
}

const REQUESTS: LimitWords = LimitWords {
    openai: [
        HeaderName::from_static("x-ratelimit-limit-requests"),
        HeaderName::from_static("x-ratelimit-remaining-requests"),
        HeaderName::from_static("x-ratelimit-reset-requests"),
    ],
    anthropic: [
        HeaderName::from_static("anthropic-ratelimit-requests-limit"),
        HeaderName::from_static("anthropic-ratelimit-requests-remaining"),
        HeaderName::from_static("anthropic-ratelimit-requests-reset"),
    ],
};
const TOKENS: LimitWords = LimitWords {
    openai: [
        HeaderName::from_static("x-ratelimit-limit-tokens"),
        HeaderName::from_static("x-ratelimit-remaining-tokens"),
        HeaderName::from_static("x-ratelimit-reset-tokens"),
    ],
    anthropic: [
        HeaderName::from_static("anthropic-ratelimit-tokens-limit"),
        HeaderName::from_static("anthropic-ratelimit-tokens-remaining"),
        HeaderName::from_static("anthropic-ratelimit-tokens-reset"),
    ],
};

#[cfg(test)]
mod tests {
    use super::super::headers::{ATTEMPTS, MODEL, OWN_MS, REQUEST_ID, RULE};
    use super::*;

    #[test]
    fn spans_are_spelled_as_openai_does() {
        for (millis, text) in [
            (0, "0s"),
            (12, "12ms"),
            (1000, "1s"),
            (1001, "2s"),
            (360_000, "6m0s"),
            (86_399_500, "24h0m0s"),
        ] {
            let mut spelt = BytesMut::new();
            spelled(&mut spelt, Duration::from_millis(millis));
            assert_eq!(spelt, text);
        }
    }

    #[test]
    fn values_are_as_they_would_be_printed() {
        for nanos in [
            0,
            1,
            42_000,
            1_000_000_000,
            1_230_000_000,
            -5_000_000_001,
            i64::MAX,
            i64::MIN,
        ] {
            let mut head = Head::new();
            head.cost(NanoUsd(nanos));
            assert_eq!(head.done()[COST], NanoUsd(nanos).to_string());
        }
        for number in [0, 9, 10, 1_234, u64::MAX] {
            let mut head = Head::new();
            head.number(ATTEMPTS, number);
            head.millis(OWN_MS, number);
            head.text(RULE, "a rule");
            let headers = head.done();
            assert_eq!(headers[ATTEMPTS], number.to_string());
            assert_eq!(headers[OWN_MS], format!("{}.{:03}", number / 1000, number % 1000));
            assert_eq!(headers[RULE], "a rule");
        }
        let mut head = Head::new();
        let id = RequestId::from(uuid::Uuid::from_u128(0x1234_5678));
        head.id(REQUEST_ID, id);
        head.text(RULE, "no\nvalue");
        head.text(MODEL, "gpt");
        let headers = head.done();
        assert_eq!(headers[REQUEST_ID], id.to_string());
        assert_eq!(
            (headers.get(RULE), &headers[MODEL]),
            (None, &HeaderValue::from_static("gpt"))
        );
    }
}
