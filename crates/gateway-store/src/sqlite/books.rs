//! The arithmetic of one quota window, without a database around it.

use gateway_governance::verify::Kept;

/// What a window's row says. At all times `settled + unaccounted <= granted`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Books {
    /// What is granted and not returned, whatever became of it.
    pub(super) granted: i64,
    /// What entries have charged.
    pub(super) settled: i64,
    /// What of that was beyond any grant.
    pub(super) overrun: i64,
    /// What a crash left granted and never settled.
    pub(super) unaccounted: i64,
    /// What it takes to recompute these.
    pub(super) kept: Kept,
}

impl Books {
    /// What counts as used.
    pub(super) fn charged(self) -> i64 {
        self.settled.saturating_add(self.unaccounted)
    }

    /// Grants up to `want`, as far as the limit goes, and says how much.
    pub(super) fn grant(&mut self, want: i64, limit: i64) -> i64 {
        let granted = want.min(limit.saturating_sub(self.granted)).max(0);
        self.granted = self.granted.saturating_add(granted);
        granted
    }

    /// Takes a grant back, but nothing that is charged.
    pub(super) fn give_back(&mut self, amount: i64) {
        let out = self.granted.saturating_sub(self.charged());
        self.granted = self.granted.saturating_sub(amount.clamp(0, out.max(0)));
    }

    /// Charges in full. What is told to be overrun, and whatever else no grant covers, counts as granted from then on.
    pub(super) fn charge(&mut self, amount: i64, overrun: i64) {
        self.settled = self.settled.saturating_add(amount);
        self.exceed(overrun);
        let beyond = self.charged().saturating_sub(self.granted).max(0);
        self.exceed(beyond);
        self.kept.raised = self.kept.raised.saturating_add(beyond);
    }

    fn exceed(&mut self, beyond: i64) {
        self.granted = self.granted.saturating_add(beyond.max(0));
        self.overrun = self.overrun.saturating_add(beyond.max(0));
    }

    /// Gives up on whatever is granted and not charged.
    pub(super) fn lose(&mut self) {
        let out = self.granted.saturating_sub(self.charged());
        self.unaccounted = self.unaccounted.saturating_add(out.max(0));
        self.kept.lost = self.kept.lost.saturating_add(out.max(0));
    }

    /// Lets go of what is unaccounted, and says how much that was.
    pub(super) fn write_off(&mut self) -> i64 {
        let amount = std::mem::take(&mut self.unaccounted);
        self.granted = self.granted.saturating_sub(amount);
        self.kept.written_off = self.kept.written_off.saturating_add(amount);
        amount
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Grant(i64, i64),
        GiveBack(i64),
        Charge(i64, i64),
        Lose,
        WriteOff,
    }

    fn step() -> impl Strategy<Value = Step> {
        let amount = prop_oneof![0..200_i64, -5..5_i64, Just(i64::MAX)];
        prop_oneof![
            (amount.clone(), 0..500_i64).prop_map(|(want, limit)| Step::Grant(want, limit)),
            amount.prop_map(Step::GiveBack),
            (0..200_i64, 0..3_i64).prop_map(|(amount, part)| Step::Charge(amount, amount * part / 2)),
            Just(Step::Lose),
            Just(Step::WriteOff),
        ]
    }

    proptest! {
        #[test]
        fn what_is_charged_is_granted_and_grants_keep_the_limit(steps in prop::collection::vec(step(), 0..60)) {
            let (mut books, mut charges) = (Books::default(), 0);
            for step in steps {
                let before = books;
                match step {
                    Step::Grant(want, limit) => {
                        let granted = books.grant(want, limit);
                        prop_assert!(granted >= 0 && granted <= want.max(0));
                        prop_assert!(granted == 0 || books.granted <= limit);
                    }
                    Step::GiveBack(amount) => {
                        books.give_back(amount);
                        prop_assert!(books.granted <= before.granted);
                    }
                    Step::Charge(amount, overrun) => {
                        books.charge(amount, overrun);
                        prop_assert_eq!(books.granted - before.granted, books.overrun - before.overrun);
                        charges += amount;
                    }
                    Step::Lose => {
                        books.lose();
                        prop_assert_eq!(books.charged(), books.granted);
                    }
                    Step::WriteOff => {
                        prop_assert_eq!(before.granted - books.write_off(), books.granted);
                        prop_assert_eq!(books.unaccounted, 0);
                    }
                }
                prop_assert_eq!(books.settled, charges);
                prop_assert_eq!(books.unaccounted, books.kept.lost - books.kept.written_off);
                prop_assert!(books.charged() <= books.granted);
            }
        }
    }
}
