//! Lengths of time as operators write them: `30s 5m 1h 1d 1w 1M 1Q 1Y`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time, with the spelling it was given in.
///
/// Units: `ms s m h d w M Q Y`; `M` is 30 days, `Q` (a quarter) 90 and `Y` 365 where a window rolls, the calendar's where
/// it is aligned.
/// Parts add up (`1h30m`) and may have fractions (`1.5h`); the sum is rounded to the millisecond. Two spellings of one
/// length are not equal: compare lengths where only they matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    text: String,
    length: Duration,
}

/// A string that is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration; write a number and one of ms, s, m, h, d, w, M, Q, Y, as in `30s` or `1d`")]
pub struct NotASpan(String);

impl Span {
    /// The length, months, quarters and years taken as 30, 90 and 365 days.
    pub const fn length(&self) -> Duration {
        self.length
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn unit(name: &str) -> Option<u64> {
    const SECOND: u64 = 1000;
    const DAY: u64 = 86_400 * SECOND;
    Some(match name {
        "ms" => 1,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3600 * SECOND,
        "d" => DAY,
        "w" => 7 * DAY,
        "M" => 30 * DAY,
        "Q" => 90 * DAY,
        "Y" => 365 * DAY,
        _ => return None,
    })
}

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let refused = || NotASpan(text.chars().take(40).collect());
        let mut rest = text;
        let mut millis = 0.0_f64;
        while !rest.is_empty() {
            let digits = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .ok_or_else(refused)?;
            let (number, tail) = rest.split_at(digits);
            let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
            let (name, tail) = tail.split_at(letters);
            let number: f64 = number.parse().map_err(|_| refused())?;
            millis += number * unit(name).ok_or_else(refused)? as f64;
            rest = tail;
        }
        // 200 years: beyond it, sums with the calendar would leave their range.
        if !(1.0..=6.4e12).contains(&millis) {
            return Err(refused());
        }
        Ok(Self {
            text: text.to_owned(),
            length: Duration::from_millis(millis.round() as u64),
        })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(input)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([0-9.]+(ms|s|m|h|d|w|M|Q|Y))+$",
            "description": "A length of time: a number and one of ms, s, m, h, d, w, M (30 days), Q (90 days), Y (365 days); parts add up."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_known_and_parts_add_up() {
        for (text, seconds) in [
            ("30s", 30),
            ("5m", 300),
            ("1h", 3600),
            ("1d", 86_400),
            ("1w", 604_800),
            ("1M", 2_592_000),
            ("1Q", 7_776_000),
            ("1Y", 31_536_000),
            ("1h30m", 5400),
            ("1.5h", 5400),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!((span.length().as_secs(), span.to_string().as_str()), (seconds, text));
        }
    }

    #[test]
    fn fractions_are_rounded_to_the_millisecond_and_not_cut() {
        for (text, millis) in [
            ("1.001s", 1001),
            ("0.29s", 290),
            ("1.1h", 3_960_000),
            ("1.5ms", 2),
            ("250ms", 250),
        ] {
            assert_eq!(
                text.parse::<Span>().unwrap().length(),
                Duration::from_millis(millis),
                "{text}"
            );
        }
        for thousandth in 1..5000_u64 {
            let text = format!("{}.{:03}s", thousandth / 1000, thousandth % 1000);
            assert_eq!(
                text.parse::<Span>().unwrap().length(),
                Duration::from_millis(thousandth),
                "{text}"
            );
        }
    }

    #[test]
    fn the_spelling_survives_settings() {
        let span: Span = serde_json::from_str("\"1h30m\"").unwrap();
        assert_eq!(serde_json::to_string(&span).unwrap(), "\"1h30m\"");
        let error = serde_json::from_str::<Span>("\"5x\"").unwrap_err().to_string();
        assert!(error.starts_with("`5x` is not a duration"), "{error}");
        assert!(serde_json::from_str::<Span>("30").is_err(), "a bare number has no unit");
    }

    #[test]
    fn anything_else_is_refused_with_the_units_named() {
        for text in ["5x", "", "s", "5", "-5s", "0s", "1..5s", "1e9Y", "999999Y", "5 s", "∞d"] {
            let error = text.parse::<Span>().unwrap_err().to_string();
            assert!(error.contains("30s"), "{text}: {error}");
        }
    }
}
