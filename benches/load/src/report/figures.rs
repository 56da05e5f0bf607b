//! Medians and ranges.

use std::fmt;

/// A median, and between what it lies.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = match (values.get(middle), middle.checked_sub(1).and_then(|at| values.get(at))) {
            (Some(upper), Some(lower)) if values.len().is_multiple_of(2) => (upper + lower) / 2.0,
            (Some(middle), _) => *middle,
            _ => 0.0,
        };
        Self {
            median,
            least: values.first().copied().unwrap_or_default(),
            most: values.last().copied().unwrap_or_default(),
        }
    }

    /// Of the ratios round by round: what the machine did in a round, it did to both.
    pub(crate) fn of_ratios(ours: &[f64], theirs: &[f64]) -> Self {
        Self::of(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs))
    }
}

/// With as many digits as are asked for.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(1);
        let Self { median, least, most } = self;
        if least == most {
            return write!(f, "{median:.digits$}");
        }
        write!(f, "{median:.digits$} ({least:.digits$} to {most:.digits$})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_that_of_the_middle() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]).to_string(), "2.0 (1.0 to 3.0)");
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 3.0]).median, 2.5);
        assert_eq!(Spread::of([]).median, 0.0);
        assert_eq!(format!("{:.2}", Spread::of([1.5])), "1.50");
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        assert_eq!(
            Spread::of_ratios(&[2.0, 30.0], &[1.0, 10.0]).to_string(),
            "2.5 (2.0 to 3.0)"
        );
    }
}
