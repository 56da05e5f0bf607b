//! What a call used: what the provider reported, else what was counted as it passed; never zero by accident.

use gateway_providers::Observed;
use gateway_types::{Basis, Metered, Usage};

/// What was used, as far as it was seen. `broken`: the answer did not come to its end, so that a report in it may be of
/// its beginning alone.
///
/// Bytes become tokens at four to one, rounded up: what text of most languages comes to, and the same rule that made the
/// input's estimate.
pub(super) fn metered(observed: &Observed, input_estimate: u64, broken: bool) -> Metered {
    let counted = observed.output_bytes.div_ceil(4);
    let reported = observed.usage.unwrap_or_else(|| Usage {
        input: input_estimate,
        ..Usage::default()
    });
    let missing = counted.saturating_sub(reported.output_total());
    match observed.usage {
        Some(usage) if !broken || missing == 0 => Metered::new(usage, Basis::Reported),
        _ => Metered::new(
            Usage {
                output: reported.output + missing,
                ..reported
            },
            Basis::Counted,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reported: Option<Usage>, output_bytes: u64, broken: bool, expected: (u64, u64, Basis)) {
        let observed = Observed {
            usage: reported,
            output_bytes,
            ..Observed::default()
        };
        let Metered { usage, basis, .. } = metered(&observed, 7, broken);
        assert_eq!((usage.input_total(), usage.output_total(), basis), expected);
    }

    #[test]
    fn the_providers_word_counts_unless_it_was_cut_short() {
        let usage = |output, reasoning| {
            Some(Usage {
                input: 10,
                output,
                reasoning,
                ..Usage::default()
            })
        };
        check(usage(5, 0), 4000, false, (10, 5, Basis::Reported));
        check(usage(0, 0), 0, false, (10, 0, Basis::Reported));
        check(usage(5, 0), 8, true, (10, 5, Basis::Reported));
        check(usage(0, 0), 9, true, (10, 3, Basis::Counted));
        check(usage(1, 4), 40, true, (10, 10, Basis::Counted));
        check(None, 9, false, (7, 3, Basis::Counted));
        check(None, 0, true, (7, 0, Basis::Counted));
    }
}
