//! Figures as they are stored: numbers of seven bits a byte, buckets as steps. A slot of one request takes some twenty
//! bytes, one of a million some three hundred.

use gateway::ports::logs::{Figures, Histogram};
use gateway_types::NanoUsd;
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::sqlite::fault::Fault;

/// The format of what [`write`] makes.
pub(super) const FIGURES_VERSION: u32 = 1;

pub(super) fn write(figures: &Figures) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    for number in [
        figures.successes,
        figures.errors,
        figures.cancelled,
        figures.self_hosted,
        figures.input_tokens,
        figures.output_tokens,
        figures.cached_tokens,
        figures.reasoning_tokens,
        // The sign goes last, so that small amounts below zero are short too.
        (figures.cost.0.cast_unsigned() << 1) ^ (figures.cost.0 >> 63).cast_unsigned(),
    ] {
        put(&mut bytes, number);
    }
    for histogram in [&figures.latency, &figures.ttft] {
        put(&mut bytes, histogram.sum);
        put(&mut bytes, histogram.buckets.len() as u64);
        let mut last = 0;
        for (bucket, count) in &histogram.buckets {
            put(&mut bytes, u64::from(bucket - last));
            put(&mut bytes, *count);
            last = *bucket;
        }
    }
    bytes
}

/// Figures where they are stored: their format in that column, they themselves in the next.
pub(super) fn stored(row: &Row<'_>, column: usize) -> Result<Figures, Fault> {
    match row.get_ref(column + 1)? {
        ValueRef::Blob(bytes) => read(row.get(column)?, bytes),
        _ => Err(Fault(String::from("a slot of figures is no figures"))),
    }
}

fn read(v: u32, bytes: &[u8]) -> Result<Figures, Fault> {
    if v > FIGURES_VERSION {
        return Err(Fault::format("a slot of figures", v, FIGURES_VERSION));
    }
    figures(&mut { bytes }).ok_or_else(|| Fault(String::from("a slot of figures is cut off")))
}

fn figures(bytes: &mut &[u8]) -> Option<Figures> {
    Some(Figures {
        successes: take(bytes)?,
        errors: take(bytes)?,
        cancelled: take(bytes)?,
        self_hosted: take(bytes)?,
        input_tokens: take(bytes)?,
        output_tokens: take(bytes)?,
        cached_tokens: take(bytes)?,
        reasoning_tokens: take(bytes)?,
        cost: {
            let folded = take(bytes)?;
            NanoUsd((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
        },
        latency: histogram(bytes)?,
        ttft: histogram(bytes)?,
    })
}

fn histogram(bytes: &mut &[u8]) -> Option<Histogram> {
    let sum = take(bytes)?;
    let mut last = 0_u16;
    let buckets = (0..take(bytes)?).map(|_| {
        last = last.checked_add(u16::try_from(take(bytes)?).ok()?)?;
        Some((last, take(bytes)?))
    });
    Some(Histogram {
        sum,
        buckets: buckets.collect::<Option<_>>()?,
    })
}

pub(super) fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

pub(super) fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Figures {
        let mut figures = Figures {
            successes: 3,
            self_hosted: u64::MAX,
            input_tokens: 128,
            output_tokens: 127,
            cost: NanoUsd(-5),
            ..Figures::default()
        };
        [0, 7, 8, 1_000, 1_000, u64::MAX]
            .into_iter()
            .for_each(|us| figures.latency.count(us));
        figures
    }

    #[test]
    fn what_is_written_is_read() {
        for cost in [0, 1, -1, i64::MAX, i64::MIN] {
            let figures = Figures {
                cost: NanoUsd(cost),
                ..some()
            };
            assert_eq!(read(FIGURES_VERSION, &write(&figures)).unwrap(), figures);
        }
        assert_eq!(
            read(FIGURES_VERSION, &write(&Figures::default())).unwrap(),
            Figures::default()
        );
    }

    #[test]
    fn what_is_cut_off_or_of_a_later_format_is_told() {
        let bytes = write(&some());
        for length in 0..bytes.len() {
            read(FIGURES_VERSION, &bytes[..length]).unwrap_err();
        }
        read(FIGURES_VERSION, &[0xff; 40]).unwrap_err();
        let later = read(FIGURES_VERSION + 1, &bytes).unwrap_err();
        assert_eq!(
            later.0,
            "a slot of figures is in format 2, this gateway reads formats up to 1"
        );
    }
}
