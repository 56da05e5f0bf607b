//! The goals, as data: what is to be how many times of what, and what is to be below which figure.

use crate::target::{NGINX, OFF, ON, PROXY};

/// What a gateway may take, of what another target takes in the same round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    /// The case, as the table calls it.
    pub(crate) case: &'static str,
    /// The target that it is asked of.
    pub(crate) of: &'static str,
    /// The target that it is compared with.
    pub(crate) against: &'static str,
    pub(crate) at_most: f64,
}

/// The translated case's own pass of the same body where nothing is translated.
pub(crate) const PASSED_THROUGH: &str = "gateway, everything on, passed through";
/// The fewer and the more of the cases in a crowd.
pub(crate) const FEW: usize = 10;
/// What a crowd may cost, and what is only noise.
pub(crate) const CROWD: f64 = 1.1;

const fn ratio(case: &'static str, against: &'static str, at_most: f64) -> Ratio {
    Ratio {
        case,
        of: ON,
        against,
        at_most,
    }
}

/// Of the workers' CPU time, with everything on.
pub(crate) const RATIOS: [Ratio; 12] = [
    ratio("1 KB", PROXY, 1.25),
    ratio("1 KB", NGINX, 1.25),
    ratio("100 KB of prose", PROXY, 1.25),
    ratio("100 KB of base64", PROXY, 1.25),
    ratio("100 KB of code", PROXY, 1.6),
    ratio("400 KB of prose", PROXY, 1.25),
    ratio("400 KB of base64", PROXY, 1.25),
    ratio("400 KB of code", PROXY, 1.6),
    ratio("400 KB of prose", NGINX, 0.9),
    ratio("stream of 1,000 chunks", PROXY, 1.15),
    ratio("1 KB, to Anthropic and back", PASSED_THROUGH, 1.5),
    ratio("1 KB", OFF, 1.25),
];

/// The store's threads, in microseconds per request of a kilobyte.
pub(crate) const STORE: f64 = 8.0;
/// Memory after all requests, in megabytes.
pub(crate) const RESIDENT: f64 = 40.0;
/// How much more that may be than after half of them: a page here and there.
pub(crate) const GROWTH: f64 = 0.5;
/// Memory of a stream that is open and silent, in kilobytes.
pub(crate) const SILENT: f64 = 12.0;
/// From the start to the first answer, in milliseconds: with an empty store, and with many keys.
pub(crate) const START: (f64, f64) = (100.0, 300.0);
