//! A moving average that believes bad news at once and good news slowly (peak EWMA).

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// An average in milliseconds and when it was last fed, in one word.
#[derive(Debug)]
pub(crate) struct PeakEwma(AtomicU64);

/// No time yet: the upper half is not a number.
const EMPTY: u64 = u64::MAX;

impl Default for PeakEwma {
    fn default() -> Self {
        Self(AtomicU64::new(EMPTY))
    }
}

impl PeakEwma {
    /// Takes a sample; both in milliseconds. `decay` is how long it takes for a past sample to weigh a third.
    pub(crate) fn observe(&self, sample: f64, now: u64, decay: f64) {
        let _ = self.0.fetch_update(Relaxed, Relaxed, |word| {
            let average = match unpack(word) {
                Some((average, at)) if sample < average => {
                    let kept = (-idle(at, now) / decay).exp();
                    average * kept + sample * (1.0 - kept)
                }
                _ => sample,
            };
            Some(pack(average, now))
        });
    }

    /// The average as it was last, and as it has faded since: an old bad time must not keep a place from being tried again.
    pub(crate) fn read(&self, now: u64, decay: f64) -> Option<(f64, f64)> {
        let (average, at) = unpack(self.0.load(Relaxed))?;
        Some((average, average * (-idle(at, now) / decay).exp()))
    }
}

/// Time is kept in steps of 16 ms; 32 bits of them are two years, after which it wraps harmlessly.
fn stamp(now: u64) -> u32 {
    (now >> 4) as u32
}

fn idle(at: u32, now: u64) -> f64 {
    let steps = stamp(now).wrapping_sub(at);
    // A sample from slightly ahead of this reading is not one from two years ago.
    if steps > u32::MAX / 2 {
        0.0
    } else {
        f64::from(steps) * 16.0
    }
}

fn pack(average: f64, now: u64) -> u64 {
    (u64::from((average as f32).to_bits()) << 32) | u64::from(stamp(now))
}

fn unpack(word: u64) -> Option<(f64, u32)> {
    let average = f32::from_bits((word >> 32) as u32);
    (!average.is_nan()).then(|| (f64::from(average), word as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worse_time_counts_at_once_and_a_better_one_slowly() {
        let ewma = PeakEwma::default();
        assert_eq!(ewma.read(0, 1_600.0), None);
        ewma.observe(100.0, 0, 1_600.0);
        ewma.observe(900.0, 16, 1_600.0);
        assert_eq!(ewma.read(16, 1_600.0), Some((900.0, 900.0)));
        ewma.observe(100.0, 1_616, 1_600.0);
        let (average, _) = ewma.read(1_616, 1_600.0).unwrap();
        assert!((390.0..400.0).contains(&average), "{average}");
    }

    #[test]
    fn it_fades_while_nothing_is_known() {
        let ewma = PeakEwma::default();
        ewma.observe(1_000.0, 0, 1_600.0);
        let (average, faded) = ewma.read(16_000, 1_600.0).unwrap();
        assert_eq!(average, 1_000.0);
        assert!(faded < 0.1, "{faded}");
        ewma.observe(2_000.0, 16_000, 1_600.0);
        let (_, faded) = ewma.read(15_000, 1_600.0).unwrap();
        assert_eq!(
            faded, 2_000.0,
            "a reading that is a little late is not one of long after"
        );
    }
}
