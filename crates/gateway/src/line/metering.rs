//! What a call used: what the provider reported, else what was counted as it passed; never zero by accident.

use gateway_providers::Observed;
use gateway_types::{Basis, Metered, Usage};

/// What an answer can have besides its visible output, in tokens: the marks that models put around parts and tools.
const MARKS: u64 = 64;

/// What the visible output of an answer comes to in tokens. Four bytes make one, rounded up: what text of most languages
/// comes to, and the same rule that made the input's estimate.
pub(super) fn counted(observed: &Observed) -> u64 {
    observed.output_bytes.div_ceil(4)
}

/// The most tokens of output that have been billed so far, where all that is billed is visible: no tokenizer makes more
/// tokens than there are bytes.
pub(super) fn bound(observed: &Observed) -> u64 {
    let reported = observed.usage.map_or(0, |usage| usage.output_total());
    observed.output_bytes.saturating_add(MARKS).max(reported)
}

/// What is charged for a call that was sent and of which nothing else is known.
pub(super) fn estimated(input_estimate: u64) -> Metered {
    let usage = Usage {
        input: input_estimate,
        ..Usage::default()
    };
    Metered::new(usage, Basis::Estimated)
}

/// What was used, as far as it was seen. `broken`: the answer did not come to its end, so that a report in it may be of
/// its beginning alone.
pub(super) fn metered(observed: &Observed, input_estimate: u64, broken: bool) -> Metered {
    let counted = counted(observed);
    let units = |usage: Usage| Usage {
        units: usage.units.or(&observed.units),
        ..usage
    };
    let reported = units(observed.usage.unwrap_or_else(|| Usage {
        input: input_estimate,
        ..Usage::default()
    }));
    let missing = counted.saturating_sub(reported.output_total());
    match observed.usage {
        Some(_) if !broken || missing == 0 => Metered::new(reported, Basis::Reported),
        _ => Metered::new(
            Usage {
                output: reported.output + missing,
                // Of the beginning alone.
                charged: None,
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
